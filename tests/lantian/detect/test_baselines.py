"""What is learnt from daily energy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.lantian.detect.city import DAY, index

from lantian.detect.baselines import Numbers, learn
from lantian.errors import DataError
from lantian.periods import is_workday

DAYS = [DAY - timedelta(days=60 - no) for no in range(60)]
WORK = np.array([is_workday(day) for day in DAYS])


def test_base_is_the_median_of_the_plant_not_of_its_lines() -> None:
    plants = index([2])
    turns = np.arange(60) % 2 == 0  # the two lines run in turns: together always 1000
    energy = np.stack([np.where(turns, 900.0, 100.0), np.where(turns, 100.0, 900.0)])
    found = learn(energy, DAYS, plants)
    assert found.base_kwh_workday.tolist() == [1000.0]
    assert found.base_kwh_restday.tolist() == [1000.0]


def test_day_types_are_apart_and_only_the_last_days_count() -> None:
    energy = np.where(WORK, 1000.0, 300.0)[None, :].copy()
    old = np.flatnonzero(WORK)[:-30]
    energy[0, old] = 5000.0
    found = learn(energy, DAYS, index([1]))
    assert (found.base_kwh_workday[0], found.base_kwh_restday[0]) == (1000.0, 300.0)
    assert found.base_kwh(date(2026, 12, 8))[0] == 1000.0
    assert found.base_kwh(date(2026, 12, 13))[0] == 300.0


def test_restricted_and_missing_days_are_left_out() -> None:
    energy = np.full((1, 60), 1000.0)
    restricted = np.zeros((1, 60), bool)
    restricted[0, -10:] = True
    energy[0, -10:] = 10.0
    energy[0, 5] = np.nan
    found = learn(energy, DAYS, index([1]), restricted=restricted)
    assert found.base_kwh_workday[0] == 1000.0
    assert learn(np.full((1, 60), np.nan), DAYS, index([1])).base_kwh_workday.tolist() != [0.0]


def test_a_plant_without_meters_or_days_has_no_base() -> None:
    found = learn(np.full((1, 60), 1000.0), DAYS, index([0, 1]))
    assert np.isnan(found.base_kwh_workday[0])
    assert found.base_kwh_workday[1] == 1000.0
    assert np.isnan(learn(np.full((1, 3), 1000.0), DAYS[:3], index([1])).base_kwh_workday[0])


@pytest.mark.parametrize(
    ("mean_kw", "idle"),
    [
        (lambda day: 22.0 if day % 7 == 0 else 85.0, 22.0),  # idle on one day of the week
        (lambda day: 21.0, 21.0),  # never ran
        (lambda day: 33.0, 0.0),  # one shift a day: no idle day among them
        (lambda day: 85.0, 0.0),  # always runs
        (lambda day: 5.0 if day == 3 else 85.0, 0.0),  # one odd day is no cluster
    ],
)
def test_idle_load(mean_kw: object, idle: float) -> None:
    energy = np.array([[24.0 * mean_kw(day) for day in range(60)]])  # type: ignore[operator]
    assert learn(energy, DAYS, index([1])).idle_kw[0] == pytest.approx(idle)


def test_the_numbers_come_from_the_table() -> None:
    numbers = Numbers.on(DAY)
    assert numbers == Numbers(5, 0.35, 0.5, 0.25, 1.3, 30)
    few = np.full((1, 4), 1000.0)
    assert np.isnan(learn(few, DAYS[:4], index([1])).base_kwh_workday[0])
    assert (
        learn(few, DAYS[:4], index([1]), numbers=replace(numbers, min_days=1)).base_kwh_workday[0] == 1000.0
    )


def test_without_a_day_there_is_nothing_to_learn() -> None:
    with pytest.raises(DataError, match="no day"):
        learn(np.zeros((1, 0)), [], index([1]))


def test_a_wrong_shape_is_refused() -> None:
    with pytest.raises(DataError, match=r"daily energy is \(1, 59\), wanted \(1, 60\)"):
        learn(np.zeros((1, 59)), DAYS, index([1]))
