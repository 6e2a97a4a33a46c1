"""Side roads of a task: back, on to another unit, later, on hold, suspended, reopened, taken back.

A task that carries an emergency order takes none that would suspend it: it is obeyed first, and heard after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lantian.dispatch import ENDED, OPEN_STATES, Actor, Need, TaskEvent, check_binding, transition
from lantian.dispatch.deferral import check_later, check_next_look
from lantian.errors import RightsError, TransitionError
from lantian.records import PartOf, RequestKind, TaskKind, TaskState
from lantian_web.events.commands import NewEvent, command
from lantian_web.rows import Answer, chunks
from lantian_web.tasks.clocks import due_times_again, resume_clock, start_clock, stop_clock
from lantian_web.tasks.commands import Settlement, settle, settle_parts
from lantian_web.tasks.models import Task
from lantian_web.tasks.moving import Admit, each, task_event, worded
from lantian_web.tasks.parties import Actors, Senders
from lantian_web.tasks.responsibility import Offices
from lantian_web.tasks.sending import orders_in

__all__ = [
    "Turn",
    "decline",
    "extend",
    "hold",
    "insist",
    "look",
    "reopen",
    "resume",
    "suspend",
    "transfer",
    "turn",
    "unclaim",
    "withdraw",
]

TOLD = {
    TaskEvent.DECLINE: "task.declined",
    TaskEvent.INSIST: "task.insisted",
    TaskEvent.UNCLAIM: "task.unclaimed",
    TaskEvent.TRANSFER: "task.transferred",
    TaskEvent.EXTEND: "task.due",
    TaskEvent.HOLD: "task.held",
    TaskEvent.LOOK: "task.looked",
    TaskEvent.SUSPEND: "task.suspended",
    TaskEvent.RESUME: "task.resumed",
    TaskEvent.REOPEN: "task.reopened",
    TaskEvent.WITHDRAW: "task.withdrawn",
}
"""Steps made here, and what is told of each."""

STOPS = {TaskEvent.HOLD: "hold", TaskEvent.SUSPEND: "suspend"}
"""Steps that let the feedback clock stand, by the rule of the pause."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's step on one task. `until` is a new due time, `on` the day of the next look, `unit` the next unit."""

    task_id: str
    event: TaskEvent
    by: str
    at: datetime
    reason: str = ""
    until: datetime | None = None
    on: date | None = None
    unit: str = ""


def _admits(items: Sequence[Turn]) -> Admit:
    people = [item.by for item in items]
    now = max(item.at for item in items)
    handlers, senders = Actors(people, now), Senders(people, now)
    event_of = {item.task_id: item.event for item in items}

    def check(by: str, row: Task) -> None:
        actor = transition(TaskState(row.state), event_of[row.id]).actor
        (handlers if actor is Actor.HANDLER else senders).check(by, row)

    return check


def _turned(row: Task, item: Turn, before: str) -> NewEvent:
    step = transition(TaskState(row.state), item.event)
    check_binding(TaskKind(row.kind), row.emergency, item.event)
    if item.event is TaskEvent.REOPEN and row.parent is not None and TaskState(row.parent.state) in ENDED:
        raise TransitionError("a part is reopened with its whole")
    _complete(row, item, step.needs)
    params: dict[str, object] = {"reason": worded(item.reason)}
    row.state = step.to.value
    match item.event:
        case TaskEvent.EXTEND:
            params |= {"was": _iso(row.feedback_due_at), "due_at": _iso(item.until)}
            resume_clock(row, item.at)  # a due time that was typed is not moved by the pause that ran
            row.feedback_due_at = item.until
        case TaskEvent.TRANSFER:
            params |= {"from_unit": row.unit_id, "unit": item.unit}
            questions = row.requests.filter(kind=RequestKind.QUESTION, decided_at=None)
            questions.update(decided_at=item.at, decided_by=item.by, answer=params["reason"])
            _hand_over(row, item)
        case TaskEvent.UNCLAIM:
            resume_clock(row, item.at)
            row.claimed_at, row.claimed_by = None, ""
            row.claim_due_at = due_times_again(row, item.at)[0]
        case TaskEvent.INSIST:
            row.claim_due_at = due_times_again(row, item.at)[0]
        case TaskEvent.HOLD | TaskEvent.LOOK:
            row.hold_until = item.on
            params["on"] = item.on.isoformat() if item.on else ""
        case TaskEvent.REOPEN:
            row.reopens += 1
            row.closed_at, row.returned_at = None, item.at
            row.feedback_due_at = due_times_again(row, item.at)[1]
        case TaskEvent.WITHDRAW:
            resume_clock(row, item.at)
            row.hold_until, row.closed_at = None, item.at
    if item.event in STOPS:
        stop_clock(row, STOPS[item.event], item.reason, item.by, item.at)
    elif item.event is TaskEvent.RESUME:
        row.hold_until = None
        resume_clock(row, item.at)
        params["due_at"] = _iso(row.feedback_due_at)
    if not (item.event is TaskEvent.EXTEND and row.state == TaskState.ISSUED):
        start_clock(row, item.at)  # whose claim clock runs goes on being late for that
    return task_event(TOLD[item.event], row, item.at, item.by, before, **params)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _complete(row: Task, item: Turn, needs: frozenset[Need]) -> None:
    """TransitionError for a step that lacks what it needs, or has what makes no sense."""
    if Need.REASON in needs and not item.reason.strip():
        raise TransitionError(f"{item.event} needs its reason")
    if Need.UNIT in needs and not item.unit:
        raise TransitionError(f"{item.event} needs the unit it goes to")
    if item.event is TaskEvent.EXTEND:
        check_later(row.feedback_due_at, item.until, item.at)
    elif Need.DATE in needs:
        check_next_look(item.on, item.at)


def _hand_over(row: Task, item: Turn) -> None:
    """The next unit has its own claim clock; by when the matter is answered does not move, but by a pause, which was the
    former unit's and ends. A plant reads what its own unit has, and no longer what went on to another."""
    if item.unit == row.unit_id:
        raise TransitionError("the task is with that unit already")
    found = Offices(item.at).roles_for("unit", item.unit, row.emergency, item.at)
    if not any(found.area_id.startswith(area) for area in orders_in(item.by, item.at)):
        raise RightsError(f"{item.by} orders nothing in {found.area_id}")
    row.unit_id, row.leader_id, row.person_id = found.unit, found.leader, found.person
    row.area_id = found.area_id
    if row.kind == TaskKind.DISPATCH:
        row.about_id = row.about_id or row.enterprise_id
        row.enterprise_id = found.enterprise_id
    resume_clock(row, item.at)
    row.claim_due_at = due_times_again(row, item.at)[0]
    row.claimed_at = row.started_at = None
    row.claimed_by = row.started_by = ""


def turn(items: Iterable[Turn]) -> list[Answer]:
    """People make steps of this module's table, each at their own instant; an answer per item."""
    return each(items, _turned, _admits)


def _turns(event: TaskEvent, items: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    return turn(Turn(key, event, by, now, reason) for key, reason in items)


def decline(items: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    """A unit sends assignments back, (id, reason) each: the sender transfers them or insists."""
    return _turns(TaskEvent.DECLINE, items, by, now)


def unclaim(items: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    """Sign-fors that were none are taken back, (id, reason) each: the tasks wait again, with a whole claim clock."""
    return _turns(TaskEvent.UNCLAIM, items, by, now)


def insist(items: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    """The sender stands by declined assignments; a new claim clock runs."""
    return _turns(TaskEvent.INSIST, items, by, now)


def transfer(items: Iterable[tuple[str, str, str]], by: str, now: datetime) -> list[Answer]:
    """The sender hands tasks to other units, (id, unit, reason) each. Parts that the former unit made fall away; who
    assists goes on assisting."""
    turns = [Turn(key, TaskEvent.TRANSFER, by, now, why, unit=unit) for key, unit, why in items]
    return [answer for part in chunks(turns) for answer in _transfer(part)]


@command
def _transfer(turns: Sequence[Turn]) -> list[Answer]:
    answers = turn(turns)
    gone = {item.task_id: item for item, answer in zip(turns, answers, strict=True) if answer.done}
    shares = Task.objects.filter(parent_id__in=list(gone), part=PartOf.SHARE, state__in=OPEN_STATES)
    whole = [(pk, gone[str(parent)]) for pk, parent in shares.order_by("id").values_list("id", "parent_id")]
    settle([Settlement(pk, TaskEvent.WITHDRAW, item.by, item.at, item.reason) for pk, item in whole])
    return answers


def extend(items: Iterable[tuple[str, datetime, str]], by: str, now: datetime) -> list[Answer]:
    """The sender gives tasks a later due time, (id, due time, reason) each."""
    return turn(Turn(key, TaskEvent.EXTEND, by, now, why, until=until) for key, until, why in items)


def hold(items: Iterable[tuple[str, date, str]], by: str, now: datetime) -> list[Answer]:
    """The sender puts tasks on hold until a day of the next look, (id, day, reason) each."""
    return turn(Turn(key, TaskEvent.HOLD, by, now, why, on=on) for key, on, why in items)


def look(key: str, on: date, note: str, by: str, now: datetime) -> list[Answer]:
    """A task on hold was looked at; the next look is on a later day."""
    return turn([Turn(key, TaskEvent.LOOK, by, now, note, on=on)])


def suspend(items: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    """The sender stops tasks for a while, (id, reason) each."""
    return _turns(TaskEvent.SUSPEND, items, by, now)


def resume(ids: Iterable[str], by: str, now: datetime, reason: str) -> list[Answer]:
    """Tasks on hold or suspended go on with the time they had left."""
    return _turns(TaskEvent.RESUME, ((key, reason) for key in ids), by, now)


def reopen(items: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    """Tasks were closed too early, (id, reason) each: back to their handlers with a new clock."""
    return _turns(TaskEvent.REOPEN, items, by, now)


def withdraw(items: Iterable[tuple[str, str]], by: str, now: datetime) -> list[Answer]:
    """The sender takes typed orders back with all their parts, (id, reason) each. What an order or a finding opened
    falls away with it, never by hand: TransitionError."""
    turns = [Turn(key, TaskEvent.WITHDRAW, by, now, why) for key, why in items]
    return [answer for part in chunks(turns) for answer in _withdraw(part)]


@command
def _withdraw(turns: Sequence[Turn]) -> list[Answer]:
    ids = [item.task_id for item in turns]
    other = set(Task.objects.filter(id__in=ids).exclude(kind=TaskKind.DISPATCH).values_list("id", flat=True))
    done = iter(turn([item for item in turns if item.task_id not in other]))
    refusal = TransitionError("only a typed order is withdrawn by hand")
    answers = [Answer(key, False, refusal) if key in other else next(done) for key in ids]
    settle_parts(
        [
            Settlement(t.task_id, t.event, t.by, t.at, t.reason)
            for t, a in zip(turns, answers, strict=True)
            if a.done
        ]
    )
    return answers
