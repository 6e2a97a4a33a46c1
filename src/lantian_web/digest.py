"""Digests of what the loop concluded: equal play gives equal digests, whatever was killed on the way.

Each is SHA-256 over the sorted natural content of the rows, never a wall time or a database id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from lantian_web.assessments.models import Assessment
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.orders.models import Decision, Order
from lantian_web.tasks.models import Task
from lantian_web.verdicts.models import Verdict

__all__ = ["digests"]


def digests() -> dict[str, str]:
    """One digest a noun, over the whole registry."""
    return {
        "assessments": _of(
            Assessment.objects.values_list("id", "indicator", "end_on", "value", "primary", "edition")
        ),
        "findings": _of(
            Finding.objects.values_list(
                "id", "kind", "first_ms", "last_ms", "state", "rule", "version", "decided_at"
            )
        ),
        "order_days": _of(OrderDay.objects.values_list("order_id", "on", "kind", "outcome", "slots_missing")),
        "orders": _of(Order.objects.values_list("id", "level", "state", "start_at", "end_at")),
        "decisions": _of(Decision.objects.values_list("id", "kind", "level", "basis", "signer", "signed_at")),
        "tasks": _of(
            Task.objects.values_list(
                "id",
                "kind",
                "state",
                "claimed_at",
                "claimed_by",
                "answered_at",
                "closed_at",
                "returns",
                "step_peak",
            )
        ),
        "verdicts": _of(Verdict.objects.values_list("id", "outcome", "closes", "checker", "checked_at")),
    }


def _of(rows: Iterable[tuple[object, ...]]) -> str:
    lines = sorted("\x1f".join(_text(value) for value in row) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _text(value: object) -> str:
    return str(int(value.timestamp() * 1000)) if isinstance(value, datetime) else str(value)
