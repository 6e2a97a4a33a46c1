"""A filled list of units and people against the registry: what each row would add, change or leave, and what is wrong.

Sheet by sheet, so that a row may name what a good row above it brings. Nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from lantian import inventory
from lantian.dispatch.responsibility import closes_circle
from lantian.inventory import ChargeKind, Duty, UnitKind
from lantian.observe.forms import Filled, FilledRow, Form, Mark, load_form
from lantian_web.accounts import models
from lantian_web.accounts.answering import span

__all__ = ["ACTS", "Item", "Plan", "check", "people_form"]

ACTS = ("add", "change", "skip", "refuse")


@cache
def people_form() -> Form:
    """The form of units and people."""
    return load_form(files("lantian_web.accounts").joinpath("people_form.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Item:
    """One row and what it would do. `pk` is the row of the registry that a change is about, `before` what it holds."""

    row: FilledRow
    act: str
    pk: Any = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a list would do."""

    items: tuple[Item, ...]
    marks: tuple[Mark, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each sheet are added, changed, left and refused."""
        found = {sheet.key: dict.fromkeys(ACTS, 0) for sheet in people_form().sheets}
        for item in self.items:
            found[item.row.sheet][item.act] += 1
        return found

    def total(self, act: str) -> int:
        """How many rows of all sheets."""
        return sum(item.act == act for item in self.items)


class _Wrong(Exception):
    """Why a row is refused: the column, the name of the fault and what it is about."""

    def __init__(self, column: str, code: str, detail: str = "") -> None:
        self.column, self.code, self.detail = column, code, detail
        super().__init__(code)


@dataclass(slots=True)
class _Known:
    """The registry, and what good rows have brought so far."""

    areas: frozenset[str]
    plants: Mapping[str, str]
    units: dict[str, inventory.Unit]
    people: dict[str, inventory.Person]
    unit_of_plant: dict[str, str]
    actings: list[tuple[int | None, inventory.Acting]]
    dated: dict[Any, list[tuple[int | None, Any]]] = field(default_factory=lambda: defaultdict(list))
    """Posts and charges by what they are about."""
    shifts: dict[tuple[str, Duty], list[tuple[int | None, inventory.Shift]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def _known(areas: Sequence[str], plants: Mapping[str, str]) -> _Known:
    units = {
        u.id: inventory.Unit(u.id, UnitKind(u.kind), u.name, u.area_id, u.enterprise_id or None)
        for u in models.Unit.objects.all()
    }
    people = {
        p.id: inventory.Person(p.id, p.name, p.unit_id, p.phone, p.active)
        for p in models.Person.objects.all()
    }
    found = _Known(
        frozenset(areas),
        plants,
        units,
        people,
        {u.enterprise_id: u.id for u in units.values() if u.enterprise_id},
        [(row.pk, row.to_domain()) for row in models.Acting.objects.order_by("pk")],
    )
    for post in models.Post.objects.order_by("pk"):
        found.dated[_matter(post.to_domain())].append((post.pk, post.to_domain()))
    for charge in models.Charge.objects.order_by("pk"):
        found.dated[_matter(charge.to_domain())].append((charge.pk, charge.to_domain()))
    for row in models.Shift.objects.filter(replaced_at__isnull=True).order_by("pk"):
        found.shifts[row.unit_id, Duty(row.duty)].append((row.pk, row.to_domain()))
    return found


def _matter(record: inventory.Post | inventory.Charge) -> tuple[object, ...]:
    """What a dated record is about: two of one matter share no day."""
    if isinstance(record, inventory.Post):
        return "post", record.unit_id, record.duty, record.person_id, record.area_id
    return "charge", record.person_id, record.kind, record.area_id, record.enterprise_id, record.project


def check(filled: Filled, areas: Sequence[str], plants: Mapping[str, str]) -> Plan:
    """What the list would do to the registry. `areas` are the ids there are, `plants` the area of each plant."""
    known = _known(areas, plants)
    marks, items = list(filled.marks), []
    for sheet, judge in _JUDGES.items():
        seen: dict[Any, int] = {}
        for row in filled.rows.get(sheet, ()):
            if row.refused:
                items.append(Item(row, "refuse"))
                continue
            try:
                if row.text("id") in seen:
                    raise _Wrong("id", "twice", str(seen[row.text("id")]))
                key, item = judge(row, known)
                if key in seen:
                    raise _Wrong("", "twice", str(seen[key]))
                seen[key] = row.row
                items.append(item)
            except _Wrong as wrong:
                items.append(Item(row, "refuse"))
                marks.append(Mark(sheet, row.row, wrong.column, wrong.code, wrong.detail))
    marks += _shared_phones(filled)
    order = {sheet.key: number for number, sheet in enumerate(people_form().sheets)}
    marks.sort(key=lambda mark: (order.get(mark.sheet, -1), mark.row))
    return Plan(tuple(items), tuple(marks))


def _shared_phones(filled: Filled) -> list[Mark]:
    """Telephones of two people: taken, and said."""
    first: dict[str, FilledRow] = {}
    found = []
    for row in filled.rows.get("people", ()):
        if phone := row.text("phone"):
            if phone in first:
                found.append(Mark("people", row.row, "phone", "shared_phone", str(first[phone].row), False))
            first.setdefault(phone, row)
    return found


def _put(row: FilledRow, there: Any, new: Any, key: Any) -> tuple[Any, Item]:
    """A record put by its id."""
    if there is None:
        return key, Item(row, "add")
    return key, Item(row, "skip" if there == new else "change", key, _said(there))


def _said(record: Any) -> str:
    return "、".join(str(value) for name in record.__slots__ if (value := getattr(record, name)))


def _area(area_id: str, known: _Known, column: str, below: bool = False) -> str:
    inside = any(area_id.startswith(one) for one in known.areas) if below else area_id in known.areas
    if not inside:
        raise _Wrong(column, "unknown_area", area_id)
    return area_id


def _person(row: FilledRow, known: _Known, column: str, working: bool = True) -> inventory.Person:
    found = known.people.get(row.text(column))
    if found is None:
        raise _Wrong(column, "unknown_person", row.text(column))
    if working and not found.active:
        raise _Wrong(column, "left", found.name)
    return found


def _unit(row: FilledRow, known: _Known) -> inventory.Unit:
    found = known.units.get(row.text("unit_id"))
    if found is None:
        raise _Wrong("unit_id", "unknown_unit", row.text("unit_id"))
    return found


def _days(row: FilledRow, first: str, last: str) -> tuple[date | None, date | None]:
    begin, end = row.values[first], row.values[last]
    if begin and end and end < begin:
        raise _Wrong(last, "ends_before")
    return begin, end


def _units(row: FilledRow, known: _Known) -> tuple[Any, Item]:
    kind, plant = UnitKind(row.text("kind")), row.text("enterprise_id")
    area = _area(row.text("area_id"), known, "area_id", kind is UnitKind.TOWNSHIP_OFFICE)
    if (kind is UnitKind.PLANT) != bool(plant):
        raise _Wrong("enterprise_id", "plant_missing" if not plant else "plant_unwanted")
    if plant and plant not in known.plants:
        raise _Wrong("enterprise_id", "unknown_plant", plant)
    if plant and known.plants[plant] != area:
        raise _Wrong("area_id", "other_area", known.plants[plant])
    new = inventory.Unit(row.text("id"), kind, row.text("name"), area, plant or None)
    if plant and known.unit_of_plant.setdefault(plant, new.id) != new.id:
        raise _Wrong("enterprise_id", "plant_twice", known.unit_of_plant[plant])
    found = _put(row, known.units.get(new.id), new, new.id)
    known.units[new.id] = new
    return found


def _people(row: FilledRow, known: _Known) -> tuple[Any, Item]:
    unit, active = _unit(row, known), row.values["active"]
    new = inventory.Person(
        row.text("id"), row.text("name"), unit.id, row.text("phone"), True if active is None else active
    )
    found = _put(row, known.people.get(new.id), new, new.id)
    known.people[new.id] = new
    return found


def _dated(row: FilledRow, known: _Known, new: inventory.Post | inventory.Charge) -> tuple[Any, Item]:
    """A dated record: the same again is left, one of the same matter whose days it shares is changed, else a new one."""
    there = known.dated[_matter(new)]
    first, last = _span(new)
    for place, (pk, old) in enumerate(there):
        begin, end = _span(old)
        if (end and first and end < first) or (last and begin and last < begin):
            continue
        if pk is None:
            raise _Wrong("", "days_shared", _said(old))
        if old == new:
            return ("there", type(new), pk), Item(row, "skip", pk)
        there[place] = (pk, new)
        return ("there", type(new), pk), Item(row, "change", pk, _said(old))
    there.append((None, new))
    return ("new", row.row), Item(row, "add")


def _span(record: inventory.Post | inventory.Charge) -> tuple[date | None, date | None]:
    if isinstance(record, inventory.Post):
        return record.valid_from, record.valid_to
    return record.since, record.until


def _posts(row: FilledRow, known: _Known) -> tuple[Any, Item]:
    unit, person = _unit(row, known), _person(row, known, "person_id", working=False)
    first, last = _days(row, "valid_from", "valid_to")
    area = row.text("area_id") or unit.area_id
    if area != unit.area_id:
        _area(area, known, "area_id", below=True)
    new = inventory.Post(unit.id, Duty(row.text("duty")), row.text("title"), person.id, area, first, last)
    if not person.active and last is None:
        raise _Wrong("person_id", "left", person.name)
    return _dated(row, known, new)


def _charges(row: FilledRow, known: _Known) -> tuple[Any, Item]:
    person, kind = _person(row, known, "person_id"), ChargeKind(row.text("kind"))
    first, last = _days(row, "since", "until")
    plant, project, area = row.text("enterprise_id"), row.text("project"), row.text("area_id")
    if kind is ChargeKind.PLANT_SPONSOR:
        if plant not in known.plants:
            raise _Wrong("enterprise_id", "unknown_plant" if plant else "empty", plant)
        area, project = known.plants[plant], ""
    elif plant:
        raise _Wrong("enterprise_id", "plant_unwanted")
    elif kind is ChargeKind.PROJECT_SPONSOR:
        if not project:
            raise _Wrong("project", "empty")
        area = area or known.units[person.unit_id].area_id
    else:
        if not area:
            raise _Wrong("area_id", "empty")
        _area(area, known, "area_id", below=kind is ChargeKind.LEADER_AREA)
        project = ""
    new = inventory.Charge(person.id, kind, area, plant, project, first, last, row.text("paper"))
    return _dated(row, known, new)


def _hours(row: FilledRow) -> tuple[datetime, datetime | None]:
    begin, end = row.values["since"], row.values["until"]
    if end is not None and end <= begin:
        raise _Wrong("until", "ends_before")
    return begin, end


def _acting(row: FilledRow, known: _Known) -> tuple[Any, Item]:
    person, stand_in = _person(row, known, "person_id"), _person(row, known, "stand_in_id")
    since, until = _hours(row)
    if person.id == stand_in.id:
        raise _Wrong("stand_in_id", "own_stand_in", person.name)
    new = inventory.Acting(person.id, stand_in.id, since, until, row.text("reason"))
    key = (person.id, since)
    others = []
    for place, (pk, old) in enumerate(known.actings):
        if old.person_id == person.id and old.since == since and old.stand_in_id == stand_in.id:
            if (old.until, old.reason) == (until, new.reason) or pk is None:
                return key, Item(row, "skip", pk)
            if until is None or (old.until is not None and old.until < until):
                raise _Wrong("until", "acting_longer")
            known.actings[place] = (pk, new)
            return key, Item(row, "change", pk, _said(old))
        others.append(old)
    for old in others:
        shared = (old.until is None or since < old.until) and (until is None or old.since < until)
        if old.person_id == person.id and shared:
            raise _Wrong("person_id", "acting_twice", known.people[old.stand_in_id].name)
    if closes_circle(new, others):
        raise _Wrong("stand_in_id", "circle", f"{person.name} → {stand_in.name}")
    known.actings.append((None, new))
    return key, Item(row, "add")


def _rota(row: FilledRow, known: _Known) -> tuple[Any, Item]:
    unit, person, duty = _unit(row, known), _person(row, known, "person_id"), Duty(row.text("duty"))
    since, until = _hours(row)
    assert until is not None, "the form demands it"
    new = inventory.Shift(unit.id, duty, person.id, since, until, row.text("note"))
    key = (unit.id, duty, since)
    rota = known.shifts[unit.id, duty]
    for place, (pk, old) in enumerate(rota):
        if old.until <= since or until <= old.since:
            continue
        if (old.since, old.until) != (since, until) or pk is None:
            name = known.people[old.person_id].name
            raise _Wrong("since", "overlap", f"{name} {span(old.since, old.until)}")
        if old.person_id == person.id:
            return key, Item(row, "skip", pk)
        rota[place] = (pk, new)
        return key, Item(row, "change", pk, known.people[old.person_id].name)
    rota.append((None, new))
    return key, Item(row, "add")


_JUDGES: Mapping[str, Callable[[FilledRow, _Known], tuple[Any, Item]]] = {
    "units": _units,
    "people": _people,
    "posts": _posts,
    "charges": _charges,
    "acting": _acting,
    "rota": _rota,
}
