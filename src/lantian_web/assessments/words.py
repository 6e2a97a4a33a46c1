"""Words of the pictures: items with units, winds, classes, weekdays, what a trend says. The same on screen and paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import get_language, pgettext, pgettext_lazy

from lantian.assess.roses import PollutionRose, WindForce, WindRose
from lantian.assess.trend import Direction, Trend, TrendReason
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian.standards import table
from lantian.units import round_half_even

__all__ = [
    "SECTOR_NAMES",
    "WEEKDAYS",
    "calm_words",
    "class_name",
    "class_rgb",
    "day_words",
    "force_name",
    "indicator_name",
    "item",
    "listed",
    "month_words",
    "number",
    "period_words",
    "sector_name",
    "signed",
    "trend_words",
    "unit",
]

_ITEMS = {
    ObservationKind.PM25: "PM₂.₅",
    ObservationKind.PM10: "PM₁₀",
    ObservationKind.SO2: "SO₂",
    ObservationKind.NO2: "NO₂",
    ObservationKind.CO: "CO",
    ObservationKind.O3: "O₃",
    ObservationKind.O3_MAX: "O₃",
}
WEEKDAYS = (
    pgettext_lazy("picture", "Mon"), pgettext_lazy("picture", "Tue"), pgettext_lazy("picture", "Wed"), pgettext_lazy("picture", "Thu"),
    pgettext_lazy("picture", "Fri"), pgettext_lazy("picture", "Sat"), pgettext_lazy("picture", "Sun"),
)  # fmt: skip
SECTOR_NAMES = (
    pgettext_lazy("picture", "N"), pgettext_lazy("picture", "NNE"), pgettext_lazy("picture", "NE"), pgettext_lazy("picture", "ENE"),
    pgettext_lazy("picture", "E"), pgettext_lazy("picture", "ESE"), pgettext_lazy("picture", "SE"), pgettext_lazy("picture", "SSE"),
    pgettext_lazy("picture", "S"), pgettext_lazy("picture", "SSW"), pgettext_lazy("picture", "SW"), pgettext_lazy("picture", "WSW"),
    pgettext_lazy("picture", "W"), pgettext_lazy("picture", "WNW"), pgettext_lazy("picture", "NW"), pgettext_lazy("picture", "NNW"),
)  # fmt: skip
_DIRECTIONS = {
    Direction.FALLING: pgettext_lazy("picture", "falling, told from noise"),
    Direction.RISING: pgettext_lazy("picture", "rising, told from noise"),
    Direction.NO_TREND: pgettext_lazy("picture", "no trend can be told from noise"),
    Direction.CANNOT_TELL: pgettext_lazy("picture", "cannot tell"),
}
_REASONS = {
    TrendReason.TOO_FEW_MONTHS: pgettext_lazy("picture", "too few months with enough days"),
    TrendReason.MONTH_NEVER_SEEN: pgettext_lazy(
        "picture", "a calendar month has less than two years of data"
    ),
}


def item(kind: ObservationKind) -> str:
    """Name of an item as it is printed."""
    return _ITEMS.get(kind, kind.value)


def unit(kind: ObservationKind) -> str:
    """Unit of an item as it is printed."""
    return "mg/m³" if kind == ObservationKind.CO else "µg/m³"


def number(value: float | Decimal | None, places: int = 0) -> str:
    """A figure for the eye: rounded half-even once, with a true minus; a dash when there is none."""
    if value is None or value != value:
        return "—"
    text = f"{round_half_even(value, places):,}"
    return text.replace("-", "−") if text.strip("-0.,") else text.removeprefix("-")


def sector_name(sector: int) -> str:
    """Name of a wind sector, north first."""
    return str(SECTOR_NAMES[sector])


def force_name(force: WindForce) -> str:
    """Force with its speeds."""
    row = next(row for row in table("wind_forces") if row.integer("force") == force.force)
    name = row.text("name_zh") if _chinese() else row.text("name_en")
    if force.high is None:
        return pgettext("picture", "force {force} and above {name} ≥{low} m/s").format(
            force=force.force, name=name, low=force.low
        )
    return pgettext("picture", "force {force} {name} {low}–{high} m/s").format(
        force=force.force, name=name, low=force.low, high=force.high - Decimal("0.1")
    )


def _class(level: int) -> dict[str, str | int]:
    row = [row for row in table("aqi_levels") if row.integer("level") == level][-1]
    return {
        "zh": row.text("name_zh"),
        "en": row.text("name_en"),
        **{part: row.integer(part) for part in "rgb"},
    }


def class_name(level: int) -> str:
    """Name of an AQI class; class 0 is a day without an AQI."""
    if not level:
        return pgettext("picture", "cannot tell")
    return str(_class(level)["zh" if _chinese() else "en"])


def class_rgb(level: int) -> str:
    """Official colour of an AQI class, #rrggbb (table `aqi_levels`)."""
    row = _class(level)
    return "#" + "".join(f"{row[part]:02x}" for part in "rgb")


def day_words(day: date) -> str:
    """Month and day."""
    return pgettext("picture", "{month}/{day}").format(month=day.month, day=day.day)


def month_words(day: date) -> str:
    """Year and month."""
    return pgettext("picture", "{year}-{month:02d}").format(year=day.year, month=day.month)


def period_words(period: Period) -> str:
    """First and last day."""
    full = pgettext("picture", "{year}-{month:02d}-{day:02d}")
    first, last = (
        full.format(year=day.year, month=day.month, day=day.day) for day in (period.start_on, period.end_on)
    )
    return pgettext("picture", "{first} to {last}").format(first=first, last=last)


def calm_words(rose: WindRose | PollutionRose) -> str:
    """Calm and missing hours, which no sector shows."""
    share = rose.calm * 100 / rose.total if rose.total else None
    return pgettext("picture", "calm {calm} percent of {total} h; {missing} h missing").format(
        calm=number(share, 1), total=number(rose.total), missing=number(rose.missing)
    )


def trend_words(trend: Trend) -> tuple[str, str]:
    """What a trend says, and how sure it is."""
    if trend.slope is None or trend.low is None or trend.high is None:
        why = str(_REASONS[trend.reason]) if trend.reason else ""
        months = pgettext("picture", "{months} of {all} months can be used").format(
            months=trend.months_valid, all=len(trend.months)
        )
        return pgettext("picture", "Trend: cannot tell, {why}").format(why=why), months
    places = 2 if trend.kind == ObservationKind.CO else 1
    head = pgettext("picture", "{slope} {unit} a year: {direction}").format(
        slope=signed(trend.slope, places), unit=unit(trend.kind), direction=_DIRECTIONS[trend.direction]
    )
    sure = pgettext("picture", "95-percent interval {low} to {high}; {months} of {all} months").format(
        low=signed(trend.low, places),
        high=signed(trend.high, places),
        months=trend.months_valid,
        all=len(trend.months),
    )
    return head, sure


def signed(value: float, places: int) -> str:
    """A change with its sign."""
    text = number(value, places)
    return text if text.startswith("−") or not text.strip("0.,") else f"+{text}"


def indicator_name(name: str) -> str:
    """Name of a ranked indicator: a statistic, an item alone, or the composite index."""
    known = {
        "index": pgettext("picture", "composite index"),
        "good_days": pgettext("picture", "good days"),
        "heavy_days": pgettext("picture", "heavy days"),
        "good_ratio": pgettext("picture", "share of good days"),
    }
    if name in known:
        return known[name]
    code, _, statistic = name.partition("_")
    shown = item(ObservationKind(code)) if code in set(ObservationKind) else name
    if statistic.startswith("p") and statistic[1:].isdigit():
        return pgettext("picture", "{name} P{number}").format(name=shown, number=statistic[1:])
    return pgettext("picture", "{name} mean").format(name=shown) if statistic == "mean" else shown


def listed(names: Sequence[str]) -> str:
    """Names one after another."""
    return pgettext("picture", ", ").join(names)


def _chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")
