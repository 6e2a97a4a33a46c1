"""A red alert of the whole city while web, worker, courier and the command itself are killed at random.

At full size 4709 plants; afterwards every listed plant has its one order and task, every notice is in one message,
nothing rose twice, and the chat robots have each message: a second copy only where the log says that it may be one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.plays import alive, command, free_port, lantian, own_environment

from lantian.periods import CITY_TZ

pytestmark = pytest.mark.long

PLANTS, SMALLEST = 4709, 80
KILLS, FEWEST = 60, 6


class Robots(ThreadingHTTPServer):
    """Chat robots that keep what they get, and are now and then slow, busy or gone."""

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[str] = []
        self.dice = random.Random(7)
        super().__init__(("127.0.0.1", 0), _Robot)

    def handle_error(self, *_: object) -> None:
        """Who asked was killed meanwhile."""


class _Robot(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Robots)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        luck = server.dice.random()
        if luck < 0.1:
            self.send_error(500)
            return
        if luck < 0.2:
            time.sleep(0.5)
        server.got.append(body)
        said = b'{"errcode": 0, "errmsg": "ok"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Silent."""


class Served:
    """`lantian serve`, each time in a process group of its own, whose rest is killed at the end."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home, self.environment, self.kills = home, environment, Counter[str]()
        self.process: subprocess.Popen[bytes] | None = None
        self.groups: list[int] = []

    def start(self) -> None:
        """Start it if it does not run."""
        if self.process is None or self.process.poll() is not None:
            words = command("serve", "--home", str(self.home), "--port", str(free_port()))
            self.process = subprocess.Popen(
                words,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self.groups.append(self.process.pid)

    def kill(self, name: str) -> None:
        """SIGKILL to the web server, the worker or the courier."""
        if name == "web" and self.process is not None:
            self.process.kill()
            self.process.wait()
        elif (pid := _locked(self.home / f"{name}.lock")) is not None and alive(pid):
            os.kill(pid, signal.SIGKILL)
        self.kills[name] += 1

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        for group in self.groups:  # those that answered for a killed parent go on by themselves
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def _locked(lock: Path) -> int | None:
    try:
        return int(lock.read_text().strip() or 0) or None
    except (FileNotFoundError, ValueError):
        return None


def rows(home: Path, query: str) -> list[Any]:
    with sqlite3.connect(f"file:{home}/registry.sqlite3?mode=ro", uri=True, timeout=30) as base:
        return base.execute(query).fetchall()


def one(home: Path, query: str) -> int:
    return int(rows(home, query)[0][0])


def alert(home: Path, signers: list[str], environment: dict[str, str], dice: random.Random) -> int:
    """Sign the red warning by the command line, which is itself killed, until it stands; returns how often it died."""
    now = datetime.now(CITY_TZ) - timedelta(hours=3)
    days = [now.date() + timedelta(days=n) for n in range(1, 6)]
    forecast = ",".join(f"{day}={aqi}" for day, aqi in zip(days, (310, 330, 415, 460, 355), strict=True))
    died = 0
    for _ in range(40):
        for signer in signers:
            words = command(
                "warn", "start", "red", "--forecast", forecast, "--signer", signer, "--home", str(home)
            )
            process = subprocess.Popen(
                [*words, "--now", now.isoformat()],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            try:
                process.communicate(timeout=dice.uniform(1, 6) if died < 5 else 300)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                died += 1
            if one(home, "select count(*) from orders_decision"):
                return died
    raise AssertionError("the warning was never signed")


def settled(home: Path) -> bool:
    """Nothing waits any more: no clock to look at, no notice to merge, no message to send, no event to seal."""
    now = datetime.now().astimezone()
    stamp = (now - timedelta(seconds=2)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return not any(
        (
            one(home, f"select count(*) from tasks_task where next_step_at <= '{stamp}'"),
            one(
                home,
                f"select count(*) from notices_notice where state = 'queued' and (not_before is null or not_before <= '{stamp}')",
            ),
            one(home, "select count(*) from notices_message where state in ('queued', 'sending', 'unsure')"),
            one(home, "select count(*) from events_event where seq is null"),
        )
    )


def test_a_red_alert_survives_whatever_is_killed(tmp_path: Path, scale: float) -> None:
    dice = random.Random(7)
    robots = Robots()
    threading.Thread(target=robots.serve_forever, daemon=True).start()
    environment = own_environment(LANTIAN_NOTICE_HOSTS="127.0.0.1")
    plants, kills = max(SMALLEST, round(PLANTS * scale)), max(FEWEST, round(KILLS * scale))
    home = tmp_path / "home"
    made = subprocess.run(
        [sys.executable, "-m", "tests.long.town", str(home), str(plants), str(robots.server_port)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert made.returncode == 0, made.stderr[-3000:]
    town = json.loads(made.stdout)
    served = Served(home, environment)
    try:
        served.start()
        died = alert(home, town["signers"], environment, dice)
        for _ in range(kills):
            served.start()
            time.sleep(dice.uniform(0.5, 6))
            served.kill(dice.choice(("web", "worker", "courier")))
        served.start()
        ends = time.monotonic() + 300 + 1200 * scale
        while not settled(home) and time.monotonic() < ends:
            time.sleep(1)
        assert settled(home), "it never came to rest"
    finally:
        served.end()
        for name in ("worker", "courier"):  # whose web server was killed goes on by itself
            served.kill(name)
        robots.shutdown()
    print(
        f"\n{plants} plants; the command died {died} times, {dict(served.kills)} kills, {len(robots.got)} messages"
    )
    _whole(home)
    _said_once(home, robots.got)
    checked = lantian("audit", "verify", "--home", str(home), "--json", environment=environment)
    assert checked.returncode == 0, checked.stdout


def _whole(home: Path) -> None:
    """One decision; one order a listed plant; one task an order that asks for something; each rose once a step."""
    assert one(home, "select count(*) from orders_decision") == 1
    listed = one(
        home, "select count(distinct enterprise_id) from inventory_listedmeasure where level = 'red'"
    )
    orders = one(home, "select count(*) from orders_order")
    assert orders == one(home, "select count(distinct enterprise_id) from orders_order") == listed
    tasks = one(home, "select count(*) from tasks_task where kind = 'carry_out'")
    assert tasks == one(home, "select count(distinct order_id) from tasks_task where kind = 'carry_out'") > 0
    opened = one(home, "select count(*) from events_event where kind = 'task.opened'")
    assert opened == one(home, "select count(*) from tasks_task")
    rose = rows(
        home,
        "select subject_id, json_extract(params, '$.step'), json_extract(params, '$.due_at') from events_event "
        "where kind = 'task.escalated'",
    )
    assert len(rose) == len(set(rose)) > 0
    reminded = rows(home, "select subject_id, happened_at from events_event where kind = 'task.reminded'")
    assert len(reminded) == len(set(reminded))


def _said_once(home: Path, got: list[str]) -> None:
    """Every notice stands in one message; every message arrived; copies are only those the log calls unsure."""
    loose = one(home, "select count(*) from notices_notice where state = 'merged' and message_id is null")
    assert loose == 0
    messages = rows(home, "select number, state, unsure from notices_message")
    arrived = Counter(number for body in got for number, _, _ in messages if number in body)
    for number, state, unsure in messages:
        if state == "sent":
            assert 1 <= arrived[number] <= 1 + unsure, number
    assert not [number for number, state, _ in messages if state not in ("sent", "moved", "told")]
