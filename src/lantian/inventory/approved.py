"""The city's approved emergency-reduction list (应急减排清单): what each plant does at each level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lantian.records import Action, Level

__all__ = ["ListedMeasure"]


@dataclass(frozen=True, slots=True)
class ListedMeasure:
    """One row of the list. `line_id` only for REDUCE, `share` (percent of base) only for LIMIT."""

    row_no: int
    enterprise_id: str
    level: Level
    action: Action
    line_id: str | None
    share: int | None
    reason: str  # printed for AUTONOMOUS and EXEMPT
    paper: str
    valid_from: date
