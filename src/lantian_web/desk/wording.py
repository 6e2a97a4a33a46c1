"""Words of the console: labels of codes, spans of time, numbers, and the sentence of an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lantian.errors import DataError, LawError, RightsError, TransitionError
from lantian.periods import CITY_TZ
from lantian.records import Action, OrderState
from lantian_web.desk.air_words import (
    CAP_STATES,
    CARRIES,
    CAVEATS,
    DUST_MODES,
    EMISSION_BASIS,
    FEASIBILITY,
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
    UNSAID,
)
from lantian_web.desk.task_words import (
    CATEGORIES,
    CONDITIONS,
    MET,
    PARTS,
    PAUSES,
    REQUESTS,
    TASK_EVENTS,
    TASK_KINDS,
    TASK_STATES,
)
from lantian_web.orders.models import Order, OrderMeasure
from lantian_web.tasks.models import TEXT

__all__ = [
    "ACTIONS",
    "EVENTS",
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

LEVELS = {
    "none": lazy("No warning"),
    "blue": lazy("Blue"),
    "yellow": lazy("Yellow, level III"),
    "orange": lazy("Orange, level II"),
    "red": lazy("Red, level I"),
}
FINDING_KINDS = {
    "not_stopped": lazy("Not stopped"),
    "not_curtailed": lazy("Not curtailed"),
    "not_reduced": lazy("Not reduced"),
}
FINDING_STATES = {
    "proposed": lazy("To be confirmed"),
    "confirmed": lazy("Confirmed"),
    "dismissed": lazy("Dismissed"),
    "withdrawn": lazy("Withdrawn"),
}
OUTCOMES = {
    "complied": lazy("Complied"),
    "not_complied": lazy("Not complied"),
    "cannot_tell": lazy("Cannot tell"),
    "pending": lazy("Pending"),
}
ACTIONS = {
    "stop": pgettext_lazy("measure", "Stop"),
    "limit": pgettext_lazy("measure", "Limit"),
    "reduce": pgettext_lazy("measure", "Stop lines"),
    "autonomous": pgettext_lazy("measure", "Autonomous"),
    "exempt": pgettext_lazy("measure", "Exempt"),
}
ORDER_STATES = {"in_force": lazy("In force"), "superseded": lazy("Superseded"), "ended": lazy("Ended")}
DECISIONS = {
    "start": lazy("Start"),
    "raise": lazy("Raise"),
    "lower": lazy("Lower"),
    "extend": lazy("Extend"),
    "lift": lazy("Lift"),
}
BASES = {
    "rule": lazy("Trigger table"),
    "consultation": lazy("Consultation"),
    "superior_order": lazy("Order of a higher body"),
}
ROLES = {
    "analyst": lazy("City analyst"),
    "dispatcher": lazy("County dispatcher"),
    "plant_manager": lazy("Plant manager"),
    "system_manager": lazy("System manager"),
    "audit_manager": lazy("Audit manager"),
    "security_manager": lazy("Security manager"),
}
AQI_LEVELS = {
    "1": lazy("Excellent"),
    "2": lazy("Good"),
    "3": lazy("Light pollution"),
    "4": lazy("Moderate pollution"),
    "5": lazy("Heavy pollution"),
    "6": lazy("Severe pollution"),
}
CONFIDENCE = {
    "original": lazy("original text"),
    "official-copy": lazy("official copy"),
    "secondary": lazy("secondary source"),
    "proposed": lazy("project's proposal"),
    "unverified": lazy("not verified"),
}
METERS = {"production": lazy("Production"), "treatment": lazy("Treatment")}
END_RULES = {"until_lifted": lazy("until the lifting is announced")}
LIGHTS = {
    "red": lazy("Not complied, overdue"),
    "amber": lazy("Waits for a person"),
    "blind": lazy("Cannot tell"),
    "green": lazy("In order"),
}
EVENTS = {
    "warning.decided": lazy("Warning decided"),
    "order.issued": lazy("Order issued"),
    "order.superseded": lazy("Order superseded"),
    "order.ended": lazy("Order ended"),
    "finding.proposed": lazy("A rule proposed a finding"),
    "finding.changed": lazy("New data changed the numbers"),
    "finding.withdrawn": lazy("Finding withdrawn: the data no longer show it"),
    "finding.contradicted": lazy("Later data contradict the confirmed finding"),
    "finding.confirmed": lazy("Finding confirmed"),
    "finding.dismissed": lazy("Finding dismissed"),
    "verdict.given": lazy("Verdict given"),
    "order.starts": lazy("Order starts"),
    "bulletin.asked": lazy("Paper asked for"),
    "bulletin.made": lazy("Paper made"),
} | TASK_EVENTS
WHATS = {
    "confirm": lazy("To confirm"),
    "overdue": lazy("Overdue"),
    "request": lazy("Asked of you"),
    "declined": lazy("To reassign"),
    "check": lazy("To check"),
    "look": lazy("To look at again"),
    "returned": lazy("Returned"),
    "hand": lazy("To do"),
}
GROUPS = {
    "over": lazy("Time has run out"),
    "soon": lazy("Within 2 hours"),
    "today": lazy("Within 24 hours"),
    "later": lazy("Later"),
    "unclocked": lazy("No clock runs"),
}
MEASURES_OF = {
    "not_stopped": pgettext_lazy("measure", "Stop"),
    "not_curtailed": pgettext_lazy("measure", "Limit"),
    "not_reduced": pgettext_lazy("measure", "Stop lines"),
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
PARAMETERS = {
    "rated_share": lazy("share of rated power"),
    "idle_factor": lazy("factor on idle power"),
    "min_slots": lazy("quarter-hours in a row"),
    "strong_residual": lazy("residual that is a strong clue"),
    "grace": lazy("grace after the start"),
    "max_missing_share": lazy("missing share above which it cannot be told"),
    "tolerance": lazy("tolerance"),
    "baseline_days": lazy("days of the base"),
    "as": lazy("judged as"),
}
RULE_UNITS = {
    "None": "",
    "percent": "%",
    "share": "",
    "factor": lazy("times"),
    "slot": lazy("quarter-hours"),
    "h": lazy("hours"),
    "day": lazy("days"),
}
UNITS = {
    "ug/m3": "µg/m³",
    "mg/m3": "mg/m³",
    "percent": "%",
    "day": pgettext_lazy("unit", "days"),
    "days": pgettext_lazy("unit", "days"),
    "t/day": pgettext_lazy("unit", "t a day"),
}
ITEMS = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3", "o3_8h": "O3"}
INDICATORS = {
    "aqi_day": lazy("Daily AQI"),
    "pm25_day": lazy("Daily PM2.5"),
    "pm10_day": lazy("Daily PM10"),
    "so2_day": lazy("Daily SO2"),
    "no2_day": lazy("Daily NO2"),
    "co_day": lazy("Daily CO"),
    "o3_day": lazy("Daily O3 (8 h)"),
    "pm25_season": lazy("PM2.5 of the season"),
}
BANS = {
    "not_complied": lazy("what the task asks for is not done yet, so it cannot be closed"),
    "no_reason": lazy("this verdict needs its reason"),
    "missing_role": lazy("a responsible unit, leader or person is missing for this plant"),
    "conditions": lazy("conditions of closing are still open"),
}
BANDS = {"grace": lazy("Grace"), "unjudged": lazy("Not judged yet")}
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
