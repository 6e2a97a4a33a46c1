"""Hourly stations whose day means are the city's daily values, and the forecast issued each day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lantian.assess.aqi import AQI_ITEMS, daily_aqi, edition_on
from lantian.periods import day_start_ms, local_day
from lantian.records import ObservationKind
from lantian.rehearsal.batches import batch
from lantian.rehearsal.city import City, ForecastKind
from lantian.rehearsal.climate import DailyAir
from lantian.rehearsal.source import rows, stream
from lantian.units import to_decimal

__all__ = ["batches", "course", "forecast", "forecast_values", "hours", "site_factors"]

Floats = NDArray[np.float64]

HOUR_MS = 3_600_000
EIGHT = 8
LOST_SHARE = 0.006  # of station hours, in invented air only
FORECAST_NOISE = 0.015
ITEMS = tuple(sorted(AQI_ITEMS))


def course(city: City, day: date, kind: ObservationKind) -> Floats | None:
    """The city's value along the hours of the day, drawn through the noons of the days around. None = missing."""
    around = [city.air.get(day + timedelta(days=step), {}).get(kind) for step in (-1, 0, 1)]
    here = around[1]
    if here is None:
        return None
    known = [here if value is None else value for value in around]
    return np.asarray(np.interp(np.arange(24) + 0.5, (-12.0, 12.0, 36.0), known))


def _shape(kind: ObservationKind) -> Floats:
    """Daily course: ozone in the afternoon, the others by night and in the morning."""
    hour = np.arange(24) + 0.5
    if kind is ObservationKind.O3:
        return np.asarray(0.35 + np.exp(-(((hour - 15.5) / 3.6) ** 2)))
    return np.asarray(
        1 + 0.10 * np.cos((hour - 3) / 24 * 2 * np.pi) + 0.07 * np.exp(-(((hour - 9) / 2) ** 2))
    )


def _settle(values: Floats, target: float, decimals: int) -> Floats:
    """Round to `decimals` so that the mean over all cells is exactly `target` (as far as it has those decimals)."""
    unit = 10**decimals
    scaled = values * (target / values.mean()) * unit
    whole = np.floor(scaled)
    short = round(target * unit * values.size) - int(whole.sum())
    order = np.argsort(-(scaled - whole), axis=None, kind="stable")
    whole.flat[order[:short]] += 1
    return np.asarray(whole / unit)


def _mda8(values: Floats) -> float:
    """Greatest 8 h mean within the day, averaged over the stations; `values` [stations, 24]."""
    windows = np.lib.stride_tricks.sliding_window_view(values, EIGHT, axis=1).mean(axis=2)
    return float(windows.max(axis=1).mean())


def site_factors(city: City) -> Floats:
    """How much a station lies above or below the others [stations, items], items in the order of `ITEMS`."""
    return stream(city.seed, "site").uniform(0.85, 1.15, (len(city.stations), len(ITEMS)))


@lru_cache(maxsize=8)
def hours(city: City, day: date) -> Floats:
    """Hourly values [stations, 24, items] of a local day, items in the order of `ITEMS`; NaN = missing.

    City means of PM and gases equal `city.air` to the last digit, O3's MDA8 within 0.1.
    """
    generator = stream(city.seed, "air", day.toordinal())
    stations = len(city.stations)
    site = site_factors(city)
    values = np.full((stations, 24, len(ITEMS)), np.nan)
    for i, kind in enumerate(ITEMS):
        noise = generator.normal(0, 0.04, (stations, 24))
        level, target = course(city, day, kind), city.air.get(day, {}).get(kind)
        if level is None or target is None:
            continue
        raw = level * _shape(kind) * site[:, i, None] * np.exp(noise)
        if kind is ObservationKind.O3:
            values[:, :, i] = np.round(raw * (target / _mda8(raw)), 1)
        elif target > 0:
            values[:, :, i] = _settle(raw, target, 3 if kind is ObservationKind.CO else 1)
        else:
            values[:, :, i] = 0.0
    if not city.real_air:
        values[generator.random((stations, 24)) < LOST_SHARE] = np.nan
    return values


def batches(city: City, start_ms: int, end_ms: int) -> dict[str, pa.Table]:
    """Hourly rows of all stations for whole hours of [start, end), one table per county that has a station."""
    starts = np.arange(start_ms, end_ms, HOUR_MS, dtype=np.int64)
    columns: list[Floats] = []
    for start in starts.tolist():
        day = local_day(start)
        columns.append(hours(city, day)[:, (start - day_start_ms(day)) // HOUR_MS, :])
    if not columns:
        return {}
    values = np.stack(columns, axis=1)
    made: dict[str, pa.Table] = {}
    for area_id in sorted({station.area_id for station in city.stations}):
        here = [i for i, station in enumerate(city.stations) if station.area_id == area_id]
        here.sort(key=lambda i: city.stations[i].id)
        points = [city.stations[i].id for i in here]
        made[area_id] = batch(points, [kind.value for kind in ITEMS], starts, HOUR_MS // 1000, values[here])
    return made


def _blurred(city: City, day: date, lead: int, weight: float) -> DailyAir:
    """A day as the model sees it: PM drawn towards the mean of the 60 days before, with a little noise."""
    actual = city.air[day]
    past = [city.air[d] for d in city.air if timedelta(0) < city.first_day - d <= timedelta(days=60)]
    generator = stream(city.seed, "forecast", day.toordinal(), lead)
    seen: dict[ObservationKind, float | None] = {}
    for kind in ITEMS:
        value = actual.get(kind)
        known = [v for values in past if (v := values.get(kind)) is not None]
        noise = 1 + FORECAST_NOISE * (2 * float(generator.random()) - 1)
        mean = sum(known) / len(known) if known else value
        seen[kind] = value if value is None or mean is None else (mean + (value - mean) * weight) * noise
    return seen


def forecast_values(city: City, issued_on: date) -> tuple[DailyAir, ...]:
    """Daily values forecast for the coming days from tomorrow, by the city's forecast kind.

    Ends where the known air ends; a persistence forecast repeats the day of issue.
    """
    weights = [float(row["weight"]) for row in rows("forecast")]
    coming: list[DailyAir] = []
    for lead, weight in enumerate(weights, start=1):
        day = issued_on + timedelta(days=lead)
        if city.forecast_kind is ForecastKind.PERSISTENCE:
            coming.append(city.air.get(issued_on, {}))
        elif day not in city.air:
            break
        elif city.forecast_kind is ForecastKind.PERFECT:
            coming.append(city.air[day])
        else:
            coming.append(_blurred(city, day, lead, weight))
    return tuple(coming)


def forecast(city: City, issued_on: date, edition: str | None = None) -> tuple[int, ...]:
    """Daily AQI forecast from tomorrow, at most five days; it ends at the first day without an AQI.

    `edition` overrides the AQI edition in force on each day. StandardsError when none is in force.
    """
    found: list[int] = []
    for lead, values in enumerate(forecast_values(city, issued_on), start=1):
        applied = edition_on(issued_on + timedelta(days=lead), edition)
        readings: dict[ObservationKind, Decimal | None] = {
            kind: None if (value := values.get(kind)) is None else to_decimal(value) for kind in AQI_ITEMS
        }
        aqi = daily_aqi(readings, applied).aqi
        if aqi is None:
            break
        found.append(aqi)
    return tuple(found)
