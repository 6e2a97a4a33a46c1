"""Small cities and orders to judge."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from lantian.detect.baselines import Baseline
from lantian.detect.noncompliance import DayJudgement, judge_day
from lantian.detect.plants import PlantIndex
from lantian.detect.rule import rules_on
from lantian.inventory import Enterprise, Line, Meter, MeterKind
from lantian.periods import day_start_ms
from lantian.records import Action, Level, Measure, Order

DAY = date(2026, 12, 8)
START = day_start_ms(DAY)
HOUR = 3_600_000
SLOT = 900_000
RULES = rules_on(DAY)
RATED = 100.0
STOP = Measure(Action.STOP)


def index(
    lines_per_plant: Sequence[int],
    dark: Collection[str] = (),
    rated: Mapping[str, float] = MappingProxyType({}),
) -> PlantIndex:
    """Plants e0, e1 ... with so many lines, each with a production meter (rated 100 kW) and a treatment meter.

    Lines in `dark` have no production meter; `rated` has another rated power for the meters of some lines.
    """
    plants = [
        Enterprise(f"e{no}", "", "9901", "", "", False, 0.0, 0.0, "") for no in range(len(lines_per_plant))
    ]
    lines = [
        Line(f"e{no}-{k}", f"e{no}", k, "") for no, count in enumerate(lines_per_plant) for k in range(count)
    ]
    meters = [
        Meter(f"{line.id}-{kind[0]}", line.id, line.enterprise_id, "9901", kind, rated.get(line.id, RATED))
        for line in lines
        for kind in (MeterKind.TREATMENT, MeterKind.PRODUCTION)
        if kind is MeterKind.TREATMENT or line.id not in dark
    ]
    return PlantIndex.build(reversed(plants), reversed(lines), reversed(meters))


def order(
    plant: str = "e0", *measures: Measure, start: int = START - 24 * HOUR, end: int | None = None, no: int = 0
) -> Order:
    """An order without grace time, in force since the day before."""
    return Order(f"order-{plant}-{no}", plant, "9901", "d", Level.ORANGE, measures or (STOP,), start, end, 0)


def baseline(plants: PlantIndex, kwh: float = 2000.0, idle: float = 0.0) -> Baseline:
    """The same base for every plant, the same idle load for every meter."""
    base = np.full(len(plants.enterprise_ids), kwh)
    return Baseline(np.full(len(plants.meter_ids), idle), base, base)


def quiet(plants: PlantIndex, kw: float = 5.0) -> Any:
    """A day on which every line stands still."""
    return np.full((len(plants.meter_ids), 96), kw, np.float32)


def judge(
    plants: PlantIndex,
    grid: Any,
    orders: Sequence[Order],
    *,
    before: Any = None,
    closed: bool = True,
    base: Baseline | None = None,
) -> DayJudgement:
    """Judge DAY; nothing is known of the day before unless given."""
    if before is None:
        before = np.full((len(grid), RULES.context_slots), np.nan, np.float32)
    return judge_day(DAY, closed, orders, plants, grid, before, RULES, base or baseline(plants))
