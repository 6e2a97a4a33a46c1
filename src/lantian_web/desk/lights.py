"""Lights of plants and areas, by one published rule.

red    a confirmed finding whose check task is open, or a task past its clock
amber  something waits for a person: a proposal, an answered task, a day not concluded
blind  the newest order day cannot be told
green  seen and in order, closed by a second person, or nothing asked
An area takes its worst light: red, amber, blind, green.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from lantian.inventory import AreaKind
from lantian.records import FindingState, Light, Outcome, TaskKind, TaskState
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible, visible_areas
from lantian_web.desk import conclusions
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.tasks.models import Task

__all__ = ["ORDER", "AreaLight", "PlantLight", "area_lights", "city_name", "plant_lights", "task_light"]

ORDER = (Light.RED, Light.AMBER, Light.BLIND, Light.GREEN)
RUNNING = (TaskState.ISSUED, TaskState.CLAIMED, TaskState.RETURNED)


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
        return next((light for light in ORDER if self.counts[light]), Light.GREEN)

    @property
    def plants(self) -> int:
        return sum(self.counts.values())

    @property
    def parts(self) -> list[tuple[str, int]]:
        return [(light, self.counts[light]) for light in ORDER]


def task_light(task: Task, now: datetime) -> tuple[str, str]:
    """Light and word of one task."""
    if task.state in (TaskState.CLOSED, TaskState.WITHDRAWN):
        return Light.GREEN, _("Closed") if task.state == TaskState.CLOSED else _("Withdrawn")
    if task.next_due_at and task.next_due_at <= now and task.state in RUNNING:
        return Light.RED, _("Overdue")
    if task.state == TaskState.ANSWERED:
        return Light.AMBER, _("To be checked")
    if task.state == TaskState.RETURNED:
        return Light.AMBER, _("Returned")
    return Light.AMBER, _("To be claimed") if task.state == TaskState.ISSUED else _("In hand")


def plant_lights(user: User, now: datetime, on: date | None, area: str = "") -> list[PlantLight]:
    """Every plant the log-in may see, with its light; a bounded number of queries."""
    seen = _plant_states(user, now, on)
    plants = visible(user, Enterprise.objects.all())
    if area:
        plants = plants.filter(area_id__startswith=area)
    made = []
    for pk, name, area_id, lon, lat in plants.values_list("id", "name", "area_id", "lon", "lat").order_by(
        "id"
    ):
        light, word = seen.get(pk, (Light.GREEN, _("Nothing asked")))
        made.append(PlantLight(pk, name, area_id, lon, lat, light, word))
    return made


def _plant_states(user: User, now: datetime, on: date | None) -> dict[str, tuple[str, str]]:
    states: dict[str, tuple[str, str]] = {}
    if on is not None:
        days = list(visible(user, OrderDay.objects.filter(on=on)))
        shown = conclusions.conclude(days)
        by_plant: defaultdict[str, list[str]] = defaultdict(list)
        for row in days:
            by_plant[row.enterprise_id].append(shown[row.pk])
        states = {plant: _of_outcome(conclusions.worst(outcomes)) for plant, outcomes in by_plant.items()}
    for plant in _plants(visible(user, Finding.objects.filter(state=FindingState.PROPOSED))):
        states[plant] = (Light.AMBER, _("To be confirmed"))
    running = visible(user, Task.objects.exclude(state__in=(TaskState.CLOSED, TaskState.WITHDRAWN)))
    for plant in _plants(running.filter(kind=TaskKind.CHECK, state=TaskState.ANSWERED)):
        states[plant] = (Light.AMBER, _("To be checked"))
    for plant in _plants(running.filter(kind=TaskKind.CHECK, state__in=RUNNING)):
        states[plant] = (Light.RED, _("Not complied"))
    for plant in _plants(running.filter(Q(state__in=RUNNING) & Q(next_due_at__lte=now))):
        states[plant] = (Light.RED, _("Overdue"))
    return states


def _plants(rows: Iterable[Task] | Iterable[Finding]) -> list[str]:
    return list(rows.values_list("enterprise_id", flat=True).distinct())  # type: ignore[union-attr]


def _of_outcome(outcome: str | None) -> tuple[str, str]:
    if outcome == Outcome.NOT_COMPLIED:
        return Light.GREEN, _("Not complied before, closed since")
    if outcome == conclusions.PENDING:
        return Light.AMBER, _("Pending")
    if outcome == Outcome.CANNOT_TELL:
        return Light.BLIND, _("Cannot tell")
    return Light.GREEN, _("Complied")


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
