from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.assess.targets.emission import (
    Basis,
    CapState,
    PlantDay,
    against_caps,
    binding_cap,
    county_day,
    estimated_kg,
    plant_day,
    tally,
)
from lantian.assess.targets.ledger import targets_of
from lantian.errors import DataError
from lantian.periods import Period
from lantian.records import ObservationKind as Kind
from lantian.standards import parse

ON = date(2026, 12, 8)
NOX = Kind.EMITTED_NOX
HEAD = (
    "area,indicator,start_on,end_on,value,unit,change_percent,base,base_start,base_end,edition,dust_mode,paper,"
    "valid_from,valid_to,source,confidence,note\n"
)
CAPS = targets_of(
    parse(
        "targets",
        HEAD
        + "c1,emission_nox,2026-10-01,2027-03-31,2.5,t/day,,,,,,keep,p,,,city paper,original,\n"
        + "c1,emission_nox,2026-12-10,2026-12-12,2,t/day,,,,,,keep,order,,,city order,original,\n"
        + "c1,pm25_mean,2026-10-01,2027-03-31,66,ug/m3,,,,,,keep,p,,,city paper,original,\n",
    )
)


def measured(name, kg, on=ON):
    return plant_day(name, "c1", on, NOX, measured_kg=Fraction(kg))


def estimated(name, on=ON, **cells):
    given_ = {"annual_t": 330, "energy_kwh": 900, "base_kwh": 1000} | cells
    return plant_day(
        name, "c1", on, NOX, **{key: None if v is None else Fraction(v) for key, v in given_.items()}
    )


def judge(*plants, on=ON):
    return against_caps([county_day("c1", on, NOX, plants)], CAPS)[0]


def test_an_estimate_follows_the_power_use():
    assert estimated_kg(Fraction(660), Fraction(330), Fraction(500), Fraction(1000)) == 1000
    assert estimated("a").kg == 900  # 330 t over the 330 working days of the rule
    assert estimated("a", working_days=300, energy_kwh=1000).kg == 1100
    assert estimated("a", energy_kwh=0).kg == 0  # measured power of nought is told
    with pytest.raises(DataError):
        estimated_kg(Fraction(1), Fraction(330), Fraction(1), Fraction(0))


def test_measured_stands_before_estimated():
    both = plant_day(
        "a",
        "c1",
        ON,
        NOX,
        measured_kg=Fraction(7),
        annual_t=Fraction(330),
        energy_kwh=Fraction(1),
        base_kwh=Fraction(1),
    )
    assert (both.kg, both.basis) == (7, Basis.MEASURED)
    assert estimated("a").basis is Basis.ESTIMATED


@pytest.mark.parametrize("lacks", ["annual_t", "energy_kwh", "base_kwh"])
def test_a_plant_without_data_is_not_told_never_nought(lacks):
    silent = estimated("quiet", **{lacks: None})
    assert (silent.kg, silent.basis, silent.lacks) == (None, Basis.NOT_TOLD, lacks)
    day = county_day("c1", ON, NOX, [measured("a", 1000), silent])
    assert (day.not_told, day.told_kg) == (("quiet",), 1000)
    assert county_day("c1", ON, NOX, [silent]).told_kg is None
    assert estimated("b", annual_t=0, energy_kwh=None).kg == 0  # it emits nought by its own statement


def test_parts_are_shown_apart():
    day = county_day(
        "c1", ON, NOX, [estimated("b"), measured("a", 1000), estimated("d"), estimated("x", energy_kwh=None)]
    )
    assert (day.measured_kg, day.estimated_kg, day.told_kg) == (1000, 1800, 2800)
    assert (day.measured, day.estimated, day.not_told) == (("a",), ("b", "d"), ("x",))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5000)), max_size=12), st.randoms())
def test_the_order_of_plants_changes_nothing(rows, random):
    plants = [
        measured(f"p{n}", kg) if told else estimated(f"p{n}", energy_kwh=kg)
        for n, (told, kg) in enumerate(rows)
    ]
    shuffled = [*plants]
    random.shuffle(shuffled)
    day = county_day("c1", ON, NOX, plants)
    assert day == county_day("c1", ON, NOX, shuffled)
    assert day.measured_kg + day.estimated_kg == sum(plant.kg for plant in plants)


def test_states_against_the_cap():
    silent = estimated("x", energy_kwh=None)
    within = judge(measured("a", 2500))
    assert (within.state, within.over, within.cap) == (CapState.WITHIN, None, Fraction("2.5"))
    over = judge(measured("a", 2501), silent)
    assert (over.state, over.over) == (CapState.OVER, Fraction("0.001"))
    assert judge(measured("a", 1700), estimated("b")).state is CapState.OVER_ESTIMATED
    open_ = judge(measured("a", 2400), silent)
    assert (open_.state, open_.over) == (CapState.OPEN, None)
    assert judge(silent).state is CapState.OPEN
    assert [note.source for note in over.footnotes] == ["city paper"]
    assert [note.confidence for note in judge(estimated("b")).footnotes] == ["original", "proposed"]


def test_no_cap_in_force_is_an_answer_and_the_shorter_order_binds():
    assert judge(measured("a", 9999, date(2026, 9, 1)), on=date(2026, 9, 1)).state is None
    on = date(2026, 12, 11)
    special = judge(measured("a", 2200, on), on=on)
    assert (special.cap, special.state, special.footnotes[0].source) == (2, CapState.OVER, "city order")


def test_a_foreign_plant_is_refused():
    with pytest.raises(DataError, match="belong"):
        county_day("c2", ON, NOX, [measured("a", 1)])


def test_days_over_the_cap_are_counted():
    days = [ON + timedelta(n) for n in range(4)]  # 8, 9: 2.5 t; 10, 11: 2 t
    told = [
        county_day("c1", day, NOX, [measured("a", kg, day)])
        for day, kg in zip(days, (2400, 2600, 2100, 1900), strict=True)
    ]
    silent = county_day("c1", ON + timedelta(4), NOX, [])
    (found,) = tally(against_caps([*told, silent], CAPS), Period(ON, ON + timedelta(30)))
    assert (found.states[CapState.WITHIN], found.states[CapState.OVER], found.no_cap, found.no_data) == (
        2,
        2,
        0,
        1,
    )
    assert found.states[CapState.OPEN] == 1
    assert found.worst.day.on in (days[1], days[2])
    assert tally(against_caps(told, CAPS), Period(date(2027, 5, 1), date(2027, 5, 2))) == ()


def test_a_plant_given_twice_or_below_nought_is_refused():
    with pytest.raises(DataError, match="twice") as caught:
        county_day("c1", ON, NOX, [measured("a", 600), measured("b", 1), estimated("a")])
    assert caught.value.field == "a"
    below = PlantDay("b", "c1", ON, NOX, Fraction(-600), Basis.MEASURED)
    with pytest.raises(DataError, match="-600 kg"):
        county_day("c1", ON, NOX, [measured("a", 600), below])
    with pytest.raises(DataError, match="below nought"):
        estimated("a", annual_t=-1)


def test_a_reading_below_nought_is_not_told_and_no_estimate_hides_it():
    both = {"annual_t": Fraction(330), "energy_kwh": Fraction(1), "base_kwh": Fraction(1)}
    odd = plant_day("a", "c1", ON, NOX, measured_kg=Fraction(-600), **both)
    assert (odd.kg, odd.basis, odd.lacks) == (None, Basis.NOT_TOLD, "measured_kg")
    assert estimated("a", energy_kwh=-5).lacks == "energy_kwh"
    assert judge(odd, measured("b", 100)).state is CapState.OPEN


def test_the_shorter_of_two_caps_binds_its_days_and_no_other():
    for on, paper in ((date(2026, 12, 9), "p"), (date(2026, 12, 11), "order")):
        found = binding_cap(CAPS, "c1", NOX, on)
        assert found is not None
        assert found.paper == paper
    assert binding_cap(CAPS, "c2", NOX, ON) is None
    assert binding_cap(CAPS, "c1", Kind.EMITTED_SO2, ON) is None
    assert binding_cap(CAPS, "c1", NOX, date(2027, 4, 1)) is None


def test_an_estimate_is_taken_to_the_milligram_so_that_sums_stay_short():
    """330 t over 330 days at a third of the base: 333.333 333 kg; thousands of such days share one denominator."""
    third = estimated("a", energy_kwh=1, base_kwh=3)
    assert third.kg == Fraction("333.333333")
    days = [estimated(f"p{n}", energy_kwh=1, base_kwh=7 + n) for n in range(2000)]
    told = county_day("c1", ON, NOX, days).told_kg
    assert told is not None
    assert 1_000_000 % told.denominator == 0
