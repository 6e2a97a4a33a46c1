"""The evidence pack of one finding: its raw rows, the order in force and the rule's rows in one checkable file."""

from __future__ import annotations

from pathlib import Path

from lantian.errors import DataError
from lantian.periods import day_bounds_ms
from lantian.standards import in_force
from lantian_store import evidence
from lantian_store.lake import Lake
from lantian_web.findings.models import Finding
from lantian_web.inventory.models import Line, Meter
from lantian_web.orders.models import Order
from lantian_web.orders.queries import measures_of

__all__ = ["pack_of"]


def pack_of(home: Path, finding: Finding) -> evidence.Pack:
    """Rows of the judged day of all meters of the lines concerned, production and treatment, as the lake holds them.

    DataError when the order is not in the registry. The same rows give the same bytes.
    """
    order = Order.objects.select_related("decision").filter(id=finding.order_id).first()
    if order is None:
        raise DataError(f"order {finding.order_id} is not in the registry", source=finding.id)
    lines = Meter.objects.filter(id__in=finding.points).values("line_id")
    points = list(Meter.objects.filter(line_id__in=lines).order_by("id").values_list("id", flat=True))
    rows = Lake(home).read("power", points, *day_bounds_ms(finding.on))
    rule = in_force("detection_rules", finding.on, finding.version, rule=finding.rule)
    return evidence.pack(
        finding.to_domain(), rows, _order(order), {"rows": [dict(row.cells) for row in rule]}
    )


def _order(order: Order) -> dict[str, object]:
    decision = order.decision
    measures = measures_of([order.id]).get(order.id, [])
    names = dict(Line.objects.filter(id__in=[m.line_id for m in measures]).values_list("id", "name"))
    return {
        "id": order.id,
        "number": f"{decision.number} / {order.number}",
        "level": order.level,
        "start_at": order.start_at,
        "end_at": order.end_at,
        "grace_s": order.grace_s,
        "list": order.list_paper,
        "measures": [
            {"action": m.action, "line": names.get(m.line_id, ""), "share": m.share, "row": m.list_row}
            for m in measures
        ],
        "decision": {
            "basis": decision.basis,
            "edition": decision.edition,
            "signer": decision.signer,
            "signed_at": decision.signed_at,
            "footnotes": decision.footnotes,
        },
    }
