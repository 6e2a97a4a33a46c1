"""Words of the page of people: duties, charges, missing roles, and why something was not entered."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lantian.dispatch.responsibility import MissingRole, RoleName
from lantian.errors import DataError, LantianError

__all__ = ["CHARGES", "DUTIES", "FIELDS", "ROLES", "missing", "told"]

DUTIES = {
    "signer": lazy("Signing leader"),
    "analyst": lazy("Analyst"),
    "leader": lazy("Responsible leader"),
    "dispatcher": lazy("Dispatcher"),
    "checker": pgettext_lazy("duty", "Checker"),
    "manager": lazy("Environment manager"),
}
CHARGES = {
    "leader_area": lazy("Leader of an area"),
    "county_link": lazy("Linked with a county"),
    "plant_sponsor": lazy("Sponsor of a plant"),
    "project_sponsor": lazy("Sponsor of a project"),
}
ROLES = {
    RoleName.LEAD_UNIT: lazy("lead unit"),
    RoleName.UNIT: lazy("responsible unit"),
    RoleName.LEADER: lazy("responsible leader"),
    RoleName.PERSON: lazy("responsible person"),
}
FIELDS = {
    "since": lazy("From"),
    "until": lazy("To"),
    "from": lazy("From"),
    "to": lazy("To"),
}
REASONS = {
    "the end is not after the beginning": lazy("the end is not after the beginning"),
    "unknown person": lazy("unknown person"),
    "unknown unit": lazy("unknown unit"),
    "unknown plant": lazy("unknown plant"),
    "no longer active": lazy("no longer active"),
    "stand-in named already for that time": lazy("stand-in named already for that time"),
    "they would stand in for each other in a circle": lazy("they would stand in for each other in a circle"),
    "somebody has this watch already": lazy("somebody has this watch already"),
    "this watch was changed by somebody else": lazy("this watch was changed by somebody else"),
    "this acting has ended already": lazy("this acting has ended already"),
    "this charge has ended already": lazy("this charge has ended already"),
    "a watch cannot be changed with itself": lazy("a watch cannot be changed with itself"),
    "what the person is charged with is missing": lazy("what the person is charged with is missing"),
    "an old .xls file under another name: save it as .xlsx": lazy(
        "an old .xls file under another name: save it as .xlsx"
    ),
    "protected by a password": lazy("protected by a password"),
    "not an Excel workbook: save it as .xlsx": lazy("not an Excel workbook: save it as .xlsx"),
    "the workbook is damaged": lazy("the workbook is damaged"),
    "none of the template's sheets is in this file": lazy("none of the template's sheets is in this file"),
    "rows are refused: mend them, or take in the good ones alone": lazy(
        "rows are refused: mend them, or take in the good ones alone"
    ),
    "this file is no longer kept: choose it again": lazy("this file is no longer kept: choose it again"),
    "this log-in stands for no person": lazy("this log-in stands for no person"),
}


def missing(one: MissingRole, place: str) -> str:
    """A missing role in words: which, and where."""
    return _("No %(role)s: %(place)s") % {"role": ROLES[one.role], "place": place}


def told(error: LantianError) -> str:
    """Why something was not done."""
    reason = error.reason if isinstance(error, DataError) else str(error)
    words = str(REASONS.get(reason, reason))
    return f"{error.source}: {words}" if isinstance(error, DataError) and error.source else words
