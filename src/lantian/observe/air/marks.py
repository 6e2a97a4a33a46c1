"""Marks of laid values by the rules, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lantian.observe.air.columns import AIR_ITEMS
from lantian.observe.air.lay import Laid
from lantian.observe.air.report import Cell, FlagCount, Gap, Outage
from lantian.observe.panel import Floats
from lantian.observe.quality import (
    FLAG_CODES,
    Codes,
    Rules,
    flag_values,
    frozen_points,
    mark_both,
    missing_runs,
)
from lantian.records import Flag, ObservationKind

__all__ = ["Marked", "gaps_of", "mark"]

PM25, PM10 = ObservationKind.PM25, ObservationKind.PM10


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """Codes per kind, how often each mark stands, outages (longest first), points that never report or never move."""

    flags: dict[ObservationKind, Codes]
    counts: tuple[FlagCount, ...]
    outages: tuple[Outage, ...]
    silent: tuple[str, ...]
    frozen: tuple[str, ...]


def mark(
    keys: Sequence[str],
    values: Mapping[ObservationKind, Floats],
    laid: Laid,
    rules: Rules,
) -> Marked:
    """Mark values [points, steps] by the rules."""
    flags = {kind: flag_values(array, rules.limits[kind]) for kind, array in values.items()}
    air = {kind: array for kind, array in values.items() if kind in AIR_ITEMS}
    frozen = frozen_points(air, rules.frozen, rules.frozen_items)
    for kind, array in air.items():
        still = frozen[:, None] & ~np.isnan(array) & (flags[kind] == 0)
        flags[kind][still] = FLAG_CODES.index(Flag.STUCK)
    if PM25 in values and PM10 in values:
        mark_both(values[PM25], values[PM10], flags, rules)
    outages = [
        each
        for kind, array in air.items()
        for each in _outages(kind, array, flags[kind], keys, laid, rules.outage)
    ]
    outages.sort(key=lambda each: (-each.steps, each.point, each.kind, each.first_ms))
    silent = np.ones(len(keys), np.bool_)
    for array in air.values():
        silent &= np.isnan(array).all(axis=1)
    return Marked(
        flags,
        tuple(
            count for kind, codes in flags.items() for count in _counts(kind, values[kind], codes, keys, laid)
        ),
        tuple(outages),
        tuple(key for key, found in zip(keys, silent, strict=True) if found and air),
        tuple(key for key, found in zip(keys, frozen, strict=False) if found),
    )


def _outages(
    kind: ObservationKind, array: Floats, codes: Codes, keys: Sequence[str], laid: Laid, least: int
) -> list[Outage]:
    """Runs of missing values, marked; steps that no file covers lie in a run without counting."""
    found = []
    for row, first, last in missing_runs(array, laid.covered, least):
        span = slice(first, last + 1)
        missing = np.isnan(array[row, span]) & laid.covered[span]
        codes[row, span][missing] = FLAG_CODES.index(Flag.OUTAGE)
        found.append(Outage(keys[row], kind, laid.start_of(first), laid.start_of(last), int(missing.sum())))
    return found


def _counts(
    kind: ObservationKind, array: Floats, codes: Codes, keys: Sequence[str], laid: Laid
) -> list[FlagCount]:
    there = ~np.isnan(array)
    counts = []
    for code in np.unique(codes).tolist():
        flag = FLAG_CODES[code]
        cells = codes == code if flag is Flag.OUTAGE else (codes == code) & there
        many = int(cells.sum())
        if not many:
            continue
        row, step = divmod(int(cells.argmax()), cells.shape[1])
        value = None if flag is Flag.OUTAGE else float(array[row, step])
        counts.append(FlagCount(kind, flag, many, Cell(keys[row], kind, laid.start_of(step), value)))
    return counts


def gaps_of(laid: Laid) -> tuple[Gap, ...]:
    """Runs of steps that no file covers."""
    there = np.flatnonzero(laid.covered)
    gaps = []
    for before in np.flatnonzero(np.diff(there) > 1).tolist():
        first, last = int(there[before]) + 1, int(there[before + 1]) - 1
        gaps.append(Gap(laid.start_of(first), laid.start_of(last), last - first + 1))
    return tuple(gaps)
