"""Who cuts what as two tables of a file: plants, and their lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian_web.desk import wording
from lantian_web.desk.cuts import CountyCut
from lantian_web.desk.sheets import Cell, Sheet

__all__ = ["cut_sheets"]


def cut_sheets(cuts: Sequence[CountyCut]) -> list[Sheet]:
    """Plants and lines of the counties that are over a cap; per county and item the plants add up to what is asked.

    What nobody carries is a row of its own.
    """
    over = [cut for cut in cuts if cut.over]
    heads = [_("County"), _("Item"), _("Plant")]
    plants = [
        *heads,
        _("Emits, kg"),
        _("Known by"),
        _("Why"),
        _("Carries, kg"),
        _("Share, percent"),
        _("Power less, kWh"),
        _("Power used, kWh"),
        _("Paper"),
    ]
    lines = [
        *heads,
        pgettext("production", "Line"),
        _("Carries, kg"),
        _("Shared"),
        _("Power less, kWh"),
        _("Power used, kWh"),
    ]
    return [
        (_("Cut by plant"), plants, [row for cut in over for row in _plants(cut)]),
        (_("Cut by line"), lines, [row for cut in over for row in _lines(cut)]),
    ]


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _named(cut: CountyCut, plant: str) -> list[Cell]:
    return [cut.area.name, wording.label(cut.indicator, "stat"), plant]


def _plants(cut: CountyCut) -> Iterable[list[Cell]]:
    for row in cut.plants:
        yield [
            *_named(cut, row.name),
            _float(row.emits),
            wording.label(row.basis, "emission_basis"),
            wording.label(row.why, "carries"),
            float(row.kg),
            float(row.share),
            _float(row.less),
            _float(row.used),
            cut.target.paper,
        ]
    nobody = _("Nobody carries")
    tail: list[Cell] = [float(cut.uncovered), float(cut.uncovered_share), None, None, cut.target.paper]
    yield [*_named(cut, nobody), None, None, None, *tail]


def _lines(cut: CountyCut) -> Iterable[list[Cell]]:
    for row in cut.plants:
        for line in row.lines if row.kg else ():
            yield [
                *_named(cut, row.name),
                line.name,
                float(line.kg),
                wording.label(row.by, "shared_by"),
                _float(line.less),
                _float(line.used),
            ]
