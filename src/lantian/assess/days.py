"""From hours to days and from stations to areas, as arrays: validity first, nothing rounded (GB 3095 Table 4, HJ 663).

`assess.averages` is the readable specification for one day; these give the same values for years of many stations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil

import numpy as np

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.exact import exact_value, means, text_value
from lantian.assess.runs import Run, read_on, runs
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.records import ObservationKind
from lantian.standards import Row, in_force
from lantian.units import convert

__all__ = ["area_days", "area_hours", "day_panel", "rule_of"]

_HOURS = 24
_EIGHT = 8
_KINDS = (*AQI_ITEMS, ObservationKind.O3_MAX)


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


def _area_means(values: Floats, parts: Sequence[Run], per_day: int, edition: str | None) -> Floats:
    """Mean of the rows per column, where enough of them are valid."""
    found = []
    for run in parts:
        rule = rule_of(read_on(run.on, edition), "city_mean", "any", "all", "city")
        share = convert(rule.number(), rule.text("unit"), "share")
        least = ceil(share * len(values))
        columns = np.ascontiguousarray(values[:, run.columns(per_day)].T)
        whole = np.array([0]), np.array([len(values)])
        number = exact_value if per_day == 1 else text_value
        found.append(means(columns, whole, max(least, 1), number)[0][:, 0])
    return np.concatenate(found) if found else np.empty(0)


def _areas(
    panel: DayPanel | HourPanel, groups: Mapping[str, Sequence[str]], per_day: int, edition: str | None
) -> dict[ObservationKind, Floats]:
    parts = runs(("data_validity",), panel.first, panel.days)
    rows = {area: [panel.row(point) for point in dict.fromkeys(points)] for area, points in groups.items()}
    empty = np.empty((0, panel.days * per_day))
    return {
        kind: np.stack([_area_means(panel.of(kind)[at], parts, per_day, edition) for at in rows.values()])
        if rows
        else empty
        for kind in _KINDS
        if kind in panel.values
    }


def area_days(
    stations: DayPanel, groups: Mapping[str, Sequence[str]], edition: str | None = None
) -> DayPanel:
    """Day values of areas: mean of each area's stations where at least 75 % of them are valid (HJ 663-2013 practice).

    A station named twice in a group counts once; the order of stations decides nothing. DataError for a station that
    the panel has not.
    """
    return DayPanel(tuple(groups), stations.first, _areas(stations, groups, 1, edition))


def area_hours(
    stations: HourPanel, groups: Mapping[str, Sequence[str]], edition: str | None = None
) -> HourPanel:
    """Hourly values of areas by the rule of `area_days`; weather is left out."""
    return HourPanel(tuple(groups), stations.first, _areas(stations, groups, _HOURS, edition))
