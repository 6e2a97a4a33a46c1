"""Rules come from the table, whole."""

from __future__ import annotations

from datetime import date

import pytest

from lantian.detect.rule import RuleSpec, rules_of, rules_on
from lantian.errors import RuleError
from lantian.records import FindingKind, SubjectKind
from lantian.standards import table

ON = date(2026, 12, 8)


def test_the_three_rules_and_their_numbers() -> None:
    rules = rules_on(ON)
    stop = rules.finding(FindingKind.NOT_STOPPED)
    assert (stop.rule, stop.subject, stop.min_slots) == ("P2", SubjectKind.LINE, 2)
    assert stop.number("rated_share") == 0.2
    assert stop.number("max_missing_share") == 0.1  # the table says 10 percent
    assert rules.finding(FindingKind.NOT_CURTAILED).subject is SubjectKind.ENTERPRISE
    assert rules.context_slots == 2


def test_a_rule_that_stands_on_another_takes_its_numbers_and_footnotes() -> None:
    rules = rules_on(ON)
    stop, reduce = rules.by_id["P2"], rules.by_id["P4"]
    assert reduce.min_slots == stop.min_slots
    assert reduce.finding is FindingKind.NOT_REDUCED
    assert set(stop.footnotes) < set(reduce.footnotes)


def test_what_the_table_does_not_set_is_named() -> None:
    with pytest.raises(RuleError, match="rule P3 version 1 sets no min_slots"):
        rules_on(ON).by_id["P3"].number("min_slots")
    with pytest.raises(RuleError, match="0 rules find not_stopped"):
        rules_of([]).finding(FindingKind.NOT_STOPPED)


def test_rows_of_different_rules_do_not_make_one() -> None:
    with pytest.raises(RuleError, match="must agree"):
        RuleSpec.from_rows(table("detection_rules"))
