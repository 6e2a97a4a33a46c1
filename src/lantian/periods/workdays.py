"""Working days with 调休 and clocks that run in office hours.

A year whose holiday plan is not published is an error with its name, never Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import chinese_calendar

from lantian.errors import PeriodError
from lantian.periods.clock import CITY_TZ

__all__ = ["OfficeHours", "add_working_minutes", "is_workday", "working_minutes_between"]

OfficeHours = Sequence[tuple[time, time]]
"""Spans of one working day in rising order, local time, e.g. 08:00-12:00 and 14:30-18:00."""

_MINUTE = timedelta(minutes=1)


def is_workday(day: date) -> bool:
    """Whether offices work on that day. PeriodError when the year's plan is not published."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise PeriodError(f"the holiday plan of {day.year} is not published") from None


def _check(office: OfficeHours) -> None:
    edges = [edge for span in office for edge in span]
    if not edges or any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise PeriodError("office hours must be rising spans within one day")


def _spans(day: date, office: OfficeHours) -> Iterator[tuple[datetime, datetime]]:
    """Office spans from `day` on, for ever (a year not published ends it with an error)."""
    while True:
        if is_workday(day):
            for opens, closes in office:
                yield datetime.combine(day, opens, CITY_TZ), datetime.combine(day, closes, CITY_TZ)
        day += timedelta(days=1)


def add_working_minutes(start: datetime, minutes: int, office: OfficeHours) -> datetime:
    """The instant at which `minutes` of office time have passed since `start` (aware).

    Nought minutes outside office hours is the next opening. PeriodError for a naive start, negative
    minutes, or a year not published.
    """
    if start.tzinfo is None or minutes < 0:
        raise PeriodError(f"cannot add {minutes} working minutes to {start.isoformat()}")
    _check(office)
    local = start.astimezone(CITY_TZ)
    left = minutes * _MINUTE
    for opens, closes in _spans(local.date(), office):
        begins = max(opens, local)
        if begins >= closes:
            continue
        if begins + left <= closes:
            return begins + left
        left -= closes - begins
    raise AssertionError("office spans never end")


def working_minutes_between(start: datetime, end: datetime, office: OfficeHours) -> int:
    """Whole minutes of office time in [start, end), both aware; nought when end is not after start."""
    if start.tzinfo is None or end.tzinfo is None:
        raise PeriodError("both instants need a time zone")
    _check(office)
    first, last = start.astimezone(CITY_TZ), end.astimezone(CITY_TZ)
    total = timedelta()
    if last <= first:
        return 0
    for opens, closes in _spans(first.date(), office):
        if opens >= last:
            break
        total += max(min(closes, last) - max(opens, first), timedelta())
    return total // _MINUTE
