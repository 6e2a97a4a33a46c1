"""What every test stands on: a home of its own, the shared data, the size of a run, and a list of what was skipped.

pytest                      everything but `browser` and `long`
pytest -m browser           in Debian's Chromium
pytest -m long --scale 1    full size (without --scale: 1/50)
LANTIAN_DATABASE_URL=postgresql://... pytest -m db
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import django
import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for tools
SHARED = Path(os.environ.get("LANTIAN_SHARED", ROOT.parent / "shared" / "data"))
IN_CI = os.environ.get("CI") == "true"
BY_HAND = {"browser": "drives a real browser: make browser", "long": "full-size run: make long"}

# Settings are read here, not by pytest-django, which would read them before this file: a test never touches the
# home of whoever runs it. Subprocesses inherit the variables.
HOME = Path(tempfile.mkdtemp(prefix="lantian-tests-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["LANTIAN_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "lantian_web.settings"
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / "var" / "numba"))
django.setup()
del os.environ[
    "DJANGO_SETTINGS_MODULE"
]  # or a worker of xdist would read them before this file, with this home

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("desk", deadline=None, database=None)
hypothesis.settings.load_profile("ci" if IN_CI else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--scale", type=float, default=0.02, help="size of tests marked long; 1 is full size")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = config.getoption("markexpr") or ""
    for item in items:
        for mark, reason in BY_HAND.items():
            if mark in item.keywords and mark not in asked:
                item.add_marker(pytest.mark.skip(reason=reason))


def absent(what: str) -> None:
    """Fail in CI, skip elsewhere."""
    (pytest.fail if IN_CI else pytest.skip)(f"{what} is absent")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "real_data" in item.keywords and not SHARED.is_dir():
        absent("the shared data folder (../shared/data, or LANTIAN_SHARED)")
    if "browser" in item.keywords:
        from tools import chromium

        if not chromium.PROGRAM.exists():
            absent(f"{chromium.PROGRAM} (Debian package chromium)")


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """`shared_data(name)`: a file or folder of the shared data."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            absent(f"shared data {name}")
        return path

    return find


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; a test opens its own context with `browser.new_context()`."""
    from tools import chromium

    with chromium.launch() as launched:
        yield launched


@pytest.fixture
def fresh_database() -> Iterator[Callable[[], dict[str, str]]]:
    """`fresh_database()`: the environment of a home with a registry of its own: SQLite in the home, or a new database
    of the PostgreSQL under test."""
    url = os.environ.get("LANTIAN_DATABASE_URL", "")
    made: list[str] = []

    def environment() -> dict[str, str]:
        if not url:
            return dict(os.environ)
        import psycopg

        name = f"demo_{uuid4().hex[:12]}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        made.append(name)
        return dict(os.environ) | {"LANTIAN_DATABASE_URL": url.rsplit("/", 1)[0] + "/" + name}

    yield environment
    if made:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            for name in made:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def scale(request: pytest.FixtureRequest) -> float:
    """Share of full size at which tests marked `long` run."""
    return float(request.config.getoption("--scale"))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    terminalreporter.section("skipped, and why")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count:5d}  {reason}")
