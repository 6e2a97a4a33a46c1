"""What a city's own rows must keep before they count: every page and the worker read them afterwards, unasked.

The table's own reader goes over them, spans run forwards, and nothing is stated twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from lantian.assess.ledger import targets_of
from lantian.errors import DataError, LantianError
from lantian.standards import Row

__all__ = ["check_rows"]

_ONCE = {
    "targets": ("area", "indicator", "start_on", "end_on", "edition", "valid_from"),
    "season_targets": ("season", "region", "indicator", "valid_from"),
    "regions": ("region", "city", "valid_from"),
    "dust_days": ("area", "day"),
}
_NEEDED = {"regions": ("region", "name_zh", "city"), "dust_days": ("area", "day")}


def check_rows(table: str, rows: Sequence[Row], source: str = "") -> None:
    """DataError with row and column when rows of a table could not be worked with."""
    for row in rows:
        _filled(row, _NEEDED.get(table, ()), source)
        _forwards(row, source)
    _read(table, rows, source)
    _once(table, rows, source)
    if table == "regions":
        _apart(rows, source)


def _filled(row: Row, columns: Sequence[str], source: str) -> None:
    for column in columns:
        if not row.text(column).strip():
            raise DataError("the cell is empty", source=source, row=row.line, field=column)


def _forwards(row: Row, source: str) -> None:
    """Of columns `x_from` and `x_to`, the days run forwards."""
    for first in row.cells:
        last = first.removesuffix("_from") + "_to"
        if not first.endswith("_from") or last not in row.cells:
            continue
        start, end = row.day(first), row.day(last)
        if start and end and end < start:
            raise DataError(f"{end} is before {start}", source=source, row=row.line, field=last)


def _targets(row: Row) -> None:
    targets_of([row])


_READERS: Mapping[str, Callable[[Row], None]] = {"targets": _targets, "season_targets": _targets}


def _read(table: str, rows: Sequence[Row], source: str) -> None:
    for row in rows if table in _READERS else ():
        try:
            _READERS[table](row)
        except DataError as error:
            raise DataError(error.reason, source=source, row=row.line, field=error.field) from None
        except (LantianError, ValueError, ArithmeticError) as error:
            raise DataError(str(error), source=source, row=row.line) from None


def _once(table: str, rows: Sequence[Row], source: str) -> None:
    columns = _ONCE.get(table)
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = tuple(row[name] for name in columns or row.cells)
        if table == "targets":  # a cap and a change may stand side by side
            key = (*key, row["value"] is None)
        first = seen.setdefault(key, row.line)
        if first != row.line:
            reason = f"stated twice: row {first} says it already"
            raise DataError(reason, source=source, row=row.line, field=", ".join(columns or ()))


def _apart(rows: Sequence[Row], source: str) -> None:
    """A city is in a set once on any day."""
    spans: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for row in rows:
        start, end = row.day("valid_from") or date.min, row.day("valid_to") or date.max
        known = spans.setdefault((row.text("region"), row.text("city")), [])
        if any(start <= other_end and other_start <= end for other_start, other_end in known):
            reason = f"{row.text('city')} is in the set already on these days"
            raise DataError(reason, source=source, row=row.line, field="city")
        known.append((start, end))
