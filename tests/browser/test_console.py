"""The console in Debian's Chromium: what a person on duty, in a county and in a plant does with it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.lantian_web import cast

from lantian_web.findings.models import Finding
from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("/", "/map/", "/orders/", "/tasks/")


def finding_page() -> str:
    return reverse("finding", args=[Finding.objects.get().pk])


@pytest.mark.parametrize(
    ("role", "first"), [("analyst", "等人处理"), ("dispatcher", "等人处理"), ("plant", "全厂停产")]
)
def test_each_role_has_its_first_page(visit: Visit, role: str, first: str) -> None:
    page = visit(role)
    expect(page.locator("main")).to_contain_text(first)
    expect(page.locator(".marks")).to_contain_text("演练")


def test_key_c_confirms_and_orders_a_check(visit: Visit) -> None:
    page = visit("analyst", "/?what=confirm")
    row = page.locator("#queue .q.sel")
    expect(row).to_contain_text(f"{cast.CHEATS}厂")
    expect(row.locator("svg.spark path").first).to_be_attached()
    page.keyboard.press("c")
    expect(page.locator("#queue .q.done")).to_contain_text("已确认 1 条")
    task = Task.objects.get(kind="check")
    page.locator("#queue .q.done a").click()
    page.wait_for_url(f"**/{task.pk}/")
    expect(page.locator("h1")).to_contain_text(f"{cast.CHEATS}厂")


def test_j_and_k_move_and_enter_opens(visit: Visit) -> None:
    page = visit("analyst")
    first = page.locator("#queue .q.sel").get_attribute("id")
    page.keyboard.press("j")
    second = page.locator("#queue .q.sel").get_attribute("id")
    assert first != second
    page.keyboard.press("k")
    assert page.locator("#queue .q.sel").get_attribute("id") == first
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/tasks/" in url or "/findings/" in url)


def test_keys_rest_in_a_field(visit: Visit) -> None:
    page = visit("analyst", finding_page())
    page.locator("textarea").fill("")
    page.locator("textarea").press_sequentially("cxn")
    assert Finding.objects.get().state == "proposed"
    expect(page.locator("textarea")).to_have_value("cxn")


def test_case_draws_its_chart_and_shows_the_evidence(visit: Visit) -> None:
    page = visit("analyst", finding_page())
    page.wait_for_selector("#curve[data-drawn]")
    expect(page.locator("#curve")).to_contain_text("判定线 20")
    expect(page.locator("#evidence")).to_contain_text(f"{cast.CHEATS}-1-p")
    expect(page.locator("#evidence")).to_contain_text("SHA-256")


def test_case_without_scripts_shows_the_drawn_chart(visit: Visit) -> None:
    page = visit("analyst", finding_page(), java_script_enabled=False)
    image = page.locator("#curve img")
    expect(image).to_be_visible()
    assert image.evaluate("node => node.naturalWidth") > 0


def test_map_works_without_webgl_and_opens_a_plant(visit: Visit) -> None:
    page = visit("analyst", "/map/", java_script_enabled=False)
    expect(page.locator("svg.map path.area")).to_have_count(2)
    page = visit("analyst", "/map/")
    page.locator("aside table a").first.click()
    expect(page.locator("#card h3")).to_be_visible()
    page.locator("#card [data-close]").click()
    expect(page.locator("#card")).to_be_empty()


def test_map_over_webgl_where_there_is_one(visit: Visit) -> None:
    page = visit("analyst", "/map/")
    if not page.evaluate("Boolean(document.createElement('canvas').getContext('webgl2'))"):
        expect(page.locator("#gl")).to_be_hidden()
        return
    page.wait_for_selector("#gl[data-ready]", timeout=15_000)
    expect(page.locator(".gl-name").first).to_have_text("北县")


def test_night_and_day(visit: Visit) -> None:
    page = visit("analyst")
    day = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("button[name=theme]")
    expect(page.locator("html")).to_have_attribute("data-theme", "night")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != day
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "night")


def test_night_follows_the_system_when_nothing_was_chosen(visit: Visit) -> None:
    light, dark = (
        visit("analyst", color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    )
    assert light != dark


@pytest.mark.parametrize("role", ["analyst", "dispatcher", "plant"])
def test_no_page_is_wider_than_a_phone(visit: Visit, role: str) -> None:
    page = visit(role, width=390)
    order = reverse("order", args=[cast.order_of(cast.CHEATS).pk])
    task = reverse("case", args=[Task.objects.get(enterprise_id=cast.CHEATS).pk])
    base = page.url.split("/", 3)[:3]
    for path in (*PAGES, order, task, f"/plants/{cast.CHEATS}/"):
        page.goto("/".join(base) + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_a_plant_claims_and_answers_on_its_phone(visit: Visit) -> None:
    page = visit("plant", width=390)
    page.click("button[value=claim]")
    expect(page.locator(".said.success")).to_contain_text("已办")
    page.fill("textarea[name=text]", "二号线已停")
    page.click("button[value=answer]")
    task = Task.objects.get(enterprise_id=cast.CHEATS)
    assert (task.state, task.answer) == ("answered", "二号线已停")


def test_a_stranger_finds_nothing(visit: Visit) -> None:
    page = visit("stranger")
    for path in (
        finding_page(),
        f"/plants/{cast.CHEATS}/",
        reverse("order", args=[cast.order_of(cast.CHEATS).pk]),
    ):
        answer = page.goto("/".join(page.url.split("/", 3)[:3]) + path)
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("main")).to_contain_text("这里没有你能看的内容")


def test_text_is_readable_in_both_themes(visit: Visit) -> None:
    """Every text token on every ground it stands on, at least 4.5 to 1."""
    page = visit("analyst")
    for theme in ("day", "night"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        low = page.evaluate(CONTRAST)
        assert low == [], (theme, low)


CONTRAST = """() => {
  const root = getComputedStyle(document.documentElement);
  const rgb = (name) => {
    const hex = root.getPropertyValue(`--${name}`).trim().slice(1);
    const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
    return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16) / 255);
  };
  const light = (name) => {
    const [r, g, b] = rgb(name).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const pairs = [];
  for (const ink of ["ink", "ink-2", "ink-3", "red", "amber", "green", "blind", "focus"]) {
    for (const ground of ["surface", "bg", "raised", "focus-bg"]) pairs.push([ink, ground]);
  }
  for (const tone of ["red", "amber", "green", "blind"]) pairs.push([tone, `${tone}-bg`], ["ink", `${tone}-bg`]);
  return pairs.map(([a, b]) => [a, b, ratio(a, b)]).filter(([, , value]) => value < 4.5);
}"""
