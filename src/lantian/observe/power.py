"""Which rows of a 15-minute power batch can be taken?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from lantian.errors import DataError
from lantian.records import ObservationKind

__all__ = ["STEP_S", "CheckedBatch", "check_power"]

STEP_S = 900
_SHOWN = 100  # problems told one by one; the rest is counted

Marks = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """The good rows, the refused rows' reasons (the first ones) and how many rows were refused."""

    rows: pa.Table
    problems: tuple[DataError, ...]
    refused: int


def check_power(batch: pa.Table, points: Collection[str], source: str) -> CheckedBatch:
    """Check the rows of a batch (point, kind, start ms, step_s, value kW, flag) against the known `points`.

    Refused: unknown point, other kind, a step or start off the quarter-hour, a negative or infinite value, a second
    row for the same point and start (the first stays). A missing value is a good row. The row number told counts
    from 1.
    """
    batch = batch.unify_dictionaries().combine_chunks()
    known, (point, codes) = frozenset(points), _texts(batch, "point")
    kind, kind_codes = _texts(batch, "kind")
    start, value = batch.column("start").to_numpy(), batch.column("value").to_numpy()
    checks: list[tuple[str, str, Marks]] = [
        ("point", "unknown point", ~_where(codes, [name in known for name in point])),
        ("kind", "not power", ~_where(kind_codes, [name == ObservationKind.POWER for name in kind])),
        ("step_s", f"not {STEP_S} seconds", batch.column("step_s").to_numpy() != STEP_S),
        ("start", "not on a quarter-hour", start % (STEP_S * 1000) != 0),
        ("value", "negative", value < 0),
        ("value", "infinite", np.isinf(value)),
        ("start", "a second row for this point and time", _repeated(codes, start)),
    ]
    bad: Marks = np.logical_or.reduce([marks for _, _, marks in checks])
    if not bad.any():
        return CheckedBatch(batch, (), 0)
    problems = []
    for row in np.flatnonzero(bad)[:_SHOWN].tolist():
        field, reason = next((field, reason) for field, reason, marks in checks if marks[row])
        reason = f"{reason}: {point[codes[row]]} at {start[row]}"
        problems.append(DataError(reason, source=source, row=row + 1, field=field))
    return CheckedBatch(batch.filter(pa.array(~bad)), tuple(problems), int(bad.sum()))


def _texts(batch: pa.Table, name: str) -> tuple[list[str], Any]:
    """The distinct texts of a dictionary column and each row's place among them."""
    if not len(batch):
        return [], np.zeros(0, np.int64)
    chunk = batch.column(name).chunk(0)
    chunk = chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode()
    return chunk.dictionary.to_pylist(), chunk.indices.to_numpy()


def _where(codes: Any, wanted: list[bool]) -> Marks:
    return np.array(wanted, np.bool_)[codes] if len(codes) else np.zeros(0, np.bool_)


def _repeated(codes: Any, start: Any) -> Marks:
    """Rows whose (point, start) an earlier row has."""
    order = np.lexsort((start, codes))  # stable: the first row of equals stays first
    same = (codes[order][1:] == codes[order][:-1]) & (start[order][1:] == start[order][:-1])
    marks = np.zeros(len(codes), np.bool_)
    marks[order[1:][same]] = True
    return marks
