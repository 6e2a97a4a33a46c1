from datetime import date, datetime, time, timedelta

import pytest

from lantian.dispatch import Urgency, clocks, next_deadline
from lantian.dispatch.deadline import office_hours
from lantian.errors import PeriodError
from lantian.periods import at
from lantian.records import TaskKind, TaskState

FRIDAY_NIGHT = at(date(2026, 12, 11), 23)


def test_emergency_clocks_run_day_and_night():
    found = clocks(TaskKind.CHECK, FRIDAY_NIGHT)
    assert found.claim_due_at == FRIDAY_NIGHT + timedelta(minutes=30)
    assert found.feedback_due_at == FRIDAY_NIGHT + timedelta(minutes=120)
    assert {note.confidence for note in found.footnotes} == {"proposed"}


def test_routine_clocks_run_in_working_time():
    found = clocks(TaskKind.CHECK, FRIDAY_NIGHT, Urgency.ROUTINE)
    assert found.claim_due_at == at(date(2026, 12, 14), 12)
    assert found.feedback_due_at > found.claim_due_at
    assert office_hours(date(2026, 12, 11)) == ((time(8), time(12)), (time(14, 30), time(18)))


@pytest.mark.parametrize("kind", list(TaskKind))
@pytest.mark.parametrize("urgency", list(Urgency))
def test_claim_is_due_before_feedback(kind, urgency):
    found = clocks(kind, at(date(2026, 12, 7), 10), urgency)
    assert found.claim_due_at < found.feedback_due_at


def test_a_clock_into_an_unpublished_year_is_an_error_with_its_name():
    eve = at(date(2026, 12, 31), 17)
    assert clocks(TaskKind.CHECK, eve).claim_due_at.year == 2026
    with pytest.raises(PeriodError, match="2027"):
        clocks(TaskKind.CHECK, eve, Urgency.ROUTINE)


def test_a_naive_instant_is_refused():
    with pytest.raises(PeriodError):
        clocks(TaskKind.CHECK, datetime(2026, 12, 7, 10))  # noqa: DTZ001


def test_which_clock_runs_in_which_state():
    claim, feedback = at(date(2026, 12, 7), 10), at(date(2026, 12, 7), 12)
    running = {state: next_deadline(state, claim, feedback) for state in TaskState}
    assert running == {
        TaskState.ISSUED: claim,
        TaskState.CLAIMED: feedback,
        TaskState.RETURNED: feedback,
        TaskState.ANSWERED: None,
        TaskState.CLOSED: None,
        TaskState.WITHDRAWN: None,
    }
