"""The strip over the desk: air, season, warning, execution, capture. Every figure names its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from lantian.inventory import AreaKind, runs_on
from lantian.periods import local_day, to_ms
from lantian.records import DecisionKind, Level, ObservationKind
from lantian_store.lake import Lake
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import visible
from lantian_web.assessments.models import Assessment
from lantian_web.desk import conclusions
from lantian_web.inventory.models import Area, Station
from lantian_web.inventory.queries import station_spells
from lantian_web.orders.models import Decision, Order, Warning

__all__ = [
    "AQI",
    "PM25",
    "SEASON",
    "Season",
    "Strip",
    "air_hours",
    "announced",
    "current_decision",
    "published",
    "standing",
    "strip",
]

AQI, PM25, SEASON = "aqi_day", "pm25_day", "pm25_season"
HOUR_MS = 3_600_000
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Season:
    """The season's PM2.5 so far against last year and its target."""

    row: Assessment

    @property
    def change(self) -> Decimal | None:
        """Percent against the same days of last year, from means before rounding where they are kept."""
        row = self.row
        if row.value is None or not row.base:
            return None
        if row.raw is None or not row.base_raw:
            return 100 * (row.value - row.base) / row.base
        return Decimal(100 * (row.raw - row.base_raw) / row.base_raw)


@dataclass(frozen=True, slots=True)
class Strip:
    """Figures of the strip; None where nothing can be told."""

    day: Assessment | None
    pm25: Assessment | None
    season: Season | None
    decision: Decision | None
    announced: Decision | None
    signer: str
    orders: int
    execution: conclusions.Execution


def published(rows: QuerySet[M]) -> QuerySet[M]:
    """Rows that the city announces to the public: its air, its stations and the warning in force.

    The one place where a page reads rows without a scope; nothing of a plant passes here.
    """
    if rows.model not in (Assessment, Station, Decision, Warning):
        raise TypeError(f"{rows.model.__name__} rows are not published")
    return rows


def strip(user: User, now: datetime) -> Strip:
    """The strip of one log-in."""
    newest = _newest()
    decision = current_decision(now)
    in_force = visible(user, standing(Order.objects.filter(start_at__lte=now), now)).count()
    signer = (
        Person.objects.filter(pk=decision.signer).values_list("name", flat=True).first() if decision else ""
    )
    return Strip(
        day=newest.get(AQI),
        pm25=newest.get(PM25),
        season=Season(newest[SEASON]) if SEASON in newest else None,
        decision=decision,
        announced=announced(now),
        signer=signer or "",
        orders=in_force,
        execution=conclusions.execution(user, conclusions.last_day(user)),
    )


def _newest() -> dict[str, Assessment]:
    """The newest assessment of the city per indicator."""
    city = Area.objects.filter(kind=AreaKind.CITY).values_list("id", flat=True).first()
    rows = published(Assessment.objects.filter(subject_id=city or "", indicator__in=(AQI, PM25, SEASON)))
    found: dict[str, Assessment] = {}
    for row in rows.order_by("-end_on", "-start_on")[:12]:
        found.setdefault(row.indicator, row)
    return found


def current_decision(now: datetime) -> Decision | None:
    """The decision that set the level now in force; None when there is no warning or it is lifted."""
    started = published(Decision.objects.filter(start_at__lte=now)).select_related("warning")
    last = started.order_by("-start_at", "-signed_at", "-id").first()
    return None if last is None or last.kind == DecisionKind.LIFT or last.level == Level.NONE else last


def announced(now: datetime) -> Decision | None:
    """The decision signed already that starts later."""
    later = published(Decision.objects.filter(signed_at__lte=now, start_at__gt=now))
    return later.order_by("-signed_at", "-id").first()


def standing(orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Orders in force now, and those signed for later."""
    return orders.filter(Q(end_at__isnull=True) | Q(end_at__gt=now))


def air_hours(now: datetime, hours: int = 72) -> list[tuple[int, float | None, int]]:
    """(hour start ms, mean PM2.5 of the city's stations that answered, how many did) over the last hours."""
    city = Area.objects.filter(kind=AreaKind.CITY).order_by("id").values_list("id", flat=True).first() or ""
    rows = published(Station.objects.filter(area_id__startswith=city))
    stations, spells = list(rows.values_list("id", flat=True)), station_spells()
    end = to_ms(now) // HOUR_MS * HOUR_MS
    start = end - timedelta(hours=hours) // timedelta(milliseconds=1)
    if not stations:
        return []
    table = Lake(settings.LANTIAN_HOME).read("air", points=stations, start_ms=start, end_ms=end)
    sums: dict[int, list[float]] = {}
    columns = (table[name].to_pylist() for name in ("point", "start", "kind", "value", "flag"))
    for point, begun, kind, value, flag in zip(*columns, strict=True):
        if kind != ObservationKind.PM25 or value is None or flag:
            continue
        if point not in spells or runs_on(spells, point, local_day(begun)):
            sums.setdefault(begun, []).append(value)
    return [(ms, _mean(sums.get(ms, ())), len(sums.get(ms, ()))) for ms in range(start, end, HOUR_MS)]


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None
