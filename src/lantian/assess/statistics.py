"""Statistics of days: means, percentiles and counts of AQI days, with the rules of validity, rounded once (HJ 663).

Names: `<item>_mean` and `<item>_p<NN>` (O3 of its greatest 8 h means), `good_days`, `heavy_days`, `exceed_days` (AQI
above a good day's), `valid_days`, `good_ratio` [percent of the valid days].
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lantian.assess.aqi import AQI_ITEMS, aqi_rule
from lantian.assess.days import area_days, area_hours, day_panel, rule_of
from lantian.assess.dust import DustDays, DustMode
from lantian.assess.engine import daily_aqi_panel, edition_runs
from lantian.assess.exact import exact_value, means, near_a_turn
from lantian.assess.runs import read_on
from lantian.errors import StandardsError
from lantian.observe.panel import DayPanel, Floats
from lantian.periods import Period, month, year
from lantian.records import Footnote, ObservationKind
from lantian.standards import in_force
from lantian.units import Number, round_half_even, to_decimal

__all__ = [
    "COUNTS",
    "Stat",
    "annual_items",
    "area_days",
    "area_hours",
    "day_panel",
    "parse_name",
    "percentile",
    "percentiles",
    "statistic",
    "statistics",
    "three_year_mean",
]

COUNTS = ("good_days", "heavy_days", "exceed_days", "valid_days", "good_ratio")
_RATIO = "good_ratio"
_WITHHELD = "withheld"
_FEBRUARY = 2


@dataclass(frozen=True, slots=True)
class Stat:
    """One statistic of one place. `value` is rounded for publication, `exact` is not; None without a valid day.

    `enough` says whether the valid days suffice: those of a calendar year by GB 3095 Table 4 (the year's and every
    month's count); of another period every month in it, and a part of a month its share of the month's count, rounded
    down (by analogy). A count of AQI days wants it of every item of the monitoring plan.

    `withheld` are days of a count that have values but no AQI, because an item of the plan is missing and the rest is
    at most the edition's limit (HJ 633-2026 5.3.1): heavier days are published all the same, so good days, their ratio
    and the valid days come out too low.
    """

    value: Decimal | None
    exact: Fraction | float | None
    days_valid: int
    days_dropped: int
    enough: bool
    edition: str
    footnotes: tuple[Footnote, ...] = ()
    dust_mode: DustMode = DustMode.KEEP
    dust_days: int = 0
    withheld: int = 0


def percentile(values: Iterable[Number], p: int) -> Fraction:
    """Percentile p of the values, exact: k = 1 + (n-1) p/100 in rising order, linear between neighbours.

    >>> percentile(range(1, 11), 90)
    Fraction(91, 10)
    """
    ordered = sorted(
        value if isinstance(value, Fraction) else Fraction(to_decimal(value)) for value in values
    )
    if not ordered:
        raise StandardsError("there is no percentile of nothing")
    low, share = divmod((len(ordered) - 1) * p, 100)
    if not share:
        return ordered[low]
    return ordered[low] + (ordered[low + 1] - ordered[low]) * Fraction(share, 100)


def percentiles(values: Floats, p: int) -> Floats:
    """Percentile p of each row [rows, days] without its NaN; NaN for a row of nothing. Near a tie it is exact."""
    ordered = np.sort(values, axis=1)
    count = np.sum(~np.isnan(ordered), axis=1)
    found = np.full(len(ordered), np.nan)
    rows = np.flatnonzero(count)
    low, share = np.divmod((count[rows] - 1) * p, 100)
    below = ordered[rows, low]
    above = ordered[rows, np.minimum(low + 1, count[rows] - 1)]
    rough = below + (above - below) * (share / 100)
    for n in np.flatnonzero(near_a_turn(rough)):
        low_, high_ = exact_value(float(below[n])), exact_value(float(above[n]))
        rough[n] = float(low_ + (high_ - low_) * Fraction(int(share[n]), 100))
    found[rows] = rough
    return found


def parse_name(name: str) -> tuple[ObservationKind, int | None]:
    """Item of a statistic, and its percentile (None: the mean). StandardsError when it is no such name."""
    item, _, of = name.rpartition("_")
    if item in set(AQI_ITEMS):
        if of == "mean":
            return ObservationKind(item), None
        if of[:1] == "p" and of[1:].isdigit() and int(of[1:]) <= 100:
            return ObservationKind(item), int(of[1:])
    raise StandardsError(f"there is no statistic {name!r}")


def annual_items(on: date, edition: str | None = None) -> tuple[str, ...]:
    """Names of the statistics that a year is judged by (HJ 663)."""
    rows = in_force("evaluation_items", read_on(on, edition))
    named = {"mean": "mean", "percentile": "p{}"}
    return tuple(
        f"{row.text('item')}_{named[row.text('statistic')].format(row.text('value'))}"
        for row in rows
        if row.text("statistic") in named
    )


def _needed(
    valid: NDArray[np.bool_], kind: ObservationKind, period: Period, on: date
) -> tuple[bool, Footnote]:
    """Whether the valid days of a period suffice, and the rule."""
    item = kind.value
    whole = rule_of(on, "mean", "year", item, "year")
    enough = bool(valid.any())
    if period == year(period.start_on):
        enough = int(valid.sum()) >= whole.integer()
    day = period.start_on
    while enough and day <= period.end_on:
        last = min(month(day).end_on, period.end_on)
        begin, end = (day - period.start_on).days, (last - period.start_on).days + 1
        scope = "february" if day.month == _FEBRUARY else "month"
        least = rule_of(on, "mean", "year", item, scope).integer() * (end - begin) // month(day).days
        enough = int(valid[begin:end].sum()) >= least
        day = last + timedelta(days=1)
    return enough, whole.footnote()


def _aqi_days(
    panel: DayPanel, edition: str | None, monitored: Collection[ObservationKind]
) -> tuple[dict[str, NDArray[np.bool_]], str]:
    """Which days [points, days] have an AQI, and which of them are good, heavy, exceeding; the editions used.

    `withheld` are those that have values and no AQI.
    """
    aqi = daily_aqi_panel(panel, edition, monitored)
    good, heavy = np.zeros_like(aqi.known), np.zeros_like(aqi.known)
    for run, of in edition_runs(panel.first, panel.days, edition):
        cut = run.columns()
        good[:, cut] = aqi.known[:, cut] & (aqi.aqi[:, cut] <= aqi_rule("good_up_to", of))
        heavy[:, cut] = aqi.known[:, cut] & (aqi.aqi[:, cut] > aqi_rule("heavy_above", of))
    days = {
        "valid_days": aqi.known,
        "good_days": good,
        "heavy_days": heavy,
        "exceed_days": aqi.known & ~good,
        _WITHHELD: ~aqi.known & (aqi.iaqi >= 0).any(axis=-1),
    }
    return days, aqi.edition


def _count(
    cut: DayPanel, name: str, period: Period, edition: str | None, monitored: Collection[ObservationKind]
) -> Stat:
    days, used = _aqi_days(cut, edition, monitored)
    last = used.rpartition("+")[2]
    valid = int(days["valid_days"].sum())
    on = read_on(period.end_on, last)
    checks = [
        _needed(~np.isnan(cut.of(kind)[0]), kind, period, on) for kind in AQI_ITEMS if kind in monitored
    ]
    notes = [note for _, note in checks if note.confidence in ("unverified", "proposed")]
    limit = "heavy_above" if name == "heavy_days" else "good_up_to"
    notes.append(in_force("aqi_rules", on, last, parameter=limit)[0].footnote())
    if name == _RATIO:
        rule = in_force("rounding_rules", period.end_on, edition and last, quantity="attainment_rate")[0]
        notes.append(rule.footnote())
        exact = Fraction(100 * int(days["good_days"].sum()), valid) if valid else None
        value = None if exact is None else round_half_even(exact, rule.integer())
    else:
        exact = Fraction(int(days[name].sum())) if valid else None
        value = None if exact is None else Decimal(int(exact))
    return Stat(
        value,
        exact,
        valid,
        period.days - valid,
        all(ok for ok, _ in checks),
        used,
        tuple(dict.fromkeys(notes)),
        withheld=int(days[_WITHHELD].sum()),
    )


def _concentration(cut: DayPanel, name: str, period: Period, edition: str | None) -> Stat:
    kind, p = parse_name(name)
    values = cut.of(kind)[0]
    known = [exact_value(value) for value in values[~np.isnan(values)].tolist()]
    rule = in_force("rounding_rules", period.end_on, edition, quantity="statistic", item=kind.value)[0]
    enough, needs = _needed(~np.isnan(values), kind, period, read_on(period.end_on, rule.edition))
    exact = None
    if known:
        exact = sum(known, Fraction()) / len(known) if p is None else percentile(known, p)
    value = None if exact is None else round_half_even(exact, rule.integer())
    dropped = period.days - len(known)
    return Stat(value, exact, len(known), dropped, enough, rule.edition, (rule.footnote(), needs))


def statistic(
    panel: DayPanel,
    point: str,
    name: str,
    period: Period,
    *,
    edition: str | None = None,
    dust: DustDays | None = None,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Stat:
    """One statistic of one point over whole days; days outside the panel are missing.

    Means and percentiles come from unrounded day values and are rounded once, by the edition of the period's last day
    or by `edition`. AQI days are judged each by its own edition, or all by `edition`; StandardsError for a day before
    the first one. An item outside the monitoring plan `monitored` is not missed by the AQI (HJ 633-2026 5.3.2).
    DataError for an unknown point, StandardsError for an unknown name.
    """
    dust = dust or DustDays()
    seen = dust.without(panel.select([point]).between(period), name, period.end_on)
    if name in COUNTS:
        found = _count(seen, name, period, edition, monitored)
    else:
        found = _concentration(seen, name, period, edition)
    return replace(
        found,
        footnotes=(*found.footnotes, *dust.footnotes(name, period.end_on)),
        dust_mode=dust.mode(name, period.end_on),
        dust_days=dust.count(point, period.start_on, period.end_on),
    )


def statistics(
    panel: DayPanel,
    period: Period,
    names: Sequence[str],
    *,
    edition: str | None = None,
    dust: DustDays | None = None,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> dict[str, Floats]:
    """Some statistics of every point [points] at once, not rounded; NaN without a valid day.

    The doubles are exact near every tie of 0 to 2 decimals: `exact.round_array` of them is what `statistic` gives.
    """
    dust = dust or DustDays()
    cut = panel.between(period)
    counted: dict[DustMode, Mapping[str, NDArray[np.bool_]]] = {}
    found: dict[str, Floats] = {}
    for name in names:
        seen = dust.without(cut, name, period.end_on)
        if name not in COUNTS:
            kind, p = parse_name(name)
            whole = np.array([0]), np.array([period.days])
            found[name] = means(seen.of(kind), whole)[0][:, 0] if p is None else percentiles(seen.of(kind), p)
            continue
        mode = dust.mode(name, period.end_on)
        if mode not in counted:
            counted[mode] = _aqi_days(seen, edition, monitored)[0]
        valid = counted[mode]["valid_days"].sum(axis=1)
        part = counted[mode]["good_days" if name == _RATIO else name].sum(axis=1)
        whole_ = np.where(valid > 0, part * (100.0 if name == _RATIO else 1.0), np.nan)
        found[name] = whole_ / np.maximum(valid, 1) if name == _RATIO else whole_
    return found


def three_year_mean(
    panel: DayPanel,
    point: str,
    kind: ObservationKind,
    last: date,
    *,
    edition: str | None = None,
    dust: DustDays | None = None,
) -> Stat:
    """Mean of the yearly means of the three years that end with the one of the day `last` (三年滑动平均).

    HJ 663-2026 brings it and its text was not seen: how it is made is `unverified` and footnoted. None unless each
    year has a valid day. StandardsError under an edition without it.
    """
    rule = in_force("evaluation_items", read_on(last, edition), item="all", statistic="moving_mean")[0]
    years = [year(date(last.year - back, 1, 1)) for back in range(rule.integer())]
    stats = [statistic(panel, point, f"{kind}_mean", each, edition=edition, dust=dust) for each in years]
    known = [Fraction(stat.exact) for stat in stats if stat.exact is not None]
    exact = sum(known, Fraction()) / len(known) if len(known) == len(stats) else None
    places = in_force("rounding_rules", years[0].end_on, edition, quantity="statistic", item=kind.value)[0]
    return Stat(
        None if exact is None else round_half_even(exact, places.integer()),
        exact,
        sum(stat.days_valid for stat in stats),
        sum(stat.days_dropped for stat in stats),
        all(stat.enough for stat in stats),
        stats[0].edition,
        tuple(dict.fromkeys((rule.footnote(), *(note for stat in stats for note in stat.footnotes)))),
        stats[0].dust_mode,
        sum(stat.dust_days for stat in stats),
    )
