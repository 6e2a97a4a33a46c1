"""Trend and roses of real stations: the slope against scipy, how often the interval holds the truth, and how long it takes.

python benchmarks/compare_trend.py [folder of beijing_hourly]       (needs the extra `bench`)
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy import stats

from lantian.assess import AQI_ITEMS
from lantian.assess.days import day_panel
from lantian.assess.patterns import week_profile
from lantian.assess.roses import pollution_rose, wind_rose
from lantian.assess.trend import LEVEL, sen_line, trend, unseasoned
from lantian.observe.air import read_air
from lantian.periods import Period
from lantian.records import ObservationKind

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "beijing_hourly"
DRAWS = 1000


def coverage(years: int, alike: float, seed: int) -> tuple[float, float]:
    """Share of intervals that hold the true slope, and of false alarms without one; season by factor, AR(1) months."""
    rng = np.random.default_rng(seed)
    x = np.arange(12.0 * years)
    held = alarms = 0
    for _ in range(DRAWS):
        noise = rng.normal(size=len(x))
        for n in range(1, len(x)):
            noise[n] = alike * noise[n - 1] + np.sqrt(1 - alike**2) * noise[n]
        season = np.exp(0.5 * np.cos(2 * np.pi * x / 12) + 0.25 * noise)
        mean = np.i0(0.5) * np.exp(0.25**2 / 2)
        line = sen_line(x, unseasoned(x, (80 - 0.5 * x) * season), fitted=12)
        held += line.low <= -0.5 * mean <= line.high
        alarms += sen_line(x, unseasoned(x, 80 * season), fitted=12).p < 1 - LEVEL
    return held / DRAWS, alarms / DRAWS


def timed(name: str, call: object, times: int = 20) -> None:
    assert callable(call)
    call()
    begin = perf_counter()
    for _ in range(times):
        call()
    print(f"{name:32s} {(perf_counter() - begin) / times * 1000:8.2f} ms")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    hours = read_air([(path.name, path.read_bytes()) for path in sorted(folder.glob("*.parquet"))]).hours()
    days = day_panel(hours)
    worst = widest = 0.0
    compared = plainly = 0
    for point in days.points:
        for kind in AQI_ITEMS:
            found = trend(days, point, kind)
            known = ~np.isnan(found.adjusted)
            if found.slope is None:
                continue
            x = np.flatnonzero(known).astype(float)
            theirs = stats.theilslopes(found.adjusted[known], x, 1 - LEVEL)
            worst = max(worst, abs(theirs.slope * 12 - found.slope))
            plain = sen_line(x, found.adjusted[known])
            if plain.widened == 1:
                plainly += 1
                widest = max(widest, abs(plain.low - theirs.low_slope), abs(plain.high - theirs.high_slope))
            compared += 1
    print(f"slopes compared with scipy.stats.theilslopes: {compared}, greatest difference {worst:.1e}")
    print(f"intervals that nothing widens: {plainly}, greatest difference {widest:.1e} a month")
    for years in (3, 4, 6):
        for alike in (0.0, 0.3):
            held, alarms = coverage(years, alike, seed=years)
            print(
                f"{years} years, months alike {alike}: interval holds {held:.3f}, false alarms {alarms:.3f}"
            )
    year, point = Period(date(2016, 1, 1), date(2016, 12, 31)), hours.points[0]
    pm25 = ObservationKind.PM25
    timed("trend, 1 station 4 years", lambda: trend(days, point, pm25))
    timed("wind rose, station-year", lambda: wind_rose(hours, point, year))
    timed("pollution rose, station-year", lambda: pollution_rose(hours, point, pm25, year))
    timed("week profile, 1 station 4 years", lambda: week_profile(hours, point, pm25))


if __name__ == "__main__":
    main()
