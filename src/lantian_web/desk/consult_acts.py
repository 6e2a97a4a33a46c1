"""What the keeper of a consultation's record can ask for: a form's fields in, one command, and why it was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from lantian.errors import DataError, LantianError, LawError
from lantian_web.consultations import closing, commands, outcomes
from lantian_web.consultations.models import AdviceState, Consultation, LookResult
from lantian_web.desk import consultation, story, wording
from lantian_web.desk.typed import instant

__all__ = ["ACTS", "advice_of", "instant", "reason"]

REASONS = {
    "capacity": lambda: _("there is a chair already, or nobody sits there in that capacity"),
    "name": lambda: _("the name is missing, too long, or in the list already"),
    "note": lambda: _("an absence needs its reason"),
    "reason": lambda: _("the reason is missing or too long"),
    "text": lambda: _("the text is missing or too long"),
    "decided_by": lambda: _("who decides has to be there; name the chair first"),
    "attendee": lambda: _("say first who gives the advice"),
    "targets": lambda: _("say whom it goes to"),
    "due_at": lambda: _("the due time is over already"),
    "number": lambda: _("there is no such task"),
    "held_at": lambda: _("the date and time cannot be read"),
}


def reason(error: LantianError) -> str:
    """Why it was refused, in the city's words."""
    if isinstance(error, LawError) and error.code == "record_incomplete":
        return _("the record is not complete; what is missing stands beside it")
    if isinstance(error, LawError) and error.code == "before_consultation":
        return _("that step was signed before the meeting")
    if isinstance(error, DataError) and error.field in REASONS:
        return REASONS[error.field]()
    return wording.refusal(error)


Act = Callable[[Consultation, QueryDict, str, datetime], object]


def _attend(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    absent = said.get("absent") == "1"
    return commands.attend(
        row.pk,
        said.get("capacity", ""),
        by,
        now,
        name=said.get("name", ""),
        unit=said.get("unit", ""),
        present=not absent,
        note=said.get("note", ""),
    )


def _head(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    return commands.set_head(
        row.pk, said.get("place", ""), instant(said.get("held_at", ""), "held_at"), by, now
    )


def _advise(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    giver, category = _number(said.get("given_by")), said.get("category", "")
    return commands.advise(row.pk, said.get("text", ""), giver, by, now, category)


def _decide(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    chair = consultation.chair_of(row)
    if chair is None:
        raise DataError("no chair", field="decided_by")
    state = _of(AdviceState, said.get("decision", ""))
    return commands.decide(advice_of(row, said), state, chair.pk, by, now, said.get("reason", ""))


def _look(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    result = _of(LookResult, said.get("result", ""))
    return outcomes.look(row.pk, said.get("advice", ""), result, by, now, said.get("reason", ""))


def _take_up(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    giver = _number(said.get("given_by"))
    return commands.take_up(row.pk, said.get("advice", ""), giver, by, now)


def _strike(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    return commands.take_back(advice_of(row, said), by, now)


def _leave(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    found = row.attendees.filter(pk=_number(said.get("attendee"))).first()
    return None if found is None else commands.leave(found.pk, by, now)


def _say(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    item = row.agenda.filter(pk=_number(said.get("item"))).first()
    if item is None:
        raise Http404
    return commands.say(item.pk, said.get("said", ""), by, now)


def _link(row: Consultation, said: QueryDict, by: str, now: datetime) -> object:
    if said.get("number", "").strip():
        return outcomes.link_task(advice_of(row, said), said.get("number", ""), by, now)
    return outcomes.link_decision(advice_of(row, said), said.get("warning", ""), by, now)


ACTS: Mapping[str, tuple[Act, str]] = {
    "attend": (_attend, "people"),
    "leave": (_leave, "people"),
    "head": (_head, "head"),
    "figures": (lambda row, said, by, now: commands.take_figures(row.pk, by, now), "head"),
    "agenda": (
        lambda row, said, by, now: commands.add_agenda(row.pk, said.get("text", ""), by, now),
        "agenda",
    ),
    "say": (_say, "agenda"),
    "advise": (_advise, "new"),
    "take_up": (_take_up, "advice"),
    "strike": (_strike, "advice"),
    "decide": (_decide, "row"),
    "link": (_link, "row"),
    "look": (_look, "look"),
    "close": (lambda row, said, by, now: closing.close(row.pk, by, now), "page"),
    "add": (lambda row, said, by, now: closing.add(row.pk, said.get("text", ""), by, now), "page"),
}
"""What the page can ask for, and which part of it changes."""


def advice_of(row: Consultation, said: QueryDict) -> str:
    """The advice of this record that is spoken of, or 404."""
    return story.one(row.advice.filter(pk=said.get("advice", ""))).pk


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 15 else 0


def _of(enum: Any, value: str) -> Any:
    try:
        return enum(value)
    except ValueError:
        raise Http404 from None
