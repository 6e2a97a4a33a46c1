"""Habits: repeatable, from evidence only, within their hours."""

from __future__ import annotations

from dataclasses import replace

from lantian.records import Evidence, Finding, FindingKind, Outcome, Subject, SubjectKind
from lantian.rehearsal.people import (
    AnswerKind,
    analyst_judges,
    checker_checks,
    dispatcher_claims,
    plant_answers,
)

HOUR_MS = 3_600_000


def finding(measured: float, hours: float, no: int = 0) -> Finding:
    evidence = Evidence(((0, int(hours * HOUR_MS)),), measured, 100.0, "kW", 96, 0, ("m",))
    subject = Subject(SubjectKind.LINE, f"line-{no}")
    return Finding(FindingKind.NOT_STOPPED, "P2", "1", subject, "e", "9901", "o", 0, 0, 1, evidence)


def test_strong_evidence_is_confirmed_within_minutes() -> None:
    for no in range(200):
        judgement = analyst_judges(7, "reh-p1", finding(250.0, 6, no))
        assert judgement.confirms
        assert 1 <= judgement.after_min <= 3


def test_only_weak_evidence_is_ever_dismissed() -> None:
    weak = [analyst_judges(7, "reh-p1", finding(101.0, 0.5, no)).confirms for no in range(300)]
    assert 0.3 < sum(weak) / len(weak) < 0.7
    assert all(analyst_judges(7, "reh-p1", finding(101.0, 2, no)).confirms for no in range(300))
    assert all(analyst_judges(7, "reh-p1", finding(120.0, 0.5, no)).confirms for no in range(300))


def test_a_choice_is_repeatable_and_ones_own() -> None:
    one = finding(101.0, 0.5)
    assert analyst_judges(7, "a", one) == analyst_judges(7, "a", replace(one))
    tasks = [f"task_{i}" for i in range(50)]
    assert [dispatcher_claims(7, "a", t) for t in tasks] == [dispatcher_claims(7, "a", t) for t in tasks]
    assert [dispatcher_claims(7, "a", t) for t in tasks] != [dispatcher_claims(8, "a", t) for t in tasks]


def test_most_claims_are_in_time_and_some_late() -> None:
    claims = [dispatcher_claims(7, "a", f"task_{i}") for i in range(1000)]
    late = [minutes for minutes in claims if minutes > 30]
    assert min(claims) >= 10
    assert 20 < len(late) < 120


def test_answers() -> None:
    answers = [plant_answers(7, f"reh-p{i}", f"task_{i}") for i in range(1000)]
    kinds = {kind: sum(answer.kind is kind for answer in answers) for kind in AnswerKind}
    assert all(kinds.values())
    assert kinds[AnswerKind.HONEST] > 600
    assert all((a.after_min is None) == (a.kind is AnswerKind.SILENT) for a in answers)
    again = [plant_answers(7, f"reh-p{i}", f"task_{i}", again=1) for i in range(300)]
    assert {answer.kind for answer in again} == {AnswerKind.HONEST}


def test_verdicts_follow_the_data_not_the_answer() -> None:
    for i in range(200):
        for answer in AnswerKind:
            for again in (0, 1):
                for outcome in Outcome:
                    check = checker_checks(7, "c", f"task_{i}", outcome, answer, again)
                    assert check.outcome is outcome
                    assert 20 <= check.after_min <= 90
                    if outcome is Outcome.NOT_COMPLIED:
                        assert not check.closes
        assert checker_checks(7, "c", f"task_{i}", Outcome.COMPLIED, AnswerKind.HONEST, 1).closes
        assert not checker_checks(7, "c", f"task_{i}", Outcome.COMPLIED, AnswerKind.DENIES, 0).closes
        assert not checker_checks(7, "c", f"task_{i}", Outcome.CANNOT_TELL, AnswerKind.HONEST, 0).closes
