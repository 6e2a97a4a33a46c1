"""`lantian aqi`: every day or hour of some files, by its own edition or one that is played."""

import csv
import json
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from lantian.errors import DataError, StandardsError
from lantian_cli.main import app

HEADER = "province,city,date,aqi,aqi_h_min,aqi_h_max,level,pm25,pm10,so2,no2,co,o3_8h,rank,missing_as_zero,fenwei\n"


def run(*words, code=0):
    result = CliRunner().invoke(app, ["aqi", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code
    return result.stdout


def daily(path, days, first=date(2026, 2, 27), city="Greenhill"):
    """A file of the daily form: PM2.5 as given, everything else clean."""
    lines = [
        f"x,{city},{first + timedelta(days=n)},50,1,2,x,{pm25},20,10,10,0.5,40,0,False,False\n"
        for n, pm25 in enumerate(days)
    ]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def hourly(path, pm25, first=date(2026, 5, 1), stations=("a", "b", "c", "d"), frozen=(), silent=()):
    """A file of the station form, label = end of the hour. Frozen stations repeat 400, silent ones never report."""
    lines = ["city,site,time,aqi,primary,pm25,pm10,so2,no2,o3,o3_8h,co\n"]
    for n, value in enumerate(pm25):
        stamp = f"{first + timedelta(days=(n + 1) // 24)} {(n + 1) % 24:02d}:00:00"
        lines += [f"Greenhill,{site},{stamp},50,,{value},20,10,10,{40 + n % 2},40,0.5\n" for site in stations]
        lines += [f"Greenhill,{site},{stamp},500,,400,400,10,10,40,40,0.5\n" for site in frozen]
        lines += [f"Greenhill,{site},{stamp},,,,,,,,,\n" for site in silent]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_each_day_by_its_own_edition(tmp_path):
    said = json.loads(run(daily(tmp_path / "days.csv", [76, 76, 76, 60]), "--json"))
    assert (said["report"], said["edition"]) == ("daily", "2012+2026")
    assert [(row["date"], row["aqi"], row["edition"]) for row in said["rows"]] == [
        ("2026-02-27", 102, "2012"),
        ("2026-02-28", 102, "2012"),
        ("2026-03-01", 115, "2026"),
        ("2026-03-02", 100, "2026"),
    ]
    assert (said["read"]["rows"], said["read"]["refused"]) == (4, 0)
    assert said["rows"][0]["primary"] == ["pm25"]
    assert said["rows"][0]["level"] == 3
    assert said["rows"][0]["iaqi"]["pm25"] == 102


def test_one_edition_for_all(tmp_path):
    path = daily(tmp_path / "days.csv", [76], date(2014, 1, 1))
    assert json.loads(run(path, "--edition", "2026", "--json"))["rows"][0]["aqi"] == 115
    with pytest.raises(StandardsError, match="2014-01-01"):
        run(path)
    with pytest.raises(StandardsError, match="2099"):
        run(path, "--edition", "2099")


def test_a_missing_item_leaves_a_good_day_of_2026_without_an_aqi(tmp_path):
    path = tmp_path / "days.csv"
    path.write_text(
        HEADER + "x,Greenhill,2026-05-01,1,1,1,x,,20,10,10,0.5,40,0,False,False\n", encoding="utf-8"
    )
    (row,) = json.loads(run(path, "--json"))["rows"]
    assert (row["aqi"], row["level"], row["primary"], row["missing"]) == (None, None, [], ["pm25"])
    assert "NA" in run(path)


def test_hours(tmp_path):
    path = hourly(tmp_path / "hours.csv", [80.0] * 24)
    said = json.loads(run(path, "--hourly", "--point", "Greenhill", "--json"))
    assert (said["report"], len(said["rows"])) == ("hourly", 24)
    assert {row["aqi"] for row in said["rows"]} == {119}
    assert [row["hour"] for row in said["rows"]][:2] == [0, 1]
    stations = json.loads(run(path, "--hourly", "--json"))["rows"]
    assert len({row["point"] for row in stations}) == 5  # four stations and their city
    with pytest.raises(DataError, match="daily"):
        run(daily(tmp_path / "days.csv", [1]), "--hourly")


def test_days_of_hourly_files_and_of_their_city(tmp_path):
    rows = json.loads(run(hourly(tmp_path / "hours.csv", [80.0] * 20), "--json"))["rows"]
    assert {row["point"]: row["iaqi"]["pm25"] for row in rows}["Greenhill"] == 119


def test_rows_into_a_file(tmp_path):
    out = tmp_path / "rows.csv"
    assert json.loads(run(daily(tmp_path / "d.csv", [76, 20]), "--out", out, "--json"))["rows"] == 2
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["aqi"], row["primary"], row["iaqi_pm25"]) for row in rows] == [
        ("102", "pm25", "102"),
        ("29", "", "29"),
    ]


def test_many_rows_are_summed_up(tmp_path):
    said = run(daily(tmp_path / "d.csv", [300, *[20] * 60], date(2026, 5, 1)))
    assert "350 on 2026-05-01" in said
    assert "61" in said


def test_a_point_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="Greenhill"):
        run(daily(tmp_path / "d.csv", [1]), "--point", "Elsewhere")


def test_an_item_outside_the_plan(tmp_path):
    path = tmp_path / "days.csv"
    path.write_text(
        HEADER + "x,Greenhill,2026-05-01,1,1,1,x,20,20,10,10,,40,0,False,False\n", encoding="utf-8"
    )
    assert json.loads(run(path, "--json"))["rows"][0]["aqi"] is None
    said = json.loads(run(path, "--without", "co", "--json"))
    assert (said["rows"][0]["aqi"], said["rows"][0]["missing"]) == (29, [])
    assert said["plan"] == ["so2", "no2", "pm10", "pm25", "o3"]
    with pytest.raises(DataError, match="--without"):
        run(path, "--without", "benzene")
    with pytest.raises(DataError, match="--without"):
        run(path, *(word for item in said["plan"] for word in ("--without", item)), "--without", "co")


def test_hours_of_2012_without_a_mean_of_particles_are_said(tmp_path):
    path = hourly(tmp_path / "hours.csv", [80.0] * 24, stations=("a",))
    said = json.loads(run(path, "--hourly", "--edition", "2012", "--point", "a", "--json"))
    assert said["notes"][0].startswith("19 hours lack the 24 h mean of PM10 or PM2.5")
    assert "19 hours lack" in run(path, "--hourly", "--edition", "2012", "--point", "a")
    assert json.loads(run(path, "--hourly", "--point", "a", "--json"))["notes"] == []


def test_a_frozen_station_is_left_out_of_its_city_and_named(tmp_path):
    path = hourly(tmp_path / "h.csv", [20.0] * 24, stations=("a", "b", "c"), frozen=("still",))
    said = json.loads(run(path, "--point", "Greenhill", "--json"))
    assert said["rows"][0]["iaqi"]["pm25"] == 29
    assert said["read"]["frozen"] == ["Greenhill/still"]
    assert "Greenhill/still" in " ".join(run(path).split())
    hour = json.loads(run(path, "--hourly", "--point", "Greenhill", "--json"))["rows"][0]
    assert hour["iaqi"]["pm25"] == 29


def test_silent_stations_are_none_of_their_city(tmp_path):
    path = hourly(tmp_path / "h.csv", [20.0] * 24, stations=("a", "b"), silent=("c", "d"))
    said = json.loads(run(path, "--point", "Greenhill", "--json"))
    assert said["rows"][0]["iaqi"]["pm25"] == 29
    assert said["read"]["silent"] == 2


def test_what_was_taken_for_granted_is_said(tmp_path):
    path = hourly(tmp_path / "h.csv", [20.0] * 24)
    read = json.loads(run(path, "--json"))["read"]
    assert {each["what"] for each in read["assumptions"]}
    assert {"gaps", "outages", "outages_found", "steps_without_rows", "frozen"} <= set(read)
    assert "assumed: " in run(path)


def test_unit_of_co_and_stamp_come_from_the_command_line(tmp_path):
    path = hourly(tmp_path / "h.csv", [20.0] * 24)
    (first, *_) = json.loads(run(path, "--hourly", "--point", "Greenhill/a", "--stamp", "start", "--json"))[
        "rows"
    ]
    (other, *_) = json.loads(run(path, "--hourly", "--point", "Greenhill/a", "--json"))["rows"]
    assert (first["hour"], other["hour"]) == (1, 0)
    small = json.loads(run(path, "--point", "Greenhill/a", "--co-unit", "ug/m3", "--stamp", "end", "--json"))
    assert small["rows"][0]["iaqi"]["co"] < 13
    with pytest.raises(DataError, match="stamp"):
        run(path, "--stamp", "middle")
