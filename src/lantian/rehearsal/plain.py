"""The plain around the city: other invented cities, whose air follows the city's own more or less closely."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from lantian.observe.panel import DayPanel, Floats
from lantian.records import ObservationKind
from lantian.rehearsal.climate import DailyAir, dust, norm
from lantian.rehearsal.source import rows, stream

__all__ = ["neighbours"]

PERSISTENCE = 0.7  # of a city's own departure into the next day
SPREAD = 0.33  # of the logarithm of what a city does not share with ours
WOBBLE = 0.07
SILENT_SHARE = 0.003  # of days on which a city publishes nothing
LOST_SHARE = 0.002  # of an item's days
POWERS = {"pm10": 0.72, "so2": 0.35, "no2": 0.45, "co": 0.55, "o3_mda8": None}


def neighbours(seed: int, air: Mapping[date, DailyAir]) -> DayPanel:
    """Day values of the cities of `plain.csv` over the days of `air`, which are consecutive; NaN = not published.

    A city's departure from the month's norm is `follows` times ours, `lag_days` later, and its own for the rest.
    """
    days = sorted(air)
    ours = np.log([(air[day][ObservationKind.PM25] or 1.0) / norm(day, "pm25") for day in days])
    usual = {item: np.array([norm(day, item) for day in days]) for item in ("pm25", "o3_power", *POWERS)}
    table = sorted(rows("plain"), key=lambda row: row["name"])
    made = [_city(seed, row, days, ours, usual) for row in table]
    values = {kind: np.stack([city[kind] for city in made]) for kind in made[0]}
    return DayPanel(tuple(row["name"] for row in table), days[0], values)


def _city(
    seed: int, row: Mapping[str, str], days: list[date], ours: Floats, usual: Mapping[str, Floats]
) -> dict[ObservationKind, Floats]:
    generator = stream(seed, "plain", row["name"])
    follows, lag = float(row["follows"]), int(row["lag_days"])
    seen = ours[np.clip(np.arange(len(days)) - lag, 0, len(days) - 1)]
    departure = follows * seen + (1 - follows**2) ** 0.5 * _own(generator, len(days))
    excess = float(row["level"]) * np.exp(departure)
    found = {ObservationKind.PM25: np.round(usual["pm25"] * excess)}
    for item, power in POWERS.items():
        column = "o3" if item == "o3_mda8" else item
        level = float(row.get(column) or 1.0)
        wobble = np.exp(generator.normal(0, WOBBLE, len(days)))
        exponent = usual["o3_power"] if power is None else power
        kind = ObservationKind(column)
        found[kind] = np.round(usual[item] * level * excess**exponent * wobble, int(item == "co"))
    pm10 = ObservationKind.PM10
    found[pm10] = np.maximum(found[pm10], np.round(found[ObservationKind.PM25] * 1.12))
    _blow(generator, days, found)
    silent = generator.random(len(days)) < SILENT_SHARE
    for values in found.values():
        values[silent | (generator.random(len(days)) < LOST_SHARE)] = np.nan
    return found


def _own(generator: np.random.Generator, count: int) -> Floats:
    draws = SPREAD * (1 - PERSISTENCE**2) ** 0.5 * generator.normal(size=count)
    own = np.empty(count)
    before = 0.0
    for i, draw in enumerate(draws.tolist()):
        own[i] = before = PERSISTENCE * before + draw
    return own


def _blow(generator: np.random.Generator, days: list[date], values: dict[ObservationKind, Floats]) -> None:
    """Dust days raise the particles of every city of the plain, not of all alike."""
    strength = np.exp(generator.normal(0, 0.2, len(days)))
    for i, day in enumerate(days):
        found = dust(day)
        if found is not None:
            pm10 = round(found[0] * float(strength[i]))
            values[ObservationKind.PM10][i] = max(pm10, values[ObservationKind.PM10][i])
            values[ObservationKind.PM25][i] = round(values[ObservationKind.PM25][i] * found[1])
