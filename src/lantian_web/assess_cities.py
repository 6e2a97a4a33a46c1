"""The air of others: which rows of a batch are our own, who the others are, and days made of other cities' hours.

Other cities are compared with, never judged: their days live in the lake alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

import numpy as np
import pyarrow as pa

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.published import published
from lantian.errors import DataError
from lantian.periods import day_bounds_ms, day_start_ms, local_day
from lantian_store.batch import BATCH_SCHEMA
from lantian_store.lake import Lake
from lantian_store.panel import DAY_S, hour_panel, looked_up
from lantian_web.assess_days import place
from lantian_web.assessments import panels
from lantian_web.assessments.naming import KEY, NAME
from lantian_web.inventory.commands import register_outside
from lantian_web.inventory.models import OutsidePoint

__all__ = ["derived", "sort_out"]

STATION = "station"
CITY = "city"
STATIONS = "/*"  # after a city's name: all its stations


def sort_out(table: pa.Table, kind: str, own: set[date], outside: dict[date, set[str]]) -> None:
    """Add the days of the table's own rows to `own`; of others' hours the points by month (first day) to `outside`.

    Points that nobody knew are registered. In days the own city is named as air archives name it.
    """
    here = place()
    points = sorted(set(table.column("point").unique().to_pylist()))
    mine = {*here.stations, here.city} if kind == panels.AIR_DAY else set(here.stations)
    _register([point for point in points if point not in here.stations and point != here.city], kind)
    place_of = {point: no for no, point in enumerate(points)}
    number = looked_up(
        table, "point", lambda point: place_of.get(point, -1)
    )  # a part may name a point without rows
    starts = table.column("start").to_numpy()
    is_mine = np.array([point in mine for point in points], np.bool_)[number]
    days = {ms: local_day(ms) for ms in np.unique(starts).tolist()}
    own |= {days[ms] for ms in np.unique(starts[is_mine]).tolist()}
    if kind == panels.AIR_DAY:
        return
    if here.city in points:  # hours of the city as a whole: its days, where no station of it is known
        own |= {days[ms] for ms in np.unique(starts[number == points.index(here.city)]).tolist()}
    for which in np.unique(number[~is_mine]).tolist():
        for ms in np.unique(starts[number == which]).tolist():
            outside.setdefault(days[ms], set()).add(points[which])


def _register(points: list[str], kind: str) -> None:
    """DataError for a point whose names the registry cannot hold: of that no database is to blame."""
    for point in points:
        if not point or "\0" in point:
            raise DataError("a point without a name, or with a NUL in it", field=point.replace("\0", ""))
    known = set(OutsidePoint.objects.filter(key__in=points).values_list("key", flat=True))
    fresh = [_named(point, kind) for point in points if point not in known]
    for row in fresh:
        for text, most in ((row.key, KEY), (row.name, NAME), (row.city, NAME)):
            if len(text) > most:
                raise DataError(f"a name of more than {most} characters", field=text[:40])
    register_outside(fresh)


def _named(point: str, kind: str) -> OutsidePoint:
    """Who a point is, as far as its key tells: `city/name`, a code with digits, or a city's name."""
    city, slash, name = point.partition("/")
    if slash:
        return OutsidePoint(key=point, kind=STATION, name=name, city=city)
    if kind == panels.AIR and re.search(r"\d", point):
        return OutsidePoint(key=point, kind=STATION, name=point, city="")
    return OutsidePoint(key=point, kind=CITY, name=point, city=point)


def derived(lake: Lake, touched: Mapping[date, set[str]], upto: int) -> Iterator[pa.Table]:
    """Batches of days of the touched cities, not rounded, from all hours of them known at the journal position.

    On a day for which a city sent hours of its own it stands for itself, on others its stations do. Of the own city only
    its own hours count: stations in it that the registry does not have are nobody's.
    """
    here = place()
    own = here.city
    city_of = dict(OutsidePoint.objects.exclude(city__in=("", own)).values_list("key", "city"))
    city_of |= {own: own}
    members: dict[str, list[str]] = {}
    for point, city in sorted(city_of.items()):
        members.setdefault(city, []).append(point)
    for _, run in groupby(sorted(touched), key=lambda on: (on.year, on.month)):
        days = list(run)
        cities = sorted({city_of[point] for on in days for point in touched[on] if city_of.get(point)})
        if not cities:  # stations of which nobody knows the city
            continue
        groups = {city + STATIONS: [point for point in members[city] if point != city] for city in cities}
        points = list(dict.fromkeys([*cities, *(point for group in groups.values() for point in group)]))
        first, last = days[0], days[-1]
        table = lake.read(panels.AIR, points, day_start_ms(first), day_bounds_ms(last)[1], upto=upto)
        values = published(hour_panel(table, points, first, last), groups, days, here.spells).raw
        sent = _sent(table, cities)
        chosen = {
            city: {on: values[city if (city, on) in sent else city + STATIONS][on] for on in days}
            for city in cities
        }
        yield _batch(chosen, days)


def _sent(table: pa.Table, cities: Sequence[str]) -> set[tuple[str, date]]:
    """Cities and the days for which hours of theirs as a whole are there."""
    number_of = {city: number for number, city in enumerate(cities)}
    number = looked_up(table, "point", lambda point: number_of.get(point, -1))
    starts = table.column("start").to_numpy()
    return {
        (cities[which], local_day(ms))
        for which in np.unique(number[number >= 0]).tolist()
        for ms in np.unique(starts[number == which]).tolist()
    }


def _batch(values: Mapping[str, Mapping[date, tuple[float | None, ...]]], days: list[date]) -> pa.Table:
    kinds = [kind.value for kind in AQI_ITEMS]
    rows = [
        (city, kind, day_start_ms(on), DAY_S, value, "")
        for city, by_day in values.items()
        for on in days
        for kind, value in zip(kinds, by_day[on], strict=True)
    ]
    return pa.table(
        [
            pa.array(column, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
            for column, field in zip(zip(*rows, strict=True), BATCH_SCHEMA, strict=True)
        ],
        names=BATCH_SCHEMA.names,
    )
