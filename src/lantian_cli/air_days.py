"""Air files as day values of points and areas, as `lantian aqi` and `lantian assess` look at them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.days import area_days, area_hours, day_panel
from lantian.assess.dust import DustDays
from lantian.errors import DataError, PeriodError
from lantian.observe.air import Air
from lantian.observe.air.cells import YEARS
from lantian.observe.air.names import spelling_on
from lantian.observe.panel import DayPanel, HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian.standards import parse

__all__ = [
    "DustList",
    "air_days",
    "air_hours",
    "day_of",
    "find_points",
    "frozen_of",
    "in_plan",
    "period_of",
    "read_dust",
    "reading",
    "told",
]

_DAY_S = 86_400


def air_days(air: Air, edition: str | None = None) -> DayPanel:
    """Day values of every point, and after them of every city that the file knows by its stations only.

    A city is the mean of its stations (75 % valid). A station that never reports in the file is none of them, nor is one
    that is frozen: it repeats its last values.
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
    """Stations that report and are not frozen, by the city that has no row of its own."""
    own, silent, frozen = set(air.keys), set(air.report.silent), set(air.report.frozen)
    groups: dict[str, list[str]] = {}
    for point in air.points:
        if point.kind == "station" and point.city and point.city not in own and point.key not in silent:
            # a city of nothing but frozen stations is there, without a value
            stations = groups.setdefault(point.city, [])
            if point.key not in frozen:
                stations.append(point.key)
    return groups


def frozen_of(air: Air, city: str) -> tuple[str, ...]:
    """Frozen stations that the mean of a city was made without; none for a point of the files."""
    if city in air.keys:
        return ()
    frozen = set(air.report.frozen)
    return tuple(point.key for point in air.points if point.city == city and point.key in frozen)


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
    """What the reading of the files came to: counts, what was taken for granted, frozen points, gaps and outages.

    `lantian import air --dry-run` tells all of it.
    """
    flags: dict[str, int] = {}
    for each in air.report.counts:
        flags[each.flag.value] = flags.get(each.flag.value, 0) + each.count
    report = air.report
    plain = report.plain()
    whole = ("assumptions", "frozen", "gaps", "steps_without_rows", "outages", "outages_found")
    return {
        "form": air.form,
        "rows": report.rows,
        "refused": len(report.refused),
        "doubled": report.doubled,
        "conflicting": report.conflicting,
        "flags": flags,
        "silent": len(report.silent),
        **{name: plain[name] for name in whole},
    }


def told(read: Mapping[str, Any]) -> Iterable[str]:
    """Lines for the eye of what `reading` found: each assumption once, and the frozen points."""
    lines = [f"assumed: {each['what']} {each['value']} ({each['why']})" for each in read["assumptions"]]
    if read["frozen"]:
        lines.append(f"frozen points, left out of the mean of their city: {', '.join(read['frozen'])}")
    return dict.fromkeys(lines)


def in_plan(without: Sequence[str] | None) -> Collection[ObservationKind]:
    """The items of the monitoring plan: all six but those of `--without`. DataError for no item, or none left."""
    names = {item.value for item in AQI_ITEMS}
    for name in without or ():
        if name not in names:
            raise DataError(f"no such item: {name!r}; one of {', '.join(AQI_ITEMS)}", field="--without")
    found = tuple(item for item in AQI_ITEMS if item.value not in (without or ()))
    if not found:
        raise DataError("a plan has at least one item", field="--without")
    return found


def day_of(text: str, field: str) -> date:
    """A day, 2026-05-01. DataError when it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise DataError(f"{text!r} is no day; write 2026-05-01", field=field) from None


def period_of(text: str, field: str = "--period") -> Period:
    """Days `A..B`, both included. DataError when it is none or runs backwards."""
    first, dots, last = text.partition("..")
    try:
        if not dots:
            raise ValueError
        found = Period(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
    except ValueError:
        raise DataError(f"{text!r} is no period; write 2026-10-01..2027-03-31", field=field) from None
    except PeriodError as error:
        raise DataError(f"{text!r}: {error}", field=field) from None
    if not YEARS[0] <= found.start_on.year <= found.end_on.year < YEARS[1]:
        raise DataError(f"{text!r}: air files hold days of {YEARS[0]} to {YEARS[1] - 1}", field=field)
    return found


@dataclass(frozen=True, slots=True)
class DustList:
    """Dust days by point of the files, and the areas of the list that are none."""

    days: DustDays
    unknown: tuple[str, ...] = ()


def read_dust(path: Path | None, air: Air, panel: DayPanel) -> DustList:
    """Dust days of a list in the form of table `dust_days`; none without a file.

    Names of cities are compared as those of air files are. DataError when the list cannot be read, or when it names
    areas and none of them is in the files.
    """
    if path is None:
        return DustList(DustDays())
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", field="--dust") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8 text", field="--dust") from None
    spelling = spelling_on(date.max, {})
    days: dict[str, set[date]] = {}
    unknown: dict[str, None] = {}
    for row in parse("dust_days", text):
        area, day = row.text("area"), row.day("day")
        known = _listed(area, spelling.named(area, "", "").point.key, air, panel)
        if not known:
            unknown[area] = None
        for point in known:
            days.setdefault(point, set()).update([day] if day else [])
    if unknown and not days:
        raise DataError(f"{path}: none of its areas is in the files: {', '.join(unknown)}", field="--dust")
    return DustList(DustDays({area: frozenset(found) for area, found in days.items()}), tuple(unknown))


def _listed(area: str, plain: str, air: Air, panel: DayPanel) -> tuple[str, ...]:
    """Rows of the panel that a listed area stands for: itself, its plain spelling, or a point's name or code."""
    for name in (area, plain):
        if name in panel.points:
            return (name,)
    return tuple(point.key for point in air.points if area in (point.name, point.code))
