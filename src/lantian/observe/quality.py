"""Which values of air can be believed? Marks by the rows of `air_quality_rules`; nothing is removed or repaired here.

SENTINEL (codes, and numbers that cannot be) and NEGATIVE values are none at all; RANGE, STUCK and INCONSISTENT ones are doubted: kept and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lantian.observe.panel import Floats
from lantian.records import Flag, Footnote, ObservationKind
from lantian.standards import Row, in_force

__all__ = [
    "DOUBTFUL", "FLAG_CODES", "UNUSABLE", "Codes", "Limits", "Rules", "flag_values", "frozen_points", "mark_both",
    "missing_runs", "rules_on", "unusable",
]  # fmt: skip

FLAG_CODES: tuple[Flag, ...] = (
    Flag.OK, Flag.NEGATIVE, Flag.SENTINEL, Flag.STUCK, Flag.RANGE, Flag.INCONSISTENT, Flag.OUTAGE, Flag.OFFLINE,
)  # fmt: skip
"""Flags by the number that stands for them in arrays of marks."""
UNUSABLE = frozenset((Flag.SENTINEL, Flag.NEGATIVE, Flag.OUTAGE, Flag.OFFLINE))
DOUBTFUL = frozenset((Flag.STUCK, Flag.RANGE, Flag.INCONSISTENT))

Codes = NDArray[np.uint8]
Marks = NDArray[np.bool_]
Step = Literal["hour", "day"]
_SIGNED = frozenset((ObservationKind.TEMPERATURE, ObservationKind.DEW_POINT))


def _code(flag: Flag) -> int:
    return FLAG_CODES.index(flag)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the values of one item may be, in its canonical unit; None = not asked."""

    sentinels: tuple[float, ...] = ()  # codes for "no value"
    zero_is_missing: bool = False
    negative_is_missing: bool = True
    caps: tuple[float, ...] = ()  # exactly these: RANGE
    maximum: float | None = None  # at or above: RANGE
    minimum: float | None = None  # above nought and below it: RANGE
    impossible: float | None = None  # further than this from nought: SENTINEL
    stuck: int | None = None  # as many equal values in a row: STUCK
    stuck_above: float = 0.0  # only values above it


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one step, and where they stand."""

    limits: Mapping[ObservationKind, Limits]
    outage: int  # as many missing values in a row
    frozen: int  # as many values, all equal, of `frozen_items` items
    frozen_items: int
    inconsistent: float  # PM2.5 over PM10 ...
    inconsistent_by: float  # ... and less PM10 [ug/m3]: INCONSISTENT above both
    footnotes: tuple[Footnote, ...]


def rules_on(on: date, step: Step, overlay: Sequence[Row] = ()) -> Rules:
    """Rules in force on a day for hourly or daily values. A row of the step itself goes before one of any step."""
    rows = [
        row for row in in_force("air_quality_rules", on, overlay=overlay) if row.text("step") in (step, "any")
    ]

    def found(rule: str, item: str) -> list[float]:
        mine = [row for row in rows if row.text("rule") == rule and row.text("item") in (item, "any")]
        return [float(row.number()) for row in sorted(mine, key=lambda row: row.text("step") == "any")]

    def one(rule: str, item: str) -> float | None:
        return next(iter(found(rule, item)), None)

    limits = {}
    for kind in ObservationKind:
        stuck = one("stuck", kind)
        limits[kind] = Limits(
            sentinels=tuple(found("sentinel", kind)),
            zero_is_missing=bool(found("zero_is_missing", kind)),
            negative_is_missing=kind not in _SIGNED,
            caps=tuple(found("cap", kind)),
            maximum=one("maximum", kind),
            minimum=one("minimum", kind),
            impossible=one("impossible", kind),
            stuck=None if stuck is None else int(stuck),
            stuck_above=one("stuck_above", kind) or 0.0,
        )
    never = 1 << 31
    return Rules(
        limits,
        outage=int(one("outage", "any") or never),
        frozen=int(one("frozen", "any") or never),
        frozen_items=int(one("frozen_items", "any") or never),
        inconsistent=one("inconsistent", ObservationKind.PM25) or np.inf,
        inconsistent_by=one("inconsistent_by", ObservationKind.PM25) or 0.0,
        footnotes=tuple(row.footnote() for row in rows),
    )


def flag_values(values: Floats, limits: Limits) -> Codes:
    """Codes [points, steps] of consecutive values; a missing (NaN) value is unmarked and ends a run of equal ones.

    The first reason that fits counts: sentinel, negative, range, stuck.
    """
    codes = np.zeros(values.shape, np.uint8)
    if limits.stuck is not None and values.size:
        codes[_stuck(values, limits.stuck, limits.stuck_above)] = _code(Flag.STUCK)
    if limits.maximum is not None:
        codes[values >= limits.maximum] = _code(Flag.RANGE)
    if limits.minimum is not None:
        codes[(values > 0) & (values < limits.minimum)] = _code(Flag.RANGE)
    for cap in limits.caps:
        codes[values == cap] = _code(Flag.RANGE)
    none = unusable(values, limits)
    return np.where(none > 0, none, codes)


def unusable(values: Floats, limits: Limits) -> Codes:
    """Codes of the values that are none, each by itself: SENTINEL, NEGATIVE; 0 = a value or nothing there."""
    codes = np.zeros(values.shape, np.uint8)
    if limits.negative_is_missing:
        codes[values < 0] = _code(Flag.NEGATIVE)
    if limits.impossible is not None:
        codes[np.abs(values) > limits.impossible] = _code(Flag.SENTINEL)
    if limits.zero_is_missing:
        codes[values == 0] = _code(Flag.SENTINEL)
    for sentinel in limits.sentinels:
        codes[values == sentinel] = _code(Flag.SENTINEL)
    return codes


def _stuck(values: Floats, steps: int, above: float) -> Marks:
    """Values in a run of at least `steps` equal ones above `above`, row by row."""
    begins = np.ones(values.shape, np.bool_)
    begins[:, 1:] = values[:, 1:] != values[:, :-1]  # NaN differs from itself
    first = np.flatnonzero(begins)
    lengths = np.diff(np.append(first, values.size))
    long = np.repeat(lengths >= steps, lengths).reshape(values.shape)
    found: Marks = long & (values > above)
    return found


def mark_both(fine: Floats, coarse: Floats, codes: Mapping[ObservationKind, Codes], rules: Rules) -> None:
    """Mark both particles INCONSISTENT where PM2.5 is above PM10 by more than the rules allow, if neither is marked."""
    with np.errstate(over="ignore"):  # numbers that cannot be are marked already
        marks = (fine > rules.inconsistent * coarse) & (fine - coarse > rules.inconsistent_by)
    marks &= (codes[ObservationKind.PM25] == 0) & (codes[ObservationKind.PM10] == 0)
    for kind in (ObservationKind.PM25, ObservationKind.PM10):
        codes[kind][marks] = _code(Flag.INCONSISTENT)


def frozen_points(values: Mapping[ObservationKind, Floats], least: int, items: int) -> Marks:
    """Points each of whose items never changes over `least` values or more, with at least `items` such items."""
    shape = next(iter(values.values())).shape[0] if values else 0
    frozen, moving = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    for array in values.values():
        there = ~np.isnan(array)
        count = there.sum(axis=1)
        low, high = (
            np.where(there, array, np.inf).min(axis=1, initial=np.inf),
            np.where(there, array, -np.inf).max(axis=1, initial=-np.inf),
        )
        frozen += (count >= least) & (low == high)
        moving |= (count > 0) & ~((count >= least) & (low == high))
    found: Marks = (frozen >= items) & ~moving
    return found


def missing_runs(values: Floats, covered: Marks, least: int) -> list[tuple[int, int, int]]:
    """(point, first column, last column) of every run of `least` or more missing values among the covered columns.

    Only between the first and the last value of a point; columns that nobody reports are passed over.
    """
    columns = np.flatnonzero(covered)
    runs = []
    there = ~np.isnan(values[:, columns])
    for point in range(len(values)):
        at = np.flatnonzero(there[point])
        for before in np.flatnonzero(np.diff(at) > least).tolist():
            runs.append((point, int(columns[at[before] + 1]), int(columns[at[before + 1] - 1])))
    return runs
