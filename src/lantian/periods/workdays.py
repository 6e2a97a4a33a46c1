"""Working days with 调休 and clocks that run in office hours.

A year whose holiday plan is not published is an error with its name, never Monday to Friday. Office hours may change
with the season: they are either the spans of every working day or a function that gives the spans of a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from lantian.errors import PeriodError
from lantian.periods.clock import CITY_TZ

__all__ = [
    "OfficeHours",
    "UnpublishedYear",
    "add_working_minutes",
    "add_working_time",
    "is_workday",
    "next_workday",
    "working_minutes_between",
    "working_time_between",
]

OfficeHours = Sequence[tuple[time, time]]
"""Spans of one working day in rising order, local time, e.g. 08:00-12:00 and 14:30-18:00."""

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


class UnpublishedYear(PeriodError):
    """The working days of `year` are not known yet. The way out is a date typed by a person."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"the holiday plan of {year} is not published; type the due date instead")


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Whether offices work on that day. UnpublishedYear when the year's plan is not published."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise UnpublishedYear(day.year) from None


def next_workday(day: date, count: int = 1) -> date:
    """The `count`-th working day after the day, which itself is not counted."""
    while count > 0:
        day += _DAY
        count -= is_workday(day)
    return day


def _checked(office: OfficeHours) -> OfficeHours:
    edges = [edge for span in office for edge in span]
    if not edges or any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise PeriodError("office hours must be rising spans within one day")
    return office


def _spans(
    day: date, office: OfficeHours | Callable[[date], OfficeHours]
) -> Iterator[tuple[datetime, datetime]]:
    """Office spans from `day` on, for ever (a year not published ends it with an error)."""
    every = None if callable(office) else _checked(office)
    while True:
        if is_workday(day):
            spans = _checked(office(day)) if callable(office) else every
            for opens, closes in spans or ():
                yield datetime.combine(day, opens, CITY_TZ), datetime.combine(day, closes, CITY_TZ)
        day += _DAY


def add_working_time(
    start: datetime, span: timedelta, office: OfficeHours | Callable[[date], OfficeHours]
) -> datetime:
    """The first instant at which `span` of office time has passed since `start` (aware).

    No time at all outside office hours is the next opening. PeriodError for a naive start, a negative span, or a
    year not published.
    """
    if start.tzinfo is None or span < timedelta():
        raise PeriodError(f"cannot add {span} of working time to {start.isoformat()}")
    local = start.astimezone(CITY_TZ)
    for opens, closes in _spans(local.date(), office):
        begins = max(opens, local)
        if begins >= closes:
            continue
        if begins + span <= closes:
            return begins + span
        span -= closes - begins
    raise AssertionError("office spans never end")


def add_working_minutes(
    start: datetime, minutes: int, office: OfficeHours | Callable[[date], OfficeHours]
) -> datetime:
    """`add_working_time` in minutes."""
    return add_working_time(start, minutes * _MINUTE, office)


def working_time_between(
    start: datetime, end: datetime, office: OfficeHours | Callable[[date], OfficeHours]
) -> timedelta:
    """Office time in [start, end), both aware; none when end is not after start."""
    if start.tzinfo is None or end.tzinfo is None:
        raise PeriodError("both instants need a time zone")
    first, last = start.astimezone(CITY_TZ), end.astimezone(CITY_TZ)
    total, day = timedelta(), first.date()
    if last <= first:
        return total
    for opens, closes in _spans(day, office):
        if opens >= last:
            break
        total += max(min(closes, last) - max(opens, first), timedelta())
    return total


def working_minutes_between(
    start: datetime, end: datetime, office: OfficeHours | Callable[[date], OfficeHours]
) -> int:
    """Whole minutes of office time in [start, end)."""
    return working_time_between(start, end, office) // _MINUTE
