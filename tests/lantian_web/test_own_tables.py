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
from lantian.report.day_sheet import day_sheet
from lantian_store.lake import Lake
from lantian_web import assess_days
from lantian_web.assessments import imports, panels
from lantian_web.assessments.models import Assessment
from lantian_web.bulletins.queries import day_inputs
from lantian_web.desk import area_stations
from lantian_web.desk.air_now import newest_hour
from lantian_web.desk.strip import air_hours
from lantian_web.inventory.commands import load_overlay
from lantian_web.inventory.models import Area, OutsidePoint, Overlay, Station
from lantian_web.inventory.overlays import overlay_text
from lantian_web.inventory.queries import overlay_rows, station_spells

pytestmark = [pytest.mark.django_db, pytest.mark.db]
__all__ = ["analyst", "home"]
SPELLS = "station,opened_on,closed_on,paper,valid_from,valid_to,source,confidence,note\n"
DAY_BEFORE = FIRST - timedelta(days=1)
SPELL_ROW = ("station_spells", "unverified")


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


def test_a_county_that_is_a_city_may_be_named_as_archives_write_it(home: Path) -> None:
    Area.objects.create(id="9078", kind="county", name="某山市")
    load("targets", LEDGER + ROW.replace("90,", "某山,", 1))
    assert [row.text("area") for row in overlay_rows("targets")] == ["某山"]


@pytest.mark.parametrize("area", ["90", "某市", "9001", "开发区", "fenwei", "Fenwei", "own"])
def test_a_target_may_name_an_area_the_city_or_a_set_of_cities(home: Path, area: str) -> None:
    load("regions", SETS + MEMBER)  # the set "own"
    load("targets", LEDGER + ROW.replace("90,", f"{area},", 1))
    assert [row.text("area") for row in overlay_rows("targets")] == [area]


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


AFTER = FIRST + timedelta(days=1)


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (spell("s4", None, DAY_BEFORE) + spell("s4站", date(2020, 1, 1), None), True),
        (spell("s4站", FIRST, None) + spell("s4", FIRST, AFTER), True),
        (spell("s4", DAY_BEFORE, FIRST) + spell("s4", FIRST, AFTER), True),
        (spell("s4", None, DAY_BEFORE) + spell("s4站", FIRST, AFTER), False),
        (spell("s4", None, DAY_BEFORE) + spell("s5", None, DAY_BEFORE), False),
    ],
)
def test_spells_of_a_station_by_whatever_name_share_no_day(home: Path, rows: str, refused: bool) -> None:
    if not refused:
        load("station_spells", SPELLS + rows)
        assert len(overlay_rows("station_spells")) == 2
        return
    with pytest.raises(DataError, match="in operation on these days by another row") as caught:
        load("station_spells", SPELLS + rows)
    assert (caught.value.row, caught.value.field) == (3, "opened_on, closed_on")
    assert not Overlay.objects.exists()


def test_a_spell_has_no_other_end_than_its_own(analyst: Client, home: Path) -> None:  # noqa: F811
    text = SPELLS + spell("s4", FIRST, None).replace("2026-01-01,,", f"2026-01-01,{AFTER},")
    asked = {"kind": "table", "table": "station_spells", "files": upload("t.csv", text.encode())}
    answer = analyst.post(reverse("imports"), asked)
    assert answer.status_code == 422
    assert "t.csv，第 2 行，valid_to：停运日写在 closed_on，这一格要空着" in answer.content.decode()
    assert not Overlay.objects.exists()


# A name that two own stations have ----------------------------------------------------------------------------------


@pytest.fixture
def twins(home: Path) -> Path:
    Station.objects.filter(pk__in=("s2", "s3")).update(name="东站")
    return home


def test_a_spell_of_a_name_that_two_stations_have_is_refused(twins: Path) -> None:
    with pytest.raises(DataError) as caught:
        load("station_spells", SPELLS + spell("s4站", FIRST, None) + spell("东站", None, DAY_BEFORE))
    told = caught.value
    assert (told.row, told.field, told.reason) == (
        3,
        "station",
        "several own stations have this name: '东站'",
    )
    load("station_spells", SPELLS + spell("s2", None, DAY_BEFORE))


def test_spells_loaded_before_the_second_of_a_name_came_bind_nobody(home: Path) -> None:
    load("station_spells", SPELLS + spell("s2站", None, DAY_BEFORE))
    assert set(station_spells()) == {"s2"}
    Station.objects.filter(pk="s3").update(name="s2站")
    assert not {"s2", "s3"} & set(station_spells())


def test_a_point_of_a_name_that_two_stations_have_is_refused_where_it_stands(twins: Path) -> None:
    theirs, ours = (station_hours(city, "东站", other) for city, other in (("甲市", "西"), ("某市", "s4站")))
    seen = imports.preview("air", [("h.csv", theirs + ours.partition(b"\n")[2])], NOW)
    (told,) = seen.refused
    assert (told.source, told.row, told.field) == ("h.csv", 2 + 2 * 24, "site")
    assert told.reason == "several own stations have this name: 东站"
    assert seen.touches == {"s4", "甲市/东站", "甲市/西"}
    assert seen.points == {"station": 1, "own_city": 0, "outside": 2}
    assert {point.key for point in seen.outside} == {"甲市/东站", "甲市/西"}
    by_id = imports.preview("air", [("w.csv", hours_csv({"s2": [1.0] * 24, "s3": [2.0] * 24}))], NOW)
    assert (by_id.refused, by_id.touches) == ((), {"s2", "s3"})


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


def notes(subject: str, indicator: str = "pm25_day", on: date = FIRST) -> list[str]:
    """The footnotes that are rows on the stations' spells."""
    row = Assessment.objects.get(subject_id=subject, indicator=indicator, end_on=on)
    return [key for table, key, _, confidence in row.footnotes if (table, confidence) == SPELL_ROW]


def test_a_mean_without_a_closed_station_names_the_row_that_closed_it(home: Path) -> None:
    text = SPELLS + spell("s4站", FIRST - timedelta(days=90), DAY_BEFORE) + spell("s5", FIRST, None)
    load("station_spells", text.replace("proposed", "unverified"))
    for on in (DAY_BEFORE, FIRST):
        hours = {key: [low] * 24 for key, low in (("s1", 10.0), ("s2", 20.0), ("s3", 33.0), ("s4", 90.0))}
        take(home, (f"{on}.csv", hours_csv(hours, on)))
    worked(home)
    row = f"s4站/{FIRST - timedelta(days=90)}"
    for subject in (COUNTY, CITY):
        assert notes(subject) == notes(subject, "aqi_day") == [row]
    assert (notes("s4"), notes("9003")) == ([], [])
    assert notes("9003", on=DAY_BEFORE) == notes(CITY, on=DAY_BEFORE) == [f"s5/{FIRST}"]
    assert notes(COUNTY, on=DAY_BEFORE) == []
    for area in (COUNTY, CITY):
        told = [note for note in day_sheet(day_inputs(FIRST, area, NOW)).notes if row in str(note.text)]
        assert [note.doubtful for note in told] == [True]


def test_a_value_of_the_city_s_own_names_no_closed_station(home: Path) -> None:
    load("station_spells", SPELLS + spell("s4", None, DAY_BEFORE))
    take(home, ("h.csv", hours_csv({"某市": [70.0] * 24, "s1": [50.0] * 24})))
    worked(home)
    assert value(CITY, "pm25_day") == 70
    assert Assessment.objects.get(subject_id=CITY, indicator="pm25_day").footnotes == []


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


def test_the_strip_keeps_a_station_in_the_hours_before_it_closed(home: Path) -> None:
    load("station_spells", SPELLS + spell("s4", None, DAY_BEFORE))
    values = {
        key: [low, low + 2] * 12 for key, low in (("s1", 9.0), ("s2", 19.0), ("s3", 29.0), ("s4", 89.0))
    }
    for on in (DAY_BEFORE, FIRST):
        take(home, (f"{on}.csv", hours_csv(values, on)))
    worked(home)
    told = [(mean, n) for _, mean, n in air_hours(at(FIRST, 24), 48)]
    assert told == [(36.5, 4), (38.5, 4)] * 12 + [(19.0, 3), (21.0, 3)] * 12


def test_the_aqi_of_the_last_day_counts_the_hours_before_a_station_closed(home: Path) -> None:
    """Of 24 hours before 2:00 stations closed at midnight have 22: enough. Before 6:00 they have 18 and are left out."""
    load(
        "station_spells",
        SPELLS + spell("s4", None, DAY_BEFORE) + spell("s5", None, DAY_BEFORE),
    )
    calm, foul, gone = [99.0, 101.0] * 12, [399.0, 401.0] * 12, [1.0, 3.0] * 12
    for on, closing in ((DAY_BEFORE, foul), (FIRST, gone)):
        take(
            home,
            (f"{on}.csv", hours_csv({"s1": calm, "s2": calm, "s3": calm, "s4": closing, "s5": closing}, on)),
        )
    worked(home)
    lake = Lake(home)
    of_five = assess_days.rolling_aqi(lake, at(DAY_BEFORE, 23))
    of_three = assess_days.rolling_aqi(lake, at(FIRST, 23))
    assert (of_five or 0) > 200 > (of_three or 999) > 100
    assert assess_days.rolling_aqi(lake, at(FIRST, 0)) == of_five
    assert assess_days.rolling_aqi(lake, at(FIRST, 2)) == of_five
    assert assess_days.rolling_aqi(lake, at(FIRST, 6)) == of_three


def other_city(home: Path, city: str = "甲市") -> list[float]:
    found: DayPanel = panels.city_panel([city], FIRST, FIRST)
    return [float(v) for v in found.of(ObservationKind.PM25)[0]]


def test_a_listed_station_that_never_reports_is_none_of_its_city_s(home: Path) -> None:
    """Four of a city's six stations answer: 67 %, but two of the six only stand in the list."""
    reporting = station_hours("甲市", "东", "西", "南", "北").decode()
    silent = f"甲市,无一,{FIRST} 12:00,,,,,,\n甲市,无二,{FIRST} 12:00,-999,-999,,,,\n"
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
