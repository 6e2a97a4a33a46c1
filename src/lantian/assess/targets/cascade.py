"""The cascade in time: year and autumn-winter as two parallel roots, down to the day, recombining exactly.

Each root has a cap T for the mean of its valid days, so a budget of T x (valid days + days left) [unit x day]. What is
left of it is given to the days left in proportion to a profile (last year's same dates), by progressive filling: one
level for all days rises until a root's budget is used up; that root's days stay there and the others go on. So the
stricter root binds the days that both share, and the other gives its own days what remains. A root whose days were all
bound by a stricter one keeps an `unused` rest; one that cannot be kept has a negative one, its shortfall. Always:
done + allowed + unused = T x counted days, in exact fractions. Solving again after each day keeps that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from lantian.assess.targets.days import Days
from lantian.errors import DataError, PeriodError
from lantian.periods import Period, month, quarter, same_period_last_year, season, week, xun, year

__all__ = [
    "Cascade",
    "Part",
    "RootPlan",
    "RootTarget",
    "Step",
    "Summer",
    "ladder",
    "parts",
    "profile",
    "solve",
    "summer",
]


class Step(StrEnum):
    """Sizes of a part; all are sums of days."""

    DAY = "day"
    WEEK = "week"
    XUN = "xun"
    MONTH = "month"
    QUARTER = "quarter"
    WHOLE = "whole_period"


_RUNS: Mapping[Step, Callable[[date], Period]] = {
    Step.DAY: lambda day: Period(day, day),
    Step.WEEK: week,
    Step.XUN: xun,
    Step.MONTH: month,
    Step.QUARTER: quarter,
}


@dataclass(frozen=True, slots=True)
class RootTarget:
    """A root: its name, its period and the cap of its mean."""

    name: str
    period: Period
    cap: Fraction


@dataclass(frozen=True, slots=True)
class RootPlan:
    """A root solved. `budget` = cap x (`done_days` + `left`); `unused` = budget - done - allowed, below nought a shortfall.

    `level` is the allowed value of a day as a multiple of its profile on the days that this root itself binds; None
    where a stricter root binds them all.
    """

    root: RootTarget
    budget: Fraction
    done: Fraction
    done_days: int
    dropped: int
    left: int
    allowed: Fraction
    unused: Fraction
    level: Fraction | None

    @property
    def allowed_mean(self) -> Fraction | None:
        """Mean of the days left; None when no day is left."""
        return self.allowed / self.left if self.left else None


@dataclass(frozen=True, slots=True)
class Cascade:
    """All days of all roots after the day `on`: `done` holds the valid values so far, `allowed` those of the days left."""

    on: date
    roots: tuple[RootPlan, ...]
    done: Mapping[date, Fraction]
    allowed: Mapping[date, Fraction]
    profile: Mapping[date, Fraction]

    def root(self, name: str) -> RootPlan:
        """A root by its name. DataError when there is none."""
        for plan in self.roots:
            if plan.root.name == name:
                return plan
        raise DataError("no such root in the cascade", field=name)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of days. `shown` is the whole run, `booked` the days of it that the root counts (a week across an edge).

    `done` and `allowed` are sums [unit x day] over the booked days, `shown_sum` over every day shown that the cascade
    knows. `mean` is the mean of the part if the days left keep their allowance; `allowed_mean` that of its days left.
    """

    step: Step
    shown: Period
    booked: Period
    done: Fraction
    done_days: int
    dropped: int
    allowed: Fraction
    left: int
    shown_sum: Fraction

    @property
    def total(self) -> Fraction:
        """What the part adds to its root."""
        return self.done + self.allowed

    @property
    def mean(self) -> Fraction | None:
        """Mean over valid days and days left."""
        days = self.done_days + self.left
        return self.total / days if days else None

    @property
    def allowed_mean(self) -> Fraction | None:
        """Mean of the days left."""
        return self.allowed / self.left if self.left else None


def profile(values: Days, days: Iterable[date], step: Step = Step.XUN) -> Mapping[date, Fraction]:
    """Weight of each day: the mean, last year, of the part that it lies in (a xun, so that no single day decides).

    With `Step.DAY` the same date itself. A part without a valid day last year takes the mean of its month then, else of
    all days asked for; with no value at all every day weighs the same.
    """
    wanted = list(days)
    everything = _mean(_last_year(values, wanted))
    found: dict[date, Fraction] = {}
    known: dict[Period, Fraction | None] = {}
    for day in wanted:
        own = None
        for run in (_RUNS[step](day), month(day)):
            if run not in known:
                known[run] = _mean(_last_year(values, run))
            own = known[run]
            if own:
                break
        found[day] = own or everything or Fraction(1)
    return found


def _last_year(values: Days, days: Iterable[date]) -> list[Fraction]:
    dates = (same_period_last_year(Period(day, day)).start_on for day in days)
    return [value for day in dates if (value := values.get(day)) is not None]


def _mean(values: Sequence[Fraction]) -> Fraction | None:
    return sum(values, Fraction()) / len(values) if values else None


def solve(
    roots: Sequence[RootTarget],
    values: Days,
    on: date,
    weights: Mapping[date, Fraction] | None = None,
    excluded: Collection[date] = (),
) -> Cascade:
    """Share what is left of each root's budget among the days after `on`.

    `values` holds the valid days so far (and last year's, for the profile, unless `weights` are given). A past day
    without a value, or in `excluded`, is dropped from its roots. DataError for a weight that is not above nought.
    """
    union = sorted({day for root in roots for day in root.period})
    ahead = [day for day in union if day > on]
    weight = dict(profile(values, ahead) if weights is None else weights)
    if any(weight.get(day, Fraction()) <= 0 for day in ahead):
        raise DataError("every day left needs a weight above nought", field="profile")
    done = {
        day: value
        for day in union
        if day <= on and day not in excluded and (value := values.get(day)) is not None
    }
    budgets = {root: _budget(root, done, on) for root in roots}
    allowed, levels = _fill(roots, {root: budgets[root] - _sum(done, root) for root in roots}, ahead, weight)
    plans = tuple(_plan(root, budgets[root], done, allowed, levels.get(root), on) for root in roots)
    return Cascade(on, plans, MappingProxyType(done), MappingProxyType(allowed), MappingProxyType(weight))


def _budget(root: RootTarget, done: Mapping[date, Fraction], on: date) -> Fraction:
    counted = sum(1 for day in root.period if day > on or day in done)
    return root.cap * counted


def _sum(amounts: Mapping[date, Fraction], root: RootTarget) -> Fraction:
    return sum((amounts[day] for day in root.period if day in amounts), Fraction())


def _fill(
    roots: Sequence[RootTarget],
    budget: Mapping[RootTarget, Fraction],
    ahead: Sequence[date],
    weight: Mapping[date, Fraction],
) -> tuple[dict[date, Fraction], dict[RootTarget, Fraction]]:
    """Progressive filling: the root that is used up at the lowest level binds its free days there, then the next."""
    allowed: dict[date, Fraction] = {}
    levels: dict[RootTarget, Fraction] = {}
    waiting = list(roots)
    while waiting:
        reach: list[tuple[Fraction, int, RootTarget, list[date]]] = []
        for place, root in enumerate(waiting):
            free = [day for day in ahead if day in root.period and day not in allowed]
            heft = sum((weight[day] for day in free), Fraction())
            if heft:
                rest = budget[root] - _sum(allowed, root)
                reach.append((max(rest / heft, Fraction()), place, root, free))
        if not reach:
            break
        level, _, root, free = min(reach, key=lambda each: each[:2])
        allowed.update((day, level * weight[day]) for day in free)
        levels[root] = level
        waiting.remove(root)
    return allowed, levels


def _plan(
    root: RootTarget,
    budget: Fraction,
    done: Mapping[date, Fraction],
    allowed: Mapping[date, Fraction],
    level: Fraction | None,
    on: date,
) -> RootPlan:
    valid = sum(1 for day in root.period if day in done)
    left = sum(1 for day in root.period if day > on)
    spent, rest = _sum(done, root), _sum(allowed, root)
    dropped = root.period.days - valid - left
    return RootPlan(root, budget, spent, valid, dropped, left, rest, budget - spent - rest, level)


def parts(cascade: Cascade, name: str, step: Step) -> tuple[Part, ...]:
    """The parts of a root in order; their totals and its `unused` add up to its budget exactly."""
    whole = cascade.root(name).root.period
    if step is Step.WHOLE:
        return (_part(cascade, step, whole, whole),)
    found, day = [], whole.start_on
    while day <= whole.end_on:
        shown = _RUNS[step](day)
        booked = Period(max(shown.start_on, whole.start_on), min(shown.end_on, whole.end_on))
        found.append(_part(cascade, step, shown, booked))
        day = booked.end_on + timedelta(days=1)
    return tuple(found)


def _part(cascade: Cascade, step: Step, shown: Period, booked: Period) -> Part:
    done = [cascade.done[day] for day in booked if day in cascade.done]
    ahead = [cascade.allowed[day] for day in booked if day in cascade.allowed]
    known = {**cascade.done, **cascade.allowed}
    return Part(
        step,
        shown,
        booked,
        sum(done, Fraction()),
        len(done),
        booked.days - len(done) - len(ahead),
        sum(ahead, Fraction()),
        len(ahead),
        sum((known[day] for day in shown if day in known), Fraction()),
    )


def ladder(cascade: Cascade, name: str) -> tuple[Part, ...]:
    """The day after `on` and the week, xun, month, quarter and root that it lies in; nothing when the root is over."""
    whole = cascade.root(name).root.period
    day = max(cascade.on + timedelta(days=1), whole.start_on)
    if day not in whole:
        return ()
    return tuple(next(part for part in parts(cascade, name, step) if day in part.booked) for step in Step)


@dataclass(frozen=True, slots=True)
class Summer:
    """What the summer days left must average so that the coming autumn-winter days of the year keep their room.

    `reserve` is what October to December take [unit x day] and `reserve_mean` its mean: the season's own cap shared by
    profile, or last year's same dates (`from_season` False). `needed` is the mean that leaves the reserve whole and
    `in_proportion` the one if every day were cut alike; `last_year` is last year's mean of those summer days. One unit
    less over the summer days left gives each autumn-winter day `gain` units more.

    Before April: `spring` days are left until the summer and are counted at `spring_mean`, what the year leaves them or,
    where the season still running allows less, that (`running_binds`; None when no cap of that season is known). A
    season that is lost already binds nothing: nobody can expect days of nought.
    """

    days: Period
    left: int
    reserve: Fraction
    reserve_mean: Fraction
    from_season: bool
    needed: Fraction
    in_proportion: Fraction
    last_year: Fraction | None
    gain: Fraction
    spring: int
    spring_mean: Fraction | None
    running_binds: bool | None


def summer(
    year_root: RootTarget,
    season_root: RootTarget | None,
    values: Days,
    on: date,
    excluded: Collection[date] = (),
    running: RootTarget | None = None,
) -> Summer:
    """The summer requirement on the day `on`, seen from the year's root.

    The season is the one that begins in that year; without a target for it, its days are expected as last year.
    `running` is the season that ends in the year: until March its cap binds the spring days left, where it is stricter.
    It may also be given as `season_root` while it runs. PeriodError when the roots are not such a year and seasons, or
    no summer day (before October) is left.
    """
    whole = year_root.period
    if whole != year(whole.start_on):
        raise PeriodError(f"{year_root.name} is no calendar year")
    winter, ending = season(whole.end_on), season(whole.start_on)
    if running is None and season_root is not None and season_root.period == ending and on < ending.end_on:
        season_root, running = None, season_root
    if running is not None and running.period != ending:
        raise PeriodError(f"{running.name} is not the season that ends in {whole.end_on.year}")
    if season_root is not None and season_root.period != winter:
        raise PeriodError(f"{season_root.name} is not the season that begins in {whole.end_on.year}")
    shared = Period(winter.start_on, whole.end_on)
    first = max(on + timedelta(days=1), whole.start_on.replace(month=4, day=1))
    if first >= shared.start_on:
        raise PeriodError(f"no summer day of {whole.start_on.year} is left after {on}")
    ahead = Period(first, shared.start_on - timedelta(days=1))
    alone = solve([year_root], values, on, excluded=excluded)
    plan = alone.roots[0]
    before = [day for day in whole if on < day < first]  # days of the first quarter still to come
    heft = alone.profile
    if season_root is None:
        lasts = _last_year(values, shared)
        mean = _mean(lasts) or year_root.cap
        reserve = mean * shared.days
    else:
        own = solve([season_root], values, on, excluded=excluded)
        reserve = sum((own.allowed[day] for day in shared), Fraction())
    rest = plan.budget - plan.done - reserve
    spring = sum((heft[day] for day in before), Fraction())
    mass = sum((heft[day] for day in ahead), Fraction())
    share, binds = rest * spring / (spring + mass), None
    if before and running is not None:
        ends = solve([running], values, on, excluded=excluded).roots[0]
        binds = ends.unused >= 0 and ends.allowed < share
        share = ends.allowed if binds else share
    return Summer(
        ahead,
        ahead.days,
        reserve,
        reserve / shared.days,
        season_root is not None,
        (rest - share) / ahead.days,
        sum((alone.allowed[day] for day in ahead), Fraction()) / ahead.days,
        _mean(_last_year(values, ahead)),
        Fraction(ahead.days, shared.days),
        len(before),
        share / len(before) if before else None,
        binds,
    )
