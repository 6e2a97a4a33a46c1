"""Files with one row per point and time (or per point, time and kind), by a column map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lantian.errors import DataError
from lantian.observe.air.cells import (
    Ints,
    codes_of,
    directions,
    far_off,
    hours_of,
    moments,
    numbers,
    scaled,
    to_utc_ms,
)
from lantian.observe.air.columns import ColumnMap, ValueColumn, unit_factor
from lantian.observe.air.parts import Part, Parts, RawPoint, problems
from lantian.observe.air.series import DAY_S, HOUR_S
from lantian.observe.air.units import CarbonMonoxide
from lantian.observe.panel import Floats
from lantian.observe.tables import Remark, Table
from lantian.records import ObservationKind

__all__ = ["read_long"]

FAR_OFF = "15 years or more from the other rows' times"
Rows = NDArray[np.bool_]
_HOUR_MS, _DAY_MS = HOUR_S * 1000, DAY_S * 1000


def read_long(table: Table, columns: ColumnMap, stamp: str, co: CarbonMonoxide) -> Parts:
    """The values of a table whose columns mean what `columns` says. DataError when one of them is missing."""
    missing = [name for name in columns.used if name not in table.header]
    if missing:
        reason = f"columns are missing: {', '.join(missing)}"
        raise DataError(reason, source=table.source, row=table.first_line)
    refused = list(table.refused)
    good = np.ones(len(table), np.bool_)
    names, points = _points(table, columns, good, refused)
    starts, remarks = _starts(table, columns, stamp, good, refused)
    first_column = columns.time or columns.date
    _refuse(far_off(starts, good), FAR_OFF, first_column, table, good, refused)
    rows = np.flatnonzero(good)
    lines = table.lines[rows]
    values, parts = {}, []
    read = (
        _by_kind(table, columns, good, refused) if columns.kind else _by_column(table, columns, good, refused)
    )
    for value, at, raw in read:
        if value.kind is ObservationKind.CO:
            taken_in = raw if columns.kind else np.where(good, raw, np.nan)  # a refused row tells nothing
            made, said = co.read(taken_in, value.unit, columns.unit_why, table.source, columns.told)
            remarks += said
        else:
            made = scaled(raw, unit_factor(value.unit, value.kind, table.source), co.limits.sentinels)
        if columns.kind:
            parts.append(Part(points[at], starts[at], table.lines[at], {value.kind: made}))
        else:
            values[value.kind] = made[rows]
    if values:
        parts.append(Part(points[rows], starts[rows], lines, values))
    used = set(columns.used)
    aside = tuple(name for name in table.header if name and name not in used)
    step_s = HOUR_S if columns.step == "hour" else DAY_S
    taken = int(good.sum())
    return Parts(
        table.source, columns.form, step_s, names, tuple(parts), len(table) + len(table.refused), taken,
        tuple(refused), aside, (*table.remarks, *remarks),
    )  # fmt: skip


def _points(
    table: Table, columns: ColumnMap, good: Rows, refused: list[DataError]
) -> tuple[tuple[RawPoint, ...], Ints]:
    """Distinct published points and each row's place among them; a row without one is refused."""
    texts, together = [], np.zeros(len(table), np.int64)
    for name in (columns.city, columns.station, columns.code):
        words, codes = codes_of(table.column(name)) if name else ([""], np.zeros(len(table), np.int64))
        texts.append(words)
        together = together * len(words) + codes
    distinct, places = np.unique(together, return_inverse=True)
    made = []
    for number in distinct.tolist():
        rest, parts = number, []
        for words in reversed(texts):
            rest, code = divmod(rest, len(words))
            parts.append(words[code])
        code, station, city = parts
        made.append((city or columns.point, station, code))
    field = columns.code or columns.station or columns.city
    nameless = [not (raw[2] or (raw[1] if columns.station else raw[0])) for raw in made]
    _refuse(np.array([*nameless, False])[places], "no point", field, table, good, refused)
    return tuple(made), places.astype(np.int64)


def _starts(
    table: Table, columns: ColumnMap, stamp: str, good: Rows, refused: list[DataError]
) -> tuple[Ints, list[Remark]]:
    """UTC ms of each row's start; a row without a time, or off the hour or day, is refused."""
    name = columns.time or columns.date
    local, there, bad, serial = moments(table.column(name), table.epoch_1904)
    what = "no such time" if columns.time else "no such day"
    _told(problems(bad, table.lines, table.source, name, what), ~there, good, refused)
    remarks = []
    if serial:
        epoch = "1904-01-01" if table.epoch_1904 else "1899-12-30"
        remarks.append(Remark("date_system", epoch, "the dates are numbers of days", table.source))
    if columns.hour:
        hour, wrong = hours_of(table.column(columns.hour))
        rows = np.zeros(len(table), np.bool_)
        rows[[row for row, _ in wrong]] = True
        _told(problems(wrong, table.lines, table.source, columns.hour, "no such hour"), rows, good, refused)
        _refuse(there & (local % _DAY_MS != 0), "a day is wanted beside the hour", name, table, good, refused)
        local = local + hour * _HOUR_MS
    if columns.step == "day":
        _refuse(there & (local % _DAY_MS != 0), "not a day", name, table, good, refused)
        return to_utc_ms(local, columns.zone), remarks
    _refuse(there & (local % _HOUR_MS != 0), "not on the hour", name, table, good, refused)
    told = stamp or columns.stamp
    remarks.append(Remark("stamp", told, "told by the caller" if stamp else columns.stamp_why, table.source))
    return to_utc_ms(local, columns.zone) - (_HOUR_MS if told == "end" else 0), remarks


def _refuse(rows: Rows, reason: str, field: str, table: Table, good: Rows, refused: list[DataError]) -> None:
    lines = table.lines[rows & good].tolist()
    refused += [DataError(reason, source=table.source, row=line, field=field) for line in lines]
    good &= ~rows


def _told(found: list[DataError], rows: Rows, good: Rows, refused: list[DataError]) -> None:
    already = {error.row for error in refused}
    refused += [error for error in found if error.row not in already]
    good &= ~rows


def _cells(table: Table, name: str, kind: ObservationKind, good: Rows, refused: list[DataError]) -> Floats:
    read = directions if kind is ObservationKind.WIND_FROM else numbers
    values, bad = read(table.column(name))
    bad = [(row, text) for row, text in bad if good[row]]  # a refused row is told once
    refused += problems(bad, table.lines, table.source, name, "not a number")
    return values


def _by_column(
    table: Table, columns: ColumnMap, good: Rows, refused: list[DataError]
) -> list[tuple[ValueColumn, Ints, Floats]]:
    everywhere = np.arange(len(table))
    return [
        (value, everywhere, _cells(table, value.column, value.kind, good, refused))
        for value in columns.values
    ]


def _by_kind(
    table: Table, columns: ColumnMap, good: Rows, refused: list[DataError]
) -> list[tuple[ValueColumn, Ints, Floats]]:
    """The value column split by the words of the kind column; words that the map does not name are set aside."""
    words, codes = codes_of(table.column(columns.kind))
    values = _cells(table, columns.value, columns.values[0].kind, good, refused)
    place = {word: no for no, word in enumerate(words)}
    read = []
    for value in columns.values:
        at = np.flatnonzero((codes == place.get(value.column, -1)) & good)
        read.append((value, at, values[at]))
    return read
