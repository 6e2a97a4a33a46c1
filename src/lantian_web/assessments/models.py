"""Indicators over whole days, and the files that were taken in."""

from __future__ import annotations

from django.db import models

from lantian_web.scope import Scoped

__all__ = ["Assessment", "Import"]


class Assessment(Scoped):
    """One indicator of one subject over whole local days; `value` is null when it cannot be told.

    `raw` is the value before rounding, which means over days are made of, and with `base_raw` changes; null in old rows.
    """

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
    raw = models.FloatField(null=True)
    base_raw = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["indicator", "subject_id", "end_on"], name="assessment_by_day")]


class Import(models.Model):
    """One file, or several read together, taken in by hand: what it held, what was refused, where it went.

    `files` names each file with the hash under which its bytes are kept (`imports/` of the home); `report` is the
    reader's report as data; `position` is the journal position of its last entry, -1 when it held nothing for it.
    """

    id = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=16)
    files = models.JSONField(default=list)  # [[name, sha256], ...]
    rows = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    points = models.PositiveIntegerField()
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    report = models.JSONField(default=dict)
    refused_sha256 = models.CharField(max_length=64, blank=True, default="")
    position = models.BigIntegerField(default=-1)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="import_newest")]
