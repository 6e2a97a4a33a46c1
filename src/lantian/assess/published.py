"""Day values of stations and areas as they are published: means of arrays, rounded once, with the AQI of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np

from lantian.assess.aqi import AQI_ITEMS, Aqi, daily_aqi, decimals, edition_on
from lantian.assess.days import area_days, day_panel
from lantian.assess.exact import round_array
from lantian.assess.runs import read_on
from lantian.observe.panel import DayPanel, HourPanel
from lantian.units import to_decimal

__all__ = ["Applied", "Published", "applied_on", "published", "published_days"]

Items = tuple[Decimal | None, ...]
"""Values of a day in the order of AQI_ITEMS; None where not valid."""


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
    """Day values by subject: a station, or a group of them."""

    values: Mapping[str, Mapping[date, Items]]

    def aqi(self, subject: str, on: date) -> Aqi:
        """The daily AQI of a subject from its rounded values."""
        items = dict(zip(AQI_ITEMS, self.values[subject][on], strict=True))
        return daily_aqi(items, applied_on(on).edition)


def published(hours: HourPanel, groups: Mapping[str, Sequence[str]], days: Sequence[date]) -> Published:
    """Values of the given days of every station of `hours` and of every group: the mean of its stations, 75 % valid.

    The value of a group is a mean of unrounded station values.
    """
    stations = day_panel(hours)
    areas = area_days(stations, groups)
    return Published(_rounded(stations, days) | _rounded(areas, days))


def published_days(panel: DayPanel, days: Sequence[date]) -> Published:
    """Daily values that came as such: as they stand, for they are published already."""
    columns = [(on - panel.first).days for on in days]
    return Published(
        {
            point: {
                on: tuple(_as_it_is(float(panel.of(kind)[row, column])) for kind in AQI_ITEMS)
                for on, column in zip(days, columns, strict=True)
            }
            for row, point in enumerate(panel.points)
        }
    )


def _as_it_is(value: float) -> Decimal | None:
    return None if value != value else to_decimal(value)


def _rounded(panel: DayPanel, days: Sequence[date]) -> dict[str, dict[date, Items]]:
    items = [_item(panel, days, number) for number in range(len(AQI_ITEMS))]
    return {
        point: dict(zip(days, zip(*(item[row] for item in items), strict=True), strict=True))
        for row, point in enumerate(panel.points)
    }


def _item(panel: DayPanel, days: Sequence[date], number: int) -> list[list[Decimal | None]]:
    """Rounded values [points][days] of one item, each day by its own edition."""
    kind = AQI_ITEMS[number]
    if kind not in panel.values:
        return [[None] * len(days) for _ in panel.points]
    raw = panel.of(kind)[:, [(on - panel.first).days for on in days]]
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
