"""Power batches: bytes, schema, independence of the cut; and the truth against the real detector."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from lantian.periods import day_start_ms
from lantian.records import FindingKind, Level, Measure, Order
from lantian.rehearsal import City, merge, score
from lantian.rehearsal.batches import BATCH_SCHEMA
from lantian.rehearsal.city import fleet_of
from lantian.rehearsal.conduct import LOOK_ALIKES
from lantian.rehearsal.power import play

from .season import GRACE_S, HOUR_MS, STEP_MS, Played, known_at, orders_at


def ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def digest(tables: dict[str, pa.Table]) -> str:
    return hashlib.sha256(b"".join(ipc(tables[area]) for area in sorted(tables))).hexdigest()


def rows(tables: list[dict[str, pa.Table]]) -> pa.Table:
    plain = pa.schema(
        [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in BATCH_SCHEMA]
    )
    together = pa.concat_tables([table.cast(plain) for step in tables for table in step.values()])
    return together.sort_by([("point", "ascending"), ("start", "ascending")])


def test_two_runs_give_identical_bytes(city: City, orders: list[Order]) -> None:
    start = orders[0].start_ms
    first, truth = play(city, start, start + STEP_MS, orders)
    shuffled = list(reversed(orders))
    second, truth_again = play(replace(city), start, start + STEP_MS, shuffled)
    assert digest(first) == digest(second)
    assert truth == truth_again
    later, _ = play(city, start + STEP_MS, start + 2 * STEP_MS, orders)
    assert digest(first) != digest(later)


def test_a_batch_is_sorted_and_complete(city: City) -> None:
    start = day_start_ms(city.first_day)
    tables, truth = play(city, start, start + STEP_MS, [])
    assert truth == []
    assert sum(table.num_rows for table in tables.values()) == 24 * len(city.meters)
    for area_id, table in tables.items():
        assert table.schema == BATCH_SCHEMA
        points, starts = table["point"].to_pylist(), table["start"].to_pylist()
        assert list(zip(points, starts, strict=True)) == sorted(zip(points, starts, strict=True))
        assert set(points) == {meter.id for meter in city.meters if meter.area_id == area_id}
        assert set(table["kind"].to_pylist()) == {"power"}
        flags = [
            flag
            for flag, value in zip(table["flag"].to_pylist(), table["value"].to_pylist(), strict=True)
            if value is None
        ]
        assert set(flags) <= {"offline"}
        values = table["value"].drop_null().to_numpy()
        assert np.array_equal(values, np.round(values, 1))
        assert (values >= 0).all()


def test_rows_do_not_depend_on_the_cut(city: City, orders: list[Order]) -> None:
    start = orders[0].start_ms - 3 * HOUR_MS
    whole, truth = play(city, start, start + 24 * HOUR_MS, orders)
    parts, truth_parts = [], []
    for begin, end in ((0, 1), (1, 6), (6, 13), (13, 24)):
        tables, found = play(city, start + begin * HOUR_MS, start + end * HOUR_MS, orders)
        parts.append(tables)
        truth_parts += found
    assert rows(parts).equals(rows([whole]))
    assert {(r.enterprise_id, r.order_id, r.kind) for r in merge(truth_parts)} == {
        (r.enterprise_id, r.order_id, r.kind) for r in truth
    }


def test_ordinary_days_use_the_energy_of_the_sixty_days(city: City) -> None:
    start = day_start_ms(city.first_day)
    tables, _ = play(city, start, start + 24 * HOUR_MS, [])
    power = rows([tables])["value"].to_numpy(zero_copy_only=False).reshape(-1, 96)
    energy = power.sum(axis=1) * 0.25
    known = ~np.isnan(energy)
    assert known.mean() > 0.98
    monday = [i for i, day in enumerate(city.energy_days) if day.weekday() == 0]
    usual = np.median(city.daily_energy[:, monday], axis=1)
    fleet = fleet_of(city)
    steady = np.repeat((city.habits.off_cycle == 0), 2) & known
    steady &= np.repeat(city.habits.idle_from[fleet.line_plant] > city.first_day.toordinal(), 2)
    assert energy[steady] == pytest.approx(usual[steady], rel=0.05)


def test_an_order_moves_nothing_before_it_and_is_obeyed_within_its_grace(city: City) -> None:
    start = day_start_ms(city.first_day) + 6 * HOUR_MS
    orders = orders_at(city, Level.ORANGE, start + 2 * HOUR_MS, None, "d")
    calm = rows([play(city, start, start + 12 * HOUR_MS, [])[0]])
    moved = rows([play(city, start, start + 12 * HOUR_MS, orders)[0]])
    early = calm["start"].to_numpy() < start + 2 * HOUR_MS
    known = calm["value"].to_numpy(zero_copy_only=False), moved["value"].to_numpy(zero_copy_only=False)
    assert np.array_equal(known[0][early], known[1][early], equal_nan=True)
    assert np.nansum(known[1][~early]) < 0.75 * np.nansum(known[0][~early])


def test_a_plant_at_rest_stays_at_rest_when_an_order_follows_another(city: City) -> None:
    day = day_start_ms(city.first_day)
    change = day + 12 * HOUR_MS
    first = [replace(o, end_ms=change) for o in orders_at(city, Level.RED, day - 24 * HOUR_MS, None, "a")]
    second = orders_at(city, Level.RED, change, None, "b")
    table = rows([play(city, change - HOUR_MS, change + 2 * HOUR_MS, [*first, *second])[0]])
    power = table["value"].to_numpy(zero_copy_only=False).reshape(-1, 12)[0::2]
    rated = fleet_of(city).rated[0::2]
    stops = {
        o.enterprise_id
        for o in first
        if o.measures == (Measure(o.measures[0].action),) and o.measures[0].action == "stop"
    }
    lines = np.array([line.enterprise_id in stops for line in city.lines])
    resting = lines & (power[:, :4] < 0.2 * rated[:, None]).all(axis=1)
    after = power[resting, 4:] / rated[resting, None]
    assert (np.nanmax(after, axis=1) < 0.25).mean() > 0.93


def test_a_released_plant_starts_up_again(city: City) -> None:
    day = day_start_ms(city.first_day)
    end = day + 6 * HOUR_MS
    ended = [replace(o, end_ms=end) for o in orders_at(city, Level.RED, day - 24 * HOUR_MS, None, "a")]
    begin = end + 4 * HOUR_MS
    after = rows([play(city, begin, begin + HOUR_MS, ended)[0]])
    calm = rows([play(city, begin, begin + HOUR_MS, [])[0]])
    assert after.equals(calm)


def test_shares_of_breaches_and_look_alikes(city: City, played: Played) -> None:
    truth = merge(played.truth)
    found = score(truth, played.findings, played.order_days)
    small = len(city.enterprises) / 4709
    assert found.breaches >= 300 * small
    assert found.look_alikes >= 300 * small
    assert found.near_breaches >= 0.2 * found.breaches
    assert {row.kind for row in truth if row.breach} == set(FindingKind)
    notes = Counter(row.note for row in truth if row.look_alike)
    assert set(notes) == LOOK_ALIKES


def test_innocent_plants_never_pass_the_line(played: Played) -> None:
    innocent = [row for row in merge(played.truth) if row.look_alike or row.note == "obeys"]
    assert max(row.margin_points for row in innocent) < -1
    assert min(row.margin_points for row in merge(played.truth) if row.breach) > 0


def test_a_careful_detector_finds_the_truth(played: Played) -> None:
    found = score(played.truth, played.findings, played.order_days)
    assert found.precision >= 0.98
    assert found.recall >= 0.95
    assert found.cannot_tell_share <= 0.10
    assert found.excused > 0


def test_a_careless_detector_does_not(city: City, orders: list[Order], played: Played) -> None:
    """One slot above 15 % of rated is enough for it, and it asks for no grade and no order kind."""
    start = day_start_ms(city.first_day) + 24 * HOUR_MS
    truth = {row.enterprise_id: row.breach for row in merge(played.truth)}
    power = rows([play(city, start + 6 * HOUR_MS, start + 24 * HOUR_MS, known_at(orders, start))[0]])
    values = power["value"].to_numpy(zero_copy_only=False).reshape(-1, 72)[0::2]
    loud = np.nanmax(np.nan_to_num(values), axis=1) > 0.15 * fleet_of(city).rated[0::2]
    bound = {o.enterprise_id for o in known_at(orders, start)}
    accused = {line.enterprise_id for line, is_loud in zip(city.lines, loud, strict=True) if is_loud} & bound
    assert sum(truth[plant] for plant in accused) < 0.6 * len(accused)


def test_truth_is_known_for_superseded_orders(orders: list[Order], played: Played) -> None:
    known = {row.order_id for row in played.truth}
    assert {order.id for order in orders} == known
    judged = {day.order_id for day in played.order_days}
    assert judged <= known


def test_an_order_that_ends_within_its_grace_is_no_breach(city: City) -> None:
    start = day_start_ms(city.first_day) + 10 * HOUR_MS
    brief = [
        replace(o, end_ms=start + GRACE_S * 1000) for o in orders_at(city, Level.RED, start, None, "brief")
    ]
    assert play(city, start, start + 4 * HOUR_MS, brief)[1] == []


@pytest.mark.parametrize(("start", "end"), [(1, 900_000), (0, 0), (900_000, 0)])
def test_a_step_is_made_of_whole_quarter_hours(city: City, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="whole quarter-hours"):
        play(city, start, end, [])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [8, 9])
def test_other_seeds_too(seed: int) -> None:
    from lantian.rehearsal import build_city

    from .season import DAYS, FIRST_DAY, episode_orders, play_and_judge

    other = build_city(seed, 400, first_day=FIRST_DAY, days=DAYS)
    result = play_and_judge(other, episode_orders(other))
    found = score(result.truth, result.findings, result.order_days)
    assert found.precision >= 0.98
    assert found.recall >= 0.95
