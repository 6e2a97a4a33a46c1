"""The city's own rows fit the rule tables, and bind what they should."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lantian.assess.targets.ledger import EMISSIONS, Indicator, Root, target_on, targets_of
from lantian.rehearsal import City, build_city, dust_days, own_tables
from lantian.rehearsal.statement import own_name
from lantian.standards import in_force, parse
from lantian.standards.lint import lint_rows

from .season import FIRST_DAY


@pytest.fixture(scope="module")
def tables(city: City) -> dict[str, str]:
    return own_tables(city)


def test_every_table_can_be_read_and_is_clean(tables: dict[str, str]) -> None:
    assert set(tables) == {"regions", "targets", "dust_days", "season_targets"}
    for name, text in tables.items():
        rows = parse(name, text)
        assert rows
        assert lint_rows(name, rows) == []


def test_the_plain_changed_its_members_with_the_year(city: City, tables: dict[str, str]) -> None:
    rows = parse("regions", tables["regions"])

    def members(on: date) -> set[str]:
        return {
            row.text("city")
            for row in in_force("regions", on, overlay=rows)
            if row.text("region") == "rehearsal"
        }

    then, now = members(date(2025, 12, 31)), members(FIRST_DAY)
    assert len(then) == len(now) == 10
    assert len(then - now) == len(now - then) == 1
    assert now - {own_name(city)} <= set(city.around.points)
    assert own_name(city) in then & now


def test_the_ledger_binds_year_season_counties_and_caps(city: City, tables: dict[str, str]) -> None:
    rows = parse("targets", tables["targets"])
    area = city.areas[0].id
    for root in (Root.YEAR, Root.SEASON):
        assert target_on(FIRST_DAY, (area,), Indicator.PM25_MEAN, rows, root)
        assert target_on(FIRST_DAY, (area,), Indicator.HEAVY_DAYS, rows, root)
    season = target_on(FIRST_DAY, (area,), Indicator.PM25_MEAN, rows, Root.SEASON)
    assert season is not None
    assert season.change_percent == Decimal(-3)
    assert target_on(FIRST_DAY, (area,), Indicator.GOOD_DAYS, rows, Root.YEAR)
    made = targets_of(rows)
    stations = {station.area_id for station in city.stations}
    assert {t.area for t in made if t.indicator is Indicator.PM25_MEAN} == stations | {area}
    caps = [t for t in made if t.indicator in EMISSIONS]
    assert {t.area for t in caps} <= {a.id for a in city.areas[1:]}
    assert len(caps) > 50
    assert {t.unit for t in caps} == {"t/day"}


def test_dust_days_are_named_by_city_and_by_area(city: City, tables: dict[str, str]) -> None:
    named: dict[str, set[date]] = {}
    for row in parse("dust_days", tables["dust_days"]):
        day = row.day("day")
        assert day is not None
        named.setdefault(row.text("area"), set()).add(day)
    assert set(named) >= {own_name(city), city.areas[0].id, *city.around.points}
    assert all(days == set(dust_days(city)) for days in named.values())


def test_under_real_air_only_the_caps_of_the_invented_plants_bind() -> None:
    first = date(2016, 12, 26)
    real = build_city(7, 60, first_day=first, days=2).with_air({first: {"pm25": 100.0}})
    tables = own_tables(real)
    assert set(tables) == {"targets"}
    made = targets_of(parse("targets", tables["targets"]))
    assert {t.indicator for t in made} == set(EMISSIONS)
    assert {t.period.start_on for t in made} == {date(2016, 10, 1)}


def test_the_season_in_the_new_year_has_its_ledger_too() -> None:
    city = build_city(7, 60, first_day=date(2026, 1, 10), days=2)
    made = targets_of(parse("targets", own_tables(city)["targets"]))
    assert {(t.period.start_on, t.period.end_on) for t in made} == {
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2025, 10, 1), date(2026, 3, 31)),
    }
