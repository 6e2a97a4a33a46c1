"""Taking one message to be sent, and writing down what came of it. Short transactions; nothing is sent inside one.

1. `take` writes that the message is being sent, by whom, and a line of the delivery log; 2. the courier sends it
outside; 3. `settle` completes the line. A courier that dies between 1 and 3 leaves a message `sending`: the next one
makes it `unsure` and sends it again under the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Min, Q, QuerySet

from lantian.periods import local_day, to_ms
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.notices.channels import port_of
from lantian_web.notices.channels.port import NOT_ALLOWED, Answer, Form, Outcome, Robot
from lantian_web.notices.merging import Group, called_by, merge
from lantian_web.notices.models import Channel, Delivery, Message, MessageState, Notice, NoticeState
from lantian_web.notices.pace import Attempt, Tick
from lantian_web.notices.queries import handles_of
from lantian_web.notices.routes import Routes, why_silent
from lantian_web.notices.rules import Limits, limits, quiet_until
from lantian_web.rows import locked

__all__ = ["Lane", "Taken", "lanes", "log_of", "pass_on", "recover", "redirect", "settle", "take"]

WAITING = (MessageState.QUEUED, MessageState.UNSURE)
STARTED = "started"


@dataclass(frozen=True, slots=True)
class Lane:
    """What a robot could send next: a message that waits, or a group that one could be made of."""

    channel: Channel
    emergency: bool
    since: datetime
    message_id: int | None = None
    group: Group | None = None

    @property
    def rank(self) -> tuple[bool, bool, datetime]:
        """Emergencies first, then what was tried before, then the oldest."""
        return not self.emergency, self.message_id is None, self.since


@dataclass(frozen=True, slots=True)
class Taken:
    """A message on its way."""

    message_id: int
    delivery_id: int
    number: str
    kind: str
    channel_name: str
    robot_key: str
    robot: Robot
    form: Form
    handles: Sequence[str]
    limits: Limits


def lanes(now: datetime, routes: Routes) -> dict[str, list[Lane]]:
    """What waits, by robot, what goes first first. In quiet hours only emergencies."""
    found: dict[str, list[Lane]] = {}
    quiet = quiet_until(now) is not None
    waiting = Message.objects.filter(state__in=WAITING, channel__active=True).select_related("channel")
    for message in waiting.defer("body").order_by("id"):
        if message.emergency or not quiet:
            lane = Lane(message.channel, message.emergency, message.made_at, message_id=message.pk)
            found.setdefault(message.channel.robot, []).append(lane)
    for lane in _groups(routes, quiet):
        found.setdefault(lane.channel.robot, []).append(lane)
    return {robot: sorted(there, key=lambda lane: lane.rank) for robot, there in found.items()}


def _groups(routes: Routes, quiet: bool) -> list[Lane]:
    queued = Notice.objects.filter(state=NoticeState.QUEUED)
    if quiet:
        queued = queued.filter(emergency=True)
    keys = ("to_area_id", "to_plant", "turn", "emergency")
    found = (
        [
            (Q(to_unit_id=row["to_unit_id"]), row["to_unit_id"], row)
            for row in queued.filter(to_unit_id__in=routes.units)
            .values("to_unit_id", *keys)
            .annotate(since=Min("happened_at"))
        ]
        if routes.units
        else []
    )
    others = queued.exclude(to_unit_id__in=routes.units) if routes.units else queued
    outside = ~Q(to_unit_id__in=routes.units)
    found += [(outside, "", row) for row in others.values(*keys).annotate(since=Min("happened_at"))]
    made: dict[tuple[int, str, bool], Lane] = {}
    for unit_is, unit, row in found:
        area, emergency = row["to_area_id"], row["emergency"]
        channel = routes.at(area, unit, row["to_plant"], row["turn"])
        if channel is None:
            continue
        where = unit_is & Q(to_plant=row["to_plant"], turn=row["turn"])
        before = made.get((channel.pk, area, emergency))
        since = row["since"]
        if before is not None and before.group is not None:
            where, since = before.group.where | where, min(before.since, since)
        group = Group(channel, area, emergency, where)
        made[channel.pk, area, emergency] = Lane(channel, emergency, since, group=group)
    return list(made.values())


@command
def take(lane: Lane, holder: str, now: datetime, wall: datetime, tick: Tick) -> Taken | None:
    """Take the lane's next message to be sent; None when there is none any more."""
    if lane.message_id is None:
        assert lane.group is not None, "a lane holds a message or a group"
        message = merge(lane.group, now, wall)
    else:
        message = locked(Message.objects.filter(pk=lane.message_id, state__in=WAITING)).first()
    if message is None:
        return None
    message.state, message.holder, message.tries = MessageState.SENDING, holder, message.tries + 1
    if not message.first_epoch:
        message.first_epoch, message.first_tick = tick.epoch, tick.s
    message.save(update_fields=["state", "holder", "tries", "first_epoch", "first_tick"])
    channel = lane.channel
    delivery = Delivery.objects.create(
        area_id=message.area_id,
        unit_id=message.unit_id,
        message=message,
        channel=channel,
        robot=channel.robot,
        at=wall,
        epoch=tick.epoch,
        tick=tick.s,
    )
    port = port_of(channel.kind)
    handles = handles_of(channel.kind, message.people, telephones=port.telephones)
    return Taken(
        message_id=message.pk,
        delivery_id=delivery.pk,
        number=message.number,
        kind=channel.kind,
        channel_name=channel.name,
        robot_key=channel.robot,
        robot=Robot(channel.address, channel.secret),
        form=Form(message.style, message.title, message.body),
        handles=called_by(message.people, handles),
        limits=limits(channel.kind, local_day(to_ms(now))),
    )


@command
def settle(
    taken: Taken,
    answer: Answer,
    now: datetime,
    wall: datetime,
    tick: Tick,
    took_ms: int,
    failing_s: float,
) -> str:
    """Write down what came of an attempt; returns the state that the message is in now.

    `failing_s` is for how long the robot has been failing, whatever it was sent.
    """
    Delivery.objects.filter(pk=taken.delivery_id).update(
        outcome=answer.outcome,
        took_ms=took_ms,
        epoch=tick.epoch,
        tick=tick.s,
        status=answer.status,
        code=answer.code[:24],
        words=answer.words[:200],
        pause_s=answer.pause_s,
    )
    message = locked(Message.objects.filter(pk=taken.message_id)).select_related("channel").get()
    if message.state != MessageState.SENDING:  # a person has decided meanwhile
        return message.state
    if answer.outcome is Outcome.UNSURE:
        message.unsure += 1
    message.state = _state(message, answer, taken.limits, tick, failing_s)
    message.holder = ""
    message.why = "" if answer.outcome is Outcome.SENT else f"{answer.code} {answer.words}".strip()[:200]
    if answer.outcome is Outcome.SENT:
        message.sent_at = wall
    if message.state == MessageState.FAILED:
        _hand_on(message, Routes())
    message.save(update_fields=["state", "holder", "why", "unsure", "sent_at"])
    if message.state == MessageState.FAILED:
        emit([_told_of("message.failed", message, "system", now)])
    return message.state


def _state(message: Message, answer: Answer, limits: Limits, tick: Tick, failing_s: float) -> MessageState:
    if answer.outcome is Outcome.SENT:
        return MessageState.SENT
    tried = tick.since(Tick(message.first_epoch, message.first_tick))
    over = tried >= limits.give_up
    late = message.emergency and max(tried, failing_s) >= limits.fallback_after and _another(message)
    if answer.outcome is Outcome.REFUSED or over or late:
        return MessageState.FAILED
    return MessageState.UNSURE if message.unsure else MessageState.QUEUED


def _ways(
    notices: QuerySet[Notice], channel: Channel, routes: Routes
) -> list[tuple[dict[str, object], int | None]]:
    """Recipients of notices, and for each the turn of the next channel after this one that may be spoken to."""
    keys = ("to_area_id", "to_unit_id", "to_plant", "turn")
    return [
        (
            dict(row),
            routes.turn_after(channel, row["to_area_id"], row["to_unit_id"], row["to_plant"], row["turn"]),
        )
        for row in notices.order_by().values(*keys).distinct()
    ]


def _another(message: Message) -> bool:
    return any(turn is not None for _, turn in _ways(message.notices.all(), message.channel, Routes()))


def _hand_on(message: Message, routes: Routes) -> None:
    """Give the notices to the next channel that may be spoken to. What has none stays with the message."""
    ways = _ways(message.notices.all(), message.channel, routes)
    for row, turn in ways:
        if turn is not None:
            message.notices.filter(**row).update(state=NoticeState.QUEUED, message=None, turn=turn)
    if ways and all(turn is not None for _, turn in ways):
        message.state = MessageState.MOVED


@command
def redirect(routes: Routes) -> int:
    """Messages that wait for a channel that may not be spoken to any more: who has another way is told by that one.
    Returns how many messages have none left to tell; who has no other way waits on."""
    gone = 0
    held = Message.objects.filter(state__in=WAITING, channel__in=routes.silent)
    for message in locked(held).select_related("channel"):
        _hand_on(message, routes)
        if message.state == MessageState.MOVED:
            message.why = f"{NOT_ALLOWED} {why_silent(message.channel)}"[:200]
            message.save(update_fields=["state", "why"])
            gone += 1
    return gone


def _told_of(kind: str, message: Message, by: str, now: datetime) -> NewEvent:
    params = {"number": message.number, "channel": message.channel.name, "why": message.why}
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


@command
def pass_on(lane: Lane) -> int:
    """Give an emergency that waits for a failing robot to the next channel; returns how many notices went."""
    if lane.group is None or not lane.emergency:
        return 0
    gone = 0
    for row, turn in _ways(lane.group.rows(), lane.channel, Routes()):
        if turn is not None:
            gone += lane.group.rows().filter(**row).order_by().update(turn=turn)
    return gone


@command
def recover(holder: str, tick: Tick) -> int:
    """Messages that another courier was sending when it ended: they may have arrived. Returns how many.

    Only for the one courier that holds the lock.
    """
    left = Message.objects.filter(state=MessageState.SENDING).exclude(holder=holder)
    Delivery.objects.filter(message__in=left, outcome=STARTED).update(
        outcome=Outcome.UNSURE, code="crash", epoch=tick.epoch, tick=tick.s
    )
    return left.update(state=MessageState.UNSURE, unsure=F("unsure") + 1, holder="", why="crash")


def log_of(robot: str, most: int) -> list[Attempt]:
    """The newest attempts of a robot, oldest first."""
    rows = Delivery.objects.filter(robot=robot).exclude(outcome=STARTED).order_by("-id")[:most]
    return [Attempt(Tick(row.epoch, row.tick), Outcome(row.outcome), row.pause_s) for row in reversed(rows)]
