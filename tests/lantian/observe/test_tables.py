"""Files as tables: what their form hides is undone and said."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.errors import DataError
from lantian.observe.tables import Table, read_table
from lantian.observe.workbook import MOST_BYTES

LINES = "城市,日期,PM2.5\n甲城,2016-12-26,135.5\n乙城,2016-12-26,80\n"


def cells(table: Table) -> list[list[object]]:
    return [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


def workbook(fill: Callable[[Any, Any], None], **options: object) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, **options}) as book:
        fill(book, book.add_worksheet("数据"))
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (LINES.encode(), []),
        (LINES.encode("utf-8-sig"), []),
        (LINES.replace("\n", "\r\n").encode(), []),
        (LINES.replace(",", "\t").encode(), []),
        (LINES.replace(",", ";").encode(), []),
        (LINES.encode("gb18030"), [("encoding", "gb18030")]),
        (LINES.encode("utf-16"), [("encoding", "utf-16")]),
        (gzip.compress(LINES.encode()), []),
        (gzip.compress(LINES[:9].encode()) + gzip.compress(LINES[9:].encode()), []),
    ],
    ids=["utf-8", "bom", "crlf", "tab", "semicolon", "gb18030", "utf-16", "gzip", "two gzip members"],
)
def test_text_in_any_dress_is_one_table(data: bytes, remark: list[tuple[str, str]]) -> None:
    table = read_table(data, "air.csv")
    assert table.header == ("城市", "日期", "PM2.5")
    assert cells(table) == [["甲城", "2016-12-26", "135.5"], ["乙城", "2016-12-26", "80"]]
    assert table.lines.tolist() == [2, 3]
    assert [(each.what, each.value) for each in table.remarks] == remark
    assert table.refused == ()


def test_titles_and_empty_lines_are_passed_over_and_rows_keep_their_numbers() -> None:
    table = read_table(f"\n空气质量日报,,\n{LINES}\n,,\n丙城,2016-12-27,9\n".encode(), "air.csv")
    assert table.header[0] == "城市"
    assert table.lines.tolist() == [4, 5, 8]
    assert table.first_line == 3


def test_rows_in_two_encodings_are_named_and_the_readable_ones_kept() -> None:
    data = LINES.encode() + "丙城,2016-12-27,9\n".encode("gb18030")
    table = read_table(data, "air.csv")
    assert table.lines.tolist() == [2, 3]
    assert [(problem.row, problem.field) for problem in table.refused] == [(4, "城市")]


def test_a_row_of_another_width_is_refused_but_empty_cells_at_its_end_are_nothing() -> None:
    table = read_table(
        (LINES + "丙城,2016-12-27\n丁城,2016-12-27,9,,\n戊城,2016-12-27,9,,x\n").encode(), "air.csv"
    )
    assert table.lines.tolist() == [2, 3, 5]
    assert [(problem.row, problem.reason) for problem in table.refused] == [
        (4, "2 cells under 3 columns"),
        (6, "5 cells under 3 columns"),
    ]


def test_an_open_quote_ends_the_file_with_its_line() -> None:
    table = read_table((LINES + '"丙城,2016-12-27,9\n').encode(), "air.csv")
    assert table.lines.tolist() == [2, 3]
    assert table.refused[0].reason.startswith("not CSV from here on")


def test_a_broken_gzip_file_keeps_what_stands_before_the_break() -> None:
    text = "城市,日期,PM2.5\n" + "".join(f"城{no},2016-12-26,{no % 97 + 1}\n" for no in range(20_000))
    data = gzip.compress(text.encode())
    for broken in (data[: len(data) // 2], data[:-6]):
        table = read_table(broken, "air.csv.gz")
        assert 4000 < len(table) <= 20_000
        (problem,) = table.refused
        assert problem.reason == "the gzip file is damaged from here on"
        assert problem.row == table.lines[-1] + 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no header row"),
        (b"\n\n", "no header row"),
        (b"<html><table>", "a web page or XML"),
        (b"PAR1 and no more", "the Parquet file is damaged"),
        (b"PK\x03\x04 and no more", "the workbook is damaged"),
        (b"\xd0\xcf\x11\xe0 and no more", "not a workbook"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=f"^air.xls.*{reason}"):
        read_table(data, "air.xls")


@pytest.mark.parametrize("form", ["csv", "gzip", "workbook", "parquet"])
@given(st.data())
@settings(max_examples=60)
def test_damaged_bytes_are_refused_or_read_and_never_crash(form: str, data: st.DataObject) -> None:
    whole = damageable()[form]
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.integers(0, 40))
    broken = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + cut :]
    with suppress(DataError):
        table = read_table(broken, "air")
        assert all(len(column) == len(table) for column in table.columns)


@cache
def damageable() -> dict[str, bytes]:
    def fill(_: Any, sheet: Any) -> None:
        for row, line in enumerate(LINES.splitlines()):
            sheet.write_row(row, 0, line.split(","))

    data = io.BytesIO()
    pq.write_table(pa.table({"城市": ["甲城"] * 9, "pm25": [3.5] * 9}), data)
    text = LINES.encode()
    return {"csv": text, "gzip": gzip.compress(text), "workbook": workbook(fill), "parquet": data.getvalue()}


def test_a_zip_of_files_is_to_be_unpacked() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("china_cities_20160105.csv", LINES)
    with pytest.raises(DataError, match="unpack it first"):
        read_table(data.getvalue(), "2016.zip")


@pytest.mark.parametrize("name", ["air.xlsx", "air.csv", "air.xls"])
def test_a_workbook_is_known_by_its_bytes_with_its_traps_undone(name: str) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 2, "空气质量日报")
        sheet.write_row(1, 0, ["城市", "日期", "ＰＭ2.5"])
        sheet.merge_range(2, 0, 3, 0, "甲城")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for no in range(2):
            sheet.write_datetime(2 + no, 1, datetime.fromisoformat(f"2016-12-{26 + no}"), day)
            sheet.write(2 + no, 2, 135)
        book.add_worksheet("空")
        book.add_worksheet("另一张").write(0, 0, "x")

    table = read_table(workbook(fill), name)
    assert table.header == ("城市", "日期", "PM2.5")
    assert cells(table) == [
        ["甲城", datetime.fromisoformat("2016-12-26"), 135.0],
        ["甲城", datetime.fromisoformat("2016-12-27"), 135.0],
    ]
    assert table.lines.tolist() == [3, 4]
    assert [(each.what, each.value) for each in table.remarks] == [("merged_cells", "1"), ("sheet", "数据")]
    assert "另一张" in table.remarks[1].why


@pytest.mark.parametrize("system", [False, True])
def test_dates_of_both_systems_are_the_same_days(system: bool) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["日期", "数"])
        sheet.write_datetime(
            1, 0, datetime.fromisoformat("2016-01-05"), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        sheet.write(1, 1, 7)

    table = read_table(workbook(fill, date_1904=system), "air.xlsx")
    assert cells(table) == [[datetime.fromisoformat("2016-01-05"), 7.0]]
    assert table.epoch_1904 is system


def test_a_mixed_column_becomes_text_and_whole_numbers_stay_whole() -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row, line in enumerate([["码", "数"], [1001, 35], ["1002A", "３６"], [1003, 35.5]]):
            sheet.write_row(row, 0, line)

    assert cells(read_table(workbook(fill), "a.xlsx")) == [
        ["1001", "35"],
        ["1002A", "３６"],
        ["1003", "35.5"],
    ]


def test_parquet_keeps_its_types_and_counts_rows_from_one() -> None:
    data = io.BytesIO()
    pq.write_table(pa.table({"day": [date(2016, 1, 5)], "pm25": pa.array([3.6], pa.float32())}), data)
    table = read_table(data.getvalue(), "air.parquet")
    assert table.header == ("day", "pm25")
    assert table.lines.tolist() == [1]
    assert table.column("pm25").type == pa.float32()
    with pytest.raises(DataError, match="field pm10: column is missing"):
        table.column("pm10")


@pytest.mark.slow
def test_a_file_that_unpacks_to_more_than_there_is_room_for_is_refused() -> None:
    bomb = gzip.compress(b"\n" * (MOST_BYTES + 1), 1)
    with pytest.raises(DataError, match="unpacks to more than 256 MB"):
        read_table(bomb, "bomb.csv.gz")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (MOST_BYTES + 1))
    with pytest.raises(DataError, match="unpacks to more than 256 MB"):
        read_table(data.getvalue(), "bomb.xlsx")


@pytest.mark.parametrize("spot", ["ZZ100000", "XFD1048576", "A99999999999999999999"])
def test_a_workbook_with_a_cell_far_off_is_refused_before_it_is_laid_out(spot: str) -> None:
    """A few bytes, but as many cells as to the last one: they would take all the memory there is."""
    whole = workbook(lambda _, sheet: sheet.write_row(2, 0, ["城市", "日期"]))
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'r="B3"', f'r="{spot}"'.encode()))
    with pytest.raises(DataError, match="a cell far outside the table"):
        read_table(data.getvalue(), "far.xlsx")


def test_an_empty_cell_far_off_and_a_long_sheet_are_nothing_to_refuse() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["城市", "日期"])
        sheet.write_row(1, 0, ["甲城", "2016-12-26"])
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert len(read_table(workbook(fill), "air.xlsx")) == 1


def test_a_parquet_file_of_more_rows_than_there_is_room_for_is_refused() -> None:
    data, rows = io.BytesIO(), 1 << 24
    one = pa.repeat(pa.scalar(1, pa.int8()), rows)
    pq.write_table(pa.table(dict.fromkeys("abcde", one)), data, compression="zstd")
    assert data.tell() < 1 << 20
    with pytest.raises(DataError, match="too many cells at once: 16777216 rows of 5 columns"):
        read_table(data.getvalue(), "bomb.parquet")
