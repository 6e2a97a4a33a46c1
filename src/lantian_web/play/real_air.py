"""Real daily air for a replay: the rows of one city out of a file, what was refused kept beside them."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from lantian.errors import DataError
from lantian.observe.air import FLAG_CODES, Air
from lantian.observe.air import read_air as read_files
from lantian.observe.panel import DayPanel
from lantian.records import ObservationKind
from lantian.units import to_decimal
from lantian_store.durable import write_whole

__all__ = ["RealAir", "read_air"]

SHOWN = 5
# Items by the names that the rehearsal's city has for them.
ITEMS = {
    "pm25": ObservationKind.PM25,
    "pm10": ObservationKind.PM10,
    "so2": ObservationKind.SO2,
    "no2": ObservationKind.NO2,
    "o3_8h": ObservationKind.O3,
    "co": ObservationKind.CO,
}


@dataclass(frozen=True, slots=True)
class RealAir:
    """Daily values by day; what the file said that was not taken as it stands; the hash of the file.

    `refused` rows are left out; `flagged` cells of good rows count as missing (the archive's zeros). `around` holds
    the days of all cities of the file, this one too.
    """

    days: Mapping[date, Mapping[str, Decimal | None]]
    refused: tuple[DataError, ...]
    flagged: tuple[DataError, ...]
    sha256: str
    around: DayPanel


def read_air(path: Path, city: str, first: date, last: date, home: Path) -> RealAir:
    """Read the city's days; every refused row or cell goes to `city/air_refused.csv` of the home, to be corrected.

    DataError for a file that cannot be read, one of hourly values, one without the city, or a day of [first, last]
    without a good row: then nothing is played and the refused rows are named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", source=str(path)) from None
    air = read_files([(path.name, data)])
    refused = air.report.refused
    listed = city in air.keys
    flagged = _flagged(air, city, path.name) if listed else ()
    _keep(home, [*refused, *flagged])
    days = _days(air, city) if listed else {}
    if not days:
        raise DataError(f"holds no good row of {city}{_told(refused)}", source=path.name, field="city")
    gaps = [day for day in _span(first, last) if day not in days]
    if gaps:
        missing = f"{gaps[0]}" if len(gaps) == 1 else f"{gaps[0]} and {len(gaps) - 1} more days"
        kept = f"{len(days)} good rows of {city}, but none on {missing}"
        raise DataError(f"{kept}{_told(refused)}", source=path.name, field="date")
    cities = [point.key for point in air.points if point.kind == "city"]
    return RealAir(days, refused, flagged, hashlib.sha256(data).hexdigest(), air.days().select(cities))


def _days(air: Air, city: str) -> dict[date, dict[str, Decimal | None]]:
    """Values of the days on which the city has any; one that cannot be used is None."""
    panel = air.days()
    row = panel.row(city)
    columns = {name: panel.of(kind)[row] for name, kind in ITEMS.items()}
    days = {}
    for at, day in enumerate(_span(panel.first, panel.last)):
        values = {name: _exact(column[at]) for name, column in columns.items()}
        if any(value is not None for value in values.values()):
            days[day] = values
    return days


def _exact(value: float) -> Decimal | None:
    return None if math.isnan(value) else to_decimal(value)


def _flagged(air: Air, city: str, source: str) -> tuple[DataError, ...]:
    """Values of the city that count as missing, by day."""
    row = air.keys.index(city)
    found = []
    for name, kind in ITEMS.items():
        if kind not in air.values:
            continue
        for at in np.flatnonzero(~np.isnan(air.values[kind][row]) & np.isnan(air.usable(kind)[row])).tolist():
            day, value = air.first + timedelta(days=at), air.values[kind][row, at]
            flag = FLAG_CODES[air.flags[kind][row, at]]
            reason = f"{value:g} of {city} on {day} is taken as missing ({flag})"
            found.append(DataError(reason, source=source, field=name))
    return tuple(found)


def _span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _told(refused: Sequence[DataError]) -> str:
    if not refused:
        return ""
    shown = "; ".join(f"row {e.row}, {e.field}: {e.reason}" for e in refused[:SHOWN])
    more = f"; {len(refused) - SHOWN} more in air_refused.csv" if len(refused) > SHOWN else ""
    return f"; refused: {shown}{more}"


def _keep(home: Path, refused: Sequence[DataError]) -> None:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["source", "row", "field", "reason"])
    rows.writerows([e.source, e.row, e.field, e.reason] for e in refused)
    (home / "city").mkdir(parents=True, exist_ok=True)
    write_whole(home / "city" / "air_refused.csv", text.getvalue().encode())
