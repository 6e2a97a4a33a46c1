"""`--target` of `lantian assess`: what the words mean, and where such a target stands; and plain JSON values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lantian.errors import DataError

if TYPE_CHECKING:
    from lantian.assess.dust import DustDays
    from lantian.assess.targets.room import Room, Target
    from lantian.observe.panel import DayPanel
    from lantian.periods import Period
    from lantian.records import Footnote

__all__ = ["footnotes", "plain", "standing_of", "target_of"]

_FIELD = "--target"
_WORDS = re.compile(r"([+-]?)(\d{1,6}(?:\.\d{1,6})?)(%?)")
_WHOLE = 100  # percent


def plain(value: Fraction | Decimal | float | None, places: int = 3) -> float | None:
    """A plain JSON number, rounded once."""
    from lantian.units import round_half_even

    return None if value is None else float(round_half_even(value, places))


def footnotes(notes: Iterable[Footnote]) -> list[dict[str, str]]:
    """Footnotes as JSON values, each once."""
    return [
        {"table": note.table, "key": note.key, "source": note.source, "confidence": note.confidence}
        for note in dict.fromkeys(notes)
    ]


def _parsed(text: str, name: str) -> tuple[Decimal | None, Decimal | None]:
    """The value and the change [percent] that the words mean; one of them is None."""
    found = _WORDS.fullmatch(text.strip().replace("−", "-"))
    if found is None:
        raise DataError(f"{text!r} is neither a change (-3%) nor a value (39)", field=_FIELD)
    sign, number, percent = Decimal(f"{found[1]}1"), Decimal(found[2]), bool(found[3])
    ratio = name == "good_ratio"
    if percent and found[1]:
        if sign * number <= -_WHOLE:
            raise DataError(f"{text!r}: a fall by 100 % or more is no target", field=_FIELD)
        return None, sign * number
    if percent and not ratio:
        raise DataError(f"{text!r}: write the sign of a change, -{number}% or +{number}%", field=_FIELD)
    if found[1] == "-":
        raise DataError(f"{text!r}: {name} is never negative; a change is written -3%", field=_FIELD)
    if ratio and number > _WHOLE:
        raise DataError(f"{text!r}: a ratio is at most 100 %", field=_FIELD)
    if name.endswith("_days") and number != int(number):
        raise DataError(f"{text!r}: days are counted whole", field=_FIELD)
    return number, None


def target_of(text: str, area: str, name: str, period: Period, edition: str | None, dust: DustDays) -> Target:
    """A change on the same days last year (a signed percentage, whatever the indicator), or a value.

    DataError when it is neither, cannot be reached by the indicator, or no target can be set on it.
    """
    from lantian.assess.targets.room import Indicator, Target
    from lantian.periods import same_period_last_year
    from lantian.records import Footnote

    value, change = _parsed(text, name)
    try:
        indicator = Indicator(name)
    except ValueError:
        raise DataError(f"no target can be set on {name}", field=_FIELD) from None
    return Target(
        area=area,
        indicator=indicator,
        period=period,
        value=value,
        unit="",
        change_percent=change,
        change_days=None,
        base=None,
        base_period=same_period_last_year(period),
        edition=edition or "",
        dust_mode=dust.mode(name, period.end_on).value,
        paper="",
        footnote=Footnote("--target", text, "named on the command line", "proposed"),
    )


def standing_of(target: Target, panel: DayPanel, point: str, on: date, dust: DustDays) -> dict[str, Any]:
    """Where a target stands: every number that is known. DataError when its base has no valid day."""
    from lantian.assess.aqi import edition_on
    from lantian.assess.targets.room import room

    found = room(target, panel, on, point=point, excluded=dust.days.get(point, frozenset()))
    told = target.change_percent
    if found.cap is None:
        span = f"{target.base_period.start_on}..{target.base_period.end_on}"
        raise DataError(f"{told}% has no base: no valid value in {span}", field=_FIELD)
    asked = f"{told:+}%" if told is not None else str(target.value)
    edition = target.edition or edition_on(target.period.end_on)
    return {"target": asked, "on": on, "edition": edition, **_known(found)}


def _known(found: Room) -> dict[str, Any]:
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    kept = {
        name: plain(value) if isinstance(value, Fraction | Decimal) else value
        for name, value in values.items()
        if value is not None and name not in ("target", "on", "footnotes")
    }
    return {**kept, "footnotes": footnotes(found.footnotes)}
