"""The empty form as a workbook: version, notes, drop-downs, an example row, codes as text."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from lantian.observe.forms.layout import Form, SheetForm

__all__ = ["ROWS", "blank"]

ROWS = 2000
"""Rows below the header that are ready to be filled in."""
MADE = datetime(2000, 1, 1, tzinfo=UTC)  # stands in every file, so that the same form gives the same bytes


def blank(form: Form, known: Mapping[str, Sequence[Mapping[str, str]]] | None = None) -> bytes:
    """The workbook's bytes. `known` holds rows by sheet that are filled in already, cell texts by column."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": form.title, "comments": form.stamp, "created": MADE})
    looks = _looks(book)
    for sheet in form.sheets:
        _sheet(book, form, sheet, looks, (known or {}).get(sheet.key, ()))
    book.close()
    return data.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
        "stamp": book.add_format({**base, "font_color": "#808080", "num_format": "@"}),
        "note": book.add_format({**base, "text_wrap": True, "font_color": "#444444", "valign": "top"}),
        "head": book.add_format(
            {**base, "bold": True, "bg_color": "#D9E2EC", "border": 1, "text_wrap": True}
        ),
        "must": book.add_format(
            {**base, "bold": True, "bg_color": "#D9E2EC", "border": 1, "font_color": "#B1241C"}
        ),
        "example": book.add_format(
            {**base, "font_color": "#808080", "bg_color": "#F0F0F0", "num_format": "@", "italic": True}
        ),
        "cell": book.add_format({**base, "num_format": "@"}),
    }


def _sheet(
    book: Any, form: Form, sheet: SheetForm, looks: Mapping[str, Any], rows: Sequence[Mapping[str, str]]
) -> None:
    page = book.add_worksheet(sheet.name)
    last = len(sheet.columns)
    page.write_string(0, 0, form.stamp, looks["stamp"])
    page.write_string(0, 1, f"{form.title} · {sheet.name}", looks["title"])
    notes = "\n".join(f"{number}. {note}" for number, note in enumerate((sheet.note, *form.notes), start=1))
    page.merge_range(1, 0, 1, last, notes, looks["note"])
    page.set_row(1, 18 * (len(form.notes) + 2))
    page.write_string(2, 0, form.words["number"], looks["head"])
    page.write_string(3, 0, form.words["example"], looks["example"])
    page.set_column(0, 0, 10, looks["cell"])
    for number, column in enumerate(sheet.columns, start=1):
        page.set_column(number, number, column.width, looks["cell"])
        page.write_string(2, number, column.heading, looks["must" if column.required else "head"])
        page.write_string(3, number, column.example, looks["example"])
        if column.hint:
            page.write_comment(2, number, column.hint)
        words = (
            [form.words["yes"], form.words["no"]]
            if column.kind == "yes"
            else [word for _, word in column.choices]
        )
        if words:
            page.data_validation(
                4,
                number,
                3 + ROWS,
                number,
                {
                    "validate": "list",
                    "source": words,
                    "error_title": column.title,
                    "error_message": form.words["pick"],
                },
            )
    for line, row in enumerate(rows, start=4):
        page.write_string(line, 0, str(line - 3), looks["cell"])
        for number, column in enumerate(sheet.columns, start=1):
            if text := row.get(column.key, ""):
                page.write_string(line, number, text, looks["cell"])
    page.freeze_panes(3, 0)
    page.set_landscape()
    page.set_paper(9)
    page.repeat_rows(2)
    page.fit_to_pages(1, 0)
