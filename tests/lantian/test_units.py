from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.errors import DataError
from lantian.units import convert, energy_kwh, power_kw, round_half_even, to_decimal


@pytest.mark.parametrize("case", cases("statistics", kind="round_gbt8170"))
def test_rounding_of_the_worked_examples(case):
    assert str(round_half_even(case["input"], int(case["parameter"]))) == case["expected"]


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (2.675, 2, "2.68"),  # the float lies below 2.675; its shortest text does not
        (1.005, 2, "1.00"),
        (np.float32(0.35), 1, "0.4"),
        (Fraction(69, 2), 0, "34"),
        (Fraction(1, 3), 4, "0.3333"),
        ("-0.5", 0, "-0"),
        (1250, -2, "1.2E+3"),
    ],
)
def test_a_tie_is_seen_in_the_shortest_text(value, places, expected):
    assert str(round_half_even(value, places)) == expected


@given(st.decimals(-10000, 10000, places=4), st.integers(0, 3))
def test_a_fraction_rounds_as_its_decimal(value, places):
    assert round_half_even(Fraction(value), places) == round_half_even(value, places)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_keeps_its_shortest_text(value):
    assert float(to_decimal(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "", "12,5", "ND"])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(DataError):
        to_decimal(value)


def test_conversions_are_exact():
    assert convert("65.4", "mg/m3", "ug/m3") == 65400
    assert convert(35, "ug/m3", "mg/m3") == Decimal("0.035")
    assert convert(10, "percent", "share") == Decimal("0.1")
    assert convert(2, "h", "minute") == 120


@pytest.mark.parametrize(("a", "b"), [("kW", "kWh"), ("ug/m3", "ppb")])
def test_units_of_different_kinds_do_not_mix(a, b):
    with pytest.raises(DataError):
        convert(1, a, b)


@given(st.integers(0, 10**6), st.sampled_from([60, 900, 3600]))
def test_power_and_energy_are_one_another_over_a_step(power, step):
    assert power_kw(energy_kwh(power, step), step) == pytest.approx(Decimal(power))


def test_a_quarter_hour_of_800_kw():
    assert energy_kwh(800.0, 900) == 200
