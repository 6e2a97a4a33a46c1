"""Air: the episode's levels, hourly stations against daily values, real air, forecasts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.assess.averages import city_day
from lantian.periods import day_start_ms
from lantian.records import Level, ObservationKind
from lantian.rehearsal import City, ForecastKind, build_city, dust_days
from lantian.rehearsal.air import ITEMS, batches, forecast, hours
from lantian.rehearsal.batches import BATCH_SCHEMA

from .season import DAYS, FIRST_DAY, HOUR_MS, aqi_on, levels

REAL_FIRST = date(2016, 12, 26)


@pytest.mark.parametrize("seed", [7, 8, 9, 10, 11, 12])
def test_the_episode_rises_step_by_step_and_is_lifted(seed: int) -> None:
    course = levels(build_city(seed, 10, first_day=FIRST_DAY, days=DAYS))
    names = [level for _, level, _ in course]
    assert names[:2] == [Level.YELLOW, Level.ORANGE]
    assert names[2:] in ([Level.NONE], [Level.RED, Level.NONE])
    assert course[-1][0] < FIRST_DAY + timedelta(days=DAYS - 1)


@pytest.mark.slow
def test_both_courses_are_played() -> None:
    top = {
        max(
            list(Level).index(level)
            for _, level, _ in levels(build_city(seed, 5, first_day=FIRST_DAY, days=DAYS))
        )
        for seed in range(7, 13)
    }
    assert top == {list(Level).index(Level.ORANGE), list(Level).index(Level.RED)}


def test_history_runs_from_last_new_year_without_a_gap(city: City) -> None:
    days = sorted(city.history)
    assert days[0] == date(2025, 1, 1)
    assert days[-1] == FIRST_DAY - timedelta(days=1)
    assert len(days) == (days[-1] - days[0]).days + 1
    assert all(set(city.air[day]) == set(ITEMS) for day in days)


def test_history_reaches_back_to_last_season_in_the_new_year() -> None:
    city = build_city(7, 5, first_day=date(2026, 2, 1), days=2)
    assert min(city.air) == date(2024, 10, 1)
    assert len(city.air) == (max(city.air) - min(city.air)).days + 1


def test_dust_blows_in_spring_only(city: City) -> None:
    blown = [day for day in city.history if city.air[day][ObservationKind.PM10] > 230 and day.month in (4, 5)]
    assert sorted(blown) == list(dust_days(city))
    assert {day.year for day in blown} == {2025, 2026}
    assert {day.month for day in blown} == {4, 5}


def test_hours_mean_to_the_daily_values(city: City) -> None:
    for offset in range(DAYS):
        day = FIRST_DAY + timedelta(days=offset)
        values = hours(city, day)
        means = city_day({kind: values[:, :, i] for i, kind in enumerate(ITEMS)}, day)
        for kind in ITEMS:
            assert float(means[kind].value or 0) == pytest.approx(city.air[day][kind], rel=0.03, abs=1.0)
        assert aqi_on(city, day) is not None


def test_air_batches_are_sorted_by_point_and_start(city: City) -> None:
    start = day_start_ms(FIRST_DAY)
    tables = batches(city, start, start + 6 * HOUR_MS)
    assert set(tables) == {station.area_id for station in city.stations}
    assert sum(table.num_rows for table in tables.values()) == 6 * 6 * 6
    for table in tables.values():
        assert table.schema == BATCH_SCHEMA
        keys = list(zip(table["point"].to_pylist(), table["start"].to_pylist(), strict=True))
        assert keys == sorted(keys)
        assert table.equals(batches(city, start, start + 6 * HOUR_MS)[_area(tables, table)])


def _area(tables: dict[str, object], table: object) -> str:
    return next(area for area, other in tables.items() if other is table)


def test_the_forecast_is_of_the_next_five_days_and_repeatable(city: City) -> None:
    issued = FIRST_DAY + timedelta(days=4)
    assert len(forecast(city, issued)) == 5
    assert forecast(city, issued) == forecast(city, issued)
    tomorrow = aqi_on(city, issued + timedelta(days=1))
    assert forecast(city, issued)[0] == pytest.approx(tomorrow, rel=0.06)


real_values = st.fixed_dictionaries(
    {
        "pm25": st.integers(5, 600).map(float),
        "pm10": st.integers(10, 80000).map(lambda v: v / 100),
        "so2": st.integers(2, 9000).map(lambda v: v / 10),
        "no2": st.none() | st.integers(2, 200).map(float),
        "co": st.integers(200, 9000).map(lambda v: v / 1000),
        "o3_mda8": st.integers(5, 200).map(float),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(real_values, min_size=3, max_size=3))
def test_real_daily_values_are_kept(replay: City, values: list[dict[str, float | None]]) -> None:
    days = [REAL_FIRST + timedelta(days=i) for i in range(3)]
    real = replay.with_air(dict(zip(days, values, strict=True)))
    for day, given_values in zip(days, values, strict=True):
        grid = hours(real, day)
        for i, kind in enumerate(ITEMS):
            wanted = given_values["o3_mda8" if kind is ObservationKind.O3 else kind.value]
            if wanted is None:
                assert np.isnan(grid[:, :, i]).all()
            elif kind is ObservationKind.O3:
                windows = np.lib.stride_tricks.sliding_window_view(grid[:, :, i], 8, axis=1).mean(axis=2)
                assert windows.max(axis=1).mean() == pytest.approx(wanted, abs=0.1)
            else:
                decimals = 3 if kind is ObservationKind.CO else 1
                assert grid[:, :, i].mean() == pytest.approx(wanted, abs=0.5 * 10**-decimals / 144 + 1e-9)


@pytest.fixture(scope="session")
def replay() -> City:
    return build_city(7, 5, first_day=REAL_FIRST, days=2)


def test_real_air_leaves_nothing_invented_and_forecasts_as_asked(replay: City) -> None:
    series = (80.0, 160.0, 260.0, 90.0)
    real = replay.with_air(
        {
            REAL_FIRST + timedelta(days=i): {
                "pm25": v,
                "pm10": v,
                "so2": 20,
                "no2": 40,
                "co": 1,
                "o3_mda8": 30,
            }
            for i, v in enumerate(series)
        }
    )
    assert real.real_air
    assert not real.history
    assert not real.around.points
    assert not dust_days(real)
    assert set(real.air[REAL_FIRST]) == set(ITEMS)
    assert sorted(real.air) == [REAL_FIRST + timedelta(days=i) for i in range(4)]
    actual = tuple(aqi_on(real, REAL_FIRST + timedelta(days=i)) for i in range(4))
    assert forecast(real, REAL_FIRST) == actual[1:]
    lazy = real.with_air(real.air, ForecastKind.PERSISTENCE)
    assert forecast(lazy, REAL_FIRST) == (actual[0],) * 5
