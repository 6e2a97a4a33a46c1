"""To whom a delay belongs: late data, late order, late sign-for, late action, late check.

A matter is a row of legs that follow each other without a gap; each leg belongs to one part and one party, who is late
from the leg's due time on. The parts add up to the total for every matter, and nobody answers for another's leg. What
stands by rule (a hold, a pause) is nobody's delay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from lantian.dispatch.clock import Calendar
from lantian.dispatch.escalation import shifted
from lantian.errors import PeriodError
from lantian.records import Footnote
from lantian.standards import in_force

__all__ = ["Allowance", "Delay", "DelayPart", "Late", "Leg", "allowances", "attribute"]

_ZERO = timedelta()


class DelayPart(StrEnum):
    """Whose turn it was."""

    DATA = "late_data"  # from what was seen to the finding
    ORDER = "late_order"  # from the finding to the task, and while the sender has to act
    CLAIM = "late_claim"  # until it is signed for
    ACTION = "late_action"  # until it is answered
    CHECK = "late_check"  # until the answer is checked


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long a part may take where no clock of the task says so, and which party answers for it."""

    span: timedelta
    calendar: Calendar
    answers: str
    footnote: Footnote

    def due(self, since: datetime) -> datetime:
        """From when on it is late."""
        return shifted(since, self.span, self.calendar)


@dataclass(frozen=True, slots=True)
class Leg:
    """[since, until) of one part, in the hands of `who`; late from `due` on, never without one. No part: it stood."""

    part: DelayPart | None
    since: datetime
    until: datetime
    due: datetime | None = None
    who: str = ""

    @property
    def took(self) -> timedelta:
        """How long it is."""
        return self.until - self.since

    @property
    def late(self) -> timedelta:
        """What of it lies behind its due time."""
        if self.part is None or self.due is None:
            return _ZERO
        return max(self.until - max(self.since, self.due), _ZERO)


@dataclass(frozen=True, slots=True)
class Late:
    """What one party has used of one part, and how much of that was late."""

    part: DelayPart
    who: str
    took: timedelta
    late: timedelta


@dataclass(frozen=True, slots=True)
class Delay:
    """A whole matter: who was late with what. `late` in the order of the parts, the parties as they came."""

    parts: tuple[Late, ...]
    total: timedelta
    took: timedelta
    stood: timedelta

    def of(self, part: DelayPart) -> timedelta:
        """The delay of one part."""
        return sum((each.late for each in self.parts if each.part is part), _ZERO)


def allowances(on: date) -> Mapping[DelayPart, Allowance]:
    """The allowances in force on the day."""
    return {
        DelayPart(row.text("part")): Allowance(
            timedelta(minutes=row.integer()),
            Calendar(row.text("calendar")),
            row.text("answers"),
            row.footnote(),
        )
        for row in in_force("delay_limits", on)
    }


def attribute(legs: Sequence[Leg]) -> Delay:
    """Add up the legs of a matter. PeriodError unless each begins where the one before ends."""
    for earlier, later in zip(legs, legs[1:], strict=False):
        if earlier.until != later.since:
            raise PeriodError(f"a leg ends at {earlier.until} and the next begins at {later.since}")
    if any(leg.until < leg.since for leg in legs):
        raise PeriodError("a leg cannot end before it begins")
    found: dict[tuple[DelayPart, str], tuple[timedelta, timedelta]] = {}
    for leg in legs:
        if leg.part is not None:
            took, late = found.get((leg.part, leg.who), (_ZERO, _ZERO))
            found[leg.part, leg.who] = took + leg.took, late + leg.late
    order = list(DelayPart)
    keys = sorted(found, key=lambda key: order.index(key[0]))
    parts = tuple(Late(part, who, *found[part, who]) for part, who in keys)
    stood = sum((leg.took for leg in legs if leg.part is None), _ZERO)
    whole = legs[-1].until - legs[0].since if legs else _ZERO
    return Delay(parts, sum((each.late for each in parts), _ZERO), whole, stood)
