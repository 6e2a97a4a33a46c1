from itertools import product

import pytest

from lantian.dispatch import (
    ENDED,
    GRANTS,
    OPEN_STATES,
    TABLE,
    TRANSITIONS,
    Actor,
    Need,
    TaskEvent,
    allowed,
    check_binding,
    may_ask,
    move,
    transition,
)
from lantian.errors import LawError, TransitionError
from lantian.records import RequestKind, TaskKind, TaskState

S, E = TaskState, TaskEvent
WORK = (S.CLAIMED, S.IN_HAND, S.RETURNED)
LEGAL = {
    (S.ISSUED, E.CLAIM): S.CLAIMED,
    (S.ISSUED, E.DECLINE): S.DECLINED,
    (S.DECLINED, E.INSIST): S.ISSUED,
    (S.CLAIMED, E.UNCLAIM): S.ISSUED,
    (S.CLAIMED, E.BEGIN): S.IN_HAND,
    **{(state, E.ANSWER): S.ANSWERED for state in WORK},
    (S.ANSWERED, E.PASS): S.CLOSED,
    (S.ANSWERED, E.RETURN): S.RETURNED,
    (S.CLOSED, E.REOPEN): S.RETURNED,
    **{(state, E.TRANSFER): S.ISSUED for state in (S.ISSUED, S.DECLINED, *WORK)},
    **{(state, E.EXTEND): state for state in (S.ISSUED, *WORK)},
    **{(state, E.HOLD): S.ON_HOLD for state in WORK},
    **{(state, E.SUSPEND): S.SUSPENDED for state in WORK},
    (S.ON_HOLD, E.LOOK): S.ON_HOLD,
    (S.ON_HOLD, E.RESUME): S.IN_HAND,
    (S.SUSPENDED, E.RESUME): S.IN_HAND,
    **{(state, E.WITHDRAW): S.WITHDRAWN for state in set(S) - {S.CLOSED, S.WITHDRAWN}},
}


@pytest.mark.parametrize(("state", "event"), list(product(TaskState, TaskEvent)))
def test_every_state_with_every_event(state, event):
    if (state, event) in LEGAL:
        assert move(state, event) is LEGAL[state, event]
        assert event in allowed(state)
        assert transition(state, event).to is LEGAL[state, event]
    else:
        with pytest.raises(TransitionError, match=f"{state} does not take {event}"):
            move(state, event)


def test_the_table_has_no_row_twice():
    assert len({(row.state, row.event) for row in TABLE}) == len(TABLE) == len(LEGAL)


def test_closed_and_withdrawn_are_the_ends():
    assert set(TaskState) - OPEN_STATES == ENDED == {TaskState.CLOSED, TaskState.WITHDRAWN}
    assert set(TRANSITIONS) == set(TaskState)
    assert allowed(S.CLOSED) == (E.REOPEN,)
    assert allowed(S.WITHDRAWN) == ()


def test_from_every_open_state_a_task_can_come_to_its_end():
    for state in OPEN_STATES:
        reached, edge = {state}, [state]
        while edge:
            for after in TRANSITIONS[edge.pop()].values():
                if after not in reached:
                    reached.add(after)
                    edge.append(after)
        assert S.CLOSED in reached


def test_what_takes_a_task_from_its_unit_or_ends_it_has_a_reason():
    for row in TABLE:
        if row.event not in (E.CLAIM, E.BEGIN, E.ANSWER, E.PASS):
            assert Need.REASON in row.needs, row
        if row.event in (E.PASS, E.RETURN, E.REOPEN):
            assert row.actor is Actor.CHECKER


@pytest.mark.parametrize("event", [E.DECLINE, E.TRANSFER, E.EXTEND, E.HOLD, E.SUSPEND])
def test_an_emergency_order_is_obeyed_first(event):
    with pytest.raises(LawError, match="obeyed_first"):
        check_binding(TaskKind.CARRY_OUT, True, event)
    check_binding(TaskKind.CARRY_OUT, False, event)
    check_binding(TaskKind.CHECK, True, event)
    check_binding(TaskKind.DISPATCH, True, event)


@pytest.mark.parametrize("event", [E.CLAIM, E.BEGIN, E.ANSWER, E.PASS, E.RETURN, E.REOPEN, E.WITHDRAW])
def test_other_steps_are_open_to_an_emergency_order(event):
    check_binding(TaskKind.CARRY_OUT, True, event)


ASKED = {
    RequestKind.QUESTION: OPEN_STATES,
    RequestKind.EXTENSION: {S.ISSUED, *WORK},
    RequestKind.HOLD: set(WORK),
    RequestKind.SUSPEND: set(WORK),
    RequestKind.APPEAL: OPEN_STATES,
}


@pytest.mark.parametrize(("kind", "state"), list(product(RequestKind, TaskState)))
def test_every_request_in_every_state(kind, state):
    assert may_ask(kind, state) is (state in ASKED[kind])


def test_a_question_moves_no_state():
    assert set(GRANTS) == set(RequestKind) - {RequestKind.QUESTION}
