"""Rows of a file as entries of the journal: under our own ids, air and weather apart, of a size that is taken in at once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from lantian.observe.statements import DayValue
from lantian.periods import day_start_ms, from_ms
from lantian.records import ObservationKind
from lantian_store.batch import BATCH_SCHEMA, encode
from lantian_store.journal import NewEntry
from lantian_store.panel import DAY_S, looked_up
from lantian_web.assessments import panels

__all__ = ["PREFIX", "by_kind", "day_table", "entries_of", "once", "renamed", "without"]

PREFIX = "import:"
ENTRY_ROWS = 250_000
Rows = np.ndarray[Any, np.dtype[np.int64]]
_WEATHER = frozenset(
    (
        ObservationKind.WIND_FROM,
        ObservationKind.WIND_SPEED,
        ObservationKind.TEMPERATURE,
        ObservationKind.PRESSURE,
        ObservationKind.DEW_POINT,
        ObservationKind.RAIN,
    )
)


def once(table: pa.Table, ids: Mapping[str, str]) -> tuple[pa.Table, dict[str, str]]:
    """The batch, sorted by point, without values of points that have one id where an earlier point has one already.

    Where the two differ, the answer says so by the later point.
    """
    names = Counter(ids.values())
    if len(names) == len(ids):
        return table, {}
    places = {mine: place for place, mine in enumerate(names)}
    rows = np.flatnonzero(looked_up(table, "point", lambda key: int(names[ids[key]] > 1)))
    kinds: dict[str, int] = {}
    kind = looked_up(table, "kind", lambda text: kinds.setdefault(text, len(kinds)))[rows]
    point = looked_up(table, "point", lambda key: places[ids[key]])[rows]
    start = table.column("start").to_numpy()[rows]
    order = np.lexsort((start, kind, point))  # stable: of equal ones the earlier point comes first
    point, kind, start, rows = point[order], kind[order], start[order], rows[order]
    same = (point[1:] == point[:-1]) & (kind[1:] == kind[:-1]) & (start[1:] == start[:-1])
    again = np.concatenate([np.zeros(min(1, len(rows)), np.bool_), same])
    kept = rows[np.maximum.accumulate(np.where(again, 0, np.arange(len(rows))))]
    value = table.column("value").to_numpy()
    differ = again & (value[rows] != value[kept])
    left = np.ones(len(table), np.bool_)
    left[rows[again]] = False
    return table.filter(pa.array(left)), _twice(table, ids, rows[differ], kept[differ])


def _twice(table: pa.Table, ids: Mapping[str, str], rows: Rows, kept: Rows) -> dict[str, str]:
    """What is wrong with rows that differ from those kept, by point: how many of which items, and the first."""
    found, why = table.take(pa.array(rows)), {}
    names = found.column("point").unique().to_pylist()
    point = looked_up(found, "point", lambda key: names.index(key) if key in names else -1)
    for number, key in enumerate(names):
        mine = np.flatnonzero(point == number)
        here = found.take(pa.array(mine))
        first, other = here.slice(0, 1).to_pylist()[0], table.column("value")[kept[mine[0]]].as_py()
        items = ", ".join(sorted(here.column("kind").unique().to_pylist()))
        at = f"{from_ms(first['start']):%Y-%m-%d %H:%M}"
        told = f"{key} = {ids[key]}, {len(here)} × {items}, {at}: {first['value']:g} ≠ {other:g}"
        why[key] = f"stands twice with different values: {told}"
    return why


def renamed(table: pa.Table, ids: Mapping[str, str]) -> pa.Table:
    """The batch under our own ids, sorted again by point."""
    if all(key == mine for key, mine in ids.items()):
        return table
    column = table.column("point").combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    texts = pa.array([ids[key] for key in column.dictionary.to_pylist()], pa.string())
    points = pa.DictionaryArray.from_arrays(column.indices, texts).cast(pa.string()).dictionary_encode()
    table = table.set_column(table.schema.get_field_index("point"), "point", points)
    return _sorted(table)


def without(table: pa.Table, points: set[str]) -> pa.Table:
    keep = looked_up(table, "point", lambda point: int(point not in points)).astype(np.bool_)
    return table.filter(pa.array(keep))


def _sorted(table: pa.Table) -> pa.Table:
    """By point (its text), start and kind."""
    point, kind = (looked_up(table, name, sorted(_texts(table, name)).index) for name in ("point", "kind"))
    return table.take(np.lexsort((kind, table.column("start").to_numpy(), point)))


def _texts(table: pa.Table, name: str) -> set[str]:
    return {text for chunk in table.column(name).chunks for text in chunk.dictionary.to_pylist()}


def by_kind(table: pa.Table, air: str) -> Iterator[tuple[str, pa.Table]]:
    """Air and weather apart."""
    column = table.column("kind").combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    weather = np.array([text in _WEATHER for text in column.dictionary.to_pylist()], np.bool_)
    marks = weather[column.indices.to_numpy()] if len(column) else np.zeros(0, np.bool_)
    for kind, which in ((air, ~marks), (panels.WEATHER, marks)):
        if which.any():
            yield kind, table if which.all() else table.filter(pa.array(which))


def entries_of(kind: str, table: pa.Table, received_ms: int, tag: str = "") -> Iterator[NewEntry]:
    """Entries of at most about ENTRY_ROWS rows, whole months together."""
    if not len(table):
        return
    starts = table.column("start").to_numpy()
    months = starts.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    months -= months.min()
    group = np.cumsum(np.bincount(months)) // ENTRY_ROWS
    numbers = group[months]
    for number in np.unique(numbers).tolist():
        part = table if group[0] == group[-1] else table.filter(pa.array(numbers == number))
        payload = encode(part)
        key = f"{PREFIX}{kind}:{hashlib.sha256(payload).hexdigest()}{tag}"
        yield NewEntry(kind, key, "", received_ms, payload)


def day_table(values: Iterable[DayValue]) -> pa.Table:
    rows = sorted((v.point, day_start_ms(v.on), v.kind.value, v.value) for v in values)
    columns: list[list[Any]] = [
        [row[0] for row in rows],
        [row[2] for row in rows],
        [row[1] for row in rows],
        [DAY_S] * len(rows),
        [row[3] for row in rows],
        [""] * len(rows),
    ]
    types = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in BATCH_SCHEMA]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(arrays, names=BATCH_SCHEMA.names)
