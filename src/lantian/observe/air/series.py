"""Air of many points over consecutive steps: values as published, their marks, and the report of the reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pyarrow as pa

from lantian.errors import DataError
from lantian.observe.air.report import Report
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.observe.quality import DOUBTFUL, FLAG_CODES, UNUSABLE, Codes
from lantian.periods import day_start_ms, local_day
from lantian.records import ObservationKind

__all__ = ["DAY_S", "HOUR_S", "Air", "Point"]

HOUR_S, DAY_S = 3600, 86400
_TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Point:
    """A city, or a station of one. `key` is the code when there is one, else "city/name", or a city's name."""

    key: str
    name: str
    city: str
    code: str
    kind: Literal["city", "station"]


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """`values[kind]` and `flags[kind]` are [points, steps]; step t starts at `first_ms + t * step_s * 1000` (UTC ms).

    Values are as published (canonical units, NaN = missing), marked ones too; `usable` leaves out what cannot be used.
    A mark is a place in `FLAG_CODES`.
    """

    form: str
    step_s: int
    points: tuple[Point, ...]
    first_ms: int
    values: Mapping[ObservationKind, Floats]
    flags: Mapping[ObservationKind, Codes]
    report: Report

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the points, in the order of the rows."""
        return tuple(point.key for point in self.points)

    @property
    def steps(self) -> int:
        """How many steps."""
        return next((array.shape[1] for array in self.values.values()), 0)

    @property
    def first(self) -> date:
        """Local day of the first step."""
        return local_day(self.first_ms)

    @property
    def last(self) -> date:
        """Local day of the last step."""
        return local_day(self.first_ms + (self.steps - 1) * self.step_s * 1000)

    def usable(self, kind: ObservationKind, doubtful: bool = True) -> Floats:
        """Values of one item, NaN where a mark forbids use; `doubtful=False` leaves out the doubted ones too.

        All NaN when there is no such item.
        """
        if kind not in self.values:
            return np.full((len(self.points), self.steps), np.nan)
        barred = UNUSABLE if doubtful else UNUSABLE | DOUBTFUL
        bad = np.array([flag in barred for flag in FLAG_CODES])[self.flags[kind]]
        return np.where(bad, np.nan, self.values[kind])

    def hours(self, doubtful: bool = True) -> HourPanel:
        """Usable hours as whole local days. DataError for daily data."""
        if self.step_s != HOUR_S:
            raise DataError("these are daily values, not hourly ones", source=self.form)
        before = (self.first_ms - day_start_ms(self.first)) // (HOUR_S * 1000)
        after = -(before + self.steps) % 24
        values = {
            kind: np.pad(self.usable(kind, doubtful), ((0, 0), (before, after)), constant_values=np.nan)
            for kind in self.values
        }
        return HourPanel(self.keys, self.first, values)

    def days(self, doubtful: bool = True) -> DayPanel:
        """Usable day values. DataError for hourly data: averaging is the business of `lantian.assess`."""
        if self.step_s != DAY_S:
            raise DataError("these are hourly values, not daily ones", source=self.form)
        return DayPanel(self.keys, self.first, {kind: self.usable(kind, doubtful) for kind in self.values})

    def batch(self, first: date | None = None, last: date | None = None, unusable: bool = True) -> pa.Table:
        """Present values (marked ones too, as published) as rows: point, kind, start, step_s, value, flag.

        Sorted by point, start, kind; only the local days first to last when given. Missing values make no row, so
        that a file with a hole never covers another's value; with `unusable=False` values that cannot be used make
        none either, so that a code in a later file covers nothing where the newest row counts.
        """
        low = 0 if first is None else max(0, (day_start_ms(first) - self.first_ms) // (self.step_s * 1000))
        high = self.steps
        if last is not None:
            high = min(high, (day_start_ms(last + timedelta(days=1)) - self.first_ms) // (self.step_s * 1000))
        kinds = sorted(self.values)
        order = (
            np.argsort(np.array(self.keys, object), kind="stable") if self.points else np.zeros(0, np.int64)
        )
        window = slice(low, max(low, high))
        stack = (
            np.stack([self.values[kind][order, window] for kind in kinds], axis=-1)
            if kinds
            else np.zeros((0, 0, 0))
        )
        marks = (
            np.stack([self.flags[kind][order, window] for kind in kinds], axis=-1)
            if kinds
            else np.zeros((0, 0, 0), np.uint8)
        )
        there = ~np.isnan(stack)
        if not unusable:
            there &= ~np.array([flag in UNUSABLE for flag in FLAG_CODES])[marks]
        row, step, kind = np.nonzero(there)
        flags = [str(flag) for flag in FLAG_CODES]
        return pa.table(
            {
                "point": _words(order[row], list(self.keys)),
                "kind": _words(kind, [str(each) for each in kinds]),
                "start": pa.array(self.first_ms + (step + low) * (self.step_s * 1000), pa.int64()),
                "step_s": pa.array(np.full(len(row), self.step_s), pa.int32()),
                "value": pa.array(stack[row, step, kind], pa.float64()),
                "flag": _words(marks[row, step, kind], flags),
            }
        )


def _words(codes: np.ndarray, words: list[str]) -> pa.Array:
    """The words of the codes; the dictionary holds no word that does not occur."""
    used, codes = np.unique(codes, return_inverse=True)
    texts = pa.array([words[code] for code in used.tolist()], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), texts)
