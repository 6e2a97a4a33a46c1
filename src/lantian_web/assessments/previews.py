"""Files read and told of before anything is written: what is in them, whose points, what is refused, which entries.

The keys of the entries are hashes of their content. Content that something else was taken in over since (a file, its
correction, the file again) gets a running number: it counts as taken in before only while every row of it stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings

from lantian.errors import DataError
from lantian.observe.air import ColumnMap, read_air, read_columns
from lantian.observe.statements import DayValue, Statement, issues_of, read_emissions, read_forecast
from lantian.periods import at, local_day, to_ms
from lantian.records import make_id
from lantian_store.journal import Journal, NewEntry
from lantian_store.panel import DAY_S
from lantian_web.assessments import panels
from lantian_web.assessments.asides import TAKEN, refused_by_worker
from lantian_web.assessments.models import Import
from lantian_web.assessments.naming import FILE_NAME, Files, Place, clean, misnamed, named_where
from lantian_web.assessments.packing import by_kind, day_table, entries_of, once, renamed, without
from lantian_web.assessments.standing import Parts, Standing, standing
from lantian_web.inventory.models import Area, Enterprise, OutsidePoint
from lantian_web.inventory.queries import city_area_id, overlay_rows, own_city

__all__ = [
    "AIR_KIND",
    "EMISSION_KIND",
    "FORECAST_KIND",
    "TAKEN",
    "Preview",
    "preview",
    "preview_air",
    "preview_emission",
    "preview_forecast",
    "receipted",
    "receipts",
]

AIR_KIND, EMISSION_KIND, FORECAST_KIND = "air", "emission", "forecast"


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What a commit would do. `points` counts by whose they are: own stations, the own city, others.

    `rows` are rows of the lake, of the points `touches`. `issued` are the days of issue of a forecast's entries.
    `standing` says how the rows stand against what is there (None for a forecast: its statements stand side by side).
    `receipt` is the receipt when the same content was taken in already and all of it stands.
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
    standing: Standing | None = None

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
    place = Place.here()
    ids = {point.key: place.id_of(point) for point in air.points}
    unfit = {point.key: why for point in air.points if (why := misnamed(point) or place.unclear(point))}
    table = air.batch(unusable=False)
    if unfit:
        table = without(table, set(unfit))
    table, twice = once(table, ids)
    table = renamed(table, ids)
    points = [point for point in air.points if point.key not in unfit]
    whose = {"station": 0, "own_city": 0, "outside": 0}
    for point in points:
        whose[place.whose(point)] += 1
    reporting = set(table.column("point").unique().to_pylist())
    outside = [
        OutsidePoint(key=point.key, kind=point.kind, name=point.name, city=point.city)
        for point in points
        if place.whose(point) == "outside"
        # A listed station that never reports is known when it does: until then no city's mean waits for it.
        and (point.kind != "station" or ids[point.key] in reporting)
    ]
    refused = [*air.report.refused, *named_where(files, air.points, unfit | twice)]
    parts = list(by_kind(table, panels.AIR_DAY if air.step_s == DAY_S else panels.AIR))
    entries = [entry for kind, part in parts for entry in entries_of(kind, part, to_ms(now))]
    return _preview(AIR_KIND, files, entries, table, refused, whose, air.report.plain(), outside, parts)


def preview_emission(name: str, data: bytes, now: datetime) -> Preview:
    """Read measured emission by plant and day."""
    known: dict[str, str] = {}
    for key, title, code in Enterprise.objects.values_list("id", "name", "credit_code"):
        known |= {key: key, title: key, code: key}
    read = read_emissions(data, name, known)
    table = day_table(read.values)
    entries = list(entries_of(panels.EMISSION_DAY, table, to_ms(now)))
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
        made = list(entries_of(panels.FORECAST, day_table(coming), to_ms(now), f":{day}"))
        entries += made
        issues += [day.isoformat()] * len(made)
    read = Statement(tuple(taken), read.rows, (*read.refused, *late), read.remarks)
    areas = {"areas": _distinct(taken)}
    seen = _stated(FORECAST_KIND, name, data, read, day_table(taken), entries, areas)
    return replace(seen, issued=tuple(issues))


def receipts(kind: str, **where: object) -> list[tuple[Import, Mapping[str, Any]]]:
    """Imports of a kind with what their commit left behind (nothing, where it was of an older form)."""
    rows = Import.objects.filter(kind=kind, **where).order_by("position")
    return [(row, row.report.get(TAKEN, {})) for row in rows]


def receipted(kind: str) -> set[int]:
    """Journal positions of entries that stand on a receipt of a kind."""
    return {place for _, taken in receipts(kind) for place in taken.get("positions", ())}


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
    parts = [(panels.EMISSION_DAY, table)] if kind == EMISSION_KIND else None
    return _preview(kind, [(name, data)], entries, table, read.refused, points, report, parts=parts)


def _preview(
    kind: str,
    files: Files,
    entries: Sequence[NewEntry],
    table: pa.Table,
    refused: Sequence[DataError],
    points: Mapping[str, int],
    report: Mapping[str, Any],
    outside: Sequence[OutsidePoint] = (),
    parts: Parts | None = None,
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
    stands = None if parts is None else standing(Path(settings.LANTIAN_HOME), parts)
    again = 0
    if entries:
        again = (
            _again(kind, content, touches, first, last) if stands is None else _given(kind, content, stands)
        )
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
        standing=stands,
    )


def _given(kind: str, keys: Sequence[str], stands: Standing) -> int:
    """The number of the last time that this content was taken in, while it stands; else the next one."""
    number, last = 0, None
    while row := Import.objects.filter(pk=_id(kind, keys, number)).first():
        number, last = number + 1, row
    stays = last is not None and stands.whole and not refused_by_worker([last])
    return number - 1 if stays and not _untold(kind, keys, number) else number


def _untold(kind: str, keys: Sequence[str], number: int) -> bool:
    """Whether the journal holds entries of this number on no receipt: it was cut off before it wrote its own."""
    journal, tails = Journal(Path(settings.LANTIAN_HOME)), ("", f":{_id(kind, keys, number)}")
    found = [journal.find(f"{key}:{number}{tail}") for key in keys for tail in tails]
    return any(found) and bool({entry.position for entry in found if entry} - receipted(kind))


def _id(kind: str, keys: Sequence[str], number: int) -> str:
    return make_id("import", kind, *([f"{key}:{number}" for key in keys] if number else keys))


def _again(
    kind: str, keys: Sequence[str], touches: frozenset[str], first: date | None, last: date | None
) -> int:
    """The same for statements: how often this content was taken in before another import came over it."""
    number = 0
    while True:
        row = Import.objects.filter(pk=_id(kind, keys, number)).first()
        if row is None:
            return number
        if refused_by_worker([row]):  # it came to nothing then: it is taken in anew
            number += 1
            continue
        later = receipts(kind, position__gt=row.position, first_on__lte=last, last_on__gte=first)
        if not any(touches & set(taken.get("points", touches)) for _, taken in later):
            return number
        number += 1
