"""Speaking HTTP with a robot: only with hosts that are allowed, once, without following it elsewhere."""

from __future__ import annotations

import errno
import http.client
import json
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from lantian.errors import DataError
from lantian_web.notices.channels.port import Answer, Outcome, Robot
from lantian_web.notices.rules import Limits

__all__ = ["check_host", "check_url", "hidden", "post_json"]

MOST = 4096  # bytes of an answer that are read
WORDS = 180
NEVER_LEFT = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})
TOO_MANY = 429
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def check_host(host: str, port: int | None) -> bool:
    """Whether the operator allows this host by name (LANTIAN_NOTICE_HOSTS)."""
    return host in settings.NOTICE_HOSTS or f"{host}:{port}" in settings.NOTICE_HOSTS


def check_url(url: str, hosts: Sequence[str]) -> None:
    """DataError unless it is https at one of the platform's hosts, or http(s) at one that the operator allows."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    whole = url.isascii() and url.isprintable() and " " not in url
    if not whole or parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise DataError("it is no http(s) address", field="address")
    if check_host(host, port or (443 if parts.scheme == "https" else 80)):
        return
    if host not in hosts or parts.scheme != "https" or port not in (None, 443):
        raise DataError(
            f"{host} is none of the hosts that may be spoken to (LANTIAN_NOTICE_HOSTS)", field="address"
        )


class _NowhereElse(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NowhereElse)


def hidden(words: str, robot: Robot) -> str:
    """The words without anything of the robot's address or secret, on one line."""
    parts = urlsplit(robot.address)
    values = [each for _, each in parse_qsl(parts.query) if len(each) >= 6]
    values += re.findall(r"[^=&?/]{6,}", parts.query) + ([parts.password] if parts.password else [])
    for secret in sorted({robot.secret, robot.address, parts.query, *values} - {""}, key=len, reverse=True):
        words = words.replace(secret, "***")
    return _CONTROL.sub(" ", words)[:WORDS]


def _read(response: http.client.HTTPResponse, ends: float) -> str:
    """The answer's beginning. TimeoutError when it trickles in for too long."""
    body = b""
    while len(body) < MOST:
        if time.monotonic() > ends:
            raise TimeoutError("the answer did not end")
        piece = response.read1(MOST - len(body))
        if not piece:
            break
        body += piece
    return body.decode(errors="replace")


def post_json(robot: Robot, url: str, payload: object, limits: Limits) -> Answer:
    """Post once and read the answer as chat platforms give it: {"errcode": 0} and no other is "sent"."""
    data = json.dumps(payload, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "lantian"}
    request = urllib.request.Request(url, data=data, headers=headers, method="POST")  # noqa: S310 - checked
    ends = time.monotonic() + limits.timeout
    try:
        with _opener.open(request, timeout=limits.timeout) as response:
            return _judged(response.status, _read(response, ends), robot, limits)
    except urllib.error.HTTPError as error:
        with error:
            return _http_error(error, robot, limits)
    except urllib.error.URLError as error:
        return _not_there(error.reason, robot)
    except (OSError, http.client.HTTPException) as error:
        return Answer(Outcome.UNSURE, code=type(error).__name__, words=hidden(str(error), robot))


def _not_there(reason: object, robot: Robot) -> Answer:
    never = isinstance(reason, NEVER_LEFT) or getattr(reason, "errno", None) in NO_WAY
    outcome = Outcome.UNREACHED if never else Outcome.UNSURE
    return Answer(outcome, code=type(reason).__name__, words=hidden(str(reason), robot))


def _http_error(error: urllib.error.HTTPError, robot: Robot, limits: Limits) -> Answer:
    words = hidden(str(error.reason), robot)
    if error.code == TOO_MANY:
        pause = limits.throttled[f"http_{TOO_MANY}"]
        return Answer(Outcome.THROTTLED, error.code, f"http_{error.code}", words, pause)
    late = error.code >= 500 or error.code == 408
    return Answer(Outcome.UNSURE if late else Outcome.REFUSED, error.code, f"http_{error.code}", words)


def _judged(status: int, body: str, robot: Robot, limits: Limits) -> Answer:
    """An answer of 200: its own code decides; one that cannot be read decides nothing."""
    try:
        said = json.loads(body)
        code, words = str(said["errcode"]), hidden(str(said.get("errmsg", "")), robot)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Answer(Outcome.UNSURE, status, "unreadable", hidden(body, robot))
    if code == "0":
        return Answer(Outcome.SENT, status, code, words)
    if code in limits.throttled:
        return Answer(Outcome.THROTTLED, status, code, words, limits.throttled[code])
    if code in limits.busy:
        return Answer(Outcome.UNREACHED, status, code, words, limits.busy[code])
    return Answer(Outcome.REFUSED, status, code, words)
