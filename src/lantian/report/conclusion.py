"""How an order day is shown: a rule's "not complied" is a proposal until a person has confirmed it."""

from __future__ import annotations

from collections.abc import Iterable

from lantian.records import FindingState, Outcome

__all__ = ["CANNOT_TELL", "PENDING", "WORST_FIRST", "shown", "worst"]

PENDING = "pending"
WORST_FIRST = (Outcome.NOT_COMPLIED.value, PENDING, Outcome.CANNOT_TELL.value, Outcome.COMPLIED.value)
CANNOT_TELL = "cannot_tell"
UNCLEAR = (CANNOT_TELL, "weak_evidence")
"""How the reason begins of a proposal dismissed for want of data."""


def shown(outcome: Outcome, decisions: Iterable[tuple[FindingState, str]]) -> str:
    """Outcome of one order day, given (state, reason) of its findings of that kind: an outcome, or `PENDING`."""
    if outcome is not Outcome.NOT_COMPLIED:
        return outcome.value
    said = tuple(decisions)
    states = {state for state, _ in said}
    if FindingState.CONFIRMED in states:
        return Outcome.NOT_COMPLIED.value
    if FindingState.DISMISSED not in states or FindingState.PROPOSED in states:
        return PENDING
    unclear = any(reason.startswith(UNCLEAR) for _, reason in said)
    return (Outcome.CANNOT_TELL if unclear else Outcome.COMPLIED).value


def worst(outcomes: Iterable[str]) -> str | None:
    """The worst of several; None when there is none."""
    return min(outcomes, key=WORST_FIRST.index, default=None)
