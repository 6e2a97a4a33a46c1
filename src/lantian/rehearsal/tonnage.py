"""Tonnes a year of invented plants, by trade, grade and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lantian.inventory import Enterprise
from lantian.records import ObservationKind
from lantian.rehearsal.fleet import SLOTS, Fleet
from lantian.rehearsal.source import number, rows, stream

__all__ = ["EMITTED", "tonnes", "usual_kwh", "with_tonnages"]

Floats = NDArray[np.float64]

EMITTED = {
    "so2": ObservationKind.EMITTED_SO2,
    "nox": ObservationKind.EMITTED_NOX,
    "pm": ObservationKind.EMITTED_PM,
    "vocs": ObservationKind.EMITTED_VOCS,
}
SPREAD = 0.3  # of the logarithm, between plants of one trade and grade
WEEK, YEAR = 7, 365  # days


def usual_kwh(fleet: Fleet) -> Floats:
    """kWh of production of each line on a mean day of the year, when it is left alone."""
    habits = fleet.habits
    slots = (habits.shift_end - habits.shift_start) % SLOTS
    hours = np.where(slots == 0, SLOTS, slots) / 4.0
    share = (habits.work_days / WEEK)[fleet.line_plant]
    running = hours[fleet.line_plant] * share
    return np.asarray((habits.load * running + habits.holding * (24 - running)) * fleet.rated[0::2])


def with_tonnages(fleet: Fleet, enterprises: Sequence[Enterprise]) -> tuple[Enterprise, ...]:
    """The plants with their tonnes a year; a few never reported any."""
    generator = stream(fleet.seed, "tonnages")
    per_mwh = {row["trade"]: [float(row[item]) for item in EMITTED] for row in rows("tonnage")}
    names = {"A": "tonnage_a", "B": "tonnage_b", "C": "tonnage_c", "D": "tonnage_d", "": "tonnage_none"}
    grades = {grade: number("scale", name) for grade, name in names.items()}
    mwh = np.bincount(fleet.line_plant, usual_kwh(fleet), len(enterprises)) * YEAR / 1000
    spread = np.exp(generator.normal(0, SPREAD, (len(enterprises), len(EMITTED))))
    unknown = generator.random(len(enterprises)) < number("scale", "tonnage_unknown")
    made = []
    for i, plant in enumerate(enterprises):
        factor = np.array(per_mwh[plant.trade]) * spread[i] * (mwh[i] * grades[plant.grade] / 1000)
        so2, nox, pm, vocs = (None if unknown[i] else round(t, 2) for t in factor.tolist())
        made.append(replace(plant, so2_t=so2, nox_t=nox, pm_t=pm, vocs_t=vocs))
    return tuple(made)


def tonnes(enterprises: Sequence[Enterprise]) -> Floats:
    """t a year [plants, pollutants], NaN where none was reported."""
    given = [[plant.so2_t, plant.nox_t, plant.pm_t, plant.vocs_t] for plant in enterprises]
    return np.array(given, dtype=np.float64).reshape(len(enterprises), len(EMITTED))
