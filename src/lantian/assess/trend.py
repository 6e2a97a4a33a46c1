"""Is the air of a place getting better over the years? Theil-Sen line of monthly means, with interval and significance.

The season is taken out first, by calendar month, with the trend held apart so that it is not taken out with it. The
interval is Sen's (1968) by ranks, significance is Mann-Kendall's; both use a variance of the rank sum that is widened
for autocorrelation between months (Yue & Wang 2004, lag 1, never narrowed) and for the calendar months fitted. Too few
months are answered "cannot tell", never with a line. Gases are brought to the reference state of the last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import erfc, nan, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lantian.assess.indicator import Caveat, natural_edition, one_state
from lantian.errors import DataError
from lantian.observe.panel import DayPanel, Floats
from lantian.periods import Period
from lantian.records import Footnote, ObservationKind
from lantian.standards import Row, in_force

__all__ = ["Direction", "SenLine", "Trend", "TrendReason", "monthly_means", "sen_line", "trend", "unseasoned"]

LEVEL = 0.95
"""Level of the interval; its complement is where a change counts as told from noise."""

MIN_MONTHS = 36
"""With fewer, twelve calendar months are fitted to less than three values each: the season and a trend mix."""

_YEAR = 12
_FEBRUARY = 2


class Direction(StrEnum):
    """What the months say."""

    FALLING = "falling"
    RISING = "rising"
    NO_TREND = "no_trend"  # the interval holds nought
    CANNOT_TELL = "cannot_tell"


class TrendReason(StrEnum):
    """Why a trend cannot be told."""

    TOO_FEW_MONTHS = "too_few_months"
    MONTH_NEVER_SEEN = "month_never_seen"  # some calendar month has fewer than two values


@dataclass(frozen=True, slots=True)
class SenLine:
    """Slope and interval per step of x, intercept at x = 0, Mann-Kendall's two-sided p, variance factor used."""

    slope: float
    low: float
    high: float
    intercept: float
    p: float
    widened: float


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """Months of one place and item. Slope and interval per year, in the item's unit; None when it cannot be told.

    `means` are monthly means as measured, `adjusted` without the season (both NaN where a month has too few days);
    `line` is the fitted value at the first and at the last month. `percent` is the slope against the line's start.
    """

    point: str
    kind: ObservationKind
    months: tuple[date, ...]
    means: Floats
    adjusted: Floats
    months_valid: int
    direction: Direction
    reason: TrendReason | None
    slope: float | None
    low: float | None
    high: float | None
    percent: float | None
    p: float | None
    line: tuple[float, float] | None
    widened: float | None
    caveats: tuple[Caveat, ...]
    footnotes: tuple[Footnote, ...]


def _needed(kind: ObservationKind, on: date, scope: str) -> Row:
    """Days that a monthly mean needs; an item that the rules do not name takes the row of PM2.5."""
    edition = natural_edition("pm25", on)
    rows = in_force("data_validity", on, edition, statistic="mean", period="year", scope=scope)
    own = [row for row in rows if row.text("item") == kind.value]
    return next(iter(own), next(row for row in rows if row.text("item") == ObservationKind.PM25.value))


def monthly_means(
    values: Floats, first: date, kind: ObservationKind
) -> tuple[tuple[date, ...], Floats, tuple[Footnote, ...]]:
    """First days of the months, their plain means of the days [days] from `first` on, and the rules used.

    NaN where a month has fewer days than the rules in force in it ask (GB 3095 Table 4).
    """
    days = len(values)
    offsets = np.arange(days)
    stamps = np.datetime64(first, "D") + offsets
    numbers = stamps.astype("datetime64[M]").astype(np.int64)
    at = numbers - numbers[0] if days else numbers
    known = ~np.isnan(values)
    count = np.bincount(at, weights=known.astype(float))
    total = np.bincount(at, weights=np.where(known, values, 0.0))
    starts = tuple(date(1970 + int(n) // _YEAR, int(n) % _YEAR + 1, 1) for n in np.unique(numbers))
    notes: dict[str, Footnote] = {}
    least = np.empty(len(starts))
    for place, start in enumerate(starts):
        row = _needed(kind, start, "february" if start.month == _FEBRUARY else "month")
        notes.setdefault(row.footnote().key, row.footnote())
        least[place] = row.integer()
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(count >= least, total / count, nan)
    return starts, means, tuple(notes.values())


def _pairs(x: Floats, y: Floats, same_month: bool = False) -> Floats:
    """Slopes of all pairs of points; only of pairs whole years apart with `same_month`."""
    low, high = np.triu_indices(len(x), 1)
    run = x[high] - x[low]
    keep = run % _YEAR == 0 if same_month else run != 0
    slopes: Floats = (y[high] - y[low])[keep] / run[keep]
    return slopes


def unseasoned(x: Floats, y: Floats) -> Floats:
    """The values y at whole months x without their calendar-month pattern, around the same mean level.

    The pattern is a factor per calendar month, since a season swings with the level of the air (a difference where a
    value is not above nought). The median of slopes between equal calendar months is held apart while it is taken, so
    that the trend does not become part of the season.
    """
    by_factor = bool((y > 0).all())
    seen = np.log(y) if by_factor else y
    rest = seen - float(np.median(_pairs(x, seen, same_month=True))) * x
    calendar = (x % _YEAR).astype(np.int64)
    count = np.bincount(calendar, minlength=_YEAR)
    pattern = np.bincount(calendar, weights=rest, minlength=_YEAR) / np.maximum(count, 1)
    adjusted: Floats = seen - pattern[calendar]
    if by_factor:
        adjusted = np.exp(adjusted)
        adjusted *= y.mean() / adjusted.mean()
    else:
        adjusted += y.mean() - adjusted.mean()
    return adjusted


def _lag_one(x: Floats, rest: Floats) -> float:
    """Correlation of neighbouring months of what the line leaves, freed of its small-sample bias; 0 when negative."""
    after = np.flatnonzero(np.diff(x) == 1)
    centred = rest - rest.mean()
    spread = float(np.mean(centred**2))
    if not spread or len(after) < 3:
        return 0.0
    n = len(after)
    r = float(np.mean(centred[after] * centred[after + 1])) / spread
    return min(max((n * r + 1) / (n - 4) if n > 4 else r, 0.0), 0.9)


def sen_line(x: Floats, y: Floats, fitted: int = 0) -> SenLine:
    """Theil-Sen line of points in order of x (no NaN), with the interval at LEVEL.

    `fitted` parameters were taken out of y before: the variance is widened by n / (n - fitted). DataError below three
    points.
    """
    n = len(x)
    if n < 3:
        raise DataError(f"a line needs three points, there are {n}")
    slopes = np.sort(_pairs(x, y))
    slope = float(np.median(slopes))
    rest = y - slope * x
    r = _lag_one(x, rest)
    lags = np.arange(1, n)
    widened = 1 + 2 * float(np.sum((1 - lags / n) * r**lags))
    widened *= n / (n - fitted) if n > fitted else 1.0
    ties = np.unique(y, return_counts=True)[1].astype(float)
    variance = (n * (n - 1) * (2 * n + 5) - float(np.sum(ties * (ties - 1) * (2 * ties + 5)))) / 18
    error = sqrt(max(variance, 0.0) * widened)
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    pairs = len(slopes)
    below = (pairs - z * error) / 2
    low = slopes[max(int(np.floor(below)) - 1, 0)]
    high = slopes[min(int(np.ceil(pairs - below)), pairs - 1)]
    score = float(np.sum(np.sign(slopes)))
    z_score = (abs(score) - 1) / error if error and score else 0.0
    return SenLine(
        slope, float(low), float(high), float(np.median(rest)), erfc(max(z_score, 0.0) / sqrt(2)), widened
    )


def _untold(x: NDArray[np.int64]) -> TrendReason | None:
    if len(x) < MIN_MONTHS:
        return TrendReason.TOO_FEW_MONTHS
    seen = np.bincount(x % _YEAR, minlength=_YEAR)
    return TrendReason.MONTH_NEVER_SEEN if seen.min() < 2 else None


def _direction(line: SenLine) -> Direction:
    if line.p >= 1 - LEVEL or line.low <= 0 <= line.high:
        return Direction.NO_TREND
    return Direction.FALLING if line.slope < 0 else Direction.RISING


def trend(panel: DayPanel, point: str, kind: ObservationKind, period: Period | None = None) -> Trend:
    """The trend of one item at one place over the whole panel, or over the days of `period`.

    DataError when the place is not in the panel or the panel has no day.
    """
    cut = panel.select([point])
    cut = cut.between(period) if period else cut
    if not cut.days:
        raise DataError("no day to take a trend of", field=point)
    cut, caveats = one_state(cut, [Period(cut.first, cut.last)], cut.last, [kind])
    starts, means, notes = monthly_means(cut.of(kind)[0], cut.first, kind)
    known = np.flatnonzero(~np.isnan(means))
    adjusted = np.full(len(means), nan)
    offset = starts[0].month - 1
    reason = _untold(known + offset)
    if reason is not None:
        return Trend(
            point, kind, starts, means, adjusted, len(known), Direction.CANNOT_TELL, reason,
            None, None, None, None, None, None, None, caveats, notes,
        )  # fmt: skip
    x = (known + offset).astype(np.float64)
    y = unseasoned(x, means[known])
    adjusted[known] = y
    line = sen_line(x, y, fitted=_YEAR)
    ends = tuple(line.intercept + line.slope * at for at in (offset, offset + len(means) - 1))
    per_year = [number * _YEAR for number in (line.slope, line.low, line.high)]
    percent = per_year[0] / ends[0] * 100 if ends[0] > 0 else None
    return Trend(
        point, kind, starts, means, adjusted, len(known), _direction(line), None,
        per_year[0], per_year[1], per_year[2], percent, line.p, (ends[0], ends[1]), line.widened, caveats, notes,
    )  # fmt: skip
