"""The signs that a message is weighed by: short pieces of its text, and its shape."""

from __future__ import annotations

import re

from lantian.dispatch.reply.shape import Shape

__all__ = ["NUMBER", "signs"]

NUMBER = "№"
"""Stands for a number of an order once numbers have been read."""

LONGEST_PIECE = 3
SHORT = 8
"""What means something only as an answer is short: its pieces are told apart by whether the order is quoted."""

_PART = re.compile(r"(?:[,。;!\n~]|\.{2,}|\s+|(?<=\?))+")


def signs(shape: Shape, *, quoted: bool) -> list[str]:
    """All signs of a message, each once, in a fixed order.

    A piece is one to three characters, `^` and `$` the ends of the message; every other sign begins with `#`. `quoted`
    tells that the chat marked the message as an answer to an order.
    """
    body = re.sub(r"\d+", "0", re.sub(r"\s+", " ", shape.body))
    parts = sum(1 for part in _PART.split(body) if part.strip())
    answer = f"#{'to' if quoted else 'no'}:"
    found = dict.fromkeys(_pieces(body))
    found |= dict.fromkeys(f"#name:{piece}" for piece in (_pieces(shape.name) if shape.name else ()))
    if len(body) <= SHORT:
        found |= dict.fromkeys(answer + piece for piece in _pieces(body))
    flags = {
        answer: True,
        f"#form:{shape.form.value}": True,
        "#quotes": bool(shape.quote),
        "#named": bool(shape.name),
        "#to all": shape.to_all,
        "#icons": shape.icons,
        "#mentions": shape.mentions,
        "#cites": shape.cited,
        f"#numbers:{min(body.count(NUMBER), 3)}": True,
        f"#parts:{min(parts, 4)}": True,
        f"#length:{min(len(body) // 4, 10)}": True,
    }
    return [*found, *(flag for flag, there in flags.items() if there)]


def _pieces(text: str) -> list[str]:
    whole = f"^{text}$"
    return [
        whole[start : start + size]
        for size in range(1, LONGEST_PIECE + 1)
        for start in range(len(whole) - size + 1)
    ]
