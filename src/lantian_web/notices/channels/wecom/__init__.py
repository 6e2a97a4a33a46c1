"""Group robots of WeCom (企业微信).

The key in the address is the whole secret. Markdown can call people by user id only; a plain text also by mobile
number, so where somebody is known by number alone the message is a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from lantian.errors import DataError
from lantian_web.notices.channels.port import (
    MARKDOWN,
    TEXT,
    Answer,
    Form,
    Letter,
    Robot,
    markdown,
    plain,
)
from lantian_web.notices.channels.web import check_url, post_json
from lantian_web.notices.rules import Limits

__all__ = ["PORT"]

HOSTS = ("qyapi.weixin.qq.com",)
MOBILE = re.compile(r"1\d{10}")
USER = re.compile(r"(?!all$)\w[\w.@-]{0,63}")  # "@all" would call everybody


def _ids(handles: Sequence[str]) -> list[str]:
    return [handle for handle in handles if not MOBILE.fullmatch(handle) and USER.fullmatch(handle)]


def _said(form: Form, handles: Sequence[str]) -> str:
    if form.style == MARKDOWN and _ids(handles):
        return form.text + "\n" + "".join(f"<@{handle}>" for handle in _ids(handles))
    return form.text


@dataclass(frozen=True, slots=True)
class WeCom:
    """The port."""

    kind: str = "wecom"
    personal: bool = False
    telephones: bool = True

    def check(self, robot: Robot) -> None:
        """DataError unless it is an allowed address with a key."""
        check_url(robot.address, HOSTS)
        if not parse_qs(urlsplit(robot.address).query).get("key"):
            raise DataError("the address of a WeCom robot ends in ?key=…", field="address")

    def style(self, handles: Sequence[str]) -> str:
        """A text as soon as one of them is known by number."""
        return TEXT if any(MOBILE.fullmatch(handle) for handle in handles) else MARKDOWN

    def form(self, letter: Letter, style: str) -> Form:
        """The letter."""
        return Form(style, letter.title, plain(letter) if style == TEXT else markdown(letter))

    def size(self, form: Form, handles: Sequence[str]) -> int:
        """Bytes of the content."""
        return len(_said(form, handles).encode())

    def send(
        self, robot: Robot, form: Form, number: str, handles: Sequence[str], at: datetime, limits: Limits
    ) -> Answer:
        """One attempt."""
        content: dict[str, object] = {"content": _said(form, handles)}
        if form.style == TEXT:
            content["mentioned_list"] = _ids(handles)
            content["mentioned_mobile_list"] = [handle for handle in handles if MOBILE.fullmatch(handle)]
        return post_json(robot, robot.address, {"msgtype": form.style, form.style: content}, limits)


PORT = WeCom()
