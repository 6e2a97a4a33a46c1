from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.dispatch import Urgency, level_at, next_rise, steps
from lantian.periods import at

ON = date(2026, 12, 7)
DUE = at(ON, 12)
LADDER = steps(ON)


@pytest.mark.parametrize(
    ("minutes", "name"),
    [
        (-11, None),
        (-10, "near_due"),
        (-1, "near_due"),
        (0, "yellow"),
        (59, "yellow"),
        (60, "red"),
        (6000, "red"),
    ],
)
def test_an_overdue_task_rises(minutes, name):
    step = level_at(DUE + timedelta(minutes=minutes), DUE, LADDER)
    assert (step and step.name) == name


def test_the_ladder_is_in_order_and_says_whom_it_tells():
    for urgency in Urgency:
        ladder = steps(ON, urgency)
        assert [step.name for step in ladder] == ["near_due", "yellow", "red"]
        assert sorted(step.after for step in ladder) == [step.after for step in ladder]
        assert all(step.tells for step in ladder)


@given(st.integers(-3000, 3000))
def test_nothing_rises_before_the_next_rise(minutes):
    now = DUE + timedelta(minutes=minutes)
    then = next_rise(now, DUE, LADDER)
    if then is None:
        assert level_at(now, DUE, LADDER) == LADDER[-1]
    else:
        assert level_at(then - timedelta(microseconds=1), DUE, LADDER) == level_at(now, DUE, LADDER)
        assert level_at(then, DUE, LADDER) != level_at(now, DUE, LADDER)
