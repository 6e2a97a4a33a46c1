"""Day values of stations and areas as they are published: means of arrays, rounded once, with the AQI of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeVar

import numpy as np

from lantian.assess.aqi import AQI_ITEMS, Aqi, daily_aqi, decimals, edition_on
from lantian.assess.days import NEVER_CLOSED, area_days, day_panel
from lantian.assess.exact import round_array
from lantian.assess.runs import read_on
from lantian.inventory import Spells
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.records import ObservationKind
from lantian.units import round_half_even, to_decimal

__all__ = [
    "Applied",
    "Published",
    "applied_on",
    "first_of",
    "own_days",
    "published",
    "published_days",
    "rounded_days",
]

Items = tuple[Decimal | None, ...]
"""Values of a day in the order of AQI_ITEMS; None where not valid."""

Raw = tuple[float | None, ...]
"""The same before rounding."""

Cell = tuple[str, date, ObservationKind]
"""A subject, a day and an item."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Applied:
    """The AQI edition of a day. `counterfactual`: the day lies before the first edition, which is played for it."""

    edition: str
    counterfactual: bool


@cache
def applied_on(on: date) -> Applied:
    """The edition in force on a day, or the first one for the days before any."""
    read = read_on(on)
    return Applied(edition_on(read), read != on)


@dataclass(frozen=True, slots=True)
class Published:
    """Day values by subject (a station, or a group of them): `values` as published, `raw` before rounding.

    A day's index is made of `values`, means over days of `raw`: what is printed is rounded once. `stated` are items
    that came as daily values, or as a mean of stations some of which did, and were not made of hours; `own` those that
    came under the subject's own name and are no mean of stations; `others` what was published where the hours make
    another value.
    """

    values: Mapping[str, Mapping[date, Items]]
    raw: Mapping[str, Mapping[date, Raw]]
    stated: frozenset[Cell] = frozenset()
    own: frozenset[Cell] = frozenset()
    others: Mapping[Cell, Decimal] = field(default_factory=dict)

    def aqi(self, subject: str, on: date) -> Aqi:
        """The daily AQI of a subject from its rounded values."""
        items = dict(zip(AQI_ITEMS, self.values[subject][on], strict=True))
        return daily_aqi(items, applied_on(on).edition)


def published(
    hours: HourPanel,
    groups: Mapping[str, Sequence[str]],
    days: Sequence[date],
    spells: Spells = NEVER_CLOSED,
    daily: DayPanel | None = None,
    told: Sequence[Published] = (),
) -> Published:
    """Values of the given days of every station of `hours` and of every group: the mean of its stations, 75 % valid.

    The value of a group is a mean of unrounded station values, of those in operation on the day by `spells`. What the
    hours do not make is taken from `daily`, values of the same stations and days that came as such, and of groups from
    `told` (the first that has it), and last from the mean of stations some of which came as daily values.
    """
    if daily is not None and not daily.days:
        daily = None  # rows came, but none that can be used
    stations = day_panel(hours)
    derived = _joined(
        [rounded_days(panel, days) for panel in (stations, area_days(stations, groups, spells=spells))]
    )
    found = derived if daily is None else first_of(derived, published_days(daily, days))
    for each in told:
        found = first_of(found, each)
    if daily is None:
        return found
    mixed = {
        kind: np.where(np.isnan(own := stations.of(kind)), daily.of(kind), own)
        if stations.days
        else daily.of(kind)
        for kind in AQI_ITEMS
    }
    areas = area_days(DayPanel(daily.points, daily.first, mixed), groups, spells=spells)
    means = rounded_days(areas, days)
    return first_of(found, replace(means, stated=_known(means)), compared=False)


def first_of(one: Published, two: Published, *, compared: bool = True) -> Published:
    """Item by item the first that has a value, over the subjects and days of both.

    Where `one` is made of hours and `two` came as published (and is `compared`), a difference is told.
    """
    values: dict[str, dict[date, Items]] = {name: dict(by_day) for name, by_day in one.values.items()}
    raw: dict[str, dict[date, Raw]] = {name: dict(by_day) for name, by_day in one.raw.items()}
    fresh: set[Cell] = set()
    others = dict(one.others)
    for name, by_day in two.values.items():
        for on, items in by_day.items():
            before = values.setdefault(name, {}).get(on, (None,) * len(AQI_ITEMS))
            before_raw = raw.setdefault(name, {}).get(on, (None,) * len(AQI_ITEMS))
            taken = [own is None for own in before]
            values[name][on] = tuple(b if t else a for a, b, t in zip(before, items, taken, strict=True))
            pairs = zip(before_raw, two.raw[name][on], taken, strict=True)
            raw[name][on] = tuple(b if t else a for a, b, t in pairs)
            for kind, own, other in zip(AQI_ITEMS, before, items, strict=True):
                cell = (name, on, kind)
                if other is None:
                    continue
                if own is None:
                    fresh.add(cell)
                elif not compared or cell in one.stated or cell not in two.stated:
                    continue
                elif _differs(own, other, kind, on):
                    others.setdefault(cell, other)
    return Published(values, raw, one.stated | (two.stated & fresh), one.own | (two.own & fresh), others)


def _differs(own: Decimal, other: Decimal, kind: ObservationKind, on: date) -> bool:
    return own != round_half_even(other, decimals(kind.value, applied_on(on).edition))


def _joined(parts: Sequence[Published]) -> Published:
    return Published(
        {name: items for each in parts for name, items in each.values.items()},
        {name: items for each in parts for name, items in each.raw.items()},
    )


def _known(found: Published) -> frozenset[Cell]:
    """Every cell that has a value."""
    return frozenset(
        (name, on, kind)
        for name, by_day in found.values.items()
        for on, items in by_day.items()
        for kind, value in zip(AQI_ITEMS, items, strict=True)
        if value is not None
    )


def published_days(panel: DayPanel, days: Sequence[date]) -> Published:
    """Daily values that came as such: as they stand, for they are published already."""
    raw = [_raw(panel, days, kind) for kind in AQI_ITEMS]
    values = [[[_as_it_is(value) for value in row] for row in item.tolist()] for item in raw]
    found = _by_day(panel, days, values, raw)
    known = _known(found)
    return replace(found, stated=known, own=known)


def own_days(panel: DayPanel, days: Sequence[date]) -> Published:
    """Unrounded day values made of the subjects' own hours, rounded once."""
    found = rounded_days(panel, days)
    return replace(found, own=_known(found))


def rounded_days(panel: DayPanel, days: Sequence[date]) -> Published:
    """Unrounded day values as they are published: rounded once, each day by its own edition."""
    raw = [_raw(panel, days, kind) for kind in AQI_ITEMS]
    values = [_rounded(item, kind, days) for item, kind in zip(raw, AQI_ITEMS, strict=True)]
    return _by_day(panel, days, values, raw)


def _by_day(
    panel: DayPanel, days: Sequence[date], values: list[list[list[Decimal | None]]], raw: list[Floats]
) -> Published:
    """Tables [items][points][days] by point and day."""
    floats = [[[None if v != v else v for v in row] for row in item.tolist()] for item in raw]

    def turned(tables: list[list[list[T]]]) -> dict[str, dict[date, tuple[T, ...]]]:
        return {
            point: dict(zip(days, zip(*(table[row] for table in tables), strict=True), strict=True))
            for row, point in enumerate(panel.points)
        }

    return Published(turned(values), turned(floats))


def _raw(panel: DayPanel, days: Sequence[date], kind: ObservationKind) -> Floats:
    """One item of the given days [points, days]; a panel of no days has none of them."""
    if not panel.days:
        return np.full((len(panel.points), len(days)), np.nan)
    return panel.of(kind)[:, [(on - panel.first).days for on in days]]


def _as_it_is(value: float) -> Decimal | None:
    return None if value != value else to_decimal(value)


def _rounded(raw: Floats, kind: ObservationKind, days: Sequence[date]) -> list[list[Decimal | None]]:
    """One item [points][days], each day by its own edition."""
    places = np.array([decimals(kind.value, applied_on(on).edition) for on in days])
    rounded = np.full(raw.shape, np.nan)
    for number_of in np.unique(places).tolist():
        rounded[:, places == number_of] = round_array(raw[:, places == number_of], number_of)
    steps = [Decimal(1).scaleb(-place) for place in places.tolist()]
    return [
        [
            None if value != value else to_decimal(value).quantize(step)
            for value, step in zip(row, steps, strict=True)
        ]
        for row in rounded.tolist()
    ]
