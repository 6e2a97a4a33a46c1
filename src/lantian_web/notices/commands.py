"""What people do with notices: channels, names in them, a test, sending again, having told by telephone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from lantian.errors import DataError, LantianError, RightsError, TransitionError
from lantian_web.accounts.models import Person
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.notices.asking import queue
from lantian_web.notices.channels import port_of
from lantian_web.notices.channels.port import Letter, Line, Robot
from lantian_web.notices.merging import draw_number
from lantian_web.notices.models import (
    Channel,
    Handle,
    Message,
    MessageState,
    Notice,
    NoticeState,
    Readers,
)
from lantian_web.notices.queries import drill
from lantian_web.notices.tidying import back
from lantian_web.notices.wording import test_words, title_mark
from lantian_web.rows import Answer, locked

__all__ = [
    "add_channel",
    "queue",
    "send_again",
    "send_test",
    "set_handles",
    "switch",
    "told",
    "told_area",
]

LONGEST_NAME = 60


def _channel_event(kind: str, channel: Channel, by: str, now: datetime) -> NewEvent:
    """Never with the address: it is a secret."""
    params = {"name": channel.name, "kind": channel.kind, "readers": channel.readers}
    return NewEvent(
        kind,
        by,
        now,
        "channel",
        str(channel.pk),
        area_id=channel.area_id,
        unit_id=channel.unit_id,
        params=params,
    )


@command
def add_channel(
    kind: str,
    name: str,
    area_id: str,
    address: str,
    by: str,
    now: datetime,
    *,
    secret: str = "",
    unit_id: str = "",
    readers: Readers = Readers.OFFICE,
    order: int = 1,
) -> Channel:
    """A new channel. DataError for an unknown kind, a name that is taken, an address that may not be spoken to."""
    name, address = name.strip(), address.strip()
    if not name or len(name) > LONGEST_NAME:
        raise DataError("a channel has a name of up to 60 characters", field="name")
    if not area_id:
        raise DataError("a channel belongs to an area", field="area")
    port_of(kind).check(Robot(address, secret))
    channel = Channel(
        kind=kind,
        name=name,
        area_id=area_id,
        unit_id=unit_id,
        address=address,
        secret=secret.strip(),
        robot=Channel.robot_of(kind, address),
        readers=readers,
        order=order,
        added_by=by,
        added_at=now,
    )
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError:
        raise DataError(f"there is already a channel named {name}", field="name") from None
    emit([_channel_event("channel.added", channel, by, now)])
    return channel


@command
def switch(channel_id: int, active: bool, by: str, now: datetime) -> None:
    """Switch a channel on or off. What waits in one that is off goes back to the queue, for the next one."""
    channel = locked(Channel.objects.filter(pk=channel_id)).get()
    if channel.active == active:
        return
    channel.active = active
    channel.save(update_fields=["active"])
    if not active:
        waiting = [MessageState.QUEUED, MessageState.UNSURE]
        for message in locked(channel.messages.filter(state__in=waiting)):
            back(message, "channel off")
    emit([_channel_event("channel.on" if active else "channel.off", channel, by, now)])


@command
def set_handles(rows: Iterable[tuple[str, str, str]]) -> int:
    """Put names of people in channels: (person id, kind, handle); an empty handle takes it away.

    DataError names the first row that does not fit; then none is put.
    """
    given = list(rows)
    known = set(Person.objects.filter(id__in={person for person, _, _ in given}).values_list("id", flat=True))
    for line, (person, kind, handle) in enumerate(given, start=1):
        port_of(kind)
        if person not in known:
            raise DataError(f"there is no person {person}", row=line, field="person")
        if len(handle) > 120 or any(letter.isspace() or letter in "<>," for letter in handle):
            raise DataError("a handle has no blanks, commas or angle brackets", row=line, field="handle")
        if handle.lower() in ("all", "@all"):
            raise DataError("a handle calls one person, not everybody", row=line, field="handle")
        if handle:
            Handle.objects.update_or_create(person_id=person, channel_kind=kind, defaults={"handle": handle})
        else:
            Handle.objects.filter(person_id=person, channel_kind=kind).delete()
    return len(given)


@command
def send_test(channel_id: int, by: str, now: datetime) -> Message:
    """Queue a test message for a channel. TransitionError when it is switched off."""
    channel = Channel.objects.get(pk=channel_id)
    if not channel.active:
        raise TransitionError(f"channel {channel.name} is switched off")
    port, number = port_of(channel.kind), draw_number(now)
    title, text = test_words(channel.name)
    letter = Letter(number, title_mark(drill()) + title, [Line(text)])
    form = port.form(letter, port.style([]))
    message = Message.objects.create(
        area_id=channel.area_id,
        unit_id=channel.unit_id,
        number=number,
        channel=channel,
        state=MessageState.QUEUED,
        emergency=True,  # somebody waits for it
        style=form.style,
        title=form.title,
        body=form.text,
        made_at=timezone.now(),
    )
    emit([_message_event("message.tested", message, by, now)])
    return message


def _message_event(kind: str, message: Message, by: str, now: datetime) -> NewEvent:
    params = {"number": message.number, "channel": message.channel.name, "notices": message.notices_count}
    return NewEvent(
        kind,
        by,
        now,
        "message",
        str(message.pk),
        area_id=message.area_id,
        unit_id=message.unit_id,
        params=params,
    )


def _each(ids: Sequence[int], kind: str, by: str, now: datetime, *, telephone: bool) -> list[Answer]:
    answers = []
    rows = {row.pk: row for row in locked(Message.objects.filter(pk__in=ids)).select_related("channel")}
    told = []
    for key in ids:
        row = rows.get(key)
        try:
            if row is None:
                raise RightsError(f"there is no message {key}")
            _told(row, by, now) if telephone else _again(row)
        except LantianError as error:
            answers.append(Answer(str(key), False, error))
            continue
        answers.append(Answer(str(key), True))
        told.append(_message_event(kind, row, by, now))
    if told:
        emit(told)
    return answers


def _again(row: Message) -> None:
    if row.state != MessageState.FAILED:
        raise TransitionError(f"message {row.number} is {row.state}, not failed")
    if not row.channel.active:
        back(row, "sent again")
        if row.state == MessageState.FAILED:
            raise TransitionError(f"channel {row.channel.name} is switched off")
        return
    row.state = MessageState.UNSURE if row.unsure else MessageState.QUEUED
    row.why, row.first_epoch = "", ""
    row.save(update_fields=["state", "why", "first_epoch"])


def _told(row: Message, by: str, now: datetime) -> None:
    if row.state not in (MessageState.FAILED, MessageState.QUEUED, MessageState.UNSURE):
        raise TransitionError(f"message {row.number} is {row.state}")
    row.state, row.told_by, row.told_at = MessageState.TOLD, by, now
    row.save(update_fields=["state", "told_by", "told_at"])


@command
def send_again(ids: Sequence[int], by: str, now: datetime) -> list[Answer]:
    """Failed messages back to their robot under the same number; an answer per message."""
    return _each(ids, "message.again", by, now, telephone=False)


@command
def told(ids: Sequence[int], by: str, now: datetime) -> list[Answer]:
    """A person told by telephone what these messages say; they are not sent any more."""
    return _each(ids, "message.told", by, now, telephone=True)


@command
def told_area(area_id: str, by: str, now: datetime, seen: datetime | None = None) -> int:
    """A person told by telephone what waits for an area that has no channel; returns how many notices.

    What came after the page was `seen` was told to nobody, and waits on.
    """
    queued = Notice.objects.filter(state=NoticeState.QUEUED, to_area_id=area_id)
    queued = queued.exclude(happened_at__gt=seen or now, happened_at__lte=now)
    count = queued.update(state=NoticeState.DROPPED, why="told by telephone")
    if count:
        params = {"notices": count}
        emit([NewEvent("notice.told", by, now, "area", area_id, area_id=area_id, params=params)])
    return count
