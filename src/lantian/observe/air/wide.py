"""The public archive of the national real-time publication: one column per city or station code.

Header `date,hour,type,<names or codes>`, one row per hour and type. Label h (0-23) of day D is the mean of the hour
that ends at h, so label 0 belongs to the day before. CO is in mg/m3. Types that are means of other rows (24 h, 8 h)
are set aside: they are recomputed from the hours.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from lantian.errors import DataError
from lantian.observe.air.cells import codes_of, far_off, hours_of, moments, numbers, to_utc_ms
from lantian.observe.air.long import FAR_OFF
from lantian.observe.air.parts import Part, Parts, RawPoint, problems
from lantian.observe.air.series import HOUR_S
from lantian.observe.air.units import MG, CarbonMonoxide
from lantian.observe.tables import Remark, Table
from lantian.records import ObservationKind

__all__ = ["is_wide", "read_wide"]

KEYS = ("date", "hour", "type")
TYPES = {
    "PM2.5": ObservationKind.PM25,
    "PM10": ObservationKind.PM10,
    "SO2": ObservationKind.SO2,
    "NO2": ObservationKind.NO2,
    "O3": ObservationKind.O3,
    "CO": ObservationKind.CO,
    "AQI": ObservationKind.AQI_SHOWN,
}
DERIVED = frozenset(("PM2.5_24h", "PM10_24h", "SO2_24h", "NO2_24h", "O3_24h", "O3_8h", "O3_8h_24h", "CO_24h"))
_CODE = re.compile(r"\d{4}[A-Z]")
_HOUR_MS = HOUR_S * 1000


def is_wide(header: tuple[str, ...]) -> bool:
    """Is this the header of an archive file?"""
    return tuple(name.lower() for name in header[:3]) == KEYS and len(header) > len(KEYS)


def read_wide(table: Table, stamp: str, co: CarbonMonoxide) -> Parts:
    """The hourly values of an archive file. Rows of an unknown day, hour or type are refused."""
    source, refused = table.source, list(table.refused)
    titles, columns = _titles(table, refused)
    if not titles:
        raise DataError("no column of a city or station", source=source, row=table.first_line)
    day, there, bad_days, _ = moments(table.columns[0], table.epoch_1904)
    hour, bad_hours = hours_of(table.columns[1])
    types, codes = codes_of(table.columns[2])
    known = np.array([name in TYPES or name in DERIVED for name in types])[codes]
    found = [
        *problems(bad_days, table.lines, source, table.header[0], "no such day"),
        *problems(bad_hours, table.lines, source, table.header[1], "no such hour"),
        *problems([(row, types[codes[row]]) for row in np.flatnonzero(~known).tolist()], table.lines, source, table.header[2], "no such type"),
    ]  # fmt: skip
    good = there & known
    good[[row for row, _ in bad_hours]] = False
    named: set[int | None] = set()
    for problem in found:  # one reason per row
        if problem.row not in named:
            named.add(problem.row)
            refused.append(problem)
    starts = to_utc_ms(day + hour * _HOUR_MS) - (0 if stamp == "start" else _HOUR_MS)
    far = far_off(starts, good)
    refused += [
        DataError(FAR_OFF, source=source, row=line, field=table.header[0])
        for line in table.lines[far].tolist()
    ]
    good &= ~far
    why = "told by the caller" if stamp else "the publication labels an hour by its end"
    remarks = [Remark("stamp", stamp or "end", why, source)]
    parts = []
    cells = pa.concat_arrays(columns)
    for name, kind in TYPES.items():
        rows = np.flatnonzero(good & (codes == (types.index(name) if name in types else -1)))
        if not len(rows):
            continue
        flat = (np.arange(len(columns))[:, None] * len(table) + rows).reshape(-1)
        values, bad = numbers(cells.take(pa.array(flat)))
        for cell, text in bad:
            column, row = divmod(cell, len(rows))
            line = int(table.lines[rows[row]])
            refused.append(
                DataError(f"not a number: {text!r}", source=source, row=line, field=titles[column])
            )
        if kind is ObservationKind.CO:
            values, said = co.read(values, MG, "documented for the form", source)
            remarks += said
        many = len(columns)
        points = np.repeat(np.arange(many), len(rows))
        parts.append(
            Part(points, np.tile(starts[rows], many), np.tile(table.lines[rows], many), {kind: values})
        )
    stations = all(_CODE.fullmatch(title) for title in titles)
    points_named: tuple[RawPoint, ...] = tuple(("", "", t) if stations else (t, "", "") for t in titles)
    form = "archive_stations" if stations else "archive_cities"
    aside = tuple(name for name in types if name in DERIVED)
    rows_read = len(table) + len(table.refused)
    return Parts(
        source, form, HOUR_S, points_named, tuple(parts), rows_read, int(good.sum()), tuple(refused), aside,
        (*table.remarks, *remarks),
    )  # fmt: skip


def _titles(table: Table, refused: list[DataError]) -> tuple[list[str], list[pa.Array]]:
    """Names over the value columns, once each; a column without a name, or a second one of a name, is refused."""
    titles: dict[str, pa.Array] = {}
    for name, column in zip(table.header[len(KEYS) :], table.columns[len(KEYS) :], strict=True):
        if not name or name in titles:
            if name or any(column.cast(pa.string()).to_pylist()):
                reason = "a second column of this name" if name else "a column without a name"
                refused.append(DataError(reason, source=table.source, row=table.first_line, field=name))
        else:
            titles[name] = column if column.type == pa.string() else column.cast(pa.string())
    return list(titles), list(titles.values())
