"""States of a task. Everything that changes a state is a row of TABLE; this file knows no clock and no person.

The nodes are those of the supervision rules: assign, sign for, handle, feed back, check, close, and the side roads of
return, transfer, extension, hold, suspension and reopening. The diagram in the guide is drawn from the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lantian.errors import LawError, TransitionError
from lantian.records import RequestKind, TaskKind, TaskState

__all__ = [
    "ENDED",
    "GRANTS",
    "OPEN_STATES",
    "RUNNING",
    "TABLE",
    "TRANSITIONS",
    "Actor",
    "Need",
    "TaskEvent",
    "Transition",
    "allowed",
    "binding",
    "check_binding",
    "may_ask",
    "move",
    "transition",
]


class TaskEvent(StrEnum):
    """What can happen to a task."""

    CLAIM = "claim"  # the responsible unit takes it on (签收)
    UNCLAIM = "unclaim"  # the sign-for was none: a message was wrongly taken for it
    BEGIN = "begin"  # it is on the spot, at work (承办)
    ANSWER = "answer"  # feedback (反馈)
    PASS = "pass"  # a second person accepts the answer (销号)
    RETURN = "return"  # a second person sends it back (退回)
    DECLINE = "decline"  # the unit sends the assignment back: not its own
    INSIST = "insist"  # the sender stands by the assignment
    TRANSFER = "transfer"  # to another unit (转办)
    EXTEND = "extend"  # a later due time, approved (延期)
    HOLD = "hold"  # cannot be done yet; looked at again on a day (挂账)
    LOOK = "look"  # looked at again, and a next day named
    SUSPEND = "suspend"  # the sender stops it for a while (中止)
    RESUME = "resume"  # goes on
    REOPEN = "reopen"  # closed too early (重开)
    WITHDRAW = "withdraw"  # its finding or order fell away, or the sender takes it back


class Actor(StrEnum):
    """Whose step it is."""

    HANDLER = "handler"  # the responsible unit
    SENDER = "sender"  # who sent it, or the lead unit
    CHECKER = "checker"  # a second person


class Need(StrEnum):
    """What a step cannot be without."""

    TEXT = "text"
    REASON = "reason"
    DATE = "date"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: in `state`, `event` by `actor` leads to `to`."""

    state: TaskState
    event: TaskEvent
    to: TaskState
    actor: Actor
    needs: frozenset[Need] = frozenset()


_S, _E, _A = TaskState, TaskEvent, Actor
_AT_WORK = (_S.CLAIMED, _S.IN_HAND, _S.RETURNED)
_REASON = frozenset({Need.REASON})


def _rows() -> tuple[Transition, ...]:
    rows = [
        Transition(_S.ISSUED, _E.CLAIM, _S.CLAIMED, _A.HANDLER),
        Transition(_S.ISSUED, _E.DECLINE, _S.DECLINED, _A.HANDLER, _REASON),
        Transition(_S.DECLINED, _E.INSIST, _S.ISSUED, _A.SENDER, _REASON),
        Transition(_S.CLAIMED, _E.UNCLAIM, _S.ISSUED, _A.SENDER, _REASON),
        Transition(_S.CLAIMED, _E.BEGIN, _S.IN_HAND, _A.HANDLER),
        *(
            Transition(state, _E.ANSWER, _S.ANSWERED, _A.HANDLER, frozenset({Need.TEXT}))
            for state in _AT_WORK
        ),
        Transition(_S.ANSWERED, _E.PASS, _S.CLOSED, _A.CHECKER),
        Transition(_S.ANSWERED, _E.RETURN, _S.RETURNED, _A.CHECKER, _REASON),
        Transition(_S.CLOSED, _E.REOPEN, _S.RETURNED, _A.CHECKER, _REASON),
        *(
            Transition(state, _E.TRANSFER, _S.ISSUED, _A.SENDER, frozenset({Need.UNIT, Need.REASON}))
            for state in (_S.ISSUED, _S.DECLINED, *_AT_WORK)
        ),
        *(
            Transition(state, _E.EXTEND, state, _A.SENDER, frozenset({Need.DATE, Need.REASON}))
            for state in (_S.ISSUED, *_AT_WORK)
        ),
        *(
            Transition(state, _E.HOLD, _S.ON_HOLD, _A.SENDER, frozenset({Need.DATE, Need.REASON}))
            for state in _AT_WORK
        ),
        Transition(_S.ON_HOLD, _E.LOOK, _S.ON_HOLD, _A.SENDER, frozenset({Need.DATE, Need.REASON})),
        *(Transition(state, _E.SUSPEND, _S.SUSPENDED, _A.SENDER, _REASON) for state in _AT_WORK),
        *(
            Transition(state, _E.RESUME, _S.IN_HAND, _A.SENDER, _REASON)
            for state in (_S.ON_HOLD, _S.SUSPENDED)
        ),
    ]
    ended = (_S.CLOSED, _S.WITHDRAWN)
    rows += [
        Transition(state, _E.WITHDRAW, _S.WITHDRAWN, _A.SENDER, _REASON)
        for state in TaskState
        if state not in ended
    ]
    return tuple(rows)


TABLE: tuple[Transition, ...] = _rows()
"""All steps there are."""

TRANSITIONS: Mapping[TaskState, Mapping[TaskEvent, TaskState]] = {
    state: {row.event: row.to for row in TABLE if row.state is state} for state in TaskState
}

ENDED = frozenset({TaskState.CLOSED, TaskState.WITHDRAWN})
"""Nobody has to act; a closed task can still be reopened."""

OPEN_STATES = frozenset(TaskState) - ENDED

RUNNING = frozenset({_S.ISSUED, _S.DECLINED, *_AT_WORK})
"""A clock runs for somebody."""

GRANTS: Mapping[RequestKind, TaskEvent] = {
    RequestKind.EXTENSION: TaskEvent.EXTEND,
    RequestKind.HOLD: TaskEvent.HOLD,
    RequestKind.SUSPEND: TaskEvent.SUSPEND,
    RequestKind.APPEAL: TaskEvent.WITHDRAW,
}
"""What happens to a task when what was asked is granted; a question is answered and moves nothing."""

_OBEYED_FIRST = frozenset(
    {TaskEvent.DECLINE, TaskEvent.TRANSFER, TaskEvent.EXTEND, TaskEvent.HOLD, TaskEvent.SUSPEND}
)


def move(state: TaskState, event: TaskEvent) -> TaskState:
    """The state after the event. TransitionError when the state does not allow it."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise TransitionError(f"a task that is {state} does not take {event}") from None


def transition(state: TaskState, event: TaskEvent) -> Transition:
    """The row of the table. TransitionError when there is none."""
    move(state, event)
    return next(row for row in TABLE if row.state is state and row.event is event)


def allowed(state: TaskState) -> tuple[TaskEvent, ...]:
    """Events that the state takes, in the table's order."""
    return tuple(TRANSITIONS[state])


def may_ask(kind: RequestKind, state: TaskState) -> bool:
    """Whether a task in the state knows the request: a question as long as it is open, the others by the table."""
    event = GRANTS.get(kind)
    return state in OPEN_STATES if event is None else event in allowed(state)


def binding(kind: TaskKind, emergency: bool) -> bool:
    """Whether the task carries an emergency order, which is obeyed first and contested after."""
    return kind is TaskKind.CARRY_OUT and emergency


def check_binding(kind: TaskKind, emergency: bool, event: TaskEvent) -> None:
    """LawError obeyed_first for a step that would suspend an emergency order."""
    if event in _OBEYED_FIRST and binding(kind, emergency):
        raise LawError("obeyed_first", "an emergency order is carried out first and heard after")
