"""Statements by the day: what plants measured of their emission, and what is forecast for the coming days.

Tables of one row per plant (or area) and day, with the day in `date` and the values in columns named by item and unit.
Rows that do not fit are refused by name; nothing is guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from lantian.errors import DataError
from lantian.observe.air.cells import moments, numbers, to_utc_ms
from lantian.observe.quality import Limits, rules_on, unusable
from lantian.observe.tables import Remark, Table, plain_text, read_table
from lantian.periods import local_day
from lantian.records import ObservationKind
from lantian.units import Number, to_decimal

__all__ = ["DayValue", "Statement", "issues_of", "read_emissions", "read_forecast"]

_EMITTED = re.compile(r"(so2|nox|pm|vocs)[\s_]*[（(]?\s*(kg|t)\s*[)）]?", re.IGNORECASE)
_TO_KG = {"kg": 1, "t": 1000}
_FORECAST = {
    "pm25": ObservationKind.PM25,
    "pm2.5": ObservationKind.PM25,
    "pm10": ObservationKind.PM10,
    "so2": ObservationKind.SO2,
    "no2": ObservationKind.NO2,
    "co": ObservationKind.CO,
    "o3": ObservationKind.O3,
    "o3_8h": ObservationKind.O3,
    "aqi": ObservationKind.AQI_SHOWN,
}
_RULES_ON = date(2100, 1, 1)  # codes for no value are not dated
_DATES = ("date", "日期")
_ISSUED = ("issued", "发布日期", "起报日期")


@dataclass(frozen=True, slots=True)
class DayValue:
    """One value of one local day. `issued_on` is the day on which a forecast was made."""

    point: str
    kind: ObservationKind
    on: date
    value: float
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file holds, row by row, and what was refused of it."""

    values: tuple[DayValue, ...]
    rows: int
    refused: tuple[DataError, ...]
    remarks: tuple[Remark, ...] = ()


def read_emissions(data: bytes, source: str, plants: Mapping[str, str]) -> Statement:
    """Measured emission of plants by the day, in kg: columns `date`, the plant, and e.g. `so2_kg` or `nox_t`.

    `plants` finds a plant's id by whatever stands in the column `enterprise`, `企业` or `credit_code`: its id, name
    or code. DataError when the file has none of the columns; rows of unknown plants, values below 0 and numbers too
    great to be one are refused.
    """
    table = read_table(data, source)
    columns = {
        name: (ObservationKind(f"emitted_{found[1].lower()}"), _TO_KG[found[2].lower()])
        for name in table.header
        if (found := _EMITTED.fullmatch(name))
    }
    if not columns:
        raise DataError("no column of an emission with its unit, such as so2_kg or nox_t", source=source)
    who = _column(table, ("enterprise", "credit_code", "企业", "企业名称", "统一社会信用代码"))
    return _read(
        table,
        who,
        "plant",
        plants,
        {name: kind for name, (kind, _) in columns.items()},
        {name: factor for name, (_, factor) in columns.items()},
    )


def read_forecast(data: bytes, source: str, areas: Mapping[str, str], city: str) -> Statement:
    """Forecast day values: columns `date`, items (`pm25`, ..., `o3`, `aqi`; CO in mg/m3, others ug/m3), and if it
    speaks of several areas or issues `area` and `issued`.

    `areas` finds an area's id by its name or id; without the column all speaks of `city`. DataError when the file
    has none of the columns; rows of unknown areas, days not after the day of issue, and numbers that are no value by
    the rules of air (codes, far beyond any instrument) are refused.
    """
    table = read_table(data, source)
    kinds = {name: _FORECAST[name.lower()] for name in table.header if name.lower() in _FORECAST}
    if not kinds:
        raise DataError("no column of a forecast item, such as pm25 or aqi", source=source)
    wanted = ("area", "区域", "city", "城市")
    who = min(
        (name for name in table.header if name.lower() in wanted),
        key=lambda name: wanted.index(name.lower()),
        default="",
    )
    return _read(table, who, "area", areas, kinds, {}, city, rules_on(_RULES_ON, "day").limits)


def _column(table: Table, names: Sequence[str]) -> str:
    found = [name for name in table.header if name.lower() in names]
    if not found:
        raise DataError(f"none of the columns {', '.join(names)}", source=table.source, row=table.first_line)
    return found[0]


def _read(
    table: Table,
    who: str,
    what: str,
    known: Mapping[str, str],
    kinds: Mapping[str, ObservationKind],
    factors: Mapping[str, int],
    alone: str = "",
    limits: Mapping[ObservationKind, Limits] = MappingProxyType({}),
) -> Statement:
    refused = list(table.refused)
    names = (
        ["" if text is None else plain_text(str(text)) for text in table.column(who).to_pylist()]
        if who
        else []
    )
    days = _days(table, _column(table, _DATES), refused)
    issued = next((name for name in table.header if name.lower() in _ISSUED), "")
    issues = _days(table, issued, refused) if issued else {}
    cells = {name: _numbers(table, name, refused) for name in kinds}
    values: list[DayValue] = []
    for row, line in enumerate(table.lines.tolist()):
        point = alone if not who else known.get(names[row], "") if names[row] else ""
        if row not in days or (issued and row not in issues):
            continue
        if not point:
            refused.append(
                DataError(f"unknown {what}: {names[row]!r}", source=table.source, row=line, field=who)
            )
            continue
        if issued and days[row] <= issues[row]:
            reason = f"not after the day of issue: {days[row]}"
            refused.append(DataError(reason, source=table.source, row=line, field=issued))
            continue
        for name, kind in kinds.items():
            value = cells[name][row]
            if math.isnan(value):
                continue
            exact: Number = to_decimal(value) * factors.get(name, 1)
            made = float(str(exact))
            if value < 0:
                refused.append(DataError(f"below 0: {value:g}", source=table.source, row=line, field=name))
            elif math.isinf(made) or (kind in limits and unusable(np.array([made]), limits[kind])[0]):
                refused.append(DataError(f"no value: {value:g}", source=table.source, row=line, field=name))
            else:
                values.append(DayValue(point, kind, days[row], made, issues.get(row)))
    kept, doubled = _once(values)
    refused += [
        DataError(
            f"stands twice with different values: {each.point}, {each.on}",
            source=table.source,
            field=each.kind,
        )
        for each in doubled
    ]
    return Statement(kept, len(table), tuple(refused), table.remarks)


def _days(table: Table, name: str, refused: list[DataError]) -> dict[int, date]:
    """Local day by row."""
    local, there, bad, _ = moments(table.column(name), table.epoch_1904)
    refused += [
        DataError(f"not a day: {cell!r}", source=table.source, row=int(table.lines[row]), field=name)
        for row, cell in bad
    ]
    utc = to_utc_ms(local)
    return {row: local_day(int(utc[row])) for row in range(len(table)) if there[row]}


def _numbers(table: Table, name: str, refused: list[DataError]) -> list[float]:
    values, bad = numbers(table.column(name))
    refused += [
        DataError(f"not a number: {cell!r}", source=table.source, row=int(table.lines[row]), field=name)
        for row, cell in bad
    ]
    return list(values.tolist())


def _once(values: Sequence[DayValue]) -> tuple[tuple[DayValue, ...], list[DayValue]]:
    """Each (point, kind, day, issue) once, and those that came again with another value; the first stands."""
    kept: dict[tuple[object, ...], DayValue] = {}
    doubled = []
    for each in values:
        first = kept.setdefault((each.point, each.kind, each.on, each.issued_on), each)
        if first.value != each.value:
            doubled.append(each)
    return tuple(sorted(kept.values(), key=lambda v: (str(v.issued_on), v.point, v.on, v.kind))), doubled


def issues_of(statement: Statement) -> Iterator[tuple[date | None, tuple[DayValue, ...]]]:
    """Values by day of issue, oldest first; one group without a day where the file names none."""
    for on in sorted({value.issued_on for value in statement.values}, key=lambda day: day or date.min):
        yield on, tuple(value for value in statement.values if value.issued_on == on)
