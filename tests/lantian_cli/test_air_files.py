"""Air files named on a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lantian.errors import DataError
from lantian_cli.air_files import load_air

HEADER = "province,city,date,aqi,pm25,pm10,so2,no2,o3_8h,co"
GOOD = "晋,甲城,2016-12-26,180,135.5,190,80,60,33,3.2"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_files_are_read_in_the_order_given(tmp_path: Path) -> None:
    early = write(tmp_path / "b.csv", HEADER, GOOD)
    late = write(tmp_path / "a.csv", HEADER, GOOD.replace("135.5", "99"))
    assert load_air([early, late]).report.conflicts[0].kept == 99
    assert load_air([late, early]).report.conflicts[0].kept == 135.5


def test_a_column_map_is_read_from_its_file(tmp_path: Path) -> None:
    told = write(
        tmp_path / "map.toml", 'city = "城市"', 'date = "日期"', "[values]", 'pm25 = { unit = "ug/m3" }'
    )
    air = load_air([write(tmp_path / "a.csv", "城市,日期,pm25", "甲城,2020-01-01,35")], told)
    assert air.keys == ("甲城",)


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.csv: cannot be read: No such file"):
        load_air([tmp_path / "none.csv"])
    bad = write(tmp_path / "bad.csv", HEADER, GOOD.replace("2016-12-26", "x"))
    with pytest.raises(
        DataError, match=r"bad.csv: no value that can be used; first refused: bad.csv, row 2, field date"
    ):
        load_air([bad])
    with pytest.raises(DataError, match=r"map.toml: not TOML"):
        load_air([bad], write(tmp_path / "map.toml", "= 1"))
    (tmp_path / "gbk.toml").write_bytes('city = "城市"'.encode("gb18030"))
    with pytest.raises(DataError, match=r"gbk.toml: not UTF-8"):
        load_air([bad], tmp_path / "gbk.toml")


def test_unit_stamp_and_renames_are_told(tmp_path: Path) -> None:
    data = write(tmp_path / "a.csv", HEADER, GOOD, GOOD.replace("甲城", "旧城").replace("-26", "-27"))
    names = write(tmp_path / "names.toml", "[renames]", '"旧城" = "甲城"')
    air = load_air([data], names, "ug/m3")
    assert (air.form, air.keys) == ("city_daily", ("甲城",))
    assert [each.value for each in air.report.assumptions] == [
        "ug/m3",
        "mg/m3",
    ]  # as told; what the numbers say
    with pytest.raises(DataError, match="start or end"):
        load_air([data], stamp="middle")
