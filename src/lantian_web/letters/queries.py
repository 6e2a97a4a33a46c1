"""Reading silences and rungs of supervision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from lantian_web.letters.models import Letter, LetterState, Match, Silence
from lantian_web.rows import chunks
from lantian_web.tasks.models import Task

__all__ = ["active_silences", "drafts", "silenced"]

COLUMNS = ("id", "area_id", "unit_id", "enterprise_id", "about_id", "person_id", "category", "kind")


def active_silences(now: datetime) -> QuerySet[Silence]:
    """Silences that hold at the instant, the one that ends first in front."""
    going = Q(ended_at=None) | Q(ended_at__gt=now)
    return Silence.objects.filter(going, since__lte=now, until__gt=now).order_by("until", "id")


def silenced(tasks: Iterable[Task], now: datetime) -> set[str]:
    """Ids of those tasks that nobody is to be reminded of at `now`; never of an emergency.

    Only ids are read of what is given: rows with deferred columns cost nothing more.
    """
    going = list(active_silences(now))
    if not going:
        return set()
    found: set[str] = set()
    for part in chunks([task.id for task in tasks]):
        for row in Task.objects.filter(id__in=part, emergency=False).only(*COLUMNS):
            if any(_matches(each, row) for each in going):
                found.add(row.id)
    return found


def _matches(each: Silence, row: Task) -> bool:
    match Match(each.match):
        case Match.AREA:
            return row.area_id.startswith(each.value)
        case Match.UNIT:
            return row.unit_id == each.value
        case Match.ENTERPRISE:
            return each.value in (row.enterprise_id, row.about_id)
        case Match.PERSON:
            return row.person_id == each.value
        case Match.CATEGORY:
            inside = row.area_id.startswith(each.area_id)
            return inside and each.value in (row.category, row.kind)


def drafts(rungs: Sequence[str] = ()) -> QuerySet[Letter]:
    """Drafts that wait for their signer, the oldest first."""
    waiting = Letter.objects.filter(state=LetterState.DRAFTED).order_by("drafted_at", "id")
    return waiting.filter(rung__in=rungs) if rungs else waiting
