"""A rehearsal played through the real rules: the warning from the forecast, the orders from the approved list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from lantian.assess.aqi import AQI_ITEMS, daily_aqi, edition_on
from lantian.detect.baselines import learn
from lantian.detect.noncompliance import OrderDay, judge_day
from lantian.detect.plants import PlantIndex
from lantian.detect.rule import rules_on
from lantian.inventory import MeterKind
from lantian.periods import day_start_ms
from lantian.plan.warning import next_decision, propose
from lantian.records import Finding, Level, Measure, Order, make_id
from lantian.rehearsal import City, TruthRow
from lantian.rehearsal.air import forecast
from lantian.rehearsal.power import play
from lantian.units import to_decimal

FIRST_DAY = date(2026, 12, 7)
DAYS = 12
HOUR_MS = 3_600_000
STEP_MS = 6 * HOUR_MS
GRACE_S = 7200


def aqi_on(city: City, day: date) -> int | None:
    """AQI of the day from the city's own daily values."""
    values = city.air[day]
    known = {kind: None if values[kind] is None else to_decimal(values[kind]) for kind in AQI_ITEMS}
    return daily_aqi(known, edition_on(day)).aqi


def levels(city: City) -> list[tuple[date, Level, int]]:
    """(day, level decided that evening, days until it starts) while the rules are followed."""
    current = Level.NONE
    made: list[tuple[date, Level, int]] = []
    for offset in range(city.days):
        day = city.first_day + timedelta(days=offset)
        proposal = propose(forecast(city, day), day)
        step = next_decision(current, proposal, today_aqi=aqi_on(city, day))
        if step is not None:
            current = step.level
            made.append((day, current, 1))
    return made


def orders_at(city: City, level: Level, start_ms: int, end_ms: int | None, decision: str) -> list[Order]:
    """One order per plant listed at the level."""
    measures: dict[str, list[Measure]] = {}
    for row in city.listed:
        if row.level is level:
            measures.setdefault(row.enterprise_id, []).append(Measure(row.action, row.line_id, row.share))
    area = {plant.id: plant.area_id for plant in city.enterprises}
    return [
        Order(
            make_id("order", decision, plant),
            plant,
            area[plant],
            decision,
            level,
            tuple(own),
            start_ms,
            end_ms,
            GRACE_S,
        )
        for plant, own in measures.items()
    ]


def episode_orders(city: City) -> list[Order]:
    """All orders of the episode: each decision starts the next midnight and supersedes the one before."""
    found: list[Order] = []
    for day, level, wait in levels(city):
        start_ms = day_start_ms(day + timedelta(days=wait))
        found = [replace(o, end_ms=start_ms) if o.end_ms is None else o for o in found]
        if level is not Level.NONE:
            found += orders_at(city, level, start_ms, None, f"{day}-{level}")
    return found


def known_at(orders: list[Order], now_ms: int) -> list[Order]:
    """The orders as they are known at a moment: an end that lies ahead is not known yet."""
    return [
        replace(o, end_ms=None) if o.end_ms is not None and o.end_ms > now_ms else o
        for o in orders
        if o.start_ms <= now_ms
    ]


@dataclass
class Played:
    truth: list[TruthRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    order_days: list[OrderDay] = field(default_factory=list)


def play_and_judge(city: City, orders: list[Order]) -> Played:
    """Every day played in 6 h steps and judged when closed, by the real detector."""
    plants = PlantIndex.build(city.enterprises, city.lines, city.meters)
    production = [i for i, meter in enumerate(city.meters) if meter.kind is MeterKind.PRODUCTION]
    baseline = learn(city.daily_energy[production], city.energy_days, plants)
    row_of = {meter_id: i for i, meter_id in enumerate(plants.meter_ids)}
    played = Played()
    before = np.full((len(row_of), 96), np.nan, dtype=np.float32)
    for offset in range(city.days):
        day = city.first_day + timedelta(days=offset)
        start_ms = day_start_ms(day)
        grid = np.full((len(row_of), 96), np.nan, dtype=np.float32)
        for quarter in range(4):
            begin = start_ms + quarter * STEP_MS
            tables, truth = play(city, begin, begin + STEP_MS, known_at(orders, begin))
            played.truth += truth
            for table in tables.values():
                fill(grid, table, row_of, start_ms)
        rules = rules_on(day)
        own = known_at(orders, start_ms + 4 * STEP_MS)
        judged = judge_day(day, True, own, plants, grid, before, rules, baseline)
        played.findings += judged.findings
        played.order_days += judged.order_days
        before = grid
    return played


def fill(grid: np.ndarray, table: pa.Table, row_of: dict[str, int], start_ms: int) -> None:
    """Write a batch's production meters into a day grid."""
    words = table["point"].combine_chunks()
    rows = np.array([row_of.get(point, -1) for point in words.dictionary.to_pylist()])[
        words.indices.to_numpy()
    ]
    slots = (table["start"].to_numpy() - start_ms) // 900_000
    values = table["value"].to_numpy()
    own = rows >= 0
    grid[rows[own], slots[own]] = values[own]
