"""What people do with replies: say what a waiting one was, take up one that was put aside, take back a wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lantian.dispatch.reply import read
from lantian.errors import RightsError, TransitionError
from lantian.records import RequestKind, TaskState
from lantian_web.events.commands import command, emit
from lantian_web.replies.commands import TAKEN_FOR, event
from lantian_web.replies.looking import unquoted
from lantian_web.replies.matching import match
from lantian_web.replies.models import Reply, ReplyState, ReplyTask, Use
from lantian_web.replies.people import People
from lantian_web.replies.rules import words_at
from lantian_web.rows import Answer, fingerprint, locked
from lantian_web.tasks.asking import ask
from lantian_web.tasks.commands import Feedback, answer_many, claim_many
from lantian_web.tasks.models import TEXT, Task
from lantian_web.tasks.queries import to_answer_since, to_claim_since
from lantian_web.tasks.turning import unclaim

__all__ = ["dismiss", "settle", "take_back", "to_person"]

LONGEST_NOTE = 200
ASKED_FOR = "put before a person"
"""Why a reply waits that was put aside first."""


@command
def settle(
    key: str, use: Use, task_ids: Sequence[str], person_id: str, by: str, now: datetime, text: str = ""
) -> list[Answer]:
    """A person says what a waiting reply was: a sign-for of tasks, the answer of them, or a question about one; an
    answer per task.

    The step is the sender's, at the reply's own time or since when the task is to be signed for or answered (a question's clock
    runs from `now`: nobody was asked before), and the person who says so is written down with it. RightsError when the
    sender has nothing to do with a task. TransitionError when the reply does not wait any more.
    """
    row = _waiting(key)
    before, at = fingerprint(row), min(row.sent_at or now, now)
    actor = row.person_id or person_id
    if person_id and actor != person_id:
        raise RightsError("it is another person's reply")
    if not actor:
        raise RightsError("say first whose reply it is")
    if use is Use.ASKED and len(task_ids) != 1:
        raise TransitionError("choose the one task that it asks about")
    tasks = {task.id: task for task in Task.objects.filter(id__in=task_ids)}
    if not tasks or len(tasks) != len(set(task_ids)):
        raise TransitionError("choose the tasks that it means")
    since = to_claim_since(tasks.values())
    if use is Use.ASKED:
        said = text.strip() or unquoted(row.text, read(row.text, words_at(now)))
        ask(task_ids[0], RequestKind.QUESTION, said, None, actor, now)
        told = [Answer(task_ids[0], True)]
    elif use is Use.SIGNED:
        told = claim_many(Feedback(task, actor, max(at, since[task])) for task in task_ids)
    else:
        said = (text.strip() or row.text)[:TEXT]
        issued = [each for each in tasks.values() if TaskState(each.state) is TaskState.ISSUED]
        claim_many(Feedback(each.id, actor, max(at, since[each.id])) for each in issued)
        due = to_answer_since(tasks.values())
        told = answer_many(Feedback(task, actor, max(at, due[task]), said) for task in task_ids)
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
    emit([event("reply.settled", row, by, now, before, tasks=numbers)])
    return told


@command
def dismiss(key: str, note: str, by: str, now: datetime) -> Reply:
    """A person has seen to a waiting reply in another way, or it needs nothing. TransitionError when it is settled."""
    row = _waiting(key)
    before = fingerprint(row)
    row.state, row.settled_by, row.settled_at = ReplyState.SETTLED.value, by, now
    row.note = note.strip()[:LONGEST_NOTE]
    row.save()
    emit([event("reply.settled", row, by, now, before, note=row.note)])
    return row


@command
def to_person(key: str, by: str, now: datetime) -> Reply:
    """A person wants to decide on a reply that was put aside: it waits after all, with the tasks that its sender had
    open. TransitionError when it was not put aside."""
    row = locked(Reply.objects.filter(pk=key)).get()
    if ReplyState(row.state) is not ReplyState.READ:
        raise TransitionError(f"a reply that is {row.state} was not put aside")
    before = fingerprint(row)
    row.state, row.why = ReplyState.WAITING.value, ASKED_FOR
    row.save(update_fields=["state", "why"])
    sender = People.known(row.person_id)
    if row.sent_at is not None and not sender.why:
        found = match(read(row.text, words_at(now)), sender, min(row.sent_at, now), signing=False)
        rows = [ReplyTask(reply=row, task=task, use=Use.PROPOSED) for task in found.tasks]
        ReplyTask.objects.bulk_create(rows, ignore_conflicts=True)
    emit([event("reply.waiting", row, by, now, before)])
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
    moved = row.tasks.filter(use__in=TAKEN_FOR).select_related("task").order_by("task__number")
    signed = [each.task for each in moved if each.use == Use.SIGNED and _by_this_alone(each.task, row, then)]
    again = {
        answer.id for answer in unclaim([(task.id, row.note) for task in signed], by, now) if answer.done
    }
    told = {each.task.number: "waits again" if each.task_id in again else "stays" for each in moved}
    emit([event("reply.taken_back", row, by, now, before, tasks=told, reason=row.note)])
    return row


def _by_this_alone(task: Task, row: Reply, then: datetime) -> bool:
    """Signed for by this reply, and nothing else has begun since; a question begins nothing."""
    claimed = TaskState(task.state) is TaskState.CLAIMED and task.claimed_by == row.person_id
    since = to_claim_since([task])[task.id]
    asked = task.requests.filter(decided_at=None).exclude(kind=RequestKind.QUESTION)
    if task.paused_at or task.parts.exists() or asked.exists():
        return False
    return claimed and task.claimed_at == max(min(row.sent_at or then, then), since)


def _waiting(key: str) -> Reply:
    row = locked(Reply.objects.filter(pk=key)).get()
    if ReplyState(row.state) is not ReplyState.WAITING:
        raise TransitionError(f"a reply that is {row.state} does not wait")
    return row
