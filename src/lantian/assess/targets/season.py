"""Season mean against last year and against the target in force. "No target in force" is an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from lantian.assess.compare import change_percent
from lantian.assess.targets.ledger import Indicator, Root, Target, target_on
from lantian.assess.targets.room import Room, room_of
from lantian.periods import Period, same_period_last_year, season
from lantian.records import Footnote, ObservationKind
from lantian.standards import Row, in_force
from lantian.units import round_half_even

__all__ = ["SeasonMean", "Standing", "period_mean", "season_standing"]

Days = Mapping[date, Decimal | Fraction | None]
"""A day value per day; a day missing or None is not valid."""


@dataclass(frozen=True, slots=True)
class SeasonMean:
    """Mean over whole days. `mean` is rounded for print, `exact` is not; both None without a valid day."""

    period: Period
    mean: Decimal | None
    exact: Fraction | None
    days_valid: int
    days_dropped: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The season to date. `change` in percent; `cap` is the mean that the whole season may reach.

    `remaining` is the mean that the days left may have. Both are rounded down to one decimal, so that keeping to what
    is printed keeps the target; `room` tells the rest.
    """

    now: SeasonMean
    last_year: SeasonMean
    change: Decimal | None
    target: Target | None
    cap: Decimal | None
    remaining: Decimal | None
    room: Room | None
    footnotes: tuple[Footnote, ...]


def _rounding(quantity: str, item: str, on: date) -> Row:
    return in_force("rounding_rules", on, quantity=quantity, item=item)[0]


def period_mean(values: Days, period: Period, kind: ObservationKind, on: date | None = None) -> SeasonMean:
    """Arithmetic mean of the daily means of a period (GB 3095-2026 3.7-3.13); a day without a value is dropped.

    Rounded as printed on the day `on` (the period's last day unless given).
    """
    known = [value for day in period if (value := values.get(day)) is not None]
    dropped = period.days - len(known)
    if not known:
        return SeasonMean(period, None, None, 0, dropped)
    exact = sum((Fraction(value) for value in known), Fraction()) / len(known)
    places = _rounding("statistic", kind.value, on or period.end_on).integer()
    return SeasonMean(period, round_half_even(exact, places), exact, len(known), dropped)


def season_standing(
    values: Days,
    on: date,
    regions: Sequence[str] = (),
    overlay: Sequence[Row] = (),
) -> Standing:
    """PM2.5 of the season up to the day `on` (included) against the same days of last year and the target.

    `values` holds daily city means [ug/m3], not rounded, of this season and the last. `overlay` is the city's own rows of `targets`
    or `season_targets`. The cap takes the whole last season as its base where the ledger names none, and is None when
    that season has no valid day. PeriodError outside October to March.
    """
    whole = season(on)
    kind = ObservationKind.PM25
    so_far = Period(whole.start_on, on)
    now = period_mean(values, so_far, kind, on)
    last = period_mean(values, same_period_last_year(so_far), kind, on)
    change = None if now.exact is None or last.exact is None else change_percent(now.exact, last.exact, on)
    target = target_on(on, regions, Indicator.PM25_MEAN, overlay, Root.SEASON) if regions else None
    notes = [_rounding("statistic", kind.value, on).footnote(), _rounding("change", "all", on).footnote()]
    room = None
    if target is not None:
        exact = {day: None if value is None else Fraction(value) for day, value in values.items()}
        room = room_of(target, exact, on)
        notes.append(target.footnote)
    cap, remaining = (None, None) if room is None else (_printed(room.cap), _printed(room.allowed))
    return Standing(now, last, change, target, cap, remaining, room, tuple(notes))


def _printed(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(floor(value * 10)).scaleb(-1)
