"""Invented daily air of a city: quiet days by the season's norms, and one episode of heavy pollution."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from lantian.periods import same_period_last_year, season
from lantian.records import ObservationKind
from lantian.rehearsal.source import rows, stream

__all__ = ["DailyAir", "episode_variant", "invented_air"]

DailyAir = Mapping[ObservationKind, float | None]
"""City means of one day: CO mg/m3, others ug/m3, O3 the greatest 8 h mean."""

AFTER = 6  # days known after the last played one, for the forecasts
PERSISTENCE = 0.7  # of a quiet day's departure into the next day
SPREAD = 0.24  # of the logarithm
QUIET_CEILING = 105.0  # ug/m3 of PM2.5, so that quiet days start no warning


def episode_variant(seed: int) -> str:
    """Which course of `episode.csv` the seed plays."""
    variants = sorted({row["variant"] for row in rows("episode")})
    return variants[int(stream(seed, "episode").integers(len(variants)))]


def _norm(day: date, item: str) -> float:
    for row in rows("climate"):
        if int(row["month"]) == day.month:
            return float(row[item])
    raise KeyError(f"climate: month {day.month}")


def _values(day: date, pm25: float, generator: np.random.Generator) -> DailyAir:
    """All items of a day from its PM2.5; dust and gases follow it less than proportionally."""
    excess = pm25 / _norm(day, "pm25")
    wobble = generator.normal(0, 0.05, 5)
    powers = {"pm10": 0.72, "so2": 0.35, "no2": 0.45, "co": 0.55, "o3_mda8": -0.35}
    values: dict[ObservationKind, float | None] = {ObservationKind.PM25: float(round(pm25))}
    for (item, power), noise in zip(powers.items(), wobble, strict=True):
        value = _norm(day, item) * excess**power * float(np.exp(noise))
        kind = ObservationKind.O3 if item == "o3_mda8" else ObservationKind(item)
        values[kind] = round(value, 1) if kind is ObservationKind.CO else float(round(value))
    pm10 = values[ObservationKind.PM10] or 0.0
    values[ObservationKind.PM10] = max(pm10, float(round(pm25 * 1.12)))
    return values


def _quiet(seed: int, start: date, end: date, level: float) -> dict[date, DailyAir]:
    generator = stream(seed, "quiet", start.toordinal())
    departure = 0.0
    made: dict[date, DailyAir] = {}
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        departure = PERSISTENCE * departure + SPREAD * float(generator.normal())
        pm25 = min(QUIET_CEILING, _norm(day, "pm25") * level * float(np.exp(departure - SPREAD**2)))
        made[day] = _values(day, pm25, generator)
    return made


def invented_air(seed: int, first_day: date, days: int) -> dict[date, DailyAir]:
    """Last season whole, this season to the last played day and `AFTER` days on (but not past its end)."""
    this = season(first_day)
    last = same_period_last_year(this)
    end = min(this.end_on, first_day + timedelta(days=days + AFTER))
    air = _quiet(seed, last.start_on, last.end_on, 1.04)
    air |= _quiet(seed, this.start_on, end, 0.98)
    generator = stream(seed, "episode-days")
    for row in rows("episode"):
        day = first_day + timedelta(days=int(row["day"]))
        if row["variant"] == episode_variant(seed) and day <= end:
            jitter = 1 + 0.015 * (2 * float(generator.random()) - 1)
            air[day] = _values(day, float(row["pm25"]) * jitter, generator)
    return air
