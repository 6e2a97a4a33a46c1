"""Means and roundings of arrays that never lose a tie.

A mean is either the correctly rounded double of the exact mean, or it lies so far from every place where a published
figure turns that its float error cannot matter; the doubtful ones in between are taken again in fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lantian.assess.kernels import TICKS, span_means
from lantian.observe.panel import Floats
from lantian.units import to_decimal

__all__ = ["Spans", "exact_value", "means", "near_a_turn", "round_array", "shortest", "text_value"]

Spans = tuple[NDArray[np.int64], NDArray[np.int64]]
"""First column and column after the last, one pair per span."""

_DENOMINATOR = 24 * TICKS  # of the mean of up to 24 values of four decimals
_TURNS = 200.0  # ties at 0, 1 and 2 decimals are multiples of 1/200
_NEAR = 1e-7
_FLOAT32_DECIMALS = 9


def text_value(value: float) -> Fraction:
    """The number that a published double stands for: its shortest decimal text."""
    return Fraction(to_decimal(value))


def exact_value(value: float) -> Fraction:
    """The number that a day value stands for: the mean of up to 24 short decimals if it is one, else its own text.

    >>> exact_value(0.1), exact_value(1 / 3)
    (Fraction(1, 10), Fraction(1, 3))
    """
    text = text_value(value)
    if text.denominator <= TICKS:
        return text
    simple = Fraction(value).limit_denominator(_DENOMINATOR)
    return simple if float(simple) == value else text


def near_a_turn(values: Floats) -> NDArray[np.bool_]:
    """Which values lie so near a tie of 0, 1 or 2 decimals that a float error could turn the rounding."""
    scaled = values * _TURNS
    near: NDArray[np.bool_] = np.abs(scaled - np.rint(scaled)) < _NEAR
    return near


def means(
    values: Floats,
    spans: Spans,
    least: int | NDArray[np.int64] = 1,
    number: Callable[[float], Fraction] = exact_value,
) -> tuple[Floats, NDArray[np.int32]]:
    """Mean [rows, spans] of each row's columns of each span, NaN where fewer than `least`, and how many there are.

    `number` says what a double stands for where the float mean does not settle it: of hours their text.
    """
    begin, end = (np.ascontiguousarray(edge, np.int64) for edge in spans)
    mean, count, exact = span_means(np.ascontiguousarray(values, np.float64), begin, end)
    mean[count < least] = np.nan
    for row, span in zip(*np.nonzero(~exact & near_a_turn(mean)), strict=True):
        known = [number(value) for value in values[row, begin[span] : end[span]].tolist() if value == value]
        mean[row, span] = float(sum(known, Fraction()) / len(known))
    return mean, count


def round_array(values: Floats, places: int) -> Floats:
    """Half-even rounding of each value's shortest decimal text (GB/T 8170), as the nearest double; NaN stays.

    >>> round_array(np.array([0.25, 0.35, 2.675]), 1)
    array([0.2, 0.4, 2.7])
    """
    factor = 10.0**places
    scaled = values * factor
    step = np.rint(scaled)
    doubtful = np.abs(np.abs(scaled - step) - 0.5) < _NEAR
    low = np.floor(scaled[doubtful])
    tie = (2 * low + 1) / (2 * factor)
    up = (values[doubtful] > tie) | ((values[doubtful] == tie) & (low % 2 == 1))
    step[doubtful] = low + up
    rounded: Floats = step / factor
    return rounded


def shortest(values: NDArray[np.float32]) -> Floats:
    """Doubles with the shortest decimal text of the given float32 numbers: 0.1f becomes 0.1, not 0.10000000149."""
    wide = values.astype(np.float64)
    found = wide.copy()
    open_ = np.isfinite(wide)
    for places in range(_FLOAT32_DECIMALS):
        if not open_.any():
            break
        factor = 10.0**places
        tried = np.rint(wide * factor) / factor
        fits = open_ & (tried.astype(np.float32) == values)
        found[fits] = tried[fits]
        open_ &= ~fits
    return found
