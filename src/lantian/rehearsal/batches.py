"""Arrow batches as the city's platforms would send them: one table per county and step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lantian.records import Flag

__all__ = ["BATCH_SCHEMA", "batch"]

_WORDS = pa.dictionary(pa.int32(), pa.string())

BATCH_SCHEMA = pa.schema(
    [
        ("point", _WORDS),
        ("kind", _WORDS),
        ("start", pa.int64()),  # UTC ms, interval start
        ("step_s", pa.int32()),
        ("value", pa.float64()),  # null = missing
        ("flag", _WORDS),
    ]
)


@cache
def _constant(text: str) -> pa.Array:
    return pa.array([text], pa.string())


def _words(codes: NDArray[np.int32], words: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes), words)


def batch(
    points: Sequence[str],
    kinds: Sequence[str],
    starts: NDArray[np.int64],
    step_s: int,
    values: NDArray[np.float64],
) -> pa.Table:
    """Table by `BATCH_SCHEMA` from `values` [points, starts, kinds], NaN = missing and flagged offline.

    Rows come out sorted by point, then start, when `points` and `starts` are sorted.
    """
    shape = (len(points), len(starts), len(kinds))
    total = values.size
    missing = np.isnan(values).ravel()
    point = np.repeat(np.arange(shape[0], dtype=np.int32), shape[1] * shape[2])
    kind = np.tile(np.arange(shape[2], dtype=np.int32), shape[0] * shape[1])
    start = np.tile(np.repeat(starts, shape[2]), shape[0])
    columns = [
        _words(point, pa.array(points, pa.string())),
        _words(kind, pa.array(kinds, pa.string())),
        pa.array(start),
        pa.array(np.full(total, step_s, dtype=np.int32)),
        pa.array(values.ravel(), mask=missing),
        _words(missing.astype(np.int32), pa.concat_arrays([_constant(Flag.OK), _constant(Flag.OFFLINE)])),
    ]
    return pa.Table.from_arrays(columns, schema=BATCH_SCHEMA)
