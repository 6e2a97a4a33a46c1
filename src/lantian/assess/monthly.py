"""Composite index, rank and movement of many places over every month of a panel, as arrays.

The same answers as `ranking` month by month, without noise bands: every place over every month at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lantian.assess.composite import EQUAL, Terms, composite_array, index_edition, index_terms
from lantian.assess.days import rule_of
from lantian.assess.dust import DustDays, DustMode
from lantian.assess.exact import means, near_a_turn, round_array
from lantian.assess.indicator import INDEX, measure
from lantian.assess.membership import Membership
from lantian.assess.runs import read_on
from lantian.assess.statistics import parse_name
from lantian.errors import PeriodError
from lantian.observe.panel import DayPanel, Floats
from lantian.observe.state import GASES, gas_factor, states_between
from lantian.periods import Period, month
from lantian.records import ObservationKind
from lantian.units import round_half_even

__all__ = ["MonthlyRanks", "monthly_ranks"]

Counts = NDArray[np.int32]
_FEBRUARY = 2


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyRanks:
    """Arrays [places, months]. `index` is not rounded, `published` is; NaN where an item has no valid day.

    `rank` is 0 where there is none (no index, or too few days: `enough` false); `was` is the rank of the month before
    under this month's edition and reference state, `moved` = was - rank (0 where either is missing). `because` is the
    place in `kinds` of the item that carried the move, -1 without one.
    """

    points: tuple[str, ...]
    months: tuple[Period, ...]
    editions: tuple[str, ...]
    kinds: tuple[ObservationKind, ...]
    index: Floats
    published: Floats
    enough: NDArray[np.bool_]
    rank: Counts
    was: Counts
    moved: Counts
    because: NDArray[np.int8]


def whole_months(panel: DayPanel) -> tuple[Period, ...]:
    """The calendar months that lie wholly in a panel."""
    found = []
    day = panel.first if panel.first.day == 1 else month(panel.first).end_on + timedelta(days=1)
    while month(day).end_on <= panel.last:
        found.append(month(day))
        day = found[-1].end_on + timedelta(days=1)
    return tuple(found)


def _percentiles(values: Floats, months: Sequence[Period], first: int, p: int) -> Floats:
    """Percentile of each month [places, months] of daily values whose months begin at column `first`."""
    lengths = np.array([period.days for period in months])
    longest = int(lengths.max())
    starts = first + np.cumsum(lengths) - lengths
    days = values[:, np.minimum(starts[:, None] + np.arange(longest), values.shape[1] - 1)]
    days[:, np.arange(longest) >= lengths[:, None]] = np.nan
    days.sort(axis=2)
    last = np.maximum(np.count_nonzero(~np.isnan(days), axis=2) - 1, 0)
    low, share = np.divmod(last * p, 100)
    below = np.take_along_axis(days, low[:, :, None], axis=2)[:, :, 0]
    above = np.take_along_axis(days, np.minimum(low + 1, last)[:, :, None], axis=2)[:, :, 0]
    found: Floats = below + (above - below) * (share / 100)
    return found


def _least(kind: ObservationKind, months: Sequence[Period]) -> Counts:
    """How many days of each month an item must have (GB 3095 Table 4)."""
    return np.array(
        [
            rule_of(
                read_on(period.end_on, None),
                "mean",
                "year",
                kind.value,
                "february" if period.start_on.month == _FEBRUARY else "month",
            ).integer()
            for period in months
        ],
        np.int32,
    )


def _dust_days(dust: DustDays, months: Sequence[Period]) -> DustDays:
    """The dust days of those months in which the index leaves them out."""
    leaves = {
        period.start_on
        for period in months
        if dust.days and dust.mode(INDEX, period.end_on) is DustMode.EXCLUDE
    }
    days = {
        point: frozenset(day for day in found if day.replace(day=1) in leaves)
        for point, found in dust.days.items()
    }
    return DustDays({point: found for point, found in days.items() if found}, dust.modes)


def _published(index: Floats, places: int, exact: Callable[[int, int], Fraction | None]) -> Floats:
    """The index rounded half-even; one so near a tie that a double could turn it is made again by `exact`."""
    published = round_array(index, places)
    for row, column in np.argwhere(near_a_turn(index)).tolist():
        found = exact(row, column)
        if found is not None:
            published[row, column] = float(round_half_even(found, places))
    return published


def _ranks(published: Floats) -> Counts:
    """Counts [places, months] of the published values, smaller first, ties sharing the best; 0 for NaN."""
    known = ~np.isnan(published)
    filled = np.where(known, published, np.inf)
    ascending = np.sort(filled, axis=0)
    rank = np.empty(published.shape, np.int32)
    for column in range(published.shape[1]):
        rank[:, column] = 1 + np.searchsorted(ascending[:, column], filled[:, column], side="left")
    rank[~known] = 0
    return rank


def _in_month_states(panel: DayPanel, months: Sequence[Period]) -> DayPanel:
    """The panel with the gases of each day in the reference state of its month's end."""
    factors = np.ones(panel.days)
    for period in months:
        for span in states_between(period.start_on, period.end_on):
            low, high = ((day - panel.first).days for day in (span.first, span.last))
            factors[low : high + 1] = float(gas_factor(span.first, period.end_on))
    if (factors == 1).all():
        return panel
    values = {kind: array * factors if kind in GASES else array for kind, array in panel.values.items()}
    return DayPanel(panel.points, panel.first, values)


def _monthly(panel: DayPanel, months: Sequence[Period], terms: Terms) -> dict[ObservationKind, Floats]:
    """The statistic of each item of the index, [places, months]."""
    first = (months[0].start_on - panel.first).days
    lengths = np.array([period.days for period in months])
    ends = first + np.cumsum(lengths)
    spans = ends - lengths, ends
    found = {}
    for term in terms.terms:
        kind, p = parse_name(term.statistic)
        values = panel.of(kind)
        found[kind] = means(values, spans)[0] if p is None else _percentiles(values, months, first, p)
    return found


def _enough(panel: DayPanel, months: Sequence[Period], terms: Terms) -> NDArray[np.bool_]:
    """Whether every item has the days that a month needs."""
    starts = [(period.start_on - panel.first).days for period in months]
    last = (months[-1].end_on - panel.first).days + 1
    enough = np.ones((len(panel.points), len(months)), np.bool_)
    for term in terms.terms:
        known = ~np.isnan(panel.of(term.kind)[:, :last])
        enough &= np.add.reduceat(known, starts, axis=1, dtype=np.int64) >= _least(term.kind, months)
    return enough


def _month_before(
    values: Mapping[ObservationKind, Floats], months: Sequence[Period]
) -> dict[ObservationKind, Floats]:
    """Each month's value of the month before it, in this month's reference state; NaN for the first."""
    ends = [period.end_on for period in months]
    steps = np.array([float(gas_factor(one, other)) for one, other in zip(ends, ends[1:], strict=False)])
    before = {}
    for kind, array in values.items():
        before[kind] = np.full_like(array, np.nan)
        before[kind][:, 1:] = array[:, :-1] * (steps if kind in GASES else 1.0)
    return before


def _by_edition(
    values: Mapping[ObservationKind, Floats], editions: Sequence[str], profile: str
) -> tuple[Floats, Floats]:
    """Index [places, months], each month under its own edition, and its parts [items, places, months]."""
    shape = next(iter(values.values())).shape
    index, parts = np.full(shape, np.nan), np.full((len(values), *shape), np.nan)
    for edition in dict.fromkeys(editions):
        columns = np.array([each == edition for each in editions])
        cut = {kind: array[:, columns] for kind, array in values.items()}
        index[:, columns] = composite_array(cut, edition, profile)
        terms = index_terms(edition, profile)
        for place, kind in enumerate(values):
            term = terms.term(kind)
            parts[place][:, columns] = cut[kind] * float(term.weight / term.limit)
    return index, parts


def _because(parts: Floats, before: Floats, moved: Counts) -> NDArray[np.int8]:
    """The item whose part changed most against the average of the places, in the direction of the move."""
    change = parts - before
    known = ~np.isnan(change).any(axis=0)
    whole = np.where(known, change, 0.0)
    average = whole.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=0), 1)
    apart = (whole - average) * np.sign(-moved)  # a move down is a rise of the index
    because: NDArray[np.int8] = apart.argmax(axis=0).astype(np.int8)
    because[(moved == 0) | ~known] = -1
    return because


def monthly_ranks(
    panel: DayPanel,
    members: Membership | Sequence[str],
    *,
    edition: str | None = None,
    profile: str = EQUAL,
    dust: DustDays | None = None,
) -> MonthlyRanks:
    """Index, rank and movement of the members over every whole month of a panel; members without data are left out.

    Each month stands under the edition and in the reference state of its last day, and so does the month before it
    when the movement is made. PeriodError when the panel holds no whole month.
    """
    months = whole_months(panel)
    if not months:
        raise PeriodError("the data hold no whole calendar month")
    names = members.cities if isinstance(members, Membership) else members
    held = set(panel.points)
    panel = _in_month_states(panel.select([name for name in names if name in held]), months)
    editions = tuple(index_edition(period.end_on, edition) for period in months)
    terms = index_terms(editions[0], profile)
    enough = _enough(panel, months, terms)  # a dust day is a valid day that is left out
    panel = _dust_days(dust or DustDays(), months).without(panel, INDEX, panel.last)
    now = _monthly(panel, months, terms)
    before = _month_before(now, months)
    (index, parts), (old, old_parts) = (_by_edition(each, editions, profile) for each in (now, before))

    def exact(row: int, column: int, back: int = 0) -> Fraction | None:
        on, period = months[column].end_on, months[column - back]
        whole = measure(
            panel, panel.points[row], INDEX, period, edition=editions[column], profile=profile
        ).composite
        if whole is None or whole.exact is None:
            return None
        factor = gas_factor(period.end_on, on)
        return sum(
            (part * (factor if kind in GASES else 1) for kind, part in whole.parts.items()), Fraction()
        )

    published = _published(index, terms.places, exact)
    old_published = _published(old, terms.places, lambda row, column: exact(row, column, 1))
    enough_before = np.zeros_like(enough)
    enough_before[:, 1:] = enough[:, :-1]
    rank = _ranks(np.where(enough, published, np.nan))
    was = _ranks(np.where(enough_before, old_published, np.nan))
    moved = np.where((rank > 0) & (was > 0), was - rank, 0).astype(np.int32)
    return MonthlyRanks(
        points=panel.points,
        months=months,
        editions=editions,
        kinds=tuple(now),
        index=index,
        published=published,
        enough=enough & ~np.isnan(index),
        rank=rank,
        was=was,
        moved=moved,
        because=_because(parts, old_parts, moved),
    )
