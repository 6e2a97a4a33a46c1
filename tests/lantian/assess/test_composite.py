from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess.composite import composite, composite_array, index_edition, index_terms
from lantian.errors import StandardsError
from lantian.records import ObservationKind as Kind

NAMES = {
    "SO2": Kind.SO2,
    "NO2": Kind.NO2,
    "PM10": Kind.PM10,
    "PM2.5": Kind.PM25,
    "CO": Kind.CO,
    "O3": Kind.O3,
}
EDITIONS = ("2012", "2026-transition", "2026-final")
values_ = st.fixed_dictionaries({kind: st.decimals(0, 500, places=2) for kind in NAMES.values()})


def given_values(case):
    pairs = (part.split("=") for part in case["input"].split())
    return {NAMES[name]: Decimal(value) for name, value in pairs}


@pytest.mark.parametrize("case", cases("statistics", kind="composite_index"))
def test_index_of_the_worked_examples(case):
    found = composite(given_values(case), case["parameter"].split(";")[0])
    assert str(found.index) == case["expected"]
    assert sum(found.parts.values()) == found.exact


@pytest.mark.parametrize("case", cases("statistics", kind="composite_index_published"))
def test_a_published_index_is_met_within_the_tolerance_of_its_rounded_inputs(case):
    found = composite(given_values(case), "2012")
    assert round(found.exact, 3) == Fraction("4.489")
    assert abs(found.index - Decimal(case["expected"])) <= Decimal("0.02")


def test_the_main_item_is_the_greatest_over_its_limit_and_ties_stand_together():
    values = dict.fromkeys(NAMES.values(), Decimal(0)) | {Kind.PM25: Decimal(70), Kind.PM10: Decimal(140)}
    assert composite(values, "2012").main == (Kind.PM10, Kind.PM25)
    assert composite(values, "2026-transition").main == (Kind.PM10, Kind.PM25)
    assert composite(values | {Kind.O3: Decimal(400)}, "2012").main == (Kind.O3,)


def test_a_missing_item_leaves_no_index_and_is_named():
    values = dict.fromkeys(NAMES.values(), Decimal(10)) | {Kind.CO: None}
    found = composite(values, "2012")
    assert (found.index, found.exact, found.missing) == (None, None, (Kind.CO,))
    assert Kind.PM25 in found.parts
    assert composite({}, "2012").main == ()


def test_the_edition_is_that_of_the_day():
    assert index_edition(date(2014, 1, 1)) == "2012"  # undated row: the first use is not known
    assert index_edition(date(2026, 2, 28)) == "2012"
    assert index_edition(date(2026, 3, 1)) == "2026-transition"
    assert index_edition(date(2031, 1, 1)) == "2026-final"
    assert index_edition(date(2025, 1, 1), "2026") == "2026-transition"
    assert index_edition(date(2032, 1, 1), "2026") == "2026-final"
    with pytest.raises(StandardsError, match="no edition '2030'"):
        index_edition(date(2025, 1, 1), "2030")


def test_weights_are_off_unless_named_and_say_what_they_stand_on():
    values = dict.fromkeys(NAMES.values(), Decimal(0)) | {Kind.PM25: Decimal(30), Kind.O3: Decimal(160)}
    assert str(composite(values, date(2026, 4, 1)).index) == "2.00"
    weighted = composite(values, date(2026, 4, 1), "weighted_3_2_2")
    assert str(weighted.index) == "5.00"
    assert {note.confidence for note in weighted.footnotes if note.table == "composite_index"} == {
        "unverified"
    }
    assert weighted.main == (Kind.PM25, Kind.O3)  # the weight does not choose the main item
    with pytest.raises(StandardsError):
        composite(values, "2012", "weighted_3_2_2")


@given(values_, st.sampled_from(EDITIONS))
def test_arrays_and_the_exact_index_agree(values, edition):
    arrays = {kind: np.array([float(value), np.nan]) for kind, value in values.items()}
    found = composite_array(arrays, edition)
    assert found[0] == pytest.approx(float(composite(values, edition).exact), rel=1e-12, abs=1e-12)
    assert np.isnan(found[1])


@given(values_, st.sampled_from(tuple(NAMES.values())), st.sampled_from(EDITIONS))
def test_the_index_rises_with_every_item(values, kind, edition):
    more = values | {kind: values[kind] + 1}
    assert composite(more, edition).exact > composite(values, edition).exact


@given(values_)
def test_tighter_limits_never_lower_the_index(values):
    first, second, third = (composite(values, edition).exact for edition in EDITIONS)
    assert first <= second <= third


def test_an_array_without_an_item_is_refused():
    with pytest.raises(StandardsError, match="co"):
        composite_array({kind: np.ones(1) for kind in NAMES.values() if kind is not Kind.CO}, "2012")


def test_the_term_of_an_item_is_found():
    assert index_terms("2012").term(Kind.O3).statistic == "o3_p90"
    with pytest.raises(StandardsError):
        index_terms("2012").term(Kind.POWER)
