"""The inner loops of the array engine: ticks and means of spans, windows of ozone, indices from look-up tables.

A value whose shortest decimal text has at most four decimals is counted in whole ten-thousandths ("ticks"), so a sum
is exact and its mean is the correctly rounded double. Compiled by numba at the first call; the passes hold no GIL.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

__all__ = ["BELOW_NOUGHT", "NONE", "OVER_TOP", "TICKS", "combine", "index", "span_means"]

TICKS = 10_000
NONE, OVER_TOP, BELOW_NOUGHT = -1, -2, -3
_MISSING = np.int64(-(2**62))
_UNTICKED = np.int64(-(2**62) + 1)
_LARGEST = 1e7  # above, a sum of ticks could outgrow a double's 53 bits
_NEAR = 1e-6

Array = np.ndarray[Any, Any]


def _span_means(values: Array, begin: Array, end: Array) -> tuple[Array, Array, Array]:
    rows, columns = values.shape
    spans = begin.shape[0]
    mean = np.full((rows, spans), np.nan)
    count = np.zeros((rows, spans), np.int32)
    exact = np.ones((rows, spans), np.bool_)
    ticks = np.empty(columns, np.int64)
    for row in range(rows):
        for column in range(columns):
            value = values[row, column]
            if np.isnan(value):
                ticks[column] = _MISSING
            elif abs(value) < _LARGEST and np.rint(value * TICKS) / TICKS == value:
                ticks[column] = np.int64(np.rint(value * TICKS))
            else:
                ticks[column] = _UNTICKED
        for span in range(spans):
            total, rough, known = np.int64(0), 0.0, 0
            for column in range(begin[span], end[span]):
                if ticks[column] == _MISSING:
                    continue
                known += 1
                if ticks[column] == _UNTICKED:
                    exact[row, span] = False
                    rough += values[row, column]
                else:
                    total += ticks[column]
            count[row, span] = known
            if known:
                mean[row, span] = total / (known * TICKS)
                if not exact[row, span]:
                    mean[row, span] = (total / TICKS + rough) / known
    return mean, count, exact


def _index(values: Array, factor: float, table: Array, over: int) -> Array:
    # A value is a decimal tie exactly when it is the double nearest to that tie; beside it, it lies on the same side
    # as its shortest text.
    found = np.empty(values.shape[0], np.int16)
    for n in range(values.shape[0]):
        value = values[n]
        if np.isnan(value):
            found[n] = NONE
            continue
        scaled = value * factor
        step = np.rint(scaled)
        if abs(abs(scaled - step) - 0.5) < _NEAR:
            step = np.floor(scaled)
            tie = (2.0 * step + 1.0) / (2.0 * factor)
            if value > tie or (value == tie and step % 2.0 == 1.0):
                step += 1.0
        if step < 0 or value == np.inf:
            found[n] = BELOW_NOUGHT
        elif step >= table.shape[0]:
            found[n] = over
        else:
            found[n] = table[np.int64(step)]
    return found


def _combine(
    iaqi: Array, monitored: int, incomplete_above: int, primary_above: int, lowest: int, levels: Array
) -> tuple[Array, Array, Array, Array]:
    rows, items = iaqi.shape
    aqi = np.zeros(rows, np.int16)
    level = np.zeros(rows, np.int8)
    primary = np.zeros(rows, np.uint8)
    missing = np.zeros(rows, np.uint8)
    for row in range(rows):
        top, leads, present = -1, 0, 0
        for item in range(items):
            top = max(top, iaqi[row, item])
        for item in range(items):
            present |= (iaqi[row, item] >= 0) << item
            leads |= (iaqi[row, item] == top) << item
        missing[row] = monitored & ~present
        if top < 0 or (missing[row] and incomplete_above and top <= incomplete_above):
            continue
        aqi[row] = max(top, lowest)
        level[row] = levels[aqi[row]]
        primary[row] = leads * (top > primary_above)
    return aqi, level, primary, missing


@cache
def _compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    from numba import njit  # slow to load, and most commands never come here

    found: Callable[..., Any] = njit(nogil=True, cache=True)(kernel)
    return found


def span_means(values: Array, begin: Array, end: Array) -> tuple[Array, Array, Array]:
    """Means of values[row, begin[k]:end[k]] without NaN.

    Gives [rows, spans]: the mean (NaN of nothing), how many values, and whether the mean is the correctly rounded
    one. Where it is not, some value had more decimals than ticks have and the mean is a plain float mean.
    """
    found: tuple[Array, Array, Array] = _compiled(_span_means)(values, begin, end)
    return found


def index(values: Array, factor: float, table: Array, over: int) -> Array:
    """IAQI of each value: rounded half-even at 1/factor on its shortest decimal text, then looked up.

    NONE where missing; `over` above the table; BELOW_NOUGHT for a negative or infinite value.
    """
    found: Array = _compiled(_index)(values, factor, table, over)
    return found


def combine(
    iaqi: Array, monitored: int, incomplete_above: int, primary_above: int, lowest: int, levels: Array
) -> tuple[Array, Array, Array, Array]:
    """AQI, class, mask of primary items and mask of missing items of each row of iaqi [n, items].

    With an item missing there is an AQI only above `incomplete_above`; 0 sets no limit.
    """
    limits = monitored, incomplete_above, primary_above, lowest
    found: tuple[Array, Array, Array, Array] = _compiled(_combine)(iaqi, *limits, levels)
    return found
