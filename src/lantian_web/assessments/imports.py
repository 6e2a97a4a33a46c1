"""Taking files in by hand: read and told of first (`preview_*`), then journalled once (`commit`).

The journal's keys are hashes of the content, so the same file taken in twice, or again after a kill, changes nothing.
A big file comes in several entries, month by month. The files themselves are kept by their hash under `imports/`.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lantian.errors import DataError
from lantian.observe.air import Point, read_air, read_columns
from lantian.observe.statements import DayValue, Statement, issues_of, read_emissions, read_forecast
from lantian.periods import at, day_start_ms, local_day, to_ms
from lantian.records import ObservationKind, make_id
from lantian_store.batch import BATCH_SCHEMA, encode
from lantian_store.durable import write_whole
from lantian_store.journal import Journal, NewEntry
from lantian_store.panel import DAY_S, looked_up
from lantian_web.assessments import panels
from lantian_web.assessments.models import Import
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.inventory.commands import register_outside
from lantian_web.inventory.models import Area, Enterprise, OutsidePoint, Station
from lantian_web.inventory.queries import city_area_id, overlay_rows, own_city

__all__ = [
    "AIR_KIND",
    "EMISSION_KIND",
    "FORECAST_KIND",
    "WORKER",
    "Preview",
    "commit",
    "is_imported",
    "keep",
    "kept",
    "preview",
    "preview_air",
    "preview_emission",
    "preview_forecast",
    "refused_csv",
    "taken_in",
]

Files = Sequence[tuple[str, bytes]]
AIR_KIND, EMISSION_KIND, FORECAST_KIND = "air", "emission", "forecast"
WORKER = "worker"
"""Cursor: the journal position up to which the worker has come."""
PREFIX = "import:"
ENTRY_ROWS = 250_000
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


def is_imported(key: str) -> bool:
    """Whether a journal key is one of an import."""
    return key.startswith(PREFIX)


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a commit would do. `points` counts by whose they are: own stations, the own city, others.

    `rows` are rows of the lake. `receipt` is the receipt when the same content was taken in already.
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

    @property
    def receipt(self) -> Import | None:
        """The receipt of the same content, when it was taken in before."""
        return Import.objects.filter(pk=self.id).first()

    @property
    def known(self) -> int:
        """Points altogether."""
        return sum(self.points.values())


def preview(kind: str, files: Files, now: datetime, column_map: str = "") -> Preview:
    """Read files of one kind (`air`, `emission`, `forecast`). DataError when they cannot be read at all."""
    if kind == AIR_KIND:
        return preview_air(files, now, column_map)
    if len(files) != 1:
        raise DataError("one file at a time", source="files")
    if kind == EMISSION_KIND:
        return preview_emission(*files[0], now)
    if kind == FORECAST_KIND:
        return preview_forecast(*files[0], now)
    raise DataError(f"{kind!r}: air, emission or forecast", source="kind")


def preview_air(files: Files, now: datetime, column_map: str = "") -> Preview:
    """Read air files of any known form, or of the columns that a map (TOML) names, and find whose points they are."""
    columns = read_columns(column_map) if column_map else None
    air = read_air(files, columns=columns, overlay=overlay_rows("air_quality_rules"))
    place = _Place.here()
    ids = {point.key: place.id_of(point) for point in air.points}
    table = _renamed(air.batch(), ids)
    whose = {"station": 0, "own_city": 0, "outside": 0}
    for point in air.points:
        whose[place.whose(point)] += 1
    outside = [
        OutsidePoint(key=point.key, kind=point.kind, name=point.name, city=point.city)
        for point in air.points
        if place.whose(point) == "outside"
    ]
    entries = [
        entry
        for kind, part in _by_kind(table, panels.AIR_DAY if air.step_s == DAY_S else panels.AIR)
        for entry in _entries(kind, part, to_ms(now))
    ]
    return _preview(AIR_KIND, files, entries, table, air.report.refused, whose, air.report.plain(), outside)


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
    """Read forecast days; without a column `issued` they were issued today. Issues of the future are refused."""
    names = {key: key for key in Area.objects.values_list("id", flat=True)}
    names |= {title: key for key, title in Area.objects.values_list("id", "name")}
    names |= {own_city(): city_area_id()}
    read = read_forecast(data, name, names, city_area_id())
    entries: list[NewEntry] = []
    late: list[DataError] = []
    taken: list[DayValue] = []
    for on, values in issues_of(read):
        day = on or local_day(to_ms(now))
        issued = at(day, 0)
        if issued > now:
            late.append(DataError(f"issue still to come: {on}", source=name, field="issued"))
            continue
        taken += values
        # The same values on another day are another statement.
        entries += _entries(panels.FORECAST, _table(values), to_ms(issued), f":{day}")
    read = Statement(tuple(taken), read.rows, (*read.refused, *late), read.remarks)
    return _stated(FORECAST_KIND, name, data, read, _table(taken), entries, {"areas": _distinct(taken)})


def commit(home: Path, seen: Preview, by: str, now: datetime) -> Import:
    """Take in what was previewed: files kept, entries journalled (durable), receipt written. Again changes nothing.

    The worker takes the entries into the lake; `taken_in` tells when it has.
    """
    if (there := seen.receipt) is not None:
        return there
    for _, data in seen.files:
        keep(home, data)
    refused = keep(home, refused_csv(seen.refused).encode()) if seen.refused else ""
    register_outside(seen.outside)
    places = Journal(home).append_many(seen.entries) if seen.entries else [-1]
    return _receipt(seen, max(places), refused, by, now)


def taken_in(row: Import, cursor: int | None) -> bool:
    """Whether the worker, which has come to the journal position `cursor`, has taken an import into the lake."""
    return cursor is not None and row.position <= cursor


def keep(home: Path, data: bytes) -> str:
    """Keep bytes under their hash (SHA-256), which is returned."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = _path(home, sha256)
    if not path.exists():
        write_whole(path, data)
    return sha256


def kept(home: Path, sha256: str) -> bytes:
    """Bytes that were kept. DataError when there are none."""
    try:
        return _path(home, sha256).read_bytes()
    except FileNotFoundError:
        raise DataError("this file is no longer kept: choose it again", source=sha256[:12]) from None


def refused_csv(refused: Iterable[DataError]) -> str:
    """Refused rows with their reasons, to be corrected where the file came from."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["source", "row", "field", "reason"])
    rows.writerows([_cell(each.source), each.row, _cell(each.field), _cell(each.reason)] for each in refused)
    return text.getvalue()


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


@command
def _receipt(seen: Preview, position: int, refused: str, by: str, now: datetime) -> Import:
    row, fresh = Import.objects.get_or_create(
        pk=seen.id,
        defaults={
            "kind": seen.kind,
            "files": [[name, hashlib.sha256(data).hexdigest()] for name, data in seen.files],
            "rows": seen.rows,
            "refused": len(seen.refused),
            "points": seen.known,
            "first_on": seen.first_on,
            "last_on": seen.last_on,
            "report": dict(seen.report),
            "refused_sha256": refused,
            "position": position,
            "by": by,
            "at": now,
        },
    )
    if fresh:
        told = {"kind": seen.kind, "files": [name for name, _ in seen.files], "rows": seen.rows}
        emit([NewEvent("import.committed", by, now, "import", row.pk, params=told)])
    return row


def _path(home: Path, sha256: str) -> Path:
    return home / "imports" / sha256[:2] / sha256


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
        if point.kind == "city":
            return "own_city" if self.city and point.city == self.city else "outside"
        return "station" if self._station(point) else "outside"

    def id_of(self, point: Point) -> str:
        """The point's id in the lake."""
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
    content = [entry.key for entry in entries] or [hashlib.sha256(data).hexdigest() for _, data in files]
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
        report,
        tuple(outside),
    )
