"""Replies of the work chats: sign-fors start the clock at their own minute, everything doubtful waits for a person."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock
from tests.lantian_web.test_tasks import confirmed

from lantian.errors import DataError, RightsError, TransitionError
from lantian.periods import to_ms
from lantian.records import Outcome, RequestKind, Role, TaskKind, TaskState
from lantian_web.accounts.models import Person, User
from lantian_web.events.models import Event
from lantian_web.inventory.models import Area
from lantian_web.notices.models import Notice
from lantian_web.orders.models import Decision
from lantian_web.replies import commands, deciding, dingtalk, files, matching, queries, wecom
from lantian_web.replies.inlets import add_inlet, switch_inlet
from lantian_web.replies.looking import Said
from lantian_web.replies.models import Inlet, InletKind, Reply, ReplyState, Use
from lantian_web.replies.people import People
from lantian_web.tasks import turning
from lantian_web.tasks.asking import ask
from lantian_web.tasks.commands import answer, claim, start
from lantian_web.tasks.models import Task
from lantian_web.tasks.sending import Target, send
from lantian_web.verdicts.commands import check

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
SOON = cast.SIGNED + timedelta(minutes=20)
NOW = cast.SIGNED + timedelta(minutes=30)


def says(person: str, text: str, at: datetime | None = SOON, area: str = "90", now: datetime = NOW) -> Reply:
    """A message of a person of the cast, by name."""
    name = person if person.startswith("某") else f"名{person}"
    return commands.take(Said(name, text, at), area, now)[0]


def own(plant: str, kind: TaskKind = TaskKind.CARRY_OUT) -> Task:
    return Task.objects.get(enterprise_id=plant, kind=kind)


def uses(reply: Reply) -> dict[str, str]:
    return {row.task.number: row.use for row in reply.tasks.select_related("task")}


def test_a_plain_sign_for_claims_at_its_own_minute_and_starts_the_clock(ordered: Decision) -> None:
    reply = says("manager-cheats", "收到，马上停")
    task = own(cast.CHEATS)
    assert (task.state, task.claimed_at, task.claimed_by) == (TaskState.CLAIMED, SOON, "manager-cheats")
    assert (reply.state, reply.why, uses(reply)) == ("taken", "own tasks before it", {task.number: "signed"})
    assert (reply.area_id, reply.unit_id, reply.enterprise_id) == ("9001", "u-cheats", cast.CHEATS)
    assert own(cast.OBEYS).state == TaskState.ISSUED
    event = Event.objects.get(kind="reply.taken")
    assert event.params["tasks"] == {task.number: "signed"}
    assert "收到" not in json.dumps(event.params, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        "没收到",
        "收到，不归我们管",
        "收到，申请延期",
        "收到吗",
        "好的",
        "31收到，32没收到",
        "请各单位收到后回复",
        "👌",
    ],
)
def test_what_is_no_sign_for_moves_nothing(ordered: Decision, text: str) -> None:
    reply = says("manager-cheats", text)
    assert reply.state in ("waiting", "read")
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.ISSUED}


def test_a_reply_signs_for_nothing_that_was_sent_after_it(ordered: Decision) -> None:
    reply = says("manager-cheats", "收到", cast.SIGNED - timedelta(minutes=1))
    assert (reply.state, own(cast.CHEATS).state) == ("read", TaskState.ISSUED)
    numbered = says("manager-cheats", f"{own(cast.CHEATS).number}收到", cast.SIGNED - timedelta(minutes=1))
    assert (numbered.state, numbered.why) == ("waiting", "before the task")


def test_a_reply_of_the_future_or_without_a_time_waits(ordered: Decision) -> None:
    assert says("manager-cheats", "收到", NOW + timedelta(hours=1)).why == "from the future"
    assert says("manager-cheats", "收到", None).why == "no time"
    assert own(cast.CHEATS).state == TaskState.ISSUED
    ahead = says("manager-cheats", "收到", NOW + timedelta(seconds=90))
    assert (ahead.state, own(cast.CHEATS).claimed_at) == ("taken", NOW)


@pytest.mark.parametrize(
    "text", ["{full}收到", "{short}收到", "{bare}号令收到", "「某办：{full} 请停产」\n- - - - -\n收到"]
)
def test_by_number(ordered: Decision, text: str) -> None:
    task = own(cast.CHEATS)
    serial = task.number[-4:]
    written = text.format(full=task.number, short=serial, bare=int(serial) + 0 if int(serial) > 9 else serial)
    reply = says(cast.DISPATCHER, written)
    assert (reply.state, reply.why, uses(reply)) == ("taken", "by number", {task.number: "signed"})
    assert Task.objects.filter(state=TaskState.CLAIMED).count() == 1


def test_a_short_number_is_the_newest_of_its_days_and_looked_up_by_the_index(ordered: Decision) -> None:
    task, other = own(cast.CHEATS), own(cast.OBEYS)
    serial = task.number[-4:]
    days = {2: f"2026-1205-{serial}", 8: f"2026-1129-{serial}"}
    Task.objects.filter(pk=other.pk).update(number=days[2], opened_at=SOON - timedelta(days=2))
    found, whole = matching._numbered([serial], SOON)
    assert ([one.pk for one in found], whole) == ([task.pk], True)
    found, _ = matching._numbered([serial], cast.SIGNED - timedelta(minutes=1))
    assert [one.pk for one in found] == [other.pk]
    Task.objects.filter(pk=other.pk).update(number=days[8], opened_at=SOON - timedelta(days=8))
    assert matching._numbered([serial], cast.SIGNED - timedelta(minutes=1)) == ([], False)
    with CaptureQueriesContext(connection) as asked:
        matching._numbered([serial], SOON)
    [said] = asked.captured_queries
    assert "LIKE" not in said["sql"]


def test_a_range_of_numbers_holds_those_between(ordered: Decision) -> None:
    numbers = sorted(Task.objects.filter(area_id="9001").values_list("number", flat=True))
    reply = says(cast.DISPATCHER, f"{numbers[0][-4:]}至{numbers[2][-4:]}收到")
    assert sorted(uses(reply)) == numbers[:3]


def test_another_countys_task_and_a_number_of_nobody_wait(ordered: Decision) -> None:
    far = own(cast.FAR)
    assert says(cast.DISPATCHER, f"{far.number}收到").why == "task of somebody else"
    assert says(cast.DISPATCHER, "0999收到").why == "number not known"
    both = says(cast.DISPATCHER, f"{own(cast.CHEATS).number[-4:]}、{far.number[-4:]}收到")
    assert (both.state, both.why) == ("waiting", "task of somebody else")
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.ISSUED}


def test_strangers_doubles_and_people_of_another_county_wait(ordered: Decision) -> None:
    assert says("某人", "收到").why == "stranger"
    Person.objects.create(id="double", name="名manager-cheats", unit_id="u-obeys")
    assert says("manager-cheats", "收到").why == "name of several people"
    beside = commands.take(Said("cheats厂 名manager-cheats", "收到", SOON), "90", NOW)[0]
    assert (beside.state, beside.person_id) == ("taken", "manager-cheats")
    other = says("dispatcher-s", "收到", area="9001")
    assert (other.state, other.why, other.area_id) == ("waiting", "of another county", "9001")


def test_a_dispatcher_signs_for_the_offices_of_the_county_and_for_no_plant(ordered: Decision) -> None:
    confirmed(cast.CHEATS)
    reply = says(cast.DISPATCHER, "收到")
    check = own(cast.CHEATS, TaskKind.CHECK)
    assert uses(reply) == {check.number: "signed"}
    assert (check.state, check.claimed_by) == (TaskState.CLAIMED, cast.DISPATCHER)
    assert own(cast.CHEATS).state == TaskState.ISSUED


def test_a_colleague_signs_for_the_unit(ordered: Decision) -> None:
    confirmed(cast.CHEATS)
    check = own(cast.CHEATS, TaskKind.CHECK)
    other = ({cast.CHECKER, cast.SECOND_CHECKER} - {check.person_id}).pop()
    says(other, "张局出差，我代收")
    check.refresh_from_db()
    assert (check.state, check.claimed_by) == (TaskState.CLAIMED, other)


def test_the_same_message_counts_once_however_it_came(ordered: Decision) -> None:
    first, new = commands.take(Said("名manager-cheats", "收到", SOON), "90", NOW)
    again, other = commands.take(
        Said("名manager-cheats", "收到 ", SOON + timedelta(seconds=20), line=7),
        "90",
        NOW + timedelta(hours=1),
    )
    assert (new, other, first.pk == again.pk) == (True, False, True)
    assert Event.objects.filter(kind="task.claimed").count() == 1


def test_a_second_sign_for_is_kept_as_read(ordered: Decision) -> None:
    says("manager-cheats", "收到")
    again = says("manager-cheats", "收到收到", SOON + timedelta(minutes=3))
    assert (again.state, again.why) == ("read", "nothing to sign for")


def test_a_report_answers_the_one_task_it_can_mean(ordered: Decision) -> None:
    confirmed(cast.CHEATS)
    check = own(cast.CHEATS, TaskKind.CHECK)
    reply = says(check.person_id, "现场核查完毕，已停产，附照片")
    check.refresh_from_db()
    assert (check.state, check.answered_at, check.answer) == (
        TaskState.ANSWERED,
        SOON,
        "现场核查完毕，已停产，附照片",
    )
    assert uses(reply) == {check.number: "answered"}


def test_a_report_waits_while_the_order_is_in_force_and_when_two_tasks_may_be_meant(
    ordered: Decision,
) -> None:
    assert says("manager-cheats", "已停产").state == "waiting"
    assert own(cast.CHEATS).state == TaskState.ISSUED
    confirmed(cast.CHEATS, cast.BROKEN)
    checks = Task.objects.filter(kind=TaskKind.CHECK)
    checks.update(person_id=cast.CHECKER)
    reply = says(cast.CHECKER, "已停产到位")
    assert (reply.state, set(uses(reply).values()), reply.tasks.count()) == ("waiting", {"proposed"}, 2)


def test_a_person_settles_what_waits(ordered: Decision) -> None:
    task = own(cast.CHEATS)
    reply = says("manager-cheats", "好的")
    told = deciding.settle(reply.pk, Use.SIGNED, [task.id], "", cast.ANALYST, NOW)
    task.refresh_from_db()
    reply.refresh_from_db()
    assert [answer.done for answer in told] == [True]
    assert (task.claimed_by, task.claimed_at) == ("manager-cheats", SOON)
    assert (reply.state, reply.settled_by) == ("settled", cast.ANALYST)
    with pytest.raises(TransitionError):
        deciding.dismiss(reply.pk, "", cast.ANALYST, NOW)


def test_what_is_said_in_anothers_name_waits(ordered: Decision) -> None:
    reply = says("manager-cheats", "名manager-obeys：收到")
    assert (reply.label, reply.state, reply.why) == ("received", "waiting", "in another's name")
    assert {own(cast.CHEATS).state, own(cast.OBEYS).state} == {TaskState.ISSUED}
    assert says("manager-cheats", "名manager-cheats：收到").state == "taken"


@pytest.mark.parametrize(
    "text",
    [
        "代{other}收到",
        "替{other}收到",
        "{other}收到",
        "北县{other}收到",
        "代{other}：收到",
        "收到，代{other}",
        "收到（代{other}）",
        "{other}代收到",
        "{other}出差，我代收",
        "我代{other}签收",
        "{me}代{other}收到",
        "替王科长收到",
        "代王明收到",
        "老马在医院，我替他签收",
        "帮我们站长签收",
        "收到（李四代）",
        "代签",
        "代收到",
        "代@李四 收到",
        "{other}回复：收到",
        "{other}转告：收到",
        "受{other}委托，收到",
        "受李科长委托，收到",
        "我是{other}，收到",
        "收到，{other}",
        "收到 {other}",
        "收到——{other}",
        "收到。——{other}",
        "收到（{other}）",
        "收到，马上停。{other}局长",
        "南县收到",
        "南县已收到",
        "南县大气办收到",
        "s县分局收到",
        "收到，南县",
        "南县：收到",
        "far厂收到",
        "我是s县分局{me}，收到",
        "远安收到",
    ],
)
def test_who_signs_for_another_signs_nothing_of_their_own(ordered: Decision, text: str) -> None:
    Person.objects.filter(pk="manager-cheats").update(name="张三丰")
    Person.objects.filter(pk="manager-obeys").update(name="赵小六")
    Area.objects.create(id="9003", kind="county", name="远安县")
    said = text.format(me="张三丰", other="赵小六")
    reply = commands.take(Said("张三丰", said, SOON), "90", NOW)[0]
    assert (reply.label, reply.state, reply.why) == ("received", "waiting", "in another's name")
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.ISSUED}
    assert uses(reply) == {own(cast.CHEATS).number: "proposed"}


@pytest.mark.parametrize(
    "text",
    [
        "代张三丰收到",
        "张局出差，张三丰代收到",
        "张局出差，我代收",
        "代我厂收到",
        "北县张三丰收到",
        "张三丰：收到",
    ]
    + ["领导交代的收到", "收到，已交代下去", "替班收到", "收到，马上通知赵小六", "赵小六去现场了，我们收到"]
    + [
        "收到，张三丰",
        "收到——cheats厂张三丰",
        "我是张三丰，收到",
        "张三丰回复：收到",
        "北县收到",
        "cheats厂收到",
    ]
    + [
        "收到，已通知赵小六、李四",
        "收到，谢谢赵小六",
        "收到，某市的令马上办",
        "南县的核查任务收到",
        "收到，王局",
    ],
)
def test_who_signs_in_their_own_name_signs(ordered: Decision, text: str) -> None:
    Person.objects.filter(pk="manager-cheats").update(name="张三丰")
    Person.objects.filter(pk="manager-obeys").update(name="赵小六")
    reply = commands.take(Said("张三丰", text, SOON), "90", NOW)[0]
    assert (reply.state, own(cast.CHEATS).state) == ("taken", TaskState.CLAIMED), reply.why


def test_a_name_within_a_name_or_a_place_names_nobody_else(ordered: Decision) -> None:
    Person.objects.filter(pk="manager-obeys").update(name="王明")
    Person.objects.filter(pk="manager-cheats").update(name="王明华")
    Person.objects.filter(pk="manager-far").update(name="北县")
    people = People()
    longer, short = people.of("王明华", "", "", "90"), people.of("王明", "", "", "90")
    told = [
        [people.names_another(words, sender) for words in ("王明华", "北县王明", "北县", "老李王明华")]
        for sender in (longer, short)
    ]
    assert told == [[False, True, False, False], [True, False, False, True]]


def test_a_report_in_anothers_name_answers_nothing(ordered: Decision) -> None:
    confirmed(cast.CHEATS)
    check = own(cast.CHEATS, TaskKind.CHECK)
    reply = says(check.person_id, "代邹科反馈：现场核查完毕，已停产")
    assert (reply.label, reply.state, reply.why) == ("done", "waiting", "in another's name")


def test_nobody_signs_for_others_through_a_strangers_reply(ordered: Decision) -> None:
    reply = says("某人", "收到")
    with pytest.raises(RightsError):
        deciding.settle(reply.pk, Use.SIGNED, [own(cast.CHEATS).id], "", cast.ANALYST, NOW)
    with pytest.raises(RightsError):
        deciding.settle(reply.pk, Use.SIGNED, [own(cast.CHEATS).id], "manager-obeys", cast.ANALYST, NOW)
    reply.refresh_from_db()
    assert (reply.state, own(cast.CHEATS).state) == ("waiting", TaskState.ISSUED)


def test_a_wrong_sign_for_is_taken_back_and_its_task_waits_again(ordered: Decision) -> None:
    reply = says("manager-cheats", "收到")
    assert own(cast.CHEATS).state == TaskState.CLAIMED
    with pytest.raises(TransitionError):
        deciding.take_back(reply.pk, " ", cast.ANALYST, NOW)
    deciding.take_back(reply.pk, "说的是别的事", cast.ANALYST, NOW)
    reply.refresh_from_db()
    event, task = Event.objects.get(kind="reply.taken_back"), own(cast.CHEATS)
    assert reply.state == "dropped"
    assert event.params["tasks"] == {task.number: "waits again"}
    assert (task.state, task.claimed_by, task.claimed_at) == (TaskState.ISSUED, "", None)
    assert NOW < task.claim_due_at == task.next_due_at
    assert queries.sign_of([task.id]) == {}
    assert Notice.objects.filter(event="task.unclaimed", subject_id=task.id).count() == 1


@pytest.mark.parametrize("text", ["收到", "{number}收到", "已停产完毕"])
def test_an_older_message_does_not_sign_for_what_was_taken_back(ordered: Decision, text: str) -> None:
    """An export that is taken in later holds messages from before the take-back: a person says what they are, and their
    sign-for counts from when the task was to be signed for again."""
    again = NOW + timedelta(hours=1)
    deciding.take_back(says("manager-cheats", "收到").pk, "说的是别的事", cast.ANALYST, NOW)
    task = own(cast.CHEATS)
    Task.objects.filter(pk=task.pk).update(feedback_due_at=again + timedelta(hours=1))
    for at in (SOON - timedelta(minutes=5), SOON + timedelta(minutes=1), NOW - timedelta(seconds=1)):
        reply = says("manager-cheats", text.format(number=task.number), at, now=again)
        assert (reply.state, reply.why) == ("waiting", "before it was asked for anew")
        assert uses(reply) == {task.number: "proposed"}
    assert (own(cast.CHEATS).state, own(cast.CHEATS).claimed_at) == (TaskState.ISSUED, None)
    deciding.settle(reply.pk, Use.SIGNED, [task.id], "", cast.ANALYST, again)
    assert (own(cast.CHEATS).state, own(cast.CHEATS).claimed_at) == (TaskState.CLAIMED, NOW)
    deciding.take_back(reply.pk, "还是别的事", cast.ANALYST, again)
    assert own(cast.CHEATS).state == TaskState.ISSUED
    after = says("manager-cheats", text.format(number=task.number), again, now=again)
    assert (after.state, own(cast.CHEATS).claimed_at) == ("taken", again)


@pytest.mark.parametrize("step", ["insisted", "transferred"])
def test_an_older_message_does_not_sign_for_what_was_asked_for_anew(town: cast.City, step: str) -> None:
    """Whoever declined a task, or has got it from another unit, has not signed for it by what they said before."""
    by, later = cast.CHECKER, SOON + timedelta(minutes=5)
    unit = "u-n-bureau" if step == "insisted" else "u-n-office"
    [sent] = send("special", "请核查", [Target("unit", unit)], cast.ANALYST, cast.SIGNED)
    if step == "insisted":
        turning.decline([(sent.task_id, "不归我们")], by, SOON + timedelta(minutes=2))
        [turned] = turning.insist([(sent.task_id, "仍由你办")], cast.ANALYST, later)
    else:
        [turned] = turning.transfer([(sent.task_id, "u-n-bureau", "改办")], cast.ANALYST, later)
    assert turned.done, turned.why
    reply = says(by, "收到", SOON, now=later)
    assert (reply.state, reply.why) == ("waiting", "before it was asked for anew")
    assert Task.objects.get().state == TaskState.ISSUED
    assert says(by, "收到", later, now=later).state == "taken"


@pytest.mark.parametrize("text", ["已处置完毕，附照片", "{number}已处置完毕，附照片"])
@pytest.mark.parametrize("step", ["returned", "reopened"])
def test_an_older_report_does_not_answer_what_was_sent_back(town: cast.City, step: str, text: str) -> None:
    """A person may still take it for the answer: it counts from when the task was sent back."""
    at = [SOON + timedelta(minutes=each) for each in (1, 3, 10, 20, 60)]
    [sent] = send("routine", "请核查", [Target("unit", "u-n-bureau")], cast.ANALYST, cast.SIGNED)
    claim([sent.task_id], cast.CHECKER, at[0])
    answer([(sent.task_id, "已办")], cast.CHECKER, at[1])
    if step == "returned":
        check([(sent.task_id, Outcome.NOT_COMPLIED, False, "再看")], cast.ANALYST, at[3])
    else:
        check([(sent.task_id, Outcome.COMPLIED, True, "")], cast.ANALYST, at[1])
        turning.reopen([(sent.task_id, "又冒烟")], cast.ANALYST, at[3])
    assert Event.objects.filter(kind=f"task.{step}", happened_at=at[3]).count() == 1
    said = text.format(number=Task.objects.get().number)
    reply = says(cast.CHECKER, said, at[2], now=at[4])
    assert (reply.label, reply.state, reply.why) == ("done", "waiting", "before it was asked for anew")
    assert Task.objects.get().state != TaskState.ANSWERED
    deciding.settle(reply.pk, Use.ANSWERED, [sent.task_id], "", cast.ANALYST, at[4])
    assert (Task.objects.get().state, Task.objects.get().answered_at) == (TaskState.ANSWERED, at[3])


def test_a_report_after_it_was_sent_back_answers(town: cast.City) -> None:
    [sent] = send("special", "请核查", [Target("unit", "u-n-bureau")], cast.ANALYST, cast.SIGNED)
    claim([sent.task_id], cast.CHECKER, SOON)
    answer([(sent.task_id, "已办")], cast.CHECKER, SOON)
    check([(sent.task_id, Outcome.NOT_COMPLIED, False, "再看")], cast.ANALYST, SOON + timedelta(minutes=2))
    after = SOON + timedelta(minutes=2)
    assert says(cast.CHECKER, "已处置完毕，附照片", after, now=NOW).state == "taken"
    assert Task.objects.get().answered_at == after


def test_an_open_question_keeps_no_sign_for_from_being_taken_back(ordered: Decision) -> None:
    says("manager-cheats", "几号之前要报?", SOON - timedelta(minutes=1))
    reply = says("manager-cheats", "收到")
    deciding.take_back(reply.pk, "说的是别的事", cast.ANALYST, NOW)
    assert own(cast.CHEATS).state == TaskState.ISSUED


@pytest.mark.parametrize("further", ["begun", "asked", "of the other side"])
def test_a_task_that_more_than_the_reply_has_moved_stays(ordered: Decision, further: str) -> None:
    """Also one that is taken back by who may not act for its sender."""
    reply = says("manager-cheats", "收到")
    by = cast.DISPATCHER if further == "of the other side" else cast.ANALYST
    if further == "begun":
        start([own(cast.CHEATS).id], "manager-cheats", NOW)
    elif further == "asked":
        ask(own(cast.CHEATS).id, RequestKind.APPEAL, "我们是民生企业", None, "manager-cheats", NOW)
    deciding.take_back(reply.pk, "说的是别的事", by, NOW)
    assert Event.objects.get(kind="reply.taken_back").params["tasks"] == {own(cast.CHEATS).number: "stays"}
    assert own(cast.CHEATS).claimed_by == "manager-cheats"


def test_times_and_silence_tell_of_units_and_rank_nobody(ordered: Decision) -> None:
    says("manager-cheats", "收到")
    tasks = Task.objects.all()
    times = queries.sign_times(tasks, NOW)
    assert (times.count, times.middle, times.p95) == (1, timedelta(minutes=20), timedelta(minutes=20))
    assert {unit.unit_id for unit in queries.silent(tasks, NOW)} == {
        "u-obeys",
        "u-broken",
        "u-reduces",
        "u-far",
    }


EXPORT = f"""聊天记录
名manager-cheats {SOON:%Y-%m-%d %H:%M:%S}
收到，马上停
名manager-obeys {SOON:%Y-%m-%d %H:%M:%S}
不归我们管
某人 2026-12-07 25:61
收到
路人 {SOON:%Y-%m-%d %H:%M:%S}
今天雾真大
"""


def test_a_file_is_looked_at_then_taken_once(ordered: Decision) -> None:
    data = EXPORT.encode("gb18030")
    looked = files.preview(data, "群.txt", "90", NOW)
    assert dict(looked.counts) == {"taken": 1, "waiting": 1, "read": 1}
    assert [each.line for each in looked.unread] == [1, 6]
    assert (Reply.objects.count(), own(cast.CHEATS).state) == (0, TaskState.ISSUED)
    receipt = files.commit(data, "群.txt", "90", cast.ANALYST, NOW)
    assert receipt.report["counts"] == {"taken": 1, "waiting": 1, "read": 1}
    assert own(cast.CHEATS).state == TaskState.CLAIMED
    again = files.commit(data, "群.txt", "90", cast.ANALYST, NOW)
    assert (again.pk, again.report["again"], Reply.objects.count()) == (receipt.pk, {"known": 3}, 3)
    with pytest.raises(DataError):
        files.preview(b"\x89PNG\x00\x00", "a.png", "90", NOW)


# --- the chats' own requests


def ding(inlet: Inlet, client: Client, text: str = "收到", **changes: object) -> tuple[int, bytes]:
    """A request as DingTalk's outgoing robot makes it."""
    given: dict[str, object] = {
        "at": timezone.now(),
        "secret": inlet.secret,
        "nick": "名manager-cheats",
    } | changes
    stamp = str(to_ms(given["at"]))  # type: ignore[arg-type]
    body = given.get(
        "body",
        json.dumps(
            {
                "msgtype": "text",
                "text": {"content": f" {text}"},
                "msgId": "msg1",
                "createAt": to_ms(given.get("created", given["at"])),  # type: ignore[arg-type]
                "conversationId": "cid",
                "senderNick": given["nick"],
                "senderStaffId": "",
            }
        ),
    )
    answer = client.post(
        reverse("hook", args=[inlet.key]),
        body,
        content_type="application/json",
        headers={"timestamp": stamp, "sign": dingtalk.signature(stamp, str(given["secret"]))},
    )
    return answer.status_code, answer.content


@pytest.fixture
def robot(ordered: Decision) -> Inlet:
    cache.clear()
    clock(NOW)
    return add_inlet(InletKind.DINGTALK, "北县群", "9001", "secret-1", cast.ANALYST, NOW)


def test_the_signature_is_the_published_one() -> None:
    # base64(HMAC-SHA256(key=secret, timestamp + "\n" + secret)), worked by hand with openssl dgst -sha256 -hmac
    assert (
        dingtalk.signature("1577262236757", "this is a secret")
        == "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="
    )


def test_a_message_of_the_robot_signs_and_keeps_its_delay_on_the_play_clock(robot: Inlet) -> None:
    created = timezone.now() - timedelta(seconds=40)
    status, body = ding(robot, Client(enforce_csrf_checks=True), created=created)
    assert (status, json.loads(body)) == (200, dingtalk.ANSWER)
    task = own(cast.CHEATS)
    assert task.state == TaskState.CLAIMED
    assert task.claimed_at is not None
    assert timedelta(seconds=39) < NOW - task.claimed_at < timedelta(seconds=50)
    assert Reply.objects.get().inlet == robot


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "other"}, 403),
        ({"at": timezone.now() - timedelta(hours=2)}, 403),
        ({"at": timezone.now() + timedelta(hours=2)}, 403),
        ({"body": "{"}, 400),
        ({"body": "[]"}, 400),
        ({"body": '{"text": {"content": 1}, "createAt": 1}'}, 400),
        ({"body": '{"text": {"content": "收到"}, "createAt": 1e400}'}, 400),
        ({"body": "[" * 20000}, 400),
        ({"body": "x" * 70000}, 413),
    ],
)
def test_forged_old_huge_and_garbage_requests_change_nothing(
    robot: Inlet, changes: dict[str, object], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ding(robot, Client(), **changes)[0] == status
    assert (Reply.objects.count(), own(cast.CHEATS).state) == (0, TaskState.ISSUED)
    assert "收到" not in capsys.readouterr().out


def test_a_replayed_request_counts_once(robot: Inlet) -> None:
    moment = timezone.now()
    assert [ding(robot, Client(), at=moment)[0] for _ in range(3)] == [200, 200, 200]
    assert (Reply.objects.count(), Event.objects.filter(kind="task.claimed").count()) == (1, 1)


def test_an_unknown_or_closed_inlet_is_not_there(robot: Inlet) -> None:
    assert Client().post("/hooks/nothing/", "{}", content_type="application/json").status_code == 404
    switch_inlet(robot.pk, False, cast.ANALYST, NOW)
    assert ding(robot, Client())[0] == 404
    assert Client().get(reverse("hook", args=[robot.key])).status_code == 404


def test_too_many_messages_in_a_minute_are_sent_away(robot: Inlet, monkeypatch: pytest.MonkeyPatch) -> None:
    from lantian_web.desk.views import hooks

    real = hooks.rule
    monkeypatch.setattr(hooks, "rule", lambda name, on: 2 if name == "request_rate" else real(name, on))
    codes = [ding(robot, Client(), text=f"收到{'。' * n}")[0] for n in range(4)]
    assert codes.count(429) >= 1
    assert codes[0] == 200


KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")


def sealed(message: str, receiver: str = "corp") -> str:
    """Encrypted as the callback does it."""
    body = message.encode()
    plain = b"r" * 16 + struct.pack(">I", len(body)) + body + receiver.encode()
    pad = 32 - len(plain) % 32
    key = wecom.key_of(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def asked(cipher: str, token: str = "token", at: datetime | None = None) -> dict[str, str]:
    stamp = str(int((at or timezone.now()).timestamp()))
    sign = hashlib.sha1("".join(sorted((token, stamp, "n1", cipher))).encode()).hexdigest()
    return {"msg_signature": sign, "timestamp": stamp, "nonce": "n1"}


def spoken(text: str, sender: str = "名manager-cheats") -> str:
    return (
        f"<xml><ToUserName>corp</ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>{int(timezone.now().timestamp())}</CreateTime><MsgType>text</MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>1</MsgId></xml>"
    )


def wec(inlet: Inlet, cipher: str, **changes: object) -> int:
    query = "&".join(f"{name}={value}" for name, value in asked(cipher, **changes).items())  # type: ignore[arg-type]
    body = f"<xml><ToUserName>corp</ToUserName><Encrypt><![CDATA[{cipher}]]></Encrypt></xml>"
    return (
        Client(enforce_csrf_checks=True)
        .post(f"{reverse('hook', args=[inlet.key])}?{query}", body, content_type="text/xml")
        .status_code
    )


@pytest.fixture
def callback(ordered: Decision) -> Inlet:
    cache.clear()
    clock(NOW)
    return add_inlet(
        InletKind.WECOM, "企业微信", "90", "token", cast.ANALYST, NOW, aes_key=KEY, receiver="corp"
    )


def test_the_callback_proves_its_address_and_brings_messages(callback: Inlet) -> None:
    echo = sealed("3312")
    answer = Client().get(reverse("hook", args=[callback.key]), asked(echo) | {"echostr": echo})
    assert (answer.status_code, answer.content) == (200, b"3312")
    assert wec(callback, sealed(spoken("收到"))) == 200
    assert own(cast.CHEATS).state == TaskState.CLAIMED


def test_the_callback_refuses_what_is_not_its_own(callback: Inlet) -> None:
    good = sealed(spoken("收到"))
    assert wec(callback, good, token="other") == 403
    assert wec(callback, good, at=timezone.now() - timedelta(hours=3)) == 403
    assert wec(callback, sealed(spoken("收到"), receiver="another")) == 403
    assert wec(callback, base64.b64encode(b"x" * 64).decode()) == 403
    assert wec(callback, good[:-8]) == 403
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><MsgType>text</MsgType><Content>&a;</Content></xml>'
    assert wec(callback, sealed(bomb)) == 400
    assert Client().get(reverse("hook", args=[callback.key]), {"echostr": "x"}).status_code == 403
    assert Reply.objects.count() == 0
    with pytest.raises(DataError):
        wecom.key_of("short")


def test_an_image_is_no_reply(callback: Inlet) -> None:
    assert wec(callback, sealed("<xml><MsgType>image</MsgType></xml>")) == 200
    assert Reply.objects.count() == 0


# --- pages


def page(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def test_the_page_shows_what_waits_and_one_click_settles_it(
    ordered: Decision, login: Callable[..., User]
) -> None:
    clock(NOW)
    reply = says("manager-cheats", "好的")
    client = page(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
    text = client.get(reverse("replies")).content.decode()
    assert own(cast.CHEATS).number in text
    assert "好的" in text
    data = {"action": "sign", "task": [own(cast.CHEATS).id], "back": "/replies/?state=waiting"}
    assert client.post(reverse("reply_act", args=[reply.pk]), data).status_code == 302
    assert own(cast.CHEATS).state == TaskState.CLAIMED


def test_what_was_put_aside_is_looked_through_and_taken_up_by_one_click(
    ordered: Decision, login: Callable[..., User]
) -> None:
    clock(NOW)
    first = says("manager-cheats", "今天雾真大")
    last = says("manager-cheats", "食堂几点开饭来着今天雾真大", SOON + timedelta(minutes=1))
    middle = says("manager-cheats", "今天雾真大呀", SOON + timedelta(seconds=1))
    Reply.objects.update(state="read", label="other")
    client = page(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
    shown = reverse("replies") + "?state=read"
    text = client.get(shown).content.decode()
    places = [text.index(f"<blockquote>{row.text}</blockquote>") for row in (last, middle, first)]
    assert places == sorted(places), "of one file the newest first"
    assert "交我判断" in text
    url = reverse("reply_act", args=[last.pk])
    far = page(login("s", "dispatcher-s", Role.DISPATCHER, "area:9002"))
    assert far.post(url, {"action": "take_up"}).status_code == 404
    answer = client.post(url, {"action": "take_up", "back": shown})
    assert (answer.status_code, answer["Location"]) == (302, shown)
    last.refresh_from_db()
    assert (last.state, last.why) == ("waiting", "put before a person")
    assert uses(last) == {own(cast.CHEATS).number: "proposed"}
    assert Event.objects.filter(kind="reply.waiting", actor=cast.ANALYST).count() == 1
    assert own(cast.CHEATS).number in client.get(reverse("replies")).content.decode()
    with pytest.raises(TransitionError):
        deciding.to_person(last.pk, cast.ANALYST, NOW)
    first.refresh_from_db()
    assert first.state == "read"


def test_a_sign_for_in_anothers_name_is_ticked_for_nobody(
    ordered: Decision, login: Callable[..., User]
) -> None:
    """Its one click would sign for who wrote it: a person ticks the task that is meant, or types its number."""
    clock(NOW)
    says("manager-cheats", "代李四收到")
    client = page(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
    text = client.get(reverse("replies")).content.decode()
    assert own(cast.CHEATS).number in text
    assert "用的是别人的名义" in text
    assert (" checked" in text, 'class="btn go" name="action"' in text) == (False, False)
    assert 'name="numbers"' in text


def test_a_county_sees_and_settles_only_its_own(ordered: Decision, login: Callable[..., User]) -> None:
    clock(NOW)
    near, far = says("manager-cheats", "好的"), says("manager-far", "嗯嗯嗯")
    client = page(login("s", "dispatcher-s", Role.DISPATCHER, "area:9002"))
    text = client.get(reverse("replies")).content.decode()
    assert ("嗯嗯嗯" in text, own(cast.CHEATS).number in text, "名manager-cheats" in text) == (
        True,
        False,
        False,
    )
    assert client.post(reverse("reply_act", args=[near.pk]), {"action": "dismiss"}).status_code == 404
    client.post(reverse("reply_act", args=[far.pk]), {"action": "sign", "task": [own(cast.CHEATS).id]})
    near.refresh_from_db()
    far.refresh_from_db()
    assert (near.state, far.state, own(cast.CHEATS).state) == ("waiting", "waiting", TaskState.ISSUED)
    assert client.get(reverse("replies"), {"area": "9001"}).content.decode().count("名manager-cheats") == 0


def test_plants_and_strangers_find_no_page(ordered: Decision, login: Callable[..., User]) -> None:
    for user in (
        login("p", "manager-cheats", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}"),
        login("x"),
        login("m", None, Role.SYSTEM_MANAGER, "area:90"),
    ):
        assert page(user).get(reverse("replies")).status_code == 404


def test_a_county_takes_in_a_chat_of_its_own_people_only(
    ordered: Decision, login: Callable[..., User]
) -> None:
    clock(NOW)
    client = page(login("s", "dispatcher-s", Role.DISPATCHER, "area:9002"))
    seen = client.post(reverse("replies"), {"pasted": EXPORT, "area": "9002"})
    assert seen.status_code == 200
    assert Reply.objects.count() == 0
    done = client.post(reverse("replies_commit"), {"token": seen.context["token"]}, follow=True)
    assert done.status_code == 200
    assert own(cast.CHEATS).state == TaskState.ISSUED
    assert {row.why for row in Reply.objects.filter(state=ReplyState.WAITING)} == {"of another county"}
    assert client.post(reverse("replies"), {"pasted": EXPORT, "area": "90"}).status_code == 404
    other = page(login("n", cast.DISPATCHER, Role.DISPATCHER, "area:9001"))
    receipt = done.redirect_chain[-1][0]
    assert other.get(receipt).status_code == 404
    assert other.post(reverse("replies_commit"), {"token": seen.context["token"]}).status_code == 404
    assert client.post(reverse("replies"), {"pasted": "没有消息", "area": "9002"}).status_code in (200, 422)


def test_a_file_shows_a_county_no_numbers_of_another(ordered: Decision, login: Callable[..., User]) -> None:
    clock(NOW)
    far, near = own(cast.FAR), own(cast.CHEATS)
    client = page(login("n", cast.DISPATCHER, Role.DISPATCHER, "area:9001"))
    heard = "".join(f"名manager-{who} {SOON:%Y-%m-%d %H:%M:%S}\n收到\n" for who in ("far", "cheats"))
    text = client.post(reverse("replies"), {"pasted": heard, "area": "9001"}).content.decode()
    assert ("名manager-far" in text, far.number in text, near.number in text) == (True, False, True)
