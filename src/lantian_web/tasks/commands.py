"""Opening tasks, claiming and answering them, and ending them.

All changes of state go through `lantian.dispatch.lifecycle`; clocks run in `rising`.
Bulk commands work in chunks of one transaction each and answer for every row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lantian.dispatch import ENDED, OPEN_STATES, TaskEvent, clocks, move
from lantian.errors import TransitionError
from lantian.records import TaskKind, TaskState, make_id
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import Answer, chunks, fingerprint, insert, locked
from lantian_web.tasks.clocks import due_times_again, resume_clock, start_clock
from lantian_web.tasks.models import Task, TaskFinding
from lantian_web.tasks.moving import Admit, each, number_tasks, save, task_event, worded
from lantian_web.tasks.parties import Actors
from lantian_web.tasks.responsibility import Offices, Roles
from lantian_web.tasks.rising import run_clocks

__all__ = [
    "Feedback",
    "Settlement",
    "TaskSpec",
    "answer",
    "answer_many",
    "claim",
    "claim_many",
    "join",
    "open_tasks",
    "orders_ended",
    "run_clocks",
    "settle",
    "settle_parts",
    "start",
    "start_many",
]

WAITING = (TaskState.ISSUED, TaskState.CLAIMED, TaskState.IN_HAND)
"""States in which an order's end makes its task due for answer."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task to be opened; who answers for it is found from the posts. `natural_key` makes its id."""

    kind: TaskKind
    natural_key: tuple[str, ...]
    enterprise_id: str
    area_id: str
    warning_id: str
    order_id: str = ""
    cause: str = ""
    finding_ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Derived from the natural key."""
        return make_id("task", self.kind.value, *self.natural_key)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's claim (`text` empty) or answer of one task, at its own instant of the play clock."""

    task_id: str
    by: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A checker passes or returns an answered task, or it is withdrawn."""

    task_id: str
    event: TaskEvent
    by: str
    at: datetime
    reason: str = ""


def _opened(spec: TaskSpec, roles: Roles, now: datetime, claim_due: datetime, due: datetime) -> Task:
    carry_out = spec.kind is TaskKind.CARRY_OUT
    row = Task(
        id=spec.id,
        area_id=spec.area_id,
        unit_id=roles.unit,
        enterprise_id=spec.enterprise_id,
        kind=spec.kind.value,
        state=TaskState.ISSUED.value,
        cause=spec.cause,
        order_id=spec.order_id,
        warning_id=spec.warning_id,
        lead_unit_id=roles.lead,
        leader_id=roles.leader,
        person_id=roles.person,
        opened_at=now,
        claim_due_at=claim_due,
        feedback_due_at=None if carry_out else due,
    )
    start_clock(row, now)
    return row


@command
def open_tasks(specs: Sequence[TaskSpec], now: datetime, by: str = "system") -> list[Task]:
    """Open tasks that are not there yet, numbered by day in the order given; returns the new ones.

    LawError missing_role when lead unit, responsible unit, leader or person is missing: then none is opened.
    """
    known: set[str] = set()
    for part in chunks([spec.id for spec in specs]):
        known.update(Task.objects.filter(id__in=part).values_list("id", flat=True))
    fresh = [spec for spec in specs if spec.id not in known]
    if not fresh:
        return []
    offices = Offices(now)
    due = {kind: clocks(kind, now) for kind in {spec.kind for spec in fresh}}
    rows = [
        _opened(
            spec,
            offices.roles(spec.kind, spec.enterprise_id, spec.area_id),
            now,
            due[spec.kind].claim_due_at,
            due[spec.kind].feedback_due_at,
        )
        for spec in fresh
    ]
    number_tasks(rows, now)
    insert(rows)
    links = [TaskFinding(task_id=spec.id, finding_id=key) for spec in fresh for key in spec.finding_ids]
    insert(links)
    findings = {spec.id: list(spec.finding_ids) for spec in fresh}
    emit(
        [
            task_event("task.opened", row, now, by, "", findings=findings[row.id], order=row.order_id)
            for row in rows
        ]
    )
    return rows


@command
def join(findings: Mapping[str, Sequence[str]], now: datetime, by: str = "system") -> None:
    """Join further findings to open tasks, per task id."""
    rows = locked(Task.objects.filter(id__in=list(findings))).order_by("id")
    insert(
        [TaskFinding(task_id=key, finding_id=finding) for key, added in findings.items() for finding in added]
    )
    emit(
        [
            task_event("task.joined", row, now, by, fingerprint(row), findings=list(findings[row.id]))
            for row in rows
        ]
    )


@command
def orders_ended(ends: Mapping[str, tuple[datetime, datetime]], now: datetime, by: str) -> None:
    """Orders (id → start, end) have got their end: what was to be carried out becomes due for answer after it.

    An end that was moved moves the due time with it. A task of an order that never came into force is withdrawn.
    """
    rows: list[Task] = []
    for part in chunks(sorted(ends)):
        carried = Task.objects.filter(order_id__in=part, kind=TaskKind.CARRY_OUT)
        rows += locked(carried.filter(state__in=WAITING).order_by("id"))
    due_after = {end: clocks(TaskKind.CARRY_OUT, end).feedback_due_at for _, end in set(ends.values())}
    rows = [row for row in rows if row.feedback_due_at != due_after[ends[row.order_id][1]]]
    before, kinds = [fingerprint(row) for row in rows], []
    for row in rows:
        start, end = ends[row.order_id]
        row.feedback_due_at = due_after[end]
        if end <= start:
            row.state = move(TaskState(row.state), TaskEvent.WITHDRAW).value
            row.closed_at = now
        kinds.append("task.withdrawn" if end <= start else "task.due")
        if row.state != TaskState.ISSUED:
            start_clock(row, now)
    save(
        rows,
        [
            task_event(kind, row, now, by, old, feedback_due_at=_iso(row.feedback_due_at))
            for kind, row, old in zip(kinds, rows, before, strict=True)
        ],
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _claimed(row: Task, item: Feedback, before: str) -> NewEvent:
    row.state = move(TaskState(row.state), TaskEvent.CLAIM).value
    row.claimed_at, row.claimed_by = item.at, item.by
    start_clock(row, item.at)
    return task_event("task.claimed", row, item.at, item.by, before, late=item.at > row.claim_due_at)


def _answered(row: Task, item: Feedback, before: str) -> NewEvent:
    said = worded(item.text)
    if not said:
        raise TransitionError("an answer needs its text")
    row.state = move(TaskState(row.state), TaskEvent.ANSWER).value
    resume_clock(row, item.at)  # who has answered waits for nothing any more
    row.answered_at, row.answered_by, row.answer = item.at, item.by, said
    start_clock(row, item.at)
    late = row.feedback_due_at is not None and item.at > row.feedback_due_at
    return task_event("task.answered", row, item.at, item.by, before, late=late, text=row.answer)


def _started(row: Task, item: Feedback, before: str) -> NewEvent:
    said = worded(item.text)
    row.state = move(TaskState(row.state), TaskEvent.BEGIN).value
    row.started_at, row.started_by = item.at, item.by
    return task_event("task.started", row, item.at, item.by, before, text=said)


def _acting(items: Sequence[Feedback]) -> Admit:
    return Actors((item.by for item in items), max(item.at for item in items)).check


def _rolled_up(items: Sequence[Feedback]) -> Admit:
    """A task handed on in parts is answered once each part has been."""
    may = _acting(items)
    parts = Task.objects.filter(parent_id__in=[item.task_id for item in items], state__in=OPEN_STATES)
    waiting = Counter(parts.exclude(state=TaskState.ANSWERED).values_list("parent_id", flat=True))

    def check(by: str, row: Task) -> None:
        may(by, row)
        if waiting[row.id]:
            raise TransitionError(f"{waiting[row.id]} of its parts are not answered yet")

    return check


def claim_many(items: Iterable[Feedback]) -> list[Answer]:
    """People claim tasks (签收), each at their own instant; an answer per item."""
    return each(items, _claimed, _acting)


def claim(ids: Iterable[str], by: str, now: datetime) -> list[Answer]:
    """One person claims tasks; an answer per id."""
    return claim_many(Feedback(key, by, now) for key in ids)


def start_many(items: Iterable[Feedback]) -> list[Answer]:
    """People are on the spot or at work (承办), each at their own instant; an answer per item."""
    return each(items, _started, _acting)


def start(ids: Iterable[str], by: str, now: datetime) -> list[Answer]:
    """One person starts work on tasks; an answer per id."""
    return start_many(Feedback(key, by, now) for key in ids)


def answer_many(items: Iterable[Feedback]) -> list[Answer]:
    """People answer tasks (反馈), each at their own instant; an answer per item."""
    return each(items, _answered, _rolled_up)


def answer(texts: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    """One person answers tasks, (id, text) each; an answer per id."""
    return answer_many(Feedback(key, by, now, text) for key, text in texts)


ENDINGS = {
    TaskEvent.PASS: "task.closed",
    TaskEvent.RETURN: "task.returned",
    TaskEvent.WITHDRAW: "task.withdrawn",
}


def _settled(row: Task, item: Settlement, before: str) -> NewEvent:
    row.state = move(TaskState(row.state), item.event).value
    row.hold_until = None
    resume_clock(row, item.at)
    if item.event is TaskEvent.RETURN:
        row.returns += 1
        row.returned_at = item.at
        row.feedback_due_at = due_times_again(row, item.at)[1]
    else:
        row.closed_at = item.at
    start_clock(row, item.at)
    return task_event(ENDINGS[item.event], row, item.at, item.by, before, reason=item.reason)


@command
def settle(items: Sequence[Settlement]) -> None:
    """Pass, return or withdraw tasks, all or none. Who may do it is for the caller to know (`verdicts`).

    TransitionError when one of them does not take its event.
    """
    rows = {row.id: row for row in locked(Task.objects.filter(id__in=[item.task_id for item in items]))}
    told = [_settled(rows[item.task_id], item, fingerprint(rows[item.task_id])) for item in items]
    save([rows[item.task_id] for item in items], told)
    settle_parts([item for item in items if TaskState(rows[item.task_id].state) in ENDED])


@command
def settle_parts(ended: Sequence[Settlement]) -> None:
    """What ends takes its parts along: answered ones are closed with it, the others fall away."""
    whole = {item.task_id: item for item in ended}
    parts = Task.objects.filter(parent_id__in=list(whole), state__in=OPEN_STATES).order_by("id")
    along = [_along(part, whole[str(part.parent_id)]) for part in parts]
    if along:
        settle(along)


def _along(part: Task, whole: Settlement) -> Settlement:
    answered = part.state == TaskState.ANSWERED and whole.event is TaskEvent.PASS
    return replace(whole, task_id=part.id, event=TaskEvent.PASS if answered else TaskEvent.WITHDRAW)
