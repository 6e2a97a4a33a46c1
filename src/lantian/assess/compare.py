"""This period against another one (同比, 环比), both sides under one edition and in one reference state.

Good days, heavy days and the index are never compared across a change of edition: both sides are made anew under the
edition of the present side. Across a change of reference state gases are converted; particles cannot be, which is said.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.composite import EQUAL
from lantian.assess.dust import DustDays
from lantian.assess.indicator import (
    Caveat,
    fraction,
    is_recomputed,
    kinds_of,
    measure,
    named,
    one_edition,
    one_state,
    plan_caveats,
)
from lantian.assess.statistics import Stat
from lantian.errors import PeriodError
from lantian.observe.panel import DayPanel
from lantian.periods import Period, month, same_period_last_year, xun
from lantian.records import Footnote, ObservationKind
from lantian.standards import in_force
from lantian.units import round_half_even

__all__ = [
    "LAST_YEAR",
    "PREVIOUS",
    "Alone",
    "Comparison",
    "alone",
    "base_period",
    "change_percent",
    "compare",
    "previous_period",
]

LAST_YEAR = "last-year"
PREVIOUS = "previous"


def change_percent(now: Fraction | Decimal, base: Fraction | Decimal, on: date) -> Decimal | None:
    """Year-on-year change [percent] from unrounded means; None when the base is nought."""
    if not base:
        return None
    places = in_force("rounding_rules", on, quantity="change", item="all")[0].integer()
    return round_half_even((Fraction(now) - Fraction(base)) / Fraction(base) * 100, places)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values of one indicator. `change_percent` comes from the unrounded ones; None when a side is missing or
    the base is nought. `edition` holds for both sides."""

    indicator: str
    point: str
    period: Period
    against: Period
    now: Stat
    base: Stat
    change_percent: Decimal | None
    edition: str
    notes: tuple[Caveat, ...]
    footnotes: tuple[Footnote, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """One indicator of one period, compared with nothing."""

    indicator: str
    point: str
    period: Period
    stat: Stat
    notes: tuple[Caveat, ...]


def _months_before(day: date, months: int) -> date:
    """The first of a month so many months earlier."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def previous_period(period: Period) -> Period:
    """The period just before: as many whole months, the xun before a xun, else as many days."""
    before = period.start_on - timedelta(days=1)
    if period == xun(period.start_on):
        return xun(before)
    if period.start_on.day == 1 and period.end_on == month(period.end_on).end_on:
        first, last = period.start_on, period.end_on
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        return Period(_months_before(first, months), before)
    return Period(period.start_on - timedelta(days=period.days), before)


def base_period(period: Period, against: Period | str) -> Period:
    """What a period is compared with: a period, `last-year` or `previous`. PeriodError for another word."""
    if isinstance(against, Period):
        return against
    if against == LAST_YEAR:
        return same_period_last_year(period)
    if against == PREVIOUS:
        return previous_period(period)
    raise PeriodError(f"compare with {LAST_YEAR}, {PREVIOUS} or a period, not {against!r}")


def alone(
    panel: DayPanel,
    point: str,
    indicator: str,
    period: Period,
    *,
    edition: str | None = None,
    dust: DustDays | None = None,
    profile: str = EQUAL,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Alone:
    """One indicator of one place, in the reference state of the period's last day.

    Days of AQI stand under their own edition each, or all under `edition`. Errors as `compare`.
    """
    panel, said = one_state(panel, (period,), period.end_on, kinds_of(indicator))
    stat = measure(
        panel, point, indicator, period, edition=edition, dust=dust, profile=profile, monitored=monitored
    ).stat
    notes = (*said, *plan_caveats(indicator, (stat,), monitored))
    return Alone(named(indicator), point, period, stat, notes)


def compare(
    panel: DayPanel,
    point: str,
    indicator: str,
    period: Period,
    against: Period | str,
    *,
    edition: str | None = None,
    dust: DustDays | None = None,
    profile: str = EQUAL,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Comparison:
    """One indicator of one place, now and then, by the edition and the reference state of the period's last day.

    `edition` names another edition for both sides, `monitored` the items of the monitoring plan. DataError when the place is not in the panel; StandardsError and
    PeriodError name what is not known.
    """
    base = base_period(period, against)
    one = one_edition(indicator, period.end_on, edition)
    panel, said = one_state(panel, (period, base), period.end_on, kinds_of(indicator))

    def side(of: Period, under: str | None) -> Stat:
        found = measure(
            panel, point, indicator, of, edition=under, dust=dust, profile=profile, monitored=monitored
        )
        return found.stat

    now = side(period, one)
    then = side(base, one or now.edition)
    notes = [*said, *plan_caveats(indicator, (now, then), monitored)]
    if is_recomputed(indicator, one, (period, base)):
        notes.insert(0, Caveat.RECOMPUTED)
    if not (now.enough and then.enough):
        notes.append(Caveat.TOO_FEW_DAYS)
    a, b = fraction(now.exact), fraction(then.exact)
    change = None if a is None or b is None else change_percent(a, b, period.end_on)
    rule = in_force("rounding_rules", period.end_on, quantity="change", item="all")[0].footnote()
    return Comparison(
        indicator=named(indicator),
        point=point,
        period=period,
        against=base,
        now=now,
        base=then,
        change_percent=change,
        edition=one or now.edition,
        notes=tuple(notes),
        footnotes=tuple(dict.fromkeys((*now.footnotes, *then.footnotes, rule))),
    )
