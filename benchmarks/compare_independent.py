"""Numbers of `lantian.assess` beside those of packages that were written by others, on real data.

Run: `NUMBA_CACHE_DIR=var/numba python benchmarks/compare_independent.py`. Each line is one kind of number: how many
were compared, the greatest difference, and where rules differ on purpose. Any other difference ends it with an error.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from airqoair.temporal import time_average
from scipy import stats

from lantian.assess.days import area_days, day_panel
from lantian.assess.statistics import percentiles, statistic
from lantian.observe.air import read_air
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind as Kind

SHARED = Path(__file__).parents[2] / "shared/data"
HOURS = SHARED / "beijing_hourly/beijing_10_stations_2013-03_2017-02.parquet"
DAYS = SHARED / "cn_city_daily/city_daily_shanxi_shaanxi_henan_2013-12_2017-01.csv.gz"
MEANS = (Kind.SO2, Kind.NO2, Kind.PM10, Kind.PM25, Kind.CO)
LEAST, WINDOW, WINDOWS, LIMIT = 20, 6, 14, 160.0


def line(what: str, mine: Floats, other: Floats, by: str, tolerance: float = 1e-9) -> None:
    """Compare two arrays that have to be missing in the same places."""
    gaps = np.isnan(mine) != np.isnan(other)
    both = ~np.isnan(mine) & ~np.isnan(other)
    apart = float(np.max(np.abs(mine[both] - other[both]), initial=0.0))
    print(
        f"{what:34s} {by:22s} {both.sum():8d} values, greatest difference {apart:.1e}, gaps unlike {gaps.sum()}"
    )
    assert apart <= tolerance, what
    assert not gaps.any(), what


def frame_of(panel: HourPanel, kind: Kind) -> pd.DataFrame:
    """Hours as a pandas frame, one column per point."""
    index = pd.date_range(panel.first, periods=24 * panel.days, freq="h")
    return pd.DataFrame(panel.of(kind).T, index=index, columns=list(panel.points))


def hourly() -> None:
    """Day means, MDA8 and city means of the ten stations."""
    hours = read_air([(HOURS.name, HOURS.read_bytes())]).hours()
    found = day_panel(hours)
    for kind in MEANS:
        days = frame_of(hours, kind).resample("D")
        line(
            f"day mean {kind}",
            found.of(kind),
            days.mean().where(days.count() >= LEAST).to_numpy().T,
            "pandas",
        )
    one = frame_of(hours, Kind.PM25)[[hours.points[0]]].rename_axis("date").reset_index()
    told = time_average(one, avg="D", data_capture_threshold=LEAST / 24)[hours.points[0]].to_numpy(float)
    line("day mean pm25, one station", found.of(Kind.PM25)[0], told, "airqoair")

    ozone = frame_of(hours, Kind.O3)
    rolling = ozone.rolling(8, min_periods=WINDOW).mean()
    rolling.index = rolling.index + timedelta(hours=1)  # stamped with the window's end
    ends = rolling[(rolling.index.hour >= 8) | (rolling.index.hour == 0)]
    of_day = (ends.index - timedelta(hours=1)).normalize()
    greatest, count = ends.groupby(of_day).max(), ends.groupby(of_day).count()
    other = greatest.where((count >= WINDOWS) | (greatest > LIMIT)).to_numpy().T
    line("greatest 8 h mean o3", found.of(Kind.O3), other, "pandas rolling")

    for kind in MEANS:
        rows = pd.DataFrame(found.of(kind))
        city = rows.mean().where(rows.notna().mean() >= 0.75).to_numpy()
        line(f"city mean {kind}", area_days(found, {"x": found.points}).of(kind)[0], city, "pandas")
    for p in (90, 95, 98):
        values = found.of(Kind.PM25)
        line(
            f"percentile {p} of pm25",
            percentiles(values, p),
            np.nanpercentile(values, p, axis=1),
            "numpy linear",
        )
        known = [row[~np.isnan(row)] for row in values]
        scored = np.array([stats.scoreatpercentile(row, p) for row in known])
        line(f"percentile {p} of pm25", percentiles(values, p), scored, "scipy.stats")


def daily() -> None:
    """Winter means of every city of the daily set."""
    panel: DayPanel = read_air([(DAYS.name, DAYS.read_bytes())]).days()
    table = pd.read_csv(DAYS, parse_dates=["date"])
    for first in (2014, 2015, 2016):
        winter = Period(date(first, 10, 1), date(first + 1, 1, 31))
        part = table[(table["date"] >= str(winter.start_on)) & (table["date"] <= str(winter.end_on))]
        means = part[part["pm25"] > 0].groupby("city")["pm25"].mean()
        exact = [statistic(panel, city, "pm25_mean", winter).exact for city in panel.points]
        mine = np.array([np.nan if value is None else float(value) for value in exact])
        line(f"PM2.5 {winter.start_on}..", mine, means.reindex(panel.points).to_numpy(), "pandas")


def main() -> None:
    """Compare and print."""
    hourly()
    daily()
    print("where the rules differ on purpose: airqoair's ozone is a plain day mean (it knows no 8 h windows)")


if __name__ == "__main__":
    main()
