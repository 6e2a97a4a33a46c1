"""The round of the clocks over real rows: steps once, reminders at their pace, silence, jumps of the clock, restarts."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from tests.lantian_web import cast

from lantian.periods import CITY_TZ, at
from lantian.records import RequestKind
from lantian_web.events.models import Event
from lantian_web.notices.models import Notice
from lantian_web.orders.models import Decision
from lantian_web.tasks import asking, commands, turning
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.rising import run_clocks
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = at(cast.DAY, 9)  # a Tuesday
MINUTE = timedelta(minutes=1)


def own(plant: str = cast.CHEATS) -> Task:
    return Task.objects.get(enterprise_id=plant, kind="carry_out")


def routine(category: str = "routine", due_at: datetime | None = None) -> Task:
    [one] = send(category, "请核查夜间用电情况", [Target("area", "9001")], cast.ANALYST, NOW, due_at=due_at)
    assert one.done, one.why
    return Task.objects.get(id=one.task_id)


def claimed(task: Task) -> Task:
    [done] = commands.claim([task.id], task.person_id, NOW + 10 * MINUTE)
    assert done.done, done.why
    return Task.objects.get(id=task.id)


def events(task: Task, kind: str) -> list[Event]:
    found = Event.objects.filter(subject_kind="task", subject_id=task.id, kind=kind)
    return list(found.order_by("happened_at", "id"))


def rounds(first: datetime, last: datetime, step: int = 5, **extra: object) -> None:
    now = first
    while now <= last:
        run_clocks(now, **extra)  # type: ignore[arg-type]
        now += step * MINUTE


def test_the_leader_hears_once_and_the_person_again_and_again_until_somebody_signs(ordered: Decision) -> None:
    due = cast.SIGNED + timedelta(hours=1)
    rounds(due - 15 * MINUTE, due + 190 * MINUTE)
    said = [(event.params["step"], event.params["tells"]) for event in events(own(), "task.escalated")]
    assert said == [("near_due", "person"), ("yellow", "leader"), ("red", "city_office")]
    reminded = events(own(), "task.reminded")
    assert [event.happened_at for event in reminded] == [due + minutes * MINUTE for minutes in (20, 40, 180)]
    assert [event.params["count"] for event in reminded] == [1, 2, 3]
    assert {event.params["tells"] for event in reminded} == {"person"}
    [done] = commands.claim([own().id], own().person_id, due + 200 * MINUTE)
    assert done.done
    rounds(due + 200 * MINUTE, due + timedelta(days=2), 60)
    assert len(events(own(), "task.reminded")) == 3


def test_at_the_top_nothing_rises_again_and_so_many_a_day_are_enough(ordered: Decision) -> None:
    rounds(cast.SIGNED, cast.SIGNED + timedelta(days=4), 60)
    assert [event.params["step"] for event in events(own(), "task.escalated")] == ["yellow", "red"]
    by_day: dict[date, int] = {}
    for event in events(own(), "task.reminded"):
        day = event.happened_at.astimezone(CITY_TZ).date()
        by_day[day] = by_day.get(day, 0) + 1
    assert list(by_day.values())[1:-1] == [4, 4, 4]


def test_a_round_done_again_tells_nothing_again(ordered: Decision) -> None:
    """The worker is killed behind any commit: the same round is done once more."""
    for minutes in range(0, 300, 10):
        run_clocks(cast.SIGNED + minutes * MINUTE)
        before = Event.objects.count()
        assert run_clocks(cast.SIGNED + minutes * MINUTE) == 0
        assert Event.objects.count() == before


def test_a_worker_that_was_down_for_days_does_not_make_up_for_it(ordered: Decision) -> None:
    run_clocks(cast.SIGNED + timedelta(days=9))
    assert [event.params["step"] for event in events(own(), "task.escalated")] == ["red"]
    assert events(own(), "task.reminded") == []
    rounds(cast.SIGNED + timedelta(days=9), cast.SIGNED + timedelta(days=9, hours=2))
    assert len(events(own(), "task.reminded")) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_clock_that_jumps_both_ways_tells_every_step_once_and_keeps_its_pace(
    ordered: Decision, seed: int
) -> None:
    chance = random.Random(seed)
    now = cast.SIGNED
    for _ in range(60):
        now += chance.choice([7, 30, 240, 5 * 1440, -5 * 1440, -90, -1440]) * MINUTE
        run_clocks(now)
    far = cast.SIGNED + timedelta(days=400)
    run_clocks(far)
    run_clocks(far - timedelta(days=30))
    steps = [event.params["step"] for event in events(own(), "task.escalated")]
    assert len(set(steps)) == len(steps)
    assert "red" in steps
    many = len(events(own(), "task.reminded"))
    rounds(far - timedelta(days=30), far - timedelta(days=29), 30)
    assert 1 <= len(events(own(), "task.reminded")) - many <= 2 * 4


def test_what_a_handler_has_asked_is_waited_for_but_not_an_appeal_against_an_emergency(
    ordered: Decision,
) -> None:
    task = routine()
    task = claimed(task)
    asking.ask(
        task.id,
        RequestKind.EXTENSION,
        "等设备",
        task.feedback_due_at + timedelta(days=2),
        task.person_id,
        NOW + 20 * MINUTE,
    )
    late = task.feedback_due_at + timedelta(days=4)
    rounds(task.feedback_due_at, late, 60)
    assert [event.params["step"] for event in events(task, "task.escalated")][-1] == "red"
    assert events(task, "task.reminded") == []
    emergency = own()
    asking.ask(emergency.id, RequestKind.APPEAL, "不服", None, emergency.person_id, cast.SIGNED)
    rounds(late, late + timedelta(hours=6), 30)
    assert events(emergency, "task.reminded")


def test_the_sender_hears_of_an_answer_that_is_owed_once(town: cast.City) -> None:
    task = claimed(routine())
    request = asking.ask(
        task.id,
        RequestKind.EXTENSION,
        "等设备",
        task.feedback_due_at + timedelta(days=9),
        task.person_id,
        NOW + 20 * MINUTE,
    )
    assert run_clocks(request.decide_due_at - MINUTE) >= 0
    assert events(task, "task.request_due") == []
    for now in (request.decide_due_at, request.decide_due_at + timedelta(days=3), request.decide_due_at):
        run_clocks(now)
    [told] = events(task, "task.request_due")
    assert (told.params["request"], told.params["tells"]) == (request.id, "sender")
    Request.objects.filter(id=request.id).update(granted=False, decided_at=request.decide_due_at)
    run_clocks(request.decide_due_at + timedelta(days=5))
    assert len(events(task, "task.request_due")) == 1


def test_the_sender_hears_that_the_look_has_come_once_until_they_look(town: cast.City) -> None:
    task = claimed(routine())
    on = cast.DAY + timedelta(days=7)
    [done] = turning.hold([(task.id, on, "等大修")], cast.ANALYST, NOW + timedelta(hours=1))
    assert done.done, done.why
    rounds(NOW, at(on, 0) - MINUTE, 600)
    assert events(task, "task.look_due") == []
    for now in (at(on, 0), at(on, 8), at(on, 8) - timedelta(days=3), at(on, 9)):
        run_clocks(now)
    assert len(events(task, "task.look_due")) == 1
    [done] = turning.look(task.id, on + timedelta(days=5), "还在等", cast.ANALYST, at(on, 10))
    assert done.done, done.why
    run_clocks(at(on + timedelta(days=5), 1))
    assert len(events(task, "task.look_due")) == 2


def test_a_declined_task_rises_for_the_sender(town: cast.City) -> None:
    task = routine()
    [done] = turning.decline([(task.id, "不是本县的")], task.person_id, NOW + 10 * MINUTE)
    assert done.done, done.why
    rounds(NOW, NOW + timedelta(days=3), 30)
    assert [event.params["tells"] for event in events(task, "task.escalated")] == [
        "sender",
        "city_office",
        "city_office",
    ]
    assert {event.params["tells"] for event in events(task, "task.reminded")} == {"sender"}


@pytest.mark.slow
def test_a_routine_task_is_told_of_in_office_hours_only(town: cast.City) -> None:
    task = claimed(routine())
    rounds(NOW, NOW + timedelta(days=10), 15)
    told = events(task, "task.escalated") + events(task, "task.reminded")
    assert len(told) > 6
    for event in told:
        local = event.happened_at.astimezone(CITY_TZ)
        assert local.weekday() < 5
        assert 8 <= local.hour < 18 or (local.hour, local.minute) == (18, 0)


def test_silence_holds_back_reminders_and_nothing_else(ordered: Decision) -> None:
    rounds(cast.SIGNED, cast.SIGNED + timedelta(hours=8), silent=lambda rows, now: {row.id for row in rows})
    assert len(events(own(), "task.escalated")) == 3
    assert events(own(), "task.reminded") == []
    rounds(cast.SIGNED + timedelta(hours=8), cast.SIGNED + timedelta(hours=11))
    assert events(own(), "task.reminded")


def test_what_the_round_tells_is_queued_for_who_has_to_act(town: cast.City) -> None:
    declined, held = routine(), claimed(routine("special"))
    turning.decline([(declined.id, "不是本县的")], declined.person_id, NOW + 10 * MINUTE)
    on = cast.DAY + timedelta(days=1)
    turning.hold([(held.id, on, "等大修")], cast.ANALYST, NOW + timedelta(hours=1))
    rounds(NOW + timedelta(hours=2), NOW + timedelta(days=1), 30)
    heard = {
        (row.subject_id, row.event, row.person_id or row.to_unit_id)
        for row in Notice.objects.filter(event__in=["task.escalated", "task.reminded", "task.look_due"])
    }
    assert (held.id, "task.look_due", cast.ANALYST) in heard
    assert (declined.id, "task.escalated", cast.ANALYST) in heard
    assert {who for task, _, who in heard if task == declined.id} == {cast.ANALYST, "u-city"}
