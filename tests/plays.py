"""The demo as a newcomer runs it: real processes, real files, and a console that is really served."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

SMALL = ("--plants", "40", "--days", "3", "--seed", "7")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "lantian_cli", *arguments]


def lantian(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments), env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def done(*arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """The JSON of a command that ends well."""
    ended = lantian(*arguments, "--json", environment=environment)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


def demo(
    home: Path, environment: Mapping[str, str] | None = None, *extra: str, size: Sequence[str] = SMALL
) -> subprocess.Popen[str]:
    """Start a demo that ends by itself."""
    arguments = command("demo", *size, "--no-serve", "--json", "--home", str(home), *extra)
    return subprocess.Popen(
        arguments, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finished(process: subprocess.Popen[str], timeout: float = 700) -> dict[str, Any]:
    """What a demo reports at its end."""
    out, err = process.communicate(timeout=timeout)
    assert process.returncode == 0, err[-3000:]
    report: dict[str, Any] = json.loads(out)
    return report


def worker_of(home: Path) -> int | None:
    """Process id of the worker of a home, from its lock."""
    try:
        return int((home / "worker.lock").read_text().strip() or 0) or None
    except (FileNotFoundError, ValueError):
        return None


def alive(process_id: int) -> bool:
    """Does the process run (a zombie does not)?"""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Console:
    """A browser without pictures."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.cookies = CookieJar()
        self._open = build_opener(HTTPCookieProcessor(self.cookies)).open

    def get(self, path: str) -> tuple[int, bytes]:
        with self._open(self.address + path, timeout=30) as answer:
            return answer.status, answer.read()

    def log_in(self, name: str, password: str) -> bool:
        """Log in as a person does; false when the page stays."""
        page = self.get("/login/")[1].decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, "the form has its token"
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
        request = Request(self.address + "/login/", urlencode(fields).encode(), {"Referer": self.address})
        with self._open(request, timeout=30) as answer:
            return not answer.url.endswith("/login/")


@contextmanager
def served(home: Path, environment: Mapping[str, str] | None = None) -> Iterator[tuple[Console, int]]:
    """The console of a home on a free port, and the id of its process; ended with SIGTERM."""
    port = free_port()
    process = subprocess.Popen(
        command("serve", "--home", str(home), "--port", str(port)),
        env=environment,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    console = Console(port)
    try:
        for _ in range(300):
            if process.poll() is not None:
                break
            try:
                console.get("/login/")
                break
            except (URLError, ConnectionError):
                time.sleep(0.1)
        yield console, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def own_environment(**changes: str) -> dict[str, str]:
    """The environment without a database of others."""
    return {key: value for key, value in os.environ.items() if key != "LANTIAN_DATABASE_URL"} | changes
