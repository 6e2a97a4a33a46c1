"""Tasks: opened by what happened below, moved only as the table allows, risen once by each clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.lantian_web import cast

from lantian.errors import LawError, RightsError
from lantian.inventory import Duty
from lantian.records import Outcome, TaskState
from lantian_web.accounts.models import Post
from lantian_web.events.models import Event
from lantian_web.findings import commands as findings
from lantian_web.orders.models import Decision
from lantian_web.tasks import commands, queries
from lantian_web.tasks.models import Task, TaskFinding
from lantian_web.verdicts import commands as verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.db]
SOON = cast.SIGNED + timedelta(minutes=5)
ENDS = cast.STARTS + timedelta(days=2)


def confirmed(*plants: str, day: object = cast.DAY) -> None:
    found = [cast.ran_on(plant, day) for plant in plants]  # type: ignore[arg-type]
    findings.take(cast.Judged(found), day, cast.SIGNED)  # type: ignore[arg-type]
    findings.confirm([finding.id for finding in found], cast.ANALYST, cast.SIGNED)


def own(plant: str = cast.CHEATS, kind: str = "carry_out") -> Task:
    return Task.objects.filter(enterprise_id=plant, kind=kind).latest("number")


def told(task: Task) -> list[str]:
    rows = Event.objects.filter(subject_kind="task", subject_id=task.id).order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_an_order_opens_a_task_for_who_has_something_to_do(ordered: Decision) -> None:
    tasks = Task.objects.order_by("number")
    assert {task.enterprise_id for task in tasks} == set(cast.STATES) - {cast.EXEMPT}
    assert [task.number for task in tasks] == [f"2026-1207-{n:04d}" for n in range(1, 6)]
    task = own()
    assert (task.lead_unit_id, task.unit_id, task.leader_id, task.person_id) == (
        "u-city",
        "u-cheats",
        cast.LEADER,
        "manager-cheats",
    )
    assert task.claim_due_at == task.next_due_at == cast.SIGNED + timedelta(hours=1)
    assert task.feedback_due_at is None
    assert task.warning_id == ordered.warning_id


@pytest.mark.parametrize(("duty", "role"), [(Duty.LEADER, "leader"), (Duty.MANAGER, "responsible person")])
def test_a_missing_role_blocks_the_issue(town: cast.City, duty: Duty, role: str) -> None:
    Post.objects.filter(duty=duty).delete()
    with pytest.raises(LawError, match=role):
        cast.start()
    assert not Decision.objects.exists()
    assert not Event.objects.exists()


def test_confirmed_findings_of_a_plant_and_cause_join_one_task(ordered: Decision) -> None:
    confirmed(cast.CHEATS, cast.OBEYS)
    confirmed(cast.CHEATS, day=cast.DAY.replace(day=9))
    assert Task.objects.filter(kind="check").count() == 2
    task = own(kind="check")
    assert queries.findings_of(task).count() == 2
    assert (task.unit_id, task.cause) == ("u-n-bureau", "not_stopped")
    assert told(task) == ["task.opened", "task.joined"]


def test_after_its_task_is_closed_a_new_finding_opens_the_next(ordered: Decision) -> None:
    confirmed(cast.CHEATS)
    first = own(kind="check")
    commands.claim([first.id], first.person_id, SOON)
    commands.answer([(first.id, "已停产")], first.person_id, SOON)
    verdicts.check([(first.id, Outcome.COMPLIED, True, "")], cast.ANALYST, SOON)
    confirmed(cast.CHEATS, day=cast.DAY.replace(day=9))
    second = own(kind="check")
    assert second.id != first.id
    assert TaskFinding.objects.filter(task=second).count() == 1


def test_checkers_of_a_bureau_take_turns(ordered: Decision) -> None:
    confirmed(cast.CHEATS, cast.OBEYS)
    people = set(Task.objects.filter(kind="check").values_list("person_id", flat=True))
    assert people == {cast.CHECKER, cast.SECOND_CHECKER}


@pytest.mark.parametrize("by", ["manager-cheats", cast.LEADER, cast.DISPATCHER])
def test_who_has_to_do_with_it_claims(ordered: Decision, by: str) -> None:
    [answer] = commands.claim([own().id], by, SOON)
    assert answer.done
    task = own()
    assert (task.state, task.claimed_by, task.claimed_at, task.next_due_at) == ("claimed", by, SOON, None)


@pytest.mark.parametrize("by", ["manager-obeys", "dispatcher-s", cast.CHECKER, "nobody", ""])
def test_a_stranger_does_not(ordered: Decision, by: str) -> None:
    [answer] = commands.claim([own().id], by, SOON)
    assert isinstance(answer.why, RightsError)
    assert own().state == TaskState.ISSUED


def claim(task: Task) -> Exception | None:
    return commands.claim([task.id], task.person_id, SOON)[0].why


def answer(task: Task) -> Exception | None:
    return commands.answer([(task.id, "已停产")], task.person_id, SOON)[0].why


def send_back(task: Task) -> Exception | None:
    return verdicts.check([(task.id, Outcome.NOT_COMPLIED, False, "仍在生产")], cast.CHECKER, SOON)[0].why


def test_bulk_answers_for_every_row(ordered: Decision) -> None:
    ids = [own(cast.CHEATS).id, own(cast.OBEYS).id, "nothing", own(cast.CHEATS).id]
    answers = commands.claim(ids, cast.DISPATCHER, SOON)
    assert [answer.done for answer in answers] == [True, True, False, False]
    assert told(own(cast.CHEATS)) == ["task.opened", "task.claimed"]


def test_an_answer_needs_its_text(ordered: Decision) -> None:
    claim(own())
    [refused] = commands.answer([(own().id, "  ")], "manager-cheats", SOON)
    assert not refused.done
    assert own().state == TaskState.CLAIMED


def test_the_feedback_clock_runs_from_the_end_of_the_order(ordered: Decision) -> None:
    claim(own())
    cast.lift(ENDS)
    task = own()
    assert task.feedback_due_at == task.next_due_at == ENDS + timedelta(days=1)
    assert told(task)[-1] == "task.due"


def test_a_clock_rises_by_steps_and_never_twice(ordered: Decision) -> None:
    due = cast.SIGNED + timedelta(hours=1)
    task, seen = own(), []
    for minutes in (-30, -11, -10, -5, 0, 30, 60, 61, 600):
        commands.run_clocks(due + timedelta(minutes=minutes))
        seen.append(own().step)
    assert seen == [0, 0, 1, 1, 2, 2, 3, 3, 3]
    told_steps = [
        event.params["step"]
        for event in Event.objects.filter(subject_id=task.id, kind="task.escalated").order_by("id")
    ]
    assert told_steps == ["near_due", "yellow", "red"]
    assert own().next_step_at > own().reminded_at  # from here on it is only reminded of


def test_a_worker_that_was_down_tells_the_highest_step_once(ordered: Decision) -> None:
    commands.run_clocks(cast.SIGNED + timedelta(days=1))
    assert commands.run_clocks(cast.SIGNED + timedelta(days=1)) == 0
    assert own().step_peak == 3
    assert told(own()) == ["task.opened", "task.escalated"]


def test_a_new_clock_begins_below_and_the_peak_is_kept(ordered: Decision) -> None:
    commands.run_clocks(cast.SIGNED + timedelta(hours=1))
    claim(own())
    assert (own().step, own().step_peak) == (0, 2)
    claimed = Event.objects.get(kind="task.claimed")
    assert claimed.params["late"] is False


def test_a_returned_task_gets_a_new_clock(ordered: Decision) -> None:
    claim(own())
    answer(own())
    send_back(own())
    task = own()
    assert (task.state, task.returns) == ("returned", 1)
    assert task.next_due_at == task.feedback_due_at == SOON + timedelta(days=1)


def test_events_hold_the_row_before_and_after(ordered: Decision) -> None:
    claim(own())
    answer(own())
    events = list(Event.objects.filter(subject_id=own().id).order_by("id"))
    assert events[0].before == ""
    assert [event.before for event in events[1:]] == [event.after for event in events[:-1]]
