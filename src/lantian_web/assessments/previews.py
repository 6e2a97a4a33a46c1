"""Files read and told of before anything is written: what is in them, whose points, what is refused, which entries.

The keys of the entries are hashes of their content. Content that something else was taken in over since (a file, its
correction, the file again) gets a running number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from lantian.errors import DataError
from lantian.observe.air import ColumnMap, Point, read_air, read_columns
from lantian.observe.statements import DayValue, Statement, issues_of, read_emissions, read_forecast
from lantian.observe.tables import Table, read_table
from lantian.periods import at, day_start_ms, local_day, to_ms
from lantian.records import ObservationKind, make_id
from lantian_store.batch import BATCH_SCHEMA, encode
from lantian_store.journal import NewEntry
from lantian_store.panel import DAY_S, looked_up
from lantian_web.assessments import panels
from lantian_web.assessments.asides import TAKEN, refused_by_worker
from lantian_web.assessments.models import Import
from lantian_web.inventory.models import Area, Enterprise, OutsidePoint, Station
from lantian_web.inventory.queries import city_area_id, overlay_rows, own_city

__all__ = [
    "AIR_KIND",
    "EMISSION_KIND",
    "FORECAST_KIND",
    "PREFIX",
    "TAKEN",
    "Preview",
    "clean",
    "preview",
    "preview_air",
    "preview_emission",
    "preview_forecast",
    "receipts",
]

Files = Sequence[tuple[str, bytes]]
AIR_KIND, EMISSION_KIND, FORECAST_KIND = "air", "emission", "forecast"
PREFIX = "import:"
ENTRY_ROWS = 250_000
KEY, NAME, FILE_NAME = 120, 60, 200  # characters that the registry's columns hold
_WEATHER = frozenset(
    (
        ObservationKind.WIND_FROM,
        ObservationKind.WIND_SPEED,
        ObservationKind.TEMPERATURE,
        ObservationKind.PRESSURE,
        ObservationKind.DEW_POINT,
        ObservationKind.RAIN,
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a commit would do. `points` counts by whose they are: own stations, the own city, others.

    `rows` are rows of the lake, of the points `touches`. `issued` are the days of issue of a forecast's entries.
    `receipt` is the receipt when the same content was taken in already and nothing over it since.
    """

    id: str
    kind: str
    files: tuple[tuple[str, bytes], ...]
    entries: tuple[NewEntry, ...]
    rows: int
    refused: tuple[DataError, ...]
    points: Mapping[str, int]
    first_on: date | None
    last_on: date | None
    report: Mapping[str, Any]
    outside: tuple[OutsidePoint, ...] = field(default=())
    touches: frozenset[str] = frozenset()
    issued: tuple[str, ...] = ()

    @property
    def receipt(self) -> Import | None:
        """The receipt of the same content, when it was taken in before."""
        return Import.objects.filter(pk=self.id).first()

    @property
    def known(self) -> int:
        """Points altogether."""
        return sum(self.points.values())


def preview(
    kind: str,
    files: Files,
    now: datetime,
    column_map: str = "",
    *,
    columns: ColumnMap | None = None,
    co_unit: str | None = None,
    stamp: str | None = None,
) -> Preview:
    """Read files of one kind (`air`, `emission`, `forecast`). DataError when they cannot be read at all.

    What comes after the files is for air: a map as TOML text or as read, and what goes before form and map.
    """
    if kind == AIR_KIND:
        told = read_columns(column_map) if column_map else columns
        return preview_air(files, now, told, co_unit, stamp)
    if len(files) != 1:
        raise DataError("one file at a time", source="files")
    if kind == EMISSION_KIND:
        return preview_emission(*files[0], now)
    if kind == FORECAST_KIND:
        return preview_forecast(*files[0], now)
    raise DataError(f"{kind!r}: air, emission or forecast", source="kind")


def preview_air(
    files: Files,
    now: datetime,
    columns: ColumnMap | None = None,
    co_unit: str | None = None,
    stamp: str | None = None,
) -> Preview:
    """Read air files of any known form, or of the columns that a map names, and find whose points they are.

    Values that cannot be used are counted in the report and kept in the file; in the lake they would cover what an
    earlier file brought.
    """
    air = read_air(
        files, columns=columns, co_unit=co_unit, stamp=stamp, overlay=overlay_rows("air_quality_rules")
    )
    place = _Place.here()
    ids = {point.key: place.id_of(point) for point in air.points}
    table = _renamed(air.batch(unusable=False), ids)
    misnamed = {point.key: why for point in air.points if (why := _misnamed(point))}
    if misnamed:
        table = _without(table, {ids[key] for key in misnamed})
    points = [point for point in air.points if point.key not in misnamed]
    whose = {"station": 0, "own_city": 0, "outside": 0}
    for point in points:
        whose[place.whose(point)] += 1
    outside = [
        OutsidePoint(key=point.key, kind=point.kind, name=point.name, city=point.city)
        for point in points
        if place.whose(point) == "outside"
    ]
    refused = [*air.report.refused, *_named_where(files, air.points, misnamed)]
    entries = [
        entry
        for kind, part in _by_kind(table, panels.AIR_DAY if air.step_s == DAY_S else panels.AIR)
        for entry in _entries(kind, part, to_ms(now))
    ]
    return _preview(AIR_KIND, files, entries, table, refused, whose, air.report.plain(), outside)


def preview_emission(name: str, data: bytes, now: datetime) -> Preview:
    """Read measured emission by plant and day."""
    known: dict[str, str] = {}
    for key, title, code in Enterprise.objects.values_list("id", "name", "credit_code"):
        known |= {key: key, title: key, code: key}
    read = read_emissions(data, name, known)
    table = _table(read.values)
    entries = list(_entries(panels.EMISSION_DAY, table, to_ms(now)))
    return _stated(EMISSION_KIND, name, data, read, table, entries, {"plants": _distinct(read.values)})


def preview_forecast(name: str, data: bytes, now: datetime) -> Preview:
    """Read forecast days; without a column `issued` they were issued today. Issues of the future are refused.

    Each issue is one statement, received now: it never mixes with an earlier one of the same day.
    """
    names = {key: key for key in Area.objects.values_list("id", flat=True)}
    names |= {title: key for key, title in Area.objects.values_list("id", "name")}
    names |= {own_city(): city_area_id()}
    read = read_forecast(data, name, names, city_area_id())
    entries: list[NewEntry] = []
    late: list[DataError] = []
    taken: list[DayValue] = []
    issues: list[str] = []
    for on, values in issues_of(read):
        day = on or local_day(to_ms(now))
        if at(day, 0) > now:
            late.append(DataError(f"issue still to come: {on}", source=name, field="issued"))
            continue
        late += [
            DataError(f"not after the day of issue: {past}", source=name, field="issued")
            for past in sorted({value.on for value in values if value.on <= day})
        ]
        coming = [value for value in values if value.on > day]
        taken += coming
        # The same values on another day are another statement.
        made = list(_entries(panels.FORECAST, _table(coming), to_ms(now), f":{day}"))
        entries += made
        issues += [day.isoformat()] * len(made)
    read = Statement(tuple(taken), read.rows, (*read.refused, *late), read.remarks)
    areas = {"areas": _distinct(taken)}
    seen = _stated(FORECAST_KIND, name, data, read, _table(taken), entries, areas)
    return replace(seen, issued=tuple(issues))


def receipts(kind: str, **where: object) -> list[tuple[Import, Mapping[str, Any]]]:
    """Imports of a kind with what their commit left behind (nothing, where it was of an older form)."""
    rows = Import.objects.filter(kind=kind, **where).order_by("position")
    return [(row, row.report.get(TAKEN, {})) for row in rows]


@dataclass(frozen=True, slots=True)
class _Place:
    """Who we are, as files may name it."""

    city: str
    by_id: frozenset[str]
    by_name: Mapping[str, str]

    @classmethod
    def here(cls) -> _Place:
        rows = list(Station.objects.values_list("id", "name"))
        return cls(own_city(), frozenset(key for key, _ in rows), {name: key for key, name in rows})

    def whose(self, point: Point) -> str:
        """`station` (one of ours), `own_city` or `outside`."""
        if point.key in self.by_id:  # as the worker finds it, whatever the file takes it for
            return "station"
        if point.kind == "city":
            return "own_city" if self.city and point.city == self.city else "outside"
        return "station" if self._station(point) else "outside"

    def id_of(self, point: Point) -> str:
        """The point's id in the lake."""
        if point.key in self.by_id:
            return point.key
        if point.kind == "city":
            return self.city if self.whose(point) == "own_city" else point.key
        return self._station(point) or point.key

    def _station(self, point: Point) -> str:
        for key in (point.code, point.key):
            if key in self.by_id:
                return key
        ours = point.city in (self.city, "")
        return self.by_name.get(point.name, "") if ours else ""


def _renamed(table: pa.Table, ids: Mapping[str, str]) -> pa.Table:
    """The batch under our own ids, sorted again by point."""
    if all(key == mine for key, mine in ids.items()):
        return table
    column = table.column("point").combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    texts = pa.array([ids[key] for key in column.dictionary.to_pylist()], pa.string())
    points = pa.DictionaryArray.from_arrays(column.indices, texts).cast(pa.string()).dictionary_encode()
    table = table.set_column(table.schema.get_field_index("point"), "point", points)
    return _sorted(table)


def _sorted(table: pa.Table) -> pa.Table:
    """By point (its text), start and kind."""
    point, kind = (looked_up(table, name, sorted(_texts(table, name)).index) for name in ("point", "kind"))
    return table.take(np.lexsort((kind, table.column("start").to_numpy(), point)))


def _texts(table: pa.Table, name: str) -> set[str]:
    return {text for chunk in table.column(name).chunks for text in chunk.dictionary.to_pylist()}


def _by_kind(table: pa.Table, air: str) -> Iterator[tuple[str, pa.Table]]:
    """Air and weather apart."""
    column = table.column("kind").combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    weather = np.array([text in _WEATHER for text in column.dictionary.to_pylist()], np.bool_)
    marks = weather[column.indices.to_numpy()] if len(column) else np.zeros(0, np.bool_)
    for kind, which in ((air, ~marks), (panels.WEATHER, marks)):
        if which.any():
            yield kind, table if which.all() else table.filter(pa.array(which))


def _entries(kind: str, table: pa.Table, received_ms: int, tag: str = "") -> Iterator[NewEntry]:
    """Entries of at most about ENTRY_ROWS rows, whole months together."""
    if not len(table):
        return
    starts = table.column("start").to_numpy()
    months = starts.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    months -= months.min()
    group = np.cumsum(np.bincount(months)) // ENTRY_ROWS
    numbers = group[months]
    for number in np.unique(numbers).tolist():
        part = table if group[0] == group[-1] else table.filter(pa.array(numbers == number))
        payload = encode(part)
        key = f"{PREFIX}{kind}:{hashlib.sha256(payload).hexdigest()}{tag}"
        yield NewEntry(kind, key, "", received_ms, payload)


def _table(values: Iterable[DayValue]) -> pa.Table:
    rows = sorted((v.point, day_start_ms(v.on), v.kind.value, v.value) for v in values)
    columns: list[list[Any]] = [
        [row[0] for row in rows],
        [row[2] for row in rows],
        [row[1] for row in rows],
        [DAY_S] * len(rows),
        [row[3] for row in rows],
        [""] * len(rows),
    ]
    types = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in BATCH_SCHEMA]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(arrays, names=BATCH_SCHEMA.names)


def _distinct(values: Iterable[DayValue]) -> int:
    return len({value.point for value in values})


def _stated(
    kind: str,
    name: str,
    data: bytes,
    read: Statement,
    table: pa.Table,
    entries: Sequence[NewEntry],
    points: Mapping[str, int],
) -> Preview:
    remarks = [{"what": r.what, "value": r.value, "why": r.why, "source": r.source} for r in read.remarks]
    counts: dict[str, int] = {}
    for value in read.values:
        counts[value.kind.value] = counts.get(value.kind.value, 0) + 1
    report = {
        "rows": read.rows,
        "flags": [{"kind": item, "flag": "ok", "count": count} for item, count in sorted(counts.items())],
        "assumptions": remarks,
    }
    return _preview(kind, [(name, data)], entries, table, read.refused, points, report)


def _preview(
    kind: str,
    files: Files,
    entries: Sequence[NewEntry],
    table: pa.Table,
    refused: Sequence[DataError],
    points: Mapping[str, int],
    report: Mapping[str, Any],
    outside: Sequence[OutsidePoint] = (),
) -> Preview:
    starts = table.column("start").to_numpy()
    first, last = (local_day(int(starts.min())), local_day(int(starts.max()))) if len(table) else (None, None)
    for name, _ in files:
        if "\0" in name or len(name) > FILE_NAME:
            raise DataError(
                f"a name of more than {FILE_NAME} characters", source=clean(name)[:40], field="file"
            )
    touches = frozenset(table.column("point").unique().to_pylist())
    content = [entry.key for entry in entries] or [hashlib.sha256(data).hexdigest() for _, data in files]
    again = _again(kind, content, touches, first, last) if entries else 0
    if again:
        entries = [replace(entry, key=f"{entry.key}:{again}") for entry in entries]
        content = [entry.key for entry in entries]
    return Preview(
        make_id("import", kind, *content),
        kind,
        tuple(files),
        tuple(entries),
        len(table),
        tuple(refused),
        points,
        first,
        last,
        clean(report),
        tuple(outside),
        touches,
    )


def _again(
    kind: str, keys: Sequence[str], touches: frozenset[str], first: date | None, last: date | None
) -> int:
    """How often this content was taken in before something else came over it: the running number that it needs."""
    number = 0
    while True:
        told = [f"{key}:{number}" for key in keys] if number else keys
        row = Import.objects.filter(pk=make_id("import", kind, *told)).first()
        if row is None:
            return number
        if refused_by_worker([row]):  # it came to nothing then: it is taken in anew
            number += 1
            continue
        later = receipts(kind, position__gt=row.position, first_on__lte=last, last_on__gte=first)
        if not any(touches & set(taken.get("points", touches)) for _, taken in later):
            return number
        number += 1


def _misnamed(point: Point) -> str:
    """Why the registry cannot hold the names of a point; nothing when it can."""
    for text, most in ((point.key, KEY), (point.name, NAME), (point.city, NAME)):
        if "\0" in text:
            return "a name with a NUL"
        if len(text) > most:
            return f"a name of more than {most} characters"
    return ""


def _named_where(files: Files, points: Iterable[Point], misnamed: Mapping[str, str]) -> Iterator[DataError]:
    """Refusals of points with the first row and column that name them."""
    if not misnamed:
        return
    tables = [read_table(data, name) for name, data in files]
    for point in points:
        if point.key in misnamed:
            found = (
                _where(table, {point.key, point.name, point.city, point.code} - {""}) for table in tables
            )
            source, row, column = next(filter(None, found), (files[0][0], None, ""))
            yield DataError(misnamed[point.key], source=source, row=row, field=clean(column)[:NAME])


def _where(table: Table, names: set[str]) -> tuple[str, int | None, str] | None:
    long = [name for name in names if len(name) > NAME or "\0" in name]
    for title in table.header:
        if title.strip() in long:
            return table.source, table.first_line, title
    for title, column in zip(table.header, table.columns, strict=True):
        for row, cell in enumerate(column.to_pylist()):
            if isinstance(cell, str) and cell.strip() in long:
                return table.source, int(table.lines[row]), title
    return None


def _without(table: pa.Table, points: set[str]) -> pa.Table:
    keep = looked_up(table, "point", lambda point: int(point not in points)).astype(np.bool_)
    return table.filter(pa.array(keep))


def clean(value: Any) -> Any:
    """Text without NUL, which PostgreSQL does not hold."""
    if isinstance(value, str):
        return value.replace("\0", "\u2400")
    if isinstance(value, Mapping):
        return {clean(key): clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each) for each in value]
    return value
