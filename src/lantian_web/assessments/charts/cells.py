"""Options of cells: the days of a calendar, the hours of areas."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from django.utils.translation import pgettext

from lantian.assess.patterns import Calendar, HeatMap
from lantian_web.assessments import words
from lantian_web.assessments.charts.parts import (
    AXIS_LINE,
    LABEL,
    TOOLTIP,
    Option,
    heights,
    legend,
    places_of,
)
from lantian_web.assessments.scales import step_names, step_of, steps

__all__ = ["calendar", "heat_map"]

_DAYS_OF_WEEK = 7


def calendar(found: Calendar) -> Option:
    """Months as blocks of weeks: each day's AQI with a bar as high and coloured as its class."""
    months: list[Option] = []
    data: list[Option] = []
    for day in found.days:
        first = day.on.replace(day=1)
        if not months or months[-1]["first"] != first.isoformat():
            months.append({"first": first.isoformat(), "name": words.month_words(first), "weeks": 0})
        week = (day.on.day - 1 + first.weekday()) // _DAYS_OF_WEEK
        months[-1]["weeks"] = max(months[-1]["weeks"], week + 1)
        label = f"{day.on.isoformat()} {words.class_name(day.level)}"
        if day.aqi is not None:
            label += f" AQI {day.aqi}"
        if day.primary:
            label += " " + words.listed([words.item(kind) for kind in day.primary])
        data.append(
            {
                "name": label,
                "short": "" if day.aqi is None else str(day.aqi),
                "colour": words.class_rgb(day.level) if day.level else "",
                "value": [len(months) - 1, day.on.day, day.on.weekday(), week, day.level],
            }
        )
    return {
        "calendarMonths": {"months": months, "weekdays": [str(name) for name in words.WEEKDAYS]},
        "heights": heights(200),
        "tooltip": {**TOOLTIP, "formatter": "@name"},
        "series": [{"type": "custom", "coordinateSystem": "none", "renderItem": "@calendar", "data": data}],
    }


def heat_map(found: HeatMap, names: Mapping[str, str] | None = None) -> Option:
    """Areas by hour, missing hours hatched; the first area on top."""
    edges = steps(found.values)
    places, unit = places_of(found.kind), words.unit(found.kind)
    rows = [(names or {}).get(point, point) for point in found.points]
    if found.starts is None:
        columns = [f"{n}:00" for n in range(found.values.shape[1])]
    else:
        columns = [f"{words.day_words(start.date())} {start.hour}:00" for start in found.starts]
    cells: list[Option] = []
    holes: list[Option] = []
    lacking = pgettext("picture", "missing")
    for r, row in enumerate(found.values):
        for c, value in enumerate(row):
            name = f"{rows[r]} {columns[c]}"
            if np.isnan(value):
                holes.append({"value": [c, r, 0], "name": f"{name}\n{lacking}"})
            else:
                told = f"{words.number(float(value), places)} {unit}"
                style = {"color": f"$ramp-{step_of(float(value), edges)}"}
                cells.append(
                    {
                        "value": [c, r, round(float(value), places)],
                        "name": f"{name}\n{told}",
                        "itemStyle": style,
                    }
                )
    hatched = {"color": "$blind-bg", "decal": "$hatch"}
    keys: list[Option] = [
        {"name": name, "type": "bar", "data": [], "color": f"$ramp-{step}"}
        for step, name in step_names(edges)
    ]
    if holes:
        missing = pgettext("picture", "missing")
        keys.append({"name": missing, "type": "bar", "data": [], "itemStyle": hatched})
    height = 22 * len(rows) + 88
    return {
        "heights": heights(height, height + 24),
        "grid": {"left": 8, "right": 12, "top": 48, "bottom": 8, "containLabel": True},
        "legend": legend([one["name"] for one in keys], itemWidth=12, selectedMode=False),
        "tooltip": {**TOOLTIP, "formatter": "@name"},
        "xAxis": {
            "type": "category",
            "data": columns,
            "axisLabel": {**LABEL, "hideOverlap": True},
            "axisTick": {"show": False},
            "axisLine": AXIS_LINE,
        },
        "yAxis": {
            "type": "category",
            "data": rows,
            "inverse": True,
            "axisLabel": {**LABEL, "color": "$ink-2", "interval": 0},
            "axisTick": {"show": False},
            "axisLine": {"show": False},
        },
        # Each cell brings its own colour; the map from value to colour is only there because a heat map asks for one.
        "visualMap": {"show": False, "min": 0, "max": 1, "seriesIndex": [], "inRange": {}},
        "series": [
            {"type": "heatmap", "data": cells, "itemStyle": {"borderColor": "$surface", "borderWidth": 1}},
            {
                "type": "heatmap",
                "data": holes,
                "itemStyle": {**hatched, "borderColor": "$surface", "borderWidth": 1},
            },
            *keys,
        ],
        "narrow": {"grid": {"top": 72}},
    }
