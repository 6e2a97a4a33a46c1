"""A case tells its whole story and offers exactly the steps that table and rights allow; the plant's page likewise."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.dispatch import TABLE
from lantian.errors import TransitionError
from lantian.records import Outcome, RequestKind, Role, TaskState
from lantian.verify import Mark, Met
from lantian_web.accounts.models import Acting, User
from lantian_web.desk.steps import steps_for
from lantian_web.findings import commands as findings
from lantian_web.orders.models import Decision
from lantian_web.rows import fingerprint
from lantian_web.tasks import asking, commands, splitting
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.sending import Target, send
from lantian_web.verdicts import commands as verdicts
from lantian_web.verdicts.models import ConditionMark, Verdict

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = cast.SIGNED
Login = Callable[..., User]
Enter = Callable[[str], Client]
SAYS = "夜间对砖瓦窑逐家核对，三日内报结果"
WHO = {
    "analyst": (cast.ANALYST, Role.ANALYST, "area:90"),
    "dispatcher": (cast.DISPATCHER, Role.DISPATCHER, "area:9001"),
    "stranger": ("dispatcher-s", Role.DISPATCHER, "area:9002"),
    "plant": ("manager-cheats", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}"),
    "other plant": ("manager-obeys", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}"),
    "checker": (cast.CHECKER, Role.DISPATCHER, "area:9001"),
}
FORMS: dict[str, dict[str, str]] = {
    "claim": {},
    "begin": {},
    "answer": {"text": "已办"},
    "decline": {"text": "非我单位职责"},
    "ask": {"kind": "appeal", "text": "请听取"},
    "reply": {"request": "request_x", "text": "以清单为准"},
    "grant": {"request": "request_x", "text": "同意"},
    "refuse": {"request": "request_x", "text": "不同意"},
    "pause": {"rule": "site_closed", "text": "封闭"},
    "end_pause": {},
    "pass_on": {"words": "工作群"},
    "insist": {"text": "仍由你办"},
    "transfer": {"unit": "u-n-bureau", "text": "改由分局"},
    "extend": {"until": "2026-12-20T10:00", "text": "雨雪"},
    "hold": {"on": "2026-12-20", "text": "等设备"},
    "look": {"on": "2026-12-21", "text": "仍等"},
    "suspend": {"text": "暂停"},
    "resume": {"text": "恢复"},
    "reopen": {"text": "又犯"},
    "withdraw": {"text": "误发"},
    "close": {"outcome": "complied", "text": "属实"},
    "return": {"outcome": "not_complied", "text": "不实"},
}


@pytest.fixture
def enter(town: cast.City, login: Login) -> Enter:
    clock(NOW)

    def make(name: str) -> Client:
        user = User.objects.filter(username=name).first() or login(name, *WHO[name])
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return make


def sent(target: Target, category: str = "special", text: str = SAYS, **more: object) -> Task:
    [answer] = send(category, text, [target], cast.ANALYST, NOW, **more)  # type: ignore[arg-type]
    assert answer.done, answer
    return Task.objects.get(pk=answer.task_id)


@pytest.fixture
def to_county(town: cast.City) -> Task:
    return sent(Target("area", "9001"), basis="会商纪要12号")


@pytest.fixture
def about(town: cast.City) -> Task:
    """The bureau is sent to the cheating plant, which does not read it."""
    return sent(Target("enterprise", cast.CHEATS), "plant_check", "夜间去看看烟囱")


@pytest.fixture
def to_plant(town: cast.City) -> Task:
    return sent(Target("unit", "u-cheats"), "special", "十日内更换布袋")


def page(client: Client, task: Task) -> str:
    answer = client.get(reverse("case", args=[task.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def offered(text: str) -> set[str]:
    return set(re.findall(r'name="action" value="(\w+)"', text))


def act(client: Client, task: Task, action: str, **data: str) -> str:
    form = {"action": action} | FORMS[action] | data
    answer = client.post(reverse("act", args=[task.pk]), form, follow=True)
    task.refresh_from_db()
    return answer.content.decode()


class TestStory:
    def test_a_task_without_a_plant_has_its_page(self, to_county: Task, enter: Enter) -> None:
        for name in ("analyst", "dispatcher", "checker"):
            text = page(enter(name), to_county)
            for word in (
                SAYS,
                "会商纪要12号",
                "专项",
                "名dispatcher-n",
                "n县专班",
                "时限",
                "按工作日办公时间计时",
            ):
                assert word in text, (name, word)
            assert "15 分钟" not in text  # no curve without a meter
        for route in ("power", "power_svg", "evidence"):
            assert enter("analyst").get(reverse(route, args=["tasks", to_county.pk])).status_code == 404

    def test_parts_are_a_tree_that_rolls_up(self, to_county: Task, enter: Enter) -> None:
        commands.claim([to_county.pk], cast.DISPATCHER, NOW)
        parts = splitting.split(
            to_county.pk, [(Target("unit", "u-n-bureau"), "分局的一份")], cast.DISPATCHER, NOW
        )
        child = Task.objects.get(pk=parts[0].task_id)
        text = page(enter("analyst"), to_county)
        assert child.number in text
        assert "1 件中已答复 0 件" in text
        assert to_county.number in page(enter("analyst"), child)
        commands.claim([child.pk], cast.CHECKER, NOW)
        commands.answer([(child.pk, "核对完")], cast.CHECKER, NOW)
        assert "1 件中已答复 1 件" in page(enter("analyst"), to_county)

    def test_both_sides_read_pause_request_and_answer(self, to_plant: Task, enter: Enter) -> None:
        commands.claim([to_plant.pk], "manager-cheats", NOW)
        act(enter("plant"), to_plant, "pause", rule="laboratory_result", text="送检中")
        act(enter("plant"), to_plant, "ask", kind="appeal", text="布袋去年刚换")
        due = Request.objects.get().decide_due_at
        for name in ("plant", "analyst"):
            text = page(enter(name), to_plant)
            for word in ("等待化验", "送检中", "停表中", "布袋去年刚换", "应于此前答复"):
                assert word in text, (name, word)
            assert f'datetime="{due.astimezone(due.tzinfo).isoformat()[:10]}' in text
        act(enter("analyst"), to_plant, "refuse", request=Request.objects.get().pk, text="查无换袋记录")
        assert "查无换袋记录" in page(enter("plant"), to_plant)
        act(enter("analyst"), to_plant, "end_pause")
        assert to_plant.paused_at is None

    def test_who_acts_for_whom_is_said(self, to_county: Task, enter: Enter) -> None:
        Acting.objects.create(
            area_id="9001",
            unit_id="u-n-office",
            person_id=cast.DISPATCHER,
            stand_in_id=cast.LEADER,
            since=NOW - timedelta(days=1),
            entered_at=NOW,
            entered_by=cast.ANALYST,
        )
        assert "名leader-n 代 名dispatcher-n" in page(enter("analyst"), to_county)

    def test_the_course_tells_every_step_once_in_order(self, to_county: Task, enter: Enter) -> None:
        for minutes, (name, action) in enumerate(
            [
                ("dispatcher", "claim"),
                ("dispatcher", "begin"),
                ("dispatcher", "pass_on"),
                ("dispatcher", "answer"),
            ]
        ):
            clock(NOW + timedelta(minutes=minutes))
            act(enter(name), to_county, action)
        act(enter("analyst"), to_county, "return", text="数字不齐")
        text = page(enter("analyst"), to_county)
        told = re.findall(r'<span class="d"></span><span>([^<]+)<', text)
        assert told, text
        words = ["开办任务", "签收", "到场承办", "已转达", "答复", "已退回"]
        places = [next(n for n, line in enumerate(told) if line.startswith(word)) for word in words]
        assert places == sorted(places)
        assert "数字不齐" in text
        assert "时间都在谁手里" in text

    def test_a_case_costs_a_bounded_number_of_queries(self, to_county: Task, enter: Enter) -> None:
        client = enter("analyst")
        page(client, to_county)
        with CaptureQueriesContext(
            connection,
        ) as few:
            page(client, to_county)
        commands.claim([to_county.pk], cast.DISPATCHER, NOW)
        for n in range(12):
            splitting.pass_on(to_county.pk, "", f"群{n}", cast.DISPATCHER, NOW)
        with CaptureQueriesContext(connection) as many:
            page(client, to_county)
        assert len(many) <= len(few) + 6


class TestSteps:
    """What is offered can be done; what is not offered is refused and changes nothing."""

    HANDLER = {"claim", "decline", "ask", "pass_on"}
    SENDER = {"transfer", "extend", "withdraw"}

    def test_each_side_is_offered_its_own(self, to_county: Task, enter: Enter) -> None:
        assert offered(page(enter("dispatcher"), to_county)) == self.HANDLER
        assert offered(page(enter("analyst"), to_county)) == self.SENDER
        assert offered(page(enter("checker"), to_county)) == set()
        act(enter("dispatcher"), to_county, "claim")
        at_work = {"begin", "answer", "ask", "pause", "pass_on"}
        assert offered(page(enter("dispatcher"), to_county)) == at_work
        sender = {"transfer", "extend", "hold", "suspend", "pause", "withdraw"}
        assert offered(page(enter("analyst"), to_county)) == sender
        act(enter("dispatcher"), to_county, "answer")
        assert {"close", "return"} <= offered(page(enter("analyst"), to_county))
        assert not {"close", "return"} & offered(page(enter("dispatcher"), to_county))

    def test_every_row_of_the_table_has_its_button(self) -> None:
        buttons = {
            "claim",
            "begin",
            "answer",
            "close",
            "return",
            "decline",
            "insist",
            "transfer",
            "extend",
            "hold",
            "look",
            "suspend",
            "resume",
            "reopen",
            "withdraw",
        }
        named = {"pass": "close"}
        elsewhere = {"unclaim"}  # on the page of replies
        assert {named.get(row.event.value, row.event.value) for row in TABLE} - elsewhere == buttons

    @pytest.mark.parametrize("state", list(TaskState))
    @pytest.mark.parametrize("name", ["analyst", "dispatcher", "checker"])
    def test_what_is_offered_is_done_and_nothing_else(
        self, to_county: Task, enter: Enter, state: TaskState, name: str
    ) -> None:
        client = enter(name)
        bring(to_county, state)
        found = offered(page(client, to_county))
        steps = {step.action for step in steps_for(User.objects.get(username=name), to_county, NOW)}
        assert found - {"return"} == steps
        for action in FORMS:
            bring(to_county, state)
            before = fingerprint(to_county)
            form = dict(FORMS[action])
            if action in ("reply", "grant", "refuse"):
                continue
            if action == "close":
                form |= {f"met_{key}": "yes" for key in CONDITIONS}
            text = act(client, to_county, action, **form)
            done = "已办，已记入记录" in text
            if action in found:
                assert done, (state, action, re.findall(r'class="said[^"]*"[^>]*>([^<]+)', text))
            else:
                assert fingerprint(to_county) == before, (state, action)

    @pytest.mark.parametrize("action", list(FORMS))
    def test_another_county_reaches_no_step(self, to_county: Task, enter: Enter, action: str) -> None:
        for state in (TaskState.ISSUED, TaskState.CLAIMED, TaskState.ANSWERED, TaskState.CLOSED):
            bring(to_county, state)
            before = fingerprint(to_county)
            for name in ("stranger", "plant", "other plant"):
                form = {"action": action} | FORMS[action]
                answer = enter(name).post(reverse("act", args=[to_county.pk]), form)
                assert answer.status_code == 404, (name, action)
            to_county.refresh_from_db()
            assert fingerprint(to_county) == before

    @pytest.mark.parametrize(
        "action", ["close", "return", "extend", "hold", "suspend", "transfer", "insist", "reopen", "withdraw"]
    )
    def test_a_plant_decides_nothing_on_its_own_task(self, to_plant: Task, enter: Enter, action: str) -> None:
        for state in (TaskState.CLAIMED, TaskState.ANSWERED, TaskState.CLOSED):
            bring(to_plant, state, by="manager-cheats")
            before = fingerprint(to_plant)
            assert "已办，已记入记录" not in act(enter("plant"), to_plant, action)
            assert fingerprint(to_plant) == before, (state, action)

    def test_a_county_hands_nothing_into_another(self, town: cast.City, enter: Enter) -> None:
        [answer] = send("routine", "本县自查", [Target("unit", "u-n-bureau")], cast.DISPATCHER, NOW)
        task = Task.objects.get(pk=answer.task_id)
        client = enter("dispatcher")
        assert "u-s-bureau" not in page(client, task)
        act(client, task, "transfer", unit="u-s-bureau")
        assert (task.unit_id, task.area_id) == ("u-n-bureau", "9001")

    def test_refusals_say_why_in_chinese(self, to_county: Task, enter: Enter) -> None:
        client = enter("dispatcher")
        assert "任务现为“待签收”" in act(client, to_county, "answer")
        commands.claim([to_county.pk], cast.DISPATCHER, NOW)
        assert "答复还没有写内容" in act(client, to_county, "answer", text=" ")
        assert "新的期限必须晚于现期限" in act(
            client, to_county, "ask", kind="extension", until="2026-12-07T19:00"
        )
        assert "时间填写有误" in act(client, to_county, "ask", kind="extension", until="soon")
        assert "时间太远，最晚到 2027-12-08" in act(
            client, to_county, "ask", kind="extension", until="2028-12-07T19:00"
        )
        assert "时间太远，最晚到 2027-03-07" in act(
            client, to_county, "ask", kind="hold", on="2027-03-08", text="等设备"
        )
        assert "没有填下次复看日，或者不晚于今天" in act(
            client, to_county, "ask", kind="hold", on="2026-12-07", text="等设备"
        )
        assert "没有规则允许以此停表" in act(client, to_county, "pause", rule="tired")
        asking.ask(to_county.pk, RequestKind.SUSPEND, "难", None, cast.DISPATCHER, NOW)
        assert "尚未答复" in act(client, to_county, "ask", kind="suspend")
        key = Request.objects.get().pk
        assert "须由他人决定" in act(client, to_county, "grant", request=key)

    def test_a_request_of_another_task_is_not_decided_here(
        self, to_county: Task, about: Task, enter: Enter
    ) -> None:
        commands.claim([about.pk], cast.CHECKER, NOW)
        other = asking.ask(about.pk, RequestKind.SUSPEND, "难", None, cast.CHECKER, NOW)
        form = {"action": "grant", "request": other.pk, "text": ""}
        assert enter("analyst").post(reverse("act", args=[to_county.pk]), form).status_code == 404
        assert Request.objects.get(pk=other.pk).granted is None


CONDITIONS = ("measures_done", "punished", "lawful_result", "same_kind_fixed", "source_and_lasting")


def bring(task: Task, state: TaskState, by: str = cast.DISPATCHER) -> None:
    """Put the row into a state as if it had come there, whatever was before."""
    Request.objects.filter(task=task).delete()
    task.pauses.all().delete()
    ConditionMark.objects.all().delete()
    Verdict.objects.filter(task=task).delete()
    began = state not in (TaskState.ISSUED, TaskState.DECLINED)
    stands = state in (TaskState.ON_HOLD, TaskState.SUSPENDED)
    if stands:
        task.pauses.create(since=NOW, rule="hold", reason="等", by=cast.ANALYST)
    Task.objects.filter(pk=task.pk).update(
        state=state,
        unit_id="u-cheats" if task.enterprise_id else "u-n-office",
        person_id=by,
        area_id="9001",
        claimed_at=NOW if began else None,
        claimed_by=by if began else "",
        answered_at=NOW if state in (TaskState.ANSWERED, TaskState.CLOSED) else None,
        answered_by=by if state in (TaskState.ANSWERED, TaskState.CLOSED) else "",
        answer="已办" if state in (TaskState.ANSWERED, TaskState.CLOSED) else "",
        started_at=None,
        started_by="",
        closed_at=NOW if state in (TaskState.CLOSED, TaskState.WITHDRAWN) else None,
        paused_at=NOW if stands else None,
        hold_until=NOW.date() + timedelta(days=2) if state is TaskState.ON_HOLD else None,
        returned_at=NOW if state is TaskState.RETURNED else None,
        returns=0,
        feedback_due_at=NOW + timedelta(days=3),
    )
    task.refresh_from_db()


class TestVerify:
    @pytest.fixture
    def answered(self, about: Task) -> Task:
        commands.claim([about.pk], cast.CHECKER, NOW)
        commands.answer([(about.pk, "炉已停")], cast.CHECKER, NOW)
        about.refresh_from_db()
        return about

    def test_the_five_conditions_are_a_checklist(self, answered: Task, enter: Enter) -> None:
        client = enter("analyst")
        text = page(client, answered)
        assert all(f'name="met_{key}"' in text for key in CONDITIONS)
        assert "销号条件尚未全部确认" in act(client, answered, "close", met_punished="yes")
        marks = {f"met_{key}": "yes" for key in CONDITIONS[:4]} | {"met_source_and_lasting": "not_applicable"}
        assert "不适用" in act(client, answered, "close", **marks)
        assert answered.state == "answered"
        act(client, answered, "close", **marks, note_source_and_lasting="一次性施工")
        assert answered.state == "closed"
        assert ConditionMark.objects.count() == 5
        text = page(client, answered)
        assert "一次性施工" in text
        assert "整改方案措施全部完成" in text

    def test_the_bureau_that_handled_it_does_not_check(self, answered: Task, enter: Enter) -> None:
        client = enter("checker")
        assert "close" not in offered(page(client, answered))
        assert "经办人不得自销" in act(client, answered, "close")
        assert answered.state == "answered"

    def test_what_the_readings_say_stands_beside_the_choice(self, ordered: Decision, enter: Enter) -> None:
        task = sent(Target("enterprise", cast.CHEATS), "plant_check", "去看看")
        after = cast.DAY + timedelta(days=1)
        findings.take(cast.Judged([], [cast.day_of(cast.CHEATS, Outcome.COMPLIED, after)]), after, NOW)
        commands.claim([task.pk], cast.CHECKER, NOW)
        commands.answer([(task.pk, "停了")], cast.CHECKER, NOW)
        text = page(enter("analyst"), task)
        assert "数据显示" in text
        assert re.search(r'value="complied" required> [^<]+ · <b>数据如此', text)
        assert "checked" not in re.findall(r'<input type="radio" name="outcome"[^>]*>', text)[0]

    def test_a_closed_task_is_reopened_with_its_verdict_kept(self, answered: Task, enter: Enter) -> None:
        client = enter("analyst")
        act(client, answered, "close", **{f"met_{key}": "yes" for key in CONDITIONS})
        assert offered(page(client, answered)) == {"reopen"}
        act(client, answered, "reopen", text="群众再投诉")
        assert (answered.state, answered.reopens) == ("returned", 1)
        assert Verdict.objects.count() == 1
        commands.answer([(answered.pk, "再办")], cast.CHECKER, NOW)
        act(client, answered, "close", **{f"met_{key}": "yes" for key in CONDITIONS})
        assert answered.state == "closed"
        assert list(Verdict.objects.order_by("round").values_list("closes", flat=True)) == [True, True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_people_close_one_task_at_once(to_county: Task) -> None:
    """Two real transactions: one verdict, and the second hears by name that it is closed."""
    commands.claim([to_county.pk], cast.DISPATCHER, NOW)
    commands.answer([(to_county.pk, "核对完")], cast.DISPATCHER, NOW)
    marks = {key: Mark(Met.YES) for key in CONDITIONS}
    gate, answers = threading.Barrier(2), {}

    def close(by: str) -> None:
        try:
            gate.wait()
            item = verdicts.Check(to_county.pk, Outcome.COMPLIED, True, by, NOW, "属实", marks)
            [answers[by]] = verdicts.check_many([item])
        finally:
            connection.close()

    threads = [threading.Thread(target=close, args=(by,)) for by in (cast.ANALYST, cast.SECOND_ANALYST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.done for answer in answers.values()) == [False, True]
    [why] = [answer.why for answer in answers.values() if not answer.done]
    assert isinstance(why, TransitionError)
    assert "closed" in str(why)
    assert Verdict.objects.count() == 1
    to_county.refresh_from_db()
    assert to_county.state == "closed"


class TestAboutAPlant:
    """A typed order about a plant is nothing the plant reads."""

    def test_the_plant_finds_it_nowhere(self, about: Task, to_plant: Task, enter: Enter) -> None:
        client = enter("plant")
        secret = ("夜间去看看烟囱", about.number, about.pk)
        paths = [
            reverse("plant", args=[cast.CHEATS]),
            reverse("tasks"),
            reverse("tasks") + f"?q={cast.CHEATS}",
            reverse("api:tasks"),
            reverse("api:desk"),
            reverse("api:geojson"),
            reverse("case", args=[to_plant.pk]),
            reverse("orders"),
        ]
        for path in paths:
            text = client.get(path, follow=True).content.decode()
            assert not any(word in text for word in secret), path
        searched = client.get(reverse("tasks"), {"q": about.number}).content.decode()
        assert about.pk not in searched
        assert "夜间去看看烟囱" not in searched
        for path in (reverse("case", args=[about.pk]), reverse("api:task", args=[about.pk])):
            assert client.get(path).status_code == 404
        book = load_workbook(io.BytesIO(client.get(reverse("plant_year", args=[cast.CHEATS, 2026])).content))
        cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        assert to_plant.number in cells
        assert not any(word in cell for word in secret for cell in cells)

    def test_the_office_and_the_county_read_it_with_its_text(self, about: Task, enter: Enter) -> None:
        for name in ("analyst", "dispatcher"):
            text = page(enter(name), about)
            assert "企业看不到这件任务" in text
            said = enter(name).get(reverse("api:task", args=[about.pk])).json()
            assert (said["category"], said["text"]) == ("plant_check", "夜间去看看烟囱")
        assert enter("stranger").get(reverse("api:task", args=[about.pk])).status_code == 404

    def test_it_throws_no_light_on_the_plant(self, about: Task, enter: Enter) -> None:
        """The county is late, not the plant."""
        clock(NOW + timedelta(days=9))
        for name in ("analyst", "plant"):
            told = enter(name).get(reverse("api:geojson")).content.decode()
            assert '"red"' not in told, name


class TestPlant:
    def test_what_must_be_done_by_when_on_whose_order(
        self, ordered: Decision, to_plant: Task, enter: Enter
    ) -> None:
        text = enter("plant").get(reverse("plant", args=[cast.CHEATS])).content.decode()
        for word in ("十日内更换布袋", "下令人", "名analyst", "您的下一个期限", "签收", "申诉"):
            assert word in text, word
        assert 'capture="environment"' in text

    def test_claim_and_answer_with_a_photo_come_back_here(self, to_plant: Task, enter: Enter) -> None:
        client, here = enter("plant"), reverse("plant", args=[cast.CHEATS])
        for action, data in (("claim", {}), ("answer", {"text": "已更换，附照片"})):
            form = {"action": action, "plant": cast.CHEATS, **data}
            assert client.post(reverse("act", args=[to_plant.pk]), form).headers["Location"] == here
        to_plant.refresh_from_db()
        assert (to_plant.state, to_plant.answer) == ("answered", "已更换，附照片")
        assert "已更换，附照片" in client.get(here).content.decode()

    def test_an_appeal_against_an_emergency_order_is_heard_after(
        self, ordered: Decision, enter: Enter
    ) -> None:
        task, client = Task.objects.get(kind="carry_out", enterprise_id=cast.CHEATS), enter("plant")
        here = reverse("plant", args=[cast.CHEATS])
        assert "应急指令先执行、后听取" in client.get(here).content.decode()
        commands.claim([task.pk], "manager-cheats", NOW)
        task.refresh_from_db()
        before = fingerprint(task)
        for kind in ("extension", "hold", "suspend"):
            text = act(client, task, "ask", kind=kind, until="2026-12-20T10:00", on="2026-12-20")
            assert "先执行" in text or "先行执行" in text, kind
        assert not Request.objects.exists()
        act(client, task, "ask", kind="appeal", text="我厂已完成超低改造")
        asked = Request.objects.get()
        text = client.get(here).content.decode()
        assert "我厂已完成超低改造" in text
        assert "应于此前答复" in text
        act(enter("analyst"), task, "grant", request=asked.pk, text="已转签发人")
        assert fingerprint(task) == before  # heard, and nothing moved
        assert {"extension", "hold", "suspend"}.isdisjoint(
            dict(step.hidden).get("kind", "")
            for step in steps_for(User.objects.get(username="plant"), task, NOW)
        )

    def test_the_record_of_the_year_holds_answers_and_verdicts(self, to_plant: Task, enter: Enter) -> None:
        commands.claim([to_plant.pk], "manager-cheats", NOW)
        commands.answer([(to_plant.pk, "=已换")], "manager-cheats", NOW)
        marks = {key: Mark(Met.YES) for key in CONDITIONS}
        verdicts.check_many(
            [verdicts.Check(to_plant.pk, Outcome.COMPLIED, True, cast.ANALYST, NOW, "现场属实", marks)]
        )
        path = reverse("plant_year", args=[cast.CHEATS, 2026])
        book = load_workbook(io.BytesIO(enter("plant").get(path).content))
        row = next(row for row in book["任务"].iter_rows(values_only=True) if to_plant.number in row)
        assert {"=已换", "现场属实", "名manager-cheats", "名analyst"} <= set(row)
        assert enter("other plant").get(path).status_code == 404
        assert enter("stranger").get(path).status_code == 404
        for year in (1999, 2027, 9999):
            assert enter("plant").get(reverse("plant_year", args=[cast.CHEATS, year])).status_code == 404

    def test_whom_to_ask_is_named(self, town: cast.City, enter: Enter) -> None:
        text = enter("plant").get(reverse("plant", args=[cast.CHEATS])).content.decode()
        assert "名dispatcher-n" in text
        assert "名dispatcher-s" not in text
