"""Order days to judge, and what the streaming pass sees of their meters.

A line is watched when it has a production meter and every one of them has a rated power: without it nobody can say
when the line runs. Meters without one are left out, and their line is dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from lantian.detect.baselines import Baseline
from lantian.detect.kernels import scan
from lantian.detect.plants import Floats, PlantIndex
from lantian.detect.rule import RuleSpec
from lantian.records import Action, FindingKind, Order

__all__ = [
    "FINDING_OF",
    "SLOT_MS",
    "Job",
    "Power",
    "Specs",
    "Unit",
    "Watch",
    "known_until",
    "scanned",
    "units_of",
]

SLOT_MS = 900_000
FINDING_OF = {
    Action.STOP: FindingKind.NOT_STOPPED,
    Action.LIMIT: FindingKind.NOT_CURTAILED,
    Action.REDUCE: FindingKind.NOT_REDUCED,
}

Specs = Mapping[FindingKind, RuleSpec]
Power = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One order day to judge: its rows, and its slots [first, end) of the whole day.

    `dark`: some line of it is not watched. `min_slots`: fewer slots of a line than this show no run of it.
    """

    order: Order
    spec: RuleSpec
    rows: tuple[int, ...]
    first: int
    end: int
    share: int  # percent, LIMIT only
    dark: bool
    min_slots: int


@dataclass(frozen=True, slots=True)
class Job:
    """What the pass saw of one row."""

    row: int
    threshold: float
    slots: int
    missing: int
    energy: float
    peak: float
    last: int
    runs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Which rows have a rated power, and which lines and plants are not watched throughout."""

    rated: list[bool]
    dark_line: list[bool]
    dark_plant: list[bool]

    @classmethod
    def over(cls, plants: PlantIndex) -> Watch:
        """Looked up once for all orders of a day."""
        rated = np.isfinite(plants.rated_kw) & (plants.rated_kw > 0.0)
        dark_line = np.diff(plants.line_first) == 0
        dark_line[plants.meter_line[~rated]] = True
        dark_plant = np.zeros(len(plants.enterprise_ids), np.bool_)
        dark_plant[plants.line_plant[dark_line]] = True
        return cls(rated.tolist(), dark_line.tolist(), dark_plant.tolist())


def units_of(
    order: Order, plants: PlantIndex, watch: Watch, specs: Specs, bounds: tuple[int, int], context: int
) -> Iterator[Unit]:
    """The order days of an order on a day: one per kind of measure that can be judged."""
    start, end = bounds
    begin = order.start_ms + order.grace_s * 1000
    first = max(-((start - begin) // SLOT_MS), -context)  # rounded up to a whole slot
    stop = (min(end, end if order.end_ms is None else order.end_ms) - start) // SLOT_MS
    if stop <= max(first, 0):
        return
    for action, kind in FINDING_OF.items():
        measures = [measure for measure in order.measures if measure.action is action]
        if not measures:
            continue
        if action is Action.REDUCE:
            lines = sorted({measure.line_id or "" for measure in measures})
            rows = [row for line in lines for row in plants.line_rows(order.enterprise_id, line)]
            dark = any(watch.dark_line[plants.line_of[line]] for line in lines)
        else:
            rows = list(plants.plant_rows(order.enterprise_id))
            dark = watch.dark_plant[plants.plant_of[order.enterprise_id]]
        if dark:
            rows = [row for row in rows if watch.rated[row]]
        share = max(measure.share or 0 for measure in measures)
        least = _running(specs, kind).min_slots
        yield Unit(order, specs[kind], tuple(rows), first, stop, share, dark, least)


def known_until(grid: Power) -> int:
    """The slot behind the newest one of which anything is known."""
    seen = np.flatnonzero(~np.isnan(grid).all(axis=0))
    return int(seen[-1]) + 1 if len(seen) else 0


def scanned(
    units: list[Unit],
    known: int,
    plants: PlantIndex,
    grid: Power,
    before: Power,
    specs: Specs,
    baselines: Baseline,
) -> Iterator[tuple[Unit, list[Job]]]:
    """Each unit with what the pass saw of its rows up to slot `known`."""
    if not units:
        return
    running = {kind: _running(specs, kind) for kind in specs}
    limits = np.stack([_limit_kw(spec, plants, baselines) for spec in running.values()])
    code = {kind: no for no, kind in enumerate(running)}
    sizes = [len(unit.rows) for unit in units]
    rows = np.fromiter((row for unit in units for row in unit.rows), np.int32, sum(sizes))
    first = np.repeat(np.array([unit.first for unit in units], np.int32), sizes)
    end = np.repeat(np.array([min(unit.end, known) for unit in units], np.int32), sizes)
    shortest = np.repeat([unit.min_slots for unit in units], sizes).astype(np.int32)
    threshold = limits[np.repeat([code[unit.spec.finding] for unit in units], sizes), rows]
    seen = scan(grid, before, rows, first, np.maximum(end, first), threshold, shortest)
    slots = np.maximum(end - np.maximum(first, 0), 0)
    jobs = _jobs(rows, threshold, slots, seen)
    for unit in units:
        yield unit, list(islice(jobs, len(unit.rows)))


def _running(specs: Specs, kind: FindingKind) -> RuleSpec:
    """The rule that says when a line runs: where energy is judged, the one of the stop order."""
    return specs[FindingKind.NOT_STOPPED if kind is FindingKind.NOT_CURTAILED else kind]


def _limit_kw(spec: RuleSpec, plants: PlantIndex, baselines: Baseline) -> Floats:
    """Power [meters] above which a line runs."""
    return np.maximum(
        spec.number("rated_share") * plants.rated_kw, spec.number("idle_factor") * baselines.idle_kw
    )


def _jobs(rows: Any, threshold: Floats, slots: Any, seen: tuple[Any, ...]) -> Iterator[Job]:
    missing, energy, peak, last, count, runs = seen
    columns = (column.tolist() for column in (rows, threshold, slots, missing, energy, peak, last, count))
    for no, (row, limit, slot, gap, kwh, kw, end, found) in enumerate(zip(*columns, strict=True)):
        spans = tuple((int(a), int(b)) for a, b in runs[no, :found]) if found else ()
        yield Job(row, limit, slot, gap, kwh, kw, end, spans)
