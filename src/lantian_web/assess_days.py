"""Assess the local days that have closed: city and station days, daily AQI, the season's PM2.5.

Days are derived again whenever their hours change; equal data gives equal rows, so doing it twice is harmless.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lantian import assess
from lantian.errors import PeriodError
from lantian.periods import day_bounds_ms, local_day, same_period_last_year, season, to_ms
from lantian.records import Assessment, Footnote, ObservationKind, Subject, SubjectKind
from lantian.standards import Row, in_force, parse
from lantian_store.lake import Lake
from lantian_web.assessments import commands, queries
from lantian_web.events.models import Cursor
from lantian_web.inventory.models import Area, Station

__all__ = ["Place", "assess_closed", "assess_day", "place", "rolling_aqi"]

HOUR_MS = 3_600_000
Hours = dict[ObservationKind, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Place:
    """The city assessed: its stations, the regions whose targets bind it, its own target rows."""

    city_id: str
    stations: Mapping[str, str]  # station id -> area id
    regions: tuple[str, ...]
    targets: tuple[Row, ...]


def place() -> Place:
    """The city of this registry; its regions and own targets stand in the `play` cursor's text."""
    play = json.loads(Cursor.objects.filter(name="play").values_list("text", flat=True).first() or "{}")
    stations = dict(Station.objects.order_by("id").values_list("id", "area_id"))
    city = Area.objects.filter(kind="city").values_list("id", flat=True).first() or ""
    rows = parse("season_targets", play["targets"]) if play.get("targets") else ()
    return Place(city, stations, tuple(play.get("regions", ())), rows)


def assess_closed(lake: Lake, days: Iterable[date], now: datetime) -> int:
    """Assess those of the days that have ended by `now`; return how many rows changed."""
    closed = {on for on in days if day_bounds_ms(on)[1] <= to_ms(now)}
    if not closed:
        return 0
    here = place()
    return sum(assess_day(lake, here, on, now) for on in sorted(closed))


def assess_day(lake: Lake, here: Place, on: date, now: datetime) -> int:
    """City and station values of one day and, inside the season, the season to date."""
    hours = _hours(lake, here, *day_bounds_ms(on))
    if not hours:
        return 0
    edition = assess.edition_on(on)
    city = assess.city_day(hours, on)
    rows = [_city_item(here, on, edition, item) for item in city.values()]
    rows.append(_aqi(here, on, edition, city))
    rows += _station_items(here, on, edition, hours[ObservationKind.PM25])
    scope = dict(here.stations) | {here.city_id: here.city_id}
    changed = commands.record(rows, scope, now)
    return changed + _season(here, on, edition, now)


def rolling_aqi(lake: Lake, now: datetime) -> int | None:
    """AQI of the last 24 whole hours, by the edition of today; None when it cannot be told."""
    end_ms = to_ms(now) // HOUR_MS * HOUR_MS
    hours = _hours(lake, place(), end_ms - 24 * HOUR_MS, end_ms)
    if not hours:
        return None
    on = local_day(to_ms(now))
    city = assess.city_day(hours, on)
    return assess.daily_aqi({kind: item.value for kind, item in city.items()}, assess.edition_on(on)).aqi


def _hours(lake: Lake, here: Place, start_ms: int, end_ms: int) -> Hours:
    """Usable values [stations, 24] per item of 24 hours from `start_ms`; nothing when the lake has none."""
    table = lake.read("air", list(here.stations), start_ms, end_ms)
    if not len(table):
        return {}
    row_of = {point: row for row, point in enumerate(here.stations)}
    hours = {kind: np.full((len(row_of), 24), np.nan) for kind in assess.AQI_ITEMS}
    columns = ("point", "kind", "start", "value", "flag")
    for point, kind, start, value, flag in zip(*(table[name].to_pylist() for name in columns), strict=True):
        if value is not None and not flag:
            hours[ObservationKind(kind)][row_of[point], (start - start_ms) // HOUR_MS] = value
    return hours


def _row(
    subject: Subject,
    indicator: str,
    on: date,
    value: Decimal | None,
    unit: str,
    edition: str,
    notes: tuple[Footnote, ...],
) -> Assessment:
    valid = value is not None
    return Assessment(
        subject,
        indicator,
        on,
        on,
        value,
        unit,
        edition,
        days_valid=int(valid),
        days_dropped=int(not valid),
        footnotes=notes,
    )


def _city_item(here: Place, on: date, edition: str, item: assess.CityDay) -> Assessment:
    subject = Subject(SubjectKind.AREA, here.city_id)
    return _row(subject, f"{item.kind}_day", on, item.value, _unit(item.kind), edition, item.footnotes)


def _station_items(here: Place, on: date, edition: str, hours: NDArray[np.float64]) -> list[Assessment]:
    kind = ObservationKind.PM25
    values = assess.station_day(hours, kind, on)
    return [
        _row(
            Subject(SubjectKind.STATION, point),
            f"{kind}_day",
            on,
            None if value is None else assess.rounded(kind, value, edition),
            _unit(kind),
            edition,
            (),
        )
        for point, value in zip(here.stations, values, strict=True)
    ]


def _aqi(here: Place, on: date, edition: str, city: Mapping[ObservationKind, assess.CityDay]) -> Assessment:
    result = assess.daily_aqi({kind: item.value for kind, item in city.items()}, edition)
    notes = tuple(row.footnote() for row in in_force("iaqi_breakpoints", on)[:1])
    return Assessment(
        Subject(SubjectKind.AREA, here.city_id),
        "aqi_day",
        on,
        on,
        None if result.aqi is None else Decimal(result.aqi),
        "",
        edition,
        days_valid=int(result.aqi is not None),
        days_dropped=int(result.aqi is None),
        primary=tuple(item.value for item in result.primary),
        footnotes=notes,
    )


def _season(here: Place, on: date, edition: str, now: datetime) -> int:
    """The season to date; nothing outside October to March."""
    try:
        whole = season(on)
    except PeriodError:
        return 0
    since = same_period_last_year(whole).start_on
    values = queries.daily_values(here.city_id, "pm25_day", since, on)
    standing = assess.season_standing(values, on, here.regions, here.targets)
    base = standing.last_year.exact
    row = Assessment(
        Subject(SubjectKind.AREA, here.city_id),
        "pm25_season",
        whole.start_on,
        on,
        standing.now.mean,
        _unit(ObservationKind.PM25),
        edition,
        days_valid=standing.now.days_valid,
        days_dropped=standing.now.days_dropped,
        base=None if base is None else standing.last_year.mean,
        target=standing.cap,
        footnotes=standing.footnotes,
    )
    return commands.record([row], here.city_id, now)


def _unit(kind: ObservationKind) -> str:
    return "mg/m3" if kind is ObservationKind.CO else "ug/m3"
