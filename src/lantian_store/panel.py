"""Lake rows as arrays: hours or days of some points, NaN where nothing usable is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.observe.quality import UNUSABLE
from lantian.periods import day_start_ms
from lantian.records import ObservationKind

__all__ = ["DAY_S", "HOUR_S", "day_panel", "hour_panel", "looked_up"]

HOUR_S, DAY_S = 3_600, 86_400


def hour_panel(table: pa.Table, points: Sequence[str], first: date, last: date) -> HourPanel:
    """Hourly rows of a lake table over the local days [first, last]; rows of other points or steps are left out."""
    columns = 24 * ((last - first).days + 1)
    return HourPanel(tuple(points), first, _values(table, points, day_start_ms(first), HOUR_S, columns))


def day_panel(table: pa.Table, points: Sequence[str], first: date, last: date) -> DayPanel:
    """Daily rows of a lake table over the local days [first, last]; rows of other points or steps are left out."""
    columns = (last - first).days + 1
    return DayPanel(tuple(points), first, _values(table, points, day_start_ms(first), DAY_S, columns))


def _values(
    table: pa.Table, points: Sequence[str], start_ms: int, step_s: int, columns: int
) -> Mapping[ObservationKind, Floats]:
    if not len(table):
        return {}
    row_of = {point: row for row, point in enumerate(points)}
    rows = looked_up(table, "point", lambda point: row_of.get(point, -1))
    bad = looked_up(table, "flag", lambda flag: int(flag in UNUSABLE)).astype(np.bool_)
    values = table.column("value").to_numpy(zero_copy_only=False)
    column = (table.column("start").to_numpy() - start_ms) // (step_s * 1000)
    keep = (rows >= 0) & ~bad & ~np.isnan(values) & (column >= 0) & (column < columns)
    keep &= table.column("step_s").to_numpy() == step_s
    kinds = sorted(set(_texts(table, "kind")))
    kind = looked_up(table, "kind", kinds.index)[keep]
    rows, column, values = rows[keep], column[keep], values[keep]
    made: dict[ObservationKind, Floats] = {}
    for number in np.unique(kind).tolist():
        here = kind == number
        array = np.full((len(points), columns), np.nan)
        array[rows[here], column[here]] = values[here]
        made[ObservationKind(kinds[number])] = array
    return made


def _chunks(table: pa.Table, name: str) -> list[pa.DictionaryArray]:
    column = table.column(name)
    return [
        chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode()
        for chunk in column.chunks
    ]


def _texts(table: pa.Table, name: str) -> list[str]:
    return [text for chunk in _chunks(table, name) for text in chunk.dictionary.to_pylist()]


def looked_up(
    table: pa.Table, name: str, meaning: Callable[[str], int]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """`meaning` of each row's text in a dictionary column, asked once per distinct text."""
    found = []
    for chunk in _chunks(table, name):
        texts = chunk.dictionary.to_pylist()
        meanings = np.fromiter((meaning(text) for text in texts), np.int64, len(texts))
        found.append(meanings[chunk.indices.to_numpy()])
    return np.concatenate(found) if found else np.zeros(0, np.int64)
