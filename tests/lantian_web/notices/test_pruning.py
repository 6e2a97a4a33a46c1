"""Pruning: what was sent long ago goes, what has reached nobody stays, and the last year is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from lantian.errors import DataError
from lantian.periods import at
from lantian_web.events.models import Event
from lantian_web.notices import pruning
from lantian_web.notices.models import Channel, Delivery, Message, MessageState, Notice, NoticeState
from lantian_web.notices.pruning import Pruned, prune

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = at(date(2026, 12, 8), 12)
BEFORE = date(2025, 12, 1)
OLD = at(BEFORE, 0) - timedelta(minutes=1)
Make = Callable[..., Channel]


def notice(name: str, message: Message | None, state: NoticeState, happened_at=OLD) -> Notice:  # type: ignore[no-untyped-def]
    return Notice.objects.create(
        id=name,
        event="task.opened",
        subject_kind="task",
        subject_id=name,
        to_area_id="9001",
        emergency=False,
        weight=1,
        happened_at=happened_at,
        state=state,
        message=message,
    )


def message(channel: Channel, name: str, state: MessageState, made_at=OLD, sent_at=None) -> Message:  # type: ignore[no-untyped-def]
    row = Message.objects.create(
        area_id="9001",
        number=name,
        channel=channel,
        state=state,
        style="text",
        title="",
        body=name,
        made_at=made_at,
        sent_at=sent_at,
    )
    Delivery.objects.create(message=row, channel=channel, robot=channel.robot, at=made_at, epoch="x", tick=1)
    if state is not MessageState.MOVED:
        notice(name, row, NoticeState.MERGED, made_at)
    return row


def left() -> tuple[set[str], set[str]]:
    return set(Message.objects.values_list("number", flat=True)), set(
        Notice.objects.values_list("id", flat=True)
    )


def test_what_was_sent_goes_and_what_reached_nobody_stays(
    channel: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "CHUNK", 2)
    north = channel("north", "9001")
    for state in MessageState:
        message(north, f"old-{state}", state)
        message(north, f"new-{state}", state, at(BEFORE, 0))
    message(north, "sent late", MessageState.SENT, OLD, at(BEFORE, 0))
    for n in range(5):
        notice(f"dropped {n}", None, NoticeState.DROPPED)
    notice("dropped lately", None, NoticeState.DROPPED, at(BEFORE, 0))
    notice("waits", None, NoticeState.QUEUED)
    messages, notices = left()
    gone = {f"old-{state}" for state in ("sent", "told", "moved")}
    assert prune(BEFORE, "somebody", NOW) == Pruned(notices=7, messages=3, deliveries=3)
    assert left() == (messages - gone, notices - gone - {f"dropped {n}" for n in range(5)})
    assert Delivery.objects.count() == len(messages - gone)
    events = Event.objects.filter(kind="notices.pruned", actor="somebody", subject_id=BEFORE.isoformat())
    assert sum(event.params["messages"] for event in events) == 3
    assert sum(event.params["notices"] for event in events) == 7
    assert prune(BEFORE, "somebody", NOW) == Pruned()


def test_the_last_year_is_refused(channel: Make) -> None:
    message(channel("north", "9001"), "old", MessageState.SENT, OLD - timedelta(days=900))
    with pytest.raises(DataError, match="365 days"):
        prune(date(2025, 12, 9), "somebody", NOW)
    assert Message.objects.count() == 1
    assert prune(date(2025, 12, 8), "somebody", NOW).messages == 1
