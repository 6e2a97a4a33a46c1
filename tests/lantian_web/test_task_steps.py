"""Typed orders and their side roads: sent with one sentence, turned as the table says, paused and asked for by rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from tests.lantian_web import cast

from lantian.dispatch import TABLE, TRANSITIONS, TaskEvent
from lantian.dispatch.deferral import TooFar
from lantian.errors import DataError, LantianError, LawError, RightsError, TransitionError
from lantian.inventory import Duty
from lantian.periods import CITY_TZ, at
from lantian.records import Outcome, RequestKind, Role, TaskState
from lantian_web.accounts.answering import act_for
from lantian_web.accounts.models import Person, Post, User
from lantian_web.accounts.rights import visible
from lantian_web.events.models import Event
from lantian_web.inventory.models import Enterprise
from lantian_web.orders.models import Decision
from lantian_web.rows import FEW
from lantian_web.tasks import asking, commands, sending, splitting, turning
from lantian_web.tasks.models import Pause, Task
from lantian_web.tasks.sending import Sent, Target, send
from lantian_web.verdicts import commands as verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOW = at(cast.DAY, 9)  # a Tuesday
SOON = NOW + timedelta(minutes=10)
SAYS = "请核查夜间用电情况"
BUREAU = "u-n-bureau"


def order(*targets: Target, category: str = "special", by: str = cast.ANALYST, **extra: object) -> list[Sent]:
    return send(category, SAYS, targets or [Target("area", "9001")], by, NOW, **extra)  # type: ignore[arg-type]


def sent(*targets: Target, **extra: object) -> Task:
    [one] = order(*targets, **extra)  # type: ignore[arg-type]
    assert one.done, one.why
    return Task.objects.get(id=one.task_id)


def again(task: Task) -> Task:
    return Task.objects.get(id=task.id)


def claimed(task: Task) -> Task:
    [done] = commands.claim([task.id], task.person_id, SOON)
    assert done.done, done.why
    return again(task)


def told(task: Task) -> list[str]:
    rows = Event.objects.filter(subject_kind="task", subject_id=task.id).order_by("id")
    return list(rows.values_list("kind", flat=True))


# Sending ------------------------------------------------------------------------------------------------------------


def test_one_sentence_goes_to_counties_and_to_the_bureau_of_a_plant(town: cast.City) -> None:
    answers = order(Target("area", "9001"), Target("area", "9002"), Target("enterprise", cast.CHEATS))
    assert [answer.done for answer in answers] == [True, True, True]
    north, south, plant = (Task.objects.get(id=answer.task_id) for answer in answers)
    assert [north.number, south.number, plant.number] == [f"2026-1208-{n:04d}" for n in (1, 2, 3)]
    assert (north.unit_id, north.area_id, north.person_id) == ("u-n-office", "9001", "dispatcher-n")
    assert (plant.unit_id, plant.about_id, plant.enterprise_id) == (BUREAU, cast.CHEATS, "")
    assert {task.batch_id for task in (north, south, plant)} == {north.batch_id}
    assert (north.leader_id, north.lead_unit_id, north.opened_by) == (cast.LEADER, "u-city", cast.ANALYST)
    assert told(north) == ["task.opened"]


def test_a_plant_does_not_read_that_it_will_be_visited(town: cast.City, login: Callable[..., User]) -> None:
    user = login("m", "manager-cheats", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}")
    task = sent(Target("enterprise", cast.CHEATS))
    own = sent(Target("unit", "u-cheats"), category="emergency")
    assert set(visible(user, Task.objects.all()).values_list("id", flat=True)) == {own.id}
    assert task.about_id == cast.CHEATS


def test_a_missing_role_blocks_that_target_alone(town: cast.City) -> None:
    Post.objects.filter(duty=Duty.LEADER, area_id="9002").delete()
    north, south = order(Target("area", "9001"), Target("area", "9002"))
    assert north.done
    assert isinstance(south.why, LawError)
    assert "leader" in str(south.why)
    assert Task.objects.count() == 1


def test_the_same_plant_and_cause_within_a_day_is_recognised(town: cast.City) -> None:
    first = sent(Target("enterprise", cast.CHEATS), Target("enterprise", cast.CHEATS))
    later = NOW + timedelta(hours=23, minutes=59)
    plants = [Target("enterprise", cast.CHEATS), Target("enterprise", cast.OBEYS)]
    same, other = send("special", "再去看看", plants, cast.ANALYST, later)
    assert (same.done, same.same and same.same.number, other.done) == (False, first.number, True)
    [insists] = send("special", "再去看看", plants[:1], cast.ANALYST, later, again=True)
    assert insists.done
    [old] = send("special", "又去看看", [Target("enterprise", cast.BROKEN)], cast.ANALYST, NOW)
    [fresh] = send(
        "special", "又去看看", [Target("enterprise", cast.BROKEN)], cast.ANALYST, NOW + timedelta(hours=24)
    )
    assert (old.done, fresh.done) == (True, True)
    [unlike] = send("linkage", "联动", plants[:1], cast.ANALYST, later)
    assert unlike.done


def test_a_sentence_repeated_with_its_token_is_sent_once_however_late(
    town: cast.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call dies behind its first chunk: the repeat opens what is missing, and nothing twice."""
    targets = [Target("area", "9001"), Target("area", "9002"), Target("enterprise", cast.CHEATS)]
    part = sending._send

    def dies(*args: object) -> object:
        monkeypatch.setattr(sending, "_send", lambda *_: 1 / 0)
        return part(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "chunks", lambda items: ([each] for each in items))
    monkeypatch.setattr(sending, "_send", dies)
    with pytest.raises(ZeroDivisionError):
        order(*targets, again=True, token="t")
    assert Task.objects.count() == 1
    monkeypatch.setattr(sending, "_send", part)
    for late in (timedelta(minutes=2), timedelta(days=3)):
        told = send("special", SAYS, targets, cast.ANALYST, NOW + late, again=True, token="t")
        assert all(one.done for one in told)
        assert Task.objects.count() == 3
    assert len(set(Task.objects.values_list("batch_id", flat=True))) == 1
    send("special", SAYS, targets, cast.ANALYST, NOW + timedelta(days=3), again=True, token="other")
    assert Task.objects.count() == 6


def test_what_was_taken_back_is_not_sent_anew_by_its_token(town: cast.City) -> None:
    """A form that is repeated answers with what it sent the first time, and says what was taken back since."""
    targets = [Target("area", "9001"), Target("area", "9002")]
    first = order(*targets, token="t")
    [gone] = turning.withdraw([(first[1].task_id, "发错了")], cast.ANALYST, NOW + timedelta(minutes=1))
    assert gone.done, gone.why
    for late in (timedelta(minutes=2), timedelta(hours=2), timedelta(days=3)):
        told = send("special", SAYS, targets, cast.ANALYST, NOW + late, again=True, token="t")
        assert [(one.task_id, one.number) for one in told] == [(one.task_id, one.number) for one in first]
        assert [(one.done, one.taken_back) for one in told] == [(True, False), (False, True)]
        assert Task.objects.count() == 2
    [anew] = order(targets[1], again=True, token="another form")
    assert anew.done
    assert anew.task_id != first[1].task_id


def test_a_form_that_comes_twice_at_once_is_one_order(
    town: cast.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looks before the first has written, and writes after it."""
    plants = Enterprise.objects.order_by("id").values_list("id", flat=True)
    targets = [Target("area", "9001"), Target("unit", "u-cheats"), Target("unit", BUREAU)]
    targets += [Target("enterprise", pk) for pk in plants]
    assert len(targets) > FEW, "many rows are written in another way than few"
    seen = sending._there

    def sees_nothing(*given: object) -> dict[Target, Sent]:
        monkeypatch.setattr(sending, "_there", seen)
        return {}

    for some in (targets[:1], targets):
        first = order(*some, again=True, token=f"t{len(some)}")
        monkeypatch.setattr(sending, "_there", sees_nothing)
        second = order(*some, again=True, token=f"t{len(some)}")
        assert all(one.done for one in first)
        assert second == first
    assert Task.objects.count() == 1 + len(targets)


@pytest.mark.parametrize("shift", [timedelta(0), timedelta(hours=1)])
def test_a_sentence_repeated_when_its_due_time_is_over_answers_as_the_first_time(
    town: cast.City, shift: timedelta
) -> None:
    """Also where its words are read for another time by then: what was sent stands as it was sent."""
    first, due = Target("area", "9001"), NOW + timedelta(hours=2)
    [sent_first] = order(first, token="t", due_at=due)
    late = due + timedelta(minutes=1)
    for now, read in ((late, due), (late, late + shift), (SOON, due + shift)):
        [repeated] = send("special", SAYS, [first], cast.ANALYST, now, due_at=read, again=True, token="t")
        there = repeated.task_id if read == due else repeated.same and repeated.same.id
        assert (there, repeated.due_at) == (sent_first.task_id, None if read == due else due)
    assert Task.objects.get().feedback_due_at == due
    told = send(
        "special",
        SAYS,
        [first, Target("area", "9002")],
        cast.ANALYST,
        late,
        due_at=due,
        again=True,
        token="t",
    )
    assert [(one.task_id, str(one.why)) for one in told] == [
        (sent_first.task_id, "None"),
        ("", "field due_at: the due time is over already"),
    ]
    with pytest.raises(DataError, match="over already"):
        send("special", SAYS, [first], cast.ANALYST, late, due_at=due, again=True, token="another form")
    assert Task.objects.count() == 1


def test_a_double_click_sends_once(town: cast.City) -> None:
    first, second = order(), order()
    assert [one.task_id for one in first] == [one.task_id for one in second]
    assert Task.objects.count() == 1
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("by", "target", "may"),
    [
        (cast.ANALYST, Target("area", "9002"), True),
        (cast.DISPATCHER, Target("area", "9001"), True),
        (cast.DISPATCHER, Target("area", "9002"), False),
        (cast.DISPATCHER, Target("enterprise", cast.FAR), False),
        (cast.CHECKER, Target("area", "9001"), False),
        ("manager-cheats", Target("enterprise", cast.OBEYS), False),
        ("nobody", Target("area", "9001"), False),
    ],
)
def test_who_orders_where(town: cast.City, by: str, target: Target, may: bool) -> None:
    [answer] = order(target, by=by)
    assert answer.done is may
    assert may or isinstance(answer.why, RightsError)


@pytest.mark.parametrize(
    ("text", "targets", "due"),
    [
        ("  ", [Target("area", "9001")], None),
        ("字" * 401, [Target("area", "9001")], None),
        (SAYS, [], None),
        (SAYS, [Target("area", "9001")], NOW),
    ],
)
def test_what_makes_no_order_sends_nothing(
    town: cast.City, text: str, targets: list[Target], due: datetime | None
) -> None:
    with pytest.raises(DataError):
        send("special", text, targets, cast.ANALYST, NOW, due_at=due)
    assert not Task.objects.exists()


@pytest.mark.parametrize("target", [Target("enterprise", "none"), Target("area", "77"), Target("ship", "x")])
def test_a_target_that_is_none_is_refused_by_name(town: cast.City, target: Target) -> None:
    bad, good = order(target, Target("area", "9001"))
    assert (bad.done, good.done) == (False, True)
    assert isinstance(bad.why, LantianError)


def test_a_typed_due_time_stands_for_the_tables(town: cast.City) -> None:
    due = NOW + timedelta(minutes=20)
    task = sent(due_at=due)
    assert (task.feedback_due_at, task.claim_due_at) == (due, due)


def test_assisting_units_have_their_own_flow(town: cast.City) -> None:
    task = sent(category="routine", assist=[BUREAU, "u-s-bureau"])
    parts = list(task.parts.order_by("number"))
    assert [(part.number, part.part, part.unit_id) for part in parts] == [
        (f"{task.number}-1", "assist", BUREAU),
        (f"{task.number}-2", "assist", "u-s-bureau"),
    ]
    claimed(task)
    [early] = commands.answer([(task.id, "好了")], task.person_id, SOON)
    assert isinstance(early.why, TransitionError)
    for part in parts:
        commands.claim([part.id], part.person_id, SOON)
        commands.answer([(part.id, "配合完成")], part.person_id, SOON)
    [done] = commands.answer([(task.id, "好了")], task.person_id, SOON)
    assert done.done
    assert splitting.progress([task.id]) == {task.id: (2, 2)}
    verdicts.check([(task.id, Outcome.COMPLIED, True, "")], cast.SECOND_ANALYST, SOON)
    assert {again(part).state for part in parts} == {"closed"}


# Every state with every step ----------------------------------------------------------------------------------------


def _turn(event: TaskEvent) -> Callable[[Task], Exception | None]:
    def do(task: Task) -> Exception | None:
        handler = event is TaskEvent.DECLINE
        step = turning.Turn(
            task.id,
            event,
            task.person_id if handler else cast.ANALYST,
            SOON,
            "理由",
            task.feedback_due_at and task.feedback_due_at + timedelta(days=1),
            cast.DAY + timedelta(days=3),
            "u-s-office",
        )
        return turning.turn([step])[0].why

    return do


DO: dict[TaskEvent, Callable[[Task], Exception | None]] = {
    **{event: _turn(event) for event in TaskEvent},
    TaskEvent.CLAIM: lambda task: commands.claim([task.id], task.person_id, SOON)[0].why,
    TaskEvent.BEGIN: lambda task: commands.start([task.id], task.person_id, SOON)[0].why,
    TaskEvent.ANSWER: lambda task: commands.answer([(task.id, "已停产")], task.person_id, SOON)[0].why,
    TaskEvent.PASS: lambda task: (
        verdicts.check([(task.id, Outcome.COMPLIED, True, "")], cast.ANALYST, SOON)[0].why
    ),
    TaskEvent.RETURN: lambda task: (
        verdicts.check([(task.id, Outcome.NOT_COMPLIED, False, "仍在生产")], cast.ANALYST, SOON)[0].why
    ),
}


@pytest.mark.parametrize("event", list(TaskEvent))
@pytest.mark.parametrize("state", list(TaskState))
def test_every_state_takes_what_the_table_says_and_nothing_else(
    town: cast.City, state: TaskState, event: TaskEvent
) -> None:
    task = sent(category="routine")
    Task.objects.filter(id=task.id).update(state=state)
    before, events = Task.objects.filter(id=task.id).values().get(), Event.objects.count()
    why = DO[event](again(task))
    after = TRANSITIONS[state].get(event)
    if after is not None:
        assert why is None
        assert again(task).state == after
        assert Event.objects.count() > events
    else:
        assert isinstance(why, TransitionError)
        assert Task.objects.filter(id=task.id).values().get() == before
        assert Event.objects.count() == events


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.needs], ids=lambda row: f"{row.state}-{row.event}"
)
def test_a_step_without_what_it_needs_changes_nothing(town: cast.City, row) -> None:  # type: ignore[no-untyped-def]
    if row.event in (TaskEvent.ANSWER, TaskEvent.RETURN):
        return  # said in their own tests
    task = sent(category="routine")
    Task.objects.filter(id=task.id).update(state=row.state)
    by = task.person_id if row.event is TaskEvent.DECLINE else cast.ANALYST
    [refused] = turning.turn([turning.Turn(task.id, row.event, by, SOON)])
    assert isinstance(refused.why, TransitionError)
    assert again(task).state == row.state


# Obeyed first -------------------------------------------------------------------------------------------------------


def test_an_emergency_order_is_neither_paused_nor_extended_nor_suspended(ordered: Decision) -> None:
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    soon = cast.SIGNED + timedelta(minutes=5)
    later = soon + timedelta(days=9)
    [refused] = turning.decline([(task.id, "不归我们")], task.person_id, soon)
    assert isinstance(refused.why, LawError)
    commands.claim([task.id], task.person_id, soon)
    for step in (
        turning.extend([(task.id, later, "来不及")], cast.ANALYST, soon),
        turning.hold([(task.id, later.date(), "政策限制")], cast.ANALYST, soon),
        turning.suspend([(task.id, "停一停")], cast.ANALYST, soon),
        turning.transfer([(task.id, "u-obeys", "转")], cast.ANALYST, soon),
    ):
        assert isinstance(step[0].why, LawError), step
    for kind in (RequestKind.EXTENSION, RequestKind.HOLD, RequestKind.SUSPEND):
        with pytest.raises(LawError, match="obeyed_first"):
            asking.ask(task.id, kind, "请求", later, task.person_id, soon)
    with pytest.raises(LawError, match="obeyed_first"):
        asking.pause(task.id, "force_majeure", "停电", task.person_id, soon)
    due = again(task).feedback_due_at
    heard = asking.ask(task.id, RequestKind.APPEAL, "我们是民生企业", None, task.person_id, soon)
    asking.decide_request(heard.id, True, "属实，另行报签", cast.ANALYST, soon + timedelta(hours=1))
    assert (again(task).state, again(task).feedback_due_at, again(task).paused_at) == ("claimed", due, None)


# Clocks that stand --------------------------------------------------------------------------------------------------


def test_a_pause_shifts_the_due_time_by_the_office_time_it_took(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    due = task.feedback_due_at
    assert due is not None
    asking.pause(task.id, "laboratory_result", "等化验", task.person_id, at(cast.DAY, 10))
    assert (again(task).next_due_at, again(task).next_step_at) == (None, None)
    assert commands.run_clocks(due + timedelta(days=3)) == 0
    asking.end_pause([task.id], cast.ANALYST, at(cast.DAY, 12))
    moved = again(task)
    assert moved.feedback_due_at is not None
    assert moved.feedback_due_at > due
    assert moved.next_due_at == moved.feedback_due_at
    assert Pause.objects.get().until == at(cast.DAY, 12)
    assert told(task)[-2:] == ["task.paused", "task.unpaused"]


def test_a_pause_ends_by_itself_when_its_rule_is_over_and_not_when_somebody_looks(town: cast.City) -> None:
    tasks = [claimed(sent(category="routine")), claimed(sent(Target("area", "9002"), category="routine"))]
    for task in tasks:
        asking.pause(task.id, "explanation_review", "审核中", task.person_id, SOON)
    ends = Pause.objects.filter(task=tasks[0]).get().ends_at
    assert ends is not None
    asking.end_pause([tasks[0].id], cast.ANALYST, ends)
    assert asking.run_pauses(ends + timedelta(days=2)) == 1
    assert again(tasks[0]).feedback_due_at == again(tasks[1]).feedback_due_at
    assert asking.run_pauses(ends + timedelta(days=2)) == 0


@pytest.mark.parametrize("rule", ["hold", "suspend", "tired"])
def test_no_pause_but_by_a_rule(town: cast.City, rule: str) -> None:
    task = claimed(sent(category="routine"))
    with pytest.raises(LawError, match="no_pause_rule"):
        asking.pause(task.id, rule, "理由", task.person_id, SOON)


def test_a_task_on_hold_goes_on_with_the_time_it_had_left(town: cast.City) -> None:
    task = claimed(sent(category="emergency"))
    due = task.feedback_due_at
    assert due is not None
    held, looked, goes_on = SOON, SOON + timedelta(days=2), SOON + timedelta(days=4)
    turning.hold([(task.id, looked.date(), "等批文")], cast.ANALYST, held)
    assert (again(task).next_due_at, again(task).hold_until) == (None, looked.date())
    turning.look(task.id, goes_on.date() + timedelta(days=1), "仍在等", cast.ANALYST, looked)
    turning.resume([task.id], cast.ANALYST, goes_on, "批文到了")
    row = again(task)
    assert (row.state, row.hold_until, row.feedback_due_at) == ("in_hand", None, goes_on + (due - held))


def test_the_hold_has_a_longest(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    [refused] = turning.hold([(task.id, cast.DAY + timedelta(days=91), "等")], cast.ANALYST, SOON)
    assert isinstance(refused.why, TransitionError)


# What a handler asks ------------------------------------------------------------------------------------------------


def test_an_extension_is_asked_before_the_due_time_and_granted_by_the_sender(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    assert task.feedback_due_at is not None
    until = task.feedback_due_at + timedelta(days=2)
    with pytest.raises(TransitionError, match="before the due time"):
        asking.ask(task.id, RequestKind.EXTENSION, "来不及", until, task.person_id, task.feedback_due_at)
    asked = asking.ask(task.id, RequestKind.EXTENSION, "缺设备", until, task.person_id, SOON)
    assert again(task).feedback_due_at == task.feedback_due_at, "asking moves no clock"
    with pytest.raises(TransitionError, match="not been answered"):
        asking.ask(task.id, RequestKind.EXTENSION, "再问", until, task.person_id, SOON)
    for stranger in (task.person_id, cast.LEADER, "dispatcher-s", cast.CHECKER):
        with pytest.raises(RightsError):
            asking.decide_request(asked.id, True, "", stranger, SOON)
    with pytest.raises(TransitionError, match="says why"):
        asking.decide_request(asked.id, False, " ", cast.ANALYST, SOON)
    asking.decide_request(asked.id, True, "同意", cast.SECOND_ANALYST, SOON)
    assert again(task).feedback_due_at == again(task).next_due_at == until
    assert told(task)[-3:] == ["task.requested", "task.request_granted", "task.due"]
    with pytest.raises(TransitionError):
        asking.decide_request(asked.id, False, "反悔", cast.ANALYST, SOON)


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        (RequestKind.EXTENSION, SOON + timedelta(days=366)),
        (RequestKind.HOLD, at(cast.DAY + timedelta(days=90), 0)),
    ],
)
def test_what_reaches_too_far_is_refused_when_it_is_asked_for(
    town: cast.City, kind: RequestKind, last: datetime
) -> None:
    """What the sender could not grant is not asked for; the last day that could be is named and may be asked for."""
    task = claimed(sent(category="routine"))
    beyond = last + timedelta(days=1)
    with pytest.raises(TooFar) as refused:
        asking.ask(task.id, kind, "缺设备", beyond, task.person_id, SOON)
    assert refused.value.latest == last.astimezone(CITY_TZ).date()
    assert not task.requests.exists()
    asked = asking.ask(task.id, kind, "缺设备", last, task.person_id, SOON)
    asking.decide_request(asked.id, True, "", cast.ANALYST, SOON)
    assert again(task).state == ("claimed" if kind is RequestKind.EXTENSION else "on_hold")


@pytest.mark.parametrize("day", [cast.DAY - timedelta(days=1), cast.DAY])
def test_a_day_of_the_next_look_that_is_over_is_refused_when_it_is_asked_for(
    town: cast.City, day: date
) -> None:
    task = claimed(sent(category="routine"))
    with pytest.raises(TransitionError, match="day of the next look"):
        asking.ask(task.id, RequestKind.HOLD, "缺设备", at(day, 0), task.person_id, SOON)
    assert not task.requests.exists()


def test_what_was_asked_for_in_time_is_not_granted_when_its_day_has_come(town: cast.City) -> None:
    """The request is right when it is made; the world moves on until it is decided."""
    task = claimed(sent(category="routine"))
    asked = asking.ask(
        task.id, RequestKind.HOLD, "缺设备", at(cast.DAY + timedelta(days=1), 0), task.person_id, SOON
    )
    with pytest.raises(TransitionError, match="day of the next look"):
        asking.decide_request(asked.id, True, "", cast.ANALYST, SOON + timedelta(days=1))
    asked.refresh_from_db()
    assert (asked.granted, asked.decided_at, again(task).state) == (None, None, "claimed")


def test_a_refused_request_moves_nothing(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    asked = asking.ask(task.id, RequestKind.SUSPEND, "检修", None, task.person_id, SOON)
    asking.decide_request(asked.id, False, "不同意", cast.ANALYST, SOON)
    assert again(task).state == "claimed"
    assert told(task)[-1] == "task.request_refused"


def test_a_declined_task_is_the_senders_to_move(town: cast.City) -> None:
    task = sent(category="routine")
    turning.decline([(task.id, "不归我县")], task.person_id, SOON)
    row = again(task)
    assert (row.state, row.next_due_at) == ("declined", row.claim_due_at)
    [stranger] = turning.transfer([(task.id, "u-s-office", "转")], task.person_id, SOON)
    assert isinstance(stranger.why, RightsError)
    due = row.feedback_due_at
    turning.transfer([(task.id, "u-s-office", "属南县")], cast.ANALYST, SOON)
    moved = again(task)
    assert (moved.state, moved.unit_id, moved.area_id, moved.person_id) == (
        "issued",
        "u-s-office",
        "9002",
        "dispatcher-s",
    )
    assert moved.feedback_due_at == due, "by when the matter is answered does not move silently"


# Handed on ----------------------------------------------------------------------------------------------------------


def test_a_county_hands_a_task_on_in_parts_that_roll_up(town: cast.City) -> None:
    task = sent(Target("enterprise", cast.CHEATS), category="plant_check")
    bureau, away = splitting.split(
        task.id,
        [(Target("person", cast.SECOND_CHECKER), "去一号线看看"), (Target("area", "9002"), "")],
        task.person_id,
        SOON,
    )
    assert bureau.done
    assert isinstance(away.why, DataError), "no part leaves the place of the whole"
    assert again(task).state == "claimed"
    part = Task.objects.get(id=bureau.task_id)
    assert (part.number, part.about_id, part.parent_id) == (f"{task.number}-1", cast.CHEATS, task.id)
    assert part.feedback_due_at is not None
    assert part.feedback_due_at <= (task.feedback_due_at or part.feedback_due_at)
    [early] = commands.answer([(task.id, "办完")], task.person_id, SOON)
    assert not early.done
    commands.claim([part.id], cast.SECOND_CHECKER, SOON)
    commands.answer([(part.id, "已查")], cast.SECOND_CHECKER, SOON)
    assert splitting.progress([task.id]) == {task.id: (1, 1)}
    assert commands.answer([(task.id, "办完")], task.person_id, SOON)[0].done


def test_a_plants_own_order_is_not_handed_on(ordered: Decision) -> None:
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    with pytest.raises(TransitionError):
        splitting.split(task.id, [(Target("area", "9001"), "")], task.person_id, cast.SIGNED)


def test_what_is_withdrawn_takes_its_parts_along(town: cast.City) -> None:
    task = sent(assist=[BUREAU])
    turning.withdraw([(task.id, "发错了")], cast.ANALYST, SOON)
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_passing_on_is_proven_to_the_minute(town: cast.City) -> None:
    task = sent()
    kept = splitting.pass_on(task.id, "", "某镇值班室 电话", task.person_id, SOON)
    assert (kept.at, kept.by, kept.to_words) == (SOON, task.person_id, "某镇值班室 电话")
    assert told(task)[-1] == "task.passed_on"
    with pytest.raises(RightsError):
        splitting.pass_on(task.id, "", "谁", "dispatcher-s", SOON)


def test_a_closed_task_is_reopened_with_a_new_clock(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    commands.answer([(task.id, "好了")], task.person_id, SOON)
    verdicts.check([(task.id, Outcome.COMPLIED, True, "")], cast.ANALYST, SOON)
    assert again(task).state == "closed"
    later = SOON + timedelta(days=3)
    [done] = turning.reopen([(task.id, "回头看发现反弹")], cast.ANALYST, later)
    row = again(task)
    assert (done.done, row.state, row.reopens, row.closed_at) == (True, "returned", 1, None)
    assert row.feedback_due_at is not None
    assert row.feedback_due_at > later


def test_what_was_taken_back_can_be_sent_again_at_once(town: cast.City) -> None:
    first = sent()
    turning.withdraw([(first.id, "发错了")], cast.ANALYST, NOW)
    [second] = order(again=True)
    assert second.done
    assert second.task_id != first.id
    assert again(first).state == "withdrawn"


# Side roads in odd orders -------------------------------------------------------------------------------------------


def _paused(task: Task, at_: datetime = SOON) -> Task:
    asking.pause(task.id, "laboratory_result", "等化验", task.person_id, at_)
    return again(task)


def test_an_answer_ends_the_pause_so_that_a_return_has_its_own_clock(town: cast.City) -> None:
    task = _paused(claimed(sent(category="routine")))
    answered = SOON + timedelta(days=1)
    commands.answer([(task.id, "好了")], task.person_id, answered)
    assert (again(task).paused_at, Pause.objects.get().until) == (None, answered)
    back = answered + timedelta(hours=1)
    verdicts.check([(task.id, Outcome.NOT_COMPLIED, False, "仍在生产")], cast.ANALYST, back)
    due = again(task).feedback_due_at
    assert due is not None
    assert again(task).next_due_at == due
    assert asking.run_pauses(back + timedelta(days=30)) == 0
    assert again(task).feedback_due_at == due


def test_a_pause_does_not_stop_the_claim_clock_of_the_next_unit(town: cast.City) -> None:
    task = _paused(claimed(sent(category="routine")))
    later = SOON + timedelta(hours=1)
    [done] = turning.transfer([(task.id, BUREAU, "由分局办")], cast.ANALYST, later)
    row = again(task)
    assert done.done
    assert (row.state, row.paused_at, row.next_due_at) == ("issued", None, row.claim_due_at)
    assert not Pause.objects.filter(until=None).exists()


@pytest.mark.parametrize("stop", ["pause", "hold"])
def test_what_is_taken_back_stands_no_longer(town: cast.City, stop: str) -> None:
    task = claimed(sent(category="routine"))
    if stop == "pause":
        _paused(task)
    else:
        turning.hold([(task.id, cast.DAY + timedelta(days=5), "等")], cast.ANALYST, SOON)
    turning.withdraw([(task.id, "发错了")], cast.ANALYST, SOON + timedelta(hours=1))
    row = again(task)
    assert (row.state, row.paused_at, row.hold_until, row.next_due_at) == ("withdrawn", None, None, None)
    assert not Pause.objects.filter(until=None).exists()
    assert asking.run_pauses(SOON + timedelta(days=90)) == 0


@pytest.mark.parametrize("give", ["emergency order", "check"])
def test_what_an_order_opened_is_not_taken_back_by_hand(ordered: Decision, give: str) -> None:
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    if give == "check":
        Task.objects.filter(id=task.id).update(kind="check", order_id="")
    typed = send("special", SAYS, [Target("area", "9001")], cast.ANALYST, cast.SIGNED)[0].task_id
    refused, done = turning.withdraw([(task.id, "算了"), (typed, "发错了")], cast.ANALYST, cast.SIGNED)
    assert isinstance(refused.why, TransitionError)
    assert (again(task).state, done.done) == ("issued", True)


def test_an_appeal_that_is_granted_takes_the_parts_along(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    [part] = splitting.split(task.id, [(Target("unit", BUREAU), "")], task.person_id, SOON)
    asked = asking.ask(task.id, RequestKind.APPEAL, "不属实", None, task.person_id, SOON)
    asking.decide_request(asked.id, True, "属实", cast.ANALYST, SOON)
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert part.done


def test_parts_of_the_former_unit_do_not_hold_the_next_one_back(town: cast.City) -> None:
    task = sent(category="routine", assist=["u-s-bureau"])
    splitting.split(task.id, [(Target("unit", BUREAU), "去看看")], task.person_id, SOON)
    turning.transfer([(task.id, BUREAU, "直接由分局办")], cast.ANALYST, SOON)
    states = dict(Task.objects.filter(parent=task).values_list("part", "state"))
    assert states == {"assist": "issued", "share": "withdrawn"}
    row = again(task)
    helper = Task.objects.get(part="assist")
    commands.claim([row.id], row.person_id, SOON)
    commands.claim([helper.id], helper.person_id, SOON)
    commands.answer([(helper.id, "完成")], helper.person_id, SOON)
    assert commands.answer([(row.id, "完成")], row.person_id, SOON)[0].done


def test_the_same_part_twice_is_one_part_and_can_be_made_again_once_taken_back(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    twice = [(Target("unit", BUREAU), "去看看")] * 2
    first, second = splitting.split(task.id, twice, task.person_id, SOON)
    assert (first.done, second.done) == (True, False)
    assert isinstance(second.why, TransitionError)
    turning.withdraw([(first.task_id, "换个人")], task.person_id, SOON)
    [anew] = splitting.split(task.id, twice[:1], task.person_id, SOON)
    assert anew.done
    assert anew.number != first.number


def test_an_order_that_goes_on_from_a_plant_is_no_longer_read_there(
    town: cast.City, login: Callable[..., User]
) -> None:
    users = {
        plant: login(plant, f"manager-{plant}", Role.PLANT_MANAGER, f"enterprise:{plant}")
        for plant in (cast.CHEATS, cast.OBEYS)
    }
    task = sent(Target("unit", "u-cheats"), category="routine")

    def read_by() -> set[str]:
        return {plant for plant, user in users.items() if visible(user, Task.objects.all()).exists()}

    assert read_by() == {cast.CHEATS}
    turning.transfer([(task.id, BUREAU, "分局去查")], cast.ANALYST, SOON)
    assert (read_by(), again(task).plant_id) == (set(), cast.CHEATS)
    turning.transfer([(task.id, "u-obeys", "实为该厂")], cast.ANALYST, SOON)
    assert read_by() == {cast.OBEYS}


def test_what_the_former_unit_asked_is_not_granted_to_the_next(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    assert task.feedback_due_at is not None
    until = task.feedback_due_at + timedelta(days=9)
    asked = asking.ask(task.id, RequestKind.EXTENSION, "路远", until, task.person_id, SOON)
    turning.transfer([(task.id, BUREAU, "由分局办")], cast.ANALYST, SOON)
    with pytest.raises(TransitionError, match="another unit"):
        asking.decide_request(asked.id, True, "", cast.ANALYST, SOON)
    assert again(task).feedback_due_at == task.feedback_due_at
    asking.decide_request(asked.id, False, "已转办", cast.ANALYST, SOON)


def test_a_step_that_is_refused_half_way_leaves_nothing_for_the_next(town: cast.City) -> None:
    task = sent(category="routine")
    steps = [
        turning.Turn(task.id, TaskEvent.TRANSFER, cast.ANALYST, SOON, "转", unit="none"),
        turning.Turn(task.id, TaskEvent.TRANSFER, cast.ANALYST, SOON, "转", unit=BUREAU),
        turning.Turn(task.id, TaskEvent.TRANSFER, cast.ANALYST, SOON, "转", unit="u-s-office"),
    ]
    assert [answer.done for answer in turning.turn(steps)] == [False, True, False]
    assert (again(task).unit_id, told(task)) == (BUREAU, ["task.opened", "task.transferred"])


# A year whose holidays are not published ----------------------------------------------------------------------------

LATE = at(date(2026, 12, 30), 9)


def _late() -> Task:
    due = LATE + timedelta(days=6)
    [one] = send("routine", SAYS, [Target("area", "9001")], cast.ANALYST, LATE, due_at=due)
    task = Task.objects.get(id=one.task_id)
    assert commands.claim([task.id], task.person_id, LATE)[0].done
    return again(task)


def test_a_pause_ends_into_a_year_that_is_not_published(town: cast.City) -> None:
    task = _late()
    Pause.objects.create(
        task=task, since=LATE, ends_at=LATE + timedelta(hours=3), rule="r", reason="r", by="x"
    )
    Task.objects.filter(id=task.id).update(paused_at=LATE)
    assert asking.run_pauses(LATE + timedelta(days=1)) == 1
    assert again(task).feedback_due_at == LATE + timedelta(days=6, hours=3)
    turning.hold([(task.id, date(2026, 12, 31), "等")], cast.ANALYST, LATE + timedelta(hours=4))
    [done] = turning.resume([task.id], cast.ANALYST, LATE + timedelta(days=1), "批文到了")
    assert done.done, done.why
    assert not Pause.objects.filter(until=None).exists()


def test_a_task_goes_back_and_on_into_a_year_that_is_not_published(town: cast.City) -> None:
    task = _late()
    commands.answer([(task.id, "好了")], task.person_id, LATE)
    noon = LATE + timedelta(hours=3)
    [back] = verdicts.check([(task.id, Outcome.NOT_COMPLIED, False, "没有")], cast.ANALYST, noon)
    assert back.done
    assert again(task).next_due_at == noon + timedelta(days=6)
    [on] = turning.transfer([(task.id, BUREAU, "由分局办")], cast.ANALYST, noon)
    assert on.done, on.why


# Who has left -------------------------------------------------------------------------------------------------------


def test_who_is_out_of_post_or_has_left_acts_no_more(town: cast.City) -> None:
    task = sent(category="routine")
    Post.objects.filter(person_id=cast.DISPATCHER).update(valid_to=cast.DAY - timedelta(days=1))
    [refused] = order(Target("area", "9001"), by=cast.DISPATCHER, category="linkage")
    assert isinstance(refused.why, RightsError)
    far = sent(Target("person", cast.CHECKER), category="emergency")
    Person.objects.filter(id=cast.CHECKER).update(active=False)
    [left] = commands.claim([far.id], cast.CHECKER, SOON)
    assert isinstance(left.why, RightsError)
    [former] = commands.claim([far.id], cast.DISPATCHER, SOON)
    assert isinstance(former.why, RightsError)
    Post.objects.filter(person_id=cast.SECOND_ANALYST).update(valid_to=cast.DAY - timedelta(days=1))
    Person.objects.filter(id=cast.SECOND_ANALYST).update(unit_id="u-s-office")
    [sender] = turning.withdraw([(task.id, "算了")], cast.SECOND_ANALYST, SOON)
    assert isinstance(sender.why, RightsError)
    Person.objects.filter(id=cast.ANALYST).update(active=False)
    [gone] = order(Target("area", "9002"), category="linkage")
    assert isinstance(gone.why, RightsError)
    assert not turning.withdraw([(task.id, "算了")], cast.ANALYST, SOON)[0].done


def test_who_stands_in_for_the_one_named_may_act(town: cast.City) -> None:
    task = sent(Target("person", cast.CHECKER), category="routine")
    act_for(cast.CHECKER, "checker-s", NOW, SOON + timedelta(hours=1), "出差", cast.ANALYST, NOW)
    assert commands.claim([task.id], "checker-s", SOON)[0].done
    [over] = commands.answer([(task.id, "好了")], "checker-s", SOON + timedelta(hours=2))
    assert isinstance(over.why, RightsError)


def test_a_pause_that_somebody_ends_meanwhile_holds_no_other_back(
    town: cast.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _paused(claimed(sent(category="routine")))
    second = _paused(claimed(sent(Target("area", "9002"), category="routine")))
    real = asking._one
    ended: list[str] = []

    def meanwhile(task_id: str) -> Task:
        if not ended:
            ended.append(task_id)
            asking.end_pause([first.id], cast.ANALYST, SOON + timedelta(hours=1))
        return real(task_id)

    monkeypatch.setattr(asking, "_one", meanwhile)
    assert asking.run_pauses(SOON + timedelta(days=30)) == 1
    assert (again(first).paused_at, again(second).paused_at) == (None, None)


def test_a_county_hands_nothing_to_another_county(town: cast.City) -> None:
    task = sent(by=cast.DISPATCHER)
    [refused] = turning.transfer([(task.id, "u-s-office", "给南县")], cast.DISPATCHER, SOON)
    assert isinstance(refused.why, RightsError)
    assert again(task).unit_id == "u-n-office"


def test_a_typed_due_time_is_not_moved_by_the_pause_that_ran(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    assert task.feedback_due_at is not None
    asking.pause(task.id, "laboratory_result", "等化验", task.person_id, SOON)
    until = task.feedback_due_at + timedelta(days=9)
    [done] = turning.extend([(task.id, until, "化验慢")], cast.ANALYST, SOON + timedelta(hours=1))
    assert done.done, done.why
    asking.run_pauses(SOON + timedelta(days=30))
    assert again(task).feedback_due_at == again(task).next_due_at == until


def test_a_part_is_not_reopened_under_a_closed_whole(town: cast.City) -> None:
    task = sent(category="routine", assist=[BUREAU])
    claimed(task)
    part = task.parts.get()
    for row in (part, task):
        commands.claim([row.id], row.person_id, SOON)
        commands.answer([(row.id, "好了")], row.person_id, SOON)
    verdicts.check([(task.id, Outcome.COMPLIED, True, "")], cast.SECOND_ANALYST, SOON)
    [refused] = turning.reopen([(part.id, "再看")], cast.ANALYST, SOON)
    assert isinstance(refused.why, TransitionError)
    assert again(part).state == "closed"


def test_an_extension_does_not_reach_for_ever(town: cast.City) -> None:
    task = claimed(sent(category="routine"))
    [refused] = turning.extend([(task.id, SOON + timedelta(days=400), "慢慢来")], cast.ANALYST, SOON)
    assert isinstance(refused.why, TransitionError)


@pytest.mark.parametrize("length", [400, 401])
def test_what_is_too_long_is_refused_and_not_cut(town: cast.City, length: int) -> None:
    task = claimed(sent(category="routine"))
    [done] = commands.answer([(task.id, "字" * length)], task.person_id, SOON)
    assert done.done is (length == 400)
    assert done.done or isinstance(done.why, DataError)
    if done.done:
        [checked] = verdicts.check([(task.id, Outcome.NOT_COMPLIED, False, "字" * 401)], cast.ANALYST, SOON)
        assert isinstance(checked.why, DataError)
        assert again(task).state == "answered"
    else:
        with pytest.raises(DataError):
            asking.ask(task.id, RequestKind.SUSPEND, "字" * 401, None, task.person_id, SOON)
