"""`lantian import` on a small home: looked at, taken in without a worker, twice without effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lantian_cli.homes import lantian, python

from lantian_store.journal import Journal

pytestmark = pytest.mark.slow

CITY_DAYS = (
    "city,date,pm25,pm10,so2,no2,o3_8h,co,aqi\n"
    "某市,2026-11-01,81.5,120,10,30,60,1.0,0\n某市,2026-11-02,75,110,10,30,60,1.0,0\n甲市,2026-11-01,x,90,10,30,60,1.0,0\n"
)
TARGETS = (
    "season,region,region_zh,indicator,value,unit,result,result_unit,valid_from,valid_to,source,confidence,note\n"
    "2026-27,own,,pm25_mean,60,ug/m3,,,2026-10-01,2027-03-31,paper,proposed,\n"
)
LOOK = """
import django, json; django.setup()
from lantian_web.assessments.models import Assessment
print(json.dumps({f"{r.subject_id} {r.end_on}": str(r.value) for r in Assessment.objects.filter(indicator="pm25_day")}))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "days.csv"
    path.write_text(CITY_DAYS, encoding="utf-8")
    return path


def assessed(home: Path) -> dict[str, str]:
    done = python(home, "-c", LOOK)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.slow
def test_air_is_looked_at_then_taken_in_once(home: Path, file: Path, tmp_path: Path) -> None:
    refused = tmp_path / "refused.csv"
    code, seen = lantian(home, "import", "air", str(file), "--dry-run", "--refused", str(refused), "--json")
    assert code == 0
    assert seen["points"] == {"station": 0, "own_city": 1, "outside": 1}
    assert (seen["refused"], seen["dry_run"], seen["known_already"]) == (1, True, False)
    assert refused.read_text(encoding="utf-8").splitlines()[1].startswith("days.csv,4,pm25,")
    assert not Journal(home).segments()
    code, taken = lantian(home, "import", "air", str(file), "--json")
    assert (code, taken["taken_in"]) == (0, True)
    assert (home / taken["refused_file"]).is_file()
    values = assessed(home)
    assert {day: float(value) for day, value in values.items()} == {
        "90 2026-11-01": 81.5,
        "90 2026-11-02": 75,
    }
    chain = Journal(home).verify()
    code, again = lantian(home, "import", "air", str(file), "--json")
    assert (code, again["known_already"], again["receipt"]) == (0, True, taken["receipt"])
    assert Journal(home).verify() == chain
    assert assessed(home) == values
    assert lantian(home, "check", "--json")[0] == 0


@pytest.mark.slow
def test_a_table_of_the_city_is_put_in_force(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "targets.csv"
    path.write_text(TARGETS, encoding="gb18030")
    code, told = lantian(home, "import", "table", "season_targets", str(path), "--paper", "某文", "--json")
    assert (code, told["rows"], told["rows_before"]) == (0, 1, 0)
    code, told = lantian(home, "import", "table", "season_targets", str(path), "--dry-run", "--json")
    assert told["rows_before"] == 1
    path.write_text(TARGETS.replace("indicator", "what"), encoding="utf-8")
    code, said = lantian(home, "import", "table", "season_targets", str(path))
    assert code == 2
    assert "unknown: what; missing: indicator" in said


@pytest.mark.slow
def test_a_backup_holds_the_files_taken_in(home: Path, file: Path, tmp_path: Path) -> None:
    assert lantian(home, "import", "air", str(file), "--json")[0] == 0
    archive, other = tmp_path / "home.tar.zst", tmp_path / "other"
    assert lantian(home, "backup", str(archive), "--json")[0] == 0
    assert lantian(other, "restore", str(archive), "--json")[0] == 0
    names = sorted(path.name for path in (home / "imports").rglob("*") if path.is_file())
    assert len(names) == 2
    assert sorted(path.name for path in (other / "imports").rglob("*") if path.is_file()) == names


@pytest.mark.slow
@pytest.mark.real_data
def test_three_years_of_thirty_eight_cities(
    home: Path, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    source = shared_data("cn_city_daily")
    (path,) = source.glob("*.csv.gz")
    code, taken = lantian(home, "import", "air", str(path), "--json")
    assert (code, taken["taken_in"]) == (0, True)
    assert taken["rows"] == 251_357  # six of the file's numbers are noughts that stand for nothing
    assert taken["points"]["outside"] == 38


def test_a_file_that_is_not_there_is_named(home: Path) -> None:
    code, said = lantian(home, "import", "air", "nothing.csv")
    assert code == 2
    assert "nothing.csv" in said


def test_the_map_the_unit_of_carbon_monoxide_and_the_stamp_are_told(home: Path, tmp_path: Path) -> None:
    hours = tmp_path / "hours.csv"
    hours.write_text("城市,时间,co\n甲市,2026-11-01 08:00,0.8\n旧市,2026-11-01 09:00,0.9\n", encoding="utf-8")
    told = 'city = "城市"\ntime = "时间"\nstamp = "end"\n[values]\nco = { unit = "mg/m3" }\n[renames]\n"旧市" = "甲市"\n'
    mapped = tmp_path / "map.toml"
    mapped.write_text(told, encoding="utf-8")
    options = ("--map", str(mapped), "--co-unit", "ug/m3", "--stamp", "start", "--dry-run", "--json")
    code, seen = lantian(home, "import", "air", str(hours), *options)
    assert (code, seen["points"]["outside"], seen["rows"]) == (0, 1, 2)
    said = {each["what"]: (each["value"], each["why"]) for each in seen["report"]["assumptions"]}
    assert said["co_unit"] == ("ug/m3", "told by the caller")
    assert said["co_doubted"][0] == "mg/m3"
    assert said["stamp"] == ("start", "told by the caller")
    assert [(each["flag"], each["count"]) for each in seen["report"]["flags"]] == [("range", 2)]
    assert ("旧市", "甲市") in {(each["published"], each["point"]) for each in seen["report"]["renamed"]}
    mapped.write_bytes(told.encode("gb18030"))
    code, line = lantian(home, "import", "air", str(hours), "--map", str(mapped))
    assert (code, "not UTF-8 text" in line, "Traceback" in line) == (2, True, False)
    code, line = lantian(home, "import", "air", str(hours), "--co-unit", "ppm")
    assert (code, "co_unit" in line) == (2, True)


def test_a_code_of_a_later_import_covers_no_value(home: Path, file: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.csv"
    late.write_text(CITY_DAYS.replace("81.5", "-999").replace(",75,", ",0,"), encoding="utf-8")
    for each in (file, late):
        assert lantian(home, "import", "air", str(each), "--json")[0] == 0
    assert {float(value) for value in assessed(home).values()} == {81.5, 75}
