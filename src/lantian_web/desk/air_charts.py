"""The pictures of the three pages: chart options, the same figures as a table, or what is lacking and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from lantian.assess.days import area_hours
from lantian.assess.patterns import calendar, heat_map, season_line, week_profile
from lantian.assess.roses import SECTORS, pollution_rose, wind_rose
from lantian.assess.trend import trend
from lantian.inventory import AreaKind
from lantian.observe.panel import Floats, HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian_web.assessments import charts, panels, words
from lantian_web.desk.area_stations import stations_by_area, stations_of
from lantian_web.desk.kept import kept
from lantian_web.desk.ledger import past_panel, pm25_room
from lantian_web.desk.odds import odds
from lantian_web.desk.ranking_page import RankPage
from lantian_web.desk.spans import Span, played
from lantian_web.desk.targets_page import TargetsPage
from lantian_web.inventory.models import Area
from lantian_web.inventory.queries import own_city, station_spells

__all__ = ["Picture", "chart", "picture", "rank_chart", "target_chart"]

WIND = (ObservationKind.WIND_FROM, ObservationKind.WIND_SPEED)
PM25 = ObservationKind.PM25
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its table and a sentence; without an option, `lacks` says what is missing and what to do."""

    option: dict[str, Any] | None
    heads: Row = ()
    rows: tuple[Row, ...] = ()
    says: str = ""
    lacks: tuple[str, str] | None = None


def picture(area: Area, areas: Sequence[Area], span: Span, name: str, item: str) -> Picture:
    """One of the source pictures of an area, by name."""
    makers = {"rose": _rose, "wind": _wind, "day": _profile, "heat": _heat, "trend": _trend}
    return kept(
        lambda: makers[name](area, areas, span.days, ObservationKind(item)),
        "picture",
        name,
        item,
        area.id,
        span.days,
    )


def chart(area: Area, areas: Sequence[Area], span: Span, name: str, item: str) -> dict[str, Any] | None:
    """Options of any picture of the area page; None for one that is not there or cannot be drawn."""
    if name == "line":
        return kept(lambda: _line(area, span), "line", area.id, span)
    if name == "calendar":
        panel = panels.area_panel([area.id], span.days.start_on, span.days.end_on)
        return charts.calendar(calendar(panel, area.id, span.days, played(span.days.start_on)))
    known = ("rose", "wind", "day", "heat", "trend")
    return picture(area, areas, span, name, item).option if name in known else None


def target_chart(page: TargetsPage, now: datetime, name: str) -> dict[str, Any] | None:
    """The target's period: so far, last year, the cap, what the days left may average, where it may end."""
    main = page.main
    if main is None or name != "line":
        return None
    made = odds(page.area, main.target, now, page.on).made
    band = (
        None
        if made.low is None or made.middle is None or made.high is None
        else (made.low, made.middle, made.high)
    )
    panel = past_panel([page.area.id], page.on)
    return charts.season_line(
        season_line(
            panel,
            page.area.id,
            PM25,
            main.target.period,
            page.on,
            cap=main.room.cap,
            allowed=main.room.allowed,
            outlook=band,
        )
    )


def rank_chart(page: RankPage, names: Mapping[str, str]) -> dict[str, Any] | None:
    """Places then and now."""
    return charts.ranking(page.made, names, {own_city()}) if page.made and page.made.rows else None


def _line(area: Area, span: Span) -> dict[str, Any]:
    room = pm25_room(area, span.days.end_on)
    fits = room is not None and room.period == span.whole
    panel = past_panel([area.id], span.days.end_on)
    line = season_line(
        panel,
        area.id,
        PM25,
        span.whole,
        span.days.end_on,
        cap=room.cap if room and fits else None,
        allowed=room.allowed if room and fits else None,
    )
    return charts.season_line(line)


# Source pictures ------------------------------------------------------------------------------------------------------


def _no_hours() -> Picture:
    text = _("Hourly values arrive from the stations or by: lantian import air FILE --home HOME.")
    return Picture(None, lacks=(_("No hourly values of this area in these days"), text))


def _no_wind() -> Picture:
    text = _("Hourly wind comes by file: lantian import air FILE --home HOME, or the page Import.")
    return Picture(None, lacks=(_("No wind data in these days"), text))


def _known(values: Floats) -> bool:
    return bool((~np.isnan(values)).any())


def _air(area: Area, days: Period) -> HourPanel | None:
    """The area's hours; None when none of its stations sent any."""
    stations = stations_of(area)
    if not stations:
        return None
    found = panels.hour_panel_of(stations, days.start_on, days.end_on)
    return area_hours(found, {area.id: stations}, spells=station_spells()) if found.days else None


def _wind_of(days: Period) -> HourPanel | None:
    """The first point of wind that has any."""
    found = panels.weather(days.start_on, days.end_on)
    for row, point in enumerate(found.points):
        if all(_known(found.of(kind)[row]) for kind in WIND):
            return found.select([point])
    return None


def _both(air: HourPanel, wind: HourPanel, kind: ObservationKind) -> HourPanel:
    """The item of the area beside the wind: two points of one panel."""
    gap = np.full((1, 24 * air.days), np.nan)
    values = {kind: np.vstack([air.of(kind), gap])}
    values |= {each: np.vstack([gap, wind.of(each)]) for each in WIND}
    return HourPanel((air.points[0], wind.points[0]), air.first, values)


def _rose(area: Area, areas: Sequence[Area], days: Period, kind: ObservationKind) -> Picture:
    air, wind = _air(area, days), _wind_of(days)
    if air is None or not _known(air.of(kind)):
        return _no_hours()
    if wind is None:
        return _no_wind()
    found = pollution_rose(_both(air, wind, kind), area.id, kind, days, wind.points[0])
    rows = [
        (
            words.sector_name(n),
            words.number(_told(found.sector_mean[n]), 1),
            words.number(int(found.sector_hours[n])),
        )
        for n in range(SECTORS)
    ]
    heads = (_("Wind from"), f"{words.item(kind)} {words.unit(kind)}", _("Hours"))
    return Picture(charts.pollution_rose(found), heads, tuple(rows), words.calm_words(found))


def _wind(area: Area, areas: Sequence[Area], days: Period, kind: ObservationKind) -> Picture:
    wind = _wind_of(days)
    if wind is None:
        return _no_wind()
    found = wind_rose(wind, wind.points[0], days)
    share = found.share.sum(axis=1)
    rows = [(words.sector_name(n), f"{words.number(float(share[n]), 1)} %") for n in range(SECTORS)]
    heads = (_("Wind from"), _("Share of the hours"))
    return Picture(charts.wind_rose(found), heads, tuple(rows), words.calm_words(found))


def _profile(area: Area, areas: Sequence[Area], days: Period, kind: ObservationKind) -> Picture:
    air = _air(area, days)
    if air is None or not _known(air.of(kind)):
        return _no_hours()
    found = week_profile(air, area.id, kind, days)
    rows = [(f"{n:02d}:00", words.number(_told(found.hour[0][n]), 1)) for n in range(24)]
    heads = (_("Hour"), f"{words.item(kind)} {words.unit(kind)}")
    return Picture(charts.profile(found), heads, tuple(rows))


def _heat(area: Area, areas: Sequence[Area], days: Period, kind: ObservationKind) -> Picture:
    parts = [one for one in areas if one.kind != AreaKind.CITY and one.id.startswith(area.id)]
    told = stations_by_area()
    groups = {one.id: told[one.id] for one in parts if one.id in told}
    if not groups:
        return _no_hours()
    every = [station for stations in groups.values() for station in stations]
    hours = panels.hour_panel_of(every, days.start_on, days.end_on)
    if not hours.days or not _known(hours.of(kind)):
        return _no_hours()
    of_areas = area_hours(hours, groups, spells=station_spells())
    found = heat_map(of_areas, list(groups), kind, days, fold=True)
    names = {one.id: one.name for one in parts}
    rows = []
    for place, point in enumerate(found.points):
        values = found.values[place]
        if _known(values):
            worst = int(np.nanargmax(values))
            rows.append((names[point], f"{worst:02d}:00", words.number(float(values[worst]), 1)))
    heads = (_("County"), _("Worst hour of the day"), f"{words.item(kind)} {words.unit(kind)}")
    return Picture(charts.heat_map(found, names), heads, tuple(rows))


def _trend(area: Area, areas: Sequence[Area], days: Period, kind: ObservationKind) -> Picture:
    panel = past_panel([area.id], days.end_on)
    if not _known(panel.of(kind)):
        text = _("Import the daily archive of earlier years: lantian import air FILE --home HOME.")
        return Picture(None, lacks=(_("No day values to take a trend of"), text))
    found = trend(panel, area.id, kind)
    rows = [
        (words.month_words(month), words.number(_told(mean), 1), words.number(_told(adjusted), 1))
        for month, mean, adjusted in zip(found.months, found.means, found.adjusted, strict=True)
    ]
    heads = (_("Month"), f"{words.item(kind)} {words.unit(kind)}", _("without the season"))
    return Picture(charts.trend(found), heads, tuple(rows), _("; ").join(words.trend_words(found)))


def _told(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
