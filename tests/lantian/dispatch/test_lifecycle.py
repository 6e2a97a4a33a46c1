from itertools import product

import pytest

from lantian.dispatch import OPEN_STATES, TRANSITIONS, TaskEvent, allowed, move
from lantian.errors import TransitionError
from lantian.records import TaskState

LEGAL = {
    (TaskState.ISSUED, TaskEvent.CLAIM): TaskState.CLAIMED,
    (TaskState.CLAIMED, TaskEvent.ANSWER): TaskState.ANSWERED,
    (TaskState.ANSWERED, TaskEvent.PASS): TaskState.CLOSED,
    (TaskState.ANSWERED, TaskEvent.RETURN): TaskState.RETURNED,
    (TaskState.RETURNED, TaskEvent.ANSWER): TaskState.ANSWERED,
    (TaskState.ISSUED, TaskEvent.WITHDRAW): TaskState.WITHDRAWN,
    (TaskState.CLAIMED, TaskEvent.WITHDRAW): TaskState.WITHDRAWN,
    (TaskState.ANSWERED, TaskEvent.WITHDRAW): TaskState.WITHDRAWN,
    (TaskState.RETURNED, TaskEvent.WITHDRAW): TaskState.WITHDRAWN,
}


@pytest.mark.parametrize(("state", "event"), list(product(TaskState, TaskEvent)))
def test_every_state_with_every_event(state, event):
    if (state, event) in LEGAL:
        assert move(state, event) is LEGAL[state, event]
        assert event in allowed(state)
    else:
        with pytest.raises(TransitionError, match=f"{state} does not take {event}"):
            move(state, event)


def test_closed_and_withdrawn_are_the_ends():
    assert set(TaskState) - OPEN_STATES == {TaskState.CLOSED, TaskState.WITHDRAWN}
    assert set(TRANSITIONS) == set(TaskState)
