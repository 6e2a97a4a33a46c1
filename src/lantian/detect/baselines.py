"""What is normal for a plant: its idle load and its energy on an ordinary day, learnt from daily energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from lantian.detect.plants import Floats, PlantIndex
from lantian.errors import DataError
from lantian.periods import is_workday
from lantian.standards import Row, in_force

__all__ = ["Baseline", "Numbers", "learn"]

Marks = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of the rules BASE and P3 that say how baselines are learnt; percentages as shares."""

    min_days: int
    idle_max_share: float
    idle_gap: float
    never_ran_share: float
    idle_spread: float
    baseline_days: int

    @classmethod
    def on(cls, day: date, edition: str | None = None, overlay: Sequence[Row] = ()) -> Numbers:
        """The numbers in force on a day. Raises StandardsError naming the gap."""

        def row(parameter: str, rule: str = "BASE") -> Row:
            return in_force("detection_rules", day, edition, overlay, rule=rule, parameter=parameter)[0]

        def share(parameter: str) -> float:
            return float(row(parameter).number() / Decimal(100))

        return cls(
            min_days=row("min_days").integer(),
            idle_max_share=share("idle_max_share"),
            idle_gap=share("idle_gap"),
            never_ran_share=share("never_ran_share"),
            idle_spread=float(row("idle_spread").number()),
            baseline_days=row("baseline_days", "P3").integer(),
        )


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
    restricted: Marks | None = None,
    numbers: Numbers | None = None,
) -> Baseline:
    """Baselines from daily energy [meters, days] (NaN = missing), oldest day first.

    Base of a plant: median of its last `baseline_days` days of the same type (working or rest day) that are not
    `restricted` [plants, days]; a day counts when all meters of the plant are known. `numbers` are those in force on
    the newest day unless given. Raises DataError on a shape, or without any day to take the numbers from.
    """
    energy = np.asarray(daily_energy_kwh, np.float64)
    if energy.shape != (len(plants.meter_ids), len(days)):
        raise DataError(f"daily energy is {energy.shape}, wanted {(len(plants.meter_ids), len(days))}")
    if numbers is None:
        if not days:
            raise DataError("there is no day to learn from")
        numbers = Numbers.on(days[-1])
    total = np.full((len(plants.enterprise_ids), len(days)), np.nan)
    owned = np.unique(plants.line_plant[plants.meter_line])
    total[owned] = 0.0
    np.add.at(total, plants.line_plant[plants.meter_line], energy)
    if restricted is not None:
        total[restricted] = np.nan
        energy = np.where(restricted[plants.line_plant[plants.meter_line]], np.nan, energy)
    working = np.array([is_workday(day) for day in days], np.bool_)
    return Baseline(
        idle_kw=_idle_kw(energy / 24.0, plants.rated_kw, numbers),
        base_kwh_workday=_median_of_last(total[:, working], numbers),
        base_kwh_restday=_median_of_last(total[:, ~working], numbers),
    )


def _median_of_last(energy: Floats, numbers: Numbers) -> Floats:
    """Median of the last `baseline_days` known values of each row; NaN where fewer than `min_days` are known."""
    known = ~np.isnan(energy)
    age = np.cumsum(known[:, ::-1], axis=1)[:, ::-1]
    return _median(np.where(known & (age <= numbers.baseline_days), energy, np.nan), numbers.min_days)


def _idle_kw(mean_kw: Floats, rated_kw: Floats, numbers: Numbers) -> Floats:
    """Idle load [meters] from the days' mean power: the low cluster of days, where there is one."""
    idle = np.zeros(len(rated_kw))
    rows = np.flatnonzero((~np.isnan(mean_kw)).sum(axis=1) >= numbers.min_days)
    if not len(rows):
        return idle
    mean_kw, rated_kw = mean_kw[rows], rated_kw[rows]
    low, high = np.nanpercentile(mean_kw, (10, 75), axis=1)
    apart = (low <= numbers.idle_gap * high) | (high <= numbers.never_ran_share * rated_kw)
    stands = apart & (low <= numbers.idle_max_share * rated_kw)
    low_days = np.where(mean_kw <= numbers.idle_spread * low[:, None], mean_kw, np.nan)
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
