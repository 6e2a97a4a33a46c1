"""Custom robots of DingTalk (钉钉), signed where the robot has a secret.

Who is called must also stand in the text, as "@" and the number; the group shows the name instead.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, quote_plus, urlsplit

from lantian.errors import DataError
from lantian.periods import to_ms
from lantian_web.notices.channels.port import MARKDOWN, Answer, Form, Letter, Robot, markdown
from lantian_web.notices.channels.web import check_url, post_json
from lantian_web.notices.rules import Limits

__all__ = ["PORT", "signed"]

HOSTS = ("oapi.dingtalk.com",)
MOBILE = re.compile(r"1\d{10}")
EVERYBODY = ("all", "@all")


def signed(address: str, secret: str, at_ms: int) -> str:
    """The address with the instant and its HMAC-SHA256 under the robot's secret."""
    text = f"{at_ms}\n{secret}".encode()
    digest = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    return f"{address}&timestamp={at_ms}&sign={quote_plus(base64.b64encode(digest))}"


def _payload(form: Form, handles: Sequence[str]) -> dict[str, object]:
    mobiles = [handle for handle in handles if MOBILE.fullmatch(handle)]
    users = [handle for handle in handles if not MOBILE.fullmatch(handle) and handle.lower() not in EVERYBODY]
    names = " ".join(f"@{handle}" for handle in (*mobiles, *users))
    # Its markdown joins single lines into one paragraph.
    text = form.text.replace("\n", "\n\n") + (f"\n\n{names}" if names else "")
    return {
        "msgtype": MARKDOWN,
        MARKDOWN: {"title": form.title, "text": text},
        "at": {"atMobiles": mobiles, "atUserIds": users, "isAtAll": False},
    }


@dataclass(frozen=True, slots=True)
class DingTalk:
    """The port."""

    kind: str = "dingtalk"
    personal: bool = False
    telephones: bool = True

    def check(self, robot: Robot) -> None:
        """DataError unless it is an allowed address with a token."""
        check_url(robot.address, HOSTS)
        if not parse_qs(urlsplit(robot.address).query).get("access_token"):
            raise DataError("the address of a DingTalk robot ends in ?access_token=…", field="address")

    def style(self, handles: Sequence[str]) -> str:
        """Always markdown."""
        return MARKDOWN

    def form(self, letter: Letter, style: str) -> Form:
        """The letter."""
        return Form(style, letter.title, markdown(letter))

    def size(self, form: Form, handles: Sequence[str]) -> int:
        """Bytes of the whole body."""
        return len(json.dumps(_payload(form, handles), ensure_ascii=False).encode())

    def send(
        self, robot: Robot, form: Form, number: str, handles: Sequence[str], at: datetime, limits: Limits
    ) -> Answer:
        """One attempt, signed for the instant `at`."""
        url = signed(robot.address, robot.secret, to_ms(at)) if robot.secret else robot.address
        return post_json(robot, url, _payload(form, handles), limits)


PORT = DingTalk()
