"""How a task that comes near its due time, or passes it, rises step by step, and how it is reminded of.

A step is told once per running clock, the highest reached alone; nothing rises again at the top. Reminders go on at
the pace of the step reached, so many a day at most, until a person acts. What was missed is not made up for.

All that has to be kept is the highest step told and the instant at which anything was told last. A clock that was set
back tells nothing twice and takes up its pace at once; one that was set ahead tells what it then finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from lantian.dispatch.clock import Calendar, office_hours
from lantian.dispatch.deadline import Urgency
from lantian.periods import CITY_TZ, UnpublishedYear, add_working_time, is_workday
from lantian.records import Footnote
from lantian.standards import in_force

__all__ = [
    "Look",
    "Reminder",
    "Step",
    "Told",
    "level_at",
    "look_at",
    "next_rise",
    "reminders",
    "shifted",
    "steps",
]

_ZERO, _INSTANT, _DAY = timedelta(), timedelta(microseconds=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `after` is counted from the due time (negative: before it) on its calendar; `tells` says who hears of
    it, `sender_tells` who does where it is the sender who has to act."""

    order: int
    name: str
    after: timedelta
    tells: str
    footnote: Footnote
    calendar: Calendar = Calendar.CLOCK
    sender_tells: str = ""

    def at(self, due_at: datetime) -> datetime:
        """When it is reached."""
        return shifted(due_at, self.after, self.calendar)


@dataclass(frozen=True, slots=True)
class Reminder:
    """How often is reminded while a step stands: every so long, `most` times on one local day."""

    step: str
    every: timedelta
    calendar: Calendar
    most: int
    tells: str
    sender_tells: str
    footnote: Footnote

    def after(self, told_at: datetime) -> datetime:
        """When the next one is due."""
        return shifted(told_at, self.every, self.calendar)

    def tomorrow(self, now: datetime) -> datetime:
        """When the next day's begin."""
        midnight = datetime.combine(now.astimezone(CITY_TZ).date() + _DAY, time(), CITY_TZ)
        return shifted(midnight, _INSTANT, self.calendar)


@dataclass(frozen=True, slots=True)
class Told:
    """What one running clock has told: the highest step, when anything was told last, reminders of the local day."""

    step: int = 0
    at: datetime | None = None
    today: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be told now, and when to look again (None: never, until the clock is another one).

    `told_at` is what to keep as the instant of the last telling.
    """

    rise: Step | None
    remind: Reminder | None
    told_at: datetime | None
    next_at: datetime | None


@lru_cache(maxsize=8192)
def shifted(moment: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """The instant so much time after `moment`, before it when negative; office time lies in office hours.

    In a year whose holidays are not published a day by the wall stands for a day of the office: being told on a
    holiday is better than not being told.
    """
    if calendar is Calendar.CLOCK or span == _ZERO:
        return moment + span
    try:
        return _back(moment, -span) if span < _ZERO else add_working_time(moment, span, office_hours)
    except UnpublishedYear:
        return moment + span * (_DAY / _office_day(moment.astimezone(CITY_TZ).date()))


def _office_day(on: date) -> timedelta:
    """How long the office is open on a working day."""
    spans = (datetime.combine(on, closes) - datetime.combine(on, opens) for opens, closes in office_hours(on))
    return sum(spans, _ZERO)


def _back(moment: datetime, span: timedelta) -> datetime:
    """The latest instant from which `span` of office time passes until the moment."""
    local = moment.astimezone(CITY_TZ)
    day = local.date()
    while True:
        if is_workday(day):
            for opens, closes in reversed(office_hours(day)):
                ends = min(datetime.combine(day, closes, CITY_TZ), local)
                begins = datetime.combine(day, opens, CITY_TZ)
                if ends <= begins:
                    continue
                if ends - span >= begins:
                    return ends - span
                span -= ends - begins
        day -= _DAY


def steps(on: date, urgency: Urgency = Urgency.EMERGENCY) -> tuple[Step, ...]:
    """The steps in force on the day, in rising order."""
    rows = in_force("escalation_steps", on, urgency=urgency.value)
    found = (
        Step(
            row.integer("order"),
            row.text("step"),
            timedelta(minutes=row.integer()),
            row.text("tells"),
            row.footnote(),
            Calendar(row.text("calendar")),
            row.text("sender_tells"),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda step: step.order))


def reminders(on: date, urgency: Urgency = Urgency.EMERGENCY) -> Mapping[str, Reminder]:
    """The reminders in force on the day, by the step that has been reached."""
    rows = in_force("reminders", on, urgency=urgency.value)
    return {
        row.text("step"): Reminder(
            row.text("step"),
            timedelta(minutes=row.integer()),
            Calendar(row.text("calendar")),
            row.integer("most"),
            row.text("tells"),
            row.text("sender_tells"),
            row.footnote(),
        )
        for row in rows
    }


def level_at(now: datetime, due_at: datetime, ladder: Sequence[Step]) -> Step | None:
    """The highest step reached at `now`; None when the due time is not near."""
    reached = [step for step in ladder if now >= step.at(due_at)]
    return max(reached, key=lambda step: step.order, default=None)


def next_rise(now: datetime, due_at: datetime, ladder: Sequence[Step]) -> datetime | None:
    """When the next step is reached after `now`; None at the top."""
    return min((at for step in ladder if (at := step.at(due_at)) > now), default=None)


def look_at(
    now: datetime, due_at: datetime, told: Told, ladder: Sequence[Step], pace: Mapping[str, Reminder]
) -> Look:
    """What a running clock has to tell at `now`. Looking too early, too late or twice tells nothing twice."""
    reached = level_at(now, due_at, ladder)
    rise = reached if reached is not None and reached.order > told.step else None
    rule = pace.get(reached.name) if reached is not None else None
    told_at = now if rise is not None or (told.at is not None and told.at > now) else told.at
    remind, again = None, None
    if rule is not None:
        told_at = told_at or now  # the step was told when the clock stood elsewhere
        again = rule.after(told_at)
        if again <= now and told.today < rule.most:
            remind, told_at = rule, now
            again = rule.after(now)
        elif again <= now:
            again = rule.tomorrow(now)
    at = [moment for moment in (next_rise(now, due_at, ladder), again) if moment is not None]
    return Look(rise, remind, told_at, min(at, default=None))
