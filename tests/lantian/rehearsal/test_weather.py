"""Weather: calm while it is bad, brisk when it clears, and independent of how steps are cut."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from lantian.periods import day_start_ms
from lantian.records import ObservationKind
from lantian.rehearsal import City
from lantian.rehearsal.batches import BATCH_SCHEMA
from lantian.rehearsal.weather import ITEMS, hours, point, step

from .season import DAYS, FIRST_DAY, HOUR_MS

PM25 = ObservationKind.PM25


def test_wind_is_calm_in_the_episode(city: City) -> None:
    days = [FIRST_DAY + timedelta(days=i) for i in range(DAYS + 3)]
    worst = max(days, key=lambda day: city.air[day][PM25] or 0)
    best = min(days, key=lambda day: city.air[day][PM25] or 0)
    assert hours(city, worst)[:, 1].mean() < 0.9
    assert hours(city, best)[:, 1].mean() > 2
    assert hours(city, best)[:, 2].mean() < hours(city, worst)[:, 2].mean()


def test_values_can_be(city: City) -> None:
    past = sorted(city.air)
    values = np.concatenate([hours(city, day) for day in past[::5]])
    assert not np.isnan(values).any()
    assert ((values[:, 0] >= 0) & (values[:, 0] < 360)).all()
    assert (values[:, 1] > 0).all()
    assert values[:, 1].max() < 20
    assert -25 < values[:, 2].min() < 0 < 30 < values[:, 2].max() < 45


def test_rows_do_not_depend_on_the_cut(city: City) -> None:
    start = day_start_ms(FIRST_DAY) - 5 * HOUR_MS
    whole = step(city, start, start + 12 * HOUR_MS)
    cuts = [step(city, start + a * HOUR_MS, start + b * HOUR_MS) for a, b in ((0, 6), (6, 7), (7, 12))]
    assert pa.concat_tables(cuts).to_pylist() == whole.to_pylist()
    assert whole.schema == BATCH_SCHEMA
    assert whole.num_rows == 12 * len(ITEMS)
    assert whole["point"].unique().to_pylist() == [point(city)]
