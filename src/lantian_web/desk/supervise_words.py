"""Words of supervision: rungs, what sets one off, parts of a delay, matchers of a silence, lists of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lantian.errors import LawError, RightsError, TransitionError

__all__ = ["LATE", "LETTER_STATES", "LISTS", "MATCHES", "PAPERS", "RUNGS", "TRIGGERS", "refused"]

RUNGS = {
    "supervision_letter": lazy("Supervision letter"),
    "admonition": lazy("Admonition"),
    "circular": lazy("Circular of criticism"),
    "accountability": lazy("Proposal of accountability"),
}
PAPERS = {
    "supervision_letter": pgettext_lazy("title of a paper", "Supervision letter"),
    "admonition": pgettext_lazy("title of a paper", "Call to an admonition"),
    "circular": pgettext_lazy("title of a paper", "Circular on tasks not done in time"),
    "accountability": pgettext_lazy("title of a paper", "Proposal of accountability"),
}
TRIGGERS = {
    "overdue": lazy("too long on the highest step"),
    "repeated": lazy("again and again"),
    "unanswered": lazy("the rung below was left without effect"),
}
LETTER_STATES = {
    "drafted": lazy("To be signed"),
    "signed": pgettext_lazy("letter", "Signed"),
    "dropped": pgettext_lazy("letter", "Dropped"),
}
LATE = {
    "late_data": lazy("Data"),
    "late_order": pgettext_lazy("delay", "Order"),
    "late_claim": pgettext_lazy("delay", "Sign-for"),
    "late_action": pgettext_lazy("delay", "Action"),
    "late_check": pgettext_lazy("delay", "Check"),
}
MATCHES = {
    "area": pgettext_lazy("silence", "County or township"),
    "unit": pgettext_lazy("silence", "Unit"),
    "enterprise": pgettext_lazy("silence", "Plant"),
    "person": pgettext_lazy("silence", "Person"),
    "category": pgettext_lazy("silence", "Kind of task"),
}
LISTS = {
    "overdue": lazy("Overdue"),
    "silent": lazy("Not signed for"),
    "declined": lazy("Sent back, to be reassigned"),
    "requests": lazy("Requests waiting"),
    "holds": lazy("Holds to look at"),
    "reminded": lazy("Reminded of too often"),
}
BANS = {
    "rung_skipped": lazy("the rung below it has not been signed; say why it is skipped"),
    "silence_too_long": lazy("a silence may not last that long"),
}


def refused(error: Exception) -> str:
    """Why a step of supervision was not done."""
    if isinstance(error, LawError):
        return str(BANS.get(error.code, _("the rules forbid it (%(code)s)") % {"code": error.code}))
    if isinstance(error, RightsError):
        return _("your office does not decide on this")
    if isinstance(error, TransitionError):
        return _("it was decided meanwhile, a text is missing, or a task has been on this rung already")
    return _("what was named is not known, or means more than one")
