"""Days of a season, hours of a week, hours of areas."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.assess.patterns import LEAST_WEEKS, calendar, heat_map, season_line, week_profile
from lantian.errors import DataError
from lantian.observe.panel import DayPanel, HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind as Kind

MONDAY = date(2026, 11, 30)


def hours(values: np.ndarray, first: date = MONDAY, points: tuple[str, ...] = ("a",)) -> HourPanel:
    return HourPanel(points, first, {Kind.PM25: np.atleast_2d(values).astype(float)})


def test_the_profile_knows_monday_from_sunday() -> None:
    values = np.tile(np.repeat(np.arange(7.0), 24), 10)
    found = week_profile(hours(values), "a", Kind.PM25)
    assert found.weekday[0].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert np.ptp(found.hour[0]) == 0
    assert np.allclose(found.week[1], found.week[2])  # every week is the same: no width
    assert (found.weeks, found.missing) == (10, 0)


def test_a_period_that_begins_on_a_thursday() -> None:
    values = np.tile(np.repeat(np.arange(7.0), 24), 3)
    span = Period(date(2026, 12, 3), date(2026, 12, 14))
    found = week_profile(hours(values), "a", Kind.PM25, span)
    assert found.weekday[0].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert found.hours == 12 * 24


def test_few_weeks_have_no_interval() -> None:
    values = np.random.default_rng(1).normal(50, 10, 168 * LEAST_WEEKS)
    assert not np.isnan(week_profile(hours(values), "a", Kind.PM25).hour[1]).any()
    short = week_profile(hours(values[: 168 * (LEAST_WEEKS - 1)]), "a", Kind.PM25)
    assert np.isnan(short.hour[1]).all()
    assert not np.isnan(short.hour[0]).any()


def test_the_interval_covers_and_the_seed_decides() -> None:
    """Noise of whole weeks: an interval over single hours would be far too narrow."""
    held = 0
    for seed in range(16):
        weeks = np.random.default_rng(seed).normal(50, 10, 60)
        found = week_profile(hours(np.repeat(weeks, 168)), "a", Kind.PM25, seed=seed)
        held += found.hour[1][0] <= 50 <= found.hour[2][0]
    assert held >= 13
    again = week_profile(hours(np.repeat(weeks, 168)), "a", Kind.PM25, seed=seed)
    assert np.array_equal(again.hour[1], found.hour[1])


def test_missing_hours_are_left_out_and_counted() -> None:
    values = np.full(168 * 8, 10.0)
    values[5] = np.nan
    values[6] = 150.0
    found = week_profile(hours(values), "a", Kind.PM25)
    assert found.missing == 1
    assert found.week[0][0, 5] == 10
    assert found.week[0][0, 6] == pytest.approx((150 + 7 * 10) / 8)


def test_a_heat_map_of_hours_and_of_the_clock() -> None:
    values = np.arange(48.0)
    values[30] = np.nan
    panel = hours(np.stack([values, values + 100]), points=("a", "b"))
    two = Period(MONDAY, date(2026, 12, 1))
    plain = heat_map(panel, ["b", "a"], Kind.PM25, two)
    assert plain.values.shape == (2, 48)
    assert plain.starts is not None
    assert plain.starts[25].isoformat() == "2026-12-01T01:00:00+08:00"
    assert plain.values[1, 25] == 25
    assert plain.missing.tolist() == [1, 1]
    folded = heat_map(panel, ["a"], Kind.PM25, two, fold=True)
    assert folded.starts is None
    assert folded.values[0, 0] == 12
    assert folded.values[0, 6] == 6
    with pytest.raises(DataError):
        heat_map(panel, [], Kind.PM25, two)


def daily(values: list[float], first: date) -> DayPanel:
    return DayPanel(("a",), first, {Kind.PM25: np.array([values])})


def test_the_season_line_by_hand() -> None:
    season = Period(date(2026, 10, 1), date(2026, 10, 4))
    values = [10.0] * 365 + [40.0, np.nan, 80.0, 999.0]
    line = season_line(daily(values, date(2025, 10, 1)), "a", Kind.PM25, season, date(2026, 10, 3), cap=50)
    assert line.now[:3].tolist() == [40, 40, 60]
    assert np.isnan(line.now[3])
    assert line.before.tolist() == [10, 10, 10, 10]
    assert np.isnan(line.low).all()


@given(st.integers(1, 181), st.floats(20, 200))
def test_the_outlook_ends_where_it_says(done: int, end: float) -> None:
    season = Period(date(2026, 10, 1), date(2027, 3, 31))
    values = list(np.random.default_rng(done).uniform(5, 300, 182))
    on = date.fromordinal(season.start_on.toordinal() + done - 1)
    panel = daily(values, season.start_on)
    line = season_line(panel, "a", Kind.PM25, season, on, outlook=(end - 5, end, end + 5))
    assert line.middle[-1] == pytest.approx(end)
    assert line.middle[done - 1] == pytest.approx(line.now[done - 1])
    assert np.isnan(line.middle[: done - 1]).all()
    assert line.high[-1] - line.low[-1] == pytest.approx(10)


def test_the_leap_day_has_no_day_last_year() -> None:
    season = Period(date(2024, 2, 27), date(2024, 3, 1))
    line = season_line(
        daily([1.0, 2.0, 3.0] + [0.0] * 380, date(2023, 2, 27)), "a", Kind.PM25, season, date(2024, 3, 1)
    )
    assert line.before.tolist() == [1, 1.5, 1.5, 2]


def test_the_calendar_counts_every_day() -> None:
    """IAQI of PM2.5 alone (HJ 633-2012 Table 1): 35 is 50, 75 is 100, 350 is 400."""
    kinds = (Kind.PM25, Kind.PM10, Kind.SO2, Kind.NO2, Kind.CO, Kind.O3)
    values = {kind: np.array([[1.0, 1.0, 1.0, np.nan]]) for kind in kinds}
    values[Kind.PM25] = np.array([[35.0, 76.0, 350.0, np.nan]])
    found = calendar(
        DayPanel(("a",), date(2017, 1, 1), values), "a", Period(date(2017, 1, 1), date(2017, 1, 4))
    )
    assert [day.aqi for day in found.days] == [50, 102, 400, None]
    assert [day.level for day in found.days] == [1, 3, 6, 0]
    assert found.counts == (1, 1, 0, 1, 0, 0, 1)
    assert found.days[2].primary == (Kind.PM25,)
    assert found.edition == "2012"


@pytest.mark.real_data
def test_a_heavy_winter(shared_data) -> None:
    from lantian.observe.air import read_air

    files = sorted(shared_data("cn_city_daily").glob("*.csv.gz"))
    panel = read_air([(path.name, path.read_bytes()) for path in files]).days()
    found = calendar(panel, "临汾", Period(date(2016, 10, 1), date(2017, 1, 31)))
    assert (sum(found.counts), found.counts[0]) == (123, 0)
    assert found.counts[5] + found.counts[6] == 59
    line = season_line(panel, "临汾", Kind.PM25, found.period, date(2017, 1, 31))
    assert line.now[-1] == pytest.approx(153.096, abs=5e-4)
    assert line.before[-1] == pytest.approx(87.216, abs=5e-4)
