"""Local time: the day is the only atom; weeks, xun, months, quarters, seasons and years are runs of days."""

from lantian.periods.clock import CITY_TZ, at, day_bounds_ms, day_start_ms, from_ms, local_day, to_ms
from lantian.periods.period import (
    Period,
    month,
    quarter,
    same_period_last_year,
    season,
    week,
    xun,
    year,
)
from lantian.periods.workdays import OfficeHours, add_working_minutes, is_workday, working_minutes_between

__all__ = [
    "CITY_TZ",
    "OfficeHours",
    "Period",
    "add_working_minutes",
    "at",
    "day_bounds_ms",
    "day_start_ms",
    "from_ms",
    "is_workday",
    "local_day",
    "month",
    "quarter",
    "same_period_last_year",
    "season",
    "to_ms",
    "week",
    "working_minutes_between",
    "xun",
    "year",
]
