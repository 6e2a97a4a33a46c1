"""The words of replies (table reply_words), compiled once per day and set of a city's own rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lantian.standards import Row, in_force

__all__ = ["Words", "words"]

GAP = r"[^,。;!?\n]{0,10}?"
"""What … in a word stands for: a few characters of the same clause."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Alternations by kind of word, longest first, and what is read instead of what."""

    kinds: dict[str, str]
    found: dict[str, re.Pattern[str]]
    single: dict[int, str]  # one character for another
    instead: tuple[tuple[str, str], ...]  # longer ones, longest first

    def has(self, kind: str, text: str) -> bool:
        """Whether a word of the kind stands somewhere in the text."""
        return self.found[kind].search(text) is not None

    def is_one(self, kind: str, text: str) -> bool:
        """Whether the whole text is a word of the kind."""
        return self.found[kind].fullmatch(text) is not None

    def without(self, kind: str, text: str) -> str:
        """The text with words of the kind taken out."""
        return self.found[kind].sub("", text)

    def any(self, *kinds: str) -> str:
        """One alternation of several kinds."""
        return "|".join(self.kinds[kind] for kind in kinds)


def _pattern(word: str) -> str:
    return GAP.join(re.escape(part) for part in word.split("…"))


def words(on: date, overlay: Sequence[Row] = ()) -> Words:
    """The words in force on the day; `overlay` holds a city's own rows."""
    return _words(on, tuple(overlay))


@lru_cache(maxsize=8)
def _words(on: date, overlay: tuple[Row, ...]) -> Words:
    by_kind: dict[str, list[str]] = defaultdict(list)
    instead: dict[str, str] = {}
    for row in in_force("reply_words", on, overlay=overlay):
        by_kind[row.text("kind")].append(row.text("word"))
        if row.text("means"):
            instead[row.text("word")] = row.text("means")
    kinds = {
        kind: "|".join(_pattern(word) for word in sorted(found, key=lambda word: (-len(word), word)))
        for kind, found in by_kind.items()
    }
    longer = sorted((pair for pair in instead.items() if len(pair[0]) > 1), key=lambda pair: -len(pair[0]))
    return Words(
        kinds,
        {kind: re.compile(pattern) for kind, pattern in kinds.items()},
        {ord(old): new for old, new in instead.items() if len(old) == 1},
        tuple(longer),
    )
