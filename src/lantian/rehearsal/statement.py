"""The daily forecast statement and the archive of day values, as batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa

from lantian.observe.panel import DayPanel
from lantian.periods import Period, day_start_ms, month
from lantian.records import ObservationKind
from lantian.rehearsal.air import ITEMS, forecast, forecast_values
from lantian.rehearsal.batches import batch
from lantian.rehearsal.city import City
from lantian.rehearsal.source import texts

__all__ = ["archive", "day_values", "forecast_batch", "issuer", "own_name"]

DAY_S = 86_400
STATED = (ObservationKind.PM25, ObservationKind.AQI_SHOWN)


def issuer() -> str:
    """Who issues the forecast."""
    return texts("places", "issuer")[0]


def own_name(city: City) -> str:
    """The city's name as archives of air write it: without the word for city at its end."""
    return city.areas[0].name.removesuffix(texts("places", "city_kind")[0])


def forecast_batch(city: City, issued_on: date, edition: str | None = None) -> pa.Table:
    """PM2.5 and AQI of the coming days at the city's area id: one row per day and item, in order of lead.

    `edition` overrides the AQI edition in force on each day.
    """
    aqi = forecast(city, issued_on, edition)
    starts = np.array(
        [day_start_ms(issued_on + timedelta(days=i + 1)) for i in range(len(aqi))], dtype=np.int64
    )
    values = np.full((1, len(aqi), len(STATED)), np.nan)
    for i, (number, day) in enumerate(zip(aqi, forecast_values(city, issued_on), strict=False)):
        pm25 = day.get(ObservationKind.PM25)
        values[0, i] = np.nan if pm25 is None else round(pm25), number
    return batch([city.areas[0].id], [kind.value for kind in STATED], starts, DAY_S, values)


def _rows(panel: DayPanel) -> pa.Table:
    """Rows of a panel's days, points in order; empty = not published."""
    order = sorted(range(len(panel.points)), key=lambda row: panel.points[row])
    values = np.stack([panel.of(kind)[order] for kind in ITEMS], axis=2)
    days = Period(panel.first, panel.last)
    starts = np.array([day_start_ms(day) for day in days], dtype=np.int64)
    return batch([panel.points[row] for row in order], [kind.value for kind in ITEMS], starts, DAY_S, values)


@lru_cache(maxsize=2)
def _past(city: City) -> DayPanel | None:
    """The city's own day values before its first day; later ones come from its stations. None without any."""
    if not city.history:
        return None
    span = Period(min(city.history), max(city.history))
    values = {}
    for kind in ITEMS:
        row = [city.air.get(day, {}).get(kind) for day in span]
        values[kind] = np.array([row], dtype=np.float64)
    return DayPanel((own_name(city),), span.start_on, values)


def day_values(city: City, span: Period) -> pa.Table | None:
    """Day values of the cities around, and of the city itself before its first day; None when nobody has any."""
    panels = [panel for panel in (_past(city), city.around) if panel is not None and panel.points]
    known = [panel for panel in panels if panel.first <= span.end_on and panel.last >= span.start_on]
    if not known:
        return None
    return pa.concat_tables([_rows(panel.between(span)) for panel in known]).unify_dictionaries()


def archive(city: City, before: date) -> Iterator[tuple[date, pa.Table]]:
    """All day values of days before a day: the first of each month and its rows."""
    panels = [panel for panel in (_past(city), city.around) if panel is not None and panel.points]
    start, last = min((panel.first for panel in panels), default=before), before - timedelta(days=1)
    while start <= last:
        span = Period(start, min(month(start).end_on, last))
        table = day_values(city, span)
        if table is not None:
            yield start.replace(day=1), table
        start = span.end_on + timedelta(days=1)
