"""What every command on a record begins and ends with: the right to write it, its lock, its events, clean text."""

from __future__ import annotations

from datetime import datetime

from lantian.errors import DataError, RightsError, TransitionError
from lantian.inventory import Duty
from lantian.periods import local_day, to_ms
from lantian_web.accounts.queries import holds
from lantian_web.consultations.models import Advice, Consultation, RecordState
from lantian_web.events.commands import NewEvent, emit
from lantian_web.rows import locked

__all__ = ["SUBJECT", "advice_in_draft", "check_keeper", "clean", "draft", "tell"]

SUBJECT = "consultation"


def check_keeper(by: str, area_id: str, now: datetime) -> None:
    """RightsError unless the person is in post as an analyst of the area: leaders read, counties do not know of it."""
    if not holds(by, [Duty.ANALYST], area_id, local_day(to_ms(now))):
        raise RightsError(f"{by} keeps no record of {area_id}")


def draft(id: str, by: str, now: datetime) -> Consultation:
    """The record, locked, to be written in. TransitionError when it is closed, RightsError for who may not write."""
    row = locked(Consultation.objects.filter(id=id)).first()
    if row is None:
        raise DataError(f"there is no consultation {id}", field="id")
    check_keeper(by, row.area_id, now)
    if row.state != RecordState.DRAFT:
        raise TransitionError(f"{row.number} is closed: it is not changed any more, only added to")
    return row


def advice_in_draft(id: str, by: str, now: datetime) -> tuple[Advice, Consultation]:
    """An advice with its record, both locked."""
    found = Advice.objects.filter(id=id).values_list("consultation_id", flat=True).first()
    if found is None:
        raise DataError(f"there is no advice {id}", field="id")
    record = draft(found, by, now)
    return locked(Advice.objects.filter(id=id)).get(), record


def clean(text: str, field: str, longest: int, *, needed: bool = True) -> str:
    """Text as it is kept. DataError when it is missing, too long, or holds what no text holds."""
    text = text.strip()
    if "\0" in text:
        raise DataError("a NUL in the text", field=field)
    if needed and not text:
        raise DataError("the text is missing", field=field)
    if len(text) > longest:
        raise DataError(f"more than {longest} characters", field=field)
    return text


def tell(kind: str, row: Consultation, by: str, now: datetime, **params: object) -> None:
    """Write down one thing that happened to the record."""
    emit(
        [
            NewEvent(
                kind,
                by,
                now,
                SUBJECT,
                row.id,
                area_id=row.area_id,
                unit_id=row.unit_id,
                params={"number": row.number, "kind": row.kind} | params,
            )
        ]
    )
