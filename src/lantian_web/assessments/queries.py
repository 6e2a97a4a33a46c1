"""Reading assessments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from lantian.assess.exact import exact_value
from lantian.records import SubjectKind
from lantian_web.assessments.models import Assessment

__all__ = ["daily_figures", "latest", "of_day"]


def of_day(indicator: str, on: date) -> QuerySet[Assessment]:
    """Assessments of one indicator whose days end on that day."""
    return Assessment.objects.filter(indicator=indicator, end_on=on).order_by("subject_id", "edition")


def latest(indicator: str, subject_kind: SubjectKind, subject_id: str, on: date) -> Assessment | None:
    """The newest assessment of a subject that ends on the day or before."""
    rows = Assessment.objects.filter(
        indicator=indicator, subject_kind=subject_kind, subject_id=subject_id, end_on__lte=on
    )
    return rows.order_by("-end_on", "-start_on").first()


def daily_figures(subject_id: str, indicator: str, first: date, last: date) -> dict[date, Fraction | None]:
    """Day figures to make means of: exact and not rounded, of rows without that the value as published.

    Where editions overlap, the later written edition counts.
    """
    rows = Assessment.objects.filter(
        indicator=indicator, subject_id=subject_id, end_on__gte=first, end_on__lte=last
    )
    found = rows.order_by("end_on", "edition").values_list("end_on", "raw", "value")
    return {on: _figure(raw, value) for on, raw, value in found}


def _figure(raw: float | None, value: Decimal | None) -> Fraction | None:
    if raw is not None:
        return exact_value(raw)
    return None if value is None else Fraction(value)
