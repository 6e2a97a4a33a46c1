"""A trend is told from noise or not told: the line, its interval, and when months are too few."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.assess.indicator import Caveat
from lantian.assess.trend import Direction, TrendReason, monthly_means, sen_line, trend, unseasoned
from lantian.errors import DataError
from lantian.observe.panel import DayPanel
from lantian.periods import Period
from lantian.records import ObservationKind

PM25, SO2 = ObservationKind.PM25, ObservationKind.SO2


def panel(values: np.ndarray, first: date = date(2013, 3, 1), kind: ObservationKind = PM25) -> DayPanel:
    return DayPanel(("a",), first, {kind: values[None, :]})


def days(years: int, slope: float, noise: float = 0.12, seed: int = 1) -> np.ndarray:
    """A season that swings with the level, a slope per year, and noise of months."""
    n = np.arange(round(years * 365.25))
    months = np.random.default_rng(seed).normal(0, noise, years * 12 + 1)[(n / 30.4375).astype(int)]
    return (90 + slope * n / 365.25) * np.exp(0.5 * np.cos(2 * np.pi * n / 365.25) + months)


def test_a_fall_is_found_and_its_interval_holds_it() -> None:
    found = trend(panel(days(6, -6.0)), "a", PM25)
    assert found.direction is Direction.FALLING
    assert found.low is not None
    assert found.high is not None
    assert found.low < -6.0 * 1.07 < found.high < 0
    assert found.line is not None
    assert found.line[0] > found.line[1]
    assert found.p is not None
    assert found.p < 0.01


def test_noise_alone_is_no_trend() -> None:
    said = [trend(panel(days(5, 0.0, seed=seed)), "a", PM25).direction for seed in range(20)]
    assert said.count(Direction.NO_TREND) >= 17


def test_the_season_is_not_taken_for_a_trend() -> None:
    """Three winters and two summers between: the plain line rises, the line without the season does not."""
    n = np.arange(36 + 5, dtype=float)
    y = 60 * np.exp(0.6 * np.cos(2 * np.pi * (n - 40) / 12))
    assert abs(sen_line(n, unseasoned(n, y)).slope) < 0.01


def test_the_trend_is_not_taken_for_season() -> None:
    n = np.arange(48.0)
    y = (100 - n) * np.exp(0.5 * np.cos(2 * np.pi * n / 12))
    assert sen_line(n, unseasoned(n, y)).slope == pytest.approx(-1.07, abs=0.08)


@pytest.mark.parametrize("months", [12, 30, 35])
def test_too_few_months_are_not_told(months: int) -> None:
    found = trend(panel(days(3, -20.0)[: round(months * 30.4375)]), "a", PM25)
    assert (found.direction, found.reason) == (Direction.CANNOT_TELL, TrendReason.TOO_FEW_MONTHS)
    assert found.slope is found.low is found.line is None
    assert np.isnan(found.adjusted).all()


def test_a_calendar_month_that_was_never_seen_twice_is_not_told() -> None:
    values = days(5, -6.0)
    first = date(2013, 3, 1)
    julys = [n for n in range(len(values)) if date.fromordinal(first.toordinal() + n).month == 7]
    values[julys] = np.nan
    assert trend(panel(values), "a", PM25).reason is TrendReason.MONTH_NEVER_SEEN


def test_a_month_needs_27_days_and_february_25() -> None:
    """GB 3095 Table 4."""
    values = np.full(59, 10.0)  # January and February 2017
    values[:4] = np.nan
    values[31:34] = np.nan
    starts, means, notes = monthly_means(values, date(2017, 1, 1), PM25)
    assert starts == (date(2017, 1, 1), date(2017, 2, 1))
    assert means.tolist() == [10.0, 10.0]
    values[4] = values[34] = np.nan
    assert np.isnan(monthly_means(values, date(2017, 1, 1), PM25)[1]).all()
    assert {note.table for note in notes} == {"data_validity"}


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=14))
def test_the_slope_is_the_median_of_all_pairs(values: list[float]) -> None:
    y = np.array(values)
    slopes = [(y[b] - y[a]) / (b - a) for a, b in combinations(range(len(y)), 2)]
    line = sen_line(np.arange(len(y), dtype=float), y)
    assert line.slope == pytest.approx(np.median(slopes), abs=1e-9)
    assert line.low <= line.slope <= line.high
    assert 0 <= line.p <= 1


def test_neighbouring_months_alike_widen_the_interval() -> None:
    n = np.arange(60.0)
    noise = np.random.default_rng(3).normal(0, 1, 60)
    alike = np.array([noise[max(k - 4, 0) : k + 1].sum() for k in range(60)])
    assert sen_line(n, noise).widened < 1.6
    assert sen_line(n, alike).widened > 2.5


def test_ten_points_by_hand() -> None:
    """S = 45 of 45 pairs: z = 44 / sqrt(125) = 3.935, p = 0.0000831 (normal tables)."""
    line = sen_line(np.arange(10.0), np.arange(10.0) * 2 + 1)
    assert (line.slope, line.intercept) == (2.0, 1.0)
    assert line.p == pytest.approx(8.31e-5, rel=0.01)


def test_gases_are_brought_into_one_state_and_it_is_said() -> None:
    n = np.arange(5 * 365)
    values = np.full(len(n), 40.0)
    change = (date(2018, 9, 1) - date(2016, 1, 1)).days
    values[change:] *= 273.15 / 298.15  # the same air, stated anew
    found = trend(panel(values, date(2016, 1, 1), SO2), "a", SO2)
    assert Caveat.GAS_CONVERTED in found.caveats
    assert found.slope == pytest.approx(0, abs=1e-6)


def test_there_is_nothing_to_say_of_no_days() -> None:
    with pytest.raises(DataError):
        trend(DayPanel(("a",), date(2016, 1, 1), {PM25: np.zeros((1, 0))}), "a", PM25)
    with pytest.raises(DataError):
        sen_line(np.arange(2.0), np.arange(2.0))


@pytest.mark.real_data
@pytest.mark.slow
def test_sulphur_fell_in_beijing(shared_data) -> None:
    from lantian.assess.days import day_panel
    from lantian.observe.air import read_air

    path = shared_data("beijing_hourly") / "beijing_10_stations_2013-03_2017-02.parquet"
    stations = day_panel(read_air([(path.name, path.read_bytes())]).hours())
    said = [trend(stations, point, SO2) for point in stations.points]
    assert sum(one.direction is Direction.FALLING for one in said) >= 9
    assert all(one.slope is not None and -8 < one.slope < -2 for one in said)
    assert {trend(stations, p, PM25).direction for p in stations.points} == {
        Direction.NO_TREND,
        Direction.FALLING,
    }
    half = Period(date(2013, 3, 1), date(2015, 2, 28))
    assert trend(stations, stations.points[0], SO2, half).direction is Direction.CANNOT_TELL
