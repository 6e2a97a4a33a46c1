"""Checking answered tasks: a second person concludes, and the task is closed or goes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lantian.dispatch import TaskEvent, move
from lantian.errors import LantianError, LawError, RightsError, TransitionError
from lantian.periods import local_day, to_ms
from lantian.records import Outcome, TaskKind, TaskState, make_id
from lantian.verify import Mark, check_closer, check_conditions, check_distance
from lantian.verify.compliance import Tally
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import posts_of
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import Answer, chunks, fingerprint, insert, locked
from lantian_web.tasks.commands import Settlement, settle
from lantian_web.tasks.models import Task
from lantian_web.tasks.moving import worded
from lantian_web.verdicts.models import ConditionMark, Verdict
from lantian_web.verdicts.queries import (
    CHECKERS,
    all_handlers,
    asked_conditions,
    checker_rule,
    compliance,
    handlers,
)

__all__ = ["Check", "Checkers", "check", "check_many"]


@dataclass(frozen=True, slots=True)
class Check:
    """What one person concluded on one task, at their own instant of the play clock."""

    task_id: str
    outcome: Outcome
    closes: bool
    by: str
    at: datetime
    reason: str = ""
    marks: Mapping[str, Mark] = field(default_factory=dict)


class Checkers:
    """Who checks for which areas, and of which unit everybody is; read once for a chunk."""

    def __init__(self, checkers: Iterable[str], tasks: Iterable[Task], now: datetime | None = None) -> None:
        people, on = set(checkers), local_day(to_ms(now)) if now else None
        self.posts = [post for post in posts_of(CHECKERS, on) if post.person_id in people]
        self.active = set(Person.objects.filter(id__in=people, active=True).values_list("id", flat=True))
        self.hands = all_handlers(list(tasks))
        people |= {person for own in self.hands.values() for person in own}
        known = Person.objects.filter(id__in=people).values_list("id", "unit_id", "unit__area_id")
        self.unit = {person: unit for person, unit, _ in known}
        self.area = {person: area for person, _, area in known}

    def admit(self, by: str, task: Task) -> None:
        """RightsError for a handler (of the task or of a part of it, now or before it went back or on), one too near to
        the handlers for this kind of task, one who has left, and one who is neither a checker of the area nor (of a
        typed order) of the unit that sent it."""
        own = self.hands.get(task.id) or handlers(task)
        check_closer(own, by)
        if by not in self.active:
            raise RightsError(f"{by} is nobody who checks")
        unit = self.unit.get(by, "")
        near = handlers(task)
        units = {task.unit_id, *(self.unit.get(person, "") for person in near)}
        county = task.area_id if task.unit_id in units else ""
        check_distance(checker_rule(task), unit, units, self.area.get(by, ""), county)
        if task.kind == TaskKind.DISPATCH and unit and unit == task.lead_unit_id:
            return
        if not any(p.person_id == by and task.area_id.startswith(p.area_id) for p in self.posts):
            raise RightsError(f"{by} checks nothing in {task.area_id}")


def _lawful(item: Check, task: Task) -> None:
    """A breach closes no task, but one whose order is over: that can no longer be carried out, and what was found
    goes its own way in a check. Everything but a plain "complied" needs its reason."""
    worded(item.reason)
    over = task.kind == TaskKind.CARRY_OUT and task.feedback_due_at is not None
    if item.closes and item.outcome is Outcome.NOT_COMPLIED and not over:
        raise LawError("not_complied", "a task is not closed while what it asks for is not done")
    if not (item.closes and item.outcome is Outcome.COMPLIED) and not item.reason.strip():
        raise LawError(
            "no_reason", "a task that goes back, or is closed without compliance, needs its reason"
        )
    if item.closes:
        check_conditions(asked_conditions(task, item.at), item.marks)


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
    item: Check, task: Task | None, checkers: Checkers, done: Mapping[str, Check]
) -> Exception | None:
    try:
        if task is None or item.task_id in done:
            raise TransitionError("there is no such task" if task is None else "this task was just checked")
        move(TaskState(task.state), _event_of(item))
        checkers.admit(item.by, task)
        _lawful(item, task)
    except LantianError as error:
        return error
    return None


@command
def _check(items: Sequence[Check]) -> list[Answer]:
    ids = [item.task_id for item in items]
    tasks = {task.id: task for task in locked(Task.objects.filter(id__in=ids))}
    checkers = Checkers([item.by for item in items], tasks.values(), max(item.at for item in items))
    done: dict[str, Check] = {}
    answers = []
    for item in items:
        why = _refusal(item, tasks.get(item.task_id), checkers, done)
        answers.append(Answer(item.task_id, why is None, why))
        if why is None:
            done[item.task_id] = item
    days = compliance([tasks[key] for key in done])
    rows = [
        _verdict(item, tasks[key], tasks[key].returns + tasks[key].reopens + 1, days[key])
        for key, item in done.items()
    ]
    insert(rows)
    insert(
        [
            ConditionMark(verdict=row, condition=key, met=mark.met.value, note=mark.note.strip()[:200])
            for row in rows
            for key, mark in done[row.task_id].marks.items()
        ]
    )
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
