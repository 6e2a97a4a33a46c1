"""Reference states: before and after 2018-09-01."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from lantian.observe.state import gas_factor, state_on, states_between

BEFORE, CHANGE, NEW = date(2018, 8, 31), date(2018, 9, 1), date(2026, 3, 1)


def test_the_state_changes_on_the_first_of_september_2018() -> None:
    assert (state_on(BEFORE).gas, state_on(BEFORE).particle) == ("standard_273", "standard_273")
    assert (state_on(CHANGE).gas, state_on(CHANGE).particle) == ("reference_298", "actual")
    assert state_on(CHANGE).footnotes[0].confidence == "unverified"
    assert state_on(NEW).footnotes[0].confidence == "original"


def test_a_gas_is_converted_by_the_exact_ratio() -> None:
    assert gas_factor(BEFORE, CHANGE) == Fraction(27315, 29815)
    assert gas_factor(CHANGE, BEFORE) == 1 / gas_factor(BEFORE, CHANGE)
    assert gas_factor(CHANGE, NEW) == 1


def test_spans_join_editions_that_change_nothing() -> None:
    spans = states_between(date(2018, 1, 1), date(2026, 12, 31))
    assert [(span.first, span.last, span.state.gas) for span in spans] == [
        (date(2018, 1, 1), BEFORE, "standard_273"),
        (CHANGE, date(2026, 12, 31), "reference_298"),
    ]
    assert [span.first for span in states_between(CHANGE, CHANGE)] == [CHANGE]
