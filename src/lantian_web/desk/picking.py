"""Whom a typed order may go to: found by part of a name, named in the sentence, or pasted as a list.

Everything is looked for inside the areas in which the log-in may order; nothing is guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from lantian.inventory import AreaKind, UnitKind
from lantian.records import Role
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.rights import grants_of, visible
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.tasks.sending import Target

__all__ = ["Choice", "Line", "Reach", "orders_in"]

FOUND = 12
UNCLEAR = 6  # choices shown beside a line that fits more than one
SCANNED = 400  # lines looked for by part of a name
EVERY_COUNTY = re.compile(r"各(?:县|区县|县区|县市区|县[（(]市[、,，]?区[）)])")
CELLS = re.compile(r"[\t,，;；|]+")
SHORT = 3  # a shorter name of a plant or unit is too easily part of another word


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible target with its name and what tells it from others of that name."""

    kind: str
    id: str
    name: str
    hint: str = ""

    @property
    def key(self) -> str:
        """How forms and addresses write it."""
        return f"{self.kind}:{self.id}"

    @property
    def target(self) -> Target:
        return Target(self.kind, self.id)

    def to_json(self) -> dict[str, str]:
        """What scripts are told of it."""
        return {"key": self.key, "name": self.name, "hint": self.hint, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Line:
    """One pasted line: the one target it names, or the several it could."""

    text: str
    choice: Choice | None = None
    choices: tuple[Choice, ...] = ()


def orders_in(user: User) -> tuple[str, ...]:
    """Areas in which this log-in may order: an analyst's or a dispatcher's. `tasks.send` asks for the post again."""
    if user.person_id is None:
        return ()
    grants = [g for g in grants_of(user) if g.role in (Role.ANALYST, Role.DISPATCHER)]
    return tuple(sorted({g.scope_id for g in grants if g.scope_kind == "area"}))


@dataclass
class Reach:
    """Everybody an order of this log-in could go to."""

    user: User
    areas: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.areas = orders_in(self.user)

    def _inside(self, column: str) -> Q:
        where = Q(pk__in=[])
        for area in self.areas:
            where |= Q(**{f"{column}__startswith": area})
        return where

    def plants(self) -> QuerySet[Enterprise]:
        """Plants in its areas."""
        return visible(self.user, Enterprise.objects.all()).filter(self._inside("area_id"))

    def places(self) -> QuerySet[Area]:
        """Counties and what lies below them."""
        return Area.objects.exclude(kind=AreaKind.CITY).filter(self._inside("id")).order_by("id")

    def units(self) -> QuerySet[Unit]:
        """Units in its areas; a plant's own too."""
        return Unit.objects.filter(self._inside("area_id"))

    def people(self) -> QuerySet[Person]:
        """People of those units."""
        return Person.objects.filter(active=True).filter(self._inside("unit__area_id"))

    @cached_property
    def area_names(self) -> dict[str, str]:
        return dict(Area.objects.values_list("id", "name"))

    def find(self, text: str, most: int = FOUND) -> list[Choice]:
        """Who has this in the name or is known by this code, places first."""
        said = text.strip()
        if not said:
            return []
        found = [
            self._place(*row)
            for row in self.places().filter(self._named(said)).values_list("id", "name")[:most]
        ]
        offices = self.units().exclude(kind=UnitKind.PLANT).filter(self._named(said))
        found += [self._unit(*row) for row in offices.values_list("id", "name", "area_id", "kind")[:most]]
        coded = self._named(said) | Q(credit_code=said.upper())
        plants = self.plants().filter(coded).order_by("id").values_list("id", "name", "area_id")[:most]
        own = dict(
            self.units()
            .filter(enterprise_id__in=[row[0] for row in plants])
            .values_list("enterprise_id", "id")
        )
        for pk, name, area in plants:
            found.append(self._plant(pk, name, area))
            if pk in own:
                found.append(Choice("unit", own[pk], name, _("to the plant itself")))
        people = self.people().filter(self._named(said)).annotate(of=F("unit__name"))
        found += [Choice("person", *row) for row in people.values_list("id", "name", "of")[:most]]
        return found[:most]

    @staticmethod
    def _named(said: str) -> Q:
        return Q(name__icontains=said) | Q(pk=said)

    def _place(self, pk: str, name: str) -> Choice:
        return Choice("area", pk, name, _("its office"))

    def _unit(self, pk: str, name: str, area: str, kind: str) -> Choice:
        hint = _("to the plant itself") if kind == UnitKind.PLANT else self.area_names.get(area, area)
        return Choice("unit", pk, name, hint)

    def _plant(self, pk: str, name: str, area: str) -> Choice:
        return Choice("enterprise", pk, name, self.area_names.get(area, area))

    def resolve(self, keys: Iterable[str]) -> tuple[list[Choice], list[str]]:
        """Targets by key, in order, and the keys that are nobody's in these areas."""
        wanted = list(dict.fromkeys(key.strip() for key in keys if key.strip()))
        by_kind: dict[str, list[str]] = defaultdict(list)
        for key in wanted:
            kind, _colon, pk = key.partition(":")
            by_kind[kind].append(pk)
        known: dict[str, Choice] = {}
        for kind, ids in by_kind.items():
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                known |= {choice.key: choice for choice in self._of(kind, part)}
        return [known[key] for key in wanted if key in known], [key for key in wanted if key not in known]

    def _of(self, kind: str, ids: Sequence[str]) -> list[Choice]:
        if kind == "enterprise":
            plants = self.plants().filter(pk__in=ids).values_list("id", "name", "area_id")
            return [self._plant(*row) for row in plants]
        if kind == "area":
            return [self._place(*row) for row in self.places().filter(pk__in=ids).values_list("id", "name")]
        if kind == "unit":
            units = self.units().filter(pk__in=ids).values_list("id", "name", "area_id", "kind")
            return [self._unit(*row) for row in units]
        if kind == "person":
            people = self.people().filter(pk__in=ids).annotate(of=F("unit__name"))
            return [Choice("person", *row) for row in people.values_list("id", "name", "of")]
        return []

    def themselves(self, choices: Iterable[Choice]) -> list[Choice]:
        """The same, but an order about a plant becomes one to the plant's own unit where it has one."""
        rows = list(choices)
        plants = [choice.id for choice in rows if choice.kind == "enterprise"]
        own: dict[str, str] = {}
        for start in range(0, len(plants), 500):
            part = self.units().filter(enterprise_id__in=plants[start : start + 500])
            own |= dict(part.values_list("enterprise_id", "id"))
        turned = [
            Choice("unit", own[c.id], c.name, _("to the plant itself"))
            if c.kind == "enterprise" and c.id in own
            else c
            for c in rows
        ]
        return list(dict.fromkeys(turned))

    @cached_property
    def _all(self) -> list[Choice]:
        """Everybody by name; a plant stands for itself, not for its unit."""
        plants = self.plants().order_by("id").values_list("id", "name", "area_id")
        offices = self.units().exclude(kind=UnitKind.PLANT).order_by("id")
        return [
            *(self._plant(*row) for row in plants),
            *(self._unit(*row) for row in offices.values_list("id", "name", "area_id", "kind")),
            *(self._place(*row) for row in self.places().values_list("id", "name")),
        ]

    def mentioned(self, sentence: str) -> list[Choice]:
        """Counties, plants and units that the sentence names; "every county" means all of them."""
        text = "".join(sentence.split())
        if len(text) < 2:
            return []
        found = []
        for choice in sorted(self._all, key=lambda c: -len(c.name)):
            if choice.name in text and (choice.kind == "area" or len(choice.name) >= SHORT):
                found.append(choice)
                text = text.replace(choice.name, "　")  # a county's name inside a plant's does not count
        if EVERY_COUNTY.search(text):
            counties = self.places().exclude(kind=AreaKind.TOWNSHIP).values_list("id", "name")
            found += [self._place(*row) for row in counties]
        return list(dict.fromkeys(found))

    def match(self, pasted: str) -> list[Line]:
        """One answer per line of a list: names, codes, or rows copied out of a spreadsheet."""
        texts = [text.strip() for text in pasted.splitlines() if text.strip()]
        people = self.people().annotate(of=F("unit__name")).values_list("id", "name", "of")
        every = [*self._all, *(Choice("person", *row) for row in people)]
        codes = {choice.id: choice for choice in every}
        by_credit = dict(self.plants().values_list("credit_code", "id"))
        codes |= {code: codes[pk] for code, pk in by_credit.items() if pk in codes}
        names: dict[str, list[Choice]] = defaultdict(list)
        for choice in every:
            names[choice.name].append(choice)
        lines, scans = [], 0
        for text in texts:
            found = _exact(text, codes, names)
            if not found and scans < SCANNED:
                scans += 1
                found = _part(text, every)
            one = found[0] if len(found) == 1 else None
            lines.append(Line(text, one, () if one else tuple(found[:UNCLEAR])))
        return lines


def _cells(text: str) -> list[str]:
    return [text, *(cell.strip() for cell in CELLS.split(text) if cell.strip() and cell.strip() != text)]


def _exact(text: str, codes: dict[str, Choice], names: dict[str, list[Choice]]) -> list[Choice]:
    cells = _cells(text)
    for cell in cells:
        if (found := codes.get(cell) or codes.get(cell.upper())) is not None:
            return [found]
    places = [choice for cell in cells for choice in names.get(cell, ()) if choice.kind == "area"]
    others = [choice for cell in cells for choice in names.get(cell, ()) if choice.kind != "area"]
    if len(others) > 1 and places:  # two of one name: the county beside it tells which
        told = [choice for choice in others if choice.hint in {place.name for place in places}]
        others = told or others
    return list(dict.fromkeys(others or places))


def _part(text: str, every: Sequence[Choice]) -> list[Choice]:
    said = max(_cells(text)[1:] or [text], key=len)
    return [choice for choice in every if len(said) > 1 and said in choice.name][: UNCLEAR + 1]
