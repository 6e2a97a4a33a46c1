"""Loading the city, and giving it back as the library's records."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from tests.lantian_web import cast

from lantian.errors import DataError, LawError
from lantian.records import Level
from lantian_web.accounts.models import Person, Post, Unit
from lantian_web.inventory import queries
from lantian_web.inventory.commands import import_city
from lantian_web.inventory.models import Area, Enterprise, Line, ListedMeasure, Meter, Station

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MODELS = (Unit, Person, Post, Area, Enterprise, Line, Meter, Station, ListedMeasure)


def test_the_city_comes_back_as_it_was(town: cast.City) -> None:
    assert queries.areas() == list(town.areas)
    assert queries.enterprises() == sorted(town.enterprises, key=lambda plant: plant.id)
    assert queries.lines() == sorted(town.lines, key=lambda line: line.id)
    assert queries.stations() == list(town.stations)
    assert queries.listed(Level.ORANGE, cast.DAY) == [row for row in town.listed if row.level is Level.ORANGE]
    assert queries.city_area_id() == "90"


def test_a_second_load_changes_nothing(town: cast.City) -> None:
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    import_city(town, cast.learnt(town))
    assert [list(model.objects.order_by("pk").values()) for model in MODELS] == before


def test_a_changed_plant_is_brought_up_to_date(town: cast.City) -> None:
    renamed = [replace(plant, grade="B") if plant.id == cast.OBEYS else plant for plant in town.enterprises]
    import_city(replace(town, enterprises=renamed), cast.learnt(town))
    assert dict(Enterprise.objects.values_list("id", "grade"))[cast.OBEYS] == "B"
    assert Enterprise.objects.count() == len(cast.STATES)


@pytest.mark.parametrize("rated", [0.0, -1.0, math.nan, math.inf])
def test_a_meter_without_a_rated_power_is_refused(town: cast.City, rated: float) -> None:
    meters = [replace(town.meters[0], rated_kw=rated), *town.meters[1:]]
    with pytest.raises(DataError, match=f"meter {town.meters[0].id} "):
        import_city(replace(town, meters=meters), cast.learnt(town))
    assert Meter.objects.get(id=town.meters[0].id).rated_kw == town.meters[0].rated_kw


def test_plants_carry_their_scope(town: cast.City) -> None:
    plant = Enterprise.objects.get(id=cast.FAR)
    assert (plant.area_id, plant.unit_id, plant.enterprise_id) == ("9002", "u-far", cast.FAR)


def test_what_was_learnt_comes_back_as_arrays(town: cast.City) -> None:
    held, known = queries.meters(), cast.learnt(town)
    assert len(held.points) == len(town.meters)
    assert held.plants.meter_ids == tuple(f"{plant}-1-p" for plant in sorted(cast.STATES))
    assert held.baselines.idle_kw.tolist() == known.idle_kw.tolist()
    broken = held.plants.plant_of[cast.BROKEN]
    assert math.isnan(held.baselines.base_kwh_restday[broken])
    assert held.baselines.base_kwh_workday[broken] == 2000.0


def test_the_newest_list_counts_whole(town: cast.City) -> None:
    newer = [
        replace(row, paper="新清单", valid_from=date(2026, 12, 10))
        for row in town.listed
        if row.enterprise_id == cast.FAR
    ]
    import_city(replace(town, listed=[*town.listed, *newer]), cast.learnt(town))
    assert len(queries.listed(Level.ORANGE, date(2026, 12, 9))) == len(cast.STATES)
    assert [row.enterprise_id for row in queries.listed(Level.ORANGE, date(2026, 12, 10))] == [cast.FAR]


def test_without_a_city_there_is_nobody_to_decide(db: None) -> None:
    with pytest.raises(LawError, match="no_city"):
        cast.start()
