"""Taking replies: a plain sign-for starts the clock at its own minute, a report becomes the answer of the one task it
can mean, a question goes to the sender of that one task, the rest waits for a person. What a reply was taken for is
written down with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from lantian.dispatch.reply import Label, Words
from lantian.errors import LantianError
from lantian.records import RequestKind, TaskState
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.replies.looking import Said, Seen, look, to_answer, to_sign, unquoted
from lantian_web.replies.models import Inlet, Reply, ReplyImport, ReplyState, ReplyTask, Use
from lantian_web.replies.people import People
from lantian_web.replies.rules import words_at
from lantian_web.rows import fingerprint, locked
from lantian_web.tasks.asking import ask
from lantian_web.tasks.commands import Feedback, answer_many, claim_many
from lantian_web.tasks.models import TEXT, Task

__all__ = ["TAKEN_FOR", "event", "take"]

LONGEST_TEXT, LONGEST_NAME = 2000, 80
TAKEN_FOR = frozenset({Use.SIGNED, Use.ANSWERED, Use.ASKED})
"""What a reply that was taken did to a task."""


def event(kind: str, row: Reply, by: str, now: datetime, before: str, **params: object) -> NewEvent:
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
        if not TAKEN_FOR & set(uses.values()):
            row.state, row.why = ReplyState.WAITING.value, "not taken by the task"
            row.save(update_fields=["state", "why"])
    ReplyTask.objects.bulk_create(ReplyTask(reply=row, task_id=key, use=use) for key, use in uses.items())
    if row.state != ReplyState.READ:
        emit([event(f"reply.{row.state}", row, "system", now, "", **_told(uses, seen.match.tasks))])
    return row, True


def _told(uses: dict[str, Use], tasks: Iterable[Task]) -> dict[str, object]:
    return {"tasks": {task.number: uses[task.id].value for task in tasks if task.id in uses}}


def _used(seen: Seen, at: datetime) -> dict[str, Use]:
    """Claim, and answer what a report answers, at the message's own time."""
    by = seen.sender.person_id
    if seen.reading.label is Label.DONE:
        task = to_answer(seen.match.tasks)
        assert task is not None, "its state was seen"
        done = _answered(task, by, at, unquoted(seen.said.text, seen.reading))
        return {task.id: Use.ANSWERED if done else Use.REFUSED}
    if seen.reading.label is Label.QUESTION:
        [task] = seen.match.tasks
        return {task.id: _asked(task, by, at, unquoted(seen.said.text, seen.reading))}
    told = claim_many(Feedback(task.id, by, at) for task in to_sign(seen.match.tasks))
    return {answer.id: Use.SIGNED if answer.done else Use.REFUSED for answer in told}


def _asked(task: Task, by: str, at: datetime, text: str) -> Use:
    """Put the question to the sender of the task; the task may not take it."""
    try:
        ask(task.id, RequestKind.QUESTION, text, None, by, at)
    except LantianError:
        return Use.REFUSED
    return Use.ASKED


def _answered(task: Task, by: str, at: datetime, text: str) -> bool:
    if TaskState(task.state) is TaskState.ISSUED:
        claim_many([Feedback(task.id, by, at)])
    return answer_many([Feedback(task.id, by, at, text[:TEXT])])[0].done
