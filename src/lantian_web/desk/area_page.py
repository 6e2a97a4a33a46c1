"""The air of one area: now, the chosen days against last year, the calendar, the counties, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lantian.assess.aqi import level_of
from lantian.periods import local_day, to_ms
from lantian.records import SubjectKind
from lantian_web.assessments.models import Assessment
from lantian_web.desk.air_now import HOUR_MS, Hour, Today, newest_hour
from lantian_web.desk.area_days import Days, days_of
from lantian_web.desk.area_stations import stations_of
from lantian_web.desk.footnotes import notes_of, said_of
from lantian_web.desk.kept import kept
from lantian_web.desk.spans import Span
from lantian_web.desk.strip import AQI, published
from lantian_web.inventory.models import Area

__all__ = ["ITEMS", "PICTURES", "AreaPage", "area_page"]

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")
PICTURES = ("rose", "wind", "day", "heat", "trend")


@dataclass(frozen=True, slots=True)
class DayFact:
    """The AQI of the last closed day."""

    on: date
    aqi: int | None
    level: int
    primary: str
    pk: str


@dataclass(frozen=True, slots=True)
class AreaPage:
    """All the page shows; `days` and `day` are None until a day was assessed."""

    area: Area
    areas: tuple[Area, ...]
    span: Span | None
    on: date | None
    hour: Hour | None
    today: Today | None
    day: DayFact | None
    days: Days | None
    notes: tuple[tuple[str, str, str, str], ...]
    said: tuple[str, ...]


def area_page(area: Area, areas: Sequence[Area], span: Span | None, now: datetime) -> AreaPage:
    """The page of one area; `span` is None where no day was assessed yet."""
    ms = to_ms(now)
    hour, today = kept(
        lambda: newest_hour(stations_of(area, local_day(ms)), now), "hour", area.id, ms // HOUR_MS
    )
    if span is None:
        return AreaPage(area, tuple(areas), None, None, hour, today, None, None, (), ())
    days = kept(lambda: days_of(area, areas, span), "area", area.id, span.days)
    shown = [days.pm25, days.good, days.heavy, *(figure.made for figure in days.figures)]
    notes = notes_of([note for made in shown for note in made.footnotes] + list(days.index.now.footnotes))
    on = span.days.end_on
    return AreaPage(
        area, tuple(areas), span, on, hour, today, _last_day(area, on), days, notes, said_of(shown)
    )


def _last_day(area: Area, on: date) -> DayFact | None:
    rows = published(
        Assessment.objects.filter(
            indicator=AQI, subject_kind=SubjectKind.AREA, subject_id=area.id, end_on__lte=on
        )
    )
    row = rows.order_by("-end_on", "-edition").first()
    if row is None:
        return None
    aqi = None if row.value is None else int(row.value)
    level = 0 if aqi is None else level_of(aqi, row.edition)
    return DayFact(row.end_on, aqi, level, row.primary, row.pk)
