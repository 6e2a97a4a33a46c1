"""Colours, title and foot that every picture on paper has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import pgettext

from lantian.records import Footnote

__all__ = [
    "BAND",
    "CAP",
    "INK",
    "LOOSE",
    "Look",
    "PALE",
    "RAMP",
    "ROOM",
    "RULE",
    "SOFT",
    "WIDTH",
    "foot",
    "plain_axes",
    "title",
]

INK, SOFT, RULE, LOOSE, PALE = "#14181d", "#414952", "#bfc7cf", "#7a8694", "#edf0f3"
CAP, ROOM, BAND = "#b1241c", "#805200", "#c4cedb"
RAMP = ("#e6ecf2", "#c9d5e1", "#a8bacd", "#849cb6", "#5f7c9c", "#3d5a7c", "#1d3556")
"""From little to much: lightness alone tells the steps apart."""

WIDTH = 6.3
"""Inches: the text width of an A4 paper."""


@dataclass(frozen=True, slots=True)
class Look:
    """Printed names of points, and the points that stand out."""

    names: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def name(self, point: str) -> str:
        """The printed name of a point."""
        return self.names.get(point, point)


def title(figure: Any, text: str, below: str = "") -> None:
    """Title and a line of what it covers, at the left."""
    figure.suptitle(
        f"{text}\n" if below else text, x=0.015, ha="left", fontsize=12, color=INK, linespacing=1.5
    )
    if below:
        height = figure.get_figheight()
        figure.text(0.015, 1 - 0.38 / height, below, fontsize=8.5, color=SOFT, va="center")


def foot(figure: Any, lines: Sequence[str], footnotes: Sequence[Footnote] = ()) -> None:
    """What the picture cannot show by itself, and which numbers nobody has verified."""
    weak = sorted({note.source for note in footnotes if note.confidence in ("unverified", "proposed")})
    told = [line for line in lines if line]
    if weak:
        told.append(pgettext("picture", "unverified: {rows}").format(rows="; ".join(weak)))
    if told:
        figure.supxlabel("\n".join(told), x=0.015, ha="left", fontsize=8, color=SOFT, linespacing=1.4)


def plain_axes(axes: Any, unit: str = "") -> None:
    """No box, quiet grid, the unit over the axis of values."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color="#e4e8ec", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="both", length=0, labelsize=8.5)
    if unit:
        axes.set_title(unit, loc="left", fontsize=8.5, color=SOFT, pad=4)
