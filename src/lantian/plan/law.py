"""What the law says of a drafted decision: every refusal at once, and which of them a person may go on against."""

from __future__ import annotations

from collections.abc import Iterator

from lantian.errors import LawError, StandardsError
from lantian.plan.warning import Decision, EndRule, Proposal
from lantian.records import Basis, DecisionKind, Level
from lantian.standards import in_force

__all__ = ["NO_OVERRIDE", "refusals", "signing_titles"]

NO_OVERRIDE = frozenset({"no_signer", "signer_unfit", "no_reason", "no_end", "no_procedure", "retroactive"})
"""Refusals that nobody goes on against: something is missing, or people would be judged for what they could not know."""


def refusals(decision: Decision, proposal: Proposal) -> list[LawError]:
    """Everything that the law has against a decision, empty when it stands.

    By code: no_signer, end_tied_to_target, no_end (a fixed end without its time), retroactive (it starts before it
    is signed), no_procedure (the edition in force has no such level), no_trigger (basis `rule` for a level the rule
    does not give), no_reason.
    """
    return [LawError(code, reason) for code, reason in _bans(decision, proposal)]


def _bans(decision: Decision, proposal: Proposal) -> Iterator[tuple[str, str]]:
    if not decision.signer_id:
        yield "no_signer", "a warning needs a named signer"
    if decision.end_rule is EndRule.TARGET:
        yield "end_tied_to_target", "a response must not end with the date of a target"
    if decision.end_rule is EndRule.FIXED and decision.end_at is None:
        yield "no_end", "a fixed end needs its time"
    if decision.start_at < decision.decided_at:
        yield "retroactive", f"it would start at {decision.start_at}, before it is signed"
    yield from _procedure(decision.level, proposal)
    yield from _basis(decision, proposal)


def _procedure(level: Level, proposal: Proposal) -> Iterator[tuple[str, str]]:
    if level is Level.NONE:
        return
    try:
        in_force("warning_triggers", proposal.on, proposal.edition, level=level.value)
    except StandardsError as error:
        yield "no_procedure", f"there is no procedure for level {level} on {proposal.on}: {error}"


def _basis(decision: Decision, proposal: Proposal) -> Iterator[tuple[str, str]]:
    level, basis = decision.level, decision.basis
    rising = decision.kind in (DecisionKind.START, DecisionKind.RAISE)
    if basis is Basis.RULE and rising and level is not proposal.level:
        yield "no_trigger", f"the rule gives {proposal.level}, not {level}; name another basis"
    if basis is not Basis.RULE and not decision.reason.strip():
        yield "no_reason", f"a decision on basis {basis} needs its reason"


def signing_titles(decision: Decision, proposal: Proposal) -> list[str]:
    """How titles begin that may sign the decision: those of the office that the process table names and above.

    LawError no_procedure when no office signs the level; lifting is signed by any of them.
    """
    offices = {row.text("office"): row for row in in_force("signing_offices", proposal.on)}
    wanted = 0
    if decision.level is not Level.NONE:
        sign = f"sign_{decision.level.value}"
        try:
            signs = in_force("warning_process", proposal.on, step="approval", parameter=sign)
        except StandardsError as error:
            raise LawError("no_procedure", f"nobody signs level {decision.level}: {error}") from None
        wanted = offices[signs[0].text("text")].integer()
    return [row.text("title_zh") for row in offices.values() if row.integer() >= wanted]
