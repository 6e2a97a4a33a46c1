"""The first filled sheet of an Excel workbook, with merged cells filled in."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook

from lantian.errors import DataError

__all__ = ["MOST_BYTES", "Sheet", "read_sheet"]

_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
MOST_BYTES = 256 << 20
"""What a packed file may unpack to."""
MOST_CELLS = 1 << 24
"""Cells of a sheet from its first to its last filled one: they are laid out whole, however few are filled."""

_ZIP = b"PK\x03\x04"
_FILLED = re.compile(rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]+)([0-9]+)"[^<>]*(?<!/)>')
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cells by row ("" = empty), how many were filled from a merged cell, the other sheets that hold something.

    `epoch_1904`: the workbook counts days from 1904-01-01 (old Macintosh), not from 1900.
    """

    name: str
    rows: list[list[Any]]
    filled: int
    others: tuple[str, ...]
    epoch_1904: bool


def read_sheet(data: bytes, source: str) -> Sheet:
    """Read a workbook's bytes (.xlsx or .xls). DataError when it is none or holds nothing."""
    epoch_1904 = data.startswith(_ZIP) and _counts_from_1904(data, source)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
        grids = [(name, sheet, sheet.to_python(skip_empty_area=False)) for name, sheet in sheets]
    except (CalamineError, OSError, ValueError) as error:
        raise DataError(f"not a workbook that can be read: {error}", source=source) from None
    filled = [
        (name, sheet, rows) for name, sheet, rows in grids if any(cell != "" for row in rows for cell in row)
    ]
    if not filled:
        raise DataError("the workbook is empty", source=source)
    name, sheet, rows = filled[0]
    count = 0
    try:
        merged = sheet.merged_cell_ranges or []
    except (CalamineError, ValueError):  # .xls does not always tell
        merged = []
    for (top, left), (bottom, right) in merged:
        if left != right and top == bottom:
            continue  # a title across columns
        for row in range(top, min(bottom + 1, len(rows))):
            for column in range(left, min(right + 1, len(rows[row]))):
                if rows[row][column] == "" and rows[top][left] != "":
                    rows[row][column] = rows[top][left]
                    count += 1
    return Sheet(name, rows, count, tuple(each for each, _, _ in filled[1:]), epoch_1904)


def _counts_from_1904(data: bytes, source: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise DataError(f"unpacks to more than {MOST_BYTES >> 20} MB: split it", source=source)
            names = archive.namelist()
            if not any(name.startswith(("xl/", "content.xml")) for name in names):
                raise DataError("a zip archive, not a workbook: unpack it first", source=source)
            book = archive.read("xl/workbook.xml") if "xl/workbook.xml" in names else b""
            for name in names:
                if name.startswith("xl/") and name.endswith(".xml"):
                    with archive.open(name) as sheet:
                        _refuse_far(sheet, source)
    except _DAMAGED:
        raise DataError("the workbook is damaged", source=source) from None
    return re.search(rb'date1904="(1|true)"', book) is not None


def _refuse_far(sheet: IO[bytes], source: str) -> None:
    """DataError when the last filled row and column of a sheet (XML) span more cells than there is room for."""
    columns = rows = 0
    rest = b""
    while chunk := sheet.read(_CHUNK):
        text = rest + chunk
        for letters, digits in _FILLED.findall(text):
            column = 0
            for letter in letters[:8]:
                column = column * 26 + letter - 64
            columns, rows = max(columns, column), max(rows, int(digits[:12]))
        if columns * rows > MOST_CELLS:
            reason = f"a cell far outside the table: row {rows} of {columns} columns"
            raise DataError(reason, source=source)
        rest = text[max(text.rfind(b"<"), len(text) - 1000) :] if b"<" in text else b""
