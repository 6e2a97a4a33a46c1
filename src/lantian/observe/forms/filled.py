"""A filled form: every row with its values, and every fault by sheet, row and column."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from lantian.errors import DataError
from lantian.observe.forms.cells import read_cell
from lantian.observe.forms.layout import Column, Form, SheetForm

__all__ = ["MOST_BYTES", "Filled", "FilledRow", "Mark", "open_book", "read_filled"]

MOST_BYTES = 64 << 20
"""What a packed file may unpack to."""
MOST_ROWS = 20_000
HEAD_ROWS = 15  # the header is looked for in so many rows
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, TypeError, OSError, EOFError, AttributeError,
    IndexError, NotImplementedError, SyntaxError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """Something about a cell (`field` = column key), a row (`field` empty) or a sheet (`row` 0).

    `code` names it, `detail` what it is about; `refused` when the row is not taken because of it.
    """

    sheet: str
    row: int
    field: str
    code: str
    detail: str = ""
    refused: bool = True


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One row: its 1-based number in the sheet, and what each column holds (None = empty or refused)."""

    sheet: str
    row: int
    values: Mapping[str, Any]
    refused: bool = False

    def text(self, key: str) -> str:
        """A text cell, empty when there is nothing."""
        value = self.values.get(key)
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Filled:
    """All rows by sheet key, all marks in the order of the file, and the columns' places in it (1-based)."""

    source: str
    stamp: str
    rows: Mapping[str, tuple[FilledRow, ...]]
    marks: tuple[Mark, ...]
    places: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def open_book(data: bytes, source: str) -> Workbook:
    """The workbook with its formulas as they stand. DataError says what the file is instead."""
    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        told = (
            "protected by a password" if locked else "an old .xls file under another name: save it as .xlsx"
        )
        raise DataError(told, source=source)
    if not data.startswith(_ZIP):
        raise DataError("not an Excel workbook: save it as .xlsx", source=source)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise DataError(f"unpacks to more than {MOST_BYTES >> 20} MB", source=source)
            if "xl/workbook.xml" not in archive.namelist():
                raise DataError("not an Excel workbook: save it as .xlsx", source=source)
        return load_workbook(io.BytesIO(data))
    except _DAMAGED:
        raise DataError("the workbook is damaged", source=source) from None


def read_filled(data: bytes, form: Form, source: str) -> Filled:
    """Read a filled form. DataError when it is no workbook, or none of the form's sheets is in it."""
    book = open_book(data, source)
    marks: list[Mark] = []
    rows: dict[str, tuple[FilledRow, ...]] = {}
    places: dict[str, Mapping[str, int]] = {}
    by_name = {sheet.title.strip(): sheet for sheet in book.worksheets}
    stamp = ""
    for sheet in form.sheets:
        page = by_name.get(sheet.name)
        if page is None:
            marks.append(Mark(sheet.key, 0, "", "no_sheet", sheet.name, refused=False))
            continue
        if book.epoch == CALENDAR_MAC_1904:
            marks.append(Mark(sheet.key, 0, "", "dates_from_1904", refused=False))
        if page.sheet_state != "visible":
            marks.append(Mark(sheet.key, 0, "", "hidden_sheet", sheet.name, refused=False))
        found = str(page.cell(1, 1).value or "").strip()
        stamp = stamp or found
        if found != form.stamp:
            marks.append(Mark(sheet.key, 0, "", "other_version", found or "—", refused=False))
        rows[sheet.key], places[sheet.key] = _sheet(page, form, sheet, marks)
    if not rows:
        raise DataError("none of the template's sheets is in this file", source=source)
    others = [name for name in by_name if name not in {s.name for s in form.sheets} | {form.words["summary"]}]
    marks += [Mark("", 0, "", "other_sheet", name, refused=False) for name in others]
    return Filled(source, stamp, rows, tuple(marks), places)


def _header(page: Worksheet, sheet: SheetForm) -> tuple[int, dict[str, int], list[str], list[str]]:
    """Row of the header, places of the columns, titles that stand twice, titles that the form does not know."""
    titles = {column.title: column.key for column in sheet.columns}
    best: tuple[int, dict[str, int], list[str], list[str]] = (0, {}, [], [])
    for number in range(1, min(HEAD_ROWS, page.max_row) + 1):
        found: dict[str, int] = {}
        twice: list[str] = []
        foreign: list[str] = []
        for cell in page[number]:
            title = "".join(str(cell.value or "").split()).rstrip("*＊")
            if title in titles and titles[title] in found:
                twice.append(title)
            elif title in titles:
                found[titles[title]] = cell.column
            elif title:
                foreign.append(title)
        if len(found) > len(best[1]):
            best = (number, found, twice, foreign)
    return best


def _sheet(
    page: Worksheet, form: Form, sheet: SheetForm, marks: list[Mark]
) -> tuple[tuple[FilledRow, ...], Mapping[str, int]]:
    head, places, twice, foreign = _header(page, sheet)
    missing = [column.title for column in sheet.columns if column.required and column.key not in places]
    marks += [Mark(sheet.key, head, "", "column_twice", title) for title in twice]
    if missing or twice:
        marks += [Mark(sheet.key, head, "", "no_column", title) for title in missing]
        return (), places
    known = {form.words["number"], form.words["reason"]}
    marks += [
        Mark(sheet.key, head, "", "other_column", title, refused=False)
        for title in foreign
        if title not in known
    ]
    for key, place in places.items():
        if any(d.hidden and d.min <= place <= d.max for d in page.column_dimensions.values() if d.min):
            marks.append(Mark(sheet.key, head, key, "hidden_column", refused=False))
    merged = {
        (row, column): area.coord
        for area in page.merged_cells.ranges
        if area.max_row > head
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
    found = []
    for line in range(head + 1, min(page.max_row, head + MOST_ROWS) + 1):
        row = _row(page, form, sheet, places, merged, line, marks)
        if row is not None:
            found.append(row)
    if page.max_row > head + MOST_ROWS:
        marks.append(Mark(sheet.key, head + MOST_ROWS + 1, "", "too_many_rows", str(MOST_ROWS)))
    return tuple(found), places


def _row(
    page: Worksheet,
    form: Form,
    sheet: SheetForm,
    places: Mapping[str, int],
    merged: Mapping[tuple[int, int], str],
    line: int,
    marks: list[Mark],
) -> FilledRow | None:
    """One row with its marks; None for an empty one and the example."""
    if str(page.cell(line, 1).value or "").strip() == form.words["example"] and 1 not in places.values():
        return None
    cells = {key: page.cell(line, place) for key, place in places.items()}
    joined = any((line, place) in merged for place in places.values())
    if not joined and all(cell.value is None or not str(cell.value).strip() for cell in cells.values()):
        return None
    own: list[Mark] = []
    if page.row_dimensions[line].hidden:
        own.append(Mark(sheet.key, line, "", "hidden_row"))
    if any(cell.value is not None and cell.font.strike for cell in cells.values()):
        own.append(Mark(sheet.key, line, "", "struck_through"))
    values: dict[str, Any] = {}
    for column in sheet.columns:
        if column.key in cells:
            values[column.key] = _cell(cells[column.key], column, form, sheet, merged, own)
        else:
            values[column.key] = None
    marks += own
    return FilledRow(sheet.key, line, values, any(mark.refused for mark in own))


def _cell(
    cell: Any,
    column: Column,
    form: Form,
    sheet: SheetForm,
    merged: Mapping[tuple[int, int], str],
    own: list[Mark],
) -> Any:
    where = (sheet.key, cell.row, column.key)
    if (place := merged.get((cell.row, cell.column))) or isinstance(cell, MergedCell):
        own.append(Mark(*where, "merged", place or ""))
        return None
    if cell.data_type == "f":
        own.append(Mark(*where, "formula", str(getattr(cell.value, "text", cell.value))[:40]))
        return None
    if cell.data_type == "e":
        own.append(Mark(*where, "error_value", str(cell.value)))
        return None
    seen = read_cell(cell.value, column, form.words["yes"], form.words["no"])
    shown = "" if cell.value is None else str(cell.value)[:40]
    own += [Mark(*where, note, shown, refused=False) for note in dict.fromkeys(seen.notes)]
    if seen.fault:
        own.append(Mark(*where, seen.fault, shown))
    return seen.value
