"""Closing a task (销号): never by who handled it, and only when what its kind asks for is met."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lantian.dispatch.deadline import Checker
from lantian.errors import LawError, RightsError
from lantian.standards import in_force

__all__ = ["Condition", "Met", "Mark", "check_closer", "check_conditions", "check_distance", "conditions"]


class Met(StrEnum):
    """What a checker says of one closing condition."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Condition:
    """One closing condition of the table, in its order."""

    key: str
    name_zh: str
    order: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said of a condition, with a note (needed where it does not apply)."""

    met: Met
    note: str = ""


def check_closer(handler_ids: Collection[str], checker_id: str) -> None:
    """RightsError when the checker handled the task: whoever accepts it answers for it, so it is never the same."""
    if not checker_id:
        raise RightsError("a verdict needs a named checker")
    if checker_id in handler_ids:
        raise RightsError(f"{checker_id} handled this task and cannot close it")


def check_distance(
    rule: Checker, checker_unit: str, handler_units: Collection[str], checker_area: str, handler_county: str
) -> None:
    """RightsError for a checker who is nearer to the handlers than the kind of task allows.

    `checker_area` is the area of the checker's unit, `handler_county` that of the handlers' county.
    """
    if rule is not Checker.OTHER_PERSON and checker_unit in handler_units:
        raise RightsError("the checker is of the unit that handled the task")
    if rule is Checker.OTHER_COUNTY and handler_county and checker_area.startswith(handler_county):
        raise RightsError("the checker is of the county that handled the task")


def conditions(on: date) -> tuple[Condition, ...]:
    """The closing conditions in force on the day, in their order."""
    rows = in_force("closeout_conditions", on)
    found = (Condition(row.text("condition"), row.text("name_zh"), row.integer()) for row in rows)
    return tuple(sorted(found, key=lambda condition: condition.order))


def check_conditions(asked: Collection[Condition], marks: Mapping[str, Mark]) -> None:
    """LawError conditions while one is open: not said, not met, or said not to apply without a word of why."""
    unmet = [
        condition.key
        for condition in asked
        if (mark := marks.get(condition.key)) is None
        or mark.met is Met.NO
        or (mark.met is Met.NOT_APPLICABLE and not mark.note.strip())
    ]
    if unmet:
        raise LawError("conditions", f"not closed while these are open: {', '.join(unmet)}")
