"""A question asked in a work chat stands with the sender of its one task; what is doubtful waits for a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import clock
from tests.lantian_web.test_replies import (
    NOW,
    SOON,
    ding,
    own,
    page,
    robot,
    says,
    uses,
)
from tests.lantian_web.test_tasks import confirmed

from lantian.errors import TransitionError
from lantian.records import RequestKind, Role, TaskKind, TaskState
from lantian_web.accounts.models import Person, User
from lantian_web.events.models import Event
from lantian_web.notices.models import Notice
from lantian_web.orders.models import Decision
from lantian_web.replies import deciding, files
from lantian_web.replies.models import Inlet, Reply, Use
from lantian_web.rows import fingerprint
from lantian_web.tasks import asking
from lantian_web.tasks.commands import claim
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.sending import Target, send

__all__ = ["robot"]

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
TEXT = "几号之前要报?"
PLANT = "manager-cheats"


def test_a_plain_question_stands_with_the_sender_on_its_clock_and_moves_nothing(ordered: Decision) -> None:
    task = own(cast.CHEATS)
    before = fingerprint(task)
    reply = says(PLANT, TEXT)
    [request] = Request.objects.all()
    assert (reply.label, reply.state, uses(reply)) == ("question", "taken", {task.number: "asked"})
    assert (request.task_id, request.kind, request.reason) == (task.id, RequestKind.QUESTION, TEXT)
    assert (request.asked_by, request.asked_at) == (PLANT, SOON)
    assert request.decide_due_at == SOON + timedelta(hours=2)
    assert fingerprint(own(cast.CHEATS)) == before
    assert task.state == TaskState.ISSUED
    assert Notice.objects.filter(event="task.questioned", subject_id=task.id).count() == 1
    told = Event.objects.get(kind="reply.taken")
    assert told.params["tasks"] == {task.number: "asked"}
    assert TEXT not in json.dumps(told.params, ensure_ascii=False)
    asking.answer_question(request.id, "12月10日前", cast.ANALYST, NOW)
    assert Notice.objects.get(event="task.question_answered").person_id == PLANT


def test_the_same_message_by_the_robot_and_in_an_export_is_one_question(robot: Inlet) -> None:
    assert ding(robot, Client(), text=TEXT)[0] == 200
    [reply] = Reply.objects.all()
    assert (reply.state, Request.objects.count()) == ("taken", 1)
    assert reply.sent_at is not None
    sent = reply.sent_at.astimezone(cast.SIGNED.tzinfo)
    export = f"名{PLANT} {sent:%Y-%m-%d %H:%M:%S}\n{TEXT}\n"
    receipt = files.commit(export.encode(), "群.txt", "9001", cast.ANALYST, NOW + timedelta(hours=1))
    assert receipt.report["counts"] == {"known": 1}
    assert (Reply.objects.count(), Request.objects.count()) == (1, 1)


def test_a_question_said_again_is_one_until_it_is_answered(ordered: Decision) -> None:
    says(PLANT, TEXT)
    again = says(PLANT, TEXT, SOON + timedelta(minutes=2))
    assert (again.state, again.why, Request.objects.count()) == ("read", "asked already", 1)
    asking.answer_question(Request.objects.get().id, "12月10日前", cast.ANALYST, NOW)
    shown_late = says(PLANT, TEXT, SOON + timedelta(minutes=4), now=NOW + timedelta(minutes=9))
    assert (shown_late.why, Request.objects.count()) == ("asked already", 1), "it was said before the answer"
    after = says(PLANT, TEXT, NOW + timedelta(minutes=1), now=NOW + timedelta(minutes=9))
    assert (after.state, Request.objects.count()) == ("taken", 2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("收到，哪个厂？", "signs or asks"),
        ("收到吗？", "signs or asks"),
        ("@所有人 几号之前要报?", "asks others"),
        ("@李四 几号之前要报?", "asks others"),
        ("「李科长：今晚聚餐」\n- - - - -\n几号之前要报?", "asks others"),
    ],
)
def test_a_doubtful_question_waits_and_says_why(ordered: Decision, text: str, why: str) -> None:
    reply = says(PLANT, text)
    assert (reply.label, reply.state, reply.why) == ("question", "waiting", why)
    assert not Request.objects.exists()


def test_who_is_unknown_asks_nothing(ordered: Decision) -> None:
    assert [says("某人", TEXT).why, says(PLANT, TEXT, None).why] == ["stranger", "no time"]
    assert says(PLANT, f"名manager-obeys：{TEXT}").why == "in another's name"
    assert says(cast.ANALYST, TEXT).why == "which task it asks about"
    assert not Request.objects.exists()


def test_two_tasks_that_may_be_meant_and_an_ended_one_wait(ordered: Decision) -> None:
    confirmed(cast.CHEATS, cast.BROKEN)
    checks = Task.objects.filter(kind=TaskKind.CHECK)
    checks.update(person_id=cast.CHECKER)
    reply = says(cast.CHECKER, TEXT)
    assert (reply.state, reply.why, set(uses(reply).values())) == (
        "waiting",
        "which task it asks about",
        {"proposed"},
    )
    one = checks[0]
    named = says(cast.CHECKER, f"{one.number}几号之前要报?")
    assert (named.state, uses(named)) == ("taken", {one.number: "asked"})
    Task.objects.filter(pk=one.pk).update(state=TaskState.CLOSED, next_due_at=None)
    assert says(cast.CHECKER, f"{one.number}附件在哪里下载？").why == "which task it asks about"
    assert Request.objects.count() == 1


def test_a_dispatcher_who_asks_the_offices_asks_no_sender(ordered: Decision) -> None:
    """One office task of the county is what a plain sign-for of theirs means; a question goes to anybody."""
    confirmed(cast.CHEATS)
    check = own(cast.CHEATS, TaskKind.CHECK)
    assert says(cast.DISPATCHER, TEXT).why == "asks others"
    for task in (check, own(cast.CHEATS)):
        reply = says(cast.DISPATCHER, f"{task.number}什么时候停下来？")
        assert (reply.state, reply.why) == ("waiting", "asks others"), "it is asked of who handles it"
    assert not Request.objects.exists()


def test_the_sending_side_asks_no_sender(town: cast.City) -> None:
    """Also who did not open the task himself: the request would stand with his own office."""
    [sent] = send("special", "请核查", [Target("unit", "u-n-bureau")], cast.DISPATCHER, cast.SIGNED)
    task = Task.objects.get(pk=sent.task_id)
    for by in (cast.LEADER, cast.DISPATCHER):
        reply = says(by, f"{task.number}什么时候能报上来？")
        assert (reply.label, reply.state, Request.objects.count()) == ("question", "waiting", 0)
    Task.objects.update(person_id=cast.LEADER)
    assert says(cast.LEADER, f"{task.number}什么时候报上来？").why == "asks others"
    assert uses(says(cast.CHECKER, f"{task.number}{TEXT}")) == {task.number: "asked"}


def test_an_old_task_may_be_meant_as_well_as_a_new_one(town: cast.City) -> None:
    old, new = SOON - timedelta(hours=30), SOON - timedelta(minutes=5)
    for text, at in (("请核查砖厂", old), ("请核查渣土", new)):
        [sent] = send("special", text, [Target("unit", "u-n-bureau")], cast.ANALYST, at)
        assert sent.task_id
    claim([Task.objects.get(opened_at=old).id], cast.CHECKER, old + timedelta(minutes=5))
    reply = says(cast.CHECKER, TEXT)
    assert (reply.state, reply.why, len(uses(reply))) == ("waiting", "which task it asks about", 2)
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("王明在吗？", "asks others"),
        ("王明几号之前要报?", "asks others"),
        ("赵总在不在？", "not plain"),
        ("今晚开会几点？", "not plain"),
        ("吃饭了吗？", "not plain"),
        ("群里谁有李科长电话？", "not plain"),
        ("已停产，还要报什么？", "signs or asks"),
    ],
)
def test_what_asks_somebody_else_or_of_no_order_waits(ordered: Decision, text: str, why: str) -> None:
    Person.objects.filter(pk="manager-obeys").update(name="王明")
    reply = says(PLANT, text)
    assert (reply.label, reply.state, reply.why) == ("question", "waiting", why)
    assert not Request.objects.exists()
    numbered = says(PLANT, f"{own(cast.CHEATS).number}的联系人是谁？")
    assert numbered.state == "taken", "a number shows what it is about"


@pytest.mark.parametrize(
    ("person", "action", "ticked", "said"),
    [
        (cast.CHECKER, "ask", 2, "请只勾选它问的那一件任务"),
        (cast.CHECKER, "ask", 0, "请只勾选它问的那一件任务"),
        (cast.CHECKER, "sign", 0, "请先勾选它对应的任务"),
        ("某人", "ask", 1, "请先选这条回复是谁发的"),
    ],
)
def test_the_page_says_what_is_still_to_be_chosen(
    ordered: Decision, login: Callable[..., User], person: str, action: str, ticked: int, said: str
) -> None:
    clock(NOW)
    confirmed(cast.CHEATS, cast.BROKEN)
    Task.objects.filter(kind=TaskKind.CHECK).update(person_id=cast.CHECKER)
    reply = says(person, TEXT)
    chosen = list(Task.objects.filter(kind=TaskKind.CHECK).values_list("id", flat=True))[:ticked]
    client = page(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
    url, data = reverse("reply_act", args=[reply.pk]), {"action": action, "task": chosen}
    assert said in client.post(url, data, follow=True).content.decode()
    assert not Request.objects.exists()


def test_a_plant_asks_about_a_check_that_names_it_and_another_does_not(ordered: Decision) -> None:
    confirmed(cast.CHEATS)
    check = own(cast.CHEATS, TaskKind.CHECK)
    other = says("manager-obeys", f"{check.number}几号之前要报?")
    assert (other.state, other.why) == ("waiting", "task of somebody else")
    assert uses(says(PLANT, f"{check.number}几号之前要报?")) == {check.number: "asked"}


def test_an_old_question_waits_and_a_person_who_asks_it_starts_its_clock_anew(ordered: Decision) -> None:
    late = NOW + timedelta(hours=4)
    reply = says(PLANT, TEXT, now=late)
    assert (reply.state, reply.why) == ("waiting", "asked long ago")
    task = own(cast.CHEATS)
    deciding.settle(reply.pk, Use.ASKED, [task.id], "", cast.ANALYST, late)
    request = Request.objects.get()
    assert (request.asked_by, request.asked_at, request.reason) == (PLANT, late, TEXT)
    assert request.decide_due_at == late + timedelta(hours=2)


def test_what_was_no_question_to_the_sender_is_taken_back_and_stays_for_an_answer(ordered: Decision) -> None:
    reply = says(PLANT, TEXT)
    deciding.take_back(reply.pk, "问的是别人", cast.ANALYST, NOW)
    assert Event.objects.get(kind="reply.taken_back").params["tasks"] == {own(cast.CHEATS).number: "stays"}
    assert Request.objects.get().decided_at is None


def test_one_click_makes_it_a_question_of_one_task(ordered: Decision, login: Callable[..., User]) -> None:
    clock(NOW)
    confirmed(cast.CHEATS, cast.BROKEN)
    Task.objects.filter(kind=TaskKind.CHECK).update(person_id=cast.CHECKER)
    reply, task = says(cast.CHECKER, TEXT), own(cast.CHEATS, TaskKind.CHECK)
    Task.objects.filter(pk=task.pk).update(state=TaskState.CLAIMED)
    with pytest.raises(TransitionError):
        deciding.settle(reply.pk, Use.ASKED, sorted(Task.objects.values_list("id", flat=True)), "", "a", NOW)
    client = page(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
    text = client.get(reverse("replies")).content.decode()
    assert "转为提问" in text
    assert task.number in text, "also one that is signed for"
    data = {"action": "ask", "task": [task.id]}
    assert client.post(reverse("reply_act", args=[reply.pk]), data).status_code == 302
    reply.refresh_from_db()
    assert (reply.state, uses(reply)[task.number]) == ("settled", "asked")
    assert Request.objects.get().asked_by == cast.CHECKER
    case = client.get(reverse("case", args=[task.pk])).content.decode()
    assert TEXT in case, "it stands where the sender answers it"
