"""Options of roses: 16 sectors, calm in the middle and in words, never a direction."""

from __future__ import annotations

import numpy as np
from django.utils.translation import pgettext

from lantian.assess.roses import SECTORS, PollutionRose, WindRose
from lantian_web.assessments import words
from lantian_web.assessments.charts.parts import (
    AXIS_LINE,
    LABEL,
    SPLIT,
    TOOLTIP,
    Option,
    heights,
    legend,
    places_of,
    said_below,
)
from lantian_web.assessments.scales import RAMP_STEPS, step_names, step_of, steps

__all__ = ["pollution_rose", "wind_rose"]


def wind_rose(rose: WindRose) -> Option:
    """Share of hours by sector and wind force; calm in the middle, in words."""
    share = rose.share
    series = [
        {
            "name": words.force_name(force),
            "type": "bar",
            "coordinateSystem": "polar",
            "stack": "wind",
            "barCategoryGap": "12%",
            "color": f"$ramp-{n + RAMP_STEPS - len(rose.forces)}",
            "itemStyle": {"borderColor": "$surface", "borderWidth": 0.5},
            "data": [round(float(one), 2) for one in share[:, n]],
        }
        for n, force in enumerate(rose.forces)
        if rose.hours[:, n].any()
    ]
    calm = words.number(rose.calm_share, 1)
    return {
        **_polar(_calm_title(f"{calm} %"), 420),
        "radiusAxis": {
            "axisLabel": {
                **LABEL,
                "formatter": "{value} %",
                "showMinLabel": False,
                "textBorderColor": "$surface",
                "textBorderWidth": 3,
            },
            "splitLine": SPLIT,
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "splitNumber": 3,
            "z": 10,
        },
        "legend": legend([one["name"] for one in series], top=None, bottom=22, left="center", itemWidth=12),
        "tooltip": {**TOOLTIP, "trigger": "axis", "valueFormatter": "@number|1|%"},
        "graphic": [said_below(words.calm_words(rose))],
        "series": series,
        "narrow": {"polar": {"center": ["50%", "39%"], "radius": ["14%", "64%"]}, "title": {"top": "39%"}},
    }


def pollution_rose(rose: PollutionRose) -> Option:
    """Mean of the item by sector (angle) and wind force (ring, weak wind inside); calm in the middle, in words."""
    edges = steps(rose.mean)
    places, unit = places_of(rose.kind), words.unit(rose.kind)
    few = pgettext("picture", "too few hours")
    series: list[Option] = []
    used = [n for n in range(len(rose.forces)) if rose.hours[:, n].any()]
    for n in used:
        data = []
        for sector in range(SECTORS):
            value, hours = float(rose.mean[sector, n]), int(rose.hours[sector, n])
            told = few if np.isnan(value) else f"{words.number(value, places)} {unit}"
            style: Option = {"color": "$surface", "opacity": 0}
            if hours:
                style = {"color": "$blind-bg", "decal": "$hatch"}
            if not np.isnan(value):
                style = {"color": f"$ramp-{step_of(value, edges)}"}
            name = f"{words.sector_name(sector)}\n{words.force_name(rose.forces[n])}\n{told}, {hours} h"
            data.append({"value": 1, "name": name, "itemStyle": style})
        series.append(
            {
                "type": "bar",
                "coordinateSystem": "polar",
                "stack": "rings",
                "barCategoryGap": "0%",
                "itemStyle": {"borderColor": "$surface", "borderWidth": 1},
                "data": data,
            }
        )
    keys = [
        {"name": name, "type": "bar", "data": [], "color": f"$ramp-{step}"}
        for step, name in step_names(edges)
    ]
    return {
        **_polar(_calm_title(words.number(rose.calm_mean, places)), 440),
        "radiusAxis": {
            "min": 0,
            "max": max(len(used), 1),
            "interval": 1,
            "axisLabel": {"show": False},
            "splitLine": {"show": False},
            "axisLine": {"show": False},
            "axisTick": {"show": False},
        },
        # The legend belongs to empty bars on hidden axes: a rose's cells are coloured one by one.
        "xAxis": {"show": False, "type": "category"},
        "yAxis": {"show": False},
        "legend": legend(
            [one["name"] for one in keys],
            top=None,
            bottom=40,
            left="center",
            itemWidth=12,
            selectedMode=False,
        ),
        "tooltip": {**TOOLTIP, "formatter": "@name"},
        "graphic": [
            said_below(
                pgettext("picture", "rings from inside: force {forces}; colour: {item} mean, {unit}").format(
                    forces=words.listed([str(rose.forces[n].force) for n in used]),
                    item=words.item(rose.kind),
                    unit=unit,
                )
                + "\n"
                + words.calm_words(rose)
            )
        ],
        "series": [*series, *keys],
        "narrow": {"polar": {"center": ["50%", "39%"], "radius": ["14%", "64%"]}, "title": {"top": "39%"}},
    }


def _polar(title: str, size: int) -> Option:
    return {
        "heights": heights(size, size),
        "polar": {"center": ["50%", "42%"], "radius": ["13%", "66%"]},
        "angleAxis": {
            "type": "category",
            "data": [words.sector_name(n) for n in range(SECTORS)],
            "startAngle": 90 + 360 / SECTORS / 2,
            "axisLabel": {**LABEL, "color": "$ink-2", "interval": 1},
            "axisTick": {"show": False},
            "axisLine": AXIS_LINE,
            "splitLine": {"show": False},
        },
        "title": {
            "text": title,
            "left": "center",
            "top": "42%",
            "textVerticalAlign": "middle",
            "padding": 0,
            "textStyle": {"color": "$ink-2", "fontSize": 12, "fontWeight": 400, "lineHeight": 15},
        },
    }


def _calm_title(value: str) -> str:
    return pgettext("picture", "calm") + "\n" + value
