"""Three-valued: one breach settles it, missing data never does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lantian.records import Outcome
from lantian.verify.compliance import Tally, outcome_of, tally

outcomes = st.lists(st.sampled_from(list(Outcome)))


@given(outcomes)
def test_a_breach_stays_whatever_comes(days: list[Outcome]) -> None:
    assert outcome_of([*days, Outcome.NOT_COMPLIED]) is Outcome.NOT_COMPLIED


@given(outcomes)
def test_missing_data_is_never_guilt(days: list[Outcome]) -> None:
    with_gap = outcome_of([*days, Outcome.CANNOT_TELL])
    assert (with_gap is Outcome.NOT_COMPLIED) == (Outcome.NOT_COMPLIED in days)


@given(outcomes)
def test_the_order_of_days_does_not_matter(days: list[Outcome]) -> None:
    assert tally(days) == tally(reversed(days))
    assert tally(days).days == len(days)


def test_no_judged_day_tells_nothing() -> None:
    assert outcome_of([]) is Outcome.CANNOT_TELL
    assert outcome_of([Outcome.COMPLIED]) is Outcome.COMPLIED
    assert Tally(complied=3, cannot_tell=1).outcome is Outcome.CANNOT_TELL
