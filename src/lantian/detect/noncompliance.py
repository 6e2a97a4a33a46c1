"""Does each plant do what its order of the day demands? 该停未停, 该限未限, 该减未减: complied, not complied, cannot tell.

The judged unit is the order day: the order after its grace time, within one local day, in whole quarter-hours.
- STOP and REDUCE: a line runs when its power is above max(share of rated, factor x learnt idle) long enough.
- LIMIT: the plant's energy is above (1 - share) x base x (1 + tolerance), the base pro rata of the order's hours.
  A plant that would satisfy a STOP satisfies every LIMIT: an idle plant is left alone whatever its base.
Missing data is never guilt: it can only turn "complied" into "cannot tell". A breach that was seen stays seen.
Judging again with more data gives the same ids; nothing is carried over but the slots of the day before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import numpy as np

from lantian.detect.baselines import Baseline
from lantian.detect.kernels import SLOTS, scan
from lantian.detect.plants import Floats, PlantIndex
from lantian.detect.rule import Rules, RuleSpec
from lantian.errors import RuleError
from lantian.periods import day_bounds_ms
from lantian.records import (
    Action,
    Evidence,
    Finding,
    FindingKind,
    Order,
    Outcome,
    Subject,
    SubjectKind,
)

__all__ = ["DayJudgement", "OrderDay", "judge_day"]

SLOT_MS = 900_000
_HOURS = 0.25
_FINDING_OF = {
    Action.STOP: FindingKind.NOT_STOPPED,
    Action.LIMIT: FindingKind.NOT_CURTAILED,
    Action.REDUCE: FindingKind.NOT_REDUCED,
}

Specs = Mapping[FindingKind, RuleSpec]
Power = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class OrderDay:
    """The answer for one order on one local day.

    `measured` and `threshold`: highest power of the line nearest to its limit (kW), or energy and cap (kWh); None
    when nothing was seen or no base is known. Slots are meter quarter-hours with and without a usable value.
    """

    order_id: str
    enterprise_id: str
    area_id: str
    on: date
    kind: FindingKind
    outcome: Outcome
    slots_judged: int
    slots_missing: int
    measured: float | None
    threshold: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class DayJudgement:
    """What a day's data say so far. `order_days` holds the answers that more data cannot change."""

    findings: list[Finding]
    order_days: list[OrderDay]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One order day to judge: its rows, and its slots [first, end) of the whole day."""

    order: Order
    spec: RuleSpec
    rows: tuple[int, ...]
    first: int
    end: int
    share: int  # percent, LIMIT only


@dataclass(frozen=True, slots=True)
class _Job:
    """What the pass saw of one row."""

    row: int
    threshold: float
    slots: int
    missing: int
    energy: float
    peak: float
    last: int
    runs: tuple[tuple[int, int], ...]


def judge_day(
    day: date,
    closed: bool,
    orders: Sequence[Order],
    plants: PlantIndex,
    grid: Power,
    before: Power,
    rules: Rules,
    baselines: Baseline,
) -> DayJudgement:
    """Judge one local day. `closed`: all its data that will be waited for are there.

    `grid` float32 [meters, 96] kW, NaN = missing, rows as in `plants`; `before` [meters, k >= rules.context_slots]
    the last slots of the day before. Until the day is closed only breaches are answered. Raises RuleError for an
    order that the inventory does not fit, or arrays of a wrong shape.
    """
    meters = len(plants.meter_ids)
    if grid.shape != (meters, SLOTS) or before.shape[0] != meters or before.shape[1] < rules.context_slots:
        raise RuleError(f"{meters} meters cannot be judged on arrays of {grid.shape} and {before.shape}")
    specs = {kind: rules.finding(kind) for kind in _FINDING_OF.values()}
    bounds = day_bounds_ms(day)
    units = [unit for order in orders for unit in _units(order, plants, specs, bounds, before.shape[1])]
    known = SLOTS if closed else _known_until(grid)
    bench = _Bench(day, bounds[0], closed, plants, baselines.base_kwh(day) if units else np.zeros(0))
    judgement = DayJudgement([], [])
    for unit, jobs in _scanned(units, known, plants, grid, before, specs, baselines):
        if unit.spec.finding is FindingKind.NOT_CURTAILED:
            bench.judge_energy(unit, jobs, judgement)
        else:
            bench.judge_lines(unit, jobs, judgement)
    return judgement


def _units(
    order: Order, plants: PlantIndex, specs: Specs, bounds: tuple[int, int], context: int
) -> Iterator[_Unit]:
    """The order days of an order on a day: one per kind of measure that can be judged."""
    start, end = bounds
    begin = order.start_ms + order.grace_s * 1000
    first = max(-((start - begin) // SLOT_MS), -context)  # rounded up to a whole slot
    stop = (min(end, end if order.end_ms is None else order.end_ms) - start) // SLOT_MS
    if stop <= max(first, 0):
        return
    for action, kind in _FINDING_OF.items():
        measures = [measure for measure in order.measures if measure.action is action]
        if not measures:
            continue
        if action is Action.REDUCE:
            lines = sorted({measure.line_id or "" for measure in measures})
            rows = tuple(row for line in lines for row in plants.line_rows(order.enterprise_id, line))
        else:
            rows = tuple(plants.plant_rows(order.enterprise_id))
        share = max(measure.share or 0 for measure in measures)
        yield _Unit(order, specs[kind], rows, first, stop, share)


def _known_until(grid: Power) -> int:
    """The slot behind the newest one of which anything is known."""
    seen = np.flatnonzero(~np.isnan(grid).all(axis=0))
    return int(seen[-1]) + 1 if len(seen) else 0


def _scanned(
    units: list[_Unit],
    known: int,
    plants: PlantIndex,
    grid: Power,
    before: Power,
    specs: Specs,
    baselines: Baseline,
) -> Iterator[tuple[_Unit, list[_Job]]]:
    """Each unit with what the pass saw of its rows up to slot `known`."""
    if not units:
        return
    running = {
        kind: specs[FindingKind.NOT_STOPPED if kind is FindingKind.NOT_CURTAILED else kind] for kind in specs
    }  # the rule that says when a line runs: where energy is judged, the one of the stop order
    limits = np.stack([_limit_kw(spec, plants, baselines) for spec in running.values()])
    code = {kind: no for no, kind in enumerate(running)}
    sizes = [len(unit.rows) for unit in units]
    rows = np.fromiter((row for unit in units for row in unit.rows), np.int32, sum(sizes))
    first = np.repeat(np.array([unit.first for unit in units], np.int32), sizes)
    end = np.repeat(np.array([min(unit.end, known) for unit in units], np.int32), sizes)
    shortest = np.repeat([running[unit.spec.finding].min_slots for unit in units], sizes).astype(np.int32)
    threshold = limits[np.repeat([code[unit.spec.finding] for unit in units], sizes), rows]
    seen = scan(grid, before, rows, first, np.maximum(end, first), threshold, shortest)
    slots = np.maximum(end - np.maximum(first, 0), 0)
    jobs = _jobs(rows, threshold, slots, seen)
    for unit in units:
        yield unit, list(islice(jobs, len(unit.rows)))


def _limit_kw(spec: RuleSpec, plants: PlantIndex, baselines: Baseline) -> Floats:
    """Power [meters] above which a line runs."""
    return np.maximum(
        spec.number("rated_share") * plants.rated_kw, spec.number("idle_factor") * baselines.idle_kw
    )


def _jobs(rows: Any, threshold: Floats, slots: Any, seen: tuple[Any, ...]) -> Iterator[_Job]:
    missing, energy, peak, last, count, runs = seen
    columns = (column.tolist() for column in (rows, threshold, slots, missing, energy, peak, last, count))
    for no, (row, limit, slot, gap, kwh, kw, end, found) in enumerate(zip(*columns, strict=True)):
        spans = tuple((int(a), int(b)) for a, b in runs[no, :found]) if found else ()
        yield _Job(row, limit, slot, gap, kwh, kw, end, spans)


@dataclass(frozen=True, slots=True)
class _Bench:
    """Judges units of one day, and writes findings and answers into a judgement."""

    day: date
    day_start: int
    closed: bool
    plants: PlantIndex
    base_kwh: Floats

    def judge_lines(self, unit: _Unit, jobs: list[_Job], judgement: DayJudgement) -> None:
        """STOP and REDUCE: every line of the unit stands still."""
        breaches = [job for job in jobs if job.runs]
        if breaches:
            outcome = Outcome.NOT_COMPLIED
            judgement.findings.extend(self._line_findings(unit, breaches))
        elif not self.closed:
            return
        else:
            outcome = Outcome.CANNOT_TELL if _is_blind(jobs, unit.spec) else Outcome.COMPLIED
        nearest = max(
            (job for job in jobs if job.last >= 0), key=lambda job: job.peak / job.threshold, default=None
        )
        measured, limit = (None, None) if nearest is None else (nearest.peak, nearest.threshold)
        judgement.order_days.append(self._answer(unit, jobs, outcome, measured, limit, "kW"))

    def judge_energy(self, unit: _Unit, jobs: list[_Job], judgement: DayJudgement) -> None:
        """LIMIT: the plant's energy stays under the cap. Gaps are bounded by nothing and by rated power."""
        plant = self.plants.plant_of[unit.order.enterprise_id]
        hours = (unit.end - max(unit.first, 0)) * _HOURS
        tolerance = 1.0 + unit.spec.number("tolerance")
        cap = (1.0 - unit.share / 100.0) * float(self.base_kwh[plant]) * hours / 24.0 * tolerance
        seen = sum(job.energy for job in jobs)
        unseen = sum(job.missing * float(self.plants.rated_kw[job.row]) * _HOURS for job in jobs)
        produces = any(job.runs for job in jobs)
        if produces and seen > cap:
            outcome = Outcome.NOT_COMPLIED
            judgement.findings.append(self._plant_finding(unit, jobs, seen, cap))
        elif not self.closed:
            return
        elif jobs and seen + unseen <= cap or not (produces or _is_blind(jobs, unit.spec)):
            outcome = Outcome.COMPLIED
        else:
            outcome = Outcome.CANNOT_TELL
        known = None if np.isnan(cap) else cap
        measured = seen if any(job.last >= 0 for job in jobs) else None
        judgement.order_days.append(self._answer(unit, jobs, outcome, measured, known, "kWh"))

    def _answer(
        self,
        unit: _Unit,
        jobs: list[_Job],
        outcome: Outcome,
        measured: float | None,
        threshold: float | None,
        name: str,
    ) -> OrderDay:
        order, missing = unit.order, sum(job.missing for job in jobs)
        judged = sum(job.slots for job in jobs) - missing
        return OrderDay(
            order.id,
            order.enterprise_id,
            order.area_id,
            self.day,
            unit.spec.finding,
            outcome,
            judged,
            missing,
            measured,
            threshold,
            name,
        )

    def _line_findings(self, unit: _Unit, breaches: list[_Job]) -> Iterator[Finding]:
        by_line: dict[int, list[_Job]] = {}
        for job in breaches:
            by_line.setdefault(int(self.plants.meter_line[job.row]), []).append(job)
        for line, jobs in by_line.items():
            runs = tuple(sorted({self._interval(*run) for job in jobs for run in job.runs}))
            worst = max(jobs, key=lambda job: job.peak / job.threshold)
            subject = Subject(SubjectKind.LINE, self.plants.line_ids[line])
            yield self._finding(unit, subject, jobs, runs, (worst.peak, worst.threshold, "kW"))

    def _plant_finding(self, unit: _Unit, jobs: list[_Job], seen: float, cap: float) -> Finding:
        last = max(job.last for job in jobs) + 1
        subject = Subject(SubjectKind.ENTERPRISE, unit.order.enterprise_id)
        runs = (self._interval(max(unit.first, 0), last),)
        return self._finding(unit, subject, jobs, runs, (seen, cap, "kWh"))

    def _interval(self, first: int, end: int) -> tuple[int, int]:
        return self.day_start + first * SLOT_MS, self.day_start + end * SLOT_MS

    def _finding(
        self,
        unit: _Unit,
        subject: Subject,
        jobs: list[_Job],
        runs: tuple[tuple[int, int], ...],
        numbers: tuple[float, float, str],
    ) -> Finding:
        order, missing = unit.order, sum(job.missing for job in jobs)
        points = tuple(self.plants.meter_ids[job.row] for job in jobs)
        judged = sum(job.slots for job in jobs) - missing
        return Finding(
            kind=unit.spec.finding,
            rule=unit.spec.rule,
            version=unit.spec.version,
            subject=subject,
            enterprise_id=order.enterprise_id,
            area_id=order.area_id,
            order_id=order.id,
            unit_start_ms=max(order.start_ms + order.grace_s * 1000, self.day_start),
            first_ms=runs[0][0],
            last_ms=runs[-1][1],
            evidence=Evidence(runs, *numbers, judged, missing, points),
        )


def _is_blind(jobs: list[_Job], spec: RuleSpec) -> bool:
    """Whether some line misses more of its slots than the rule allows (or nothing watches the plant at all)."""
    allowed = spec.number("max_missing_share")
    return not jobs or any(job.missing > allowed * job.slots for job in jobs)
