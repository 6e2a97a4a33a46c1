"""Pages of supervision: decisions first, counts that open their lists, and nothing for who has no business there."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast

from lantian.periods import at, to_ms
from lantian.records import RequestKind, Role
from lantian_web.accounts.models import User
from lantian_web.desk import letter_paper, supervise_page
from lantian_web.events.commands import set_cursor
from lantian_web.letters import commands
from lantian_web.letters.drafting import draft_letters
from lantian_web.letters.models import Letter, LetterState, Silence
from lantian_web.tasks import asking, turning
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.models import Task
from lantian_web.tasks.rising import run_clocks
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = at(cast.DAY, 9)
LATER = NOW + timedelta(days=7)
BACKEND = "django.contrib.auth.backends.ModelBackend"
Enter = Callable[[str], Client]


def order(area: str, text: str) -> Task:
    [one] = send("routine", text, [Target("area", area)], cast.ANALYST, NOW)
    assert one.done, one.why
    return Task.objects.get(id=one.task_id)


@pytest.fixture
def week(town: cast.City) -> datetime:
    """A week with one of everything: overdue north and south, a request, a hold that has come, one sent back."""
    order("9001", "北县夜查"), order("9001", "北县复查"), order("9002", "南县夜查")
    asks, holds, back = (order("9001", text) for text in ("北县请示", "北县挂账", "北县退回"))
    for row in (asks, holds):
        tasks.claim([row.id], row.person_id, NOW + timedelta(minutes=5))
    due = Task.objects.get(id=asks.id).feedback_due_at
    assert due is not None
    asking.ask(
        asks.id,
        RequestKind.EXTENSION,
        "等设备",
        due + timedelta(days=30),
        asks.person_id,
        NOW + timedelta(minutes=9),
    )
    turning.hold([(holds.id, cast.DAY + timedelta(days=3), "等大修")], cast.ANALYST, NOW + timedelta(hours=1))
    turning.decline([(back.id, "不是本县的")], back.person_id, NOW + timedelta(hours=1))
    run_clocks(LATER)
    assert draft_letters(LATER) == 2
    set_cursor("clock", to_ms(LATER))
    return LATER


@pytest.fixture
def enter(login: Callable[..., User]) -> Enter:
    known = {
        "analyst": (cast.ANALYST, Role.ANALYST, "area:90"),
        "vice": (cast.VICE, Role.LEADER, "area:90"),
        "north": (cast.DISPATCHER, Role.DISPATCHER, "area:9001"),
        "south": ("dispatcher-s", Role.DISPATCHER, "area:9002"),
        "plant": ("manager-cheats", Role.PLANT_MANAGER, "enterprise:cheats"),
    }

    def make(name: str) -> Client:
        client = Client()
        client.force_login(login(name, *known[name]), backend=BACKEND)
        return client

    return make


def text_of(client: Client, name: str, *parts: object, **query: str) -> str:
    answer = client.get(reverse(name, args=parts), query)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.content.decode())


def test_decisions_stand_before_everything_else(week: datetime, enter: Enter) -> None:
    text = text_of(enter("vice"), "supervise")
    places = [
        text.index(word)
        for word in (
            "待答复的申请",
            "到期该看的挂账",
            "待您签发",
            "按责任领导看逾期",
            "逾时未签收的单位",
            "每县至多",
        )
    ]
    assert places == sorted(places)
    assert "待您签发" not in text_of(enter("analyst"), "supervise")


def test_the_counts_are_those_of_the_lists_behind_them(
    week: datetime, login: Callable[..., User], enter: Enter
) -> None:
    user = login("counts", cast.ANALYST, Role.ANALYST, "area:90")
    page = supervise_page.page(user, week)
    assert [(each.what, each.count) for each in page.asked] == [
        ("requests", 1),
        ("declined", 1),
        ("holds", 1),
    ]
    assert [(person.id, len(person.tasks)) for person in page.leaders] == [("leader-n", 3), ("leader-s", 1)]
    assert [(unit.id, len(unit.tasks)) for unit in page.units] == [("u-n-office", 2), ("u-s-office", 1)]
    assert page.overdue == 4
    for person in page.leaders:
        assert person.total == sum(person.late.values(), timedelta())
        found = supervise_page.tasks_of(user, "overdue", week).filter(leader_id=person.id)
        assert found.count() == len(person.tasks)
    client = enter("analyst")
    for what, count in (
        ("overdue", 4),
        ("silent", 3),
        ("declined", 1),
        ("requests", 1),
        ("holds", 1),
        ("reminded", 0),
    ):
        assert f" {count}</h1>" in text_of(client, "supervise_list", what)
    assert " 3</h1>" in text_of(client, "supervise_list", "overdue", leader="leader-n")
    assert client.get(reverse("supervise_list", args=["nothing"])).status_code == 404


def test_a_county_sees_its_own_alone_and_no_draft(week: datetime, enter: Enter) -> None:
    north, south = enter("north"), enter("south")
    page = text_of(north, "supervise")
    assert "名leader-n" in page
    assert "名leader-s" not in page
    assert "督办函" not in page
    assert " 0</h1>" in text_of(north, "letters")
    drafts = {row.unit_id: row for row in Letter.objects.all()}
    for client in (north, south):
        for row in drafts.values():
            assert client.get(reverse("letter", args=[row.pk])).status_code == 404
            assert client.get(reverse("letter_file", args=[row.pk, "docx"])).status_code == 404
            assert client.post(reverse("letter_act", args=[row.pk]), {"action": "sign"}).status_code == 404
    commands.sign(drafts["u-n-office"].pk, cast.VICE, week)
    assert "督函〔2026〕1号" in text_of(north, "letters")
    assert south.get(reverse("letter", args=[drafts["u-n-office"].pk])).status_code == 404
    listed = text_of(south, "supervise_list", "overdue")
    assert "南县夜查" in listed
    assert "北县" not in listed


def test_a_plant_supervises_nobody(week: datetime, enter: Enter) -> None:
    client = enter("plant")
    for name in ("supervise", "letters", "silences"):
        assert client.get(reverse(name)).status_code == 404
    assert client.post(reverse("silences"), {"match": "area", "value_area": "9001"}).status_code == 404


def test_a_draft_is_signed_on_its_page_and_answered_by_the_unit(week: datetime, enter: Enter) -> None:
    vice, analyst, north = enter("vice"), enter("analyst"), enter("north")
    row = Letter.objects.get(unit_id="u-n-office")
    path, act = reverse("letter", args=[row.pk]), reverse("letter_act", args=[row.pk])
    assert 'value="sign"' in vice.get(path).content.decode()
    assert 'value="sign"' not in analyst.get(path).content.decode()
    refused = analyst.post(act, {"action": "sign"})
    assert refused.status_code == 422
    assert "您的职务" in refused.content.decode()
    assert Letter.objects.get(pk=row.pk).state == LetterState.DRAFTED
    assert vice.post(act, {"action": "sign"}).status_code == 302
    signed = Letter.objects.get(pk=row.pk)
    assert (signed.state, signed.number) == (LetterState.SIGNED, "督函〔2026〕1号")
    assert north.post(act, {"action": "answer", "text": "已全部办结"}).status_code == 302
    assert "已全部办结" in vice.get(path).content.decode()


def test_a_drop_says_why(week: datetime, enter: Enter) -> None:
    vice, row = enter("vice"), Letter.objects.get(unit_id="u-s-office")
    act = reverse("letter_act", args=[row.pk])
    assert vice.post(act, {"action": "drop", "reason": " "}).status_code == 422
    assert vice.post(act, {"action": "drop", "reason": "已当面说过"}).status_code == 302
    assert Letter.objects.get(pk=row.pk).reason == "已当面说过"


def test_an_analyst_drafts_by_hand_from_the_list(week: datetime, enter: Enter) -> None:
    task = Task.objects.get(text="北县退回")
    data = {"task": [task.pk], "rung": "admonition", "override": "省督察组点名"}
    assert enter("north").post(reverse("letter_draft"), data).status_code == 404
    assert enter("analyst").post(reverse("letter_draft"), data).status_code == 302
    assert Letter.objects.get(rung="admonition").override_by == cast.ANALYST


def test_the_paper_says_what_was_frozen_and_that_a_draft_is_a_draft(week: datetime, enter: Enter) -> None:
    row = Letter.objects.get(unit_id="u-n-office")

    def words() -> str:
        answer = enter("vice" if row.state == "drafted" else "analyst").get(
            reverse("letter_file", args=[row.pk, "docx"])
        )
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            return re.sub(r"<[^>]+>", "", file.read("word/document.xml").decode())

    draft = words()
    for word in (
        "尚未签发",
        "n县专班：",
        "名leader-n",
        *(fact["number"] for fact in row.facts),
        "延误归属",
        "合计",
    ):
        assert word in draft
    assert "督函〔" not in draft
    row = commands.sign(row.pk, cast.VICE, week)
    paper = words()
    assert "尚未签发" not in paper
    for word in ("督函〔2026〕1号", "签发人：副市长 名vice", "2026年12月15日"):
        assert word in paper


def test_the_same_letter_gives_the_same_paper(week: datetime) -> None:
    row = Letter.objects.get(unit_id="u-n-office")
    first = letter_paper.RENDERERS["docx"](letter_paper.laid(row, []), row.drafted_at)
    Task.objects.update(text="改了")
    again = Letter.objects.get(pk=row.pk)
    assert letter_paper.RENDERERS["docx"](letter_paper.laid(again, []), again.drafted_at) == first
    for fact in letter_paper.facts(row):
        assert sum((late for _, late, _ in fact.late), timedelta()) == fact.total


def test_a_silence_is_set_and_ended_on_its_page(week: datetime, enter: Enter) -> None:
    analyst, north = enter("analyst"), enter("north")
    data = {"match": "area", "value_area": "9001", "reason": "停产检修", "until": "2026-12-17T09:00"}
    assert north.post(reverse("silences"), data).status_code == 422
    assert analyst.post(reverse("silences"), data | {"until": "2026-12-30T09:00"}).status_code == 422
    assert analyst.post(reverse("silences"), data | {"reason": ""}).status_code == 422
    assert not Silence.objects.exists()
    assert analyst.post(reverse("silences"), data).status_code == 302
    row = Silence.objects.get()
    assert (row.until, row.author) == (at(cast.DAY + timedelta(days=9), 9), cast.ANALYST)
    assert "停产检修" in text_of(north, "silences")
    assert "停产检修" not in text_of(enter("south"), "silences")
    assert north.post(reverse("silence_end", args=[row.pk])).status_code == 302
    assert Silence.objects.get().ended_at is None
    assert analyst.post(reverse("silence_end", args=[row.pk])).status_code == 302
    assert Silence.objects.get().ended_by == cast.ANALYST
    by_name = {
        "match": "person",
        "value_person": "名dispatcher-s",
        "reason": "请假",
        "until": "2026-12-16T09:00",
    }
    assert analyst.post(reverse("silences"), by_name).status_code == 302
    assert Silence.objects.latest("pk").value == "dispatcher-s"
