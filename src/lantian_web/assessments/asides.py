"""Journal entries that could not be taken in: set aside by name, until a replay takes them in after all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog

from lantian_store.journal import Entry
from lantian_web.assessments.models import Import
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.events.models import Event

__all__ = ["SET_ASIDE", "TAKEN_IN", "refused_by_worker", "set_aside", "taken_after_all"]

SET_ASIDE = "entry.set_aside"
TAKEN_IN = "entry.taken_in"
TAKEN = "taken"  # key of an import's report: what became of it
log = structlog.get_logger()


def set_aside(entries: Sequence[Entry], error: Exception, now: datetime) -> None:
    """Say by name that journal entries could not be decoded or derived; saying it again changes nothing."""
    why = f"{type(error).__name__}: {error}".replace("\0", "\u2400")[:500]
    for entry in entries:
        log.error("entry set aside", key=entry.key, position=entry.position, kind=entry.kind, why=why)
    _tell_aside(entries, why, now)


@command
def _tell_aside(entries: Sequence[Entry], why: str, now: datetime) -> None:
    told = _aside_now(entry.position for entry in entries)
    fresh = [
        NewEvent(
            SET_ASIDE,
            "system",
            now,
            "journal",
            str(entry.position),
            params={"key": entry.key, "kind": entry.kind, "why": why},
        )
        for entry in entries
        if entry.position not in told
    ]
    if fresh:
        emit(fresh)


def _aside_now(places: Iterable[int]) -> set[int]:
    """Which of these journal positions stand as set aside."""
    ids = [str(place) for place in places]
    rows = Event.objects.filter(kind__in=(SET_ASIDE, TAKEN_IN), subject_kind="journal", subject_id__in=ids)
    last = dict(rows.order_by("id").values_list("subject_id", "kind"))
    return {int(place) for place, kind in last.items() if kind == SET_ASIDE}


@command
def taken_after_all(places: Iterable[int], now: datetime) -> None:
    """Entries that had been set aside went through in a replay."""
    through = sorted(_aside_now(places))
    if through:
        emit([NewEvent(TAKEN_IN, "system", now, "journal", str(place)) for place in through])


def refused_by_worker(rows: Sequence[Import]) -> dict[str, str]:
    """Why the worker set entries of imports aside, by import id; those that it took in whole are left out."""
    events = Event.objects.filter(kind__in=(SET_ASIDE, TAKEN_IN), subject_kind="journal").order_by("id")
    why: dict[int, str] = {}
    for kind, place, params in events.values_list("kind", "subject_id", "params"):
        if kind == SET_ASIDE:
            why[int(place)] = params["why"]
        else:
            why.pop(int(place), None)
    found: dict[str, str] = {}
    for row in rows:
        for place in (row.position, *row.report.get(TAKEN, {}).get("positions", ())):
            if place in why:
                found[row.pk] = why[place]
    return found
