"""Which hours of an air station can be believed? Marks by plain rules; nothing is removed or repaired here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lantian.records import Flag

__all__ = ["HourLimits", "flag_hours"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class HourLimits:
    """What an hourly value of one item may be, in its canonical unit."""

    maximum: float  # above: RANGE
    sentinels: tuple[float, ...] = (-99.0, -999.0, -9999.0, 9999.0)  # instrument codes for "no value"
    stuck_hours: int = 6  # as many equal values above nought in a row: STUCK


def flag_hours(values: Floats, limits: HourLimits) -> list[Flag]:
    """One mark per hour of consecutive hours; a missing (NaN) hour is unmarked and ends a run of equal values.

    The first reason that fits counts: sentinel, negative, range, stuck.
    """
    flags = np.full(len(values), Flag.OK, object)
    flags[_stuck(values, limits.stuck_hours)] = Flag.STUCK
    flags[values > limits.maximum] = Flag.RANGE
    flags[values < 0] = Flag.NEGATIVE
    flags[np.isin(values, limits.sentinels)] = Flag.SENTINEL
    return list(flags)


def _stuck(values: Floats, hours: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Hours in a run of at least `hours` equal values above nought."""
    if not len(values):
        return np.zeros(0, np.bool_)
    run = np.concatenate(([0], np.cumsum(values[1:] != values[:-1])))
    return (np.bincount(run)[run] >= hours) & (values > 0)
