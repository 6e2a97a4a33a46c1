"""Who answers: entering stand-ins, charges and watches, and ending them.

Nothing here is taken back without a trace: an acting ends, a charge ends, a watch is replaced, and the row stays.
Who may do it is for the caller to know (`rights.may_staff`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from lantian.dispatch.responsibility import closes_circle
from lantian.errors import DataError, LantianError, TransitionError
from lantian.inventory import ChargeKind, Duty
from lantian.periods import CITY_TZ
from lantian_web.accounts.models import Acting, Charge, Person, Shift, Unit
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import Answer, fingerprint, locked

__all__ = [
    "NewShift",
    "act_for",
    "cancel_shift",
    "charge",
    "end_acting",
    "end_charge",
    "enter_shifts",
    "hand_over",
    "span",
    "swap_shifts",
]

REASON = 200
SPAN = "the end is not after the beginning"
UNKNOWN = "unknown person"
GONE = "no longer active"
TWICE = "stand-in named already for that time"
CIRCLE = "they would stand in for each other in a circle"
OVERLAP = "somebody has this watch already"


@dataclass(frozen=True, slots=True)
class NewShift:
    """A watch to be entered."""

    unit_id: str
    duty: Duty
    person_id: str
    since: datetime
    until: datetime
    note: str = ""


def _person(person_id: str) -> Person:
    found = Person.objects.filter(id=person_id).select_related("unit").first()
    if found is None:
        raise DataError(UNKNOWN, source=person_id)
    if not found.active:
        raise DataError(GONE, source=found.name)
    return found


def _event(
    kind: str, row: Acting | Charge | Shift, now: datetime, by: str, before: str = "", **params: object
) -> NewEvent:
    return NewEvent(
        kind,
        by,
        now,
        kind.split(".")[0],
        str(row.pk),
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params={"person": row.person_id} | params,
        before=before,
        after=fingerprint(row),
    )


@command
def act_for(
    person_id: str,
    stand_in_id: str,
    since: datetime,
    until: datetime | None,
    reason: str,
    by: str,
    now: datetime,
) -> Acting:
    """Somebody acts for a person who is away.

    DataError for people who are not there, a second stand-in for the same time, or a circle of stand-ins.
    """
    person, stand_in = _person(person_id), _person(stand_in_id)
    if until is not None and until <= since:
        raise DataError(SPAN)
    _one_at_a_time()
    row = Acting(
        area_id=person.unit.area_id,
        unit_id=person.unit_id,
        enterprise_id=person.unit.enterprise_id,
        person=person,
        stand_in=stand_in,
        since=since,
        until=until,
        reason=reason.strip()[:REASON],
        entered_at=now,
        entered_by=by,
    )
    standing = Acting.objects.filter(Q(until__isnull=True) | Q(until__gt=since))
    others = list(standing if until is None else standing.filter(since__lt=until))
    if any(other.person_id == person_id for other in others):
        raise DataError(TWICE, source=person.name)
    if closes_circle(row.to_domain(), [other.to_domain() for other in others]):
        raise DataError(CIRCLE, source=f"{person.name} → {stand_in.name}")
    row.save()
    emit([_event("acting.entered", row, now, by, stand_in=stand_in_id, since=since.isoformat())])
    return row


def _one_at_a_time() -> None:
    """Stand-ins are entered one after the other: two that are fine alone may make a circle together."""
    first = Unit.objects.order_by("id").values_list("id", flat=True).first()
    list(locked(Unit.objects.filter(id=first)))


@command
def end_acting(pk: int, at: datetime, by: str, now: datetime) -> Acting:
    """The person is back at `at`; before it began it never stands. TransitionError when it has ended already."""
    row = locked(Acting.objects.filter(pk=pk)).first()
    if row is None or (row.until is not None and row.until <= at):
        raise TransitionError("this acting has ended already")
    before, row.until = fingerprint(row), max(row.since, at)
    row.save(update_fields=["until"])
    emit([_event("acting.ended", row, now, by, before, until=row.until.isoformat())])
    return row


@command
def charge(
    person_id: str,
    kind: ChargeKind,
    by: str,
    now: datetime,
    *,
    area_id: str = "",
    enterprise_id: str = "",
    project: str = "",
    since: date | None = None,
    until: date | None = None,
    paper: str = "",
) -> Charge:
    """Charge a person with an area (领导分包、包区联县), a plant or a project. DataError when the kind's target is missing."""
    person = _person(person_id)
    if since is not None and until is not None and until < since:
        raise DataError(SPAN)
    if kind is ChargeKind.PLANT_SPONSOR:
        unit = Unit.objects.filter(enterprise_id=enterprise_id).exclude(enterprise_id="").first()
        if unit is None:
            raise DataError("unknown plant", source=enterprise_id)
        area_id, project = unit.area_id, ""
    else:
        enterprise_id = ""
        wanted = project if kind is ChargeKind.PROJECT_SPONSOR else area_id
        if not wanted.strip():
            raise DataError("what the person is charged with is missing", source=person.name)
    row = Charge.objects.create(
        area_id=area_id or person.unit.area_id,
        unit_id=person.unit_id,
        enterprise_id=enterprise_id,
        person=person,
        kind=kind,
        project=project.strip()[:120],
        since=since,
        until=until,
        paper=paper.strip()[:200],
    )
    emit([_event("charge.entered", row, now, by, charge=kind.value)])
    return row


@command
def end_charge(pk: int, until: date, by: str, now: datetime) -> Charge:
    """A charge ends with the day. TransitionError when it has ended already."""
    row = locked(Charge.objects.filter(pk=pk)).first()
    if row is None or (row.until is not None and row.until <= until):
        raise TransitionError("this charge has ended already")
    before, row.until = fingerprint(row), until
    row.save(update_fields=["until"])
    emit([_event("charge.ended", row, now, by, before, until=until.isoformat())])
    return row


@command
def enter_shifts(new: Sequence[NewShift], by: str, now: datetime) -> list[Answer]:
    """Enter watches; an answer for each, by its place in the call.

    Not done: an unknown person, no length, or an hour of the rota that somebody has already.
    """
    list(locked(Unit.objects.filter(id__in={item.unit_id for item in new}).order_by("id")))
    answers, made = [], []
    for number, item in enumerate(new):
        try:
            made.append(_entered(item, by, now))
            answers.append(Answer(str(number), True))
        except LantianError as error:
            answers.append(Answer(str(number), False, error))
    if made:
        emit([_shift_event("shift.entered", row, now, by) for row in made])
    return answers


def _shift_event(kind: str, row: Shift, now: datetime, by: str, before: str = "", **more: object) -> NewEvent:
    told = {"duty": row.duty, "since": row.since.isoformat(), "until": row.until.isoformat()}
    return _event(kind, row, now, by, before, **(told | more))


def _entered(item: NewShift, by: str, now: datetime, replaces: Shift | None = None) -> Shift:
    person = _person(item.person_id)
    if item.until <= item.since:
        raise DataError(SPAN)
    unit = Unit.objects.filter(id=item.unit_id).first()
    if unit is None:
        raise DataError("unknown unit", source=item.unit_id)
    same = Shift.objects.filter(unit_id=unit.id, duty=item.duty, replaced_at__isnull=True)
    there = same.filter(since__lt=item.until, until__gt=item.since).select_related("person").first()
    if there is not None:
        raise DataError(OVERLAP, source=f"{there.person.name} {span(there.since, there.until)}")
    return Shift.objects.create(
        area_id=unit.area_id,
        unit_id=unit.id,
        enterprise_id=unit.enterprise_id,
        duty=item.duty,
        person=person,
        since=item.since,
        until=item.until,
        note=item.note.strip()[:REASON],
        entered_at=now,
        entered_by=by,
        replaces=replaces,
    )


def span(since: datetime, until: datetime) -> str:
    """A watch in words; one that ends at midnight ends at 24:00 of its day."""
    first, last = since.astimezone(CITY_TZ), until.astimezone(CITY_TZ)
    if last.hour == last.minute == 0:
        before = last - timedelta(days=1)
        return f"{first:%m-%d %H:%M}–{before:%m-%d} 24:00"
    return f"{first:%m-%d %H:%M}–{last:%m-%d %H:%M}"


def _standing(ids: Iterable[int]) -> list[Shift]:
    wanted = sorted(set(ids))
    rows = list(locked(Shift.objects.filter(pk__in=wanted).order_by("pk")))
    if len(rows) != len(wanted) or any(row.replaced_at is not None for row in rows):
        raise TransitionError("this watch was changed by somebody else")
    return rows


def _replaced(row: Shift, by: str, now: datetime) -> str:
    before = fingerprint(row)
    row.replaced_at, row.replaced_by = now, by
    row.save(update_fields=["replaced_at", "replaced_by"])
    return before


def _instead(row: Shift, person_id: str, note: str) -> NewShift:
    return NewShift(row.unit_id, Duty(row.duty), person_id, row.since, row.until, note)


@command
def hand_over(pk: int, person_id: str, note: str, by: str, now: datetime) -> Shift:
    """Somebody else takes a watch (替班); who had it stays on file."""
    [row] = _standing([pk])
    before = _replaced(row, by, now)
    made = _entered(_instead(row, person_id, note), by, now, row)
    emit([_shift_event("shift.replaced", row, now, by, before, to=person_id), _told(made, now, by)])
    return made


def _told(row: Shift, now: datetime, by: str) -> NewEvent:
    return _shift_event("shift.entered", row, now, by)


@command
def swap_shifts(first: int, second: int, note: str, by: str, now: datetime) -> tuple[Shift, Shift]:
    """Two people change watches (换班): both rows are replaced, both names stay on file."""
    rows = {row.pk: row for row in _standing([first, second])}
    if len(rows) != 2:
        raise DataError("a watch cannot be changed with itself")
    one, other = rows[first], rows[second]
    prints = [_replaced(row, by, now) for row in (one, other)]
    made = (
        _entered(_instead(one, other.person_id, note), by, now, one),
        _entered(_instead(other, one.person_id, note), by, now, other),
    )
    told = zip((one, other), prints, made, strict=True)
    emit([_shift_event("shift.replaced", row, now, by, old, to=new.person_id) for row, old, new in told])
    emit([_told(row, now, by) for row in made])
    return made


@command
def cancel_shift(pk: int, by: str, now: datetime) -> Shift:
    """A watch falls away; the rota has a gap there until another is entered."""
    [row] = _standing([pk])
    emit([_shift_event("shift.replaced", row, now, by, _replaced(row, by, now), to="")])
    return row
