"""How good a probability of reaching a target would have been: hindcasts, scores and two simple rivals.

Every hindcast sees only the days up to its own. Cities of one season share their weather, so cases are many and
independent ones few: read the scores by season too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from lantian.assess.targets.days import Days, base_of, past_periods, valid_values
from lantian.assess.targets.ledger import Target, cap_of
from lantian.assess.targets.outlook import draw, reached
from lantian.periods import Period, xun

__all__ = ["Bin", "Case", "backtest", "brier", "climatology", "persistence", "reliability", "xun_ends"]


@dataclass(frozen=True, slots=True)
class Case:
    """One hindcast: where, which period and change, after which day, the answers and what came.

    `told` is None where the method cannot tell. `left` days were still to come, `years` past years were known.
    """

    point: str
    period: Period
    change: Decimal
    on: date
    left: int
    years: int
    told: float | None
    climatology: float | None
    persistence: float | None
    happened: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases told between `low` and `high`: how many, the mean told and the share that happened."""

    low: float
    high: float
    cases: int
    told: float | None
    happened: float | None


def xun_ends(period: Period) -> tuple[date, ...]:
    """Last days of the period's xun, without its very last."""
    ends = {xun(day).end_on for day in period}
    return tuple(sorted(end for end in ends if end < period.end_on))


def _pasts(period: Period, values: Days, on: date) -> list[list[Fraction]]:
    """Values of a period in each past year, as far as they were known on the day; enough of them or none."""
    found = (valid_values(values, (day for day in past if day <= on)) for past in past_periods(period))
    return [known for known in found if 4 * len(known) >= 3 * period.days]


def climatology(target: Target, values: Days, on: date, cap: Fraction) -> float | None:
    """Share of past years whose remaining days, as they were, would keep the cap; None without such a year."""
    ahead = Period(on + timedelta(days=1), target.period.end_on)
    done = valid_values(values, Period(target.period.start_on, on))
    budget = cap * (len(done) + ahead.days) - sum(done, Fraction())
    pasts = _pasts(ahead, values, on)
    if not pasts:
        return None
    kept = sum(sum(known, Fraction()) / len(known) * ahead.days <= budget for known in pasts)
    return (kept + 0.5) / (len(pasts) + 1)


def persistence(target: Target, values: Days, on: date, cap: Fraction) -> float | None:
    """1 or 0: would the cap be kept if the days left stood to last year's as the days so far do?"""
    ahead, so_far = Period(on + timedelta(days=1), target.period.end_on), Period(target.period.start_on, on)
    done = valid_values(values, so_far)
    last_done, last_rest = (_pasts(part, values, on)[:1] for part in (so_far, ahead))
    if not done or not last_done or not last_rest:
        return None
    then, rest = (sum(known[0], Fraction()) / len(known[0]) for known in (last_done, last_rest))
    now = sum(done, Fraction()) / len(done)
    if not then:
        return None
    end = (sum(done, Fraction()) + rest * now / then * ahead.days) / (len(done) + ahead.days)
    return float(end <= cap)


def backtest(
    series: Mapping[str, Days],
    target: Target,
    changes: Sequence[Decimal],
    ends: Sequence[date],
    *,
    seed: int,
    years_min: int | None = None,
) -> Iterator[Case]:
    """Hindcast a mean's target, set as changes [percent] on its base from data, for every point after each of `ends`.

    A point is left out where its period or its base has fewer than three quarters of its days.
    """
    for point, values in series.items():
        came = valid_values(values, target.period)
        base = valid_values(values, target.base_period)
        if 4 * len(came) < 3 * target.period.days or 4 * len(base) < 3 * target.base_period.days:
            continue
        mean, level = sum(came, Fraction()) / len(came), base_of(target, values)
        for on in ends:
            drawn = draw(target, values, on, seed, years_min=years_min)
            for change in changes:
                cap = cap_of(replace(target, value=None, change_percent=change, base=None), level)
                if cap is None:
                    continue
                yield Case(
                    point,
                    target.period,
                    change,
                    on,
                    (target.period.end_on - on).days,
                    0 if drawn is None else drawn.years,
                    None if drawn is None else reached(target, drawn.outcomes, cap),
                    climatology(target, values, on, cap),
                    persistence(target, values, on, cap),
                    mean <= cap,
                )


def brier(pairs: Iterable[tuple[float, bool]]) -> float | None:
    """Mean squared difference of probability and event: 0 is perfect, 0.25 is "even odds" always. None without a pair."""
    errors = [(told - happened) ** 2 for told, happened in pairs]
    return sum(errors) / len(errors) if errors else None


def reliability(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> tuple[Bin, ...]:
    """How often it happened when so much was told, in equal bins of probability."""
    found = []
    for n in range(bins):
        low, high = n / bins, (n + 1) / bins
        inside = [pair for pair in pairs if low <= pair[0] < high or (n == bins - 1 and pair[0] == 1)]
        mean = [sum(column) / len(inside) for column in zip(*inside, strict=True)] or [None, None]
        found.append(Bin(low, high, len(inside), mean[0], mean[1]))
    return tuple(found)
