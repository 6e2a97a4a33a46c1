"""The wall of months: the rank of each place by the composite index in the last whole months, as a table of depths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from lantian.assess.dust import DustDays
from lantian.assess.membership import Membership
from lantian.assess.monthly import MonthlyRanks, monthly_ranks
from lantian.observe.panel import DayPanel
from lantian.periods import Period, month
from lantian_web.desk import wording
from lantian_web.desk.spans import played

__all__ = ["MONTHS", "MonthCell", "MonthRow", "RankMonths", "month_span", "rank_months"]

MONTHS = 12
DEPTHS = 5
WALL, ENDS = 20, 8


@dataclass(frozen=True, slots=True)
class MonthCell:
    """One place and month: rank (None: not enough days), depth 0 to 4 by its part of all places, and what moved it."""

    rank: int | None
    depth: int
    says: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One place over the months."""

    point: str
    cells: tuple[MonthCell, ...]


@dataclass(frozen=True, slots=True)
class RankMonths:
    """The whole months shown and the places, the best of the newest month first."""

    months: tuple[Period, ...]
    rows: tuple[MonthRow, ...]

    def short(self, own: str) -> tuple[MonthRow, ...]:
        """The first, the last and our own place where there are too many for a screen."""
        if len(self.rows) <= WALL:
            return self.rows
        last = len(self.rows) - ENDS
        return tuple(row for n, row in enumerate(self.rows) if n < ENDS or n >= last or row.point == own)


def month_span(on: date) -> Period:
    """The days that the wall is made of: the last twelve whole months, and the one before for the first movement."""
    last = on if month(on).end_on == on else month(on).start_on - timedelta(days=1)
    first = month(last).start_on
    for _step in range(MONTHS):
        first = month(first - timedelta(days=1)).start_on
    return Period(first, last)


def rank_months(panel: DayPanel, members: Membership | Sequence[str], dust: DustDays) -> RankMonths | None:
    """The wall of a panel of the days of `month_span`; None while no place has a rank in any month."""
    made = monthly_ranks(panel, members, edition=played(panel.first), dust=dust)
    known = [n for n in range(len(made.months)) if (made.rank[:, n] > 0).any()][-MONTHS:]
    if not known:
        return None
    rows = [
        MonthRow(point, tuple(_cell(made, place, n) for n in known))
        for place, point in enumerate(made.points)
    ]
    ranked = [row for row in rows if any(cell.rank for cell in row.cells)]
    ranked.sort(key=lambda row: [(cell.rank is None, cell.rank or 0) for cell in reversed(row.cells)])
    return RankMonths(tuple(made.months[n] for n in known), tuple(ranked))


def _cell(made: MonthlyRanks, place: int, number: int) -> MonthCell:
    rank = int(made.rank[place, number])
    if not rank:
        return MonthCell(None, 0, _("not enough days"))
    worst = int(made.rank[:, number].max())
    depth = (rank - 1) * DEPTHS // worst if worst > 1 else 0
    return MonthCell(rank, depth, _says(made, place, number))


def _says(made: MonthlyRanks, place: int, number: int) -> str:
    said = _("index %(index)s") % {"index": wording.number(float(made.published[place, number]), 2)}
    moved = int(made.moved[place, number])
    if not moved:
        return said
    text = _("▲ up %(n)d") if moved > 0 else _("▼ down %(n)d")
    because = int(made.because[place, number])
    why = " " + wording.label(made.kinds[because].value, "item") if because >= 0 else ""
    return f"{said}, {text % {'n': abs(moved)}}{why}"
