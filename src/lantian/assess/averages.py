"""From station hours to the city's day: validity first, exact means, one rounding at the end (HJ 663, GB 3095)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lantian.assess.aqi import day_in, edition_on, rounded
from lantian.records import Footnote, ObservationKind
from lantian.standards import Row, in_force
from lantian.units import convert, to_decimal

__all__ = ["CityDay", "city_day", "city_hour", "station_day"]

Hours = NDArray[np.floating]
_EIGHT = 8


@dataclass(frozen=True, slots=True)
class CityDay:
    """One item's day for the city. `value` is rounded for publication, `exact` is not; None when not valid."""

    kind: ObservationKind
    value: Decimal | None
    exact: Fraction | None
    stations_valid: int
    stations: int
    footnotes: tuple[Footnote, ...] = ()


def _need(on: date, statistic: str, period: str, item: str, scope: str) -> Row:
    return in_force("data_validity", on, statistic=statistic, period=period, item=item, scope=scope)[0]


def _exact(values: NDArray[np.floating]) -> list[Fraction | None]:
    """Shortest decimal text of each value, NaN as None."""
    return [None if np.isnan(value) else Fraction(to_decimal(value)) for value in values]


def _mean(values: Sequence[Fraction | None], least: int) -> Fraction | None:
    known = [value for value in values if value is not None]
    return sum(known, Fraction()) / len(known) if known and len(known) >= least else None


def _day_mean(hours: NDArray[np.floating], on: date, kind: ObservationKind) -> Fraction | None:
    return _mean(_exact(hours), _need(on, "mean", "day", kind.value, "day").integer())


def _mda8(hours: NDArray[np.floating], on: date) -> Fraction | None:
    """Greatest 8 h mean of the day. Too few windows are enough when one exceeds the class II limit."""
    item = ObservationKind.O3.value
    per_window = _need(on, "mean", "8h", item, "window").integer()
    windows = _need(on, "mda8", "day", item, "day").integer()
    first = _need(on, "mda8", "first_stamp", item, "day").integer()
    exact = _exact(hours)
    ends = range(first, len(exact) + 1)
    means = [mean for end in ends if (mean := _mean(exact[end - _EIGHT : end], per_window)) is not None]
    if not means:
        return None
    limit = in_force("gb3095_limits", on, item=item, period="mda8", level=2)[0].number()
    return max(means) if len(means) >= windows or max(means) > limit else None


def station_day(
    hours: Hours, kind: ObservationKind, on: date, edition: str | None = None
) -> tuple[Fraction | None, ...]:
    """Day value of each station from `hours` [n_stations, 24] (NaN = missing), not rounded; None = not valid.

    A day mean needs 20 hours (GB 3095 Table 4); O3 is the greatest 8 h mean (HJ 663-2013 practice).
    `edition` plays another edition's rules.
    """
    on = on if edition is None else day_in(edition, on)
    if kind is ObservationKind.O3:
        return tuple(_mda8(row, on) for row in hours)
    return tuple(_day_mean(row, on, kind) for row in hours)


def _city(values: Sequence[Fraction | None], on: date) -> tuple[Fraction | None, int, Row]:
    """Mean of the valid stations where enough of them are valid."""
    rule = _need(on, "city_mean", "any", "all", "city")
    valid = sum(value is not None for value in values)
    share = convert(rule.number(), rule.text("unit"), "share")
    enough = valid > 0 and valid >= share * len(values)
    return (_mean(values, 1) if enough else None), valid, rule


def city_day(
    hours: Mapping[ObservationKind, Hours], on: date, edition: str | None = None
) -> dict[ObservationKind, CityDay]:
    """The city's day per item from `hours` [n_stations, 24] each: mean of the stations, 75 % of them valid.

    Judged and rounded by the edition of the day, or by `edition`.
    """
    result: dict[ObservationKind, CityDay] = {}
    applied = edition_on(on, edition)
    for kind, values in hours.items():
        exact, valid, rule = _city(station_day(values, kind, on, edition), on)
        value = None if exact is None else rounded(kind, exact, applied)
        result[kind] = CityDay(kind, value, exact, valid, len(values), (rule.footnote(),))
    return result


def city_hour(
    values: Mapping[ObservationKind, NDArray[np.floating]], on: date, edition: str | None = None
) -> dict[ObservationKind, Decimal | None]:
    """The city's hour per item from one value per station (NaN = missing), rounded; None when too few stations."""
    applied = edition_on(on, edition)
    result: dict[ObservationKind, Decimal | None] = {}
    for kind, stations in values.items():
        exact, _, _ = _city(_exact(stations), on)
        result[kind] = None if exact is None else rounded(kind, exact, applied)
    return result
