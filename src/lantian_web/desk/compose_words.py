"""Words of typed orders: what was read in the sentence, why a target got no task."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lantian.dispatch.deadline import kinds
from lantian.dispatch.deferral import TooFar
from lantian.dispatch.responsibility import MissingRole
from lantian.errors import DataError, LawError, PeriodError, RightsError, TransitionError
from lantian_web.accounts.models import Unit
from lantian_web.desk import wording
from lantian_web.inventory.models import Area, Enterprise

__all__ = ["EMPTY", "LISTS", "SAID", "kind_names", "refused", "said"]

SAID: Mapping[str, object] = {
    "due_time": lazy("due"),
    "at_once": lazy("at once"),
    "dispatch_kind": lazy("kind"),
    "time_unclear": lazy("this time can be read in two ways; choose one"),
    "no_office_day": lazy("nobody works on that day; choose a time"),
    "weekday_disagrees": lazy("day and weekday disagree; choose one"),
    "time_is_over": lazy("this time is over already"),
    "year_unpublished": lazy("the holidays of that year are not published; choose a time"),
    "times_disagree": lazy("more than one time; choose one"),
    "kinds_disagree": lazy("more than one kind is named; choose one"),
}
LISTS: Mapping[str, object] = {
    "sign": lazy("To sign for"),
    "soon": lazy("Due in 2 h"),
    "over": lazy("Overdue"),
    "hand": lazy("In hand"),
    "check": lazy("Answered, to be checked"),
    "wait": lazy("Sent back, on hold or suspended"),
    "down": lazy("Handed on below"),
}
"""Lists of a county's page."""
EMPTY: Mapping[str, object] = {
    "sign": lazy("Everything is signed for."),
    "soon": lazy("Nothing is due in the next two hours."),
    "over": lazy("Nothing is overdue."),
}
ROLES: Mapping[str, object] = {
    "lead_unit": lazy("lead unit"),
    "responsible_unit": lazy("responsible unit"),
    "responsible_leader": lazy("responsible leader"),
    "responsible_person": lazy("responsible person"),
}


def kind_names(on: date) -> dict[str, str]:
    """Names of the kinds of typed orders, in the city's order."""
    return {kind.key: kind.name_zh for kind in kinds(on)}


def said(code: str) -> str:
    """What a stretch of the sentence was taken for, or why it was not."""
    return str(SAID.get(code, code))


def refused(error: Exception | None) -> str:
    """Why something was not done, in words that say what to do."""
    if isinstance(error, MissingRole):
        return _("no %(role)s is entered for %(place)s") % {
            "role": ROLES.get(error.role.value, error.role.value),
            "place": _place(error.place),
        }
    if isinstance(error, LawError):
        words = {
            "reminded_lately": _("was reminded a few minutes ago already"),
            "obeyed_first": _("an emergency order is carried out first and heard after"),
        }
        return words.get(error.code) or wording.refusal(error)
    if isinstance(error, RightsError):
        return _("you may not do that here")
    if isinstance(error, PeriodError):
        return _("its clock reaches a year whose holidays are not published; name a due time")
    if isinstance(error, DataError):
        return {
            "text": _("the sentence is empty or longer than 400 characters"),
            "due_at": _("the due time is over already"),
            "due_stands": _("this order was sent with another due time already; write it as a new one"),
            "targets": _("there is nobody it could go to"),
            "doubt": _(
                "a time in it was not understood; choose one, or send once more for the clock of its kind"
            ),
        }.get(error.field, wording.refusal(error))
    if isinstance(error, TooFar):
        return _("that is too far off; %(day)s at the latest") % {"day": error.latest.isoformat()}
    if isinstance(error, TransitionError):
        return _("its state does not allow it, or something is missing: %(why)s") % {"why": _why(error)}
    return wording.refusal(error)


REASONS: Mapping[str, object] = {
    "an answer needs its text": lazy("the text of the answer"),
    "a refusal says why": lazy("a refusal says why"),
    "a question needs its text": lazy("the question has no text yet"),
    "a question is answered, neither granted nor refused": lazy(
        "a question is answered in words, neither granted nor refused"
    ),
    "what is no question is granted or refused": lazy("this is no question; it is granted or refused"),
    "an extension is asked for before the due time": lazy("an extension is asked for before the due time"),
    "passed on to whom?": lazy("to whom it was passed on"),
    "the task is with that unit already": lazy("it is with that unit already"),
    "the same part has been handed on already": lazy("the same part has been handed on already"),
    "nobody has to act on this task now": lazy("nobody has to act on it now"),
    "only a typed order is withdrawn by hand": lazy("only a typed order is taken back by hand"),
    "the task is with another unit than the one that asked": lazy(
        "it is with another unit than the one that asked"
    ),
    "this task is handed on no further down": lazy("it is handed on no further down"),
}


def _why(error: Exception) -> str:
    text = str(error)
    if text in REASONS:
        return str(REASONS[text])
    if "parts are not answered" in text:
        return _("a part that was handed on is not answered yet")
    if "needs its reason" in text:
        return _("the reason")
    if "later due time" in text:
        return _("a due time later than the one that stands")
    if "day of the next look" in text:
        return _("the day of the next look is missing, or not later than today")
    if "been asked for" in text:
        return _("the same has been asked and not been answered yet")
    return _("somebody was faster; load the page again")


def _place(pk: str) -> str:
    for rows in (Area.objects, Unit.objects, Enterprise.objects):
        name = rows.filter(pk=pk).values_list("name", flat=True).first()
        if name:
            return str(name)
    return pk
