"""Chat robots and a mail server on 127.0.0.1 that behave as the real ones do on a bad day, and a clock for couriers."""

from __future__ import annotations

import json
import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lantian_web.notices.courier import Courier
from lantian_web.notices.pace import Tick

NUMBER = re.compile(r"M\d{8}-\d{4,}")
OK = (200, '{"errcode":0,"errmsg":"ok"}')
Reply = tuple[int, str]
Behaviour = Callable[["Posted"], Reply | str | None]
"""What a robot does with a post: a status and body, "drop", "late", or None for OK."""


@dataclass
class FakeClock:
    """A clock that stands until it is moved; the wall may be set as anybody likes."""

    start: datetime
    s: float = 100_000.0
    epoch: str = "boot"
    shift: timedelta = timedelta(0)

    def tick(self) -> Tick:
        return Tick(self.epoch, self.s)

    def wall(self) -> datetime:
        return self.start + timedelta(seconds=self.s - 100_000.0) + self.shift

    def move(self, seconds: float) -> None:
        self.s += seconds


@dataclass(frozen=True)
class Posted:
    """One post that a robot got."""

    path: str
    payload: dict[str, Any]
    at: float

    @property
    def text(self) -> str:
        style = self.payload["msgtype"]
        body = self.payload[style]
        return str(body.get("content") or body.get("text"))

    @property
    def number(self) -> str:
        found = NUMBER.search(self.text)
        assert found, self.text
        return found[0]

    @property
    def key(self) -> str:
        return self.path.rpartition("=")[2] if "timestamp" not in self.path else self.path


@dataclass
class Robots:
    """A chat platform. `said` are the posts that reached the group, `got` all that came in."""

    clock: FakeClock | None = None
    behaviour: Behaviour = lambda post: None
    got: list[Posted] = field(default_factory=list)
    said: list[Posted] = field(default_factory=list)
    port: int = 0

    def wecom(self, key: str) -> str:
        return f"http://127.0.0.1:{self.port}/cgi-bin/webhook/send?key={key}"

    def dingtalk(self, token: str) -> str:
        return f"http://127.0.0.1:{self.port}/robot/send?access_token={token}"

    def throttled(self, code: int, most: int = 20, window: float = 60.0, hold: float = 0.0) -> Behaviour:
        """As the platforms do: more than so many in any window are refused with this code."""
        until: dict[str, float] = {}

        def behave(post: Posted) -> Reply | None:
            same = [p for p in self.said if p.path == post.path and post.at - p.at < window]
            if len(same) >= most or post.at < until.get(post.path, 0):
                until[post.path] = max(until.get(post.path, 0), post.at + hold)
                return 200, json.dumps({"errcode": code, "errmsg": "too fast"})
            return None

        return behave


def _handler(robots: Robots) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            at = robots.clock.s if robots.clock else time.monotonic()
            post = Posted(self.path, json.loads(body), at)
            robots.got.append(post)
            reply = robots.behaviour(post)
            if reply == "drop":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if reply in ("late", "said_and_dropped"):
                robots.said.append(post)
                if reply == "late":
                    time.sleep(0.6)
                else:
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, text = reply or OK  # type: ignore[misc]
            if (status, text) == OK:
                robots.said.append(post)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{robots.port}/elsewhere")
            self.end_headers()
            self.wfile.write(text.encode())

        def do_GET(self) -> None:
            robots.got.append(Posted(self.path, {"msgtype": "text", "text": {"content": "GET"}}, 0))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(OK[1].encode())

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def serving(robots: Robots) -> Iterator[Robots]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(robots))
    server.daemon_threads = True
    robots.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield robots
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Post:
    """A mail server: what it took, and what it answers to RCPT and at the end of DATA."""

    taken: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    rcpt: str = "250 fine"
    data: str = "250 taken"  # "drop" ends the connection once the text is in
    port: int = 0


def _smtp(post: Post) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 here")
            sender, to = "", []
            while line := self.rfile.readline():
                word = line.decode().strip()
                upper = word.upper()
                if upper.startswith("MAIL"):
                    sender = word
                    self.say("250 fine")
                elif upper.startswith("RCPT"):
                    to.append(word.partition(":")[2])
                    self.say(post.rcpt)
                elif upper == "DATA":
                    self.say("354 go on")
                    text = b""
                    while (row := self.rfile.readline()) not in (b".\r\n", b""):
                        text += row
                    post.taken.append((sender, tuple(to), text))
                    if post.data == "drop":
                        return
                    self.say(post.data)
                elif upper == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 fine")

    return Handler


@contextmanager
def mailing(post: Post) -> Iterator[Post]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _smtp(post))
    server.daemon_threads = True
    post.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield post
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def drive(
    courier: Courier, clock: FakeClock, now: datetime, seconds: float, *, beat: float = 1.0
) -> datetime:
    """Let the courier work for so long of its clock, in beats; returns the play clock after it."""
    end = clock.s + seconds
    while clock.s < end:
        while courier.step(now):
            courier.land(now)
        courier.land(now)
        clock.move(beat)
        now += timedelta(seconds=beat)
    return now
