"""What the stack monitors of plants measure in a day: it follows the energy that their lines really used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lantian.periods import day_start_ms
from lantian.rehearsal.batches import batch
from lantian.rehearsal.city import City, fleet_of
from lantian.rehearsal.source import number, stream
from lantian.rehearsal.tonnage import EMITTED, YEAR, tonnes, usual_kwh

__all__ = ["day_batch", "line_kwh"]

Floats = NDArray[np.float64]

DAY_S = 86_400


def line_kwh(city: City, tables: Mapping[str, pa.Table]) -> Floats:
    """kWh of production of each line over the step of some power batches; NaN for a line without a reading.

    A quarter-hour that was lost counts as the mean of the others: the stack went on while the meter was silent.
    """
    fleet = fleet_of(city)
    found = np.full(len(fleet.line_plant), np.nan)
    for area_id, low, high in fleet.county_rows:
        values = tables[area_id]["value"].to_numpy(zero_copy_only=False).reshape(high - low, -1)[0::2]
        known = ~np.isnan(values)
        count = known.sum(axis=1)
        total = np.where(known, values, 0.0).sum(axis=1)
        hours = values.shape[1] / 4.0
        found[low // 2 : high // 2] = np.where(count > 0, total / np.maximum(count, 1) * hours, np.nan)
    return found


@lru_cache(maxsize=2)
def _monitored(city: City) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Which pollutants of which plants have a monitor [plants, pollutants]; kg per kWh; usual kWh of the lines."""
    fleet = fleet_of(city)
    usual = usual_kwh(fleet)
    yearly = tonnes(city.enterprises)
    plants = np.bincount(fleet.line_plant, usual, len(city.enterprises))
    watched = np.nan_to_num(yearly) > number("scale", "monitor_t")
    return watched, yearly * 1000 / YEAR / plants[:, None], usual


def day_batch(city: City, day: date, steps: Iterable[Floats]) -> pa.Table:
    """Measured kg of the day, one row per monitored plant and pollutant, from the `line_kwh` of its steps.

    A monitor that reported nothing has an empty value. A line that no step knows counts with its usual day.
    """
    watched, per_kwh, usual = _monitored(city)
    kwh = np.stack(list(steps), axis=1)
    known = ~np.isnan(kwh)
    mean = np.where(known, kwh, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    lines = np.where(known.any(axis=1), mean * kwh.shape[1], usual)
    plants = np.bincount(fleet_of(city).line_plant, lines, len(city.enterprises))
    generator = stream(city.seed, "monitor", day.toordinal())
    spread = np.exp(generator.normal(0, number("scale", "monitor_spread"), watched.shape))
    missed = generator.random(len(plants)) < number("scale", "monitor_missed")
    kg = np.round(np.nan_to_num(per_kwh) * plants[:, None] * spread, 2)
    kg[missed] = np.nan
    rows_of = np.flatnonzero(watched.any(axis=1))
    ids = [city.enterprises[i].id for i in rows_of.tolist()]
    starts = np.array([day_start_ms(day)], dtype=np.int64)
    kinds = [kind.value for kind in EMITTED.values()]
    whole = batch(ids, kinds, starts, DAY_S, kg[rows_of][:, None, :])
    return whole.filter(pa.array(watched[rows_of].ravel()))
