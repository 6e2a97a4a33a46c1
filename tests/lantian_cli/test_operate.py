"""A home looked after from the command line: log-ins, a decision, the chain, backup and restore."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.lantian_cli.homes import lantian, python

pytestmark = pytest.mark.slow

WARNING = ("--now", "2026-12-07T18:40", "--signer", "vice", "--json")
FORECAST = ("--forecast", "2026-12-08=210,2026-12-09=220,2026-12-10=230")


def test_a_warning_is_proposed_and_started(home: Path) -> None:
    code, said = lantian(home, "warn", "propose", *FORECAST, "--now", "2026-12-07T18:40", "--json")
    assert (code, said["level"], said["first_day"], said["last_day"]) == (
        0,
        "orange",
        "2026-12-08",
        "2026-12-10",
    )
    assert said["rows"], "the rows of the trigger table that it stands on"
    clean = ("--forecast", "2026-12-08=60,2026-12-09=70", "--now", "2026-12-07T18:40", "--json")
    assert lantian(home, "warn", "propose", *clean)[1]["level"] == "none"
    code, said = lantian(home, "warn", "start", "orange", *FORECAST, *WARNING)
    assert (code, said["level"], said["orders"]) == (0, "orange", 6)
    code, said = lantian(
        home,
        "warn",
        "start",
        "orange",
        "--forecast",
        "2026-12-08=90",
        *WARNING[:1],
        "2026-12-07T19:00",
        *WARNING[2:],
    )
    assert code == 2
    assert "not allowed" in said
    assert lantian(home, "audit", "verify", "--json")[1]["unsealed"] > 0


@pytest.mark.parametrize("forecast", ["", "2026-12-08", "2026-12-08=x", "2026-12-07=200"])
def test_a_forecast_that_cannot_be_read_is_named(home: Path, forecast: str) -> None:
    code, said = lantian(
        home, "warn", "propose", "--forecast", forecast, "--now", "2026-12-07T18:40", "--json"
    )
    assert code == 2
    assert "--forecast" in said


def test_a_login_gets_a_password_once(home: Path) -> None:
    code, said = lantian(
        home, "user", "add", "w", "--person", "analyst", "--role", "analyst", "--scope", "area:90", "--json"
    )
    assert code == 0
    code, again = lantian(home, "user", "reset", "w", "--json")
    assert code == 0
    assert said["password"] != again["password"]
    assert lantian(home, "user", "add", "w", "--json")[0] == 2
    assert lantian(home, "user", "reset", "nobody", "--json")[0] == 2
    assert lantian(home, "user", "add", "u", "--role", "analyst", "--json")[0] == 2
    assert lantian(home, "user", "add", "v", "--person", "nobody", "--json")[0] == 2


def test_a_changed_event_fails_the_audit(home: Path) -> None:
    lantian(home, "user", "add", "w", "--json")
    python(home, "-c", "import django; django.setup(); from lantian_web.events.commands import seal; seal()")
    code, said = lantian(home, "audit", "verify", "--json")
    assert (code, said["sealed"], said["sound"]) == (0, 1, True)
    with sqlite3.connect(home / "registry.sqlite3") as registry:
        registry.execute("UPDATE events_event SET actor = 'systen'")
    code, said = lantian(home, "audit", "verify", "--json")
    assert (code, said["first_bad"], said["reason"]) == (1, 1, "changed")
    assert lantian(home, "check", "--json")[0] == 1


def test_a_backup_becomes_an_equal_home(home: Path, tmp_path: Path) -> None:
    lantian(home, "user", "add", "w", "--json")
    code, said = lantian(home, "backup", str(tmp_path / "b.tar.zst"), "--json")
    assert code == 0, said
    again = tmp_path / "again"
    code, said = lantian(again, "restore", str(tmp_path / "b.tar.zst"), "--json")
    assert code == 0, said
    assert lantian(again, "check", "--json") == (0, {"home": str(again), "problems": []})
    assert lantian(again, "user", "reset", "w", "--json")[0] == 0
