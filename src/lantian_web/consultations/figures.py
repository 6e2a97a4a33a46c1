"""What was known when the meeting sat: read once, kept with the record, shown later as it was then.

A figure is a mapping {key, value, unit, on, row, more}: `value` is text (None: it could not be told), `row` the kind and
id of the row it was read from, `more` what belongs to it. Wording is the page's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Q, QuerySet

from lantian.assess.roses import SECTORS, wind_rose
from lantian.dispatch import OPEN_STATES
from lantian.periods import Period, local_day, to_ms
from lantian.records import DecisionKind, Level, ObservationKind, SubjectKind
from lantian_store.lake import Lake
from lantian_web.assess_days import rolling_aqi
from lantian_web.assessments import panels
from lantian_web.assessments.models import Assessment
from lantian_web.assessments.queries import latest
from lantian_web.findings.queries import to_confirm
from lantian_web.orders.models import Decision
from lantian_web.tasks.models import Task

__all__ = ["Figure", "known_at"]

Figure = dict[str, Any]
WIND_DAYS = 2  # yesterday and today so far
SECTORS_SHOWN = 3


def known_at(area_id: str, now: datetime, forecast: Sequence[int | None] | None = None) -> list[Figure]:
    """Everything the sheet shows, as it stands at `now`; `forecast` [daily AQI from tomorrow] stands in for the one
    that was taken in."""
    today = local_day(to_ms(now))
    made = [
        _figure("aqi_24h", rolling_aqi(Lake(settings.LANTIAN_HOME), now)),
        *_days(area_id, today - timedelta(days=1)),
        *_season(area_id, today),
        _wind(today),
        _forecast(area_id, now, forecast),
        *_warning(area_id, now),
        *_tasks(area_id, now),
        _figure("to_confirm", to_confirm().filter(area_id__startswith=area_id).count()),
    ]
    return made


def _figure(key: str, value: object, unit: str = "", **rest: object) -> Figure:
    return {"key": key, "value": None if value is None else str(value), "unit": unit} | rest


def _row(key: str, row: Assessment | None, value: Decimal | None = None, **rest: object) -> Figure:
    if row is None:
        return _figure(key, None)
    shown = row.value if value is None else value
    return _figure(
        key,
        shown,
        row.unit,
        on=row.end_on.isoformat(),
        row=["assessment", row.pk],
        edition=row.edition,
        **rest,
    )


def _days(area_id: str, on: date) -> list[Figure]:
    """The last assessed day."""
    found = (latest(name, SubjectKind.AREA, area_id, on) for name in ("aqi_day", "pm25_day"))
    aqi, pm25 = found
    return [_row("aqi_day", aqi, more={"primary": aqi.primary} if aqi else {}), _row("pm25_day", pm25)]


def _season(area_id: str, on: date) -> list[Figure]:
    """The season so far, and how far it lies from its target."""
    row = latest("pm25_season", SubjectKind.AREA, area_id, on)
    if row is None:
        return [_figure("pm25_season", None), _figure("gap", None)]
    more = {
        name: str(value) for name, value in (("base", row.base), ("target", row.target)) if value is not None
    }
    gap = None if row.value is None or row.target is None else row.value - row.target
    return [
        _row("pm25_season", row, more=more | {"from": row.start_on.isoformat()}),
        _row("gap", row, gap, more=more) if gap is not None else _figure("gap", None),
    ]


def _wind(today: date) -> Figure:
    """From where the wind came yesterday and today; it does not say who made the air bad."""
    panel = panels.weather(today - timedelta(days=WIND_DAYS - 1), today)
    if not panel.points or not _any(panel.of(ObservationKind.WIND_SPEED)):
        return _figure("wind", None)
    rose = wind_rose(panel, panel.points[0], Period(today - timedelta(days=WIND_DAYS - 1), today))
    by_sector = rose.hours.sum(axis=1)
    if not rose.total:
        return _figure("wind", None)
    top = sorted(range(SECTORS), key=lambda k: (-int(by_sector[k]), k))[:SECTORS_SHOWN]
    more = {
        "sectors": [[k, round(100 * int(by_sector[k]) / rose.total)] for k in top if by_sector[k]],
        "calm": round(100 * rose.calm / rose.total),
        "speed": None if rose.mean_speed is None else round(rose.mean_speed, 1),
    }
    return _figure("wind", rose.total, "h", more=more)


def _any(values: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    return bool(values.size) and not bool(np.isnan(values).all())


def _forecast(area_id: str, now: datetime, given: Sequence[int | None] | None) -> Figure:
    """Daily AQI of the coming days, or PM2.5 where no AQI is stated."""
    today = local_day(to_ms(now))
    if given is not None:
        days = [[(today + timedelta(days=n)).isoformat(), aqi] for n, aqi in enumerate(given, 1)]
        return _figure("forecast", len(days), "day", more={"item": "aqi", "days": days})
    found = panels.forecast(area_id, now)
    if found is None:
        return _figure("forecast", None)
    for item, kind in (("aqi", ObservationKind.AQI_SHOWN), ("pm25", ObservationKind.PM25)):
        values = found.panel.of(kind)
        if not _any(values):
            continue
        days = [
            [(found.panel.first + timedelta(days=n)).isoformat(), round(float(value))]
            for n, value in enumerate(values[0])
            if not np.isnan(value)
        ]
        ahead = [day for day in days if str(day[0]) > today.isoformat()]
        more = {"item": item, "days": ahead, "issued": found.issued_at.isoformat()}
        return _figure("forecast", len(ahead), "day", more=more)
    return _figure("forecast", None)


def _warning(area_id: str, now: datetime) -> list[Figure]:
    """The level in force, and a step that is signed but not yet begun."""
    signed = Decision.objects.filter(area_id=area_id, signed_at__lte=now)
    last = signed.filter(start_at__lte=now).order_by("start_at", "signed_at", "id").last()
    level = Level.NONE if last is None or last.kind == DecisionKind.LIFT else Level(last.level)
    made = [_figure("warning", level.value, more=_step(last) if level is not Level.NONE else {})]
    coming = signed.filter(start_at__gt=now).order_by("signed_at", "id").last()
    if coming is not None:
        made.append(_figure("announced", coming.level, more=_step(coming)))
    return made


def _step(decision: Decision | None) -> dict[str, str]:
    if decision is None:
        return {}
    return {"number": decision.number, "kind": decision.kind, "start": decision.start_at.isoformat()}


def _tasks(area_id: str, now: datetime) -> list[Figure]:
    """Tasks that are not done, and those whose clock has run out."""
    open_ones: QuerySet[Task] = Task.objects.filter(state__in=list(OPEN_STATES), area_id__startswith=area_id)
    late = open_ones.filter(Q(next_due_at__lte=now), paused_at__isnull=True)
    return [_figure("tasks_open", open_ones.count()), _figure("tasks_overdue", late.count())]
