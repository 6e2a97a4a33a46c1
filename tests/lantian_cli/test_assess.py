"""`lantian assess`: one indicator against a period, a target, a ranking; numbers are plain JSON numbers."""

import json
from datetime import date

import pytest
from tests.lantian_cli.test_aqi import HEADER, daily, hourly
from typer.testing import CliRunner

from lantian.errors import DataError, LantianError, StandardsError
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
        (
            ["--period", "2026-05-01..2026-05-31", "--dust", "nowhere.csv"],
            "--dust: nowhere.csv: No such file",
        ),
        (["--period", "2026-05-31..2026-05-01"], "--period"),
        (["--period", "0001-01-01..0001-01-31", "--against", "last-year"], "--period.*1992 to 2099"),
        (["--period", "9999-12-01..9999-12-31"], "--period.*1992 to 2099"),
        (["--period", "2026-05-01..2026-05-31", "--on", "the 3rd"], "--on"),
        (["--period", "2026-05-10..2026-05-31", "--on", "2026-05-01"], "--on: 2026-05-01 is before"),
        (["--period", "2026-05-01..2026-05-31", "--against", "yesterday"], "--against"),
        (["--period", "2026-05-01..2026-05-31", "--without", "lead"], "--without"),
        (["--period", "2026-05-01..2026-05-31", "--target", "NaN"], "--target"),
        (["--period", "2026-05-01..2026-05-31", "--target", "Infinity%"], "--target"),
        (["--period", "2026-05-01..2026-05-31", "--target", "1e9999999"], "--target"),
        (["--period", "2026-05-01..2026-05-31", "--target", "-1"], "never negative"),
        (["--period", "2026-05-01..2026-05-31", "--target", "-150%"], "100 %"),
        (["--period", "2026-05-01..2026-05-31", "--target", "3%"], "sign"),
        (["--period", "2025-05-01..2025-05-31", "--target", "-3%"], "no base"),
    ],
)
def test_bad_words_are_named(city, words, reason):
    with pytest.raises(LantianError, match=reason) as error:
        run(*city, *words)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("indicator", "target", "reason"),
    [
        ("heavy_days", "-1", "never negative"),
        ("good_days", "30.5", "whole"),
        ("good_ratio", "101", "at most 100"),
        ("pm10_p95", "39", "no target can be set on pm10_p95"),
        ("exceed_days", "-3%", "no target can be set on exceed_days"),
        ("dirt", "39", "--indicator.*dirt"),
    ],
)
def test_a_target_that_an_indicator_cannot_take(city, indicator, target, reason):
    with pytest.raises(DataError, match=reason):
        run(*city[:-1], indicator, "--period", "2026-05-01..2026-05-31", "--target", target)


def test_a_signed_percentage_is_a_change_for_every_indicator(tmp_path):
    before = daily(tmp_path / "a.csv", [40] * 31, date(2025, 5, 1))
    now = daily(tmp_path / "b.csv", [40] * 31, date(2026, 5, 1))
    words = [before, now, "--area", "Greenhill", "--period", "2026-05-01..2026-05-31"]
    ratio = said(*words, "--indicator", "good_ratio", "--target", "-3%")["target"]
    assert (ratio["cap"], ratio["good_days_needed"]) == (97.0, 31)
    plain = said(*words, "--indicator", "good_ratio", "--target", "85%")["target"]
    assert (plain["cap"], plain["good_days_needed"]) == (85.0, 27)
    assert said(*words, "--indicator", "good_days", "--target", "-10%")["target"]["cap"] == 27.9
    assert said(*words, "--indicator", "o3", "--target", "-10%")["target"]["cap"] == 36.0
    assert said(*words, "--indicator", "index", "--target", "+10%")["target"]["cap"] > 0


def dust_list(path, days, area="Greenhill"):
    path.write_text(
        "area,day,paper,valid_from,valid_to,source,confidence,note\n"
        + "".join(f"{area},{day},order 1,,,list,original,\n" for day in days),
        encoding="utf-8",
    )
    return path


def test_a_target_leaves_out_the_dust_days_that_its_indicator_leaves_out(city, tmp_path):
    listed = dust_list(tmp_path / "dust.csv", [f"2026-05-{day:02d}" for day in range(1, 16)])
    found = said(*city, "--period", "2026-05-01..2026-05-31", "--target", "39", "--dust", listed)["target"]
    assert (found["mean_so_far"], found["excluded"], found["done"]) == (30.0, 15, 16)


def test_names_of_a_dust_list_are_compared_as_those_of_air_files(tmp_path):
    path = daily(tmp_path / "a.csv", [40, 80], date(2026, 5, 1), city="甲乙市")
    words = [path, "--area", "甲乙", "--indicator", "pm25", "--period", "2026-05-01..2026-05-02"]
    found = said(*words, "--dust", dust_list(tmp_path / "d.csv", ["2026-05-02"], "甲乙市"))
    assert (found["mean"], found["dust_unknown"]) == (40.0, [])


def test_areas_of_a_dust_list_that_are_not_in_the_files_are_said(city, tmp_path):
    words = [*city, "--period", "2026-05-01..2026-05-31"]
    listed = dust_list(tmp_path / "d.csv", ["2026-05-02"])
    listed.write_text(listed.read_text() + "Elsewhere,2026-05-03,order 1,,,list,original,\n")
    found = said(*words, "--dust", listed)
    assert (found["dust_unknown"], found["dust_days"]) == (["Elsewhere"], 1)
    assert "Elsewhere" in run(*words, "--dust", listed)
    with pytest.raises(DataError, match="none of its areas is in the files: Nowhere"):
        run(*words, "--dust", dust_list(tmp_path / "e.csv", ["2026-05-02"], "Nowhere"))


def test_a_frozen_station_is_left_out_of_its_city_and_said(tmp_path):
    path = hourly(tmp_path / "h.csv", [30.0] * 24, stations=("a", "b", "c"), frozen=("still",))
    words = [path, "--area", "Greenhill", "--indicator", "pm25", "--period", "2026-05-01..2026-05-01"]
    found = said(*words)
    assert (found["mean"], found["days_valid"]) == (30.0, 1)
    assert found["notes"] == ["frozen_stations_left_out"]
    assert found["frozen_left_out"] == ["Greenhill/still"]
    assert "Greenhill/still" in run(*words)


def test_silent_stations_are_none_of_their_city(tmp_path):
    path = hourly(tmp_path / "h.csv", [30.0] * 24, stations=("a", "b"), silent=("c", "d"))
    found = said(path, "--area", "Greenhill", "--indicator", "pm25", "--period", "2026-05-01..2026-05-01")
    assert (found["mean"], found["read"]["silent"]) == (30.0, 2)


def test_a_period_across_the_change_of_state(tmp_path):
    path = daily(tmp_path / "a.csv", [40] * 61, date(2018, 8, 1))
    words = [path, "--area", "Greenhill", "--period", "2018-08-01..2018-09-30"]
    found = said(*words, "--indicator", "so2")
    assert found["mean"] == round(10 * (31 * 273.15 / 298.15 + 30) / 61, 3)
    assert (found["notes"], found["state"]["gas"]) == (["gas_state_converted"], "reference_298")
    assert said(*words, "--indicator", "pm25")["notes"] == ["particle_state_differs"]


def test_an_item_outside_the_plan(tmp_path):
    path = tmp_path / "days.csv"
    rows = [f"x,Greenhill,2026-05-{n:02d},1,1,1,x,20,20,10,10,,40,0,False,False\n" for n in range(1, 32)]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    words = [path, "--area", "Greenhill", "--period", "2026-05-01..2026-05-31"]
    lost = said(*words, "--indicator", "good_days")
    assert (lost["mean"], lost["notes"]) == (None, ["good_days_withheld"])
    found = said(*words, "--indicator", "good_days", "--without", "co")
    assert (found["mean"], found["notes"], "co" in found["plan"]) == (31.0, [], False)
    index = said(*words, "--indicator", "index", "--without", "co")
    assert (index["mean"], index["notes"]) == (None, ["index_item_outside_plan"])
    with pytest.raises(DataError, match="--without"):
        run(*words, "--indicator", "good_days", "--without", "co", "--target", "20")


MEMBERS = ("西安", "铜川", "宝鸡")


@pytest.fixture
def three(tmp_path):
    """Three members and one place that is none; the first two change places between two Mays."""
    paths = []
    for year, levels in ((2025, (30, 40, 50, 20)), (2026, (40, 30, 50, 20))):
        for city, level in zip((*MEMBERS, "Elsewhere"), levels, strict=True):
            paths.append(daily(tmp_path / f"{city}{year}.csv", [level] * 31, date(year, 5, 1), city))
    return [*paths, "--indicator", "pm25", "--period", "2026-05-01..2026-05-31", "--rank", "fenwei"]


def test_a_rank_and_how_it_moved_since_the_period_compared_with(three):
    rank = said(*three, "--area", MEMBERS[0], "--against", "last-year")["rank"]
    rows = {row["point"]: (row["rank"], row["was"], row["moved"]) for row in rank["rows"]}
    assert rows == {MEMBERS[1]: (1, 2, 1), MEMBERS[0]: (2, 1, -1), MEMBERS[2]: (3, 3, 0)}
    assert (rank["rank"], "not_a_member" in rank["notes"]) == (2, False)
    alone = said(*three, "--area", MEMBERS[0])["rank"]["rows"]
    assert {row["was"] for row in alone} == {None}


def test_the_rank_of_a_place_that_is_no_member_says_so(three):
    rank = said(*three, "--area", "Elsewhere")["rank"]
    assert (rank["rank"], "not_a_member" in rank["notes"]) == (None, True)
    assert "not_a_member" in run(*three, "--area", "Elsewhere")


def test_the_mean_of_three_years(tmp_path):
    paths = [
        daily(
            tmp_path / f"{year}.csv",
            [level] * (date(year + 1, 1, 1) - date(year, 1, 1)).days,
            date(year, 1, 1),
        )
        for year, level in ((2027, 30), (2028, 36), (2029, 45))
    ]
    words = [*paths, "--area", "Greenhill", "--indicator", "pm25_three_year"]
    found = said(*words, "--period", "2027-01-01..2029-12-31")
    assert (found["mean"], found["days_valid"], found["enough"]) == (37.0, 1096, True)
    assert any(note["confidence"] == "unverified" for note in found["footnotes"])
    with pytest.raises(DataError, match="three whole years"):
        run(*words, "--period", "2028-01-01..2029-12-31")
    with pytest.raises(DataError, match="stands alone"):
        run(*words, "--period", "2027-01-01..2029-12-31", "--target", "30")


@pytest.mark.slow
def test_a_picture_beside_the_numbers(city, tmp_path):
    out = tmp_path / "line.png"
    period = ["--period", "2026-05-01..2026-05-31"]
    found = said(*city, *period, "--target", "36", "--picture", "season_line", "--out", out)
    assert (found["picture"], found["target"]["cap"]) == (str(out), 36.0)
    assert out.read_bytes().startswith(b"\x89PNG")
