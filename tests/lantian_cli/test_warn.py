"""`lantian warn`: what it refuses to read, what it says, and that a step taken again says the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import typer
from tests.lantian_cli.homes import lantian

from lantian.errors import DataError
from lantian.periods import at
from lantian_cli import warn

TODAY = date(2026, 12, 7)
STEPS = {"start": True, "raise": True, "lower": True, "extend": False, "lift": False}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-12-08",
        "2026-12-08=x",
        "2026-12-08=-5",
        "2026-12-08=2001",
        "2026-12-07=200",
        "2026-12-18=200",
        "0001-01-01=200",
        "2026-12-08=200,2026-12-08=210",
    ],
)
def test_a_forecast_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="--forecast"):
        warn._forecast(text, TODAY)


def test_a_day_left_out_of_a_forecast_is_silent() -> None:
    found = warn._forecast("2026-12-17=0, 2026-12-08=2000", TODAY)
    assert found == [2000, *[None] * 8, 0]


@pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00", "9999-12-31T23:59", "2026-12-32"])
def test_an_instant_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="--start"):
        warn._instant(text, "--start", at(TODAY, 0))


def test_an_instant_without_a_zone_is_city_time() -> None:
    assert warn._instant("2026-12-08T00:00", "--start", at(TODAY, 0)) == at(TODAY, 24)
    assert warn._instant("2026-12-07T16:00+00:00", "--start", at(TODAY, 0)) == at(TODAY, 24)


def test_every_step_has_the_same_options() -> None:
    commands = typer.main.get_command(warn.app).commands  # type: ignore[attr-defined]
    names = {name: [param.name for param in commands[name].params] for name in STEPS}
    for name, levelled in STEPS.items():
        assert (names[name][0] == "level") is levelled
        assert names[name][levelled:] == names["lift"]


@pytest.mark.slow
def test_a_step_says_city_time_also_when_repeated(home: Path) -> None:
    given = ("--now", "2026-12-07T18:40", "--signer", "vice", "--json")
    forecast = ("--forecast", "2026-12-08=210,2026-12-09=220,2026-12-10=230")
    code, first = lantian(home, "warn", "start", "orange", *forecast, *given)
    assert (code, first["start"]) == (0, "2026-12-08T00:00:00+08:00")
    assert lantian(home, "warn", "start", "orange", *forecast, *given) == (0, first)
    code, said = lantian(home, "warn", "lift", *forecast, *given, "--start", "0001-01-01T00:00")
    assert (code, "--start" in said) == (2, True)
    lowered = ("--basis", "consultation", "--reason", "转好")
    code, said = lantian(home, "warn", "lower", "yellow", *forecast, *given, *lowered)
    assert (code, said["kind"]) == (0, "lower")
