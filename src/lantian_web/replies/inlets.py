"""Where chats send their messages: opening and closing an inlet, and how many messages it may bring in a minute."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from lantian.errors import DataError
from lantian_web.events.commands import NewEvent, command, emit, set_cursor
from lantian_web.events.models import Cursor
from lantian_web.replies.models import Inlet, InletKind
from lantian_web.replies.wecom import key_of
from lantian_web.rows import locked

__all__ = ["add_inlet", "crowded", "switch_inlet"]


def _event(kind: str, row: Inlet, by: str, now: datetime) -> NewEvent:
    params = {"name": row.name, "kind": row.kind, "active": row.active}
    return NewEvent(kind, by, now, "inlet", str(row.pk), area_id=row.area_id, params=params)


@command
def add_inlet(
    kind: InletKind,
    name: str,
    area_id: str,
    secret: str,
    by: str,
    now: datetime,
    *,
    aes_key: str = "",
    receiver: str = "",
) -> Inlet:
    """A new inlet with an address nobody can guess. DataError when its name is taken or a secret does not fit."""
    if not name.strip() or not area_id or not secret.strip():
        raise DataError("an inlet has a name, an area and a secret")
    if kind is InletKind.WECOM:
        key_of(aes_key)
    row = Inlet(
        key=secrets.token_urlsafe(24),
        kind=kind.value,
        name=name.strip(),
        area_id=area_id,
        secret=secret.strip(),
        aes_key=aes_key,
        receiver=receiver.strip(),
        added_by=by,
        added_at=now,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise DataError(f"there is already an inlet named {name}", field="name") from None
    emit([_event("inlet.added", row, by, now)])
    return row


@command
def switch_inlet(pk: int, active: bool, by: str, now: datetime) -> None:
    """Open or close an inlet; a closed one answers as if it were not there."""
    row = locked(Inlet.objects.filter(pk=pk)).get()
    if row.active != active:
        row.active = active
        row.save(update_fields=["active"])
        emit([_event("inlet.on" if active else "inlet.off", row, by, now)])


@command
def crowded(inlet: Inlet, wall: datetime, most: int) -> bool:
    """Count one genuine message; whether the inlet has brought more than its share in this minute.

    Counted in the registry: several processes answer, and what one of them remembers the others do not know.
    """
    name, minute = f"inlet:{inlet.pk}", str(int(wall.timestamp()) // 60)
    Cursor.objects.get_or_create(name=name, defaults={"value": 0})
    row = locked(Cursor.objects.filter(name=name)).get()
    count = row.value + 1 if row.text == minute else 1
    set_cursor(name, count, minute)
    return count > most
