"""Composite index, ranks and movements of 168 places over ten years of days, every month, against pandas.

Run: `python benchmarks/bench_ranking.py`. Prints seconds (median of five rounds) and the ratio to the same work by
pandas (groupby month, mean and quantile, rank, diff) on the same made-up data, and checks that both give the same ranks.
pandas comes with the `bench` extra (`airqoair` needs it).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from lantian.assess.monthly import MonthlyRanks, monthly_ranks
from lantian.assess.ranking import ranking
from lantian.observe.panel import DayPanel
from lantian.periods import month
from lantian.records import ObservationKind as Kind

PLACES, FIRST, LAST, ROUNDS = 168, date(2015, 1, 1), date(2024, 12, 31), 5
MEDIANS = {Kind.SO2: 12, Kind.NO2: 30, Kind.PM10: 80, Kind.PM25: 40, Kind.CO: 0.9, Kind.O3: 95}
LIMITS = {Kind.SO2: 60, Kind.NO2: 40, Kind.PM10: 70, Kind.PM25: 35, Kind.CO: 4, Kind.O3: 160}


def made(seed: int = 3) -> DayPanel:
    """Days of invented places: a level of their own, a season, weather that lasts, two days in a hundred missing."""
    rng = np.random.default_rng(seed)
    days = (LAST - FIRST).days + 1
    season = 0.4 * np.cos(2 * np.pi * np.arange(days) / 365.25)
    values = {}
    for kind, median in MEDIANS.items():
        weather = np.zeros((PLACES, days))
        noise = rng.normal(0, 0.25, (PLACES, days))
        for day in range(1, days):
            weather[:, day] = 0.7 * weather[:, day - 1] + noise[:, day]
        level = rng.normal(0, 0.3, (PLACES, 1))
        sign = -1 if kind is Kind.O3 else 1
        array = np.round(median * np.exp(level + sign * season + weather), 1 if kind is Kind.CO else 0)
        array[rng.random((PLACES, days)) < 0.02] = np.nan
        values[kind] = array
    return DayPanel(tuple(f"p{no:03d}" for no in range(PLACES)), FIRST, values)


def by_pandas(panel: DayPanel) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Index, rank and movement [months, places] the usual way."""
    days = pd.date_range(FIRST, LAST, freq="D")
    total: Any = 0
    for kind, limit in LIMITS.items():
        grouped = pd.DataFrame(panel.values[kind].T, days, list(panel.points)).groupby(days.to_period("M"))
        if kind is Kind.CO:
            monthly = grouped.quantile(0.95)
        elif kind is Kind.O3:
            monthly = grouped.quantile(0.90)
        else:
            monthly = grouped.mean()
        total = total + monthly / limit
    rank = total.round(2).rank(axis=1, method="min")
    return total, rank, -rank.diff()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Median seconds of some rounds after a first one, and the answer."""
    work()
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent), answer


def main() -> None:
    """Measure, compare and print."""
    panel = made()
    ours, found = timed(lambda: monthly_ranks(panel, panel.points))
    theirs, (index, rank, moved) = timed(lambda: by_pandas(panel))
    assert isinstance(found, MonthlyRanks)
    shape = f"{PLACES} places x {panel.days} days, {len(found.months)} months"
    print(shape)
    print(f"  index, ranks, movements   {ours:8.3f} s")
    print(f"  the same by pandas        {theirs:8.3f} s   {theirs / ours:6.1f} x")
    told = found.enough.T & ~np.isnan(index.to_numpy())
    apart = np.abs(found.index.T - index.to_numpy())[told].max()
    full = found.enough.all(axis=0)
    same = (rank.to_numpy() == found.rank.T)[full].mean()
    print(
        f"  greatest difference of an index {apart:.1e}; ranks equal in {same:.2%} of the {full.sum()} full months"
    )
    period, before = month(date(2024, 1, 1)), month(date(2023, 12, 1))
    one, exact = timed(lambda: ranking(panel, panel.points, period, previous=before))
    column = found.months.index(period)
    equal = all(found.rank[panel.row(row.point), column] == (row.rank or 0) for row in exact.rows)
    print(f"  one month exact, with noise bands {one:8.3f} s; same ranks: {equal}")
    bands = {row.band for row in exact.rows if row.rank}
    print(f"  bands in that month: {len(bands)}")


if __name__ == "__main__":
    main()
