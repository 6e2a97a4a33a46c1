"""Addresses of the rows behind a figure."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode

from lantian.report import Link

__all__ = ["href"]


def href(link: Link | None, bulletin_id: str) -> str:
    """Page of the one row, or the list of rows as this paper counts them; empty without a link."""
    if link is None:
        return ""
    if not link.id:
        query = urlencode([("row", link.kind), *link.where])
        return f"{reverse('bulletin_rows', args=[bulletin_id])}?{query}"
    if link.kind == "task":
        return reverse("case", args=[link.id])
    if link.kind == "finding":
        return reverse("finding", args=[link.id])
    return reverse("rows", args=[link.kind, link.id])
