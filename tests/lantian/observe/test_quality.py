"""Marks on values of air."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.observe.quality import (
    FLAG_CODES,
    Limits,
    Rules,
    flag_values,
    frozen_points,
    mark_both,
    missing_runs,
    rules_on,
)
from lantian.records import Flag, ObservationKind

LIMITS = Limits(sentinels=(-99.0, 9999.0), caps=(999.0,), maximum=1200.0, stuck=3, stuck_above=5.0)
NAN = float("nan")
OK, STUCK, RANGE = Flag.OK, Flag.STUCK, Flag.RANGE
PM25, PM10 = ObservationKind.PM25, ObservationKind.PM10
ON = date(2016, 1, 1)


def flags(values: list[float], limits: Limits = LIMITS) -> list[Flag]:
    return [FLAG_CODES[code] for code in flag_values(np.array([values]), limits)[0]]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], []),
        ([35.0, NAN, 0.0], [OK] * 3),
        (
            [-99.0, -1.0, 9999.0, 1200.0, 1199.9, 999.0, 1000.0],
            [Flag.SENTINEL, Flag.NEGATIVE, Flag.SENTINEL, RANGE, OK, RANGE, OK],
        ),
        ([7.0, 7.0, 7.0, 8.0], [STUCK, STUCK, STUCK, OK]),
        ([8.0, 7.0, 7.0, 7.0], [OK, STUCK, STUCK, STUCK]),
        ([7.0, 7.0, NAN, 7.0, 7.0], [OK] * 5),  # a gap ends the run
        ([5.0, 5.0, 5.0], [OK] * 3),  # clean air is not a stuck instrument
        ([999.0, 999.0, 999.0], [RANGE] * 3),  # the more telling reason
    ],
)
def test_flag_values(values: list[float], found: list[Flag]) -> None:
    assert flags(values) == found


def test_a_run_ends_with_its_point() -> None:
    codes = flag_values(np.array([[9.0, 7.0, 7.0], [7.0, 7.0, 9.0]]), LIMITS)
    assert not codes.any()


def test_nought_is_missing_where_the_rule_says_so() -> None:
    assert flags([0.0], Limits(zero_is_missing=True)) == [Flag.SENTINEL]
    assert flags([-8.0], Limits(negative_is_missing=False)) == [OK]


def test_what_is_beyond_any_instrument_is_no_value_and_what_is_too_small_is_doubted() -> None:
    limits = Limits(maximum=50.0, minimum=0.005, impossible=500.0)
    found = [Flag.OK, RANGE, OK, RANGE, RANGE, Flag.SENTINEL, Flag.SENTINEL]
    assert flags([NAN, 0.004, 0.005, 50.0, 500.0, 500.1, 1e308], limits) == found
    assert flags([-600.0, -3.0], Limits(negative_is_missing=False, impossible=500.0)) == [Flag.SENTINEL, OK]


@given(st.lists(st.one_of(st.just(NAN), st.integers(6, 8).map(float)), max_size=30), st.integers(2, 6))
def test_stuck_is_what_a_plain_count_finds(values: list[float], least: int) -> None:
    wanted = []
    for at, value in enumerate(values):
        first = last = at
        while first > 0 and values[first - 1] == value:
            first -= 1
        while last + 1 < len(values) and values[last + 1] == value:
            last += 1
        wanted.append(STUCK if last - first + 1 >= least and value == value else OK)
    assert flags(values, Limits(stuck=least)) == wanted


def test_fine_particles_above_coarse_ones_are_marked_in_both() -> None:
    rules = Rules({}, 24, 24, 3, inconsistent=1.1, inconsistent_by=10.0, footnotes=())
    fine, coarse = np.array([[131.0, 121.0, 12.0, 131.0, NAN]]), np.array([[110.0, 110.0, 6.0, 110.0, 5.0]])
    codes = {PM25: np.zeros((1, 5), np.uint8), PM10: np.zeros((1, 5), np.uint8)}
    codes[PM10][0, 3] = FLAG_CODES.index(RANGE)  # marked already: one reason is enough
    mark_both(fine, coarse, codes, rules)
    at = FLAG_CODES.index(Flag.INCONSISTENT)
    assert codes[PM25].tolist() == [[at, 0, 0, 0, 0]]
    assert codes[PM10][0, :3].tolist() == [at, 0, 0]


def test_a_frozen_point_never_moves_in_any_item() -> None:
    still, moving, short = np.full(24, 7.0), np.arange(24.0), np.r_[np.full(5, 7.0), np.full(19, NAN)]
    rows = {
        PM25: [still, still, short],
        PM10: [still, moving, short],
        ObservationKind.SO2: [still, still, short],
    }
    values = {kind: np.array(array) for kind, array in rows.items()}
    assert frozen_points(values, 24, 3).tolist() == [True, False, False]
    assert frozen_points(values, 24, 4).tolist() == [False] * 3
    values[PM10][0] = NAN  # an item that it does not have
    assert frozen_points(values, 24, 2).tolist() == [True, False, False]


def test_missing_runs_lie_between_values_and_pass_over_what_nobody_has() -> None:
    values = np.array([[NAN, NAN, NAN, 1, NAN, NAN, NAN, 2, NAN, 3, NAN, NAN, NAN]])
    everywhere = np.ones(13, np.bool_)
    assert missing_runs(values, everywhere, 3) == [(0, 4, 6)]
    assert missing_runs(values, everywhere, 1) == [(0, 4, 6), (0, 8, 8)]
    covered = everywhere.copy()
    covered[5] = False
    assert missing_runs(values, covered, 3) == []
    assert missing_runs(values, covered, 2) == [(0, 4, 6)]


def test_the_rules_of_the_table() -> None:
    hour, day = rules_on(ON, "hour"), rules_on(ON, "day")
    assert hour.limits[PM25].zero_is_missing
    assert not hour.limits[ObservationKind.SO2].zero_is_missing  # nought SO2 is a value
    assert hour.limits[PM25].stuck is not None
    assert day.limits[PM25].stuck is None  # equal daily means happen
    assert {-99.0, -999.0, 9999.0} <= set(hour.limits[ObservationKind.O3].sentinels)
    assert not hour.limits[ObservationKind.DEW_POINT].negative_is_missing
    assert (hour.outage, day.outage) == (24, 3)
    assert hour.footnotes
    for kind in (PM25, PM10, ObservationKind.CO, ObservationKind.O3, ObservationKind.AQI_SHOWN):
        limits = hour.limits[kind]
        assert limits.maximum is not None
        assert limits.impossible is not None
        assert limits.impossible > 3 * limits.maximum
