"""The outer shape of a chat message: quotation, pasted prefix, mentions, stickers, sign-up chains, forwarded logs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from lantian.dispatch.reply.words import Words

__all__ = ["Form", "Shape", "plain", "shape_of"]

_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202f\u2060\ufe0e\ufe0f\ufeff\u00ad]")
_SPLIT_WORD = re.compile(r"收(?:[\s·.…_~-]{1,3}|[、,。](?=到(?:了|啦|哈)?[\s。!~]*$))(到|悉)")
_TONES = re.compile(r"[\u0300\u0301\u0304\u0308\u030c]")
_ICON = re.compile(r"\[(?!自动)[^\[\]\n]{1,8}\]|[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")
_RULE = r"[-—–_=－─]{3,}|(?:[-—–]\s){3,}[-—–]?"
_QUOTE = re.compile(
    rf"\A\s*[「『“\"](?P<quote>.*?[::].*?)[」』”\"]\s*(?:\n\s*(?:{_RULE})\s*(?:\n|\Z)|\n|\s*(?:{_RULE})\s*)(?P<body>.*)\Z",
    re.DOTALL,
)
_RULED = re.compile(rf"\A(?P<quote>[^\n]*[::][^\n]*)\n\s*(?:{_RULE})\s*\n(?P<body>.+)\Z", re.DOTALL)
_INLINE = re.compile(r"\A\s*[「『](?P<quote>[^」』\n]*[::][^」』]*)[」』]\s*(?P<body>.+)\Z", re.DOTALL)
_CITED = re.compile(r"\A\s*(?:>|引用\s*[::]?)\s*(?P<quote>[^\n]+)\n+(?P<body>.+)\Z", re.DOTALL)
_MENTION = re.compile(r"@\s?(?P<who>[^\s,。:;!?@]+?)(?=[\s,。:;!?@]|收|代收|\Z)")
_ALL = re.compile(r"@\s?(?:所有人|全体成员|全体|all|大家)")
_PREFIX = re.compile(r"\A(?P<name>[^\s,。;!?:\n]{1,16}):\s*")
_LOG_LINE = re.compile(r"(?:\A|[\n。;!,\s])[^\s,。;!?:\n\d][^\s,。;!?:\n]{0,9}:(?=\s*\S)")
_FORWARD = re.compile(
    r"\A\s*(?:转发[^:,。]{0,6}|转[^:,。]{0,2}|fwd|fw|转群|聊天记录)\s*:|转(?:发)?自|\[聊天记录\]|的聊天记录"
)
_MEANT = re.compile(r"[“\"「『'‘【](?:收到|1|签收|已阅)[”\"」』'’】]")


class Form(Enum):
    """What the message is before it is read word by word."""

    PLAIN = "plain"
    LOG = "log"  # forwarded or pasted talk of others
    CHAIN = "chain"  # a sign-up chain (接龙)


@dataclass(frozen=True, slots=True)
class Shape:
    """A message taken apart. `cited` tells that the word itself stands in quotation marks."""

    form: Form
    body: str
    quote: str = ""
    name: str = ""
    to_all: bool = False
    icons: bool = False
    mentions: bool = False
    cited: bool = False


def plain(text: str, words: Words) -> str:
    """One way of writing: narrow letters, small letters, simplified script, one spelling of the word of receipt."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))).lower()
    if not text.isascii() and re.search(r"[à-ǜ]", text):
        text = unicodedata.normalize("NFKC", _TONES.sub("", unicodedata.normalize("NFD", text)))
    text = text.translate(words.single)
    for old, new in words.instead:
        text = text.replace(old, new)
    return _SPLIT_WORD.sub(r"收\1", text).strip()


def _parted(text: str) -> tuple[str, str]:
    for pattern in (_QUOTE, _RULED, _INLINE, _CITED):
        found = pattern.match(text)
        if found:
            return found["quote"].strip(), found["body"].strip()
    return "", text


def shape_of(text: str) -> Shape:
    """Take a message apart that `plain` has gone over."""
    quote, body = _parted(text)
    if (
        re.fullmatch(r"[「『][^」』]*[::][^」』]*[」』]", body)
        or _FORWARD.search(body)
        or (not body.startswith("#") and len(_LOG_LINE.findall(body)) > 1 and body.count("收到") > 1)
    ):
        return Shape(Form.LOG, body, quote)
    if "接龙" in body.split("\n", 1)[0] and body.startswith("#"):
        return Shape(Form.CHAIN, body, quote)
    to_all = _ALL.search(body) is not None
    cited = _MEANT.search(body) is not None
    mentions = _MENTION.search(body) is not None
    body = _MENTION.sub(" @ ", body).strip()
    icons = _ICON.search(body) is not None
    body = re.sub(r"\A[【\[](.{1,8})[】\]]", r"\1:", body)
    found = _PREFIX.match(body)
    name = found["name"] if found and not found["name"].isdigit() else ""
    return Shape(
        Form.PLAIN,
        body[found.end() :] if found and name else body,
        quote,
        name,
        to_all,
        icons,
        mentions,
        cited,
    )
