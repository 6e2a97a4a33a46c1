"""Where a target stands, in one sentence with its sum."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from lantian.assess.targets.ledger import COUNTS, MEANS, Indicator
from lantian.assess.targets.room import Feasibility, Room
from lantian.units import round_half_even, to_decimal
from lantian_web.desk import wording

__all__ = ["LIGHTS", "figure", "formula", "sentence", "unit_of"]

LIGHTS = {
    Feasibility.IMPOSSIBLE: "red",
    Feasibility.MISSED: "red",
    Feasibility.OFF_TRACK: "amber",
    Feasibility.TIGHT: "amber",
    Feasibility.SLACK: "green",
    Feasibility.MET: "green",
}
PERCENT, DAYS = "%", "days"


def unit_of(indicator: Indicator) -> str:
    """Code of the unit a target's numbers are in."""
    if indicator is Indicator.GOOD_RATIO:
        return PERCENT
    if indicator in COUNTS:
        return DAYS
    if indicator.value.startswith("emission_"):
        return "t/day"
    return "" if indicator is Indicator.INDEX else "mg/m3" if indicator is Indicator.CO_P95 else "ug/m3"


def figure(value: Fraction | Decimal | None, places: int = 1) -> str:
    """A number as the sentence writes it: rounded once, half to even."""
    if value is None:
        return "—"
    exact = value if isinstance(value, Decimal) else to_decimal(value)
    return wording.number(round_half_even(exact, places), places)


def sentence(room: Room) -> str:
    """What the days left may still be, or what became of the target."""
    unit = wording.label(unit_of(room.target.indicator), "unit")
    facts = {
        "left": room.left,
        "cap": figure(room.cap),
        "unit": unit,
        "so_far": figure(room.mean_so_far),
        "allowed": wording.number(room.published, _places(room.published))
        if room.published is not None
        else "",
        "count": room.count,
        "need": room.good_days_left,
        "more": room.heavy_left if room.heavy_left is not None else room.over_left,
        "short": figure(room.shortfall),
    }
    return _pattern(room) % facts


def _places(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


def _pattern(room: Room) -> str:
    """The sentence that fits; every one holds only facts that are there."""
    if room.cap is None:
        return _(
            "The target cannot be counted yet: its base has no valid day. Import the days of its base period."
        )
    if room.feasibility is Feasibility.MISSED:
        return _("The period is over and the target is missed by %(short)s %(unit)s.")
    if room.target.indicator in MEANS:
        if room.allowed is None:
            return _("The period is over and the target is kept.")
        if room.feasibility is Feasibility.IMPOSSIBLE:
            return _(
                "Out of reach: even with nought on all %(left)d days left it is missed by %(short)s %(unit)s."
            )
        return _(
            "The %(left)d days left may average at most %(allowed)s %(unit)s, then the whole keeps %(cap)s %(unit)s."
        )
    if room.target.indicator is Indicator.HEAVY_DAYS:
        if room.heavy_left is not None and room.heavy_left < 0:
            return _("%(count)d heavy-pollution days so far, more than the %(cap)s allowed.")
        return _("%(count)d heavy-pollution days so far; %(more)d more may come in the %(left)d days left.")
    if room.target.indicator in COUNTS:
        if room.feasibility is Feasibility.IMPOSSIBLE:
            return _("Out of reach: %(need)d more good days are needed and only %(left)d days are left.")
        if not room.good_days_left:
            return _("%(count)d good days so far: the target is reached.")
        return _("%(count)d good days so far; %(need)d of the %(left)d days left must be good.")
    return _("At most %(more)d of the %(left)d days left may lie above %(cap)s %(unit)s.")


def formula(room: Room) -> str:
    """The sum behind the allowed mean, with its four numbers; empty where there is none."""
    if room.allowed is None or room.cap is None or room.mean_so_far is None:
        return ""
    facts = {
        "cap": figure(room.cap, 2),
        "all": room.done + room.left,
        "sum": figure(room.mean_so_far * room.done),
        "done": room.done,
        "allowed": figure(room.allowed, 2),
        "printed": room.published,
    }
    return (
        _(
            "R = (T × N − sum so far) ÷ (N − n) = (%(cap)s × %(all)d − %(sum)s) ÷ (%(all)d − %(done)d) = %(allowed)s, printed"
            " rounded down: %(printed)s"
        )
        % facts
    )
