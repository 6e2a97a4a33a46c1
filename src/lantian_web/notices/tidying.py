"""Keeping the queue from filling up: what no channel carries, what has ended, what a closed channel holds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from lantian.periods import local_day, to_ms
from lantian.records import TaskState
from lantian_web.events.commands import command
from lantian_web.notices.models import Message, MessageState, Notice, NoticeState
from lantian_web.notices.outbox import WAITING
from lantian_web.notices.routes import Routes
from lantian_web.notices.rules import any_limit
from lantian_web.rows import chunks, locked
from lantian_web.tasks.models import Task

__all__ = ["back", "drop_stale", "take_back"]


def _drop_ended(old: QuerySet[Notice]) -> int:
    """Emergencies stay, for the telephone, until their matter has ended: nobody is called about it any more."""
    over = Task.objects.filter(id=OuterRef("subject_id"), state__in=(TaskState.CLOSED, TaskState.WITHDRAWN))
    ended = old.filter(Exists(over), subject_kind="task").values_list("id", flat=True)
    gone = 0
    for part in chunks(list(ended)):
        gone += Notice.objects.filter(id__in=part).update(state=NoticeState.DROPPED, why="ended")
    return gone


@command
def take_back() -> int:
    """What was on its way through a channel while that was switched off: back to the queue, for the next one."""
    left = Message.objects.filter(state__in=WAITING, channel__active=False)
    for message in (rows := list(locked(left))):
        back(message, "channel off")
    return len(rows)


def back(message: Message, why: str) -> None:
    """Notices of a message back into the queue, from the first channel on."""
    found = message.notices.update(state=NoticeState.QUEUED, message=None, turn=0)
    message.state, message.why = (MessageState.MOVED if found else MessageState.FAILED), why
    message.save(update_fields=["state", "why"])


@command
def drop_stale(now: datetime, routes: Routes) -> int:
    """Drop what no channel has carried for too long: routine notices, and emergencies that have ended."""
    line = now - timedelta(seconds=any_limit("stale_after", local_day(to_ms(now))))
    waiting = Notice.objects.filter(state=NoticeState.QUEUED, happened_at__lt=line)
    gone = _drop_ended(waiting.filter(emergency=True))
    old = waiting.filter(emergency=False)
    for area, plant in old.values_list("to_area_id", "to_plant").distinct().order_by():
        if not routes.of(area, "", plant):
            there = old.filter(to_area_id=area, to_plant=plant).exclude(to_unit_id__in=routes.units)
            gone += there.update(state=NoticeState.DROPPED, why="no channel")
    return gone
