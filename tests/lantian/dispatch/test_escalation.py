from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.dispatch import Told, Urgency, level_at, look_at, next_rise, reminders, steps
from lantian.dispatch.clock import Calendar, office_hours
from lantian.dispatch.escalation import shifted
from lantian.periods import CITY_TZ, at, is_workday, working_time_between

ON = date(2026, 12, 7)
DUE = at(ON, 12)
LADDER = steps(ON)
MINUTE = timedelta(minutes=1)


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
        assert all(step.tells and step.sender_tells for step in ladder)
        assert set(reminders(ON, urgency)) == {"yellow", "red"}  # what is not late is reminded of once


@given(st.integers(-3000, 3000))
def test_nothing_rises_before_the_next_rise(minutes):
    now = DUE + timedelta(minutes=minutes)
    then = next_rise(now, DUE, LADDER)
    if then is None:
        assert level_at(now, DUE, LADDER) == LADDER[-1]
    else:
        assert level_at(then - timedelta(microseconds=1), DUE, LADDER) == level_at(now, DUE, LADDER)
        assert level_at(then, DUE, LADDER) != level_at(now, DUE, LADDER)


@pytest.mark.parametrize(
    ("due", "near"),
    [
        (at(ON, 16, 30), at(ON, 14, 30)),
        (at(ON, 9), at(date(2026, 12, 4), 17)),  # Monday morning: told on Friday afternoon
        (at(ON, 10), at(ON, 8)),
        (at(date(2026, 12, 8), 0), at(ON, 16)),  # typed, 24:00
    ],
)
def test_a_routine_task_nears_its_end_in_office_hours(due, near):
    first, _, last = (step.at(due) for step in steps(ON, Urgency.ROUTINE))
    assert first == near
    assert working_time_between(due, last, office_hours) == timedelta(minutes=450)


@given(st.integers(0, 260 * 1440), st.integers(-900, 900))
def test_shifting_by_office_time_counts_office_time_and_lies_in_it(start, minutes):
    moment, span = at(date(2026, 3, 1), 0) + start * MINUTE, minutes * MINUTE
    then = shifted(moment, span, Calendar.WORKING)
    first, last = sorted((moment, then))
    assert working_time_between(first, last, office_hours) == abs(span)
    if span:
        assert is_workday(then.date())
        assert any(
            opens <= then.timetz().replace(tzinfo=None) <= closes
            for opens, closes in office_hours(then.date())
        )


def test_where_holidays_are_not_published_a_day_stands_for_an_office_day():
    far = at(date(2099, 3, 4), 1)
    assert shifted(far, 450 * MINUTE, Calendar.WORKING) == far + timedelta(days=1)
    assert shifted(far, -225 * MINUTE, Calendar.WORKING) == far - timedelta(hours=12)


@dataclass
class Rounds:
    """What the worker keeps of one running clock, and the rounds it makes."""

    urgency: Urgency
    due: datetime
    told: Told = field(default_factory=Told)
    next_at: datetime | None = None
    last: datetime | None = None
    rises: list[int] = field(default_factory=list)
    sent: list[datetime] = field(default_factory=list)

    def __post_init__(self):
        self.ladder, self.pace = steps(ON, self.urgency), reminders(ON, self.urgency)
        self.next_at = self.ladder[0].at(self.due)

    def at(self, now):
        if self.last is not None and now < self.last and self.told.at is not None and self.told.at > now:
            self.next_at = now
        self.last = now
        if self.next_at is None or now < self.next_at:
            return
        today = sum(
            moment.astimezone(CITY_TZ).date() == now.astimezone(CITY_TZ).date() for moment in self.sent
        )
        look = look_at(now, self.due, Told(self.told.step, self.told.at, today), self.ladder, self.pace)
        assert look.next_at is None or look.next_at > now  # or the round would never end
        if look.rise:
            self.rises.append(look.rise.order)
        if look.remind:
            self.sent.append(now)
        step = look.rise.order if look.rise else self.told.step
        self.told, self.next_at = Told(step, look.told_at), look.next_at


WALKS = st.lists(
    st.one_of(
        st.integers(0, 30),  # the rounds of a worker
        st.integers(0, 20 * 1440),  # down for days
        st.integers(-20 * 1440, 0),  # a clock set back
    ),
    min_size=1,
    max_size=60,
)


@given(st.sampled_from(Urgency), st.integers(0, 7 * 1440), WALKS)
def test_whatever_the_clock_does_nothing_is_told_twice_and_nothing_is_lost(urgency, minutes, walk):
    rounds = Rounds(urgency, at(date(2026, 6, 1), 0) + minutes * MINUTE)
    now, before = at(date(2026, 5, 31), 0), []
    for step in walk:
        now += step * MINUTE
        count = len(rounds.sent)
        rounds.at(now)
        rounds.at(now)  # the round that a kill made the worker do again
        reached = level_at(now, rounds.due, rounds.ladder)
        assert rounds.told.step >= (reached.order if reached else 0)  # not lost
        assert len(rounds.sent) <= count + 1
        before.append(now)
    assert rounds.rises == sorted(set(rounds.rises))  # each step once, the worst known last
    by_day: dict[date, int] = {}
    for moment in rounds.sent:
        by_day[moment.astimezone(CITY_TZ).date()] = by_day.get(moment.astimezone(CITY_TZ).date(), 0) + 1
    assert all(count <= max(rule.most for rule in rounds.pace.values()) for count in by_day.values())
    assert len(set(rounds.sent)) == len(rounds.sent)


@given(st.sampled_from(Urgency), st.integers(0, 7 * 1440), WALKS)
def test_after_every_jump_the_reminders_come_at_their_pace_again(urgency, minutes, walk):
    rounds = Rounds(urgency, at(date(2026, 6, 1), 0) + minutes * MINUTE)
    now = at(date(2026, 5, 31), 0)
    for step in walk:
        now += step * MINUTE
        rounds.at(now)
    fresh = max([now, rounds.due, *rounds.sent]) + timedelta(
        days=3
    )  # past every step, days without reminders
    for jump, start in ((fresh, fresh), (fresh + timedelta(days=60), fresh + timedelta(days=20))):
        rounds.at(jump)
        many = len(rounds.sent)
        for minute in range(0, 10 * 1440, 15):
            rounds.at(start + minute * MINUTE)
        assert len(rounds.sent) > many
    assert all(
        later - earlier >= rounds.pace["yellow"].every or later < earlier
        for earlier, later in zip(rounds.sent, rounds.sent[1:], strict=False)
        if urgency is Urgency.EMERGENCY
    )


def test_in_an_undisturbed_night_the_leader_hears_once_and_the_person_three_times_and_then_four_a_day():
    rounds = Rounds(Urgency.EMERGENCY, DUE)
    for minute in range(-60, 48 * 60):
        rounds.at(DUE + minute * MINUTE)
    assert rounds.rises == [1, 2, 3]
    first_day = [moment for moment in rounds.sent if moment < at(date(2026, 12, 8), 0)]
    assert first_day == [DUE + minute * MINUTE for minute in (20, 40, 180, 300)]
    second = [
        moment for moment in rounds.sent if at(date(2026, 12, 8), 0) <= moment < at(date(2026, 12, 9), 0)
    ]
    assert len(second) == 4
