"""Reading notices: who was told what, how full the robots are, what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from django.db.models import QuerySet

from lantian_web.accounts.models import Person
from lantian_web.events.models import Cursor
from lantian_web.notices.channels.port import NOT_ALLOWED
from lantian_web.notices.models import Handle, Message, MessageState, Notice
from lantian_web.tasks.models import Task

__all__ = ["drill", "handles_of", "held_messages", "message_of", "person_of", "silenced_tasks", "tasks_of"]


def silenced_tasks(rows: Iterable[Task], now: datetime) -> set[str]:
    """Ids of those tasks that nobody is to be reminded of now. The app of letters keeps the silences."""
    if find_spec("lantian_web.letters") is None or find_spec("lantian_web.letters.queries") is None:
        return set()
    silenced = getattr(import_module("lantian_web.letters.queries"), "silenced", None)
    return set(silenced(list(rows), now)) if silenced else set()


def drill() -> bool:
    """Whether this home plays: then every message says so."""
    play = Cursor.objects.filter(name="play").values_list("text", flat=True).first()
    return play is not None and bool(json.loads(play or "{}").get("drill", True))


def handles_of(kind: str, people: Iterable[str], *, telephones: bool) -> dict[str, str]:
    """By which name people are called in a kind of channel; their mobile number where nothing else is known."""
    ids = set(people)
    found: dict[str, str] = {}
    if telephones:
        phones = Person.objects.filter(id__in=ids, phone__regex=r"^1[0-9]{10}$")
        found = dict(phones.values_list("id", "phone"))
    own = Handle.objects.filter(person_id__in=ids, channel_kind=kind)
    return found | dict(own.values_list("person_id", "handle"))


def person_of(kind: str, handle: str) -> str:
    """Person id behind a name in a kind of channel; empty when it is nobody's, or more than one's."""
    known = Handle.objects.filter(channel_kind=kind, handle=handle).values_list("person_id", flat=True)
    people = set(known) or set(Person.objects.filter(phone=handle).values_list("id", flat=True))
    return people.pop() if handle and len(people) == 1 else ""


def held_messages() -> QuerySet[Message]:
    """Messages that wait because the settings do not let their channel's address be spoken to."""
    waiting = (MessageState.QUEUED, MessageState.UNSURE)
    return Message.objects.filter(state__in=waiting, why__startswith=NOT_ALLOWED)


def message_of(number: str) -> Message | None:
    """The message of a number, as somebody quotes it."""
    return Message.objects.filter(number=number).first()


def tasks_of(message: Message) -> list[str]:
    """Ids of the tasks that a message spoke of."""
    ids = Notice.objects.filter(message=message, subject_kind="task").values_list("subject_id", flat=True)
    return sorted(set(ids))
