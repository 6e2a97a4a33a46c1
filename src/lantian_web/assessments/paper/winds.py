"""On paper: wind rose and the item by wind; calm in the middle and in words, never a direction."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import pgettext

from lantian.assess.roses import SECTORS, PollutionRose, WindRose
from lantian_web.assessments import words
from lantian_web.assessments.paper.parts import INK, RAMP, SOFT, Look, foot, title
from lantian_web.assessments.scales import step_names, step_of, steps

__all__ = ["pollution_rose", "wind_rose"]

_HOLE = 0.2
_STEP = 2 * np.pi / SECTORS


def _compass(figure: Any) -> Any:
    figure.set_size_inches(5.2, 4.6)
    axes = figure.add_subplot(projection="polar")
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    axes.set_xticks(np.arange(0, SECTORS, 2) * _STEP, [words.sector_name(n) for n in range(0, SECTORS, 2)])
    axes.tick_params(axis="x", pad=2, labelsize=9, colors=INK)
    axes.grid(color="#dce1e6", linewidth=0.5)
    axes.spines["polar"].set_color("#bfc7cf")
    axes.set_axisbelow(True)
    return axes


def _key(axes: Any, entries: list[tuple[str, str]], head: str) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour, edgecolor="#bfc7cf", linewidth=0.4, label=name) for colour, name in entries
    ]
    axes.legend(
        handles=handles,
        title=head,
        title_fontsize=8.5,
        loc="center left",
        bbox_to_anchor=(1.14, 0.5),
        frameon=False,
        fontsize=8.5,
        alignment="left",
        handlelength=1.1,
        handleheight=1.0,
        labelspacing=0.5,
    )


def wind_rose(figure: Any, rose: WindRose, look: Look) -> None:
    """Share of hours by sector and wind force."""
    from matplotlib.ticker import MaxNLocator

    axes = _compass(figure)
    share = rose.share
    top = float(share.sum(axis=1).max(initial=0.0)) or 1.0
    hole = top * _HOLE
    base = np.zeros(SECTORS)
    angles = np.arange(SECTORS) * _STEP
    entries = []
    for n, force in enumerate(rose.forces):
        if not rose.hours[:, n].any():
            continue
        colour = RAMP[n + len(RAMP) - len(rose.forces)]
        axes.bar(
            angles,
            share[:, n],
            width=_STEP * 0.86,
            bottom=base,
            color=colour,
            edgecolor="white",
            linewidth=0.4,
        )
        base += share[:, n]
        entries.append((colour, words.force_name(force)))
    axes.set_rorigin(-hole)
    axes.set_ylim(0, top * 1.05)
    ticks = [tick for tick in MaxNLocator(4).tick_values(0, top) if 0 < tick <= top]
    axes.set_yticks(ticks, [f"{tick:g}%" for tick in ticks])
    # The figures stand where the least of the rose covers them.
    axes.set_rlabel_position(float(np.argmin(share.sum(axis=1))) * 360 / SECTORS)
    axes.tick_params(axis="y", labelsize=7.5, colors=SOFT)
    still, calm = pgettext("picture", "calm"), words.number(rose.calm_share, 1)
    axes.text(0, -hole, f"{still}\n{calm}%", ha="center", va="center", fontsize=8.5, color=INK)
    _key(axes, entries, pgettext("picture", "share of hours, %"))
    title(
        figure,
        pgettext("picture", "{place} wind rose").format(place=look.name(rose.point)),
        words.period_words(rose.period),
    )
    foot(figure, [words.calm_words(rose)], rose.footnotes)


def pollution_rose(figure: Any, rose: PollutionRose, look: Look) -> None:
    """Mean of the item by sector (angle) and wind force (ring, weak wind inside)."""
    axes = _compass(figure)
    edges = steps(rose.mean)
    used = [n for n in range(len(rose.forces)) if rose.hours[:, n].any()]
    angles = np.arange(SECTORS) * _STEP
    for ring, n in enumerate(used):
        for sector in range(SECTORS):
            value = float(rose.mean[sector, n])
            if not rose.hours[sector, n]:
                continue
            few = bool(np.isnan(value))
            axes.bar(
                angles[sector],
                1,
                width=_STEP,
                bottom=ring,
                color="white" if few else RAMP[step_of(value, edges)],
                edgecolor="#bfc7cf" if few else "white",
                linewidth=0.5,
                hatch="////" if few else None,
            )
    rings = max(len(used), 1)
    axes.set_rorigin(-rings * _HOLE)
    axes.set_ylim(0, rings)
    axes.set_yticks(range(rings + 1), [""] * (rings + 1))
    axes.grid(visible=False)
    places, unit = (2 if words.unit(rose.kind) == "mg/m³" else 0), words.unit(rose.kind)
    still, calm = pgettext("picture", "calm"), words.number(rose.calm_mean, places)
    axes.text(
        0,
        -rings * _HOLE,
        f"{still}\n{calm}",
        ha="center",
        va="center",
        fontsize=8.5,
        color=INK,
    )
    entries = [(RAMP[step], name) for step, name in step_names(edges)]
    mean = pgettext("picture", "mean")
    _key(axes, entries, f"{words.item(rose.kind)} {mean}\n{unit}")
    name = pgettext("picture", "{place} {item} by wind").format(
        place=look.name(rose.point), item=words.item(rose.kind)
    )
    title(figure, name, words.period_words(rose.period))
    forces = words.listed([str(rose.forces[n].force) for n in used])
    rings_said = pgettext("picture", "rings from inside: force {forces}; hatched: too few hours").format(
        forces=forces
    )
    foot(figure, [rings_said, words.calm_words(rose)], rose.footnotes)
