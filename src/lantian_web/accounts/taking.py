"""Taking in a list of units and people: looked at, taken in whole or its good rows alone, given back with its faults."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from lantian.errors import DataError
from lantian.inventory import ChargeKind, Duty
from lantian.observe.forms import Filled, blank, read_filled, returned
from lantian.records import make_id
from lantian_web.accounts import answering, form_words
from lantian_web.accounts.models import Charge, PeopleImport, Person, Post, Unit
from lantian_web.accounts.roster import ACTS, Item, Plan, check, people_form
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import fingerprint, locked

__all__ = ["Looked", "empty_form", "file_back", "look", "take_in"]


@dataclass(frozen=True, slots=True)
class Looked:
    """A list as it was looked at."""

    name: str
    data: bytes
    filled: Filled
    plan: Plan

    @property
    def sha256(self) -> str:
        """Names the file's bytes."""
        return hashlib.sha256(self.data).hexdigest()


def empty_form(known: Mapping[str, Sequence[Mapping[str, str]]] | None = None) -> bytes:
    """The workbook to be filled in."""
    return blank(people_form(), known)


def look(data: bytes, name: str, areas: Sequence[str], plants: Mapping[str, str]) -> Looked:
    """Read a list and say what it would do. DataError when it is none. Nothing is written.

    `areas` are the ids of the areas there are, `plants` the area of every plant.
    """
    filled = read_filled(data, people_form(), name)
    return Looked(name, data, filled, check(filled, areas, plants))


def file_back(looked: Looked) -> bytes:
    """The same file with red cells, a reason in each refused row and a summary in front."""
    form, counts = people_form(), looked.plan.counts()
    summary: list[list[str | int]] = [
        [_("Sheet"), *(str(form_words.ACT_WORDS[act]) for act in ACTS), _("Reason")]
    ]
    for sheet in form.sheets:
        whole = [m for m in looked.plan.marks if m.sheet == sheet.key and not _in_a_row(looked, m)]
        told = "；".join(form_words.told(mark) for mark in whole)
        summary.append([sheet.name, *(counts[sheet.key][act] for act in ACTS), told])
    others = [form_words.told(mark) for mark in looked.plan.marks if not mark.sheet]
    summary += [["", "", "", "", "", words] for words in others]
    marks = [(mark, form_words.told(mark)) for mark in looked.plan.marks]
    return returned(looked.data, form, looked.filled, marks, summary)


def _in_a_row(looked: Looked, mark: Any) -> bool:
    return any(row.row == mark.row for row in looked.filled.rows.get(mark.sheet, ()))


@command
def take_in(
    looked: Looked, by: str, now: datetime, *, partial: bool = False, returned_sha256: str = ""
) -> PeopleImport:
    """Write what was looked at; refused rows only with `partial`, and then the good ones alone. A double click takes
    it in once.

    DataError when rows are refused and that was not asked for, or when the registry has changed meanwhile.
    """
    refused = looked.plan.total("refuse")
    if refused and not partial:
        raise DataError("rows are refused: mend them, or take in the good ones alone", source=looked.name)
    list(locked(Unit.objects.order_by("id")[:1]))
    key = make_id("people_import", looked.sha256, now.isoformat())
    known = PeopleImport.objects.filter(id=key).first()
    if known is not None:
        return known
    put = {"units": _unit, "people": _person, "posts": _post}
    for item in looked.plan.items:
        if item.act in ("skip", "refuse"):
            continue
        if item.row.sheet in put:
            put[item.row.sheet](item, by, now)
        else:
            _answering(item, by, now)
    row = PeopleImport.objects.create(
        id=key,
        name=looked.name[:200],
        sha256=looked.sha256,
        returned_sha256=returned_sha256,
        counts=looked.plan.counts(),
        by=by,
        at=now,
    )
    told = {"name": row.name, **{act: looked.plan.total(act) for act in ACTS}}
    emit([NewEvent("people.imported", by, now, "people_import", row.pk, params=told)])
    return row


def _written(row: Model, kind: str, before: str, by: str, now: datetime, area_id: str) -> None:
    """Save a row; a change is told with what it was."""
    row.save()
    if before:
        emit(
            [
                NewEvent(
                    kind,
                    by,
                    now,
                    kind.split(".")[0],
                    str(row.pk),
                    area_id,
                    before=before,
                    after=fingerprint(row),
                )
            ]
        )


def _unit(item: Item, by: str, now: datetime) -> None:
    row = item.row
    there = Unit.objects.filter(pk=row.text("id")).first()
    new = Unit(
        row.text("id"), row.text("kind"), row.text("name"), row.text("area_id"), row.text("enterprise_id")
    )
    _written(new, "unit.changed", fingerprint(there) if there else "", by, now, new.area_id)


def _person(item: Item, by: str, now: datetime) -> None:
    row = item.row
    there = Person.objects.filter(pk=row.text("id")).first()
    new = Person(
        id=row.text("id"),
        name=row.text("name"),
        unit_id=row.text("unit_id"),
        phone=row.text("phone"),
        active=row.values["active"] is not False,
    )
    area = Unit.objects.values_list("area_id", flat=True).get(pk=new.unit_id)
    _written(new, "person.changed", fingerprint(there) if there else "", by, now, area)


def _post(item: Item, by: str, now: datetime) -> None:
    row = item.row
    post = Post.objects.get(pk=item.pk) if item.pk else Post(unit_id=row.text("unit_id"))
    before = fingerprint(post) if item.pk else ""
    area = row.text("area_id") or Unit.objects.values_list("area_id", flat=True).get(pk=post.unit_id)
    post.duty, post.title, post.person_id, post.area_id = (
        row.text("duty"),
        row.text("title"),
        row.text("person_id"),
        area,
    )
    post.valid_from, post.valid_to = row.values["valid_from"], row.values["valid_to"]
    _written(post, "post.changed", before, by, now, area)


def _answering(item: Item, by: str, now: datetime) -> None:
    row, values = item.row, item.row.values
    if row.sheet == "charges" and item.pk:
        there = Charge.objects.get(pk=item.pk)
        before = fingerprint(there)
        there.since, there.until, there.paper = values["since"], values["until"], row.text("paper")
        _written(there, "charge.changed", before, by, now, there.area_id)
    elif row.sheet == "charges":
        answering.charge(
            row.text("person_id"),
            ChargeKind(row.text("kind")),
            by,
            now,
            area_id=row.text("area_id"),
            enterprise_id=row.text("enterprise_id"),
            project=row.text("project"),
            since=values["since"],
            until=values["until"],
            paper=row.text("paper"),
        )
    elif row.sheet == "acting" and item.pk:
        answering.end_acting(item.pk, values["until"], by, now)
    elif row.sheet == "acting":
        answering.act_for(
            row.text("person_id"),
            row.text("stand_in_id"),
            values["since"],
            values["until"],
            row.text("reason"),
            by,
            now,
        )
    elif item.pk:
        answering.hand_over(item.pk, row.text("person_id"), row.text("note"), by, now)
    else:
        shift = answering.NewShift(
            row.text("unit_id"),
            Duty(row.text("duty")),
            row.text("person_id"),
            values["since"],
            values["until"],
            row.text("note"),
        )
        [answer] = answering.enter_shifts([shift], by, now)
        if answer.why is not None:
            raise answer.why
