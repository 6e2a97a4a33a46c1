"""The one clock of the system: an allowance of minutes that runs day and night or in office hours, with pauses.

Rules of the file:

- What has been used stays used. `used` never falls as time goes on, never passes the allowance, and stands while a
  pause runs; `left` is the rest. A clock that has run out stays run out, whatever is paused later.
- A pause takes from the clock only what the clock would have counted: a weekend takes nothing from a working clock.
  Pauses that overlap count once. One that begins after `now` has not happened yet (a replay, a wall clock set back).
- `due` is the first instant at which nothing is left, or None while a pause runs: then no time can be named and
  nobody is late.
- Nothing here changes a clock silently: `switch` says what was, what is, how much was used, and why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from lantian.errors import PeriodError, TransitionError
from lantian.periods import CITY_TZ, OfficeHours, add_working_time, working_time_between
from lantian.standards import Row, in_force

__all__ = [
    "Calendar",
    "Clock",
    "Span",
    "Switch",
    "clock_of",
    "due",
    "left",
    "office_hours",
    "overdue",
    "pause",
    "paused",
    "pause_ends",
    "reaches",
    "resumed",
    "switch",
    "until",
    "used",
]

_ZERO, _MINUTE, _US = timedelta(), timedelta(minutes=1), timedelta(microseconds=1)


class Calendar(StrEnum):
    """Which minutes a clock counts."""

    CLOCK = "clock"  # all of them
    WORKING = "working"  # office hours of working days


@dataclass(frozen=True, slots=True)
class Span:
    """A pause: [since, until), still running while `until` is None. `rule` is a row of pause_rules."""

    since: datetime
    until: datetime | None = None
    rule: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        _aware(self.since, *(() if self.until is None else (self.until,)))
        if self.until is not None and self.until < self.since:
            raise PeriodError(f"a pause cannot end ({self.until}) before it begins ({self.since})")

    def covers(self, now: datetime) -> bool:
        """Whether it runs at that instant."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Clock:
    """An allowance of `minutes` from `started_at`; `brought` of it was used before that, on another clock."""

    started_at: datetime
    minutes: int
    calendar: Calendar = Calendar.CLOCK
    pauses: tuple[Span, ...] = ()
    brought: timedelta = _ZERO

    def __post_init__(self) -> None:
        _aware(self.started_at)
        object.__setattr__(self, "calendar", Calendar(self.calendar))
        if self.minutes <= 0 or not _ZERO <= self.brought < self.allowance:
            raise PeriodError(f"no clock runs {self.minutes} minutes of which {self.brought} are used")

    @property
    def allowance(self) -> timedelta:
        """All of its time."""
        return self.minutes * _MINUTE


@dataclass(frozen=True, slots=True)
class Switch:
    """A clock replaced by another at an instant: what was used of the one, what is left on the other, and why."""

    before: Clock
    after: Clock
    at: datetime
    reason: str
    used: timedelta  # of `before`
    left: timedelta  # on `after`; none when the clock had run out and so was not switched


def _aware(*moments: datetime) -> None:
    for moment in moments:
        if moment.tzinfo is None:
            raise PeriodError(f"{moment.isoformat()} has no time zone")


@lru_cache(maxsize=4096)
def office_hours(on: date) -> OfficeHours:
    """Office spans in force on the day, in rising order."""
    edges: dict[int, dict[str, time]] = {}
    for row in in_force("office_hours", on):
        hour, minute = divmod(row.integer(), 60)
        edges.setdefault(row.integer("span"), {})[row.text("edge")] = time(hour, minute)
    return tuple((edges[span]["opens"], edges[span]["closes"]) for span in sorted(edges))


def _between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    if calendar is Calendar.WORKING:
        return working_time_between(start, end, office_hours)
    return max(end - start, _ZERO)


def _after(calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    if calendar is Calendar.WORKING:
        return add_working_time(start, span, office_hours)
    return start.astimezone(CITY_TZ) + span


def _pauses(clock: Clock, now: datetime) -> list[tuple[datetime, datetime]]:
    """Pauses begun by `now`, cut to [start, now], merged, in rising order."""
    cut = sorted(
        (max(span.since, clock.started_at), now if span.until is None else min(span.until, now))
        for span in clock.pauses
    )
    merged: list[tuple[datetime, datetime]] = []
    for since, end in cut:
        if end < since:  # over before the clock began, or not yet begun
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((since, end))
    return merged


def paused(clock: Clock, now: datetime) -> bool:
    """Whether a pause runs at that instant."""
    _aware(now)
    return any(span.covers(now) for span in clock.pauses)


def due(clock: Clock, now: datetime) -> datetime | None:
    """When it runs out, or ran out, as known at `now`; None while a pause runs.

    UnpublishedYear when a working clock reaches a year whose holidays are not published: the way out is `until`.
    """
    return reaches(clock, _ZERO, now)


def reaches(clock: Clock, remaining: timedelta, now: datetime) -> datetime | None:
    """When only `remaining` of its own time is left: an office hour before the end lies in office hours. None while
    a pause holds it back."""
    _aware(now)
    missing = clock.allowance - max(remaining, _ZERO) - clock.brought
    cursor = clock.started_at
    if missing <= _ZERO:
        return cursor.astimezone(CITY_TZ)
    for since, end in _pauses(clock, now):
        ran = _between(clock.calendar, cursor, since)
        if ran >= missing:
            break
        missing, cursor = missing - ran, end
    else:
        if paused(clock, now):
            return None
    return _after(clock.calendar, cursor, missing)


def used(clock: Clock, now: datetime) -> timedelta:
    """Time used by `now` in the clock's own calendar: never more than its allowance, none before it starts."""
    _aware(now)
    ran, cursor = clock.brought, clock.started_at
    for since, end in [*_pauses(clock, now), (now, now)]:
        ran += _between(clock.calendar, cursor, since)
        if ran >= clock.allowance:
            return clock.allowance
        cursor = end
    return ran


def left(clock: Clock, now: datetime) -> timedelta:
    """What is not used; none once it has run out."""
    return clock.allowance - used(clock, now)


def overdue(clock: Clock, now: datetime) -> timedelta:
    """How long ago it ran out, by the wall; none before that."""
    ended = due(clock, now)
    return _ZERO if ended is None else max(now - ended, _ZERO)


def pause(clock: Clock, since: datetime, rule: str, reason: str = "", until: datetime | None = None) -> Clock:
    """The clock with one more pause. Whether the rule may pause it is for `deadline.may_pause` to say."""
    return replace(clock, pauses=(*clock.pauses, Span(since, until, rule, reason)))


def resumed(clock: Clock, at: datetime) -> Clock:
    """The clock with every pause that runs at `at` ended there. TransitionError when none does."""
    if not paused(clock, at):
        raise TransitionError("the clock does not stand")
    ended = (replace(span, until=at) if span.covers(at) else span for span in clock.pauses)
    return replace(clock, pauses=tuple(ended))


def switch(clock: Clock, to: Clock, at: datetime, reason: str) -> Switch:
    """Replace a clock by one of another length or calendar (`to`: its minutes and calendar) at an instant.

    The share that has been used stays used: half of an hour used leaves half of two days. Pauses that still run go
    on. One that has run out is not switched: nobody who is late becomes punctual, and nobody who is in time late.
    TransitionError without a reason.
    """
    if not reason.strip():
        raise TransitionError("a switch of the clock needs its reason")
    spent = used(clock, at)
    if spent >= clock.allowance:
        return Switch(clock, clock, at, reason, spent, _ZERO)
    running = tuple(span for span in clock.pauses if span.until is None or span.until > at)
    start = max(at, clock.started_at)
    share = (to.allowance // _US) * (spent // _US) // (clock.allowance // _US)
    brought = share * _US
    after = Clock(start, to.minutes, to.calendar, running, brought)
    return Switch(clock, after, at, reason, spent, after.allowance - brought)


def until(started_at: datetime, due_at: datetime) -> Clock:
    """The clock of a due time that a person typed: it runs day and night and ends at that instant, pauses apart.
    PeriodError unless the due time lies after the start."""
    _aware(started_at, due_at)
    minutes = -((started_at - due_at) // _MINUTE)
    return Clock(started_at, minutes, brought=minutes * _MINUTE - (due_at - started_at))


def clock_of(row: Row, started_at: datetime) -> Clock:
    """The clock of a table row with `value` in minutes and `calendar`."""
    return Clock(started_at, row.integer(), Calendar(row.text("calendar")))


def pause_ends(row: Row, since: datetime) -> datetime:
    """When a pause by this row of pause_rules ends by itself, counted in the row's own calendar."""
    ended = due(clock_of(row, since), since)
    assert ended is not None, "a clock without pauses is always due"
    return ended
