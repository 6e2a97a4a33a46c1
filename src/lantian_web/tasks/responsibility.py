"""Who answers for a task (牵头单位、责任单位、责任领导、责任人), and who may act on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from lantian.errors import LawError, RightsError
from lantian.inventory import Duty, Post, UnitKind
from lantian.records import TaskKind
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import plant_units, posts_of, units_of
from lantian_web.tasks.models import Task

__all__ = ["Actors", "Offices", "Roles"]


@dataclass(frozen=True, slots=True)
class Roles:
    """The four roles of a task: two unit ids, two person ids."""

    lead: str
    unit: str
    leader: str
    person: str


class Offices:
    """Posts and units of the city, read once for a whole batch."""

    def __init__(self) -> None:
        self.units = units_of([UnitKind.CITY_OFFICE, UnitKind.COUNTY_BUREAU])
        self.plants = plant_units()
        self.posts: dict[tuple[Duty, str], list[Post]] = defaultdict(list)
        for post in posts_of([Duty.LEADER, Duty.CHECKER, Duty.MANAGER]):
            place = post.area_id if post.duty is Duty.LEADER else post.unit_id
            self.posts[post.duty, place].append(post)
        self.turn: dict[str, int] = defaultdict(int)

    def _unit(self, kind: UnitKind, area_id: str, role: str) -> str:
        for unit in self.units:
            if unit.kind is kind and area_id.startswith(unit.area_id):
                return unit.id
        raise LawError("missing_role", f"no {role} for {area_id}")

    def _person(self, duty: Duty, place: str, role: str) -> str:
        """Holders of the post take turns."""
        holders = self.posts.get((duty, place))
        if not holders:
            raise LawError("missing_role", f"no {role} in {place}")
        self.turn[place] += 1
        return holders[(self.turn[place] - 1) % len(holders)].person_id

    def roles(self, kind: TaskKind, enterprise_id: str, area_id: str) -> Roles:
        """Lead unit, responsible unit, leader and person. LawError missing_role names what is missing."""
        lead = self._unit(UnitKind.CITY_OFFICE, area_id, "lead unit")
        leader = self._person(Duty.LEADER, area_id, "responsible leader")
        if kind is TaskKind.CHECK:
            unit = self._unit(UnitKind.COUNTY_BUREAU, area_id, "responsible unit")
            return Roles(lead, unit, leader, self._person(Duty.CHECKER, unit, "responsible person"))
        plant = self.plants.get(enterprise_id)
        if plant is None:
            raise LawError("missing_role", f"no responsible unit for {enterprise_id}")
        return Roles(lead, plant, leader, self._person(Duty.MANAGER, plant, "responsible person"))


class Actors:
    """Who may act on a task: the people named on it, those of its unit, and the county's dispatchers."""

    def __init__(self, people: Iterable[str]) -> None:
        ids = set(people)
        self.unit = dict(Person.objects.filter(id__in=ids).values_list("id", "unit_id"))
        self.areas: dict[str, list[str]] = defaultdict(list)
        for post in posts_of([Duty.DISPATCHER]):
            if post.person_id in ids:
                self.areas[post.person_id].append(post.area_id)

    def check(self, by: str, row: Task) -> None:
        """RightsError for everybody else."""
        if by in (row.person_id, row.leader_id) or self.unit.get(by) == row.unit_id:
            return
        if not any(row.area_id.startswith(area) for area in self.areas.get(by, ())):
            raise RightsError(f"{by} has nothing to do with task {row.number}")
