"""On paper: the season against its cap, the trend of the months, the profile of the week."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import pgettext

from lantian.assess.patterns import Profile, SeasonLine
from lantian.assess.trend import Trend
from lantian.observe.panel import Floats
from lantian_web.assessments import words
from lantian_web.assessments.charts.lines import profile_words, trend_fan
from lantian_web.assessments.paper.parts import (
    BAND,
    CAP,
    INK,
    LOOSE,
    ROOM,
    SOFT,
    WIDTH,
    Look,
    foot,
    plain_axes,
    title,
)

__all__ = ["profile", "season_line", "trend"]


def _legend(axes: Any, columns: int) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.11),
        ncols=columns,
        frameon=False,
        fontsize=8.5,
        handlelength=2.2,
        borderaxespad=0,
        columnspacing=1.4,
        borderpad=0,
    )


def season_line(figure: Any, line: SeasonLine, look: Look) -> None:
    """Mean so far against last year, the cap, what the days left may have, and the outlook."""
    figure.set_size_inches(WIDTH, 3.5)
    axes = figure.subplots()
    x = np.arange(line.period.days)
    if not np.all(np.isnan(line.middle)):
        axes.fill_between(
            x, line.low, line.high, color=BAND, linewidth=0, label=pgettext("picture", "outlook")
        )
        axes.plot(x, line.middle, color=LOOSE, linewidth=1, linestyle=":")
    axes.plot(
        x, line.before, color=LOOSE, linewidth=1.1, linestyle="--", label=pgettext("picture", "last season")
    )
    axes.plot(x, line.now, color=INK, linewidth=1.9, label=pgettext("picture", "this season, mean so far"))
    if line.cap is not None:
        axes.axhline(line.cap, color=CAP, linewidth=1.1, label=pgettext("picture", "cap of the season"))
    left = [n for n, day in enumerate(line.period) if day > line.on]
    if line.allowed is not None and left:
        told = pgettext("picture", "the days left may average")
        axes.plot(
            [left[0], left[-1]],
            [line.allowed] * 2,
            color=ROOM,
            linewidth=1.6,
            linestyle=(0, (5, 2)),
            label=told,
        )
    firsts = [n for n, day in enumerate(line.period) if n == 0 or day.day == 1]
    days = list(line.period)
    axes.set_xticks(firsts, [words.day_words(days[n]) for n in firsts])
    axes.set_xlim(0, len(x) - 1)
    axes.set_ylim(bottom=0)
    plain_axes(axes, words.unit(line.kind))
    _legend(axes, 5)
    name = pgettext("picture", "{place} {item}: mean since the first day").format(
        place=look.name(line.point), item=words.item(line.kind)
    )
    as_of = pgettext("picture", "up to {day}").format(day=line.on.isoformat())
    title(figure, name, f"{words.period_words(line.period)}  {as_of}")


def trend(figure: Any, found: Trend, look: Look) -> None:
    """Monthly means, the same without the season, the Theil-Sen line with its interval, and what it says."""
    figure.set_size_inches(WIDTH, 3.7)
    axes = figure.subplots()
    x = np.arange(len(found.months))
    axes.plot(
        x, found.means, color=LOOSE, linewidth=0.7, alpha=0.7, label=pgettext("picture", "monthly mean")
    )
    if found.line is not None:
        axes.plot(
            x,
            found.adjusted,
            linestyle="none",
            marker="o",
            markersize=3.2,
            color=LOOSE,
            label=pgettext("picture", "without the season"),
        )
    fan = trend_fan(found)
    if fan is not None:
        middle, low, high = fan
        axes.plot(x, middle, color=INK, linewidth=1.9, label=pgettext("picture", "Theil-Sen line"))
        interval = pgettext("picture", "95-percent interval of the slope")
        axes.plot(x, low, color=INK, linewidth=0.9, linestyle="--", label=interval)
        axes.plot(x, high, color=INK, linewidth=0.9, linestyle="--")
    firsts = [n for n, month in enumerate(found.months) if month.month == 1] or [0]
    axes.set_xticks(firsts, [words.month_words(found.months[n]) for n in firsts])
    axes.set_xlim(-0.5, max(len(x) - 0.5, 0.5))
    axes.set_ylim(bottom=0)
    plain_axes(axes, words.unit(found.kind))
    _legend(axes, 4)
    head, sure = words.trend_words(found)
    name = pgettext("picture", "{place} {item} trend").format(
        place=look.name(found.point), item=words.item(found.kind)
    )
    title(figure, f"{name}  {head}", sure)
    foot(figure, [], found.footnotes)


def _from_nought(axes: Any, mean: Floats, high: Floats) -> None:
    """An axis from nought with room above the highest interval."""
    top = np.fmax.reduce(np.concatenate([mean, high]), initial=0.0)
    axes.set_ylim(0, top * 1.06 or 1.0)


def _with_interval(axes: Any, x: Floats, values: tuple[Floats, Floats, Floats]) -> None:
    mean, low, high = (one.ravel() for one in values)
    axes.fill_between(x, low, high, color=BAND, linewidth=0)
    axes.plot(x, mean, color=INK, linewidth=1.6)
    axes.set_xlim(x[0], x[-1])
    _from_nought(axes, mean, high)


def profile(figure: Any, found: Profile, look: Look) -> None:
    """Hours of the week, hours of the day and weekdays, each mean with its 95 % interval."""
    figure.set_size_inches(WIDTH, 4.8)
    spots = figure.add_gridspec(2, 2)
    week, hour, weekday = (
        figure.add_subplot(spots[0, :]),
        figure.add_subplot(spots[1, 0]),
        figure.add_subplot(spots[1, 1]),
    )
    names = [str(one) for one in words.WEEKDAYS]
    _with_interval(week, np.arange(168.0), found.week)
    week.set_xticks(np.arange(7) * 24 + 12, names)
    for edge in range(24, 168, 24):
        week.axvline(edge, color="#dce1e6", linewidth=0.6)
    plain_axes(week, words.unit(found.kind))
    _with_interval(hour, np.arange(24.0), found.hour)
    hour.set_xticks([0, 6, 12, 18], ["0:00", "6:00", "12:00", "18:00"])
    plain_axes(hour, pgettext("picture", "by hour of the day"))
    mean, low, high = found.weekday
    x = np.arange(7)
    weekday.vlines(x, low, high, color=LOOSE, linewidth=1.2)
    weekday.plot(x, mean, linestyle="none", marker="o", markersize=5, color=INK)
    weekday.set_xticks(x, names)
    weekday.set_xlim(-0.5, 6.5)
    _from_nought(weekday, mean, high)
    plain_axes(weekday, pgettext("picture", "by weekday"))
    for axes in (hour, weekday):
        axes.title.set_color(SOFT)
    name = pgettext("picture", "{place} {item} by hour and weekday").format(
        place=look.name(found.point), item=words.item(found.kind)
    )
    title(figure, name, words.period_words(found.period))
    foot(figure, [profile_words(found)])
