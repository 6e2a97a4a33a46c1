"""Dispatch in Debian's Chromium: from one sentence to the file it ends in, by who does it and on what they hold.

Every page that is opened is looked over: no wider than its screen, and dark all over by night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Locator, Page, expect
from tests.browser.conftest import Visit
from tests.lantian_web import cast
from tests.lantian_web.test_pages import MORNING, clock

from lantian.inventory import AreaKind, UnitKind
from lantian.records import RequestKind, TaskState
from lantian_web.accounts.models import Unit
from lantian_web.inventory.models import Area
from lantian_web.letters.drafting import draft_letters
from lantian_web.letters.models import Letter, Silence
from lantian_web.replies.models import Reply
from lantian_web.tasks import commands
from lantian_web.tasks.models import Proof, Request, Task
from lantian_web.tasks.rising import run_clocks
from lantian_web.tasks.sending import Target, send
from lantian_web.verdicts.models import Verdict

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = MORNING + timedelta(hours=10)
PHONE, DESK = 390, 1440
OFFICE, PLANT = Target("area", "9001"), Target("unit", f"u-{cast.CHEATS}")
Seat = Callable[..., Page]

BRIGHT = """() => [...document.querySelectorAll('body, body *')].filter((node) => {
  const box = node.getBoundingClientRect();
  if (box.width < 60 || box.height < 16 || node.closest('img, svg, canvas, .btn.go, [aria-current]')) return false;
  const [r, g, b, a = 1] = (getComputedStyle(node).backgroundColor.match(/[\\d.]+/g) || []).map(Number);
  return a > 0.5 && (0.2126 * r + 0.7152 * g + 0.0722 * b) > 128;
}).map((node) => `${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 20)}`)"""


@pytest.fixture
def seat(console: str, visit: Visit) -> Iterator[Seat]:
    """`seat(role, path, width=…)`: log in and open the path at ten in the morning; nothing may stand in its log."""
    clock(NOW)
    logged: list[str] = []

    def keep(message: ConsoleMessage) -> None:
        if message.type == "error":
            logged.append(message.text)

    def go(role: str, path: str = "/", width: int = PHONE, **options: object) -> Page:
        page = visit(role, "/login/", width, **options)
        page.on("console", keep)
        page.goto(console + path)
        page.wait_for_load_state("networkidle")
        look(page)
        return page

    yield go
    assert logged == []


def look(page: Page) -> None:
    """The page fits its screen, and by night nothing on it shines but what is next and what is chosen."""
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], (page.url, wide)
    theme = page.evaluate("document.documentElement.dataset.theme ?? ''")
    page.evaluate("document.documentElement.dataset.theme = 'night'")
    assert page.evaluate(BRIGHT) == [], page.url
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


def ordered(
    text: str, target: Target = OFFICE, *, ago: float = 0.2, hours: float = 8, kind: str = "routine"
) -> Task:
    """An order of the city's analyst, sent so many hours ago, due so many hours from now."""
    then = NOW - timedelta(hours=ago)
    [sent] = send(kind, text, [target], cast.ANALYST, then, due_at=NOW + timedelta(hours=hours))
    assert sent.done, sent.why
    return Task.objects.get(id=sent.task_id)


def claimed(task: Task) -> Task:
    [done] = commands.claim([task.id], task.person_id, task.opened_at + timedelta(minutes=3))
    assert done.done, done.why
    return Task.objects.get(id=task.id)


def case_of(task: Task) -> str:
    return reverse("case", args=[task.pk])


def test_one_sentence_goes_to_many_and_each_answers(seat: Seat) -> None:
    Area.objects.create(id="900101", kind=AreaKind.TOWNSHIP, name="东镇")
    Unit.objects.create(id="u-town", kind=UnitKind.TOWNSHIP_OFFICE, name="东镇政府", area_id="900101")
    page = seat("analyst", "/", DESK)
    page.keyboard.press("/")
    page.keyboard.type("请核查cheats厂夜间是否停产，2小时内反馈")
    expect(page.locator("#cx-targets .chip")).to_contain_text(["cheats厂"])
    expect(page.locator("#cx-said .took")).to_contain_text(["核查", "2小时"])
    page.locator("#cx-find").press_sequentially("obeys")
    expect(page.locator("#cx-found [role=option]").first).to_contain_text("obeys厂")
    page.keyboard.press("Enter")
    page.locator("[data-cx=paste]").click()
    page.locator("#cx-names").fill("东镇\n没有这家厂")
    page.locator("[data-cx=match]").click()
    expect(page.locator("#cx-unclear")).to_contain_text("没有这家厂")
    expect(page.locator("#cx-n")).to_have_text("3")
    look(page)
    page.locator("#cx-text").press("Enter")
    answer = page.locator("#cx-sent .cx-res").first
    expect(answer.locator(".cx-nums li")).to_have_count(2)
    expect(answer.locator(".cx-list")).to_contain_text("东镇")
    assert set(Task.objects.filter(kind="dispatch").values_list("about_id", flat=True)) == {
        cast.CHEATS,
        cast.OBEYS,
    }
    look(page)
    answer.get_by_role("link", name="看这一批").click()
    page.wait_for_url("**/dispatch/**")
    look(page)
    page.locator("details.cx-drop summary").click()
    page.fill("input[name=reason]", "误发")
    page.click("button[value=withdraw]")
    expect(page.locator("main")).to_contain_text("撤回")
    assert set(Task.objects.filter(kind="dispatch").values_list("state", flat=True)) == {TaskState.WITHDRAWN}


def test_the_same_again_is_recognised_and_a_slip_is_undone(seat: Seat) -> None:
    page = seat("analyst", "/dispatch/", DESK)
    for again in (False, True):
        page.fill("#cx-text", "请核查cheats厂夜间是否停产")
        expect(page.locator("#cx-targets .chip")).to_have_count(1)
        page.locator("#cx-text").press("Enter")
        answer = page.locator("#cx-sent .cx-res").first
        if not again:
            expect(answer.locator(".cx-nums li")).to_have_count(1)
    task = Task.objects.get(kind="dispatch")
    expect(answer.locator(".cx-list")).to_contain_text(task.number)
    look(page)
    page.locator("#cx-sent .cx-undo button").click()
    expect(page.locator("#cx-sent")).to_contain_text("句子")
    expect(page.locator("#cx-text")).to_have_value("请核查cheats厂夜间是否停产")
    task.refresh_from_db()
    assert task.state == TaskState.WITHDRAWN


def test_a_county_signs_with_one_tap_copies_and_takes_its_sheet_home(seat: Seat) -> None:
    ordered("夜间巡查散煤")
    claimed(ordered("核对用电台账", ago=2, hours=1.5))
    claimed(ordered("检查砖瓦窑脱硫", ago=20, hours=-1))
    page = seat("dispatcher", "/county/", permissions=["clipboard-read", "clipboard-write"])
    for code, text in (("sign", "夜间巡查散煤"), ("soon", "核对用电台账"), ("over", "检查砖瓦窑脱硫")):
        expect(page.locator(f".cty-n .{code} b")).to_have_text("1")
        expect(page.locator(f"#{code} .cr")).to_contain_text(text)
    row = page.locator("#sign .cr")
    row.get_by_role("button", name="签收", exact=True).click()
    expect(page.locator("#sign .good-news")).to_be_visible()
    expect(page.locator(".cty-n .sign b")).to_have_text("0")
    expect(page.locator("button[value=claim_all]")).to_have_count(0)
    task = Task.objects.get(text="夜间巡查散煤")
    assert (task.state, task.claimed_by) == (TaskState.CLAIMED, cast.DISPATCHER)
    row.locator("[data-copy]").click()
    expect(row.locator("[data-copy]")).to_have_text("✓")
    assert page.evaluate("navigator.clipboard.readText()") == row.locator(".say p").inner_text().strip()
    assert task.number in row.locator(".say p").inner_text()
    look(page)
    row.locator("a[hx-get]").click()
    expect(row.locator(".cr-m textarea")).to_be_visible()
    look(page)
    for word, ending in (("Word", ".docx"), ("Excel", ".xlsx")):
        with page.expect_download() as taken:
            page.get_by_role("link", name=word).click()
        assert taken.value.suggested_filename.endswith(ending)
        assert taken.value.path().read_bytes()[:2] == b"PK"


def test_a_case_is_claimed_proven_and_closed_by_somebody_else(seat: Seat) -> None:
    task = ordered("更换三号脱硫塔喷嘴并报照片", kind="special")
    page = seat("dispatcher", case_of(task))
    photo = page.screenshot(type="jpeg")
    page.click("button[value=claim]")
    expect(page.locator(".said.success")).to_be_visible()
    form = page.locator("form.step", has=page.locator("button[value=answer]"))
    form.locator("textarea").fill("已更换，见照片")
    files = [{"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo}]
    form.locator("input[type=file]").first.set_input_files(files)  # type: ignore[arg-type]
    expect(form.locator("[data-chosen]")).to_have_text("现场.jpg")
    form.locator("button[value=answer]").click()
    picture = page.locator(".handed img")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('.handed img').naturalWidth > 0")
    assert Proof.objects.get().name == "现场.jpg"
    expect(page.locator(".tl li", has=page.locator("img"))).to_contain_text("答复")
    expect(page.locator("button[value=close]")).to_have_count(0)
    look(page)
    page = seat("analyst", case_of(task))
    form = page.locator("form.step", has=page.locator("button[value=close]"))
    form.locator("input[name=outcome][value=complied]").check()
    conditions = form.locator(".cond")
    expect(conditions).to_have_count(5)
    for condition in conditions.all():
        condition.locator("input[value=yes]").check()
    form.locator("textarea").fill("照片属实")
    look(page)
    form.locator("button[value=close]").click()
    expect(page.locator(".said.success")).to_be_visible()
    look(page)
    task.refresh_from_db()
    verdict = Verdict.objects.get()
    assert (task.state, verdict.checker, verdict.marks.count()) == (TaskState.CLOSED, cast.ANALYST, 5)


def test_a_plant_reads_what_it_must_and_asks(seat: Seat) -> None:
    task = claimed(ordered("十日内更换布袋", PLANT, hours=72))
    emergency = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    path = f"/plants/{cast.CHEATS}/"
    page = seat("plant", path)
    must = page.locator(".must")
    expect(must.locator("h1")).to_contain_text("停产")
    order = cast.order_of(cast.CHEATS)
    expect(must.locator(".tm")).to_contain_text("8 日 00:00")
    for word in (f"名{cast.VICE}", order.decision.number, order.list_paper):
        expect(must).to_contain_text(word)
    part = page.locator(f"#t-{task.pk}")
    form = ask_form(part, RequestKind.EXTENSION)
    form.locator("input[name=text]").fill("布袋在路上")
    form.locator("button[value=ask]").click()
    expect(page.locator(".said.success")).to_be_visible()
    expect(page.locator(f"#t-{task.pk}")).to_contain_text("布袋在路上")
    asked = Request.objects.get()
    assert (asked.kind, asked.task_id) == (RequestKind.EXTENSION, task.pk)
    bound = page.locator(f"#t-{emergency.pk}")
    expect(bound.locator(f"input[name=kind][value={RequestKind.EXTENSION}]")).to_have_count(0)
    form = ask_form(bound, RequestKind.APPEAL)
    expect(form).to_contain_text("先执行")
    look(page)
    form.locator("input[name=text]").fill("等设备")
    form.evaluate(
        "(form, kind) => { form.elements.kind.value = kind; form.elements.action.click() }",
        RequestKind.SUSPEND.value,
    )
    expect(page.locator(".said.error[role=status]")).to_contain_text("先执行")
    assert Request.objects.count() == 1


def ask_form(part: Locator, kind: RequestKind) -> Locator:
    """The form in which a request of this kind is made, unfolded."""
    form = part.locator("form.step", has=part.page.locator(f"input[name=kind][value={kind}]"))
    form.locator("xpath=ancestor::details[contains(@class, 'st')]").locator("summary").first.click()
    return form


def test_a_pasted_chat_is_read_taken_settled_and_taken_back(seat: Seat) -> None:
    task = ordered("夜间巡查散煤")
    said = NOW - timedelta(minutes=5)
    lines = [
        (cast.DISPATCHER, "收到"),
        (f"manager-{cast.OBEYS}", "没收到"),
        (cast.CHECKER, "收到，哪个厂？"),
        (f"manager-{cast.CHEATS}", "货收到了"),
    ]
    page = seat("analyst", "/replies/")
    page.fill(
        "textarea[name=pasted]", "\n".join(f"名{who} {said:%Y-%m-%d %H:%M:%S}\n{text}" for who, text in lines)
    )
    page.get_by_role("button", name="先看内容").click()
    read = page.locator(".rp-s tbody tr")
    expect(read).to_have_count(4)
    look(page)
    for nth, (_who, text) in enumerate(lines):
        expect(read.nth(nth)).to_contain_text(text)
    expect(read.nth(0)).to_contain_text(task.number)
    assert not Reply.objects.exists()
    page.locator("form[action$='/commit/'] button").click()
    page.wait_for_url("**/replies/files/**")
    look(page)
    task.refresh_from_db()
    assert (task.state, task.claimed_by, task.claimed_at) == (TaskState.CLAIMED, cast.DISPATCHER, said)
    assert Task.objects.filter(state=TaskState.CLAIMED).count() == 1
    page.goto(page.url.split("/replies/")[0] + "/replies/")
    waiting = page.locator(".rp-l > li")
    before = waiting.count()
    assert before >= 1
    look(page)
    waiting.first.locator("button[value=dismiss]").click()
    expect(waiting).to_have_count(before - 1)
    page.locator(".rp-n a", has_text="自动采认").click()
    taken = page.locator(".rp-l > li")
    taken.locator("summary").click()
    taken.locator("input[name=note]").fill("不是签收")
    look(page)
    taken.locator("button[value=take_back]").click()
    expect(page.locator(".said.success")).to_be_visible()
    assert sorted(Reply.objects.values_list("state", flat=True)).count("dropped") == 1


def test_supervision_names_the_leader_drafts_and_sends_nothing(seat: Seat) -> None:
    ordered("夜间巡查散煤")
    later = NOW + timedelta(days=7)
    run_clocks(later)
    page = seat("analyst", "/supervise/", DESK)
    clock(later)
    page.reload()
    leader = page.locator("tr", has_text=f"名{cast.LEADER}")
    expect(leader).to_have_count(1)
    look(page)
    leader.get_by_role("link", name=f"名{cast.LEADER}").click()
    page.wait_for_url("**leader=**")
    look(page)
    page.locator("tr", has_text="夜间巡查散煤").locator("input[name=task]").check()
    page.get_by_role("button", name="起草").click()
    page.wait_for_url("**/letters/**")
    expect(page.locator("main")).to_contain_text("夜间巡查散煤")
    expect(page.locator("button[value=sign]")).to_have_count(0)
    look(page)
    letter = Letter.objects.get()
    assert (letter.state, letter.number, letter.signed_at) == ("drafted", "", None)
    draft_letters(later)
    page.goto(page.url.split("/letters/")[0] + "/letters/")
    look(page)


def test_a_silence_has_a_reason_and_an_end(seat: Seat) -> None:
    page = seat("analyst", "/silences/")
    page.locator("details.fold summary").click()
    look(page)
    page.select_option("select[name=match]", "area")
    page.select_option("select[name=value_area]", "9001")
    page.fill("input[name=until]", f"{NOW + timedelta(days=2):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="设").click()
    assert not Silence.objects.exists()
    page.fill("input[name=reason]", "全县停电检修")
    page.get_by_role("button", name="设").click()
    silence = page.locator(".sv-s li")
    expect(silence).to_contain_text("全县停电检修")
    expect(silence).to_contain_text("11 日 10:00")
    look(page)
    silence.get_by_role("button").click()
    expect(page.locator(".sv-s li")).to_have_count(0)
    look(page)
