"""Take the picture of the README: `python -m tools.picture docs/console.png`.

Plays a small rehearsal city in a temporary home, serves its console on a free port, logs in as the city's
analyst with a fresh password and photographs the duty desk.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tools.chromium import launch

LANTIAN = Path(sys.executable).with_name("lantian")
PATIENCE_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def console(home: str, port: int) -> Iterator[str]:
    """A served console; its address."""
    address = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen(
        [LANTIAN, "serve", "--home", home, "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(PATIENCE_S * 5):
            try:
                with urlopen(address):
                    break
            except URLError:
                time.sleep(0.2)
        else:
            raise SystemExit(f"the console did not answer within {PATIENCE_S} s")
        yield address
    finally:
        server.terminate()
        server.wait()


def take(target: Path, home: str) -> None:
    """Play, serve, log in, photograph."""
    play = ["demo", "--plants", "600", "--days", "8", "--no-serve", "--json", "--home", home]
    subprocess.run([LANTIAN, *play], check=True, stdout=subprocess.DEVNULL)
    reset = ["user", "reset", "analyst", "--home", home, "--json"]
    password = json.loads(subprocess.run([LANTIAN, *reset], check=True, stdout=subprocess.PIPE).stdout)[
        "password"
    ]
    with console(home, free_port()) as address, launch() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.goto(address)
        page.fill("input[name=username]", "analyst")
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=target)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        take(Path(sys.argv[1]), folder)
