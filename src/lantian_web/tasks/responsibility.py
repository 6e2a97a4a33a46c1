"""Who answers for a task (牵头单位、责任单位、责任领导、责任人)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from lantian.dispatch.responsibility import Held, MissingRole, RoleName, Why, chain, holders
from lantian.inventory import Charge, ChargeKind, Duty, Post, Unit, UnitKind
from lantian.records import TaskKind
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import Standing, posts_of, standing_at, units_of

__all__ = ["Offices", "Roles"]

AREA_UNITS = (UnitKind.TOWNSHIP_OFFICE, UnitKind.COUNTY_OFFICE, UnitKind.CITY_OFFICE)
ANSWERS = (Duty.MANAGER, Duty.DISPATCHER, Duty.CHECKER, Duty.ANALYST, Duty.LEADER)
"""Duties of a unit that is addressed as such, in the order in which one is looked for."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The four roles of a task: two unit ids, two person ids; and how they came about.

    `leader_held` and `person_held` tell whom a stand-in stands in for and who has the watch. `sponsors` are told as
    well: sponsors of the plant (企业包联), then those linked with the county (包区联县).
    """

    lead: str
    unit: str
    leader: str
    person: str
    area_id: str = ""
    enterprise_id: str = ""
    leader_held: Held | None = None
    person_held: Held | None = None
    sponsors: tuple[str, ...] = ()


class Offices:
    """Posts and units of the city, read once for a whole batch.

    `now` says whose posts have begun and ended, who is away and who has the watch; without it every post counts and
    nobody is away. Without `plants` only the offices are read: enough for a page, too little to send by.
    """

    def __init__(self, now: datetime | None = None, *, plants: bool = True) -> None:
        self.now, self.with_plants = now, plants
        kinds = [kind for kind in UnitKind if plants or kind is not UnitKind.PLANT]
        self.units = {unit.id: unit for unit in units_of(kinds)}
        self.plants = {u.enterprise_id: u for u in reversed(self.units.values()) if u.enterprise_id}
        self.posts: dict[tuple[Duty, str], list[Post]] = defaultdict(list)
        for post in posts_of(duty for duty in ANSWERS if plants or duty is not Duty.MANAGER):
            self.posts[post.duty, post.unit_id].append(post)
            if post.duty is Duty.LEADER:
                self.posts[post.duty, post.area_id].append(post)
        self.turn: dict[str, int] = defaultdict(int)
        self._standing: dict[datetime | None, Standing] = {None: Standing()}
        self._held: dict[tuple[Duty, str, bool, datetime | None], tuple[Held, ...]] = {}
        self._by_kind: dict[tuple[tuple[UnitKind, ...], str], Unit | None] = {}
        self._leaders: dict[tuple[str, datetime | None], tuple[tuple[Held, ...], str]] = {}

    @cached_property
    def _people(self) -> dict[str, str]:
        """Unit by person."""
        return dict(Person.objects.values_list("id", "unit_id"))

    def standing(self, at: datetime | None) -> Standing:
        """Who is away, has the watch and is charged with what at the instant; read once for each."""
        if at not in self._standing:
            assert at is not None, "without an instant there is nothing to read"
            self._standing[at] = standing_at(at, sponsors=self.with_plants)
        return self._standing[at]

    def _nearest(self, kinds: Sequence[UnitKind], area_id: str) -> Unit | None:
        """The unit of one of the kinds whose area holds this one most closely."""
        key = (tuple(kinds), area_id)
        if key not in self._by_kind:
            around = [
                unit
                for unit in self.units.values()
                if unit.kind in kinds and unit.area_id and area_id.startswith(unit.area_id)
            ]
            around.sort(key=lambda unit: (-len(unit.area_id), kinds.index(unit.kind)))
            self._by_kind[key] = around[0] if around else None
        return self._by_kind[key]

    def _lead(self, area_id: str) -> Unit:
        found = self._nearest([UnitKind.CITY_OFFICE], area_id)
        if found is None:
            raise MissingRole(RoleName.LEAD_UNIT, area_id)
        return found

    def held(
        self, duty: Duty, place: str, at: datetime | None = None, *, watch: bool = False
    ) -> tuple[Held, ...]:
        """Everybody who answers for the duty in a unit (leaders: in an area, too), who has the watch first."""
        key = (duty, place, watch, at)
        if key not in self._held:
            posts, now = self.posts.get((duty, place), []), self.standing(at)
            if at is None:
                self._held[key] = tuple(Held(p.person_id, Why.POST, (p.person_id,)) for p in posts)
            else:
                on_watch = now.watch.get((place, duty), ()) if watch else ()
                self._held[key] = holders(posts, now.stand_ins, on_watch, now.gone, at=at)
        return self._held[key]

    def _next(self, found: Sequence[Held], place: str) -> Held:
        """Holders take turns."""
        self.turn[place] += 1
        return found[(self.turn[place] - 1) % len(found)]

    def _person(self, duties: Iterable[Duty], unit_id: str, emergency: bool, at: datetime | None) -> Held:
        for duty in duties:
            if found := self.held(duty, unit_id, at, watch=emergency):
                return self._next(found, unit_id)
        raise MissingRole(RoleName.PERSON, unit_id)

    def _leader(self, area_id: str, at: datetime | None, unit_id: str = "") -> Held:
        """For a unit addressed as such its own leader comes first."""
        if unit_id and (found := self.held(Duty.LEADER, unit_id, at)):
            return self._next(found, unit_id)
        key = (area_id, at)
        if key not in self._leaders:
            self._leaders[key] = self._leaders_of(area_id, at)
        return self._next(*self._leaders[key])

    def _leaders_of(self, area_id: str, at: datetime | None) -> tuple[tuple[Held, ...], str]:
        """Leaders charged with an area, else in post for it, and where they were found.

        A township's are its county's, where it has none; a county's are never the city's.
        """
        city, now = self._nearest([UnitKind.CITY_OFFICE], area_id), self.standing(at)
        above = len(city.area_id) if city and city.area_id != area_id else 0
        for end in range(len(area_id), above, -1):
            place = area_id[:end]
            charged = _charged(now.charges.get((ChargeKind.LEADER_AREA, place), ()), now)
            if found := charged or self.held(Duty.LEADER, place, at):
                return found, place
        raise MissingRole(RoleName.LEADER, area_id)

    def sponsors(self, enterprise_id: str, area_id: str, at: datetime | None = None) -> tuple[str, ...]:
        """Who is told beside the four roles: the plant's sponsors, then those linked with its county."""
        now = self.standing(at)
        if not now.charges:
            return ()
        rows = list(now.charges.get((ChargeKind.PLANT_SPONSOR, enterprise_id), ()))
        for end in range(len(area_id), 0, -1):
            rows += now.charges.get((ChargeKind.COUNTY_LINK, area_id[:end]), ())
        return tuple(dict.fromkeys(held.person_id for held in _charged(rows, now)))

    def roles(
        self,
        kind: TaskKind,
        enterprise_id: str,
        area_id: str,
        *,
        emergency: bool = True,
        at: datetime | None = None,
    ) -> Roles:
        """The roles of a task about a plant: the plant carries out, the county's bureau checks.

        MissingRole (a LawError missing_role) names the role that nobody holds, and where.
        """
        at = at or self.now
        lead = self._lead(area_id)
        leader = self._leader(area_id, at)
        if kind is TaskKind.CHECK:
            unit, duties, place = self._nearest([UnitKind.COUNTY_BUREAU], area_id), (Duty.CHECKER,), area_id
        else:
            unit, duties, place = self.plants.get(enterprise_id), (Duty.MANAGER,), enterprise_id
        if unit is None:
            raise MissingRole(RoleName.UNIT, place)
        person = self._person(duties, unit.id, emergency, at)
        told = self.sponsors(enterprise_id, area_id, at)
        return Roles(
            lead.id,
            unit.id,
            leader.person_id,
            person.person_id,
            area_id,
            enterprise_id,
            leader,
            person,
            told,
        )

    def roles_for(
        self, target_kind: str, target_id: str, emergency: bool = False, at: datetime | None = None
    ) -> Roles:
        """The roles of a task sent to an enterprise, an area, a unit or a person, with its area and plant.

        An area is its own office's (a township without one is its county's; a county without one is nobody's).
        MissingRole names the role that nobody holds, and where; an id that is not known has no responsible unit.
        """
        at = at or self.now
        if target_kind == "enterprise":
            plant = self.plants.get(target_id)
            if plant is None:
                raise MissingRole(RoleName.UNIT, target_id)
            return self.roles(TaskKind.DISPATCH, target_id, plant.area_id, emergency=emergency, at=at)
        person: Held | None = None
        if target_kind == "area":
            unit = self._office_of(target_id)
        elif target_kind == "person":
            person, unit = self._named(target_id, at)
        else:
            unit = self.units.get(target_id)
        if unit is None:
            raise MissingRole(RoleName.UNIT, target_id)
        area_id = target_id if target_kind == "area" else unit.area_id
        lead, leader = (
            self._lead(area_id),
            self._leader(area_id, at, "" if target_kind == "area" else unit.id),
        )
        if person is None:
            duties = (Duty.DISPATCHER, *ANSWERS) if target_kind == "area" else ANSWERS
            person = self._person(duties, unit.id, emergency, at)
        plant_id = unit.enterprise_id or ""
        told = self.sponsors(plant_id, area_id, at)
        return Roles(
            lead.id, unit.id, leader.person_id, person.person_id, area_id, plant_id, leader, person, told
        )

    def of_area(self, kind: UnitKind, area_id: str) -> Unit | None:
        """The unit of a kind whose area holds this one most closely."""
        return self._nearest([kind], area_id)

    def leaders(self, area_id: str, at: datetime | None = None) -> tuple[Held, ...]:
        """Leaders of an area, none where the role is missing."""
        try:
            return self._leaders_of(area_id, at or self.now)[0]
        except MissingRole:
            return ()

    def missing(self, area_ids: Iterable[str], at: datetime | None = None) -> list[MissingRole]:
        """Roles that nobody holds in some counties: each blocks an issue there. (Plants: `unmanned_plants`.)"""
        at = at or self.now
        found: list[MissingRole] = []
        for area_id in area_ids:
            bureau = self._nearest([UnitKind.COUNTY_BUREAU], area_id)
            ask: tuple[Callable[[], object], ...] = (
                partial(self._lead, area_id),
                partial(self._leaders_of, area_id, at),
                partial(self._staffed, self._office_of(area_id), Duty.DISPATCHER, area_id, at),
                partial(self._staffed, bureau, Duty.CHECKER, area_id, at),
            )
            found += [error for one in ask if (error := _error(one)) is not None]
        return found

    def _staffed(self, unit: Unit | None, duty: Duty, area_id: str, at: datetime | None) -> None:
        if unit is None:
            raise MissingRole(RoleName.UNIT, area_id)
        if not self.held(duty, unit.id, at):
            raise MissingRole(RoleName.PERSON, unit.id)

    def _office_of(self, area_id: str) -> Unit | None:
        """The office that answers for an area: never the city's for a county."""
        found = self._nearest(AREA_UNITS, area_id)
        return None if found and found.kind is UnitKind.CITY_OFFICE and found.area_id != area_id else found

    def _named(self, person_id: str, at: datetime | None) -> tuple[Held, Unit | None]:
        """A person addressed by name, or who stands in, and the unit of the one addressed."""
        now = self.standing(at)
        links = chain(person_id, now.stand_ins)
        if not links or links[-1] in now.gone or person_id not in self._people:
            raise MissingRole(RoleName.PERSON, person_id)
        why = Why.POST if len(links) == 1 else Why.ACTING
        return Held(links[-1], why, links), self.units.get(self._people[person_id])


def _error(ask: Callable[[], object]) -> MissingRole | None:
    try:
        ask()
    except MissingRole as error:
        return error
    return None


def _charged(charges: Iterable[Charge], now: Standing) -> tuple[Held, ...]:
    """Who answers for charges: those charged, or who stands in for them."""
    found = []
    for charge in charges:
        links = chain(charge.person_id, now.stand_ins)
        if links and links[-1] not in now.gone:
            found.append(Held(links[-1], Why.POST if len(links) == 1 else Why.ACTING, links))
    return tuple(found)
