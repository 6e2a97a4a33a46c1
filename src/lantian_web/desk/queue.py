"""The one queue of the duty desk: what needs this person now, by time left; one plant and cause is one row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from lantian.records import FindingState, Light, TaskKind, TaskState
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import lights, wording
from lantian_web.desk.viewer import Viewer
from lantian_web.findings.models import Finding
from lantian_web.inventory.models import Area, Enterprise, Line
from lantian_web.tasks.models import Task, TaskFinding

__all__ = ["CONFIRM", "PAGE", "WHATS", "Item", "Queue", "build", "finding_item"]

PAGE = 20
# A proposal has no legal clock; this is the office's own aim, so that the storm is looked at first.
DECIDE_WITHIN = timedelta(hours=2)
CONFIRM, OVERDUE, CHECK, RETURNED, HAND = "confirm", "overdue", "check", "returned", "hand"
WHATS = (CONFIRM, OVERDUE, CHECK, RETURNED, HAND)


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

    @property
    def finding(self) -> Finding | None:
        return self.findings[0] if self.findings else None

    @property
    def decides(self) -> bool:
        return self.key.what == CONFIRM


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue with the counts of the whole."""

    items: list[Item]
    total: int
    by_what: Mapping[str, int]
    by_group: Mapping[str, int]
    page: int
    pages: int
    state: Mapping[str, str]


def build(user: User, who: Viewer, now: datetime, params: Mapping[str, str]) -> Queue:
    """The page of the queue that the URL asks for: `area`, `what`, `page`."""
    area, what = params.get("area", ""), params.get("what", "")
    keys = [*_proposals(user, area), *_tasks(user, who, now, area)]
    by_what = Counter(key.what for key in keys)
    if what in WHATS:
        keys = [key for key in keys if key.what == what]
    far = now + timedelta(days=3650)
    keys.sort(key=lambda key: (key.due or far, key.since, key.task_id, key.plant_id, key.cause))
    pages = max(1, -(-len(keys) // PAGE))
    asked = params.get("page", "1")
    page = min(pages, max(1, int(asked) if asked.isdigit() else 1))
    cut = keys[(page - 1) * PAGE : page * PAGE]
    return Queue(
        items=_items(user, cut, now),
        total=len(keys),
        by_what=by_what,
        by_group=Counter(_group(key.due, now) for key in keys),
        page=page,
        pages=pages,
        state={"area": area, "what": what},
    )


def _proposals(user: User, area: str) -> list[Key]:
    rows = visible(user, Finding.objects.filter(state=FindingState.PROPOSED))
    if area:
        rows = rows.filter(area_id__startswith=area)
    grouped = rows.values("enterprise_id", "kind").annotate(
        since=Min("proposed_at"), n=Count("id"), area=Max("area_id")
    )
    return [
        Key(
            CONFIRM,
            row["since"] + DECIDE_WITHIN,
            row["since"],
            row["area"],
            "",
            row["enterprise_id"],
            row["kind"],
            row["n"],
        )
        for row in grouped.order_by()
    ]


def _tasks(user: User, who: Viewer, now: datetime, area: str) -> list[Key]:
    waits = Q(state__in=lights.RUNNING, next_due_at__lte=now) | Q(state=TaskState.RETURNED)
    waits |= Q(state=TaskState.ANSWERED)
    if not who.analyst:
        waits |= Q(state__in=(TaskState.ISSUED, TaskState.CLAIMED), kind=TaskKind.CHECK)
        waits |= Q(state__in=(TaskState.ISSUED, TaskState.CLAIMED), next_due_at__lte=now + timedelta(hours=2))
    rows = visible(user, Task.objects.filter(waits))
    if area:
        rows = rows.filter(area_id__startswith=area)
    wanted = rows.values_list("id", "state", "next_due_at", "opened_at", "answered_at", "area_id")
    return [
        Key(
            _what(state, due, now),
            due,
            answered or opened if state == TaskState.ANSWERED else opened,
            area_id,
            pk,
        )
        for pk, state, due, opened, answered, area_id in wanted
    ]


def _what(state: str, due: datetime | None, now: datetime) -> str:
    if state == TaskState.ANSWERED:
        return CHECK
    if due is not None and due <= now:
        return OVERDUE
    return RETURNED if state == TaskState.RETURNED else HAND


def _group(due: datetime | None, now: datetime) -> str:
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


def _items(user: User, keys: Sequence[Key], now: datetime) -> list[Item]:
    tasks = {
        t.pk: t for t in visible(user, Task.objects.filter(pk__in=[k.task_id for k in keys if k.task_id]))
    }
    behind = _behind(user, keys)
    names = _names(keys, tasks, behind)
    made, last = [], ""
    for key in keys:
        item = (
            _task_item(key, tasks[key.task_id], behind, names, now)
            if key.task_id
            else _proposal_item(key, behind, names, now)
        )
        group = _group(key.due, now)
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


def _names(
    keys: Sequence[Key], tasks: Mapping[str, Task], behind: Mapping[tuple[str, ...], list[Finding]]
) -> _Names:
    plants = {key.plant_id for key in keys if key.plant_id} | {task.enterprise_id for task in tasks.values()}
    people = {task.person_id for task in tasks.values()}
    lines = {finding.subject_id for found in behind.values() for finding in found}
    return _Names(
        dict(Enterprise.objects.filter(pk__in=plants).values_list("id", "name")),
        dict(Area.objects.values_list("id", "name")),
        dict(Person.objects.filter(pk__in=people).values_list("id", "name")),
        dict(Line.objects.filter(pk__in=lines).values_list("id", "name")),
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
    cause = wording.label(task.kind, "task")
    if task.cause:
        cause += _(": ") + wording.label(task.cause, "finding")
    return Item(
        key=key,
        id=f"q-{task.pk}",
        light=light,
        word=word,
        plant=names.plants.get(task.enterprise_id, task.enterprise_id),
        plant_id=task.enterprise_id,
        area=names.areas.get(task.area_id, task.area_id),
        cause=cause,
        url=reverse("case", args=[task.pk]),
        owner=names.people.get(task.person_id, "—"),
        findings=findings,
        lines=_lines(findings, names),
        task=task,
        used=_used(key, now),
    )


def _lines(findings: Sequence[Finding], names: _Names) -> list[str]:
    return list(dict.fromkeys(names.lines[f.subject_id] for f in findings if f.subject_id in names.lines))


def _used(key: Key, now: datetime) -> int:
    if key.due is None or key.due <= key.since:
        return 0
    return int(min(100, max(0, 100 * (now - key.since) / (key.due - key.since))))


def finding_item(user: User, plant_id: str, cause: str, now: datetime) -> Item | None:
    """The row of one plant and cause as it stands now; None when nothing is left to decide."""
    rows: QuerySet[Any, Any] = visible(
        user, Finding.objects.filter(state=FindingState.PROPOSED, enterprise_id=plant_id, kind=cause)
    )
    facts = rows.aggregate(since=Min("proposed_at"), n=Count("id"), area=Max("area_id"))
    if not facts["n"]:
        return None
    key = Key(
        CONFIRM,
        facts["since"] + DECIDE_WITHIN,
        facts["since"],
        facts["area"],
        "",
        plant_id,
        cause,
        facts["n"],
    )
    return _items(user, [key], now)[0]
