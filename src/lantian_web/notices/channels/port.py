"""The one port behind which every channel lies: a letter becomes the channel's form, a form is sent, an answer comes.

A port knows nothing of the registry, of rules or of clocks: limits and instants are given to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from lantian_web.notices.rules import Limits

__all__ = [
    "Answer",
    "Form",
    "Letter",
    "Line",
    "MARKDOWN",
    "NOT_ALLOWED",
    "Outcome",
    "Port",
    "Robot",
    "TEXT",
    "called",
    "markdown",
    "plain",
]

TEXT, MARKDOWN = "text", "markdown"
NOT_ALLOWED = "not_allowed"
"""Code of an attempt that was not made: the settings do not let this address be spoken to."""
_MARKS = str.maketrans("[]()<>*`#_@|\\", "［］（）＜＞＊｀＃＿＠｜＼")  # noqa: RUF001
_BLANK = re.compile(r"\s+")


class Outcome(StrEnum):
    """What came of an attempt."""

    SENT = "sent"
    THROTTLED = "throttled"  # certainly not delivered: too many
    UNREACHED = "unreached"  # certainly not delivered: nobody there, or busy
    UNSURE = "unsure"  # may have been delivered: late, cut off, garbage, a server's error
    REFUSED = "refused"  # certainly not delivered, and will not be another time


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `url` leads to the item."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What has to be said, before it has a form. `number` stands in it, so that a second copy can be told."""

    number: str
    title: str
    lines: Sequence[Line]
    foot: Line | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A letter as one channel says it."""

    style: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Robot:
    """Where to, and with which secret. Has no printable form."""

    address: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. `pause_s`: how long it wants to be left alone."""

    outcome: Outcome
    status: int | None = None
    code: str = ""
    words: str = ""
    pause_s: float = 0.0


class Port(Protocol):
    """One kind of channel."""

    @property
    def kind(self) -> str:
        """Name of the folder, and of the rows of `robot_limits`."""

    @property
    def personal(self) -> bool:
        """Whether a message goes to single people: then one message holds notices of one person only."""

    @property
    def telephones(self) -> bool:
        """Whether people can be called by their mobile number."""

    def check(self, robot: Robot) -> None:
        """DataError when this cannot be the address of such a channel, or not one that may be spoken to."""

    def style(self, handles: Sequence[str]) -> str:
        """The style that these people can be called in."""

    def form(self, letter: Letter, style: str) -> Form:
        """The letter as it will be said."""

    def size(self, form: Form, handles: Sequence[str]) -> int:
        """Bytes of it that count against the channel's limit."""

    def send(
        self,
        robot: Robot,
        form: Form,
        number: str,
        handles: Sequence[str],
        at: datetime,
        limits: Limits,
    ) -> Answer:
        """One attempt. Never raises for anything that the other side does."""


def called(text: str) -> str:
    """Text that came from people or tables, on one line and without marks: it can call nobody and link nowhere."""
    return _BLANK.sub(" ", text).strip().translate(_MARKS).replace("://", "：//")  # noqa: RUF001


def _head(letter: Letter) -> str:
    return f"{called(letter.title)} {letter.number}".strip()


def plain(letter: Letter) -> str:
    """The letter as plain text; only its foot carries an address."""
    lines = [_head(letter), *(called(line.text) for line in letter.lines)]
    if letter.foot:
        lines.append(f"{called(letter.foot.text)} {letter.foot.url}".strip())
    return "\n".join(lines)


def _linked(line: Line) -> str:
    text = called(line.text)
    if not line.url:
        return text
    first, _, rest = text.partition(" ")
    return f"[{first}]({line.url}) {rest}".rstrip()


def markdown(letter: Letter) -> str:
    """The letter in the little markdown that chat groups show; the first word of a line leads to its item."""
    lines = [f"**{_head(letter)}**", *(f"- {_linked(line)}" for line in letter.lines)]
    if letter.foot:
        text = called(letter.foot.text)
        lines.append(f"[{text}]({letter.foot.url})" if letter.foot.url else text)
    return "\n".join(lines)
