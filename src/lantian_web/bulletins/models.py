"""Papers asked for and made; the files lie in the content-addressed store of LANTIAN_HOME."""

from __future__ import annotations

from django.db import models

from lantian.inventory import AreaKind
from lantian_web.inventory.models import Area
from lantian_web.scope import Scoped

__all__ = ["Bulletin"]


class Bulletin(Scoped):
    """One paper of one day for one area. `made_at` is null until the worker has made it.

    The city's own paper counts what waits for a person; it stays in the city office.
    """

    OFFICE_ONLY = models.Q(
        models.Exists(Area.objects.filter(id=models.OuterRef("area_id"), kind=AreaKind.CITY))
    )

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
