"""Words of the console: labels of codes, spans of time, numbers, and the sentence of an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lantian.errors import DataError, LawError, RightsError, TransitionError
from lantian.periods import CITY_TZ
from lantian.records import Action, OrderState
from lantian_web.desk.air_words import (
    AQI_LEVELS,
    CAP_STATES,
    CARRIES,
    CAVEATS,
    DUST_MODES,
    EMISSION_BASIS,
    FEASIBILITY,
    INDICATORS,
    ITEMS,
    LACKS,
    NOT_RANKED,
    PICTURES,
    PICTURES_SAY,
    RANK_SETS,
    RANK_SINCE,
    ROOTS,
    SHARED_BY,
    SPANS,
    STATS,
    STEPS,
    UNITS,
    UNSAID,
)
from lantian_web.desk.case_words import (
    ACTIONS,
    BANDS,
    BANS,
    BASES,
    CONFIDENCE,
    DECISIONS,
    END_RULES,
    EVENTS,
    FINDING_KINDS,
    FINDING_STATES,
    GROUPS,
    LEVELS,
    LIGHTS,
    MEASURES_OF,
    METERS,
    ORDER_STATES,
    OUTCOMES,
    PARAMETERS,
    RULE_UNITS,
    WHATS,
)
from lantian_web.desk.task_words import (
    CATEGORIES,
    CONDITIONS,
    MET,
    PARTS,
    PAUSES,
    REQUESTS,
    TASK_KINDS,
    TASK_STATES,
)
from lantian_web.orders.models import Order, OrderMeasure
from lantian_web.tasks.models import TEXT

__all__ = [
    "LABELS",
    "day_clock",
    "day_text",
    "label",
    "measures_text",
    "number",
    "order_state",
    "place",
    "refusal",
    "span",
]

ROLES = {
    "analyst": lazy("City analyst"),
    "dispatcher": lazy("County dispatcher"),
    "leader": lazy("Leading official"),
    "plant_manager": lazy("Plant manager"),
    "system_manager": lazy("System manager"),
    "audit_manager": lazy("Audit manager"),
    "security_manager": lazy("Security manager"),
}
TRADES = {
    "steel": lazy("Iron and steel"),
    "coking": lazy("Coking"),
    "cement": lazy("Cement"),
    "lime": lazy("Lime"),
    "brick": lazy("Bricks and tiles"),
    "ceramics": lazy("Ceramics"),
    "glass": lazy("Glass"),
    "foundry": lazy("Foundry"),
    "rolling": lazy("Non-ferrous rolling"),
    "chemicals": lazy("Chemicals"),
    "coating": lazy("Industrial coating"),
    "furniture": lazy("Furniture"),
    "printing": lazy("Printing and packaging"),
    "food": lazy("Food"),
    "heat": lazy("Heating"),
}
LABELS: Mapping[str, Mapping[str, object]] = {
    "level": LEVELS,
    "finding": FINDING_KINDS,
    "finding_state": FINDING_STATES,
    "outcome": OUTCOMES,
    "task": TASK_KINDS,
    "task_state": TASK_STATES
    | {"withdrawn": lazy("Withdrawn"), "open": lazy("Open"), "overdue": lazy("Overdue")},
    "action": ACTIONS,
    "order_state": ORDER_STATES,
    "decision": DECISIONS,
    "basis": BASES,
    "role": ROLES,
    "confidence": CONFIDENCE,
    "meter": METERS,
    "end_rule": END_RULES,
    "light": LIGHTS,
    "event": EVENTS,
    "aqi_level": AQI_LEVELS,
    "band": BANDS,
    "what": WHATS,
    "group": GROUPS,
    "measure_of": MEASURES_OF,
    "item": ITEMS,
    "unit": UNITS,
    "parameter": PARAMETERS,
    "rule_unit": RULE_UNITS,
    "trade": TRADES,
    "indicator": INDICATORS,
    "span": SPANS,
    "picture": PICTURES,
    "picture_says": PICTURES_SAY,
    "stat": STATS,
    "rank_set": RANK_SETS,
    "rank_by": STATS,
    "rank_vs": RANK_SINCE,
    "feasibility": FEASIBILITY,
    "cap_state": CAP_STATES,
    "unsaid": UNSAID,
    "root": ROOTS,
    "step": STEPS,
    "caveat": CAVEATS,
    "dispatch_kind": CATEGORIES,
    "part": PARTS,
    "request": REQUESTS,
    "pause": PAUSES,
    "condition": CONDITIONS,
    "met": MET,
    "not_ranked": NOT_RANKED,
    "dust_mode": DUST_MODES,
    "carries": CARRIES,
    "emission_basis": EMISSION_BASIS,
    "lacks": LACKS,
    "shared_by": SHARED_BY,
}


def label(code: object, of: str) -> str:
    """The word of a code; a code without a word is shown as it is, so that nothing is hidden."""
    return str(LABELS[of].get(str(code), code))


def span(length: timedelta | float) -> str:
    """A length of time in at most two units."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    minutes = int(abs(seconds)) // 60
    days, rest = divmod(minutes, 1440)
    hours, minute = divmod(rest, 60)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minute}
    return _("%(minutes)d min") % {"minutes": minute}


def day_text(day: object) -> str:
    """Month and day of a date or datetime."""
    moment = day.astimezone(CITY_TZ) if isinstance(day, datetime) else day
    return _("%(month)d/%(day)d") % {"month": getattr(moment, "month", 0), "day": getattr(moment, "day", 0)}


def day_clock(moment: datetime, now: datetime | None = None) -> str:
    """Clock time, with its day when that is not today's."""
    local = moment.astimezone(CITY_TZ)
    clock = f"{local:%H:%M}"
    if now is not None:
        today = now.astimezone(CITY_TZ).date()
        if local.date() == today:
            return clock
        if (local.year, local.month) == (today.year, today.month):
            return _("day %(day)d %(clock)s") % {"day": local.day, "clock": clock}
    return f"{day_text(local)} {clock}"


def order_state(order: Order, now: datetime | None) -> str:
    """How an order stands at `now`: one whose end is still to come is in force until then."""
    end = order.end_at
    if end is None or now is None or end <= now or end <= order.start_at:
        return label(order.state, "order_state")
    said = {"end": day_clock(end, now)}
    if order.state == OrderState.ENDED:
        return _("In force (until %(end)s, then ended)") % said
    return _("In force (until %(end)s, then superseded)") % said


def place(area: str, plant: str) -> str:
    """Plant with its county before it, unless the name begins with it already."""
    return plant if plant.startswith(area) else f"{area} {plant}"


def refusal(error: Exception | None) -> str:
    """Why a command said no, in the city's words; its own English stays in the log."""
    if isinstance(error, LawError):
        return str(BANS.get(error.code, _("the rules forbid it (%(code)s)") % {"code": error.code}))
    if isinstance(error, RightsError):
        return _("your post may not do that; nobody closes their own task")
    if isinstance(error, TransitionError):
        return _("its state has changed meanwhile, or the text is missing; load the page again")
    if isinstance(error, DataError) and error.field == "text":
        return _("at most %(n)d characters are kept; shorten it") % {"n": TEXT}
    return _("the input does not fit")


def number(value: object, places: int = 0) -> str:
    """Thousands separated, a true minus, an em dash for what cannot be told."""
    if value is None or value == "":
        return "—"
    return f"{float(str(value)):,.{places}f}".replace("-", "−")


def measures_text(measures: Iterable[OrderMeasure], lines: Mapping[str, str]) -> str:
    """What an order asks, in one sentence."""
    parts: list[str] = []
    stopped = [lines.get(m.line_id, m.line_id) for m in measures if m.action == Action.REDUCE]
    if stopped:
        parts.append(_("%(lines)s stand still") % {"lines": _(", ").join(stopped)})
    for measure in measures:
        if measure.action == Action.STOP:
            parts.append(_("The whole plant stands still"))
        elif measure.action == Action.LIMIT:
            parts.append(
                _("Production limited by %(share)d %%: energy of a day at most %(rest)d %% of its base")
                % {"share": measure.share or 0, "rest": 100 - (measure.share or 0)}
            )
        elif measure.action == Action.AUTONOMOUS:
            parts.append(_("Reduces by itself, nothing is judged: %(reason)s") % {"reason": measure.reason})
        elif measure.action == Action.EXEMPT:
            parts.append(_("Exempt: %(reason)s") % {"reason": measure.reason})
    return _("; ").join(parts)
