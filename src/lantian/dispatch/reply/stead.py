"""In whose name a reply is given: "代王明收到", "替王科长签收", "受王明委托", "收到（李四代）", "代签"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["RECEIPT", "Stead", "before_receipt", "beside_receipt", "steads"]

RECEIPT = re.compile(r"收到|接到|签收|收悉|收讫|收着|收阅")
_BLANKS = re.compile(r"[^\S\n]+")
_CLAUSE = re.compile(r"[^,。;!?:、~…()\[\]\n]+")
_FOR = r"(?<![交时年现朝当世换取古近替])代(?!管(?!委)|[表码号价理办班岗言沟])|(?<![代接交])替(?![班岗换代补])"
_SIGNS = r"(?:收到|接到|签|收|回复|回|复|知悉|阅|确认|答|报|反馈|说|点|应(?!急)|接(?!电)|打字)"
_IN_STEAD = re.compile(
    rf"(?P<by>.*?)(?:{_FOR}|帮(?![扶助教]))[为替]?\s*(?:@\s*)?(?P<whom>.{{0,10}}?)\s*{_SIGNS}"
)
_BEHIND = re.compile(rf"[\s—-]*(?P<by>.{{0,8}}?)(?:{_FOR})(?![为替])\s*(?:@\s*)?(?P<whom>.{{0,6}})")
_ALONE = re.compile(r"(?P<by>)代(?P<whom>)")
_TRUSTED = re.compile(r"(?P<by>.{0,6}?)(?<!接)受(?P<whom>.{0,10}?)的?(?:委托|之托|嘱托)")
_TRUSTS = re.compile(r"(?P<by>)(?P<whom>.{2,8}?)委托[我俺咱]")
_PIECES = re.compile(r"(?:[,。;!?:~…()\[\]\s]|-{2,})+")


@dataclass(frozen=True, slots=True)
class Stead:
    """Who is said to sign, and for whom; empty where the words do not say."""

    by: str
    whom: str


def steads(name: str, body: str) -> tuple[Stead, ...]:
    """Who signs in whose place, wherever a reply says so. `name` is what stands before a colon at its head.

    It is said before a word that signs, at the head, or behind a receipt at the end.
    """
    return tuple(Stead(found["by"].strip(), found["whom"].strip()) for found in _told(f"{name}:{body}"))


def _told(text: str) -> Iterator[re.Match[str]]:
    clauses = [clause.strip() for clause in _CLAUSE.findall(_BLANKS.sub(" ", text)) if clause.strip()]
    received = False
    for nth, clause in enumerate(clauses):
        receipts = list(RECEIPT.finditer(clause))
        found = _IN_STEAD.match(clause) or _ALONE.fullmatch(clause)
        found = found or _TRUSTED.match(clause) or _TRUSTS.match(clause)
        if found is None and nth == 0 < len(clauses) - 1:
            found = _BEHIND.fullmatch(clause)
        elif found is None and nth == len(clauses) - 1 and (received or receipts):
            found = _BEHIND.fullmatch(clause, receipts[-1].end() if receipts else 0)
        if found is not None:
            yield found
        received = received or bool(receipts)


def before_receipt(body: str) -> str:
    """What stands before the words of receipt, each in its own clause: who received, if anybody is named."""
    told = []
    for clause in _CLAUSE.findall(body):
        found = list(RECEIPT.finditer(clause))
        if found:
            told.append(clause[: found[-1].start()])
    return " ".join(told).strip()


def beside_receipt(name: str, body: str) -> tuple[str, ...]:
    """What each clause, and each part of one that blanks set apart, holds besides words of receipt: a bare name, or the
    bare name of a place, tells who is said to have received."""
    parts = (RECEIPT.sub("", part).strip() for part in _PIECES.split(f"{name}:{body}"))
    return tuple(part for part in parts if part)
