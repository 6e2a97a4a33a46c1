"""Runs of known words with nothing between them, recognised in time that grows with the text alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Chain"]

LONGEST_WORD, LONGEST_RUN = 24, 40
"""No single word of a run is longer, and no run of words is a plain sign-for that is longer."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Runs of words: any heads, cores (at least one, or just one), any tails, perhaps a rest that goes to the end.

    Matched by the places that can be reached, not by trying every path: the time grows with the square of the length.
    """

    head: re.Pattern[str]
    core: re.Pattern[str]
    tail: re.Pattern[str]
    rest: re.Pattern[str] | None
    many: bool

    def fullmatch(self, text: str) -> bool:
        """Whether the whole text is such a run."""
        if len(text) > LONGEST_RUN or self.core.search(text) is None:
            return False
        cores = self._step(self.core, text, self._reach(self.head, text, {0}))
        if self.many:
            cores = self._reach(self.core, text, cores)
        ends = self._reach(self.tail, text, cores)
        rest = self.rest
        return len(text) in ends or (rest is not None and any(rest.fullmatch(text, place) for place in ends))

    @staticmethod
    def _step(word: re.Pattern[str], text: str, places: set[int]) -> set[int]:
        return {
            end
            for place in places
            for end in range(place + 1, min(place + LONGEST_WORD, len(text)) + 1)
            if word.fullmatch(text, place, end)
        }

    def _reach(self, word: re.Pattern[str], text: str, places: set[int]) -> set[int]:
        known, fresh = set(places), set(places)
        while fresh:
            fresh = self._step(word, text, fresh) - known
            known |= fresh
        return known
