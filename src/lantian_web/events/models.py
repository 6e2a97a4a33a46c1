"""The event log and named cursors.

Events are written unchained by commands; one sealer gives committed ones `seq` and an SM3 chain.
`seq` is the outbox cursor, never the id.
"""

from __future__ import annotations

from django.db import models

from lantian.records import Role
from lantian_web.scope import Scoped

__all__ = ["Cursor", "Event"]


class Event(Scoped):
    """One thing that happened. `happened_at` is the play clock, `recorded_at` the wall clock.

    What the rules propose stays in the city office; that it was confirmed does not. Auditors read the log.
    """

    SEEN_BY = frozenset({Role.AUDIT_MANAGER})
    OFFICE_ONLY = models.Q(kind__startswith="finding.") & ~models.Q(kind="finding.confirmed")

    seq = models.BigIntegerField(null=True, unique=True)
    kind = models.CharField(max_length=48, db_index=True)
    actor = models.CharField(max_length=64)
    happened_at = models.DateTimeField(db_index=True)
    recorded_at = models.DateTimeField()
    subject_kind = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    before = models.CharField(max_length=64, blank=True, default="")
    after = models.CharField(max_length=64, blank=True, default="")
    chain = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["id"], name="event_unsealed", condition=models.Q(seq__isnull=True)),
        ]


class Cursor(models.Model):
    """How far somebody has come: the worker in the journal, the play clock, the demo's last step."""

    name = models.CharField(max_length=48, primary_key=True)
    value = models.BigIntegerField()
    text = models.TextField(blank=True, default="")
