"""Day values of arrays are those of the readable specification in `averages`, ties and gaps included."""

from datetime import date, timedelta
from fractions import Fraction
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess.averages import city_day, city_hour, station_day
from lantian.assess.days import area_days, area_hours, day_panel
from lantian.assess.exact import exact_value, means, near_a_turn, round_array, shortest, text_value
from lantian.errors import DataError
from lantian.inventory import Spell
from lantian.observe.panel import DayPanel, HourPanel
from lantian.records import ObservationKind as Kind
from lantian.units import round_half_even

ON = date(2026, 12, 7)
HOUR = st.one_of(
    st.just(np.nan),
    st.integers(0, 400).map(float),
    st.integers(0, 4000).map(lambda n: n / 10),
    st.integers(0, 9999).map(lambda n: n / 1000),
)
ODD = st.floats(0, 500, allow_nan=False)  # as many decimals as a double has
DAY = st.lists(HOUR, min_size=24, max_size=24)
ODD_DAY = st.lists(st.one_of(HOUR, HOUR, HOUR, ODD), min_size=24, max_size=24)


def panel(kind, *stations, first=ON):
    rows = np.array(stations, np.float64)
    return HourPanel(tuple(f"s{n}" for n in range(len(rows))), first, {kind: rows})


def agrees(found, wanted):
    """The double is the exact value, or so near to it that no printed decimal can differ."""
    if wanted is None:
        return isnan(found)
    near = abs(found - float(wanted)) < 1e-9 * max(1, found)
    return near and all(
        round_array(np.array([found]), p)[0] == float(round_half_even(wanted, p)) for p in (0, 1, 2)
    )


@settings(max_examples=200)
@given(st.sampled_from([Kind.PM25, Kind.CO, Kind.O3]), st.lists(DAY, min_size=1, max_size=3))
def test_a_day_of_short_decimals_is_that_of_the_specification(kind, stations):
    found = day_panel(panel(kind, *stations)).of(kind)[:, 0]
    wanted = station_day(np.array(stations), kind, ON)
    assert all(agrees(*pair) for pair in zip(found.tolist(), wanted, strict=True))


@settings(max_examples=200)
@given(st.sampled_from([Kind.PM25, Kind.CO, Kind.O3]), st.lists(ODD_DAY, min_size=1, max_size=3))
def test_a_day_of_long_decimals_is_as_near_as_a_double_can_be(kind, stations):
    found = day_panel(panel(kind, *stations)).of(kind)[:, 0]
    wanted = station_day(np.array(stations), kind, ON)
    for value, near, exact in zip(found.tolist(), near_a_turn(found).tolist(), wanted, strict=True):
        if exact is None:
            assert isnan(value)
        else:
            assert value == float(exact) if near else abs(value - float(exact)) < 1e-9


@settings(max_examples=200)
@given(st.sampled_from([Kind.PM25, Kind.CO]), st.lists(DAY, min_size=1, max_size=5))
def test_an_area_is_that_of_the_specification(kind, stations):
    hours = panel(kind, *stations)
    found = area_days(day_panel(hours), {"all": hours.points}).of(kind)[0, 0]
    assert agrees(float(found), city_day({kind: np.array(stations)}, ON)[kind].exact)


def test_an_hour_counts_by_its_text_even_where_it_looks_like_a_mean():
    """0.3333333333333333 of an hour is a text; as a day value it stands for a third."""
    assert exact_value(1 / 3) == Fraction(1, 3)
    assert text_value(1 / 3) == Fraction("0.3333333333333333")


@pytest.mark.parametrize("case", cases("statistics", kind="validity", parameter="day mean"))
def test_a_day_mean_needs_its_hours(case):
    known = int(case["input"].split()[0])
    found = day_panel(panel(Kind.PM25, [50.0] * known + [np.nan] * (24 - known))).of(Kind.PM25)[0, 0]
    assert isnan(found) == (case["expected"] == "invalid")


def test_hours_belong_to_their_natural_day():
    hours = np.concatenate([np.full(24, 10.0), np.full(24, 70.0)])
    assert day_panel(panel(Kind.PM10, hours)).of(Kind.PM10).tolist() == [[10.0, 70.0]]
    night = np.zeros(48)
    night[20:28] = 80.0  # eight hours across midnight: no window of either day holds them all
    assert day_panel(panel(Kind.O3, night)).of(Kind.O3).tolist() == [[40.0, 40.0]]


def test_ozone_of_few_windows_counts_only_above_the_limit():
    over = [np.nan] * 6 + [161.0] * 6 + [np.nan] * 12
    under = [np.nan] * 6 + [160.0] * 6 + [np.nan] * 12
    found = day_panel(panel(Kind.O3, over, under))
    assert found.of(Kind.O3)[0, 0] == 161
    assert isnan(found.of(Kind.O3)[1, 0])
    assert found.of(Kind.O3_MAX)[0, 0] == 161
    assert isnan(found.of(Kind.O3_MAX)[1, 0])


def test_days_before_the_first_edition_take_its_rules():
    early = panel(Kind.PM25, [50.0] * 20 + [np.nan] * 4, first=date(2013, 3, 1))
    assert day_panel(early).of(Kind.PM25).tolist() == [[50.0]]
    assert day_panel(early, "2026").of(Kind.PM25).tolist() == [[50.0]]


def test_a_change_of_edition_within_the_panel_joins_without_a_gap():
    rows = np.repeat(np.arange(4.0), 24)
    around = HourPanel(("x",), date(2026, 2, 27), {Kind.PM25: rows[None, :], Kind.O3: rows[None, :]})
    found = day_panel(around)
    assert found.of(Kind.PM25).tolist() == [[0.0, 1.0, 2.0, 3.0]]
    assert (found.of(Kind.O3).tolist(), found.last) == ([[0.0, 1.0, 2.0, 3.0]], date(2026, 3, 2))


@given(
    st.lists(st.one_of(st.just(np.nan), st.integers(0, 300).map(float)), min_size=4, max_size=8), st.randoms()
)
def test_the_order_of_stations_decides_nothing(values, rng):
    points = tuple(f"s{n}" for n in range(len(values)))
    stations = DayPanel(points, ON, {Kind.PM25: np.array(values)[:, None]})
    other = list(points)
    rng.shuffle(other)
    found = area_days(stations, {"a": points, "b": other, "c": [*points, points[0]]}).of(Kind.PM25)
    assert np.array_equal(found, np.repeat(found[:1], 3, axis=0), equal_nan=True)


@pytest.mark.parametrize(
    ("stations", "valid", "enough"), [(4, 3, True), (4, 2, False), (5, 4, True), (5, 3, False)]
)
def test_an_area_needs_three_quarters_of_its_stations(stations, valid, enough):
    values = np.array([60.0] * valid + [np.nan] * (stations - valid))[:, None]
    days = DayPanel(tuple(map(str, range(stations))), ON, {Kind.PM25: values})
    assert isnan(area_days(days, {"x": days.points}).of(Kind.PM25)[0, 0]) == (not enough)


def test_hours_of_areas():
    values = np.array([[50.0, np.nan], [51.0, 4.0], [np.nan, np.nan], [52.0, 8.0]])
    whole = np.full((4, 24), np.nan)
    whole[:, :2] = values
    hours = HourPanel(tuple("abcd"), ON, {Kind.PM25: whole})
    found = area_hours(hours, {"x": hours.points}).of(Kind.PM25)[0]
    assert found[0] == 51
    assert isnan(found[1])
    assert city_hour({Kind.PM25: values[:, 0]}, ON)[Kind.PM25] == 51


def test_a_station_that_is_not_there_is_named():
    with pytest.raises(DataError, match="nowhere"):
        area_days(DayPanel(("x",), ON, {Kind.PM25: np.zeros((1, 1))}), {"a": ["nowhere"]})


@given(st.lists(st.integers(0, 24 * 10_000), min_size=1, max_size=24), st.integers(1, 24))
def test_a_mean_of_short_decimals_is_recovered(ticks, count):
    exact = Fraction(sum(ticks), 10_000 * count)
    assert exact_value(float(exact)) == exact or float(exact_value(float(exact))) == float(exact)


def test_a_mean_of_a_third_is_not_mistaken_for_its_text():
    assert exact_value(34 + 1 / 3) == Fraction(103, 3)
    assert exact_value(0.123456789) == Fraction(123456789, 10**9)


def test_means_of_odd_doubles_near_a_tie_are_taken_again():
    """The two add up to 69 by their texts: a tie, though the doubles' sum lies beside it."""
    values = np.array([[34.123456789012345, 34.876543210987655]])
    exact = sum((Fraction(str(v)) for v in values[0].tolist()), Fraction()) / 2
    assert means(values, (np.array([0]), np.array([2])))[0][0, 0] == float(exact)


@given(st.integers(0, 2**31), st.sampled_from([0, 1, 2, 3]))
def test_float32_becomes_its_own_text(number, places):
    narrow = np.array([number % 10**6 / 10**places], np.float32)
    assert str(float(shortest(narrow)[0])) == str(float(str(narrow[0])))


@given(st.integers(0, 10**6), st.sampled_from([0, 1, 2]))
def test_rounding_of_arrays_is_that_of_the_specification(number, places):
    values = np.array([number / 10 ** (places + 1), np.nextafter(number / 10 ** (places + 1), np.inf)])
    assert round_array(values, places).tolist() == [
        float(round_half_even(v, places)) for v in values.tolist()
    ]


@pytest.mark.slow
def test_a_year_of_random_hours():
    rng = np.random.default_rng(5)
    rows = np.round(rng.gamma(2, 30, (3, 24 * 120)), 1)
    rows[rng.random(rows.shape) < 0.12] = np.nan
    for kind in (Kind.PM25, Kind.O3):
        found = day_panel(panel(kind, *rows)).of(kind)
        for day in range(120):
            wanted = station_day(rows[:, 24 * day : 24 * day + 24], kind, ON + timedelta(days=day))
            assert all(agrees(*pair) for pair in zip(found[:, day].tolist(), wanted, strict=True))


def test_only_the_stations_in_operation_on_the_day_count():
    """Three of four needed; the fourth closed on the second day, so from the third three of three would be enough."""
    values = np.array([[40.0] * 5, [50.0] * 5, [60.0] * 5, [70.0, np.nan, np.nan, 90.0, np.nan]])
    values[2, 1:3] = np.nan
    days = DayPanel(tuple("abcd"), ON, {Kind.PM25: values})
    spells = {"d": [Spell(None, ON + timedelta(days=1))]}
    found = area_days(days, {"x": days.points}, spells=spells).of(Kind.PM25)[0]
    assert [None if isnan(v) else v for v in found] == [55, None, None, 50, 50]
    whole = area_days(days, {"x": days.points}).of(Kind.PM25)[0]
    assert [None if isnan(v) else v for v in whole] == [55, None, None, 60, 50]


def test_a_station_counts_from_its_opening_and_in_each_of_its_spells():
    values = np.array([[40.0] * 6, [60.0] * 6])
    days = DayPanel(("a", "b"), ON, {Kind.PM25: values})
    after = [ON + timedelta(days=n) for n in range(6)]
    spells = {"b": [Spell(after[1], after[2]), Spell(after[4])]}
    assert area_days(days, {"x": ["a", "b"]}, spells=spells).of(Kind.PM25)[0].tolist() == [
        40,
        50,
        50,
        40,
        50,
        50,
    ]
    hours = HourPanel(("a", "b"), ON, {Kind.PM25: np.repeat(values, 24, axis=1)})
    found = area_hours(hours, {"x": ["a", "b"]}, spells=spells).of(Kind.PM25)[0]
    assert found.reshape(6, 24)[:, 0].tolist() == [40, 50, 50, 40, 50, 50]
    assert found.reshape(6, 24)[:, 23].tolist() == [40, 50, 50, 40, 50, 50]


def test_an_area_of_closed_stations_has_no_value():
    days = DayPanel(("a",), ON, {Kind.PM25: np.array([[40.0, 50.0]])})
    found = area_days(days, {"x": ["a"]}, spells={"a": [Spell(None, ON)]}).of(Kind.PM25)[0]
    assert found[0] == 40
    assert isnan(found[1])
