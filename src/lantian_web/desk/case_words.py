"""Words of a case from warning to verdict: levels, orders, findings, measures, the rules they are judged by, what happened."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lantian_web.desk.task_words import TASK_EVENTS

__all__ = [
    "ACTIONS",
    "BANDS",
    "BANS",
    "BASES",
    "CONFIDENCE",
    "DECISIONS",
    "END_RULES",
    "EVENTS",
    "FINDING_KINDS",
    "FINDING_STATES",
    "GROUPS",
    "LEVELS",
    "LIGHTS",
    "MEASURES_OF",
    "METERS",
    "ORDER_STATES",
    "OUTCOMES",
    "PARAMETERS",
    "RULE_UNITS",
    "WHATS",
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
BANS = {
    "not_complied": lazy("what the task asks for is not done yet, so it cannot be closed"),
    "no_reason": lazy("this verdict needs its reason"),
    "missing_role": lazy("a responsible unit, leader or person is missing for this plant"),
    "conditions": lazy("conditions of closing are still open"),
}
BANDS = {"grace": lazy("Grace"), "unjudged": lazy("Not judged yet")}
