"""An order whose answer was lost: sent once more out of the kept draft, it is the same order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Route, expect
from tests.browser.conftest import Visit
from tests.lantian_web.test_pages import MORNING, clock

from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_order_whose_answer_was_lost_is_not_sent_twice(visit: Visit) -> None:
    page = visit("analyst", reverse("compose"))
    lost: list[int] = []

    def loses(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route(f"**{reverse('compose')}", loses)
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
