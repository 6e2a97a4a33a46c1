"""Was an order complied with over its days? Three-valued, and never guilty for want of data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lantian.records import Outcome

__all__ = ["Tally", "outcome_of", "tally"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Judged days by answer."""

    complied: int = 0
    not_complied: int = 0
    cannot_tell: int = 0

    @property
    def days(self) -> int:
        """How many days were judged."""
        return self.complied + self.not_complied + self.cannot_tell

    @property
    def outcome(self) -> Outcome:
        """The answer over all days, as in three-valued logic: one breach settles it; otherwise one day that nobody
        can tell leaves the whole untold, and so does an order without any judged day."""
        if self.not_complied:
            return Outcome.NOT_COMPLIED
        if self.cannot_tell or not self.complied:
            return Outcome.CANNOT_TELL
        return Outcome.COMPLIED


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Count the answers of judged days."""
    counts = Counter(outcomes)
    return Tally(counts[Outcome.COMPLIED], counts[Outcome.NOT_COMPLIED], counts[Outcome.CANNOT_TELL])


def outcome_of(outcomes: Iterable[Outcome]) -> Outcome:
    """The answer over all days; see `Tally.outcome`.

    >>> outcome_of([Outcome.COMPLIED, Outcome.CANNOT_TELL]).value
    'cannot_tell'
    """
    return tally(outcomes).outcome
