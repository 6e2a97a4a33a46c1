"""The city from a seed: outlines, plants, lists, offices, energy, and its way through tables and back."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from lantian.errors import PeriodError
from lantian.inventory import AreaKind, Duty, MeterKind, UnitKind
from lantian.records import Action, Level
from lantian.rehearsal import City, build_city, from_tables, to_tables
from lantian.rehearsal.city import fleet_of
from lantian.rehearsal.fleet import SLOTS, scheduled
from lantian.rehearsal.outlines import contains, outlines

from .season import DAYS, FIRST_DAY


def digest(tables: dict[str, pa.Table]) -> str:
    total = hashlib.sha256()
    for name in sorted(tables):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, tables[name].schema) as writer:
            writer.write_table(tables[name])
        total.update(name.encode() + sink.getvalue().to_pybytes())
    return total.hexdigest()


def test_same_seed_same_bytes(city: City) -> None:
    again = build_city(7, 400, first_day=FIRST_DAY, days=DAYS)
    other = build_city(8, 400, first_day=FIRST_DAY, days=DAYS)
    assert digest(to_tables(again)) == digest(to_tables(city))
    assert digest(to_tables(other)) != digest(to_tables(city))


def test_tables_and_back(city: City) -> None:
    back = from_tables(to_tables(city))
    for name in ("areas", "stations", "units", "people", "posts", "enterprises", "lines", "meters", "listed"):
        assert getattr(back, name) == getattr(city, name)
    assert (back.seed, back.first_day, back.days) == (city.seed, city.first_day, city.days)
    assert dict(back.air) == dict(city.air)
    assert back.around.points == city.around.points
    assert back.around.first == city.around.first
    for kind, values in city.around.values.items():
        assert np.array_equal(back.around.of(kind), values, equal_nan=True)
    assert np.array_equal(back.daily_energy, city.daily_energy)
    assert digest(to_tables(back)) == digest(to_tables(city))


def test_eighteen_counties_and_six_stations(city: City) -> None:
    kinds = Counter(area.kind for area in city.areas)
    assert kinds == {AreaKind.CITY: 1, AreaKind.COUNTY: 17, AreaKind.ZONE: 1}
    assert [area.id for area in city.areas] == ["99", *(f"99{i:02d}" for i in range(1, 19))]
    assert len({area.name for area in city.areas}) == 19
    assert [station.id for station in city.stations] == [f"reh-s{i}" for i in range(1, 7)]


def ring_area(ring: tuple[tuple[float, float], ...]) -> float:
    x, y = np.array(ring).T
    return abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2


@pytest.mark.parametrize("seed", range(12))
def test_outlines_share_borders_and_do_not_overlap(seed: int) -> None:
    rings = outlines(seed, 18)
    edges = Counter(frozenset(edge) for ring in rings for edge in zip(ring, ring[1:] + ring[:1], strict=True))
    shared = sum(count == 2 for count in edges.values())
    assert max(edges.values()) == 2
    assert shared > 0.5 * len(edges)
    corners = np.array([point for ring in rings for point in ring])
    low, high = corners.min(axis=0), corners.max(axis=0)
    width_km = (high - low) * (90, 111)
    assert (width_km > 130).all()
    assert (width_km < 280).all()
    points = np.random.default_rng(1).uniform(low, high, (3000, 2))
    inside = np.array([contains(ring, points) for ring in rings]).sum(axis=0)
    assert inside.max() == 1
    covered = (inside == 1).mean() * float(np.prod(high - low))
    assert covered == pytest.approx(sum(ring_area(ring) for ring in rings), rel=0.06)


def test_plants_and_stations_lie_in_their_counties(city: City) -> None:
    rings = {area.id: area.outline for area in city.areas}
    for place in (*city.enterprises, *city.stations):
        assert contains(rings[place.area_id], np.array([[place.lon, place.lat]]))[0]


def test_plants_have_names_of_their_own_lines_and_meters(city: City) -> None:
    assert len({plant.name for plant in city.enterprises}) == len(city.enterprises)
    assert len({plant.credit_code for plant in city.enterprises}) == len(city.enterprises)
    assert {len(plant.credit_code) for plant in city.enterprises} == {18}
    assert len({plant.trade for plant in city.enterprises}) == 15
    assert 2.2 < len(city.lines) / len(city.enterprises) < 2.8
    assert [m.kind for m in city.meters[:2]] == [MeterKind.PRODUCTION, MeterKind.TREATMENT]
    assert [m.id for m in city.meters] == [f"{line.id}-{s}" for line in city.lines for s in "pt"]


def test_the_approved_list(city: City) -> None:
    plants = {plant.id: plant for plant in city.enterprises}
    lines = {line.id: line.enterprise_id for line in city.lines}
    assert {row.valid_from for row in city.listed} == {date(2026, 10, 1)}
    for row in city.listed:
        plant = plants[row.enterprise_id]
        assert (row.action is Action.EXEMPT) == plant.livelihood
        assert (row.share is not None) == (row.action is Action.LIMIT)
        assert (row.line_id is not None) == (row.action is Action.REDUCE)
        assert bool(row.reason) == (row.action in (Action.EXEMPT, Action.AUTONOMOUS))
        if row.line_id:
            assert lines[row.line_id] == plant.id
        if plant.grade == "A" and not plant.livelihood:
            assert row.action is Action.AUTONOMOUS
    listed = {level: {row.enterprise_id for row in city.listed if row.level is level} for level in Level}
    assert listed[Level.ORANGE] == listed[Level.RED] == set(plants)
    assert 0.3 * len(plants) < len(listed[Level.YELLOW]) < len(plants)
    assert {row.action for row in city.listed} == set(Action)


def test_every_office_is_staffed(city: City) -> None:
    units = {unit.id: unit for unit in city.units}
    people = {person.id: person for person in city.people}
    assert Counter(unit.kind for unit in city.units) == {
        UnitKind.CITY_OFFICE: 1,
        UnitKind.COUNTY_OFFICE: 18,
        UnitKind.COUNTY_BUREAU: 18,
        UnitKind.PLANT: len(city.enterprises),
    }
    assert all(people[post.person_id].unit_id == post.unit_id for post in city.posts)
    assert all(units[post.unit_id].area_id == post.area_id for post in city.posts)
    for area in city.areas[1:]:
        duties = Counter(post.duty for post in city.posts if post.area_id == area.id)
        assert duties[Duty.LEADER] == 1
        assert duties[Duty.DISPATCHER] == duties[Duty.CHECKER] == 2
    duties = Counter(post.duty for post in city.posts)
    assert duties[Duty.MANAGER] == len(city.enterprises)
    assert duties[Duty.SIGNER] == 2
    assert duties[Duty.ANALYST] == 3
    assert all(person.phone.startswith("000") for person in city.people)


def test_daily_energy_is_that_of_ordinary_days(city: City) -> None:
    fleet, habits = fleet_of(city), city.habits
    mean_kw = city.daily_energy / 24
    assert city.daily_energy.shape == (len(city.meters), 60)
    assert (mean_kw <= fleet.rated[:, None]).all()
    idle = np.repeat(habits.idle_from[fleet.line_plant] == 0, 2)
    assert idle.any()
    assert (mean_kw[idle] < 0.2 * fleet.rated[idle, None]).all()
    column = 30
    hours = scheduled(fleet, city.energy_days[column], np.arange(SLOTS, dtype=np.int32)).sum(axis=1) / 4
    expected = (habits.load * hours + habits.holding * (24 - hours)) * fleet.rated[0::2]
    assert city.daily_energy[0::2, column] == pytest.approx(expected, rel=0.021, abs=0.06)


def test_high_holding_power_can_be_learnt(city: City) -> None:
    """A line whose idle power lies above the line of the rule rests on some whole days of the sixty."""
    fleet = fleet_of(city)
    high = np.flatnonzero(city.habits.holding > 0.2)
    assert len(high)
    rest_kw = city.habits.holding[high] * fleet.rated[0::2][high]
    resting = city.daily_energy[0::2][high] / 24 <= rest_kw[:, None] * 1.01
    assert (resting.sum(axis=1) >= 5).all()


def test_a_first_day_outside_the_season_is_refused() -> None:
    with pytest.raises(PeriodError):
        build_city(1, 5, first_day=date(2026, 7, 1), days=2)
