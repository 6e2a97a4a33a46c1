"""`lantian assess`: one indicator against a period, a target, a ranking; numbers are plain JSON numbers."""

import json
from datetime import date

import pytest
from tests.lantian_cli.test_aqi import daily, hourly
from typer.testing import CliRunner

from lantian.errors import LantianError, StandardsError
from lantian_cli.main import app


def run(*words):
    result = CliRunner().invoke(app, ["assess", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0
    return result.stdout


def said(*words):
    return json.loads(run(*words, "--json"))


@pytest.fixture
def city(tmp_path):
    """May 2025 at 40, May 2026 at 38 and its second half at 30."""
    before = daily(tmp_path / "a.csv", [40] * 31, date(2025, 5, 1))
    now = daily(tmp_path / "b.csv", [38] * 15 + [30] * 16, date(2026, 5, 1))
    return [before, now, "--area", "Greenhill", "--indicator", "pm25"]


@pytest.mark.real_data
@pytest.mark.slow
def test_the_winter_that_the_issue_names(shared_data):
    (path,) = shared_data("cn_city_daily").glob("*.csv.gz")
    found = said(
        path, "--area", "临汾", "--indicator", "pm25", "--period", "2016-10-01..2017-01-31",
        "--against", "last-year", "--rank", "fenwei",
    )  # fmt: skip
    assert (found["mean"], found["base"], found["change_percent"]) == (153.096, 87.216, 75.5)
    assert (found["days_valid"], found["days_dropped"], found["base_days_valid"]) == (123, 0, 123)
    assert (found["edition"], found["mean_published"], found["enough"]) == ("2012", "153", True)
    assert (found["rank"]["rank"], found["rank"]["ranked"], found["rank"]["backwards"]) == (11, 11, True)
    assert max(found["rank"]["rows"], key=lambda row: row["mean"])["point"] == "临汾"


def test_a_mean_against_last_year(city):
    found = said(*city, "--period", "2026-05-01..2026-05-31", "--against", "last-year")
    assert found["indicator"] == "pm25_mean"
    assert (found["mean"], found["base"], found["change_percent"]) == (33.871, 40.0, -15.3)
    assert (found["mean_published"], found["base_published"]) == ("33.9", "40.0")
    assert (found["days_valid"], found["days_dropped"], found["edition"]) == (31, 0, "2026")
    assert found["against"] == "2025-05-01..2025-05-31"
    assert found["state"] == {"gas": "reference_298", "particle": "actual"}
    assert {note["table"] for note in found["footnotes"]} >= {"rounding_rules"}
    other = said(*city, "--period", "2026-05-16..2026-05-31", "--against", "2026-05-01..2026-05-15")
    assert (other["mean"], other["base"]) == (30.0, 38.0)


def test_as_it_stood_on_a_day(city):
    found = said(
        *city,
        "--period",
        "2026-05-01..2026-05-31",
        "--on",
        "2026-05-15",
        "--target",
        "-10%",
        "--against",
        "last-year",
    )
    assert (found["period"], found["mean"]) == ("2026-05-01..2026-05-15", 38.0)
    target = found["target"]
    assert (target["cap"], target["done"], target["left"], target["on"]) == (36.0, 15, 16, "2026-05-15")
    assert target["allowed"] == 34.125
    value = said(*city, "--period", "2026-05-01..2026-05-31", "--target", "39")["target"]
    assert (value["cap"], value["left"], value["feasibility"]) == (39.0, 0, "met")


def test_days_and_editions(city):
    good = said(*city[:-1], "good_days", "--period", "2026-05-01..2026-05-31", "--against", "last-year")
    assert (good["mean"], good["base"], good["edition"]) == (31.0, 31.0, "2026")
    assert "recomputed_one_edition" in good["notes"]


def test_a_rank_among_cities_given_by_a_region_that_is_not_there(city):
    with pytest.raises(StandardsError, match="atlantis"):
        run(*city, "--period", "2026-05-01..2026-05-31", "--rank", "atlantis")


def test_dust_days_come_from_a_list(city, tmp_path):
    listed = tmp_path / "dust.csv"
    listed.write_text(
        "area,day,paper,valid_from,valid_to,source,confidence,note\n"
        + "".join(f"Greenhill,2026-05-{day:02d},order 1,,,list,original,\n" for day in range(1, 16)),
        encoding="utf-8",
    )
    found = said(*city, "--period", "2026-05-01..2026-05-31", "--dust", listed)
    assert (found["mean"], found["days_valid"], found["days_dropped"]) == (30.0, 16, 15)
    assert (found["dust_mode"], found["dust_days"]) == ("exclude", 15)
    kept = said(*city[:-1], "good_days", "--period", "2026-05-01..2026-05-31", "--dust", listed)
    assert (kept["mean"], kept["dust_mode"]) == (31.0, "keep")


def test_a_city_known_by_its_stations(tmp_path):
    path = hourly(tmp_path / "h.csv", [80.0] * 24)
    found = said(path, "--area", "Greenhill", "--indicator", "pm25", "--period", "2026-05-01..2026-05-01")
    assert (found["mean"], found["days_valid"]) == (80.0, 1)


def test_for_the_eye(city):
    text = run(*city, "--period", "2026-05-01..2026-05-31", "--target", "-10%")
    assert "33.871" in text
    assert "target" in text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--period", "2026-05"], "2026-05"),
        (["--period", "2026-05-31..2026-05-01"], "period"),
        (["--period", "2026-05-01..2026-05-31", "--against", "2026..2027"], "--against"),
        (["--period", "2026-05-01..2026-05-31", "--target", "much"], "much"),
        (["--period", "2026-05-01..2026-05-31", "--picture", "calendar"], "--out"),
        (["--period", "2026-05-01..2026-05-31", "--dust", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_bad_words_are_named(city, words, reason):
    with pytest.raises(LantianError, match=reason):
        run(*city, *words)


@pytest.mark.slow
def test_a_picture_beside_the_numbers(city, tmp_path):
    out = tmp_path / "line.png"
    period = ["--period", "2026-05-01..2026-05-31"]
    found = said(*city, *period, "--target", "36", "--picture", "season_line", "--out", out)
    assert (found["picture"], found["target"]["cap"]) == (str(out), 36.0)
    assert out.read_bytes().startswith(b"\x89PNG")
