"""The demo as a newcomer runs it: real processes, real files, a real worker that is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from tests.plays import demo, finished, lantian, worker_of

from lantian.periods import local_day
from lantian_store.batch import decode
from lantian_store.journal import Journal
from lantian_store.lake import Lake

pytestmark = [pytest.mark.slow]


@pytest.mark.db
def test_a_worker_killed_at_random_moments_leaves_the_digests_of_an_undisturbed_run(
    tmp_path: Path, fresh_database: Any
) -> None:
    calm = finished(demo(tmp_path / "calm", fresh_database()))
    assert all(count > 0 for count in calm["stages"].values()), calm["stages"]

    disturbed = demo(tmp_path / "disturbed", fresh_database())
    kills = 0
    stop = threading.Event()
    draw = random.Random(11)

    def kill_now_and_then() -> None:
        nonlocal kills
        # Ever longer pauses: however slow the machine, a worker gets through its longest step in the end.
        while not stop.wait(draw.uniform(0.8, 2.5) * (1 + kills / 8)):
            victim = worker_of(tmp_path / "disturbed")
            if victim is not None:
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    kills += 1

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        result = finished(disturbed)
    finally:
        stop.set()
        killer.join()
    assert kills >= 3
    assert result["digests"] == calm["digests"]
    assert result["stages"] == calm["stages"]
    assert result["truth"] == calm["truth"]


@pytest.mark.db
def test_a_second_run_changes_nothing_and_another_seed_is_refused(
    tmp_path: Path, fresh_database: Any
) -> None:
    environment = fresh_database()
    first = finished(demo(tmp_path / "home", environment))
    second = finished(demo(tmp_path / "home", environment))
    assert second["digests"] == first["digests"]
    assert second["stages"] == first["stages"]

    other = demo(tmp_path / "home", environment, "--seed", "8")
    _, err = other.communicate(timeout=120)
    assert other.returncode == 2
    assert "--home" in err
    assert "Traceback" not in err


def test_replay_of_a_sound_home_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = finished(demo(home, dict(os.environ)))
    command = [sys.executable, "-m", "lantian_cli", "replay", "--home", str(home), "--json"]
    done = subprocess.run(
        [*command, "--from", "2026-12-08", "--to", "2026-12-08"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["changed"] == {"assessments": 0, "findings": 0}
    assert finished(demo(home, dict(os.environ)))["digests"] == before["digests"]
    assert_evidence_of_a_finding_can_be_packed_and_checked(home, tmp_path / "pack.zip")


def assert_evidence_of_a_finding_can_be_packed_and_checked(home: Path, pack: Path) -> None:
    with sqlite3.connect(home / "registry.sqlite3") as registry:
        (finding,) = registry.execute("SELECT id FROM findings_finding ORDER BY id LIMIT 1").fetchone()
    made = lantian("evidence", "pack", finding, "--home", str(home), "--out", str(pack))
    assert made.returncode == 0, made.stderr
    assert lantian("evidence", "verify", str(pack)).returncode == 0
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(data)
    assert lantian("evidence", "verify", str(pack)).returncode == 1


def test_the_demo_that_was_killed_itself_goes_on_where_it_was(tmp_path: Path) -> None:
    calm = finished(demo(tmp_path / "calm", dict(os.environ)))
    home = tmp_path / "killed"
    for patience in (2.5, 4, 8):  # while the registry is filled, in the first hours, later
        process = demo(home, dict(os.environ))
        try:
            process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        worker = worker_of(home)
        if worker is not None:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
    assert finished(demo(home, dict(os.environ)))["digests"] == calm["digests"]


def sent(home: Path) -> dict[str, set[str]]:
    """Points by kind of what the world sent; nothing was sent before it was over, but forecasts before they began."""
    points: dict[str, set[str]] = {}
    for entry in Journal(home).read():
        if entry.kind == "clock":
            continue
        table = decode(entry.payload)
        points.setdefault(entry.kind, set()).update(table["point"].unique().to_pylist())
        starts, step_s = table["start"].to_numpy(), table["step_s"].to_numpy()
        if entry.kind == "forecast":
            assert starts.min() > entry.received_ms, entry.key
        else:
            assert (starts + 1000 * step_s.astype("int64")).max() <= entry.received_ms, entry.key
    return points


def test_the_world_sends_what_a_living_city_needs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    finished(demo(home, dict(os.environ), size=("--plants", "60", "--days", "2", "--seed", "7")))
    points = sent(home)
    assert set(points) == {"power", "air", "air_day", "weather", "emission_day", "forecast"}
    assert len(points["air_day"]) == 11
    assert points["weather"] == {"weather:99"}
    assert points["forecast"] == {"99"}
    with sqlite3.connect(home / "registry.sqlite3") as registry:
        years = registry.execute(
            "SELECT strftime('%Y', end_on), count(*) FROM assessments_assessment "
            "WHERE subject_id = '99' AND indicator = 'aqi_day' GROUP BY 1"
        ).fetchall()
        tables = registry.execute('SELECT "table" FROM inventory_overlay ORDER BY 1').fetchall()
        (known,) = registry.execute(
            "SELECT count(*) FROM inventory_enterprise WHERE so2_t IS NOT NULL"
        ).fetchone()
    assert years == [("2025", 365), ("2026", 342)]
    assert [name for (name,) in tables] == ["dust_days", "regions", "season_targets", "targets"]
    assert 50 < known <= 60


AIR = "city,date,pm25,pm10,so2,no2,co,o3_8h\n"


def test_a_damaged_air_file_names_its_rows_and_keeps_the_good_ones(tmp_path: Path) -> None:
    rows = [f"甲城,2016-12-{day:02d},160,210,40,60,2.1,30" for day in range(20, 27)]
    rows += ["甲城,2016-13-40,1,1,1,1,1,1", "甲城,2016-12-27,abc,210,40,60,2.1,30"]
    file = tmp_path / "air.csv"
    file.write_text(AIR + "\n".join(rows) + "\n")
    arguments = ["--air", str(file), "--city", "甲城", "--from", "2016-12-24", "--to", "2016-12-27"]
    process = demo(tmp_path / "home", dict(os.environ), *arguments, "--rules", "2017")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "row 9" in err or "row 10" in err
    assert "Traceback" not in err


def test_days_before_the_trigger_table_need_a_named_edition(tmp_path: Path) -> None:
    file = tmp_path / "air.csv"
    file.write_text(AIR + "甲城,2016-12-26,160,210,40,60,2.1,30\n")
    arguments = ["--air", str(file), "--city", "甲城", "--from", "2016-12-26", "--to", "2016-12-26"]
    process = demo(tmp_path / "home", dict(os.environ), *arguments)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "2017" in err
    assert "warning_triggers" in err


def test_an_unreadable_air_file_is_said_row_by_row(tmp_path: Path) -> None:
    file = tmp_path / "air.csv"
    good, bad = (f"甲城,2016-12-{day},160,210,40,60,2.1,30\n" for day in (25, 26))
    file.write_bytes((AIR + good).encode() + bad.encode("gbk"))  # two encodings in one file
    process = demo(
        tmp_path / "home", dict(os.environ), "--air", str(file), "--city", "甲城", "--rules", "2017",
        "--from", "2016-12-26", "--to", "2016-12-26",
    )  # fmt: skip
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "row 3" in err


def test_a_real_replay_takes_the_other_cities_in_day_by_day_and_nothing_ahead(tmp_path: Path) -> None:
    file, home = tmp_path / "air.csv", tmp_path / "home"
    days = [f"2016-12-{day:02d}" for day in range(1, 32)]
    rows = [
        f"{city},{day},{level},210,40,60,2.1,30"
        for city, level in (("甲城", 90), ("乙城", 70))
        for day in days
    ]
    file.write_text(AIR + "\n".join(rows) + "\n")
    arguments = ["--air", str(file), "--city", "甲城", "--from", "2016-12-26", "--to", "2016-12-27"]
    finished(
        demo(home, dict(os.environ), *arguments, "--rules", "2017", size=("--plants", "40", "--seed", "7"))
    )
    points = sent(home)
    assert "weather" not in points
    assert {"甲城", "乙城"} < points["air_day"]
    table = Lake(home).read("air_day", ["乙城"]).filter(pc.field("kind") == "pm25")
    assert [local_day(ms).isoformat() for ms in table["start"].to_pylist()] == days[:27]
    assert set(table["value"].to_pylist()) == {70.0}
    with sqlite3.connect(home / "registry.sqlite3") as registry:
        own = registry.execute(
            "SELECT end_on, value FROM assessments_assessment "
            "WHERE subject_id = '99' AND indicator = 'pm25_day' ORDER BY 1"
        ).fetchall()
    assert [on for on, _ in own] == days[:27]
    assert {float(value) for _, value in own} == {90.0}
