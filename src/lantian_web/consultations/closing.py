"""Closing a record, and adding to a closed one."""

from __future__ import annotations

from datetime import datetime

from lantian.errors import DataError, LawError, TransitionError
from lantian_web.consultations.models import LONG, Addition, Consultation, RecordState
from lantian_web.consultations.queries import gaps
from lantian_web.consultations.records import check_keeper, clean, draft, tell
from lantian_web.events.commands import command
from lantian_web.rows import fingerprint, locked

__all__ = ["add", "close"]


@command
def close(id: str, by: str, now: datetime) -> Consultation:
    """Close the record for good. LawError `record_incomplete` names what is missing."""
    row = draft(id, by, now)
    missing = gaps(row)
    if missing:
        said = "; ".join(f"{gap.code} {gap.what}".strip() for gap in missing)
        raise LawError("record_incomplete", said)
    row.state, row.closed_at, row.closed_by = RecordState.CLOSED, now, by
    row.save(update_fields=["state", "closed_at", "closed_by"])
    advised = row.advice.count()
    tell("consultation.closed", row, by, now, advice=advised, fingerprint=fingerprint(row))
    return row


@command
def add(id: str, text: str, by: str, now: datetime) -> Addition:
    """Add to a closed record, with name and time; nothing in it changes. TransitionError while it is still open."""
    row = locked(Consultation.objects.filter(id=id)).first()
    if row is None:
        raise DataError(f"there is no consultation {id}", field="id")
    check_keeper(by, row.area_id, now)
    if row.state != RecordState.CLOSED:
        raise TransitionError(f"{row.number} is still open: write into it")
    made = Addition.objects.create(consultation=row, text=clean(text, "text", LONG), by=by, at=now)
    tell("consultation.added", row, by, now, text=made.text)
    return made
