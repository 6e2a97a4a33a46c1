"""How well the detector finds the truth; the unit is (plant, kind, order)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from lantian.records import Finding, FindingKind, Outcome
from lantian.rehearsal.source import number
from lantian.rehearsal.truth import TruthRow, merge

__all__ = ["JudgedDay", "Score", "score"]

Unit = tuple[str, str, str]


class JudgedDay(Protocol):
    """What the score reads of a judged order day."""

    @property
    def order_id(self) -> str: ...
    @property
    def enterprise_id(self) -> str: ...
    @property
    def kind(self) -> FindingKind: ...
    @property
    def outcome(self) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of units. A breach nobody could tell is a miss, unless its meter was unreadable (then `excused`)."""

    breaches: int
    near_breaches: int
    look_alikes: int
    hits: int
    misses: int
    excused: int
    false_alarms: int
    judged: int
    cannot_tell: int

    @property
    def precision(self) -> float:
        """Share of accused units that are breaches; 1 when nobody is accused."""
        accused = self.hits + self.false_alarms
        return self.hits / accused if accused else 1.0

    @property
    def recall(self) -> float:
        """Share of breaches that are found, excused ones left out; 1 when there are none."""
        wanted = self.hits + self.misses
        return self.hits / wanted if wanted else 1.0

    @property
    def cannot_tell_share(self) -> float:
        """Share of the judged orders for which nothing was found and some day could not be told."""
        return self.cannot_tell / self.judged if self.judged else 0.0


def score(truth: Iterable[TruthRow], findings: Iterable[Finding], order_days: Iterable[JudgedDay]) -> Score:
    """Compare proposed findings with the truth; a finding that no truth row knows is a false alarm."""
    known = {(row.enterprise_id, row.kind.value, row.order_id): row for row in merge(truth)}
    accused: set[Unit] = {(f.enterprise_id, f.kind.value, f.order_id) for f in findings}
    judged: set[Unit] = set(accused)
    dark: set[Unit] = set()
    for day in order_days:
        unit = (day.enterprise_id, day.kind.value, day.order_id)
        judged.add(unit)
        if day.outcome is Outcome.CANNOT_TELL:
            dark.add(unit)
    dark -= accused
    breaches = {unit for unit, row in known.items() if row.breach}
    excused = {unit for unit in breaches & dark if known[unit].unreadable}
    near = number("scale", "near_points")
    return Score(
        breaches=len(breaches),
        near_breaches=sum(known[unit].margin_points <= near for unit in breaches),
        look_alikes=sum(row.look_alike for row in known.values()),
        hits=len(accused & breaches),
        misses=len(breaches - accused - excused),
        excused=len(excused),
        false_alarms=len(accused - breaches),
        judged=len(judged),
        cannot_tell=len(dark),
    )
