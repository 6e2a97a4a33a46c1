"""Pages of the console over the small city: what they say, what they cost, what a POST does."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.lantian_web import cast
from whitenoise.middleware import WhiteNoiseMiddleware

from lantian import report
from lantian.periods import at, to_ms
from lantian.records import Basis, DecisionKind, Level, Outcome, Role
from lantian_web.accounts.models import User
from lantian_web.bulletins import queries
from lantian_web.desk import conclusions, lights, wording
from lantian_web.events.commands import set_cursor
from lantian_web.findings import commands as findings
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.orders.models import Decision
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.models import Task

pytestmark = pytest.mark.db
MORNING = at(date(2026, 12, 9), 0)
BACKEND = "django.contrib.auth.backends.ModelBackend"
Login = Callable[..., User]


def clock(now: datetime, **play: object) -> None:
    set_cursor("clock", to_ms(now))
    set_cursor("play", 1, json.dumps({"drill": True, "air": "rehearsal"} | play))


@pytest.fixture
def judged(ordered: Decision) -> Decision:
    """The first order day is over: one ran on, one cannot be told, the rest obeyed."""
    days = [
        cast.day_of(cast.OBEYS, Outcome.COMPLIED),
        cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED),
        cast.day_of(cast.BROKEN, Outcome.CANNOT_TELL),
    ]
    findings.take(cast.Judged([cast.ran_on(cast.CHEATS)], days), cast.DAY, MORNING)
    clock(MORNING + timedelta(minutes=10))
    return ordered


@pytest.fixture
def enter(login: Login) -> Callable[..., Client]:
    def make(name: str, person: str, role: Role, scope: str) -> Client:
        client = Client()
        client.force_login(login(name, person, role, scope), backend=BACKEND)
        return client

    return make


@pytest.fixture
def analyst(enter: Callable[..., Client]) -> Client:
    return enter("a", cast.ANALYST, Role.ANALYST, "area:90")


@pytest.fixture
def dispatcher(enter: Callable[..., Client]) -> Client:
    return enter("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")


@pytest.fixture
def manager(enter: Callable[..., Client]) -> Client:
    return enter("m", f"manager-{cast.CHEATS}", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}")


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", answer.content.decode())


def decide(client: Client, answer: str, **headers: str) -> str:
    ids = list(Finding.objects.filter(enterprise_id=cast.CHEATS).values_list("id", flat=True))
    data = {"id": ids, "plant": cast.CHEATS, "cause": "not_stopped", "answer": answer}
    return client.post(reverse("decide"), data, headers=headers).content.decode()


class TestDesk:
    def test_says_what_waits_and_how_the_orders_go(self, judged: Decision, analyst: Client) -> None:
        page = text(analyst, "/?what=confirm")
        assert "等人处理 <b>1</b>" in page
        assert f"{cast.CHEATS}厂" in page
        assert "确认并派核查" in page
        assert "橙色 Ⅱ 级" in page

    def test_counts_add_up(self, judged: Decision, login: Login) -> None:
        user = login("b", cast.ANALYST, Role.ANALYST, "area:90")
        counts = conclusions.execution(user, cast.DAY)
        assert (counts.complied, counts.not_complied, counts.pending, counts.cannot_tell) == (1, 0, 1, 1)
        assert counts.judged == OrderDay.objects.count()

    def test_empty_says_what_is_true_and_what_comes_next(self, town: cast.City, analyst: Client) -> None:
        clock(cast.SIGNED)
        page = text(analyst, "/")
        assert "此刻无人等你" in page
        assert "当前无预警" in page
        assert "无在行目标" in page

    def test_one_plant_and_cause_is_one_row(self, judged: Decision, analyst: Client) -> None:
        first = cast.ran_on(cast.CHEATS)
        second = cast.ran_on(cast.CHEATS, cast.DAY + timedelta(days=1))
        findings.take(cast.Judged([second], []), cast.DAY + timedelta(days=1), MORNING + timedelta(hours=2))
        page = text(analyst, "/?what=confirm")
        assert first.id != second.id
        assert page.count('class="q ') == 1
        assert "并 2 条" in page

    def test_state_lives_in_the_address(self, judged: Decision, analyst: Client) -> None:
        assert "等人处理 <b>0</b>" in text(analyst, "/?what=confirm&area=9002")
        assert "等人处理 <b>1</b>" in text(analyst, "/?what=confirm&page=99")
        assert "等人处理 <b>1</b>" in text(analyst, "/?what=confirm&page=x")

    def test_confirming_opens_a_check(self, judged: Decision, analyst: Client) -> None:
        said = decide(analyst, "confirm", HX_Request="true")
        task = Task.objects.get(kind="check")
        assert reverse("case", args=[task.pk]) in said
        assert "已确认 1 条" in said

    @pytest.mark.parametrize(
        ("answer", "shown"), [("unfounded", Outcome.COMPLIED), ("cannot_tell", Outcome.CANNOT_TELL)]
    )
    def test_setting_aside_keeps_the_reason_and_opens_nothing(
        self, judged: Decision, analyst: Client, answer: str, shown: Outcome
    ) -> None:
        decide(analyst, answer, HX_Request="true")
        finding = Finding.objects.get()
        assert (finding.state, finding.reason) == ("dismissed", answer)
        assert not Task.objects.filter(kind="check").exists()
        row = OrderDay.objects.get(enterprise_id=cast.CHEATS)
        assert conclusions.conclude([row])[row.pk] == shown

    def test_deciding_twice_is_refused_in_words(self, judged: Decision, analyst: Client) -> None:
        decide(analyst, "confirm", HX_Request="true")
        said = decide(analyst, "unfounded", HX_Request="true")
        assert "状态已变" in said
        assert Finding.objects.get().state == "confirmed"

    def test_without_scripts_the_answer_leads_to_the_case(self, judged: Decision, analyst: Client) -> None:
        data = {
            "id": [Finding.objects.get().pk],
            "plant": cast.CHEATS,
            "cause": "not_stopped",
            "answer": "confirm",
        }
        answer = analyst.post(reverse("decide"), data)
        assert answer.headers["Location"] == reverse("case", args=[Task.objects.get(kind="check").pk])


class TestNoAccusationLeavesTheOffice:
    def test_county_and_plant_read_nothing_until_a_person_confirmed(
        self, judged: Decision, analyst: Client, dispatcher: Client, manager: Client
    ) -> None:
        assert "等人处理 <b>0</b>" in text(dispatcher, "/?what=confirm")
        mine = text(manager, reverse("plant", args=[cast.CHEATS]))
        assert "还没有判定过的日子" in mine
        assert "未达标" not in mine
        assert f"{cast.CHEATS}厂" not in text(dispatcher, "/orders/?outcome=pending")
        decide(analyst, "confirm", HX_Request="true")
        assert "未达标" in text(manager, reverse("plant", args=[cast.CHEATS]))

    def test_the_proposal_itself_does_not_exist_for_them(
        self, judged: Decision, dispatcher: Client, manager: Client
    ) -> None:
        page = reverse("finding", args=[Finding.objects.get().pk])
        assert dispatcher.get(page).status_code == 404
        assert manager.get(page).status_code == 404


class TestCase:
    def test_finding_then_task_tell_one_story(self, judged: Decision, analyst: Client) -> None:
        finding = Finding.objects.get()
        page = text(analyst, reverse("finding", args=[finding.pk]))
        assert "该停未停" in page
        assert "高于判定线" in page
        assert "全厂停产" in page
        decide(analyst, "confirm", HX_Request="true")
        answer = analyst.get(reverse("finding", args=[finding.pk]))
        assert answer.headers["Location"] == reverse("case", args=[Task.objects.get(kind="check").pk])
        assert "逐日结论" in text(analyst, answer.headers["Location"])

    def test_chart_has_order_runs_and_bands(self, judged: Decision, analyst: Client) -> None:
        path = reverse("power", args=["findings", Finding.objects.get().pk])
        data = analyst.get(path, {"line": f"{cast.CHEATS}-1"}).json()
        begun = to_ms(cast.STARTS)
        assert data["orders"][0][:2] == [begun, begun + data["orders"][0][1] - begun]
        assert data["runs"] == [list(cast.ran_on(cast.CHEATS).evidence.runs[0])]
        assert data["threshold"]["value"] == 20.0
        states = [band[2] for band in data["bands"]]
        assert states[0] == "grace"
        assert "pending" in states

    def test_chart_without_scripts_is_drawn_here(self, judged: Decision, analyst: Client) -> None:
        answer = analyst.get(reverse("power_svg", args=["findings", Finding.objects.get().pk]))
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert b"<svg" in answer.content

    def test_person_claims_and_answers_and_cannot_close(
        self, judged: Decision, analyst: Client, enter: Callable[..., Client]
    ) -> None:
        decide(analyst, "confirm", HX_Request="true")
        task = Task.objects.get(kind="check")
        handler = enter("h", task.person_id, Role.DISPATCHER, "area:9001")
        act = reverse("act", args=[task.pk])
        assert 'value="claim"' in text(handler, reverse("case", args=[task.pk]))
        handler.post(act, {"action": "claim"})
        handler.post(act, {"action": "answer", "text": "已停炉，附操作票"})
        task.refresh_from_db()
        assert (task.state, task.answer) == ("answered", "已停炉，附操作票")
        assert 'value="close"' not in text(handler, reverse("case", args=[task.pk]))
        refused = handler.post(act, {"action": "close", "outcome": "complied"}, follow=True)
        assert "经办人不得自销" in refused.content.decode()
        analyst.post(act, {"action": "return", "outcome": "not_complied", "text": "仍在生产"})
        task.refresh_from_db()
        assert task.state == "returned"

    def test_a_returned_task_is_answered_again(
        self, judged: Decision, analyst: Client, dispatcher: Client
    ) -> None:
        """The county's dispatcher may carry a task of the area through by the pages' own buttons."""
        decide(analyst, "confirm", HX_Request="true")
        task = Task.objects.get(kind="check")
        assert task.person_id != cast.DISPATCHER
        page, act = reverse("case", args=[task.pk]), reverse("act", args=[task.pk])

        def offered(client: Client) -> list[str]:
            return re.findall(r'name="action" value="(\w+)"', text(client, page))

        for state, offer, data in (
            ("issued", "claim", {}),
            ("claimed", "answer", {"text": "已停炉"}),
            ("returned", "answer", {"text": "已断电，附照片"}),
        ):
            task.refresh_from_db()
            assert task.state == state
            assert offer in offered(dispatcher)
            assert not {"claim", "begin", "answer", "close"} & set(offered(analyst))
            dispatcher.post(act, {"action": offer} | data)
            if state == "claimed":
                assert "close" in offered(analyst)
                analyst.post(act, {"action": "return", "outcome": "not_complied", "text": "仍在生产"})
        task.refresh_from_db()
        assert (task.state, task.answer) == ("answered", "已断电，附照片")

    def test_another_county_is_offered_nothing(self, judged: Decision, analyst: Client, login: Login) -> None:
        decide(analyst, "confirm", HX_Request="true")
        user = login("s", "dispatcher-s", Role.DISPATCHER, "area:90")
        client = Client()
        client.force_login(user, backend=BACKEND)
        page = text(client, reverse("case", args=[Task.objects.get(kind="check").pk]))
        assert 'name="action"' not in page

    def test_unknown_action_and_unfit_outcome_change_nothing(self, judged: Decision, analyst: Client) -> None:
        task = Task.objects.filter(enterprise_id=cast.CHEATS).get()
        assert analyst.post(reverse("act", args=[task.pk]), {"action": "burn"}).status_code == 404
        analyst.post(reverse("act", args=[task.pk]), {"action": "close", "outcome": "guilty"})
        assert Task.objects.get(pk=task.pk).state == task.state


class TestRows:
    def test_finding_and_order_day_lead_to_quarter_hours(self, judged: Decision, analyst: Client) -> None:
        page = text(analyst, reverse("rows", args=["finding", Finding.objects.get().pk]))
        assert "规则原行" in page
        assert page.count("无数") >= 96
        row = OrderDay.objects.get(enterprise_id=cast.BROKEN)
        assert "看不清" in text(analyst, reverse("rows", args=["order-day", row.pk]))

    def test_no_other_kind(self, judged: Decision, analyst: Client) -> None:
        assert analyst.get(reverse("rows", args=["secret", "1"])).status_code == 404
        assert analyst.get(reverse("rows", args=["order-day", "x"])).status_code == 404


class TestTables:
    def test_orders_by_shown_outcome(self, judged: Decision, analyst: Client) -> None:
        assert f"{cast.CHEATS}厂" in text(analyst, "/orders/?outcome=pending")
        assert f"{cast.CHEATS}厂" not in text(analyst, "/orders/?outcome=not_complied")
        assert f"{cast.BROKEN}厂" in text(analyst, "/orders/?outcome=cannot_tell")

    @pytest.mark.parametrize(("lifted", "told"), [(False, "由后令替代"), (True, "届时解除")])
    def test_an_order_is_in_force_until_its_end(
        self, judged: Decision, analyst: Client, lifted: bool, told: str
    ) -> None:
        end, mine = at(date(2026, 12, 12), 0), cast.order_of(cast.CHEATS)
        said = at(date(2026, 12, 11), 18)
        if lifted:
            cast.lift(end)
        else:
            cast.start(
                kind=DecisionKind.RAISE,
                level=Level.RED,
                signer=cast.MAYOR,
                reason="会商",
                basis=Basis.CONSULTATION,
                start_at=end,
                now=said,
            )
        pages = (reverse("order", args=[mine.pk]), f"/orders/?plant={cast.CHEATS}")
        mine.refresh_from_db()
        over = wording.label(mine.state, "order_state")
        clock(said + timedelta(minutes=5))
        in_force, ended = (
            f"/orders/?state=in_force&plant={cast.CHEATS}",
            f"/orders/?state={mine.state}&plant={cast.CHEATS}",
        )
        for page in pages:
            assert f"在执行（至 12 日 00:00，{told}）" in text(analyst, page), page
        carry_out = Task.objects.get(order_id=mine.pk, kind="carry_out")
        assert f"，{told}）" in text(analyst, reverse("case", args=[carry_out.pk]))
        assert mine.pk in text(analyst, in_force)
        assert mine.pk not in text(analyst, ended)
        clock(end)
        assert f"· {over}" in text(analyst, pages[0])
        assert mine.pk not in text(analyst, in_force)
        assert mine.pk in text(analyst, ended)

    def test_unknown_filters_and_sorts_are_no_errors(self, judged: Decision, analyst: Client) -> None:
        for path in ("/tasks/?sort=password&page=zz&state=nope", "/orders/?sort=-x&level=nope&page=-3"):
            assert analyst.get(path).status_code == 200

    def test_search_keeps_inside_rights(self, judged: Decision, dispatcher: Client) -> None:
        assert f"{cast.FAR}厂" not in text(dispatcher, f"/orders/?q={cast.FAR}")


class TestOneRule:
    def test_pages_and_papers_share_the_librarys_functions(self) -> None:
        assert vars(conclusions)["shown"] is report.shown
        assert conclusions.worst is report.worst
        assert vars(lights)["of_task"] is report.of_task
        assert lights.ORDER is report.WORST_FIRST

    def test_the_map_and_the_paper_light_every_plant_alike(
        self, judged: Decision, analyst: Client, login: Login
    ) -> None:
        user = login("one", cast.ANALYST, Role.ANALYST, "area:90")
        for step, now in enumerate((MORNING, MORNING + timedelta(hours=1), MORNING + timedelta(days=3))):
            if step == 1:
                findings.confirm([Finding.objects.get().pk], cast.ANALYST, now)
            paper = report.plant_lights(queries.day_inputs(cast.DAY, "90", now))
            page = {plant.id: plant.light for plant in lights.plant_lights(user, now, cast.DAY)}
            assert {plant: page[plant] for plant in paper} == paper, now
            assert {page[plant] for plant in page.keys() - paper.keys()} <= {"green"}


class TestFrame:
    def test_every_page_says_as_of_and_drill(self, judged: Decision, analyst: Client) -> None:
        for path in ("/", "/map/", "/tasks/", "/orders/"):
            page = text(analyst, path)
            assert "截至 <b>12 月 9 日 00:10" in page
            assert "<b>演练</b>" in page

    def test_replay_says_what_is_real_and_what_is_not(self, judged: Decision, analyst: Client) -> None:
        clock(MORNING, air="real", edition="2017")
        page = text(analyst, "/")
        for said in ("空气数据为真实", "日历为重放", "假设适用：以 2017 版"):
            assert said in page

    def test_one_word_for_papers(self, judged: Decision, analyst: Client) -> None:
        assert ">公文</a>" in text(analyst, "/")
        page = text(analyst, "/bulletins/")
        assert "公文" in page
        assert "文件" not in page

    def test_starting_the_web_warns_of_nothing(self, town: cast.City) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            answer = WhiteNoiseMiddleware(lambda _: HttpResponse(status=404))(
                RequestFactory().get("/static/lantian.css")
            )
        assert answer.status_code == 200

    def test_night_is_kept_in_a_cookie(self, judged: Decision, analyst: Client) -> None:
        assert "data-theme" not in text(analyst, "/")
        answer = analyst.post("/theme/", {"theme": "night", "next": "https://elsewhere.example/"})
        assert answer.headers["Location"] == "/"
        assert 'data-theme="night"' in text(analyst, "/")

    def test_content_policy_and_no_inline_script(self, judged: Decision, analyst: Client) -> None:
        for path in ("/", "/map/", reverse("finding", args=[Finding.objects.get().pk])):
            answer = analyst.get(path)
            assert "script-src" not in answer.headers["Content-Security-Policy"]
            scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", answer.content.decode())
            assert all('type="application/json"' in tag for tag in scripts)

    def test_lockout_is_told_in_words(self, judged: Decision, login: Login) -> None:
        login("x", cast.ANALYST, Role.ANALYST, "area:90")
        client = Client()
        for _ in range(4):
            assert client.post("/login/", {"username": "x", "password": "no"}).status_code == 200
        answer = client.post("/login/", {"username": "x", "password": "no"})
        assert answer.status_code == 429
        assert "已锁定" in answer.content.decode()


class TestCost:
    PAGES = ("/", "/map/", "/map/layer.json", "/tasks/", "/orders/", "/desk/air.json", "/api/desk")

    def test_reading_opens_no_transaction(self, judged: Decision, analyst: Client) -> None:
        pk = Finding.objects.get().pk
        more = [
            reverse("finding", args=[pk]),
            reverse("power", args=["findings", pk]),
            f"/plants/{cast.CHEATS}/",
        ]
        for path in [*self.PAGES, *more]:
            with CaptureQueriesContext(connection) as seen:
                analyst.get(path)
            words = [query["sql"].split()[0].upper() for query in seen]
            assert set(words) <= {"SELECT"}, (path, words)

    def test_queries_do_not_grow_with_rows(self, judged: Decision, analyst: Client) -> None:
        def cost() -> dict[str, int]:
            counted = {}
            for path in self.PAGES:
                analyst.get(path)
                with CaptureQueriesContext(connection) as seen:
                    analyst.get(path)
                counted[path] = len(seen)
            return counted

        before = cost()
        more = [cast.ran_on(p) for p in (cast.OBEYS, cast.BROKEN, cast.CHEATS)]
        findings.take(cast.Judged(more, []), cast.DAY, MORNING + timedelta(minutes=1))
        tasks.run_clocks(MORNING + timedelta(hours=3))
        clock(MORNING + timedelta(hours=3))
        after = cost()
        for path, n in after.items():
            assert n <= before[path] + 5, (path, before[path], n)
            assert n <= 40, (path, n)


@pytest.mark.parametrize("url", ["/tasks/?q=%00", "/people/?at=%00", "/tasks/%00/"])
def test_a_nul_is_refused_before_any_page(
    client: Client, ordered: Decision, login: Callable[..., User], url: str
) -> None:
    client.force_login(login("nul", cast.ANALYST, Role.ANALYST, "area:90"), BACKEND)
    assert client.get(url).status_code == 400
    assert client.post("/tasks/bulk/", {"ids": "a\0b"}).status_code == 400
