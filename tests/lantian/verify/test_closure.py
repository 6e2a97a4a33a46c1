from datetime import date

import pytest

from lantian.errors import LawError, RightsError
from lantian.periods import at
from lantian.records import Outcome
from lantian.verify import check_closer, closing_conditions, conclude

ON = date(2026, 12, 9)
ALL = (1, 2, 3, 4, 5)


def concluded(outcome=Outcome.COMPLIED, **changes):
    settings = {
        "handler_ids": {"p1", "p2"},
        "checker_id": "p3",
        "checked_at": at(ON, 9),
        "conditions_met": ALL,
    }
    return conclude("task_1", outcome, **(settings | changes))


def test_nobody_closes_their_own_task():
    with pytest.raises(RightsError, match="p2"):
        concluded(checker_id="p2")
    with pytest.raises(RightsError):
        check_closer((), "")
    check_closer({"p1"}, "p3")


def test_there_are_five_conditions():
    conditions = closing_conditions(ON)
    assert tuple(condition.no for condition in conditions) == ALL
    assert all(condition.text_zh and condition.footnote.source for condition in conditions)


def test_complied_with_every_condition_closes():
    verdict = concluded()
    assert (verdict.closes, verdict.outcome, verdict.checker_id) == (True, Outcome.COMPLIED, "p3")


def test_an_open_condition_does_not_close():
    with pytest.raises(LawError) as error:
        concluded(conditions_met=(1, 2, 3))
    assert error.value.code == "conditions_open"
    assert "4, 5" in str(error.value)
    assert not concluded(conditions_met=(1, 2, 3), reason="the neighbour line runs too").closes


@pytest.mark.parametrize("outcome", [Outcome.NOT_COMPLIED, Outcome.CANNOT_TELL])
def test_sending_back_needs_a_reason(outcome):
    with pytest.raises(LawError) as error:
        concluded(outcome)
    assert error.value.code == "no_reason"
    assert not concluded(outcome, reason="the curve shows a second run").closes
