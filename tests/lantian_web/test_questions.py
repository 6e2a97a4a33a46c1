"""A question to the sender: asked whenever the task is open, answered in words by the sender's side, moving nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.dispatch import OPEN_STATES
from lantian.errors import DataError, RightsError, TransitionError
from lantian.periods import at
from lantian.records import RequestKind, Role, TaskState
from lantian_web.accounts.models import User
from lantian_web.events.models import Event
from lantian_web.notices.models import Notice
from lantian_web.orders.models import Decision
from lantian_web.rows import fingerprint
from lantian_web.tasks import asking, commands, turning
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = at(cast.DAY, 9)  # a Tuesday
SOON = NOW + timedelta(minutes=10)
Q = RequestKind.QUESTION
PLANT = "manager-cheats"
Login = Callable[..., User]


def sent(target: Target = Target("area", "9001"), category: str = "routine", by: str = cast.ANALYST) -> Task:
    [one] = send(category, "请核查夜间用电情况", [target], by, NOW)
    assert one.done, one.why
    return Task.objects.get(id=one.task_id)


def asked(task: Task, text: str = "备用线算不算", by: str = "") -> Request:
    return asking.ask(task.id, Q, text, None, by or task.person_id, SOON)


def told(task: Task, kind: str) -> list[Event]:
    return list(Event.objects.filter(subject_kind="task", subject_id=task.id, kind=kind).order_by("id"))


def client_of(login: Login, name: str, *who: object) -> Client:
    clock(SOON)
    client = Client()
    client.force_login(login(name, *who), backend=BACKEND)
    return client


@pytest.fixture
def analyst(login: Login) -> Client:
    return client_of(login, "a", cast.ANALYST, Role.ANALYST, "area:90")


@pytest.fixture
def plant(login: Login) -> Client:
    return client_of(login, "p", PLANT, Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}")


def page(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


# What asking and answering do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(TaskState))
@pytest.mark.parametrize("emergency", [False, True])
def test_a_question_is_asked_in_every_open_state_and_moves_nothing(
    town: cast.City, state: TaskState, emergency: bool
) -> None:
    task = sent()
    Task.objects.filter(id=task.id).update(state=state, emergency=emergency)
    before = fingerprint(Task.objects.get(id=task.id))
    if state not in OPEN_STATES:
        with pytest.raises(TransitionError, match="knows no question"):
            asked(task)
        return
    request = asked(task)
    assert fingerprint(Task.objects.get(id=task.id)) == before
    asking.answer_question(request.id, "算", cast.ANALYST, SOON)
    assert fingerprint(Task.objects.get(id=task.id)) == before
    request.refresh_from_db()
    assert (request.granted, request.answer, request.decided_by) == (None, "算", cast.ANALYST)


def test_an_emergency_order_is_obeyed_while_its_question_is_answered_day_and_night(ordered: Decision) -> None:
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    soon = cast.SIGNED + timedelta(minutes=5)
    before = fingerprint(task)
    request = asking.ask(task.id, Q, "烘干也要停吗", None, PLANT, soon)
    assert fingerprint(Task.objects.get(id=task.id)) == before
    assert request.decide_due_at == soon + timedelta(hours=2)
    late = soon + timedelta(days=2)
    for minute in range(0, 2 * 24 * 60, 60):
        commands.run_clocks(soon + timedelta(minutes=minute))
    assert told(task, "task.reminded"), "a question keeps nobody from being reminded"
    [owed] = told(task, "task.request_due")
    assert (owed.params["asked"], owed.params["tells"]) == ("question", "sender")
    asking.answer_question(request.id, "要停", cast.ANALYST, late)
    commands.run_clocks(late + timedelta(days=3))
    assert len(told(task, "task.request_due")) == 1


def test_a_routine_question_has_an_answer_due_by_office_hours(town: cast.City) -> None:
    request = asked(sent())
    assert request.decide_due_at == at(cast.DAY + timedelta(days=1), 9, 40), "7 h 30 of office time a day"
    asking.answer_question(request.id, "算", cast.ANALYST, SOON)
    commands.run_clocks(request.decide_due_at + timedelta(days=1))
    assert not told(request.task, "task.request_due"), "what is answered is owed no more"


def test_several_questions_are_open_when_their_words_differ(town: cast.City) -> None:
    task = sent()
    first, second = asked(task, "备用线算不算"), asked(task, "夜里谁在现场")
    assert first.id != second.id
    for text in ("备用线算不算", "  备用线算不算 "):
        with pytest.raises(TransitionError, match="not been answered"):
            asked(task, text)
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(id=second.id).update(reason="备用线算不算")
    asking.answer_question(first.id, "算", cast.ANALYST, SOON)
    assert asked(task, "备用线算不算").id not in (first.id, second.id)
    asking.ask(task.id, RequestKind.APPEAL, "备用线算不算", None, task.person_id, SOON)
    with pytest.raises(TransitionError, match="not been answered"):
        asking.ask(task.id, RequestKind.APPEAL, "再说一次", None, task.person_id, SOON)


def test_a_question_ends_with_the_transfer_of_its_task_and_nobody_else_hears_of_it(town: cast.City) -> None:
    task = sent()
    question = asked(task)
    assert turning.transfer([(task.id, "u-s-office", "转南县")], cast.ANALYST, SOON)[0].done
    question.refresh_from_db()
    assert (question.decided_by, question.answer, question.granted) == (cast.ANALYST, "转南县", None)
    with pytest.raises(TransitionError):
        asking.answer_question(question.id, "不算", cast.ANALYST, SOON)
    assert not told(task, "task.question_answered")


@pytest.mark.parametrize("text", ["", " \n "])
def test_neither_question_nor_answer_is_empty(town: cast.City, text: str) -> None:
    task = sent()
    with pytest.raises(TransitionError, match="question needs its text"):
        asked(task, text)
    request = asked(task)
    with pytest.raises(TransitionError, match="answer needs its text"):
        asking.answer_question(request.id, text, cast.ANALYST, SOON)
    assert Request.objects.get().decided_at is None


def test_no_words_are_longer_than_a_sentence(town: cast.City) -> None:
    task = sent()
    with pytest.raises(DataError):
        asked(task, "字" * 401)
    request = asked(task, "字" * 400)
    with pytest.raises(DataError):
        asking.answer_question(request.id, "字" * 401, cast.ANALYST, SOON)


def test_a_question_is_not_granted_and_a_request_is_not_answered_as_one(town: cast.City) -> None:
    task = sent()
    question = asked(task)
    for granted in (True, False):
        with pytest.raises(TransitionError, match="neither granted nor refused"):
            asking.decide_request(question.id, granted, "算", cast.ANALYST, SOON)
    appeal = asking.ask(task.id, RequestKind.APPEAL, "不属实", None, task.person_id, SOON)
    with pytest.raises(TransitionError, match="no question"):
        asking.answer_question(appeal.id, "知道了", cast.ANALYST, SOON)
    asking.answer_question(question.id, "算", cast.ANALYST, SOON)
    with pytest.raises(TransitionError, match="is answered"):
        asking.answer_question(question.id, "不算", cast.ANALYST, SOON)
    assert [len(told(task, f"task.{kind}")) for kind in ("questioned", "question_answered")] == [1, 1]
    assert not told(task, "task.request_granted")


def test_a_question_is_answered_after_the_task_has_ended(town: cast.City) -> None:
    task = sent()
    request = asked(task)
    turning.withdraw([(task.id, "发错了")], cast.ANALYST, SOON)
    asking.answer_question(request.id, "不用再办", cast.ANALYST, SOON)
    assert Task.objects.get(id=task.id).state == "withdrawn"


# Who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["dispatcher-s", "leader-s", "manager-obeys", cast.SECOND_ANALYST, "nobody"])
def test_others_ask_nothing(town: cast.City, by: str) -> None:
    for target in (Target("unit", "u-cheats"), Target("unit", "u-n-bureau")):
        with pytest.raises(RightsError):
            asked(sent(target), by=by)
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    "by", [PLANT, cast.LEADER, cast.DISPATCHER, "dispatcher-s", "manager-obeys", "nobody"]
)
def test_only_the_senders_side_answers(town: cast.City, by: str) -> None:
    request = asked(sent(Target("unit", "u-cheats")))
    with pytest.raises(RightsError):
        asking.answer_question(request.id, "算", by, SOON)
    assert Request.objects.get().decided_at is None


def test_who_asked_does_not_answer_even_as_the_sender(town: cast.City) -> None:
    task = sent(Target("unit", "u-n-bureau"), by=cast.DISPATCHER)
    own, other = asked(task, by=cast.DISPATCHER), asked(task, "夜里谁去")
    with pytest.raises(RightsError, match="does not decide"):
        asking.answer_question(own.id, "算", cast.DISPATCHER, SOON)
    asking.answer_question(other.id, "分局自己定", cast.DISPATCHER, SOON)


def test_a_plant_asks_about_what_it_reads_and_another_unit_handles(ordered: Decision) -> None:
    task = sent(Target("unit", "u-n-bureau"))
    with pytest.raises(RightsError):
        asked(task, by=PLANT)
    Task.objects.filter(id=task.id).update(enterprise_id=cast.CHEATS)
    assert asked(task, by=PLANT).asked_by == PLANT
    with pytest.raises(RightsError):
        asked(task, "那我们呢", by="manager-obeys")
    with pytest.raises(RightsError):
        asking.ask(task.id, RequestKind.APPEAL, "不属实", None, PLANT, SOON)


# Who hears of it ----------------------------------------------------------------------------------------------------


def test_the_sender_hears_the_question_and_the_asker_the_answer(town: cast.City) -> None:
    task = sent(Target("unit", "u-n-bureau"), by=cast.DISPATCHER)
    request = asked(task)
    heard = Notice.objects.get(event="task.questioned")
    assert (heard.person_id, heard.params["reason"]) == (cast.DISPATCHER, "备用线算不算")
    asking.answer_question(request.id, "算，一并核", cast.DISPATCHER, SOON)
    back = Notice.objects.get(event="task.question_answered")
    assert (back.person_id, back.params["reason"]) == (task.person_id, "算，一并核")
    assert not Notice.objects.filter(event__startswith="task.request").exists()


def test_the_office_hears_what_is_asked_of_an_order_that_nobody_typed(ordered: Decision) -> None:
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    asking.ask(task.id, Q, "烘干也要停吗", None, PLANT, cast.SIGNED)
    heard = Notice.objects.get(event="task.questioned")
    assert (heard.person_id, heard.unit_id, heard.emergency) == ("", "u-city", True)


# On the pages -------------------------------------------------------------------------------------------------------


def test_the_plant_asks_on_its_page_and_reads_the_answer_there(
    ordered: Decision, plant: Client, analyst: Client
) -> None:
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    text = page(plant, "plant", cast.CHEATS)
    assert text.index("有问题要问") < text.index("申诉（请求听取意见）")
    assert "应急指令先执行，边执行边答复：提问不停止执行、不停表。" in text
    form = {"action": "ask", "kind": "question", "text": "烘干也要停吗", "plant": cast.CHEATS}
    assert (
        "已办，已记入记录" in plant.post(reverse("act", args=[task.pk]), form, follow=True).content.decode()
    )
    for client, name, key in (
        (plant, "plant", cast.CHEATS),
        (plant, "case", task.pk),
        (analyst, "case", task.pk),
    ):
        text = page(client, name, key)
        assert "烘干也要停吗" in text
        assert "应于此前答复" in text
    assert "有问题要问" in page(plant, "case", task.pk), "a second question may be asked"
    request = Request.objects.get()
    text = page(analyst, "case", task.pk)
    assert 'value="reply"' in text
    assert 'value="grant"' not in text
    assert 'value="reply"' not in page(plant, "case", task.pk)
    reply = {"action": "reply", "request": request.pk, "text": "要停，见清单"}
    assert (
        "还没有写内容"
        in analyst.post(reverse("act", args=[task.pk]), reply | {"text": " "}, follow=True).content.decode()
    )
    analyst.post(reverse("act", args=[task.pk]), reply)
    for client, name, key in (
        (plant, "plant", cast.CHEATS),
        (plant, "case", task.pk),
        (analyst, "case", task.pk),
    ):
        text = page(client, name, key)
        assert "已答复</b> 名analyst" in text
        assert "要停，见清单" in text
        assert "同意" not in text
    course = page(analyst, "case", task.pk)
    assert course.index("向下令方提问") < course.index("下令方答复提问")


def test_a_task_of_another_unit_is_still_said_to_be_there(town: cast.City, plant: Client) -> None:
    task = sent(Target("unit", "u-n-bureau"))
    Task.objects.filter(id=task.id).update(enterprise_id=cast.CHEATS)
    text = page(plant, "plant", cast.CHEATS)
    assert "有问题要问" in text
    assert "现由n县分局办理" in text
    assert "申诉（请求听取意见）" not in text


def test_a_question_waits_at_the_senders_desk_and_is_answered_there(
    town: cast.City, analyst: Client, login: Login
) -> None:
    task = sent(Target("unit", "u-n-bureau"), by=cast.DISPATCHER)
    request = asked(task)
    north = client_of(login, "n", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    south = client_of(login, "s", "dispatcher-s", Role.DISPATCHER, "area:9002")
    for client in (analyst, north):
        text = client.get("/?what=request").content.decode()
        assert "备用线算不算" in text
        assert "答复提问" in text
        assert 'value="grant"' not in text
    assert "备用线算不算" not in south.get("/?what=request").content.decode()
    path = reverse("request_decide", args=[request.pk])
    assert south.post(path, {"answer": "reply", "text": "算"}).status_code == 404
    for answer in ("grant", "refuse"):
        assert (
            "不存在同意或不同意"
            in north.post(path, {"answer": answer, "text": "算"}, follow=True).content.decode()
        )
    assert Request.objects.get().decided_at is None
    assert "已答复" in north.post(path, {"answer": "reply", "text": "算"}, follow=True).content.decode()
    assert Request.objects.get().answer == "算"
    assert "备用线算不算" not in analyst.get("/?what=request").content.decode()


def test_the_county_asks_on_its_page(town: cast.City, login: Login) -> None:
    north = client_of(login, "n", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    task = sent()
    text = page(north, "county_item", task.pk)
    assert 'name="kind" value="question" checked' in text
    form = {"id": task.pk, "action": "ask", "kind": "question", "text": "备用线算不算", "back": "item"}
    said = north.post(reverse("county_act"), form, follow=True).content.decode()
    assert "已提问，由下令方答复；时限照走" in said
    assert Request.objects.get().kind == "question"
    assert "备用线算不算" in page(north, "county")
