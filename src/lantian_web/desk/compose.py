"""A typed order from sentence to batch: how it is read while it is typed, what became of each target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from secrets import token_hex
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from lantian.dispatch import Urgency
from lantian.dispatch.deadline import kind_of, kinds
from lantian.dispatch.sentence import Said, read
from lantian.errors import DataError, PeriodError
from lantian.periods import CITY_TZ, local_day, to_ms
from lantian.records import TaskState
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import actor, visible
from lantian_web.desk import wording
from lantian_web.desk.compose_words import kind_names, refused, said
from lantian_web.desk.picking import Choice, Line, Reach, orders_in
from lantian_web.desk.typed import instant
from lantian_web.tasks.clocks import due_times
from lantian_web.tasks.keeping import ANSWER
from lantian_web.tasks.models import Task, Template
from lantian_web.tasks.sending import Same, Sent, Target, first_sent, send, sent_before

__all__ = ["Batch", "Form", "Reading", "Result", "bar", "form_of", "fresh_token", "reading", "send_out"]

ROUTINE, EMERGENCY = "routine", "emergency"
TEMPLATES = 40
TIMES = frozenset(Said) - {Said.DUE, Said.AT_ONCE, Said.KIND, Said.KINDS_DISAGREE}
"""Why a time of the sentence was not taken."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as it is understood now. `due_typed` says that the due time stands in the sentence."""

    category: str
    category_typed: bool
    due_at: datetime | None
    due_typed: bool
    emergency: bool
    said: tuple[tuple[str, str, bool], ...]  # words, what they were taken for, whether they were taken
    mentioned: tuple[Choice, ...]
    doubtful: bool  # a time stands in it that is not understood

    def to_json(self, now: datetime) -> dict[str, Any]:
        """For the line under the sentence."""
        return {
            "category": self.category,
            "category_typed": self.category_typed,
            "due": self.due_at.astimezone(CITY_TZ).strftime("%Y-%m-%dT%H:%M") if self.due_at else "",
            "due_words": due_words(self.due_at, now),
            "due_typed": self.due_typed,
            "emergency": self.emergency,
            "doubtful": self.doubtful,
            "said": [{"words": words, "means": means, "taken": taken} for words, means, taken in self.said],
            "mentioned": [choice.to_json() for choice in self.mentioned],
        }


def due_words(due_at: datetime | None, now: datetime) -> str:
    """A due time with what is left until then."""
    if due_at is None:
        return ""
    return _("%(clock)s (in %(span)s)") % {
        "clock": wording.day_clock(due_at, now),
        "span": wording.span(due_at - now),
    }


def reading(reach: Reach, text: str, now: datetime, category: str = "") -> Reading:
    """What the sentence says: its kind (an urgent one without a kind is an emergency), due time, whom it names.

    Where it names no time the clocks of its kind count; where that cannot be told either there is no due time.
    """
    draft = read(text, now)
    urgent = draft.urgency is Urgency.EMERGENCY
    key = category or draft.category or (EMERGENCY if urgent else ROUTINE)
    kind = kind_of(key, local_day(to_ms(now)))
    due = draft.due_at
    if due is None:
        try:
            due = due_times(key, now, kind.urgency, None)[1]
        except PeriodError:
            due = None
    taken = {pair[0] for pair in draft.said} - {pair[0] for pair in draft.doubts}
    names = kind_names(local_day(to_ms(now)))
    told = tuple(
        (words, names.get(meaning.kind, "") or said(meaning.said.value), words in taken)
        for words, meaning in draft.said
    )
    return Reading(
        key,
        draft.category is not None,
        due,
        draft.due_at is not None,
        kind.urgency is Urgency.EMERGENCY,
        told,
        tuple(reach.mentioned(text)),
        draft.due_at is None and any(pair[1].said in TIMES for pair in draft.doubts),
    )


def fresh_token() -> str:
    """What a form is known by when it is sent a second time."""
    return token_hex(8)


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed: the sentence with its choices; an empty kind or due time is the sentence's own."""

    text: str = ""
    category: str = ""
    due_at: datetime | None = None
    due_text: str = ""
    basis: str = ""
    again: bool = False
    sure: bool = False  # sent all the same although a time in it was not understood
    picked: tuple[Choice, ...] = ()
    strangers: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    token: str = ""  # of the form as it was shown: sent twice, it is one order

    @property
    def unclear(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.choice is None)


def form_of(reach: Reach, given: QueryDict) -> Form:
    """The form of a request; targets come as fields, as one list of keys, or pasted as names."""
    keys = [*given.getlist("target"), *given.get("targets", "").split()]
    picked, strangers = reach.resolve(keys)
    lines = tuple(reach.match(given.get("names", ""))) if given.get("names", "").strip() else ()
    every = [*picked, *(line.choice for line in lines if line.choice)]
    if given.get("itself"):
        every = reach.themselves(every)
    due = given.get("due_at", "").strip()
    return Form(
        text=given.get("text", "").strip(),
        category=given.get("category", ""),
        due_at=_moment(due),
        due_text=due,
        basis=given.get("basis", "").strip()[:200],
        again=bool(given.get("again")),
        sure=bool(given.get("sure")),
        picked=tuple(dict.fromkeys(every)),
        strangers=tuple(strangers),
        lines=lines,
        token=given.get("token", "")[:40],
    )


def _moment(text: str) -> datetime | None:
    try:
        return instant(text, "due_at") if text else None
    except DataError:
        return None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one target. `token` is that of its own form to send it all the same; `due_at` the due time that
    stands where the same order was asked for with another one."""

    choice: Choice
    number: str = ""
    task_id: str = ""
    same: Same | None = None
    why: str = ""
    role: bool = False  # a missing role: the people's page is where it is put right
    due_at: datetime | None = None
    token: str = field(default_factory=fresh_token)


@dataclass(frozen=True, slots=True)
class Batch:
    """The answers of one sentence."""

    form: Form
    category: str
    due_at: datetime | None
    batch_id: str
    sent: Sequence[Result]
    same: Sequence[Result]
    refused: Sequence[Result]

    @property
    def total(self) -> int:
        return len(self.sent) + len(self.same) + len(self.refused)


def send_out(user: User, reach: Reach, form: Form, now: datetime) -> Batch:
    """Send the order; a target outside this log-in's areas is refused as if it were not there.

    DataError for a sentence that makes no sense, or one without anybody to go to.
    """
    if not form.picked and not form.strangers:
        raise DataError("an order needs somebody to go to", field="targets")
    if form.due_text and form.due_at is None:
        raise DataError("this is no due time", field="due_at")
    draft = reading(reach, form.text, now, form.category)
    first = first_sent(draft.category, form.text, actor(user), now, form.token)
    draft = reading(reach, form.text, first, draft.category) if first else draft
    due = form.due_at or (draft.due_at if draft.due_typed else None)
    names = {choice.target: choice for choice in form.picked}
    told = _told(draft, form, list(names), due, actor(user), now)
    sent = [Result(names[t.target], t.number, t.task_id) for t in told if t.done]
    same = [Result(names[t.target], same=t.same, due_at=t.due_at) for t in told if t.same is not None]
    same += [
        Result(names[t.target], same=Same(t.task_id, t.number, TaskState.WITHDRAWN))
        for t in told
        if t.taken_back
    ]
    refusals = [
        Result(names[t.target], why=refused(t.why), role=getattr(t.why, "code", "") == "missing_role")
        for t in told
        if t.why is not None
    ]
    refusals += [
        Result(Choice("", key, key), why=_("there is no such target here")) for key in form.strangers
    ]
    row = Task.objects.filter(pk=sent[0].task_id).first() if sent else None
    stands = row.feedback_due_at if row else next((there.due_at for there in same if there.due_at), None)
    return Batch(
        form,
        draft.category,
        stands or due,
        row.batch_id if row else "",
        sent,
        same,
        refusals,
    )


def _told(
    draft: Reading, form: Form, targets: Sequence[Target], due: datetime | None, by: str, now: datetime
) -> list[Sent]:
    """A doubt about the time holds back what was not sent before; a form that is repeated after its time was over is
    answered as the first time."""
    if draft.doubtful and form.due_at is None and not (form.sure or form.again):
        doubt = DataError("a time in the sentence is not understood", field="doubt")
        before = sent_before(draft.category, form.text, targets, by, form.token)
        if not before:
            raise doubt
        return [before.get(target) or Sent(target, why=doubt) for target in targets]
    if not targets:
        return []
    return send(
        draft.category,
        form.text,
        targets,
        by,
        now,
        due_at=due,
        basis=form.basis,
        again=form.again,
        token=form.token,
    )


def templates(user: User, *, answers: bool = False) -> list[Template]:
    """Kept sentences of this log-in's areas (or kept answers), the newest first."""
    rows = visible(user, Template.objects.filter(retired_at=None)).order_by("-made_at", "-pk")
    return list((rows.filter(category=ANSWER) if answers else rows.exclude(category=ANSWER))[:TEMPLATES])


def quota(now: datetime) -> Mapping[str, Any] | None:
    """How full the robots are, where notices are sent at all."""
    if find_spec("lantian_web.notices") is None or find_spec("lantian_web.notices.queries") is None:
        return None
    told = getattr(import_module("lantian_web.notices.queries"), "quota", None)
    return told(now) if told else None


def bar(user: User, now: datetime, form: Form | None = None) -> dict[str, Any] | None:
    """What the line at the top of a page needs; None for a log-in that orders nothing."""
    if not orders_in(user):
        return None
    on = local_day(to_ms(now))
    return {
        "form": form or Form(),
        "token": (form.token if form else "") or fresh_token(),
        "kinds": [(kind.key, kind.name_zh) for kind in kinds(on)],
        "templates": templates(user),
        "quota": quota(now),
        "who": user.person_id,
        "dues": [
            (_("in 1 h"), now + timedelta(hours=1)),
            (_("in 2 h"), now + timedelta(hours=2)),
            *_fixed(now),
        ],
    }


def _fixed(now: datetime) -> list[tuple[str, datetime]]:
    """Two usual hours of report: the evening's, else tomorrow's noon."""
    local = now.astimezone(CITY_TZ)
    evening = local.replace(hour=18, minute=0, second=0, microsecond=0)
    noon = evening.replace(hour=12) + timedelta(days=1)
    found = [(_("tomorrow 12:00"), noon)]
    return [(_("today 18:00"), evening), *found] if evening > now + timedelta(minutes=30) else found
