"""Who must act by when."""

from __future__ import annotations

from django.db import models

from lantian.records import TaskKind, TaskState
from lantian_web.findings.models import Finding
from lantian_web.scope import Scoped, choices_of

__all__ = ["Task", "TaskFinding"]


class Task(Scoped):
    """One task. `unit_id` is the responsible unit.

    `next_due_at` is the due time of the clock now running, null when none runs; `next_step_at` is when that clock
    next has to be looked at. `feedback_due_at` is null while the order to be carried out is still in force.
    """

    id = models.CharField(max_length=40, primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12, choices=choices_of(TaskKind))
    state = models.CharField(max_length=12, choices=choices_of(TaskState), db_index=True)
    cause = models.CharField(max_length=24, blank=True, default="")  # finding kind, or empty
    order_id = models.CharField(max_length=40, blank=True, default="", db_index=True)
    warning_id = models.CharField(max_length=40, db_index=True)
    emergency = models.BooleanField(default=True)
    lead_unit_id = models.CharField(max_length=64)
    leader_id = models.CharField(max_length=64)
    person_id = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    claim_due_at = models.DateTimeField()
    feedback_due_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    next_step_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=64, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=64, blank=True, default="")
    answer = models.CharField(max_length=400, blank=True, default="")
    returned_at = models.DateTimeField(null=True)  # the last time it went back
    closed_at = models.DateTimeField(null=True)
    returns = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)  # escalation step reached on the running clock
    step_peak = models.PositiveSmallIntegerField(default=0)  # highest step ever

    class Meta:
        indexes = [
            models.Index(
                fields=["next_due_at"], name="task_due", condition=models.Q(next_due_at__isnull=False)
            ),
            models.Index(
                fields=["next_step_at"], name="task_step", condition=models.Q(next_step_at__isnull=False)
            ),
            models.Index(fields=["state", "kind", "area_id"], name="task_by_state"),
        ]


class TaskFinding(models.Model):
    """Confirmed findings joined in one check task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="joined")
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="joined")
