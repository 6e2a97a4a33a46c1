"""Day grids: one local day of points as a dense array, the form in which a day is judged."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from lantian.periods import day_bounds_ms, day_start_ms, local_day
from lantian_store.lake import NEWEST, Lake
from lantian_store.panel import looked_up

__all__ = ["SLOTS", "STEP_S", "DayGrid", "Grids"]

SLOTS = 96
STEP_S = 900
_STEP_MS = STEP_S * 1000
_COLUMNS = ("point", "start", "step_s", "value", "flag")

Values = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class DayGrid:
    """Values of one local day: float32 [n_points, 96], kW; NaN where nothing usable is known."""

    day: date
    values: Values

    @classmethod
    def empty(cls, day: date, n_points: int) -> DayGrid:
        """A day of which nothing is known."""
        return cls(day, np.full((n_points, SLOTS), np.nan, np.float32))


class Grids:
    """The last `keep` days of `points` (rows in their order), from the lake and from batches as they come."""

    def __init__(self, lake: Lake, points: Sequence[str], kind: str = "power", keep: int = 4) -> None:
        self._lake, self._kind, self._keep = lake, kind, keep
        self._points = tuple(points)
        self._row = {point: row for row, point in enumerate(self._points)}
        self._days: OrderedDict[date, DayGrid] = OrderedDict()

    def get(self, day: date, upto: int = NEWEST) -> DayGrid:
        """The grid of `day`, from the cache or the lake; `upto` hides newer versions when it is read from the lake."""
        grid = self._days.get(day)
        if grid is None:
            grid = self._days[day] = self._load(day, upto)
            while len(self._days) > self._keep:
                self._days.popitem(last=False)
        self._days.move_to_end(day)
        return grid

    def before(self, day: date, slots: int, upto: int = NEWEST) -> Values:
        """The last `slots` columns of the day before `day`."""
        return np.ascontiguousarray(self.get(day - timedelta(days=1), upto).values[:, SLOTS - slots :])

    def apply(self, table: pa.Table, upto: int = NEWEST) -> set[date]:
        """Put a batch into the grids of its days and give these days. Batches are applied in journal order."""
        rows, starts, values = self._usable(table)
        touched = set()
        while len(starts):
            day = local_day(int(starts[0]))
            begin, end = day_bounds_ms(day)
            inside = (starts >= begin) & (starts < end)
            slots = (starts[inside] - begin) // _STEP_MS
            self.get(day, upto).values[rows[inside], slots] = values[inside]
            rows, starts, values = rows[~inside], starts[~inside], values[~inside]
            touched.add(day)
        return touched

    def _load(self, day: date, upto: int) -> DayGrid:
        grid = DayGrid.empty(day, len(self._points))
        bounds = day_bounds_ms(day)
        table = self._lake.read(self._kind, None, *bounds, columns=_COLUMNS, upto=upto)
        rows, starts, values = self._usable(table)
        grid.values[rows, (starts - day_start_ms(day)) // _STEP_MS] = values
        return grid

    def _usable(self, table: pa.Table) -> tuple[Any, Any, Any]:
        """Rows, starts and values of the known points' quarter-hours; flagged or null values are NaN."""
        table = table.unify_dictionaries().combine_chunks()
        rows = looked_up(table, "point", lambda point: self._row.get(point, -1))
        flagged = looked_up(table, "flag", len)
        values = table.column("value").to_numpy().astype(np.float32)
        values[flagged.astype(np.bool_)] = np.nan
        known = (rows >= 0) & (table.column("step_s").to_numpy() == STEP_S)
        return rows[known], table.column("start").to_numpy()[known], values[known]
