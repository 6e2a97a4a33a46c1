"""The same file back: red cells, a reason in each refused row, and a summary in front."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill

from lantian.observe.forms.filled import Filled, Mark, open_book
from lantian.observe.forms.layout import Form

__all__ = ["returned"]

RED = PatternFill("solid", fgColor="FFC7CE")
YELLOW = PatternFill("solid", fgColor="FFF2CC")
WIDE = 48


def returned(
    data: bytes,
    form: Form,
    filled: Filled,
    marks: Sequence[tuple[Mark, str]],
    summary: Sequence[Sequence[str | int]],
) -> bytes:
    """The file's bytes with every mark and its words in it; `summary` are the rows of the first sheet.

    What the file held otherwise stays as it was; what an earlier return wrote into it is taken out first.
    """
    book = open_book(data, filled.source)
    names = {sheet.key: sheet.name for sheet in form.sheets}
    by_sheet: dict[str, list[tuple[Mark, str]]] = defaultdict(list)
    for mark, words in marks:
        by_sheet[mark.sheet].append((mark, words))
    pages = {page.title.strip(): page for page in book.worksheets}
    for key, places in filled.places.items():
        _mark_sheet(pages[names[key]], form, places, by_sheet.get(key, ()))
    if form.words["summary"] in book.sheetnames:
        del book[form.words["summary"]]
    front = book.create_sheet(form.words["summary"], 0)
    for line, row in enumerate(summary, start=1):
        for place, value in enumerate(row, start=1):
            cell = front.cell(line, place, value)
            cell.font = Font(bold=line == 1 or place == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDEF", (16, 12, 12, 12, 12, WIDE), strict=True):
        front.column_dimensions[letter].width = width
    book.active = 0
    for page in book.worksheets:
        page.sheet_view.tabSelected = page is front
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _reason_column(page: Any, form: Form, head: int) -> int:
    for cell in page[head]:
        if cell.value == form.words["reason"]:
            return int(cell.column)
    return int(max((c.column for c in page[head] if c.value is not None), default=page.max_column)) + 1


def _mark_sheet(page: Any, form: Form, places: Mapping[str, int], marks: Sequence[tuple[Mark, str]]) -> None:
    head = _head(page, form, places)
    column = _reason_column(page, form, head)
    _unmark(page, head, column, places)
    if not marks:
        return
    said: dict[int, list[str]] = defaultdict(list)
    refused: set[int] = set()
    for mark, words in marks:
        line = mark.row
        if line <= head:  # of the sheet as a whole: the summary tells it
            continue
        said[line].append(words)
        if mark.refused:
            refused.add(line)
        place = places.get(mark.field)
        cell = page.cell(line, place) if place else None
        if cell is None or isinstance(cell, MergedCell):
            continue
        if mark.refused:
            cell.fill = RED
            cell.comment = Comment(words, form.title)
        elif cell.fill != RED:
            cell.fill = YELLOW
    letter = page.cell(head, column).column_letter
    page.column_dimensions[letter].width = WIDE
    _say(page, head, column, [form.words["reason"]], bold=True)
    for line, reasons in said.items():
        _say(page, line, column, reasons)
        if line in refused:
            page.cell(line, column).fill = RED


def _say(page: Any, line: int, column: int, words: Sequence[str], bold: bool = False) -> None:
    cell = page.cell(line, column)
    if isinstance(cell, MergedCell):
        return
    cell.value, cell.number_format = "；".join(dict.fromkeys(words)), "@"
    cell.font, cell.alignment = Font(bold=bold, color="B1241C"), Alignment(wrap_text=True, vertical="top")


def _head(page: Any, form: Form, places: Mapping[str, int]) -> int:
    """Row of the header: the first that holds a title of the form at its place."""
    titles = {column.title for sheet in form.sheets for column in sheet.columns}
    for line in range(1, min(page.max_row, 15) + 1):
        for place in places.values():
            if str(page.cell(line, place).value or "").strip().rstrip("*＊") in titles:
                return line
    return 1


def _unmark(page: Any, head: int, column: int, places: Mapping[str, int]) -> None:
    """Take out what an earlier return wrote."""
    ours = {RED.fgColor.rgb, YELLOW.fgColor.rgb}
    for line in range(head + 1, page.max_row + 1):
        for place in (*places.values(), column):
            cell = page.cell(line, place)
            if isinstance(cell, MergedCell):
                continue
            if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb in ours:
                cell.fill, cell.comment = PatternFill(), None
        reason = page.cell(line, column)
        if not isinstance(reason, MergedCell):
            reason.value = None
