"""What is normal for a plant: its idle load and its energy on an ordinary day, learnt from daily energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from lantian.detect.plants import Floats, PlantIndex
from lantian.errors import DataError
from lantian.periods import is_workday

__all__ = ["Baseline", "learn"]

Marks = np.ndarray[Any, np.dtype[np.bool_]]

_MIN_DAYS = 5  # fewer comparable days give no base
_IDLE_MAX_SHARE = 0.35  # a day of higher mean power was no idle day, of rated
_IDLE_GAP = 0.5  # idle days lie below this part of ordinary days
_NEVER_RAN_SHARE = 0.25  # below this, of rated, all days were idle days
_IDLE_SPREAD = 1.3  # idle days scatter by this factor


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Rows as in PlantIndex: `idle_kw` [meters] (0 = not learnt), `base_kwh_*` [plants] per day (NaN = not learnt)."""

    idle_kw: Floats
    base_kwh_workday: Floats
    base_kwh_restday: Floats

    def base_kwh(self, on: date) -> Floats:
        """Base of the day's type. Raises PeriodError when the year's working calendar is not published."""
        return self.base_kwh_workday if is_workday(on) else self.base_kwh_restday


def learn(
    daily_energy_kwh: Floats,
    days: Sequence[date],
    plants: PlantIndex,
    *,
    baseline_days: int = 30,
    restricted: Marks | None = None,
) -> Baseline:
    """Baselines from daily energy [meters, days] (NaN = missing), oldest day first.

    Base of a plant: median of its last `baseline_days` days of the same type (working or rest day) that are not
    `restricted` [plants, days]; a day counts when all meters of the plant are known. Raises DataError on a shape.
    """
    energy = np.asarray(daily_energy_kwh, np.float64)
    if energy.shape != (len(plants.meter_ids), len(days)):
        raise DataError(f"daily energy is {energy.shape}, wanted {(len(plants.meter_ids), len(days))}")
    total = np.full((len(plants.enterprise_ids), len(days)), np.nan)
    owned = np.unique(plants.line_plant[plants.meter_line])
    total[owned] = 0.0
    np.add.at(total, plants.line_plant[plants.meter_line], energy)
    if restricted is not None:
        total[restricted] = np.nan
        energy = np.where(restricted[plants.line_plant[plants.meter_line]], np.nan, energy)
    working = np.array([is_workday(day) for day in days], np.bool_)
    return Baseline(
        idle_kw=_idle_kw(energy / 24.0, plants.rated_kw),
        base_kwh_workday=_median_of_last(total[:, working], baseline_days),
        base_kwh_restday=_median_of_last(total[:, ~working], baseline_days),
    )


def _median_of_last(energy: Floats, count: int) -> Floats:
    """Median of the last `count` known values of each row; NaN where fewer than _MIN_DAYS are known."""
    known = ~np.isnan(energy)
    age = np.cumsum(known[:, ::-1], axis=1)[:, ::-1]
    return _median(np.where(known & (age <= count), energy, np.nan), _MIN_DAYS)


def _idle_kw(mean_kw: Floats, rated_kw: Floats) -> Floats:
    """Idle load [meters] from the days' mean power: the low cluster of days, where there is one."""
    idle = np.zeros(len(rated_kw))
    rows = np.flatnonzero((~np.isnan(mean_kw)).sum(axis=1) >= _MIN_DAYS)
    if not len(rows):
        return idle
    mean_kw, rated_kw = mean_kw[rows], rated_kw[rows]
    low, high = np.nanpercentile(mean_kw, (10, 75), axis=1)
    apart = (low <= _IDLE_GAP * high) | (high <= _NEVER_RAN_SHARE * rated_kw)
    stands = apart & (low <= _IDLE_MAX_SHARE * rated_kw)
    low_days = np.where(mean_kw <= _IDLE_SPREAD * low[:, None], mean_kw, np.nan)
    idle[rows[stands]] = _median(low_days[stands], 1)
    return idle


def _median(values: Floats, least: int) -> Floats:
    """Median of the known values of each row; NaN where fewer than `least` are known."""
    known = (~np.isnan(values)).sum(axis=1)
    found = np.full(len(values), np.nan)
    if values.shape[1]:
        ordered = np.sort(values, axis=1)  # NaN last
        rows = np.flatnonzero(known >= max(least, 1))
        half = known[rows]
        found[rows] = (ordered[rows, (half - 1) // 2] + ordered[rows, half // 2]) / 2.0
    return found
