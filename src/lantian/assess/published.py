"""Day values of stations and areas as they are published: means of arrays, rounded once, with the AQI of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeVar

import numpy as np

from lantian.assess.aqi import AQI_ITEMS, Aqi, daily_aqi, decimals, edition_on
from lantian.assess.days import area_days, day_panel
from lantian.assess.exact import round_array
from lantian.assess.runs import read_on
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.records import ObservationKind
from lantian.units import to_decimal

__all__ = ["Applied", "Published", "applied_on", "published", "published_days", "rounded_days"]

Items = tuple[Decimal | None, ...]
"""Values of a day in the order of AQI_ITEMS; None where not valid."""

Raw = tuple[float | None, ...]
"""The same before rounding."""

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

    A day's index is made of `values`, means over days of `raw`: what is printed is rounded once.
    """

    values: Mapping[str, Mapping[date, Items]]
    raw: Mapping[str, Mapping[date, Raw]]

    def aqi(self, subject: str, on: date) -> Aqi:
        """The daily AQI of a subject from its rounded values."""
        items = dict(zip(AQI_ITEMS, self.values[subject][on], strict=True))
        return daily_aqi(items, applied_on(on).edition)


def published(hours: HourPanel, groups: Mapping[str, Sequence[str]], days: Sequence[date]) -> Published:
    """Values of the given days of every station of `hours` and of every group: the mean of its stations, 75 % valid.

    The value of a group is a mean of unrounded station values.
    """
    stations = day_panel(hours)
    found = [rounded_days(panel, days) for panel in (stations, area_days(stations, groups))]
    return Published(
        {name: items for each in found for name, items in each.values.items()},
        {name: items for each in found for name, items in each.raw.items()},
    )


def published_days(panel: DayPanel, days: Sequence[date]) -> Published:
    """Daily values that came as such: as they stand, for they are published already."""
    raw = [_raw(panel, days, kind) for kind in AQI_ITEMS]
    values = [[[_as_it_is(value) for value in row] for row in item.tolist()] for item in raw]
    return _by_day(panel, days, values, raw)


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
    """One item of the given days [points, days]."""
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
