"""The city as Arrow tables and back; a caller keeps them on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from enum import Enum
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np
import pyarrow as pa

from lantian.inventory import Area, Enterprise, Line, ListedMeasure, Meter, Person, Post, Station, Unit
from lantian.observe.panel import DayPanel
from lantian.records import ObservationKind
from lantian.rehearsal.city import City, ForecastKind
from lantian.rehearsal.climate import DailyAir
from lantian.rehearsal.fleet import Habits

__all__ = ["from_tables", "to_tables"]

T = TypeVar("T")

RECORDS: dict[str, type[Any]] = {
    "areas": Area,
    "stations": Station,
    "units": Unit,
    "people": Person,
    "posts": Post,
    "enterprises": Enterprise,
    "lines": Line,
    "meters": Meter,
    "listed": ListedMeasure,
}
PLANT_HABITS = ("shift_start", "shift_end", "work_days", "idle_from")
LINE_HABITS = ("load", "holding", "off_cycle", "off_phase")
OUTLINE = "outline"
_ARROW: dict[type[Any], pa.DataType] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    date: pa.string(),
}


def _plain_type(hint: Any) -> type[Any]:
    """The one type of a field, without `| None`."""
    options = [option for option in get_args(hint) or (hint,) if option is not NoneType]
    found: type[Any] = options[0]
    return found


def _columns(record: type[Any]) -> dict[str, type[Any]]:
    hints = get_type_hints(record)
    return {f.name: _plain_type(hints[f.name]) for f in fields(record) if f.name != OUTLINE}


def _cell(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _records_table(record: type[Any], items: Sequence[Any]) -> pa.Table:
    columns = _columns(record)
    arrays = [
        pa.array([_cell(getattr(item, name)) for item in items], _ARROW.get(kind, pa.string()))
        for name, kind in columns.items()
    ]
    return pa.Table.from_arrays(arrays, names=list(columns))


def _records(record: type[T], table: pa.Table) -> tuple[T, ...]:
    """A column that an older home does not hold has its default."""
    columns: list[list[Any]] = []
    wanted = {name: kind for name, kind in _columns(record).items() if name in table.column_names}
    for name, kind in wanted.items():
        values = table[name].to_pylist()
        if kind is date:
            values = [None if value is None else date.fromisoformat(value) for value in values]
        elif issubclass(kind, Enum):
            values = [None if value is None else kind(value) for value in values]
        columns.append(values)
    return tuple(record(**dict(zip(wanted, row, strict=True))) for row in zip(*columns, strict=True))


def _outlines_table(areas: Sequence[Area]) -> pa.Table:
    points = [(area.id, lon, lat) for area in areas for lon, lat in area.outline]
    ids, lons, lats = zip(*points, strict=True)
    return pa.table({"area_id": pa.array(ids), "lon": pa.array(lons), "lat": pa.array(lats)})


def _with_outlines(areas: Sequence[Area], table: pa.Table) -> tuple[Area, ...]:
    rings: dict[str, list[tuple[float, float]]] = {}
    columns = (table[name].to_pylist() for name in ("area_id", "lon", "lat"))
    for area_id, lon, lat in zip(*columns, strict=True):
        rings.setdefault(area_id, []).append((lon, lat))
    return tuple(replace(area, outline=tuple(rings.get(area.id, ()))) for area in areas)


def _air_table(air: Mapping[date, DailyAir]) -> pa.Table:
    rows = [
        (day.isoformat(), kind.value, value) for day, values in air.items() for kind, value in values.items()
    ]
    return pa.table(
        {
            "day": pa.array([row[0] for row in rows], pa.string()),
            "item": pa.array([row[1] for row in rows], pa.string()),
            "value": pa.array([row[2] for row in rows], pa.float64()),
        }
    )


def _air(table: pa.Table) -> dict[date, DailyAir]:
    found: dict[date, dict[ObservationKind, float | None]] = {}
    for row in table.to_pylist():
        found.setdefault(date.fromisoformat(row["day"]), {})[ObservationKind(row["item"])] = row["value"]
    return dict(found)


def _around_table(around: DayPanel) -> pa.Table:
    """One row per city and day, cities in order, one column per item; empty = not published."""
    days = [(around.first + timedelta(days=i)).isoformat() for i in range(around.days)]
    columns = {"city": pa.array([point for point in around.points for _ in days])}
    columns["day"] = pa.array(days * len(around.points))
    for kind, values in around.values.items():
        columns[kind.value] = pa.array(values.ravel(), mask=np.isnan(values.ravel()))
    return pa.table(columns)


def _around(table: pa.Table) -> DayPanel:
    cities = table["city"].unique().to_pylist()
    values = {
        ObservationKind(name): table[name].to_numpy().reshape(len(cities), -1).copy()
        for name in table.column_names[2:]
    }
    return DayPanel(tuple(cities), date.fromisoformat(table["day"][0].as_py()), values)


def to_tables(city: City) -> dict[str, pa.Table]:
    """Every part of the city by name; columns are integers, floats, booleans and strings (days as ISO text)."""
    tables = {name: _records_table(record, getattr(city, name)) for name, record in RECORDS.items()}
    tables["outlines"] = _outlines_table(city.areas)
    tables["plant_habits"] = pa.table({name: pa.array(getattr(city.habits, name)) for name in PLANT_HABITS})
    tables["line_habits"] = pa.table({name: pa.array(getattr(city.habits, name)) for name in LINE_HABITS})
    energy = {day.isoformat(): pa.array(city.daily_energy[:, i]) for i, day in enumerate(city.energy_days)}
    tables["daily_energy"] = pa.table({"meter": pa.array([meter.id for meter in city.meters]), **energy})
    tables["air"] = _air_table(city.air)
    tables["around"] = _around_table(city.around)
    tables["city"] = pa.table(
        {
            "seed": pa.array([city.seed], pa.int64()),
            "first_day": pa.array([city.first_day.isoformat()]),
            "days": pa.array([city.days], pa.int64()),
            "forecast_kind": pa.array([city.forecast_kind.value]),
            "real_air": pa.array([city.real_air]),
        }
    )
    return tables


def from_tables(tables: Mapping[str, pa.Table]) -> City:
    """The city that `to_tables` wrote. KeyError names a missing table."""
    head = tables["city"].to_pylist()[0]
    parts: dict[str, Any] = {name: _records(record, tables[name]) for name, record in RECORDS.items()}
    parts["areas"] = _with_outlines(parts["areas"], tables["outlines"])
    habits = {
        name: tables[table][name].to_numpy()
        for table, names in (("plant_habits", PLANT_HABITS), ("line_habits", LINE_HABITS))
        for name in names
    }
    energy = tables["daily_energy"]
    return City(
        seed=head["seed"],
        first_day=date.fromisoformat(head["first_day"]),
        days=head["days"],
        **parts,
        habits=Habits(**habits),
        daily_energy=np.stack([energy[name].to_numpy() for name in energy.column_names[1:]], axis=1),
        air=_air(tables["air"]),
        around=_around(tables["around"]),
        forecast_kind=ForecastKind(head["forecast_kind"]),
        real_air=head["real_air"],
    )
