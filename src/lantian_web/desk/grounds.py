"""On what an order stands, in words: the trigger rows of its decision and the clause of the law."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from lantian.errors import StandardsError
from lantian.periods import CITY_TZ
from lantian.standards import Row, in_force
from lantian_web.desk import wording
from lantian_web.orders.models import Decision

__all__ = ["Grounds", "grounds"]

TRIGGERS = "warning_triggers"


@dataclass(frozen=True, slots=True)
class Grounds:
    """The written reasons of a decision. `law_confidence` is empty when no clause is in force."""

    basis: str
    reason: str
    triggers: list[str]
    document: str
    law: str
    law_text: str
    law_confidence: str
    forecast: list[tuple[str, int]]


def grounds(decision: Decision) -> Grounds:
    """Read the rows that the decision names, in the edition it used."""
    rows = _trigger_rows(decision)
    law = _law(decision)
    return Grounds(
        basis=wording.label(decision.basis, "basis"),
        reason=decision.reason,
        triggers=[_trigger(row) for row in rows],
        document=rows[0].text("document") if rows else "",
        law=f"《{law.text('law')}》{law.text('article')}" if law else "",
        law_text=law.text("text") if law else "",
        law_confidence=law.confidence if law else "",
        forecast=[(str(day)[5:], aqi) for day, aqi in decision.forecast],
    )


def _trigger_rows(decision: Decision) -> list[Row]:
    """Rows of the trigger table named by the decision's footnotes (edition/level/alternative/atom)."""
    named = {"/".join(note[1].split("/")[1:4]) for note in decision.footnotes if note[0] == TRIGGERS}
    if not named:
        return []
    try:
        rows = in_force(TRIGGERS, decision.signed_at.astimezone(CITY_TZ).date(), decision.edition)
    except StandardsError:
        return []
    return [row for row in rows if f"{row['level']}/{row['alternative']}/{row['atom']}" in named]


def _trigger(row: Row) -> str:
    sign = {">": "＞", ">=": "≥"}.get(row.text("operator"), row.text("operator"))
    return _("forecast daily AQI %(sign)s %(value)s for %(hours)s h") % {
        "sign": sign,
        "value": row.text("value"),
        "hours": row.text("min_hours"),
    }


def _law(decision: Decision) -> Row | None:
    try:
        return in_force("legal_basis", decision.start_at.astimezone(CITY_TZ).date(), key="emergency_order")[0]
    except (StandardsError, IndexError):
        return None
