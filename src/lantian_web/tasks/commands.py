"""Opening tasks, claiming and answering them, ending them, and running their clocks.

All changes of state go through `lantian.dispatch.lifecycle`; all clocks through `deadline` and `escalation`.
Bulk commands work in chunks of one transaction each and answer for every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lantian.dispatch import TaskEvent, Urgency, clocks, level_at, move, next_rise
from lantian.errors import LantianError, TransitionError
from lantian.periods import local_day, to_ms
from lantian.records import TaskKind, TaskState, make_id
from lantian_web.events.commands import NewEvent, command, draw, emit
from lantian_web.rows import CHUNK, Answer, chunks, fingerprint, insert, locked, rewrite
from lantian_web.tasks.clocks import ladder, start_clock
from lantian_web.tasks.models import Task, TaskFinding
from lantian_web.tasks.responsibility import Actors, Offices, Roles

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
]

MOVED = [
    "state",
    "next_due_at",
    "next_step_at",
    "feedback_due_at",
    "claimed_at",
    "claimed_by",
    "answered_at",
    "answered_by",
    "answer",
    "returned_at",
    "closed_at",
    "returns",
    "step",
    "step_peak",
]


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


def _event(kind: str, row: Task, at: datetime, by: str, before: str, **params: object) -> NewEvent:
    told = {"number": row.number, "kind": row.kind, "cause": row.cause, "state": row.state}
    return NewEvent(
        kind,
        by,
        at,
        "task",
        row.id,
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params=told | params,
        before=before,
        after=fingerprint(row),
    )


def _opened(
    spec: TaskSpec, number: str, roles: Roles, now: datetime, claim_due: datetime, due: datetime
) -> Task:
    carry_out = spec.kind is TaskKind.CARRY_OUT
    row = Task(
        id=spec.id,
        area_id=spec.area_id,
        unit_id=roles.unit,
        enterprise_id=spec.enterprise_id,
        number=number,
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
    offices, day = Offices(), local_day(to_ms(now))
    first = draw(f"tasks:{day.isoformat()}", len(fresh))
    due = {kind: clocks(kind, now) for kind in {spec.kind for spec in fresh}}
    rows = [
        _opened(
            spec,
            f"{day:%Y-%m%d}-{serial:04d}",
            offices.roles(spec.kind, spec.enterprise_id, spec.area_id),
            now,
            due[spec.kind].claim_due_at,
            due[spec.kind].feedback_due_at,
        )
        for serial, spec in enumerate(fresh, start=first)
    ]
    insert(rows)
    links = [TaskFinding(task_id=spec.id, finding_id=key) for spec in fresh for key in spec.finding_ids]
    insert(links)
    findings = {spec.id: list(spec.finding_ids) for spec in fresh}
    emit(
        [
            _event("task.opened", row, now, by, "", findings=findings[row.id], order=row.order_id)
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
            _event("task.joined", row, now, by, fingerprint(row), findings=list(findings[row.id]))
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
        rows += locked(carried.filter(state__in=[TaskState.ISSUED, TaskState.CLAIMED]).order_by("id"))
    due_after = {end: clocks(TaskKind.CARRY_OUT, end).feedback_due_at for _, end in set(ends.values())}
    rows = [row for row in rows if row.feedback_due_at != due_after[ends[row.order_id][1]]]
    was, before, kinds = [row.state for row in rows], [fingerprint(row) for row in rows], []
    for row in rows:
        start, end = ends[row.order_id]
        row.feedback_due_at = due_after[end]
        if end <= start:
            row.state = move(TaskState(row.state), TaskEvent.WITHDRAW).value
            row.closed_at = now
        kinds.append("task.withdrawn" if end <= start else "task.due")
        if row.state != TaskState.ISSUED:
            start_clock(row, now)
    rewrite(rows, MOVED, guard="state", was=was)
    if rows:
        emit(
            [
                _event(kind, row, now, by, old, feedback_due_at=_iso(row.feedback_due_at))
                for kind, row, old in zip(kinds, rows, before, strict=True)
            ]
        )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


# One item of a bulk command moves one locked row and tells of it; it raises before it has changed anything.
Move = Callable[[Task, Feedback, str], NewEvent]


def _claimed(row: Task, item: Feedback, before: str) -> NewEvent:
    row.state = move(TaskState(row.state), TaskEvent.CLAIM).value
    row.claimed_at, row.claimed_by = item.at, item.by
    start_clock(row, item.at)
    return _event("task.claimed", row, item.at, item.by, before, late=item.at > row.claim_due_at)


def _answered(row: Task, item: Feedback, before: str) -> NewEvent:
    if not item.text.strip():
        raise TransitionError("an answer needs its text")
    row.state = move(TaskState(row.state), TaskEvent.ANSWER).value
    row.answered_at, row.answered_by, row.answer = item.at, item.by, item.text.strip()
    start_clock(row, item.at)
    late = row.feedback_due_at is not None and item.at > row.feedback_due_at
    return _event("task.answered", row, item.at, item.by, before, late=late, text=row.answer)


@command
def _apply(items: Sequence[Feedback], step: Move) -> list[Answer]:
    rows = {row.id: row for row in locked(Task.objects.filter(id__in=[item.task_id for item in items]))}
    was = {key: row.state for key, row in rows.items()}
    prints = {key: fingerprint(row) for key, row in rows.items()}
    actors = Actors(item.by for item in items)
    answers, told = [], []
    for item in items:
        row = rows.get(item.task_id)
        try:
            if row is None:
                raise TransitionError("there is no such task")
            actors.check(item.by, row)
            told.append(step(row, item, prints[row.id]))
            answers.append(Answer(item.task_id, True))
        except LantianError as error:
            answers.append(Answer(item.task_id, False, error))
    moved = [rows[event.subject_id] for event in told]
    rewrite(moved, MOVED, guard="state", was=[was[row.id] for row in moved])
    if told:
        emit(told)
    return answers


def _each(items: Iterable[Feedback], step: Move) -> list[Answer]:
    """Chunk by chunk; a task named twice in one call counts by its first item."""
    return [answer for part in chunks(list(items)) for answer in _apply(part, step)]


def claim_many(items: Iterable[Feedback]) -> list[Answer]:
    """People claim tasks (签收), each at their own instant; an answer per item."""
    return _each(items, _claimed)


def claim(ids: Iterable[str], by: str, now: datetime) -> list[Answer]:
    """One person claims tasks; an answer per id."""
    return claim_many(Feedback(key, by, now) for key in ids)


def answer_many(items: Iterable[Feedback]) -> list[Answer]:
    """People answer tasks (反馈), each at their own instant; an answer per item."""
    return _each(items, _answered)


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
    if item.event is TaskEvent.RETURN:
        row.returns += 1
        row.returned_at = item.at
        urgency = Urgency.EMERGENCY if row.emergency else Urgency.ROUTINE
        row.feedback_due_at = clocks(TaskKind(row.kind), item.at, urgency).feedback_due_at
    else:
        row.closed_at = item.at
    start_clock(row, item.at)
    return _event(ENDINGS[item.event], row, item.at, item.by, before, reason=item.reason)


@command
def settle(items: Sequence[Settlement]) -> None:
    """Pass, return or withdraw tasks, all or none. Who may do it is for the caller to know (`verdicts`).

    TransitionError when one of them does not take its event.
    """
    rows = {row.id: row for row in locked(Task.objects.filter(id__in=[item.task_id for item in items]))}
    was = [rows[item.task_id].state for item in items]
    told = [_settled(rows[item.task_id], item, fingerprint(rows[item.task_id])) for item in items]
    rewrite([rows[item.task_id] for item in items], MOVED, guard="state", was=was)
    if told:
        emit(told)


@command
def _rise(now: datetime) -> int:
    """One chunk of tasks whose clock has to be looked at."""
    due = Task.objects.filter(next_step_at__lte=now).order_by("next_step_at", "id")
    rows = list(locked(due)[:CHUNK])
    told = []
    before = [fingerprint(row) for row in rows]
    for row, old in zip(rows, before, strict=True):
        steps = ladder(local_day(to_ms(now)), row.emergency)
        assert row.next_due_at is not None, "a step is only set with its clock"
        reached = level_at(now, row.next_due_at, steps)
        row.next_step_at = next_rise(now, row.next_due_at, steps)
        if reached is None or reached.order <= row.step:
            continue
        row.step, row.step_peak = reached.order, max(row.step_peak, reached.order)
        due_at = row.next_due_at.isoformat()
        told.append(
            _event(
                "task.escalated",
                row,
                now,
                "system",
                old,
                step=reached.name,
                tells=reached.tells,
                due_at=due_at,
            )
        )
    rewrite(rows, MOVED, guard="state", was=[row.state for row in rows])
    if told:
        emit(told)
    return len(rows)


def run_clocks(now: datetime) -> int:
    """Let every clock that is due rise by the step it has reached, once; returns how many were looked at.

    A step passed over (the worker was down) is not made up for: only the highest one reached is told.
    """
    done = 0
    while part := _rise(now):
        done += part
    return done
