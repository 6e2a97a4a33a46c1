from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.assess.targets.shares import (
    Carries,
    County,
    Plant,
    county_caps,
    county_rests,
    energy_cut,
    printed,
    split_cut,
)
from lantian.errors import DataError
from lantian.units import round_half_even

AMOUNT = st.fractions(0, 500, max_denominator=50)


@given(st.lists(st.fractions(-50, 500, max_denominator=97), min_size=1, max_size=40), st.integers(0, 3))
def test_printed_parts_add_up_to_the_printed_sum(parts, places):
    shown = printed(parts, places)
    assert sum(shown) == round_half_even(sum(parts), places)
    assert all(
        abs(Fraction(one) - part) < Fraction(1, 10**places) for one, part in zip(shown, parts, strict=True)
    )


@given(st.lists(st.fractions(0, 3, max_denominator=10**9), min_size=1, max_size=12), st.integers(0, 2))
def test_of_remainders_however_near_each_other_the_larger_goes_up(parts, places):
    """By the definition in fractions: what each lacks to its next step, then its place in the list."""
    parts = [*parts, *(part + Fraction(1, 10**30) for part in parts[:3])]
    scale = 10**places
    units = [floor(part * scale) for part in parts]
    order = sorted(range(len(parts)), key=lambda n: (units[n] - parts[n] * scale, n))
    total = int(round_half_even(sum(parts), places).scaleb(places))
    for n in order[: total - sum(units)]:
        units[n] += 1
    assert printed(parts, places) == tuple(Decimal(unit).scaleb(-places) for unit in units)


def test_the_largest_remainders_go_up():
    assert printed([Fraction("1.2"), Fraction("1.7"), Fraction("2.1")], 0) == (1, 2, 2)
    assert printed([Fraction(1, 3)] * 3, 2) == (Decimal("0.34"), Decimal("0.33"), Decimal("0.33"))


@given(
    st.fractions(1, 200, max_denominator=50),
    st.lists(
        st.tuples(st.none() | st.fractions(1, 300, max_denominator=20), st.integers(0, 9)),
        min_size=1,
        max_size=17,
    ),
)
def test_counties_make_the_citys_cap_exactly(cap, rows):
    counties = [County(f"c{n}", base, weight) for n, (base, weight) in enumerate(rows)]
    if not sum(county.weight for county in counties):
        with pytest.raises(DataError):
            county_caps(cap, counties)
        return
    found = county_caps(cap, counties)
    assert sum(each.share for each in found) == cap
    weighed = any(county.base and county.weight for county in counties)
    changes = {each.change for each in found if each.change is not None}
    assert len(changes) <= 1 or not weighed  # one and the same percentage


def test_a_county_is_cut_from_its_own_base():
    found = {
        each.area: each
        for each in county_caps(
            Fraction(54),
            [
                County("dirty", Fraction(80), 1),
                County("clean", Fraction(40), 1),
                County("zone", None, 1),
                County("hills", Fraction(20), 0),
            ],
        )
    }
    assert [found[name].cap for name in ("dirty", "clean", "zone", "hills")] == [72, 36, 54, 18]
    assert {each.change for each in found.values()} == {-10, None}
    assert found["hills"].share == 0


@given(AMOUNT, st.lists(st.tuples(st.integers(0, 5), AMOUNT), min_size=1, max_size=17))
def test_own_accounts_of_the_counties_make_the_citys_rest(city, rows):
    own = [(f"c{n}", weight, rest) for n, (weight, rest) in enumerate(rows)]
    heft = sum(weight for weight, _ in rows)
    if not heft:
        with pytest.raises(DataError):
            county_rests(city, own)
        return
    found = county_rests(city, own)
    assert sum(each.rest * each.weight for each in found) / heft == city
    assert len({each.shift for each in found}) == 1
    assert all(each.own + each.shift == each.rest for each in found)


PLANTS = st.lists(
    st.tuples(
        st.none() | AMOUNT, st.booleans(), st.lists(st.fractions(0, 900, max_denominator=7), max_size=4)
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(AMOUNT, PLANTS)
def test_a_cut_recombines_over_plants_and_lines(asked, rows):
    plants = [
        Plant(f"p{n}", kg, exempt, {f"p{n}-{k}": weight for k, weight in enumerate(lines)})
        for n, (kg, exempt, lines) in enumerate(rows)
    ]
    cut = split_cut(asked, plants)
    assert cut.carried + cut.uncovered == asked
    assert sum(each.kg for each in cut.plants) == cut.carried
    assert sum(each.share for each in cut.plants) == (cut.carried / asked if asked else 0)
    for plant, each in zip(plants, cut.plants, strict=True):
        assert sum(line.kg for line in each.lines) == (each.kg if plant.lines else 0)
        assert each.kg <= (plant.kg or 0)
        assert not (plant.exempt and each.kg)
        assert len(each.lines) == len(plant.lines)


def test_who_carries_what_and_why():
    cut = split_cut(
        Fraction(100),
        [
            Plant("steel", Fraction(300), False, {"l1": Fraction(3000), "l2": Fraction(1000)}),
            Plant("coke", Fraction(100), False, {"l1": Fraction(0), "l2": Fraction(0)}),
            Plant("heat", Fraction(400), True, {"l1": Fraction(1)}),
            Plant("brick", None, False, {}),
            Plant("mill", Fraction(0), False, {}),
        ],
    )
    by_name = {each.enterprise: each for each in cut.plants}
    assert [by_name[name].kg for name in ("steel", "coke", "heat", "brick", "mill")] == [75, 25, 0, 0, 0]
    assert [line.kg for line in by_name["steel"].lines] == [Fraction(225, 4), Fraction(75, 4)]
    assert [line.kg for line in by_name["coke"].lines] == [Fraction(25, 2)] * 2
    assert (by_name["coke"].even, by_name["steel"].even) == (True, False)
    assert [each.why for each in cut.plants] == [
        Carries.CARRIES,
        Carries.CARRIES,
        Carries.EXEMPT,
        Carries.NOT_TOLD,
        Carries.NOTHING,
    ]
    assert by_name["steel"].share == Fraction(3, 4)


def test_what_no_plant_can_carry_is_said():
    cut = split_cut(
        Fraction(500), [Plant("a", Fraction(300), False, {}), Plant("b", Fraction(900), True, {})]
    )
    assert (cut.carried, cut.uncovered, cut.plants[0].kg) == (300, 200, 300)
    assert split_cut(Fraction(5), []).uncovered == 5
    with pytest.raises(DataError):
        split_cut(Fraction(-1), [])


@pytest.mark.parametrize(
    "odd",
    [
        Plant("a", Fraction(-5), False, {}),
        Plant("a", Fraction(-5), True, {}),
        Plant("a", Fraction(5), False, {"l1": Fraction(3), "l2": Fraction(-1)}),
        Plant("b", Fraction(5), False, {}),
    ],
)
def test_no_plant_can_make_another_carry_more_than_the_cut(odd):
    with pytest.raises(DataError) as caught:
        split_cut(Fraction(10), [Plant("b", Fraction(30), False, {}), odd])
    assert caught.value.field == odd.enterprise


@given(st.lists(st.fractions(min_value=0, max_value=1000), min_size=1, max_size=12), st.booleans())
def test_parts_add_up_to_a_sum_that_was_printed_above(parts, up):
    """Below a plant whose own figure was rounded down or up the lines still make that figure."""
    exact = sum(parts, Fraction())
    whole = Decimal(floor(exact * 100) + (1 if up and exact * 100 % 1 else 0)).scaleb(-2)
    shown = printed(parts, 2, whole)
    assert sum(shown) == whole
    assert all(abs(part - Fraction(one)) < Fraction(1, 100) for part, one in zip(parts, shown, strict=True))


def test_no_sum_is_bent_to_fit():
    with pytest.raises(DataError, match="no printed sum"):
        printed([Fraction(1), Fraction(2)], 1, Decimal("3.1"))


def test_energy_follows_the_emission_per_kwh_of_the_day():
    assert energy_cut(Fraction(25), Fraction(100), Fraction(2000)) == 500
    assert energy_cut(Fraction(25), None, Fraction(2000)) is None
    assert energy_cut(Fraction(25), Fraction(100), None) is None
    assert energy_cut(Fraction(0), Fraction(0), Fraction(2000)) is None
    assert energy_cut(Fraction(25), Fraction(100), Fraction(0)) is None
