"""Lay the values of several files side by side: one array per kind, later files over earlier ones, doubles counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lantian.errors import DataError
from lantian.observe.air.cells import Ints
from lantian.observe.air.parts import Parts
from lantian.observe.air.report import Conflict
from lantian.observe.panel import Floats
from lantian.observe.quality import Limits, unusable
from lantian.periods import local_day
from lantian.records import ObservationKind

__all__ = ["Laid", "lay", "time_span"]

MOST = 5 * 10**8  # values laid at once: 4 GB
TOLD = 1000  # conflicts told one by one; the rest is counted


@dataclass(slots=True, eq=False)
class Laid:
    """Values [points, steps] per kind, the steps that any row covers, and what stood twice."""

    first_ms: int
    step_ms: int
    values: dict[ObservationKind, Floats]
    covered: NDArray[np.bool_]
    cells: int = 0
    missing: dict[ObservationKind, int] = field(default_factory=dict)
    doubled: int = 0
    conflicting: int = 0
    spared: int = 0
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """How many steps."""
        return len(self.covered)

    def start_of(self, step: int) -> int:
        """UTC ms of a step's start."""
        return self.first_ms + step * self.step_ms


def time_span(files: Sequence[Parts]) -> tuple[int, int] | None:
    """First and last start of all files' rows (UTC ms); None without any."""
    starts = [part.starts for file in files for part in file.parts if len(part.starts)]
    if not starts:
        return None
    return min(int(each.min()) for each in starts), max(int(each.max()) for each in starts)


def lay(
    files: Sequence[Parts],
    places: Sequence[Ints],
    keys: Sequence[str],
    step_s: int,
    limits: Mapping[ObservationKind, Limits],
) -> Laid:
    """Values of all files; `places[f]` gives the row of each point of file f. Of two values for one cell the later
    file's (then the later row's) stays; a missing value covers nothing, and one that cannot be used (by `limits`) no
    value that can. DataError when the span is too long to lay."""
    found = time_span(files)
    if found is None:
        return Laid(0, step_s * 1000, {}, np.zeros(0, np.bool_))
    first, last = found
    steps = (last - first) // (step_s * 1000) + 1
    kinds = {kind for file in files for part in file.parts for kind in part.values}
    if len(keys) * steps * len(kinds) > MOST:
        span = f"{local_day(first)} to {local_day(last)}"
        reason = f"{len(keys)} points from {span} are too many values at once: read fewer files"
        raise DataError(reason, source=files[-1].source)
    laid = Laid(first, step_s * 1000, {}, np.zeros(steps, np.bool_))
    for no, (file, place) in enumerate(zip(files, places, strict=True)):
        for part in file.parts:
            step = (part.starts - first) // laid.step_ms
            laid.covered[step] = True
            at = place[part.points] * steps + step
            for rows in _layers(at):
                for kind, values in part.values.items():
                    grid = laid.values.setdefault(kind, np.full((len(keys), steps), np.nan))
                    taken = values if rows is None else values[rows]
                    where = at if rows is None else at[rows]
                    _write(
                        laid, grid.reshape(-1), kind, where, taken, keys, (files, places, no), limits[kind]
                    )
                    there = int((~np.isnan(taken)).sum())
                    laid.cells += there
                    laid.missing[kind] = laid.missing.get(kind, 0) + len(taken) - there
    return laid


def _layers(at: Ints) -> Iterator[Ints | None]:
    """Rows without doubles, layer by layer in their order; None = all rows at once."""
    order = np.argsort(at, kind="stable")
    ordered = at[order]
    again = np.zeros(len(at), np.bool_)
    again[1:] = ordered[1:] == ordered[:-1]
    if not again.any():
        yield None
        return
    begins = np.flatnonzero(~again)
    depth = np.empty(len(at), np.int64)
    depth[order] = np.arange(len(at)) - np.repeat(begins, np.diff(np.append(begins, len(at))))
    for level in range(int(depth.max()) + 1):
        yield np.flatnonzero(depth == level)


def _write(
    laid: Laid,
    flat: Floats,
    kind: ObservationKind,
    at: Ints,
    values: Floats,
    keys: Sequence[str],
    context: tuple[Sequence[Parts], Sequence[Ints], int],
    limits: Limits,
) -> None:
    before = flat[at]
    new = ~np.isnan(values)
    twice = new & ~np.isnan(before)
    if twice.any():
        clash = twice & (before != values)
        spared = clash & (unusable(values, limits) > 0) & (unusable(before, limits) == 0)
        new &= ~spared
        laid.spared += int(spared.sum())
        laid.doubled += int((twice & ~clash).sum())
        laid.conflicting += int(clash.sum())
        steps = len(laid.covered)
        for row in np.flatnonzero(clash)[: max(0, TOLD - len(laid.conflicts))].tolist():
            point, step = divmod(int(at[row]), steps)
            cell = (kind, laid.first_ms + step * laid.step_ms, point)
            late, early = float(values[row]), float(before[row])
            late_at, early_at = _source(context, cell, late, -1), _source(context, cell, early, 0)
            told = (early, late, early_at, late_at) if spared[row] else (late, early, late_at, early_at)
            laid.conflicts.append(Conflict(keys[point], kind, cell[1], *told))
    flat[at[new]] = values[new]


def _source(
    context: tuple[Sequence[Parts], Sequence[Ints], int],
    cell: tuple[ObservationKind, int, int],
    value: float,
    which: int,
) -> tuple[str, int]:
    """File and row of a value of a cell: the last one (-1) or the first one (0) up to the file being laid."""
    files, places, upto = context
    kind, start, point = cell
    found: list[tuple[str, int]] = []
    for file, place in zip(files[: upto + 1], places, strict=False):
        for part in file.parts:
            if kind in part.values:
                rows = np.flatnonzero((part.starts == start) & (part.values[kind] == value))
                rows = rows[place[part.points[rows]] == point]
                found += [(file.source, int(part.lines[row])) for row in rows.tolist()]
    return found[which] if found else ("", 0)
