"""Where a number comes from: its rows, rule, version, edition, and what was dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lantian.periods import day_bounds_ms
from lantian.standards import in_force
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible
from lantian_web.assessments.models import Assessment
from lantian_web.desk import conclusions, series, story, strip
from lantian_web.desk.viewer import user_of
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Enterprise, Meter

__all__ = ["rows"]

LONGEST = 400


@require_GET
def rows(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """The page behind every dotted number."""
    makers: dict[str, Callable[[User, str], dict[str, Any]]] = {
        "assessment": _assessment,
        "finding": _finding,
        "order-day": _order_day,
    }
    if kind not in makers:
        raise Http404
    return render(request, "rows.html", {"kind": kind} | makers[kind](user_of(request), pk))


def _assessment(user: User, pk: str) -> dict[str, Any]:
    row = story.one(strip.published(Assessment.objects.filter(pk=pk)))
    days = strip.published(
        Assessment.objects.filter(
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            start_on__gte=row.start_on,
            end_on__lte=row.end_on,
        )
    ).exclude(pk=pk)
    return {
        "assessment": row,
        "parts": [d for d in days.order_by("-end_on", "indicator")[:LONGEST] if d.start_on == d.end_on],
    }


def _finding(user: User, pk: str) -> dict[str, Any]:
    row = story.one(visible(user, Finding.objects.filter(pk=pk)))
    return {"finding": row, "rule": _rule(row.rule, row.on)} | _power(
        user, row.enterprise_id, row.points, row.on, row.threshold if row.unit == "kW" else None
    )


def _order_day(user: User, pk: str) -> dict[str, Any]:
    if not pk.isdigit():
        raise Http404
    row = story.one(visible(user, OrderDay.objects.filter(pk=int(pk))))
    meters = visible(user, Meter.objects.filter(enterprise_id=row.enterprise_id, kind="production"))
    points = list(meters.values_list("id", flat=True))
    shown = conclusions.conclude([row])[row.pk]
    return {"order_day": row, "shown": shown} | _power(
        user, row.enterprise_id, points, row.on, row.threshold if row.unit == "kW" else None
    )


def _rule(rule: str, on: Any) -> list[Any]:
    return list(in_force("detection_rules", on, rule=rule))


def _power(user: User, plant_id: str, points: list[str], on: Any, threshold: float | None) -> dict[str, Any]:
    """The quarter-hours of one local day for some meters of one plant."""
    plant = story.one(visible(user, Enterprise.objects.filter(pk=plant_id)))
    allowed = list(visible(user, Meter.objects.filter(pk__in=points)).values_list("id", flat=True))
    span = day_bounds_ms(on)
    values = series.read(allowed, span)
    table = [
        {
            "ms": span[0] + slot * series.SLOT_MS,
            "values": [(values[p][slot], _over(values[p][slot], threshold)) for p in allowed],
        }
        for slot in range((span[1] - span[0]) // series.SLOT_MS)
    ]
    return {
        "plant": plant,
        "points": allowed,
        "slots": table,
        "title": _("Quarter-hours of the day"),
        "next_day": on + timedelta(days=1),
    }


def _over(value: float | None, threshold: float | None) -> str:
    if value is None:
        return "blind"
    return "red" if threshold is not None and value > threshold else ""
