"""Air, weather, emissions and forecasts as panels: what area pages, rankings and targets are computed from.

Nothing here asks for rights: published air is everybody's; callers take ids of plants from `accounts.rights`.
NaN is a missing or unusable value. All days are local days, `last` included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.periods import day_bounds_ms, day_start_ms, from_ms, local_day, to_ms
from lantian.records import ObservationKind
from lantian_store.lake import Lake
from lantian_store.panel import day_panel, hour_panel
from lantian_web.assessments.models import Assessment, Import
from lantian_web.inventory.queries import city_area_id, own_city

__all__ = [
    "AIR",
    "AIR_DAY",
    "CITY_DAY",
    "DAY_ITEMS",
    "EMISSION_DAY",
    "FORECAST",
    "WEATHER",
    "Forecast",
    "area_panel",
    "city_panel",
    "emission_days",
    "forecast",
    "hour_panel_of",
    "span",
    "weather",
]

AIR, AIR_DAY, WEATHER = "air", "air_day", "weather"  # kinds of journal entries and of the lake
EMISSION_DAY, FORECAST = "emission_day", "forecast"
CITY_DAY = "city_day"  # only of the lake: days made of the hours of other cities
DAY_ITEMS = (
    ObservationKind.PM25,
    ObservationKind.PM10,
    ObservationKind.SO2,
    ObservationKind.NO2,
    ObservationKind.CO,
    ObservationKind.O3,
)
INDICATORS = {f"{kind.value}_day": kind for kind in DAY_ITEMS}
FORECAST_DAYS = 45


@dataclass(frozen=True, slots=True)
class Forecast:
    """One statement on the coming days, as issued; `panel` has the one point it speaks of."""

    issued_at: datetime
    panel: DayPanel


def area_panel(ids: Sequence[str], first: date, last: date) -> DayPanel:
    """Assessed days of own areas or stations, not rounded (rows without that: as published).

    O3 is the greatest 8 h mean. An AQI made of these rounds them first, as the published one was.
    """
    row_of = {key: row for row, key in enumerate(ids)}
    days = (last - first).days + 1
    values = {kind: np.full((len(ids), days), np.nan) for kind in DAY_ITEMS}
    rows = Assessment.objects.filter(
        subject_id__in=list(ids), indicator__in=INDICATORS, end_on__gte=first, end_on__lte=last
    ).order_by("end_on", "edition")
    # Of several editions of a day the later written one counts, as in `queries.daily_figures`.
    columns = rows.values_list("subject_id", "indicator", "end_on", "raw", "value")
    for subject, indicator, on, raw, value in columns:
        known = value if raw is None else raw
        cell = np.nan if known is None else float(known)
        values[INDICATORS[indicator]][row_of[subject], (on - first).days] = cell
    return DayPanel(tuple(ids), first, values)


def span(ids: Sequence[str]) -> tuple[date, date] | None:
    """First and last assessed day of own areas or stations; None when nothing was assessed."""
    rows = Assessment.objects.filter(subject_id__in=list(ids), indicator="pm25_day").order_by("end_on")
    first, last = rows.first(), rows.last()
    return None if first is None or last is None else (first.end_on, last.end_on)


def city_panel(names: Sequence[str], first: date, last: date) -> DayPanel:
    """Days of cities by name: the own city as assessed, others as published, else as made of their hours, not rounded.

    A name of which nothing is held has only missing days.
    """
    own = own_city()
    others = [name for name in names if name != own]
    bounds = day_start_ms(first), day_bounds_ms(last)[1]
    made = {kind: np.full((len(names), (last - first).days + 1), np.nan) for kind in DAY_ITEMS}
    place = {name: row for row, name in enumerate(names)}
    lake = _lake()
    for source in (CITY_DAY, AIR_DAY):  # the published value stands over the derived one
        found = day_panel(lake.read(source, others, *bounds), others, first, last)
        _lay(made, [place[name] for name in others], found)
    if own in place:
        _lay(made, [place[own]], area_panel([city_area_id()], first, last))
    return DayPanel(tuple(names), first, made)


def _lay(made: Mapping[ObservationKind, Floats], rows: Sequence[int], over: DayPanel) -> None:
    """Put the known values of `over` on the rows."""
    for kind, array in made.items():
        values = over.of(kind) if over.days else np.full((len(rows), array.shape[1]), np.nan)
        array[rows] = np.where(np.isnan(values), array[rows], values)


def hour_panel_of(points: Sequence[str], first: date, last: date) -> HourPanel:
    """Hours of stations (or of other points of air) by their id in the lake."""
    return _hours(AIR, first, last, points)


def weather(first: date, last: date, points: Sequence[str] | None = None) -> HourPanel:
    """Hours of wind, temperature, pressure, dew point and rain of the given or of all points, by name."""
    return _hours(WEATHER, first, last, points)


def emission_days(first: date, last: date, enterprises: Iterable[str] | None = None) -> DayPanel:
    """Measured emission of plants by day [kg], of the given or of all plants that sent any."""
    wanted = None if enterprises is None else sorted(set(enterprises))
    table = _lake().read(EMISSION_DAY, wanted, day_start_ms(first), day_bounds_ms(last)[1])
    return day_panel(table, wanted if wanted is not None else _points(table), first, last)


def forecast(point: str, now: datetime) -> Forecast | None:
    """The newest statement on an area's (or city's) coming days that was received by `now`; None when there is none.

    The last issued counts, of one day of issue the last received, whole: statements are never mixed.
    `point` is an area id. Values are those of daily means (O3: greatest 8 h mean); AQI_SHOWN is a stated AQI.
    """
    today = local_day(to_ms(now))
    bounds = (
        day_start_ms(today - timedelta(days=FORECAST_DAYS)),
        day_start_ms(today + timedelta(days=FORECAST_DAYS)),
    )
    table = _lake().read(FORECAST, [point], *bounds, every_version=True)
    known = table.filter(pc.less_equal(table.column("received_at"), to_ms(now)))
    if not len(known):
        return None
    versions, times = (known.column(name).to_numpy().tolist() for name in ("version", "received_at"))
    received: dict[int, int] = dict(zip(versions, times, strict=True))
    stated = _stated_issues()
    issued, version = max((stated.get(place, ms), place) for place, ms in received.items())
    newest = known.filter(pc.equal(known.column("version"), version))
    starts = newest.column("start").to_numpy()
    first, last = local_day(int(starts.min())), local_day(int(starts.max()))
    return Forecast(from_ms(issued), day_panel(newest, [point], first, last))


def _stated_issues() -> dict[int, int]:
    """When statements taken in by hand were issued [UTC ms], by journal position."""
    told = Import.objects.filter(kind="forecast").values_list("report", flat=True)
    return {
        int(place): day_start_ms(date.fromisoformat(on))
        for report in told
        for place, on in report.get("taken", {}).get("issued", {}).items()
    }


def _hours(kind: str, first: date, last: date, points: Sequence[str] | None) -> HourPanel:
    wanted = None if points is None else list(points)
    table = _lake().read(kind, wanted, day_start_ms(first), day_bounds_ms(last)[1])
    return hour_panel(table, wanted if wanted is not None else _points(table), first, last)


def _points(table: pa.Table) -> list[str]:
    return sorted(set(table.column("point").unique().to_pylist()))


def _lake() -> Lake:
    return Lake(settings.LANTIAN_HOME)
