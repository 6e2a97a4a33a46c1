"""The days of a season, the hours of a week, the hours of areas: data of pictures, without any drawing.

NaN is a missing value and stays one; nothing is filled in or smoothed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lantian.assess.engine import daily_aqi_panel, primary_of
from lantian.errors import DataError
from lantian.observe.panel import DayPanel, Floats, HourPanel
from lantian.periods import Period, at, same_period_last_year
from lantian.records import ObservationKind

__all__ = [
    "Calendar",
    "CalendarDay",
    "HeatMap",
    "LEAST_WEEKS",
    "Profile",
    "SeasonLine",
    "calendar",
    "heat_map",
    "season_line",
    "week_profile",
]

LEAST_WEEKS = 6
"""With fewer whole or part weeks the profile has no interval."""

_HOURS = 24
_DAYS = 7
_DRAWS = 1000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day: AQI and class (0 without an AQI), the value drawn beside it, primary pollutants."""

    on: date
    aqi: int | None
    level: int
    primary: tuple[ObservationKind, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a period by AQI class; `counts` has the days of each class from 0 (no AQI) to 6."""

    point: str
    period: Period
    days: tuple[CalendarDay, ...]
    counts: tuple[int, ...]
    edition: str


def calendar(panel: DayPanel, point: str, period: Period, edition: str | None = None) -> Calendar:
    """AQI class of every day of the period, each under its own edition or under `edition`."""
    cut = panel.select([point]).between(period)
    found = daily_aqi_panel(cut, edition)
    days = tuple(
        CalendarDay(
            on,
            int(found.aqi[0, n]) if found.level[0, n] else None,
            int(found.level[0, n]),
            primary_of(int(found.primary[0, n])),
        )
        for n, on in enumerate(period)
    )
    counts = np.bincount(found.level[0].astype(np.int64), minlength=7)
    return Calendar(point, period, days, tuple(int(count) for count in counts), found.edition)


@dataclass(frozen=True, slots=True, eq=False)
class SeasonLine:
    """Mean since the first day, day by day, of this season and of the last, against what may be.

    All arrays have one number per day of `period`: `daily` the day values, `now` their mean so far (NaN after `on`),
    `before` the mean so far of the same days a year earlier; `low`, `middle`, `high` are where the mean so far would run
    if the rest of the season ended at the outlook (NaN up to `on` and without one). `cap` is what the whole season may
    reach, `allowed` the mean that the days after `on` may have.
    """

    point: str
    kind: ObservationKind
    period: Period
    on: date
    daily: Floats
    now: Floats
    before: Floats
    low: Floats
    middle: Floats
    high: Floats
    cap: float | None
    allowed: float | None


def _so_far(values: Floats) -> Floats:
    """Mean of the known values up to each place; NaN before the first one."""
    count = np.cumsum(~np.isnan(values))
    with np.errstate(invalid="ignore"):
        return np.nancumsum(values) / np.where(count, count, np.nan)


def _year_before(panel: DayPanel, kind: ObservationKind, period: Period) -> Floats:
    """Values of the same dates a year earlier; 29 February takes none of its own."""
    whole = same_period_last_year(period)
    row = panel.between(whole).of(kind)[0]
    found = np.full(period.days, np.nan)
    for n, day in enumerate(period):
        if (day.month, day.day) != (2, 29):
            found[n] = row[(day.replace(year=day.year - 1) - whole.start_on).days]
    return found


def season_line(
    panel: DayPanel,
    point: str,
    kind: ObservationKind,
    period: Period,
    on: date,
    *,
    cap: Decimal | Fraction | float | None = None,
    allowed: Decimal | Fraction | float | None = None,
    outlook: tuple[float, float, float] | None = None,
) -> SeasonLine:
    """The line of a season up to the day `on`; `outlook` is the lowest, middle and highest mean it may end with.

    DataError when there is no such point.
    """
    cut = panel.select([point])
    daily = cut.between(period).of(kind)[0].copy()
    done = (on - period.start_on).days + 1
    daily[max(done, 0) :] = np.nan
    now = _so_far(daily)
    now[max(done, 0) :] = np.nan
    bands = [np.full(period.days, np.nan) for _ in range(3)]
    known = int((~np.isnan(daily)).sum())
    left = period.days - done
    if outlook is not None and done > 0 and left > 0 and known:
        total = float(np.nansum(daily))
        ahead = np.arange(1, left + 1)
        for band, end in zip(bands, outlook, strict=True):
            rest = (end * (known + left) - total) / left
            band[done - 1] = now[done - 1]
            band[done:] = (total + rest * ahead) / (known + ahead)
    return SeasonLine(
        point,
        kind,
        period,
        on,
        daily,
        now,
        _so_far(_year_before(cut, kind, period)),
        bands[0],
        bands[1],
        bands[2],
        None if cap is None else float(cap),
        None if allowed is None else float(allowed),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Means of one item by hour of the week, with the interval that resampling whole weeks gives.

    Each of `week` [7, 24] (Monday first), `hour` [24] and `weekday` [7] stands as three arrays: mean, low, high. Low and
    high are NaN with fewer than LEAST_WEEKS weeks. `weeks` counts weeks with any value, `hours` the hours used.
    """

    point: str
    kind: ObservationKind
    period: Period
    week: tuple[Floats, Floats, Floats]
    hour: tuple[Floats, Floats, Floats]
    weekday: tuple[Floats, Floats, Floats]
    weeks: int
    hours: int
    missing: int


def _profile(total: Floats, count: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, low and high of cells from week sums and counts [weeks, cells], weights [draws, weeks]."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total.sum(axis=0) / count.sum(axis=0)
        if not len(weights):
            return mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)
        drawn = (weights @ total) / (weights @ count)
    ends = ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)
    low, high = np.quantile(np.where(np.isnan(drawn), mean, drawn), ends, axis=0)
    return mean, low, high


def week_profile(
    panel: HourPanel, point: str, kind: ObservationKind, period: Period | None = None, seed: int = 0
) -> Profile:
    """Means by weekday and hour over the panel or a period; the interval is 95 %, by resampling whole weeks.

    Whole weeks are drawn because neighbouring hours and days are alike: an interval over single hours would be too
    narrow. DataError when there is no such point.
    """
    if period is None and not panel.days:
        raise DataError("no hour to draw a profile of", field=point)
    span = period or Period(panel.first, panel.first + timedelta(days=panel.days - 1))
    row = panel.of(kind)[panel.row(point)]
    lead = span.start_on.weekday()
    weeks = -(-(lead + span.days) // _DAYS)
    grid = np.full(weeks * _DAYS * _HOURS, np.nan)
    shift = ((span.start_on - panel.first).days) * _HOURS
    part = row[max(shift, 0) : max(shift + span.days * _HOURS, 0)]
    begin = lead * _HOURS + max(-shift, 0)
    grid[begin : begin + len(part)] = part
    cells = grid.reshape(weeks, _DAYS, _HOURS)
    known = ~np.isnan(cells)
    seen = known.any(axis=(1, 2))
    total, count = np.where(known, cells, 0.0)[seen], known[seen].astype(np.float64)
    n = int(seen.sum())
    draws = np.zeros((0, n))
    if n >= LEAST_WEEKS:
        draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=_DRAWS).astype(np.float64)
    week = _profile(total.reshape(n, -1), count.reshape(n, -1), draws)
    hours = int(known.sum())
    return Profile(
        point,
        kind,
        span,
        (week[0].reshape(_DAYS, _HOURS), week[1].reshape(_DAYS, _HOURS), week[2].reshape(_DAYS, _HOURS)),
        _profile(total.sum(axis=1), count.sum(axis=1), draws),
        _profile(total.sum(axis=2), count.sum(axis=2), draws),
        n,
        hours,
        span.days * _HOURS - hours,
    )


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """Values of areas by hour [areas, columns]. `starts` are the hours' local starts, or None when `values` are
    means by hour of the day over the period (24 columns). `missing` counts each area's hours without a value.
    """

    kind: ObservationKind
    period: Period
    points: tuple[str, ...]
    starts: tuple[datetime, ...] | None
    values: Floats
    missing: NDArray[np.int64]


def heat_map(
    panel: HourPanel, points: Sequence[str], kind: ObservationKind, period: Period, fold: bool = False
) -> HeatMap:
    """Hours of some areas in their order; with `fold` the mean of each hour of the day over the period.

    DataError when there is no such area, or none is asked for.
    """
    if not points:
        raise DataError("no area to draw")
    rows = panel.select(points).of(kind)
    low = (period.start_on - panel.first).days * _HOURS
    cut = np.full((len(points), period.days * _HOURS), np.nan)
    part = rows[:, max(low, 0) : max(low + cut.shape[1], 0)]
    begin = max(-low, 0)
    cut[:, begin : begin + part.shape[1]] = part
    missing = np.isnan(cut).sum(axis=1)
    if not fold:
        begin_at = at(period.start_on, 0)
        starts = tuple(begin_at + timedelta(hours=n) for n in range(cut.shape[1]))
        return HeatMap(kind, period, tuple(points), starts, cut, missing)
    days = cut.reshape(len(points), period.days, _HOURS)
    count = (~np.isnan(days)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        folded = np.nansum(days, axis=1) / np.where(count, count, np.nan)
    return HeatMap(kind, period, tuple(points), None, folded, missing)
