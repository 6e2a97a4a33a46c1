from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.errors import LawError, StandardsError, TransitionError
from lantian.periods import at
from lantian.plan import (
    TRANSITIONS,
    EndRule,
    NextStep,
    draft,
    may_lift,
    next_decision,
    propose,
    refusals,
    signing_titles,
    start_line,
)
from lantian.records import Basis, DecisionKind, Level

ON = date(2026, 12, 7)
LEVELS = list(Level)
FORECASTS = st.lists(st.one_of(st.none(), st.integers(1, 500)), max_size=8)

LEGAL = {
    (Level.NONE, DecisionKind.START): {Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED},
    (Level.BLUE, DecisionKind.RAISE): {Level.YELLOW, Level.ORANGE, Level.RED},
    (Level.BLUE, DecisionKind.EXTEND): {Level.BLUE},
    (Level.BLUE, DecisionKind.LIFT): {Level.NONE},
    (Level.YELLOW, DecisionKind.RAISE): {Level.ORANGE, Level.RED},
    (Level.YELLOW, DecisionKind.LOWER): {Level.BLUE},
    (Level.YELLOW, DecisionKind.EXTEND): {Level.YELLOW},
    (Level.YELLOW, DecisionKind.LIFT): {Level.NONE},
    (Level.ORANGE, DecisionKind.RAISE): {Level.RED},
    (Level.ORANGE, DecisionKind.LOWER): {Level.BLUE, Level.YELLOW},
    (Level.ORANGE, DecisionKind.EXTEND): {Level.ORANGE},
    (Level.ORANGE, DecisionKind.LIFT): {Level.NONE},
    (Level.RED, DecisionKind.LOWER): {Level.BLUE, Level.YELLOW, Level.ORANGE},
    (Level.RED, DecisionKind.EXTEND): {Level.RED},
    (Level.RED, DecisionKind.LIFT): {Level.NONE},
}


def signed(before, kind, level, proposal=None, **changes):
    settings = {
        "basis": Basis.CONSULTATION,
        "reason": "consultation of 12-07",
        "signer_id": "p1",
        "decided_at": at(ON, 10),
        "start_at": at(ON, 12),
        "area_id": "99",
    }
    return draft(before, kind, level, proposal or propose([], ON), **(settings | changes))


def codes(decision):
    return [error.code for error in refusals(decision, propose([], ON))]


@pytest.mark.parametrize("case", cases("warning_series"))
def test_levels_of_the_worked_examples(case):
    forecast = [int(text) for text in case["forecast_daily_aqi"].split()]
    assert propose(forecast, ON, case["edition"]).level == case["expected_level"]


@pytest.mark.parametrize(
    ("edition", "forecast", "level", "days"),
    [
        ("2024", [90, 160, 170, 90], Level.YELLOW, (1, 2)),
        ("2024", [160, 210, 160], Level.ORANGE, (0, 2)),
        ("2024", [210, 220, 310, 90], Level.RED, (0, 2)),
        ("2024", [310, 90, 210, 220, 230], Level.ORANGE, (2, 4)),  # the 300 day lies in another run
        ("2024", [210, None, 220, 230], Level.ORANGE, (2, 3)),  # a silent day breaks the run
        ("2017", [210], Level.BLUE, (0, 0)),
        ("2017", [210, 310, 220], Level.ORANGE, (0, 2)),
        ("2017", [500], Level.RED, (0, 0)),
        ("2019", [500], Level.RED, (0, 0)),
        ("2019", [310, 320, 90, 210, 220], Level.YELLOW, (0, 1)),
    ],
)
def test_atoms_hold_inside_one_run(edition, forecast, level, days):
    proposal = propose(forecast, ON, edition)
    assert (proposal.level, (proposal.first_day_index, proposal.last_day_index)) == (level, days)
    assert proposal.rows
    assert all(note.key.startswith(edition) for note in proposal.rows)


def test_the_edition_follows_the_day():
    assert propose([210], ON).edition == "2024"
    assert propose([210], date(2020, 1, 1)).edition == "2019"
    with pytest.raises(StandardsError, match="2017-09-20"):
        propose([210], date(2016, 12, 26))


@given(FORECASTS, st.sampled_from(["2017", "2019", "2024"]), st.integers(0, 7), st.integers(0, 200))
def test_a_dirtier_forecast_never_gives_a_lower_level(forecast, edition, day, more):
    worse = [min(500, aqi + more) if aqi is not None and n == day else aqi for n, aqi in enumerate(forecast)]
    before, after = propose(forecast, ON, edition).level, propose(worse, ON, edition).level
    assert LEVELS.index(before) <= LEVELS.index(after)


@pytest.mark.parametrize(("state", "kind"), list(product(Level, DecisionKind)))
def test_every_state_with_every_event(state, kind):
    legal = LEGAL.get((state, kind), set())
    assert TRANSITIONS[state].get(kind, frozenset()) == legal
    for level in Level:
        if level in legal and level is not Level.BLUE:  # the table in force knows no blue
            assert signed(state, kind, level).level is level
        elif level not in legal:
            with pytest.raises(TransitionError):
                signed(state, kind, level)


def test_a_decision_keeps_what_it_stands_on():
    proposal = propose([210, 220], ON)
    decision = signed(Level.NONE, DecisionKind.START, Level.ORANGE, proposal, basis=Basis.RULE, reason="")
    assert (decision.basis, decision.signer_id, decision.edition) == (Basis.RULE, "p1", "2024")
    assert decision.footnotes == proposal.rows
    assert decision.id.startswith("decision_")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no_signer", {"signer_id": ""}),
        ("end_tied_to_target", {"end_rule": EndRule.TARGET, "end_at": at(ON, 24)}),
        ("no_end", {"end_rule": EndRule.FIXED}),
        ("no_trigger", {"basis": Basis.RULE}),
        ("no_reason", {"reason": " "}),
        ("retroactive", {"start_at": at(ON, 9)}),
    ],
)
def test_what_the_rules_forbid_is_refused_by_name(code, changes):
    assert codes(signed(Level.NONE, DecisionKind.START, Level.RED, **changes)) == [code]


def test_every_ban_is_named_at_once():
    decision = signed(
        Level.NONE, DecisionKind.START, Level.BLUE, signer_id="", reason="", start_at=at(ON, 9, 59)
    )
    assert codes(decision) == ["no_signer", "retroactive", "no_procedure", "no_reason"]


def test_what_stands_is_not_refused():
    assert codes(signed(Level.NONE, DecisionKind.START, Level.RED, start_at=at(ON, 10))) == []


def test_steps_at_one_instant_are_told_apart():
    first, second = (signed(Level.NONE, DecisionKind.START, Level.RED, step=step) for step in (0, 1))
    assert first.id != second.id


def test_who_signs_follows_the_level():
    def titles(level):
        return signing_titles(signed(Level.NONE, DecisionKind.START, level), propose([], ON))

    assert set(titles(Level.RED)) < set(titles(Level.ORANGE))
    with pytest.raises(LawError, match="no_procedure"):
        titles(Level.BLUE)


def test_lines_of_the_editions():
    assert start_line(Level.ORANGE, ON) == 150
    assert start_line(Level.ORANGE, ON, "2019") == 200
    with pytest.raises(StandardsError):
        start_line(Level.BLUE, ON)


@pytest.mark.parametrize(
    ("today", "forecast", "lifts"),
    [
        (120, [100, 150], True),
        (120, [100], False),  # 24 h are not 36
        (151, [100, 100], False),
        (120, [100, 151], False),
        (120, [100, None, 100], False),  # missing is not below
        (None, [100, 100], False),
    ],
)
def test_lifting_asks_for_36_hours_below_the_line(today, forecast, lifts):
    assert may_lift(Level.YELLOW, propose(forecast, ON), today) is lifts


@pytest.mark.parametrize(
    ("current", "forecast", "today", "step"),
    [
        (Level.NONE, [100, 100], 100, None),
        (Level.NONE, [160, 170], 100, NextStep(DecisionKind.START, Level.YELLOW)),
        (Level.YELLOW, [210, 220, 310], 170, NextStep(DecisionKind.RAISE, Level.RED)),
        (Level.ORANGE, [210, 220, 120], 220, None),
        (Level.ORANGE, [160, 170, 90], 220, None),  # swings: stays at the higher
        (Level.ORANGE, [90, 100, 160, 170], 100, NextStep(DecisionKind.LOWER, Level.YELLOW)),
        (Level.ORANGE, [90, 100, 160], 100, NextStep(DecisionKind.LIFT, Level.NONE)),
        (Level.ORANGE, [160], 220, None),
    ],
)
def test_what_the_rules_suggest_next(current, forecast, today, step):
    assert next_decision(current, propose(forecast, ON), today_aqi=today) == step


def test_a_planned_end_is_extended_while_the_air_stays_bad():
    proposal = propose([160, 100], ON)
    extend = NextStep(DecisionKind.EXTEND, Level.ORANGE)
    assert next_decision(Level.ORANGE, proposal, today_aqi=180, planned_end=ON) == extend
    assert next_decision(Level.ORANGE, proposal, today_aqi=180, planned_end=date(2026, 12, 9)) is None


def test_what_a_superior_started_only_a_superior_lifts():
    proposal = propose([50, 60], ON)
    assert next_decision(Level.ORANGE, proposal, today_aqi=50).kind is DecisionKind.LIFT
    assert next_decision(Level.ORANGE, proposal, today_aqi=50, superior_started=True) is None


@given(
    st.sampled_from(["none", "yellow", "orange", "red"]), FORECASTS, st.one_of(st.none(), st.integers(1, 500))
)
def test_every_suggestion_is_a_legal_transition(current, forecast, today):
    step = next_decision(Level(current), propose(forecast, ON), today_aqi=today, planned_end=ON)
    assert step is None or step.level in TRANSITIONS[Level(current)][step.kind]
