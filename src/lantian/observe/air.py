"""Daily air quality of cities from a CSV file as the public archives publish it.

Which rows can be used? Good rows are kept; every refused row or doubtful value is a DataError naming its line, field
and reason. Concentrations are ug/m3, CO mg/m3; days are local days.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from lantian.errors import DataError
from lantian.records import Flag

__all__ = ["ITEMS", "CityDaily", "DayRow", "read_city_daily"]

ITEMS = ("pm25", "pm10", "so2", "no2", "o3_8h", "co")
_WANTED = ("city", "date", *ITEMS)
_ZERO_IS_MISSING = frozenset({"pm25", "pm10", "co"})  # a daily mean of exactly nought does not happen
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 12


@dataclass(frozen=True, slots=True)
class DayRow:
    """One city and day. A value is None when missing; `flags` says why where the file had a number."""

    line: int
    city: str
    on: date
    values: Mapping[str, Decimal | None]
    flags: Mapping[str, Flag]
    aqi_shown: int | None  # what the site showed; not recomputed


@dataclass(frozen=True, slots=True)
class CityDaily:
    """The good rows in file order, and what was refused."""

    rows: tuple[DayRow, ...]
    problems: tuple[DataError, ...]

    def of(self, city: str) -> tuple[DayRow, ...]:
        """Rows of one city by day."""
        return tuple(sorted((row for row in self.rows if row.city == city), key=lambda row: row.on))


def read_city_daily(data: bytes, source: str) -> CityDaily:
    """Read a CSV (or gzipped CSV) with the columns city, date and ITEMS; others but `aqi` are left alone.

    Raises DataError only when nothing can be read: columns missing. A zero of PM2.5, PM10 or CO and a negative
    number mean missing: the row is kept, the value is flagged and reported.
    """
    problems: list[DataError] = []
    text = _text(data, source, problems)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    missing = [name for name in _WANTED if name not in header]
    if missing:
        raise DataError(f"columns are missing: {', '.join(missing)}", source=source, row=1)
    rows: dict[tuple[str, date], DayRow] = {}
    for cells, line in _records(reader, problems, source):
        try:
            row = _row(header, cells, line, source, problems)
        except DataError as problem:
            problems.append(problem)
            continue
        first = rows.setdefault((row.city, row.on), row)
        if first is not row:
            reason = f"{row.city} {row.on} stands in row {first.line} already"
            problems.append(DataError(reason, source=source, row=line, field="date"))
    return CityDaily(tuple(rows.values()), tuple(problems))


def _text(data: bytes, source: str, problems: list[DataError]) -> str:
    """The file's text; bytes that are no UTF-8 become U+FFFD, and a broken gzip file ends where it breaks."""
    if data.startswith(_GZIP):
        data, broken = _unzipped(data)
        if broken:
            data = data[: data.rfind(b"\n") + 1]
            line = data.count(b"\n") + 1
            problems.append(DataError("the gzip file is damaged from here on", source=source, row=line))
    return data.decode("utf-8-sig", errors="replace")


def _unzipped(data: bytes) -> tuple[bytes, bool]:
    """What can be unpacked, and whether anything is wrong with the rest."""
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    found = []
    try:
        for begin in range(0, len(data), _CHUNK):
            found.append(stream.decompress(data[begin : begin + _CHUNK]))
    except zlib.error:
        return b"".join(found), True
    return b"".join(found), not stream.eof


def _records(
    reader: Iterator[list[str]], problems: list[DataError], source: str
) -> Iterator[tuple[list[str], int]]:
    """Non-empty records with their 1-based line; a record that is no CSV ends the file."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line: int = reader.line_num  # type: ignore[attr-defined]
            problems.append(DataError(f"not CSV from here on: {error}", source=source, row=line))
            return
        if any(cells):
            yield cells, reader.line_num  # type: ignore[attr-defined]


def _row(header: list[str], cells: list[str], line: int, source: str, problems: list[DataError]) -> DayRow:
    if len(cells) != len(header):
        raise DataError(f"{len(cells)} cells under {len(header)} columns", source=source, row=line)
    for name, cell in zip(header, cells, strict=True):
        if "\ufffd" in cell:
            raise DataError("not UTF-8 text (save the file as UTF-8)", source=source, row=line, field=name)
    record = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    if not record["city"]:
        raise DataError("no city", source=source, row=line, field="city")
    try:
        on = date.fromisoformat(record["date"])
    except ValueError:
        raise DataError(f"no such day: {record['date']!r}", source=source, row=line, field="date") from None
    numbers = {item: _number(record[item], line, item, source) for item in ITEMS}
    shown = _number(record.get("aqi", ""), line, "aqi", source)
    flags = {item: flag for item, number in numbers.items() if (flag := _flag(item, number)) is not Flag.OK}
    for item, flag in flags.items():
        reason = f"{record[item]} is taken as missing ({flag})"
        problems.append(DataError(reason, source=source, row=line, field=item))
    values = {item: None if item in flags else number for item, number in numbers.items()}
    return DayRow(line, record["city"], on, values, flags, None if shown is None else int(shown))


def _number(text: str, line: int, field: str, source: str) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise DataError(f"not a number: {text!r}", source=source, row=line, field=field) from None
    if not number.is_finite():
        raise DataError(f"not a number: {text!r}", source=source, row=line, field=field)
    return number


def _flag(item: str, number: Decimal | None) -> Flag:
    if number is None:
        return Flag.OK
    if number < 0:
        return Flag.NEGATIVE
    return Flag.SENTINEL if number == 0 and item in _ZERO_IS_MISSING else Flag.OK
