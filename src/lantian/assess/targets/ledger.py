"""The ledger of targets: what must be reached where, in which period, against which base, by which paper.

A row binds whole days from `start_on` to `end_on`. Its own `valid_from` and `valid_to` say when the paper that set it
was in force, so a target may be revised within its period. Numbers are taken over in the indicator's own unit: another
unit of the same dimension is converted exactly, any other refused with its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from lantian.assess.targets.record import (
    COUNTS,
    EMISSIONS,
    MEANS,
    PERCENTILES,
    Feasibility,
    Indicator,
    Root,
    Target,
    base_from_result,
    cap_of,
    days_needed,
    root_of,
    target_from_base,
    unit_of,
)
from lantian.errors import DataError, PeriodError, StandardsError
from lantian.periods import Period, same_period_last_year
from lantian.standards import Row, in_force, table
from lantian.units import convert

__all__ = [
    "COUNTS",
    "EMISSIONS",
    "MEANS",
    "PERCENTILES",
    "Feasibility",
    "Indicator",
    "Root",
    "Target",
    "base_from_result",
    "cap_of",
    "days_needed",
    "root_of",
    "target_from_base",
    "target_on",
    "targets_of",
    "targets_on",
    "unit_of",
]


def _number(row: Row, column: str) -> Decimal | None:
    """A finite number of a row, or None where the cell is empty."""
    if row[column] is None:
        return None
    number = row.number(column)
    if not number.is_finite():
        raise DataError(f"{number} is no number", field=column)
    return number


def _own_unit(number: Decimal | None, unit: str, indicator: Indicator) -> Decimal | None:
    """A number in the indicator's own unit; without a unit it stands in that already."""
    own = unit_of(indicator)
    if number is None or unit in ("", own):
        return number
    try:
        return convert(number, unit, own)
    except DataError as error:
        raise DataError(f"{indicator} is kept in {own}: {error.reason}", field="unit") from None


def _span(row: Row, first: str, last: str) -> Period | None:
    start, end = row.day(first), row.day(last)
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise DataError(f"{first} and {last} go together", field=first if start is None else last)
    try:
        return Period(start, end)
    except PeriodError as error:
        raise DataError(str(error), field=last) from None


def _of_ledger(row: Row) -> Target | None:
    period, change, value = (
        _span(row, "start_on", "end_on"),
        _number(row, "change_percent"),
        _number(row, "value"),
    )
    if period is None:
        raise DataError("a target needs start_on and end_on", field="start_on")
    if value is None and change is None:
        raise DataError("neither value nor change_percent is given", field="value")
    indicator, unit, base = Indicator(row.text("indicator")), row.text("unit"), _number(row, "base")
    if (
        value is None and base is None and unit != "percent"
    ):  # of a change alone it says nothing, but must be right
        _own_unit(Decimal(), unit, indicator)
    return Target(
        row.text("area"),
        indicator,
        period,
        _own_unit(value, unit, indicator),
        unit_of(indicator),
        change,
        None,
        _own_unit(base, unit, indicator),
        _span(row, "base_start", "base_end") or same_period_last_year(period),
        row.text("edition"),
        row.text("dust_mode"),
        row.text("paper"),
        row.footnote(),
    )


def _of_season(row: Row) -> Target | None:
    """A line of the published seasons; None where it holds a result only, or no single indicator."""
    name, yoy = row.text("indicator"), row.text("indicator").endswith("_yoy")
    plain = name.removesuffix("_yoy")
    if row["value"] is None or plain not in set(Indicator):
        return None
    period = _span(row, "valid_from", "valid_to")
    if period is None:
        return None
    indicator, number, unit = Indicator(plain), _number(row, "value"), row.text("unit")
    relative = yoy and unit == "percent"
    points = yoy and indicator is Indicator.GOOD_RATIO and unit == "percentage point"
    own = number if relative or points else _own_unit(number, unit, indicator)
    return Target(
        row.text("region"),
        indicator,
        period,
        None if yoy else own,
        unit_of(indicator),
        own if relative else None,
        own if yoy and not relative else None,
        None,
        same_period_last_year(period),
        "",
        "keep",
        row.text("source"),
        row.footnote(),
    )


_READERS = {"targets": _of_ledger, "season_targets": _of_season}


def _read(row: Row) -> Target | None:
    try:
        return _READERS[row.schema.name](row)
    except DataError as error:
        raise DataError(error.reason, source=row.schema.name, row=row.line, field=error.field) from None


def targets_of(rows: Iterable[Row]) -> tuple[Target, ...]:
    """Targets of rows of the tables `targets` and `season_targets`; rows that set none are left out.

    DataError names the row and field that cannot be read: a unit that does not fit the indicator, a number that cannot
    be (`Target`), half a period.
    """
    found = (_read(row) for row in rows if row.schema.name in _READERS)
    return tuple(target for target in found if target is not None)


def _rows(on: date, overlay: Sequence[Row]) -> Iterator[Row]:
    """Rows in force on the day; the city's own come first."""
    for name in _READERS:
        own = tuple(row for row in overlay if row.schema.name == name)
        if own or table(name):
            try:
                yield from in_force(name, on, overlay=own)
            except StandardsError:
                continue  # no target in force is an answer


def targets_on(
    on: date, areas: Sequence[str] = (), overlay: Sequence[Row] = (), binding: date | None = None
) -> tuple[Target, ...]:
    """Targets in force on the day `on` that bind it, for the first of `areas` that has one per indicator and period.

    `binding` asks for those that bind another day (in summer: the first day of the coming season).

    `areas` runs from the area itself to the regions it belongs to; without any, every area's targets are given.
    Where two papers set one indicator for one area and period (a cap and a change), both stand, the cap first.
    """
    day = on if binding is None else binding
    bound = [each for each in targets_of(_rows(on, overlay)) if day in each.period]
    if not areas:
        return tuple(bound)
    rank = {area: place for place, area in enumerate(areas)}
    mine = sorted((each for each in bound if each.area in rank), key=lambda each: rank[each.area])
    first: dict[tuple[Indicator, Period], str] = {}
    for each in mine:
        first.setdefault((each.indicator, each.period), each.area)
    kept = [each for each in mine if first[each.indicator, each.period] == each.area]
    return tuple(sorted(kept, key=lambda each: (rank[each.area], each.value is None)))


def target_on(
    on: date,
    areas: Sequence[str],
    indicator: Indicator,
    overlay: Sequence[Row] = (),
    root: Root | None = None,
) -> Target | None:
    """The target of one indicator that binds the day `on`, of one root of the cascade where one is asked for.

    None is an answer: no target is in force on that day.
    """
    found = targets_on(on, areas, overlay)
    fits = (each for each in found if each.indicator is indicator and root in (None, each.root))
    return next(fits, None)
