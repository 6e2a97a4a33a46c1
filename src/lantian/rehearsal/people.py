"""People's habits: what they decide and how long they take, from evidence and ids alone, never from the truth.

Every function is pure: the same (seed, person, task) gives the same answer. Delays are minutes from the moment
the person could first act.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lantian.records import Finding, Outcome
from lantian.rehearsal.source import number, stream, texts

__all__ = [
    "Answer",
    "AnswerKind",
    "Check",
    "Judgement",
    "analyst_judges",
    "checker_checks",
    "dispatcher_claims",
    "plant_answers",
    "reason",
    "words",
]

HOUR_MS = 3_600_000


class AnswerKind(StrEnum):
    """How a plant answers a task."""

    HONEST = "honest"
    DENIES = "denies"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An analyst's decision on a proposed finding."""

    confirms: bool
    after_min: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A plant's answer. `after_min` is None when none comes."""

    kind: AnswerKind
    after_min: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """A checker's conclusion: an outcome, and whether the task is closed or goes back."""

    outcome: Outcome
    closes: bool
    after_min: int


def _minutes(generator: np.random.Generator, low: str, high: str) -> int:
    return int(generator.integers(int(number("habits", low)), int(number("habits", high)) + 1))


def _hours(finding: Finding) -> float:
    """Length of the longest run of the evidence."""
    return max((end - start for start, end in finding.evidence.runs), default=0) / HOUR_MS


def analyst_judges(seed: int, person_id: str, finding: Finding) -> Judgement:
    """Strong evidence is confirmed within minutes, weak evidence is looked at longer and sometimes dismissed."""
    generator = stream(seed, "analyst", person_id, finding.id)
    evidence = finding.evidence
    ratio = evidence.measured / evidence.threshold if evidence.threshold > 0 else np.inf
    hours = _hours(finding)
    strong = ratio >= number("habits", "strong_ratio") or hours >= number("habits", "strong_hours")
    weak = ratio < number("habits", "weak_ratio") and hours < number("habits", "weak_hours")
    limit = number("habits", "confirm_strong_min" if strong else "confirm_weak_min")
    after = int(generator.integers(1, int(limit) + 1))
    dismissed = weak and float(generator.random()) < number("habits", "dismiss_weak_share")
    return Judgement(not dismissed, after)


def dispatcher_claims(seed: int, person_id: str, task_id: str) -> int:
    """Minutes until the dispatcher claims a task; a few are late and run over the clock."""
    generator = stream(seed, "claim", person_id, task_id)
    if float(generator.random()) < number("habits", "claim_late_share"):
        return _minutes(generator, "claim_max", "claim_late_max")
    return _minutes(generator, "claim_min", "claim_max")


def plant_answers(seed: int, person_id: str, task_id: str, again: int = 0) -> Answer:
    """A plant's answer; `again` counts how often the task came back. Some managers always deny.

    One that was silent answers once asked again.
    """
    denies = float(stream(seed, "denies", person_id).random()) < number("habits", "denies_share")
    generator = stream(seed, "answer", person_id, task_id, again)
    if again == 0 and float(generator.random()) < number("habits", "silent_share"):
        return Answer(AnswerKind.SILENT, None)
    kind = AnswerKind.DENIES if denies and again == 0 else AnswerKind.HONEST
    if float(generator.random()) < number("habits", "answer_late_share"):
        return Answer(kind, _minutes(generator, "answer_max", "answer_late_max"))
    return Answer(kind, _minutes(generator, "answer_min", "answer_max"))


def checker_checks(
    seed: int, person_id: str, task_id: str, outcome: Outcome, answer: AnswerKind, again: int = 0
) -> Check:
    """The verdict on an answered task from the power since the task was opened (`outcome`).

    Complied closes, unless the plant denies what the data showed or the checker wants a better explanation
    (both once); not complied goes back; where nobody can tell, it goes back once and is closed as such after.
    """
    generator = stream(seed, "check", person_id, task_id, again)
    after = _minutes(generator, "check_min", "check_max")
    doubts = float(generator.random()) < number("habits", "doubt_share")
    if outcome is Outcome.NOT_COMPLIED:
        return Check(outcome, False, after)
    if outcome is Outcome.CANNOT_TELL:
        return Check(outcome, again > 0, after)
    returned = again == 0 and (answer is AnswerKind.DENIES or doubts)
    return Check(outcome, not returned, after)


def words(kind: AnswerKind) -> str:
    """What an invented manager writes."""
    return texts("phrases", f"answer_{kind.value}")[0]


def reason(outcome: Outcome) -> str:
    """What an invented checker writes when a task goes back, or is closed without having been complied with."""
    return texts("phrases", f"reason_{outcome.value}")[0]
