"""Targets that count days: good days to be won, heavy days still allowed, days above a percentile's cap."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from lantian.assess.targets.days import percent_of
from lantian.assess.targets.ledger import PERCENTILES, Feasibility, Indicator, Target

__all__ = ["Tally", "day_limits"]


@dataclass(frozen=True, slots=True)
class Tally:
    """Days of a kind against a limit of them: `have` so far, at most (or `at_least`) `limit` in all.

    More than `lost` of them lose the target for good; it differs from the limit for a percentile only.
    """

    have: int
    limit: int
    lost: int
    at_least: bool

    def word(self, left: int, days: int, past: list[int]) -> Feasibility:
        """Feasibility with so many days `left` of `days` countable ones; `past`: what those dates brought in past years."""
        room = self.limit - self.have
        if self.at_least:
            if room <= 0:
                return Feasibility.MET
            if not left:
                return Feasibility.MISSED
            if room > left:
                return Feasibility.IMPOSSIBLE
            if past and room > max(past):
                return Feasibility.OFF_TRACK
            return Feasibility.SLACK if room * days < self.limit * left else Feasibility.TIGHT
        if room >= left:
            return Feasibility.MET
        if self.have > self.lost:
            return Feasibility.IMPOSSIBLE if left else Feasibility.MISSED
        if room < 0 or (past and room < min(past)):
            return Feasibility.OFF_TRACK
        return Feasibility.SLACK if room * days > self.limit * left else Feasibility.TIGHT

    def shortfall(self, left: int, past: list[int]) -> tuple[Fraction | None, Fraction | None]:
        """Days by which the target is missed at least: with only good days left, and as in the best past year.

        None where so many days do not yet lose it for good.
        """
        ideal, best = (left, max(past, default=None)) if self.at_least else (0, min(past, default=None))

        def short(more: int) -> Fraction | None:
            end = self.have + more
            lost = end < self.limit if self.at_least else end > self.lost
            return Fraction(abs(end - self.limit)) if lost else None

        return short(ideal), None if best is None else short(best)


def day_limits(target: Target, cap: Fraction, countable: int) -> tuple[int, int]:
    """How many days the target allows (or asks for) of so many countable ones, and the number that loses it for good.

    A percentile p of n days is kept for certain when the value at the rank above k = 1 + (n - 1) p/100 is; it is lost
    for certain when the one at the rank below is over the cap.
    """
    if target.indicator in PERCENTILES:
        place = 1 + Fraction((countable - 1) * percent_of(target.indicator), 100)
        return countable - ceil(place), countable - floor(place)
    if target.indicator is Indicator.HEAVY_DAYS:
        return floor(cap), floor(cap)
    needed = ceil(cap) if target.indicator is Indicator.GOOD_DAYS else ceil(cap * countable / 100)
    return needed, needed
