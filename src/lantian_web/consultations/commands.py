"""Writing a record in the meeting: open it, say who is there, what is advised, what the chair makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lantian.dispatch.deadline import kind_of as dispatch_kind
from lantian.errors import DataError, TransitionError
from lantian.inventory import UnitKind
from lantian.periods import from_ms, local_day, to_ms
from lantian.records import make_id
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import units_of
from lantian_web.consultations.figures import Figure, known_at
from lantian_web.consultations.kinds import CHAIR, capacity_names, kind_of
from lantian_web.consultations.models import (
    LONG,
    TEXT,
    Advice,
    AdviceState,
    AgendaItem,
    Attendee,
    Consultation,
)
from lantian_web.consultations.records import advice_in_draft, check_keeper, clean, draft, tell
from lantian_web.events.commands import command, draw
from lantian_web.inventory.queries import city_area_id

__all__ = [
    "add_agenda",
    "advise",
    "attend",
    "decide",
    "leave",
    "open_consultation",
    "say",
    "set_head",
    "take_back",
    "take_figures",
    "take_up",
]

NUMBERS = "consultations"


@command
def open_consultation(
    kind: str,
    held_at: datetime,
    by: str,
    now: datetime,
    *,
    place: str = "",
    forecast: Sequence[int | None] | None = None,
    figures: Sequence[Figure] | None = None,
) -> Consultation:
    """A new record with its number, its agenda and the figures as they stand; the same meeting again returns it.

    RightsError unless `by` is an analyst of the city, DataError for an unknown kind.
    """
    area_id, held_at = city_area_id(), from_ms(to_ms(held_at))
    check_keeper(by, area_id, now)
    asked = kind_of(kind, local_day(to_ms(held_at)))
    year = local_day(to_ms(held_at)).year
    id = make_id("consultation", area_id, kind, held_at.isoformat())
    draw(f"{NUMBERS}:{year}", 0)  # holds other openings back
    known = Consultation.objects.filter(id=id).first()
    if known is not None:
        return known
    serial = draw(f"{NUMBERS}:{year}")
    try:
        number = asked.scheme.format(year=year, serial=serial)
    except (KeyError, IndexError, ValueError):
        raise DataError(f"{asked.scheme!r} is no form of a number", field="scheme") from None
    row = Consultation(
        id=id,
        number=number[:40],
        kind=kind,
        area_id=area_id,
        unit_id=_office(area_id),
        held_at=held_at,
        place=clean(place, "place", 120, needed=False),
        keeper=by,
        opened_at=now,
        as_of=now,
        figures=list(known_at(area_id, now, forecast) if figures is None else figures),
    )
    row.save(force_insert=True)
    AgendaItem.objects.bulk_create(
        AgendaItem(consultation=row, place=place_no, item=item, text=text[:200])
        for place_no, (item, text) in enumerate(asked.agenda, 1)
    )
    tell("consultation.opened", row, by, now, held_at=held_at.isoformat())
    return row


def _office(area_id: str) -> str:
    offices = [unit.id for unit in units_of([UnitKind.CITY_OFFICE]) if area_id.startswith(unit.area_id)]
    return offices[0] if offices else ""


@command
def take_figures(
    id: str, by: str, now: datetime, forecast: Sequence[int | None] | None = None
) -> Consultation:
    """Read the figures anew: what came in since the record was opened."""
    row = draft(id, by, now)
    row.figures, row.as_of = known_at(row.area_id, now, forecast), now
    row.save(update_fields=["figures", "as_of"])
    tell("consultation.figures", row, by, now)
    return row


@command
def set_head(id: str, place: str, held_at: datetime, by: str, now: datetime) -> Consultation:
    """Where and when it sits."""
    row = draft(id, by, now)
    row.place, row.held_at = clean(place, "place", 120, needed=False), from_ms(to_ms(held_at))
    row.save(update_fields=["place", "held_at"])
    tell("consultation.changed", row, by, now, place=row.place, held_at=row.held_at.isoformat())
    return row


@command
def attend(
    id: str,
    capacity: str,
    by: str,
    now: datetime,
    *,
    person_id: str = "",
    name: str = "",
    unit: str = "",
    present: bool = True,
    note: str = "",
) -> Attendee:
    """Somebody is there, or was missing: then `note` says why, and `name` may be left out.

    A person of the city's books is named by id, or found by a name that only one of them bears; others stand by name
    and unit. DataError for an unknown capacity, a second chair, nobody, or an absence without its reason.
    """
    row = draft(id, by, now)
    if capacity not in capacity_names(local_day(to_ms(row.held_at))) | {CHAIR: ""}:
        raise DataError(f"nobody sits there as {capacity!r}", field="capacity")
    person = _person(person_id, name)
    name = person.name if person else clean(name, "name", 40, needed=present)
    unit = clean(unit, "unit", 120, needed=False) or (person.unit.name if person else "")
    note = clean(note, "note", 200, needed=not present)
    if present and capacity == CHAIR and row.attendees.filter(capacity=CHAIR, present=True).exists():
        raise DataError("there is a chair already", field="capacity")
    if name and row.attendees.filter(name=name, unit=unit, capacity=capacity).exists():
        raise DataError(f"{name} is in the list already", field="name")
    made = Attendee.objects.create(
        consultation=row,
        person_id=person.id if person else "",
        name=name,
        unit=unit,
        capacity=capacity,
        present=present,
        note=note,
    )
    tell(
        "consultation.attended",
        row,
        by,
        now,
        name=name,
        unit=unit,
        capacity=capacity,
        present=present,
        reason=note,
    )
    return made


def _person(person_id: str, name: str) -> Person | None:
    if person_id:
        found = Person.objects.filter(id=person_id).select_related("unit").first()
        if found is None:
            raise DataError(f"there is no person {person_id}", field="person_id")
        return found
    named = list(Person.objects.filter(name=name.strip()).select_related("unit")[:2]) if name.strip() else []
    return named[0] if len(named) == 1 else None


@command
def leave(attendee_id: int, by: str, now: datetime) -> None:
    """Strike somebody entered by mistake. TransitionError once they advised or decided."""
    found = Attendee.objects.filter(id=attendee_id).first()
    if found is None:
        return
    row = draft(found.consultation_id, by, now)
    if Advice.objects.filter(given_by=found).exists() or Advice.objects.filter(decided_by=found).exists():
        raise TransitionError(f"{found.name} advised or decided: they stay in the list")
    found.delete()
    tell("consultation.struck", row, by, now, name=found.name, capacity=found.capacity)


@command
def add_agenda(id: str, text: str, by: str, now: datetime) -> AgendaItem:
    """One more item, at the end."""
    row = draft(id, by, now)
    text = clean(text, "text", 200)
    last = row.agenda.order_by("place").last()
    made = AgendaItem.objects.create(consultation=row, place=last.place + 1 if last else 1, text=text)
    tell("consultation.agenda", row, by, now, text=text)
    return made


@command
def say(item_id: int, said: str, by: str, now: datetime) -> AgendaItem:
    """What was said under an item of the agenda."""
    found = AgendaItem.objects.filter(id=item_id).first()
    if found is None:
        raise DataError(f"there is no item {item_id}", field="item")
    row = draft(found.consultation_id, by, now)
    found.said = clean(said, "said", LONG, needed=False)
    found.save(update_fields=["said"])
    tell("consultation.said", row, by, now, item=found.text, text=found.said)
    return found


@command
def advise(id: str, text: str, given_by: int, by: str, now: datetime, category: str = "") -> Advice:
    """An advice of somebody in the list. DataError for an unknown giver or category."""
    row = draft(id, by, now)
    return _advised(row, clean(text, "text", TEXT), _of(row, given_by), category, by, now)


def _advised(
    row: Consultation,
    text: str,
    giver: Attendee,
    category: str,
    by: str,
    now: datetime,
    taken_from: Advice | None = None,
) -> Advice:
    if category:
        dispatch_kind(category, local_day(to_ms(now)))
    last = row.advice.order_by("place").last()
    place = last.place + 1 if last else 1
    made = Advice.objects.create(
        id=make_id("advice", row.id, place),
        consultation=row,
        place=place,
        text=text,
        given_by=giver,
        category=category,
        taken_from=taken_from,
    )
    tell("consultation.advised", row, by, now, advice=made.id, text=text, name=giver.name, category=category)
    return made


def _of(row: Consultation, attendee_id: int) -> Attendee:
    found = row.attendees.filter(id=attendee_id).first()
    if found is None:
        raise DataError("nobody in the list of this meeting", field="attendee")
    return found


@command
def take_back(advice_id: str, by: str, now: datetime) -> None:
    """Strike an advice entered by mistake. TransitionError once something was decided on it."""
    advice, row = advice_in_draft(advice_id, by, now)
    if advice.state != AdviceState.OPEN:
        raise TransitionError(f"advice {advice.place} is decided: it stays in the record")
    if row.advice.filter(place__gt=advice.place).exists():
        raise TransitionError("only the last advice can be struck: numbers have no holes")
    advice.delete()
    tell("consultation.advice_struck", row, by, now, advice=advice_id, text=advice.text)


@command
def take_up(id: str, deferred_id: str, given_by: int, by: str, now: datetime) -> Advice:
    """A deferred advice of a former meeting comes before this one."""
    row = draft(id, by, now)
    old = Advice.objects.filter(
        id=deferred_id,
        state=AdviceState.DEFERRED,
        consultation__held_at__lt=row.held_at,
        taken_up__isnull=True,
    ).first()
    if old is None:
        raise DataError("no deferred advice of a former meeting", field="advice")
    return _advised(row, old.text, _of(row, given_by), old.category, by, now, old)


@command
def decide(
    advice_id: str, state: AdviceState, decided_by: int, by: str, now: datetime, reason: str = ""
) -> Advice:
    """Adopted, not adopted or deferred, by somebody who is there; said again it is changed, while nothing was sent.

    DataError when it is not adopted, or deferred, without a reason. TransitionError once it became a task or an order.
    """
    advice, row = advice_in_draft(advice_id, by, now)
    decider = _of(row, decided_by)
    if not decider.present:
        raise DataError(f"{decider.name} was not there", field="decided_by")
    if state is AdviceState.OPEN:
        raise DataError("adopted, not adopted or deferred", field="state")
    if advice.warning_decision_id or advice.tasks.exists():
        raise TransitionError(f"advice {advice.place} has become a task or an order")
    advice.reason = clean(reason, "reason", TEXT, needed=state is not AdviceState.ADOPTED)
    advice.state, advice.decided_by, advice.decided_at = state, decider, now
    advice.save(update_fields=["reason", "state", "decided_by", "decided_at"])
    tell(
        "consultation.decided",
        row,
        by,
        now,
        advice=advice.id,
        state=state.value,
        name=decider.name,
        reason=advice.reason,
    )
    return advice
