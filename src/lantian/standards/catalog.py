"""Which rows are in force on a day, which tables and editions there are, which rows nobody has verified."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lantian.errors import StandardsError
from lantian.standards.loader import Cell, Row, schema, table, table_names

__all__ = ["TableInfo", "catalog", "in_force", "unverified"]

_WEAK = frozenset({"unverified", "proposed"})


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One line of the catalogue: an edition of a table. Empty dates are unknown (from) or open (to)."""

    table: str
    title: str
    edition: str
    valid_from: date | None
    valid_to: date | None
    rows: int
    weak_rows: int


def _holds(row: Row, on: date) -> bool:
    start, end = row.day("valid_from"), row.day("valid_to")
    return (start is None or start <= on) and (end is None or on <= end)


def _dated_before_undated(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Per key the dated rows; the undated ones only where no dated row of that key fits."""
    by_key: dict[tuple[Cell, ...], list[Row]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    chosen: list[Row] = []
    for group in by_key.values():
        dated = [row for row in group if row.day("valid_from") is not None]
        chosen.extend(dated or group)
    return tuple(chosen)


def _gap(name: str, rows: Sequence[Row], on: date, keys: dict[str, Cell]) -> StandardsError:
    wanted = ", ".join(f"{column}={value}" for column, value in keys.items())
    what = f"{name} ({wanted})" if wanted else name
    starts = sorted(start for row in rows if (start := row.day("valid_from")))
    ends = sorted(end for row in rows if (end := row.day("valid_to")))
    if not rows:
        return StandardsError(f"{what}: there is no such row in any edition")
    if starts and on < starts[0]:
        gap = f"the earliest row begins on {starts[0]}"
    else:
        gap = f"the last row ended on {ends[-1]}" if ends else "no row fits"
    editions = sorted({row.edition for row in rows} - {""})
    hint = f"; name an edition to play it counterfactually: {', '.join(editions)}" if editions else ""
    return StandardsError(f"{what}: nothing in force on {on}; {gap}{hint}")


def _of_edition(name: str, rows: Sequence[Row], edition: str) -> tuple[Row, ...]:
    """Rows of one edition, and undated rows of keys for which the edition says nothing."""
    found = tuple(row for row in rows if row.edition == edition)
    said = {row.key for row in found}
    undated = tuple(
        row
        for row in rows
        if row.key not in said and row.day("valid_from") is None and row.day("valid_to") is None
    )
    if edition not in {row.edition for row in table(name)} or not (found or undated):
        known = ", ".join(sorted({row.edition for row in table(name)} - {""})) or "none"
        raise StandardsError(f"{name}: no edition {edition!r} with such rows; editions: {known}")
    return found + undated


@lru_cache(maxsize=4096)
def _select(name: str, on: date, edition: str | None, keys: tuple[tuple[str, Cell], ...]) -> tuple[Row, ...]:
    wanted = dict(keys)
    unknown = set(wanted) - set(schema(name).columns)
    if unknown:
        raise StandardsError(f"{name} has no column {', '.join(sorted(unknown))}")
    rows = [row for row in table(name) if all(row[column] == value for column, value in keys)]
    if edition is not None:
        return _of_edition(name, rows, edition)
    found = _dated_before_undated(row for row in rows if _holds(row, on))
    if not found:
        raise _gap(name, rows, on, wanted)
    return found


def in_force(
    name: str, on: date, edition: str | None = None, overlay: Sequence[Row] = (), **keys: Cell
) -> tuple[Row, ...]:
    """Rows of table `name` that apply on the day `on` and have the given cells.

    A row with an empty `valid_from` applies where no dated row of its key does. `edition` plays another
    edition whatever the day (counterfactual; undated rows stand in where it is silent). `overlay` holds a city's own rows of the same table; one in force
    replaces the package's row of its key. StandardsError names the table, the day and the gap.
    """
    own = tuple(
        row
        for row in overlay
        if _holds(row, on) and all(row[column] == value for column, value in keys.items())
    )
    if not own:
        return _select(name, on, edition, tuple(sorted(keys.items())))
    replaced = {row.key for row in own}
    try:
        base = _select(name, on, edition, tuple(sorted(keys.items())))
    except StandardsError:
        base = ()
    return own + tuple(row for row in base if row.key not in replaced)


def unverified(name: str | None = None, on: date | None = None) -> tuple[Row, ...]:
    """Rows that are `unverified` or `proposed`, of one table or of all; with `on`, only those in force that day."""
    found: list[Row] = []
    for each in (name,) if name else table_names():
        rows = table(each)
        if on is not None:
            rows = _dated_before_undated(row for row in rows if _holds(row, on))
        found.extend(row for row in rows if row.confidence in _WEAK)
    return tuple(found)


def _info(name: str, edition: str, rows: Sequence[Row]) -> TableInfo:
    starts = [start for row in rows if (start := row.day("valid_from"))]
    ends = [row.day("valid_to") for row in rows]
    closed = [end for end in ends if end is not None]
    return TableInfo(
        table=name,
        title=schema(name).title,
        edition=edition,
        valid_from=min(starts) if len(starts) == len(rows) else None,
        valid_to=max(closed) if len(closed) == len(rows) else None,
        rows=len(rows),
        weak_rows=sum(row.confidence in _WEAK for row in rows),
    )


def catalog(on: date | None = None) -> tuple[TableInfo, ...]:
    """Every edition of every table; with `on` only rows that apply that day."""
    infos: list[TableInfo] = []
    for name in table_names():
        by_edition: dict[str, list[Row]] = {}
        for row in table(name):
            if on is None or _holds(row, on):
                by_edition.setdefault(row.edition, []).append(row)
        infos.extend(_info(name, edition, rows) for edition, rows in by_edition.items())
    return tuple(infos)
