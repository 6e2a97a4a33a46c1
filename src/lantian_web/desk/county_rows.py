"""Rows of a county's page: each task with its next step, its proof and the reply for the chat group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lantian.dispatch import TaskEvent, allowed, binding, may_ask
from lantian.periods import local_day, to_ms
from lantian.records import RequestKind, TaskKind, TaskState
from lantian_web.accounts.models import Person, Unit
from lantian_web.desk import lights, wording
from lantian_web.desk.compose_words import kind_names
from lantian_web.inventory.models import Enterprise
from lantian_web.tasks.models import PassOn, Request, Task
from lantian_web.tasks.splitting import progress

__all__ = ["AT_WORK", "Row", "rows_of"]

AT_WORK = (TaskState.ISSUED, TaskState.CLAIMED, TaskState.IN_HAND, TaskState.RETURNED)
"""States in which the unit has to act."""


@dataclass(frozen=True, slots=True)
class Row:
    """One task as the county reads it; `step` is the one-tap step that comes next."""

    task: Task
    title: str
    matter: str
    plant: str
    unit: str
    person: str
    phone: str
    light: str
    word: str
    step: str
    more: frozenset[str]
    passed: Sequence[tuple[PassOn, str]] = ()
    parts: tuple[int, int] | None = None
    requests: Sequence[tuple[str, Request]] = ()
    reply: str = ""


def rows_of(tasks: QuerySet[Task], ids: Sequence[str], now: datetime) -> list[Row]:
    """Rows as they are shown, in the order given; a fixed number of queries."""
    found = {task.pk: task for task in tasks.filter(pk__in=ids)}
    rows = [found[pk] for pk in ids if pk in found]
    plants = dict(Enterprise.objects.filter(pk__in={t.plant_id for t in rows}).values_list("id", "name"))
    units = dict(Unit.objects.filter(pk__in={t.unit_id for t in rows}).values_list("id", "name"))
    passed: defaultdict[str, list[PassOn]] = defaultdict(list)
    for kept in PassOn.objects.filter(task_id__in=ids).order_by("at", "pk"):
        passed[str(kept.task_id)].append(kept)
    requests: defaultdict[str, list[Request]] = defaultdict(list)
    for request in Request.objects.filter(task_id__in=ids, decided_at=None).order_by("asked_at"):
        requests[str(request.task_id)].append(request)
    people = {
        row.pk: row
        for row in Person.objects.filter(
            pk__in={t.person_id for t in rows} | {k.by for every in passed.values() for k in every}
        )
    }
    parts = progress(ids)
    kinds = kind_names(local_day(to_ms(now)))
    return [
        _row(task, now, plants, units, people, kinds, passed[task.pk], parts.get(task.pk), requests[task.pk])
        for task in rows
    ]


def _row(
    task: Task,
    now: datetime,
    plants: Mapping[str, str],
    units: Mapping[str, str],
    people: Mapping[str, Person],
    kinds: Mapping[str, str],
    passed: Sequence[PassOn],
    parts: tuple[int, int] | None,
    requests: Sequence[Request],
) -> Row:
    person = people.get(task.person_id)
    light, word = lights.task_light(task, now)
    matter = kinds.get(task.category, "") or wording.label(task.kind, "task")
    if task.cause:
        matter += _(": ") + wording.label(task.cause, "finding")
    plant = plants.get(task.plant_id, "")
    return Row(
        task,
        task.text or (f"{plant} {matter}".strip()),
        matter,
        plant,
        units.get(task.unit_id, task.unit_id),
        person.name if person else "—",
        person.phone if person else "",
        light,
        word,
        step_of(task),
        more_of(task),
        [(kept, people[kept.by].name if kept.by in people else kept.by) for kept in passed],
        parts,
        [(wording.label(request.kind, "request"), request) for request in requests],
        reply_of(task, person, passed, parts, now),
    )


def step_of(task: Task) -> str:
    """The step that one tap makes."""
    events = allowed(TaskState(task.state))
    steps = {TaskEvent.CLAIM: "claim", TaskEvent.BEGIN: "start", TaskEvent.ANSWER: "answer"}
    return next((word for event, word in steps.items() if event in events), "")


def more_of(task: Task) -> frozenset[str]:
    """Further steps of who handles the task."""
    events, kind = allowed(TaskState(task.state)), TaskKind(task.kind)
    found = {"pass"}
    if TaskEvent.ANSWER in events:
        found.add("answer")
    if task.state in AT_WORK and kind is not TaskKind.CARRY_OUT:
        found.add("split")
    if not binding(kind, task.emergency):
        if TaskEvent.DECLINE in events:
            found.add("decline")
        found |= {
            code
            for code, event in (("extension", TaskEvent.EXTEND), ("hold", TaskEvent.HOLD))
            if event in events
        }
    if may_ask(RequestKind.QUESTION, TaskState(task.state)):
        found.add("question")
    if TaskEvent.WITHDRAW in events and task.state != TaskState.ANSWERED:
        found.add("appeal")
    return frozenset(found)


def reply_of(
    task: Task,
    person: Person | None,
    passed: Sequence[PassOn],
    parts: tuple[int, int] | None,
    now: datetime,
) -> str:
    """What can be pasted into the chat group as it is."""
    if task.state == TaskState.ANSWERED:
        return _("%(number)s answered: %(text)s") % {"number": task.number, "text": task.answer}
    head = {
        TaskState.IN_HAND: _("On the spot, %(number)s"),
        TaskState.RETURNED: _("Returned, being put right, %(number)s"),
        TaskState.DECLINED: _("Sent back for another unit, %(number)s"),
        TaskState.ON_HOLD: _("On hold, %(number)s"),
        TaskState.SUSPENDED: _("Suspended, %(number)s"),
    }.get(TaskState(task.state), _("Received, %(number)s"))
    said = [head % {"number": task.number}]
    if passed:
        said.append(
            _("passed on to %(names)s") % {"names": "、".join(dict.fromkeys(k.to_words for k in passed))}
        )
    if parts:
        said.append(_("handed on to %(all)d, %(done)d answered") % {"all": parts[1], "done": parts[0]})
    if person is not None:
        said.append(_("responsible %(name)s %(phone)s") % {"name": person.name, "phone": person.phone})
    due = task.feedback_due_at
    if due is not None and task.state in AT_WORK and due > now:
        said.append(_("feedback by %(clock)s") % {"clock": wording.day_clock(due, now)})
    return _(", ").join(part.strip() for part in said)
