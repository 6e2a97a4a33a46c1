"""The courier is killed with -9 again and again while it sends: no number is lost, doubled only what the log says."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lantian_web.notices.robots import Posted, Robots, serving

HOME = Path(__file__).with_name("crash_home.py")
COUNTIES, KILLS = 10, 4


def wait(wanted: Callable[[], bool], seconds: float = 60) -> bool:
    ends = time.monotonic() + seconds
    while not wanted() and time.monotonic() < ends:
        time.sleep(0.005)
    return wanted()


@pytest.mark.slow
@pytest.mark.db
def test_killed_at_random_it_loses_no_number_and_doubles_none_in_silence(
    tmp_path: Path, fresh_database: Callable[[], dict[str, str]]
) -> None:
    dice = random.Random(4709)

    def slow(post: Posted) -> str | None:
        time.sleep(dice.uniform(0, 0.03))
        return "drop" if dice.random() < 0.02 else None

    with serving(Robots(behaviour=slow)) as robots:
        environment = fresh_database() | {"LANTIAN_HOME": str(tmp_path), "LANTIAN_NOTICE_HOSTS": "127.0.0.1"}

        def run(*words: object) -> str:
            command = [sys.executable, str(HOME), *map(str, words)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            return done.stdout

        run("fill", robots.port, COUNTIES)
        (tmp_path / "registry.sqlite3").touch()
        command = [sys.executable, "-m", "lantian_cli", "notices", "run", "--home", str(tmp_path)]
        for _ in range(KILLS):
            before = len(robots.got)
            process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
            try:
                assert wait(lambda n=before: len(robots.got) > n), "the courier sends nothing"  # type: ignore[misc]
                time.sleep(dice.uniform(0, 0.12))
            finally:
                process.kill()
                process.wait()

        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            told: dict[str, Any] = {}

            def done() -> bool:
                time.sleep(0.5)
                told.update(json.loads(run("tell")))
                return not told["queued"] and set(told["messages"].values()) == {"sent"}

            assert wait(done), told
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0

    arrived = Counter(post.number for post in robots.said)
    assert set(arrived) == set(told["messages"])  # none lost, none invented
    doubled = {number for number, times in arrived.items() if times > 1}
    assert doubled <= set(told["unsure"])
    assert all(arrived[number] <= 1 + told["counted"][number] for number in arrived)
    assert told["unsure"], "no kill met a message on its way: the test proves nothing"
    lines = "\n".join(text for _, text in {post.number: post.text for post in robots.said}.items())
    items = Counter(re.findall(r"N90\d\d-\d{3}", lines))
    assert len(items) == COUNTIES * 30
    assert set(items.values()) == {1}
