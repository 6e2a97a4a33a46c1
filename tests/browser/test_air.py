"""Air, targets and ranking in Debian's Chromium: pictures are drawn, keys work, a phone is wide enough."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.lantian_web.test_air_pages import LEDGER, LEDGER_HEAD, ON, day_rows, days
from tests.lantian_web.test_pages import MORNING

from lantian_web.assessments import commands
from lantian_web.inventory.commands import load_overlay

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RANKING = "/ranking/?set=counties&by=pm25_mean"


@pytest.fixture
def aired(console: str) -> str:
    """The console with two seasons of air and a ledger."""
    rows = [row for on in days(date(2025, 10, 1), ON) for row in day_rows("90", on, 50 + on.day % 7)]
    rows += [row for on in days(date(2026, 10, 1), ON) for row in day_rows("9001", on, 66)]
    commands.record(rows, {"90": "90", "9001": "9001"}, MORNING)
    load_overlay("targets", f"{LEDGER_HEAD}\n{LEDGER}", "test", "", "system", MORNING)
    return console


def drawn(page: Page) -> None:
    """Every picture of the page has its shapes."""
    for holder in page.locator("[data-chart]").all():
        expect(holder.locator("svg path").first).to_be_attached()


def test_the_area_page_draws_its_line_and_calendar(aired: str, visit: Visit) -> None:
    page = visit("analyst", "/air/")
    expect(page.locator("[data-chart]")).to_have_count(2)
    drawn(page)
    page.get_by_role("link", name="趋势").click()
    page.wait_for_url("**picture=trend**")
    expect(page.locator("[data-chart]")).to_have_count(3)
    drawn(page)


def test_the_season_is_there_as_a_table_too(aired: str, visit: Visit) -> None:
    page = visit("analyst", "/air/", java_script_enabled=False)
    page.locator("details.alt summary").first.click()
    expect(page.locator("details.alt table").first).to_contain_text("2026-10")


def test_an_area_is_chosen_without_a_button(aired: str, visit: Visit) -> None:
    page = visit("analyst", "/air/")
    page.wait_for_load_state("networkidle")
    page.locator("select[data-go]").first.select_option(label="北县")
    page.wait_for_url("**/air/9001/**")
    expect(page.locator("h1")).to_contain_text("北县")
    page.wait_for_load_state("networkidle")


def test_the_target_page_says_one_sentence_and_draws_it(aired: str, visit: Visit) -> None:
    page = visit("analyst", "/targets/")
    expect(page.locator(".one")).to_contain_text("余下 113 天平均不高于")
    drawn(page)
    page.get_by_role("link", name="周", exact=True).click()
    expect(page.locator("#parts")).to_contain_text("记账")
    page.wait_for_load_state("networkidle")


def test_key_w_goes_to_the_wall_and_back(aired: str, visit: Visit) -> None:
    page = visit("analyst", RANKING, width=1920)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("w")
    page.wait_for_url("**wall=1**")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".marks")).to_contain_text("演练")
    size = page.locator(".wall tbody td.who").first.evaluate("node => getComputedStyle(node).fontSize")
    assert float(size.removesuffix("px")) >= 24
    page.keyboard.press("w")
    page.wait_for_url(lambda url: "wall" not in url)
    expect(page.locator(".bar")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_a_rank_leads_to_the_orders_behind_it(aired: str, visit: Visit) -> None:
    page = visit("dispatcher", RANKING)
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="令 5").click()
    page.wait_for_url("**/orders/?area=9001**")
    expect(page.locator("h1")).to_contain_text("5")


@pytest.mark.parametrize("role", ["analyst", "dispatcher", "plant"])
def test_no_page_is_wider_than_a_phone(aired: str, visit: Visit, role: str) -> None:
    page = visit(role, width=390)
    for path in ("/air/", "/air/90/?picture=trend", "/targets/", "/targets/?area=90", RANKING):
        page.goto(aired + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
