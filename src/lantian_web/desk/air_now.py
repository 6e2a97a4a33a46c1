"""The newest hour and the day so far of an area: provisional, and said to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.averages import city_hour
from lantian.assess.engine import hourly_aqi_panel, primary_of
from lantian.assess.published import applied_on
from lantian.assess.runs import read_on
from lantian.observe.panel import Floats, HourPanel
from lantian.periods import from_ms, local_day, to_ms
from lantian.records import ObservationKind
from lantian.units import round_half_even, to_decimal
from lantian_web.assessments.panels import hour_panel_of
from lantian_web.desk.spans import played

__all__ = ["HOUR_MS", "Hour", "Today", "newest_hour"]

HOUR_MS = 3_600_000
LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """The newest hour in which a station answered. `clock` is its end; `primary` a comma list of items."""

    end: datetime
    clock: str
    aqi: int | None
    level: int
    primary: str
    pm25: Decimal | None
    answered: int
    stations: int
    edition: str


@dataclass(frozen=True, slots=True)
class Today:
    """PM2.5 from midnight on: the mean of the hours there are."""

    hours: int
    pm25: Decimal


def newest_hour(stations: Sequence[str], now: datetime) -> tuple[Hour | None, Today | None]:
    """The area's newest hour up to `now` and its day so far, from the hours of its stations."""
    today = local_day(to_ms(now))
    if not stations:
        return None, None
    panel = hour_panel_of(list(stations), today - LOOK_BACK, today)
    seen = min((to_ms(now) - panel.start_ms) // HOUR_MS, 24 * panel.days)
    known = np.stack([~np.isnan(panel.of(kind)[:, :seen]) for kind in AQI_ITEMS])
    answers = np.logical_or.reduce(known, axis=0)
    if not answers.any():
        return None, None
    last = int(np.flatnonzero(answers.any(axis=0))[-1])
    area = _area(panel, seen)
    aqi = hourly_aqi_panel(area, played(panel.first))
    level = int(aqi.level[0, last])
    on = local_day(panel.start_ms + last * HOUR_MS)
    hour = city_hour({ObservationKind.PM25: panel.of(ObservationKind.PM25)[:, last]}, read_on(on))
    end = from_ms(panel.start_ms + (last + 1) * HOUR_MS)
    made = Hour(
        end,
        "24:00" if end.hour == 0 else f"{end:%H:%M}",
        int(aqi.aqi[0, last]) if level else None,
        level,
        ",".join(kind.value for kind in primary_of(int(aqi.primary[0, last]))),
        hour[ObservationKind.PM25],
        int(answers[:, last].sum()),
        len(stations),
        applied_on(on).edition,
    )
    return made, _today(area.of(ObservationKind.PM25)[0, 24:seen])


def _today(values: Floats) -> Today | None:
    known = values[~np.isnan(values)]
    return Today(len(known), round_half_even(to_decimal(float(known.mean())), 0)) if len(known) else None


def _area(panel: HourPanel, seen: int) -> HourPanel:
    """The area's hours: per item and hour the mean of the stations where enough of them answered."""
    made = {}
    for kind in AQI_ITEMS:
        values = panel.of(kind)
        row = np.full((1, values.shape[1]), np.nan)
        for column in range(seen):
            on = local_day(panel.start_ms + column * HOUR_MS)
            found = city_hour({kind: values[:, column]}, read_on(on))[kind]
            row[0, column] = np.nan if found is None else float(found)
        made[kind] = row
    return HourPanel(("area",), panel.first, made)
