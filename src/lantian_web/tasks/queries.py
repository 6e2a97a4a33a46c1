"""Reading tasks."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from lantian.dispatch import OPEN_STATES
from lantian.records import TaskState
from lantian_web.findings.models import Finding
from lantian_web.tasks.models import Task

__all__ = ["findings_of", "open_ones", "overdue", "waiting_for_check"]


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
