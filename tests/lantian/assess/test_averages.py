from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess import city_day, city_hour, station_day
from lantian.records import ObservationKind as Kind

ON = date(2026, 12, 7)


def hours(*stations):
    return np.array(stations, dtype=np.float64)


def with_gaps(value, gaps):
    return [np.nan] * gaps + [value] * (24 - gaps)


@pytest.mark.parametrize("case", cases("statistics", kind="validity", parameter="day mean"))
def test_a_day_mean_needs_its_hours(case):
    known = int(case["input"].split()[0])
    (value,) = station_day(hours(with_gaps(50.0, 24 - known)), Kind.PM25, ON)
    assert (value is not None) == (case["expected"] == "valid")


def test_the_mean_is_exact():
    (value,) = station_day(hours([0.1] * 12 + [0.2] * 12), Kind.CO, ON)
    assert value == Fraction(15, 100)


def test_float32_counts_by_its_own_text():
    (value,) = station_day(np.full((1, 24), 0.1, dtype=np.float32), Kind.CO, ON)
    assert value == Fraction(1, 10)


def test_ozone_is_the_greatest_eight_hour_mean():
    night = [100.0] * 8 + [40.0] * 8 + [80.0] * 8
    assert station_day(hours(night), Kind.O3, ON) == (Fraction(100),)
    two_short = [np.nan, np.nan, *[100.0] * 6, *[40.0] * 16]
    assert station_day(hours(two_short), Kind.O3, ON) == (Fraction(100),)
    assert station_day(hours([np.nan, np.nan, np.nan, *[100.0] * 5, *[40.0] * 16]), Kind.O3, ON)[0] < 100


def test_few_ozone_windows_are_enough_only_over_the_limit():
    few = [np.nan] * 6 + [161.0] * 6 + [np.nan] * 12
    assert station_day(hours(few), Kind.O3, ON) == (Fraction(161),)
    few = [np.nan] * 6 + [160.0] * 6 + [np.nan] * 12
    assert station_day(hours(few), Kind.O3, ON) == (None,)


@given(st.lists(st.one_of(st.none(), st.integers(0, 400)), min_size=24, max_size=24))
def test_ozone_lies_between_the_least_and_the_greatest_hour(values):
    row = [np.nan if value is None else float(value) for value in values]
    (value,) = station_day(hours(row), Kind.O3, ON)
    known = [each for each in values if each is not None]
    assert value is None or min(known) <= value <= max(known)


def test_the_city_needs_three_quarters_of_its_stations():
    good, bad = [60.0] * 24, with_gaps(60.0, 5)
    enough = city_day({Kind.PM25: hours(good, good, good, bad)}, ON)[Kind.PM25]
    assert (enough.value, enough.stations_valid, enough.stations) == (Decimal(60), 3, 4)
    few = city_day({Kind.PM25: hours(good, good, bad, bad)}, ON)[Kind.PM25]
    assert (few.value, few.exact, few.stations_valid) == (None, None, 2)
    assert few.footnotes[0].confidence == "unverified"


def test_the_city_is_rounded_once():
    """34, 34 and 35.5 rounded first would give 35; their exact mean is 34.5, a tie that goes to the even 34."""
    day = city_day({Kind.PM25: hours([34.5] * 24, [34.5] * 24)}, ON)[Kind.PM25]
    assert day.value == Decimal(34)
    thirds = city_day({Kind.PM25: hours([34.0] * 24, [34.0] * 24, [35.5] * 24)}, ON)[Kind.PM25]
    assert (thirds.exact, thirds.value) == (Fraction(69, 2), Decimal(34))


def test_co_keeps_one_decimal():
    assert str(city_day({Kind.CO: hours([1.25] * 24)}, ON)[Kind.CO].value) == "1.2"


def test_hours_of_the_city():
    found = city_hour({Kind.PM25: np.array([50.0, 51.0, np.nan, 52.0]), Kind.O3: np.full(4, np.nan)}, ON)
    assert found == {Kind.PM25: Decimal(51), Kind.O3: None}
