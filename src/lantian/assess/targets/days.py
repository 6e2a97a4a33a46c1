"""What a target is judged by, day by day: concentrations of one item, or the AQI where days are counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from math import isfinite

from lantian.assess.aqi import edition_on
from lantian.assess.engine import daily_aqi_panel
from lantian.assess.exact import exact_value
from lantian.assess.statistics import percentile
from lantian.assess.targets.ledger import COUNTS, MEANS, PERCENTILES, Indicator, Target
from lantian.errors import RuleError, StandardsError
from lantian.observe.panel import DayPanel
from lantian.observe.state import GASES, gas_factor, state_on
from lantian.periods import Period, same_period_last_year
from lantian.standards import Row, in_force

__all__ = [
    "Days",
    "base_of",
    "day_values",
    "limit_of",
    "past_periods",
    "percent_of",
    "rule",
    "valid_values",
]

Days = Mapping[date, Fraction | None]
"""A value per day: the concentration, or the AQI where days are counted. A day missing or None is not valid."""

PAST_YEARS = 10  # how far back a data set is searched, not a rule


def rule(parameter: str, on: date, item: str = "all") -> Row:
    """A row of `target_rules`; the one for all items where the item has none of its own."""
    try:
        return in_force("target_rules", on, parameter=parameter, item=item)[0]
    except StandardsError:
        return in_force("target_rules", on, parameter=parameter, item="all")[0]


def _threshold(parameter: str, edition: str, day: date) -> int:
    return in_force("aqi_rules", day, edition or None, parameter=parameter)[0].integer()


def _exact(value: float) -> Fraction | None:
    return exact_value(value) if isfinite(value) else None


def day_values(target: Target, panel: DayPanel, point: str | None = None) -> Days:
    """What the target is judged by, day by day: the item's day value, or the daily AQI where days are counted.

    A gas is given in the reference state of the last day of the target's period, so that a base from before a change
    of state can be compared with; particles cannot be converted. The AQI of every day is computed under one edition: the target's own, else that of its period's last day.
    RuleError for an index or an emission cap, which have no day values here.
    """
    row = panel.row(point or target.area)
    days = [panel.first + timedelta(days=n) for n in range(panel.days)]
    kind = MEANS.get(target.indicator) or PERCENTILES.get(target.indicator)
    if kind is not None:
        found = {day: _exact(value) for day, value in zip(days, panel.of(kind)[row].tolist(), strict=True)}
        return _in_state(found, target.period.end_on) if kind in GASES else found
    if target.indicator not in COUNTS:
        raise RuleError(f"{target.indicator} has no value of a single day to be added up")
    edition = target.edition or edition_on(target.period.end_on)
    aqi_of = daily_aqi_panel(panel.select((panel.points[row],)), edition)
    pairs = zip(days, aqi_of.aqi[0].tolist(), aqi_of.known[0].tolist(), strict=True)
    return {day: Fraction(aqi) if known else None for day, aqi, known in pairs}


def _in_state(values: Days, on: date) -> Days:
    """Gas concentrations in the reference state of the day `on`."""
    wanted = state_on(on).gas
    return {
        day: value if value is None or state_on(day).gas == wanted else value * gas_factor(day, on)
        for day, value in values.items()
    }


def limit_of(target: Target, cap: Fraction | None) -> Fraction:
    """The day value above which a day counts against the target: the limit of a good or a heavy day, or the cap."""
    if target.indicator in PERCENTILES:
        if cap is None:
            raise RuleError(f"{target.indicator} of {target.area} has no cap to count days against")
        return cap
    name = "heavy_above" if target.indicator is Indicator.HEAVY_DAYS else "good_up_to"
    return Fraction(_threshold(name, target.edition, target.period.end_on))


def past_periods(period: Period) -> Iterable[Period]:
    """The same dates one year before, two years before and so on."""
    for _ in range(PAST_YEARS):
        period = same_period_last_year(period)
        yield period


def valid_values(values: Days, days: Iterable[date], excluded: Collection[date] = ()) -> list[Fraction]:
    """Values of those of the days that are valid and not excluded."""
    return [value for day in days if day not in excluded and (value := values.get(day)) is not None]


def base_of(target: Target, values: Days, excluded: Collection[date] = ()) -> Fraction | None:
    """The target's base from data: mean or count of its base period; None without a valid day."""
    known = valid_values(values, target.base_period, excluded)
    if not known:
        return None
    if target.indicator in MEANS:
        return sum(known, Fraction()) / len(known)
    if target.indicator in PERCENTILES:
        return percentile(known, percent_of(target.indicator))
    limit = limit_of(target, None)
    over = sum(value > limit for value in known)
    if target.indicator is Indicator.HEAVY_DAYS:
        return Fraction(over)
    good = len(known) - over
    return Fraction(good) if target.indicator is Indicator.GOOD_DAYS else Fraction(100 * good, len(known))


def percent_of(indicator: Indicator) -> int:
    """The percentile that the indicator is named after."""
    return int(indicator.value.rpartition("_p")[2])
