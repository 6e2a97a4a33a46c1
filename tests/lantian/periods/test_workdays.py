from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import PeriodError
from lantian.periods import (
    UnpublishedYear,
    add_working_minutes,
    add_working_time,
    at,
    from_ms,
    is_workday,
    next_workday,
    to_ms,
    working_minutes_between,
    working_time_between,
)

OFFICE = ((time(8), time(12)), (time(14, 30), time(18)))
STARTS = st.integers(to_ms(at(date(2025, 1, 1), 0)), to_ms(at(date(2026, 10, 1), 0))).map(from_ms)
MINUTES = st.integers(0, 5000)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 12, 7), True),
        (date(2026, 12, 12), False),  # a Saturday
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday worked in lieu (调休)
        (date(2026, 1, 4), True),  # a Sunday worked in lieu
    ],
)
def test_the_published_calendar_holds(day, works):
    assert is_workday(day) is works


def test_a_year_not_published_is_an_error_with_its_name():
    with pytest.raises(UnpublishedYear, match="2099") as told:
        is_workday(date(2099, 6, 1))
    assert told.value.year == 2099
    with pytest.raises(UnpublishedYear, match="2027"):
        next_workday(date(2026, 12, 31))
    with pytest.raises(PeriodError, match="2027"):
        add_working_minutes(at(date(2026, 12, 31), 17), 61, OFFICE)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (at(date(2026, 12, 7), 9), 60, at(date(2026, 12, 7), 10)),
        (at(date(2026, 12, 7), 11), 60, at(date(2026, 12, 7), 12)),  # closing time still counts
        (at(date(2026, 12, 7), 11), 61, at(date(2026, 12, 7), 14, 31)),
        (at(date(2026, 12, 11), 17), 120, at(date(2026, 12, 14), 9)),  # over the weekend
        (at(date(2026, 9, 30), 17), 90, at(date(2026, 10, 8), 8, 30)),  # over the national holiday
        (at(date(2026, 12, 7), 3), 0, at(date(2026, 12, 7), 8)),
    ],
)
def test_clocks_run_in_office_hours(start, minutes, end):
    assert add_working_minutes(start, minutes, OFFICE) == end


@given(STARTS, MINUTES)
def test_as_many_minutes_pass_as_were_added(start, minutes):
    start = start.replace(second=0, microsecond=0)
    end = add_working_minutes(start, minutes, OFFICE)
    assert end >= start
    assert working_minutes_between(start, end, OFFICE) == minutes


@given(STARTS, MINUTES, MINUTES)
def test_adding_twice_is_adding_the_sum(start, first, second):
    step = add_working_minutes(start, first, OFFICE)
    assert add_working_minutes(step, second + 1, OFFICE) == add_working_minutes(
        start, first + second + 1, OFFICE
    )


@given(STARTS, MINUTES)
def test_no_clock_ends_outside_office_hours(start, minutes):
    end = add_working_minutes(start, minutes, OFFICE)
    assert is_workday(end.date())
    assert any(opens <= end.time() <= closes for opens, closes in OFFICE)


def test_bad_arguments():
    start = at(date(2026, 12, 7), 9)
    with pytest.raises(PeriodError):
        add_working_minutes(start.replace(tzinfo=None), 1, OFFICE)
    with pytest.raises(PeriodError):
        add_working_minutes(start, -1, OFFICE)
    with pytest.raises(PeriodError):
        add_working_minutes(start, 1, ())
    with pytest.raises(PeriodError):
        add_working_minutes(start, 1, ((time(9), time(12)), (time(11), time(13))))
    assert working_minutes_between(start, start - timedelta(hours=1), OFFICE) == 0


def test_the_next_working_day_skips_the_holiday_and_takes_the_day_in_lieu():
    assert next_workday(date(2026, 9, 30)) == date(2026, 10, 8)
    assert next_workday(date(2026, 10, 9)) == date(2026, 10, 10)
    assert next_workday(date(2026, 12, 11), 3) == date(2026, 12, 16)
    assert next_workday(date(2026, 12, 12), 0) == date(2026, 12, 12)


def test_seconds_are_not_lost():
    start, span = at(date(2026, 12, 7), 11, 59), timedelta(seconds=90)
    end = add_working_time(start, span, OFFICE)
    assert end == at(date(2026, 12, 7), 14, 30) + timedelta(seconds=30)
    assert working_time_between(start, end, OFFICE) == span
    assert working_minutes_between(start, end, OFFICE) == 1


def test_office_hours_may_depend_on_the_day():
    def hours(day):
        return OFFICE[:1] if day == date(2026, 12, 8) else OFFICE

    assert add_working_minutes(at(date(2026, 12, 7), 17), 60 + 240 + 60, hours) == at(date(2026, 12, 9), 9)
    with pytest.raises(PeriodError):
        add_working_minutes(at(date(2026, 12, 7), 17), 1, lambda day: ())
