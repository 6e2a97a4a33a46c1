"""`lantian picture` draws from files alone, and says what it cannot draw."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lantian.errors import DataError
from lantian_cli.main import app

pytestmark = pytest.mark.slow

DAYS = ["province", "city", "date", "pm25", "pm10", "so2", "no2", "co", "o3_8h"]


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["picture", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def days(tmp_path: Path) -> str:
    path = tmp_path / "days.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(DAYS)
        for n in range(500):
            on = date(2025, 1, 1) + timedelta(days=n)
            for k, city in enumerate(("甲市", "乙市")):
                out.writerow(["某省", city, on, 30 + n % 50 + 20 * k, 60 + n % 50 + 30 * k, 9, 30, 0.8, 90])
    return str(path)


def test_a_calendar_as_svg_and_its_data(days: str, tmp_path: Path) -> None:
    out = tmp_path / "c.svg"
    said = json.loads(
        run(
            "calendar",
            days,
            "--area",
            "甲市",
            "--period",
            "2025-10-01..2025-11-30",
            "--out",
            str(out),
            "--json",
        )
    )
    assert out.read_bytes().startswith(b"<?xml")
    assert sum(said["data"]["counts"]) == 61
    assert said["data"]["days"][0]["on"] == "2025-10-01"


def test_a_ranking_of_all_places_of_the_files(days: str, tmp_path: Path) -> None:
    out = tmp_path / "r.png"
    said = json.loads(
        run(
            "ranking",
            days,
            "--area",
            "甲市",
            "--period",
            "2026-01-01..2026-02-28",
            "--out",
            str(out),
            "--json",
        )
    )
    assert [(row["point"], row["rank"]) for row in said["data"]["rows"]] == [("甲市", 1), ("乙市", 2)]
    assert said["data"]["previous"] == {"start_on": "2025-01-01", "end_on": "2025-02-28"}
    assert out.read_bytes().startswith(b"\x89PNG")


def test_missing_values_are_null(days: str, tmp_path: Path) -> None:
    out = tmp_path / "t.svg"
    said = json.loads(run("trend", days, "--area", "乙市", "--out", str(out), "--json"))
    assert said["data"]["direction"] == "cannot_tell"
    assert said["data"]["adjusted"] == [None] * len(said["data"]["months"])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["wind_rose", "--area", "甲市"], "daily"),
        (["calendar"], "one place"),
        (["calendar", "--area", "丙"], "丙"),
        (["calendar", "--area", "甲市", "--item", "pm1"], "pm1"),
        (["calendar", "--area", "甲市", "--period", "2025"], "period"),
        (["pie"], "pie"),
    ],
)
def test_what_cannot_be_drawn_is_said(days: str, tmp_path: Path, words: list[str], why: str) -> None:
    out = tmp_path / "x.svg"
    with pytest.raises(DataError, match=why):
        run(words[0], days, *words[1:], "--out", str(out))
    assert not out.exists()


def test_a_picture_is_svg_or_png(days: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.png"):
        run("calendar", days, "--area", "甲市", "--out", str(tmp_path / "c.pdf"))
