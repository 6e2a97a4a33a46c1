"""What a rung says of its tasks, frozen as it is drafted: times, names, and to whom the delay belongs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count

from lantian.dispatch.delay import Delay
from lantian_web.accounts.queries import person_names, unit_names
from lantian_web.events.models import Event
from lantian_web.inventory.queries import plant_names
from lantian_web.letters.timeline import delays
from lantian_web.rows import chunks
from lantian_web.tasks.models import Task

__all__ = ["facts_of"]

TIMES = (
    "opened_at",
    "claim_due_at",
    "claimed_at",
    "started_at",
    "feedback_due_at",
    "answered_at",
    "returned_at",
    "closed_at",
)
TOLD = ("number", "kind", "category", "cause", "text", "state", "returns", "reopens", "step_peak")


def facts_of(tasks: Iterable[Task], now: datetime) -> list[dict[str, Any]]:
    """One mapping a task, the longest delay first; nothing in it changes any more."""
    rows = list(tasks)
    late = delays(rows, now)
    units = {row.unit_id for row in rows} | {
        each.who for delay in late.values() for each in delay.parts if each.who
    }
    people = {row.person_id for row in rows} | {row.leader_id for row in rows} | units
    names = unit_names(units) | person_names(people)
    plants = plant_names({row.plant_id for row in rows} - {""})
    reminded = _reminded([row.id for row in rows])
    rows.sort(key=lambda row: (-late[row.id].total, row.number))
    return [
        {name: getattr(row, name) for name in TOLD}
        | {name: _iso(getattr(row, name)) for name in TIMES}
        | {
            "task": row.id,
            "due_at": _iso(row.next_due_at),
            "plant": plants.get(row.plant_id, ""),
            "unit": names.get(row.unit_id, row.unit_id),
            "person": names.get(row.person_id, row.person_id),
            "leader": names.get(row.leader_id, row.leader_id),
            "reminders": reminded.get(row.id, 0),
            "as_of": _iso(now),
        }
        | _delay(late[row.id], names)
        for row in rows
    ]


def _delay(delay: Delay, names: dict[str, str]) -> dict[str, Any]:
    """Seconds; the parts add up to the total."""
    return {
        "late": [
            {
                "part": each.part.value,
                "who": each.who,
                "name": names.get(each.who, ""),
                "took": int(each.took.total_seconds()),
                "late": int(each.late.total_seconds()),
            }
            for each in delay.parts
        ],
        "total": sum(int(each.late.total_seconds()) for each in delay.parts),
        "stood": int(delay.stood.total_seconds()),
    }


def _reminded(ids: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(ids):
        events = Event.objects.filter(subject_kind="task", subject_id__in=part, kind="task.reminded")
        counted = events.order_by().values("subject_id").annotate(times=Count("id"))
        found |= {each["subject_id"]: each["times"] for each in counted}
    return found


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
