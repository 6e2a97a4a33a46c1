"""AQI of whole arrays: the same answers as `assess.aqi`, value by value, at the speed of a table look-up.

Concentrations are rounded on the decimal text of each double, never by binary arithmetic, and each index is read from
a table that the scalar `iaqi` filled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lantian.assess.aqi import (
    AQI_ITEMS,
    Reading,
    aqi_rule,
    decimals,
    edition_on,
    iaqi,
    instead_of,
    level_of,
    report_scales,
)
from lantian.assess.exact import means, shortest, text_value
from lantian.assess.kernels import BELOW_NOUGHT, OVER_TOP, combine, index
from lantian.assess.runs import Run, runs
from lantian.errors import DataError, StandardsError
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.records import ObservationKind
from lantian.standards import in_force, table

__all__ = [
    "AqiArray",
    "aqi_arrays",
    "daily_aqi_panel",
    "edition_runs",
    "hourly_aqi_panel",
    "mask_of",
    "primary_of",
    "without_means",
]

_ANY_DAY = date.min
_HIGHEST = 500
_HOURS = 24
_EIGHT = 8


@dataclass(frozen=True, slots=True, eq=False)
class AqiArray:
    """AQI of an array of days or hours, each field of the readings' shape.

    `aqi` is 0 and `level` 0 where none is published (a true AQI of 0, 2012 only, has level 1). Bit i of `primary` and
    `missing` is AQI_ITEMS[i]. `iaqi` has the items as its last axis, -1 = none. `edition` names every edition used,
    joined by "+".
    """

    aqi: NDArray[np.int16]
    level: NDArray[np.int8]
    primary: NDArray[np.uint8]
    iaqi: NDArray[np.int16]
    missing: NDArray[np.uint8]
    edition: str

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where an AQI is published."""
        found: NDArray[np.bool_] = self.level > 0
        return found


def mask_of(items: Collection[ObservationKind]) -> int:
    """Bit mask of some items over AQI_ITEMS."""
    return sum(1 << n for n, item in enumerate(AQI_ITEMS) if item in items)


def primary_of(mask: int) -> tuple[ObservationKind, ...]:
    """The items of a bit mask, in the order of AQI_ITEMS."""
    return tuple(item for n, item in enumerate(AQI_ITEMS) if mask >> n & 1)


@cache
def _table(item: ObservationKind, scale: str, edition: str) -> tuple[float, NDArray[np.int16], int]:
    """Steps per unit, IAQI of each step up to the last break point, and IAQI above (OVER_TOP: another period's)."""
    factor = 10 ** decimals(item.value, edition)
    rows = in_force("iaqi_breakpoints", _ANY_DAY, edition, item=item.value, period=scale)
    top = max(row.number() for row in rows)
    steps = range(int(top * factor) + 1)
    found = [iaqi(item, scale, Decimal(step) / factor, edition) for step in steps]
    over = iaqi(item, scale, top + 1, edition)
    return float(factor), np.array(found, np.int16), OVER_TOP if over is None else over


@cache
def _levels(edition: str) -> NDArray[np.int8]:
    lowest = aqi_rule("lowest", edition)
    levels = np.zeros(_HIGHEST + 1, np.int8)
    levels[lowest:] = [level_of(aqi, edition) for aqi in range(lowest, _HIGHEST + 1)]
    return levels


def _doubles(values: NDArray[np.floating]) -> Floats:
    values = np.asarray(values)
    return shortest(values) if values.dtype == np.float32 else values.astype(np.float64, copy=False)


def _indices(item: ObservationKind, scale: str, values: Floats, edition: str) -> NDArray[np.int16]:
    found: NDArray[np.int16] = index(values, *_table(item, scale, edition))  # type: ignore[arg-type]
    if (wrong := np.flatnonzero(found == BELOW_NOUGHT)).size:
        first = values[wrong[0]]
        raise DataError(
            f"{item} {scale}: {wrong.size} concentrations are negative or infinite, first {first}"
        )
    return found


def aqi_arrays(
    values: Mapping[Reading, NDArray[np.floating]],
    report: str,
    edition: str,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> AqiArray:
    """AQI of a `daily` or `hourly` report from arrays of one shape (CO mg/m3, others ug/m3, NaN = missing).

    `assess.aqi.aqi_of`, value by value: items outside the monitoring plan `monitored` never block (HJ 633-2026
    5.3.2), with one of it missing the AQI is published only above the edition's limit, if it has one (5.3.1). Readings
    that the report does not use are passed over. DataError for a concentration that rounds below nought, StandardsError for
    an unknown edition.
    """
    if edition not in {row.edition for row in table("aqi_rules")}:
        raise StandardsError(f"there is no AQI edition {edition!r}")
    given = {reading: _doubles(array) for reading, array in values.items()}
    shape = np.broadcast_shapes(*(array.shape for array in given.values()))
    flat = {
        reading: np.ascontiguousarray(np.broadcast_to(array, shape)).ravel()
        for reading, array in given.items()
    }
    count = int(np.prod(shape))
    found = np.full((count, len(AQI_ITEMS)), -1, np.int16)
    for (item, period), scale in report_scales(report, edition).items():
        array = flat.get((item, period))
        if array is None:
            continue
        one = _indices(item, scale, array, edition)
        over = one == OVER_TOP
        if over.any():
            other = instead_of(item, scale, edition)
            substitute = flat.get((item, other))
            one[over] = -1 if substitute is None else _indices(item, other, substitute[over], edition)
            np.maximum(one, -1, out=one)
        column = found[:, AQI_ITEMS.index(item)]
        np.maximum(column, one, out=column)
    aqi, level, primary, missing = combine(
        found,
        mask_of(monitored),
        aqi_rule("incomplete_above", edition),
        aqi_rule("primary_above", edition),
        aqi_rule("lowest", edition),
        _levels(edition),
    )
    return AqiArray(
        aqi.reshape(shape),
        level.reshape(shape),
        primary.reshape(shape),
        found.reshape(*shape, len(AQI_ITEMS)),
        missing.reshape(shape),
        edition,
    )


def _joined(parts: list[AqiArray]) -> AqiArray:
    """Parts that follow each other along axis 1, as one."""
    if len(parts) == 1:
        return parts[0]
    editions = dict.fromkeys(part.edition for part in parts)
    return AqiArray(
        np.concatenate([part.aqi for part in parts], axis=1),
        np.concatenate([part.level for part in parts], axis=1),
        np.concatenate([part.primary for part in parts], axis=1),
        np.concatenate([part.iaqi for part in parts], axis=1),
        np.concatenate([part.missing for part in parts], axis=1),
        "+".join(editions),
    )


def edition_runs(first: date, days: int, edition: str | None = None) -> list[tuple[Run, str]]:
    """Runs of days of one AQI edition. StandardsError names a day before the first edition."""
    if edition is not None or not days:
        return [(Run(first, 0, days), edition or edition_on(first))]
    return [(run, edition_on(run.on)) for run in runs(("iaqi_breakpoints",), first, days)]


def daily_aqi_panel(
    panel: DayPanel, edition: str | None = None, monitored: Collection[ObservationKind] = AQI_ITEMS
) -> AqiArray:
    """Daily AQI [points, days]; without `edition` each day by its own. O3_MAX counts in 2012 only, if it is there."""
    readings = {
        (item, "8h" if item is ObservationKind.O3 else "24h"): panel.of(item)
        for item in AQI_ITEMS
        if item in panel.values or item is AQI_ITEMS[0]
    }
    if ObservationKind.O3_MAX in panel.values:
        readings[ObservationKind.O3, "1h"] = panel.of(ObservationKind.O3_MAX)
    return _joined(
        [
            aqi_arrays(
                {key: array[:, run.columns()] for key, array in readings.items()}, "daily", of, monitored
            )
            for run, of in edition_runs(panel.first, panel.days, edition)
        ]
    )


def _trailing(values: Floats, width: int, least: int) -> Floats:
    """Mean of the `width` hours that end with each hour; the first hours of the panel have fewer behind them."""
    end = np.arange(1, values.shape[1] + 1)
    return means(values, (np.maximum(end - width, 0), end), least, text_value)[0]


def _rolling(panel: HourPanel, edition: str, on: date) -> dict[Reading, Floats]:
    """The readings of an hourly report that are means of the hours before, and what answers above a scale."""
    scales = report_scales("hourly", edition)
    wanted = {reading for reading in scales if reading[1] != "1h"}
    for (item, period), scale in scales.items():
        if period == "1h" and (other := instead_of(item, scale, edition)):
            wanted.add((item, other))
    found = {}
    for item, period in wanted:
        if item not in panel.values:
            continue
        width, rule = (_EIGHT, ("8h", "window")) if period == "8h" else (_HOURS, ("day", "day"))
        least = in_force(
            "data_validity", on, edition, statistic="mean", period=rule[0], item=item.value, scope=rule[1]
        )[0].integer()
        found[item, period] = _trailing(panel.of(item), width, least)
    return found


def hourly_aqi_panel(
    panel: HourPanel, edition: str | None = None, monitored: Collection[ObservationKind] = AQI_ITEMS
) -> AqiArray:
    """Hourly AQI [points, hours]; without `edition` each hour by its day's.

    The 2012 edition reads PM10 and PM2.5 from the mean of the 24 hours that end with the hour, O3 also from the last
    8, and SO2 above its 1 h scale from its 24 h mean; such a mean needs as many hours as that of a day or window.
    """
    parts = []
    for run, of in edition_runs(panel.first, panel.days, edition):
        hours = {(item, "1h"): panel.of(item) for item in AQI_ITEMS}
        readings = {**hours, **_rolling(panel, of, run.on)}
        cut = run.columns(_HOURS)
        parts.append(
            aqi_arrays({key: array[:, cut] for key, array in readings.items()}, "hourly", of, monitored)
        )
    return _joined(parts)


def without_means(found: AqiArray, first: date, edition: str | None = None) -> int:
    """Hours of an hourly AQI that is published although an item is missing which is read from a mean of hours before.

    In the 2012 edition: PM10 or PM2.5 without a 24 h mean, so the first hours of every file. `first` is its first day.
    """
    count = 0
    for run, of in edition_runs(first, found.aqi.shape[1] // _HOURS, edition):
        scales = report_scales("hourly", of)
        averaged = {item for item, period in scales if period != "1h" and (item, "1h") not in scales}
        cut = run.columns(_HOURS)
        lacks = (found.missing[:, cut] & mask_of(averaged)) > 0
        count += int(np.count_nonzero(found.known[:, cut] & lacks))
    return count
