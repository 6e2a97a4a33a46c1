"""A file of rows as a table: CSV (plain or gzipped), Excel or Parquet, told apart by their bytes, not their names.

What a file's form hides is undone here and said: a byte order mark, GB 18030 text, title lines above the header,
merged cells, dates in Excel's two systems. What a cell means is not judged here.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lantian.errors import DataError
from lantian.observe.workbook import MOST_BYTES, read_sheet

__all__ = ["Remark", "Table", "plain_text", "read_table"]

_GZIP, _ZIP, _OLE, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
_CHUNK = 1 << 12
_MOST_CELLS = 1 << 26  # of a Parquet file, which may pack any number of equal ones into a few bytes


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a file that was taken for granted: `what` it is about, the `value` taken and `why`."""

    what: str
    value: str
    why: str
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows under a header. Columns are Arrow arrays (text, float64, timestamp or what a Parquet file holds).

    `lines` is each row's 1-based row number in the file (of a Parquet file: of the data). `refused` names rows that
    could not be split into cells, `remarks` what was undone.
    """

    source: str
    header: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    lines: NDArray[np.int64]
    remarks: tuple[Remark, ...] = ()
    refused: tuple[DataError, ...] = ()
    epoch_1904: bool = False

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> pa.Array:
        """A column by its header. DataError when there is none, or two."""
        found = [no for no, title in enumerate(self.header) if title == name]
        if len(found) != 1:
            reason = "column is missing" if not found else f"{len(found)} columns have this header"
            raise DataError(reason, source=self.source, row=self.first_line, field=name)
        return self.columns[found[0]]

    @property
    def first_line(self) -> int:
        """Row of the header."""
        return int(self.lines[0]) - 1 if len(self.lines) and self.lines[0] > 1 else 1


def plain_text(text: str) -> str:
    """Text as it is compared: full-width letters, digits and brackets made plain, no space at the ends."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def read_table(data: bytes, source: str) -> Table:
    """Read a file's bytes. DataError names `source` when nothing can be read from it."""
    if data.startswith(_GZIP):
        data, broken = _unzipped(data, source)
        if broken:
            return _csv(data[: data.rfind(b"\n") + 1], source, damaged=True)
    if data.startswith(_PARQUET):
        return _parquet(data, source)
    if data.startswith((_ZIP, _OLE)):
        return _excel(data, source)
    return _csv(data, source)


def _unzipped(data: bytes, source: str) -> tuple[bytes, bool]:
    """What can be unpacked, and whether anything is wrong with the rest. Members written one after another count.

    DataError for more than MOST_BYTES: a small file may unpack to more than a machine has room for.
    """
    found, size = [], 0
    try:
        while data:
            stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            for begin in range(0, len(data), _CHUNK):
                found.append(stream.decompress(data[begin : begin + _CHUNK]))
                size += len(found[-1])
                if size > MOST_BYTES:
                    raise DataError(f"unpacks to more than {MOST_BYTES >> 20} MB: split it", source=source)
                if stream.eof:
                    data = stream.unused_data + data[begin + _CHUNK :]
                    break
            else:
                return b"".join(found), True
            if not data.startswith(_GZIP):  # padding after the last member
                break
    except zlib.error:
        return b"".join(found), True
    return b"".join(found), False


def _decoded(data: bytes) -> tuple[str, str]:
    """Text and what had to be undone: "" (UTF-8), "utf-16", "gb18030", or "mixed" with U+FFFD in the bad places."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "utf-16"
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    lines = [line for line in data.splitlines() if not line.isascii()]
    if not any(_is_utf8(line) for line in lines):
        try:
            return data.decode("gb18030"), "gb18030"
        except UnicodeDecodeError:
            pass
    return data.decode("utf-8-sig", errors="replace"), "mixed"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _csv(data: bytes, source: str, damaged: bool = False) -> Table:
    text, undone = _decoded(data)
    refused: list[DataError] = []
    if text.lstrip()[:9].lower().startswith(("<html", "<!doctype", "<?xml")):
        raise DataError("a web page or XML, not a table: save it as CSV or .xlsx", source=source)
    records = _records(text, source, refused)
    header: tuple[str, ...] = ()
    rows: list[list[str]] = []
    lines: list[int] = []
    for cells, line in records:
        if not header:
            if sum(map(bool, map(str.strip, cells))) >= 2:  # a line with one cell is a title
                header = tuple(plain_text(cell) for cell in cells)
        elif undone == "mixed" and (bad := [no for no, cell in enumerate(cells) if "\ufffd" in cell]):
            field = header[bad[0]] if bad[0] < len(header) else ""
            reason = "not UTF-8 text (save the file as UTF-8)"
            refused.append(DataError(reason, source=source, row=line, field=field))
        elif len(cells) != len(header) and any(cells[len(header) :]) or len(cells) < len(header):
            reason = f"{len(cells)} cells under {len(header)} columns"
            refused.append(DataError(reason, source=source, row=line))
        else:
            rows.append(cells[: len(header)])
            lines.append(line)
    if not header:
        raise DataError("no header row", source=source, row=1)
    if damaged:
        line = text.count("\n") + 1
        refused.append(DataError("the gzip file is damaged from here on", source=source, row=line))
    remarks = [Remark("encoding", undone, "not UTF-8", source)] if undone in ("utf-16", "gb18030") else []
    columns = tuple(pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)) if rows else ()
    columns = columns or tuple(pa.array([], pa.string()) for _ in header)
    return Table(source, header, columns, np.array(lines, np.int64), tuple(remarks), tuple(refused))


def _records(text: str, source: str, refused: list[DataError]) -> Iterator[tuple[list[str], int]]:
    """Non-empty records with the 1-based line on which they end; a record that is no CSV ends the file."""
    head = next((line for line in text.splitlines()[:20] if line.strip(",;\t \r")), "")
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"not CSV from here on: {error}"
            refused.append(DataError(reason, source=source, row=reader.line_num))
            return
        if any(cells):
            yield cells, reader.line_num


def _parquet(data: bytes, source: str) -> Table:
    try:
        shape = pq.read_metadata(pa.BufferReader(data))
        if shape.num_rows * shape.num_columns > _MOST_CELLS:
            reason = f"too many cells at once: {shape.num_rows} rows of {shape.num_columns} columns"
            raise DataError(reason, source=source)
        table = pq.read_table(pa.BufferReader(data))
        table.validate(full=True)
        header = tuple(plain_text(name) for name in table.column_names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = f"the Parquet file is damaged: {str(error).splitlines()[0]}"
        raise DataError(reason, source=source) from None
    columns = []
    for column in table.columns:
        whole = (
            column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column
        ).combine_chunks()
        if isinstance(whole, pa.ChunkedArray):
            whole = whole.chunk(0) if whole.num_chunks else pa.array([], column.type)
        columns.append(whole)
    return Table(source, header, tuple(columns), np.arange(1, len(table) + 1))


def _excel(data: bytes, source: str) -> Table:
    sheet = read_sheet(data, source)
    start = next((no for no, row in enumerate(sheet.rows) if sum(cell != "" for cell in row) >= 2), None)
    if start is None:
        raise DataError("no header row", source=source, row=1)
    header = tuple(plain_text(_as_text(cell)) for cell in sheet.rows[start])
    kept = [(no, row) for no, row in enumerate(sheet.rows) if no > start and any(cell != "" for cell in row)]
    remarks = []
    if sheet.filled:
        remarks.append(
            Remark("merged_cells", str(sheet.filled), "each cell under a merged one has its value", source)
        )
    if sheet.others:
        remarks.append(Remark("sheet", sheet.name, f"not read: {', '.join(sheet.others)}", source))
    columns = tuple(_typed([row[no] for _, row in kept]) for no in range(len(header)))
    lines = np.array([no + 1 for no, _ in kept], np.int64)
    return Table(source, header, columns, lines, tuple(remarks), epoch_1904=sheet.epoch_1904)


def _typed(cells: Sequence[Any]) -> pa.Array:
    """Numbers when every filled cell is one, times likewise, else text."""
    filled = [cell for cell in cells if cell != ""]
    if filled and all(isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in filled):
        return pa.array([None if cell == "" else float(cell) for cell in cells], pa.float64())
    if filled and all(isinstance(cell, date) for cell in filled):  # a datetime is a date
        moments = [
            None if cell == "" else cell if isinstance(cell, datetime) else datetime.combine(cell, time())
            for cell in cells
        ]
        return pa.array(moments, pa.timestamp("ms"))
    return pa.array([_as_text(cell) for cell in cells], pa.string())


def _as_text(cell: Any) -> str:
    """A cell's text; a whole number without its .0 (Excel knows no integers)."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(cell)
