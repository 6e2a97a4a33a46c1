"""Tonnes a year by trade and size, and what the monitors measure of a day."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from lantian.periods import day_start_ms
from lantian.records import Level
from lantian.rehearsal import City, build_city
from lantian.rehearsal.batches import BATCH_SCHEMA
from lantian.rehearsal.city import fleet_of
from lantian.rehearsal.emission import day_batch, line_kwh
from lantian.rehearsal.power import play
from lantian.rehearsal.tonnage import tonnes, usual_kwh

from .season import DAYS, FIRST_DAY, HOUR_MS, STEP_MS, orders_at

START = day_start_ms(FIRST_DAY)


def energy(city: City, orders: list) -> list[np.ndarray]:
    steps = [START + quarter * STEP_MS for quarter in range(4)]
    return [line_kwh(city, play(city, begin, begin + STEP_MS, orders)[0]) for begin in steps]


def measured(city: City, orders: list) -> dict[tuple[str, str], float | None]:
    table = day_batch(city, FIRST_DAY, energy(city, orders))
    assert table.schema == BATCH_SCHEMA
    return {(row["point"], row["kind"]): row["value"] for row in table.to_pylist()}


def test_tonnes_go_with_trade_and_size(city: City) -> None:
    by_trade = defaultdict(list)
    for plant, row in zip(city.enterprises, tonnes(city.enterprises), strict=True):
        by_trade[plant.trade].append(row)
    so2, _, pm, vocs = (
        {trade: np.nanmedian(np.array(rows)[:, i]) for trade, rows in by_trade.items()} for i in range(4)
    )
    assert so2["steel"] > 10 * so2["food"]
    assert so2["printing"] == pm["printing"] == vocs["cement"] == 0
    assert vocs["coating"] > vocs["cement"]
    kwh = np.bincount(fleet_of(city).line_plant, usual_kwh(fleet_of(city)))
    brick = np.array([plant.trade == "brick" for plant in city.enterprises])
    known = brick & ~np.isnan(tonnes(city.enterprises)[:, 0])
    assert np.corrcoef(np.log(kwh[known]), np.log(tonnes(city.enterprises)[known, 0]))[0, 1] > 0.6


def test_a_few_plants_never_reported(city: City) -> None:
    silent = [plant for plant in city.enterprises if plant.so2_t is None]
    assert 0 < len(silent) < 0.08 * len(city.enterprises)
    assert all((p.nox_t, p.pm_t, p.vocs_t) == (None, None, None) for p in silent)


def test_usual_energy_is_that_of_the_sixty_days(city: City) -> None:
    fleet = fleet_of(city)
    busy = city.habits.idle_from[fleet.line_plant] > FIRST_DAY.toordinal()
    busy &= city.habits.off_cycle == 0
    busy &= (city.habits.work_days >= 7)[fleet.line_plant]
    mean = city.daily_energy[0::2].mean(axis=1)
    assert usual_kwh(fleet)[busy] == pytest.approx(mean[busy], rel=0.02, abs=0.2)


def test_a_monitored_day_follows_the_energy_used(city: City) -> None:
    calm = measured(city, [])
    cut = measured(city, orders_at(city, Level.RED, START - 24 * HOUR_MS, None, "d"))
    assert set(calm) == set(cut)
    assert {key for key, kg in calm.items() if kg is None} == {key for key, kg in cut.items() if kg is None}
    known = [key for key, kg in calm.items() if kg]
    assert sum(cut[key] or 0 for key in known) < 0.8 * sum(calm[key] or 0 for key in known)
    yearly = {plant.id: plant.nox_t for plant in city.enterprises}
    ratio = [(calm[key] or 0) / ((yearly[key[0]] or 0) * 1000 / 365) for key in known if "nox" in key[1]]
    assert 0.8 < np.median(ratio) < 1.3


def test_only_large_sources_are_monitored_and_some_miss_the_day() -> None:
    city = build_city(7, 1500, first_day=FIRST_DAY, days=DAYS)
    day = measured(city, [])
    plants = {key for key, _ in day}
    assert 0.05 < len(plants) / len(city.enterprises) < 0.3
    missed = {key for (key, _), kg in day.items() if kg is None}
    assert 0 < len(missed) < 0.08 * len(plants)
    yearly = {plant.id: plant.so2_t for plant in city.enterprises}
    assert min(yearly[key] or 0 for key, kind in day if kind == "emitted_so2") > 20


def test_a_silent_meter_does_not_stop_the_stack(city: City) -> None:
    steps = energy(city, [])
    lines = np.flatnonzero(~np.isnan(steps[0]))
    without = [step.copy() for step in steps]
    without[0][lines] = np.nan
    full = {r["point"]: r["value"] for r in day_batch(city, FIRST_DAY, steps).to_pylist()}
    partly = {r["point"]: r["value"] for r in day_batch(city, FIRST_DAY, without).to_pylist()}
    total = sum(v for v in full.values() if v), sum(v for v in partly.values() if v)
    assert total[1] == pytest.approx(total[0], rel=0.3)
    none = [np.full_like(step, np.nan) for step in steps]
    assert sum(r["value"] or 0 for r in day_batch(city, FIRST_DAY, none).to_pylist()) > 0


def test_some_counties_exceed_their_cap_on_an_ordinary_day(city: City) -> None:
    from lantian.assess.targets.ledger import EMISSIONS, targets_of
    from lantian.rehearsal import own_tables
    from lantian.standards import parse

    caps = {
        (row.area, EMISSIONS[row.indicator].value): float(row.value or 0) * 1000
        for row in targets_of(parse("targets", own_tables(city)["targets"]))
        if row.indicator in EMISSIONS
    }
    area = {plant.id: plant.area_id for plant in city.enterprises}
    fleet = fleet_of(city)
    plants = np.bincount(fleet.line_plant, np.nansum(energy(city, []), axis=0), len(city.enterprises))
    usual = np.bincount(fleet.line_plant, usual_kwh(fleet), len(city.enterprises))
    total: dict[tuple[str, str], float] = defaultdict(float)
    kg = np.nan_to_num(tonnes(city.enterprises)) * 1000 / 365 * (plants / usual)[:, None]
    for plant, row in zip(city.enterprises, kg.tolist(), strict=True):
        for kind, value in zip(EMISSIONS.values(), row, strict=True):
            total[area[plant.id], kind.value] += value
    over = {key for key, cap in caps.items() if total[key] > cap}
    assert 0 < len(over) < 0.5 * len(caps)
