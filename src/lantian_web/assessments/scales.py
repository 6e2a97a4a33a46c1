"""Steps of colour for values: few, round, and the same on screen and paper."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

__all__ = ["RAMP_STEPS", "step_names", "step_of", "steps"]

RAMP_STEPS = 7
"""Colours of the ramp, from little to much; told apart in grey print and by colour-blind readers."""


def _round(value: float) -> float:
    """Two leading digits, the second one even or five."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** floor(log10(value))
    lead = value / unit
    step = 0.5 if lead >= 3 else 0.2
    return round(round(lead / step) * step * unit, 10)


def steps(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Rising round edges between colours, RAMP_STEPS - 1 at most, at about equal numbers of values; () without any."""
    known = values[~np.isnan(values)]
    if not known.size:
        return ()
    ends = np.quantile(known, np.arange(1, RAMP_STEPS) / RAMP_STEPS)
    edges = sorted({_round(float(end)) for end in ends} - {0.0})
    return tuple(edge for edge in edges if edge <= float(known.max()))


def step_of(value: float, edges: Sequence[float]) -> int:
    """Place of the value's colour in the ramp."""
    found = int(np.searchsorted(np.asarray(edges), value, side="right"))
    return _spread(found, len(edges))


def _spread(found: int, edges: int) -> int:
    """With fewer edges than the ramp has room for, its ends are still used."""
    return RAMP_STEPS - 1 if not edges else ceil(found * (RAMP_STEPS - 1) / edges)


def step_names(edges: Sequence[float]) -> tuple[tuple[int, str], ...]:
    """Place in the ramp and words of every step, from little to much."""
    if not edges:
        return ()
    texts = [f"{edge:g}" for edge in edges]
    words = [f"< {texts[0]}"]
    words += [f"{low}–{high}" for low, high in zip(texts, texts[1:], strict=False)]
    words.append(f"≥ {texts[-1]}")
    return tuple((_spread(n, len(edges)), word) for n, word in enumerate(words))
