"""Is CO written in mg/m3 or ug/m3? What somebody told is binding; a documented unit gives way only to a whole file.

A unit fits when no number, read in it, is outside the range of the rules. A told unit is never overruled: numbers that
do not fit it are doubted (RANGE), and it is said. The unit that a form documents is left only when it does not fit and
the other one fits every number of the file; in a file of both scales it stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lantian.errors import DataError
from lantian.observe.air.cells import scaled
from lantian.observe.air.columns import unit_factor
from lantian.observe.panel import Floats
from lantian.observe.quality import Limits
from lantian.observe.tables import Remark
from lantian.records import ObservationKind

__all__ = ["CarbonMonoxide", "carbon_monoxide"]

MG, UG = "mg/m3", "ug/m3"
SEEN = "the numbers do not fit the documented unit; all of them fit this one"
CONTRADICTED = "the numbers fit this unit and not the told one, which stays: they are marked doubtful"
MIXED = "some numbers do not fit this unit, nor do all fit the other: those are marked doubtful"


@dataclass(frozen=True, slots=True)
class CarbonMonoxide:
    """How CO is read: the unit told by the caller ("" = none) and what its values may be [mg/m3]."""

    told: str
    limits: Limits

    def read(
        self, values: Floats, unit: str, why: str, source: str, binding: bool = False
    ) -> tuple[Floats, tuple[Remark, ...]]:
        """`values` in mg/m3 and what was taken for granted. `unit` is what the form says, or a map (`binding`)."""
        if self.told:
            unit, why, binding = self.told, "told by the caller", True
        other = MG if unit_factor(unit, ObservationKind.CO, source) != 1 else UG
        doubt: tuple[Remark, ...] = ()
        if not self._fits(values, unit):
            if not self._fits(values, other):
                doubt = (Remark("co_doubted", unit, MIXED, source),)
            elif binding:
                doubt = (Remark("co_doubted", other, CONTRADICTED, source),)
            else:
                unit, why = other, SEEN
        factor = unit_factor(unit, ObservationKind.CO, source)
        return scaled(values, factor, self.limits.sentinels), (Remark("co_unit", unit, why, source), *doubt)

    def _fits(self, values: Floats, unit: str) -> bool:
        """Can every number be a concentration in this unit? Codes, and numbers that are none in any unit, say nothing."""
        smallest = float(unit_factor(UG, ObservationKind.CO))
        read = values[(values > 0) & ~np.isin(values, self.limits.sentinels)]
        read = read[read * smallest <= (np.inf if self.limits.impossible is None else self.limits.impossible)]
        read = scaled(read, unit_factor(unit, ObservationKind.CO))
        low, high = self.limits.minimum or 0.0, self.limits.maximum or np.inf
        return bool(((read >= low) & (read < high)).all())


def carbon_monoxide(limits: Limits, told: str | None) -> CarbonMonoxide:
    """From the limits of CO. DataError for a told unit that is none of the two."""
    if told is not None and told not in (MG, UG):
        raise DataError(f"{told!r}: {MG} or {UG}", field="co_unit")
    return CarbonMonoxide(told or "", limits)
