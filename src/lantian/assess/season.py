"""Season mean against last year and against the target in force. "No target in force" is an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lantian.errors import StandardsError
from lantian.periods import Period, same_period_last_year, season
from lantian.records import Footnote, ObservationKind
from lantian.standards import Row, in_force
from lantian.units import round_half_even, to_decimal

__all__ = [
    "SeasonMean",
    "Standing",
    "Target",
    "change_percent",
    "period_mean",
    "remaining_mean",
    "season_standing",
    "season_target",
    "target_from_base",
]

PM25_YOY = "pm25_mean_yoy"
PM25_CAP = "pm25_mean"


@dataclass(frozen=True, slots=True)
class SeasonMean:
    """Mean over whole days. `mean` is rounded for print, `exact` is not; both None without a valid day."""

    period: Period
    mean: Decimal | None
    exact: Fraction | None
    days_valid: int
    days_dropped: int


@dataclass(frozen=True, slots=True)
class Target:
    """A target of the season: a year-on-year change [percent] or a cap [ug/m3]."""

    region: str
    indicator: str
    value: Decimal
    unit: str
    footnote: Footnote


@dataclass(frozen=True, slots=True)
class Standing:
    """The season to date. `change` in percent; `cap` is the mean that the whole season may reach."""

    now: SeasonMean
    last_year: SeasonMean
    change: Decimal | None
    target: Target | None
    cap: Decimal | None
    remaining: Decimal | None
    footnotes: tuple[Footnote, ...]


def _rounding(quantity: str, item: str, on: date) -> Row:
    return in_force("rounding_rules", on, quantity=quantity, item=item)[0]


def period_mean(
    values: Mapping[date, Decimal | None], period: Period, kind: ObservationKind, on: date | None = None
) -> SeasonMean:
    """Arithmetic mean of the daily means of a period (GB 3095-2026 3.7-3.13); a day missing or None is dropped.

    Rounded as printed on the day `on` (the period's last day unless given).
    """
    known = [value for day in period if (value := values.get(day)) is not None]
    dropped = period.days - len(known)
    if not known:
        return SeasonMean(period, None, None, 0, dropped)
    exact = sum((Fraction(value) for value in known), Fraction()) / len(known)
    places = _rounding("statistic", kind.value, on or period.end_on).integer()
    return SeasonMean(period, round_half_even(exact, places), exact, len(known), dropped)


def change_percent(now: Fraction | Decimal, base: Fraction | Decimal, on: date) -> Decimal | None:
    """Year-on-year change [percent] from unrounded means; None when the base is nought."""
    if not base:
        return None
    places = _rounding("change", "all", on).integer()
    return round_half_even((Fraction(now) - Fraction(base)) / Fraction(base) * 100, places)


def target_from_base(base: Fraction | Decimal, change: Decimal) -> Fraction:
    """Cap T = base x (1 + change/100); `change` [percent] is negative for a cut."""
    return Fraction(base) * (1 + Fraction(change) / 100)


def remaining_mean(
    cap: Fraction | Decimal, days: int, done: Sequence[Fraction | Decimal] | Fraction, n: int
) -> Fraction:
    """Mean that the remaining days may have, R = (T N - sum done) / (N - n); below nought the target is lost.

    `done` is the values of the n valid days so far, or their sum. StandardsError when no day remains.
    """
    if days <= n:
        raise StandardsError("no day of the period remains")
    spent = done if isinstance(done, Fraction) else sum((Fraction(value) for value in done), Fraction())
    return (Fraction(cap) * days - spent) / (days - n)


def season_target(
    on: date, regions: Sequence[str], indicator: str, overlay: Sequence[Row] = ()
) -> Target | None:
    """The target in force for the first of `regions` that has one (a city's own row before its region's).

    None is an answer: no target is in force on that day.
    """
    for region in regions:
        try:
            rows = in_force("season_targets", on, overlay=overlay, region=region, indicator=indicator)
        except StandardsError:
            continue
        row = rows[0]
        if row["value"] is not None:
            return Target(region, indicator, row.number(), row.text("unit"), row.footnote())
    return None


def _cap(target: Target | None, last_season: SeasonMean) -> Fraction | None:
    if target is None:
        return None
    if target.indicator == PM25_CAP:
        return Fraction(target.value)
    return None if last_season.exact is None else target_from_base(last_season.exact, target.value)


def season_standing(
    values: Mapping[date, Decimal | None],
    on: date,
    regions: Sequence[str] = (),
    overlay: Sequence[Row] = (),
) -> Standing:
    """PM2.5 of the season up to the day `on` (included) against the same days of last year and the target.

    `values` holds daily city means [ug/m3] of this season and the last. The cap uses the whole last season
    as its base and is None when that season has no valid day. PeriodError outside October to March.
    """
    whole = season(on)
    kind = ObservationKind.PM25
    so_far = Period(whole.start_on, on)
    now = period_mean(values, so_far, kind, on)
    last = period_mean(values, same_period_last_year(so_far), kind, on)
    change = None if now.exact is None or last.exact is None else change_percent(now.exact, last.exact, on)
    target = season_target(on, regions, PM25_CAP, overlay) or season_target(on, regions, PM25_YOY, overlay)
    cap = _cap(target, period_mean(values, same_period_last_year(whole), kind, on))
    remaining = None
    if cap is not None and now.exact is not None and now.days_valid < whole.days:
        remaining = remaining_mean(cap, whole.days, now.exact * now.days_valid, now.days_valid)
    notes = [_rounding("statistic", kind.value, on).footnote(), _rounding("change", "all", on).footnote()]
    if target is not None:
        notes.append(target.footnote)
    return Standing(now, last, change, target, _printed(cap), _printed(remaining), tuple(notes))


def _printed(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_half_even(to_decimal(value), 1)
