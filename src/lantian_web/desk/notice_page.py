"""What the page of notices shows: calls to make, robots with their quota, what waits, the delivery log."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from lantian.periods import local_day, to_ms
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import visible
from lantian_web.desk.notice_words import KINDS, READERS, STATES
from lantian_web.desk.wording import span
from lantian_web.inventory.models import Area
from lantian_web.notices import outbox
from lantian_web.notices.models import Channel, Message, MessageState, Notice, NoticeState
from lantian_web.notices.pace import MachineClock, Pace
from lantian_web.notices.queries import held_messages
from lantian_web.notices.routes import Routes
from lantian_web.notices.rules import any_limit, limits

__all__ = ["Call", "RobotLine", "WaitLine", "calls", "robots", "shown", "waiting"]

CALLS = 40
LONGEST = 1200
_MOBILE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")


def shown(body: str) -> str:
    """A message's text for a page: mobile numbers are not spelt out."""
    return _MOBILE.sub(r"\1****\2", body[:LONGEST])


@dataclass(frozen=True, slots=True)
class Call:
    """A message that a person has to see to, and whom to call."""

    message: Message
    word: str
    text: str
    people: list[tuple[str, str]]  # name and telephone


@dataclass(frozen=True, slots=True)
class RobotLine:
    """A channel and how much its robot may still say in this minute."""

    channel: Channel
    kind: str
    readers: str
    area: str
    used: int
    most: int
    wait: float
    rests: str
    failing: float
    held: int  # messages that wait because its host is not allowed


@dataclass(slots=True)
class WaitLine:
    """What waits for one county."""

    area_id: str
    name: str
    emergency: int = 0
    routine: int = 0
    since: datetime | None = None
    reached: bool = True
    held: bool = False  # by a channel whose host is not allowed


def calls(user: User, wall: datetime) -> list[Call]:
    """Failed messages, and emergencies that have not got through for long; emergencies first."""
    late = wall - timedelta(seconds=any_limit("fallback_after", local_day(to_ms(wall))))
    stuck = Q(emergency=True, state__in=outbox.WAITING, tries__gt=0, made_at__lt=late)
    rows = visible(user, Message.objects.filter(Q(state=MessageState.FAILED) | stuck))
    found = list(rows.select_related("channel").order_by("-emergency", "id")[:CALLS])
    ids = {str(person) for message in found for person in message.people}
    people = {person.pk: (person.name, person.phone) for person in Person.objects.filter(pk__in=ids)}
    return [
        Call(
            message,
            str(STATES[message.state]),
            shown(message.body),
            [people[person] for person in message.people if person in people],
        )
        for message in found
    ]


def _rests(seconds: float) -> str:
    if seconds <= 0:
        return ""
    if seconds < 100:
        return _("rests for %(n)d s") % {"n": math.ceil(seconds)}
    return _("rests for %(span)s") % {"span": span(seconds)}


def robots(user: User, now: datetime) -> list[RobotLine]:
    """Channels of this log-in's areas with the quota of their robots, counted from the delivery log."""
    tick, on = MachineClock().tick(), local_day(to_ms(now))
    areas = dict(Area.objects.values_list("id", "name"))
    held = visible(user, held_messages()).order_by().values_list("channel_id").annotate(n=Count("id"))
    held_by, made = dict(held), []
    for channel in visible(user, Channel.objects.all()).order_by("-active", "area_id", "order", "id"):
        most = limits(channel.kind, on)
        pace = Pace(most, outbox.log_of(channel.robot, most.per_window))
        made.append(
            RobotLine(
                channel,
                str(KINDS.get(channel.kind, channel.kind)),
                str(READERS[channel.readers]),
                areas.get(channel.area_id, channel.area_id),
                pace.used(tick),
                most.per_window,
                max(0.0, pace.wait(tick)),
                _rests(pace.resting(tick)),
                pace.failing(tick),
                held_by.get(channel.pk, 0),
            )
        )
    return made


def waiting(user: User) -> list[WaitLine]:
    """Queued and held notices by county; `reached` is false where no channel would carry them."""
    held = held_messages()
    stopped = set(held.values_list("channel__robot", flat=True))
    in_held = Q(state=NoticeState.MERGED, message__in=held)
    rows = visible(user, Notice.objects.filter(Q(state=NoticeState.QUEUED) | in_held)).order_by()
    found = rows.values("to_area_id", "to_plant", "emergency", "state").annotate(
        n=Count("id"), since=Min("happened_at")
    )
    routes, names = Routes(), dict(Area.objects.values_list("id", "name"))
    lines: dict[str, WaitLine] = {}
    for row in found:
        area = row["to_area_id"]
        line = lines.setdefault(area, WaitLine(area, names.get(area, area)))
        if row["emergency"]:
            line.emergency += row["n"]
        else:
            line.routine += row["n"]
        line.since = min(filter(None, (line.since, row["since"])))
        way = routes.at(area, "", row["to_plant"], 0)
        line.reached = line.reached and way is not None
        line.held |= row["state"] == NoticeState.MERGED or way is not None and way.robot in stopped
    return sorted(
        lines.values(), key=lambda line: (line.reached, not line.held, -line.emergency, line.area_id)
    )
