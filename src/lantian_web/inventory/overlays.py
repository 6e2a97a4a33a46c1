"""A file of a city's own rows (CSV or Excel) as the text of a rule table."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

from lantian.errors import DataError
from lantian.observe.tables import read_table
from lantian.standards import parse
from lantian.standards.loader import schema, table_names
from lantian_web.inventory.overlay_checks import check_rows

__all__ = ["OVERLAYS", "overlay_text"]

OVERLAYS = (
    "targets",
    "regions",
    "dust_days",
    "station_spells",
    "season_targets",
    "air_quality_rules",
    "composite_index",
    "consultation_kinds",
)
"""Tables that a city commonly has rows of its own for; any rule table can be given."""


def overlay_text(table: str, data: bytes, source: str, *, empty: bool = False) -> tuple[str, int]:
    """The rows as CSV in the form of a rule table, and how many there are; optional columns may be left out.

    StandardsError names the table, or the line and column that do not fit; DataError a file that cannot be read, or
    a column that is missing or unknown, a row that could not be worked with, or no row at all unless `empty` is meant.
    """
    if table not in table_names():
        raise DataError(f"there is no rule table {table!r}", source=source)
    shape = schema(table)
    read = read_table(data, source)
    for problem in read.refused:
        raise problem
    unknown = [name for name in read.header if name and name not in shape.columns]
    missing = [name for name in shape.columns if name not in read.header and name not in shape.optional]
    if unknown or missing:
        wrong = [f"unknown: {', '.join(unknown)}"] * bool(unknown) + [
            f"missing: {', '.join(missing)}"
        ] * bool(missing)
        raise DataError(
            "; ".join(wrong), source=source, row=read.first_line, field=", ".join([*unknown, *missing])
        )
    columns = {name: read.column(name).to_pylist() for name in shape.columns if name in read.header}
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(shape.columns)
    for number in range(len(read)):
        rows.writerow([_text(columns[name][number]) if name in columns else "" for name in shape.columns])
    rules = parse(table, text.getvalue())
    if not rules and not empty:
        raise DataError(
            "no rows: this would take all rows of the city back", source=source, row=read.first_line
        )
    try:
        check_rows(table, rules, source)
    except DataError as error:  # counted in the text: as it stands in the file
        line = None if error.row is None else int(read.lines[error.row - 2])
        raise DataError(error.reason, source=source, row=line, field=error.field) from None
    return text.getvalue(), len(read)


def _text(cell: Any) -> str:
    """A cell as a rule table writes it: whole numbers without a point, days as ISO dates."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
