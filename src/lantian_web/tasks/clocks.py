"""The clocks of one task: by when it is claimed and answered, which of them runs, and since when one stands."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache

from lantian.dispatch import Step, Urgency, clocks, next_deadline, steps
from lantian.dispatch.clock import Calendar, clock_of, due, office_hours
from lantian.errors import PeriodError
from lantian.periods import UnpublishedYear, add_working_time, local_day, to_ms, working_time_between
from lantian.records import RequestKind, TaskState
from lantian.standards import in_force
from lantian_web.tasks.models import Pause, Task

__all__ = [
    "decide_by",
    "due_times",
    "due_times_again",
    "ladder",
    "resume_clock",
    "start_clock",
    "stop_clock",
    "urgency_of",
]


@lru_cache(maxsize=64)
def ladder(on: date, emergency: bool) -> tuple[Step, ...]:
    """The steps of escalation in force on the day."""
    return steps(on, urgency_of(emergency))


def urgency_of(emergency: bool) -> Urgency:
    """Which set of clocks a task runs on."""
    return Urgency.EMERGENCY if emergency else Urgency.ROUTINE


def due_times(
    kind: str, now: datetime, urgency: Urgency, typed: datetime | None
) -> tuple[datetime, datetime]:
    """By when a task opened now is claimed and answered. A due time that the sender typed stands for the table's, and
    is the way out when the table's clock runs into a year whose holidays are not published (else PeriodError)."""
    try:
        found = clocks(kind, now, urgency)
    except PeriodError:
        if typed is None:
            raise
        return typed, typed
    if typed is None:
        return found.claim_due_at, found.feedback_due_at
    return min(found.claim_due_at, typed), typed


def due_times_again(row: Task, now: datetime) -> tuple[datetime, datetime]:
    """The table's due times of a task that begins anew now. Where they reach a year whose holidays are not published,
    as long as the task was first given, by the wall: nobody types a due time when a task goes back or on."""
    try:
        return due_times(row.category or row.kind, now, urgency_of(row.emergency), None)
    except UnpublishedYear:
        claim, feedback = row.claim_due_at, row.feedback_due_at or row.claim_due_at
        return now + (claim - row.opened_at), now + (feedback - row.opened_at)


def decide_by(kind: RequestKind, emergency: bool, now: datetime) -> datetime:
    """By when the sender answers what was asked."""
    on, urgency = local_day(to_ms(now)), urgency_of(emergency).value
    [row] = in_force("request_clocks", on, request=kind.value, urgency=urgency)
    ended = due(clock_of(row, now), now)
    assert ended is not None, "nothing pauses this clock"
    return ended


def start_clock(row: Task, now: datetime) -> None:
    """Let the clock of the row's state run, from its lowest step; without a due time nothing runs."""
    state = TaskState(row.state)
    due_at = next_deadline(state, row.claim_due_at, row.feedback_due_at or row.claim_due_at)
    if state is TaskState.DECLINED:
        due_at = row.claim_due_at  # now it is the sender who must act
    elif state is not TaskState.ISSUED and (row.paused_at is not None or row.feedback_due_at is None):
        due_at = None
    row.next_due_at, row.step, row.reminded_at = due_at, 0, None
    row.next_step_at = None if due_at is None else ladder(local_day(to_ms(now)), row.emergency)[0].at(due_at)


def stop_clock(
    row: Task, rule: str, reason: str, by: str, now: datetime, ends_at: datetime | None = None
) -> None:
    """The feedback clock stands from now on, until it is resumed or `ends_at`. Another pause ends with this one."""
    if row.paused_at is not None:
        resume_clock(row, now)
    Pause.objects.create(task_id=row.id, since=now, ends_at=ends_at, rule=rule, reason=reason.strip(), by=by)
    row.paused_at = now


def resume_clock(row: Task, now: datetime) -> None:
    """The feedback clock goes on with the time that was left when it was stopped, counted on its own calendar (by the
    wall where that reaches a year whose holidays are not published: no clock stands for want of a calendar)."""
    if row.paused_at is None:
        return
    Pause.objects.filter(task_id=row.id, until=None).update(until=max(now, row.paused_at))
    since, due_at = row.paused_at, row.feedback_due_at
    row.paused_at = None
    if due_at is None or due_at <= since:
        return
    row.feedback_due_at = max(now, since) + (due_at - since)
    if calendar_of(row) is Calendar.WORKING:
        with suppress(UnpublishedYear):
            left = working_time_between(since, due_at, office_hours)
            row.feedback_due_at = add_working_time(max(now, since), left, office_hours)


def calendar_of(row: Task) -> Calendar:
    """The calendar that the task's clocks count on."""
    return Calendar.CLOCK if row.emergency else Calendar.WORKING
