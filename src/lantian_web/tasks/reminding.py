"""Reminding by hand: the sender asks once more, and not so often that it becomes noise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lantian.dispatch import RUNNING
from lantian.errors import LawError, TransitionError
from lantian.records import TaskState
from lantian_web.events.commands import NewEvent
from lantian_web.rows import Answer
from lantian_web.tasks.models import Task
from lantian_web.tasks.moving import Admit, each, task_event
from lantian_web.tasks.parties import Senders
from lantian_web.tasks.sending import limit

__all__ = ["remind"]


@dataclass(frozen=True, slots=True)
class _Reminder:
    task_id: str
    by: str
    at: datetime


def _admits(items: Sequence[_Reminder]) -> Admit:
    return Senders((item.by for item in items), max(item.at for item in items)).check


def _reminded(row: Task, item: _Reminder, before: str) -> NewEvent:
    if TaskState(row.state) not in RUNNING or row.paused_at is not None:
        raise TransitionError("nobody has to act on this task now")
    between = timedelta(minutes=limit("remind_every", item.at))
    if row.reminded_at is not None and item.at < row.reminded_at + between:
        raise LawError("reminded_lately", f"reminded at {row.reminded_at.isoformat()} already")
    row.reminded_at = item.at
    due = row.next_due_at.isoformat() if row.next_due_at else None
    return task_event(
        "task.reminded", row, item.at, item.by, before, tells="person", due_at=due, by_hand=True
    )


def remind(ids: Iterable[str], by: str, now: datetime) -> list[Answer]:
    """The sender reminds whoever has to act on the tasks; an answer per id.

    LawError reminded_lately for a task whose last reminder, by hand or by its clock, is younger than the limit.
    """
    return each((_Reminder(key, by, now) for key in ids), _reminded, _admits)
