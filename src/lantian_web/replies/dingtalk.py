"""Messages of DingTalk's outgoing robot: signed by a header, JSON in the body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta

from lantian.errors import DataError, RightsError
from lantian.periods import from_ms, to_ms
from lantian_web.replies.looking import Said

__all__ = ["ANSWER", "check", "said_in"]

ANSWER: dict[str, str] = {"msgtype": "empty"}
"""What the robot expects when nothing is to be said."""


def signature(timestamp: str, secret: str) -> str:
    """Base64 of HMAC-SHA256 over timestamp, a line break and the secret."""
    told = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()


def check(timestamp: str, sign: str, secret: str, wall: datetime, age: timedelta) -> None:
    """RightsError for a request that is not the robot's, or an old one."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 16:
        raise RightsError("no timestamp")
    if abs(int(timestamp) - to_ms(wall)) > age / timedelta(milliseconds=1):
        raise RightsError("old")
    if not hmac.compare_digest(signature(timestamp, secret).encode(), sign.encode()):
        raise RightsError("forged")


def said_in(body: bytes) -> Said | None:
    """The message of a request; None when it is no text. DataError when it is no message of the robot."""
    try:
        told = json.loads(body)
        if not isinstance(told, dict):
            raise TypeError
        if told.get("msgtype", "text") != "text":
            return None
        text = told["text"]["content"]
        sent = from_ms(int(told["createAt"]))
        sender, handle = told.get("senderNick") or "", told.get("senderStaffId") or ""
        group = told.get("conversationTitle") or told.get("conversationId") or ""
        if not all(isinstance(each, str) for each in (text, sender, handle, group)):
            raise TypeError
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, OSError):
        raise DataError("not a message of the robot") from None
    return Said(sender or handle, text.strip(), sent, kind="dingtalk", handle=handle, group=group)
