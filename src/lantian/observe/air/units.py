"""Is CO written in mg/m3 or ug/m3? Told, documented for the form, or seen from the numbers; always said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lantian.errors import DataError
from lantian.observe.air.cells import scaled
from lantian.observe.air.columns import unit_factor
from lantian.observe.panel import Floats
from lantian.observe.tables import Remark
from lantian.records import ObservationKind
from lantian.standards import Row

__all__ = ["CarbonMonoxide", "carbon_monoxide"]

MG, UG = "mg/m3", "ug/m3"


@dataclass(frozen=True, slots=True)
class CarbonMonoxide:
    """How CO is read: the unit told by the caller ("" = none), the median that mg/m3 never reach, codes to keep."""

    told: str
    median_over: float
    sentinels: tuple[float, ...]

    def read(self, values: Floats, unit: str, why: str, source: str) -> tuple[Floats, Remark]:
        """`values` in mg/m3 and what was taken for granted. `unit` is what the form or the column map says."""
        present = values[(values > 0) & ~np.isin(values, self.sentinels)]
        if self.told:
            unit, why = self.told, "told by the caller"
        elif len(present):
            seen = UG if np.median(present) > self.median_over else MG
            if seen != unit and (seen == UG or np.median(present) < self.median_over / 10):
                unit, why = seen, f"the median {np.median(present):g} is none of {unit}, which is {why}"
        factor = unit_factor(unit, ObservationKind.CO, source)
        return scaled(values, factor, self.sentinels), Remark("co_unit", unit, why, source)


def carbon_monoxide(rows: Sequence[Row], told: str | None) -> CarbonMonoxide:
    """From the rows of `air_quality_rules`. DataError for a told unit that is none of the two."""
    if told is not None and told not in (MG, UG):
        raise DataError(f"{told!r}: {MG} or {UG}", field="co_unit")
    bound = next((float(row.number()) for row in rows if row.text("rule") == "co_unit"), np.inf)
    codes = tuple(float(row.number()) for row in rows if row.text("rule") == "sentinel")
    return CarbonMonoxide(told or "", bound, codes)
