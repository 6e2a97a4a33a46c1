"""Dust days: which indicators leave them out. The days come from outside and are never computed here.

On a dust day the items that the rule names (PM10, PM2.5) are blanked for their means and for the composite index; raw
values stay for the AQI, so good and heavy days keep the day (环办监测〔2016〕120号 and national monthly reports).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from lantian.errors import StandardsError
from lantian.observe.panel import DayPanel
from lantian.records import Footnote
from lantian.standards import Row, in_force

__all__ = ["DustDays", "DustMode"]


_INDEX = "index"


class DustMode(StrEnum):
    """What an indicator does with dust days."""

    KEEP = "keep"
    EXCLUDE = "exclude"


def _row(indicator: str, on: date) -> Row | None:
    """The rule for an indicator, or for the item that it is a statistic of; None where no rule is in force."""
    for name in (indicator, indicator.rpartition("_")[0]):
        try:
            return in_force("dust_modes", on, indicator=name)[0]
        except StandardsError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class DustDays:
    """Declared dust days by area (a point of the panel), and modes that a paper sets other than the rule does.

    `modes` holds an indicator, or an item for all its statistics. Without days nothing is ever excluded.
    """

    days: Mapping[str, frozenset[date]] = field(default_factory=dict)
    modes: Mapping[str, DustMode] = field(default_factory=dict)

    def mode(self, indicator: str, on: date) -> DustMode:
        """What an indicator does with dust days, by the rule of a day; KEEP where no rule is in force."""
        for name in (indicator, indicator.rpartition("_")[0]):
            if name in self.modes:
                return self.modes[name]
        row = _row(indicator, on)
        return DustMode.KEEP if row is None else DustMode(row.text("mode"))

    def footnotes(self, indicator: str, on: date) -> tuple[Footnote, ...]:
        """Where the mode comes from; nothing when no days are declared."""
        row = _row(indicator, on) if self.days else None
        return () if row is None else (row.footnote(),)

    def without(self, panel: DayPanel, indicator: str, on: date) -> DayPanel:
        """The panel as the indicator sees it on the dust days of its points, read by the rules of the day `on`.

        A statistic loses its own item, the index the items that leave dust out, a count of days the whole day.
        """
        if not self.days or self.mode(indicator, on) is DustMode.KEEP:
            return panel
        mask = self._mask(panel)
        items = {kind.value for kind in panel.values}
        if (item := indicator.rpartition("_")[0]) in items:
            items = {item}
        elif indicator == _INDEX:
            items = {kind for kind in items if self.mode(kind, on) is DustMode.EXCLUDE}
        values = {
            kind: np.where(mask, np.nan, array) if kind.value in items else array
            for kind, array in panel.values.items()
        }
        return DayPanel(panel.points, panel.first, values)

    def _mask(self, panel: DayPanel) -> NDArray[np.bool_]:
        mask = np.zeros((len(panel.points), panel.days), np.bool_)
        for row, point in enumerate(panel.points):
            for day in self.days.get(point, ()):
                if 0 <= (column := (day - panel.first).days) < panel.days:
                    mask[row, column] = True
        return mask

    def count(self, point: str, first: date, last: date) -> int:
        """Dust days of a point from `first` to `last`, both included."""
        return sum(first <= day <= last for day in self.days.get(point, ()))
