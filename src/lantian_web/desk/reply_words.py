"""The city's words for replies: how they were read, what became of them, what is in the way."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lantian.dispatch.reply import Label
from lantian.errors import DataError, LantianError
from lantian_web.desk.wording import refusal

__all__ = [
    "FATES",
    "LABELS",
    "LIGHTS",
    "NO_FILE",
    "STATES",
    "TOO_BIG",
    "UNSAID",
    "USES",
    "WHYS",
    "refused",
    "told",
]

LABELS: dict[str, Promise] = {
    Label.RECEIVED: pgettext_lazy("reply", "Signed for"),
    Label.DONE: pgettext_lazy("reply", "Reports it done"),
    Label.QUESTION: pgettext_lazy("reply", "Asks"),
    Label.REFUSED: pgettext_lazy("reply", "Declines"),
    Label.DELAYED: pgettext_lazy("reply", "Will be later"),
    Label.OTHER: pgettext_lazy("reply", "Something else"),
    Label.UNCLEAR: pgettext_lazy("reply", "Unclear"),
}
LIGHTS: dict[str, str] = {
    Label.RECEIVED: "green",
    Label.DONE: "green",
    Label.QUESTION: "amber",
    Label.REFUSED: "red",
    Label.DELAYED: "amber",
    Label.OTHER: "blind",
    Label.UNCLEAR: "blind",
}
STATES: dict[str, Promise] = {
    "waiting": pgettext_lazy("reply", "To be decided"),
    "taken": pgettext_lazy("reply", "Taken"),
    "settled": pgettext_lazy("reply", "Settled by a person"),
    "read": pgettext_lazy("reply", "Kept as read"),
    "dropped": pgettext_lazy("reply", "Taken back"),
}
FATES: dict[str, Promise] = {**STATES, "known": pgettext_lazy("reply", "known already, counts once")}
USES: dict[str, Promise] = {
    "proposed": pgettext_lazy("reply", "proposed"),
    "signed": pgettext_lazy("reply", "signed for"),
    "answered": pgettext_lazy("reply", "answered"),
    "asked": pgettext_lazy("reply", "asked its sender"),
    "refused": pgettext_lazy("reply", "did not take it"),
}
WHYS: dict[str, Promise] = {
    "stranger": lazy("nobody of this name is known"),
    "name of several people": lazy("several people have this name"),
    "of another county": lazy("the sender is of another county"),
    "in another's name": lazy("it is said in another's name"),
    "no time": lazy("the chat shows no time"),
    "from the future": lazy("its time is still to come"),
    "number not known": lazy("a number that is no task's"),
    "task of somebody else": lazy("a task of somebody else"),
    "before the task": lazy("written before the task was sent"),
    "before it was asked for anew": lazy(
        "written before a sign-for was taken back, or before it was insisted on, transferred, sent back or reopened"
    ),
    "by number": lazy("by the number in it"),
    "own tasks before it": lazy("the sender's tasks that were sent before it"),
    "by the quoted message": lazy("by the message it quotes"),
    "asks for nothing": lazy("asks for nothing"),
    "nothing to sign for": lazy("nothing was waiting to be signed for"),
    "not taken by the task": lazy("the task did not take it"),
    "asks others": lazy("it may be asked of somebody else in the chat"),
    "signs or asks": lazy("it asks, and may be a sign-for or a report as well"),
    "not plain": lazy("it is not plain what it asks"),
    "which task it asks about": lazy("it is not plain which task it asks about"),
    "asked already": lazy("the same has been asked already"),
    "asked long ago": lazy("asked so long ago that it may have been answered in the chat"),
    "put before a person": lazy("put aside at first, taken up by a person"),
    "long": lazy("longer than a question may be"),
}
_FOUND = frozenset({"by number", "own tasks before it", "by the quoted message"})
UNSAID: dict[str, frozenset[str]] = dict.fromkeys(STATES, frozenset()) | {
    "waiting": _FOUND,
    "read": frozenset({"asks for nothing"}),
}
"""What goes without saying, by state: how tasks were found is not what a reply waits for."""

NO_FILE = lazy("choose a file or paste a text")
TOO_BIG = lazy("too big: take a shorter stretch of the chat")
_READING: dict[str, Promise] = {
    "there is no message in it": lazy("there is no message in it"),
    "no columns of sender, time and text": lazy("no columns of sender, time and text"),
    "neither UTF-8 nor GB 18030 text": lazy("not a text that can be read"),
    "before the first message": lazy("before the first message"),
    "no such time": lazy("no such time"),
}
_REFUSED: dict[str, Promise] = {
    "choose the one task that it asks about": lazy("choose the one task that it asks about"),
    "choose the tasks that it means": lazy("choose the tasks that it means"),
    "say first whose reply it is": lazy("say first whose reply it is"),
}


def refused(error: LantianError) -> str:
    """Why a reply was not settled, in the city's words."""
    return str(_REFUSED.get(str(error)) or refusal(error))


def told(error: Exception | str) -> str:
    """What is wrong with a file or a line of it."""
    reason = str(error.reason) if isinstance(error, DataError) else str(error)
    for begins, said in _READING.items():
        if reason.startswith(begins):
            return str(said)
    return reason if isinstance(error, DataError) and not reason.isascii() else _("the input does not fit")
