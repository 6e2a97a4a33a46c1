"""The clock of one task: which due time runs in its state, and when it next has to be looked at."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from lantian.dispatch import Step, Urgency, next_deadline, steps
from lantian.periods import local_day, to_ms
from lantian.records import TaskState
from lantian_web.tasks.models import Task

__all__ = ["ladder", "start_clock"]


@lru_cache(maxsize=64)
def ladder(on: date, emergency: bool) -> tuple[Step, ...]:
    """The steps of escalation in force on the day."""
    return steps(on, Urgency.EMERGENCY if emergency else Urgency.ROUTINE)


def start_clock(row: Task, now: datetime) -> None:
    """Let the clock of the row's state run, from its lowest step; without a due time nothing runs."""
    state = TaskState(row.state)
    due = next_deadline(state, row.claim_due_at, row.feedback_due_at or row.claim_due_at)
    if state is not TaskState.ISSUED and row.feedback_due_at is None:
        due = None
    row.next_due_at, row.step = due, 0
    row.next_step_at = None if due is None else due + ladder(local_day(to_ms(now)), row.emergency)[0].after
