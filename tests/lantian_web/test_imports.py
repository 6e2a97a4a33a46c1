"""Files taken in by hand: looked at, taken in once, assessed; whoever else's air they hold is kept for comparison."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND

from lantian.assess.statistics import statistic
from lantian.errors import DataError, StandardsError, StoreError
from lantian.periods import Period, at, to_ms
from lantian.records import ObservationKind, Role
from lantian_store.batch import BATCH_SCHEMA, encode
from lantian_store.journal import Journal, NewEntry
from lantian_store.lake import Lake
from lantian_web import assess_cities, assess_days
from lantian_web.accounts.models import User
from lantian_web.assessments import imports, packing, panels
from lantian_web.assessments.models import Assessment, Import
from lantian_web.bulletins.queries import day_inputs
from lantian_web.events.commands import set_cursor
from lantian_web.events.models import Event
from lantian_web.events.queries import get_cursor
from lantian_web.inventory.commands import load_overlay
from lantian_web.inventory.models import Area, Enterprise, OutsidePoint, Overlay, Station
from lantian_web.inventory.overlays import overlay_text
from lantian_web.inventory.queries import overlay_rows
from lantian_web.worker import CURSOR, Worker

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOW = at(date(2026, 12, 20), 9)
FIRST = date(2026, 12, 10)
COUNTY, ZONE, CITY = "9001", "9003", "90"
DAYS = "city,date,pm25,pm10,so2,no2,o3_8h,co,aqi\n"


@pytest.fixture
def home(town: cast.City, tmp_path: Path, settings: object) -> Path:
    settings.LANTIAN_HOME = tmp_path  # type: ignore[attr-defined]
    Area.objects.create(id=ZONE, kind="zone", name="开发区")
    for key, area in (("s2", COUNTY), ("s3", COUNTY), ("s4", COUNTY), ("s5", ZONE)):
        Station.objects.create(id=key, name=f"{key}站", area_id=area, lon=111, lat=36)
    return tmp_path


def worked(home: Path) -> dict[str, int]:
    """Take in what is journalled; how many rows there are of each kind."""
    Worker(home).step(lambda: NOW, live=True)
    return {"assessments": Assessment.objects.count(), "lake": Lake(home).count()}


def days_csv(*rows: tuple[str, date, float]) -> bytes:
    """City days of PM2.5 with everything else at rest."""
    lines = [f"{city},{on},{value},{value + 20},10,30,60,1.0,0\n" for city, on, value in rows]
    return (DAYS + "".join(lines)).encode()


def hours_csv(values: dict[str, list[float | None]], on: date = FIRST) -> bytes:
    """A day of hourly PM2.5 by station, in the wide form; label h is the hour before h."""
    names = list(values)
    lines = [f"date,hour,type,{','.join(names)}\n"]
    for hour in range(24):
        label = at(on, 0) + timedelta(hours=hour + 1)
        cells = ["" if values[name][hour] is None else str(values[name][hour]) for name in names]
        lines.append(f"{label:%Y%m%d},{label.hour},PM2.5,{','.join(cells)}\n")
    return "".join(lines).encode()


def take(home: Path, *files: tuple[str, bytes], kind: str = "air") -> Import:
    return imports.commit(home, imports.preview(kind, files, NOW), cast.ANALYST, NOW)


def value(subject: str, indicator: str, on: date = FIRST) -> Decimal | None:
    return Assessment.objects.get(subject_id=subject, indicator=indicator, end_on=on).value


def test_the_same_file_twice_changes_nothing(home: Path) -> None:
    data = days_csv(("某市", FIRST, 81.5), ("甲市", FIRST, 40))
    row = take(home, ("a.csv", data))
    first = worked(home)
    chain = Journal(home).verify()
    again = take(home, ("b.csv.gz", gzip.compress(data)))
    assert again.pk == row.pk
    assert worked(home) == first
    assert Journal(home).verify() == chain
    assert Import.objects.count() == 1
    assert Event.objects.filter(kind="import.committed").count() == 1


def test_looking_writes_nothing(home: Path) -> None:
    seen = imports.preview("air", [("a.csv", days_csv(("某市", FIRST, 81)))], NOW)
    assert (seen.points, seen.first_on, seen.receipt) == (
        {"station": 0, "own_city": 1, "outside": 0},
        FIRST,
        None,
    )
    assert not Journal(home).segments()
    assert not Import.objects.exists()


def test_own_city_days_are_assessed_as_published_and_others_kept(home: Path) -> None:
    take(home, ("a.csv", days_csv(("某市", FIRST, 81.5), ("甲市", FIRST, 40), ("乙市", FIRST, 30))))
    worked(home)
    assert value(CITY, "pm25_day") == Decimal("81.5")
    assert value(CITY, "aqi_day") is not None
    assert not Assessment.objects.exclude(subject_id=CITY).exists()
    assert set(OutsidePoint.objects.values_list("key", "kind", "city")) == {
        ("甲市", "city", "甲市"),
        ("乙市", "city", "乙市"),
    }
    panel = panels.city_panel(["甲市", "某市", "无此市"], FIRST, FIRST + timedelta(days=1))
    pm25 = panel.of(ObservationKind.PM25)
    assert pm25[:2, 0].tolist() == [40.0, 81.5]
    assert panel.days == 2
    assert not (pm25[2] == pm25[2]).any()


def test_a_day_is_made_of_the_stations_when_any_of_them_answers(home: Path) -> None:
    take(home, ("a.csv", days_csv(("某市", FIRST, 81.5))))
    take(home, ("h.csv", hours_csv({key: [50.0] * 24 for key in ("s1", "s2", "s3", "s4", "s5")})))
    worked(home)
    assert value(CITY, "pm25_day") == 50


def test_counties_the_zone_and_the_city_by_the_rule_of_three_quarters(home: Path) -> None:
    short = [None] * 5 + [70.0] * 19  # 19 hours are no day
    take(
        home,
        (
            "h.csv",
            hours_csv(
                {"s1": [10.0] * 24, "s2": [20.0] * 24, "s3": [33.0] * 24, "s4": short, "s5": [77.0] * 24}
            ),
        ),
    )
    worked(home)
    assert value("s4", "pm25_day") is None
    assert value("s5", "pm25_day") == 77
    assert value(COUNTY, "pm25_day") == 21  # three of four stations
    assert value(ZONE, "pm25_day") == 77
    assert value(CITY, "pm25_day") == 35  # of the four valid stations, not of the areas
    assert Assessment.objects.get(subject_id=ZONE, indicator="pm25_day").area_id == ZONE
    assert Assessment.objects.get(subject_id="s1", indicator="aqi_day").area_id == COUNTY
    take(home, ("late.csv", hours_csv({"s3": [-9.0] * 24})))  # codes cover nothing that is known
    worked(home)
    assert (value("s3", "pm25_day"), value(COUNTY, "pm25_day")) == (33, 21)


def test_a_day_of_too_few_stations_is_none_until_the_late_one_comes(home: Path) -> None:
    short = [None] * 5 + [70.0] * 19
    known = {"s1": [10.0] * 24, "s2": [20.0] * 24, "s4": short, "s5": [77.0] * 24}
    take(home, ("h.csv", hours_csv({**known, "s3": [-9.0] * 24})))
    worked(home)
    assert value(COUNTY, "pm25_day") is None  # two of four
    assert value(CITY, "pm25_day") is None  # three of five
    take(home, ("late.csv", hours_csv({"s3": [33.0] * 24})))
    worked(home)
    assert (value(COUNTY, "pm25_day"), value(CITY, "pm25_day")) == (21, 35)


def test_a_station_that_is_silent_in_a_part_of_the_file_is_no_stumbling_block(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "ENTRY_ROWS", 100)
    monkeypatch.setattr("lantian_web.worker.PIECE", 100)
    rows = [
        (city, date(2026, 9, 1) + timedelta(days=i), 50.0) for i in range(60) for city in ("某市", "甲市")
    ]
    late = [each for each in rows if each[0] == "某市" or each[1] >= date(2026, 10, 20)]
    take(home, ("a.csv", days_csv(*late)), ("b.csv", days_csv(("某市", FIRST, 81))))
    worked(home)
    assert Assessment.objects.filter(indicator="pm25_day", value=50).count() >= 59


def test_a_tie_of_station_means_is_rounded_half_even(home: Path) -> None:
    take(
        home, ("h.csv", hours_csv({key: [34.0] * 12 + [35.0] * 12 for key in ("s1", "s2", "s3", "s4", "s5")}))
    )
    worked(home)
    assert value("s1", "pm25_day") == 34
    assert value(CITY, "pm25_day") == 34


OWN_STATIONS = ("s1", "s2", "s3", "s4", "s5")


def three_days(home: Path, *names: str, value: float = 34.4) -> list[date]:
    """Three days on which the named points stood at one value."""
    days = [FIRST + timedelta(days=n) for n in range(3)]
    for on in days:
        take(home, (f"{on}.csv", hours_csv({key: [value] * 24 for key in names}, on)))
    worked(home)
    return days


def test_means_of_the_own_days_are_rounded_once(home: Path) -> None:
    """Three days of 34.4 print as 34 each and make 34.4, not 34.0, for the city as for another one."""
    days = three_days(home, *OWN_STATIONS, "甲市")
    assert [value(CITY, "pm25_day", on) for on in days] == [34, 34, 34]
    assert value(CITY, "pm25_season", days[-1]) == Decimal("34.4")
    assert set(day_inputs(days[-1], CITY, NOW).season_days) == {(on, Decimal("34.4")) for on in days}
    whole = Period(days[0], days[-1])
    panel = panels.city_panel(["某市", "甲市"], whole.start_on, whole.end_on)
    for city in ("某市", "甲市"):
        assert statistic(panel, city, "pm25_mean", whole).value == Decimal("34.4")
    areas = panels.area_panel([COUNTY, ZONE], whole.start_on, whole.end_on)
    assert areas.of(ObservationKind.PM25).tolist() == [[34.4] * 3] * 2


def test_days_of_the_citys_own_hours_are_published_rounded(home: Path) -> None:
    """No station of it answers: its days come from the lake, where they are not rounded."""
    days = three_days(home, "某市", value=34.6)
    assert [value(CITY, "pm25_day", on) for on in days] == [35, 35, 35]
    assert value(CITY, "pm25_season", days[-1]) == Decimal("34.6")


def test_a_replay_fills_rows_that_were_written_without_their_figure(home: Path) -> None:
    set_cursor("play", 1, "{}")
    clock(home, FIRST + timedelta(days=5))
    days = three_days(home, *OWN_STATIONS)
    Assessment.objects.update(raw=None)
    Assessment.objects.filter(indicator="pm25_season").update(value=34)
    list(Worker(home).replay(days[0], days[-1]))
    assert value(CITY, "pm25_season", days[-1]) == Decimal("34.4")
    rows = Assessment.objects.filter(indicator="pm25_day", value__isnull=False)
    assert set(rows.values_list("raw", flat=True)) == {34.4}
    assert not Assessment.objects.filter(indicator="aqi_day", raw__isnull=False).exists()
    season = Assessment.objects.get(indicator="pm25_season", end_on=days[-1])
    assert season.raw == pytest.approx(34.4), "changes are made of means before rounding"


def test_one_event_tells_of_all_rows_of_an_area_and_day(home: Path) -> None:
    take(home, ("h.csv", hours_csv({key: [50.0] * 24 for key in ("s1", "s2", "s3", "s4", "s5")})))
    worked(home)
    told = Event.objects.filter(kind="assessment.recorded", area_id=COUNTY)
    assert [(e.params["rows"], e.params["subjects"]) for e in told] == [(35, 5)]


def test_a_later_correction_is_told_with_what_was(home: Path) -> None:
    take(home, ("a.csv", days_csv(("某市", FIRST, 80))))
    worked(home)
    take(home, ("b.csv", days_csv(("某市", FIRST, 60))))
    worked(home)
    assert value(CITY, "pm25_day") == 60
    changes = Event.objects.filter(kind="assessment.changed", area_id=CITY).earliest("id").params["changes"]
    was = {change["indicator"]: (change["was"], change["value"]) for change in changes}
    assert was["pm25_day"] == ("80.0000", "60.0000")
    assert worked(home) == worked(home)


def test_an_earlier_day_that_comes_late_moves_the_season_of_the_days_after_it(home: Path) -> None:
    take(home, ("b.csv", days_csv(("某市", FIRST + timedelta(days=1), 60))))
    worked(home)
    assert value(CITY, "pm25_season", FIRST + timedelta(days=1)) == 60
    take(home, ("a.csv", days_csv(("某市", FIRST, 80))))
    worked(home)
    assert value(CITY, "pm25_season", FIRST + timedelta(days=1)) == 70


def test_days_before_the_first_edition_are_played_by_it_and_say_so(home: Path) -> None:
    old = date(2013, 12, 5)
    take(home, ("a.csv", days_csv(("某市", old, 80))))
    worked(home)
    row = Assessment.objects.get(subject_id=CITY, indicator="aqi_day", end_on=old)
    assert (row.edition, row.counterfactual, row.value) == ("2012", True, 107)


def test_hours_of_another_city_become_its_days(home: Path) -> None:
    take(home, ("h.csv", hours_csv({"甲市": [50.0] * 24})))
    worked(home)
    panel = panels.city_panel(["甲市"], FIRST, FIRST)
    assert panel.of(ObservationKind.PM25).tolist() == [[50.0]]
    take(home, ("d.csv", days_csv(("甲市", FIRST, 48))))
    worked(home)
    assert panels.city_panel(["甲市"], FIRST, FIRST).of(ObservationKind.PM25).tolist() == [[48.0]]
    assert not Assessment.objects.exists()


def station_hours(city: str, *sites: str) -> bytes:
    """A day of hours of stations of a city that names them."""
    times = [f"{at(FIRST, 0) + timedelta(hours=hour + 1):%Y-%m-%d %H:00}" for hour in range(24)]
    rows = [f"{city},{site},{time},50,80,10,30,60,1.0\n" for site in sites for time in times]
    return ("city,site,time,pm25,pm10,so2,no2,o3,co\n" + "".join(rows)).encode()


def test_stations_make_the_days_of_a_city_that_is_known_by_its_published_days(home: Path) -> None:
    take(home, ("d.csv", days_csv(("甲市", FIRST - timedelta(days=1), 40))))
    worked(home)
    take(home, ("h.csv", station_hours("甲市", "东", "西")))
    worked(home)
    found = panels.city_panel(["甲市"], FIRST - timedelta(days=1), FIRST).of(ObservationKind.PM25)
    assert found.tolist() == [[40.0, 50.0]]
    take(home, ("w.csv", hours_csv({"甲市": [70.0] * 24})))  # the city's own hours go before its stations'
    worked(home)
    assert panels.city_panel(["甲市"], FIRST, FIRST).of(ObservationKind.PM25).tolist() == [[70.0]]


def test_stations_of_the_own_city_that_nobody_registered_are_not_its_day(home: Path) -> None:
    take(home, ("h.csv", station_hours("某市", "无名")))
    worked(home)
    assert not len(Lake(home).read("city_day"))
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("name", ["甲" * 121, "甲" * 61, "甲/" + "乙" * 61, "甲\0", ""])
def test_an_entry_of_a_name_that_the_registry_cannot_hold_is_set_aside(home: Path, name: str) -> None:
    """Whatever brought it: a database that refuses it would be asked again for ever."""
    table = pa.table(
        [pa.array([each], field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
         for each, field in zip([name, "pm25", to_ms(at(FIRST, 0)), 86_400, 50.0, ""], BATCH_SCHEMA, strict=True)],
        names=BATCH_SCHEMA.names,
    )  # fmt: skip
    Journal(home).append_many([NewEntry("air_day", "feed:1", "", to_ms(NOW), encode(table))])
    take(home, ("a.csv", days_csv(("某市", FIRST, 81))))
    worked(home)
    assert value(CITY, "pm25_day") == 81
    assert Event.objects.get(kind=imports.SET_ASIDE).params["key"] == "feed:1"
    assert not OutsidePoint.objects.exists()


def clock(home: Path, now: date) -> None:
    now_ms = to_ms(at(now, 0))
    payload = json.dumps({"now_ms": now_ms}).encode()
    Journal(home).append_many([NewEntry("clock", f"clock:{now_ms}", "", now_ms, payload)])


def test_a_play_takes_imports_in_at_once_but_never_sees_beyond_its_clock(home: Path) -> None:
    set_cursor("play", 1, "{}")
    worker = Worker(home)
    take(home, ("early.csv", days_csv(("甲市", FIRST, 10))))
    assert worker.step(lambda: NOW) == 0  # before its first clock a play has no time
    clock(home, FIRST + timedelta(days=1))
    worker.step(lambda: NOW)
    rows = [("某市", FIRST + timedelta(days=i), 50.0 + i) for i in range(3)]
    take(home, ("a.csv", days_csv(*rows)))
    assert worker.step(lambda: NOW) == 1
    assert set(Assessment.objects.values_list("end_on", flat=True)) == {FIRST}
    Journal(home).append_many([NewEntry("air", "air:9001:1", "9001", 0, b"not of an import")])
    assert worker.step(lambda: NOW) == 0  # the world's batches wait for their clock


def test_the_days_beyond_are_assessed_when_the_clock_has_passed_them(home: Path) -> None:
    set_cursor("play", 1, "{}")
    worker = Worker(home)
    take(home, ("a.csv", days_csv(*[("某市", FIRST + timedelta(days=i), 50.0 + i) for i in range(3)])))
    clock(home, FIRST + timedelta(days=1))
    worker.step(lambda: NOW)
    clock(home, FIRST + timedelta(days=2))
    worker.step(lambda: NOW)
    assert set(Assessment.objects.values_list("end_on", flat=True)) == {FIRST, FIRST + timedelta(days=1)}


def test_a_round_cut_off_is_done_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(home, ("h.csv", hours_csv({"s1": [50.0] * 24, "甲市": [40.0] * 24})))
    before = get_cursor(CURSOR)
    worker = Worker(home)
    monkeypatch.setattr("lantian_web.worker.rising.run_clocks", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        worker.step(lambda: NOW, live=True)
    monkeypatch.undo()
    assert get_cursor(CURSOR) == before
    once = {"assessments": Assessment.objects.count(), "lake": Lake(home).count()}
    events = Event.objects.filter(kind__startswith="assessment").count()
    assert worked(home) == once
    assert Event.objects.filter(kind__startswith="assessment").count() == events


def test_a_big_file_comes_in_several_entries(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "ENTRY_ROWS", 100)
    monkeypatch.setattr("lantian_web.worker.PIECE", 150)
    rows = [("某市", date(2026, 9, 1) + timedelta(days=i), 50.0) for i in range(100)]
    row = take(home, ("a.csv", days_csv(*rows)))
    assert len(list(Journal(home).read())) >= 3
    worked(home)
    assert Lake(home).count("air_day") == row.rows == 600  # an AQI of nought is none
    assert Assessment.objects.filter(indicator="pm25_day").count() == 100


def test_emission_by_whatever_names_a_plant_in_kg(home: Path) -> None:
    plant = Enterprise.objects.get(id=cast.OBEYS)
    text = (
        "日期,企业,so2_t,nox(kg)\n"
        f"{FIRST},{plant.name},0.25,12\n{FIRST},{cast.CHEATS},1,x\n{FIRST},无此厂,1,1\n{FIRST},{cast.FAR},-1,\n"
    )
    seen = imports.preview("emission", [("e.csv", text.encode())], NOW)
    assert sorted((e.row, e.reason) for e in seen.refused) == [
        (3, "not a number: 'x'"),
        (4, "unknown plant: '无此厂'"),
        (5, "below 0: -1"),
    ]
    imports.commit(home, seen, cast.ANALYST, NOW)
    worked(home)
    panel = panels.emission_days(FIRST, FIRST)
    assert panel.points == (cast.CHEATS, cast.OBEYS)
    assert panel.of(ObservationKind.EMITTED_SO2).tolist() == [[1000.0], [250.0]]
    assert panels.emission_days(FIRST, FIRST, [cast.FAR]).points == (cast.FAR,)


def test_of_forecasts_the_newest_known_one_counts(home: Path) -> None:
    text = "issued,date,pm25\n2026-12-10,2026-12-11,90\n2026-12-11,2026-12-12,70\n2026-12-11,2026-12-11,1\n"
    seen = imports.preview("forecast", [("f.csv", text.encode())], NOW)
    assert [e.row for e in seen.refused] == [4]
    imports.commit(home, seen, cast.ANALYST, NOW)
    worked(home)
    assert panels.forecast(CITY, at(date(2026, 12, 19), 20)) is None  # nobody had it then
    newer = panels.forecast(CITY, NOW)
    assert newer is not None
    assert (newer.issued_at, newer.panel.of(ObservationKind.PM25).tolist()) == (
        at(date(2026, 12, 11), 0),
        [[70.0]],
    )


def forecast_csv(issued: date | None, *values: tuple[int, float]) -> bytes:
    head = "date,pm25" + (",issued" if issued else "")
    tail = f",{issued}" if issued else ""
    return "\n".join([head, *(f"{FIRST + timedelta(days=n)},{v}{tail}" for n, v in values)]).encode()


def test_two_statements_of_one_day_are_never_mixed(home: Path) -> None:
    take(home, ("a.csv", forecast_csv(NOW.date(), (11, 50), (12, 51), (13, 52))), kind="forecast")
    take(home, ("b.csv", forecast_csv(NOW.date(), (11, 90))), kind="forecast")
    take(home, ("old.csv", forecast_csv(date(2026, 12, 18), (11, 7), (12, 7))), kind="forecast")
    worked(home)
    found = panels.forecast(CITY, NOW)
    assert found is not None
    assert found.panel.of(ObservationKind.PM25).tolist() == [[90.0]]
    assert found.issued_at == at(NOW.date(), 0)


def test_a_statement_without_a_day_of_issue_says_nothing_of_the_past(home: Path) -> None:
    seen = imports.preview("forecast", [("p.csv", forecast_csv(None, (0, 50), (11, 60)))], NOW)
    assert [e.reason for e in seen.refused] == [f"not after the day of issue: {FIRST}"]
    assert seen.rows == 1


def test_a_file_its_correction_and_the_file_again_count_in_that_order(home: Path) -> None:
    keys = []
    for n, pm25 in enumerate((80, 60, 80, 80, 60, 80), start=1):
        keys.append(take(home, ("a.csv", days_csv(("某市", FIRST, pm25)))).pk)
        worked(home)
        assert value(CITY, "pm25_day") == pm25, n
    assert len(set(keys)) == 5  # 80 right after 80 is nothing new
    assert len(list(Journal(home).read())) == 5
    chain = Journal(home).verify()
    take(home, ("other.csv", days_csv(("甲市", FIRST, 1))))
    assert (
        take(home, ("a.csv", days_csv(("某市", FIRST, 80)))).pk == keys[-1]
    )  # another city is no correction
    assert Journal(home).verify().entries == chain.entries + 1


def test_a_part_of_a_file_given_again_counts_over_its_correction(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes stand in the journal already, as an entry of the whole file; they come after the correction now."""
    monkeypatch.setattr(packing, "ENTRY_ROWS", 1)
    early = date(2026, 11, 10)
    take(home, ("both.csv", days_csv(("某市", early, 80), ("某市", FIRST, 70))))
    take(home, ("corrected.csv", days_csv(("某市", early, 60))))
    worked(home)
    assert value(CITY, "pm25_day", early) == 60
    take(home, ("part.csv", days_csv(("某市", early, 80))))
    worked(home)
    assert (value(CITY, "pm25_day", early), value(CITY, "pm25_day")) == (80, 70)


def test_a_station_of_an_unknown_city_stops_nobody(home: Path) -> None:
    take(home, ("w.csv", hours_csv({"1001A": [50.0] * 24, "1002A": [40.0] * 24})))
    take(home, ("a.csv", days_csv(("某市", FIRST, 81))))
    worked(home)
    assert value(CITY, "pm25_day") == 81
    assert not Event.objects.filter(kind=imports.SET_ASIDE).exists()


def test_an_entry_that_cannot_be_decoded_is_set_aside_by_name(home: Path) -> None:
    Journal(home).append_many([NewEntry("air", "import:air:bad", "", 0, b"no batch")])
    take(home, ("a.csv", days_csv(("某市", FIRST, 81))))
    worked(home)
    worked(home)
    assert value(CITY, "pm25_day") == 81
    told = Event.objects.get(kind=imports.SET_ASIDE)
    assert told.params["key"] == "import:air:bad"
    assert "not a batch" in told.params["why"]
    list(Worker(home).replay(FIRST, FIRST))
    assert Event.objects.filter(kind=imports.SET_ASIDE).count() == 1


def test_an_entry_that_cannot_be_derived_is_refused_on_the_page(
    analyst: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = take(home, ("bad.csv", days_csv(("甲市", FIRST, 40))))
    take(home, ("a.csv", days_csv(("某市", FIRST, 81))))
    whole = assess_cities.sort_out

    def picky(table: pa.Table, *rest: object) -> None:
        if "甲市" in table.column("point").to_pylist():
            raise ValueError("no such place")
        whole(table, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(assess_cities, "sort_out", picky)
    worked(home)
    assert value(CITY, "pm25_day") == 81
    assert set(Lake(home).read("air_day").column("point").to_pylist()) == {"某市"}
    assert "工作进程拒收" in analyst.get(reverse("imports")).content.decode()
    assert "no such place" in analyst.get(reverse("import_receipt", args=[bad.pk])).content.decode()
    monkeypatch.undo()
    again = take(home, ("bad.csv", days_csv(("甲市", FIRST, 40))))
    assert again.pk != bad.pk, "what came to nothing is taken in anew"
    worked(home)
    assert set(Lake(home).read("air_day").column("point").to_pylist()) == {"某市", "甲市"}


def test_what_a_replay_took_in_after_all_is_no_longer_refused(
    analyst: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = take(home, ("bad.csv", days_csv(("甲市", FIRST, 40))))

    def refuses(*_: object) -> None:
        raise ValueError("no such place")

    monkeypatch.setattr(assess_cities, "sort_out", refuses)
    worked(home)
    list(Worker(home).replay(FIRST, FIRST))
    assert imports.refused_by_worker([bad]), "a replay that fails again takes nothing in"
    monkeypatch.undo()
    list(Worker(home).replay(FIRST, FIRST))
    assert not imports.refused_by_worker([bad])
    assert "工作进程拒收" not in analyst.get(reverse("imports")).content.decode()
    list(Worker(home).replay(FIRST, FIRST))
    assert Event.objects.filter(kind="entry.taken_in").count() == 1


@pytest.mark.parametrize("error", [StoreError("torn"), OSError("disk"), OperationalError("gone")])
def test_trouble_of_store_disk_or_database_is_no_entry_s_fault(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    take(home, ("a.csv", days_csv(("某市", FIRST, 81))))

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(assess_cities, "sort_out", fails)
    with pytest.raises(type(error)):
        worked(home)
    monkeypatch.undo()
    worked(home)
    assert value(CITY, "pm25_day") == 81
    assert not Event.objects.filter(kind=imports.SET_ASIDE).exists()


@pytest.mark.parametrize("play", [False, True])
def test_a_lost_lake_comes_back_with_what_was_imported(home: Path, play: bool) -> None:
    if play:
        set_cursor("play", 1, "{}")
        clock(home, FIRST + timedelta(days=5))
        Worker(home).step(lambda: NOW)
    take(home, ("a.csv", days_csv(("某市", FIRST, 81), ("甲市", FIRST, 40))))
    take(home, ("h.csv", hours_csv({"乙市": [50.0] * 24})))
    Worker(home).step(lambda: NOW, live=not play)
    before = {kind: Lake(home).read(kind).to_pydict()["value"] for kind in ("air", "air_day", "city_day")}
    assert all(before.values())
    shutil.rmtree(home / "lake")
    list(Worker(home).replay(FIRST, FIRST))
    assert {kind: Lake(home).read(kind).to_pydict()["value"] for kind in before} == before


def test_a_replay_takes_in_what_was_imported_before_its_days(home: Path) -> None:
    """The clock that closed the import's round lies before the day replayed, whose rows the import brought."""
    set_cursor("play", 1, "{}")
    clock(home, FIRST - timedelta(days=5))
    Worker(home).step(lambda: NOW)
    take(home, ("a.csv", days_csv(("某市", FIRST, 81))))
    for days in (-3, 2):
        clock(home, FIRST + timedelta(days=days))
        Worker(home).step(lambda: NOW)
    assert value(CITY, "pm25_day") == 81
    shutil.rmtree(home / "lake")
    list(Worker(home).replay(FIRST, FIRST))
    assert Lake(home).read("air_day").num_rows
    assert value(CITY, "pm25_day") == 81


def test_points_are_counted_as_the_worker_sorts_them(home: Path) -> None:
    seen = imports.preview("air", [("w.csv", hours_csv({"s1": [1.0] * 24, "甲市": [2.0] * 24}))], NOW)
    assert seen.points == {"station": 1, "own_city": 0, "outside": 1}
    imports.commit(home, seen, cast.ANALYST, NOW)
    worked(home)
    assert list(OutsidePoint.objects.values_list("key", flat=True)) == ["甲市"]


def test_names_that_no_column_holds_are_refused_where_they_stand(home: Path) -> None:
    seen = imports.preview("air", [("w.csv", hours_csv({"甲" * 61: [1.0] * 24, "乙市": [2.0] * 24}))], NOW)
    assert [(e.row, e.field, e.reason) for e in seen.refused] == [
        (1, "甲" * 60, "a name of more than 60 characters")
    ]
    assert [point.key for point in seen.outside] == ["乙市"]
    assert seen.rows == 24
    with pytest.raises(DataError, match="more than 200"):
        imports.preview("air", [("x" * 201, days_csv(("某市", FIRST, 81)))], NOW)


LEDGER = (
    "area,indicator,start_on,end_on,value,unit,change_percent,base,base_start,base_end,edition,dust_mode,"
    "paper,valid_from,valid_to,source,confidence,note\n"
)
ROW = "90,pm25_mean,2026-01-01,2026-12-31,50,ug/m3,,,,,,keep,p,2026-01-01,,paper,proposed,\n"
SETS = "region,name_zh,name_en,group,order,city,province,date_precision,valid_from,valid_to,source,confidence,note\n"
MEMBER = "own,某片,,,1,某市,,day,2026-01-01,,paper,proposed,\n"
DUST = "area,day,paper,valid_from,valid_to,source,confidence,note\n"
DAY = "90,2026-03-01,p,2026-03-01,2026-03-01,paper,proposed,\n"
RULES = "rule,item,step,value,unit,text,valid_from,valid_to,source,confidence,note\n"
INDEX = (
    "edition,profile,enabled,item,statistic,value,unit,weight,valid_from,valid_to,source,confidence,note\n"
)
TERM = "2026-transition,own,yes,pm25,pm25_mean,30,ug/m3,1,2026-03-01,,paper,proposed,\n"


@pytest.mark.parametrize(
    ("table", "text", "row", "field"),
    [
        (
            "targets",
            LEDGER
            + ROW
            + ROW.replace("90,", "91,").replace("12-31", "12-31").replace("2026-12-31", "2025-12-31"),
            3,
            "end_on",
        ),
        ("targets", LEDGER + ROW + ROW.replace(",50,", ",60,"), 3, "area"),
        ("targets", LEDGER + ROW.replace("ug/m3", "d"), 2, "unit"),
        ("targets", LEDGER + ROW.replace("2026-01-01,,paper", "2026-01-01,2025-01-01,paper"), 2, "valid_to"),
        ("targets", LEDGER, 1, ""),
        ("regions", SETS + MEMBER + MEMBER, 3, "region"),
        ("regions", SETS + MEMBER + MEMBER.replace("2026-01", "2026-02"), 3, "city"),
        ("regions", SETS + MEMBER.replace(",某市,", ",,"), 2, "city"),
        ("dust_days", DUST + DAY + DAY, 3, "area"),
        ("dust_days", DUST + DAY.replace("90,", ",", 1), 2, "area"),
        ("dust_days", DUST + DAY.replace("90,2026", "90,2226"), 2, "day"),
        ("targets", LEDGER + ROW.replace("90,", ",", 1), 2, "area"),
        ("targets", LEDGER + ROW.replace(",2026-12-31,", ",9999-12-31,"), 2, "end_on"),
        ("targets", LEDGER + ROW.replace(",50,", ",1e999,"), 2, "value"),
        ("targets", LEDGER + ROW.replace(",p,", ",p\0,"), 2, "paper"),
        ("targets", LEDGER + ROW.replace("proposed", "sure"), 2, "confidence"),
        (
            "targets",
            LEDGER + ROW.replace("pm25_mean", "good_days").replace("50,ug/m3", "9.5,day"),
            2,
            "value",
        ),
        ("air_quality_rules", RULES + "maximum,pm25,any,,ug/m3,,,,paper,proposed,\n", 2, "value"),
        ("air_quality_rules", RULES + "maximum,pm25,any,3,mg/m3,,,,paper,proposed,\n", 2, "unit"),
        ("air_quality_rules", RULES + "stuck,pm25,hour,0,h,,,,paper,proposed,\n", 2, "value"),
        ("air_quality_rules", RULES + "outage,any,hour,1.5,h,,,,paper,proposed,\n", 2, "value"),
        ("air_quality_rules", RULES + "city_suffix,city,any,,,,,,paper,proposed,\n", 2, "text"),
        ("composite_index", INDEX + TERM.replace(",30,", ",,"), 2, "value"),
        ("composite_index", INDEX + TERM.replace(",30,", ",0,"), 2, "value"),
        ("composite_index", INDEX + TERM.replace("/m3,1,", "/m3,,"), 2, "weight"),
    ],
)
def test_rows_that_could_not_be_worked_with_are_refused(
    home: Path, table: str, text: str, row: int, field: str
) -> None:
    with pytest.raises(DataError) as caught:
        overlay_text(table, text.encode(), "t.csv")
    assert caught.value.row == row
    assert field in caught.value.field
    with pytest.raises(DataError):
        load_overlay(table, text, "t.csv", "", cast.ANALYST, NOW)
    assert not Overlay.objects.exists()


def test_rows_are_taken_back_only_on_purpose(home: Path) -> None:
    load_overlay("targets", LEDGER + ROW, "t.csv", "", cast.ANALYST, NOW)
    text, rows = overlay_text("targets", LEDGER.encode(), "t.csv", empty=True)
    load_overlay("targets", text, "t.csv", "", cast.ANALYST, NOW, empty=True)
    assert rows == 0
    assert overlay_rows("targets") == ()


def test_another_target_moves_the_season_that_was_written_down(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(home, ("a.csv", days_csv(("某市", FIRST, 80))))
    worked(home)
    before = Assessment.objects.get(indicator="pm25_season", end_on=FIRST).target
    load_overlay("season_targets", SEASON + OWN, "a.csv", "", cast.ANALYST, NOW)
    worked(home)
    assert before != 60
    assert Assessment.objects.get(indicator="pm25_season", end_on=FIRST).target == 60
    load_overlay("season_targets", SEASON + OWN.replace("60", "55"), "b.csv", "", cast.ANALYST, NOW)
    worked(home)
    assert Assessment.objects.get(indicator="pm25_season", end_on=FIRST).target == 55
    told = Event.objects.filter(kind="assessment.changed").count()
    monkeypatch.setattr(assess_days, "_seasons", lambda *_: pytest.fail("the same ledger was followed again"))
    worked(home)
    assert Event.objects.filter(kind="assessment.changed").count() == told


SEASON = "season,region,region_zh,indicator,value,unit,result,result_unit,valid_from,valid_to,source,confidence,note\n"
OWN = "2026-27,own,,pm25_mean,60,ug/m3,,,2026-10-01,2027-03-31,paper,proposed,\n"


def test_the_newest_rows_of_the_city_count_whole(home: Path) -> None:
    first = load_overlay("season_targets", SEASON + OWN, "a.csv", "paper 1", cast.ANALYST, NOW)
    assert load_overlay("season_targets", SEASON + OWN, "b.csv", "", cast.ANALYST, NOW) == first
    assert [row.number() for row in overlay_rows("season_targets")] == [60]
    load_overlay("season_targets", SEASON + OWN.replace("60", "55"), "c.csv", "paper 2", cast.ANALYST, NOW)
    assert [row.number() for row in overlay_rows("season_targets")] == [55]
    assert Overlay.objects.count() == 2
    with pytest.raises(StandardsError, match="column value"):
        load_overlay("season_targets", SEASON + OWN.replace("60", "much"), "d.csv", "", cast.ANALYST, NOW)
    assert overlay_rows("targets") == ()


def test_a_target_of_the_city_binds_its_season(home: Path) -> None:
    load_overlay("season_targets", SEASON + OWN, "a.csv", "", cast.ANALYST, NOW)
    take(home, ("a.csv", days_csv(("某市", FIRST, 80))))
    worked(home)
    assert Assessment.objects.get(indicator="pm25_season", end_on=FIRST).target == 60


# The page -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def analyst(home: Path, login: Callable[..., User]) -> Client:
    client = Client()
    client.force_login(login("a", cast.ANALYST, Role.ANALYST, "area:90"), backend=BACKEND)
    return client


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_the_page_looks_then_takes_in_then_gives_a_receipt(analyst: Client, home: Path) -> None:
    bad = days_csv(("某市", FIRST, 81), ("甲市", FIRST, 40)) + "某市,=not a day,1,1,1,1,1,1,1\n".encode()
    seen = analyst.post(reverse("imports"), {"kind": "air", "files": upload("天.csv", bad)})
    text = seen.content.decode()
    assert "还没有写入任何东西" in text
    assert "没有这一天：&#x27;=not a day&#x27;" in text
    assert not Import.objects.exists()
    token = seen.context["token"]
    rows = analyst.get(reverse("import_refused"), {"token": token}).content.decode()
    assert "天.csv,4,date" in rows
    done = analyst.post(reverse("import_commit"), {"token": token})
    row = Import.objects.get()
    assert done["Location"] == reverse("import_receipt", args=[row.pk])
    receipt = analyst.get(done["Location"]).content.decode()
    assert "等工作进程" in receipt
    worked(home)
    assert "已入湖并评价" in analyst.get(done["Location"]).content.decode()
    assert analyst.get(reverse("import_refused_rows", args=[row.pk])).status_code == 200
    assert (
        "以前收过"
        in analyst.post(reverse("imports"), {"kind": "air", "files": upload("天.csv", bad)}).content.decode()
    )
    assert row.by == cast.ANALYST


def test_the_page_puts_rules_in_force(analyst: Client) -> None:
    asked = {
        "kind": "table",
        "table": "season_targets",
        "paper": "某文",
        "files": upload("t.csv", (SEASON + OWN).encode()),
    }
    seen = analyst.post(reverse("imports"), asked)
    analyst.post(reverse("import_commit"), {"token": seen.context["token"]})
    assert Overlay.objects.get().paper == "某文"


@pytest.mark.parametrize(
    ("kind", "data"),
    [("air", b"\x00\x01"), ("air", b"a,b\n1,2\n"), ("table", b"a,b\n1,2\n"), ("nothing", b"")],
)
def test_a_file_that_cannot_be_read_is_told_not_taken(
    analyst: Client, home: Path, kind: str, data: bytes
) -> None:
    answer = analyst.post(
        reverse("imports"), {"kind": kind, "table": "targets", "files": upload("x.csv", data or b"x")}
    )
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Journal(home).segments()


def test_only_the_city_s_analysts_import(home: Path, login: Callable[..., User]) -> None:
    for name, person, role, scope in (
        ("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001"),
        ("county", cast.SECOND_ANALYST, Role.ANALYST, "area:9001"),
        ("m", f"manager-{cast.OBEYS}", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}"),
    ):
        client = Client()
        client.force_login(login(name, person, role, scope), backend=BACKEND)
        assert client.get(reverse("imports")).status_code == 404
        assert client.post(reverse("import_commit"), {"token": "x"}).status_code == 404


def test_a_token_of_others_opens_nothing(analyst: Client) -> None:
    assert analyst.post(reverse("import_commit"), {"token": "made:up"}).status_code == 404
    assert analyst.get(reverse("import_refused"), {"token": "made:up"}).status_code == 404


def test_a_file_swept_away_is_asked_for_again(home: Path) -> None:
    with pytest.raises(DataError, match="no longer kept"):
        imports.kept(home, "0" * 64)


@pytest.mark.parametrize("kind", ["air", "table"])
def test_a_file_swept_away_between_looking_and_taking_is_asked_for_again(
    analyst: Client, home: Path, kind: str
) -> None:
    data = days_csv(("某市", FIRST, 81)) if kind == "air" else (SEASON + OWN).encode()
    asked = {"kind": kind, "table": "season_targets", "files": upload("a.csv", data)}
    token = analyst.post(reverse("imports"), asked).context["token"]
    shutil.rmtree(home / "imports")
    for answer in (
        analyst.post(reverse("import_commit"), {"token": token}),
        analyst.get(reverse("import_refused"), {"token": token}),
    ):
        assert answer.status_code == 422
        assert "请重新选择" in answer.content.decode()
    assert not Import.objects.exists()
