"""Rows of the duty desk's queue: from what sorts them to what is shown of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from lantian.inventory import UnitKind
from lantian.periods import local_day, to_ms
from lantian.records import FindingState, Light
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import lights, wording
from lantian_web.desk.compose_words import kind_names
from lantian_web.findings.models import Finding
from lantian_web.inventory.models import Area, Enterprise, Line
from lantian_web.tasks.models import Request, Task, TaskFinding

__all__ = ["CONFIRM", "DECLINED", "Item", "Key", "group_of", "items_of"]

CONFIRM, DECLINED = "confirm", "declined"


@dataclass(frozen=True, slots=True)
class Key:
    """What the sort needs of a row, before the page is cut."""

    what: str
    due: datetime | None
    since: datetime
    area_id: str
    task_id: str = ""
    plant_id: str = ""
    cause: str = ""
    joined: int = 0
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the queue."""

    key: Key
    id: str
    light: str
    word: str
    plant: str
    plant_id: str
    area: str
    cause: str
    url: str
    owner: str
    group: str = ""
    findings: list[Finding] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    task: Task | None = None
    used: int = 0  # percent of the clock gone
    request: Request | None = None
    units: list[tuple[str, str]] = field(default_factory=list)  # to whom a declined assignment may go

    @property
    def finding(self) -> Finding | None:
        return self.findings[0] if self.findings else None

    @property
    def decides(self) -> bool:
        return self.key.what == CONFIRM


def group_of(due: datetime | None, now: datetime) -> str:
    if due is None:
        return "unclocked"
    if due <= now:
        return "over"
    if due - now <= timedelta(hours=2):
        return "soon"
    return "today" if due - now <= timedelta(hours=24) else "later"


@dataclass(frozen=True, slots=True)
class _Names:
    plants: Mapping[str, str]
    areas: Mapping[str, str]
    people: Mapping[str, str]
    lines: Mapping[str, str]
    units: Mapping[str, str]
    kinds: Mapping[str, str]


def items_of(user: User, keys: Sequence[Key], now: datetime) -> list[Item]:
    tasks = {
        t.pk: t for t in visible(user, Task.objects.filter(pk__in=[k.task_id for k in keys if k.task_id]))
    }
    behind = _behind(user, keys)
    asked = {
        row.pk: row for row in Request.objects.filter(pk__in=[k.request_id for k in keys if k.request_id])
    }
    names = _names(keys, tasks, behind, asked, now)
    others = _others([tasks[k.task_id] for k in keys if k.what == DECLINED and k.task_id in tasks])
    made, last = [], ""
    for key in keys:
        if key.request_id:
            if key.task_id not in tasks:  # it went on to where this log-in sees nothing
                continue
            item = _request_item(key, tasks[key.task_id], asked[key.request_id], names, now)
        elif key.task_id:
            item = _task_item(key, tasks[key.task_id], behind, names, now)
            item = replace(item, units=others.get(key.task_id, []))
        else:
            item = _proposal_item(key, behind, names, now)
        group = group_of(key.due, now)
        made.append(replace(item, group=group if group != last else ""))
        last = group
    return made


def _behind(user: User, keys: Sequence[Key]) -> dict[tuple[str, ...], list[Finding]]:
    """Findings behind the rows: proposals by (plant, kind), joined ones by (task,)."""
    found: defaultdict[tuple[str, ...], list[Finding]] = defaultdict(list)
    plants = {key.plant_id for key in keys if key.plant_id}
    if plants:
        for finding in visible(
            user, Finding.objects.filter(state=FindingState.PROPOSED, enterprise_id__in=plants)
        ).order_by("-on", "subject_id"):
            found[(finding.enterprise_id, finding.kind)].append(finding)
    tasks = [key.task_id for key in keys if key.task_id]
    if tasks:
        joined = TaskFinding.objects.filter(task_id__in=tasks).values_list("task_id", "finding_id")
        task_of = {finding_id: task_id for task_id, finding_id in joined}
        for finding in visible(user, Finding.objects.filter(pk__in=task_of)).order_by("-on", "subject_id"):
            found[(task_of[finding.pk],)].append(finding)
    return found


def _others(declined: Sequence[Task]) -> dict[str, list[tuple[str, str]]]:
    """Offices in the county of a declined assignment, and the city's, without the one that declined it."""
    if not declined:
        return {}
    rows = Unit.objects.exclude(kind=UnitKind.PLANT).order_by("area_id", "id")
    units = list(rows.values_list("id", "name", "area_id"))
    return {
        task.pk: [
            (pk, name)
            for pk, name, area in units
            if pk != task.unit_id and (task.area_id.startswith(area) or area.startswith(task.area_id))
        ]
        for task in declined
    }


def _names(
    keys: Sequence[Key],
    tasks: Mapping[str, Task],
    behind: Mapping[tuple[str, ...], list[Finding]],
    asked: Mapping[str, Request],
    now: datetime,
) -> _Names:
    plants = {key.plant_id for key in keys if key.plant_id} | {task.plant_id for task in tasks.values()}
    people = {task.person_id for task in tasks.values()} | {row.asked_by for row in asked.values()}
    units = {task.unit_id for task in tasks.values()}
    lines = {finding.subject_id for found in behind.values() for finding in found}
    return _Names(
        dict(Enterprise.objects.filter(pk__in=plants).values_list("id", "name")),
        dict(Area.objects.values_list("id", "name")),
        dict(Person.objects.filter(pk__in=people).values_list("id", "name")),
        dict(Line.objects.filter(pk__in=lines).values_list("id", "name")),
        dict(Unit.objects.filter(pk__in=units).values_list("id", "name")),
        kind_names(local_day(to_ms(now))),
    )


def _proposal_item(
    key: Key, behind: Mapping[tuple[str, ...], list[Finding]], names: _Names, now: datetime
) -> Item:
    findings = behind.get((key.plant_id, key.cause), [])
    return Item(
        key=key,
        id=f"q-{key.plant_id}-{key.cause}",
        light=Light.AMBER,
        word=_("To be confirmed"),
        plant=names.plants.get(key.plant_id, key.plant_id),
        plant_id=key.plant_id,
        area=names.areas.get(key.area_id, key.area_id),
        cause=wording.label(key.cause, "finding"),
        url=reverse("finding", args=[findings[0].pk]) if findings else "",
        owner=_("You decide"),
        findings=findings,
        lines=_lines(findings, names),
        used=_used(key, now),
    )


def _task_item(
    key: Key, task: Task, behind: Mapping[tuple[str, ...], list[Finding]], names: _Names, now: datetime
) -> Item:
    light, word = lights.task_light(task, now)
    findings = behind.get((task.pk,), [])
    return Item(
        key=key,
        id=f"q-{task.pk}",
        light=light,
        word=word,
        plant=_subject(task, names),
        plant_id=task.plant_id,
        area=names.areas.get(task.area_id, task.area_id),
        cause=_matter(task, names),
        url=reverse("case", args=[task.pk]),
        owner=names.people.get(task.person_id, "—"),
        findings=findings,
        lines=_lines(findings, names),
        task=task,
        used=_used(key, now),
    )


def _request_item(key: Key, task: Task, asked: Request, names: _Names, now: datetime) -> Item:
    return Item(
        key=key,
        id=f"q-{asked.pk}",
        light=Light.AMBER,
        word=wording.label(asked.kind, "request"),
        plant=_subject(task, names),
        plant_id=task.plant_id,
        area=names.areas.get(task.area_id, task.area_id),
        cause=_matter(task, names),
        url=reverse("case", args=[task.pk]),
        owner=names.people.get(asked.asked_by, asked.asked_by),
        task=task,
        used=_used(key, now),
        request=asked,
    )


def _subject(task: Task, names: _Names) -> str:
    """The plant that a task is about, else the unit that has it."""
    return names.plants.get(task.plant_id) or names.units.get(task.unit_id, task.unit_id)


def _matter(task: Task, names: _Names) -> str:
    kind = names.kinds.get(task.category) or wording.label(task.kind, "task")
    told = wording.label(task.cause, "finding") if task.cause else task.text
    return kind + _(": ") + told if told else kind


def _lines(findings: Sequence[Finding], names: _Names) -> list[str]:
    return list(dict.fromkeys(names.lines[f.subject_id] for f in findings if f.subject_id in names.lines))


def _used(key: Key, now: datetime) -> int:
    if key.due is None or key.due <= key.since:
        return 0
    return int(min(100, max(0, 100 * (now - key.since) / (key.due - key.since))))
