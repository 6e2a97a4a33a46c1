"""Tables of a page as one file: CSV, one table after the other, or Excel, one sheet each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

__all__ = ["TYPES", "Cell", "Sheet", "written"]

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = str | int | float | None
Sheet = tuple[str, list[str], list[list[Cell]]]
"""Name, headings, rows."""
BOM = "\ufeff"  # without it the office programs read a Chinese CSV wrongly


def written(sheets: Sequence[Sheet], form: str) -> bytes:
    """Bytes of the file; `form` is one of TYPES."""
    return _xlsx(sheets) if form == "xlsx" else _csv(sheets)


def _plain(cell: Cell) -> str:
    """A cell of text; one that a spreadsheet would take for a formula is quoted."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if isinstance(cell, str) and text[:1] in ("=", "+", "-", "@") else text


def _csv(sheets: Sequence[Sheet]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    for name, heads, rows in sheets:
        writer.writerow([name])
        writer.writerow(heads)
        writer.writerows([_plain(cell) for cell in row] for row in rows)
        writer.writerow([])
    return (BOM + out.getvalue()).encode()


def _xlsx(sheets: Sequence[Sheet]) -> bytes:
    import xlsxwriter  # only this file form needs it

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, heads, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, heads, bold)
            for line, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(line, column, cell)
                    elif cell is not None:
                        sheet.write_number(line, column, cell)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(heads) - 1, 16)
    return out.getvalue()
