"""The pictures on paper: SVG or PNG of the records that the console draws, the same bytes every time.

Text is drawn as shapes with a Chinese font of this machine, so a file looks alike everywhere. A missing font or glyph is
an error with its name, never a silent box. White ground, colours told apart in grey print; AQI classes have the official
colours with height and figure beside them.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import cache
from threading import Lock
from typing import Any
from unicodedata import category

from lantian.errors import DataError, StoreError
from lantian_web.assessments import paper
from lantian_web.assessments.paper.parts import INK, RULE, SOFT, Look

__all__ = ["FAMILIES", "KINDS", "draw"]

FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
)
"""Faces with Chinese glyphs, the best first; the first that this machine has is taken."""

FALLBACK = "DejaVu Sans"
"""Comes with matplotlib; has the subscript digits that some Chinese faces lack."""

KINDS: Mapping[str, Callable[[Any, Any, Look], None]] = {
    "calendar": paper.calendar,
    "heat_map": paper.heat_map,
    "pollution_rose": paper.pollution_rose,
    "profile": paper.profile,
    "ranking": paper.ranking,
    "season_line": paper.season_line,
    "trend": paper.trend,
    "wind_rose": paper.wind_rose,
}

_FORMATS = ("svg", "png")
_DPI = 200
_LOCK = Lock()
_NEEDS_NONE = ("Cc", "Cf", "Zs")  # control and format characters, blanks


def _settings(family: str) -> Any:
    """Settings of matplotlib while one picture is drawn."""
    return {
        "font.family": [family, FALLBACK],
        "font.size": 9,
        "svg.hashsalt": "lantian",
        "svg.fonttype": "path",
        "axes.unicode_minus": True,
        "axes.linewidth": 0.6,
        "axes.edgecolor": RULE,
        "axes.labelcolor": SOFT,
        "text.color": INK,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "hatch.linewidth": 0.5,
    }


def draw(
    kind: str,
    record: Any,
    fmt: str = "svg",
    *,
    names: Mapping[str, str] | None = None,
    own: Collection[str] = (),
) -> bytes:
    """One picture of a record of `lantian.assess` (`wind_rose` a WindRose, `trend` a Trend, and so on).

    `names` gives the printed names of points, `own` the places to stand out in a ranking. The same record gives the same
    bytes with the same matplotlib and font. DataError for an unknown kind or format; StoreError names a missing font or
    the characters it cannot draw.
    """
    if kind not in KINDS:
        raise DataError(f"there is no picture {kind!r}; one of {', '.join(KINDS)}", field="kind")
    if fmt not in _FORMATS:
        raise DataError(f"a picture is svg or png, not {fmt!r}", field="format")
    import matplotlib as mpl
    from matplotlib.figure import Figure

    family = _family()
    look = Look(dict(names or {}), frozenset(own))
    with _LOCK, mpl.rc_context(_settings(family)):
        figure = Figure(layout="constrained")
        KINDS[kind](figure, record, look)
        _check_glyphs(_letters(figure), family)
        data = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if fmt == "svg" else {"Software": None}
        figure.savefig(data, format=fmt, dpi=_DPI, metadata=metadata, facecolor="white")
    return data.getvalue()


@cache
def _family() -> str:
    """The font to draw with. StoreError when this machine has none of FAMILIES."""
    from matplotlib.font_manager import fontManager

    known = {entry.name for entry in fontManager.ttflist}
    found = next((family for family in FAMILIES if family in known), None)
    if found is None:
        raise StoreError(f"no font for a picture; install one of {', '.join(FAMILIES)} (fonts-noto-cjk)")
    return found


def _check_glyphs(letters: Collection[str], family: str) -> None:
    has = _characters(family) | _characters(FALLBACK)
    absent = sorted(c for c in letters if ord(c) not in has and category(c) not in _NEEDS_NONE)
    if absent:
        told = ", ".join(f"{c} (U+{ord(c):04X})" for c in absent[:12])
        raise StoreError(f"font {family} has no glyph for {told}")


@cache
def _characters(family: str) -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    found = findfont(FontProperties(family=family), fallback_to_default=False)
    return frozenset(FT2Font(found, face_index=found.face_index).get_charmap())


def _letters(figure: Any) -> set[str]:
    """Every character that the picture prints, tick labels too."""
    from matplotlib.text import Text

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of glyphs: they are named by the check that follows
        figure.draw_without_rendering()
    return {letter for text in figure.findobj(Text) if text.get_visible() for letter in text.get_text()}
