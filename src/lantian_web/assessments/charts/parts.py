"""Parts that every picture of the console has: axes, legend, tooltip, the words below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lantian.observe.panel import Floats
from lantian.records import ObservationKind

__all__ = [
    "AXIS_LINE",
    "LABEL",
    "SPLIT",
    "TOOLTIP",
    "Option",
    "heights",
    "drawn_line",
    "legend",
    "places_of",
    "plain_key",
    "row_of",
    "said_below",
    "value_axis",
]

Option = dict[str, Any]

_NARROW = 520
LABEL = {"color": "$ink-3", "fontSize": 12}
TOOLTIP = {
    "backgroundColor": "$surface",
    "borderColor": "$line-2",
    "textStyle": {"color": "$ink", "fontSize": 13},
    "confine": True,
}
AXIS_LINE = {"lineStyle": {"color": "$line-2"}}
SPLIT = {"lineStyle": {"color": "$grid"}}


def heights(wide: int, narrow: int | None = None) -> Option:
    """Pixels that the picture wants in a wide and in a narrow holder."""
    return {"wide": wide, "narrow": narrow or wide, "below": _NARROW}


def places_of(kind: ObservationKind) -> int:
    """Decimals that an item is shown with."""
    return 2 if kind == ObservationKind.CO else 1


def row_of(values: Floats, places: int = 3) -> list[float | None]:
    """Numbers for JSON; a missing one is None."""
    return [None if np.isnan(one) else round(float(one), places) for one in values.ravel()]


def value_axis(name: str = "", **more: Any) -> Option:
    """An axis of values with its unit on top."""
    return {
        "type": "value",
        "name": name,
        "nameTextStyle": {**LABEL, "align": "left"},
        "nameGap": 12,
        "axisLabel": LABEL,
        "splitLine": SPLIT,
        **more,
    }


def drawn_line(name: str, data: list[Any], **more: Any) -> Option:
    """A line that breaks where a value is missing."""
    return {"name": name, "type": "line", "data": data, "symbol": "none", "connectNulls": False, **more}


def plain_key(name: str) -> Option:
    """A legend entry of a line, without a dot on it."""
    return {"name": name, "itemStyle": {"opacity": 0}}


def legend(names: Sequence[Any], **more: Any) -> Option:
    """Keys at the top left unless placed elsewhere."""
    base = {"data": list(names), "left": 0, "top": 0, "itemWidth": 22, "itemHeight": 10, "itemGap": 14}
    return {**base, "icon": None, "textStyle": {"color": "$ink-2", "fontSize": 12}, **more}


def said_below(text: str) -> Option:
    """Words under the picture."""
    return {
        "type": "text",
        "left": "center",
        "bottom": 4,
        "style": {
            "text": text,
            "fill": "$ink-2",
            "fontSize": 12,
            "lineHeight": 18,
            "fontFamily": "$font",
            "textAlign": "center",
        },
    }
