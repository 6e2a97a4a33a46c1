"""The small city with a day of power in its lake, served on a free port, and a log-in for each role."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from tests.lantian_web import cast
from tests.lantian_web.conftest import login, ordered, town
from tests.lantian_web.test_pages import MORNING, clock

from lantian.periods import to_ms
from lantian.records import Outcome, Role
from lantian_store.lake import Lake, stamp
from lantian_web.accounts.models import User
from lantian_web.findings import commands as findings
from lantian_web.orders.models import Decision

__all__ = ["login", "ordered", "town"]

# Playwright keeps an event loop in this thread; the registry is used from it between two steps of a story.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PASSWORD = "three-words-and-more"  # noqa: S105 - of a city that lives for one test
SLOT_MS = 900_000
ROLES = {
    "analyst": (cast.ANALYST, Role.ANALYST, "area:90"),
    "dispatcher": (cast.DISPATCHER, Role.DISPATCHER, "area:9001"),
    "plant": (f"manager-{cast.CHEATS}", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}"),
    "stranger": (None, None, ""),
}
IDLE_S, PATIENCE_S = 0.05, 30
Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file, as a console has: in memory all threads of the served console would share one connection."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("registry") / "test.sqlite3")


class InFlight:
    """Counts the requests that the served console is working on."""

    def __init__(self) -> None:
        self.count = 0
        self.changed = threading.Condition()
        request_started.connect(self.started)
        request_finished.connect(self.finished)  # after Django's own receivers, which touch the registry

    def started(self, **_: object) -> None:
        self.move(1)

    def finished(self, **_: object) -> None:
        self.move(-1)

    def move(self, by: int) -> None:
        with self.changed:
            self.count += by
            self.changed.notify_all()

    def wait(self) -> None:
        """Until none is left and none follows; fails after `PATIENCE_S`."""
        until = time.monotonic() + PATIENCE_S
        with self.changed:
            while self.changed.wait_for(lambda: self.count, IDLE_S):
                if not self.changed.wait_for(lambda: not self.count, until - time.monotonic()):
                    pytest.fail(
                        f"{self.count} requests still run {PATIENCE_S} s after their pages were closed"
                    )


@pytest.fixture(scope="session")
def in_flight() -> InFlight:
    return InFlight()


def day_of_power(home: Path) -> None:
    """Every line idles at 2 kW but the cheat's, which runs at 80 kW for an hour; the broken one has a gap."""
    begun = to_ms(cast.STARTS) - 32 * SLOT_MS
    rows = []
    for plant in cast.STATES:
        for slot in range(128):
            start = begun + slot * SLOT_MS
            ran = plant == cast.CHEATS and 2 <= (start - to_ms(cast.STARTS)) / 3_600_000 < 3
            gone = plant == cast.BROKEN and slot > 60
            rows += [(f"{plant}-1-p", start, None if gone else 80.0 if ran else 2.0)]
            rows += [(f"{plant}-1-t", start, 1.0)]
    rows.sort()
    table = pa.table(
        {
            "point": [row[0] for row in rows],
            "kind": ["power"] * len(rows),
            "start": [row[1] for row in rows],
            "step_s": pa.array([900] * len(rows), pa.int32()),
            "value": pa.array([row[2] for row in rows], pa.float64()),
            "flag": [""] * len(rows),
        }
    )
    lake = Lake(home)
    lake.commit(lake.write(stamp(table, 0, to_ms(MORNING)), "power", (0, 0)))


@pytest.fixture
def console(
    transactional_db: None,
    settings: Settings,
    tmp_path: Path,
    ordered: Decision,
    login: Callable[..., User],
    live_server: LiveServer,
    in_flight: InFlight,
) -> Iterator[str]:
    """Address of a served console: one proposal waits, the orders are a day old.

    A page that is closed leaves requests behind; they end here, before the registry is emptied.
    """
    settings.LANTIAN_HOME = tmp_path
    day_of_power(tmp_path)
    days = [
        cast.day_of(cast.OBEYS, Outcome.COMPLIED),
        cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED),
        cast.day_of(cast.BROKEN, Outcome.CANNOT_TELL),
    ]
    findings.take(cast.Judged([cast.ran_on(cast.CHEATS)], days), cast.DAY, MORNING)
    clock(MORNING + timedelta(minutes=10))
    for name, (person, role, scope) in ROLES.items():
        user = login(name, person, role, scope)
        user.set_password(PASSWORD)
        user.save()
    yield live_server.url
    in_flight.wait()


@pytest.fixture
def visit(browser: Browser, console: str) -> Iterator[Visit]:
    """`visit(role, path, width=…)`: log in through the page and open the path; script errors fail the test."""
    opened, errors = [], []

    def go(role: str, path: str = "/", width: int = 1440, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", **options)  # type: ignore[arg-type]
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{console}/login/")
        page.fill("input[name=username]", role)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        page.goto(f"{console}{path}")
        return page

    yield go
    for context in opened:
        context.close()
    assert errors == []
