"""How lines run when nobody orders anything: shifts, days off, load and holding power.

Arrays are per plant [plants], per line [lines] or per meter [2 * lines]; meter 2i is the production meter of
line i and meter 2i + 1 its treatment meter. Power is a share of the line's rated power unless it says kW.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lantian.periods import is_workday
from lantian.rehearsal.source import number, stream

__all__ = [
    "NEVER",
    "SLOTS",
    "TREATMENT_IDLE",
    "TREATMENT_RUN",
    "Fleet",
    "Habits",
    "daily_energy",
    "day_load",
    "scheduled",
]

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

SLOTS = 96
NEVER = 10_000_000  # an ordinal day that never comes
TREATMENT_IDLE, TREATMENT_RUN = 0.03, 0.68


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """Per plant: shift (quarter-hours of the local day; start > end crosses midnight), working days a week,
    ordinal day from which it stands idle. Per line: load and holding share, every `off_cycle`-th day off (0 = none).
    """

    shift_start: Ints
    shift_end: Ints
    work_days: Ints
    idle_from: Ints
    load: Floats
    holding: Floats
    off_cycle: Ints
    off_phase: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """The plants' lines as arrays. `first_line` [plants + 1] marks where each plant's lines begin."""

    seed: int
    habits: Habits
    line_plant: Ints
    first_line: Ints
    rated: Floats  # kW per meter
    line_row: dict[str, int]
    plant_row: dict[str, int]
    meter_ids: tuple[str, ...]
    county_rows: tuple[tuple[str, int, int], ...]  # (area id, first meter, end of its meters)

    @property
    def threshold(self) -> Floats:
        """Share of rated power [lines] above which a line that must stand still counts as running."""
        rated_share, factor = number("scale", "rated_share"), number("scale", "idle_factor")
        return np.asarray(np.maximum(rated_share, factor * self.habits.holding), dtype=np.float32)


def _working(habits: Habits, day: date) -> Bools:
    """Which plants work on the day at all: seven-day plants always, others not on Sundays and holidays."""
    workday = is_workday(day)
    six = workday or day.weekday() == 5
    allowed = np.where(habits.work_days >= 7, True, np.where(habits.work_days == 6, six, workday))
    return allowed & (habits.idle_from > day.toordinal())


def scheduled(fleet: Fleet, day: date, slots: Ints) -> Bools:
    """[lines, len(slots)]: whether the line runs in these quarter-hours of the local day when left alone."""
    habits = fleet.habits
    start, end = habits.shift_start[:, None], habits.shift_end[:, None]
    inside = np.where(start < end, (slots >= start) & (slots < end), (slots >= start) | (slots < end))
    plant_on = inside & _working(habits, day)[:, None]
    cycle = np.maximum(habits.off_cycle, 1)
    off = (habits.off_cycle > 0) & ((day.toordinal() + habits.off_phase) % cycle == 0)
    return np.asarray(plant_on[fleet.line_plant] & ~off[:, None])


def day_load(fleet: Fleet, day: date) -> Floats:
    """Load share of each line on the day [lines], a little different every day."""
    draw = stream(fleet.seed, "load", day.toordinal()).random(len(fleet.line_plant), dtype=np.float32)
    return fleet.habits.load * (1 + np.float32(number("scale", "day_noise")) * (2 * draw - 1))


def daily_energy(fleet: Fleet, days: tuple[date, ...]) -> NDArray[np.float64]:
    """kWh [meters, days] of days without any order, rounded to 0.1 kWh."""
    energy = np.empty((len(fleet.rated), len(days)))
    slots = np.arange(SLOTS, dtype=np.int32)
    for column, day in enumerate(days):
        hours = scheduled(fleet, day, slots).sum(axis=1) / 4.0
        energy[0::2, column] = day_load(fleet, day) * hours + fleet.habits.holding * (24 - hours)
        energy[1::2, column] = TREATMENT_RUN * hours + TREATMENT_IDLE * (24 - hours)
    return np.asarray(np.round(energy * fleet.rated[:, None], 1))
