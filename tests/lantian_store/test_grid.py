"""Day grids from the lake and from batches are the same."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from tests.lantian_store.rows import HOUR, SLOT, T0, batch, stamped

from lantian_store.grid import SLOTS, Grids
from lantian_store.lake import Lake

DAY = date(2026, 12, 7)
POINTS = ["m2", "m1"]


def test_a_batch_goes_into_the_days_it_touches(tmp_path: Path) -> None:
    grids = Grids(Lake(tmp_path), POINTS)
    touched = grids.apply(batch(["m1", "m3"], start=T0 + 24 * HOUR - 2 * SLOT))
    assert touched == {DAY, DAY + timedelta(days=1)}
    assert grids.get(DAY).values[1, 94:].tolist() == [1.0, 2.0]
    assert np.isnan(grids.get(DAY).values[0]).all()
    assert grids.get(DAY + timedelta(days=1)).values[1, :2].tolist() == [3.0, 4.0]
    assert grids.before(DAY + timedelta(days=1), 2)[1].tolist() == [1.0, 2.0]


def test_flagged_missing_and_foreign_rows_are_not_used(tmp_path: Path) -> None:
    grids = Grids(Lake(tmp_path), POINTS)
    grids.apply(batch(["m1", "m2"]))
    grids.apply(batch(["m1"], slots=1, flag="stuck"))
    grids.apply(batch(["m2"], slots=1, value=None))
    hourly = batch(["m1"], start=T0 + SLOT, slots=1, value=70.0).set_column(
        3, "step_s", pa.array([3600], pa.int32())
    )
    grids.apply(hourly)
    assert np.isnan(grids.get(DAY).values[:, 0]).all()
    assert grids.get(DAY).values[:, 1].tolist() == [2.0, 2.0]
    assert grids.apply(batch([])) == set()


def test_a_grid_read_from_the_lake_is_the_one_that_was_built(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    live = Grids(lake, POINTS, keep=1)
    for version, slot, value in ((1, 0, 5.0), (2, 2, 50.0), (3, 90, None)):
        rows = {"start": T0 + slot * SLOT, "value": value}
        lake.commit(lake.write(stamped(["m1", "m2"], version, **rows), "power", (version, version)))
        live.apply(batch(["m1", "m2"], **rows))  # type: ignore[arg-type]
    again = Grids(Lake(tmp_path), POINTS).get(DAY)
    assert again.values.shape == (2, SLOTS)
    np.testing.assert_array_equal(again.values, live.get(DAY).values)
    assert again.values[0, :6].tolist() == [5.0, 6.0, 50.0, 51.0, 52.0, 53.0]
    assert Grids(lake, POINTS).get(DAY, upto=1).values[0, :4].tolist() == [5.0, 6.0, 7.0, 8.0]


def test_days_that_fall_out_of_the_cache_come_back_from_the_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.commit(lake.write(stamped(["m1"], 1), "power", (1, 1)))
    grids = Grids(lake, POINTS, keep=2)
    first = grids.get(DAY)
    for no in range(1, 4):
        grids.get(DAY + timedelta(days=no))
    assert grids.get(DAY) is not first
    np.testing.assert_array_equal(grids.get(DAY).values, first.values)
