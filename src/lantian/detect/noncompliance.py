"""Does each plant do what its order of the day demands? 该停未停, 该限未限, 该减未减: complied, not complied, cannot tell.

The judged unit is the order day: the order after its grace time, within one local day, in whole quarter-hours.
- STOP and REDUCE: a line runs when its power is above max(share of rated, factor x learnt idle) long enough.
- LIMIT: the plant's energy is above (1 - share) x base x (1 + tolerance), the base pro rata of the order's hours.
  A plant that would satisfy a STOP satisfies every LIMIT: an idle plant is left alone whatever its base.
Missing data is never guilt: it can only turn "complied" into "cannot tell", as do a line without a usable meter and
an order day too short to show a run. A breach that was seen stays seen.
Judging again with more data gives the same ids; nothing is carried over but the slots of the day before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from lantian.detect.baselines import Baseline
from lantian.detect.kernels import SLOTS
from lantian.detect.plants import Floats, PlantIndex
from lantian.detect.rule import Rules
from lantian.detect.units import (
    FINDING_OF,
    SLOT_MS,
    Job,
    Power,
    Unit,
    Watch,
    known_until,
    scanned,
    units_of,
)
from lantian.errors import RuleError
from lantian.periods import day_bounds_ms
from lantian.records import (
    Evidence,
    Finding,
    FindingKind,
    Order,
    Outcome,
    Subject,
    SubjectKind,
)

__all__ = ["DayJudgement", "OrderDay", "judge_day"]

_HOURS = 0.25


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
    specs = {kind: rules.finding(kind) for kind in FINDING_OF.values()}
    bounds = day_bounds_ms(day)
    watch = Watch.over(plants)
    units = [
        unit for order in orders for unit in units_of(order, plants, watch, specs, bounds, before.shape[1])
    ]
    known = SLOTS if closed else known_until(grid)
    bench = _Bench(day, bounds[0], closed, plants, baselines.base_kwh(day) if units else np.zeros(0))
    judgement = DayJudgement([], [])
    for unit, jobs in scanned(units, known, plants, grid, before, specs, baselines):
        if unit.spec.finding is FindingKind.NOT_CURTAILED:
            bench.judge_energy(unit, jobs, judgement)
        else:
            bench.judge_lines(unit, jobs, judgement)
    return judgement


@dataclass(frozen=True, slots=True)
class _Bench:
    """Judges units of one day, and writes findings and answers into a judgement."""

    day: date
    day_start: int
    closed: bool
    plants: PlantIndex
    base_kwh: Floats

    def judge_lines(self, unit: Unit, jobs: list[Job], judgement: DayJudgement) -> None:
        """STOP and REDUCE: every line of the unit stands still."""
        breaches = [job for job in jobs if job.runs]
        if breaches:
            outcome = Outcome.NOT_COMPLIED
            judgement.findings.extend(self._line_findings(unit, breaches))
        elif not self.closed:
            return
        else:
            outcome = Outcome.CANNOT_TELL if _is_blind(unit, jobs) else Outcome.COMPLIED
        nearest = max(
            (job for job in jobs if job.last >= 0), key=lambda job: job.peak / job.threshold, default=None
        )
        measured, limit = (None, None) if nearest is None else (nearest.peak, nearest.threshold)
        judgement.order_days.append(self._answer(unit, jobs, outcome, measured, limit, "kW"))

    def judge_energy(self, unit: Unit, jobs: list[Job], judgement: DayJudgement) -> None:
        """LIMIT: the plant's energy stays under the cap. Gaps are bounded by nothing and by rated power; what a line
        that is not watched uses is bounded by nothing at all."""
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
        elif jobs and not unit.dark and seen + unseen <= cap or not (produces or _is_blind(unit, jobs)):
            outcome = Outcome.COMPLIED
        else:
            outcome = Outcome.CANNOT_TELL
        known = None if np.isnan(cap) else cap
        measured = seen if any(job.last >= 0 for job in jobs) else None
        judgement.order_days.append(self._answer(unit, jobs, outcome, measured, known, "kWh"))

    def _answer(
        self,
        unit: Unit,
        jobs: list[Job],
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

    def _line_findings(self, unit: Unit, breaches: list[Job]) -> Iterator[Finding]:
        by_line: dict[int, list[Job]] = {}
        for job in breaches:
            by_line.setdefault(int(self.plants.meter_line[job.row]), []).append(job)
        for line, jobs in by_line.items():
            runs = tuple(sorted({self._interval(*run) for job in jobs for run in job.runs}))
            worst = max(jobs, key=lambda job: job.peak / job.threshold)
            subject = Subject(SubjectKind.LINE, self.plants.line_ids[line])
            yield self._finding(unit, subject, jobs, runs, (worst.peak, worst.threshold, "kW"))

    def _plant_finding(self, unit: Unit, jobs: list[Job], seen: float, cap: float) -> Finding:
        last = max(job.last for job in jobs) + 1
        subject = Subject(SubjectKind.ENTERPRISE, unit.order.enterprise_id)
        runs = (self._interval(max(unit.first, 0), last),)
        return self._finding(unit, subject, jobs, runs, (seen, cap, "kWh"))

    def _interval(self, first: int, end: int) -> tuple[int, int]:
        return self.day_start + first * SLOT_MS, self.day_start + end * SLOT_MS

    def _finding(
        self,
        unit: Unit,
        subject: Subject,
        jobs: list[Job],
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


def _is_blind(unit: Unit, jobs: list[Job]) -> bool:
    """Whether a run may have gone unseen: a line is not watched, misses more of its slots than the rule allows, or
    has too few of them to show one."""
    if unit.dark or not jobs:
        return True
    allowed = unit.spec.number("max_missing_share")
    return any(job.missing > allowed * job.slots or job.slots - job.missing < unit.min_slots for job in jobs)
