"""What a second person concluded about an answered task."""

from __future__ import annotations

from django.db import models

from lantian.records import Outcome
from lantian.verify import Met
from lantian_web.scope import Scoped, choices_of
from lantian_web.tasks.models import Task

__all__ = ["ConditionMark", "Verdict"]


class Verdict(Scoped):
    """One verdict; a returned task gets another one later (`round` counts them)."""

    id = models.CharField(max_length=40, primary_key=True)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="verdicts")
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=16, choices=[(o.value, o.value) for o in Outcome])
    closes = models.BooleanField()
    checker = models.CharField(max_length=64)
    checked_at = models.DateTimeField()
    reason = models.CharField(max_length=400, blank=True, default="")
    days_complied = models.PositiveSmallIntegerField(default=0)
    days_not_complied = models.PositiveSmallIntegerField(default=0)
    days_cannot_tell = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "round"], name="one_verdict_a_round")]


class ConditionMark(models.Model):
    """What the checker said of one closing condition."""

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="marks")
    condition = models.CharField(max_length=24)
    met = models.CharField(max_length=16, choices=choices_of(Met))
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["verdict", "condition"], name="one_mark")]
