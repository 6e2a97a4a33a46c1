"""Whose delay it was: the parts add up, whatever happened."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.dispatch.delay import DelayPart, Leg, allowances, attribute
from lantian.errors import PeriodError
from lantian.periods import at

START = at(date(2026, 12, 8), 9)
MINUTE = timedelta(minutes=1)


def test_each_part_answers_for_its_own() -> None:
    ends = [START + minutes * MINUTE for minutes in (0, 90, 100, 160, 400, 2000)]
    dues = [START + minutes * MINUTE for minutes in (60, 150, 130, 500, 1900)]
    parts = list(DelayPart)
    legs = [
        Leg(part, since, until, due, who)
        for part, since, until, due, who in zip(parts, ends, ends[1:], dues, "abcde", strict=False)
    ]
    delay = attribute(legs)
    assert [(each.who, each.late // MINUTE) for each in delay.parts] == [
        ("a", 30),
        ("b", 0),
        ("c", 30),
        ("d", 0),
        ("e", 100),
    ]
    assert delay.total == 160 * MINUTE
    assert delay.of(DelayPart.CHECK) == 100 * MINUTE


def test_what_stands_is_nobodys_delay() -> None:
    delay = attribute([Leg(None, START, START + 500 * MINUTE, START)])
    assert (delay.total, delay.stood, delay.parts) == (timedelta(), 500 * MINUTE, ())


def test_legs_leave_no_gap() -> None:
    first = Leg(DelayPart.CLAIM, START, START + MINUTE)
    with pytest.raises(PeriodError):
        attribute([first, Leg(DelayPart.ACTION, START + 2 * MINUTE, START + 3 * MINUTE)])
    with pytest.raises(PeriodError):
        attribute([Leg(DelayPart.CLAIM, START, START - MINUTE)])


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.sampled_from(DelayPart)),
            st.integers(0, 3000),
            st.one_of(st.none(), st.integers(-5000, 5000)),
            st.sampled_from("abc"),
        ),
        max_size=12,
    )
)
def test_the_parts_add_up_to_the_total_minute_by_minute(rows) -> None:  # type: ignore[no-untyped-def]
    legs, now = [], START
    late = 0
    for part, took, due, who in rows:
        due_at = None if due is None else now + due * MINUTE
        legs.append(Leg(part, now, now + took * MINUTE, due_at, who))
        if part is not None and due is not None:
            late += sum(minute >= due for minute in range(took))  # a clerk who ticks every late minute
        now += took * MINUTE
    delay = attribute(legs)
    assert sum((each.late for each in delay.parts), timedelta()) == delay.total == late * MINUTE
    assert sum((each.took for each in delay.parts), delay.stood) == delay.took == now - START
    assert all(timedelta() <= each.late <= each.took for each in delay.parts)


def test_every_part_has_its_allowance_and_who_answers() -> None:
    found = allowances(START.date())
    assert set(found) == set(DelayPart)
    assert found[DelayPart.CHECK].due(START) == START + timedelta(days=1)
    assert found[DelayPart.CLAIM].answers == found[DelayPart.ACTION].answers == "handler"
