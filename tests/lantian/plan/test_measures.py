from dataclasses import replace
from datetime import date

import pytest

from lantian.errors import DataError, LawError
from lantian.inventory import ListedMeasure
from lantian.periods import at, to_ms
from lantian.plan import (
    EndRule,
    demands,
    draft,
    listed_for,
    orders_for,
    propose,
    standard_grace_s,
)
from lantian.records import Action, Basis, DecisionKind, Level, Measure

ON = date(2026, 12, 7)
AREA_OF = {"e1": "9901", "e2": "9902", "e3": "9902"}


def listed(row_no, plant, level, action, line=None, share=None, since=date(2026, 10, 1)):
    return ListedMeasure(row_no, plant, level, action, line, share, "", "list of 2026", since)


LIST = (
    listed(3, "e2", Level.ORANGE, Action.LIMIT, share=30),
    listed(1, "e1", Level.ORANGE, Action.REDUCE, line="e1-2"),
    listed(2, "e1", Level.ORANGE, Action.REDUCE, line="e1-3"),
    listed(4, "e1", Level.RED, Action.STOP),
    listed(5, "e3", Level.ORANGE, Action.EXEMPT),
)


def decision(kind=DecisionKind.START, before=Level.NONE, level=Level.ORANGE):
    return draft(
        before,
        kind,
        level,
        propose([210, 220], ON),
        basis=Basis.CONSULTATION,
        reason="consultation",
        signer_id="p1",
        decided_at=at(ON, 10),
        start_at=at(ON, 12),
        area_id="99",
    )


def test_one_order_per_listed_plant():
    orders = orders_for(decision(), LIST, AREA_OF, 7200)
    assert [order.enterprise_id for order in orders] == ["e1", "e2", "e3"]
    first, second, third = orders
    assert first.measures == (Measure(Action.REDUCE, "e1-2"), Measure(Action.REDUCE, "e1-3"))
    assert second.measures == (Measure(Action.LIMIT, share=30),)
    assert (second.area_id, second.start_ms, second.end_ms, second.grace_s) == (
        "9902",
        to_ms(at(ON, 12)),
        None,
        7200,
    )
    assert [demands(order) for order in orders] == [True, True, False]
    assert third.level is Level.ORANGE


def test_the_same_decision_gives_the_same_orders():
    assert orders_for(decision(), LIST, AREA_OF, 7200) == orders_for(decision(), LIST[::-1], AREA_OF, 7200)


def test_the_newest_list_in_force_counts():
    rows = (*LIST, listed(9, "e2", Level.ORANGE, Action.STOP, since=date(2026, 11, 1)))
    rows += (listed(10, "e2", Level.ORANGE, Action.EXEMPT, since=date(2027, 1, 1)),)
    assert [row.row_no for row in listed_for(rows, Level.ORANGE, ON)["e2"]] == [9]
    found = {order.enterprise_id: order for order in orders_for(decision(), rows, AREA_OF, 0)}
    assert found["e2"].measures == (Measure(Action.STOP),)


def code_of(call):
    with pytest.raises(LawError) as error:
        call()
    return error.value.code


def test_refusals_have_their_codes():
    good = decision()
    lift = decision(DecisionKind.LIFT, Level.ORANGE, Level.NONE)
    assert code_of(lambda: orders_for(replace(good, signer_id=""), LIST, AREA_OF, 0)) == "no_signer"
    assert code_of(lambda: orders_for(lift, LIST, AREA_OF, 0)) == "no_procedure"
    tied = replace(good, end_rule=EndRule.TARGET)
    assert code_of(lambda: orders_for(tied, LIST, AREA_OF, 0)) == "end_tied_to_target"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (listed(7, "e1", Level.ORANGE, Action.LIMIT), "row 7, field share"),
        (listed(7, "e1", Level.ORANGE, Action.LIMIT, share=100), "row 7, field share"),
        (listed(7, "e1", Level.ORANGE, Action.REDUCE), "row 7, field line_id"),
        (listed(7, "e9", Level.ORANGE, Action.STOP), "row 7"),
    ],
)
def test_a_bad_list_row_is_named(row, said):
    with pytest.raises(DataError, match=said):
        orders_for(decision(), [row], AREA_OF, 0)


def test_the_grace_time_is_two_hours():
    assert standard_grace_s(ON) == 7200
