"""Reading tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max, QuerySet

from lantian.dispatch import OPEN_STATES
from lantian.records import TaskState
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding
from lantian_web.tasks.models import Task

__all__ = [
    "ANSWER_AGAIN",
    "CLAIM_AGAIN",
    "findings_of",
    "open_ones",
    "overdue",
    "to_answer_since",
    "to_claim_since",
    "waiting_for_check",
]

CLAIM_AGAIN = frozenset({"task.insisted", "task.transferred", "task.unclaimed"})
"""Steps after which a task is to be signed for anew."""
ANSWER_AGAIN = frozenset({"task.returned", "task.reopened"})
"""Steps after which the answer is due anew."""


def open_ones() -> QuerySet[Task]:
    """Tasks that still need somebody, the most urgent clock first."""
    return Task.objects.filter(state__in=OPEN_STATES).order_by("next_due_at", "number")


def overdue(now: datetime) -> QuerySet[Task]:
    """Tasks whose running clock has passed its due time."""
    return Task.objects.filter(next_due_at__lt=now).order_by("next_due_at", "number")


def waiting_for_check() -> QuerySet[Task]:
    """Answered tasks that wait for a second person."""
    return Task.objects.filter(state=TaskState.ANSWERED).order_by("answered_at", "number")


def findings_of(task: Task) -> QuerySet[Finding]:
    """Findings joined in a check task, as they began."""
    return Finding.objects.filter(joined__task=task).order_by("first_ms", "id")


def to_claim_since(tasks: Iterable[Task]) -> dict[str, datetime]:
    """Since when each task is to be signed for: its opening, or the last step that asked for it anew. What was said
    before that instant is no sign-for of it."""
    return _since(tasks, CLAIM_AGAIN)


def to_answer_since(tasks: Iterable[Task]) -> dict[str, datetime]:
    """Since when each task is to be answered: what was reported before it was sent back, reopened, or asked for anew is
    no answer to that."""
    return _since(tasks, CLAIM_AGAIN | ANSWER_AGAIN)


def _since(tasks: Iterable[Task], steps: frozenset[str]) -> dict[str, datetime]:
    since = {task.id: task.opened_at for task in tasks}
    again = Event.objects.filter(subject_kind="task", subject_id__in=list(since), kind__in=steps)
    return since | dict(again.values_list("subject_id").annotate(Max("happened_at")))
