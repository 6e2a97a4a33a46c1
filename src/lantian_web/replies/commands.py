"""Taking replies: a plain sign-for starts the clock at its own minute, a report becomes the answer of the one task it
can mean, the rest waits for a person. What a reply was taken for is written down with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from lantian.dispatch import TaskEvent, allowed
from lantian.dispatch.reply import Label, Reading, Words, read
from lantian.errors import RightsError, TransitionError
from lantian.periods import local_day, to_ms
from lantian.records import TaskKind, TaskState, make_id
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.replies.matching import Match, People, Sender, match
from lantian_web.replies.models import Inlet, Reply, ReplyImport, ReplyState, ReplyTask, Use
from lantian_web.replies.rules import span, words_at
from lantian_web.rows import Answer, fingerprint, locked
from lantian_web.tasks.commands import Feedback, answer_many, claim_many
from lantian_web.tasks.models import TEXT, Task
from lantian_web.tasks.turning import unclaim

__all__ = ["Said", "Seen", "dismiss", "look", "reply_id", "settle", "take", "take_back"]

LONGEST_TEXT, LONGEST_NAME, LONGEST_NOTE = 2000, 80, 200
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
    elif reading.name and _another(people.of(reading.name, "", said.kind, area_id), sender):
        found = Match(found.tasks, False, "in another's name")
    return Seen(said, key, reading, sender, found, _state(reading, found))


def _another(named: Sender, sender: Sender) -> bool:
    return named.why != "stranger" and named.person_id != sender.person_id


def _state(reading: Reading, found: Match) -> ReplyState:
    if not found.sure:
        return ReplyState.WAITING
    if reading.label is Label.RECEIVED:
        return ReplyState.TAKEN if _to_sign(found.tasks) else ReplyState.READ
    if reading.label is Label.DONE and _to_answer(found.tasks) is not None:
        return ReplyState.TAKEN
    return ReplyState.WAITING


def _to_sign(tasks: Iterable[Task]) -> list[Task]:
    return [task for task in tasks if TaskState(task.state) is TaskState.ISSUED]


def _to_answer(tasks: Sequence[Task]) -> Task | None:
    """The one task that a report can mean: one that is open and due for an answer."""
    able = [
        task
        for task in tasks
        if TaskState(task.state) is TaskState.ISSUED or TaskEvent.ANSWER in allowed(TaskState(task.state))
    ]
    if len(able) != 1 or (able[0].kind == TaskKind.CARRY_OUT and able[0].feedback_due_at is None):
        return None
    return able[0]


def _event(kind: str, row: Reply, by: str, now: datetime, before: str, **params: object) -> NewEvent:
    """What happened to a reply. The text is never in the log."""
    told = {"label": row.label, "sign": row.sign, "state": row.state, "why": row.why} | params
    return NewEvent(
        kind,
        by,
        now,
        "reply",
        row.id,
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params=told,
        before=before,
        after=fingerprint(row),
    )


@command
def take(
    said: Said,
    area_id: str,
    now: datetime,
    *,
    inlet: Inlet | None = None,
    file: ReplyImport | None = None,
    people: People | None = None,
    words: Words | None = None,
) -> tuple[Reply, bool]:
    """Take one message of a chat of the area; returns its row, and whether it is new. The same message counts once."""
    seen = look(said, area_id, people or People(), words or words_at(now), now)
    said = seen.said
    known = locked(Reply.objects.filter(pk=seen.id)).first()
    if known is not None:
        return known, False
    row = Reply(
        id=seen.id,
        area_id=area_id if seen.sender.why else seen.sender.area_id,
        unit_id="" if seen.sender.why else seen.sender.unit_id,
        enterprise_id="" if seen.sender.why else seen.sender.enterprise_id,
        inlet=inlet,
        file=file,
        line=said.line,
        group=said.group[:LONGEST_NAME],
        sender=said.sender.strip()[:LONGEST_NAME] or "—",
        person_id=seen.sender.person_id,
        text=said.text.strip()[:LONGEST_TEXT],
        sent_at=said.sent_at,
        received_at=now,
        label=seen.reading.label.value,
        sign=seen.reading.why,
        numbers=list(seen.reading.numbers),
        state=seen.state.value,
        why=seen.match.why,
    )
    if seen.state is ReplyState.READ and seen.reading.label is Label.RECEIVED:
        row.why = "nothing to sign for"
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the same message came twice at once
        return Reply.objects.get(pk=seen.id), False
    uses = {task.id: Use.PROPOSED for task in seen.match.tasks}
    if seen.state is ReplyState.TAKEN:
        assert said.sent_at is not None, "a message without a time waits"
        uses = _used(seen, min(said.sent_at, now))
        if Use.SIGNED not in uses.values() and Use.ANSWERED not in uses.values():
            row.state, row.why = ReplyState.WAITING.value, "not taken by the task"
            row.save(update_fields=["state", "why"])
    ReplyTask.objects.bulk_create(ReplyTask(reply=row, task_id=key, use=use) for key, use in uses.items())
    if row.state != ReplyState.READ:
        emit([_event(f"reply.{row.state}", row, "system", now, "", **_told(uses, seen.match.tasks))])
    return row, True


def _told(uses: dict[str, Use], tasks: Iterable[Task]) -> dict[str, object]:
    return {"tasks": {task.number: uses[task.id].value for task in tasks if task.id in uses}}


def _used(seen: Seen, at: datetime) -> dict[str, Use]:
    """Claim, and answer what a report answers, at the message's own time."""
    by = seen.sender.person_id
    if seen.reading.label is Label.DONE:
        task = _to_answer(seen.match.tasks)
        assert task is not None, "its state was seen"
        done = _answered(task, by, at, _unquoted(seen))
        return {task.id: Use.ANSWERED if done else Use.REFUSED}
    told = claim_many(Feedback(task.id, by, at) for task in _to_sign(seen.match.tasks))
    return {answer.id: Use.SIGNED if answer.done else Use.REFUSED for answer in told}


def _unquoted(seen: Seen) -> str:
    """The sender's own words, as they wrote them."""
    text = seen.said.text.strip()
    return _RULED.split(text)[-1].strip() if seen.reading.quote else text


def _answered(task: Task, by: str, at: datetime, text: str) -> bool:
    if TaskState(task.state) is TaskState.ISSUED:
        claim_many([Feedback(task.id, by, at)])
    return answer_many([Feedback(task.id, by, at, text[:TEXT])])[0].done


@command
def settle(
    key: str, use: Use, task_ids: Sequence[str], person_id: str, by: str, now: datetime, text: str = ""
) -> list[Answer]:
    """A person says what a waiting reply was: a sign-for of tasks, or the answer of them; an answer per task.

    The step is the sender's, at the reply's own time, and the person who says so is written down with it. RightsError
    when the sender has nothing to do with a task. TransitionError when the reply does not wait any more.
    """
    row = _waiting(key)
    before, at = fingerprint(row), min(row.sent_at or now, now)
    actor = row.person_id or person_id
    if person_id and actor != person_id:
        raise RightsError("it is another person's reply")
    if not actor:
        raise RightsError("say first whose reply it is")
    tasks = {task.id: task for task in Task.objects.filter(id__in=task_ids)}
    if not tasks or len(tasks) != len(set(task_ids)):
        raise TransitionError("choose the tasks that it means")
    if use is Use.SIGNED:
        told = claim_many(Feedback(task, actor, max(at, tasks[task].opened_at)) for task in task_ids)
    else:
        said = (text.strip() or row.text)[:TEXT]
        issued = [each for each in tasks.values() if TaskState(each.state) is TaskState.ISSUED]
        claim_many(Feedback(each.id, actor, max(at, each.opened_at)) for each in issued)
        told = answer_many(Feedback(task, actor, max(at, tasks[task].opened_at), said) for task in task_ids)
    if not any(answer.done for answer in told):
        raise next((answer.why for answer in told if answer.why), TransitionError("no task took it"))
    for answer in told:
        ReplyTask.objects.update_or_create(
            reply=row, task_id=answer.id, defaults={"use": use if answer.done else Use.REFUSED}
        )
    row.person_id = actor
    row.state, row.settled_by, row.settled_at = ReplyState.SETTLED.value, by, now
    row.save()
    numbers = {tasks[answer.id].number: (use if answer.done else Use.REFUSED).value for answer in told}
    emit([_event("reply.settled", row, by, now, before, tasks=numbers)])
    return told


@command
def dismiss(key: str, note: str, by: str, now: datetime) -> Reply:
    """A person has seen to a waiting reply in another way, or it needs nothing. TransitionError when it is settled."""
    row = _waiting(key)
    before = fingerprint(row)
    row.state, row.settled_by, row.settled_at = ReplyState.SETTLED.value, by, now
    row.note = note.strip()[:LONGEST_NOTE]
    row.save()
    emit([_event("reply.settled", row, by, now, before, note=row.note)])
    return row


@command
def take_back(key: str, reason: str, by: str, now: datetime) -> Reply:
    """A reply was wrongly taken for a sign-for or an answer: it counts no more, and the log says which tasks it moved.

    A task that nothing but this sign-for has moved waits again, with a whole claim clock, where the person may act for
    its sender. The others stay as they are: who sent them sends them back.
    """
    row = locked(Reply.objects.filter(pk=key)).get()
    if ReplyState(row.state) not in (ReplyState.TAKEN, ReplyState.SETTLED):
        raise TransitionError(f"a reply that is {row.state} was taken for nothing")
    if not reason.strip():
        raise TransitionError("say why")
    before, then = fingerprint(row), row.settled_at or row.received_at
    row.state, row.settled_by, row.settled_at = ReplyState.DROPPED.value, by, now
    row.note = reason.strip()[:LONGEST_NOTE]
    row.save()
    moved = (
        row.tasks.filter(use__in=(Use.SIGNED, Use.ANSWERED)).select_related("task").order_by("task__number")
    )
    signed = [each.task for each in moved if each.use == Use.SIGNED and _by_this_alone(each.task, row, then)]
    again = {
        answer.id for answer in unclaim([(task.id, row.note) for task in signed], by, now) if answer.done
    }
    told = {each.task.number: "waits again" if each.task_id in again else "stays" for each in moved}
    emit([_event("reply.taken_back", row, by, now, before, tasks=told, reason=row.note)])
    return row


def _by_this_alone(task: Task, row: Reply, then: datetime) -> bool:
    """Signed for by this reply, and nothing else has begun since."""
    claimed = TaskState(task.state) is TaskState.CLAIMED and task.claimed_by == row.person_id
    if task.paused_at or task.parts.exists() or task.requests.filter(decided_at=None).exists():
        return False
    return claimed and task.claimed_at == max(min(row.sent_at or then, then), task.opened_at)


def _waiting(key: str) -> Reply:
    row = locked(Reply.objects.filter(pk=key)).get()
    if ReplyState(row.state) is not ReplyState.WAITING:
        raise TransitionError(f"a reply that is {row.state} does not wait")
    return row
