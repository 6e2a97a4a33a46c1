"""The targets page as a file: cascade, counties, emissions and ledger, CSV (one after the other) or Excel (one sheet each)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.units import round_half_even, to_decimal
from lantian_web.desk import wording
from lantian_web.desk.emission_page import Emissions
from lantian_web.desk.target_words import unit_of
from lantian_web.desk.targets_page import TargetsPage

__all__ = ["TYPES", "export"]

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = str | int | float | None
Sheet = tuple[str, list[str], list[list[Cell]]]
BOM = "\ufeff"  # without it the office programs read a Chinese CSV wrongly
PLACES = 2


def export(page: TargetsPage, emission: Emissions, form: str) -> bytes:
    """Bytes of the file; `form` is one of TYPES."""
    sheets = _sheets(page, emission)
    return _xlsx(sheets) if form == "xlsx" else _csv(sheets)


def _number(value: Fraction | Decimal | None, places: int = PLACES) -> float | None:
    if value is None:
        return None
    return float(round_half_even(value if isinstance(value, Decimal) else to_decimal(value), places))


def _sheets(page: TargetsPage, emission: Emissions) -> list[Sheet]:
    as_of = _("%(area)s, as of %(day)s") % {"area": page.area.name, "day": page.on.isoformat()}
    standings = [one for one in (page.main, *page.others) if one]
    return [
        (
            _("Standing"),
            [
                as_of,
                _("From"),
                _("To"),
                _("Cap or floor"),
                pgettext("figure", "Unit"),
                _("In a word"),
                _("Says"),
            ],
            [
                [
                    wording.label(one.target.indicator, "stat"),
                    one.target.period.start_on.isoformat(),
                    one.target.period.end_on.isoformat(),
                    _number(one.room.cap),
                    wording.label(one.unit, "unit"),
                    one.word,
                    one.says,
                ]
                for one in standings
            ],
        ),
        (
            _("Parts of the time"),
            [
                _("From"),
                _("To"),
                _("Days"),
                _("Valid days"),
                _("Mean so far"),
                _("Days left"),
                _("May average"),
            ],
            [
                [
                    row.part.booked.start_on.isoformat(),
                    row.part.booked.end_on.isoformat(),
                    row.part.booked.days,
                    row.part.done_days,
                    _number(row.part.done / row.part.done_days if row.part.done_days else None),
                    row.part.left,
                    _number(row.part.allowed_mean),
                ]
                for row in page.parts
            ],
        ),
        (
            _("Counties"),
            [_("County"), _("Base"), _("Cap"), _("Mean so far"), _("May average"), _("In a word")],
            [
                [
                    row.area.name,
                    _number(row.base),
                    _number(row.cap),
                    _number(row.mean),
                    _number(row.allowed),
                    row.word,
                ]
                for row in page.counties
            ],
        ),
        (
            _("Emission a day"),
            [
                _("County"),
                _("Item"),
                _("Cap"),
                _("Measured"),
                _("Estimated"),
                _("Plants not told"),
                _("In a word"),
            ],
            [
                [
                    row.area.name,
                    wording.label(row.indicator, "stat"),
                    _number(row.judged.cap, 3),
                    _number(row.tonnes[1], 3),
                    _number(row.tonnes[2], 3),
                    len(row.judged.day.not_told),
                    row.word,
                ]
                for row in emission.rows
            ],
        ),
        (
            _("Ledger"),
            [
                _("Area"),
                _("Indicator"),
                _("From"),
                _("To"),
                _("Value"),
                pgettext("figure", "Unit"),
                _("Change, %"),
                _("Paper"),
            ],
            [
                [
                    target.area,
                    wording.label(target.indicator, "stat"),
                    target.period.start_on.isoformat(),
                    target.period.end_on.isoformat(),
                    _number(target.value),
                    wording.label(unit_of(target.indicator), "unit"),
                    _number(target.change_percent),
                    target.paper,
                ]
                for target in page.ledger
            ],
        ),
    ]


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
