"""The two clocks of a task: claim (签收) and feedback (反馈).

Emergency clocks run day and night (24 h duty); routine ones run in office hours of working days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from lantian.errors import PeriodError
from lantian.periods import OfficeHours, add_working_minutes, local_day, to_ms
from lantian.records import Footnote, TaskKind, TaskState
from lantian.standards import Row, in_force

__all__ = ["Clocks", "Urgency", "clocks", "next_deadline", "office_hours"]


class Urgency(StrEnum):
    """Which set of clocks a task runs on."""

    EMERGENCY = "emergency"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Due times of one task."""

    claim_due_at: datetime
    feedback_due_at: datetime
    footnotes: tuple[Footnote, ...]


def office_hours(on: date) -> OfficeHours:
    """Office spans in force on the day, in rising order."""
    edges: dict[int, dict[str, time]] = {}
    for row in in_force("office_hours", on):
        hour, minute = divmod(row.integer(), 60)
        edges.setdefault(row.integer("span"), {})[row.text("edge")] = time(hour, minute)
    return tuple((edges[span]["opens"], edges[span]["closes"]) for span in sorted(edges))


def _due(opened_at: datetime, row: Row, on: date) -> datetime:
    if row.text("calendar") == "working":
        return add_working_minutes(opened_at, row.integer(), office_hours(on))
    return opened_at + timedelta(minutes=row.integer())


def clocks(kind: TaskKind, opened_at: datetime, urgency: Urgency = Urgency.EMERGENCY) -> Clocks:
    """Due times of a task opened (or returned: then only feedback counts) at an aware instant.

    PeriodError for a naive instant, or for a routine clock that reaches a year whose holidays are not published.
    """
    if opened_at.tzinfo is None:
        raise PeriodError(f"{opened_at.isoformat()} has no time zone")
    on = local_day(to_ms(opened_at))
    claim, feedback = (
        in_force("task_clocks", on, task=kind.value, urgency=urgency.value, stage=stage)[0]
        for stage in ("claim", "feedback")
    )
    return Clocks(
        _due(opened_at, claim, on), _due(opened_at, feedback, on), (claim.footnote(), feedback.footnote())
    )


def next_deadline(state: TaskState, claim_due_at: datetime, feedback_due_at: datetime) -> datetime | None:
    """The clock that runs in this state; None when the task waits for a checker or has ended."""
    if state is TaskState.ISSUED:
        return claim_due_at
    if state in (TaskState.CLAIMED, TaskState.RETURNED):
        return feedback_due_at
    return None
