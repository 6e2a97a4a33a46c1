"""Which column of a file means what: the forms that are known, and a person's own map (TOML) for any other file.

A map names the columns of the point, of the time and of the values with their units:

    step = "hour"                 # or "day"
    city = "城市"
    station = "点位"               # optional; `code` too
    time = "监测时间"               # or date = "日期" (and hour = "时次")
    stamp = "end"                 # the time is the end of the hour; "start" otherwise
    [values]
    pm25 = { column = "PM2.5", unit = "ug/m3" }
    co = { column = "CO", unit = "mg/m3" }

A file with one row per value instead names `kind` and `value` columns and, under [kinds], the words of the kind
column: `"PM2.5" = { kind = "pm25", unit = "ug/m3" }`.

A table [renames] says which published name (or key) is which point: `"甲城/老站" = "甲城/新站"`. A map of nothing but
[renames] is for files of a known form.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from lantian.errors import DataError
from lantian.observe.air.cells import offset_of
from lantian.observe.tables import plain_text
from lantian.records import ObservationKind
from lantian.units import convert

__all__ = ["AIR_ITEMS", "CANONICAL", "ColumnMap", "ValueColumn", "known_form", "read_columns", "unit_factor"]

K = ObservationKind
AIR_ITEMS = (K.SO2, K.NO2, K.PM10, K.PM25, K.CO, K.O3)
CANONICAL: Mapping[ObservationKind, str] = {
    **dict.fromkeys(AIR_ITEMS, "ug/m3"),
    K.CO: "mg/m3",
    K.O3_MAX: "ug/m3",
    K.AQI_SHOWN: "AQI",
    K.WIND_FROM: "degree",
    K.WIND_SPEED: "m/s",
    K.TEMPERATURE: "C",
    K.PRESSURE: "hPa",
    K.DEW_POINT: "C",
    K.RAIN: "mm",
}
Stamp = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One value: its column (or its word in the kind column), what it is and the unit it is written in."""

    column: str
    kind: ObservationKind
    unit: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The columns of one form. Names are compared in plain text; "" = the file has no such column."""

    step: Literal["hour", "day"]
    values: tuple[ValueColumn, ...]
    city: str = ""
    station: str = ""
    code: str = ""
    point: str = ""  # the one city of a file that names none
    time: str = ""
    date: str = ""
    hour: str = ""
    stamp: Stamp = "start"
    stamp_why: str = "told by the column map"
    zone: str = ""  # "" = the city's own
    kind: str = ""
    value: str = ""
    form: str = "plain"
    unit_why: str = "told by the column map"
    renames: tuple[tuple[str, str], ...] = ()  # published name or key -> key

    @property
    def told(self) -> bool:
        """Whether a person wrote it: its units are binding. Those of a known form are documented only."""
        return self.form == "plain"

    @property
    def used(self) -> tuple[str, ...]:
        """Every column that the map reads, values last."""
        keys = (self.city, self.station, self.code, self.time, self.date, self.hour, self.kind, self.value)
        wide = () if self.kind else tuple(value.column for value in self.values)
        return tuple(name for name in (*keys, *wide) if name)


def _values(**columns: tuple[ObservationKind, str] | ObservationKind) -> tuple[ValueColumn, ...]:
    made = []
    for name, what in columns.items():
        kind, unit = what if isinstance(what, tuple) else (what, CANONICAL[what])
        made.append(ValueColumn(name, kind, unit))
    return tuple(made)


_FIVE = {"pm25": K.PM25, "pm10": K.PM10, "so2": K.SO2, "no2": K.NO2}
_AIR = _values(**_FIVE, o3=K.O3, co=K.CO, aqi=K.AQI_SHOWN)
_WEATHER = {
    "temp": K.TEMPERATURE,
    "pres": K.PRESSURE,
    "dewp": K.DEW_POINT,
    "rain": K.RAIN,
    "wd": K.WIND_FROM,
    "wspm": K.WIND_SPEED,
}
_LABEL = "the publication labels an hour by its end"
_FORMS = (
    ColumnMap(
        "day", _values(**_FIVE, o3_8h=K.O3, co=K.CO, aqi=K.AQI_SHOWN), city="city", date="date",
        form="city_daily", unit_why="documented for the form",
    ),
    ColumnMap(
        "hour", _AIR, city="city", station="site", code="code", time="time", stamp="end", stamp_why=_LABEL,
        form="station_snapshot", unit_why="documented for the form",
    ),
    ColumnMap(
        "hour", _AIR, city="city", station="site", time="time", stamp="end", stamp_why=_LABEL,
        form="station_hourly", unit_why="documented for the form",
    ),
    ColumnMap(
        "hour", _values(**_FIVE, co=(K.CO, "ug/m3"), o3=K.O3, **_WEATHER), station="station", time="time",
        stamp="start", stamp_why="the set does not say: its days are 24 stamps from 00:00 to 23:00",
        form="station_weather", unit_why="documented for the form",
    ),
)  # fmt: skip
_OPTIONAL = frozenset(("aqi",))  # a known form without it is still that form


def known_form(header: Sequence[str]) -> ColumnMap | None:
    """The known long form that a header belongs to, case aside; its columns are named as the header has them."""
    names = {name.lower(): name for name in reversed(header)}
    for form in _FORMS:
        if all(name in names for name in form.used if name not in _OPTIONAL):
            values = tuple(replace(v, column=names[v.column]) for v in form.values if v.column in names)
            city, station, code, time, day = (
                names.get(name, "") for name in (form.city, form.station, form.code, form.time, form.date)
            )
            return replace(form, values=values, city=city, station=station, code=code, time=time, date=day)
    return None


def unit_factor(unit: str, kind: ObservationKind, source: str = "") -> Decimal:
    """What a number in `unit` is multiplied by to be in the kind's canonical unit. DataError when it cannot be."""
    plain = (
        plain_text(unit)
        .replace("μ", "u")
        .replace("µ", "u")
        .replace("ug/m^3", "ug/m3")
        .replace("mg/m^3", "mg/m3")
    )
    wanted = CANONICAL[kind]
    if plain == wanted:
        return Decimal(1)
    if not wanted.endswith("/m3"):
        raise DataError(f"{kind} is read in {wanted}, not in {unit!r}", source=source, field=kind)
    try:
        return convert(1, plain, wanted)
    except DataError as error:
        raise DataError(error.reason, source=source, field=kind) from None


_TEXTS = ("city", "station", "code", "point", "time", "date", "hour", "zone", "kind", "value")


def read_columns(told: str | Mapping[str, Any], source: str = "column map") -> ColumnMap:
    """A person's column map from TOML text (or the same as a mapping). DataError names what is wrong in it."""
    if isinstance(told, str):
        try:
            told = tomllib.loads(told)
        except tomllib.TOMLDecodeError as error:
            raise DataError(f"not TOML: {error}", source=source) from None
        except RecursionError:
            raise DataError("not TOML: brackets in brackets without end", source=source) from None
    unknown = set(told) - {*_TEXTS, "step", "stamp", "values", "kinds", "renames"}
    if unknown:
        raise DataError(f"unknown: {', '.join(sorted(unknown))}", source=source)
    renames = _renames(told.get("renames", {}), source)
    if renames and set(told) == {"renames"}:
        return ColumnMap("hour", (), renames=renames)
    texts: dict[str, Any] = {name: plain_text(str(told.get(name, ""))) for name in _TEXTS}
    step, stamp = told.get("step", "hour" if texts["time"] or texts["hour"] else "day"), told.get("stamp", "")
    if step not in ("hour", "day"):
        raise DataError(f"{step!r}: hour or day", source=source, field="step")
    if step == "hour" and stamp not in ("start", "end"):
        raise DataError(
            "say whether the time is the start or the end of its hour", source=source, field="stamp"
        )
    if bool(texts["time"]) == bool(texts["date"]):
        raise DataError("name either time or date (with hour)", source=source, field="time")
    if step == "hour" and texts["date"] and not texts["hour"]:
        raise DataError("name the column of the hour too", source=source, field="hour")
    if not any(texts[name] for name in ("city", "station", "code", "point")):
        raise DataError(
            "name the column of the city, station or code, or the one point", source=source, field="city"
        )
    if bool(texts["kind"]) != bool(texts["value"]) or bool(texts["kind"]) != ("kinds" in told):
        raise DataError("kind, value and [kinds] go together", source=source, field="kind")
    try:
        offset_of(texts["zone"] or "Z")
    except ValueError:
        raise DataError(
            f"{texts['zone']!r}: give an offset such as +08:00", source=source, field="zone"
        ) from None
    section = "kinds" if texts["kind"] else "values"
    entries = told.get(section, {})
    if not isinstance(entries, Mapping):
        raise DataError(f"give columns: [{section}]", source=source, field=section)
    values = tuple(_value(name, entry, section, source) for name, entry in entries.items())
    if not values:
        raise DataError("no value column", source=source, field=section)
    return ColumnMap(step=step, values=values, stamp=stamp or "start", renames=renames, **texts)


def _renames(told: object, source: str) -> tuple[tuple[str, str], ...]:
    """[renames] as pairs of plain texts. DataError for anything but names."""
    if not isinstance(told, Mapping):
        raise DataError("give names: [renames]", source=source, field="renames")
    pairs = []
    for name, key in told.items():
        if not isinstance(key, str) or not plain_text(key) or not plain_text(name):
            raise DataError("give the name or key of a point", source=source, field=f"renames.{name}")
        pairs.append((plain_text(name), plain_text(key)))
    return tuple(pairs)


def _value(name: str, entry: object, section: str, source: str) -> ValueColumn:
    """`pm25 = {column, unit}` of [values], or `"word" = {kind, unit}` of [kinds]."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("unit"), str):
        raise DataError(
            "give its column and unit" if section == "values" else "give its kind and unit",
            source=source,
            field=name,
        )
    kind, column = (name, entry.get("column", name)) if section == "values" else (entry.get("kind", ""), name)
    try:
        known = ObservationKind(kind)
        CANONICAL[known]
    except (ValueError, KeyError):
        raise DataError(f"{kind!r} is none of {', '.join(CANONICAL)}", source=source, field=name) from None
    unit_factor(entry["unit"], known, source)
    return ValueColumn(plain_text(str(column)), known, entry["unit"])
