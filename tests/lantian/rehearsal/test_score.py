"""Scoring by (plant, kind, order), on cases made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

from lantian.records import Evidence, Finding, FindingKind, Outcome, Subject, SubjectKind
from lantian.rehearsal import TruthRow, merge, score
from lantian.rehearsal.conduct import Conduct

STOP, REDUCE = FindingKind.NOT_STOPPED, FindingKind.NOT_REDUCED


@dataclass(frozen=True)
class Day:
    order_id: str
    enterprise_id: str
    kind: FindingKind
    outcome: Outcome


def truth(
    plant: str,
    breach: bool,
    note: Conduct,
    *,
    order: str = "o",
    unreadable: bool = False,
    margin: float = 5.0,
) -> TruthRow:
    return TruthRow(plant, STOP, order, breach, unreadable, margin, note)


def finding(plant: str, kind: FindingKind = STOP, order: str = "o", line: str = "1") -> Finding:
    evidence = Evidence(((0, 1),), 2.0, 1.0, "kW", 1, 0, ())
    return Finding(
        kind, "P2", "1", Subject(SubjectKind.LINE, plant + line), plant, "9901", order, 0, 0, 1, evidence
    )


def test_counts_by_unit() -> None:
    rows = [
        truth("hit", True, Conduct.NEAR),
        truth("miss", True, Conduct.IGNORES, margin=40.0),
        truth("blind", True, Conduct.NIGHT),
        truth("dark", True, Conduct.DARK, unreadable=True),
        truth("blip", False, Conduct.BLIP),
        truth("good", False, Conduct.OBEYS),
    ]
    findings = [finding("hit"), finding("hit", line="2"), finding("blip"), finding("unknown")]
    days = [
        Day("o", "hit", STOP, Outcome.NOT_COMPLIED),
        Day("o", "hit", STOP, Outcome.CANNOT_TELL),
        Day("o", "blind", STOP, Outcome.CANNOT_TELL),
        Day("o", "dark", STOP, Outcome.CANNOT_TELL),
        Day("o", "good", STOP, Outcome.COMPLIED),
        Day("o", "miss", STOP, Outcome.COMPLIED),
    ]
    found = score(rows, findings, days)
    assert (found.breaches, found.near_breaches, found.look_alikes) == (4, 3, 1)
    assert (found.hits, found.misses, found.excused, found.false_alarms) == (1, 2, 1, 2)
    assert found.precision == 1 / 3
    assert found.recall == 1 / 3
    assert (found.cannot_tell, found.judged) == (2, 7)
    assert found.cannot_tell_share == 2 / 7


def test_kind_and_order_matter() -> None:
    rows = [truth("a", True, Conduct.NEAR)]
    for wrong in (finding("a", REDUCE), finding("a", order="other")):
        found = score(rows, [wrong], [])
        assert (found.hits, found.misses, found.false_alarms) == (0, 1, 1)


def test_only_an_answer_of_cannot_tell_is_excused() -> None:
    rows = [truth("a", True, Conduct.DARK, unreadable=True)]
    cleared = score(rows, [], [Day("o", "a", STOP, Outcome.COMPLIED)])
    assert (cleared.misses, cleared.excused) == (1, 0)
    unsure = score(rows, [], [Day("o", "a", STOP, Outcome.CANNOT_TELL)])
    assert (unsure.misses, unsure.excused) == (0, 1)


def test_nothing_at_all() -> None:
    found = score([], [], [])
    assert (found.precision, found.recall, found.cannot_tell_share) == (1.0, 1.0, 0.0)


def test_merging_does_not_depend_on_order_and_keeps_what_happened() -> None:
    rows = [
        truth("a", False, Conduct.OBEYS, margin=-9.0),
        truth("a", True, Conduct.NIGHT, margin=30.0),
        truth("a", False, Conduct.NIGHT, margin=-4.0, unreadable=True),
    ]
    merged = {merge(order) for order in permutations(rows)}
    assert merged == {(TruthRow("a", STOP, "o", True, True, 30.0, Conduct.NIGHT),)}
    calm = [
        truth("b", False, Conduct.OBEYS),
        truth("b", False, Conduct.BLIP),
        truth("b", False, Conduct.OBEYS),
    ]
    assert {merge(order)[0].note for order in permutations(calm)} == {Conduct.BLIP}
