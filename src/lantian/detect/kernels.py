"""The streaming pass: runs of high power inside the slots in which an order is in force.

Compiled by numba at the first call; the caller sets NUMBA_CACHE_DIR so that the result is kept. The pass holds no
GIL. A job is one meter under one order on one day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

__all__ = ["SLOTS", "scan"]

SLOTS = 96
_HOURS = 0.25

Array = np.ndarray[Any, Any]
Scan = tuple[Array, Array, Array, Array, Array, Array]


def _scan(
    grid: Array, before: Array, row: Array, first: Array, end: Array, threshold: Array, min_slots: Array
) -> Scan:
    """One pass over all jobs.

    grid [meters, 96] and before [meters, k] hold kW, NaN = missing; slot s < 0 is `before[:, k + s]`. Job j looks at
    slots first[j] (>= -k) to end[j] of meter row[j]; a run is at least min_slots[j] (<= k) slots above threshold[j].

    A missing slot ends a run. A run counts today if today's part alone is long enough, or if it becomes long enough
    today; one that became so the day before and ends early today was counted there.

    Gives, per job: missing slots of today, energy seen today (kWh), highest power of today (kW, NaN if none),
    last slot seen (-1: none), number of runs, and the runs as [jobs, most, 2] (first slot, end slot).
    """
    jobs = row.shape[0]
    context = before.shape[1]
    shortest = 1
    if jobs:
        shortest = max(1, min_slots.min())
    most = (SLOTS + context) // (shortest + 1) + 1
    missing = np.zeros(jobs, np.int32)
    energy = np.zeros(jobs, np.float64)
    peak = np.full(jobs, np.nan)
    last = np.full(jobs, -1, np.int32)
    count = np.zeros(jobs, np.int32)
    runs = np.zeros((jobs, most, 2), np.int16)
    for j in range(jobs):
        begin = first[j]
        open_run = False
        for slot in range(first[j], end[j] + 1):
            above = False
            if slot < end[j]:
                value = np.float64(grid[row[j], slot] if slot >= 0 else before[row[j], context + slot])
                above = value > threshold[j]
                if slot >= 0:
                    if np.isnan(value):
                        missing[j] += 1
                    else:
                        energy[j] += value * _HOURS
                        last[j] = slot
                        if not value <= peak[j]:
                            peak[j] = value
            if above and not open_run:
                begin = slot
                open_run = True
            elif open_run and not above:
                open_run = False
                yesterday = max(0, -begin)
                today = slot - max(0, begin)
                enough = yesterday + today >= min_slots[j]
                if slot > 0 and enough and (today >= min_slots[j] or yesterday < min_slots[j]):
                    runs[j, count[j], 0] = begin if yesterday < min_slots[j] else 0
                    runs[j, count[j], 1] = slot
                    count[j] += 1
    return missing, energy, peak, last, count, runs


scan: Callable[[Array, Array, Array, Array, Array, Array, Array], Scan] = njit(nogil=True, cache=True)(_scan)
