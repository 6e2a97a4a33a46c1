"""An order whose answer was lost: sent once more out of the kept draft, it is the same order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Visit
from tests.lantian_web.test_pages import MORNING, clock

from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def losing(page: Page) -> list[int]:
    """The answer of the first order is lost on its way to the page; its status is kept."""
    lost: list[int] = []

    def loses(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route(f"**{reverse('compose')}", loses)
    return lost


def test_another_due_time_after_a_lost_answer_is_another_order(visit: Visit) -> None:
    page = visit("analyst", reverse("compose"))
    losing(page)
    page.fill("#cx-text", "请核查cheats厂夜间是否停产")
    expect(page.locator("#cx-targets .chip")).to_have_count(1)
    page.locator("#cx-text").press("Enter")
    expect(page.locator("#cx-said .red")).to_be_visible()
    first = Task.objects.get(kind="dispatch")
    page.locator("[data-due]").first.click()
    page.locator("#cx-text").press("Enter")
    expect(page.locator("#cx-sent .cx-list")).to_contain_text([first.number])
    expect(page.locator("#cx-sent .cx-list")).not_to_contain_text(
        "时限没有改"
    )  # it is no repeat of the first
    page.locator("#cx-sent .cx-again button").click()
    expect(page.locator("#cx-sent .cx-nums li")).to_have_count(1)
    assert len(set(Task.objects.filter(kind="dispatch").values_list("batch_id", "feedback_due_at"))) == 2


def test_an_order_whose_answer_was_lost_is_not_sent_twice(visit: Visit) -> None:
    page = visit("analyst", reverse("compose"))
    lost = losing(page)
    page.fill("#cx-text", "请核查cheats厂夜间是否停产")
    expect(page.locator("#cx-targets .chip")).to_have_count(1)
    page.locator("#cx-text").press("Enter")
    expect(page.locator("#cx-said .red")).to_be_visible()
    first = Task.objects.get(kind="dispatch")
    clock(MORNING + timedelta(minutes=40))
    page.reload()
    expect(page.locator("#cx-targets .chip")).to_have_count(1)
    page.locator("#cx-text").press("Enter")
    expect(page.locator("#cx-sent .cx-nums li")).to_contain_text([first.number])
    assert (lost, Task.objects.filter(kind="dispatch").count()) == ([200], 1)
    page.fill("#cx-text", "请核查cheats厂夜间是否停产")  # typed anew it is another one, of the same matter
    expect(page.locator("#cx-targets .chip")).to_have_count(1)
    page.locator("#cx-text").press("Enter")
    expect(page.locator("#cx-sent .cx-list")).to_contain_text([first.number])
