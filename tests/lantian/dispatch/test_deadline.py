from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from lantian.dispatch import Urgency, clocks, next_deadline
from lantian.dispatch.clock import due, pause_ends
from lantian.dispatch.deadline import Checker, Stage, kind_of, kinds, may_pause, office_hours, pause_rules
from lantian.errors import LawError, PeriodError, StandardsError
from lantian.periods import UnpublishedYear, at
from lantian.records import TaskKind, TaskState
from lantian.standards import table

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


@pytest.mark.parametrize(
    ("kind", "urgency"),
    sorted({(row.text("task"), row.text("urgency")) for row in table("task_clocks")}),
)
def test_claim_is_due_before_feedback(kind, urgency):
    found = clocks(kind, at(date(2026, 12, 7), 10), Urgency(urgency))
    assert found.claim_due_at < found.feedback_due_at
    assert due(found.claim, found.claim.started_at) == found.claim_due_at
    assert due(found.feedback, found.feedback.started_at) == found.feedback_due_at


def test_a_clock_into_an_unpublished_year_is_an_error_with_its_name():
    eve = at(date(2026, 12, 31), 17)
    assert clocks(TaskKind.CHECK, eve).claim_due_at.year == 2026
    with pytest.raises(UnpublishedYear, match="2027 is not published; type the due date"):
        clocks(TaskKind.CHECK, eve, Urgency.ROUTINE)
    typed = clocks(TaskKind.CHECK, eve, Urgency.ROUTINE, due_at=at(date(2027, 1, 4), 18))
    assert typed.feedback_due_at == typed.claim_due_at == at(date(2027, 1, 4), 18)


def test_a_naive_instant_is_refused():
    with pytest.raises(PeriodError):
        clocks(TaskKind.CHECK, datetime(2026, 12, 7, 10))  # noqa: DTZ001


def test_which_clock_runs_in_which_state():
    claim, feedback = at(date(2026, 12, 7), 10), at(date(2026, 12, 7), 12)
    running = {state: next_deadline(state, claim, feedback) for state in TaskState}
    assert running == {
        TaskState.ISSUED: claim,
        TaskState.CLAIMED: feedback,
        TaskState.IN_HAND: feedback,
        TaskState.RETURNED: feedback,
        TaskState.ANSWERED: None,
        TaskState.DECLINED: None,
        TaskState.ON_HOLD: None,
        TaskState.SUSPENDED: None,
        TaskState.CLOSED: None,
        TaskState.WITHDRAWN: None,
    }


def test_a_kind_of_typed_order_runs_on_its_usual_clocks():
    ten = at(date(2026, 12, 7), 10)
    assert clocks("emergency", ten).feedback_due_at == at(date(2026, 12, 7), 12)
    assert clocks("routine", ten).claim_due_at == at(date(2026, 12, 7), 16, 30)
    assert clocks("routine", ten).feedback_due_at == at(date(2026, 12, 9), 10)
    assert clocks("special", ten).feedback_due_at == at(date(2026, 12, 14), 10)
    assert clocks("routine", ten, Urgency.EMERGENCY).feedback_due_at == at(date(2026, 12, 7), 14)
    with pytest.raises(StandardsError):
        clocks("emergency", ten, Urgency.ROUTINE)
    with pytest.raises(StandardsError, match="no kind 'dance'"):
        clocks("dance", ten)


def test_a_typed_due_time_takes_the_place_of_the_feedback_clock_and_bounds_the_claim():
    ten = at(date(2026, 12, 7), 10)
    late = clocks("routine", ten, due_at=at(date(2026, 12, 8), 18))
    assert (late.claim_due_at, late.feedback_due_at) == (
        at(date(2026, 12, 7), 16, 30),
        at(date(2026, 12, 8), 18),
    )
    soon = clocks("routine", ten, due_at=at(date(2026, 12, 7), 11))
    assert soon.claim_due_at == soon.feedback_due_at == at(date(2026, 12, 7), 11)
    with pytest.raises(PeriodError):
        clocks("routine", ten, due_at=ten)


def test_a_working_day_of_the_tables_is_a_day_of_the_office_hours():
    on = date(2026, 12, 7)
    day = sum(
        (closes.hour - opens.hour) * 60 + closes.minute - opens.minute for opens, closes in office_hours(on)
    )
    rows = [row for row in table("task_clocks") if "is 450 minutes" in row.text("note")]
    assert day == 450
    assert len(rows) >= 8
    assert {row.integer() % day for row in rows} == {0}


def test_the_citys_eight_kinds():
    found = kinds(date(2026, 12, 7))
    assert [kind.order for kind in found] == list(range(1, 9))
    assert [kind.key for kind in found if kind.urgency is Urgency.EMERGENCY] == ["emergency"]
    assert kind_of("cross_check", date(2026, 12, 7)).checker is Checker.OTHER_COUNTY
    assert {kind.key for kind in found if kind.conditions} == {"special", "plant_check", "cross_check"}
    assert all(kind.name_zh and all(kind.keywords) for kind in found)


ON = date(2026, 12, 7)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("urgency", list(Urgency))
def test_nothing_pauses_a_task_that_carries_an_emergency_order(stage, urgency):
    for row in pause_rules(ON, stage):
        with pytest.raises(LawError, match="obeyed_first"):
            may_pause(row.text("rule"), ON, binding=True, urgency=urgency, stage=stage)


@pytest.mark.parametrize(
    ("rule", "urgency", "stage", "code"),
    [
        ("laboratory_result", Urgency.ROUTINE, Stage.FEEDBACK, None),
        ("laboratory_result", Urgency.EMERGENCY, Stage.FEEDBACK, "not_in_emergency"),
        ("laboratory_result", Urgency.ROUTINE, Stage.CLAIM, "no_pause_rule"),
        ("force_majeure", Urgency.EMERGENCY, Stage.CLAIM, None),
        ("lunch", Urgency.ROUTINE, Stage.FEEDBACK, "no_pause_rule"),
    ],
)
def test_only_a_rule_pauses_and_only_the_clocks_it_names(rule, urgency, stage, code):
    if code is None:
        row = may_pause(rule, ON, binding=False, urgency=urgency, stage=stage)
        assert row.text("rule") == rule
    else:
        with pytest.raises(LawError) as told:
            may_pause(rule, ON, binding=False, urgency=urgency, stage=stage)
        assert told.value.code == code


def test_every_pause_ends_by_itself():
    for stage in Stage:
        for row in pause_rules(ON, stage):
            assert pause_ends(row, at(ON, 10)) > at(ON, 10)
    assert pause_ends(may_pause("laboratory_result", ON, binding=False), at(ON, 10)) == at(
        date(2026, 12, 14), 10
    )


def _spoken(row):
    minutes, working = row.integer(), row.text("calendar") == "working"
    if working and minutes % 450 == 0:
        return f"{minutes // 450} 个工作日"
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"


def test_the_guide_says_what_the_tables_say():
    page = (Path(__file__).parents[3] / "docs" / "guide" / "clocks.md").read_text(encoding="utf-8")
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}
    for kind in kinds(ON):
        line = lines[kind.name_zh]
        for row in table("task_clocks"):
            if row.text("task") == kind.key:
                claim_and_feedback = line.split("|")[2 + (row.text("urgency") == "routine")].split("/")
                said = claim_and_feedback[row.text("stage") == "feedback"].strip()
                unit = claim_and_feedback[1].strip().split(" ", 1)[1]
                assert _spoken(row) in (said, f"{said} {unit}"), kind.key
        assert ("要" in line) is kind.conditions
    for stage in Stage:
        for row in pause_rules(ON, stage):
            line = lines[row.text("name_zh")]
            assert ("可以" in line) is (row.text("emergency") == "yes")
            assert {Stage.CLAIM: "签收", Stage.FEEDBACK: "反馈"}[stage] in line
            days, hours = divmod(row.integer(), 1440)
            spoken = (
                f"{row.integer() // 450} 个工作日"
                if row.text("calendar") == "working"
                else (f"{days} 天" if not hours else f"{hours // 60} 小时")
            )
            assert spoken in line
