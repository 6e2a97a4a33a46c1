"""What is read instead of what in replies, numbers that are no order's, and words about an order (table reply_words)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lantian.standards import Row, in_force

__all__ = ["Words", "words"]

HOTLINE, ORDER = "hotline", "order"


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One way of writing for many."""

    single: dict[int, str]  # one character for another
    instead: tuple[tuple[str, str], ...]  # longer ones, longest first
    hotlines: frozenset[str]
    orders: frozenset[str]  # a question with one of them is about an order


def words(on: date, overlay: Sequence[Row] = ()) -> Words:
    """The words in force on the day; `overlay` holds a city's own rows."""
    return _words(on, tuple(overlay))


@lru_cache(maxsize=8)
def _words(on: date, overlay: tuple[Row, ...]) -> Words:
    rows = in_force("reply_words", on, overlay=overlay)
    instead = {row.text("word"): row.text("means") for row in rows if row.text("means")}
    longer = sorted((pair for pair in instead.items() if len(pair[0]) > 1), key=lambda pair: -len(pair[0]))
    return Words(
        {ord(old): new for old, new in instead.items() if len(old) == 1},
        tuple(longer),
        frozenset(row.text("word") for row in rows if row.text("kind") == HOTLINE),
        frozenset(row.text("word") for row in rows if row.text("kind") == ORDER),
    )
