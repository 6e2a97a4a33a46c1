"""What a handler asks of the sender, and pauses of the feedback clock: by rule, with a reason, seen by both sides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from lantian.dispatch import GRANTS, binding, check_binding, may_ask
from lantian.dispatch.clock import pause_ends
from lantian.dispatch.deadline import may_pause
from lantian.dispatch.deferral import check_later, check_next_look
from lantian.errors import LawError, RightsError, TransitionError
from lantian.periods import local_day, to_ms
from lantian.records import RequestKind, TaskKind, TaskState, make_id
from lantian_web.accounts.models import Person
from lantian_web.events.commands import command, emit
from lantian_web.rows import fingerprint, insert, locked
from lantian_web.tasks.clocks import decide_by, resume_clock, start_clock, stop_clock, urgency_of
from lantian_web.tasks.commands import Settlement, settle_parts
from lantian_web.tasks.models import Pause, Request, Task
from lantian_web.tasks.moving import save, task_event, worded
from lantian_web.tasks.parties import Actors, Senders
from lantian_web.tasks.turning import STOPS, Turn, turn

__all__ = ["answer_question", "ask", "decide_request", "end_pause", "may_question", "pause", "run_pauses"]


def _one(task_id: str) -> Task:
    row = locked(Task.objects.filter(id=task_id)).first()
    if row is None:
        raise TransitionError("there is no such task")
    return row


@command
def ask(
    task_id: str, kind: RequestKind, reason: str, until: datetime | None, by: str, now: datetime
) -> Request:
    """A handler asks a question, for an extension, a hold, a suspension, or to be heard. Asking moves no clock.

    RightsError for others (a question may come from the plant that the task names, too); LawError obeyed_first where an
    emergency order would wait; TransitionError without a reason, in a state that does not know the step, after the due
    time (an extension is asked for before it), further than may be granted now, or when the same has been asked and not
    been answered.
    """
    row = _one(task_id)
    question = kind is RequestKind.QUESTION
    if not (question and may_question(by, row)):
        Actors([by], now).check(by, row)
    said = worded(reason)
    if kind in GRANTS and kind is not RequestKind.APPEAL:
        check_binding(TaskKind(row.kind), row.emergency, GRANTS[kind])
    if not may_ask(kind, TaskState(row.state)):
        raise TransitionError(f"a task that is {row.state} knows no {kind}")
    if not said:
        raise TransitionError(
            "a question needs its text" if question else f"asking for {kind} needs its reason"
        )
    if kind is RequestKind.EXTENSION:
        if row.feedback_due_at is None or now >= row.feedback_due_at:
            raise TransitionError("an extension is asked for before the due time")
        check_later(row.feedback_due_at, until, now)
    elif kind is RequestKind.HOLD:
        check_next_look(_day(until), now)
    same = row.requests.filter(kind=kind, decided_at=None)
    if (same.filter(reason=said) if question else same).exists():
        raise TransitionError(f"{kind} has been asked for and not been answered yet")
    request = Request(
        id=make_id("request", row.id, kind.value, row.requests.filter(kind=kind).count() + 1),
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        task_id=row.id,
        kind=kind.value,
        reason=said,
        until=until,
        asked_by=by,
        asked_at=now,
        decide_due_at=decide_by(kind, row.emergency, now),
    )
    insert([request])
    told = {"request": request.id, "asked": kind.value, "reason": said, "until": _iso(until)}
    event = "task.questioned" if question else "task.requested"
    emit([task_event(event, row, now, by, fingerprint(row), **told)])
    return request


def may_question(by: str, row: Task) -> bool:
    """Whether the person is of the plant that the task names: it may ask what it reads, whoever handles it."""
    people = Person.objects.filter(id=by, active=True, unit__enterprise_id=row.enterprise_id)
    return bool(row.enterprise_id) and people.exists()


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _day(until: datetime | None) -> date | None:
    return local_day(to_ms(until)) if until else None


@command
def decide_request(request_id: str, granted: bool, answer: str, by: str, now: datetime) -> None:
    """The sender grants or refuses, never who asked; a refusal says why. What is granted happens at once.

    An appeal against an emergency order is heard, and moves nothing: the order is lifted by who signs warnings.
    """
    request, row = _asked(request_id, by, now)
    said, kind = worded(answer), RequestKind(request.kind)
    if kind is RequestKind.QUESTION:
        raise TransitionError("a question is answered, neither granted nor refused")
    if granted and request.unit_id != row.unit_id:
        raise TransitionError("the task is with another unit than the one that asked")
    if not granted and not said:
        raise TransitionError("a refusal says why")
    request.granted = granted
    _answered(request, row, f"task.request_{'granted' if granted else 'refused'}", said, by, now)
    if granted and not (kind is RequestKind.APPEAL and binding(TaskKind(row.kind), row.emergency)):
        _grant(request, kind, by, now)


@command
def answer_question(request_id: str, answer: str, by: str, now: datetime) -> None:
    """The sender's side answers a question in words, never who asked; no clock and no state moves.

    RightsError for others; TransitionError without words, or when it is answered or was no question.
    """
    request, row = _asked(request_id, by, now)
    said = worded(answer)
    if request.kind != RequestKind.QUESTION:
        raise TransitionError("what is no question is granted or refused")
    if not said:
        raise TransitionError("an answer needs its text")
    _answered(request, row, "task.question_answered", said, by, now)


def _asked(request_id: str, by: str, now: datetime) -> tuple[Request, Task]:
    """An open request with its task, to be answered by this person. RightsError for others, and for who asked."""
    request = locked(Request.objects.filter(id=request_id)).first()
    if request is None or request.decided_at is not None:
        raise TransitionError("there is no such request, or it is answered")
    row = _one(request.task_id)
    if by == request.asked_by:
        raise RightsError(f"{by} has asked for it and does not decide on it")
    Senders([by], now).check(by, row)
    return request, row


def _answered(request: Request, row: Task, event: str, said: str, by: str, now: datetime) -> None:
    request.answer, request.decided_by, request.decided_at = said, by, now
    request.save(update_fields=["granted", "answer", "decided_by", "decided_at"])
    told = {
        "request": request.id,
        "asked": request.kind,
        "reason": said or request.reason,
        "asked_by": request.asked_by,
    }
    emit([task_event(event, row, now, by, fingerprint(row), **told)])


def _grant(request: Request, kind: RequestKind, by: str, now: datetime) -> None:
    on = _day(request.until)
    [done] = turn([Turn(request.task_id, GRANTS[kind], by, now, request.reason, request.until, on)])
    if done.why is not None:
        raise done.why
    if kind is RequestKind.APPEAL:
        settle_parts([Settlement(request.task_id, GRANTS[kind], by, now, request.reason)])


@command
def pause(task_id: str, rule: str, reason: str, by: str, now: datetime) -> None:
    """Let the feedback clock stand by a rule of the table; it goes on by `end_pause`, at the latest when the rule's
    time is over. RightsError for others than handler and sender, LawError where the rules know no pause."""
    row, said = _one(task_id), worded(reason)
    _either(by, row, now)
    found = may_pause(
        rule,
        local_day(to_ms(now)),
        binding=binding(TaskKind(row.kind), row.emergency),
        urgency=urgency_of(row.emergency),
    )
    if rule in STOPS.values():
        raise LawError("no_pause_rule", f"{rule} is decided by the sender")
    if row.paused_at is not None or row.state not in (
        TaskState.CLAIMED,
        TaskState.IN_HAND,
        TaskState.RETURNED,
    ):
        raise TransitionError("no feedback clock runs that could stand")
    if row.feedback_due_at is None or now >= row.feedback_due_at:
        raise TransitionError("a clock that has run out is not paused")
    if not said:
        raise TransitionError("a pause needs its reason")
    before = fingerprint(row)
    ends_at = pause_ends(found, now)
    stop_clock(row, rule, said, by, now, ends_at)
    start_clock(row, now)
    told = {"rule": rule, "reason": said, "ends_at": _iso(ends_at)}
    save([row], [task_event("task.paused", row, now, by, before, **told)])


@command
def end_pause(task_ids: Sequence[str], by: str, now: datetime) -> None:
    """Let clocks that stand go on, with the time that was left. TransitionError when one does not stand."""
    for task_id in task_ids:
        row = _one(task_id)
        if by != "system":
            _either(by, row, now)
        if row.paused_at is None or row.state in (TaskState.ON_HOLD, TaskState.SUSPENDED):
            raise TransitionError("this clock does not stand by a pause")
        before = fingerprint(row)
        resume_clock(row, now)
        start_clock(row, now)
        due = _iso(row.feedback_due_at)
        save([row], [task_event("task.unpaused", row, now, by, before, due_at=due)])


def run_pauses(now: datetime) -> int:
    """End every pause whose rule's time is over; the clock goes on from that instant, not from now."""
    over = Pause.objects.filter(until=None, ends_at__lte=now).order_by("ends_at", "id")
    return sum(_run_out(pk, task_id) for pk, task_id in list(over.values_list("pk", "task_id")))


@command
def _run_out(pk: int, task_id: str) -> bool:
    """End one pause, unless somebody has done so meanwhile."""
    _one(task_id)
    found = Pause.objects.filter(pk=pk, until=None).first()
    if found is None or found.ends_at is None:
        return False
    end_pause([task_id], "system", found.ends_at)
    return True


def _either(by: str, row: Task, now: datetime) -> None:
    try:
        Actors([by], now).check(by, row)
    except RightsError:
        Senders([by], now).check(by, row)
