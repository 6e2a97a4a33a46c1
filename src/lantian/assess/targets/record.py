"""What a target is: its indicator and unit, its period, its number or change, and what can be no target at all.

A target is checked where it is made, whoever makes it: a number that is none, a cap below nought, a ratio above all
days, an edition that no table knows are refused by the field's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from lantian.errors import DataError, StandardsError
from lantian.periods import Period
from lantian.records import Footnote, ObservationKind
from lantian.standards import table

__all__ = [
    "COUNTS",
    "EMISSIONS",
    "MEANS",
    "PERCENTILES",
    "Feasibility",
    "Indicator",
    "Root",
    "Target",
    "base_from_result",
    "cap_of",
    "days_needed",
    "root_of",
    "target_from_base",
    "unit_of",
]


class Indicator(StrEnum):
    """What a target is set on."""

    PM25_MEAN = "pm25_mean"
    PM10_MEAN = "pm10_mean"
    SO2_MEAN = "so2_mean"
    NO2_MEAN = "no2_mean"
    CO_P95 = "co_p95"
    O3_P90 = "o3_p90"
    GOOD_DAYS = "good_days"
    GOOD_RATIO = "good_ratio"
    HEAVY_DAYS = "heavy_days"
    INDEX = "index"
    EMISSION_SO2 = "emission_so2"
    EMISSION_NOX = "emission_nox"
    EMISSION_PM = "emission_pm"
    EMISSION_VOCS = "emission_vocs"


MEANS: Mapping[Indicator, ObservationKind] = {
    Indicator.PM25_MEAN: ObservationKind.PM25,
    Indicator.PM10_MEAN: ObservationKind.PM10,
    Indicator.SO2_MEAN: ObservationKind.SO2,
    Indicator.NO2_MEAN: ObservationKind.NO2,
}
"""Means of daily means."""

PERCENTILES: Mapping[Indicator, ObservationKind] = {
    Indicator.CO_P95: ObservationKind.CO,
    Indicator.O3_P90: ObservationKind.O3,
}
"""Percentiles of day values; the percentile stands in the indicator's name."""

COUNTS = (Indicator.GOOD_DAYS, Indicator.GOOD_RATIO, Indicator.HEAVY_DAYS)
"""Counts of days by their AQI."""

EMISSIONS: Mapping[Indicator, ObservationKind] = {
    Indicator.EMISSION_SO2: ObservationKind.EMITTED_SO2,
    Indicator.EMISSION_NOX: ObservationKind.EMITTED_NOX,
    Indicator.EMISSION_PM: ObservationKind.EMITTED_PM,
    Indicator.EMISSION_VOCS: ObservationKind.EMITTED_VOCS,
}
"""Caps on what a county sends out in one day [t]."""


def unit_of(indicator: Indicator) -> str:
    """The unit in which an indicator's target is kept and its statistic computed."""
    if indicator in EMISSIONS:
        return "t/day"
    if indicator in (Indicator.GOOD_DAYS, Indicator.HEAVY_DAYS):
        return "day"
    own = {Indicator.GOOD_RATIO: "percent", Indicator.INDEX: "index", Indicator.CO_P95: "mg/m3"}
    return own.get(indicator, "ug/m3")


class Root(StrEnum):
    """The two parallel roots of the cascade, and any other period that a paper may name."""

    YEAR = "year"
    SEASON = "autumn_winter_season"
    OTHER = "other_period"


class Feasibility(StrEnum):
    """Can the target still be kept?"""

    IMPOSSIBLE = "impossible"  # not even with nought on every day left
    OFF_TRACK = "off_track"  # only with days better than the best of the past years' same dates
    TIGHT = "tight"  # the days left must do no worse than the target itself
    SLACK = "slack"  # the days left may be worse than the target
    MET = "met"  # nothing that comes can change it
    MISSED = "missed"  # the period is over


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the ledger. Either `value` or a change on the base is set, or both, in the indicator's own unit.

    `value` is a cap, for good days a floor. `change_percent` is in percent of the base, for a ratio too; `change_days`
    is added to the base (days; for a ratio percentage points). `edition` names the standard by which AQI and index are
    computed, "" leaves it to the period's last day. `dust_mode` is "keep" or "exclude".

    DataError names the field that cannot be: a number that is not finite, a value or base below nought or beyond all
    days, a fall by more than everything, an edition that does not exist.
    """

    area: str
    indicator: Indicator
    period: Period
    value: Decimal | None
    unit: str
    change_percent: Decimal | None
    change_days: Decimal | None
    base: Decimal | None
    base_period: Period
    edition: str
    dust_mode: str
    paper: str
    footnote: Footnote

    def __post_init__(self) -> None:
        for field in ("value", "change_percent", "change_days", "base"):
            number = getattr(self, field)
            if number is not None and not number.is_finite():
                raise DataError(f"{number} is no number", field=field)
        for field, period in (("value", self.period), ("base", self.base_period)):
            number, most = getattr(self, field), _most(self.indicator, period)
            if number is not None and number < 0:
                raise DataError(f"{self.indicator} cannot be {number}, below nought{_HINT}", field=field)
            if number is not None and most is not None and number > most:
                raise DataError(f"{self.indicator} cannot be {number}, above {most}", field=field)
        if self.change_percent is not None and self.change_percent < -100:
            raise DataError(
                f"{self.change_percent} percent is a fall by more than all", field="change_percent"
            )
        if self.edition and self.edition not in _editions(self.indicator):
            known = ", ".join(_editions(self.indicator))
            raise DataError(f"no edition {self.edition!r}; editions: {known}", field="edition")

    @property
    def root(self) -> Root:
        """Which root of the cascade the period is."""
        return root_of(self.period)


_HINT = "; a change on the base goes into change_percent"


def _most(indicator: Indicator, period: Period) -> int | None:
    """The greatest number that days counted in a period can come to; None where there is none."""
    if indicator is Indicator.GOOD_RATIO:
        return 100
    return period.days if indicator in (Indicator.GOOD_DAYS, Indicator.HEAVY_DAYS) else None


def _editions(indicator: Indicator) -> tuple[str, ...]:
    names = ("aqi_rules", "composite_index") if indicator is Indicator.INDEX else ("aqi_rules",)
    return tuple(dict.fromkeys(row.edition for name in names for row in table(name)))


def root_of(period: Period) -> Root:
    """Calendar year, autumn-winter season or something else."""
    first, last = period.start_on, period.end_on
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return Root.YEAR
    if (first.month, first.day, last.month, last.day) == (10, 1, 3, 31) and last.year == first.year + 1:
        return Root.SEASON
    return Root.OTHER


def target_from_base(base: Fraction | Decimal, change: Decimal) -> Fraction:
    """Cap T = base x (1 + change/100); `change` [percent] is negative for a cut."""
    return Fraction(base) * (1 + Fraction(change) / 100)


def base_from_result(result: Fraction | Decimal, change: Decimal) -> Fraction:
    """Base that a published result and its change [percent] speak of. StandardsError at -100 percent."""
    if change == -100:
        raise StandardsError("a fall by 100 percent leaves no base to compute")
    return Fraction(result) / (1 + Fraction(change) / 100)


def days_needed(share: Decimal, days: int) -> int:
    """Good days that a ratio [percent] asks of `days` days, rounded up."""
    return ceil(Fraction(share) / 100 * days)


def cap_of(target: Target, base: Fraction | None = None) -> Fraction | None:
    """The number to be kept, in the indicator's unit: the value set, or base and change, never below nought.

    The base in the ledger stands before `base`, which is the one computed from data. None without any base.
    """
    if target.value is not None:
        return Fraction(target.value)
    known = base if target.base is None else Fraction(target.base)
    if known is None:
        return None
    if target.change_percent is not None:
        return target_from_base(known, target.change_percent)
    return None if target.change_days is None else max(known + Fraction(target.change_days), Fraction())
