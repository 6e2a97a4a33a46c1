"""The clock module: the published failures of other systems, one test each; examples; properties against a walk."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.dispatch.clock import (
    Calendar,
    Clock,
    Span,
    clock_of,
    due,
    left,
    office_hours,
    overdue,
    pause,
    pause_ends,
    paused,
    reaches,
    resumed,
    switch,
    until,
    used,
)
from lantian.dispatch.deadline import Stage, Urgency, clock_rule, may_pause
from lantian.errors import PeriodError, TransitionError
from lantian.periods import UnpublishedYear, at, is_workday, working_time_between

MONDAY = date(2026, 12, 7)
FRIDAY = date(2026, 12, 11)
NINE = at(MONDAY, 9)
MINUTE, HOUR, NONE = timedelta(minutes=1), timedelta(hours=1), timedelta()
LATER = at(date(2026, 12, 31), 12)


def working(start: datetime, minutes: int, *pauses: Span) -> Clock:
    return Clock(start, minutes, Calendar.WORKING, pauses)


# What went wrong elsewhere: numbers are those of the issues of the projects named.


def test_glpi_10594_a_pause_over_the_weekend_takes_nothing_from_a_working_clock():
    clock = working(at(FRIDAY, 17), 120, Span(at(FRIDAY, 18), at(date(2026, 12, 14), 8)))
    assert due(clock, LATER) == at(date(2026, 12, 14), 9) == due(replace(clock, pauses=()), LATER)


def test_glpi_15429_a_calendar_of_office_hours_does_not_rise_at_birth():
    clock = working(at(FRIDAY, 19), 240)
    assert due(clock, at(FRIDAY, 19)) == at(date(2026, 12, 14), 12)
    assert overdue(clock, at(FRIDAY, 19)) == NONE
    assert used(clock, at(date(2026, 12, 13), 23)) == NONE


def test_glpi_22678_a_warning_before_the_end_comes_in_office_hours_not_at_midnight():
    clock = working(at(MONDAY, 17), 240)  # one hour today, three tomorrow
    assert due(clock, at(MONDAY, 17)) == at(date(2026, 12, 8), 11)
    assert reaches(clock, HOUR, at(MONDAY, 17)) == at(date(2026, 12, 8), 10)
    assert reaches(working(at(MONDAY, 17), 90), HOUR, at(MONDAY, 17)) == at(MONDAY, 17, 30)


@pytest.mark.parametrize("issue", [6902, 15605])
def test_glpi_6902_15605_what_stood_before_a_switch_is_not_counted_after_it(issue):
    now = NINE + 5 * HOUR
    if issue == 6902:  # switched while it stands
        before = pause(Clock(NINE, 120), NINE + HOUR, "laboratory_result")
        switched = switch(before, Clock(NINE, 60), now, "urgency raised")
        assert paused(switched.after, now)
        assert due(switched.after, now) is None
        after = resumed(switched.after, now + HOUR)
        assert due(after, now + HOUR) == now + HOUR + 30 * MINUTE
    else:  # switched after it went on
        before = Clock(NINE, 120, pauses=(Span(NINE + HOUR, now),))
        switched = switch(before, Clock(NINE, 60), now, "urgency raised")
        assert due(switched.after, now) == now + 30 * MINUTE
    assert (switched.used, switched.left) == (HOUR, 30 * MINUTE)


def test_glpi_14492_the_end_of_a_pause_keeps_to_the_calendar_of_its_rule():
    row = may_pause("explanation_review", FRIDAY, binding=False)
    assert pause_ends(row, at(FRIDAY, 17)) == at(date(2026, 12, 14), 17)
    assert is_workday(pause_ends(row, at(date(2026, 9, 30), 17)).date())


def test_glpi_24481_7946_nobody_is_late_while_the_clock_stands():
    clock = pause(Clock(NINE, 120), NINE + HOUR, "laboratory_result")
    for hours in (1, 2, 3, 500):
        now = NINE + hours * HOUR
        assert due(clock, now) is None
        assert overdue(clock, now) == NONE
        assert left(clock, now) == HOUR


def test_glpi_14148_going_back_to_an_earlier_state_keeps_what_stood():
    clock = resumed(pause(Clock(NINE, 120), NINE + HOUR, "laboratory_result"), NINE + 10 * HOUR)
    again = resumed(pause(clock, NINE + 10 * HOUR, "explanation_review"), NINE + 11 * HOUR)
    assert due(again, NINE + 11 * HOUR) == NINE + 12 * HOUR


def test_glpi_1996_a_clock_that_has_run_out_gives_one_due_time_for_ever():
    clock = working(NINE, 60, Span(NINE, NINE + HOUR))
    first = due(clock, at(MONDAY, 12))
    assert {due(clock, at(MONDAY, 12) + step * timedelta(hours=7)) for step in range(60)} == {first}


def test_glpi_2765_a_clock_is_never_switched_without_saying_so():
    clock = working(NINE, 240)
    with pytest.raises(TransitionError, match="reason"):
        switch(clock, Clock(NINE, 120), NINE + HOUR, " ")
    done = switch(clock, Clock(NINE, 120), NINE + HOUR, "a warning is in force")
    assert (done.before, done.at, done.reason) == (clock, NINE + HOUR, "a warning is in force")
    assert done.used == HOUR
    assert clock == working(NINE, 240)


def test_glpi_6898_12401_the_claim_clock_has_an_end_of_its_own():
    claim = clock_of(clock_rule("plant_check", Stage.CLAIM, Urgency.EMERGENCY, MONDAY), NINE)
    feedback = clock_of(clock_rule("plant_check", Stage.FEEDBACK, Urgency.EMERGENCY, MONDAY), NINE)
    assert due(claim, NINE) < due(feedback, NINE)


def test_glpi_687_a_task_opened_outside_office_hours_uses_nothing_until_they_begin():
    clock = working(at(date(2026, 12, 12), 11), 60)  # a Saturday
    assert left(clock, at(date(2026, 12, 14), 8)) == HOUR
    assert due(clock, at(date(2026, 12, 12), 11)) == at(date(2026, 12, 14), 9)


def test_glpi_6010_a_clock_that_can_never_run_is_refused():
    for bad in (0, -1):
        with pytest.raises(PeriodError):
            working(NINE, bad)
    with pytest.raises(PeriodError):
        Clock(NINE, 60, brought=HOUR)


def test_a_year_not_published_ends_with_its_name_and_the_way_out():
    clock = working(at(date(2026, 12, 31), 17), 61)
    with pytest.raises(UnpublishedYear, match="2027 is not published; type the due date") as told:
        due(clock, at(date(2026, 12, 31), 17))
    assert told.value.year == 2027
    typed = until(at(date(2026, 12, 31), 17), at(date(2027, 1, 4), 18))
    assert due(typed, at(date(2026, 12, 31), 17)) == at(date(2027, 1, 4), 18)


# Examples.


def test_a_day_worked_in_lieu_counts_and_a_holiday_does_not():
    assert due(working(at(date(2026, 9, 30), 17), 120), LATER) == at(date(2026, 10, 8), 9)
    assert due(working(at(date(2026, 10, 9), 17), 120), LATER) == at(date(2026, 10, 10), 9)  # a Saturday


def test_pauses_inside_outside_and_across_office_hours():
    def ends(*pauses):
        return due(working(NINE, 450, *pauses), LATER)

    plain = ends()
    assert plain == at(date(2026, 12, 8), 9)
    assert ends(Span(at(MONDAY, 10), at(MONDAY, 11))) == plain + HOUR
    assert ends(Span(at(MONDAY, 12), at(MONDAY, 14, 30))) == plain
    assert ends(Span(at(MONDAY, 11), at(MONDAY, 15))) == plain + 90 * MINUTE
    assert ends(Span(at(MONDAY, 11), at(MONDAY, 24))) == at(date(2026, 12, 8), 16)


def test_overlapping_and_touching_pauses_count_once():
    one = Clock(NINE, 120, pauses=(Span(NINE + HOUR, NINE + 3 * HOUR),))
    many = Clock(
        NINE,
        120,
        pauses=(
            Span(NINE + 2 * HOUR, NINE + 3 * HOUR),
            Span(NINE + HOUR, NINE + 2 * HOUR),
            Span(NINE + 90 * MINUTE, NINE + 150 * MINUTE),
            Span(NINE + HOUR, NINE + HOUR),
        ),
    )
    assert due(one, LATER) == due(many, LATER) == NINE + 4 * HOUR


def test_a_pause_that_began_before_the_clock_counts_from_its_start():
    assert due(Clock(NINE, 60, pauses=(Span(NINE - 5 * HOUR, NINE + HOUR),)), LATER) == NINE + 2 * HOUR
    assert due(Clock(NINE, 60, pauses=(Span(NINE - 5 * HOUR, NINE),)), LATER) == NINE + HOUR


def test_a_pause_after_the_end_changes_nothing():
    clock = Clock(NINE, 60)
    for late in (NINE + HOUR, NINE + 2 * HOUR):
        stood = pause(clock, late, "force_majeure")
        assert due(stood, late) == due(stood, LATER) == NINE + HOUR
        assert (left(stood, LATER), overdue(stood, LATER)) == (NONE, LATER - NINE - HOUR)


def test_a_clock_ends_at_24_00():
    assert due(Clock(at(MONDAY, 22), 120), LATER) == at(MONDAY, 24) == at(date(2026, 12, 8), 0)
    assert due(until(NINE, at(MONDAY, 24)), NINE) == at(MONDAY, 24)


def test_a_pause_that_has_not_begun_has_not_happened():
    clock = Clock(NINE, 120, pauses=(Span(NINE + HOUR),))
    assert due(clock, NINE) == NINE + 2 * HOUR
    assert due(clock, NINE + HOUR) is None


def test_before_its_start_nothing_is_used():
    assert used(Clock(NINE, 60), NINE - timedelta(days=9)) == NONE
    assert due(Clock(NINE, 60), NINE - timedelta(days=9)) == NINE + HOUR


def test_a_typed_time_with_seconds_is_kept_to_the_second_and_moved_by_a_pause():
    start = NINE + timedelta(seconds=37)
    clock = until(start, at(MONDAY, 18))
    assert due(clock, start) == at(MONDAY, 18)
    assert due(replace(clock, pauses=(Span(at(MONDAY, 10), at(MONDAY, 11)),)), LATER) == at(MONDAY, 19)
    with pytest.raises(PeriodError):
        until(NINE, NINE)


def test_office_hours_may_change_with_the_season(monkeypatch):
    from lantian.dispatch import clock as module

    summer, winter = office_hours(MONDAY), ((office_hours(MONDAY)[0]),)
    monkeypatch.setattr(module, "office_hours", lambda day: winter if day > MONDAY else summer)
    assert due(working(at(MONDAY, 17), 60 + 300), LATER) == at(date(2026, 12, 9), 9)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Clock(NINE.replace(tzinfo=None), 60),
        lambda: Span(NINE.replace(tzinfo=None)),
        lambda: Span(NINE, NINE - MINUTE),
        lambda: due(Clock(NINE, 60), NINE.replace(tzinfo=None)),
        lambda: Clock(NINE, 60, "office"),
    ],
)
def test_what_is_no_clock_is_refused(wrong):
    with pytest.raises((PeriodError, ValueError)):
        wrong()


def test_only_a_clock_that_stands_goes_on():
    with pytest.raises(TransitionError):
        resumed(Clock(NINE, 60), NINE)


def test_a_switch_between_calendars_keeps_the_share():
    done = switch(working(NINE, 900), Clock(NINE, 120), at(date(2026, 12, 8), 9), "warning")
    assert (done.used, done.left) == (450 * MINUTE, HOUR)
    back = switch(done.after, working(NINE, 900), at(date(2026, 12, 8), 9, 30), "warning lifted")
    assert back.left == timedelta(minutes=225)
    assert due(back.after, back.at) == at(date(2026, 12, 8), 9, 30) + 375 * MINUTE  # over the noon break


def test_a_late_clock_is_not_switched():
    clock = Clock(NINE, 60)
    done = switch(clock, working(NINE, 2250), NINE + 2 * HOUR, "made routine")
    assert done.after == clock
    assert (due(done.after, LATER), done.left) == (NINE + HOUR, NONE)


# Properties. Minutes of 2026-09-24 to 2026-10-12: a festival, a weekend worked, a long holiday, a Saturday worked.

FIRST = at(date(2026, 9, 24), 0)
DAYS = 19


@lru_cache
def opens() -> list[bool]:
    moments = [FIRST + step * MINUTE for step in range(DAYS * 1440)]
    return [
        is_workday(moment.date()) and any(a <= moment.time() < b for a, b in office_hours(moment.date()))
        for moment in moments
    ]


def minute(step: int) -> datetime:
    return FIRST + step * MINUTE


def walk(clock: Clock, now: datetime) -> tuple[int, datetime | None]:
    """Minute by minute: how much is used at `now`, and when the clock runs out if nothing more is paused."""
    spans = [
        (span.since, now if span.until is None or span.until > now else span.until)
        for span in clock.pauses
        if span.since <= now
    ]
    taken, spent, ended = 0, 0, None
    step = (clock.started_at - FIRST) // MINUTE
    while ended is None and step < DAYS * 1440:
        moment = minute(step)
        counts = clock.calendar is Calendar.CLOCK or opens()[step]
        if counts and not any(a <= moment < b for a, b in spans):
            taken += 1
            spent += moment < now
            if taken == clock.minutes:
                ended = minute(step + 1)
        step += 1
    stands = any(span.since <= now and (span.until is None or now < span.until) for span in clock.pauses)
    return spent, None if stands and (ended is None or ended > now) else ended


STEPS = st.integers(0, 5 * 1440)
SPANS = st.tuples(STEPS, st.one_of(st.none(), st.integers(0, 4000))).map(
    lambda pair: Span(minute(pair[0]), None if pair[1] is None else minute(pair[0] + pair[1]), "r")
)
CLOCKS = st.builds(
    Clock,
    STEPS.map(minute),
    st.integers(1, 1500),
    st.sampled_from(Calendar),
    st.lists(SPANS, max_size=4).map(tuple),
)
NOWS = st.integers(0, 9 * 1440).map(minute)
BACK, OVER = minute(10 * 1440), minute(18 * 1440)  # every pause of a PAST clock has ended
PAST = CLOCKS.map(
    lambda clock: replace(
        clock, pauses=tuple(replace(span, until=span.until or BACK) for span in clock.pauses)
    )
)


@settings(max_examples=150)
@given(CLOCKS, NOWS)
def test_as_the_walk_minute_by_minute(clock, now):
    spent, ended = walk(clock, now)
    assert used(clock, now) == spent * MINUTE
    assert due(clock, now) == ended
    assert left(clock, now) + used(clock, now) == clock.minutes * MINUTE


@given(CLOCKS, NOWS, NOWS)
def test_what_is_used_never_falls(clock, one, other):
    early, late = sorted((one, other))
    assert NONE <= used(clock, early) <= used(clock, late) <= clock.allowance


@settings(max_examples=50)
@given(PAST)
def test_a_pause_never_makes_it_due_earlier_and_moves_it_by_what_it_took(clock):
    ended, before = due(clock, OVER), due(replace(clock, pauses=()), OVER)
    assert ended >= before
    shift = (
        working_time_between(before, ended, office_hours)
        if clock.calendar is Calendar.WORKING
        else ended - before
    )
    stood = NONE  # minutes of the calendar that pauses took between the start and the end
    for step in range((clock.started_at - FIRST) // MINUTE, (ended - FIRST) // MINUTE):
        counts = clock.calendar is Calendar.CLOCK or opens()[step]
        stopped = any(span.since <= minute(step) < span.until for span in clock.pauses)
        stood += MINUTE * (counts and stopped)
    assert shift == stood


@given(PAST)
def test_at_the_end_nothing_is_left_and_a_moment_before_something(clock):
    ended = due(clock, OVER)
    assert due(clock, ended) == ended
    assert left(clock, ended) == NONE
    assert left(clock, ended - timedelta(microseconds=1)) > NONE


@given(CLOCKS, NOWS, st.integers(1, 1500), st.sampled_from(Calendar))
def test_a_switch_makes_nobody_late_and_nobody_punctual(clock, now, minutes, calendar):
    done = switch(clock, Clock(now, minutes, calendar), now, "reason")
    late = left(clock, now) == NONE
    assert (left(done.after, now) == NONE) is late
    assert done.left == left(done.after, now)
    assert paused(done.after, now) == paused(clock, now)
    share = used(clock, now) / clock.allowance
    if not late:
        assert abs(used(done.after, now) / done.after.allowance - share) < 1e-6


@given(PAST, st.integers(0, 1500))
def test_what_remains_at_a_warning_is_what_was_asked(clock, minutes):
    remaining = min(minutes * MINUTE, clock.allowance - MINUTE)
    warned = reaches(clock, remaining, OVER)
    assert warned <= due(clock, OVER)
    assert left(clock, warned) == remaining


@given(CLOCKS, NOWS, NOWS)
def test_a_wall_clock_set_back_and_forth_gives_the_same_answers(clock, now, other):
    first = (due(clock, now), used(clock, now), paused(clock, now))
    due(clock, other)
    assert (due(clock, now), used(clock, now), paused(clock, now)) == first


@given(CLOCKS, NOWS)
def test_going_on_ends_every_running_pause(clock, now):
    if not paused(clock, now):
        clock = pause(clock, now, "force_majeure")
    on = resumed(clock, now)
    assert not paused(on, now)
    assert used(on, now) == used(clock, now)
    assert due(on, now) is not None
