"""Reading findings and the answers per order and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from lantian.records import FindingState, Outcome
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.rows import chunks

__all__ = ["outcomes_of", "to_confirm"]


def to_confirm() -> QuerySet[Finding]:
    """Proposals that wait for an analyst, oldest first."""
    return Finding.objects.filter(state=FindingState.PROPOSED).order_by("first_ms", "id")


def outcomes_of(order_ids: Iterable[str]) -> dict[str, list[Outcome]]:
    """The answers of all judged days per order, by day."""
    days: dict[str, list[Outcome]] = defaultdict(list)
    for part in chunks(sorted(set(order_ids))):
        rows = OrderDay.objects.filter(order_id__in=part).order_by("order_id", "on", "kind")
        for order_id, outcome in rows.values_list("order_id", "outcome"):
            days[order_id].append(Outcome(outcome))
    return dict(days)
