"""Real daily air for a replay: the rows of one city out of a file, what was refused kept beside them."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from lantian.errors import DataError
from lantian.observe.air import read_city_daily
from lantian_store.durable import write_whole

__all__ = ["RealAir", "read_air"]

SHOWN = 5


@dataclass(frozen=True, slots=True)
class RealAir:
    """Daily values by day; what the file said that was not taken as it stands; the hash of the file.

    `refused` rows are left out; `flagged` cells of good rows count as missing (the archive's zeros).
    """

    days: Mapping[date, Mapping[str, Decimal | None]]
    refused: tuple[DataError, ...]
    flagged: tuple[DataError, ...]
    sha256: str


def read_air(path: Path, city: str, first: date, last: date, home: Path) -> RealAir:
    """Read the city's days; every refused row or cell goes to `city/air_refused.csv` of the home, to be corrected.

    DataError for a file that cannot be read, one without the city, or a day of [first, last] without a good row:
    then nothing is played and the refused rows are named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", source=str(path)) from None
    read = read_city_daily(data, source=path.name)
    good = {row.line for row in read.rows}
    refused = tuple(problem for problem in read.problems if problem.row not in good)
    flagged = tuple(problem for problem in read.problems if problem.row in good)
    _keep(home, [*refused, *flagged])
    days = {row.on: row.values for row in read.of(city)}
    if not days:
        raise DataError(f"holds no good row of {city}{_told(refused)}", source=path.name, field="city")
    gaps = [day for day in _span(first, last) if day not in days]
    if gaps:
        missing = f"{gaps[0]}" if len(gaps) == 1 else f"{gaps[0]} and {len(gaps) - 1} more days"
        kept = f"{len(days)} good rows of {city}, but none on {missing}"
        raise DataError(f"{kept}{_told(refused)}", source=path.name, field="date")
    return RealAir(days, refused, flagged, hashlib.sha256(data).hexdigest())


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
