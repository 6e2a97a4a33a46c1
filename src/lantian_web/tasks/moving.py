"""Moving tasks: lock the rows, let each item make its step, write them back guarded, tell of it.

A bulk command works in chunks of one transaction each and answers for every item: one that is refused has changed
nothing, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from lantian.errors import DataError, LantianError, TransitionError
from lantian.periods import local_day, to_ms
from lantian_web.events.commands import NewEvent, command, draw, emit
from lantian_web.rows import Answer, chunks, fingerprint, locked, rewrite
from lantian_web.tasks.models import TEXT, Task

__all__ = ["Admit", "Item", "each", "number_tasks", "save", "task_event", "worded"]

MOVED = [
    "state",
    "area_id",
    "unit_id",
    "enterprise_id",
    "about_id",
    "person_id",
    "leader_id",
    "emergency",
    "claim_due_at",
    "next_due_at",
    "next_step_at",
    "feedback_due_at",
    "claimed_at",
    "claimed_by",
    "started_at",
    "started_by",
    "answered_at",
    "answered_by",
    "answer",
    "returned_at",
    "closed_at",
    "returns",
    "reopens",
    "hold_until",
    "paused_at",
    "step",
    "step_peak",
    "reminded_at",
]
"""Columns that a step may change."""


class Item(Protocol):
    """One person's step on one task, at their own instant of the play clock."""

    @property
    def task_id(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def at(self) -> datetime: ...


I = TypeVar("I", bound=Item)  # noqa: E741
Step = Callable[[Task, I, str], NewEvent]
"""Moves one locked row and says what happened, given the row's fingerprint before; raises before it changed anything."""

Admit = Callable[[str, Task], None]
"""RightsError for a person who may not make the step, TransitionError for a row that is not ready for it."""


def task_event(kind: str, row: Task, at: datetime, by: str, before: str, **params: object) -> NewEvent:
    """What happened to a task; `before` is its fingerprint before."""
    told = {
        "number": row.number,
        "kind": row.kind,
        "category": row.category,
        "cause": row.cause,
        "state": row.state,
        "emergency": row.emergency,
        "person": row.person_id,
        "leader": row.leader_id,
    }
    return NewEvent(
        kind,
        by,
        at,
        "task",
        row.id,
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params=told | params,
        before=before,
        after=fingerprint(row),
    )


def worded(text: str) -> str:
    """What a person wrote, trimmed. DataError when it is longer than is kept: nothing is cut off silently."""
    said = text.replace("\r\n", "\n").strip()
    if len(said) > TEXT:
        raise DataError(f"at most {TEXT} characters are kept, these are {len(said)}", field="text")
    return said


def number_tasks(rows: Sequence[Task], now: datetime) -> None:
    """Give the rows their numbers of the day, in order."""
    if rows:
        day = local_day(to_ms(now))
        first = draw(f"tasks:{day.isoformat()}", len(rows))
        for serial, row in enumerate(rows, start=first):
            row.number = f"{day:%Y-%m%d}-{serial:04d}"


def save(rows: Sequence[Task], told: Sequence[NewEvent]) -> None:
    """Write what has moved in rows, guarded by the state each was read in, then tell of them."""
    moved = [name for name in MOVED if any(getattr(row, name) != row.as_read[name] for row in rows)]
    rewrite(rows, moved or ["state"], guard="state", was=[row.as_read["state"] for row in rows])
    for row in rows:
        row.as_read |= {name: getattr(row, name) for name in moved}
    if told:
        emit(told)


@command
def _apply(items: Sequence[I], step: Step[I], admits: Callable[[Sequence[I]], Admit]) -> list[Answer]:
    rows = {row.id: row for row in locked(Task.objects.filter(id__in=[item.task_id for item in items]))}
    prints = {key: fingerprint(row) for key, row in rows.items()}
    admit = admits(items)
    answers, told = [], []
    moved: dict[str, Task] = {}
    for item in items:
        row = rows.get(item.task_id)
        kept = dict(vars(row)) if row else {}
        try:
            if row is None:
                raise TransitionError("there is no such task")
            if row.id in moved:
                raise TransitionError("this task was named before and has made its step")
            admit(item.by, row)
            event = step(row, item, prints[row.id])
        except LantianError as error:
            if row is not None:
                vars(row).update(kept)  # a step that is refused half-way leaves nothing behind
            answers.append(Answer(item.task_id, False, error))
        else:
            moved[row.id] = row
            told.append(event)
            answers.append(Answer(item.task_id, True))
    save(list(moved.values()), told)
    return answers


def each(items: Iterable[I], step: Step[I], admits: Callable[[Sequence[I]], Admit]) -> list[Answer]:
    """Chunk by chunk, an answer per item. A task named twice in one call counts by its first item.

    `admits` is given a chunk's items, inside its transaction, and returns the check of one person on one row.
    """
    return [answer for part in chunks(list(items)) for answer in _apply(part, step, admits)]
