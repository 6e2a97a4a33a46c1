"""Runs of days over which the same dated rows of some tables hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from lantian.assess.aqi import day_in
from lantian.standards import table

__all__ = ["Run", "read_on", "runs"]

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """`days` days from the local day `on`, which is column `first` of a panel."""

    on: date
    first: int
    days: int

    def columns(self, per_day: int = 1) -> slice:
        """Columns of a panel with `per_day` columns a day."""
        return slice(self.first * per_day, (self.first + self.days) * per_day)


@cache
def _changes(tables: Sequence[str]) -> tuple[date, ...]:
    """Days on which a row of some tables begins to hold, or the day after it ended."""
    found: set[date] = set()
    for name in tables:
        for row in table(name):
            start, end = row.day("valid_from"), row.day("valid_to")
            found |= {start} if start else set()
            found |= {end + _ONE} if end and end < date.max else set()
    return tuple(sorted(found))


def runs(tables: tuple[str, ...], first: date, days: int) -> list[Run]:
    """The days from `first` on, cut wherever a row of one of `tables` begins or ends."""
    edges = [0, *(n for day in _changes(tables) if 0 < (n := (day - first).days) < days), days]
    return [Run(first + low * _ONE, low, high - low) for low, high in zip(edges, edges[1:], strict=False)]


def read_on(day: date, edition: str | None = None) -> date:
    """The day for which rules of validity are read: of the edition when one is played, else the day itself.

    Days before the first edition take the first one: its rules were the practice then.
    """
    if edition is not None:
        return day_in(edition, day)
    first = min((row.day("valid_from"), row.edition) for row in table("aqi_rules") if row.day("valid_from"))
    return max(day, day_in(first[1], date.min))
