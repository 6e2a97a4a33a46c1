"""Who is who: units, people and the posts they hold.

Sorted here, not by the database: the order must not hang on its collation.
"""

from __future__ import annotations

from collections.abc import Iterable

from lantian import inventory
from lantian.inventory import Duty
from lantian_web.accounts.models import Person, Post, Unit

__all__ = ["holds", "person_names", "posts_of", "unit_names", "unit_of", "units_of", "plant_units"]


def holds(person_id: str, duties: Iterable[Duty], area_id: str | None = None) -> bool:
    """Whether the person holds one of the duties, for that area or for one above it."""
    areas = Post.objects.filter(person_id=person_id, duty__in=list(duties)).values_list("area_id", flat=True)
    return any(area_id is None or area_id.startswith(area) for area in areas)


def unit_of(person_id: str) -> str:
    """Unit id of a person, empty when there is no such person."""
    return Person.objects.filter(id=person_id).values_list("unit_id", flat=True).first() or ""


def posts_of(duties: Iterable[Duty] = tuple(Duty)) -> list[inventory.Post]:
    """Posts with one of the duties, in a fixed order."""
    rows = Post.objects.filter(duty__in=list(duties))
    posts = [
        inventory.Post(row.unit_id, Duty(row.duty), row.title, row.person_id, row.area_id) for row in rows
    ]
    return sorted(posts, key=lambda post: (post.area_id, post.unit_id, post.duty, post.person_id))


def units_of(kinds: Iterable[inventory.UnitKind] = tuple(inventory.UnitKind)) -> list[inventory.Unit]:
    """Units of some kinds, in a fixed order."""
    rows = Unit.objects.filter(kind__in=list(kinds))
    units = [
        inventory.Unit(row.id, inventory.UnitKind(row.kind), row.name, row.area_id, row.enterprise_id or None)
        for row in rows
    ]
    return sorted(units, key=lambda unit: unit.id)


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
