"""Hourly wind and temperature that go with the invented air: calm and turning while it is bad, brisk when it clears."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lantian.periods import day_start_ms, local_day
from lantian.records import ObservationKind
from lantian.rehearsal.air import course
from lantian.rehearsal.batches import batch
from lantian.rehearsal.city import City
from lantian.rehearsal.climate import norm
from lantian.rehearsal.source import stream

__all__ = ["ITEMS", "hours", "point", "step"]

Floats = NDArray[np.float64]

HOUR_MS = 3_600_000
ITEMS = (ObservationKind.WIND_FROM, ObservationKind.WIND_SPEED, ObservationKind.TEMPERATURE)
BACKS = (
    (-0.6, 0.0, 0.9),
    (320.0, 225.0, 100.0),
)  # logarithm of the excess of PM2.5; degrees the wind comes from
STILL = -1.1  # power of the excess that the wind speed follows
LEAST = 0.1  # m/s
WARMS = 2.5  # C per unit of the logarithm of the excess


def point(city: City) -> str:
    """The point of the city's weather."""
    return f"weather:{city.areas[0].id}"


@lru_cache(maxsize=8)
def hours(city: City, day: date) -> Floats:
    """[24, items] of a local day in the order of `ITEMS`: degrees from north, m/s, C. NaN where the air is missing."""
    pm25 = course(city, day, ObservationKind.PM25)
    found = np.full((24, len(ITEMS)), np.nan)
    if pm25 is None:
        return found
    generator = stream(city.seed, "weather", day.toordinal())
    hour = np.arange(24) + 0.5
    excess = np.maximum(pm25, 1.0) / norm(day, "pm25")
    daily = 1 + 0.4 * np.cos((hour - 14.5) / 12 * np.pi)
    gusts = np.exp(generator.normal(0, 0.15, 24))
    speed = np.maximum(norm(day, "wind_speed") * excess**STILL * daily * gusts, LEAST)
    turned = generator.normal(0, 1, 24) * (12 + 40 / (1 + speed))
    found[:, 0] = np.round(np.interp(np.log(excess), *BACKS) + turned) % 360
    found[:, 1] = np.round(speed, 1)
    swing = norm(day, "temperature_range") / 2 * np.cos((hour - 15) / 12 * np.pi)
    shift = WARMS * np.log(excess) + generator.normal(0, 1.5)
    found[:, 2] = np.round(norm(day, "temperature") + swing + shift + generator.normal(0, 0.3, 24), 1)
    return found


def step(city: City, start_ms: int, end_ms: int) -> pa.Table:
    """Rows of the whole hours of [start, end) at the city's weather point."""
    starts = np.arange(start_ms, end_ms, HOUR_MS, dtype=np.int64)
    rows = []
    for start in starts.tolist():
        day = local_day(start)
        rows.append(hours(city, day)[(start - day_start_ms(day)) // HOUR_MS])
    values = np.array(rows)[None, :, :]
    return batch([point(city)], [kind.value for kind in ITEMS], starts, HOUR_MS // 1000, values)
