"""Small batches."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from lantian_store.batch import BATCH_SCHEMA
from lantian_store.lake import stamp

T0 = 1_796_572_800_000  # 2026-12-07 00:00 local
SLOT = 900_000
HOUR = 3_600_000


def batch(
    points: Sequence[str], start: int = T0, slots: int = 4, value: float | None = 1.0, flag: str = ""
) -> pa.Table:
    """Quarter-hours from `start` for each point: value, value + 1, ..."""
    rows = [
        (point, "power", start + no * SLOT, 900, None if value is None else value + no, flag)
        for point in sorted(points)
        for no in range(slots)
    ]
    columns = [[row[no] for row in rows] for no in range(6)]
    plain = pa.schema(
        [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in BATCH_SCHEMA]
    )
    return pa.table(dict(zip(BATCH_SCHEMA.names, columns, strict=True)), schema=plain)


def stamped(points: Sequence[str], version: int, **what: object) -> pa.Table:
    """The same as lake rows."""
    return stamp(batch(points, **what), version, T0)  # type: ignore[arg-type]
