"""On paper: a ranking then and now, joined where noise cannot tell places apart."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext

from lantian.assess.ranking import Ranking
from lantian_web.assessments import words
from lantian_web.assessments.charts.places import band_runs, gaps_of, moved_words, shown_rows, slot_of
from lantian_web.assessments.paper.parts import INK, LOOSE, SOFT, WIDTH, Look, foot, title

__all__ = ["ranking"]


def ranking(figure: Any, found: Ranking, look: Look) -> None:
    """Places then and now, best on top; joined ends at the right are ranks that noise cannot tell apart."""
    rows = shown_rows(found, look.own)
    figure.set_size_inches(WIDTH, 0.235 * max(len(rows), 4) + 1.35)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.08, 1.75)
    axes.set_ylim(len(rows) - 0.4, -1.4)
    for place, row in enumerate(rows):
        mine = row.point in look.own
        colour = INK if mine or row.clear else LOOSE
        was = slot_of(row.was, rows)
        if was is not None:
            axes.plot(
                [0, 1],
                [was, place],
                color=colour,
                linewidth=2.2 if mine else 1.3 if row.clear else 0.8,
                linestyle="-" if mine or row.clear else (0, (4, 2)),
                zorder=3 if mine else 2,
            )
            axes.plot(
                0, was, marker="o", markersize=4, markerfacecolor="white", markeredgecolor=colour, zorder=4
            )
        axes.plot(1, place, marker="o", markersize=4.5, color=colour, zorder=4)
        weight = "bold" if mine else "normal"
        spots = (
            (1.12, f"{row.rank}", "right"),
            (1.15, look.name(row.point), "left"),
            (1.52, f"{row.value}", "right"),
        )
        for x, text, side in (*spots, (1.58, moved_words(row), "left")):
            axes.text(x, place, text, ha=side, va="center", fontsize=9, color=INK, fontweight=weight)
    for run in band_runs([row.band for row in rows]):
        if len(run) > 1:
            axes.plot(
                [1, 1], [run[0], run[-1]], color="#bfc7cf", linewidth=5, solid_capstyle="round", zorder=1
            )
    for place in gaps_of(found, rows):
        axes.axhline(place - 0.5, color=LOOSE, linewidth=0.6, linestyle=":")
    if found.previous:
        axes.text(0, -1, words.period_words(found.previous), ha="left", va="center", fontsize=8.5, color=SOFT)
    axes.text(1, -1, words.period_words(found.period), ha="left", va="center", fontsize=8.5, color=SOFT)
    name = pgettext("picture", "Ranking by {indicator}").format(
        indicator=words.indicator_name(found.indicator)
    )
    edition = pgettext("picture", "edition {edition}").format(edition=found.edition) if found.edition else ""
    title(figure, name, edition)
    ranked = sum(row.rank is not None for row in found.rows)
    cut = ""
    if len(rows) < ranked:
        cut = pgettext("picture", "places shown: {shown} of {all}").format(shown=len(rows), all=ranked)
    noise = pgettext("picture", "bold: more than noise\ngrey bar: cannot be told apart")
    foot(figure, [noise.replace("\n", "  "), cut], found.footnotes)
