"""Means, percentiles and counts of AQI days, with their validity, rounded once."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.dust import DustDays, DustMode
from lantian.assess.exact import round_array
from lantian.assess.statistics import (
    COUNTS,
    annual_items,
    parse_name,
    percentile,
    percentiles,
    statistic,
    statistics,
    three_year_mean,
)
from lantian.errors import DataError, StandardsError
from lantian.observe.panel import DayPanel
from lantian.periods import Period, month, year
from lantian.records import ObservationKind as Kind
from lantian.units import round_half_even

ON = date(2027, 1, 1)


def days(values, first=ON, kind=Kind.PM25, point="x"):
    return DayPanel((point,), first, {kind: np.array([values], np.float64)})


def of_case(case):
    text = case["input"]
    if ".." in text:
        low, high = text.split("..")
        return [Decimal(n) for n in range(int(low), int(high) + 1)]
    return [Decimal(part) for part in text.split()]


@pytest.mark.parametrize("case", cases("statistics", kind="percentile"))
def test_percentiles_of_the_worked_examples(case):
    values, p = of_case(case), int(case["parameter"].removeprefix("P"))
    assert percentile(values, p) == Fraction(case["expected"])
    assert percentiles(np.array([values], np.float64), p)[0] == float(case["expected"])


@pytest.mark.parametrize("case", cases("statistics", kind="round_gbt8170"))
def test_rounding_of_the_worked_examples(case):
    places = int(case["parameter"])
    assert str(round_half_even(case["input"], places)) == case["expected"]
    assert round_array(np.array([float(case["input"])]), places)[0] == float(case["expected"])


def test_a_february_of_25_days_is_enough():
    """STAT-27: 25 daily means of February suffice for the year mean; 24 do not."""
    (case,) = [
        row.values[0]
        for row in cases("statistics", kind="validity")
        if "February" in row.values[0]["parameter"]
    ]
    known = int(case["input"].split()[0])
    for lost, enough in ((28 - known, case["expected"] == "valid"), (29 - known, False)):
        values = np.full(365, 50.0)
        values[31 : 31 + lost] = np.nan
        assert statistic(days(values), "x", "pm25_mean", year(ON)).enough == enough


@pytest.mark.parametrize("case", cases("statistics", kind="validity", parameter="year mean"))
def test_a_year_needs_its_days(case):
    known = int(case["input"].split()[0])
    assert case["expected"] == "invalid"
    for valid, enough in ((known, False), (known + 1, True)):
        values = np.full(365, 50.0)
        values[_spread(365 - valid)] = np.nan
        found = statistic(days(values), "x", "pm25_mean", year(ON))
        assert (found.days_valid, found.days_dropped, found.enough) == (valid, 365 - valid, enough)


def _spread(lost):
    """Days of 2027 to lose so that no month loses more than it may: 4 of a long one, 3 of the others."""
    may = [min(3 if m == 2 else (4 if length == 31 else 3), length) for m, length in enumerate(_MONTHS, 1)]
    starts = np.concatenate(([0], np.cumsum(_MONTHS)[:-1]))
    spare = [int(start) + n for start, count in zip(starts, may, strict=True) for n in range(count)]
    return spare[:lost]


_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def test_a_month_of_too_few_days_spoils_the_year():
    values = np.full(365, 50.0)
    values[:5] = np.nan
    assert not statistic(days(values), "x", "pm25_mean", year(ON)).enough


def test_a_season_wants_every_month_and_its_share_of_a_part_of_one():
    """27 days of October leave it 27 x 27 / 31 = 23.5: 23 valid days, four may be missing."""
    season = Period(date(2026, 10, 5), date(2027, 3, 31))
    values = np.full(season.days, 50.0)
    values[:4] = np.nan
    assert statistic(days(values, season.start_on), "x", "pm25_mean", season).enough
    values[4] = np.nan
    assert not statistic(days(values, season.start_on), "x", "pm25_mean", season).enough
    values[:5], values[60:66] = 50.0, np.nan
    assert not statistic(days(values, season.start_on), "x", "pm25_mean", season).enough
    week = Period(ON, ON + timedelta(days=6))
    assert statistic(days([50.0] * 6), "x", "pm25_mean", week).enough
    assert not statistic(days([50.0] * 5), "x", "pm25_mean", week).enough


def test_rounded_once_by_the_edition_of_the_last_day():
    values = [10.25, 10.25, 10.25]
    new = statistic(days(values), "x", "pm25_mean", Period(ON, ON + timedelta(days=2)))
    assert (str(new.value), new.exact, new.edition) == ("10.2", Fraction(41, 4), "2026")
    old = statistic(
        days([34.5, 34.5], date(2015, 11, 1)), "x", "pm25_mean", Period(date(2015, 11, 1), date(2015, 11, 2))
    )
    assert (str(old.value), old.edition) == ("34", "2012")
    played = statistic(days(values), "x", "pm25_mean", Period(ON, ON + timedelta(days=2)), edition="2012")
    assert (str(played.value), played.edition) == ("10", "2012")
    assert {note.table for note in new.footnotes} == {"rounding_rules", "data_validity"}


def test_days_outside_the_panel_are_dropped_days():
    found = statistic(days([10.0, 20.0]), "x", "pm25_mean", Period(ON, ON + timedelta(days=9)))
    assert (found.days_valid, found.days_dropped) == (2, 8)
    nothing = statistic(days([np.nan]), "x", "pm25_mean", month(ON))
    assert (nothing.value, nothing.exact, nothing.days_valid, nothing.enough) == (None, None, 0, False)


VALUES = st.lists(
    st.one_of(st.just(np.nan), st.integers(0, 300).map(float), st.integers(0, 3000).map(lambda n: n / 8)),
    min_size=1,
    max_size=40,
)


@given(VALUES, st.sampled_from(["pm25_mean", "pm25_p95", "pm25_p90", "pm25_p98"]))
def test_arrays_and_single_places_agree(values, name):
    panel, period = days(values), Period(ON, ON + timedelta(days=len(values) - 1))
    one, many = statistic(panel, "x", name, period), statistics(panel, period, [name])[name][0]
    if one.value is None:
        assert np.isnan(many)
        return
    assert float(many) == pytest.approx(float(one.exact), rel=1e-12)
    assert round_array(np.array([many]), 1)[0] == float(one.value)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.integers(0, 100))
def test_percentiles_rise_and_stay_inside(values, p):
    found = percentile(values, p)
    assert min(values) <= found <= max(values)
    assert found <= percentile(values, min(p + 1, 100))
    assert float(found) == pytest.approx(np.percentile(values, p))


def whole(pm25, **others):
    """A city with all items; PM2.5 decides."""
    base = {item: np.full((1, len(pm25)), 0.5 if item is Kind.CO else 10.0) for item in AQI_ITEMS}
    return base | {Kind.PM25: np.array([pm25], np.float64)} | others


def test_counts_of_aqi_days():
    values = [60.0, 61.0, 150.0, 151.0, np.nan]
    panel = DayPanel(("x",), ON, whole(values))
    period = Period(ON, ON + timedelta(days=4))
    found = {name: statistic(panel, "x", name, period) for name in COUNTS}
    assert {name: float(stat.value) for name, stat in found.items()} == {
        "valid_days": 4,
        "good_days": 1,
        "exceed_days": 3,
        "heavy_days": 1,
        "good_ratio": 25.0,
    }
    assert {(stat.days_valid, stat.days_dropped, stat.edition) for stat in found.values()} == {(4, 1, "2026")}
    many = statistics(panel, period, COUNTS)
    assert {name: array[0] for name, array in many.items()} == {n: float(s.value) for n, s in found.items()}
    older = statistic(panel, "x", "good_days", period, edition="2012")
    assert (older.value, older.days_valid) == (3, 5)  # 2012 publishes the day with an item missing


def test_a_period_across_the_change_of_edition_judges_each_day_by_its_own():
    panel = DayPanel(("x",), date(2026, 2, 28), whole([70.0, 70.0]))
    found = statistic(panel, "x", "good_days", Period(date(2026, 2, 28), date(2026, 3, 1)))
    assert (found.value, found.edition) == (1, "2012+2026")
    one = statistic(panel, "x", "good_days", Period(date(2026, 2, 28), date(2026, 3, 1)), edition="2026")
    assert (one.value, one.edition) == (0, "2026")


def test_dust_days_leave_means_and_index_but_stay_good_or_heavy():
    panel = DayPanel(("x",), ON, whole([40.0, 300.0], **{Kind.PM10: np.array([[50.0, 900.0]])}))
    period = Period(ON, ON + timedelta(days=1))
    dust = DustDays({"x": frozenset({ON + timedelta(days=1)})})
    pm10 = statistic(panel, "x", "pm10_mean", period, dust=dust)
    assert (pm10.value, pm10.days_valid, pm10.days_dropped) == (Decimal("50.0"), 1, 1)
    assert (pm10.dust_mode, pm10.dust_days) == (DustMode.EXCLUDE, 1)
    assert "dust_modes" in {note.table for note in pm10.footnotes}
    assert statistic(panel, "x", "no2_mean", period, dust=dust).days_valid == 2
    heavy = statistic(panel, "x", "heavy_days", period, dust=dust)
    assert (heavy.value, heavy.dust_mode) == (1, DustMode.KEEP)
    assert statistics(panel, period, ["pm25_mean"], dust=dust)["pm25_mean"].tolist() == [40.0]
    blanked = dust.without(panel, "index", ON)
    assert np.isnan(blanked.of(Kind.PM25)[0, 1])
    assert blanked.of(Kind.NO2)[0, 1] == 10


def test_nothing_is_dust_without_a_list_from_outside():
    panel = DayPanel(("x",), ON, whole([40.0], **{Kind.PM10: np.array([[2000.0]])}))
    found = statistic(panel, "x", "pm10_mean", Period(ON, ON))
    assert (found.value, found.dust_days) == (Decimal("2000.0"), 0)
    elsewhere = DustDays({"y": frozenset({ON})})
    assert statistic(panel, "x", "pm10_mean", Period(ON, ON), dust=elsewhere).value == Decimal("2000.0")


def test_a_paper_may_set_another_mode():
    panel = DayPanel(("x",), ON, whole([40.0, 300.0]))
    period = Period(ON, ON + timedelta(days=1))
    day = {"x": frozenset({ON + timedelta(days=1)})}
    kept = DustDays(day, {"pm25": DustMode.KEEP})
    assert statistic(panel, "x", "pm25_mean", period, dust=kept).value == Decimal("170.0")
    without = DustDays(day, {"heavy_days": DustMode.EXCLUDE})
    found = statistic(panel, "x", "heavy_days", period, dust=without)
    assert (found.value, found.days_valid) == (0, 1)


def test_dust_before_the_rule_is_kept():
    panel = days([40.0, 300.0], date(2016, 5, 1))
    dust = DustDays({"x": frozenset({date(2016, 5, 2)})})
    found = statistic(panel, "x", "pm25_mean", Period(date(2016, 5, 1), date(2016, 5, 2)), dust=dust)
    assert (found.days_valid, found.dust_mode) == (2, DustMode.KEEP)


def test_three_years():
    first = date(2027, 1, 1)
    length = (date(2029, 12, 31) - first).days + 1
    values = np.full(length, 30.0)
    values[365 : 365 + 366] = 36.0
    found = three_year_mean(days(values, first), "x", Kind.PM25, date(2029, 12, 31))
    assert (found.value, found.days_valid, found.enough) == (Decimal("32.0"), length, True)
    assert any(
        note.confidence == "unverified" and note.table == "evaluation_items" for note in found.footnotes
    )
    short = three_year_mean(days(values[365:], first.replace(year=2028)), "x", Kind.PM25, date(2029, 12, 31))
    assert (short.value, short.enough) == (None, False)
    with pytest.raises(StandardsError):
        three_year_mean(days([1.0]), "x", Kind.PM25, date(2020, 12, 31))


def test_names():
    assert parse_name("o3_p90") == (Kind.O3, 90)
    assert parse_name("pm25_mean") == (Kind.PM25, None)
    for wrong in ("pm25", "pm25_p101", "radon_mean", "pm25_px"):
        with pytest.raises(StandardsError, match=wrong):
            parse_name(wrong)
    assert set(annual_items(ON)) >= {"so2_mean", "so2_p98", "co_p95", "o3_p90"}
    with pytest.raises(DataError, match="nowhere"):
        statistic(days([1.0]), "nowhere", "pm25_mean", month(ON))


def test_an_item_outside_the_plan_is_not_missed_by_the_counts():
    kinds = [kind for kind in AQI_ITEMS if kind is not Kind.CO]
    first = date(2026, 5, 1)
    panel = DayPanel(("x",), first, {kind: np.full((1, 31), 20.0) for kind in kinds})
    panel.values[Kind.PM25][0, 0] = 200.0
    whole = Period(first, date(2026, 5, 31))
    assert statistic(panel, "x", "good_days", whole).value == 0
    found = statistic(panel, "x", "good_days", whole, monitored=kinds)
    assert (found.value, found.days_valid, found.enough, found.withheld) == (30, 31, True, 0)
    arrays = statistics(panel, whole, ["good_days", "heavy_days", "good_ratio"], monitored=kinds)
    assert [float(arrays[name][0]) for name in ("good_days", "heavy_days")] == [30.0, 1.0]
    assert arrays["good_ratio"][0] == pytest.approx(100 * 30 / 31)
