"""The ledger of targets: what must be reached where, in which period, against which base, by which paper.

A row binds whole days from `start_on` to `end_on`. Its own `valid_from` and `valid_to` say when the paper that set it
was in force, so a target may be revised within its period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from lantian.errors import StandardsError
from lantian.periods import Period, same_period_last_year
from lantian.records import Footnote, ObservationKind
from lantian.standards import Row, in_force, table

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
]


class Indicator(StrEnum):
    """What a target is set on."""

    PM25_MEAN = "pm25_mean"
    PM10_MEAN = "pm10_mean"
    SO2_MEAN = "so2_mean"
    NO2_MEAN = "no2_mean"
    CO_P95 = "co_p95"
    O3_P90 = "o3_p90"
    GOOD_DAYS = "good_days"
    GOOD_RATIO = "good_ratio"
    HEAVY_DAYS = "heavy_days"
    INDEX = "index"
    EMISSION_SO2 = "emission_so2"
    EMISSION_NOX = "emission_nox"
    EMISSION_PM = "emission_pm"
    EMISSION_VOCS = "emission_vocs"


MEANS: Mapping[Indicator, ObservationKind] = {
    Indicator.PM25_MEAN: ObservationKind.PM25,
    Indicator.PM10_MEAN: ObservationKind.PM10,
    Indicator.SO2_MEAN: ObservationKind.SO2,
    Indicator.NO2_MEAN: ObservationKind.NO2,
}
"""Means of daily means."""

PERCENTILES: Mapping[Indicator, ObservationKind] = {
    Indicator.CO_P95: ObservationKind.CO,
    Indicator.O3_P90: ObservationKind.O3,
}
"""Percentiles of day values; the percentile stands in the indicator's name."""

COUNTS = (Indicator.GOOD_DAYS, Indicator.GOOD_RATIO, Indicator.HEAVY_DAYS)
"""Counts of days by their AQI."""

EMISSIONS: Mapping[Indicator, ObservationKind] = {
    Indicator.EMISSION_SO2: ObservationKind.EMITTED_SO2,
    Indicator.EMISSION_NOX: ObservationKind.EMITTED_NOX,
    Indicator.EMISSION_PM: ObservationKind.EMITTED_PM,
    Indicator.EMISSION_VOCS: ObservationKind.EMITTED_VOCS,
}
"""Caps on what a county sends out in one day [t]."""


class Root(StrEnum):
    """The two parallel roots of the cascade, and any other period that a paper may name."""

    YEAR = "year"
    SEASON = "autumn_winter_season"
    OTHER = "other_period"


class Feasibility(StrEnum):
    """Can the target still be kept?"""

    IMPOSSIBLE = "impossible"  # not even with nought on every day left
    OFF_TRACK = "off_track"  # only with days better than the best of the past years' same dates
    TIGHT = "tight"  # the days left must do no worse than the target itself
    SLACK = "slack"  # the days left may be worse than the target
    MET = "met"  # nothing that comes can change it
    MISSED = "missed"  # the period is over


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the ledger. Either `value` (in `unit`) or a change on the base is set, or both.

    `value` is a cap, for good days a floor. `change_days` is a change in days. `edition` names the standard by which
    AQI and index are computed, "" leaves it to the period's last day. `dust_mode` is "keep" or "exclude".
    """

    area: str
    indicator: Indicator
    period: Period
    value: Decimal | None
    unit: str
    change_percent: Decimal | None
    change_days: Decimal | None
    base: Decimal | None
    base_period: Period
    edition: str
    dust_mode: str
    paper: str
    footnote: Footnote

    @property
    def root(self) -> Root:
        """Which root of the cascade the period is."""
        return root_of(self.period)


def root_of(period: Period) -> Root:
    """Calendar year, autumn-winter season or something else."""
    first, last = period.start_on, period.end_on
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return Root.YEAR
    if (first.month, first.day, last.month, last.day) == (10, 1, 3, 31) and last.year == first.year + 1:
        return Root.SEASON
    return Root.OTHER


def _number(row: Row, column: str) -> Decimal | None:
    return None if row[column] is None else row.number(column)


def _of_ledger(row: Row) -> Target | None:
    start, end = row.day("start_on"), row.day("end_on")
    if start is None or end is None:
        raise StandardsError(f"targets line {row.line}: a target needs start_on and end_on")
    period, change, value = Period(start, end), _number(row, "change_percent"), _number(row, "value")
    if value is None and change is None:
        raise StandardsError(f"targets line {row.line}: neither value nor change_percent is given")
    base_start, base_end = row.day("base_start"), row.day("base_end")
    if (base_start is None) != (base_end is None):
        raise StandardsError(f"targets line {row.line}: base_start and base_end go together")
    base_period = (
        same_period_last_year(period)
        if base_start is None or base_end is None
        else Period(base_start, base_end)
    )
    return Target(
        row.text("area"),
        Indicator(row.text("indicator")),
        period,
        value,
        row.text("unit"),
        change,
        None,
        _number(row, "base"),
        base_period,
        row.text("edition"),
        row.text("dust_mode"),
        row.text("paper"),
        row.footnote(),
    )


def _of_season(row: Row) -> Target | None:
    """A line of the published seasons; None where it holds a result only, or no single indicator."""
    name, yoy = row.text("indicator"), row.text("indicator").endswith("_yoy")
    start, end = row.day("valid_from"), row.day("valid_to")
    plain = name.removesuffix("_yoy")
    if row["value"] is None or start is None or end is None or plain not in set(Indicator):
        return None
    period, number, unit = Period(start, end), row.number(), row.text("unit")
    return Target(
        row.text("region"),
        Indicator(plain),
        period,
        None if yoy else number,
        unit,
        number if yoy and unit == "percent" else None,
        number if yoy and unit != "percent" else None,
        None,
        same_period_last_year(period),
        "",
        "keep",
        row.text("source"),
        row.footnote(),
    )


_READERS = {"targets": _of_ledger, "season_targets": _of_season}


def targets_of(rows: Iterable[Row]) -> tuple[Target, ...]:
    """Targets of rows of the tables `targets` and `season_targets`; rows that set none are left out.

    StandardsError names the line that cannot be read.
    """
    found = (_READERS[row.schema.name](row) for row in rows if row.schema.name in _READERS)
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


def target_from_base(base: Fraction | Decimal, change: Decimal) -> Fraction:
    """Cap T = base x (1 + change/100); `change` [percent] is negative for a cut."""
    return Fraction(base) * (1 + Fraction(change) / 100)


def base_from_result(result: Fraction | Decimal, change: Decimal) -> Fraction:
    """Base that a published result and its change [percent] speak of. StandardsError at -100 percent."""
    if change == -100:
        raise StandardsError("a fall by 100 percent leaves no base to compute")
    return Fraction(result) / (1 + Fraction(change) / 100)


def days_needed(share: Decimal, days: int) -> int:
    """Good days that a ratio [percent] asks of `days` days, rounded up."""
    return ceil(Fraction(share) / 100 * days)


def cap_of(target: Target, base: Fraction | None = None) -> Fraction | None:
    """The number to be kept, in the indicator's unit: the value set, or base and change.

    The base in the ledger stands before `base`, which is the one computed from data. None without any base.
    """
    if target.value is not None:
        return Fraction(target.value)
    known = base if target.base is None else Fraction(target.base)
    if known is None:
        return None
    if target.change_percent is not None:
        return target_from_base(known, target.change_percent)
    return None if target.change_days is None else known + Fraction(target.change_days)
