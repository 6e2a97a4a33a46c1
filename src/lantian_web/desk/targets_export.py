"""The targets page as a file: cascade, counties, emissions, ledger, and who cuts what."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.units import round_half_even, to_decimal
from lantian_web.desk import wording
from lantian_web.desk.cut_export import cut_sheets
from lantian_web.desk.cuts import CountyCut
from lantian_web.desk.emission_page import Emissions
from lantian_web.desk.sheets import Sheet, written
from lantian_web.desk.target_words import unit_of
from lantian_web.desk.targets_page import TargetsPage

__all__ = ["export"]

PLACES = 2


def export(page: TargetsPage, emission: Emissions, cuts: Sequence[CountyCut], form: str) -> bytes:
    """Bytes of the file; `form` is one of TYPES, `cuts` are those of the counties that the log-in may see whole."""
    return written([*_sheets(page, emission), *cut_sheets(cuts)], form)


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
            [
                _("County"),
                _("Base"),
                _("Cap"),
                _("Mean so far"),
                _("Own account"),
                _("Moved by"),
                _("May average"),
                _("In a word"),
            ],
            [
                [
                    row.area.name,
                    _number(row.base),
                    _number(row.cap),
                    _number(row.mean),
                    _number(row.own),
                    _number(row.shift),
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
