"""Invented daily air of a city: quiet days by the month's norms, spring dust, one episode of heavy pollution."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

import numpy as np

from lantian.periods import same_period_last_year, season
from lantian.records import ObservationKind
from lantian.rehearsal.source import rows, stream

__all__ = ["DailyAir", "dust", "episode_variant", "invented_air", "norm"]

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


@cache
def _months() -> dict[int, dict[str, float]]:
    return {
        int(row["month"]): {item: float(value) for item, value in row.items() if item != "month"}
        for row in rows("climate")
    }


def norm(day: date, item: str) -> float:
    """What is usual in the day's month, a column of `climate.csv`. KeyError for another one."""
    return _months()[day.month][item]


def _values(day: date, pm25: float, generator: np.random.Generator) -> DailyAir:
    """All items of a day from its PM2.5; dust and gases follow it less than proportionally."""
    excess = pm25 / norm(day, "pm25")
    wobble = generator.normal(0, 0.05, 5)
    powers = {"pm10": 0.72, "so2": 0.35, "no2": 0.45, "co": 0.55, "o3_mda8": norm(day, "o3_power")}
    values: dict[ObservationKind, float | None] = {ObservationKind.PM25: float(round(pm25))}
    for (item, power), noise in zip(powers.items(), wobble, strict=True):
        value = norm(day, item) * excess**power * float(np.exp(noise))
        kind = ObservationKind.O3 if item == "o3_mda8" else ObservationKind(item)
        values[kind] = round(value, 1) if kind is ObservationKind.CO else float(round(value))
    pm10 = values[ObservationKind.PM10] or 0.0
    values[ObservationKind.PM10] = max(pm10, float(round(pm25 * 1.12)))
    return values


def dust(day: date) -> tuple[float, float] | None:
    """PM10 of a day on which dust blows over the plain, and how much more PM2.5 there is; None on other days."""
    for row in rows("dust"):
        if row["month_day"] == f"{day:%m-%d}":
            return float(row["pm10"]), float(row["pm25_factor"])
    return None


def _with_dust(seed: int, day: date, values: DailyAir) -> DailyAir:
    found = dust(day)
    if found is None:
        return values
    jitter = 1 + 0.04 * (2 * float(stream(seed, "dust", day.toordinal()).random()) - 1)
    pm25 = (values[ObservationKind.PM25] or 0.0) * found[1] * jitter
    blown = {ObservationKind.PM10: float(round(found[0] * jitter)), ObservationKind.PM25: float(round(pm25))}
    return {**values, **blown}


def _quiet(seed: int, start: date, end: date, level: float) -> dict[date, DailyAir]:
    generator = stream(seed, "quiet", start.toordinal())
    departure = 0.0
    made: dict[date, DailyAir] = {}
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        departure = PERSISTENCE * departure + SPREAD * float(generator.normal())
        pm25 = min(QUIET_CEILING, norm(day, "pm25") * level * float(np.exp(departure - SPREAD**2)))
        made[day] = _values(day, pm25, generator)
    return made


def invented_air(seed: int, first_day: date, days: int) -> dict[date, DailyAir]:
    """Every day from 1 January of last year, or from last season's start, to `AFTER` days after the last played one.

    It does not go past the end of this season.
    """
    this = season(first_day)
    last = same_period_last_year(this)
    end = min(this.end_on, first_day + timedelta(days=days + AFTER))
    one = timedelta(days=1)
    begin = min(last.start_on, date(first_day.year - 1, 1, 1))
    air = _summer(seed, begin, last.start_on - one, 1.12) | _quiet(seed, last.start_on, last.end_on, 1.04)
    air |= _summer(seed, last.end_on + one, this.start_on - one, 0.95) | _quiet(
        seed, this.start_on, end, 0.98
    )
    generator = stream(seed, "episode-days")
    for row in rows("episode"):
        day = first_day + timedelta(days=int(row["day"]))
        if row["variant"] == episode_variant(seed) and day <= end:
            jitter = 1 + 0.015 * (2 * float(generator.random()) - 1)
            air[day] = _values(day, float(row["pm25"]) * jitter, generator)
    return air


def _summer(seed: int, start: date, end: date, level: float) -> dict[date, DailyAir]:
    """The days between two seasons, with the dust of spring; none when `end` lies before `start`."""
    quiet = _quiet(seed, start, end, level)
    return {day: _with_dust(seed, day, values) for day, values in quiet.items()}
