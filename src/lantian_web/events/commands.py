"""Writing down what happened, telling the apps above, sealing the log.

Commands insert events unchained and in their own transaction; one sealer later gives committed events `seq` and
the SM3 chain. An app hears of events below it by a reaction, which runs in the transaction of the event.
"""

from __future__ import annotations

import functools
import hashlib
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import ParamSpec, TypeVar, overload

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from lantian_web.events.models import Cursor, Event
from lantian_web.rows import canonical, insert_values, locked, update_values

__all__ = ["NewEvent", "command", "draw", "emit", "get_cursor", "link", "react", "seal", "set_cursor"]

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 8
SEAL = "seal"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One thing that happened at the play clock. `before` and `after` are fingerprints of the subject's row."""

    kind: str
    actor: str
    happened_at: datetime
    subject_kind: str
    subject_id: str
    area_id: str = ""
    unit_id: str = ""
    enterprise_id: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    before: str = ""
    after: str = ""


COLUMNS = [column.name for column in fields(NewEvent) if column.name != "params"]
Reaction = Callable[[Sequence[NewEvent]], None]
_reactions: dict[str, list[Reaction]] = defaultdict(list)


def react(*kinds: str) -> Callable[[Reaction], Reaction]:
    """Call the function with all events of a kind that one command emits, inside that command's transaction."""

    def register(reaction: Reaction) -> Reaction:
        for kind in kinds:
            if reaction not in _reactions[kind]:
                _reactions[kind].append(reaction)
        return reaction

    return register


def _is_lock(error: OperationalError) -> bool:
    text = str(error).lower()
    return "locked" in text or "deadlock" in text or "could not serialize" in text


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Run in one transaction; when another writer held the lock too long, again, with jitter.

    Inside another command's transaction it is part of that one, which then does the retrying.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            with transaction.atomic():
                return function(*args, **kwargs)
        for attempt in range(TRIES):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if attempt + 1 == TRIES or not _is_lock(error):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
        raise AssertionError("the last try returns or raises")

    return run


def emit(events: Sequence[NewEvent]) -> None:
    """Insert the events in order, then let the apps above react to each kind, in order of first appearance.

    It is part of the command that tells: an event without its change, or a change without its event, is never kept.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events are told inside the command whose events they are")
    written = timezone.now()
    insert_values(
        Event,
        [*COLUMNS, "params", "recorded_at", "chain"],
        ([*(getattr(event, name) for name in COLUMNS), dict(event.params), written, ""] for event in events),
    )
    by_kind: dict[str, list[NewEvent]] = defaultdict(list)
    for event in events:
        by_kind[event.kind].append(event)
    for kind, same in by_kind.items():
        for reaction in _reactions.get(kind, ()):
            reaction(same)


@command
def set_cursor(name: str, value: int, text: str = "") -> None:
    """Put a named cursor."""
    Cursor.objects.update_or_create(name=name, defaults={"value": value, "text": text})


@overload
def get_cursor(name: str) -> int | None: ...
@overload
def get_cursor(name: str, default: int) -> int: ...
def get_cursor(name: str, default: int | None = None) -> int | None:
    """Value of a named cursor; `default` when it was never put."""
    value = Cursor.objects.filter(name=name).values_list("value", flat=True).first()
    return default if value is None else value


@command
def draw(name: str, count: int = 1) -> int:
    """Take `count` running numbers of a series that starts at 1; returns the first. Without gaps: a command that
    fails gives its numbers back with everything else."""
    Cursor.objects.get_or_create(name=name, defaults={"value": 0})
    cursor = locked(Cursor.objects.filter(name=name)).get()
    first = cursor.value + 1
    cursor.value += count
    cursor.save(update_fields=["value"])
    return first


def link(event: Event, seq: int, previous: str) -> str:
    """SM3 of one event at its place in the chain."""
    content = [
        previous,
        seq,
        event.id,
        event.kind,
        event.actor,
        event.happened_at,
        event.recorded_at,
        event.subject_kind,
        event.subject_id,
        event.area_id,
        event.unit_id,
        event.enterprise_id,
        event.params,
        event.before,
        event.after,
    ]
    return hashlib.new("sm3", canonical(content)).hexdigest()


@command
def seal(limit: int = 5000) -> int:
    """Give the oldest unsealed events `seq` and their place in the chain; returns how many.

    1. The cursor row is the lock: one sealer at a time. 2. Only committed events are seen, so `seq` never
    has a hole. 3. The cursor keeps the head, so that a cut-off end of the log is noticed.
    """
    Cursor.objects.get_or_create(name=SEAL, defaults={"value": 0})
    head = locked(Cursor.objects.filter(name=SEAL)).get()
    events = list(Event.objects.filter(seq__isnull=True).order_by("id")[:limit])
    sealed = []
    for event in events:
        head.value += 1
        head.text = link(event, head.value, head.text)
        sealed.append((head.value, head.text, event.id))
    if sealed:
        update_values(Event, ["seq", "chain"], ["id"], sealed)
        head.save(update_fields=["value", "text"])
    return len(sealed)
