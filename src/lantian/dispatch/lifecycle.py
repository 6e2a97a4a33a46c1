"""States of a task. Everything that changes a state is in TRANSITIONS; this file knows no clock and no role."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lantian.errors import TransitionError
from lantian.records import TaskState

__all__ = ["OPEN_STATES", "TRANSITIONS", "TaskEvent", "allowed", "move"]


class TaskEvent(StrEnum):
    """What can happen to a task."""

    CLAIM = "claim"  # the responsible unit takes it on (签收)
    ANSWER = "answer"  # feedback (反馈)
    PASS = "pass"  # a second person accepts the answer (销号)
    RETURN = "return"  # a second person sends it back (退回)
    WITHDRAW = "withdraw"  # its finding or order fell away


TRANSITIONS: Mapping[TaskState, Mapping[TaskEvent, TaskState]] = {
    TaskState.ISSUED: {TaskEvent.CLAIM: TaskState.CLAIMED, TaskEvent.WITHDRAW: TaskState.WITHDRAWN},
    TaskState.CLAIMED: {TaskEvent.ANSWER: TaskState.ANSWERED, TaskEvent.WITHDRAW: TaskState.WITHDRAWN},
    TaskState.ANSWERED: {
        TaskEvent.PASS: TaskState.CLOSED,
        TaskEvent.RETURN: TaskState.RETURNED,
        TaskEvent.WITHDRAW: TaskState.WITHDRAWN,
    },
    TaskState.RETURNED: {TaskEvent.ANSWER: TaskState.ANSWERED, TaskEvent.WITHDRAW: TaskState.WITHDRAWN},
    TaskState.CLOSED: {},
    TaskState.WITHDRAWN: {},
}

OPEN_STATES = frozenset(state for state, events in TRANSITIONS.items() if events)


def move(state: TaskState, event: TaskEvent) -> TaskState:
    """The state after the event. TransitionError when the state does not allow it."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise TransitionError(f"a task that is {state} does not take {event}") from None


def allowed(state: TaskState) -> tuple[TaskEvent, ...]:
    """Events that the state takes, in the table's order."""
    return tuple(TRANSITIONS[state])
