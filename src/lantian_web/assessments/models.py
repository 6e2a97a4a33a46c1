"""Indicators over whole days."""

from __future__ import annotations

from django.db import models

from lantian_web.scope import Scoped

__all__ = ["Assessment"]


class Assessment(Scoped):
    """One indicator of one subject over whole local days; `value` is null when it cannot be told."""

    id = models.CharField(max_length=40, primary_key=True)
    subject_kind = models.CharField(max_length=12)
    subject_id = models.CharField(max_length=64)
    indicator = models.CharField(max_length=32)
    start_on = models.DateField()
    end_on = models.DateField()
    value = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    unit = models.CharField(max_length=16)
    edition = models.CharField(max_length=24)
    days_valid = models.PositiveIntegerField()
    days_dropped = models.PositiveIntegerField()
    base = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    target = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    primary = models.CharField(max_length=80, blank=True, default="")  # comma list of items
    footnotes = models.JSONField(default=list)  # [[table, key, source, confidence], ...]
    counterfactual = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["indicator", "subject_id", "end_on"], name="assessment_by_day")]
