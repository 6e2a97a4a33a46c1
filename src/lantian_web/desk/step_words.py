"""Words of the steps that a case offers: what the button says, what it means, and why a step was refused."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lantian.errors import DataError, LawError, PeriodError, RightsError, StoreError, TransitionError
from lantian.records import RequestKind, TaskState
from lantian_web.desk import compose_words, wording

__all__ = ["PARTS", "RUNGS", "SAYS", "STEPS", "told"]

STEPS: Mapping[str, object] = {
    "claim": lazy("Claim"),
    "begin": lazy("On the spot"),
    "answer": lazy("Answer"),
    "decline": lazy("Send back: not ours"),
    "ask_question": lazy("Ask a question"),
    "ask_extension": lazy("Ask for more time"),
    "ask_hold": lazy("Ask to put it on hold"),
    "ask_suspend": lazy("Ask to suspend it"),
    "ask_appeal": lazy("Ask to be heard"),
    "pause": lazy("Stop the clock by a rule"),
    "end_pause": lazy("Let the clock go on"),
    "pass_on": lazy("Keep as passed on"),
    "check": lazy("Check"),
    "close": lazy("Checked, close"),
    "return": lazy("Send back"),
    "reply": lazy("Answer the question"),
    "grant": lazy("Grant"),
    "refuse": lazy("Refuse"),
    "insist": lazy("Insist: it stays with them"),
    "transfer": lazy("Transfer to another unit"),
    "extend": lazy("Give more time"),
    "hold": lazy("Put on hold"),
    "look": lazy("Looked at again"),
    "suspend": lazy("Suspend"),
    "resume": lazy("Let it go on"),
    "reopen": lazy("Reopen"),
    "withdraw": lazy("Withdraw"),
}
"""What the button says."""

SAYS: Mapping[str, object] = {
    "claim": lazy("Claiming says: we have it and act on it. It admits nothing."),
    "ask_extension": lazy("Asking moves no clock; it is moved when the sender grants it."),
    "ask_question": lazy("Asking stops and pauses nothing; the sender answers in words."),
    "question_binding": lazy(
        "An emergency order is obeyed first and answered meanwhile: asking stops and pauses nothing."
    ),
    "ask_appeal": lazy("The sender hears you and answers with a reason."),
    "appeal_binding": lazy(
        "An emergency order is obeyed first and heard after: asking suspends nothing. You get an answer."
    ),
    "pause": lazy(
        "Both sides see since when, by which rule and why; it ends by itself when the rule's time is over."
    ),
    "check": lazy("Nobody closes their own task; every verdict but a plain close needs its reason."),
    "check_unit": lazy("Nobody closes their own task: the checker is of another unit than the handler."),
    "check_county": lazy("Nobody closes their own task: the checker is of another county than the handler."),
    "withdraw": lazy("It falls away with all its parts; nobody acts on it any more."),
    "hold": lazy("The clock stands until the day of the next look."),
    "reopen": lazy("It goes back to its handler with a new clock; the old verdict stays."),
    "transfer": lazy("The next unit signs for it anew; the day of the answer does not move."),
}
"""What it means, where that needs saying."""

LAWS: Mapping[str, object] = {
    "obeyed_first": lazy("an emergency order is carried out first and heard after"),
    "no_pause_rule": lazy("no rule lets the clock stand for this reason"),
    "not_in_emergency": lazy("this rule does not stop an emergency clock"),
    "conditions": lazy("conditions of closing are still open; each is met, or does not apply and says why"),
    "not_complied": lazy("what the task asks for is not done yet, so it cannot be closed"),
    "no_reason": lazy("this verdict needs its reason"),
}
RIGHTS: Mapping[str, object] = {
    "handled this task and cannot close it": lazy(
        "you handled this task yourself; a second person closes it"
    ),
    "the checker is of the unit": lazy("you are of the unit that handled it; another unit checks it"),
    "the checker is of the county": lazy("you are of the county that handled it; another county checks it"),
    "checks nothing in": lazy("you hold no checking post for this place"),
    "handles task": lazy("you are of the unit that handles it; the sender decides"),
    "has not sent task": lazy("only the sender, the lead unit or an analyst of the place decides this"),
    "has nothing to do with task": lazy("only the responsible unit and the county's dispatcher act on it"),
    "has asked for it and does not decide": lazy("you asked for it yourself; somebody else decides"),
    "stands for no person": lazy("this log-in stands for no person"),
}
STATES: Mapping[str, object] = {
    "an answer needs its text": lazy("the answer has no text yet"),
    "parts are not answered yet": lazy("a part that was handed on is not answered yet"),
    "asked for before the due time": lazy("more time is asked for before the due time, not after it"),
    "a later due time": lazy("the new due time has to be later than the one that stands"),
    "day of the next look": lazy("the day of the next look is missing, or not later than today"),
    "has been asked for and not been answered": lazy("the same has been asked and is not answered yet"),
    "no such request": lazy("this request is answered already"),
    "a refusal says why": lazy("a refusal says why"),
    "a question needs its text": lazy("the question has no text yet"),
    "a question is answered": lazy("a question is answered in words, neither granted nor refused"),
    "no question is granted": lazy("this is no question; it is granted or refused"),
    "no feedback clock runs": lazy("no clock runs that could be stopped"),
    "has run out is not paused": lazy("a clock that has run out is not stopped any more"),
    "does not stand by a pause": lazy("the clock does not stand"),
    "needs its reason": lazy("its reason is missing"),
    "needs the unit": lazy("the unit it goes to is missing"),
    "with that unit already": lazy("it is with that unit already"),
    "passed on to whom": lazy("to whom it was passed on is missing"),
    "was just checked": lazy("somebody has just checked it"),
    "only a typed order is withdrawn": lazy("only a typed order is withdrawn by hand"),
    "no such open task": lazy("nobody has to act on it now"),
    "no such task": lazy("there is no such task"),
}
FILES: Mapping[str, object] = {
    "media": lazy("only photos, PDF, Excel, Word (without macros) and MP4 are taken"),
    "size": lazy("the files are too large"),
    "files": lazy("at most nine files at once"),
    "until": lazy("this is no time"),
    "on": lazy("this is no day"),
    "outcome": lazy("choose an outcome"),
    "conditions": lazy("say of each condition whether it is met"),
}
RUNGS: Mapping[str, object] = {
    "near_due": lazy("near due"),
    "yellow": lazy("yellow slip"),
    "red": lazy("red slip"),
}
"""Steps of escalation."""
PARTS: Mapping[str, object] = {
    "late_data": lazy("Readings"),
    "late_order": lazy("Deciding and sending"),
    "late_claim": lazy("Signing for it"),
    "late_action": lazy("Handling"),
    "late_check": pgettext_lazy("delay", "Checking"),
}
"""Whose minutes passed."""
_STATE = re.compile(r"^a task that is (\w+) ")


def told(error: Exception | None) -> str:
    """Why a step was refused, in words that say what to do."""
    text = str(error)
    if isinstance(error, LawError) and error.code in LAWS:
        return str(LAWS[error.code])
    if isinstance(error, RightsError):
        return _found(RIGHTS, text) or wording.refusal(error)
    if isinstance(error, TransitionError):
        state = _STATE.match(text)
        if state and state[1] in set(TaskState):
            return _("it is %(state)s now; this step is not open then. Load the page again") % {
                "state": wording.label(state[1], "task_state")
            }
        return _found(STATES, text) or compose_words.refused(error)
    if isinstance(error, DataError) and error.field in FILES:
        said = str(FILES[error.field])
        return f"{error.source}：{said}" if error.source else said
    if isinstance(error, PeriodError):
        return _("its clock reaches a year whose holidays are not published; name a due time")
    if isinstance(error, StoreError):
        return _("the file could not be kept")
    return compose_words.refused(error)


def _found(words: Mapping[str, object], text: str) -> str:
    return next((str(word) for part, word in words.items() if part in text), "")


assert all(f"ask_{kind.value}" in STEPS for kind in RequestKind), "every request has its button"
