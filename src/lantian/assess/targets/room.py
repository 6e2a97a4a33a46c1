"""Room to a target: what the days left may still average, how many good days are needed, how many heavy days are left.

The allowed mean of the days left (剩余日控制值) is R = (T N - sum of the valid days)/(N - n). A past day without a valid
value is dropped on both sides: N counts the days that are or can still become valid, because the mean that is judged in
the end is a mean of valid days. Such a day so stands at the cap itself, never at nought. `allowed_by_calendar` is the
same formula with every calendar day in N, shown beside it where the two differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from lantian.assess.dust import DustDays
from lantian.assess.indicator import fraction, measure
from lantian.assess.statistics import percentile
from lantian.assess.targets.counts import Tally, day_limits
from lantian.assess.targets.days import (
    Days,
    base_of,
    day_values,
    limit_of,
    past_periods,
    percent_of,
    rule,
    valid_values,
)
from lantian.assess.targets.ledger import (
    COUNTS,
    EMISSIONS,
    MEANS,
    PERCENTILES,
    Feasibility,
    Indicator,
    Root,
    Target,
    base_from_result,
    cap_of,
    days_needed,
    target_from_base,
    target_on,
    targets_of,
    targets_on,
)
from lantian.errors import StandardsError
from lantian.observe.panel import DayPanel
from lantian.periods import Period
from lantian.records import Footnote

__all__ = [
    "COUNTS",
    "EMISSIONS",
    "MEANS",
    "PERCENTILES",
    "Days",
    "Feasibility",
    "Indicator",
    "Room",
    "Root",
    "Target",
    "base_from_result",
    "base_of",
    "cap_of",
    "day_values",
    "days_needed",
    "published",
    "remaining_mean",
    "room",
    "room_of",
    "target_from_base",
    "target_on",
    "targets_of",
    "targets_on",
]


@dataclass(frozen=True, slots=True)
class Room:
    """Where a target stands after the day `on`, in the indicator's unit; fractions are exact.

    Days: `days` of the period = `done` valid + `missing` + `excluded` (dust) + `left`. For a mean: `allowed` with its
    printed floor `published`, `slack` = allowed - cap, `last_year` = mean of the same remaining dates a year before and
    `rest_change` [percent] from it to `allowed`, `best` = the least mean of those dates in all past years known.
    For counted days: `count` so far; good days: `good_days_needed` in all and `good_days_left` still to come;
    heavy days: `heavy_left` that may still come; percentiles: `over_left` days above the cap that may still come.
    `shortfall` is the least by which an unreachable target will be missed (in days or in the unit), with nought on
    every day left; `shortfall_at_best` the same with the best of past years. None where it does not apply.
    """

    target: Target
    on: date
    cap: Fraction | None
    days: int
    done: int
    missing: int
    excluded: int
    left: int
    mean_so_far: Fraction | None = None
    allowed: Fraction | None = None
    published: Decimal | None = None
    allowed_by_calendar: Fraction | None = None
    slack: Fraction | None = None
    last_year: Fraction | None = None
    rest_change: Fraction | None = None
    best: Fraction | None = None
    count: int | None = None
    good_days_needed: int | None = None
    good_days_left: int | None = None
    heavy_left: int | None = None
    over_left: int | None = None
    feasibility: Feasibility | None = None
    shortfall: Fraction | None = None
    shortfall_at_best: Fraction | None = None
    footnotes: tuple[Footnote, ...] = ()


def remaining_mean(
    cap: Fraction | Decimal, days: int, done: Iterable[Fraction | Decimal] | Fraction, n: int
) -> Fraction:
    """Mean that the remaining days may have, R = (T N - sum done)/(N - n); below nought the target is lost.

    `done` is the values of the n valid days so far, or their sum. StandardsError when no day remains.
    """
    if days <= n:
        raise StandardsError("no day of the period remains")
    spent = done if isinstance(done, Fraction) else sum((Fraction(value) for value in done), Fraction())
    return (Fraction(cap) * days - spent) / (days - n)


def published(value: Fraction, on: date, item: str = "all") -> Decimal:
    """The allowed mean as it is printed: rounded down."""
    places = rule("allowed_decimals", on, item).integer()
    return Decimal(floor(value * 10**places)).scaleb(-places)


@dataclass(frozen=True, slots=True)
class _Spent:
    """The days of a target: valid values so far, what was dropped and what is left."""

    values: list[Fraction]
    missing: int
    excluded: int
    ahead: tuple[date, ...]

    @property
    def days(self) -> tuple[int, int, int, int, int]:
        """All, valid, missing, excluded, left."""
        valid, left = len(self.values), len(self.ahead)
        return valid + self.missing + self.excluded + left, valid, self.missing, self.excluded, left


def _spent(target: Target, values: Days, on: date, excluded: Collection[date]) -> _Spent:
    past = [day for day in target.period if day <= on]
    dust = sum(day in excluded for day in past)
    known = valid_values(values, past, excluded)
    ahead = tuple(day for day in target.period if day > on)
    return _Spent(known, len(past) - dust - len(known), dust, ahead)


def _pasts(
    values: Days, ahead: tuple[date, ...], on: date, excluded: Collection[date]
) -> list[list[Fraction]]:
    """Valid values of the remaining dates in each past year that has enough of them."""
    if not ahead:
        return []
    cover = rule("outlook_cover", on).number()
    found = []
    for past in past_periods(Period(ahead[0], ahead[-1])):
        known = valid_values(values, past, excluded)
        found.append(known if len(known) * 100 >= cover * past.days else [])
    return found


def room(
    target: Target, panel: DayPanel, on: date, *, point: str | None = None, excluded: Collection[date] = ()
) -> Room:
    """Room to a target after the day `on` (included), from a panel that holds the area's days, past years too.

    `point` is the panel's row, the target's area unless given. `excluded` are dust days named by an outside list; they
    are left out where the target's dust mode says so. RuleError for an emission cap, which binds single days.
    """
    if target.indicator is Indicator.INDEX:
        return _index_room(target, panel, on, point or target.area, excluded)
    return room_of(target, day_values(target, panel, point), on, excluded)


def _index_room(target: Target, panel: DayPanel, on: date, point: str, excluded: Collection[date]) -> Room:
    """The composite index so far beside its cap: it is no sum of days, so nothing is said of the days left."""
    dust = DustDays({point: frozenset(excluded)} if target.dust_mode == "exclude" else {})
    edition = target.edition or None

    def index(period: Period) -> Fraction | None:
        return fraction(
            measure(panel, point, target.indicator, period, edition=edition, dust=dust).stat.exact
        )

    period, over = target.period, on >= target.period.end_on
    cap = cap_of(target, index(target.base_period) if target.value is None and target.base is None else None)
    past = Period(period.start_on, min(on, period.end_on)) if on >= period.start_on else None
    found = (
        None if past is None else measure(panel, point, target.indicator, past, edition=edition, dust=dust)
    )
    so_far = None if found is None else fraction(found.stat.exact)
    feasibility = None
    if over and cap is not None and so_far is not None:
        feasibility = Feasibility.MET if so_far <= cap else Feasibility.MISSED
    valid = 0 if found is None else found.stat.days_valid
    gone = 0 if past is None else past.days
    dusty = sum(day in dust.days.get(point, ()) for day in past) if past else 0
    return Room(
        target,
        on,
        cap,
        period.days,
        valid,
        gone - valid - dusty,
        dusty,
        period.days - gone,
        mean_so_far=so_far,
        feasibility=feasibility,
        shortfall=so_far - cap if feasibility is Feasibility.MISSED and so_far and cap else None,
        footnotes=(target.footnote, *(() if found is None else found.stat.footnotes)),
    )


def room_of(target: Target, values: Days, on: date, excluded: Collection[date] = ()) -> Room:
    """The same from one value per day (for counted days: the AQI)."""
    dust = frozenset(excluded) if target.dust_mode == "exclude" else frozenset()
    spent = _spent(target, values, on, dust)
    cap = cap_of(target, base_of(target, values, dust))
    pasts = _pasts(values, spent.ahead, on, dust)
    if target.indicator in MEANS:
        return _mean_room(target, on, cap, spent, pasts)
    return _count_room(target, on, cap, spent, pasts)


def _mean(values: list[Fraction]) -> Fraction | None:
    return sum(values, Fraction()) / len(values) if values else None


def _mean_room(
    target: Target, on: date, cap: Fraction | None, spent: _Spent, pasts: list[list[Fraction]]
) -> Room:
    n, left = len(spent.values), len(spent.ahead)
    total = sum(spent.values, Fraction())
    means = [mean for mean in map(_mean, pasts) if mean is not None]
    best, last = min(means, default=None), _mean(pasts[0]) if pasts else None
    allowed = by_calendar = shortfall = at_best = None
    feasibility: Feasibility | None = None
    if cap is not None and left:
        allowed = remaining_mean(cap, n + left, total, n)
        by_calendar = remaining_mean(cap, target.period.days, total, n)
        feasibility = _mean_word(allowed, cap, best)
        if allowed < 0:
            shortfall = total / (n + left) - cap
        if best is not None and allowed < best:
            at_best = (total + best * left) / (n + left) - cap
    elif cap is not None and n:
        feasibility = Feasibility.MET if total <= cap * n else Feasibility.MISSED
        shortfall = total / n - cap if total > cap * n else None
    return Room(
        target,
        on,
        cap,
        *spent.days,
        mean_so_far=_mean(spent.values),
        allowed=allowed,
        published=None if allowed is None else published(allowed, on, MEANS[target.indicator].value),
        allowed_by_calendar=by_calendar,
        slack=None if allowed is None or cap is None else allowed - cap,
        last_year=last,
        rest_change=None if allowed is None or allowed < 0 or not last else (allowed - last) / last * 100,
        best=best,
        feasibility=feasibility,
        shortfall=shortfall,
        shortfall_at_best=at_best,
        footnotes=(target.footnote, rule("allowed_decimals", on).footnote()),
    )


def _mean_word(allowed: Fraction, cap: Fraction, best: Fraction | None) -> Feasibility:
    if allowed < 0:
        return Feasibility.IMPOSSIBLE
    if best is not None and allowed < best:
        return Feasibility.OFF_TRACK
    return Feasibility.SLACK if allowed > cap else Feasibility.TIGHT


def _count_room(
    target: Target, on: date, cap: Fraction | None, spent: _Spent, pasts: list[list[Fraction]]
) -> Room:
    n, left = len(spent.values), len(spent.ahead)
    good = target.indicator in (Indicator.GOOD_DAYS, Indicator.GOOD_RATIO)
    count = limit = None
    feasibility: Feasibility | None = None
    short: tuple[Fraction | None, Fraction | None] = (None, None)
    if cap is not None or target.indicator in COUNTS:
        edge = limit_of(target, cap)

        def tally(values: list[Fraction]) -> int:
            return sum((value <= edge) == good for value in values)

        count = tally(spent.values)
        if cap is not None and n + left:
            limit, lost = day_limits(target, cap, n + left)
            judged = Tally(count, limit, lost, good)
            past = [tally(values) for values in pasts if values]
            feasibility, short = judged.word(left, n + left, past), judged.shortfall(left, past)
            if not left and target.indicator in PERCENTILES:
                kept = percentile(spent.values, percent_of(target.indicator)) <= cap
                feasibility = Feasibility.MET if kept else Feasibility.MISSED
                limit = max(limit, count) if kept else limit  # known now, no longer counted on the safe side
                short = None if kept else Fraction(count - limit), None
    room_left = None if limit is None or count is None else limit - count
    return Room(
        target,
        on,
        cap,
        *spent.days,
        count=count,
        good_days_needed=limit if good else None,
        good_days_left=None if room_left is None or not good else max(room_left, 0),
        heavy_left=room_left if target.indicator is Indicator.HEAVY_DAYS else None,
        over_left=room_left if target.indicator in PERCENTILES else None,
        feasibility=feasibility,
        shortfall=short[0],
        shortfall_at_best=short[1],
        footnotes=(target.footnote,),
    )
