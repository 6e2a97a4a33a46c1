"""Ten stations x four years of hours: load, day values, AQI, season means and percentiles; daily means against airqoair.

Run: `NUMBA_CACHE_DIR=var/numba python benchmarks/bench_statistics.py [FILE]` (beijing_hourly of the shared data unless
told; the extra `bench` holds airqoair). Kernels come from numba's cache; the first pass of a process is shown apart.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from airqoair.temporal import time_average

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.days import area_days, day_panel
from lantian.assess.engine import daily_aqi_panel
from lantian.assess.statistics import annual_items, statistics
from lantian.observe.air import read_air
from lantian.periods import Period
from lantian.records import ObservationKind as Kind

FILE = Path(__file__).parents[2] / "shared/data/beijing_hourly/beijing_10_stations_2013-03_2017-02.parquet"
EDITION = "2012"
LEAST = 20 / 24


def seasons() -> list[Period]:
    """Four autumn-winter seasons, as far as the data go, and three calendar years."""
    winters = [Period(date(y, 10, 1), date(y + 1, 3, 31)) for y in range(2013, 2017)]
    return winters + [Period(date(y, 1, 1), date(y, 12, 31)) for y in range(2014, 2017)]


def everything(path: Path, spent: dict[str, float]) -> Any:
    """The whole way from the file's bytes to season means and percentiles; fills the seconds of each part."""
    marks = [("", time.perf_counter())]

    def mark(name: str) -> None:
        marks.append((name, time.perf_counter()))

    air = read_air([(path.name, path.read_bytes())])
    hours = air.hours()
    mark("load, flags, panel")
    stations = day_panel(hours)
    city = area_days(stations, {"city": stations.points})
    mark("day means, MDA8, city")
    aqi = [daily_aqi_panel(panel, EDITION) for panel in (stations, city)]
    mark("daily AQI")
    names = [*dict.fromkeys([*annual_items(date(2016, 1, 1)), "o3_mean", "good_days", "heavy_days"])]
    found = [
        statistics(panel, period, names, edition=EDITION)
        for panel in (stations, city)
        for period in seasons()
    ]
    mark("seasons and years")
    spent.update({name: now - before for (_, before), (name, now) in zip(marks, marks[1:], strict=False)})
    return hours, stations, aqi, found


def best(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Seconds of the fastest of some runs, and the result."""
    spent, result = [], None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        spent.append(time.perf_counter() - start)
    return min(spent), result


def by_airqoair(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Daily means of each station; it knows no MDA8, so its ozone is a plain mean."""
    items = [item.value for item in AQI_ITEMS]
    return [
        time_average(frame, avg="D", pollutant_cols=items, data_capture_threshold=LEAST) for frame in frames
    ]


def main() -> None:
    """Measure and print."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    parts: dict[str, float] = {}
    first, _ = best(lambda: everything(path, parts), 1)
    whole, (hours, stations, _, _) = best(lambda: everything(path, parts), 5)
    print(f"{len(hours.points)} stations x {hours.days} days, six items: file to statistics {whole:.3f} s")
    print(f"  first pass of the process (imports, kernels from the cache) {first:.3f} s")
    for name, seconds in parts.items():
        print(f"  {name:24s} {seconds:.3f} s")

    table = pq.read_table(path).to_pandas().rename(columns={"time": "date"})
    frames = [table[table["station"] == point].drop(columns=["station", "wd"]) for point in hours.points]
    own, _ = best(lambda: day_panel(hours), 5)
    theirs, days = best(lambda: by_airqoair(frames), 3)
    for row, frame in enumerate(days):
        for kind in (Kind.SO2, Kind.NO2, Kind.PM10, Kind.PM25):
            mine, other = stations.of(kind)[row], frame[kind.value].to_numpy(float)
            assert np.allclose(mine, other, rtol=1e-6, equal_nan=True), (hours.points[row], kind)
    print(
        f"daily means: {own * 1e3:.1f} ms (with MDA8), airqoair {theirs * 1e3:.1f} ms: {theirs / own:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
