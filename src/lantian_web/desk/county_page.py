"""A county's own page: what is to be signed for, what is due soon, what is overdue, and the reply for the chat group.

One light query reads every open task of the county; all counts come from it, and only the rows shown are read whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from lantian.dispatch import OPEN_STATES
from lantian.inventory import AreaKind, UnitKind
from lantian.records import TaskState
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import conclusions, lights, wording
from lantian_web.desk.compose_words import EMPTY, LISTS
from lantian_web.desk.county_rows import AT_WORK, Row, rows_of
from lantian_web.inventory.models import Area
from lantian_web.tasks.models import Request, Task

__all__ = [
    "GROUPS",
    "County",
    "Facts",
    "Group",
    "Row",
    "classified",
    "counts",
    "county",
    "offices",
    "rows_of",
]

SOON = timedelta(hours=2)
SHOWN, MOST = 20, 200
SIGN, DUE, OVER, HAND, CHECK, WAIT, DOWN = "sign", "soon", "over", "hand", "check", "wait", "down"
GROUPS = (SIGN, DUE, OVER, HAND, CHECK, WAIT, DOWN)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the counts need to know of one open task."""

    id: str
    state: str
    unit_id: str
    lead_unit_id: str
    part: str
    due: datetime | None
    opened: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """One list with its count."""

    code: str
    total: int
    rows: Sequence[Row]

    @property
    def word(self) -> str:
        return str(LISTS[self.code])

    @property
    def empty(self) -> str:
        return str(EMPTY.get(self.code, ""))


@dataclass(frozen=True, slots=True)
class County:
    """Everything the page shows."""

    area: Area
    groups: Mapping[str, Group]
    unsigned: Sequence[str]
    plants_wait: Mapping[str, int]
    lit: Sequence[tuple[str, int]]
    requests: Sequence[tuple[Request, str, str]] = ()  # each with its word and who asked

    @property
    def first(self) -> list[Group]:
        """The three lists that are counted at the top."""
        return [self.groups[code] for code in (SIGN, DUE, OVER)]

    @property
    def lists(self) -> list[Group]:
        """The lists shown: the first three always, the others when they hold something."""
        return [g for code, g in self.groups.items() if g.total or code in (SIGN, DUE, OVER)]


def offices(area_id: str) -> set[str]:
    """Units of a county that are no plants."""
    rows = Unit.objects.filter(area_id__startswith=area_id).exclude(kind=UnitKind.PLANT)
    return set(rows.values_list("id", flat=True))


def group_of(fact: Facts, own: set[str], now: datetime) -> str:
    """The list in which a task of the county stands; empty for one that a plant handles itself."""
    if fact.unit_id not in own:
        return ""
    if fact.part and fact.lead_unit_id in own:
        return DOWN
    if fact.state in AT_WORK:
        if fact.due is not None and fact.due <= now:
            return OVER
        if fact.state == TaskState.ISSUED:
            return SIGN
        return DUE if fact.due is not None and fact.due - now <= SOON else HAND
    return CHECK if fact.state == TaskState.ANSWERED else WAIT


def classified(rows: QuerySet[Task], area_id: str, now: datetime) -> dict[str, list[Facts]]:
    """Open tasks of a county by list, the most urgent first; the plants' own under ''."""
    own = offices(area_id)
    opened = rows.filter(state__in=OPEN_STATES, area_id__startswith=area_id)
    found: dict[str, list[Facts]] = {code: [] for code in ("", *GROUPS)}
    columns = ("id", "state", "unit_id", "lead_unit_id", "part", "next_due_at", "opened_at")
    for values in opened.values_list(*columns):
        fact = Facts(*values)
        found[group_of(fact, own, now)].append(fact)
    far = now + timedelta(days=3650)
    for facts in found.values():
        facts.sort(key=lambda fact: (fact.due or far, fact.opened, fact.id))
    return found


def counts(user: User, area: Area, now: datetime) -> tuple[list[Group], list[str]]:
    """The three counts at the top, and what waits for a sign-for: what a tap on one row changes."""
    found = classified(visible(user, Task.objects.all()), area.id, now)
    return [Group(code, len(found[code]), ()) for code in (SIGN, DUE, OVER)], _unsigned(found)


def _unsigned(found: Mapping[str, Sequence[Facts]]) -> list[str]:
    return [fact.id for code in (OVER, SIGN) for fact in found[code] if fact.state == TaskState.ISSUED]


def county(user: User, area: Area, now: datetime, whole: str = "") -> County:
    """The page; `whole` names the list that is shown to its end."""
    tasks = visible(user, Task.objects.all())
    found = classified(tasks, area.id, now)
    cut = {code: [fact.id for fact in found[code][: MOST if code == whole else SHOWN]] for code in GROUPS}
    rows = {row.task.pk: row for row in rows_of(tasks, [pk for ids in cut.values() for pk in ids], now)}
    groups = {
        code: Group(code, len(found[code]), [rows[pk] for pk in ids if pk in rows])
        for code, ids in cut.items()
    }
    plants = found[""]
    waits = {
        SIGN: sum(fact.state == TaskState.ISSUED for fact in plants),
        DUE: sum(fact.due is not None and now < fact.due <= now + SOON for fact in plants),
        OVER: sum(fact.due is not None and fact.due <= now and fact.state in AT_WORK for fact in plants),
    }
    lit = Counter(p.light for p in lights.plant_lights(user, now, conclusions.last_day(user), area.id))
    return County(
        area,
        groups,
        _unsigned(found),
        waits,
        [(str(code), lit[code]) for code in lights.ORDER],
        _requests(user, area.id),
    )


def _requests(user: User, area_id: str) -> list[tuple[Request, str, str]]:
    """What the county has asked, or is asked by those below, and is not answered yet."""
    rows = visible(user, Request.objects.filter(decided_at=None, area_id__startswith=area_id))
    found = list(rows.select_related("task").order_by("decide_due_at", "pk")[:SHOWN])
    names = dict(Person.objects.filter(pk__in={row.asked_by for row in found}).values_list("id", "name"))
    return [(row, wording.label(row.kind, "request"), names.get(row.asked_by, row.asked_by)) for row in found]


def people_of(area_id: str, unit_ids: Iterable[str] = ()) -> list[tuple[str, list[Person]]]:
    """People of a county's offices by unit, for the lists of forms."""
    rows = Person.objects.filter(active=True, unit__area_id__startswith=area_id).exclude(
        unit__kind=UnitKind.PLANT
    )
    found: defaultdict[str, list[Person]] = defaultdict(list)
    for person in rows.select_related("unit").order_by("unit__area_id", "unit_id", "name")[:400]:
        found[person.unit.name].append(person)
    return list(found.items())


def units_below(area_id: str, unit_id: str) -> list[tuple[str, str]]:
    """Units of a county to whom a part may be handed: not the one that has it, not the plants."""
    rows = Unit.objects.filter(area_id__startswith=area_id).exclude(kind=UnitKind.PLANT).exclude(pk=unit_id)
    return list(rows.order_by("-kind", "area_id", "id").values_list("id", "name"))


def counties(areas: QuerySet[Area]) -> list[Area]:
    """Counties among some places."""
    return list(areas.exclude(kind=AreaKind.TOWNSHIP))
