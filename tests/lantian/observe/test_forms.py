"""A filled form with every classic fault: each is named at its cell, what is sure is put right, the file comes back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from tests.lantian.observe.filling import FIRST, filled, saved

from lantian.errors import DataError
from lantian.observe.forms import Filled, Mark, blank, load_form, read_filled, returned
from lantian.observe.forms.cells import read_cell
from lantian.periods import at

FORM = load_form(
    """
key = "watch"
title = "值班表"
version = "3"
notes = ["每行一条"]
[words]
number = "序号"
example = "示例"
yes = "是"
no = "否"
pick = "请选择"
summary = "导入结果"
reason = "原因"
[[sheets]]
key = "rows"
name = "名册"
note = "说明"
columns = [
    { key = "id", title = "编码", kind = "code", required = true, example = "A1", most = 8 },
    { key = "name", title = "姓名", kind = "text", example = "张某", most = 6 },
    { key = "phone", title = "电话", kind = "phone" },
    { key = "duty", title = "职责", kind = "choice", choices = [["leader", "县（区）领导"], ["checker", "核查员"]] },
    { key = "on", title = "日期", kind = "day" },
    { key = "since", title = "时间", kind = "moment" },
    { key = "active", title = "在岗", kind = "yes" },
]
"""
)
GOOD = {
    "id": "0012",
    "name": "李某",
    "phone": "13800000000",
    "duty": "县（区）领导",
    "on": "2026-12-07",
    "since": "2026-12-07 24:00",
    "active": "是",
}


day = datetime.fromisoformat  # what a cell holds: no zone


def read(*rows: dict[str, Any], changes: tuple[Callable[[Any], None], ...] = ()) -> Filled:
    return read_filled(filled(FORM, {"rows": list(rows)}, *changes), FORM, "名册.xlsx")


def marks(seen: Filled) -> set[tuple[str, int, str, bool]]:
    return {(mark.code, mark.row, mark.field, mark.refused) for mark in seen.marks}


def test_the_empty_form_holds_no_row_and_is_the_same_each_time() -> None:
    assert blank(FORM) == blank(FORM)
    seen = read_filled(blank(FORM), FORM, "")
    assert (seen.stamp, seen.rows["rows"], seen.marks) == ("watch v3", (), ())


def test_the_empty_form_has_lists_notes_an_example_and_codes_as_text() -> None:
    page = load_workbook(io.BytesIO(blank(FORM)))["名册"]
    lists = {rule.formula1 for rule in page.data_validations.dataValidation}
    assert lists == {'"县（区）领导,核查员"', '"是,否"'}
    assert page["A2"].value == "1. 说明\n2. 每行一条"
    assert [cell.value for cell in page[3]][:3] == ["序号", "编码*", "姓名"]
    assert [cell.value for cell in page[4]][:3] == ["示例", "A1", "张某"]
    assert page.column_dimensions["B"].width > 16
    known = load_workbook(io.BytesIO(blank(FORM, {"rows": [{"id": "007"}]})))["名册"]
    assert (known["B5"].value, known["B5"].number_format) == ("007", "@")


def test_a_good_row_is_read_as_it_is_meant() -> None:
    seen = read(GOOD)
    assert seen.marks == ()
    [row] = seen.rows["rows"]
    assert row.values == {
        "id": "0012",
        "name": "李某",
        "phone": "13800000000",
        "duty": "leader",
        "on": date(2026, 12, 7),
        "since": at(date(2026, 12, 8), 0),
        "active": True,
    }


REFUSED = [
    ("id", None, "empty"),
    ("id", "  ", "empty"),
    ("id", 1.5, "fraction"),
    ("id", 1.2345e22, "fraction"),
    ("id", "1.2E+10", "code_scientific"),
    ("id", "A/1", "code_characters"),
    ("id", "A23456789", "too_long"),
    ("id", True, "boolean"),
    ("id", day("2026-12-07"), "date_as_text"),
    ("id", "=A4", "formula"),
    ("id", "#N/A", "error_value"),
    ("name", "abcdefg", "too_long"),
    ("name", 5, "number_as_text"),
    ("phone", "1.38E+10", "phone_scientific"),
    ("phone", 1.38e25, "fraction"),
    ("phone", "12345", "phone_digits"),
    ("phone", "13800000000123", "phone_digits"),
    ("phone", "13800000000/13900000000", "two_phones"),
    ("phone", "13800000000 13900000000", "two_phones"),
    ("phone", "无电话", "no_phone"),
    ("duty", "领导", "no_choice"),
    ("active", "在", "no_choice"),
    ("on", 46363, "bare_number"),
    ("on", "46363", "bare_number"),
    ("on", "26-12-7", "no_day"),
    ("on", "2026-02-30", "no_such_day"),
    ("on", day("1926-12-07"), "year"),
    ("on", day("2026-12-07T08:00"), "time_in_day"),
    ("on", time(8), "time_without_day"),
    ("on", "明天", "no_day"),
    ("since", "2026-12-07", "day_without_time"),
    ("since", "2026-12-07 25:00", "no_such_time"),
    ("since", "2026-12-07 24:30", "no_such_time"),
    ("since", "早上", "no_moment"),
]


@pytest.mark.parametrize(("field", "value", "code"), REFUSED)
def test_what_cannot_be_meant_is_refused_at_its_cell(field: str, value: Any, code: str) -> None:
    seen = read(GOOD | {field: value}, GOOD)
    assert (code, FIRST, field, True) in marks(seen)
    first, second = seen.rows["rows"]
    assert (first.refused, second.refused) == (True, False)
    assert first.values[field] is None


def test_a_control_character_is_refused() -> None:
    """Our writer cannot put one into a file; others can."""
    column = FORM.sheet("rows").column("name")
    assert read_cell("a\x0bb", column, "是", "否").fault == "control_character"


MENDED = [
    ("id", 12, "code_as_number", "12"),
    ("id", 12.0, "code_as_number", "12"),
    ("id", "Ａ１２", "full_width", "A12"),
    ("id", " A 1 ", "blanks", "A1"),
    ("id", "A1\u200b", "invisible", "A1"),
    ("name", "李\n某", "line_break", "李 某"),
    ("name", "李（２）", "full_width", "李（2）"),
    ("name", "\u3000李某\xa0", "blanks", "李某"),
    ("phone", 13800000000, "phone_as_number", "13800000000"),
    ("phone", 13800000000.0, "phone_as_number", "13800000000"),
    ("phone", "１３８００００００００", "full_width", "13800000000"),
    ("phone", "+86 138 0000 0000", "phone_blanks", "13800000000"),
    ("on", "2026/12/7", "date_as_text", date(2026, 12, 7)),
    ("on", "2026.12.07", "date_as_text", date(2026, 12, 7)),
    ("on", "20261207", "date_as_text", date(2026, 12, 7)),
    ("on", "2026年12月7日", "date_as_text", date(2026, 12, 7)),
    ("on", "长期", "open_ended", None),
    ("since", "2026年12月7日8时", "date_as_text", at(date(2026, 12, 7), 8)),
    ("since", "2026/12/7 8:30", "date_as_text", at(date(2026, 12, 7), 8).replace(minute=30)),
    ("since", "２０２６-12-07 08:00", "full_width", at(date(2026, 12, 7), 8)),
]


@pytest.mark.parametrize(("field", "value", "code", "meant"), MENDED)
def test_what_leaves_no_doubt_is_put_right_and_said(field: str, value: Any, code: str, meant: Any) -> None:
    seen = read(GOOD | {field: value})
    assert (code, FIRST, field, False) in marks(seen)
    [row] = seen.rows["rows"]
    assert not row.refused
    assert row.values[field] == meant


@pytest.mark.parametrize("value", ["0351-1234567", "03511234567", "13800000000", "1234567", ""])
def test_telephones_as_they_are_written_are_taken_without_a_word(value: str) -> None:
    assert read(GOOD | {"phone": value}).marks == ()


def test_dates_that_are_dates_are_taken_in_either_system() -> None:
    assert read(GOOD | {"on": day("2026-12-07"), "since": day("2026-12-07T08:00")}).marks == ()

    def mac(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    seen = read(GOOD | {"on": day("2026-12-07")}, changes=(mac,))
    assert marks(seen) == {("dates_from_1904", 0, "", False)}
    assert seen.rows["rows"][0].values["on"] == date(2026, 12, 7)


def page_of(book: Workbook) -> Any:
    return book["名册"]


def hide_row(book: Workbook) -> None:
    page_of(book).row_dimensions[FIRST].hidden = True


def strike(book: Workbook) -> None:
    page_of(book).cell(FIRST, 3).font = Font(strike=True)


def merge(book: Workbook) -> None:
    page_of(book).merge_cells(start_row=FIRST, end_row=FIRST + 1, start_column=3, end_column=3)


def hide_column(book: Workbook) -> None:
    page_of(book).column_dimensions["D"].hidden = True


def hide_sheet(book: Workbook) -> None:
    book.create_sheet("另一张")
    page_of(book).sheet_state = "hidden"


def rename_column(book: Workbook) -> None:
    page_of(book)["B3"].value = "代码"


def double_column(book: Workbook) -> None:
    page_of(book)["C3"].value = "编码"


def add_column(book: Workbook) -> None:
    page_of(book)["K3"].value = "邮箱"


def old_version(book: Workbook) -> None:
    page_of(book)["A1"].value = "watch v2"


SHAPES = [
    (hide_row, ("hidden_row", FIRST, "", True)),
    (strike, ("struck_through", FIRST, "", True)),
    (merge, ("merged", FIRST, "name", True)),
    (merge, ("merged", FIRST + 1, "name", True)),
    (hide_column, ("hidden_column", 3, "phone", False)),
    (hide_sheet, ("hidden_sheet", 0, "", False)),
    (hide_sheet, ("other_sheet", 0, "", False)),
    (rename_column, ("no_column", 3, "", True)),
    (double_column, ("column_twice", 3, "", True)),
    (add_column, ("other_column", 3, "", False)),
    (old_version, ("other_version", 0, "", False)),
]


@pytest.mark.parametrize(("change", "mark"), SHAPES)
def test_what_the_shape_hides_is_named(
    change: Callable[[Workbook], None], mark: tuple[str, int, str, bool]
) -> None:
    assert mark in marks(read(GOOD, GOOD | {"id": "2"}, GOOD | {"id": "3"}, changes=(change,)))


def test_columns_may_stand_in_another_order_and_below_a_title_of_ones_own() -> None:
    def moved(book: Workbook) -> None:
        page = page_of(book)
        page.insert_rows(1)
        page.unmerge_cells(str(next(iter(page.merged_cells.ranges)))) if page.merged_cells.ranges else None
        page.move_range(f"C4:C{FIRST + 1}", cols=8)

    [row] = read(GOOD, changes=(moved,)).rows["rows"]
    assert (row.row, row.values["name"], row.values["id"]) == (FIRST + 1, "李某", "0012")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "under another name"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"code,name\n1,2\n", "not an Excel workbook"),
        (b"<html></html>", "not an Excel workbook"),
        (b"PK\x03\x04broken", "damaged"),
        (b"", "not an Excel workbook"),
    ],
)
def test_a_file_that_is_something_else_is_called_by_its_name(data: bytes, why: str) -> None:
    with pytest.raises(DataError, match=why):
        read_filled(data, FORM, "a.xlsx")


def test_a_zip_and_another_workbook_are_told_apart() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(DataError, match="not an Excel workbook"):
        read_filled(out.getvalue(), FORM, "")
    with pytest.raises(DataError, match="none of the template's sheets"):
        read_filled(saved(Workbook()), FORM, "")


def back(data: bytes) -> tuple[bytes, Filled]:
    seen = read_filled(data, FORM, "")
    told: list[tuple[Mark, str]] = [(mark, f"!{mark.code}") for mark in seen.marks]
    return returned(data, FORM, seen, told, [["表", "拒"], ["名册", 1]]), seen


def test_the_same_file_comes_back_with_its_faults_in_red() -> None:
    data = filled(FORM, {"rows": [GOOD | {"phone": "12", "on": "明天"}, GOOD, GOOD | {"id": 7}]})
    made, _ = back(data)
    book = load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["导入结果", "名册"]
    assert [cell.value for cell in book["导入结果"][2]][:2] == ["名册", 1]
    page = book["名册"]
    fills = {
        c.coordinate: c.fill.fgColor.rgb
        for row in page.iter_rows(min_row=FIRST)
        for c in row
        if c.fill.fill_type
    }
    assert fills == {"D5": "00FFC7CE", "F5": "00FFC7CE", "I5": "00FFC7CE", "B7": "00FFF2CC"}
    assert page["I3"].value == "原因"
    assert (page["I5"].value, page["I6"].value, page["I7"].value) == (
        "!phone_digits；!no_day",
        None,
        "!code_as_number",
    )
    assert page["D5"].comment.text == "!phone_digits"
    assert page["D5"].value == "12"
    assert len(page.data_validations.dataValidation) == 2


def test_a_mended_file_comes_back_clean_and_again_the_same() -> None:
    made, _ = back(filled(FORM, {"rows": [GOOD | {"phone": "12"}]}))
    assert read_filled(made, FORM, "").marks == read_filled(back(made)[0], FORM, "").marks
    book = load_workbook(io.BytesIO(made))
    book["名册"]["D5"].value = "13800000000"
    again, seen = back(saved(book))
    assert seen.marks == ()
    page = load_workbook(io.BytesIO(again))["名册"]
    assert page["I5"].value is None
    assert page["D5"].fill.fill_type is None
    assert page["D5"].comment is None
