"""Two hundred people at the console for ten minutes, each thinking ten seconds between two pages.

No request fails, the 95th percentile of what people waited stays under half a second, and the server's memory is flat
once everything is loaded. At a small scale few people come for a short while: that this still runs.
"""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.plays import own_environment, served

pytestmark = pytest.mark.long

PEOPLE, THINK_S, MINUTES, PLANTS = 200, 10.0, 10.0, 4709
SMALLEST = 80
P95_S, FULL = 0.5, 0.5
PAGES = {
    "analyst": ("/", "/", "/tasks/", "/orders/", "/map/", "/supervise/", "/notices/"),
    "dispatcher": ("/county/", "/county/", "/tasks/", "/"),
    "manager": ("/", "/tasks/", "/orders/"),
}


@dataclass(slots=True)
class Crowd:
    """What all people together saw."""

    waited: list[tuple[str, float]] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ends: float = 0.0

    def tell(self, page: str, seconds: float, status: int | str) -> None:
        with self.lock:
            self.waited.append((page, seconds))
            if status != 200:
                self.failed[f"{page}: {status}"] += 1


def person(crowd: Crowd, port: int, duty: str, session: str, dice: random.Random) -> None:
    """One person: a page, a thought, a page. Redirects are followed as a browser does."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    time.sleep(dice.uniform(0, THINK_S))
    while time.monotonic() < crowd.ends:
        page = dice.choice(PAGES[duty])
        start = time.monotonic()
        status: int | str
        try:
            status, where = _get(line, page, session)
            if status == 302 and where:
                status, _ = _get(line, where, session)
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
            line.close()
        crowd.tell(page, time.monotonic() - start, status)
        time.sleep(dice.uniform(0.5, 1.5) * THINK_S)


def _get(line: http.client.HTTPConnection, page: str, session: str) -> tuple[int, str]:
    line.request("GET", page, headers={"Cookie": f"sessionid={session}"})
    answer = line.getresponse()
    answer.read()
    return answer.status, answer.headers.get("Location", "")


def memory(pid: int) -> int:
    """Resident bytes of the server with all it started."""
    whole = psutil.Process(pid)
    return sum(one.memory_info().rss for one in [whole, *whole.children(recursive=True)])


def test_two_hundred_people_for_ten_minutes(tmp_path: Path, scale: float) -> None:
    people, minutes = max(8, round(PEOPLE * scale)), max(0.3, MINUTES * scale)
    home, environment = tmp_path / "home", own_environment()
    made = subprocess.run(
        [sys.executable, "-m", "tests.long.town", str(home), str(max(SMALLEST, round(PLANTS * scale))), "9"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert made.returncode == 0, made.stderr[-3000:]
    sessions: list[Any] = json.loads(made.stdout)["sessions"]
    crowd, dice = Crowd(), random.Random(7)
    with served(home, environment) as (console, pid):
        port = int(console.address.rsplit(":", 1)[1])
        for duty, session in sessions[:8]:  # whoever comes first waits for what is loaded once
            for page in PAGES[duty]:
                _get(http.client.HTTPConnection("127.0.0.1", port, timeout=120), page, session)
        crowd.ends = time.monotonic() + 60 * minutes
        crowd_of = [
            threading.Thread(
                target=person,
                args=(crowd, port, *sessions[n % len(sessions)], random.Random(dice.random())),
                daemon=True,
            )
            for n in range(people)
        ]
        for each in crowd_of:
            each.start()
        seen = []
        while time.monotonic() < crowd.ends:
            time.sleep(max(0.5, 60 * minutes / 40))
            seen.append(memory(pid))
        for each in crowd_of:
            each.join(timeout=60)
    times = sorted(seconds for _, seconds in crowd.waited)
    p95 = times[int(0.95 * len(times))]
    grown = seen[-1] / seen[len(seen) // 4]
    print(
        f"\n{people} people, {minutes:.1f} min, {len(times)} pages: p50 {times[len(times) // 2]:.3f} s, "
        f"p95 {p95:.3f} s, worst {times[-1]:.2f} s; memory {seen[-1] / 1e6:.0f} MB, x {grown:.3f} since the first quarter"
    )
    assert not crowd.failed
    if scale >= FULL:
        assert p95 < P95_S
        assert grown < 1.05
