"""What a signed decision does to the plants: the orders it ends, and one order for every listed plant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q

from lantian import inventory, plan, records
from lantian.periods import local_day, to_ms
from lantian.records import DecisionKind, OrderState
from lantian_web.accounts.queries import plant_units
from lantian_web.events.commands import NewEvent
from lantian_web.inventory.models import Enterprise
from lantian_web.inventory.queries import listed
from lantian_web.orders.models import Order, OrderMeasure
from lantian_web.rows import fingerprint, insert, locked, rewrite

__all__ = ["end_orders", "issue_orders"]


def _replaced(decided: plan.Decision) -> list[Order]:
    """Orders of the area that would reach past the decision's start, also those whose end lies ahead."""
    reaches = Q(end_at__isnull=True) | (Q(end_at__gt=decided.start_at) & Q(end_at__gt=F("start_at")))
    return list(locked(Order.objects.filter(reaches, area_id__startswith=decided.area_id).order_by("id")))


def end_orders(decided: plan.Decision, now: datetime) -> list[NewEvent]:
    """End what the decision replaces at the moment it starts; one that had not begun was never in force."""
    if decided.kind is DecisionKind.EXTEND:
        return []
    lifted = decided.kind is DecisionKind.LIFT
    state = OrderState.ENDED if lifted else OrderState.SUPERSEDED
    rows = _replaced(decided)
    was, before = [row.state for row in rows], [fingerprint(row) for row in rows]
    for row in rows:
        row.state, row.end_at = state.value, max(decided.start_at, row.start_at)
    rewrite(rows, ["state", "end_at"], guard="state", was=was)
    kind = "order.ended" if lifted else "order.superseded"
    by = decided.signer_id
    return [_order_event(kind, row, by, now, old) for row, old in zip(rows, before, strict=True)]


def _order_event(kind: str, row: Order, by: str, now: datetime, before: str, **params: object) -> NewEvent:
    told = {
        "number": row.number,
        "decision": row.decision_id,
        "level": row.level,
        "start_at": row.start_at.isoformat(),
        "end_at": row.end_at.isoformat() if row.end_at else None,
    }
    return NewEvent(
        kind,
        by,
        now,
        "order",
        row.id,
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params=told | params,
        before=before,
        after=fingerprint(row),
    )


def issue_orders(decided: plan.Decision, now: datetime) -> list[NewEvent]:
    """One order per plant that the approved list names at the level, exempt and autonomous ones too."""
    if decided.kind in (DecisionKind.EXTEND, DecisionKind.LIFT):
        return []
    on, by = local_day(to_ms(decided.start_at)), decided.signer_id
    approved = listed(decided.level, on, decided.area_id)
    area_of = dict(Enterprise.objects.values_list("id", "area_id"))
    unit_of = plant_units()
    made = plan.orders_for(decided, approved, area_of, plan.standard_grace_s(on))
    stands_on = plan.listed_for(approved, decided.level, on)
    rows = [
        _order(number, order, decided, stands_on[order.enterprise_id], unit_of.get(order.enterprise_id, ""))
        for number, order in enumerate(made, start=1)
    ]
    insert(rows)
    insert(
        [
            _measure(order.id, measure, row)
            for order in made
            for measure, row in zip(order.measures, stands_on[order.enterprise_id], strict=True)
        ]
    )
    return [
        _order_event("order.issued", row, by, now, "", demands=plan.demands(order), measures=_told(order))
        for row, order in zip(rows, made, strict=True)
    ]


def _order(
    number: int,
    order: records.Order,
    decided: plan.Decision,
    stands_on: Sequence[inventory.ListedMeasure],
    unit_id: str,
) -> Order:
    return Order(
        id=order.id,
        area_id=order.area_id,
        unit_id=unit_id,
        enterprise_id=order.enterprise_id,
        number=number,
        decision_id=decided.id,
        level=order.level.value,
        state=OrderState.IN_FORCE.value,
        start_at=decided.start_at,
        grace_s=order.grace_s,
        list_paper=stands_on[0].paper,
        end_rule=decided.end_rule.value,
    )


def _measure(order_id: str, measure: records.Measure, row: inventory.ListedMeasure) -> OrderMeasure:
    return OrderMeasure(
        order_id=order_id,
        action=measure.action.value,
        line_id=measure.line_id or "",
        share=measure.share,
        list_row=row.row_no,
        reason=row.reason,
    )


def _told(order: records.Order) -> list[list[object]]:
    return [[measure.action.value, measure.line_id, measure.share] for measure in order.measures]
