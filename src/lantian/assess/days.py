"""From hours to days and from stations to areas, as arrays: validity first, nothing rounded (GB 3095 Table 4, HJ 663).

`assess.averages` is the readable specification for one day; these give the same values for years of many stations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.exact import exact_value, means, text_value
from lantian.assess.runs import Run, read_on, runs
from lantian.inventory import Spells, runs_on
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.records import ObservationKind
from lantian.standards import Row, in_force
from lantian.units import convert

__all__ = ["NEVER_CLOSED", "area_days", "area_hours", "day_panel", "in_operation", "rule_of"]

Bools = NDArray[np.bool_]

_HOURS = 24
_EIGHT = 8
_KINDS = (*AQI_ITEMS, ObservationKind.O3_MAX)
NEVER_CLOSED: Spells = MappingProxyType({})
"""Every station is in operation on every day."""


def rule_of(on: date, statistic: str, period: str, item: str, scope: str) -> Row:
    """The row of `data_validity` in force on a day."""
    return in_force("data_validity", on, statistic=statistic, period=period, item=item, scope=scope)[0]


def _day_means(hours: Floats, run: Run, on: date, kind: ObservationKind) -> Floats:
    begin = np.arange(run.first, run.first + run.days) * _HOURS
    least = rule_of(on, "mean", "day", kind.value, "day").integer()
    return means(hours, (begin, begin + _HOURS), least, text_value)[0]


def _ozone(hours: Floats, run: Run, on: date) -> tuple[Floats, Floats]:
    """Greatest 8 h mean and greatest hour of each day, over the windows [points, days, stamps]."""
    item = ObservationKind.O3.value
    first = rule_of(on, "mda8", "first_stamp", item, "day").integer()
    stamps = np.arange(first, _HOURS + 1)
    end = ((np.arange(run.first, run.first + run.days) * _HOURS)[:, None] + stamps).ravel()
    least = rule_of(on, "mean", "8h", item, "window").integer()
    windows = means(hours, (end - _EIGHT, end), least, text_value)[0].reshape(
        len(hours), run.days, len(stamps)
    )
    limit = in_force("gb3095_limits", on, item=item, period="mda8", level=2)[0].number()
    greatest = np.fmax.reduce(windows, axis=2, initial=-np.inf)
    enough = np.sum(~np.isnan(windows), axis=2) >= rule_of(on, "mda8", "day", item, "day").integer()
    valid = enough | (greatest > float(limit))
    hour = np.fmax.reduce(hours[:, run.columns(_HOURS)].reshape(len(hours), run.days, _HOURS), axis=2)
    return np.where(valid, greatest, np.nan), np.where(valid, hour, np.nan)


def day_panel(hours: HourPanel, edition: str | None = None) -> DayPanel:
    """Day values of each station from its hours, unrounded; NaN where too few hours are valid.

    A day mean needs 20 hours (GB 3095 Table 4). O3 is the greatest 8 h mean and O3_MAX the greatest 1 h mean of the
    days on which that is valid (HJ 663-2013 practice). The rules are those of each day, or of `edition`; days before
    the first edition take its rules.
    """
    values: dict[ObservationKind, list[Floats]] = {}
    for run in runs(("data_validity", "gb3095_limits"), hours.first, hours.days):
        on = read_on(run.on, edition)
        for kind in AQI_ITEMS:
            if kind not in hours.values:
                continue
            if kind is ObservationKind.O3:
                eight, one = _ozone(hours.of(kind), run, on)
                values.setdefault(kind, []).append(eight)
                values.setdefault(ObservationKind.O3_MAX, []).append(one)
            else:
                values.setdefault(kind, []).append(_day_means(hours.of(kind), run, on, kind))
    return DayPanel(
        hours.points, hours.first, {kind: np.concatenate(parts, axis=1) for kind, parts in values.items()}
    )


def in_operation(points: Sequence[str], first: date, days: int, spells: Spells) -> Bools:
    """[points, days]: whether each station is in operation."""
    found = np.ones((len(points), days), np.bool_)
    for row, point in enumerate(points):
        if spells.get(point):
            found[row] = [runs_on(spells, point, first + timedelta(days=n)) for n in range(days)]
    return found


def _alike(running: Bools, run: Run) -> Iterator[Run]:
    """The run, cut wherever a station opens or closes."""
    of_run = running[:, run.columns()]
    turns = np.flatnonzero((of_run[:, 1:] != of_run[:, :-1]).any(axis=0)) + 1
    edges = [0, *turns.tolist(), run.days]
    for low, high in zip(edges, edges[1:], strict=False):
        yield Run(run.on + timedelta(days=low), run.first + low, high - low)


def _area_means(
    values: Floats, running: Bools, parts: Sequence[Run], per_day: int, edition: str | None
) -> Floats:
    """Mean of the rows per column, where enough of those in operation are valid."""
    found = []
    for run in parts:
        rule = rule_of(read_on(run.on, edition), "city_mean", "any", "all", "city")
        share = convert(rule.number(), rule.text("unit"), "share")
        for piece in _alike(running, run):
            counted = values[running[:, piece.first], piece.columns(per_day)]
            if not len(counted):
                found.append(np.full(piece.days * per_day, np.nan))
                continue
            columns = np.ascontiguousarray(counted.T)
            whole = np.array([0]), np.array([len(counted)])
            number = exact_value if per_day == 1 else text_value
            found.append(means(columns, whole, max(ceil(share * len(counted)), 1), number)[0][:, 0])
    return np.concatenate(found) if found else np.empty(0)


def _areas(
    panel: DayPanel | HourPanel,
    groups: Mapping[str, Sequence[str]],
    per_day: int,
    edition: str | None,
    spells: Spells,
) -> dict[ObservationKind, Floats]:
    parts = runs(("data_validity",), panel.first, panel.days)
    rows = [[panel.row(point) for point in dict.fromkeys(points)] for points in groups.values()]
    running = in_operation(panel.points, panel.first, panel.days, spells)
    empty = np.empty((0, panel.days * per_day))
    return {
        kind: np.stack([_area_means(panel.of(kind)[at], running[at], parts, per_day, edition) for at in rows])
        if rows
        else empty
        for kind in _KINDS
        if kind in panel.values
    }


def area_days(
    stations: DayPanel,
    groups: Mapping[str, Sequence[str]],
    edition: str | None = None,
    spells: Spells = NEVER_CLOSED,
) -> DayPanel:
    """Day values of areas: mean of each area's stations where at least 75 % of them are valid (HJ 663-2013 practice).

    Only the stations in operation on the day count, above and below the line. A station named twice in a group counts
    once; the order of stations decides nothing. DataError for a station that the panel has not.
    """
    return DayPanel(tuple(groups), stations.first, _areas(stations, groups, 1, edition, spells))


def area_hours(
    stations: HourPanel,
    groups: Mapping[str, Sequence[str]],
    edition: str | None = None,
    spells: Spells = NEVER_CLOSED,
) -> HourPanel:
    """Hourly values of areas by the rule of `area_days`; weather is left out."""
    return HourPanel(tuple(groups), stations.first, _areas(stations, groups, _HOURS, edition, spells))
