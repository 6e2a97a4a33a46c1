"""The rule pass over one city day, against the same answer from a DuckDB window query and from a NumPy loop per meter.

Run: `python benchmarks/bench_detect.py`. Prints seconds (best of three) and ratios against the pass; every engine has
to find the same runs of high power.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from lantian.detect.baselines import Baseline
from lantian.detect.kernels import scan
from lantian.detect.noncompliance import judge_day
from lantian.detect.plants import PlantIndex
from lantian.detect.rule import rules_on
from lantian.inventory import Enterprise, Line, Meter, MeterKind
from lantian.periods import day_start_ms
from lantian.records import Action, Level, Measure, Order

DAY = date(2026, 12, 8)
PLANTS = 4709
MIN_SLOTS = 2


def city() -> PlantIndex:
    """4709 plants of two or three lines each."""
    plants = [Enterprise(f"e{no:04d}", "", "9901", "", "", False, 0.0, 0.0, "") for no in range(PLANTS)]
    lines = [Line(f"{p.id}-{no}", p.id, no, "") for k, p in enumerate(plants) for no in range(2 + k % 2)]
    meters = [Meter(f"{n.id}-p", n.id, n.enterprise_id, "9901", MeterKind.PRODUCTION, 400.0) for n in lines]
    return PlantIndex.build(plants, lines, meters)


def power(meters: int) -> Any:
    """A day in which a fifth of the lines runs for some hours, with one slot in a hundred missing."""
    rng = np.random.default_rng(5)
    grid = rng.uniform(5.0, 60.0, (meters, 96)).astype(np.float32)
    for row in np.flatnonzero(rng.random(meters) < 0.2):
        begin = rng.integers(0, 80)
        grid[row, begin : begin + rng.integers(1, 16)] = rng.uniform(100.0, 390.0)
    grid[rng.random(grid.shape) < 0.01] = np.nan
    return grid


def orders(plants: PlantIndex) -> list[Order]:
    """One order per plant, in force all day: STOP, LIMIT and REDUCE in turn."""
    kinds = (Action.STOP, Action.LIMIT, Action.REDUCE)
    start = day_start_ms(DAY) - 86_400_000
    found = []
    for no, plant in enumerate(plants.enterprise_ids):
        action = kinds[no % 3]
        line = f"{plant}-0" if action is Action.REDUCE else None
        share = 30 if action is Action.LIMIT else None
        measure = Measure(action, line, share)
        found.append(Order(f"o{no}", plant, "9901", "d", Level.ORANGE, (measure,), start, None, 7200))
    return found


def by_numpy(grid: Any, threshold: Any) -> int:
    """Runs of high power, one meter at a time."""
    count = 0
    for row in range(len(grid)):
        above = np.concatenate(([False], grid[row] > threshold[row], [False]))
        edges = np.flatnonzero(above[1:] != above[:-1])
        count += int(np.sum(edges[1::2] - edges[::2] >= MIN_SLOTS))
    return count


SQL = f"""
WITH marked AS (
    SELECT point, slot, value > threshold AS above,
           slot - row_number() OVER (PARTITION BY point, value > threshold ORDER BY slot) AS island
    FROM readings
)
SELECT count(*) FROM (
    SELECT 1 FROM marked WHERE above GROUP BY point, island HAVING count(*) >= {MIN_SLOTS}
)
"""


def best(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Seconds of the fastest of some runs, and the result."""
    spent, result = [], None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        spent.append(time.perf_counter() - start)
    return min(spent), result


def main() -> None:
    """Measure and print."""
    plants = city()
    meters = len(plants.meter_ids)
    grid, before = power(meters), np.full((meters, 4), np.nan, np.float32)
    threshold = np.full(meters, 80.0)
    rows, zero = np.arange(meters, dtype=np.int32), np.zeros(meters, np.int32)
    job = (grid, before, rows, zero, zero + 96, threshold, zero + MIN_SLOTS)
    start = time.perf_counter()
    scan(*job)
    print(f"first call (compile, or load from NUMBA_CACHE_DIR)  {time.perf_counter() - start:8.3f} s")

    table = pa.table(
        {
            "point": np.repeat(np.arange(meters), 96),
            "slot": np.tile(np.arange(96), meters),
            "value": grid.ravel(),
            "threshold": np.repeat(threshold, 96),
        }
    )
    base = duckdb.connect(config={"threads": 1})
    base.register("t", table)
    base.execute(
        "CREATE TABLE readings AS SELECT point, slot, threshold, value FROM t WHERE NOT isnan(value)"
    )

    own, seen = best(lambda: int(scan(*job)[4].sum()))
    loops, same = best(lambda: by_numpy(grid, threshold))
    sql, rows_found = best(lambda: base.execute(SQL).fetchone())
    assert seen == same == rows_found[0], (seen, same, rows_found)
    print(f"{meters} meters x 96 slots, {seen} runs, one thread:")
    print(f"  pass (numba)          {own:8.4f} s   {meters * 96 / own / 1e6:6.0f} M rows/s")
    print(f"  NumPy loop per meter  {loops:8.4f} s   {loops / own:6.1f} x")
    print(f"  DuckDB windows        {sql:8.4f} s   {sql / own:6.1f} x")

    quiet = np.zeros(meters)
    full = np.full(PLANTS, 2.5 * 400.0 * 24.0 * 0.6)
    rules, todays = rules_on(DAY), orders(plants)
    baselines = Baseline(quiet, full, full)
    spent, judged = best(lambda: judge_day(DAY, True, todays, plants, grid, before, rules, baselines))
    print(f"whole day of {PLANTS} plants judged, {len(judged.findings)} findings: {spent:.3f} s")


if __name__ == "__main__":
    main()
