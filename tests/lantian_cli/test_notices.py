"""`lantian notices` on a small home: names, a test message, and one courier at a time that ends when told to."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.lantian_cli.homes import lantian, python
from tests.lantian_web.notices.robots import Robots, serving
from tests.plays import command, own_environment, served

from lantian_store.lock import HomeBusyError, worker_lock

pytestmark = pytest.mark.slow

ADD = """
import django, sys; django.setup()
from django.utils import timezone
from lantian_web.notices.commands import add_channel
add_channel("wecom", "county", "9001", sys.argv[1], "analyst", timezone.now())
"""


@pytest.fixture
def robots(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Robots]:
    monkeypatch.setenv("LANTIAN_NOTICE_HOSTS", "127.0.0.1")
    with serving(Robots()) as made:
        done = python(home, "-c", ADD, made.wecom("k"))
        assert done.returncode == 0, done.stderr
        yield made


def held(home: Path) -> bool:
    """Whether a courier works in the home."""
    try:
        with worker_lock(home, "courier"):
            return False
    except HomeBusyError:
        return True


def until_held(home: Path, wanted: bool = True) -> bool:
    ends = time.monotonic() + 30
    while held(home) is not wanted and time.monotonic() < ends:
        time.sleep(0.1)
    return held(home) is wanted


def test_a_test_message_arrives_or_the_command_fails(home: Path, robots: Robots) -> None:
    code, told = lantian(home, "notices", "test", "county", "--json")
    assert (code, told["state"]) == (0, "sent")
    assert [post.number for post in robots.said] == [told["number"]]
    robots.behaviour = lambda post: (200, '{"errcode":93000,"errmsg":"no such robot"}')
    code, told = lantian(home, "notices", "test", "county", "--json")
    assert (code, told["state"]) == (1, "failed")
    assert lantian(home, "notices", "test", "nobody")[0] == 2


def test_a_host_that_is_not_allowed_any_more_holds_the_message_and_the_check_says_so(
    home: Path, robots: Robots, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lantian(home, "check", "--json")[1]["problems"] == []
    monkeypatch.delenv("LANTIAN_NOTICE_HOSTS")
    code, told = lantian(home, "notices", "test", "county", "--json")
    assert (code, told["state"], robots.got) == (1, "queued", [])
    assert "LANTIAN_NOTICE_HOSTS" in told["why"]
    code, told = lantian(home, "check", "--json")
    [problem] = told["problems"]
    assert (code, problem["part"]) == (1, "notices")
    assert problem["problem"].startswith("channel county: 127.0.0.1 is none of the hosts")
    assert problem["problem"].endswith("messages held: 1")
    assert "key=k" not in problem["problem"]


def test_names_are_read_from_a_file(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text(
        "person,channel,handle\nanalyst,wecom,zhang\nleader-n,mail,l@b.example\n", encoding="utf-8"
    )
    assert lantian(home, "notices", "handles", str(file), "--json") == (0, {"handles": 2})
    file.write_text("person,channel,handle\nnobody,wecom,zhang\n", encoding="utf-8")
    code, said = lantian(home, "notices", "handles", str(file), "--json")
    assert code == 2
    assert "nobody" in said
    file.write_text("name\nx\n", encoding="utf-8")
    assert lantian(home, "notices", "handles", str(file))[0] == 2


def test_pruning_tells_what_is_gone_and_refuses_the_last_year(home: Path) -> None:
    code, told = lantian(home, "notices", "prune", "--before", "2020-01-01", "--json")
    assert (code, told) == (0, {"notices": 0, "messages": 0, "deliveries": 0})
    for day in ("9999-01-01", "yesterday"):
        code, said = lantian(home, "notices", "prune", "--before", day)
        assert code == 2
        assert "before" in said


def test_one_courier_at_a_time_and_it_ends_when_told_to(home: Path, robots: Robots) -> None:
    process = subprocess.Popen(command("notices", "run", "--home", str(home)), env=own_environment())
    try:
        assert until_held(home)
        code, said = lantian(home, "notices", "run")
        assert code == 2
        assert f"a courier is running already (process {process.pid})" in said
        code, told = lantian(home, "notices", "test", "county", "--json")  # the one that runs sends it
        assert (code, told["state"]) == (0, "sent")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_the_console_brings_a_courier_and_takes_it_along(home: Path) -> None:
    with served(home, own_environment()):
        assert until_held(home)
    assert until_held(home, wanted=False)
