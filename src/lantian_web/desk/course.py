"""The course of a case: one line per thing that happened, in order, and whose minutes passed in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from lantian.periods import local_day, to_ms
from lantian.standards import in_force
from lantian_web.accounts.models import Unit, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import wording
from lantian_web.desk.step_words import RUNGS
from lantian_web.desk.task_files import File
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding
from lantian_web.letters.models import Letter, LetterState
from lantian_web.notices.models import MessageState, Notice, NoticeState
from lantian_web.orders.models import Order
from lantian_web.replies.models import Reply, ReplyTask
from lantian_web.tasks.models import Task

__all__ = ["Line", "Raw", "course", "letters_of", "notices_of", "replies_of"]

REPEATED = ("finding.changed", "task.reminded")
BAD = ("finding.proposed", "task.escalated", "task.returned", "finding.confirmed", "task.declined")
SILENT = ("order.issued", "warning.decided", "task.proven", "verdict.given")
SHOWN = 24  # notices and replies told one by one


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `after` is the time since the one before, `files` what was handed in with it."""

    at: datetime
    kind: str
    word: str
    actor: str
    note: str = ""
    after: timedelta | None = None
    times: int = 1
    until: datetime | None = None
    files: Sequence[File] = ()

    @property
    def bad(self) -> bool:
        return self.kind in BAD


@dataclass(frozen=True, slots=True)
class Raw:
    """One line before it is put in its place."""

    at: datetime
    kind: str
    actor: str = ""
    note: str = ""
    word: str = ""
    by: str = ""
    files: Sequence[File] = field(default_factory=tuple)


def course(
    events: Sequence[Event],
    orders: Sequence[Order],
    findings: Sequence[Finding],
    files: Sequence[File],
    people: Mapping[str, str],
    further: Iterable[Raw] = (),
) -> list[Line]:
    """All lines in order; equal ones in a row are one."""
    handed: defaultdict[tuple[datetime, str, str], list[File]] = defaultdict(list)
    for file in files:
        handed[file.row.at, file.row.by, file.row.step].append(file)
    raw = _ordered(orders, people)
    if not any(event.kind == "finding.proposed" for event in events):
        raw += [Raw(one.proposed_at, "finding.proposed") for one in findings[:6]]
    units = _units(events)
    for event in events:
        step = (event.happened_at, event.actor)
        if (
            event.kind == "task.proven" and raw and (raw[-1].at, raw[-1].by) == step
        ):  # told right after its step
            raw[-1] = replace(raw[-1], files=handed.pop((*step, event.params["step"]), []))
        if event.kind in SILENT:
            continue
        actor = people.get(event.actor, "")
        raw.append(Raw(event.happened_at, event.kind, actor, note_of(event, units), by=event.actor))
    for (moment, by, _step), rest in handed.items():
        raw.append(Raw(moment, "task.proven", people.get(by, by), by=by, files=rest))
    raw += further
    lines: list[Line] = []
    for one in sorted(raw, key=lambda row: row.at):
        _append(lines, one)
    return lines


def _append(lines: list[Line], one: Raw) -> None:
    last, actor = (lines[-1] if lines else None), one.actor or _("System")
    alike = last is not None and (last.kind, last.actor) == (one.kind, actor) and not one.files
    if last and alike and (last.at == one.at or one.kind in REPEATED):
        lines[-1] = replace(last, times=last.times + 1, until=one.at)  # one storm is one line
        return
    before = (last.until or last.at) if last else one.at
    after = one.at - before if one.at - before >= timedelta(minutes=1) else None
    word = one.word or wording.label(one.kind, "event")
    lines.append(Line(one.at, one.kind, word, actor, one.note, after, files=one.files))


def _ordered(orders: Sequence[Order], people: Mapping[str, str]) -> list[Raw]:
    raw = []
    for order in orders:
        signer = people.get(order.decision.signer, order.decision.signer)
        raw.append(
            Raw(order.decision.signed_at, "warning.decided", signer, wording.label(order.level, "level"))
        )
        end = wording.day_clock(order.start_at + timedelta(seconds=order.grace_s), order.start_at)
        raw.append(Raw(order.start_at, "order.starts", "", _("grace until %(clock)s") % {"clock": end}))
    return raw


def _params(event: Event) -> Mapping[str, Any]:
    return event.params if isinstance(event.params, dict) else {}


def _units(events: Iterable[Event]) -> dict[str, str]:
    ids = {str(_params(event).get("unit", "")) for event in events if event.kind == "task.transferred"}
    return dict(Unit.objects.filter(pk__in=ids - {""}).values_list("id", "name"))


def note_of(event: Event, units: Mapping[str, str]) -> str:
    """What an event says beside its kind, in words."""
    params = _params(event)
    said = str(params.get("text") or params.get("reason") or params.get("answer") or "")
    first = ""
    match event.kind:
        case "task.transferred":
            unit = str(params.get("unit", ""))
            first = _("to %(unit)s") % {"unit": units.get(unit, unit)}
        case "task.requested" | "task.request_granted" | "task.request_refused":
            first = wording.label(params.get("asked", ""), "request")
        case "task.paused":
            first = wording.label(params.get("rule", ""), "pause")
        case "task.escalated":
            step = str(params.get("step", ""))
            first, said = str(RUNGS.get(step, step)), ""
        case "task.passed_on":
            first, said = str(params.get("to", "")), ""
        case "task.held" | "task.looked":
            day = parse_date(str(params.get("on", "") or ""))
            first = _("next look on %(day)s") % {"day": wording.day_text(day)} if day else ""
        case "task.split":
            number = len(params.get("parts") or ())
            first, said = _("into %(n)d parts") % {"n": number}, ""
        case "task.claimed" | "task.answered" if params.get("late"):
            first = _("late")
    due = parse_datetime(str(params.get("due_at") or ""))
    if due and event.kind in ("task.due", "task.unpaused", "task.resumed"):
        first = _("due %(clock)s") % {"clock": wording.day_clock(due)}
    return _(", ").join(part for part in (first, said) if part)


def notices_of(user: User, task: Task, *, plant_only: bool) -> list[Raw]:
    """What was sent of the task, one line per message; what still waits is one line too."""
    rows = visible(user, Notice.objects.filter(subject_kind="task", subject_id=task.pk))
    if plant_only:
        rows = rows.filter(to_plant=True)
    found: dict[str, list[Notice]] = {}
    for row in rows.exclude(state=NoticeState.DROPPED).select_related("message__channel").order_by("pk"):
        found.setdefault(row.message.number if row.message else "", []).append(row)
    raw = []
    for number, notices in list(found.items())[:SHOWN]:
        message = notices[0].message
        if message is None:
            raw.append(Raw(notices[0].happened_at, "notice.queued", word=_("Notice waits to be sent")))
            continue
        if message.state in (MessageState.SENT, MessageState.TOLD) and (message.sent_at or message.told_at):
            word = _("Notice delivered")
        elif message.state == MessageState.FAILED:
            word = _("Notice not delivered, a person sees to it")
        else:
            word = _("Notice on its way")
        moment = message.sent_at or message.told_at or message.made_at
        raw.append(Raw(moment, f"notice.{message.state}", note=f"{message.channel.name} {number}", word=word))
    return raw


def replies_of(user: User, task: Task) -> list[Raw]:
    """What was said of it in a chat, as far as this log-in sees those who said it."""
    rows = ReplyTask.objects.filter(task=task, reply__in=visible(user, Reply.objects.all()))
    found = rows.select_related("reply").order_by("reply__received_at", "pk")[:SHOWN]
    return [
        Raw(
            one.reply.sent_at or one.reply.received_at,
            "reply.read",
            one.reply.sender,
            one.reply.text[:160],
            word=_("Reply in the chat"),
        )
        for one in found
    ]


def letters_of(user: User, task: Task) -> list[Raw]:
    """Rungs of supervision about it that are signed; drafts are the office's alone."""
    rows = visible(user, Letter.objects.filter(tasks__task=task, state=LetterState.SIGNED))
    raw = []
    for row in rows.order_by("signed_at", "pk").distinct():
        if row.signed_at is None:
            continue
        rungs = {
            one.text("rung"): one.text("name_zh") for one in in_force("ladder_rungs", _day(row.signed_at))
        }
        note = _(", ").join(part for part in (rungs.get(row.rung, row.rung), row.number) if part)
        raw.append(Raw(row.signed_at, "letter.signed", row.signer, note, word=_("Signed for supervision")))
    return raw


def _day(moment: datetime) -> date:
    return local_day(to_ms(moment))
