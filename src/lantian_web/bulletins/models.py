"""Papers asked for and made; the files lie in the content-addressed store of LANTIAN_HOME."""

from __future__ import annotations

from django.db import models

from lantian_web.scope import Scoped

__all__ = ["Bulletin"]


class Bulletin(Scoped):
    """One paper of one day for one area. `made_at` is null until the worker has made it."""

    id = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=24)
    on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    made_at = models.DateTimeField(null=True)
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    html_sha256 = models.CharField(max_length=64, blank=True, default="")
    docx_sha256 = models.CharField(max_length=64, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "on", "area_id"], name="one_bulletin")]
