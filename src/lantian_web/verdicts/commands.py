"""Checking answered tasks: a second person concludes, and the task is closed or goes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lantian.dispatch import TaskEvent, move
from lantian.errors import LantianError, LawError, RightsError, TransitionError
from lantian.records import Outcome, TaskKind, TaskState, make_id
from lantian.verify import check_closer
from lantian.verify.compliance import Tally
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import posts_of
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import Answer, chunks, fingerprint, insert, locked
from lantian_web.tasks.commands import Settlement, settle
from lantian_web.tasks.models import Task
from lantian_web.verdicts.models import Verdict
from lantian_web.verdicts.queries import CHECKERS, compliance, handlers

__all__ = ["Check", "check", "check_many"]


@dataclass(frozen=True, slots=True)
class Check:
    """What one person concluded on one task, at their own instant of the play clock."""

    task_id: str
    outcome: Outcome
    closes: bool
    by: str
    at: datetime
    reason: str = ""


class _Checkers:
    """Who checks for which areas, and of which unit everybody is; read once for a chunk."""

    def __init__(self, items: Sequence[Check], tasks: Iterable[Task]) -> None:
        people = {item.by for item in items}
        self.posts = [post for post in posts_of(CHECKERS) if post.person_id in people]
        people |= {person for task in tasks for person in handlers(task)}
        self.unit = dict(Person.objects.filter(id__in=people).values_list("id", "unit_id"))

    def admit(self, item: Check, task: Task) -> None:
        """RightsError for a handler, one of a handler's unit, and one without a checking post over the area."""
        own = handlers(task)
        check_closer(own, item.by)
        if self.unit.get(item.by) in {task.unit_id, *(self.unit.get(person) for person in own)}:
            raise RightsError(f"{item.by} is of the unit that handled task {task.number}")
        if not any(p.person_id == item.by and task.area_id.startswith(p.area_id) for p in self.posts):
            raise RightsError(f"{item.by} checks nothing in {task.area_id}")


def _lawful(item: Check, task: Task) -> None:
    """A breach closes no task, but one whose order is over: that can no longer be carried out, and what was found
    goes its own way in a check. Everything but a plain "complied" needs its reason."""
    over = task.kind == TaskKind.CARRY_OUT and task.feedback_due_at is not None
    if item.closes and item.outcome is Outcome.NOT_COMPLIED and not over:
        raise LawError("not_complied", "a task is not closed while what it asks for is not done")
    if not (item.closes and item.outcome is Outcome.COMPLIED) and not item.reason.strip():
        raise LawError(
            "no_reason", "a task that goes back, or is closed without compliance, needs its reason"
        )


def _verdict(item: Check, task: Task, nth: int, days: Tally) -> Verdict:
    return Verdict(
        id=make_id("verdict", task.id, nth),
        area_id=task.area_id,
        unit_id=task.unit_id,
        enterprise_id=task.enterprise_id,
        task_id=task.id,
        round=nth,
        outcome=item.outcome.value,
        closes=item.closes,
        checker=item.by,
        checked_at=item.at,
        reason=item.reason.strip(),
        days_complied=days.complied,
        days_not_complied=days.not_complied,
        days_cannot_tell=days.cannot_tell,
    )


def _event(row: Verdict, task: Task) -> NewEvent:
    return NewEvent(
        "verdict.given",
        row.checker,
        row.checked_at,
        "verdict",
        row.id,
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params={
            "task": task.id,
            "number": task.number,
            "round": row.round,
            "outcome": row.outcome,
            "closes": row.closes,
            "reason": row.reason,
            "days": [row.days_complied, row.days_not_complied, row.days_cannot_tell],
        },
        after=fingerprint(row),
    )


def _event_of(item: Check) -> TaskEvent:
    return TaskEvent.PASS if item.closes else TaskEvent.RETURN


def _refusal(
    item: Check, task: Task | None, checkers: _Checkers, done: Mapping[str, Check]
) -> Exception | None:
    try:
        if task is None or item.task_id in done:
            raise TransitionError("there is no such task" if task is None else "this task was just checked")
        move(TaskState(task.state), _event_of(item))
        checkers.admit(item, task)
        _lawful(item, task)
    except LantianError as error:
        return error
    return None


@command
def _check(items: Sequence[Check]) -> list[Answer]:
    ids = [item.task_id for item in items]
    tasks = {task.id: task for task in locked(Task.objects.filter(id__in=ids))}
    checkers = _Checkers(items, tasks.values())
    done: dict[str, Check] = {}
    answers = []
    for item in items:
        why = _refusal(item, tasks.get(item.task_id), checkers, done)
        answers.append(Answer(item.task_id, why is None, why))
        if why is None:
            done[item.task_id] = item
    days = compliance([tasks[key] for key in done])
    rows = [_verdict(item, tasks[key], tasks[key].returns + 1, days[key]) for key, item in done.items()]
    insert(rows)
    if rows:
        emit([_event(row, tasks[row.task_id]) for row in rows])
    settle([Settlement(i.task_id, _event_of(i), i.by, i.at, i.reason.strip()) for i in done.values()])
    return answers


def check_many(items: Iterable[Check]) -> list[Answer]:
    """People conclude on answered tasks, each at their own instant; an answer per item.

    1. The task is answered, the checker is a second person with a post over the area, the law allows it. 2. The
    verdict is kept with the judged days as they stand. 3. The task is closed or goes back, with a new clock.
    """
    return [answer for part in chunks(list(items)) for answer in _check(part)]


def check(items: Iterable[tuple[str, Outcome, bool, str]], by: str, now: datetime) -> list[Answer]:
    """One person concludes on tasks, (id, outcome, closes, reason) each; an answer per id."""
    return check_many(Check(key, outcome, closes, by, now, reason) for key, outcome, closes, reason in items)
