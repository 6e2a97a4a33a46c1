"""Taking away what was sent long ago. What has reached nobody stays, however old it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from lantian.errors import DataError
from lantian.periods import at, local_day, to_ms
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.notices.models import Delivery, Message, MessageState, Notice, NoticeState
from lantian_web.notices.rules import any_limit
from lantian_web.rows import CHUNK, locked

__all__ = ["Pruned", "prune"]

OVER = (MessageState.SENT, MessageState.TOLD, MessageState.MOVED)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows are gone."""

    notices: int = 0
    messages: int = 0
    deliveries: int = 0

    def __add__(self, other: Pruned) -> Pruned:
        return Pruned(
            self.notices + other.notices,
            self.messages + other.messages,
            self.deliveries + other.deliveries,
        )


def prune(before: date, by: str, now: datetime) -> Pruned:
    """Delete messages that were delivered or told before the local day, with their notices and attempts, and notices
    that were dropped before it; chunk by chunk, so that a kill leaves a rest for the next time.

    DataError for a day that is younger than the table allows.
    """
    on = local_day(to_ms(now))
    least = any_limit("kept_least", on)
    if before > on - timedelta(days=least):
        raise DataError(f"what is younger than {least} days is kept", field="before")
    gone = Pruned()
    while (part := _prune(before, by, now)) != Pruned():
        gone += part
    return gone


@command
def _prune(before: date, by: str, now: datetime) -> Pruned:
    edge = at(before, 0)
    late = Q(sent_at__gte=edge) | Q(told_at__gte=edge)
    old = Message.objects.filter(state__in=OVER, made_at__lt=edge).exclude(late).order_by("id")
    ids = [message.pk for message in locked(old.only("id"))[:CHUNK]]
    notices, _ = Notice.objects.filter(message_id__in=ids).delete()
    deliveries, _ = Delivery.objects.filter(message_id__in=ids).delete()
    messages, _ = Message.objects.filter(id__in=ids).delete()
    dropped = Notice.objects.filter(state=NoticeState.DROPPED, message=None, happened_at__lt=edge)
    some = list(dropped.order_by("id").values_list("id", flat=True)[:CHUNK])
    notices += Notice.objects.filter(id__in=some).delete()[0]
    if notices or messages:
        params = {"notices": notices, "messages": messages, "deliveries": deliveries}
        emit([NewEvent("notices.pruned", by, now, "notices", before.isoformat(), params=params)])
    return Pruned(notices, messages, deliveries)
