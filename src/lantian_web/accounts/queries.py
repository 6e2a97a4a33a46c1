"""Who is who: units, people and the posts they hold.

Sorted here, not by the database: the order must not hang on its collation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet

from lantian import inventory
from lantian.dispatch.responsibility import Held, Why, chain, on_watch, stand_ins
from lantian.inventory import Charge, ChargeKind, Duty
from lantian.periods import local_day, to_ms
from lantian_web.accounts import models
from lantian_web.accounts.models import Person, Post, Unit

__all__ = [
    "Standing",
    "charges_of",
    "holds",
    "on_duty",
    "person_names",
    "phone_of",
    "plant_units",
    "posts_of",
    "sponsors_of",
    "stand_in",
    "stand_ins_at",
    "standing_at",
    "unit_names",
    "unit_of",
    "units_of",
    "unmanned_plants",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at one instant: who stands in for whom, who has the watch, who is charged, who has left."""

    stand_ins: Mapping[str, str] = field(default_factory=dict)
    watch: Mapping[tuple[str, Duty], tuple[inventory.Shift, ...]] = field(default_factory=dict)
    charges: Mapping[tuple[ChargeKind, str], tuple[Charge, ...]] = field(default_factory=dict)
    """By kind and by what they are charged with: an area's, a plant's id or a project."""
    gone: frozenset[str] = frozenset()


def standing_at(at: datetime, known_at: datetime | None = None, *, sponsors: bool = True) -> Standing:
    """How things stood at the instant, as the rota was known then (or at `known_at`). Four queries, whatever the city.

    Without `sponsors` charges of plants, of which there may be thousands, are left out.
    """
    shifts: dict[tuple[str, Duty], list[inventory.Shift]] = defaultdict(list)
    for row in models.Shift.objects.filter(since__lte=at, until__gt=at):
        shifts[row.unit_id, Duty(row.duty)].append(row.to_domain())
    watch = {key: on_watch(rows, at, known_at=known_at or at) for key, rows in shifts.items()}
    charges: dict[tuple[ChargeKind, str], list[Charge]] = defaultdict(list)
    asked = models.Charge.objects.all()
    if not sponsors:
        asked = asked.exclude(kind=ChargeKind.PLANT_SPONSOR)
    for charge in _charges(asked, local_day(to_ms(at))):
        charges[charge.kind, charge.enterprise_id or charge.project or charge.area_id].append(charge)
    return Standing(
        stand_ins_at(at),
        watch,
        {key: tuple(rows) for key, rows in charges.items()},
        frozenset(Person.objects.filter(active=False).values_list("id", flat=True)),
    )


def _charges(rows: QuerySet[models.Charge], day: date) -> list[Charge]:
    standing = [charge for row in rows if (charge := row.to_domain()).holds_on(day)]
    return sorted(standing, key=lambda c: (c.kind, c.area_id, c.enterprise_id, c.project, c.person_id))


def holds(person_id: str, duties: Iterable[Duty], area_id: str | None = None, on: date | None = None) -> bool:
    """Whether the person, who has not left, holds one of the duties, for that area or for one above it (on a day, where
    one is given)."""
    rows = Post.objects.filter(person_id=person_id, person__active=True, duty__in=list(duties))
    areas = (rows if on is None else rows.filter(_held_on(on))).values_list("area_id", flat=True)
    return any(area_id is None or area_id.startswith(area) for area in areas)


def _held_on(day: date) -> Q:
    return Q(Q(valid_from__isnull=True) | Q(valid_from__lte=day)) & Q(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )


def unit_of(person_id: str) -> str:
    """Unit id of a person, empty when there is no such person."""
    return Person.objects.filter(id=person_id).values_list("unit_id", flat=True).first() or ""


def posts_of(duties: Iterable[Duty] = tuple(Duty), on: date | None = None) -> list[inventory.Post]:
    """Posts with one of the duties, in a fixed order; of every time, or those held on a day."""
    rows = Post.objects.filter(duty__in=list(duties))
    posts = [row.to_domain() for row in (rows if on is None else rows.filter(_held_on(on)))]
    return sorted(posts, key=lambda post: (post.area_id, post.unit_id, post.duty, post.person_id))


def units_of(kinds: Iterable[inventory.UnitKind] = tuple(inventory.UnitKind)) -> list[inventory.Unit]:
    """Units of some kinds, in a fixed order."""
    rows = Unit.objects.filter(kind__in=list(kinds))
    units = [
        inventory.Unit(row.id, inventory.UnitKind(row.kind), row.name, row.area_id, row.enterprise_id or None)
        for row in rows
    ]
    return sorted(units, key=lambda unit: unit.id)


def unmanned_plants(on: date, areas: Iterable[str]) -> dict[str, str]:
    """Plants' units (id → name) of some areas for which nobody active is manager on the day, in a fixed order."""
    inside = Q()
    for area_id in areas:
        inside |= Q(area_id__startswith=area_id)
    if not inside:
        return {}
    held = Post.objects.filter(_held_on(on), duty=Duty.MANAGER, person__active=True)
    plants = Unit.objects.filter(inside, kind=inventory.UnitKind.PLANT)
    rows = plants.exclude(id__in=held.values("unit_id")).values_list("id", "name", "area_id")
    return {key: name for key, name, _ in sorted(rows, key=lambda row: (row[2], row[0]))}


def plant_units() -> dict[str, str]:
    """Unit id of every plant that has one, by plant id."""
    rows = Unit.objects.exclude(enterprise_id="").order_by("-id")
    return dict(rows.values_list("enterprise_id", "id"))


def person_names(ids: Iterable[str]) -> dict[str, str]:
    """Names by person id."""
    return dict(Person.objects.filter(id__in=set(ids)).values_list("id", "name"))


def unit_names(ids: Iterable[str]) -> dict[str, str]:
    """Names by unit id."""
    return dict(Unit.objects.filter(id__in=set(ids)).values_list("id", "name"))


def on_duty(
    place: str, duty: Duty | str, at: datetime, *, known_at: datetime | None = None
) -> tuple[Held, ...]:
    """Who has the watch of a unit (or of the units of an area) for a duty at any hour.

    As the rota is known now; with `known_at` as it was known then. A stand-in is named with whom they stand in for.
    Empty where the rota has a gap, or there is none.
    """
    rows = models.Shift.objects.filter(Q(unit_id=place) | Q(area_id=place), duty=Duty(duty))
    shifts = [row.to_domain() for row in rows.filter(since__lte=at, until__gt=at)]
    away = stand_ins_at(at)
    found = []
    for shift in on_watch(shifts, at, known_at=known_at):
        links = chain(shift.person_id, away)
        if links:
            found.append(Held(links[-1], Why.ROTA if len(links) == 1 else Why.ACTING, links))
    return tuple(found)


def stand_ins_at(at: datetime) -> dict[str, str]:
    """Who stands in for whom at the instant."""
    acting = models.Acting.objects.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at)
    return stand_ins([row.to_domain() for row in acting], at)


def stand_in(person_id: str, at: datetime) -> str:
    """Who is to be asked in the place of a person: the last of their stand-ins, themselves when they are there."""
    links = chain(person_id, stand_ins_at(at))
    return links[-1] if links else person_id


def charges_of(person_id: str, at: datetime) -> list[Charge]:
    """Areas, plants and projects that a person is charged with on the day, in a fixed order."""
    return _charges(models.Charge.objects.filter(person_id=person_id), local_day(to_ms(at)))


def sponsors_of(enterprise_id: str, at: datetime) -> list[str]:
    """People who sponsor a plant (企业包联) on the day, their stand-ins in their place."""
    rows = models.Charge.objects.filter(enterprise_id=enterprise_id, kind=ChargeKind.PLANT_SPONSOR)
    away = stand_ins_at(at)
    links = [chain(charge.person_id, away) for charge in _charges(rows, local_day(to_ms(at)))]
    return list(dict.fromkeys(link[-1] for link in links if link))


def phone_of(person_id: str) -> str:
    """Telephone of a person, empty when none is known. Whoever shows it asks `rights.may_phone` first."""
    return Person.objects.filter(id=person_id).values_list("phone", flat=True).first() or ""
