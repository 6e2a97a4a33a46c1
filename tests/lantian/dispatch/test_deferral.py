"""How far a task may be put off, on the day that it is asked and on the day that it is granted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.dispatch.deferral import TooFar, check_later, check_next_look
from lantian.errors import TransitionError
from lantian.periods import CITY_TZ

NOW = datetime(2026, 12, 8, 9, 10, tzinfo=CITY_TZ)
DUE = NOW + timedelta(days=2)


@given(
    st.timedeltas(timedelta(days=-400), timedelta(days=800)), st.timedeltas(timedelta(0), timedelta(days=30))
)
def test_an_extension_is_later_than_the_due_time_and_than_now_and_at_most_a_year_off(
    shift: timedelta, waited: timedelta
) -> None:
    until, now = DUE + shift, NOW + waited
    if until <= max(DUE, now):
        with pytest.raises(TransitionError, match="a later due time"):
            check_later(DUE, until, now)
    elif until.astimezone(CITY_TZ).date() > (now + timedelta(days=366)).astimezone(CITY_TZ).date():
        with pytest.raises(TooFar) as refused:
            check_later(DUE, until, now)
        assert refused.value.latest == (now + timedelta(days=366)).astimezone(CITY_TZ).date()
    else:
        check_later(DUE, until, now)


def test_the_latest_day_that_is_named_is_one_that_is_granted_until_its_end() -> None:
    last = datetime(2027, 12, 9, 23, 59, tzinfo=CITY_TZ)  # 366 days after 8 December 2026
    check_later(DUE, last, NOW)
    with pytest.raises(TooFar, match="2027-12-09 at the latest"):
        check_later(DUE, last + timedelta(minutes=1), NOW)


@pytest.mark.parametrize(("due_at", "until"), [(None, DUE), (DUE, None)])
def test_an_extension_needs_two_due_times(due_at: datetime | None, until: datetime | None) -> None:
    with pytest.raises(TransitionError):
        check_later(due_at, until, NOW)


@pytest.mark.parametrize(
    ("days", "why"),
    [(None, "day"), (-1, "day"), (0, "day"), (1, ""), (90, ""), (91, "2027-03-08 at the latest")],
)
def test_the_next_look_is_tomorrow_or_later_and_within_the_longest_hold(days: int | None, why: str) -> None:
    on = None if days is None else NOW.date() + timedelta(days=days)
    if why:
        with pytest.raises(TransitionError, match=why):
            check_next_look(on, NOW)
    else:
        check_next_look(on, NOW)
