"""Places in order of one indicator: ties share a rank, noise makes bands, and movement is given with its reason.

Ranked by the published value, smaller first (good days: greater first); equal values share a rank and the next rank is
left out (1, 1, 3). A place without a value is left out by name; one with too few days is shown without a rank.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.composite import EQUAL
from lantian.assess.dust import DustDays
from lantian.assess.indicator import (
    INDEX,
    Caveat,
    Measure,
    is_recomputed,
    kinds_of,
    measure,
    named,
    natural_edition,
    one_edition,
    one_state,
    plan_caveats,
)
from lantian.assess.membership import Membership
from lantian.assess.noise import Bands, bands
from lantian.observe.panel import DayPanel
from lantian.periods import Period
from lantian.records import Footnote, ObservationKind

__all__ = ["NotRanked", "RankRow", "Ranking", "ranking", "shared_ranks"]

_GREATER_FIRST = frozenset({"good_days", "good_ratio"})


class NotRanked(StrEnum):
    """Why a member of the set is not in the list."""

    ABSENT = "place_absent"
    NO_VALUE = "no_valid_value"
    ITEM_MISSING = "index_item_missing"


@dataclass(frozen=True, slots=True)
class RankRow:
    """One place. `rank` is None with too few days (`enough` is false).

    `best` and `worst` are the ranks that noise allows, `band` is shared by places that cannot be told apart (0 without
    a rank). `was` is the rank in the previous period, `moved` how many ranks were gained (negative: lost), `clear` whether
    noise cannot explain it, `because` the item that carried the move: of all items, the one whose part of the index
    changed most against the average of the places, in the direction of the move. `main` are the items with the greatest
    concentration over limit.
    """

    point: str
    rank: int | None
    tied: bool
    value: Decimal
    exact: Fraction | float | None
    days_valid: int
    enough: bool
    band: int
    best: int | None
    worst: int | None
    was: int | None = None
    moved: int | None = None
    clear: bool = False
    because: ObservationKind | None = None
    main: tuple[ObservationKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """An order of places, all under one edition; with `previous`, that period is made anew under it too.

    `left_out` gives each member without a value and why, `missing` the items an index lacked. `backwards`: the list of
    members is younger than the period.
    """

    indicator: str
    period: Period
    previous: Period | None
    rows: tuple[RankRow, ...]
    left_out: tuple[tuple[str, str], ...]
    missing: Mapping[str, tuple[ObservationKind, ...]]
    edition: str
    descending: bool
    backwards: bool
    notes: tuple[Caveat, ...]
    footnotes: tuple[Footnote, ...]

    def row(self, point: str) -> RankRow | None:
        """The row of a place; None when it was left out or is no member."""
        return next((row for row in self.rows if row.point == point), None)


def shared_ranks(values: Sequence[Decimal], descending: bool = False) -> tuple[int, ...]:
    """Rank of each value, smaller first; equal values share the best rank of their run (1, 1, 3).

    >>> shared_ranks([Decimal("4.5"), Decimal("4.4"), Decimal("4.4")])
    (3, 1, 1)
    """
    ordered = sorted(values, reverse=descending)
    first: dict[Decimal, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    return tuple(first[value] for value in values)


@dataclass(frozen=True, slots=True)
class _Order:
    """One period measured and put in order: every measure by place, ranked places in order with rank and bands."""

    measures: Mapping[str, Measure]
    order: tuple[str, ...]
    ranks: Mapping[str, int]
    bands: Bands

    def span(self, point: str) -> tuple[int, int]:
        """Best and worst rank that noise allows."""
        at = self.order.index(point)
        return self.bands.best[at], self.bands.worst[at]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is ranked, and how."""

    panel: DayPanel
    points: tuple[str, ...]
    name: str
    edition: str | None
    dust: DustDays
    profile: str
    descending: bool
    seed: int
    monitored: Collection[ObservationKind]

    def order(self, period: Period) -> _Order:
        """The answer for one period."""
        held = set(self.panel.points)
        measures = {
            point: measure(
                self.panel,
                point,
                self.name,
                period,
                edition=self.edition,
                dust=self.dust,
                profile=self.profile,
                monitored=self.monitored,
            )
            for point in self.points
            if point in held
        }
        values = {
            point: found.stat.value
            for point, found in measures.items()
            if found.stat.value is not None and found.stat.enough
        }
        ranks = dict(zip(values, shared_ranks(list(values.values()), self.descending), strict=True))

        def place(point: str) -> tuple[int, Fraction | float, str]:
            exact = measures[point].stat.exact or 0
            return ranks[point], -exact if self.descending else exact, point

        order = tuple(sorted(values, key=place))
        days = self.dust.without(self.panel.select(order).between(period), self.name, period.end_on)
        found = bands(
            days,
            self.name,
            edition=self.edition,
            profile=self.profile,
            descending=self.descending,
            seed=self.seed,
            monitored=self.monitored,
        )
        return _Order(measures, order, ranks, found)


def _changes(now: _Order, before: _Order) -> dict[str, dict[ObservationKind, Fraction]]:
    """Change of each part of the index against the average change of the places, for places that have both."""
    own: dict[str, dict[ObservationKind, Fraction]] = {}
    for point, found in now.measures.items():
        old = before.measures.get(point)
        if found.composite is None or old is None or old.composite is None:
            continue
        if found.composite.exact is None or old.composite.exact is None:
            continue
        parts, was = found.composite.parts, old.composite.parts
        own[point] = {kind: part - was[kind] for kind, part in parts.items()}
    if not own:
        return {}
    kinds = next(iter(own.values()))
    average = {kind: sum((change[kind] for change in own.values()), Fraction()) / len(own) for kind in kinds}
    return {point: {kind: change[kind] - average[kind] for kind in kinds} for point, change in own.items()}


def _because(change: Mapping[ObservationKind, Fraction] | None, moved: int) -> ObservationKind | None:
    if not change or not moved:
        return None
    pick = min if moved > 0 else max
    return pick(change, key=lambda kind: change[kind])


def _row(
    point: str,
    at: int | None,
    now: _Order,
    before: _Order | None,
    changes: Mapping[str, dict[ObservationKind, Fraction]],
    name: str,
) -> RankRow:
    found = now.measures[point]
    assert found.stat.value is not None
    rank = now.ranks.get(point)
    best, worst = (None, None) if at is None else (now.bands.best[at], now.bands.worst[at])
    was = None if before is None else before.ranks.get(point)
    moved = None if was is None or rank is None else was - rank
    clear = False
    because = None
    if moved and before is not None and best is not None and worst is not None:
        low, high = before.span(point)
        clear = worst < low or high < best
        because = _because(changes.get(point), moved) if name == INDEX else _only(name)
    return RankRow(
        point=point,
        rank=rank,
        tied=rank is not None and sum(other == rank for other in now.ranks.values()) > 1,
        value=found.stat.value,
        exact=found.stat.exact,
        days_valid=found.stat.days_valid,
        enough=found.stat.enough,
        band=0 if at is None else now.bands.band[at],
        best=best,
        worst=worst,
        was=was,
        moved=moved,
        clear=clear,
        because=because,
        main=() if found.composite is None else found.composite.main,
    )


def _only(name: str) -> ObservationKind | None:
    kinds = kinds_of(name)
    return kinds[0] if len(kinds) == 1 else None


def _left_out(points: Iterable[str], now: _Order) -> tuple[tuple[str, str], ...]:
    said: list[tuple[str, str]] = []
    for point in points:
        found = now.measures.get(point)
        if found is None:
            said.append((point, NotRanked.ABSENT))
        elif found.stat.value is None:
            some = found.composite is not None and found.composite.parts
            said.append((point, NotRanked.ITEM_MISSING if some else NotRanked.NO_VALUE))
    return tuple(said)


def _notes(
    members: Membership | None,
    name: str,
    edition: str | None,
    periods: Sequence[Period],
    now: _Order,
    before: _Order | None,
) -> tuple[Caveat, ...]:
    said = []
    if is_recomputed(name, edition, periods):
        said.append(Caveat.RECOMPUTED)
    if members is not None and members.backwards:
        said.append(Caveat.BACKWARDS)
    elif members is not None and not all(members.holds(period) for period in periods):
        said.append(Caveat.MEMBERS_CHANGED)
    if any(found.stat.value is not None and not found.stat.enough for found in now.measures.values()):
        said.append(Caveat.TOO_FEW_DAYS)
    if before is not None and set(before.ranks) != set(now.ranks):
        said.append(Caveat.OTHERS_BEFORE)
    return tuple(said)


def ranking(
    panel: DayPanel,
    members: Membership | Sequence[str],
    period: Period,
    indicator: str = INDEX,
    *,
    previous: Period | None = None,
    edition: str | None = None,
    dust: DustDays | None = None,
    descending: bool | None = None,
    profile: str = EQUAL,
    seed: int = 0,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Ranking:
    """The members in order of an indicator over a period, and how they moved since `previous`.

    Everything is made under the edition and in the reference state of the period's last day (`edition` names another).
    `descending` puts the greatest first; by default only good days do. `seed` moves the draws behind the bands.
    `monitored` are the items of the monitoring plan; with one outside it no place has an index. StandardsError for an unknown indicator or edition.
    """
    name, dust = named(indicator), dust or DustDays()
    down = name in _GREATER_FIRST if descending is None else descending
    one = one_edition(name, period.end_on, edition)
    periods = (period,) if previous is None else (period, previous)
    points = members.cities if isinstance(members, Membership) else tuple(members)
    whole, said = one_state(panel, periods, period.end_on, kinds_of(name))
    question = _Question(whole, tuple(points), name, one, dust, profile, down, seed, monitored)
    now = question.order(period)
    used = one or next(
        (found.stat.edition for found in now.measures.values()), natural_edition(name, period.end_on)
    )
    before = None if previous is None else replace(question, edition=used).order(previous)
    changes = {} if before is None else _changes(now, before)
    rows = [_row(point, at, now, before, changes, name) for at, point in enumerate(now.order)]
    short = [p for p, found in now.measures.items() if found.stat.value is not None and p not in now.ranks]
    rows += [_row(point, None, now, before, changes, name) for point in sorted(short)]
    regional = members if isinstance(members, Membership) else None
    notes = [note for found in now.measures.values() for note in found.stat.footnotes]
    return Ranking(
        indicator=name,
        period=period,
        previous=previous,
        rows=tuple(rows),
        left_out=_left_out(points, now),
        missing=MappingProxyType(
            {
                point: found.composite.missing
                for point, found in now.measures.items()
                if found.composite is not None and found.composite.missing
            }
        ),
        edition=used,
        descending=down,
        backwards=regional is not None and regional.backwards,
        notes=(
            *_notes(regional, name, one, periods, now, before),
            *said,
            *plan_caveats(name, [found.stat for found in now.measures.values()], monitored),
        ),
        footnotes=tuple(
            dict.fromkeys((*(regional.footnotes if regional else ()), *notes, *now.bands.footnotes))
        ),
    )
