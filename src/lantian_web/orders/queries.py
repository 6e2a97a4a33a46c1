"""Warnings and orders as they stand at an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from lantian import records
from lantian.periods import from_ms, to_ms
from lantian.records import Action, Level, Measure
from lantian_web.orders.models import Order, OrderMeasure, Warning
from lantian_web.rows import chunks

__all__ = [
    "current_warning",
    "in_force",
    "measures_of",
    "orders_between",
    "warning_of",
]


def _measures(orders: QuerySet[Order]) -> dict[str, tuple[Measure, ...]]:
    found: dict[str, list[Measure]] = defaultdict(list)
    rows = OrderMeasure.objects.filter(order__in=orders.values("id")).order_by("order_id", "list_row", "id")
    for order_id, action, line_id, share in rows.values_list("order_id", "action", "line_id", "share"):
        found[order_id].append(Measure(Action(action), line_id or None, share))
    return {order_id: tuple(measures) for order_id, measures in found.items()}


def orders_between(start_ms: int, end_ms: int) -> list[records.Order]:
    """Orders in force somewhere in [start_ms, end_ms), with their measures, by plant and start.

    Two queries, however many orders. One that ended where it began was never in force and is left out.
    """
    start, end = from_ms(start_ms), from_ms(end_ms)
    orders = Order.objects.filter(Q(end_at__isnull=True) | Q(end_at__gt=start), start_at__lt=end)
    measures = _measures(orders)
    fields = ("id", "enterprise_id", "area_id", "decision_id", "level", "start_at", "end_at", "grace_s")
    return [
        records.Order(
            id=key,
            enterprise_id=plant,
            area_id=area,
            decision_id=decision,
            level=Level(level),
            measures=measures.get(key, ()),
            start_ms=to_ms(starts),
            end_ms=None if ends is None else to_ms(ends),
            grace_s=grace,
        )
        for key, plant, area, decision, level, starts, ends, grace in orders.order_by(
            "enterprise_id", "start_at", "id"
        ).values_list(*fields)
        if ends is None or ends > starts
    ]


def in_force(now: datetime) -> QuerySet[Order]:
    """Orders in force at an instant."""
    return Order.objects.filter(Q(end_at__isnull=True) | Q(end_at__gt=now), start_at__lte=now)


def current_warning(now: datetime) -> Warning | None:
    """The warning that is announced or in force: decided, and not yet lifted at `now`."""
    open_ones = Warning.objects.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=now))
    return open_ones.order_by("started_at", "id").last()


def measures_of(order_ids: Iterable[str]) -> dict[str, list[OrderMeasure]]:
    """Measures with their list rows, per order."""
    found: dict[str, list[OrderMeasure]] = defaultdict(list)
    for part in chunks(sorted(set(order_ids))):
        for row in OrderMeasure.objects.filter(order_id__in=part).order_by("order_id", "list_row", "id"):
            found[row.order_id].append(row)
    return dict(found)


def warning_of(order_ids: Iterable[str]) -> dict[str, str]:
    """Warning id per order id."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(order_ids))):
        found.update(Order.objects.filter(id__in=part).values_list("id", "decision__warning_id"))
    return found
