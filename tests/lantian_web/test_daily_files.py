"""Days that came as daily values: assessed where the hours make none, said to be published, and never over the hours."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.lantian_web import cast
from tests.lantian_web.test_imports import (
    CITY,
    COUNTY,
    FIRST,
    NOW,
    OWN_STATIONS,
    ZONE,
    clock,
    days_csv,
    hours_csv,
    take,
    value,
    worked,
)
from tests.lantian_web.test_imports import home as home  # the fixture

from lantian.report.day_sheet import day_sheet
from lantian_web.assessments import imports
from lantian_web.assessments.models import Assessment
from lantian_web.bulletins.queries import day_inputs
from lantian_web.events.commands import set_cursor
from lantian_web.inventory.models import OutsidePoint
from lantian_web.worker import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PUBLISHED = "2012/published/day/all/lacking/undated"
MIXED = "2012/published/day/all/mixed/undated"
QUARTERS = "2012/city_mean/any/all/city/undated"
MAP = """
step = "day"
code = "code"
date = "date"
[values]
pm25 = { column = "pm25", unit = "ug/m3" }
pm10 = { column = "pm10", unit = "ug/m3" }
so2 = { column = "so2", unit = "ug/m3" }
no2 = { column = "no2", unit = "ug/m3" }
o3 = { column = "o3_8h", unit = "ug/m3" }
co = { column = "co", unit = "mg/m3" }
"""


def station_days(values: dict[str, float], on: date = FIRST) -> bytes:
    """Daily values of the own stations by their code."""
    rows = [f"{key},{on},{pm25},{pm25 + 20},10,30,60,1.0\n" for key, pm25 in values.items()]
    return ("code,date,pm25,pm10,so2,no2,o3_8h,co\n" + "".join(rows)).encode()


def take_days(home: Path, values: dict[str, float], on: date = FIRST) -> None:
    seen = imports.preview("air", [("d.csv", station_days(values, on))], NOW, MAP)
    imports.commit(home, seen, cast.ANALYST, NOW)


def notes(subject: str, indicator: str = "pm25_day", on: date = FIRST) -> list[str]:
    row = Assessment.objects.get(subject_id=subject, indicator=indicator, end_on=on)
    return [key for _, key, _, _ in row.footnotes]


def test_a_daily_file_of_the_own_stations_is_assessed_as_published(home: Path) -> None:
    take_days(home, {"s1": 10.0, "s2": 20.0, "s3": 33.5, "s5": 77.0})
    worked(home)
    assert value("s3", "pm25_day") == Decimal("33.5"), "as it stands, not rounded again"
    assert value("s4", "pm25_day") is None
    assert value(COUNTY, "pm25_day") == 21  # (10 + 20 + 33.5) / 3, three of four
    assert value(ZONE, "pm25_day") == 77
    assert value(CITY, "pm25_day") == 35
    assert value("s1", "aqi_day") is not None
    assert not OutsidePoint.objects.exists()
    assert notes("s1") == [PUBLISHED]
    assert PUBLISHED in notes("s1", "aqi_day")
    for subject in (COUNTY, ZONE, CITY):
        assert notes(subject) == [QUARTERS, MIXED], "of the area itself nothing was published"
        assert MIXED in notes(subject, "aqi_day")
        assert PUBLISHED not in notes(subject, "aqi_day")
    assert PUBLISHED not in notes("s4")


def test_the_day_sheet_says_that_a_day_is_published(home: Path) -> None:
    take_days(home, dict.fromkeys(OWN_STATIONS, 50.0))
    worked(home)
    told = [str(note.text) for note in day_sheet(day_inputs(FIRST, CITY, NOW)).notes]
    assert any(PUBLISHED in text for text in told)


def test_published_values_never_replace_a_day_that_the_hours_make(home: Path) -> None:
    short = [None] * 5 + [70.0] * 19  # 19 hours are no day
    hours = {key: [50.0] * 24 for key in OWN_STATIONS} | {"s4": short}
    take(home, ("h.csv", hours_csv(hours)))
    take_days(home, {"s1": 80.0, "s2": 50.2, "s4": 60.0})
    worked(home)
    assert (value("s1", "pm25_day"), value("s2", "pm25_day")) == (50, 50)
    assert notes("s1") == ["2012/published/day/all/differing/undated/80"], "the row tells what was published"
    assert notes("s2") == [], "50.2 is published as 50"
    assert (value("s4", "pm25_day"), notes("s4")) == (60, [PUBLISHED])
    assert value(COUNTY, "pm25_day") == 50, "three of four make it by their hours: 60 is no part of it"
    assert PUBLISHED not in notes(COUNTY)
    assert notes("s1", "pm10_day") == [PUBLISHED], "item by item"


@pytest.mark.parametrize("hours_first", [True, False])
def test_hours_that_come_late_take_the_place_of_the_published_day(home: Path, hours_first: bool) -> None:
    hours = hours_csv({key: [50.0] * 24 for key in OWN_STATIONS})
    for is_hours in (hours_first, not hours_first):
        if is_hours:
            take(home, ("h.csv", hours))
        else:
            take_days(home, dict.fromkeys(OWN_STATIONS, 80.0))
        worked(home)
    assert {value(key, "pm25_day") for key in (*OWN_STATIONS, COUNTY, CITY)} == {Decimal(50)}


def test_of_the_city_its_own_published_day_goes_before_the_mean_of_published_stations(home: Path) -> None:
    take_days(home, dict.fromkeys(OWN_STATIONS, 40.0))
    take(home, ("c.csv", days_csv(("某市", FIRST, 44.5))))
    worked(home)
    assert (value(CITY, "pm25_day"), notes(CITY)) == (Decimal("44.5"), [PUBLISHED])
    assert value(COUNTY, "pm25_day") == 40


def test_a_city_s_published_day_beside_hours_is_told_where_it_differs(home: Path) -> None:
    take(home, ("h.csv", hours_csv({key: [50.0] * 24 for key in OWN_STATIONS})))
    take(home, ("c.csv", days_csv(("某市", FIRST, 81.5))))
    worked(home)
    assert value(CITY, "pm25_day") == 50
    assert "2012/published/day/all/differing/undated/81.5" in notes(CITY)


def test_one_station_s_hours_do_not_keep_the_city_s_published_day_away(home: Path) -> None:
    take(home, ("h.csv", hours_csv({"s1": [50.0] * 24})))
    take(home, ("c.csv", days_csv(("某市", FIRST, 81.5))))
    worked(home)
    assert (value(CITY, "pm25_day"), notes(CITY)) == (Decimal("81.5"), [PUBLISHED])
    assert value(COUNTY, "pm25_day") is None


def test_a_mean_of_stations_of_both_kinds_says_so_and_by_which_rule(home: Path) -> None:
    take(home, ("h.csv", hours_csv({"s1": [30.0] * 24, "s2": [30.0] * 24})))
    take_days(home, {"s3": 60.0, "s4": 60.0})
    worked(home)
    for area in (COUNTY, CITY):
        assert (value(area, "pm25_day"), notes(area)) == (45, [QUARTERS, MIXED])
    assert (notes("s1"), notes("s3")) == ([], [PUBLISHED])
    told = [str(note.text) for note in day_sheet(day_inputs(FIRST, CITY, NOW)).notes]
    assert any(MIXED in text for text in told)


@pytest.mark.parametrize("stations", [True, False])
def test_a_city_s_own_hours_are_no_mean_of_its_stations(home: Path, stations: bool) -> None:
    hours = {"某市": [70.0] * 24} | ({"s1": [50.0] * 24} if stations else {})
    take(home, ("h.csv", hours_csv(hours)))
    worked(home)
    assert (value(CITY, "pm25_day"), notes(CITY)) == (70, [])
    if stations:
        assert (value(COUNTY, "pm25_day"), notes(COUNTY)) == (None, [QUARTERS])


@pytest.mark.parametrize("stations", [True, False])
def test_a_city_s_own_hours_go_before_its_published_day(home: Path, stations: bool) -> None:
    """The hours are of PM2.5 alone: the other items take the published day."""
    hours = {"某市": [70.0] * 24} | ({"s1": [50.0] * 24} if stations else {})
    take(home, ("h.csv", hours_csv(hours)))
    take(home, ("c.csv", days_csv(("某市", FIRST, 81.5))))
    worked(home)
    assert value(CITY, "pm25_day") == 70
    assert notes(CITY) == ["2012/published/day/all/differing/undated/81.5"]
    assert (value(CITY, "pm10_day"), notes(CITY, "pm10_day")) == (Decimal("101.5"), [PUBLISHED])


def test_a_city_s_own_hours_go_before_a_mean_of_published_stations(home: Path) -> None:
    take(home, ("h.csv", hours_csv({"某市": [70.0] * 24})))
    take_days(home, dict.fromkeys(OWN_STATIONS, 40.0))
    worked(home)
    assert (value(CITY, "pm25_day"), notes(CITY)) == (70, [])
    assert notes(CITY, "pm10_day") == [QUARTERS, MIXED]


def test_a_replay_makes_the_same_of_it(home: Path) -> None:
    set_cursor("play", 1, "{}")
    clock(home, FIRST + timedelta(days=5))
    Worker(home).step(lambda: NOW)
    take_days(home, {"s1": 10.0, "s2": 20.0, "s3": 33.5, "s5": 77.0})
    Worker(home).step(lambda: NOW)
    rows = Assessment.objects.order_by("id").values_list("id", "value", "raw", "footnotes")
    before = list(rows.all())
    list(Worker(home).replay(FIRST, FIRST))
    assert before
    assert list(rows.all()) == before
