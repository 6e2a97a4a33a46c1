"""Units, people and posts of the invented city: its office, each county's office and bureau, each plant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lantian.inventory import Area, AreaKind, Duty, Enterprise, Person, Post, Unit, UnitKind
from lantian.rehearsal.source import rows, stream, texts

__all__ = ["Offices", "build_offices"]


@dataclass(frozen=True, slots=True)
class Offices:
    """Who answers for what."""

    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    posts: tuple[Post, ...]


def _units(areas: Sequence[Area], enterprises: Sequence[Enterprise]) -> Iterator[tuple[Unit, UnitKind]]:
    form = {row["unit"]: row["unit_form"] for row in rows("posts")}
    for area in areas:
        if area.kind is AreaKind.CITY:
            name = form[UnitKind.CITY_OFFICE].format(area=area.name)
            yield Unit("reh-u-city", UnitKind.CITY_OFFICE, name, area.id), UnitKind.CITY_OFFICE
            continue
        for kind, letter in ((UnitKind.COUNTY_OFFICE, "o"), (UnitKind.COUNTY_BUREAU, "b")):
            yield Unit(f"reh-u-{area.id}-{letter}", kind, form[kind].format(area=area.name), area.id), kind
    for plant in enterprises:
        name = form[UnitKind.PLANT].format(plant=plant.name)
        unit_id = plant.id.replace("reh-", "reh-u-", 1)
        yield Unit(unit_id, UnitKind.PLANT, name, plant.area_id, plant.id), UnitKind.PLANT


def build_offices(seed: int, areas: Sequence[Area], enterprises: Sequence[Enterprise]) -> Offices:
    """All units with their people, by `posts.csv`. Phone numbers begin with 000 and reach nobody."""
    generator = stream(seed, "people")
    surnames, given = texts("persons", "surname"), texts("persons", "given")
    units: list[Unit] = []
    people: list[Person] = []
    posts: list[Post] = []
    for unit, kind in _units(areas, enterprises):
        units.append(unit)
        for row in rows("posts"):
            if row["unit"] != kind:
                continue
            for _ in range(int(row["count"])):
                name = surnames[int(generator.integers(len(surnames)))]
                for _ in range(1 + int(generator.random() < 0.75)):
                    name += given[int(generator.integers(len(given)))]
                number_of = len(people) + 1
                people.append(Person(f"reh-p{number_of:05d}", name, unit.id, f"000{number_of:08d}"))
                posts.append(Post(unit.id, Duty(row["duty"]), row["title"], people[-1].id, unit.area_id))
    return Offices(tuple(units), tuple(people), tuple(posts))
