"""Lights of plants and areas in words, by the library's rule (`lantian.report.light`), within a log-in's rows.

The newest judged day, what waits to be confirmed, and open tasks each throw a light; the worst one stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from lantian.dispatch import ENDED
from lantian.inventory import AreaKind
from lantian.records import FindingState, Light, Outcome, TaskKind, TaskState
from lantian.report import RUNNING, WORST_FIRST, of_outcome, of_task, overdue, worst_light
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible, visible_areas
from lantian_web.desk import conclusions
from lantian_web.desk.wording import label
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.tasks.models import Task

__all__ = [
    "ORDER",
    "RUNNING",
    "AreaLight",
    "PlantLight",
    "area_lights",
    "city_name",
    "plant_lights",
    "task_light",
]

ORDER = WORST_FIRST


@dataclass(frozen=True, slots=True)
class PlantLight:
    """One plant on the map."""

    id: str
    name: str
    area_id: str
    lon: float
    lat: float
    light: str
    word: str


@dataclass(slots=True)
class AreaLight:
    """One county with the lights of its plants."""

    area: Area
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def light(self) -> str:
        return worst_light(light for light in ORDER if self.counts[light])

    @property
    def plants(self) -> int:
        return sum(self.counts.values())

    @property
    def parts(self) -> list[tuple[str, int]]:
        return [(light, self.counts[light]) for light in ORDER]


def task_light(task: Task, now: datetime) -> tuple[str, str]:
    """Light and word of one task."""
    if overdue(task.state, task.next_due_at, now):
        return Light.RED, _("Overdue")
    state = TaskState(task.state)
    word = _("The clock stands") if task.paused_at and state in RUNNING else label(state, "task_state")
    if state in ENDED:
        return Light.GREEN, word
    return (Light.BLIND if state in (TaskState.ON_HOLD, TaskState.SUSPENDED) else Light.AMBER), word


def plant_lights(user: User, now: datetime, on: date | None, area: str = "") -> list[PlantLight]:
    """Every plant the log-in may see, with its light; a bounded number of queries."""
    seen = _plant_states(user, now, on)
    plants = visible(user, Enterprise.objects.all())
    if area:
        plants = plants.filter(area_id__startswith=area)
    made, nothing = [], (Light.GREEN, _("Nothing asked"))
    for pk, name, area_id, lon, lat in plants.values_list("id", "name", "area_id", "lon", "lat").order_by(
        "id"
    ):
        light, word = seen.get(pk, nothing)
        made.append(PlantLight(pk, name, area_id, lon, lat, light, word))
    return made


def _plant_states(user: User, now: datetime, on: date | None) -> dict[str, tuple[Light, str]]:
    states: dict[str, tuple[Light, str]] = {}

    def mark(plant: str, light: Light, word: str) -> None:
        """Of equal lights the later one has the word."""
        if plant not in states or ORDER.index(light) <= ORDER.index(states[plant][0]):
            states[plant] = (light, word)

    if on is not None:
        days = list(visible(user, OrderDay.objects.filter(on=on)))
        shown = conclusions.conclude(days)
        by_plant: defaultdict[str, list[str]] = defaultdict(list)
        for row in days:
            by_plant[row.enterprise_id].append(shown[row.pk])
        states = {plant: _of_outcome(conclusions.worst(outcomes)) for plant, outcomes in by_plant.items()}
    proposed = visible(user, Finding.objects.filter(state=FindingState.PROPOSED))
    for plant in proposed.values_list("enterprise_id", flat=True).distinct():
        mark(plant, Light.AMBER, _("To be confirmed"))
    open_tasks = visible(user, Task.objects.exclude(state__in=(TaskState.CLOSED, TaskState.WITHDRAWN)))
    # A late county is no fault of the plant that it was sent to: what is only about a plant throws no light on it.
    telling = open_tasks.filter(Q(kind=TaskKind.CHECK) | Q(next_due_at__lte=now)).exclude(enterprise_id="")
    rows = telling.values_list("enterprise_id", "kind", "state", "next_due_at")
    late = [(row, overdue(row[2], row[3], now)) for row in rows]
    for (plant, kind, state, due_at), is_late in sorted(late, key=lambda item: item[1]):
        light = of_task(kind, state, due_at, now)
        if light is not Light.GREEN:
            mark(plant, light, _task_word(light, is_late))
    return states


def _task_word(light: Light, late: bool) -> str:
    if light is Light.RED:
        return _("Overdue") if late else _("Not complied")
    return _("To be checked")


def _of_outcome(outcome: str | None) -> tuple[Light, str]:
    words = {
        Outcome.NOT_COMPLIED.value: _("Not complied before, closed since"),
        conclusions.PENDING: _("Pending"),
        Outcome.CANNOT_TELL.value: _("Cannot tell"),
    }
    return of_outcome(outcome), words.get(outcome or "", _("Complied"))


def city_name() -> str:
    """Name of the one city; empty before it is loaded."""
    return Area.objects.filter(kind=AreaKind.CITY).values_list("name", flat=True).first() or ""


def area_lights(user: User, plants: Sequence[PlantLight]) -> list[AreaLight]:
    """The counties a log-in may see, worst first, folded from their plants."""
    areas = {
        area.id: AreaLight(area)
        for area in visible_areas(user, Area.objects.exclude(kind=AreaKind.CITY)).order_by("id")
    }
    for plant in plants:
        if plant.area_id in areas:
            areas[plant.area_id].counts[plant.light] += 1
    return sorted(
        areas.values(), key=lambda a: (ORDER.index(Light(a.light)), -a.counts[Light.RED], a.area.id)
    )
