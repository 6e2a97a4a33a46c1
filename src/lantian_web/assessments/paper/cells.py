"""On paper: the days of a calendar, the hours of areas."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import pgettext

from lantian.assess.patterns import Calendar, CalendarDay, HeatMap
from lantian_web.assessments import words
from lantian_web.assessments.paper.parts import INK, PALE, RAMP, SOFT, WIDTH, Look, foot, title
from lantian_web.assessments.scales import step_names, step_of, steps

__all__ = ["calendar", "heat_map"]

_ACROSS = 3
_LEVELS = 6
_WEEK = 7


def _week_of(day: CalendarDay) -> int:
    return (day.on.day - 1 + day.on.replace(day=1).weekday()) // _WEEK


def _month(axes: Any, days: list[CalendarDay]) -> None:
    from matplotlib.patches import Rectangle

    axes.set_xlim(0, _WEEK)
    axes.set_ylim(6.02, -0.02)
    axes.set_xticks(np.arange(_WEEK) + 0.5, [str(name) for name in words.WEEKDAYS])
    axes.tick_params(
        length=0, labelsize=7, colors=SOFT, top=True, labeltop=True, bottom=False, labelbottom=False, pad=1
    )
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(words.month_words(days[0].on), loc="left", fontsize=9, color=INK, pad=5, fontweight="bold")
    for day in days:
        x, y = day.on.weekday(), _week_of(day)
        if not day.level:
            axes.add_patch(
                Rectangle(
                    (x + 0.04, y + 0.05),
                    0.92,
                    0.9,
                    facecolor="white",
                    edgecolor="#8a94a0",
                    linewidth=0.3,
                    hatch="/////",
                )
            )
            continue
        axes.add_patch(Rectangle((x + 0.04, y + 0.05), 0.92, 0.9, facecolor=PALE, linewidth=0))
        tall = 0.9 * day.level / _LEVELS
        colour = words.class_rgb(day.level)
        axes.add_patch(
            Rectangle(
                (x + 0.04, y + 0.95 - tall), 0.22, tall, facecolor=colour, edgecolor="#5a636d", linewidth=0.3
            )
        )
        heavy = day.level > 4
        axes.text(
            x + 0.61,
            y + 0.52,
            str(day.aqi),
            ha="center",
            va="center",
            fontsize=6.6,
            color=INK if heavy else SOFT,
            fontweight="bold" if heavy else "normal",
        )


def calendar(figure: Any, found: Calendar, look: Look) -> None:
    """Months as blocks of weeks: each day's AQI with a bar as high and coloured as its class."""
    from matplotlib.patches import Patch

    months: dict[Any, list[CalendarDay]] = {}
    for day in found.days:
        months.setdefault(day.on.replace(day=1), []).append(day)
    across = min(_ACROSS, len(months))
    down = -(-len(months) // across)
    figure.set_size_inches(WIDTH, 1.62 * down + 1.25)
    grid = figure.subplots(down, across, squeeze=False).ravel()
    for axes, days in zip(grid, months.values(), strict=False):
        _month(axes, days)
    for axes in grid[len(months) :]:
        axes.set_axis_off()
    counts = []
    for level in (*range(1, _LEVELS + 1), 0):
        if level or found.counts[0]:
            told = pgettext("picture", "{name} {count} d").format(
                name=words.class_name(level), count=found.counts[level]
            )
            colour, hatch = (words.class_rgb(level), None) if level else ("white", "/////")
            counts.append(
                Patch(facecolor=colour, hatch=hatch, edgecolor="#5a636d", linewidth=0.3, label=told)
            )
    figure.legend(
        handles=counts,
        loc="outside lower left",
        ncols=len(counts),
        frameon=False,
        fontsize=8,
        handlelength=0.9,
        handleheight=1.0,
        columnspacing=0.9,
        handletextpad=0.4,
    )
    name = pgettext("picture", "{place} calendar of daily AQI").format(place=look.name(found.point))
    edition = pgettext("picture", "edition {edition}").format(edition=found.edition)
    title(figure, name, f"{words.period_words(found.period)}  {edition}")


def heat_map(figure: Any, found: HeatMap, look: Look) -> None:
    """Areas by hour, missing hours hatched; the first area on top."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    rows, columns = found.values.shape
    figure.set_size_inches(WIDTH, 0.2 * rows + 1.5)
    axes = figure.subplots()
    edges = steps(found.values)
    known = ~np.isnan(found.values)
    colours = np.full((rows, columns), np.nan)
    colours[known] = [step_of(float(value), edges) for value in found.values[known]]
    axes.set_facecolor("white")
    axes.patch.set(hatch="//////", edgecolor="#8a94a0", linewidth=0)
    wide = np.ma.masked_invalid(colours)
    axes.pcolormesh(
        wide, cmap=ListedColormap(RAMP), vmin=-0.5, vmax=len(RAMP) - 0.5, edgecolor="white", linewidth=0.4
    )
    axes.set_ylim(rows, 0)
    axes.set_yticks(np.arange(rows) + 0.5, [look.name(point) for point in found.points])
    if found.starts is None:
        ticks = list(range(0, columns, 3))
        axes.set_xticks([n + 0.5 for n in ticks], [f"{n}:00" for n in ticks])
    else:
        step = 6 if columns <= 72 else 24 * max(1, columns // 240)
        ticks = list(range(0, columns, step))
        axes.set_xticks(
            ticks,
            [
                words.day_words(found.starts[n].date())
                if found.starts[n].hour == 0
                else f"{found.starts[n].hour}:00"
                for n in ticks
            ],
        )
    axes.tick_params(length=0, labelsize=8.5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    entries = [
        Patch(facecolor=RAMP[step], edgecolor="#bfc7cf", linewidth=0.4, label=name)
        for step, name in step_names(edges)
    ]
    if not known.all():
        entries.append(
            Patch(
                facecolor="white",
                edgecolor="#8a94a0",
                linewidth=0.3,
                hatch="//////",
                label=pgettext("picture", "missing"),
            )
        )
    axes.legend(
        handles=entries,
        loc="lower left",
        bbox_to_anchor=(0, 1.02),
        ncols=len(entries),
        frameon=False,
        fontsize=8,
        handlelength=1,
        handleheight=1,
        columnspacing=1,
        borderaxespad=0,
        borderpad=0,
        handletextpad=0.4,
    )
    by_clock = (
        pgettext("picture", "{item} by area and hour of the day")
        if found.starts is None
        else pgettext("picture", "{item} by area and hour")
    )
    title(
        figure,
        by_clock.format(item=words.item(found.kind)),
        f"{words.period_words(found.period)}  {words.unit(found.kind)}",
    )
    foot(figure, [])
