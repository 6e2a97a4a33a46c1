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
from lantian.periods.workdays import (
    OfficeHours,
    UnpublishedYear,
    add_working_minutes,
    add_working_time,
    is_workday,
    next_workday,
    working_minutes_between,
    working_time_between,
)

__all__ = [
    "CITY_TZ",
    "OfficeHours",
    "Period",
    "UnpublishedYear",
    "add_working_minutes",
    "add_working_time",
    "at",
    "day_bounds_ms",
    "day_start_ms",
    "from_ms",
    "is_workday",
    "local_day",
    "month",
    "next_workday",
    "quarter",
    "same_period_last_year",
    "season",
    "to_ms",
    "week",
    "working_minutes_between",
    "working_time_between",
    "xun",
    "year",
]
