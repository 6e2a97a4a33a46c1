"""The round of the clocks: steps of escalation, reminders, looks that have come, answers that are owed.

Found by query and written with what is told of it in one transaction: a kill at any moment loses nothing, and a round
done twice tells nothing twice. `tasks.models.Task.reminded_at` is when the running clock told anything last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db.models import Count, Q

from lantian.dispatch import Reminder, Step, Told, binding, look_at, reminders
from lantian.dispatch.escalation import shifted
from lantian.periods import day_bounds_ms, from_ms, local_day, to_ms
from lantian.records import RequestKind, TaskKind, TaskState
from lantian_web.events.commands import NewEvent, command, emit, get_cursor, set_cursor
from lantian_web.events.models import Event
from lantian_web.rows import CHUNK, fingerprint, locked
from lantian_web.tasks.clocks import ladder, urgency_of
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.moving import save, task_event

__all__ = ["Silent", "nobody_silent", "run_clocks"]

Silent = Callable[[Iterable[Task], datetime], AbstractSet[str]]
"""Which of some tasks nobody is to be reminded of at an instant; an app above keeps the silences."""

CURSOR = "tasks:round"
GRAIN = timedelta(minutes=1)
HELD = 10 * GRAIN
"""After so long, by the reminder's calendar, one that was held back is looked at again."""
SYSTEM = "system"


def nobody_silent(tasks: Iterable[Task], now: datetime) -> AbstractSet[str]:
    """No silence at all."""
    return frozenset()


@lru_cache(maxsize=64)
def _pace(on: date, emergency: bool) -> Mapping[str, Reminder]:
    return reminders(on, urgency_of(emergency))


def run_clocks(now: datetime, silent: Silent = nobody_silent) -> int:
    """Let every clock that is due tell what it has reached, once; returns how many were looked at.

    What was passed over while the worker was down is not made up for: only the highest step is told, one reminder at
    most. A clock that was set back takes up its pace again.
    """
    _follow(now)
    done = 0
    while part := _look(now, silent):
        done += part
    return done + _looks_come(now) + _answers_owed(now)


@command
def _follow(now: datetime) -> None:
    """Keep how late it is; when it is earlier than it was, look again at what waits for an hour that is far off."""
    last = get_cursor(CURSOR)
    if last is not None and 0 <= to_ms(now) - last < GRAIN.total_seconds() * 1000:
        return
    if last is not None and to_ms(now) < last:
        Task.objects.filter(next_due_at__isnull=False, reminded_at__gt=now).update(next_step_at=now)
    set_cursor(CURSOR, to_ms(now))


@command
def _look(now: datetime, silent: Silent) -> int:
    """One chunk of tasks whose clock has to be looked at."""
    due = Task.objects.filter(next_step_at__lte=now).order_by("next_step_at", "id")
    rows = list(locked(due)[:CHUNK])
    on = local_day(to_ms(now))
    quiet = _quiet([row for row in rows if row.step], now, silent)
    told: list[NewEvent] = []
    reminded: list[tuple[Task, str, Reminder]] = []
    counts = _counts([row for row in rows if row.reminded_at is not None], on)
    for row in rows:
        before = fingerprint(row)
        assert row.next_due_at is not None, "a step is only set with its clock"
        known = Told(row.step, row.reminded_at, counts.get(row.id, (0, 0))[1])
        look = look_at(now, row.next_due_at, known, ladder(on, row.emergency), _pace(on, row.emergency))
        if look.remind is not None and row.id in quiet:  # nobody was told: it stays owed
            soon = shifted(now, HELD, look.remind.calendar)
            row.next_step_at = min(soon, look.next_at or soon)
            continue
        row.reminded_at, row.next_step_at = look.told_at, look.next_at
        if look.rise is not None:
            row.step, row.step_peak = look.rise.order, max(row.step_peak, look.rise.order)
            told.append(_escalated(row, look.rise, now, before))
        if look.remind is not None:
            reminded.append((row, before, look.remind))
    told += [_reminded(row, rule, counts[row.id][0] + 1, now, old) for row, old, rule in reminded]
    save(rows, told)
    return len(rows)


def _escalated(row: Task, step: Step, now: datetime, before: str) -> NewEvent:
    tells = step.sender_tells if row.state == TaskState.DECLINED else step.tells
    due_at = row.next_due_at.isoformat() if row.next_due_at else None
    return task_event("task.escalated", row, now, SYSTEM, before, step=step.name, tells=tells, due_at=due_at)


def _reminded(row: Task, rule: Reminder, count: int, now: datetime, before: str) -> NewEvent:
    told = {
        "step": rule.step,
        "tells": rule.sender_tells if row.state == TaskState.DECLINED else rule.tells,
        "due_at": row.next_due_at.isoformat() if row.next_due_at else None,
        "count": count,
        "by_hand": False,
    }
    return task_event("task.reminded", row, now, SYSTEM, before, **told)


def _counts(rows: Sequence[Task], on: date) -> dict[str, tuple[int, int]]:
    """How often each task has been reminded of: ever, and by its clock on the local day."""
    start, end = (from_ms(edge) for edge in day_bounds_ms(on))
    today = Q(happened_at__gte=start, happened_at__lt=end, actor=SYSTEM)
    found = Event.objects.filter(
        subject_kind="task", subject_id__in=[row.id for row in rows], kind="task.reminded"
    )
    counted = found.order_by().values("subject_id").annotate(ever=Count("id"), day=Count("id", filter=today))
    return {row.id: (0, 0) for row in rows} | {
        each["subject_id"]: (each["ever"], each["day"]) for each in counted
    }


def _quiet(rows: Sequence[Task], now: datetime, silent: Silent) -> set[str]:
    """Tasks not reminded of now: silenced ones, and those whose handler has asked something of the sender.

    A question stops nothing; nor does an appeal against an emergency order: it is obeyed first.
    """
    if not rows:
        return set()
    asked = Request.objects.filter(task_id__in=[row.id for row in rows], decided_at=None)
    asked = asked.exclude(kind=RequestKind.QUESTION)
    obeyed = {row.id for row in rows if binding(TaskKind(row.kind), row.emergency)}
    acted = {
        str(key)
        for key, kind in asked.values_list("task_id", "kind")
        if not (kind == RequestKind.APPEAL and key in obeyed)
    }
    return acted | set(silent(rows, now))


def _looks_come(now: datetime) -> int:
    """Tasks on hold whose day of the next look has come: the sender is told once, until it was looked at."""
    today = local_day(to_ms(now))
    waiting = Task.objects.filter(state=TaskState.ON_HOLD, hold_until__lte=today, reminded_at=None)
    return _tell_looks(now) if waiting.exists() else 0


@command
def _tell_looks(now: datetime) -> int:
    today = local_day(to_ms(now))
    waiting = Task.objects.filter(state=TaskState.ON_HOLD, hold_until__lte=today, reminded_at=None)
    rows = list(locked(waiting.order_by("id")))
    before = [fingerprint(row) for row in rows]
    for row in rows:
        row.reminded_at = now
    told = [
        task_event("task.look_due", row, now, SYSTEM, old, tells="sender", on=str(row.hold_until))
        for row, old in zip(rows, before, strict=True)
    ]
    save(rows, told)
    return len(rows)


def _answers_owed(now: datetime) -> int:
    """Requests that the sender has not answered in time: told once each."""
    late = Request.objects.filter(decided_at=None, decide_due_at__lte=now)
    ids = list(late.values_list("id", flat=True))
    known = Event.objects.filter(subject_kind="request", subject_id__in=ids, kind="request.due")
    fresh = set(ids) - set(known.values_list("subject_id", flat=True)) if ids else set()
    return _tell_owed(sorted(fresh), now) if fresh else 0


@command
def _tell_owed(ids: Sequence[str], now: datetime) -> int:
    """Under the requests' locks: another worker that has told it meanwhile has told it."""
    rows = list(locked(Request.objects.filter(id__in=ids, decided_at=None)).order_by("id"))
    known = Event.objects.filter(subject_kind="request", subject_id__in=ids, kind="request.due")
    done = set(known.values_list("subject_id", flat=True))
    tasks = Task.objects.in_bulk([row.task_id for row in rows])
    told: list[NewEvent] = []
    for row in (row for row in rows if row.id not in done):
        task = tasks[row.task_id]
        said = {
            "request": row.id,
            "asked": row.kind,
            "asked_by": row.asked_by,
            "reason": row.reason,
            "due_at": row.decide_due_at.isoformat(),
            "tells": "sender",
        }
        told.append(
            NewEvent(
                "request.due",
                SYSTEM,
                now,
                "request",
                row.id,
                area_id=row.area_id,
                unit_id=row.unit_id,
                enterprise_id=row.enterprise_id,
                params={"number": task.number, "task": task.id} | said,
            )
        )
        told.append(task_event("task.request_due", task, now, SYSTEM, fingerprint(task), **said))
    if told:
        emit(told)
    return len(rows)
