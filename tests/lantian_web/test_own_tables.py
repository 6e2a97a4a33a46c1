"""The city's own tables name areas and stations of the registry; a closed station counts for no mean."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_imports import (
    CITY,
    COUNTY,
    FIRST,
    LEDGER,
    MEMBER,
    NOW,
    ROW,
    SETS,
    analyst,
    hours_csv,
    station_hours,
    take,
    upload,
    value,
    worked,
)
from tests.lantian_web.test_imports import home as home  # the fixture

from lantian.errors import DataError
from lantian.observe.panel import DayPanel
from lantian.periods import at
from lantian.records import ObservationKind
from lantian_store.lake import Lake
from lantian_web import assess_days
from lantian_web.assessments import panels
from lantian_web.desk import area_stations
from lantian_web.desk.air_now import newest_hour
from lantian_web.desk.strip import air_hours
from lantian_web.inventory.commands import load_overlay
from lantian_web.inventory.models import Area, OutsidePoint, Overlay, Station
from lantian_web.inventory.overlays import overlay_text
from lantian_web.inventory.queries import overlay_rows

pytestmark = [pytest.mark.django_db, pytest.mark.db]
__all__ = ["analyst", "home"]
SPELLS = "station,opened_on,closed_on,paper,valid_from,valid_to,source,confidence,note\n"
DAY_BEFORE = FIRST - timedelta(days=1)


def spell(station: str, opened: date | None, closed: date | None) -> str:
    return f"{station},{opened or ''},{closed or ''},某文,2026-01-01,,paper,proposed,\n"


def load(table: str, text: str) -> Overlay:
    """As the page and the command line do it: from the file to the rows in force."""
    made, _ = overlay_text(table, text.encode(), "t.csv")
    return load_overlay(table, made, "t.csv", "", cast.ANALYST, NOW)


# Who a row speaks of ------------------------------------------------------------------------------------------------


def test_a_target_of_an_unknown_area_is_refused_and_loads_when_corrected(home: Path) -> None:
    text = LEDGER + ROW + ROW.replace("90,", "无此县,", 1)
    for refusing in (
        lambda: overlay_text("targets", text.encode(), "t.csv"),
        lambda: load_overlay("targets", text, "t.csv", "", cast.ANALYST, NOW),
    ):
        with pytest.raises(DataError) as caught:
            refusing()
        told = caught.value
        assert (told.source, told.row, told.field, told.reason) == (
            "t.csv",
            3,
            "area",
            "unknown area: '无此县'",
        )
    assert not Overlay.objects.exists()
    load("targets", LEDGER + ROW + ROW.replace("90,", f"{Area.objects.get(pk=COUNTY).name},", 1))
    assert len(overlay_rows("targets")) == 2


def test_the_same_ledger_loads_once_its_area_is_known(home: Path) -> None:
    text = LEDGER + ROW.replace("90,", "9077,", 1)
    with pytest.raises(DataError, match="unknown area"):
        load("targets", text)
    Area.objects.create(id="9077", kind="county", name="新县")
    load("targets", text)


@pytest.mark.parametrize("area", ["90", "某市", "9001", "开发区", "fenwei", "Fenwei", "own"])
def test_a_target_may_name_an_area_the_city_or_a_set_of_cities(home: Path, area: str) -> None:
    load("regions", SETS + MEMBER)  # the set "own"
    load("targets", LEDGER + ROW.replace("90,", f"{area},", 1))


def test_the_page_says_which_row_names_nobody(analyst: Client, home: Path) -> None:  # noqa: F811
    text = LEDGER + ROW.replace("90,", "无此县,", 1)
    asked = {"kind": "table", "table": "targets", "files": upload("t.csv", text.encode())}
    answer = analyst.post(reverse("imports"), asked)
    assert answer.status_code == 422
    assert "t.csv，第 2 行，area：" in answer.content.decode()
    assert "无此县" in answer.content.decode()


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (spell("s9", None, FIRST), "station", "unknown station: 's9'"),
        (spell("s1", None, None), "opened_on", "the cell is empty"),
        (spell("s1", FIRST, DAY_BEFORE), "closed_on", f"{DAY_BEFORE} is before {FIRST}"),
        (spell("s2", FIRST, None) * 2, "station, opened_on", "stated twice: row 2 says it already"),
    ],
)
def test_spells_that_say_nothing_are_refused(home: Path, row: str, field: str, reason: str) -> None:
    with pytest.raises(DataError) as caught:
        load("station_spells", SPELLS + row)
    assert (caught.value.field, caught.value.reason) == (field, reason)


# What counts --------------------------------------------------------------------------------------------------------


def test_a_closed_station_neither_counts_nor_is_waited_for(home: Path) -> None:
    """Three of four are needed: with one closed three are enough, and two of them not; its own values stay its own."""
    load("station_spells", SPELLS + spell("s4站", None, DAY_BEFORE) + spell("s5", None, DAY_BEFORE))
    hours = {"s1": [10.0] * 24, "s2": [20.0] * 24, "s4": [90.0] * 24}
    take(home, ("h.csv", hours_csv(hours)))
    worked(home)
    assert value(COUNTY, "pm25_day") is None, "two of the three in operation"
    take(home, ("late.csv", hours_csv({"s3": [33.0] * 24})))
    worked(home)
    assert value(COUNTY, "pm25_day") == 21, "not (10 + 20 + 33 + 90) / 4"
    assert value("s4", "pm25_day") == 90
    assert value(CITY, "pm25_day") == 21
    assert value("9003", "pm25_day") is None, "the zone has no station in operation"


def test_on_the_days_of_its_spell_it_counts(home: Path) -> None:
    load("station_spells", SPELLS + spell("s4", None, DAY_BEFORE))
    for on in (DAY_BEFORE, FIRST):
        values = {"s1": [10.0] * 24, "s2": [20.0] * 24, "s3": [33.0] * 24, "s4": [90.0] * 24}
        take(home, (f"{on}.csv", hours_csv(values, on)))
    worked(home)
    assert value(COUNTY, "pm25_day", DAY_BEFORE) == 38
    assert value(COUNTY, "pm25_day") == 21


def test_a_station_of_another_city_is_no_part_of_the_city(home: Path) -> None:
    Area.objects.create(id="91", kind="city", name="邻市")
    Area.objects.create(id="9101", kind="county", name="邻县")
    Station.objects.create(id="t1", name="邻站", area_id="9101", lon=112, lat=36)
    take(
        home,
        ("h.csv", hours_csv({key: [50.0] * 24 for key in ("s1", "s2", "s3", "s4")} | {"t1": [99.0] * 24})),
    )
    worked(home)
    assert value(CITY, "pm25_day") == 50, "four of its five, and not the neighbour's"
    assert value("9101", "pm25_day") == 99
    city = Area.objects.get(pk=CITY)
    assert "t1" not in area_stations.stations_of(city)


def test_the_newest_hour_asks_only_the_stations_in_operation(home: Path) -> None:
    take(home, ("h.csv", hours_csv({"s1": [10.0] * 24, "s2": [20.0] * 24, "s3": [33.0] * 24})))
    worked(home)
    load("station_spells", SPELLS + spell("s4", None, DAY_BEFORE))
    county = Area.objects.get(pk=COUNTY)
    assert area_stations.stations_of(county) == ["s1", "s2", "s3", "s4"]
    assert area_stations.stations_of(county, FIRST) == ["s1", "s2", "s3"]
    assert area_stations.stations_by_area(FIRST)[COUNTY] == ["s1", "s2", "s3"]
    hour, _ = newest_hour(area_stations.stations_of(county, FIRST), at(FIRST, 23, 30))
    assert hour is not None
    assert (hour.answered, hour.stations, hour.pm25) == (3, 3, 21)


def test_the_strip_s_hours_are_of_the_stations_in_operation(home: Path) -> None:
    load("station_spells", SPELLS + spell("s4", None, DAY_BEFORE))
    moving = {
        key: [low, low + 2.0] * 12 for key, low in (("s1", 9.0), ("s2", 19.0), ("s3", 32.0), ("s4", 90.0))
    }
    take(home, ("h.csv", hours_csv(moving)))
    worked(home)
    assert {(mean, n) for _, mean, n in air_hours(at(FIRST, 24), 24)} == {(20.0, 3), (22.0, 3)}


def test_the_aqi_of_the_last_day_waits_for_no_closed_station(home: Path) -> None:
    take(home, ("h.csv", hours_csv({key: [160.0] * 24 for key in ("s1", "s2", "s3")})))
    worked(home)
    assert assess_days.rolling_aqi(Lake(home), at(FIRST, 24)) is None
    load("station_spells", SPELLS + spell("s4", None, DAY_BEFORE) + spell("s5", None, DAY_BEFORE))
    assert (assess_days.rolling_aqi(Lake(home), at(FIRST, 24)) or 0) > 100


def other_city(home: Path, city: str = "甲市") -> list[float]:
    found: DayPanel = panels.city_panel([city], FIRST, FIRST)
    return [float(v) for v in found.of(ObservationKind.PM25)[0]]


def test_a_listed_station_that_never_reports_is_none_of_its_city_s(home: Path) -> None:
    """Four of a city's six stations answer: 67 %, but two of the six only stand in the list."""
    reporting = station_hours("甲市", "东", "西", "南", "北").decode()
    silent = "".join(f"甲市,{name},{FIRST} 12:00,,,,,,\n" for name in ("无一", "无二"))
    take(home, ("h.csv", (reporting + silent).encode()))
    worked(home)
    assert other_city(home) == [50.0]
    assert OutsidePoint.objects.filter(kind="station").count() == 4
    take(home, ("late.csv", station_hours("甲市", "无一")))
    worked(home)
    assert OutsidePoint.objects.filter(kind="station").count() == 5, "it is one as soon as it reports"


def test_a_closed_station_of_another_city_is_not_waited_for(home: Path) -> None:
    before = (
        station_hours("甲市", "东", "西").decode().replace(f"{FIRST}", f"{DAY_BEFORE - timedelta(days=9)}")
    )
    take(home, ("old.csv", before.encode()))
    worked(home)
    load("station_spells", SPELLS + spell("甲市/西", None, DAY_BEFORE))
    take(home, ("h.csv", station_hours("甲市", "东")))
    worked(home)
    assert other_city(home) == [50.0]
