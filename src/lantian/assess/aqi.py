"""Air quality index by HJ 633, in exact arithmetic: a binary float can push the ceiling one too high."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil
from types import MappingProxyType

from lantian.errors import DataError, StandardsError
from lantian.records import ObservationKind
from lantian.standards import in_force, table
from lantian.units import round_half_even

__all__ = [
    "AQI_ITEMS",
    "Aqi",
    "DailyAqi",
    "Reading",
    "aqi_of",
    "aqi_rule",
    "daily_aqi",
    "day_in",
    "decimals",
    "edition_on",
    "hourly_aqi",
    "iaqi",
    "instead_of",
    "level_of",
    "report_scales",
    "rounded",
]

AQI_ITEMS = (
    ObservationKind.SO2,
    ObservationKind.NO2,
    ObservationKind.PM10,
    ObservationKind.PM25,
    ObservationKind.CO,
    ObservationKind.O3,
)

Reading = tuple[ObservationKind, str]
"""An item and its averaging period: 1h, 8h (for a day: the greatest 8 h mean) or 24h."""

_ANY_DAY = date.min  # an edition is named, so the day decides nothing


@dataclass(frozen=True, slots=True)
class Aqi:
    """AQI of one day or hour. `aqi` and `level` are None where the edition publishes single items only."""

    aqi: int | None
    primary: tuple[ObservationKind, ...]
    level: int | None
    iaqi: Mapping[ObservationKind, int]
    missing: tuple[ObservationKind, ...]
    edition: str


DailyAqi = Aqi


def edition_on(day: date, override: str | None = None) -> str:
    """AQI edition of a local day, or `override` (counterfactual). StandardsError names the gap."""
    rows = in_force("iaqi_breakpoints", day, override)
    return rows[0].edition


@cache
def day_in(edition: str, day: date) -> date:
    """The day of an edition's validity that is nearest to `day`: where rules are read when the edition is played.

    StandardsError when there is no such edition.
    """
    rows = [row for row in table("aqi_rules") if row.edition == edition]
    if not rows:
        raise StandardsError(f"there is no AQI edition {edition!r}")
    first = max(row.day("valid_from") or date.min for row in rows)
    last = min(row.day("valid_to") or date.max for row in rows)
    return min(max(day, first), last)


@cache
def decimals(item: str, edition: str) -> int:
    """Decimals of a concentration before the IAQI formula."""
    rows = in_force("rounding_rules", _ANY_DAY, edition, quantity="concentration", item=item)
    return rows[0].integer()


def rounded(item: ObservationKind, concentration: Decimal | Fraction, edition: str) -> Decimal:
    """Concentration as it is published and enters the formula (HJ 633-2026 4.2.2, 4.2.3)."""
    return round_half_even(concentration, decimals(item.value, edition))


@cache
def _points(item: str, period: str, edition: str) -> tuple[tuple[int, Decimal], ...]:
    rows = in_force("iaqi_breakpoints", _ANY_DAY, edition, item=item, period=period)
    return tuple((row.integer("iaqi"), row.number()) for row in rows)


@cache
def aqi_rule(parameter: str, edition: str) -> int:
    """A limit around the AQI (table `aqi_rules`)."""
    return in_force("aqi_rules", _ANY_DAY, edition, parameter=parameter)[0].integer()


@lru_cache(maxsize=65536)
def iaqi(item: ObservationKind, period: str, concentration: Decimal, edition: str) -> int | None:
    """Individual index of one concentration (CO mg/m3, others ug/m3), rounded first, then ceil.

    None when the scale ends below the concentration and the edition sends to another period (2012: SO2 1 h
    above 800, O3 8 h above 800). DataError for a negative concentration, StandardsError for no such scale.
    """
    value = rounded(item, concentration, edition)
    if value < 0:
        raise DataError(f"{item} {period}: concentration {concentration} is negative")
    points = _points(item.value, period, edition)
    for (low, c_low), (high, c_high) in pairwise(points):
        if value <= c_high:
            return ceil(low + (high - low) * Fraction(value - c_low) / Fraction(c_high - c_low))
    over = in_force("iaqi_over_top", _ANY_DAY, edition, item=item.value, period=period)[0]
    return None if over["value"] is None else over.integer()


@cache
def report_scales(report: str, edition: str) -> Mapping[Reading, str]:
    """Readings of a report that carry an IAQI, with the scale each is read on."""
    rows = in_force("aqi_items", _ANY_DAY, edition, report=report)
    return MappingProxyType(
        {
            (ObservationKind(row.text("item")), row.text("period")): row.text("scale")
            for row in rows
            if row["scale"] is not None
        }
    )


@cache
def instead_of(item: ObservationKind, scale: str, edition: str) -> str:
    """Averaging period that answers for a concentration above a scale; "" when the scale itself does."""
    return in_force("iaqi_over_top", _ANY_DAY, edition, item=item.value, period=scale)[0].text("instead")


def _indices(
    values: Mapping[Reading, Decimal | None], report: str, edition: str
) -> dict[ObservationKind, int]:
    """The greatest IAQI of each item over its readings."""
    found: dict[ObservationKind, int] = {}
    for (item, period), scale in report_scales(report, edition).items():
        concentration = values.get((item, period))
        if concentration is None:
            continue
        index = iaqi(item, scale, concentration, edition)
        if index is None:
            other = instead_of(item, scale, edition)
            substitute = values.get((item, other))
            index = None if substitute is None else iaqi(item, other, substitute, edition)
        if index is not None:
            found[item] = max(found.get(item, 0), index)
    return found


@cache
def _levels(edition: str) -> tuple[tuple[int, int], ...]:
    rows = in_force("aqi_levels", _ANY_DAY, edition)
    return tuple(sorted((row.integer(), row.integer("level")) for row in rows))


def level_of(aqi: int, edition: str) -> int:
    """Class 1 to 6 of an AQI."""
    return max(level for least, level in _levels(edition) if aqi >= least)


def aqi_of(
    values: Mapping[Reading, Decimal | None],
    report: str,
    edition: str,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Aqi:
    """AQI of a `daily` or `hourly` report from readings keyed by (item, period).

    `monitored` are the items of the monitoring plan; one outside it never blocks the AQI (HJ 633-2026 5.3.2).
    With a monitored item missing, the AQI is published only above the edition's limit (5.3.1); a limit of 0 is none.
    """
    if edition not in {row.edition for row in table("aqi_rules")}:
        raise StandardsError(f"there is no AQI edition {edition!r}")
    indices = _indices(values, report, edition)
    missing = tuple(item for item in AQI_ITEMS if item in monitored and item not in indices)
    top = max(indices.values(), default=None)
    least = aqi_rule("incomplete_above", edition)
    if top is None or (missing and least and top <= least):
        return Aqi(None, (), None, MappingProxyType(indices), missing, edition)
    primary: tuple[ObservationKind, ...] = ()
    if top > aqi_rule("primary_above", edition):
        primary = tuple(item for item in AQI_ITEMS if indices.get(item) == top)
    aqi = max(top, aqi_rule("lowest", edition))
    return Aqi(aqi, primary, level_of(aqi, edition), MappingProxyType(indices), missing, edition)


def daily_aqi(
    values: Mapping[ObservationKind, Decimal | None],
    edition: str,
    *,
    o3_1h_max: Decimal | None = None,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Aqi:
    """AQI of a day from 24 h means and, for O3, the greatest 8 h mean. `o3_1h_max` counts in 2012 only."""
    periods = {item: "8h" if item is ObservationKind.O3 else "24h" for item in AQI_ITEMS}
    readings: dict[Reading, Decimal | None] = {(item, periods[item]): values.get(item) for item in AQI_ITEMS}
    readings[ObservationKind.O3, "1h"] = o3_1h_max
    return aqi_of(readings, "daily", edition, monitored)


def hourly_aqi(
    values: Mapping[ObservationKind, Decimal | None],
    edition: str,
    *,
    rolling: Mapping[Reading, Decimal | None] = MappingProxyType({}),
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Aqi:
    """AQI of an hour from 1 h means. The 2012 edition takes PM from `rolling` 24 h means and O3 also from 8 h."""
    readings: dict[Reading, Decimal | None] = {(item, "1h"): values.get(item) for item in AQI_ITEMS}
    return aqi_of({**rolling, **readings}, "hourly", edition, monitored)
