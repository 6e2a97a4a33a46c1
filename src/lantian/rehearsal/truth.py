"""What really happened: known to the plants, never to detectors, checkers or analysts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lantian.records import FindingKind
from lantian.rehearsal.conduct import LOOK_ALIKES

__all__ = ["TruthRow", "merge"]


@dataclass(frozen=True, slots=True)
class TruthRow:
    """One plant under one order over some interval; `merge` joins the rows of all steps.

    `breach` is true only where it shows in the real power after the grace time and before the order's end.
    `margin_points` is how far the power went past the line of the rule, in points of rated power (stop, reduce)
    or of the cap (limit); negative when it stayed below. `unreadable`: a meter gave too little to judge by.
    `note` names the conduct, or the innocent look-alike.
    """

    enterprise_id: str
    kind: FindingKind
    order_id: str
    breach: bool
    unreadable: bool
    margin_points: float
    note: str

    @property
    def look_alike(self) -> bool:
        """Innocent, but looking guilty to a careless rule."""
        return not self.breach and self.note in LOOK_ALIKES

    def joined(self, other: TruthRow) -> TruthRow:
        """The same order over both intervals."""
        first, second = (self, other) if self.note <= other.note else (other, self)
        note = first.note if first.note in LOOK_ALIKES or second.note not in LOOK_ALIKES else second.note
        if self.breach != other.breach:
            note = self.note if self.breach else other.note
        return TruthRow(
            self.enterprise_id,
            self.kind,
            self.order_id,
            self.breach or other.breach,
            self.unreadable or other.unreadable,
            max(self.margin_points, other.margin_points),
            note,
        )


def merge(rows: Iterable[TruthRow]) -> tuple[TruthRow, ...]:
    """One row per (plant, kind, order), sorted; the result does not depend on the order of the rows."""
    found: dict[tuple[str, str, str], TruthRow] = {}
    for row in rows:
        key = (row.enterprise_id, row.kind.value, row.order_id)
        found[key] = row if (known := found.get(key)) is None else known.joined(row)
    return tuple(found[key] for key in sorted(found))
