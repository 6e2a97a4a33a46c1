"""Options of lines over time: the season against its cap, the trend of the months, the profile of the week."""

from __future__ import annotations

import numpy as np
from django.utils.translation import pgettext

from lantian.assess.patterns import Profile, SeasonLine
from lantian.assess.trend import Trend
from lantian.observe.panel import Floats
from lantian_web.assessments import words
from lantian_web.assessments.charts.parts import (
    AXIS_LINE,
    LABEL,
    TOOLTIP,
    Option,
    drawn_line,
    heights,
    legend,
    places_of,
    plain_key,
    row_of,
    said_below,
    value_axis,
)

__all__ = ["profile", "profile_words", "season_line", "trend", "trend_fan"]

_DAYS_OF_WEEK = 7


def season_line(line: SeasonLine) -> Option:
    """Mean so far against last year, the cap, what the days left may have, and where the outlook ends."""
    places, unit = places_of(line.kind), words.unit(line.kind)
    days = [words.day_words(day) for day in line.period]
    now, before = pgettext("picture", "this season, mean so far"), pgettext("picture", "last season")
    cap, allowed = pgettext("picture", "cap of the season"), pgettext("picture", "the days left may average")
    band, middle = pgettext("picture", "outlook"), pgettext("picture", "outlook, middle")
    series = [
        drawn_line(
            before, row_of(line.before, places), color="$plot-2", lineStyle={"width": 1.5, "type": "dashed"}
        ),
        drawn_line(now, row_of(line.now, places), color="$plot", lineStyle={"width": 2.5}, z=4),
    ]
    if line.cap is not None:
        flat = [round(line.cap, places)] * len(days)
        series.append(drawn_line(cap, flat, color="$red", lineStyle={"width": 1.5}))
    left = [n for n, day in enumerate(line.period) if day > line.on]
    if line.allowed is not None and left:
        rest: list[float | None] = [None] * len(days)
        for n in left:
            rest[n] = round(line.allowed, places)
        series.append(drawn_line(allowed, rest, color="$amber", lineStyle={"width": 2, "type": [6, 3]}))
    if not np.all(np.isnan(line.middle)):
        low = {"stack": "outlook", "lineStyle": {"opacity": 0}, "tooltip": {"show": False}, "silent": True}
        series.append(drawn_line("low", row_of(line.low, places), **low, color="$order"))
        width = row_of(line.high - line.low, places)
        shade = {"areaStyle": {"color": "$order", "opacity": 0.28}, "color": "$order"}
        series.append(drawn_line(band, width, **low, **shade))
        series.append(
            drawn_line(
                middle,
                row_of(line.middle, places),
                color="$order",
                lineStyle={"width": 1.5, "type": "dotted"},
            )
        )
    shown = [one["name"] for one in series if one["name"] not in ("low", middle)]
    outlook_box = {"name": band, "icon": "rect"}
    return {
        "heights": heights(320, 340),
        "grid": {"left": 44, "right": 16, "top": 64, "bottom": 28},
        "legend": legend([outlook_box if one == band else plain_key(one) for one in shown]),
        "tooltip": {**TOOLTIP, "trigger": "axis", "valueFormatter": f"@number|{places}|{unit}"},
        "xAxis": {
            "type": "category",
            "data": days,
            "boundaryGap": False,
            "axisLabel": {**LABEL, "interval": "auto", "hideOverlap": True},
            "axisTick": {"show": False},
            "axisLine": AXIS_LINE,
        },
        "yAxis": value_axis(unit, min=0),
        "series": series,
        "narrow": {"grid": {"top": 100}},
    }


def trend(found: Trend) -> Option:
    """Monthly means, the same without the season, the Theil-Sen line with its interval, and what it says."""
    places, unit = places_of(found.kind), words.unit(found.kind)
    months = [words.month_words(month) for month in found.months]
    raw, flat = pgettext("picture", "monthly mean"), pgettext("picture", "without the season")
    line, ends = (
        pgettext("picture", "Theil-Sen line"),
        pgettext("picture", "95-percent interval of the slope"),
    )
    series = [
        drawn_line(
            raw, row_of(found.means, places), color="$plot-2", lineStyle={"width": 1, "opacity": 0.6}, z=1
        ),
        {
            "name": flat,
            "type": "scatter",
            "data": row_of(found.adjusted, places),
            "symbolSize": 6,
            "color": "$plot-2",
            "z": 2,
        },
    ]
    fan = trend_fan(found)
    if fan is not None:
        middle, low, high = fan
        series.append(drawn_line(line, row_of(middle, places), color="$plot", lineStyle={"width": 2.5}, z=4))
        dotted = {
            "color": "$plot",
            "lineStyle": {"width": 1.25, "type": "dashed"},
            "tooltip": {"show": False},
        }
        series.append(drawn_line(ends, row_of(low, places), **dotted, z=3))
        series.append(drawn_line(ends, row_of(high, places), **dotted, z=3))
    names = dict.fromkeys(one["name"] for one in series)
    head, sure = words.trend_words(found)
    return {
        "heights": heights(340, 372),
        "grid": {"left": 44, "right": 16, "top": 100, "bottom": 28},
        "title": {
            "text": head,
            "subtext": sure,
            "left": 0,
            "top": 0,
            "padding": 0,
            "itemGap": 4,
            "textStyle": {"color": "$ink", "fontSize": 14, "fontWeight": 600},
            "subtextStyle": {"color": "$ink-2", "fontSize": 12},
        },
        "legend": legend([name if name == flat else plain_key(name) for name in names], top=42),
        "tooltip": {**TOOLTIP, "trigger": "axis", "valueFormatter": f"@number|{places}|{unit}"},
        "xAxis": {
            "type": "category",
            "data": months,
            "axisLabel": {**LABEL, "hideOverlap": True},
            "axisTick": {"show": False},
            "axisLine": AXIS_LINE,
        },
        "yAxis": value_axis(unit, min=0),
        "series": series,
        "narrow": {"grid": {"top": 124}},
    }


def trend_fan(found: Trend) -> tuple[Floats, Floats, Floats] | None:
    """The line, and the lines of the lowest and highest slope through its middle, at every month."""
    if found.line is None or found.low is None or found.high is None:
        return None
    at = np.arange(len(found.months), dtype=np.float64)
    middle = np.interp(at, [0, max(len(at) - 1, 1)], found.line)
    from_centre = (at - (len(at) - 1) / 2) / 12
    centre = float(np.mean(found.line))
    return middle, centre + found.low * from_centre, centre + found.high * from_centre


def profile(found: Profile) -> Option:
    """Hours of the week, hours of the day and weekdays, each mean with its 95-percent interval."""
    places, unit = places_of(found.kind), words.unit(found.kind)
    name = words.item(found.kind)
    weekdays = [str(one) for one in words.WEEKDAYS]
    mean, low, high = found.weekday
    whiskers = [
        [n, a, b] for n, (a, b) in enumerate(zip(row_of(low, places), row_of(high, places), strict=True))
    ]
    category = {"type": "category", "axisTick": {"show": False}, "axisLine": AXIS_LINE}
    week_hours = [f"{weekdays[n // 24]} {n % 24}:00" for n in range(24 * _DAYS_OF_WEEK)]
    series = [
        *_interval(found.week, 0, places, name),
        *_interval(found.hour, 1, places, name),
        {
            "type": "custom",
            "renderItem": "@whisker",
            "xAxisIndex": 2,
            "yAxisIndex": 2,
            "data": whiskers,
            "encode": {"x": 0, "y": [1, 2]},
            "tooltip": {"show": False},
            "silent": True,
        },
        {
            "name": name,
            "type": "scatter",
            "xAxisIndex": 2,
            "yAxisIndex": 2,
            "data": row_of(mean, places),
            "symbolSize": 8,
            "color": "$plot",
            "z": 4,
        },
    ]
    day_marks = [{"xAxis": 24 * n} for n in range(1, _DAYS_OF_WEEK)]
    series[0]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"color": "$line", "type": "solid"},
        "data": day_marks,
    }
    return {
        "heights": heights(476, 650),
        "grid": [
            {"left": 44, "right": 12, "top": 28, "height": 160},
            {"left": 44, "right": "54%", "top": 252, "height": 150},
            {"left": "52%", "right": 12, "top": 252, "height": 150},
        ],
        "tooltip": {**TOOLTIP, "trigger": "axis", "valueFormatter": f"@number|{places}|{unit}"},
        "xAxis": [
            {
                **category,
                "data": week_hours,
                "boundaryGap": False,
                "axisLabel": {"show": False},
            },
            {
                **category,
                "gridIndex": 1,
                "data": [f"{n}:00" for n in range(24)],
                "boundaryGap": False,
                "axisLabel": {**LABEL, "interval": 5},
            },
            {**category, "gridIndex": 2, "data": weekdays, "axisLabel": {**LABEL, "interval": 0}},
            {
                **category,
                "gridIndex": 0,
                "position": "bottom",
                "data": weekdays,
                "axisLabel": {**LABEL, "interval": 0},
                "axisPointer": {"show": False},
                "axisLine": {"show": False},
            },
        ],
        "yAxis": [
            value_axis(unit, min=0),
            value_axis(pgettext("picture", "by hour of the day"), gridIndex=1, min=0, splitNumber=4),
            value_axis(pgettext("picture", "by weekday"), gridIndex=2, min=0, splitNumber=4),
        ],
        "graphic": [said_below(profile_words(found))],
        "series": [
            *series,
            {"type": "line", "xAxisIndex": 3, "yAxisIndex": 0, "data": [], "tooltip": {"show": False}},
        ],
        "narrow": {
            "grid": [
                {"left": 44, "right": 12, "top": 28, "height": 150},
                {"left": 44, "right": 12, "top": 234, "height": 140},
                {"left": 44, "right": 12, "top": 430, "height": 140},
            ]
        },
    }


def profile_words(found: Profile) -> str:
    """What the shade is, over how many weeks."""
    if np.isnan(found.weekday[1]).all():
        return pgettext("picture", "{weeks} weeks: too few for an interval").format(weeks=found.weeks)
    return pgettext(
        "picture",
        "95-percent interval: whole weeks resampled\n{weeks} weeks, {missing} h missing",
    ).format(weeks=found.weeks, missing=words.number(found.missing))


def _interval(values: tuple[Floats, Floats, Floats], axis: int, places: int, name: str) -> list[Option]:
    mean, low, high = values
    at = {"xAxisIndex": axis, "yAxisIndex": axis}
    quiet = {"lineStyle": {"opacity": 0}, "tooltip": {"show": False}, "silent": True, "stack": f"band {axis}"}
    drawn = [drawn_line(name, row_of(mean, places), **at, color="$plot", lineStyle={"width": 2}, z=3)]
    if not np.all(np.isnan(low)):
        shade = {"areaStyle": {"color": "$order", "opacity": 0.28}, "color": "$order"}
        drawn.append(drawn_line("low", row_of(low, places), **at, **quiet, color="$order"))
        drawn.append(drawn_line("high", row_of(high - low, places), **at, **quiet, **shade))
    return drawn
