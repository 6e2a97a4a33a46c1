"""Sectors, forces, calm: every hour is counted once, and calm is never a direction."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.assess.roses import LEAST_HOURS, SECTORS, pollution_rose, wind_forces, wind_rose
from lantian.errors import DataError
from lantian.observe.panel import HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind as Kind

FIRST = date(2026, 12, 1)


def panel(direction: list[float], speed: list[float], pm25: list[float] | None = None) -> HourPanel:
    def laid(values: list[float]) -> np.ndarray:
        row = np.full(-(-len(values) // 24) * 24, np.nan)
        row[: len(values)] = values
        return row[None, :]

    values = {Kind.WIND_FROM: laid(direction), Kind.WIND_SPEED: laid(speed)}
    if pm25 is not None:
        values[Kind.PM25] = laid(pm25)
    return HourPanel(("a",), FIRST, values)


@pytest.mark.parametrize(
    ("degrees", "sector"),
    [(0, 0), (11.24, 0), (11.25, 1), (22.5, 1), (45, 2), (348.74, 15), (348.75, 0), (360, 0), (180, 8)],
)
def test_sectors_are_centred_on_their_direction(degrees: float, sector: int) -> None:
    rose = wind_rose(panel([degrees], [2.0]), "a")
    assert np.argwhere(rose.hours).tolist() == [[sector, 1]]


def test_calm_has_no_direction() -> None:
    rose = wind_rose(panel([90.0, np.nan, 90.0], [0.2, 0.0, 0.3]), "a")
    assert (rose.calm, int(rose.hours.sum()), rose.hours[4, 0]) == (2, 1, 1)
    assert rose.calm_share == pytest.approx(200 / 3)


def test_wind_without_direction_and_no_speed_are_missing() -> None:
    rose = wind_rose(panel([np.nan, 90.0, 90.0], [3.0, np.nan, 3.0]), "a")
    assert (rose.total, rose.missing) == (1, 23)


def test_forces_meet_their_edges() -> None:
    """GB/T 28591 Table 1: force 3 begins at 3.4 m/s, read from a float32 too."""
    forces, notes = wind_forces()
    assert [f.force for f in forces] == list(range(len(forces)))
    rose = wind_rose(panel([0.0] * 3, [3.3, float(np.float32(3.4)), 30.0]), "a")
    assert rose.hours[0].tolist() == [0, 1, 1, 0, 0, 1]
    assert notes[0].table == "wind_forces"


@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(np.nan), st.floats(0, 360)), st.one_of(st.just(np.nan), st.floats(0, 20))
        ),
        min_size=1,
        max_size=60,
    )
)
def test_every_hour_is_counted_once(hours: list[tuple[float, float]]) -> None:
    rose = wind_rose(panel([a for a, _ in hours], [b for _, b in hours]), "a")
    assert rose.total + rose.missing == rose.period.days * 24
    if rose.total:
        assert rose.calm_share is not None
        assert rose.share.sum() + rose.calm_share == pytest.approx(100)


def test_a_period_outside_the_panel_is_missing() -> None:
    rose = wind_rose(panel([0.0] * 24, [1.0] * 24), "a", Period(date(2026, 11, 30), date(2026, 12, 2)))
    assert (rose.total, rose.missing) == (24, 48)


def test_the_mean_by_wind_and_the_load() -> None:
    east, west = [90.0] * 12, [270.0] * 12
    found = pollution_rose(
        panel(east + west + [0.0] * 24, [2.0] * 24 + [0.1] * 24, [100.0] * 12 + [20.0] * 12 + [60.0] * 24),
        "a",
        Kind.PM25,
    )
    assert (found.mean[4, 1], found.mean[12, 1]) == (100, 20)
    assert (found.calm_mean, found.calm) == (60, 24)
    assert found.overall == pytest.approx(60)
    assert found.load.sum() + (found.calm_load or 0) == pytest.approx(100)
    assert found.load[4] == pytest.approx(1200 / 2880 * 100)


def test_few_hours_give_no_mean_but_are_counted() -> None:
    n = LEAST_HOURS - 1
    found = pollution_rose(panel([0.0] * n, [2.0] * n, [500.0] * n), "a", Kind.PM25)
    assert np.isnan(found.mean).all()
    assert found.hours[0, 1] == n
    assert found.calm_mean is None


def test_the_wind_of_another_point() -> None:
    values = {
        Kind.WIND_FROM: np.array([[90.0] * 24, [np.nan] * 24]),
        Kind.WIND_SPEED: np.array([[2.0] * 24, [np.nan] * 24]),
        Kind.PM25: np.array([[1.0] * 24, [50.0] * 24]),
    }
    both = HourPanel(("mast", "a"), FIRST, values)
    assert pollution_rose(both, "a", Kind.PM25).total == 0
    assert pollution_rose(both, "a", Kind.PM25, wind="mast").sector_mean[4] == 50


def test_no_hours_and_no_point() -> None:
    with pytest.raises(DataError):
        wind_rose(HourPanel(("a",), FIRST, {}), "a")
    with pytest.raises(DataError):
        wind_rose(panel([0.0], [1.0]), "b")


@pytest.mark.real_data
def test_clean_air_comes_with_north_west_wind_in_beijing(shared_data) -> None:
    from lantian.observe.air import read_air

    path = shared_data("beijing_hourly") / "beijing_10_stations_2013-03_2017-02.parquet"
    hours = read_air([(path.name, path.read_bytes())]).hours()
    year = Period(date(2016, 1, 1), date(2016, 12, 31))
    rose = wind_rose(hours, "Dongsi", year)
    assert rose.total + rose.missing == 366 * 24
    assert rose.hours.shape == (SECTORS, 6)
    found = pollution_rose(hours, "Dongsi", Kind.PM25, year)
    assert np.nanargmin(found.sector_mean) in (13, 14, 15)
    assert found.sector_mean[14] * 2 < found.sector_mean[6]
