"""Files in the shape of the public archive of the national publication, made for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

TYPES = (
    "AQI", "PM2.5", "PM2.5_24h", "PM10", "PM10_24h", "SO2", "SO2_24h", "NO2", "NO2_24h", "O3", "O3_24h", "O3_8h",
    "O3_8h_24h", "CO", "CO_24h",
)  # fmt: skip
Value = Callable[[str, int, str], object]  # name, hour, type -> cell


def plain(name: str, hour: int, kind: str) -> object:
    """A value that tells where it stands: hour 7 of the second name is 20 + 7."""
    base = sum(map(ord, name)) % 50 + 20
    return round((base + hour) / 10, 1) if kind.startswith("CO") else base + hour


def day_file(
    day: date, names: Sequence[str], value: Value = plain, hours: Iterable[int] = range(24)
) -> bytes:
    """`china_cities_YYYYMMDD.csv` or `china_sites_YYYYMMDD.csv`: one row per published hour and type."""
    lines = ["date,hour,type," + ",".join(names)]
    for hour in hours:
        for kind in TYPES:
            cells = ",".join(str(value(name, hour, kind)) for name in names)
            lines.append(f"{day:%Y%m%d},{hour},{kind},{cells}")
    return ("\n".join(lines) + "\n").encode()
