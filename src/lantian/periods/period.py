"""Runs of whole local days, both ends included."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lantian.errors import PeriodError

__all__ = ["Period", "month", "quarter", "same_period_last_year", "season", "week", "xun", "year"]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start_on` to `end_on`, both included; iterating gives the days."""

    start_on: date
    end_on: date

    def __post_init__(self) -> None:
        if self.end_on < self.start_on:
            raise PeriodError(f"a period cannot end ({self.end_on}) before it starts ({self.start_on})")

    @property
    def days(self) -> int:
        """How many days."""
        return (self.end_on - self.start_on).days + 1

    def __len__(self) -> int:
        return self.days

    def __iter__(self) -> Iterator[date]:
        return (self.start_on + timedelta(days=offset) for offset in range(self.days))

    def __contains__(self, day: date) -> bool:
        return self.start_on <= day <= self.end_on


def _month_end(year_no: int, month_no: int) -> date:
    return date(year_no, month_no, monthrange(year_no, month_no)[1])


def week(day: date) -> Period:
    """ISO week, Monday to Sunday. Across a month or season edge it is shown whole and booked by its days."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def xun(day: date) -> Period:
    """Ten-day period (旬): 1-10, 11-20, 21 to the month's end."""
    if day.day <= 20:
        first = 1 if day.day <= 10 else 11
        return Period(day.replace(day=first), day.replace(day=first + 9))
    return Period(day.replace(day=21), _month_end(day.year, day.month))


def month(day: date) -> Period:
    """Calendar month."""
    return Period(day.replace(day=1), _month_end(day.year, day.month))


def quarter(day: date) -> Period:
    """Calendar quarter."""
    first = (day.month - 1) // 3 * 3 + 1
    return Period(date(day.year, first, 1), _month_end(day.year, first + 2))


def season(day: date) -> Period:
    """Autumn-winter season (秋冬季), 1 October to 31 March. PeriodError from April to September."""
    if 4 <= day.month <= 9:
        raise PeriodError(f"{day} lies in no autumn-winter season (1 October to 31 March)")
    first = day.year if day.month >= 10 else day.year - 1
    return Period(date(first, 10, 1), date(first + 1, 3, 31))


def year(day: date) -> Period:
    """Calendar year."""
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def same_period_last_year(period: Period) -> Period:
    """The same dates one year earlier; 29 February becomes 28 February.

    Whole months stay whole: February 2025 is compared with 1 to 29 February 2024.
    """
    start, end = _year_before(period.start_on), _year_before(period.end_on)
    whole_months = period.start_on.day == 1 and period.end_on == month(period.end_on).end_on
    return Period(start, month(end).end_on if whole_months else end)
