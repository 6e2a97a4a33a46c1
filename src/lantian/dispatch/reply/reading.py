"""Reading a reply: its numbers, its shape, and the label that its signs weigh most for. A doubt is never a sign-for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lantian.dispatch.reply.numbers import MARK, numbers_in
from lantian.dispatch.reply.shape import Form, Shape, plain, shape_of
from lantian.dispatch.reply.signs import NUMBER, signs
from lantian.dispatch.reply.weighing import weights
from lantian.dispatch.reply.words import Words

__all__ = ["Label", "Reading", "read", "shaped"]

LONGEST = 2000  # characters that are read; what is longer is no reply

_NOT = (
    r"(?:没有?|未|莫|冇|冒|木有?|唔|尚未|并未|从未|无|冇有)(?:有|能|曾|再|完全|都|全|人|见|我们?|经|接|看)?"
)
_RECEIPT = re.compile(r"收到|接到|签收|收悉|收讫|收着|收阅")
_DENIED = re.compile(rf"{_NOT}(?:{_RECEIPT.pattern})|收不到")
_ASKED = re.compile(
    rf"(?:{_RECEIPT.pattern})[^,。;!\n]{{0,6}}(?:吗|么|没有?|否|冇|伐|\?)\s*[。!~]*\Z|\?\s*\Z"
)
_UNSURE = re.compile(
    rf"(?:可能|好像|大概|也许|似乎|应该|估计|兴许|恐怕|貌似)[^,。;!\n]{{0,8}}(?:{_RECEIPT.pattern})"
)
_ROBOT = re.compile(r"自动(?:回复|应答|答复)|auto[- ]?reply|out of office")
_WANTED = re.compile(rf"(?:请|麻烦|务必|抓紧|尽快)[^,。;!\n]{{0,12}}(?:{_RECEIPT.pattern})")


class Label(StrEnum):
    """What a reply is."""

    RECEIVED = "received"
    DONE = "done"
    QUESTION = "question"
    REFUSED = "refused"
    DELAYED = "delayed"
    OTHER = "other"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reading:
    """A label, the order numbers as written, and why: what stands in the way of a sign-for, or the piece of text that
    speaks most for the label.

    `said` is the reply without what it quotes, with a mark in the place of each number; `own` are the numbers in it.
    """

    label: Label
    numbers: tuple[str, ...]
    why: str
    said: str
    quote: str = ""
    own: tuple[str, ...] = ()


def shaped(text: str, words: Words) -> tuple[Shape, tuple[str, ...], tuple[str, ...]]:
    """A message taken apart, with marks for its numbers; all of them, and those that it does not only quote."""
    numbered = numbers_in(text[:LONGEST], words)
    whole = re.sub(rf"(?<={MARK})\s*[~-]\s*(?={MARK})", "至", plain(numbered.marked, words)).replace(
        MARK, NUMBER
    )
    shape = shape_of(whole)
    own = numbered.placed[shape.quote.count(NUMBER) :]
    return shape, numbered.numbers, tuple(dict.fromkeys(own))


def read(text: str, words: Words, *, replies_to_order: bool = False) -> Reading:
    """Read one message. `replies_to_order` tells that the chat marked it as an answer to a task's notice."""
    shape, numbers, own = shaped(text, words)
    label, why = _label(shape, replies_to_order) if len(text) <= LONGEST else (Label.UNCLEAR, "long")
    return Reading(label, numbers, why, shape.body, shape.quote, own)


def _label(shape: Shape, quoted: bool) -> tuple[Label, str]:
    found = weights().weigh(signs(shape, quoted=quoted))
    label = Label(found.label)
    if label is not Label.RECEIVED:
        return label, found.piece
    doubt = _doubt(shape)
    if doubt:
        return Label.UNCLEAR, doubt
    return (label, found.piece) if found.lead >= weights().sure else (Label.UNCLEAR, "close")


def _doubt(shape: Shape) -> str:
    """What a sign-for must not have in it, however it weighs; empty where nothing stands in the way."""
    if shape.form is Form.LOG:
        return "others talk"
    if shape.to_all:
        return "to all"
    if _ASKED.search(shape.body):
        return "asks"
    if _WANTED.search(shape.body):
        return "wants it"
    if _UNSURE.search(shape.body):
        return "unsure"
    if _ROBOT.search(shape.body) or _ROBOT.search(shape.name):
        return "automatic"
    last = max((found.end() for found in _RECEIPT.finditer(shape.body)), default=0)
    return "denied" if any(found.end() == last for found in _DENIED.finditer(shape.body)) else ""
