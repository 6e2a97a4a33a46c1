"""What a message means, before anything is written: how it is read, whose it is, which tasks, what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from lantian.dispatch import TaskEvent, allowed, may_ask
from lantian.dispatch.reply import Label, Reading, Words, read
from lantian.periods import local_day, to_ms
from lantian.records import RequestKind, TaskKind, TaskState, make_id
from lantian_web.replies.matching import OTHERS_NAME, PLAINLY, Match, match
from lantian_web.replies.models import ReplyState
from lantian_web.replies.people import People, Sender, in_anothers_name
from lantian_web.replies.rules import span
from lantian_web.tasks.asking import may_question
from lantian_web.tasks.clocks import decide_by
from lantian_web.tasks.models import TEXT, Task
from lantian_web.tasks.queries import to_answer_since, to_claim_since

__all__ = ["Said", "Seen", "look", "reply_id", "to_answer", "to_sign", "unquoted"]

_RULED = re.compile(r"\n\s*[-—–_=－─ ]{3,}\s*\n|」\s*\n?")


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it came. `kind` and `handle` are the chat and the sender's own name in it, where it gives one;
    `replies_to_order` is set where the chat says that it answers a task's notice."""

    sender: str
    text: str
    sent_at: datetime | None
    kind: str = ""
    handle: str = ""
    group: str = ""
    line: int = 0
    replies_to_order: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What would become of a message: how it is read, whose it is, what it means. `known` when it was taken before."""

    said: Said
    id: str
    reading: Reading
    sender: Sender
    match: Match
    state: ReplyState
    known: bool = False


def reply_id(said: Said, sender: Sender) -> str:
    """Derived from sender, minute and text, so that a message counts once however it came."""
    who = sender.person_id or said.sender.strip()
    minute = "" if said.sent_at is None else str(to_ms(said.sent_at) // 60_000)
    return make_id("reply", who, minute, " ".join(said.text.split()))


def _clean(said: Said, now: datetime) -> Said:
    """The message without what no registry keeps (half characters, NUL); a time years away is none."""
    sender, text, group = (
        each.encode(errors="replace").decode().replace("\0", "")
        for each in (said.sender, said.text, said.group)
    )
    handle = "" if "\0" in said.handle or not said.handle.isprintable() else said.handle
    sent = said.sent_at
    if sent is not None and abs(sent.year - now.year) > 1:
        sent = None
    return replace(said, sender=sender, text=text, group=group, handle=handle, sent_at=sent)


def look(said: Said, area_id: str, people: People, words: Words, now: datetime) -> Seen:
    """Read one message of a chat of the area and find what it means; nothing is written."""
    said = _clean(said, now)
    reading = read(said.text, words, replies_to_order=said.replies_to_order)
    sender = people.of(said.sender, said.handle, said.kind, area_id)
    key = reply_id(said, sender)
    if reading.label is Label.OTHER:
        return Seen(said, key, reading, sender, Match((), True, "asks for nothing"), ReplyState.READ)
    if said.sent_at is None:
        return Seen(said, key, reading, sender, Match((), False, "no time"), ReplyState.WAITING)
    ahead = said.sent_at - now
    if ahead > span("clock_ahead", local_day(to_ms(now))):
        return Seen(said, key, reading, sender, Match((), False, "from the future"), ReplyState.WAITING)
    signing = reading.label is Label.RECEIVED
    found = match(reading, sender, min(said.sent_at, now), signing=signing)
    if sender.why:
        found = Match(found.tasks, False, sender.why)
    elif in_anothers_name(reading, sender, people, said.kind, area_id):
        found = Match(found.tasks, False, OTHERS_NAME)
    elif reading.label is Label.QUESTION and people.names_another(reading.said, sender):
        found = Match(found.tasks, False, "asks others")
    elif found.sure and _outdated(reading.label, found.tasks, said.sent_at):
        found = Match(found.tasks, False, "before it was asked for anew")
    found, state = _fate(said, reading, sender, found, now)
    return Seen(said, key, reading, sender, found, state)


def _outdated(label: Label, tasks: Sequence[Task], sent_at: datetime) -> bool:
    """Whether one of the tasks was to be signed for, or the one reported on to be answered, anew after the message was
    written."""
    if label not in (Label.RECEIVED, Label.DONE):
        return False
    since = to_claim_since(to_sign(tasks))
    if label is Label.DONE and (task := to_answer(tasks)) is not None:
        since |= to_answer_since([task])
    return any(each > sent_at for each in since.values())


def _fate(
    said: Said, reading: Reading, sender: Sender, found: Match, now: datetime
) -> tuple[Match, ReplyState]:
    """What becomes of a reply; a question that is not plainly one of one task waits, and says why."""
    if reading.label is not Label.QUESTION or not found.sure or said.sent_at is None:
        return found, _state(reading, found)
    if reading.doubt:
        return Match(found.tasks, False, reading.doubt), ReplyState.WAITING
    if found.why == PLAINLY and not reading.about_order:
        return Match(found.tasks, False, "not plain"), ReplyState.WAITING
    at, task = min(said.sent_at, now), _to_ask(found)
    if task is None:
        return Match(found.tasks, True, "which task it asks about"), ReplyState.WAITING
    if not _asks_its_sender(task, sender):
        return Match(found.tasks, False, "asks others"), ReplyState.WAITING
    text = unquoted(said.text, reading)
    if _asked_before(task, text, sender.person_id, at):
        return Match((task,), True, "asked already"), ReplyState.READ
    if len(text) > TEXT or decide_by(RequestKind.QUESTION, task.emergency, at) <= now:
        why = "long" if len(text) > TEXT else "asked long ago"
        return Match((task,), False, why), ReplyState.WAITING
    return Match((task,), True, found.why), ReplyState.TAKEN


def _to_ask(found: Match) -> Task | None:
    """The one open task that a question can mean."""
    able = len(found.tasks) == 1 and may_ask(RequestKind.QUESTION, TaskState(found.tasks[0].state))
    return found.tasks[0] if able else None


def _asks_its_sender(task: Task, sender: Sender) -> bool:
    """Whether a question about the task is one to who sent it: by who handles it, or by the plant that it names. Who
    dispatches for the county, and who is of the sending side, asks those who handle it."""
    sent = task.opened_by == sender.person_id or sender.unit_id == task.lead_unit_id != task.unit_id
    own = sender.person_id == task.person_id or sender.unit_id == task.unit_id
    return not sent and (own or may_question(sender.person_id, task))


def _asked_before(task: Task, text: str, by: str, at: datetime) -> bool:
    """Whether the same words of the same person are an open question, or were answered after they were said."""
    same = task.requests.filter(kind=RequestKind.QUESTION, reason=text, asked_by=by)
    return same.filter(Q(decided_at=None) | Q(decided_at__gte=at)).exists()


def _state(reading: Reading, found: Match) -> ReplyState:
    if not found.sure:
        return ReplyState.WAITING
    if reading.label is Label.RECEIVED:
        return ReplyState.TAKEN if to_sign(found.tasks) else ReplyState.READ
    if reading.label is Label.DONE and to_answer(found.tasks) is not None:
        return ReplyState.TAKEN
    return ReplyState.WAITING


def to_sign(tasks: Iterable[Task]) -> list[Task]:
    """Tasks that wait for their sign-for."""
    return [task for task in tasks if TaskState(task.state) is TaskState.ISSUED]


def to_answer(tasks: Sequence[Task]) -> Task | None:
    """The one task that a report can mean: one that is open and due for an answer."""
    able = [
        task
        for task in tasks
        if TaskState(task.state) is TaskState.ISSUED or TaskEvent.ANSWER in allowed(TaskState(task.state))
    ]
    if len(able) != 1 or (able[0].kind == TaskKind.CARRY_OUT and able[0].feedback_due_at is None):
        return None
    return able[0]


def unquoted(text: str, reading: Reading) -> str:
    """The sender's own words, as they wrote them."""
    text = text.strip()
    return _RULED.split(text)[-1].strip() if reading.quote else text
