"""The closed days of one area against the year before: the figures, the index, months, classes, counties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np

from lantian.assess.compare import Comparison, compare
from lantian.assess.composite import Composite
from lantian.assess.dust import DustDays
from lantian.assess.engine import daily_aqi_panel
from lantian.assess.indicator import INDEX, measure
from lantian.assess.statistics import annual_items
from lantian.inventory import AreaKind
from lantian.observe.panel import DayPanel
from lantian.periods import Period, month, same_period_last_year
from lantian.records import ObservationKind
from lantian_web.assessments import panels
from lantian_web.assessments.models import Assessment
from lantian_web.desk.ledger import PM25Room, dust_days, pm25_room
from lantian_web.desk.source_words import EDITIONS
from lantian_web.desk.spans import YEAR, Span, played
from lantian_web.desk.strip import SEASON, published
from lantian_web.inventory.models import Area

__all__ = ["ClassRow", "CountyRow", "Days", "Figure", "Index", "MonthRow", "days_of"]

STATISTICS = ("pm25_mean", "pm10_mean", "so2_mean", "no2_mean", "co_p95", "o3_p90")
GOOD, HEAVY, MEAN = "good_days", "heavy_days", "pm25_mean"


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the six items; `part` of the index and `share` of the largest part [percent]."""

    made: Comparison
    part: Fraction | None
    share: float
    main: bool

    @property
    def unit(self) -> str:
        return "mg/m3" if self.made.indicator.startswith("co_") else "ug/m3"


@dataclass(frozen=True, slots=True)
class Index:
    """The composite index; `main` and `missing` are comma lists of items."""

    now: Composite
    base: Composite
    change: Decimal | None
    main: str
    missing: str

    @property
    def edition(self) -> str:
        """The edition of the limits, in words."""
        return str(EDITIONS.get(self.now.edition, self.now.edition))


@dataclass(frozen=True, slots=True)
class CountyRow:
    """A county (or zone) in the table; `rank` is shared by equal values."""

    area: Area
    value: Decimal | None
    change: Decimal | None
    good: Decimal | None
    rank: int | None
    days: int


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of the chosen days."""

    first: date
    made: Comparison


@dataclass(frozen=True, slots=True)
class ClassRow:
    """How many days had an AQI of that class, now and a year before."""

    level: int
    now: int
    base: int | None


@dataclass(frozen=True, slots=True)
class Days:
    """What follows from closed days alone, and so is kept until the data change."""

    pm25: Comparison
    good: Comparison
    heavy: Comparison
    figures: tuple[Figure, ...]
    index: Index
    months: tuple[MonthRow, ...]
    classes: tuple[ClassRow, ...]
    untold: int
    untold_base: int | None
    counties: tuple[CountyRow, ...]
    without: int
    room: PM25Room | None
    season_pk: str

    @property
    def good_more(self) -> Decimal | None:
        """Good days more than a year before."""
        return _more(self.good)

    @property
    def heavy_more(self) -> Decimal | None:
        """Heavy-pollution days more than a year before."""
        return _more(self.heavy)


def days_of(area: Area, areas: Sequence[Area], span: Span) -> Days:
    """What follows from the closed days of the span."""
    first = min(span.last_year.start_on, span.days.start_on)
    ids = [one.id for one in areas]
    panel = panels.area_panel(ids, first, span.days.end_on)
    dust = dust_days()

    def made(indicator: str, point: str = area.id, period: Period = span.days) -> Comparison:
        last_year = same_period_last_year(period)
        return compare(panel, point, indicator, period, last_year, edition=played(period.end_on), dust=dust)

    index = _index(panel, area.id, span, dust)
    good = made(GOOD)
    levels = daily_aqi_panel(panel.select([area.id]), good.edition).level[0]
    now, base = (_counts(levels, panel, period) for period in (span.days, span.last_year))
    rows = _ranked(
        [(one, made(MEAN, one.id), made(GOOD, one.id)) for one in areas if one.kind != AreaKind.CITY]
    )
    return Days(
        made(MEAN),
        good,
        made(HEAVY),
        tuple(_figure(made(name), index.now) for name in _judged_by(span)),
        index,
        tuple(MonthRow(part.start_on, made(MEAN, period=part)) for part in _months(span.days)),
        tuple(ClassRow(level, now[level], base[level] if any(base[1:]) else None) for level in range(1, 7)),
        now[0],
        base[0] if any(base[1:]) else None,
        tuple(row for row in rows if row.value is not None),
        sum(row.value is None for row in rows),
        pm25_room(area, span.days.end_on),
        _season_pk(area, span),
    )


def _season_pk(area: Area, span: Span) -> str:
    """The recorded season mean that the figure leads to; empty for other days."""
    rows = published(
        Assessment.objects.filter(
            indicator=SEASON, subject_id=area.id, start_on=span.days.start_on, end_on=span.days.end_on
        )
    )
    return rows.values_list("pk", flat=True).first() or ""


def _more(made: Comparison) -> Decimal | None:
    now, base = made.now.value, made.base.value
    return None if now is None or base is None else now - base


def _months(period: Period) -> list[Period]:
    """The months of a period, the last one up to the period's end."""
    found = []
    start = period.start_on
    while start <= period.end_on:
        end = min(month(start).end_on, period.end_on)
        found.append(Period(start, end))
        start = date.fromordinal(end.toordinal() + 1)
    return found


def _counts(levels: np.ndarray, panel: DayPanel, period: Period) -> list[int]:
    """Days by class; place 0 counts those without one."""
    low = max((period.start_on - panel.first).days, 0)
    high = max((period.end_on - panel.first).days + 1, 0)
    found = np.bincount(levels[low:high], minlength=7)
    return [int(n) for n in found]


def _index(panel: DayPanel, point: str, span: Span, dust: DustDays) -> Index:
    edition = played(span.days.end_on)
    now = measure(panel, point, INDEX, span.days, edition=edition, dust=dust).composite
    if now is None:
        raise TypeError("the index is made of a composite")
    base = measure(panel, point, INDEX, span.last_year, edition=now.edition, dust=dust).composite or now
    change = compare(
        panel, point, INDEX, span.days, span.last_year, edition=edition, dust=dust
    ).change_percent
    return Index(now, base, change, _list(now.main) if not now.missing else "", _list(now.missing))


def _list(items: Sequence[ObservationKind]) -> str:
    return ",".join(item.value for item in items)


def _judged_by(span: Span) -> tuple[str, ...]:
    """The statistics of the index; of a year also those that it is judged by besides."""
    if span.code != YEAR:
        return STATISTICS
    on = span.days.end_on
    return tuple(dict.fromkeys([*STATISTICS, *annual_items(on, played(on))]))


def _figure(made: Comparison, index: Composite) -> Figure:
    if made.indicator not in STATISTICS:
        return Figure(made, None, 0.0, False)
    item = ObservationKind(made.indicator.rpartition("_")[0])
    part, most = index.parts.get(item), max(index.parts.values(), default=Fraction())
    share = float(100 * part / most) if part is not None and most else 0.0
    return Figure(made, part, round(share, 1), item in index.main)


def _ranked(rows: Sequence[tuple[Area, Comparison, Comparison]]) -> list[CountyRow]:
    """The lowest mean first; equal printed means share a rank; without enough valid days there is none."""
    values = sorted(
        made.now.value for _area, made, _good in rows if made.now.value is not None and made.now.enough
    )
    found = [
        CountyRow(
            area,
            made.now.value,
            made.change_percent,
            good.now.value,
            1 + values.index(made.now.value) if made.now.value is not None and made.now.enough else None,
            made.now.days_valid,
        )
        for area, made, good in rows
    ]
    return sorted(found, key=lambda row: (row.rank or len(found) + 1, row.area.id))
