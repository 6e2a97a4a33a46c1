"""From a signed decision and the city's approved list to one order per listed plant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lantian.errors import DataError, LawError
from lantian.inventory import ListedMeasure
from lantian.periods import local_day, to_ms
from lantian.plan.warning import Decision, EndRule
from lantian.records import Action, DecisionKind, Level, Measure, Order, make_id
from lantian.standards import in_force
from lantian.units import convert

__all__ = [
    "demands",
    "listed_for",
    "orders_for",
    "standard_grace_s",
]

_DEMANDING = frozenset({Action.STOP, Action.LIMIT, Action.REDUCE})


def standard_grace_s(on: date) -> int:
    """Seconds a plant has from the start of an order until it is judged."""
    row = in_force("detection_rules", on, rule="P2", parameter="grace")[0]
    return int(convert(row.number(), row.text("unit"), "minute") * 60)


def listed_for(
    listed: Iterable[ListedMeasure], level: Level, on: date
) -> dict[str, tuple[ListedMeasure, ...]]:
    """Rows of the newest list in force on the day, per plant, in list order, for one level."""
    by_plant: dict[str, list[ListedMeasure]] = {}
    for row in listed:
        if row.level is level and row.valid_from <= on:
            by_plant.setdefault(row.enterprise_id, []).append(row)
    newest = {plant: max(row.valid_from for row in rows) for plant, rows in by_plant.items()}
    return {
        plant: tuple(
            sorted((row for row in rows if row.valid_from == newest[plant]), key=lambda row: row.row_no)
        )
        for plant, rows in by_plant.items()
    }


def _measure(row: ListedMeasure) -> Measure:
    if row.action is Action.LIMIT and not (row.share and 0 < row.share < 100):
        raise DataError("a limit needs a share between 0 and 100 percent", row=row.row_no, field="share")
    if row.action is Action.REDUCE and not row.line_id:
        raise DataError("a reduction names its line", row=row.row_no, field="line_id")
    return Measure(
        row.action,
        row.line_id if row.action is Action.REDUCE else None,
        row.share if row.action is Action.LIMIT else None,
    )


def _check(decision: Decision) -> None:
    if decision.kind is DecisionKind.LIFT or decision.level is Level.NONE:
        raise LawError("no_procedure", "lifting a warning ends orders; it makes none")
    if not decision.signer_id:
        raise LawError("no_signer", "an order needs a named signer")
    if decision.end_rule is EndRule.TARGET:
        raise LawError("end_tied_to_target", "an order must not end with the date of a target")


def _order(
    decision: Decision, rows: Sequence[ListedMeasure], area_of: Mapping[str, str], grace_s: int
) -> Order:
    plant = rows[0].enterprise_id
    if plant not in area_of:
        raise DataError("the list names a plant that is not in the inventory", row=rows[0].row_no)
    return Order(
        id=make_id("order", decision.id, plant),
        enterprise_id=plant,
        area_id=area_of[plant],
        decision_id=decision.id,
        level=decision.level,
        measures=tuple(_measure(row) for row in rows),
        start_ms=to_ms(decision.start_at),
        end_ms=None if decision.end_at is None else to_ms(decision.end_at),
        grace_s=grace_s,
    )


def orders_for(
    decision: Decision, listed: Iterable[ListedMeasure], area_of: Mapping[str, str], grace_s: int
) -> list[Order]:
    """One order per plant that the approved list names at the decision's level, sorted by plant.

    `area_of` maps a plant to its area. LawError: no_signer, no_procedure, end_tied_to_target. DataError names
    the list row that cannot be an order.
    """
    _check(decision)
    by_plant = listed_for(listed, decision.level, local_day(to_ms(decision.start_at)))
    return [_order(decision, by_plant[plant], area_of, grace_s) for plant in sorted(by_plant)]


def demands(order: Order) -> bool:
    """Whether the order asks for something that can be judged (not autonomous, not exempt)."""
    return any(measure.action in _DEMANDING for measure in order.measures)
