"""Read air files of any known form into one `Air` with its report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from lantian.errors import DataError
from lantian.observe.air.columns import ColumnMap, known_form
from lantian.observe.air.directory import directory, join_marked
from lantian.observe.air.lay import lay, time_span
from lantian.observe.air.long import read_long
from lantian.observe.air.marks import gaps_of, mark
from lantian.observe.air.names import Spelling, spelling_on
from lantian.observe.air.parts import Parts
from lantian.observe.air.report import FileRead, Report
from lantian.observe.air.series import HOUR_S, Air
from lantian.observe.air.units import CarbonMonoxide, carbon_monoxide
from lantian.observe.air.wide import is_wide, read_wide
from lantian.observe.quality import rules_on
from lantian.observe.state import states_between
from lantian.observe.tables import Remark, Table, read_table
from lantian.periods import local_day
from lantian.records import ObservationKind
from lantian.standards import Row

__all__ = ["read_air"]

_RULES_ON = date(2100, 1, 1)  # spelling and codes are not dated: what is known last holds for every file


def read_air(
    files: Sequence[tuple[str, bytes]],
    *,
    columns: ColumnMap | None = None,
    co_unit: str | None = None,
    stamp: str | None = None,
    renames: Mapping[str, str] | None = None,
    overlay: Sequence[Row] = (),
) -> Air:
    """Read files (name, bytes) in their order; of two values for one cell the later file's stays.

    The form is known by the header; `columns` is for any other file. `co_unit` (mg/m3, ug/m3) and `stamp` (start,
    end) go before what the form or the map says; `renames` (and the map's own) lead from published names or keys to
    keys. A map of renames alone leaves the form to the header. A value that cannot be used never covers one that can. A bad row or cell never stops
    the file: it stands in the report. DataError when a file cannot be read at all, is of no known form, or when
    hourly and daily files are mixed.
    """
    if not files:
        raise DataError("no air file", source="files")
    if stamp not in (None, "start", "end"):
        raise DataError(f"{stamp!r}: start or end", field="stamp")
    co = carbon_monoxide(rules_on(_RULES_ON, "hour", overlay).limits[ObservationKind.CO], co_unit)
    told_names = {**dict(columns.renames if columns else ()), **(renames or {})}
    read: list[Parts] = []
    told: list[FileRead] = []
    seen: dict[str, str] = {}
    for source, data in files:
        digest = hashlib.sha256(data).hexdigest()
        parts = _parts(
            read_table(data, source), columns if columns and columns.values else None, stamp or "", co
        )
        told.append(FileRead(source, digest, parts.form, parts.rows, parts.taken, seen.get(digest, "")))
        seen.setdefault(digest, source)
        read.append(parts)
    steps = {parts.step_s for parts in read}
    if len(steps) > 1:
        hourly, daily = (
            next(p.source for p in read if (p.step_s == HOUR_S) is want) for want in (True, False)
        )
        raise DataError(f"hourly, but {daily} is daily: read them apart", source=hourly)
    return _air(read, told, spelling_on(_RULES_ON, told_names, overlay), steps.pop(), overlay)


def _parts(table: Table, columns: ColumnMap | None, stamp: str, co: CarbonMonoxide) -> Parts:
    if columns is not None:
        return read_long(table, columns, stamp, co)
    if is_wide(table.header):
        return read_wide(table, stamp, co)
    form = known_form(table.header)
    if form is None:
        shown = ", ".join(table.header[:12])
        reason = f"no known form of air data; give a column map. Columns: {shown}"
        raise DataError(reason, source=table.source, row=table.first_line)
    return read_long(table, form, stamp, co)


def _air(
    read: Sequence[Parts], told: Sequence[FileRead], spelling: Spelling, step_s: int, overlay: Sequence[Row]
) -> Air:
    found = directory(read, spelling)
    _, latest = time_span(read) or (0, 0)
    rules = rules_on(local_day(latest), "hour" if step_s == HOUR_S else "day", overlay)
    laid = lay(read, found.places, found.keys, step_s, rules.limits)
    points, values, joined = join_marked(found, laid.values)
    keys = [point.key for point in points]
    first, last = local_day(laid.first_ms), local_day(laid.start_of(max(0, laid.steps - 1)))
    marked = mark(keys, values, laid, rules)
    report = Report(
        form=", ".join(dict.fromkeys(parts.form for parts in read)),
        files=tuple(told),
        rows=sum(parts.rows for parts in read),
        cells=laid.cells,
        missing=laid.missing,
        counts=marked.counts,
        refused=tuple(problem for parts in read for problem in parts.refused),
        doubled=laid.doubled,
        conflicting=laid.conflicting,
        conflicts=tuple(laid.conflicts),
        spared=laid.spared,
        renamed=(*found.renamed, *joined),
        silent=marked.silent,
        frozen=marked.frozen,
        set_aside=tuple(dict.fromkeys(name for parts in read for name in parts.set_aside)),
        outages=marked.outages,
        gaps=gaps_of(laid),
        assumptions=_once(remark for parts in read for remark in parts.remarks),
        states=tuple((s.first, s.last, s.state.gas, s.state.particle) for s in states_between(first, last)),
    )
    return Air(report.form, step_s, tuple(points), laid.first_ms, values, marked.flags, report)


def _once(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Remarks that say the same of several files, once, without the file."""
    found: dict[tuple[str, str, str], list[Remark]] = {}
    for remark in remarks:
        found.setdefault((remark.what, remark.value, remark.why), []).append(remark)
    return tuple(
        each[0] if len(each) == 1 else Remark(*what, f"{len(each)} files") for what, each in found.items()
    )
