"""Pictures on screen and on paper: plain JSON, the same bytes, Chinese words, nothing without shape or word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from lantian.assess.engine import daily_aqi_panel
from lantian.assess.patterns import calendar, heat_map, season_line, week_profile
from lantian.assess.ranking import ranking
from lantian.assess.roses import pollution_rose, wind_rose
from lantian.assess.trend import trend
from lantian.errors import DataError, StoreError
from lantian.observe.panel import DayPanel, HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind as Kind
from lantian.standards import table
from lantian_web.assessments import charts, figures, words
from lantian_web.assessments.charts.places import gaps_of
from lantian_web.assessments.scales import RAMP_STEPS, step_names, step_of, steps

pytestmark = pytest.mark.slow

ITEMS = (Kind.PM25, Kind.PM10, Kind.SO2, Kind.NO2, Kind.CO, Kind.O3)
FIRST = date(2022, 10, 1)
WEEK = Period(date(2023, 10, 2), date(2023, 10, 8))
SEASON = Period(date(2025, 10, 1), date(2026, 1, 31))
SCRIPT = Path(figures.__file__).parent.parent / "static" / "charts.js"
QUICK = ("season_line", "trend")
ALL = [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in figures.KINDS]


def make_days(places: int = 3) -> DayPanel:
    rng = np.random.default_rng(5)
    values = {kind: rng.lognormal(3.2, 0.5, (places, 1300)) for kind in ITEMS}
    values[Kind.CO] = values[Kind.CO] / 30
    values[Kind.PM25][:, 1200] = np.nan
    return DayPanel(tuple(f"p{n}" for n in range(places)), FIRST, values)


def make_hours() -> HourPanel:
    rng = np.random.default_rng(6)
    n = 24 * 400
    values = {
        Kind.PM25: rng.lognormal(3.5, 0.6, (2, n)),
        Kind.WIND_FROM: rng.uniform(0, 360, (2, n)),
        Kind.WIND_SPEED: rng.gamma(2, 1, (2, n)),
    }
    values[Kind.PM25][0, -100:-90] = np.nan
    return HourPanel(("p0", "p1"), date(2023, 9, 1), values)


@pytest.fixture(scope="module")
def records() -> dict[str, Any]:
    days, hours = make_days(), make_hours()
    span = Period(date(2024, 9, 1), date(2024, 10, 4))
    before = Period(date(2024, 10, 1), date(2025, 1, 31))
    return {
        "calendar": calendar(days, "p0", SEASON),
        "heat_map": heat_map(hours, ["p0", "p1"], Kind.PM25, span),
        "pollution_rose": pollution_rose(hours, "p0", Kind.PM25),
        "profile": week_profile(hours, "p0", Kind.PM25),
        "ranking": ranking(days, days.points, SEASON, "pm25", previous=before),
        "season_line": season_line(
            days, "p0", Kind.PM25, SEASON, date(2025, 12, 31), cap=30, allowed=20, outlook=(27.0, 29.0, 31.0)
        ),
        "trend": trend(days, "p0", Kind.PM25),
        "wind_rose": wind_rose(hours, "p0"),
    }


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("kind", figures.KINDS)
def test_options_are_json_with_names_the_script_knows(kind: str, records: dict[str, Any]) -> None:
    option = getattr(charts, kind)(records[kind])
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert set(option["heights"]) == {"wide", "narrow", "below"}
    script = SCRIPT.read_text(encoding="utf-8")
    called = re.search(r"const CALLS = \{(.*?)\n  \};", script, re.DOTALL)
    assert called
    for text in texts(option):
        if text.startswith("@"):
            assert re.search(rf"\b{text[1:].split('|')[0]}\b", called[1]), text
        if text.startswith("$ramp-"):
            assert 0 <= int(text[6:]) < RAMP_STEPS
        assert "function" not in text


@pytest.mark.parametrize("kind", figures.KINDS)
def test_colours_are_tokens_of_the_page(kind: str, records: dict[str, Any]) -> None:
    """No colour of the options is fixed but the official ones of the classes: day and night are the page's."""
    style = SCRIPT.with_name("lantian.css").read_text(encoding="utf-8")
    for text in texts(getattr(charts, kind)(records[kind])):
        if text.startswith("$") and text != "$hatch" and not text.startswith("$ramp-"):
            assert f"--{text[1:]}:" in style, text
        if re.fullmatch(r"#[0-9a-f]{6}", text):
            assert kind == "calendar"


def test_classes_have_the_official_colours(records: dict[str, Any]) -> None:
    option = charts.calendar(records["calendar"])
    days = option["series"][0]["data"]
    assert len(days) == SEASON.days
    for row in table("aqi_levels"):
        level, colour = row.integer("level"), "#{:02x}{:02x}{:02x}".format(*(row.integer(c) for c in "rgb"))
        assert {day["colour"] for day in days if day["value"][4] == level} <= {colour}
        assert words.class_name(level) in {row["name_zh"] for row in table("aqi_levels")}
    unseen = [day for day in days if day["value"][4] == 0]
    found = daily_aqi_panel(make_days().select(["p0"]).between(SEASON)).level
    assert len(unseen) == int((found == 0).sum())


def test_each_day_stands_in_its_week(records: dict[str, Any]) -> None:
    option = charts.calendar(records["calendar"])
    months = option["calendarMonths"]["months"]
    assert [month["weeks"] for month in months] == [5, 5, 5, 5]
    assert [month["name"] for month in months] == ["2025-10", "2025-11", "2025-12", "2026-01"]
    new_year = option["series"][0]["data"][92]
    assert new_year["value"][:4] == [3, 1, 3, 0]  # a Thursday in the first week


def test_a_missing_value_is_a_gap_and_a_hatched_cell(records: dict[str, Any]) -> None:
    option = charts.heat_map(records["heat_map"])
    holes = option["series"][1]["data"]
    assert len(holes) == int(records["heat_map"].missing.sum()) == 10
    assert all("缺测" in one["name"] for one in holes)
    line = charts.season_line(records["season_line"])["series"][1]["data"]
    assert line[-1] is None
    assert line[0] is not None


def test_calm_is_said_and_not_drawn(records: dict[str, Any]) -> None:
    option = charts.wind_rose(records["wind_rose"])
    rose = records["wind_rose"]
    assert "静风" in option["title"]["text"]
    assert f"{rose.missing} 小时" in option["graphic"][0]["style"]["text"]
    drawn = sum(sum(one["data"]) for one in option["series"])
    assert drawn + rose.calm_share == pytest.approx(100, abs=0.5)


def test_a_trend_says_what_it_knows(records: dict[str, Any]) -> None:
    assert charts.trend(records["trend"])["title"]["text"].startswith("看不出趋势")
    short = trend(make_days(), "p0", Kind.PM25, Period(FIRST, date(2023, 9, 30)))
    option = charts.trend(short)
    assert "看不清" in option["title"]["text"]
    assert "Theil-Sen 线" not in {one["name"] for one in option["series"]}


def test_steps_are_few_round_and_rising() -> None:
    edges = steps(np.random.default_rng(1).lognormal(4, 0.8, 500))
    assert list(edges) == sorted(set(edges))
    assert 1 <= len(edges) < RAMP_STEPS
    places = [step_of(value, edges) for value in (0, *edges)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, RAMP_STEPS - 1)
    assert [step for step, _ in step_names(edges)] == places
    assert steps(np.array([np.nan])) == ()
    assert step_names(()) == ()


def test_a_long_ranking_is_cut_around_the_own_place_and_shows_the_gap() -> None:
    days = make_days(60)
    found = ranking(days, days.points, SEASON, "pm25")
    own = found.rows[50].point
    rows = charts.shown_rows(found, [own])
    assert len(rows) == charts.MOST_PLACES
    assert own in {row.point for row in rows}
    assert {rows[0].rank, rows[-1].rank} == {1, found.rows[-1].rank}
    assert len(gaps_of(found, rows)) >= 1
    assert len(charts.shown_rows(ranking(days, days.points[:30], SEASON, "pm25"))) == 30


@pytest.mark.parametrize("kind", ALL)
def test_a_figure_is_the_same_bytes_every_time(kind: str, records: dict[str, Any]) -> None:
    svg = figures.draw(kind, records[kind], "svg", names={"p0": "甲站"}, own={"p0"})
    assert svg == figures.draw(kind, records[kind], "svg", names={"p0": "甲站"}, own={"p0"})
    assert b"<dc:date>" not in svg
    assert b"<text" not in svg
    assert svg.startswith(b"<?xml")


@pytest.mark.parametrize("kind", ALL)
def test_a_png_carries_no_program_and_no_time(kind: str, records: dict[str, Any]) -> None:
    png = figures.draw(kind, records[kind], "png")
    assert png == figures.draw(kind, records[kind], "png")
    assert png.startswith(b"\x89PNG")
    assert b"Software" not in png
    assert b"tIME" not in png


def test_an_unknown_glyph_is_named(records: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match=r"no glyph for .* \(U\+E123\)"):
        figures.draw("trend", records["trend"], names={"p0": "\ue123"})


def test_a_machine_without_a_chinese_font_says_so(
    monkeypatch: pytest.MonkeyPatch, records: dict[str, Any]
) -> None:
    monkeypatch.setattr(figures, "FAMILIES", ("No Such Face",))
    figures._family.cache_clear()
    try:
        with pytest.raises(StoreError, match="No Such Face"):
            figures.draw("wind_rose", records["wind_rose"])
    finally:
        figures._family.cache_clear()


def test_an_unknown_kind_or_form_is_refused(records: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="wind_rose"):
        figures.draw("pie", records["trend"])
    with pytest.raises(DataError, match="gif"):
        figures.draw("trend", records["trend"], "gif")


def test_numbers_for_the_eye() -> None:
    assert words.number(-7.25, 1) == "−7.2"
    assert words.number(-0.01, 1) == "0.0"
    assert words.number(2318.4) == "2,318"
    assert words.number(None) == words.number(float("nan")) == "—"
    assert words.signed(5.0, 1) == "+5.0"
