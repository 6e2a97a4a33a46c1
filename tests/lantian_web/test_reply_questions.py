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
from lantian_web.accounts.models import User
from lantian_web.events.models import Event
from lantian_web.notices.models import Notice
from lantian_web.orders.models import Decision
from lantian_web.replies import deciding, files
from lantian_web.replies.models import Inlet, Reply, Use
from lantian_web.rows import fingerprint
from lantian_web.tasks import asking
from lantian_web.tasks.models import Request, Task

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
    assert says(cast.DISPATCHER, TEXT).why == "which task it asks about"
    assert uses(says(cast.DISPATCHER, f"{check.number}几号之前要报?")) == {check.number: "asked"}


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
