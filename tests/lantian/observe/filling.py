"""Filling in a form as people do it: with openpyxl, cell by cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook, load_workbook

from lantian.observe.forms import Form, blank

FIRST = 5  # first row below header and example
Change = Callable[[Any], None]


def filled(form: Form, rows: dict[str, list[dict[str, Any]]], *changes: Change) -> bytes:
    """The form with rows by sheet key, then changed as the callables do."""
    book = load_workbook(io.BytesIO(blank(form)))
    for sheet in form.sheets:
        for line, row in enumerate(rows.get(sheet.key, ()), start=FIRST):
            put(book, form, sheet.key, line, row)
    for change in changes:
        change(book)
    return saved(book)


def put(book: Workbook, form: Form, key: str, line: int, row: dict[str, Any]) -> None:
    sheet = form.sheet(key)
    for place, column in enumerate(sheet.columns, start=2):
        if column.key in row:
            book[sheet.name].cell(line, place).value = row[column.key]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
