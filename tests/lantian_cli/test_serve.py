"""The console and the worker as processes: they answer, keep to themselves, and end when told to."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lantian_cli.homes import lantian
from tests.plays import alive, command, own_environment, served, worker_of

pytestmark = pytest.mark.slow


def until(true: Callable[[], object], seconds: float = 30) -> bool:
    """Wait for something that happens in another process."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def working(home: Path) -> bool:
    worker = worker_of(home)
    return worker is not None and alive(worker)


def test_the_console_answers_and_ends_with_its_worker(home: Path) -> None:
    added = lantian(
        home, "user", "add", "w", "--person", "analyst", "--role", "analyst", "--scope", "area:90", "--json"
    )[1]
    with served(home, own_environment()) as (console, process):
        assert console.get("/login/")[0] == 200
        assert console.get("/static/lantian.css")[0] == 200
        assert b"username" in console.get("/")[1], "a stranger is sent to the log-in page"
        assert console.log_in("w", added["password"])
        assert console.get("/")[0] == 200
        assert until(lambda: working(home))
        worker = worker_of(home)
        assert worker is not None
        assert worker != process
        code, said = lantian(home, "worker")
        assert code == 2
        assert f"process {worker}" in said
    assert not alive(process)
    assert until(lambda: not alive(worker), 5)


def test_a_worker_that_is_killed_is_started_again(home: Path) -> None:
    with served(home, own_environment()):
        assert until(lambda: working(home))
        first = worker_of(home)
        assert first is not None
        os.kill(first, signal.SIGKILL)
        assert until(lambda: working(home) and worker_of(home) != first)
        last = worker_of(home)
    assert last is not None
    assert until(lambda: not alive(last), 5)


def test_a_worker_alone_ends_when_told_to_and_leaves_its_place(home: Path) -> None:
    for _ in range(2):
        (home / "worker.lock").unlink(missing_ok=True)
        process = subprocess.Popen(command("worker", "--home", str(home)), env=own_environment())
        assert until(lambda: worker_of(home))
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_an_absent_home_or_certificate_is_named(home: Path, tmp_path: Path) -> None:
    code, said = lantian(tmp_path / "absent", "serve")
    assert (code, "there is no home here" in said) == (2, True)
    code, said = lantian(home, "serve", "--tls", str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    assert (code, "cert.pem" in said) == (2, True)
