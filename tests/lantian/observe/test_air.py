"""A city's daily file: what is kept, what is refused, and why."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lantian.errors import DataError
from lantian.observe.air import ITEMS, read_city_daily
from lantian.records import Flag

HEADER = "province,city,date,aqi,pm25,pm10,so2,no2,o3_8h,co"
GOOD = "晋,甲城,2016-12-26,180,135.5,190,80,60,33,3.2"


def read(*lines: str) -> tuple[list[date], list[str]]:
    found = read_city_daily("\n".join((HEADER, *lines)).encode(), "air.csv")
    return [row.on for row in found.rows], [str(problem) for problem in found.problems]


def test_a_good_row_keeps_the_text_of_its_numbers() -> None:
    (row,) = read_city_daily(f"{HEADER}\r\n{GOOD}\r\n".encode("utf-8-sig"), "air.csv").rows
    assert (row.line, row.city, row.on, row.aqi_shown) == (2, "甲城", date(2016, 12, 26), 180)
    assert row.values["pm25"] == Decimal("135.5")
    assert set(row.values) == set(ITEMS)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (GOOD.replace("2016-12-26", "2016-02-30"), "row 3, field date: no such day: '2016-02-30'"),
        (GOOD.replace("135.5", "high"), "row 3, field pm25: not a number: 'high'"),
        (GOOD.replace("135.5", "NaN"), "row 3, field pm25: not a number: 'NaN'"),
        (GOOD.replace("甲城", ""), "row 3, field city: no city"),
        (GOOD + ",extra", "row 3: 11 cells under 10 columns"),
        (GOOD, "row 3, field date: 甲城 2016-12-26 stands in row 2 already"),
    ],
)
def test_a_bad_row_is_named_and_the_others_stay(line: str, problem: str) -> None:
    days, problems = read(GOOD, line, GOOD.replace("-26", "-27"))
    assert days == [date(2016, 12, 26), date(2016, 12, 27)]
    assert problems == [f"air.csv, {problem}"]


@pytest.mark.parametrize(
    ("item", "cell", "flag"),
    [("pm10", "190,", Flag.SENTINEL), ("pm25", "135.5", Flag.SENTINEL), ("so2", ",80,", Flag.NEGATIVE)],
)
def test_a_value_that_cannot_be_is_missing_and_told(item: str, cell: str, flag: Flag) -> None:
    bad = {"pm10": "0,", "pm25": "0.0", "so2": ",-1,"}[item]
    found = read_city_daily(f"{HEADER}\n{GOOD.replace(cell, bad)}".encode(), "air.csv")
    (row,) = found.rows
    assert (row.values[item], row.flags) == (None, {item: flag})
    assert [problem.field for problem in found.problems] == [item]


def test_zero_so2_is_a_value_and_an_empty_cell_is_missing_without_a_mark() -> None:
    found = read_city_daily(f"{HEADER}\n{GOOD.replace(',80,60,', ',0,,')}".encode(), "air.csv")
    assert found.rows[0].values["so2"] == 0
    assert found.rows[0].values["no2"] is None
    assert (found.rows[0].flags, found.problems) == ({}, ())


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01PNG", "city,date,pm25\n".encode("utf-16"), b"city,date\nx,y\n"]
)
def test_a_foreign_file_is_refused_with_the_missing_columns(data: bytes) -> None:
    with pytest.raises(DataError, match=r"air.csv, row 1: columns are missing: .*pm10, so2, no2, o3_8h, co"):
        read_city_daily(data, "air.csv")


def test_rows_in_another_encoding_are_named() -> None:
    data = f"{HEADER}\n".encode() + GOOD.encode("gb18030") + f"\n{GOOD}\n".encode()
    found = read_city_daily(data, "air.csv")
    assert [row.line for row in found.rows] == [3]
    assert [(problem.row, problem.field) for problem in found.problems] == [(2, "province")]


def test_a_broken_gzip_file_keeps_what_stands_before_the_break() -> None:
    lines = [f"晋,城{no},2016-12-26,180,{no % 97 + 1},190,80,60,33,3.2" for no in range(5000)]
    data = gzip.compress("\n".join((HEADER, *lines)).encode())
    found = read_city_daily(data[: len(data) // 2], "air.csv.gz")
    assert 1000 < len(found.rows) < 5000
    assert [problem.reason for problem in found.problems] == ["the gzip file is damaged from here on"]
    assert found.problems[0].row == found.rows[-1].line + 1


def test_an_open_quote_ends_the_file_with_its_line() -> None:
    days, problems = read(GOOD, '"' + GOOD)
    assert days == [date(2016, 12, 26)]
    assert len(problems) == 1
    assert "not CSV from here on" in problems[0]


@pytest.mark.real_data
def test_the_real_archive(shared_data: Callable[[str], Path]) -> None:
    (path,) = shared_data("cn_city_daily").glob("*.csv.gz")
    found = read_city_daily(path.read_bytes(), path.name)
    assert len(found.rows) == 35_909
    assert sorted(problem.field for problem in found.problems) == ["co"] * 2 + ["pm10"] * 4
