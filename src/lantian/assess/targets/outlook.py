"""What a forecast would do to a target, and how likely the target is to be reached.

The method of the probability, in order:
1. the valid days so far are kept as they are;
2. the days left are drawn in blocks from the same dates of past years, each block beginning up to some days earlier or
   later, so that episodes stay whole and the season's course is kept; a day missing there is no outcome: a known day
   of the same dates of any past year is drawn in its place;
3. a drawn season is scaled by this period's anomaly: the mean so far over that of the same dates of the past years,
   raised to n/(n + shrink), because a winter's first months say little about its last; and by a random level, which
   stands for what blocks do not show: one year differs from another as a whole, and few past years are an uncertain
   measure of what is usual;
4. the probability is the share of drawn periods that keep the target.
The parameters are rows of `target_rules`. It is a statement on weather as it was and emissions as they are now; it knows
no measure that is still to come. With too few past years the answer is None: cannot tell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import takewhile
from math import ceil, exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from lantian.assess.targets.days import (
    Days,
    base_of,
    limit_of,
    past_periods,
    percent_of,
    rule,
    valid_values,
)
from lantian.assess.targets.ledger import COUNTS, MEANS, Indicator, Target, cap_of
from lantian.assess.targets.room import Feasibility, Room, room_of
from lantian.periods import Period
from lantian.records import Footnote
from lantian.standards import table

__all__ = [
    "Draws",
    "Forecasted",
    "Outlook",
    "Skill",
    "Unsaid",
    "draw",
    "probability",
    "reached",
    "skill_of",
    "with_forecast",
]

Floats = NDArray[np.float64]
DECIDED = {Feasibility.MET: 1.0, Feasibility.MISSED: 0.0, Feasibility.IMPOSSIBLE: 0.0}
BAND = (10, 50, 90)  # percent of the draws below the low, middle and high outcome


@dataclass(frozen=True, slots=True)
class Forecasted:
    """A target if the next `days` days come as forecast: their mean beside what was allowed, and the room after them."""

    days: int
    mean: Fraction | None
    before: Room
    after: Room


class Unsaid(StrEnum):
    """Why there is no probability."""

    NO_CAP = "no_cap_known"
    FEW_YEARS = "few_past_years"
    NO_DATA = "no_valid_day"  # the period is over and nothing in it is known


@dataclass(frozen=True, slots=True)
class Skill:
    """Method card: what the back-test found with so many days left (Brier score, and that of the past years as they were).

    `proven` only where the method beat the past years in every season tested.
    """

    left_from: int
    left_to: int
    cases: int
    brier: Decimal
    climatology: Decimal
    proven: bool
    footnote: Footnote


@dataclass(frozen=True, slots=True)
class Outlook:
    """Probability (0 to 1) that the target is reached; None with the reason in `unsaid`.

    `low`, `middle`, `high` are the outcomes (mean, percentile or number of days) below which 10, 50 and 90 % of the
    drawn periods end. `anomaly` is the factor applied, `years` how many past years were drawn from. `skill` is the
    method card; None says that the method was never tested for this indicator with so many days left.
    """

    target: Target
    on: date
    probability: float | None
    unsaid: Unsaid | None
    low: float | None
    middle: float | None
    high: float | None
    anomaly: float | None
    years: int
    draws: int
    seed: int
    skill: Skill | None
    footnotes: tuple[Footnote, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Outcomes of the drawn periods, the anomaly applied and the number of past years."""

    outcomes: Floats
    anomaly: float
    years: int


def skill_of(target: Target, left: int) -> Skill | None:
    """The method card for an indicator with so many days left; None where nothing was tested."""
    for row in table("outlook_skill"):
        low, high = row.integer("left_from"), row.integer("left_to")
        if row["indicator"] == target.indicator and low <= left <= high:
            scores = row.number("brier"), row.number("climatology")
            return Skill(low, high, row.integer("cases"), *scores, row["proven"] == "yes", row.footnote())
    return None


def with_forecast(
    target: Target, values: Days, on: date, forecast: Days, excluded: Collection[date] = ()
) -> Forecasted:
    """Take the forecast days that follow `on` without a gap as if they had come, and tell the room after them.

    `forecast` holds the same quantity as `values` (see `day_values`). Errors of the forecast are not in it.
    """
    coming = (on + timedelta(days=n) for n in range(1, (target.period.end_on - on).days + 1))
    told = list(takewhile(lambda day: forecast.get(day) is not None, coming))
    known = valid_values(forecast, [day for day in told if day in target.period])
    mean = sum(known, Fraction()) / len(known) if known else None
    then = {**values, **{day: forecast[day] for day in told}}
    before = room_of(target, values, on, excluded)
    return Forecasted(
        len(told), mean, before, room_of(target, then, on + timedelta(days=len(told)), excluded)
    )


def _line(values: Days, first: date, days: int, until: date, dust: Collection[date]) -> Floats:
    """Values from `first` on as an array; NaN where not valid, excluded or after `until`."""
    found = np.full(days, np.nan)
    for n in range(min(days, (until - first).days + 1)):
        day = first + timedelta(days=n)
        value = values.get(day)
        if value is not None and day not in dust:
            found[n] = float(value)
    return found


def draw(
    target: Target,
    values: Days,
    on: date,
    seed: int,
    dust: Collection[date] = (),
    years_min: int | None = None,
) -> Draws | None:
    """Draw how the period may end; None with too few past years. `years_min` stands before the rule's (back-tests)."""
    ahead = Period(max(on + timedelta(days=1), target.period.start_on), target.period.end_on)
    cover, window = float(rule("outlook_cover", on).number()) / 100, rule("outlook_window", on).integer()
    pads, now = [], _line(values, target.period.start_on, target.period.days - ahead.days, on, dust)
    past_now = []
    befores = past_periods(Period(target.period.start_on, ahead.start_on)) if len(now) else ()
    so_far = iter(befores)
    for past in past_periods(ahead):
        line = _line(values, past.start_on - timedelta(days=window), ahead.days + 2 * window, on, dust)
        same = _line(values, next(so_far).start_on, len(now), on, dust) if len(now) else now
        inner = line[window : window + ahead.days]
        if np.isfinite(inner).mean() >= cover:
            pads.append(line)
            past_now.append(np.where(np.isfinite(now), same, np.nan))
    if len(pads) < (rule("outlook_years_min", on).integer() if years_min is None else years_min):
        return None
    random = np.random.default_rng(seed)
    count = rule("outlook_draws", on).integer()
    rest = _blocks(random, np.stack(pads), count, ahead.days, window, rule("outlook_block", on).integer())
    anomaly = _anomaly(now, np.stack(past_now), on)
    level = anomaly * _levels(random, rest, len(pads), float(rule("outlook_year_spread", on).number()) / 100)
    return Draws(_outcomes(target, now, rest * level[:, None]), anomaly, len(pads))


def _blocks(
    random: np.random.Generator, pads: Floats, count: int, days: int, window: int, block: int
) -> Floats:
    """[count, days] values: each block from one past year [years, days + 2 window], moved by at most `window` days.

    Every value is that of a known day: what falls on a gap is drawn again.
    """
    blocks = ceil(days / block)
    year = np.repeat(random.integers(len(pads), size=(count, blocks)), block, axis=1)[:, :days]
    move = np.repeat(random.integers(2 * window + 1, size=(count, blocks)), block, axis=1)[:, :days]
    drawn: Floats = pads[year, np.arange(days) + move]
    gaps = np.isnan(drawn)
    for day in np.flatnonzero(gaps.any(axis=0)):
        near = pads[:, day : day + 2 * window + 1]
        known = near[np.isfinite(near)]
        if not len(known):  # no past year knows any of these dates
            known = pads[np.isfinite(pads)]
        drawn[gaps[:, day], day] = random.choice(known, int(gaps[:, day].sum()))
    return drawn


def _anomaly(now: Floats, past: Floats, on: date) -> float:
    """The mean so far over that of the same dates of the past years [years, days], shrunk towards 1."""
    both = np.isfinite(now) & np.isfinite(past).any(axis=0)
    n = int(both.sum())
    usual = float(np.nanmean(past[:, both])) if n else 0.0
    if usual <= 0 or now[both].mean() <= 0:
        return 1.0
    belief = n / (n + float(rule("outlook_shrink", on).number()))
    return exp(belief * log(float(now[both].mean()) / usual))


def _levels(random: np.random.Generator, rest: Floats, years: int, spread: float) -> Floats:
    """One random level per draw: a year's own (`spread`) and the error of a usual year told by so few (`years`)."""
    drawn = rest.mean(axis=1)
    sampling = float(drawn.std() / drawn.mean()) if drawn.mean() > 0 else 0.0
    sigma = sqrt(spread**2 * (1 + 1 / years) + sampling**2 / years)
    levels: Floats = np.exp(sigma * random.standard_normal(len(rest)) - sigma * sigma / 2)
    return levels


def _outcomes(target: Target, now: Floats, rest: Floats) -> Floats:
    """Mean, percentile or number of days at the period's end, from the valid days so far and the drawn rest."""
    known = now[np.isfinite(now)]
    whole = np.concatenate([np.broadcast_to(known, (len(rest), len(known))), rest], axis=1)
    if target.indicator in MEANS:
        means: Floats = whole.mean(axis=1)
        return means
    if target.indicator in COUNTS:
        edge, good = float(limit_of(target, None)), target.indicator is not Indicator.HEAVY_DAYS
        days = ((whole <= edge) == good).sum(axis=1)
        counted: Floats = (
            100 * days / whole.shape[1] if target.indicator is Indicator.GOOD_RATIO else days.astype(float)
        )
        return counted
    ends: Floats = np.percentile(whole, percent_of(target.indicator), axis=1)
    return ends


def reached(target: Target, outcomes: Floats, cap: Fraction) -> float:
    """Share of outcomes that keep the cap (for good days: reach the floor), never quite 0 or 1."""
    good = target.indicator in (Indicator.GOOD_DAYS, Indicator.GOOD_RATIO)
    kept = outcomes >= float(cap) if good else outcomes <= float(cap)
    return float((kept.sum() + 0.5) / (len(kept) + 1))


def probability(
    target: Target,
    values: Days,
    on: date,
    *,
    seed: int,
    excluded: Collection[date] = (),
    forecast: Mapping[date, Fraction | None] | None = None,
) -> Outlook:
    """Probability to reach the target, seen after the day `on`; the same seed gives the same answer.

    Forecast days that follow without a gap are taken as they stand; the draws begin after them.
    """
    dust = frozenset(excluded) if target.dust_mode == "exclude" else frozenset()
    if forecast:
        coming = with_forecast(target, values, on, forecast, excluded)
        room, last = coming.after, coming.after.on
        values = {**values, **{day: value for day, value in forecast.items() if on < day <= last}}
    else:
        room, last = room_of(target, values, on, excluded), on
    cap = cap_of(target, base_of(target, values, dust))
    notes = (target.footnote, *(rule(name, on).footnote() for name in ("outlook_draws", "outlook_block")))

    def told(p: float | None, unsaid: Unsaid | None, drawn: Draws | None = None) -> Outlook:
        low, middle, high = (
            (None, None, None) if drawn is None else np.percentile(drawn.outcomes, BAND).tolist()
        )
        anomaly, years, draws = (
            (None, 0, 0) if drawn is None else (drawn.anomaly, drawn.years, len(drawn.outcomes))
        )
        card = skill_of(target, room.left)
        return Outlook(target, on, p, unsaid, low, middle, high, anomaly, years, draws, seed, card, notes)

    if cap is None:
        return told(None, Unsaid.NO_CAP)
    decided = DECIDED.get(room.feasibility) if room.feasibility else None
    if decided is not None:
        return told(decided, None)
    if not room.left:
        return told(None, Unsaid.NO_DATA)
    drawn = draw(target, values, last, seed, dust)
    if drawn is None:
        return told(None, Unsaid.FEW_YEARS)
    return told(reached(target, drawn.outcomes, cap), None, drawn)
