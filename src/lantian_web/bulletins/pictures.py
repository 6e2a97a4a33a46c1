"""A sheet's pictures drawn from the values that stand in it: what is printed is what was frozen."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

import numpy as np

from lantian.assess.patterns import season_line
from lantian.observe.panel import DayPanel
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian.report import Picture
from lantian_web.assessments import figures

__all__ = ["drawn"]


@lru_cache(maxsize=8)
def drawn(picture: Picture, fmt: str) -> bytes:
    """The picture as `svg` or `png`. StoreError names a font or glyph that is absent."""
    days = dict(picture.days)
    first = min(days)
    count = (max(days) - first).days + 1
    values = [float(days.get(first + timedelta(days=n), "nan")) for n in range(count)]
    kind = ObservationKind.PM25
    panel = DayPanel((picture.place,), first, {kind: np.array([values])})
    line = season_line(
        panel,
        picture.place,
        kind,
        Period(picture.start_on, picture.end_on),
        picture.on,
        cap=picture.cap,
        allowed=picture.allowed,
    )
    return figures.draw("season_line", line, fmt)
