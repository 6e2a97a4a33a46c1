"""Consultations: written in the meeting, complete before they close, looked at again at the next one, read by the office."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.errors import DataError, LawError, RightsError, TransitionError
from lantian.periods import at
from lantian.records import Basis, DecisionKind, Level, Role, TaskState
from lantian_web.accounts.models import Post, User
from lantian_web.accounts.rights import visible
from lantian_web.consultations import closing, commands, outcomes, queries
from lantian_web.consultations.kinds import kind_of, kinds
from lantian_web.consultations.models import Advice, AdviceState, AdviceTask, Consultation, LookResult
from lantian_web.consultations.play import record
from lantian_web.events.models import Event
from lantian_web.inventory.commands import load_overlay
from lantian_web.orders.models import Decision
from lantian_web.tasks import turning
from lantian_web.tasks.models import Task
from lantian_web.tasks.sending import Target

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
TUESDAY = at(date(2026, 12, 8), 8)
WEDNESDAY = at(date(2026, 12, 9), 8)
SAYS = "夜间核查砖瓦窑停窑情况"


def opened(held: datetime = TUESDAY, kind: str = "daily") -> Consultation:
    return commands.open_consultation(kind, held, cast.ANALYST, held, place="会商室")


def seated(row: Consultation) -> int:
    """The chair and one of everybody who has to be there; the weather bureau sent word. Returns the expert."""
    now = row.held_at
    commands.attend(row.id, "chair", cast.ANALYST, now, person_id=cast.VICE)
    commands.attend(row.id, "analyst", cast.ANALYST, now, person_id=cast.ANALYST)
    commands.attend(row.id, "weather", cast.ANALYST, now, unit="气象局", present=False, note="书面意见已到")
    return commands.attend(row.id, "expert", cast.ANALYST, now, name="王教授", unit="专家组").pk


def adopted(row: Consultation, expert: int, text: str = SAYS) -> Advice:
    advice = commands.advise(row.id, text, expert, cast.ANALYST, row.held_at, "special")
    chair = row.attendees.get(capacity="chair")
    return commands.decide(advice.id, AdviceState.ADOPTED, chair.pk, cast.ANALYST, row.held_at)


def sent(advice: Advice, now: datetime, *targets: Target) -> list[Task]:
    told = outcomes.send_advice(
        advice.id, "special", advice.text, targets or [Target("area", "9001")], cast.ANALYST, now
    )
    assert all(each.done for each in told), told
    return list(Task.objects.filter(id__in=[each.task_id for each in told]).order_by("id"))


def closed(row: Consultation) -> Consultation:
    return closing.close(row.id, cast.ANALYST, row.held_at + timedelta(hours=1))


def kinds_told(row: Consultation) -> list[str]:
    return list(
        Event.objects.filter(subject_kind="consultation", subject_id=row.id)
        .order_by("id")
        .values_list("kind", flat=True)
    )


# Kinds --------------------------------------------------------------------------------------------------------------


def test_three_kinds_with_agenda_and_presence_and_a_city_may_say_otherwise(town: cast.City) -> None:
    on = date(2026, 12, 8)
    assert [kind.key for kind in kinds(on)] == ["daily", "weekly", "before_warning"]
    daily = kind_of("daily", on)
    assert "results" in dict(daily.agenda)
    assert {c.key for c in daily.presence if c.least} == {"chair", "analyst", "expert", "weather"}
    rows = (
        "kind,name_zh,part,order,item,text,value,unit,valid_from,valid_to,source,confidence,note\n"
        "daily,早会,agenda,3,sources,—,,,2026-01-01,,本市,official-copy,\n"
        "daily,早会,presence,3,expert,专家组,0,number,2026-01-01,,本市,official-copy,\n"
        "daily,早会,number,0,scheme,早会{year}-{serial},,,2026-01-01,,本市,official-copy,\n"
    )
    load_overlay("consultation_kinds", rows, "own.csv", "文", cast.ANALYST, TUESDAY)
    own = kind_of("daily", on)
    assert "sources" not in dict(own.agenda)
    assert {c.key for c in own.presence if c.least} == {"chair", "analyst", "weather"}
    assert opened().number == "早会2026-1"


# Writing ------------------------------------------------------------------------------------------------------------


def test_opening_numbers_without_gaps_freezes_figures_and_is_done_once(ordered: Decision) -> None:
    row = opened()
    assert (row.number, opened().id) == ("会商〔2026〕1号", row.id)
    assert opened(WEDNESDAY, "weekly").number == "会商〔2026〕2号"
    assert [item.item for item in row.agenda.order_by("place")][:2] == ["last_day", "forecast"]
    figures = {each["key"]: each for each in row.figures}
    assert figures["warning"]["value"] == Level.ORANGE
    open_now = figures["tasks_open"]["value"]
    assert int(open_now) > 0
    Task.objects.update(state=TaskState.CLOSED)
    row.refresh_from_db()
    assert {each["key"]: each for each in row.figures}["tasks_open"]["value"] == open_now
    anew = commands.take_figures(row.id, cast.ANALYST, TUESDAY + timedelta(minutes=5))
    assert {each["key"]: each for each in anew.figures}["tasks_open"]["value"] == "0"
    assert kinds_told(row) == ["consultation.opened", "consultation.figures"]


@pytest.mark.parametrize("by", [cast.DISPATCHER, cast.LEADER, cast.MAYOR, f"manager-{cast.OBEYS}"])
def test_only_analysts_of_the_city_write(town: cast.City, by: str) -> None:
    with pytest.raises(RightsError):
        commands.open_consultation("daily", TUESDAY, by, TUESDAY)
    row = opened()
    expert = seated(row)
    advice = commands.advise(row.id, SAYS, expert, cast.ANALYST, TUESDAY)
    chair = row.attendees.get(capacity="chair").pk
    for act in (
        lambda: commands.attend(row.id, "expert", by, TUESDAY, name="李"),
        lambda: commands.advise(row.id, SAYS, expert, by, TUESDAY),
        lambda: commands.decide(advice.id, AdviceState.ADOPTED, chair, by, TUESDAY),
        lambda: commands.take_figures(row.id, by, TUESDAY),
        lambda: closing.close(row.id, by, TUESDAY),
        lambda: closing.add(row.id, "补", by, TUESDAY),
    ):
        with pytest.raises(RightsError):
            act()
    assert Advice.objects.get().state == AdviceState.OPEN


def test_who_is_there(town: cast.City) -> None:
    row = opened()
    seated(row)
    vice = row.attendees.get(capacity="chair")
    assert (vice.person_id, vice.name, vice.unit) == (cast.VICE, f"名{cast.VICE}", "某市大气办")
    found = commands.attend(row.id, "county", cast.ANALYST, TUESDAY, name=f"名{cast.LEADER}")
    assert found.person_id == cast.LEADER
    with pytest.raises(DataError):  # a second chair
        commands.attend(row.id, "chair", cast.ANALYST, TUESDAY, person_id=cast.MAYOR)
    with pytest.raises(DataError):  # absent without a word
        commands.attend(row.id, "department", cast.ANALYST, TUESDAY, unit="住建局", present=False)
    with pytest.raises(DataError):
        commands.attend(row.id, "guest", cast.ANALYST, TUESDAY, name="某")
    commands.leave(found.pk, cast.ANALYST, TUESDAY)
    expert = row.attendees.get(capacity="expert")
    commands.advise(row.id, SAYS, expert.pk, cast.ANALYST, TUESDAY)
    with pytest.raises(TransitionError):
        commands.leave(expert.pk, cast.ANALYST, TUESDAY)


def test_the_chair_decides_and_a_no_needs_its_reason(town: cast.City) -> None:
    row = opened()
    expert = seated(row)
    advice = commands.advise(row.id, SAYS, expert, cast.ANALYST, TUESDAY)
    chair, weather = (row.attendees.get(capacity=key).pk for key in ("chair", "weather"))
    for state in (AdviceState.NOT_ADOPTED, AdviceState.DEFERRED):
        with pytest.raises(DataError):
            commands.decide(advice.id, state, chair, cast.ANALYST, TUESDAY, "  ")
    with pytest.raises(DataError):  # who was not there decides nothing
        commands.decide(advice.id, AdviceState.ADOPTED, weather, cast.ANALYST, TUESDAY)
    commands.decide(advice.id, AdviceState.NOT_ADOPTED, chair, cast.ANALYST, TUESDAY, "证据不足")
    commands.decide(advice.id, AdviceState.ADOPTED, chair, cast.ANALYST, TUESDAY)
    sent(Advice.objects.get(), TUESDAY)
    with pytest.raises(TransitionError):  # it has become a task
        commands.decide(advice.id, AdviceState.NOT_ADOPTED, chair, cast.ANALYST, TUESDAY, "改主意")


# What becomes of it -------------------------------------------------------------------------------------------------


def test_adopted_advice_becomes_tasks_that_name_the_record(town: cast.City) -> None:
    row = opened()
    advice = adopted(row, seated(row))
    told = outcomes.send_advice(
        advice.id,
        "special",
        SAYS,
        [Target("area", "9001"), Target("area", "9002"), Target("area", "9999")],
        cast.ANALYST,
        TUESDAY,
    )
    assert [each.done for each in told] == [True, True, False]
    tasks = Task.objects.filter(id__in=AdviceTask.objects.values("task_id"))
    assert {(task.basis, task.text, task.area_id) for task in tasks} == {
        (row.number, SAYS, "9001"),
        (row.number, SAYS, "9002"),
    }
    outcomes.send_advice(advice.id, "special", SAYS, [Target("area", "9001")], cast.ANALYST, TUESDAY)
    assert AdviceTask.objects.count() == 2
    waiting = commands.advise(row.id, "另一条", advice.given_by_id, cast.ANALYST, TUESDAY)
    with pytest.raises(TransitionError):
        outcomes.send_advice(waiting.id, "special", SAYS, [Target("area", "9001")], cast.ANALYST, TUESDAY)
    assert outcomes.link_task(advice.id, tasks[0].number, cast.ANALYST, TUESDAY) == tasks[0]
    with pytest.raises(DataError):
        outcomes.link_task(advice.id, "nothing", cast.ANALYST, TUESDAY)


def test_a_warning_is_decided_elsewhere_and_named_here(ordered: Decision) -> None:
    held = at(date(2026, 12, 10), 17)
    row = opened(held, "before_warning")
    advice = adopted(row, seated(row), "建议延长橙色预警")
    with pytest.raises(LawError, match="before_consultation"):
        outcomes.link_decision(advice.id, ordered.id, cast.ANALYST, held)
    later = cast.start(
        kind=DecisionKind.EXTEND,
        basis=Basis.CONSULTATION,
        reason=f"{row.number}意见1",
        forecast=[230, 210, 110],
        start_at=at(date(2026, 12, 11), 0),
        now=held + timedelta(minutes=40),
    )
    outcomes.link_decision(advice.id, later.id, cast.ANALYST, held + timedelta(hours=1))
    told = Event.objects.filter(kind="consultation.linked").get().params
    assert (told["decision"], told["stands_on_it"]) == (later.number, True)
    assert queries.gaps(row) == []


# Closing and looking again ------------------------------------------------------------------------------------------


def codes(row: Consultation) -> list[str]:
    return [gap.code for gap in queries.gaps(row)]


def test_a_record_closes_only_when_it_is_complete_and_then_for_good(town: cast.City) -> None:
    row = opened()
    assert codes(row) == ["chair", "presence", "presence", "presence"]
    expert = seated(row)
    assert codes(row) == []
    advice = commands.advise(row.id, SAYS, expert, cast.ANALYST, TUESDAY)
    assert codes(row) == ["undecided"]
    with pytest.raises(LawError, match="record_incomplete"):
        closed(row)
    chair = row.attendees.get(capacity="chair").pk
    commands.decide(advice.id, AdviceState.ADOPTED, chair, cast.ANALYST, TUESDAY)
    assert codes(row) == ["outcome"]
    commands.decide(advice.id, AdviceState.ADOPTED, chair, cast.ANALYST, TUESDAY, "继续观察，不另派任务")
    assert closed(row).state == "closed"
    for act in (
        lambda: commands.attend(row.id, "expert", cast.ANALYST, WEDNESDAY, name="李"),
        lambda: commands.advise(row.id, "迟到的意见", expert, cast.ANALYST, WEDNESDAY),
        lambda: commands.decide(advice.id, AdviceState.DEFERRED, chair, cast.ANALYST, WEDNESDAY, "改"),
        lambda: commands.take_figures(row.id, cast.ANALYST, WEDNESDAY),
        lambda: commands.say(row.agenda.first().pk, "改", cast.ANALYST, WEDNESDAY),
        lambda: commands.leave(expert, cast.ANALYST, WEDNESDAY),
        lambda: closed(row),
    ):
        with pytest.raises(TransitionError):
            act()
    added = closing.add(row.id, "更正：专家另有书面意见", cast.SECOND_ANALYST, WEDNESDAY)
    assert (added.by, added.at) == (cast.SECOND_ANALYST, WEDNESDAY)
    assert kinds_told(row)[-2:] == ["consultation.closed", "consultation.added"]


def test_the_next_meeting_looks_at_what_was_adopted(town: cast.City) -> None:
    first = opened()
    advice = adopted(first, seated(first))
    [task] = sent(advice, TUESDAY)
    closed(first)
    second = opened(WEDNESDAY, "before_warning")
    seated(second)
    assert codes(second) == ["look"]
    Task.objects.filter(id=task.id).update(state=TaskState.CLOSED)
    with pytest.raises(DataError):  # carried over for no reason
        outcomes.look(second.id, advice.id, LookResult.CARRIED_OVER, cast.ANALYST, WEDNESDAY)
    seen = outcomes.look(second.id, advice.id, LookResult.STILL_RUNNING, cast.ANALYST, WEDNESDAY)
    assert (seen.facts["tasks"], seen.facts["done"]) == (1, 1)
    closed(second)
    third = opened(WEDNESDAY + timedelta(days=1))
    seated(third)
    assert codes(third) == ["look"]  # what still runs comes again
    outcomes.look(third.id, advice.id, LookResult.EFFECTIVE, cast.ANALYST, third.held_at)
    assert codes(third) == []
    outcomes.look(third.id, advice.id, LookResult.CANNOT_TELL, cast.ANALYST, third.held_at, "天气转好")
    assert third.looks.get().result == LookResult.CANNOT_TELL
    closed(third)
    fourth = opened(WEDNESDAY + timedelta(days=2))
    seated(fourth)
    assert codes(fourth) == []  # settled once
    with pytest.raises(DataError):
        outcomes.look(fourth.id, advice.id, LookResult.EFFECTIVE, cast.ANALYST, fourth.held_at)
    assert first.looks.count() == 0


def test_what_was_put_off_is_taken_up_once(town: cast.City) -> None:
    first = opened()
    expert = seated(first)
    advice = commands.advise(first.id, SAYS, expert, cast.ANALYST, TUESDAY, "special")
    chair = first.attendees.get(capacity="chair").pk
    commands.decide(advice.id, AdviceState.DEFERRED, chair, cast.ANALYST, TUESDAY, "等预报")
    closed(first)
    second = opened(WEDNESDAY)
    other = seated(second)
    assert [each.id for each in queries.deferred(second)] == [advice.id]
    again = commands.take_up(second.id, advice.id, other, cast.ANALYST, WEDNESDAY)
    assert (again.text, again.category, again.taken_from_id) == (SAYS, "special", advice.id)
    assert not queries.deferred(second).exists()
    with pytest.raises(DataError):
        commands.take_up(second.id, advice.id, other, cast.ANALYST, WEDNESDAY)


def test_the_air_around_is_a_plain_mean_of_the_days_beside(town: cast.City) -> None:
    from lantian_web.assessments.models import Assessment

    def day(on: date, value: int) -> None:
        Assessment.objects.create(
            id=f"assessment_{on}",
            subject_kind="area",
            subject_id="90",
            indicator="pm25_day",
            start_on=on,
            end_on=on,
            value=value,
            unit="ug/m3",
            edition="2012",
            days_valid=1,
            days_dropped=0,
        )

    for number, value in ((4, 900), (5, 100), (6, 110), (7, 120), (8, 500), (9, 60), (10, 70)):
        day(date(2026, 12, number), value)
    first = opened()
    advice = adopted(first, seated(first))
    found = queries.progress([advice], at(date(2026, 12, 11), 8))[advice.id]
    assert (found.before, found.before_days) == (110, 3)  # 5, 6, 7; the day itself is left out
    assert (found.after, found.after_days) == (65, 2)
    early = queries.progress([advice], TUESDAY)[advice.id]
    assert (early.after, early.after_days) == (None, 0)


def test_the_play_writes_a_record_beside_its_warning(ordered: Decision) -> None:
    evening = at(date(2026, 12, 7), 18)
    row = record(evening, cast.SIGNED, cast.ANALYST, cast.VICE, cast.ORANGE)
    assert record(evening, cast.SIGNED, cast.ANALYST, cast.VICE, cast.ORANGE) == row
    assert (row.kind, row.state) == ("before_warning", "closed")
    [advice] = row.advice.all()
    assert advice.warning_decision_id == ordered.id
    days = {each["key"]: each for each in row.figures}["forecast"]["more"]["days"]
    assert days[0] == ["2026-12-08", 210]
    later = record(evening + timedelta(days=1), TUESDAY + timedelta(hours=10), cast.ANALYST, cast.VICE, [90])
    assert later.looks.get().result == LookResult.STILL_RUNNING
    assert not later.advice.exists()
    cast.lift(at(date(2026, 12, 10), 0))
    end = at(date(2026, 12, 10), 18)
    last = record(end, end, cast.ANALYST, cast.VICE, [70])
    assert last.looks.get().result == LookResult.CANNOT_TELL


# Pages and rights ---------------------------------------------------------------------------------------------------


@pytest.fixture
def enter(login: Callable[..., User]) -> Callable[..., Client]:
    def make(name: str, person: str, role: Role, scope: str) -> Client:
        client = Client()
        client.force_login(login(name, person, role, scope), backend=BACKEND)
        return client

    return make


OUTSIDE = [
    ("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001"),
    ("u", cast.CHECKER, Role.DISPATCHER, "unit:u-n-bureau"),
    ("m", f"manager-{cast.CHEATS}", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}"),
    ("s", cast.MAYOR, Role.SYSTEM_MANAGER, "area:90"),
    ("ac", cast.SECOND_ANALYST, Role.ANALYST, "area:9001"),
]


@pytest.mark.parametrize(("name", "person", "role", "scope"), OUTSIDE)
def test_counties_plants_and_managers_do_not_know_of_it(
    town: cast.City, enter: Callable[..., Client], name: str, person: str, role: Role, scope: str
) -> None:
    row = opened()
    advice = adopted(row, seated(row))
    [task] = sent(advice, TUESDAY)
    clock(TUESDAY)
    client = enter(name, person, role, scope)
    user = User.objects.get(username=name)
    assert not visible(user, Consultation.objects.all()).exists()
    assert not visible(user, Event.objects.filter(subject_kind="consultation")).exists()
    pages = [
        reverse("consultations"),
        reverse("consultation", args=[row.pk]),
        *(reverse("consultation_file", args=[row.pk, ext]) for ext in ("docx", "html")),
    ]
    assert {client.get(path).status_code for path in pages} == {404}
    acts = {"action": "advise", "text": "x", "given_by": advice.given_by_id}
    assert client.post(reverse("consultation_act", args=[row.pk]), acts).status_code == 404
    opening = {"kind": "daily", "held_at": "2026-12-09T08:00"}
    assert client.post(reverse("consultations"), opening).status_code == 404
    assert (Advice.objects.count(), Consultation.objects.count()) == (1, 1)
    if role is Role.DISPATCHER and scope == "area:9001":  # the county has its task, and nothing else of it
        assert visible(user, Task.objects.filter(pk=task.pk)).exists()


def test_a_leader_with_a_grant_over_the_city_reads_and_does_not_write(
    town: cast.City, enter: Callable[..., Client]
) -> None:
    row = opened()
    advice = adopted(row, seated(row))
    clock(TUESDAY)
    client = enter("v", cast.VICE, Role.DISPATCHER, "area:90")
    page = client.get(reverse("consultation", args=[row.pk]))
    assert page.status_code == 200
    body = page.content.decode()
    assert SAYS in body
    assert 'value="advise"' not in body
    for data in (
        {"action": "advise", "text": "x"},
        {"action": "close"},
        {"action": "send", "advice": advice.pk},
    ):
        assert client.post(reverse("consultation_act", args=[row.pk]), data).status_code == 404
    assert client.get(reverse("consultations")).status_code == 200
    assert client.post(reverse("consultations"), {"kind": "daily"}).status_code == 404
    assert Advice.objects.count() == 1


@pytest.fixture
def keeper(enter: Callable[..., Client]) -> Client:
    clock(TUESDAY)
    return enter("a", cast.ANALYST, Role.ANALYST, "area:90")


def test_the_keeper_types_a_whole_meeting(ordered: Decision, keeper: Client) -> None:
    told = keeper.post(
        reverse("consultations"), {"kind": "daily", "held_at": "2026-12-08T08:00", "place": "二楼"}
    )
    row = Consultation.objects.get()
    assert told["Location"] == reverse("consultation", args=[row.pk])
    url = reverse("consultation_act", args=[row.pk])

    def act(**data: object) -> str:
        answer = keeper.post(url, data, headers={"hx-request": "true"})
        assert answer.status_code == 200
        return answer.content.decode()

    act(action="attend", capacity="chair", name=f"名{cast.VICE}")
    people = act(action="attend", capacity="expert", name="王教授", unit="专家组")
    assert "王教授" in people
    assert 'id="c-givers"' in people  # who may give advice is renewed beside
    assert 'id="c-gaps"' in people
    act(action="attend", capacity="analyst", name=f"名{cast.ANALYST}")
    act(action="attend", capacity="weather", unit="气象局", absent="1", note="书面")
    expert = row.attendees.get(capacity="expert").pk
    added = act(action="advise", text=SAYS, given_by=expert, category="special")
    advice = row.advice.get()
    assert f'id="adv-{advice.pk}"' in added
    assert 'id="c-new"' in added
    refused = act(action="decide", advice=advice.pk, decision="not_adopted")
    assert "bad-news" in refused
    act(action="decide", advice=advice.pk, decision="adopted")
    sent_to = act(
        action="send", advice=advice.pk, category="special", text=SAYS, area="9001", names="没有这家\n南县"
    )
    assert Task.objects.filter(basis=row.number).count() == 2
    assert "没有这家" in sent_to
    assert sent_to.count('class="lt green"') >= 2
    item = row.agenda.first()
    act(action="say", item=item.pk, said="北县 PM2.5 上升")
    answer = keeper.post(url, {"action": "close"}, headers={"hx-request": "true"})
    assert answer["HX-Redirect"] == reverse("consultation", args=[row.pk])
    row.refresh_from_db()
    assert row.state == "closed"
    page = keeper.get(reverse("consultation", args=[row.pk])).content.decode()
    assert "北县 PM2.5 上升" in page
    assert 'value="advise"' not in page


def test_a_form_that_sends_advice_counts_once_however_often_it_comes(town: cast.City, keeper: Client) -> None:
    """A double click, a repeat after a time-out, one after its due time, one after the order was taken back."""
    row = opened()
    advice = adopted(row, seated(row))
    url = reverse("consultation", args=[row.pk])

    def token() -> str:
        found = re.findall(r'name="token" value="(\w{16})"', keeper.get(url).content.decode())
        assert len(found) == 1
        return str(found[0])

    given = {"action": "send", "advice": advice.pk, "category": "special", "text": SAYS, "area": "9001"}
    given |= {"due_at": "2026-12-08T20:00", "again": "1", "token": token()}

    def send_it(**more: str) -> str:
        answer = keeper.post(
            reverse("consultation_act", args=[row.pk]), given | more, headers={"hx-request": "true"}
        )
        return answer.content.decode()

    shown = send_it()
    task = Task.objects.get()
    assert given["token"] not in shown, "the next sentence has its own form"
    for hours in (0, 1, 13):
        clock(TUESDAY + timedelta(hours=hours))
        assert f"<b>北县</b> {task.number}" in send_it()
    turning.withdraw([(task.id, "发错了")], cast.ANALYST, TUESDAY + timedelta(hours=14))
    gone = send_it()
    assert "此前已下发，后已撤回" in gone
    assert f"<b>北县</b> {task.number}" in gone
    assert Task.objects.count() == advice.tasks.count() == kinds_told(row).count("consultation.sent") == 1
    clock(TUESDAY + timedelta(hours=1))
    send_it(token=token())
    assert Task.objects.count() == 2


def test_without_scripts_each_step_leads_back_to_the_page(town: cast.City, keeper: Client) -> None:
    row = opened()
    url = reverse("consultation_act", args=[row.pk])
    answer = keeper.post(
        url, {"action": "attend", "capacity": "chair", "name": f"名{cast.VICE}"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == reverse("consultation", args=[row.pk])
    answer = keeper.post(url, {"action": "close"}, follow=True)
    assert "said error" in answer.content.decode()
    assert Consultation.objects.get().state == "draft"


def test_a_row_of_another_record_is_not_touched_through_this_one(town: cast.City, keeper: Client) -> None:
    one, two = opened(), opened(WEDNESDAY)
    advice = commands.advise(one.id, SAYS, seated(one), cast.ANALYST, TUESDAY)
    seated(two)
    url = reverse("consultation_act", args=[two.pk])
    for data in (
        {"action": "decide", "decision": "adopted"},
        {"action": "send", "area": "9001", "text": "x", "category": "special"},
        {"action": "strike"},
    ):
        assert keeper.post(url, data | {"advice": advice.pk}).status_code == 404
    assert keeper.post(url, {"action": "say", "item": one.agenda.first().pk}).status_code == 404
    assert keeper.post(url, {"action": "nothing"}).status_code == 404
    assert Advice.objects.get().state == AdviceState.OPEN


def test_the_list_keeps_its_state_in_the_address(town: cast.City, keeper: Client) -> None:
    first = opened()
    adopted(first, seated(first))
    second = opened(WEDNESDAY, "weekly")
    body = keeper.get(reverse("consultations"), {"kind": "weekly"}).content.decode()
    assert second.number in body
    assert first.number not in body
    found = keeper.get(reverse("consultations"), {"q": "砖瓦窑", "state": "draft"}).content.decode()
    assert first.number in found
    assert second.number not in found


def test_the_record_on_paper_says_what_the_page_says(ordered: Decision, keeper: Client) -> None:
    row = opened()
    advice = adopted(row, seated(row))
    [task] = sent(advice, TUESDAY)
    closed(row)
    closing.add(row.id, "补记一条", cast.ANALYST, WEDNESDAY)
    html = keeper.get(reverse("consultation_file", args=[row.pk, "html"])).content.decode()
    for said in (row.number, SAYS, "王教授", task.number, "书面意见已到", "补记一条"):
        assert said in html, said
    word = keeper.get(reverse("consultation_file", args=[row.pk, "docx"])).content
    text = zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
    assert SAYS in text
    assert keeper.get(reverse("consultation_file", args=[row.pk, "docx"])).content == word
    assert keeper.get(reverse("consultation_file", args=[row.pk, "exe"])).status_code == 404


def test_an_analyst_out_of_post_keeps_no_record(town: cast.City) -> None:
    row = opened()
    Post.objects.filter(person_id=cast.ANALYST).update(valid_to=TUESDAY.date() - timedelta(days=1))
    with pytest.raises(RightsError):
        commands.set_head(row.id, "楼下", TUESDAY, cast.ANALYST, TUESDAY)
    with pytest.raises(RightsError):
        opened(TUESDAY + timedelta(hours=4))
