"""The county dispatcher's page: lists and counts, one-tap steps, the proof, the reply, the export; nobody else's rows."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.inventory import AreaKind, UnitKind
from lantian.records import RequestKind, Role
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.rights import visible
from lantian_web.desk.county_export import day_of
from lantian_web.desk.county_page import classified, county
from lantian_web.inventory.models import Area
from lantian_web.orders.models import Decision
from lantian_web.tasks import asking, splitting, turning
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.models import PassOn, Request, Task, Template
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.db, pytest.mark.slow]
NOW = cast.STARTS + timedelta(hours=10)
Login = Callable[..., User]


@pytest.fixture
def dispatcher(town: cast.City, login: Login) -> User:
    clock(NOW)
    return login("n", cast.DISPATCHER, Role.DISPATCHER, "area:9001")


@pytest.fixture
def north(dispatcher: User) -> Client:
    return _client(dispatcher)


@pytest.fixture
def south(town: cast.City, login: Login) -> Client:
    clock(NOW)
    return _client(login("s", "dispatcher-s", Role.DISPATCHER, "area:9002"))


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def page(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def sent(text: str, area: str = "9001", hours: float = 8, plant: str = "") -> Task:
    target = Target("enterprise", plant) if plant else Target("area", area)
    [told] = send("routine", text, [target], cast.ANALYST, NOW, due_at=NOW + timedelta(hours=hours))
    assert told.task_id, told.why
    return Task.objects.get(pk=told.task_id)


def act(client: Client, task: Task, action: str, **data: object) -> Any:
    given = {"id": task.pk, "action": action} | data
    return client.post(reverse("county_act"), given, headers={"HX-Request": "true"})


def township() -> None:
    """A township of the northern county with its office and one person."""
    Area.objects.create(id="900101", kind=AreaKind.TOWNSHIP, name="东镇")
    Unit.objects.create(id="u-town", kind=UnitKind.TOWNSHIP_OFFICE, name="东镇政府", area_id="900101")
    Person.objects.create(id="town-1", name="镇干部", unit_id="u-town", phone="13800000001")
    from lantian_web.accounts.models import Post

    Post.objects.create(
        unit_id="u-town", duty="checker", title="网格员", person_id="town-1", area_id="900101"
    )


class TestLists:
    def test_each_task_stands_in_one_list(self, dispatcher: User) -> None:
        new, soon, late, far = (
            sent(text, hours=h) for text, h in (("一", 8), ("二", 3), ("三", 1), ("四", 48))
        )
        tasks.claim([soon.pk, late.pk, far.pk], cast.DISPATCHER, NOW)
        later = NOW + timedelta(hours=2)
        tasks.claim([], cast.DISPATCHER, later)
        found = classified(visible(dispatcher, Task.objects.all()), "9001", NOW + timedelta(minutes=90))
        where = {fact.id: code for code, facts in found.items() for fact in facts}
        assert where[soon.pk] == "soon"
        assert where[late.pk] == "over"
        assert where[far.pk] == "hand"
        assert where[new.pk] in ("sign", "over")
        fresh = classified(visible(dispatcher, Task.objects.all()), "9001", NOW)
        assert [fact.id for fact in fresh["sign"]] == [new.pk]

    def test_answered_declined_and_handed_on_stand_apart(self, dispatcher: User) -> None:
        township()
        done, back, whole = sent("一"), sent("二"), sent("三")
        tasks.claim([done.pk], cast.DISPATCHER, NOW)
        tasks.answer([(done.pk, "已查")], cast.DISPATCHER, NOW)
        turning.decline([(back.pk, "归南县")], cast.DISPATCHER, NOW)
        [part] = splitting.split(whole.pk, [(Target("unit", "u-town"), "")], cast.DISPATCHER, NOW)
        made = county(dispatcher, Area.objects.get(pk="9001"), NOW)
        ids = {code: [row.task.pk for row in group.rows] for code, group in made.groups.items()}
        assert ids["check"] == [done.pk]
        assert ids["wait"] == [back.pk]
        assert ids["down"] == [part.task_id]
        assert whole.pk in ids["hand"] + ids["soon"]

    def test_plants_own_tasks_are_counted_beside(self, ordered: Decision, login: Login) -> None:
        clock(NOW)
        user = login("n", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
        made = county(user, Area.objects.get(pk="9001"), NOW)
        waiting = Task.objects.filter(area_id="9001", state="issued")
        assert sum(group.total for group in made.groups.values()) == 0
        assert made.plants_wait["sign"] == waiting.count() > 0

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, north: Client) -> None:
        sent("一")
        with CaptureQueriesContext(connection) as few:
            page(north.get(reverse("county")))
        for n in range(12):
            sent(f"第{n}件", plant="")
        with CaptureQueriesContext(connection) as many:
            page(north.get(reverse("county")))
        assert len(many) == len(few)
        assert len(few) < 40


class TestRights:
    def test_another_countys_page_item_and_step_are_404(self, north: Client, south: Client) -> None:
        task = sent("北县夜查")
        assert "北县夜查" in page(north.get(reverse("county")))
        assert "北县夜查" not in page(south.get(reverse("county")))
        assert south.get(reverse("county"), {"area": "9001"}).status_code == 404
        assert south.get(reverse("county_item", args=[task.pk])).status_code == 404
        assert south.get(reverse("county_export", args=["xlsx"]), {"area": "9001"}).status_code == 404
        for action in ("claim", "start", "answer", "decline", "pass", "split", "ask"):
            assert act(south, task, action, text="x", words="x").status_code == 404, action
        assert south.post(reverse("county_act"), {"action": "claim_all", "area": "9001"}).status_code == 404
        assert Task.objects.get().state == "issued"
        assert not PassOn.objects.exists()

    def test_a_manager_has_no_county_page(self, town: cast.City, login: Login) -> None:
        clock(NOW)
        client = _client(login("m", "manager-obeys", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}"))
        assert client.get(reverse("county")).status_code == 404
        assert client.get(reverse("county_export", args=["docx"])).status_code == 404

    def test_a_request_of_another_county_cannot_be_decided(self, north: Client, south: Client) -> None:
        task = sent("夜查")
        tasks.claim([task.pk], cast.DISPATCHER, NOW)
        asked = asking.ask(
            task.pk, RequestKind.EXTENSION, "路远", NOW + timedelta(hours=12), cast.DISPATCHER, NOW
        )
        path = reverse("request_decide", args=[asked.pk])
        assert south.post(path, {"answer": "grant"}).status_code == 404
        north.post(path, {"answer": "grant"})
        assert Request.objects.get().granted is None


class TestSteps:
    def test_claim_start_answer(self, north: Client) -> None:
        task = sent("夜查")
        said = page(act(north, task, "claim"))
        assert "已签收" in said
        assert f"收到，{task.number}，责任人名dispatcher-n 000，18:00前反馈" in said
        assert "已到场，" in page(act(north, task, "start"))
        act(north, task, "answer", usual="已到现场")
        row = Task.objects.get()
        assert (row.state, row.answer) == ("answered", "已到现场")

    def test_a_refused_step_says_why_and_changes_nothing(self, north: Client) -> None:
        task = sent("夜查")
        said = page(act(north, task, "answer", text="没签收就反馈"))
        assert "没办成" in said
        assert Task.objects.get().state == "issued"
        assert "没办成" in page(act(north, task, "decline", text=" "))

    def test_the_proof_names_whom_and_the_minute(self, north: Client) -> None:
        task = sent("夜查")
        assert "10:00 已转东镇值班群" in page(act(north, task, "pass", words="东镇值班群"))
        assert "已转东镇值班群" in page(north.get(reverse("county")))
        kept = PassOn.objects.get()
        assert (kept.to_words, kept.by, kept.at) == ("东镇值班群", cast.DISPATCHER, NOW)
        assert Task.objects.get().state == "issued"

    def test_handing_on_opens_parts_below(self, north: Client) -> None:
        township()
        task = sent("夜查")
        said = page(act(north, task, "split", to=["unit:u-town", "person:checker-n2"], text="今晚去看"))
        assert f"{task.number}-1" in said
        assert set(Task.objects.filter(parent=task).values_list("unit_id", "text")) == {
            ("u-town", "今晚去看"),
            ("u-n-bureau", "今晚去看"),
        }
        assert "反馈 0 家" in said

    def test_parts_go_to_nobody_outside_the_county(self, north: Client) -> None:
        task = sent("夜查")
        assert "没办成" in page(act(north, task, "split", to=["unit:u-s-bureau"], text="x"))
        assert not Task.objects.filter(parent=task).exists()

    def test_asking_moves_nothing_until_the_sender_grants(self, north: Client, login: Login) -> None:
        task = sent("夜查")
        act(north, task, "claim")
        before = Task.objects.get().feedback_due_at
        act(north, task, "ask", kind="extension", text="路远", until="2026-12-08T22:00")
        assert Task.objects.get().feedback_due_at == before
        analyst = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        path = reverse("request_decide", args=[Request.objects.get().pk])
        assert "未同意" not in page(analyst.post(path, {"answer": "refuse"}, headers={"HX-Request": "true"}))
        analyst.post(path, {"answer": "grant"})
        assert Task.objects.get().feedback_due_at == NOW + timedelta(hours=12)

    def test_an_answer_can_be_kept_for_the_next_time(self, north: Client, south: Client) -> None:
        task = sent("夜查")
        act(north, task, "claim")
        act(north, task, "answer", text="厂门已关，灯灭", keep="1")
        assert Template.objects.get().category == "answer"
        other = sent("再查", hours=9)
        act(north, other, "claim")
        assert "厂门已关，灯灭" in page(north.get(reverse("county_item", args=[other.pk])))

    def test_a_step_on_a_task_of_the_citys_own_office_has_no_county_to_count(
        self, town: cast.City, login: Login
    ) -> None:
        clock(NOW)
        task = sent("全市核查")
        Task.objects.filter(pk=task.pk).update(area_id="90")
        client = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        assert act(client, task, "claim").status_code == 200

    def test_claiming_all_answers_for_each(self, north: Client) -> None:
        mine = [sent(text) for text in ("一", "二", "三")]
        theirs = sent("南县的", area="9002")
        said = page(north.post(reverse("county_act"), {"action": "claim_all", "area": "9001"}))
        assert all(task.number in said for task in mine)
        assert "（3 件）" in said
        assert Task.objects.get(pk=theirs.pk).state == "issued"
        assert Task.objects.filter(state="claimed").count() == 3

    def test_without_scripts_one_comes_back_to_the_page(self, north: Client) -> None:
        task = sent("夜查")
        answer = north.post(reverse("county_act"), {"id": task.pk, "action": "claim", "area": "9001"})
        assert answer.headers["Location"] == f"{reverse('county')}?area=9001"


class TestExport:
    @pytest.fixture
    def day(self, dispatcher: User) -> None:
        first, second = sent("北县夜查"), sent("=1+1 核查", hours=1)
        sent("南县夜查", area="9002")
        tasks.claim([first.pk, second.pk], cast.DISPATCHER, NOW)
        clock(NOW + timedelta(minutes=90))

    def test_the_ledger_holds_the_county_alone_and_counts_as_the_page(
        self, day: None, north: Client, dispatcher: User
    ) -> None:
        answer = north.get(reverse("county_export", args=["xlsx"]))
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        ledger = list(book["台账"].values)
        assert len(ledger) == 3
        assert {row[2] for row in ledger[1:]} == {"北县夜查", "=1+1 核查"}
        assert book["台账"]["C3"].data_type == "s"
        late = next(row for row in ledger if row[2] == "=1+1 核查")
        assert late[-1] == 30
        counts = dict(list(book["统计"].values)[1:])
        made = county(dispatcher, Area.objects.get(pk="9001"), NOW + timedelta(minutes=90))
        assert [counts[group.word] for group in made.groups.values()] == [
            group.total for group in made.groups.values()
        ]
        assert "截至 2026-12-08 11:30" in str(book["统计"]["A1"].value)

    def test_the_sheet_of_the_day_says_the_same(self, day: None, north: Client) -> None:
        answer = north.get(reverse("county_export", args=["docx"]))
        assert answer.headers["Content-Disposition"].endswith('.docx"')
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            text = re.sub(r"<[^>]+>", "", file.read("word/document.xml").decode())
        assert "北县大气污染防治调度日报" in text
        assert "截至 2026-12-08 11:30" in text
        assert "超期任务 1 件" in text or "超时 1 件" in text
        assert "南县" not in text

    def test_other_days_and_forms(self, day: None, north: Client) -> None:
        assert north.get(reverse("county_export", args=["pdf"])).status_code == 404
        assert north.get(reverse("county_export", args=["xlsx"]), {"on": "x"}).status_code == 404
        rows = Task.objects.all()
        before = day_of(rows, Area.objects.get(pk="9001"), (NOW - timedelta(days=1)).date(), NOW)
        assert (before.received, before.ended, len(before.entries)) == (0, 0, 0)


class TestDesk:
    def test_what_is_asked_or_declined_waits_at_the_senders_desk(self, town: cast.City, login: Login) -> None:
        clock(NOW)
        analyst = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        asks, back = sent("一"), sent("二")
        tasks.claim([asks.pk], cast.DISPATCHER, NOW)
        asking.ask(
            asks.pk, RequestKind.EXTENSION, "路远难行", NOW + timedelta(hours=12), cast.DISPATCHER, NOW
        )
        turning.decline([(back.pk, "归南县")], cast.DISPATCHER, NOW)
        asked = page(analyst.get("/?what=request"))
        assert "路远难行" in asked
        assert "一" in asked
        declined = page(analyst.get("/?what=declined"))
        assert 'value="u-n-bureau"' in declined
        assert 'value="u-s-office"' not in declined
        analyst.post(
            reverse("bulk"),
            {"id": back.pk, "action": "transfer", "unit": "u-n-bureau", "reason": "归分局", "next": "desk"},
        )
        assert Task.objects.get(pk=back.pk).unit_id == "u-n-bureau"
        assert 'class="q ' not in page(analyst.get("/?what=declined"))

    def test_a_hold_comes_back_on_its_day(self, town: cast.City, login: Login) -> None:
        analyst = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        task = sent("一")
        tasks.claim([task.pk], cast.DISPATCHER, NOW)
        turning.hold([(task.pk, NOW.date() + timedelta(days=2), "等设备")], cast.ANALYST, NOW)
        clock(NOW + timedelta(days=1))
        assert task.number not in page(analyst.get("/?what=look"))
        clock(NOW + timedelta(days=2))
        assert task.number in page(analyst.get("/?what=look"))

    def test_a_dispatchers_desk_holds_what_others_ask_of_its_own_unit_only(
        self, north: Client, login: Login
    ) -> None:
        task = sent("一")
        tasks.claim([task.pk], cast.DISPATCHER, NOW)
        asking.ask(task.pk, RequestKind.EXTENSION, "路远", NOW + timedelta(hours=12), cast.LEADER, NOW)
        assert 'class="q ' not in page(north.get("/?what=request"))


class TestBulk:
    def test_an_answer_per_item(self, town: cast.City, login: Login) -> None:
        clock(NOW)
        analyst = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        first, second = sent("一"), sent("二")
        tasks.claim([second.pk], cast.DISPATCHER, NOW)
        tasks.answer([(second.pk, "已查")], cast.DISPATCHER, NOW)
        data = {
            "id": [first.pk, second.pk],
            "action": "extend",
            "until": "2026-12-09T18:00",
            "reason": "路远",
            "query": "kind=dispatch",
        }
        said = page(analyst.post(reverse("bulk"), data))
        assert "逐件结果（2 件）" in said
        assert "没办成" in said or "未办" in said
        assert Task.objects.get(pk=first.pk).feedback_due_at == NOW + timedelta(hours=32)
        assert "任务 2" in said

    def test_taking_them_as_targets(self, town: cast.City, login: Login) -> None:
        clock(NOW)
        analyst = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        task = sent("一", plant=cast.CHEATS)
        answer = analyst.post(reverse("bulk"), {"id": [task.pk], "action": "order"})
        assert answer.headers["Location"] == f"{reverse('compose')}?target=enterprise%3A{cast.CHEATS}"

    def test_a_row_of_another_county_makes_the_whole_404(self, north: Client) -> None:
        mine, theirs = sent("一"), sent("二", area="9002")
        data = {"id": [mine.pk, theirs.pk], "action": "claim"}
        assert north.post(reverse("bulk"), data).status_code == 404
        assert not Task.objects.exclude(state="issued").exists()

    def test_filters_of_typed_orders(self, town: cast.City, login: Login) -> None:
        clock(NOW)
        analyst = _client(login("a", cast.ANALYST, Role.ANALYST, "area:90"))
        task = sent("烟囱冒烟")
        sent("巡查", area="9002")
        for query in (f"batch={task.batch_id}", "q=冒烟", f"q={task.number}"):
            said = page(analyst.get(f"{reverse('tasks')}?{query}"))
            assert "任务 1" in said, query
            assert "烟囱冒烟" in said
        assert "任务 2" in page(analyst.get(f"{reverse('tasks')}?category=routine"))
        assert "任务 0" in page(analyst.get(f"{reverse('tasks')}?category=special"))
        assert "任务 0" in page(analyst.get(f"{reverse('tasks')}?state=asked"))


# Odd input ------------------------------------------------------------------------------------------------------------


def county_task() -> Task:
    [sent] = send("routine", "去\x01看看\x0b", [Target("area", "9001")], cast.ANALYST, NOW)
    return Task.objects.get(id=sent.task_id)


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_what_no_paper_can_hold_is_left_out_of_it(north: Client, form: str) -> None:
    county_task()
    assert north.get(reverse("county_export", args=[form])).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "²", "2026-02-30"])
def test_a_day_that_is_none_is_no_error_of_ours(north: Client, day: str) -> None:
    task = tasks.claim([county_task().id], cast.DISPATCHER, NOW)[0]
    assert north.get(reverse("county_export", args=["xlsx"]), {"on": day}).status_code == 404
    asked = {"id": task.id, "action": "ask", "kind": "hold", "text": "等批文", "on": day}
    assert north.post(reverse("county_act"), asked).status_code == 302
    assert not Request.objects.exists()


@pytest.mark.parametrize("page", ["²", "-1", "9" * 30, "9" * 5000, "x"])
def test_a_page_that_is_none_is_no_error_of_ours(north: Client, page: str) -> None:
    for path in (reverse("desk"), reverse("tasks")):
        assert north.get(path, {"page": page}).status_code == 200
    assert north.get(reverse("api:tasks"), {"page": page}).status_code in (200, 422)


def test_a_log_in_without_a_person_acts_in_nobodys_name(town: cast.City, login: Login) -> None:
    clock(NOW)
    office, task = _client(login("kiosk", None, Role.ANALYST, "area:90")), county_task()
    for path, data in (
        (reverse("bulk"), {"id": task.id, "action": "claim"}),
        (reverse("county_act"), {"id": task.id, "action": "claim"}),
        (reverse("batch", args=[task.batch_id]), {"action": "withdraw", "reason": "x"}),
    ):
        assert office.post(path, data).status_code == 403, path
    assert Task.objects.get().state == "issued"


def test_who_has_left_sees_nothing(north: Client) -> None:
    task = county_task()
    assert north.get(reverse("county_item", args=[task.id])).status_code == 200
    Person.objects.filter(id=cast.DISPATCHER).update(active=False)
    assert north.get(reverse("county_item", args=[task.id])).status_code == 404
    assert north.get(reverse("county")).status_code == 404
    assert task.number not in north.get(reverse("tasks")).content.decode()


def test_nobody_of_another_county_is_named_by_passing_on(north: Client) -> None:
    task = county_task()
    for person, kept in (("dispatcher-s", 0), (cast.CHECKER, 1)):
        north.post(reverse("county_act"), {"id": task.id, "action": "pass", "person": person, "words": ""})
        assert PassOn.objects.count() == kept


def test_what_went_on_elsewhere_leaves_its_request_without_breaking_the_desk(
    north: Client, town: cast.City
) -> None:
    [own] = send("routine", "去看看", [Target("unit", "u-n-bureau")], cast.DISPATCHER, NOW)
    tasks.claim([own.task_id], cast.CHECKER, NOW)
    asking.ask(own.task_id, RequestKind.APPEAL, "不属实", None, cast.CHECKER, NOW)
    assert north.get(reverse("desk")).status_code == 200
    turning.transfer([(own.task_id, "u-s-office", "属南县")], cast.ANALYST, NOW)
    assert north.get(reverse("desk")).status_code == 200
