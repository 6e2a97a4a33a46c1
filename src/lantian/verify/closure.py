"""Closing a task (销号): never by the person who handled it, and only with every condition met."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from lantian.errors import LawError, RightsError
from lantian.periods import local_day, to_ms
from lantian.records import Footnote, Outcome, Verdict
from lantian.standards import in_force

__all__ = ["Condition", "check_closer", "closing_conditions", "conclude"]

_RULE_SET = "AH-2019-conditions"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of closing."""

    no: int
    text_zh: str
    text_en: str
    footnote: Footnote


def closing_conditions(on: date) -> tuple[Condition, ...]:
    """The five conditions in force on the day, by number."""
    rows = in_force("closeout_conditions", on, rule_set=_RULE_SET)
    conditions = (
        Condition(row.integer("no"), row.text("text_zh"), row.text("text_en"), row.footnote()) for row in rows
    )
    return tuple(sorted(conditions, key=lambda condition: condition.no))


def check_closer(handler_ids: Collection[str], checker_id: str) -> None:
    """RightsError when the checker handled the task: whoever accepts it answers for it, so it is never the same."""
    if not checker_id:
        raise RightsError("a verdict needs a named checker")
    if checker_id in handler_ids:
        raise RightsError(f"{checker_id} handled this task and cannot close it")


def conclude(
    task_id: str,
    outcome: Outcome,
    *,
    handler_ids: Collection[str],
    checker_id: str,
    checked_at: datetime,
    conditions_met: Collection[int] = (),
    reason: str = "",
) -> Verdict:
    """The checker's verdict. It closes the task only when complied and every condition is met.

    `conditions_met` holds the numbers of conditions that are met or do not apply. RightsError as `check_closer`.
    LawError: conditions_open (complied, but a condition is not met and no reason is given for returning it),
    no_reason (sent back without one).
    """
    check_closer(handler_ids, checker_id)
    wanted = {condition.no for condition in closing_conditions(local_day(to_ms(checked_at)))}
    still_open = sorted(wanted - set(conditions_met))
    closes = outcome is Outcome.COMPLIED and not still_open
    if not closes and not reason.strip():
        if outcome is Outcome.COMPLIED:
            raise LawError("conditions_open", f"conditions {', '.join(map(str, still_open))} are not met")
        raise LawError("no_reason", "a task is sent back with its reason")
    return Verdict(task_id, outcome, closes, checker_id, checked_at, reason)
