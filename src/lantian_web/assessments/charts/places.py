"""Options of a ranking: places then and now, joined where noise cannot tell them apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from django.utils.translation import pgettext

from lantian.assess.ranking import Ranking, RankRow
from lantian_web.assessments import words
from lantian_web.assessments.charts.parts import (
    TOOLTIP,
    Option,
    heights,
    said_below,
)

__all__ = ["MOST_PLACES", "band_runs", "gaps_of", "moved_words", "ranking", "shown_rows", "slot_of"]

MOST_PLACES = 40
"""More places than these are cut to the first, the last and those around the own ones."""

_ENDS = 5


def ranking(found: Ranking, names: Mapping[str, str] | None = None, own: Collection[str] = ()) -> Option:
    """Places then and now, best on top; joined ends at the right are ranks that noise cannot tell apart."""
    rows = shown_rows(found, own)
    series: list[Option] = []
    labels = []
    for place, row in enumerate(rows):
        mine = row.point in own
        name = (names or {}).get(row.point, row.point)
        colour = "$plot" if mine or row.clear else "$plot-2"
        labels.append(f"{row.rank}  {name}  {row.value}  {moved_words(row)}")
        told = f"{name}\n{row.rank} ({row.best}–{row.worst})  {row.value}  {moved_words(row)}"
        was = slot_of(row.was, rows)
        series.append(
            {
                "type": "line",
                "name": name,
                "data": [
                    {"value": [0, was], "name": told, "symbol": "emptyCircle"},
                    {"value": [1, place], "name": told},
                ],
                "symbol": "circle",
                "symbolSize": 7,
                "color": colour,
                "lineStyle": {
                    "width": 3 if mine else 1.5 if row.clear else 1,
                    "type": "solid" if mine or row.clear else "dashed",
                },
                "z": 4 if mine else 2,
            }
        )
    bands = [
        [{"yAxis": run[0] - 0.5, "xAxis": 0.985}, {"yAxis": run[-1] + 0.5, "xAxis": 1.015}]
        for run in band_runs([row.band for row in rows])
        if len(run) > 1
    ]
    if series:
        series[0]["markLine"] = {
            "silent": True,
            "symbol": "none",
            "label": {"show": False},
            "lineStyle": {"color": "$line-2", "type": "dotted"},
            "data": [{"yAxis": place - 0.5} for place in gaps_of(found, rows)],
        }
        series[0]["markArea"] = {
            "silent": True,
            "itemStyle": {"color": "$order", "opacity": 0.45},
            "data": bands,
        }
    earlier = words.period_words(found.previous) if found.previous else ""
    height = 24 * len(rows) + 84
    return {
        "heights": heights(height, height),
        "grid": {"left": 40, "right": 200, "top": 32, "bottom": 48},
        "tooltip": {**TOOLTIP, "formatter": "@name"},
        "xAxis": {"type": "value", "min": 0, "max": 1, "show": False},
        "yAxis": [
            {
                "type": "value",
                "inverse": True,
                "min": -0.5,
                "max": max(len(rows), 1) - 0.5,
                "show": False,
            },
            {
                "type": "category",
                "inverse": True,
                "position": "right",
                "data": labels,
                "axisLabel": {"color": "$ink", "fontSize": 12, "interval": 0, "margin": 14},
                "axisTick": {"show": False},
                "axisLine": {"show": False},
            },
        ],
        "graphic": [
            {
                "type": "text",
                "left": 8,
                "top": 6,
                "style": {"text": earlier, "fill": "$ink-3", "fontSize": 12, "fontFamily": "$font"},
            },
            {
                "type": "text",
                "right": 8,
                "top": 6,
                "style": {
                    "text": words.period_words(found.period),
                    "fill": "$ink-3",
                    "fontSize": 12,
                    "fontFamily": "$font",
                },
            },
            said_below(pgettext("picture", "bold: more than noise\ngrey bar: cannot be told apart")),
        ],
        "series": [*series, {"type": "bar", "yAxisIndex": 1, "data": []}],
        "narrow": {"grid": {"left": 24, "right": 168}},
    }


def shown_rows(found: Ranking, own: Collection[str] = ()) -> tuple[RankRow, ...]:
    """Ranked places that a picture has room for: all of up to MOST_PLACES, else first, last and around the own ones."""
    rows = [row for row in found.rows if row.rank is not None]
    if len(rows) <= MOST_PLACES:
        return tuple(rows)
    centres = [n for n, row in enumerate(rows) if row.point in own] or [0]
    keep = {*range(_ENDS), *range(len(rows) - _ENDS, len(rows))}
    for n in sorted(range(len(rows)), key=lambda n: min(abs(n - centre) for centre in centres)):
        if len(keep) < MOST_PLACES:
            keep.add(n)
    return tuple(row for n, row in enumerate(rows) if n in keep)


def gaps_of(found: Ranking, rows: Sequence[RankRow]) -> tuple[int, ...]:
    """Places in `rows` before which others were left out of the picture."""
    order = {row.point: n for n, row in enumerate(found.rows)}
    pairs = enumerate(zip(rows, rows[1:], strict=False), start=1)
    return tuple(n for n, (one, after) in pairs if order[after.point] != order[one.point] + 1)


def moved_words(row: RankRow) -> str:
    """Ranks gained or lost."""
    if row.moved is None:
        return pgettext("picture", "new")
    if not row.moved:
        return "="
    return f"▲{row.moved}" if row.moved > 0 else f"▼{-row.moved}"


def slot_of(was: int | None, rows: Sequence[RankRow]) -> float | None:
    """Height of an earlier rank on the axis of the places shown; ranks outside them leave the picture at its edge."""
    if was is None:
        return None
    ranks = [float(row.rank or 0) for row in rows]
    slots = list(range(len(rows)))
    if was < ranks[0]:
        return -0.5
    if was > ranks[-1] + 1:
        return len(rows) - 0.5
    # Equal ranks hold several slots: the first one stands for the rank.
    firsts = dict(zip(reversed(ranks), reversed(slots), strict=True))
    return float(np.interp(was, sorted(firsts), [firsts[rank] for rank in sorted(firsts)]))


def band_runs(bands: Sequence[int]) -> list[list[int]]:
    """Places in order, those of one band together; band 0 joins nothing."""
    runs: list[list[int]] = []
    for n, band in enumerate(bands):
        if runs and band and bands[runs[-1][-1]] == band:
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs
