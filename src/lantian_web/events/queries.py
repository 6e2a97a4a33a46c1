"""Reading the log, the cursors and the play clock; checking the chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min
from django.db.models.functions import Coalesce
from django.utils import timezone

from lantian.periods import from_ms
from lantian_web.events.commands import SEAL, get_cursor, link
from lantian_web.events.models import Cursor, Event

__all__ = ["CLOCK", "ChainReport", "get_cursor", "play_now", "story", "verify_chain"]

CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of the chain found. `first_bad` is the first `seq` that does not fit; `tail` is the span of
    event ids committed but not yet sealed."""

    sealed: int
    unsealed: int
    first_bad: int | None
    reason: str = ""
    tail: tuple[int, int] | None = None

    @property
    def sound(self) -> bool:
        """Whether every sealed event is as it was sealed."""
        return self.first_bad is None


def play_now() -> datetime:
    """The play clock; the wall clock where nothing is played."""
    ms = get_cursor(CLOCK)
    return timezone.now() if ms is None else from_ms(ms)


def story(subject_kind: str, *subject_ids: str) -> list[Event]:
    """Events of some subjects of one kind, as they happened."""
    found = Event.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids)
    return list(found.order_by("happened_at", "id"))


def _first_bad() -> tuple[int, int | None, str]:
    """(events that fit, seq of the first that does not, why)."""
    previous, expected = "", 0
    for event in Event.objects.filter(seq__isnull=False).order_by("seq").iterator(chunk_size=2000):
        expected += 1
        if event.seq != expected:
            return expected - 1, expected, "missing"
        if link(event, expected, previous) != event.chain:
            return expected - 1, expected, "changed"
        previous = event.chain
    head = Cursor.objects.filter(name=SEAL).first()
    value, text = (head.value, head.text) if head else (0, "")
    if value > expected:
        return expected, expected + 1, "cut off"
    if (value, text) != (expected, previous):
        return expected, expected, "head differs"
    return expected, None, ""


def verify_chain() -> ChainReport:
    """Recompute the whole chain: a changed byte, a missing event, a cut-off end; and name the unsealed tail."""
    sealed, bad, reason = _first_bad()
    open_events = Event.objects.filter(seq__isnull=True)
    ends = open_events.aggregate(first=Coalesce(Min("id"), 0), last=Coalesce(Max("id"), 0))
    unsealed = open_events.count()
    tail = (ends["first"], ends["last"]) if unsealed else None
    return ChainReport(sealed, unsealed, bad, reason, tail)
