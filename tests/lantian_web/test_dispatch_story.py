"""One day of dispatch with the fixed cast, through pages, chat and commands as people use them.

A plant that obeys, one that cheats, one whose meter broke, a county dispatcher, a leader, a checker, and a stranger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.periods import at
from lantian.records import Outcome, RequestKind, Role, TaskState
from lantian_web.accounts.models import User
from lantian_web.events.commands import seal
from lantian_web.events.models import Event
from lantian_web.events.queries import verify_chain
from lantian_web.findings import commands as findings
from lantian_web.letters import commands as letters
from lantian_web.letters.drafting import draft_letters
from lantian_web.letters.models import Letter
from lantian_web.notices import commands as notices
from lantian_web.notices.models import Notice, Readers
from lantian_web.orders.models import Decision
from lantian_web.replies import commands as replies
from lantian_web.replies.looking import Said
from lantian_web.tasks import asking, commands, splitting
from lantian_web.tasks.models import Task
from lantian_web.tasks.rising import run_clocks
from lantian_web.tasks.sending import Target, send
from lantian_web.verdicts import commands as verdicts
from lantian_web.verdicts.models import Verdict

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MORNING = at(cast.DAY, 9)
SENTENCE = "请核查夜间用电情况，2小时内反馈"


@pytest.fixture
def seats(ordered: Decision, login: Callable[..., User]) -> dict[str, Client]:
    """A browser for everybody, by name."""
    users = {
        "analyst": login("a", cast.ANALYST, Role.ANALYST, "area:90"),
        "dispatcher": login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001"),
        "stranger": login("s", "dispatcher-s", Role.DISPATCHER, "area:9002"),
        "cheats": login("c", "manager-cheats", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}"),
        "obeys": login("o", "manager-obeys", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}"),
    }
    made = {}
    for name, user in users.items():
        made[name] = Client()
        made[name].force_login(user, BACKEND)
    return made


def ordered_check(plant: str, now: datetime) -> Task:
    [sent] = send("emergency", SENTENCE, [Target("enterprise", plant)], cast.ANALYST, now)
    assert sent.done, sent.why
    return Task.objects.get(id=sent.task_id)


def carry_out(plant: str) -> Task:
    return Task.objects.get(enterprise_id=plant, kind="carry_out")


def fresh(task: Task) -> Task:
    return Task.objects.get(id=task.id)


def reads(client: Client, name: str, *args: str) -> tuple[int, str]:
    answer = client.get(reverse(name, args=args))
    return answer.status_code, answer.content.decode()


def test_the_plant_that_obeys(ordered: Decision, seats: dict[str, Client]) -> None:
    """It claims on its phone, its order ends, it answers, the data say complied, a second person closes."""
    task, soon = carry_out(cast.OBEYS), cast.SIGNED + timedelta(minutes=5)
    clock(soon)
    assert (
        "一号线" in reads(seats["obeys"], "plant", cast.OBEYS)[1]
        or reads(seats["obeys"], "plant", cast.OBEYS)[0] == 200
    )
    said = seats["obeys"].post(reverse("act", args=[task.id]), {"action": "claim", "plant": cast.OBEYS})
    assert said.status_code == 302
    assert fresh(task).state == TaskState.CLAIMED
    findings.take(cast.Judged([], [cast.day_of(cast.OBEYS, Outcome.COMPLIED)]), cast.DAY, MORNING)
    cast.lift(at(cast.DAY, 24))
    over = at(cast.DAY, 24) + timedelta(hours=1)
    [done] = commands.answer([(task.id, "已按要求停产")], task.person_id, over)
    assert done.done, done.why
    [closed] = verdicts.check(
        [(task.id, Outcome.COMPLIED, True, "")], cast.CHECKER, over + timedelta(hours=1)
    )
    assert closed.done, closed.why
    assert Verdict.objects.get(task=task).days_complied == 1


def test_the_plant_that_cheats(ordered: Decision, seats: dict[str, Client]) -> None:
    """Found, confirmed, checked; sent back when the answer is not true; it rises, a letter is drafted, never sent."""
    findings.take(
        cast.Judged([cast.ran_on(cast.CHEATS)], [cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED)]),
        cast.DAY,
        MORNING,
    )
    findings.confirm([cast.ran_on(cast.CHEATS).id], cast.ANALYST, MORNING)
    check = Task.objects.get(kind="check")
    commands.claim([check.id], check.person_id, MORNING + timedelta(minutes=5))
    commands.answer([(check.id, "现场已停")], check.person_id, MORNING + timedelta(minutes=50))
    refused = verdicts.check(
        [(check.id, Outcome.NOT_COMPLIED, True, "")], cast.ANALYST, MORNING + timedelta(hours=1)
    )
    assert not refused[0].done, "a breach closes nothing"
    [back] = verdicts.check(
        [(check.id, Outcome.NOT_COMPLIED, False, "夜里又开")], cast.ANALYST, MORNING + timedelta(hours=1)
    )
    assert back.done, back.why
    late = MORNING + timedelta(days=3)
    run_clocks(late)
    assert fresh(check).step_peak == 3
    rose = Event.objects.filter(kind="task.escalated", subject_id=check.id).count()
    run_clocks(late)
    assert Event.objects.filter(kind="task.escalated", subject_id=check.id).count() == rose, "once a step"
    draft_letters(late)
    draft_letters(late)
    drafts = list(Letter.objects.all())
    assert drafts, "a letter is drafted"
    assert {letter.state for letter in drafts} == {"drafted"}, "and none is sent by itself"
    county = drafts[0]
    clock(late)
    assert county.pk not in reads(seats["dispatcher"], "letters")[1], "the county reads it once it is signed"


def test_the_plant_whose_meter_broke(ordered: Decision, seats: dict[str, Client]) -> None:
    """Nobody can tell; that is no guilt; people look and say what they saw."""
    findings.take(cast.Judged([], [cast.day_of(cast.BROKEN, Outcome.CANNOT_TELL)]), cast.DAY, MORNING)
    task = ordered_check(cast.BROKEN, MORNING)
    [done] = commands.claim([task.id], task.person_id, MORNING + timedelta(minutes=3))
    assert done.done
    commands.start([task.id], task.person_id, MORNING + timedelta(minutes=20))
    commands.answer([(task.id, "电表故障，现场停产属实")], task.person_id, MORNING + timedelta(minutes=60))
    [closed] = verdicts.check(
        [(task.id, Outcome.CANNOT_TELL, True, "电表故障，已报修，现场停产属实")],
        cast.ANALYST,
        MORNING + timedelta(hours=2),
    )
    assert closed.done, closed.why
    assert Verdict.objects.get(task=task).days_not_complied == 0
    status, _ = reads(seats["cheats"], "case", task.id)
    assert status == 404


def test_one_sentence_and_one_received(town: cast.City) -> None:
    """The order goes to the county's chat; "收到" there is the sign-for at its own minute."""
    channel = notices.add_channel(
        "wecom",
        "北县群",
        "9001",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",
        "system",
        MORNING,
        readers=Readers.OFFICE,
    )
    assert channel.active
    [sent] = send("routine", SENTENCE, [Target("area", "9001")], cast.ANALYST, MORNING)
    assert Notice.objects.filter(subject_id=sent.task_id).exists()
    minute = MORNING + timedelta(minutes=1)
    people = f"名{cast.DISPATCHER}"
    replies.take(Said(people, f"收到 {sent.number}", minute), "9001", minute + timedelta(minutes=5))
    task = Task.objects.get(id=sent.task_id)
    assert (task.state, task.claimed_by, task.claimed_at) == ("claimed", cast.DISPATCHER, minute)


def test_the_county_dispatcher(town: cast.City, login: Callable[..., User]) -> None:
    """Sees what is to sign, hands it on, asks for more time, answers; the proof names minutes."""
    user = login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    client = Client()
    client.force_login(user, BACKEND)
    [sent] = send("routine", SENTENCE, [Target("area", "9001")], cast.ANALYST, MORNING)
    clock(MORNING + timedelta(minutes=1))
    assert sent.number in reads(client, "county")[1]
    [part] = splitting.split(
        sent.task_id,
        [(Target("unit", "u-n-bureau"), "去现场看")],
        cast.DISPATCHER,
        MORNING + timedelta(minutes=2),
    )
    assert part.done, part.why
    splitting.pass_on(sent.task_id, "", "分局值班室 电话", cast.DISPATCHER, MORNING + timedelta(minutes=3))
    task = Task.objects.get(id=sent.task_id)
    assert task.feedback_due_at is not None
    request = asking.ask(
        task.id,
        RequestKind.EXTENSION,
        "路远",
        task.feedback_due_at + timedelta(hours=4),
        cast.DISPATCHER,
        MORNING + timedelta(minutes=4),
    )
    asking.decide_request(request.id, True, "同意", cast.ANALYST, MORNING + timedelta(minutes=30))
    below = Task.objects.get(id=part.task_id)
    commands.claim([below.id], below.person_id, MORNING + timedelta(minutes=10))
    commands.answer([(below.id, "正常")], below.person_id, MORNING + timedelta(minutes=90))
    [done] = commands.answer([(task.id, "已核查，正常")], cast.DISPATCHER, MORNING + timedelta(hours=2))
    assert done.done, done.why
    told = list(Event.objects.filter(subject_id=task.id).order_by("id").values_list("kind", flat=True))
    assert told == [
        "task.opened",
        "task.claimed",
        "task.split",
        "task.passed_on",
        "task.requested",
        "task.request_granted",
        "task.due",
        "task.answered",
    ]


def test_the_leader_signs_what_was_drafted(ordered: Decision) -> None:
    """Only who holds the office signs; the number is drawn then, without a gap."""
    late = cast.SIGNED + timedelta(days=4)
    run_clocks(late)
    draft_letters(late)
    letter = Letter.objects.order_by("id").first()
    assert letter is not None
    with pytest.raises(Exception, match="."):
        letters.sign(letter.id, cast.DISPATCHER, late)
    assert Letter.objects.get(id=letter.id).number == ""
    assert Letter.objects.filter(state="signed").count() == 0


def test_the_stranger_reaches_nothing(town: cast.City, login: Callable[..., User]) -> None:
    """A dispatcher of another county, by page, by step, by batch, by chat."""
    user = login("s", "dispatcher-s", Role.DISPATCHER, "area:9002")
    client = Client()
    client.force_login(user, BACKEND)
    task = ordered_check(cast.CHEATS, MORNING)
    clock(MORNING + timedelta(minutes=1))
    for name, args in (("case", [task.id]), ("county_item", [task.id]), ("batch", [task.batch_id])):
        assert client.get(reverse(name, args=args)).status_code == 404, name
    before, events = Task.objects.filter(id=task.id).values().get(), Event.objects.count()
    for action in (
        "claim",
        "answer",
        "begin",
        "decline",
        "extend",
        "transfer",
        "close",
        "return",
        "withdraw",
    ):
        client.post(reverse("act", args=[task.id]), {"action": action, "text": "我", "reason": "我"})
    commands.claim([task.id], "dispatcher-s", MORNING + timedelta(minutes=2))
    replies.take(
        Said("名dispatcher-s", f"收到 {task.number}", MORNING + timedelta(minutes=2)),
        "9001",
        MORNING + timedelta(minutes=3),
    )
    assert Task.objects.filter(id=task.id).values().get() == before
    assert not Event.objects.exclude(kind__startswith="reply.").filter(id__gt=0).count() > events
    seal()
    assert verify_chain().sound
