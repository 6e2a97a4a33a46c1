"""A typed order from sentence to batch: read, found, pasted, sent, taken back, reminded; and whom it does not reach."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.errors import DataError, LawError, RightsError, TransitionError
from lantian.records import Role
from lantian_web.accounts.models import Post, User
from lantian_web.desk.compose import reading
from lantian_web.desk.picking import Choice, Reach, orders_in
from lantian_web.events.models import Event
from lantian_web.inventory.models import Enterprise
from lantian_web.orders.models import Decision
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.keeping import keep_template, retire_template
from lantian_web.tasks.models import Task, Template
from lantian_web.tasks.reminding import remind
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.db, pytest.mark.slow]
NOW = cast.STARTS + timedelta(hours=10)
SENTENCE = "请北县立即核查cheats厂夜间是否停产，12时前反馈"
Login = Callable[..., User]


@pytest.fixture
def city(town: cast.City) -> cast.City:
    clock(NOW)
    return town


@pytest.fixture
def analyst(city: cast.City, login: Login) -> Client:
    return _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))


@pytest.fixture
def north(city: cast.City, login: Login) -> Client:
    return _client(login("n", cast.DISPATCHER, Role.DISPATCHER, "area:9001"))


@pytest.fixture
def south(city: cast.City, login: Login) -> Client:
    return _client(login("s", "dispatcher-s", Role.DISPATCHER, "area:9002"))


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


def order(client: Client, *targets: str, text: str = "夜间巡查", **more: str) -> Any:
    data = {"text": text, "targets": "\n".join(targets), "send": "1"} | more
    return client.post(reverse("compose"), data, headers={"HX-Request": "true"})


class TestWho:
    def test_only_analysts_and_dispatchers_order_and_only_in_their_areas(
        self, city: cast.City, login: Login
    ) -> None:
        assert orders_in(login("a", cast.ANALYST, Role.ANALYST, "area:90")) == ("90",)
        assert orders_in(login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")) == ("9001",)
        assert orders_in(login("m", "manager-obeys", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}")) == ()
        assert orders_in(login("y", cast.VICE, Role.SYSTEM_MANAGER, "area:90")) == ()
        assert orders_in(login("x")) == ()

    def test_a_log_in_that_orders_nothing_gets_no_page(self, city: cast.City, login: Login) -> None:
        client = _client(login("m", "manager-obeys", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}"))
        for name in ("compose", "compose_read", "compose_find", "compose_plants", "county"):
            assert client.get(reverse(name)).status_code == 404, name
        assert order(client, "area:9001").status_code == 404
        assert not Task.objects.exists()


class TestReading:
    def test_the_sentence_gives_kind_due_time_and_whom_it_names(self, city: cast.City, login: Login) -> None:
        reach = Reach(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        made = reading(reach, SENTENCE, NOW)
        assert (made.category, made.category_typed) == ("plant_check", True)
        assert made.due_at == NOW + timedelta(hours=2)
        assert made.due_typed
        assert {choice.key for choice in made.mentioned} == {"area:9001", f"enterprise:{cast.CHEATS}"}

    def test_what_is_urgent_without_a_kind_is_an_emergency(self, city: cast.City, login: Login) -> None:
        reach = Reach(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        made = reading(reach, "立即到厂门口看一下", NOW)
        assert (made.category, made.category_typed, made.emergency) == ("emergency", False, True)
        assert made.due_at is not None
        assert not made.due_typed
        assert reading(reach, "到厂门口看一下", NOW).category == "routine"

    def test_every_county_means_all_and_a_countys_name_inside_a_plants_does_not_count(
        self, city: cast.City, login: Login
    ) -> None:
        reach = Reach(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        assert {c.id for c in reach.mentioned("各县今晚巡查")} == {"9001", "9002"}
        Enterprise.objects.filter(pk=cast.OBEYS).update(name="北县炼钢厂")
        assert [c.key for c in Reach(reach.user).mentioned("去北县炼钢厂看看")] == [
            f"enterprise:{cast.OBEYS}"
        ]

    def test_a_doubt_is_said_and_nothing_is_taken(self, analyst: Client) -> None:
        said = analyst.get(reverse("compose_read"), {"text": "9时前反馈"}).json()
        assert any(not one["taken"] for one in said["said"])
        assert not said["due_typed"]

    def test_a_county_reads_only_its_own_names(self, south: Client) -> None:
        said = south.get(reverse("compose_read"), {"text": SENTENCE}).json()
        assert said["mentioned"] == []


class TestFinding:
    def test_by_part_of_a_name_and_by_code(self, analyst: Client) -> None:
        found = analyst.get(reverse("compose_find"), {"q": "cheats"}).json()["found"]
        keys = {one["key"] for one in found}
        assert {f"enterprise:{cast.CHEATS}", f"unit:u-{cast.CHEATS}"} <= keys
        code = Enterprise.objects.get(pk=cast.FAR).credit_code
        found = analyst.get(reverse("compose_find"), {"q": code.lower()}).json()["found"]
        assert found[0]["key"] == f"enterprise:{cast.FAR}"

    def test_other_counties_do_not_exist(self, south: Client) -> None:
        assert south.get(reverse("compose_find"), {"q": "cheats"}).json()["found"] == []
        assert south.get(reverse("compose_find"), {"q": "北县"}).json()["found"] == []
        assert south.get(reverse("compose_find"), {"q": "checker-n"}).json()["found"] == []
        keys = [one["key"] for one in south.get(reverse("compose_plants")).json()["found"]]
        assert keys == [f"enterprise:{cast.FAR}"]

    def test_a_pasted_list_is_matched_once_or_shown(self, city: cast.City, login: Login) -> None:
        reach = Reach(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        code = Enterprise.objects.get(pk=cast.FAR).credit_code
        rows = ["1\tobeys厂\t北县", code, "北县", "checker-n2", "e", "无此厂"]
        lines = reach.match("\n".join(rows))
        assert [line.choice.key if line.choice else "" for line in lines] == [
            f"enterprise:{cast.OBEYS}",
            f"enterprise:{cast.FAR}",
            "area:9001",
            "person:checker-n2",
            "",
            "",
        ]
        assert lines[-1].choices == ()

    def test_two_of_one_name_are_told_apart_by_the_county_beside_them(
        self, city: cast.City, login: Login
    ) -> None:
        Enterprise.objects.filter(pk__in=[cast.OBEYS, cast.FAR]).update(name="同名厂")
        reach = Reach(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        alone, beside = reach.match("同名厂\n同名厂\t南县")
        assert alone.choice is None
        assert {choice.id for choice in alone.choices} == {cast.OBEYS, cast.FAR}
        assert beside.choice is not None
        assert beside.choice.id == cast.FAR

    def test_to_the_plants_themselves(self, city: cast.City, login: Login) -> None:
        reach = Reach(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        chosen, strangers = reach.resolve([f"enterprise:{cast.OBEYS}", "area:9001", "area:7777", "x", ""])
        assert [c.key for c in reach.themselves(chosen)] == [f"unit:u-{cast.OBEYS}", "area:9001"]
        assert strangers == ["area:7777", "x"]


class TestSending:
    def test_every_target_has_its_answer(self, analyst: Client) -> None:
        Post.objects.filter(person_id="leader-s").delete()
        said = page(order(analyst, f"enterprise:{cast.CHEATS}", "area:9002", "area:77"))
        task = Task.objects.get()
        assert (task.about_id, task.unit_id, task.text) == (cast.CHEATS, "u-n-bureau", "夜间巡查")
        assert task.number in said
        assert reverse("batch", args=[task.batch_id]) in said
        assert "南县" in said
        assert "/people/" in said
        assert "责任领导" in said
        assert "area:77" in said

    def test_the_same_matter_is_recognised_and_can_be_sent_again(self, analyst: Client) -> None:
        order(analyst, f"enterprise:{cast.CHEATS}")
        first = Task.objects.get()
        clock(NOW + timedelta(hours=1))
        said = page(order(analyst, f"enterprise:{cast.CHEATS}", text="再去看一次"))
        assert Task.objects.count() == 1
        assert first.number in said
        assert 'name="again"' in said
        order(analyst, f"enterprise:{cast.CHEATS}", text="再去看一次", again="1")
        assert Task.objects.count() == 2

    def test_a_form_sent_a_second_time_is_one_order_however_late(self, analyst: Client) -> None:
        shown = page(analyst.get(reverse("compose")))
        [token] = set(re.findall(r'name="token" value="(\w+)"', shown))
        assert token not in page(analyst.get(reverse("compose")))
        for hours in (0, 1, 30):
            clock(NOW + timedelta(hours=hours))
            order(analyst, "area:9001", again="1", token=token)
        assert Task.objects.count() == 1
        order(analyst, f"enterprise:{cast.CHEATS}")
        said = page(order(analyst, f"enterprise:{cast.CHEATS}", text="再去看一次"))
        assert re.search(r'name="again" value="1"><input type="hidden" name="token" value="\w{16}"', said)

    def test_a_form_repeated_when_its_time_is_over_answers_as_the_first_time(self, analyst: Client) -> None:
        """The first answer was lost on the way; by the time it is sent again the sentence's time is no time any more."""
        given = {"text": "12时前反馈巡查情况", "token": "t"}
        order(analyst, "area:9001", **given)
        [first] = Task.objects.all()
        clock(NOW + timedelta(hours=3))
        for more in ({}, {"due_at": "2026-12-08T12:00"}):
            said = page(order(analyst, "area:9001", **given, **more))
            assert first.number in said
            assert "已下发 1 个" in said
        said = page(order(analyst, "area:9001", "area:9002", **given))
        assert "已下发 1 个" in said
        assert "未下发 1 个" in said
        assert order(analyst, "area:9001", **(given | {"token": "u"})).status_code == 422
        assert Task.objects.count() == 1

    def test_a_form_repeated_after_it_was_taken_back_says_so_and_sends_nothing(self, analyst: Client) -> None:
        order(analyst, "area:9001", token="t")
        first = Task.objects.get()
        analyst.post(reverse("batch", args=[first.batch_id]), {"action": "undo"})
        clock(NOW + timedelta(minutes=5))
        said = page(order(analyst, "area:9001", token="t"))
        assert Task.objects.count() == 1
        assert f"{first.number}</a> 已撤回" in said
        fresh = re.search(r'name="again" value="1"><input type="hidden" name="token" value="(\w{16})"', said)
        assert fresh
        order(analyst, "area:9001", again="1", token=fresh[1])
        assert sorted(Task.objects.values_list("state", flat=True)) == ["issued", "withdrawn"]

    def test_a_repeat_with_another_due_time_says_which_one_stands_and_sends_nothing(
        self, analyst: Client
    ) -> None:
        order(analyst, "area:9001", token="t", due_at="2026-12-08T18:00")
        first = Task.objects.get()
        said = page(order(analyst, "area:9001", "area:9002", token="t", due_at="2026-12-08T20:00"))
        assert "已下发" not in said
        seen = re.sub(r"<[^>]*>", "", said)
        assert re.search(rf"{first.number} 待签收 · 时限没有改: \S*18:00", seen)
        assert "20:00" not in seen
        assert "已按另一个时限下发" in said
        assert Task.objects.get().feedback_due_at == NOW + timedelta(hours=8)
        fresh = re.search(r'name="again" value="1"><input type="hidden" name="token" value="(\w{16})"', said)
        assert fresh
        order(analyst, "area:9001", again="1", token=fresh[1], due_at="2026-12-08T20:00")
        assert Task.objects.filter(feedback_due_at=NOW + timedelta(hours=10)).count() == 1

    @pytest.mark.parametrize("text", ["夜间巡查", "2小时内反馈巡查情况"])
    def test_who_is_added_to_a_sentence_sent_before_gets_its_due_time(
        self, analyst: Client, text: str
    ) -> None:
        """No time is typed anew: what stands in the sentence is read as of the first time."""
        order(analyst, "area:9001", token="t", text=text)
        clock(NOW + timedelta(minutes=50))
        said = page(order(analyst, "area:9001", "area:9002", token="t", text=text))
        assert "已下发 2 个" in said
        assert len(set(Task.objects.values_list("batch_id", "feedback_due_at"))) == 1
        assert Task.objects.get(area_id="9002").claim_due_at > NOW + timedelta(minutes=50)
        clock(NOW + timedelta(days=30))
        said = page(order(analyst, "area:9001", "unit:u-s-office", token="t", text=text))
        assert "已下发 1 个" in said
        assert "办结时间已经过了" in said

    def test_the_same_sentence_twice_in_a_minute_is_one(self, analyst: Client) -> None:
        order(analyst, "area:9001")
        order(analyst, "area:9001")
        assert Task.objects.count() == 1

    @pytest.mark.parametrize("more", [{"due_at": "2026-12-08T09:00"}, {"due_at": "x"}, {"text": "  "}])
    def test_what_makes_no_sense_is_not_sent_and_said(self, analyst: Client, more: dict[str, str]) -> None:
        answer = order(analyst, "area:9001", **more)
        assert answer.status_code == 422
        assert not Task.objects.exists()

    def test_a_time_that_is_not_understood_is_not_sent_along_silently(self, analyst: Client) -> None:
        assert order(analyst, "area:9001", text="9时前反馈巡查情况").status_code == 422
        assert not Task.objects.exists()
        order(analyst, "area:9001", text="9时前反馈巡查情况", sure="1")
        assert Task.objects.count() == 1

    def test_a_due_time_chosen_stands_before_the_sentence(self, analyst: Client) -> None:
        order(analyst, "area:9001", text="12时前反馈巡查情况", due_at="2026-12-08T18:00", category="special")
        task = Task.objects.get()
        assert task.feedback_due_at == NOW + timedelta(hours=8)
        assert task.category == "special"

    def test_another_countys_target_is_refused_as_if_it_were_not_there(self, south: Client) -> None:
        said = page(
            order(south, f"enterprise:{cast.CHEATS}", "area:9001", "unit:u-n-bureau", "person:checker-n")
        )
        assert not Task.objects.exists()
        assert f"{cast.CHEATS}厂" not in said
        assert "没有这个对象" in said

    def test_below_its_own_county_a_dispatcher_orders(self, north: Client) -> None:
        order(north, f"enterprise:{cast.OBEYS}", f"unit:u-{cast.REDUCES}")
        assert set(Task.objects.values_list("unit_id", flat=True)) == {"u-n-bureau", f"u-{cast.REDUCES}"}
        assert set(Task.objects.values_list("lead_unit_id", flat=True)) == {"u-n-office"}


class TestWithoutScripts:
    def test_a_name_is_looked_up_before_anything_is_sent(self, analyst: Client) -> None:
        given = {"text": "夜间巡查", "names": "s厂\ncheats厂", "send": "1"}
        said = page(analyst.post(reverse("compose"), given))
        assert not Task.objects.exists()
        assert said.count('name="target"') > 2
        page(analyst.post(reverse("compose"), given | {"names": "cheats厂"}))
        assert Task.objects.get().about_id == cast.CHEATS

    def test_whom_the_sentence_names_is_shown_first(self, analyst: Client) -> None:
        given = {"text": "请北县今晚巡查", "send": "1"}
        said = page(analyst.post(reverse("compose"), given))
        assert not Task.objects.exists()
        assert 'value="area:9001" checked' in said

    def test_targets_come_with_the_address(self, analyst: Client) -> None:
        said = page(analyst.get(reverse("compose"), {"target": f"enterprise:{cast.FAR}"}))
        assert f'value="enterprise:{cast.FAR}" checked' in said


class TestBatch:
    @pytest.fixture
    def sent(self, analyst: Client) -> str:
        order(analyst, "area:9001", "area:9002", f"enterprise:{cast.CHEATS}")
        return str(Task.objects.values_list("batch_id", flat=True).first())

    def act(self, client: Client, pk: str, **data: str) -> Any:
        return client.post(reverse("batch", args=[pk]), data, headers={"HX-Request": "true"})

    def test_shows_who_has_claimed_and_who_has_not(self, sent: str, analyst: Client, south: Client) -> None:
        mine = Task.objects.get(area_id="9002")
        tasks.claim([mine.pk], "dispatcher-s", NOW + timedelta(minutes=3))
        said = page(analyst.get(reverse("batch", args=[sent])))
        assert "待签收 2" in said
        assert "名dispatcher-s" in said
        theirs = page(south.get(reverse("batch", args=[sent])))
        assert mine.number in theirs
        assert f"{cast.CHEATS}厂" not in theirs
        assert "北县" not in theirs
        assert 'value="withdraw"' not in theirs

    def test_a_stranger_finds_no_batch(self, sent: str, login: Login) -> None:
        client = _client(login("x"))
        assert client.get(reverse("batch", args=[sent])).status_code == 404
        assert client.get(reverse("batch", args=["batch_none"])).status_code == 404

    def test_undo_takes_back_what_nobody_claimed(self, sent: str, analyst: Client) -> None:
        mine = Task.objects.get(area_id="9002")
        tasks.claim([mine.pk], "dispatcher-s", NOW + timedelta(minutes=1))
        said = self.act(analyst, sent, action="undo").json()
        assert sorted(Task.objects.values_list("state", flat=True)) == ["claimed", "withdrawn", "withdrawn"]
        assert "2" in said["done"]
        assert "1" in said["done"]

    def test_what_was_taken_back_is_sent_anew_within_its_minute(self, sent: str, analyst: Client) -> None:
        self.act(analyst, sent, action="undo")
        order(analyst, "area:9001")
        assert Task.objects.exclude(state="withdrawn").count() == 1

    def test_taking_back_later_needs_its_reason(self, sent: str, analyst: Client) -> None:
        assert self.act(analyst, sent, action="withdraw", reason=" ").json()["refused"]
        assert not Task.objects.filter(state="withdrawn").exists()
        self.act(analyst, sent, action="withdraw", reason="数据已恢复")
        assert Task.objects.filter(state="withdrawn").count() == 3

    def test_who_handles_it_takes_nothing_back(self, sent: str, south: Client) -> None:
        said = self.act(south, sent, action="withdraw", reason="不想做").json()
        assert said["refused"]
        assert not Task.objects.filter(state="withdrawn").exists()
        assert self.act(south, sent, action="remind").json()["refused"]

    def test_reminds_who_has_not_claimed_once(self, sent: str, analyst: Client) -> None:
        tasks.claim([Task.objects.get(area_id="9002").pk], "dispatcher-s", NOW + timedelta(minutes=1))
        assert "2" in self.act(analyst, sent, action="remind").json()["done"]
        assert self.act(analyst, sent, action="remind").json()["refused"]
        assert Event.objects.filter(kind="task.reminded").count() == 2


class TestReminding:
    @pytest.fixture
    def task(self, city: cast.City) -> Task:
        [sent] = send("routine", "夜间巡查", [Target("area", "9001")], cast.ANALYST, NOW)
        return Task.objects.get(pk=sent.task_id)

    def test_at_most_once_in_ten_minutes(self, task: Task) -> None:
        [first] = remind([task.pk], cast.ANALYST, NOW)
        [second] = remind([task.pk], cast.SECOND_ANALYST, NOW + timedelta(minutes=9, seconds=59))
        [third] = remind([task.pk], cast.ANALYST, NOW + timedelta(minutes=10))
        assert (first.done, second.done, third.done) == (True, False, True)
        assert isinstance(second.why, LawError)
        assert second.why.code == "reminded_lately"

    def test_only_the_sender_reminds_and_only_who_has_to_act(self, task: Task) -> None:
        [other] = remind([task.pk], "dispatcher-s", NOW)
        [handler] = remind([task.pk], cast.DISPATCHER, NOW)
        assert isinstance(other.why, RightsError)
        assert isinstance(handler.why, RightsError)
        tasks.claim([task.pk], cast.DISPATCHER, NOW)
        tasks.answer([(task.pk, "已巡查")], cast.DISPATCHER, NOW)
        [answered] = remind([task.pk], cast.ANALYST, NOW)
        assert isinstance(answered.why, TransitionError)


class TestTemplates:
    def test_kept_once_offered_and_retired(self, analyst: Client) -> None:
        path = reverse("compose_templates")
        for _ in range(2):
            analyst.post(path, {"text": "今晚  夜查", "category": "special"}, headers={"HX-Request": "true"})
        kept = Template.objects.get()
        assert (kept.text, kept.category, kept.area_id) == ("今晚 夜查", "special", "90")
        assert "今晚 夜查" in page(analyst.get(reverse("compose")))
        analyst.post(path, {"retire": str(kept.pk)}, headers={"HX-Request": "true"})
        assert json.loads(page(analyst.get(path)))["templates"] == []

    def test_a_county_sees_and_retires_its_own_only(
        self, analyst: Client, south: Client, north: Client
    ) -> None:
        row = keep_template("", "routine", "北县夜查", "9001", cast.DISPATCHER, NOW)
        path = reverse("compose_templates")
        assert len(north.get(path).json()["templates"]) == 1
        assert south.get(path).json()["templates"] == []
        assert south.post(path, {"retire": str(row.pk)}).status_code == 404
        assert Template.objects.get().retired_at is None

    def test_refuses_an_empty_one_and_a_second_retirement(self, city: cast.City) -> None:
        with pytest.raises(DataError):
            keep_template("", "routine", "  ", "90", cast.ANALYST, NOW)
        row = keep_template("", "routine", "夜查", "90", cast.ANALYST, NOW)
        retire_template(row.pk, cast.ANALYST, NOW)
        with pytest.raises(TransitionError):
            retire_template(row.pk, cast.ANALYST, NOW)


def test_a_choice_is_written_the_same_everywhere() -> None:
    choice = Choice("area", "9001", "北县", "x")
    assert choice.to_json() == {"key": choice.key, "name": "北县", "hint": "x", "kind": "area"}
    assert choice.target == Target("area", "9001")


def test_only_typed_orders_are_taken_back_from_a_list(ordered: Decision, login: Login) -> None:
    clock(NOW)
    office = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
    carried = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    [typed] = send("routine", "去看看", [Target("area", "9001")], cast.ANALYST, NOW)
    ids = [carried.id, typed.task_id]
    answer = office.post(reverse("bulk"), {"id": ids, "action": "withdraw", "reason": "算了"})
    assert answer.status_code == 200
    states = dict(Task.objects.filter(id__in=ids).values_list("id", "state"))
    assert states == {carried.id: "issued", typed.task_id: "withdrawn"}


@pytest.mark.parametrize("data", [{"retire": "²"}, {"retire": "9" * 30}])
def test_a_template_that_is_none_is_not_there(analyst: Client, data: dict[str, str]) -> None:
    assert analyst.post(reverse("compose_templates"), data).status_code == 404


def test_a_template_has_a_kind_that_there_is(analyst: Client) -> None:
    kept = {"name": "a", "category": "x" * 40, "text": "去看看"}
    assert analyst.post(reverse("compose_templates"), kept).status_code == 422
    assert not Template.objects.exists()
