"""The legs of a task: whose turn it was from when to when, and from when on that was late.

Read from the task's events, which say the state after each; due times that a step set anew come from the step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from lantian.dispatch.delay import Allowance, Delay, DelayPart, Leg, allowances, attribute
from lantian.errors import LantianError
from lantian.periods import from_ms, local_day, to_ms
from lantian.records import TaskState
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding
from lantian_web.rows import chunks
from lantian_web.tasks.clocks import due_times, due_times_again, urgency_of
from lantian_web.tasks.models import Task
from lantian_web.tasks.queries import ANSWER_AGAIN, CLAIM_AGAIN

__all__ = ["delays", "legs_of"]

Seen = tuple[datetime, datetime]
"""When the first finding of a task was seen to last, and when it was proposed."""
PARTS = {
    TaskState.ISSUED: DelayPart.CLAIM,
    TaskState.DECLINED: DelayPart.ORDER,
    TaskState.CLAIMED: DelayPart.ACTION,
    TaskState.IN_HAND: DelayPart.ACTION,
    TaskState.RETURNED: DelayPart.ACTION,
    TaskState.ANSWERED: DelayPart.CHECK,
}


def delays(tasks: Iterable[Task], now: datetime) -> dict[str, Delay]:
    """To whom the delay of each task belongs, as of `now`."""
    rows = list(tasks)
    events: dict[str, list[Event]] = defaultdict(list)
    seen: dict[str, Seen] = {}
    for part in chunks([row.id for row in rows]):
        found = Event.objects.filter(subject_kind="task", subject_id__in=part, happened_at__lte=now)
        for event in found.order_by("happened_at", "id"):
            events[event.subject_id].append(event)
        for finding, task_id in _findings(part):
            first = from_ms(finding.last_ms), finding.proposed_at
            seen[task_id] = min(seen.get(task_id, first), first)
    allowed = allowances(local_day(to_ms(now)))
    return {row.id: attribute(legs_of(row, events[row.id], seen.get(row.id), allowed, now)) for row in rows}


def _findings(ids: Sequence[str]) -> Iterable[tuple[Finding, str]]:
    for finding in Finding.objects.filter(joined__task_id__in=ids).select_related("joined"):
        yield finding, str(finding.joined.task_id)


def legs_of(
    row: Task,
    events: Sequence[Event],
    seen: Seen | None,
    allowed: Mapping[DelayPart, Allowance],
    now: datetime,
) -> list[Leg]:
    """The legs of one task until it ended, or until now; its events in the order in which they happened."""
    legs: list[Leg] = []
    opened = min(row.opened_at, now)
    if seen is not None:
        found = min(max(seen), opened)
        start = min(seen[0], found)
        legs.append(Leg(DelayPart.DATA, start, found, allowed[DelayPart.DATA].due(start), "system"))
        decided = events[0].actor if events else row.opened_by
        legs.append(Leg(DelayPart.ORDER, found, opened, allowed[DelayPart.ORDER].due(found), decided))
    due = _Due(row, events[0] if events else None)
    state, since, stands = TaskState.ISSUED, opened, False
    who = row.unit_id
    for event in [*events, None]:
        at = now if event is None else min(max(event.happened_at, since), now)
        if at > since:
            legs.append(_leg(row, state, stands, since, at, due, who, allowed))
            since = at
        if event is None or event.kind == "task.opened":
            continue
        state = TaskState(str(event.params.get("state", state)))
        stands = {"task.paused": True, "task.unpaused": False}.get(event.kind, stands)
        who = event.unit_id or who
        due.after(event)
        if state in (TaskState.CLOSED, TaskState.WITHDRAWN) and not _goes_on(events, event):
            break
    return legs


def _goes_on(events: Sequence[Event], event: Event) -> bool:
    return any(later.kind == "task.reopened" and later.pk > event.pk for later in events)


def _leg(
    row: Task,
    state: TaskState,
    stands: bool,
    since: datetime,
    until: datetime,
    due: _Due,
    who: str,
    allowed: Mapping[DelayPart, Allowance],
) -> Leg:
    part = None if stands and state is not TaskState.ANSWERED else PARTS.get(state)
    if part is DelayPart.CLAIM:
        return Leg(part, since, until, due.claim, who)
    if part is DelayPart.ACTION:
        return Leg(part, since, until, due.feedback, who)
    if part is DelayPart.CHECK:
        return Leg(part, since, until, allowed[part].due(due.answered or since), row.lead_unit_id)
    if part is DelayPart.ORDER:
        return Leg(part, since, until, allowed[part].due(due.declined or since), row.lead_unit_id)
    return Leg(None, since, until)


class _Due:
    """The due times of a task as they stood after each of its events."""

    def __init__(self, row: Task, opened: Event | None) -> None:
        self.row = row
        self.claim: datetime | None = row.claim_due_at
        self.feedback: datetime | None = row.feedback_due_at
        self.answered: datetime | None = None
        self.declined: datetime | None = None
        if opened is not None and opened.kind == "task.opened":
            typed = _moment(opened.params.get("due_at"))
            try:
                first = due_times(row.category or row.kind, row.opened_at, urgency_of(row.emergency), typed)
            except LantianError:
                return  # a rule that is gone: what the row says stands for it
            self.claim = first[0]
            self.feedback = None if row.order_id else first[1]

    def after(self, event: Event) -> None:
        """What a step set anew."""
        if event.kind in ANSWER_AGAIN:
            self.feedback = due_times_again(self.row, event.happened_at)[1]
        elif event.kind in CLAIM_AGAIN:
            self.claim = due_times_again(self.row, event.happened_at)[0]
        elif event.kind in ("task.due", "task.resumed", "task.unpaused"):
            said = event.params.get("feedback_due_at", event.params.get("due_at"))
            self.feedback = _moment(said) or self.feedback
        elif event.kind == "task.answered":
            self.answered = event.happened_at
        elif event.kind == "task.declined":
            self.declined = event.happened_at


def _moment(said: object) -> datetime | None:
    return datetime.fromisoformat(str(said)) if said else None
