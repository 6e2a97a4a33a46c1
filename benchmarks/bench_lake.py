"""Journal and lake over one six-hour step of a full city (some 565 000 rows), against plain ways of doing the same.

Run: `python benchmarks/bench_lake.py [FOLDER]`. Prints seconds (median of five steps) and ratios: the journal against
writing the same bytes into one file and fsyncing it; the lake against one unsorted Parquet file; one day of one point
against a scan of that file; the newest version of a day against DuckDB's window query.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lantian_store.batch import decode, encode
from lantian_store.journal import Journal, NewEntry
from lantian_store.lake import Lake, stamp

COUNTIES, METERS, SLOTS, STEPS = 18, 23_544, 24, 5
T0 = 1_796_572_800_000
STEP_MS = SLOTS * 900_000


def batch(county: int, start: int, rng: np.random.Generator) -> pa.Table:
    """One county's power of six hours."""
    points = [f"e{no:05d}-p" for no in range(county, METERS, COUNTIES)]
    rows = len(points) * SLOTS

    def same(text: str) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([text]))

    codes = pa.array(np.repeat(np.arange(len(points), dtype=np.int32), SLOTS))
    return pa.table(
        {
            "point": pa.DictionaryArray.from_arrays(codes, pa.array(points)),
            "kind": same("power"),
            "start": np.tile(start + np.arange(SLOTS) * 900_000, len(points)),
            "step_s": np.full(rows, 900, np.int32),
            "value": np.round(rng.gamma(2.0, 100.0, rows), 1),
            "flag": same(""),
        }
    )


class Clock:
    """Seconds by name."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """Do `work` and note how long it took."""
        start = time.perf_counter()
        result = work()
        self.spent.setdefault(name, []).append(time.perf_counter() - start)
        return result

    def tell(self, name: str, against: str) -> None:
        """Print a time and its ratio to another one."""
        own, other = (statistics.median(self.spent[key]) for key in (name, against))
        print(f"  {name:34s} {own * 1e3:9.1f} ms   {own / other:7.2f} x {against}")


def plain_append(path: Path, payloads: list[bytes]) -> None:
    """The baseline of the journal: the same bytes, one file, one fsync."""
    with path.open("ab") as file:
        file.write(b"".join(payloads))
        file.flush()
        os.fsync(file.fileno())


def main(folder: Path) -> None:
    """Measure and print."""
    rng, clock = np.random.default_rng(7), Clock()
    journal, lake, after = Journal(folder), Lake(folder), -1
    plain: list[pa.Table] = []
    for step in range(STEPS):
        tables = [batch(county, T0 + step * STEP_MS, rng) for county in range(COUNTIES)]
        payloads = clock.time("encode a step", lambda tables=tables: [encode(table) for table in tables])
        items = [NewEntry("power", f"{step}-{no}", str(no), 0, data) for no, data in enumerate(payloads)]
        clock.time("plain write + fsync", lambda payloads=payloads: plain_append(folder / "plain", payloads))
        clock.time("journal append", lambda items=items: journal.append_many(items))
        entries = clock.time("journal read, checked", lambda after=after: list(journal.read(after)))
        after = entries[-1].position
        decoded = clock.time("decode a step", lambda entries=entries: [decode(e.payload) for e in entries])
        rows = pa.concat_tables(
            [stamp(table, entry.position, 0) for table, entry in zip(decoded, entries, strict=True)]
        )
        span = (entries[0].position, after)
        files = clock.time(
            "lake write, 8 buckets", lambda rows=rows, span=span: lake.write(rows, "power", span)
        )
        clock.time("manifest commit", lambda files=files: lake.commit(files))
        clock.time(
            "one unsorted Parquet file", lambda rows=rows: pq.write_table(rows, folder / "one.parquet")
        )
        plain.append(rows)
    everything = folder / "all.parquet"
    pq.write_table(pa.concat_tables(plain[:4]), everything)
    point, day = "e01234-p", (T0, T0 + 4 * STEP_MS)
    for _ in range(STEPS):
        got = clock.time("one day of one point", lambda: lake.read("power", [point], *day))
        scanned = clock.time(
            "scan of one Parquet file", lambda: pq.read_table(everything, filters=[("point", "=", point)])
        )
        assert len(got) == len(scanned) == 96
    columns = ["point", "start", "value"]
    question = f"SELECT point, start, value FROM observations WHERE start < {day[1]}"
    for _ in range(3):
        whole = clock.time("newest of a day", lambda: lake.read("power", None, *day, columns=columns))
        asked = clock.time(
            "DuckDB window query", lambda: lake.query("power", 2, 2000).execute(question).fetchall()
        )
        assert len(whole) == len(asked) == METERS * 96
    print(f"a step: {COUNTIES} batches, {METERS * SLOTS} rows, {sum(map(len, payloads)) / 1e6:.1f} MB")
    for name, against in (
        ("encode a step", "plain write + fsync"),
        ("journal append", "plain write + fsync"),
        ("journal read, checked", "plain write + fsync"),
        ("decode a step", "plain write + fsync"),
        ("lake write, 8 buckets", "one unsorted Parquet file"),
        ("manifest commit", "plain write + fsync"),
        ("one day of one point", "scan of one Parquet file"),
        ("newest of a day", "DuckDB window query"),
    ):
        clock.tell(name, against)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as temporary:
        main(Path(temporary))
