"""Values of many points over consecutive hours or days, as arrays: what importers give and assessments read.

NaN is a missing (or unusable) value. Units are the canonical ones of `ObservationKind`. Arrays are never written to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lantian.errors import DataError
from lantian.periods import Period, day_start_ms
from lantian.records import ObservationKind

__all__ = ["DayPanel", "Floats", "HourPanel"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DayPanel:
    """Day values: `values[kind]` is [points, days] from the local day `first` on. O3 is the greatest 8 h mean."""

    points: tuple[str, ...]
    first: date
    values: Mapping[ObservationKind, Floats]

    @property
    def days(self) -> int:
        """How many days."""
        return next((array.shape[1] for array in self.values.values()), 0)

    @property
    def last(self) -> date:
        """The last day; the day before `first` when there are none."""
        return self.first + timedelta(days=self.days - 1)

    def of(self, kind: ObservationKind) -> Floats:
        """One item [points, days]; all NaN when the panel has no such item."""
        found = self.values.get(kind)
        return np.full((len(self.points), self.days), np.nan) if found is None else found

    def row(self, point: str) -> int:
        """Row of a point. DataError when it is not there."""
        try:
            return self.points.index(point)
        except ValueError:
            raise DataError("no such point in the data", field=point) from None

    def select(self, points: Sequence[str]) -> DayPanel:
        """The rows of some points, in their order."""
        rows = [self.row(point) for point in points]
        return DayPanel(tuple(points), self.first, {kind: array[rows] for kind, array in self.values.items()})

    def between(self, period: Period) -> DayPanel:
        """Exactly the days of a period; days outside the panel are missing."""
        low, high = (period.start_on - self.first).days, (period.end_on - self.first).days + 1
        inside = slice(max(low, 0), max(min(high, self.days), 0))
        values = {}
        for kind, array in self.values.items():
            cut = np.full((len(self.points), period.days), np.nan)
            part = array[:, inside]
            cut[:, max(-low, 0) : max(-low, 0) + part.shape[1]] = part
            values[kind] = cut
        return DayPanel(self.points, period.start_on, values)


@dataclass(frozen=True, slots=True, eq=False)
class HourPanel:
    """Hourly values of whole local days: `values[kind]` is [points, 24 x days] from 00:00 of `first` on.

    Column h is the mean of [h, h+1) after that midnight.
    """

    points: tuple[str, ...]
    first: date
    values: Mapping[ObservationKind, Floats]

    @property
    def days(self) -> int:
        """How many days."""
        return next((array.shape[1] // 24 for array in self.values.values()), 0)

    @property
    def start_ms(self) -> int:
        """UTC ms of the first hour's start."""
        return day_start_ms(self.first)

    def of(self, kind: ObservationKind) -> Floats:
        """One item [points, 24 x days]; all NaN when the panel has no such item."""
        found = self.values.get(kind)
        return np.full((len(self.points), 24 * self.days), np.nan) if found is None else found

    def row(self, point: str) -> int:
        """Row of a point. DataError when it is not there."""
        try:
            return self.points.index(point)
        except ValueError:
            raise DataError("no such point in the data", field=point) from None

    def select(self, points: Sequence[str]) -> HourPanel:
        """The rows of some points, in their order."""
        rows = [self.row(point) for point in points]
        return HourPanel(
            tuple(points), self.first, {kind: array[rows] for kind, array in self.values.items()}
        )
