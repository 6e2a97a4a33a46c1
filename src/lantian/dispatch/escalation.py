"""How a task that comes near its due time, or passes it, rises step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lantian.dispatch.deadline import Urgency
from lantian.records import Footnote
from lantian.standards import in_force

__all__ = ["Step", "level_at", "next_rise", "steps"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `after` is counted from the due time (negative: before it); `tells` says who hears of it."""

    order: int
    name: str
    after: timedelta
    tells: str
    footnote: Footnote


def steps(on: date, urgency: Urgency = Urgency.EMERGENCY) -> tuple[Step, ...]:
    """The steps in force on the day, in rising order."""
    rows = in_force("escalation_steps", on, urgency=urgency.value)
    found = (
        Step(
            row.integer("order"),
            row.text("step"),
            timedelta(minutes=row.integer()),
            row.text("tells"),
            row.footnote(),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda step: step.order))


def level_at(now: datetime, due_at: datetime, ladder: Sequence[Step]) -> Step | None:
    """The highest step reached at `now`; None when the due time is not near."""
    reached = [step for step in ladder if now >= due_at + step.after]
    return max(reached, key=lambda step: step.order, default=None)


def next_rise(now: datetime, due_at: datetime, ladder: Sequence[Step]) -> datetime | None:
    """When the next step is reached after `now`; None at the top."""
    return min((due_at + step.after for step in ladder if due_at + step.after > now), default=None)
