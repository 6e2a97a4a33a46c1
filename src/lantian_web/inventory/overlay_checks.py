"""What a city's own rows must keep before they count: every page and the worker read them afterwards, unasked.

The table's own reader goes over them, spans run forwards, nothing is stated twice, by whatever name, and areas and
stations are known.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from decimal import Decimal

from lantian.assess.targets.ledger import targets_of
from lantian.errors import DataError, LantianError
from lantian.observe.air.cells import YEARS
from lantian.observe.air.columns import CANONICAL, unit_factor
from lantian.records import ObservationKind
from lantian.standards import Row
from lantian.standards import table as package_table
from lantian.standards.loader import vocabulary
from lantian_web.inventory.queries import SHARED, areas, overlay_rows, shared_names, short_name, station_names

__all__ = ["check_rows"]

_ONCE = {
    "targets": ("area", "indicator", "start_on", "end_on", "edition", "valid_from"),
    "season_targets": ("season", "region", "indicator", "valid_from"),
    "regions": ("region", "city", "valid_from"),
    "dust_days": ("area", "day"),
    "station_spells": ("station", "opened_on"),
}
_NEEDED = {
    "targets": ("area", "indicator"),
    "season_targets": ("region", "indicator"),
    "regions": ("region", "name_zh", "city"),
    "dust_days": ("area", "day"),
    "station_spells": ("station",),
}
_Spans = dict[tuple[str, ...], list[tuple[date, date]]]
_ORDERS = 12  # of magnitude, at most, between a number and one
_WHOLE_DAYS = ("good_days", "heavy_days")
_WORDS = ("city_suffix", "point_mark")  # rules of air whose text counts
_COUNTS = ("stuck", "frozen", "frozen_items", "outage")
_ABOVE_0 = (*_COUNTS, "maximum", "minimum", "impossible", "inconsistent")


def check_rows(table: str, rows: Sequence[Row], source: str = "") -> None:
    """DataError with row and column when rows of a table could not be worked with."""
    for row in rows:
        _filled(row, _NEEDED.get(table, ()), source)
        _forwards(row, source)
        _sound(row, source)
    _read(table, rows, source)
    _once(table, rows, source)
    if table == "regions":
        _apart(rows, source)
    if table == "station_spells":
        _spells_apart(rows, source)
    if table in _WHO:
        _known(table, rows, source)


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


def _sound(row: Row, source: str) -> None:
    """Text that the database holds, words of confidence that are known, numbers that can be computed with."""
    for column, cell in row.cells.items():
        if isinstance(cell, str) and "\0" in cell:
            raise DataError("a NUL in the text", source=source, row=row.line, field=column)
        if isinstance(cell, Decimal) and not (
            cell.is_finite() and (not cell or abs(cell.adjusted()) <= _ORDERS)
        ):
            raise DataError(f"not a number: {cell}", source=source, row=row.line, field=column)
        if column.startswith("valid_") or not isinstance(cell, date):  # the former may mean "always"
            continue
        if not YEARS[0] <= cell.year < YEARS[1]:
            raise DataError(f"no such day: {cell}", source=source, row=row.line, field=column)
    if row.confidence not in (words := vocabulary("confidence")):
        reason = f"unknown confidence: {row.confidence!r}; one of {', '.join(sorted(words))}"
        raise DataError(reason, source=source, row=row.line, field="confidence")


def _targets(row: Row) -> None:
    targets_of([row])
    value = row["value"]
    counted = row.text("indicator") in _WHOLE_DAYS and row.text("unit") in ("", "day")
    if counted and isinstance(value, Decimal) and value != int(value):
        raise DataError(f"days are counted whole: {value}", field="value")


def _air_rule(row: Row) -> None:
    """A rule without its number or word, or in another unit than the item's, would stop or spoil every import."""
    rule = row.text("rule")
    if rule in _WORDS:
        if not row.text("text").strip():
            raise DataError("the cell is empty", field="text")
        return
    if row["value"] is None:
        raise DataError("the cell is empty", field="value")
    value = row.number()
    if rule in _ABOVE_0 and value <= 0:
        raise DataError(f"not above 0: {value}", field="value")
    if rule in _COUNTS and value != int(value):
        raise DataError(f"not a whole number: {value}", field="value")
    if rule not in (*_COUNTS, "sentinel", "inconsistent") and row.text("item") in CANONICAL:
        kind = ObservationKind(row.text("item"))
        if unit_factor(row.text("unit"), kind) != 1:
            raise DataError(f"wanted in another unit: {CANONICAL[kind]}", field="unit")


def _index_term(row: Row) -> None:
    for column in ("value", "weight"):
        if row[column] is None:
            raise DataError("the cell is empty", field=column)
        if row.number(column) <= 0:
            raise DataError(f"not above 0: {row.number(column)}", field=column)


def _spell(row: Row) -> None:
    if row.day("valid_to"):  # nothing reads it: the spell would go on, in silence
        raise DataError("a spell ends on its closed_on: leave this cell empty", field="valid_to")
    opened, closed = row.day("opened_on"), row.day("closed_on")
    if opened is None and closed is None:
        raise DataError("the cell is empty", field="opened_on")
    if opened and closed and closed < opened:
        raise DataError(f"{closed} is before {opened}", field="closed_on")


_READERS: Mapping[str, Callable[[Row], None]] = {
    "targets": _targets,
    "season_targets": _targets,
    "air_quality_rules": _air_rule,
    "composite_index": _index_term,
    "station_spells": _spell,
}


def _read(table: str, rows: Sequence[Row], source: str) -> None:
    for row in rows if table in _READERS else ():
        try:
            _READERS[table](row)
        except DataError as error:
            raise DataError(error.reason, source=source, row=row.line, field=error.field) from None
        except (LantianError, ValueError, ArithmeticError) as error:
            raise DataError(str(error), source=source, row=row.line) from None


def _areas() -> set[str]:
    """What a target may bind: areas by id, by name and as archives write it, and the sets that the city may be in."""
    names = {text for area in areas() for text in (area.id, area.name, short_name(area.name))}
    for name in ("regions", "season_targets"):
        names |= {row.text("region") for row in (*package_table(name), *overlay_rows(name))}
    return names - {""}


_WHO: Mapping[str, tuple[str, str, Callable[[], Container[str]]]] = {
    "targets": ("area", "unknown area", _areas),
    "station_spells": ("station", "unknown station", station_names),
}
"""By table: the column that names somebody of the registry, why it is refused, and who is known."""


def _known(table: str, rows: Sequence[Row], source: str) -> None:
    """A row of somebody unknown would count for nobody, in silence."""
    column, why, who = _WHO[table]
    known = who()
    for row in rows:
        if row.text(column) not in known:
            reason = f"{why}: {row.text(column)!r}"
            raise DataError(reason, source=source, row=row.line, field=column)


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
    spans: _Spans = {}
    for row in rows:
        if _met(spans, (row.text("region"), row.text("city")), row, "valid_from", "valid_to"):
            reason = f"{row.text('city')} is in the set already on these days"
            raise DataError(reason, source=source, row=row.line, field="city")


def _spells_apart(rows: Sequence[Row], source: str) -> None:
    """A station, by id or by name, has one spell on any day; a name that several have names none of them."""
    names, shared = station_names(), shared_names()
    spans: _Spans = {}
    for row in rows:
        name = row.text("station")
        if name in shared:
            raise DataError(f"{SHARED}: {name!r}", source=source, row=row.line, field="station")
        if _met(spans, (names.get(name, name),), row, "opened_on", "closed_on"):
            reason = f"in operation on these days by another row: {name!r}"
            raise DataError(reason, source=source, row=row.line, field="opened_on, closed_on")


def _met(spans: _Spans, key: tuple[str, ...], row: Row, first: str, last: str) -> bool:
    """Whether an earlier row of the key shares a day with this one; a side left open has no end."""
    start, end = row.day(first) or date.min, row.day(last) or date.max
    known = spans.setdefault(key, [])
    known.append((start, end))
    return any(start <= other_end and other_start <= end for other_start, other_end in known[:-1])
