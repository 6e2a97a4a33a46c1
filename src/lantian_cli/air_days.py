"""Air files as day values of points and areas, as `lantian aqi` and `lantian assess` look at them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from lantian.assess.days import area_days, area_hours, day_panel
from lantian.assess.dust import DustDays
from lantian.errors import DataError
from lantian.observe.air import Air
from lantian.observe.panel import DayPanel, HourPanel
from lantian.periods import Period
from lantian.standards import parse

__all__ = ["air_days", "air_hours", "find_points", "period_of", "read_dust", "reading"]

_DAY_S = 86_400


def air_days(air: Air, edition: str | None = None) -> DayPanel:
    """Day values of every point, and after them of every city that the file knows by its stations only.

    A city is the mean of its stations (75 % valid); a station that never reports in the file is none of them.
    """
    points = air.days() if air.step_s == _DAY_S else day_panel(air.hours(), edition)
    cities = area_days(points, _groups(air), edition)
    values = {kind: np.concatenate([points.of(kind), cities.of(kind)]) for kind in cities.values}
    return DayPanel((*points.points, *cities.points), points.first, values)


def air_hours(air: Air, edition: str | None = None) -> HourPanel:
    """Hourly values of the same points and cities. DataError for daily files."""
    points = air.hours()
    cities = area_hours(points, _groups(air), edition)
    values = {kind: np.concatenate([points.of(kind), cities.of(kind)]) for kind in cities.values}
    return HourPanel((*points.points, *cities.points), points.first, values)


def _groups(air: Air) -> dict[str, list[str]]:
    """Stations that report, by the city that has no row of its own."""
    groups: dict[str, list[str]] = {}
    for point in air.points:
        if (
            point.kind == "station"
            and point.city not in ("", *air.keys)
            and point.key not in air.report.silent
        ):
            groups.setdefault(point.city, []).append(point.key)
    return groups


def find_points(air: Air, panel: DayPanel | HourPanel, wanted: str) -> tuple[str, ...]:
    """Rows of the panel that a key, a code, a name or a city stands for. DataError names some of what there is."""
    if wanted in panel.points:
        return (wanted,)
    found = tuple(point.key for point in air.points if wanted in (point.name, point.code, point.city))
    if not found:
        there = ", ".join(panel.points[:8]) + (" ..." if len(panel.points) > 8 else "")
        raise DataError(f"no such point in the files; there are: {there}", field=wanted)
    return found


def reading(air: Air) -> dict[str, object]:
    """What the reading of the files came to, in a few counts; `lantian import air --dry-run` tells all of it."""
    flags: dict[str, int] = {}
    for each in air.report.counts:
        flags[each.flag.value] = flags.get(each.flag.value, 0) + each.count
    report = air.report
    return {
        "form": air.form,
        "rows": report.rows,
        "refused": len(report.refused),
        "doubled": report.doubled,
        "conflicting": report.conflicting,
        "flags": flags,
        "silent": len(report.silent),
    }


def period_of(text: str, field: str = "--period") -> Period:
    """Days `A..B`, both included. DataError when it is none."""
    first, dots, last = text.partition("..")
    try:
        if not dots:
            raise ValueError
        return Period(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
    except ValueError:
        raise DataError(f"{text!r} is no period; write 2026-10-01..2027-03-31", field=field) from None


def read_dust(path: Path | None) -> DustDays:
    """Dust days of a list in the form of table `dust_days`; none without a file."""
    if path is None:
        return DustDays()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read as UTF-8 text: {error}", source=str(path)) from None
    days: dict[str, set[date]] = {}
    for row in parse("dust_days", text):
        if (day := row.day("day")) is not None:
            days.setdefault(row.text("area"), set()).add(day)
    return DustDays({area: frozenset(found) for area, found in days.items()})
