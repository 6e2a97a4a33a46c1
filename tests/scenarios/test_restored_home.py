"""A home that was lost and came back from its backup: the same digests, papers and log-ins."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.plays import demo, done, finished, lantian, served

pytestmark = [pytest.mark.slow, pytest.mark.db]


def test_a_restored_home_is_whole(tmp_path: Path, fresh_database: Callable[[], dict[str, str]]) -> None:
    home, again, archive = tmp_path / "home", tmp_path / "again", tmp_path / "b.tar.zst"
    environment = fresh_database()
    first = finished(demo(home, environment))
    password = done("user", "reset", "analyst", "--home", str(home), environment=environment)["password"]
    assert done("backup", str(archive), "--home", str(home), environment=environment)["files"] > 40

    elsewhere = fresh_database()
    done("restore", str(archive), "--home", str(again), environment=elsewhere)
    assert done("check", "--home", str(again), environment=elsewhere)["problems"] == []
    second = finished(demo(again, elsewhere))
    assert second["digests"] == first["digests"]
    assert second["stages"] == first["stages"]
    assert second["truth"] == first["truth"]

    with served(again, elsewhere) as (console, _):
        assert not console.log_in("analyst", "not the password")
        assert console.log_in("analyst", password)
        page = console.get("/bulletins/")[1].decode()
        files = sorted(set(re.findall(r'"(/bulletins/[\w-]+/file\.(?:docx|pdf|html))"', page)))
        assert {file.rpartition(".")[2] for file in files} == {"docx", "pdf", "html"}
        kept = {path.name for path in (home / "papers").glob("*/*")}
        assert {hashlib.sha256(console.get(file)[1]).hexdigest() for file in files} <= kept

    (again / "papers").rename(tmp_path / "papers")
    ended = lantian("check", "--home", str(again), environment=elsewhere)
    assert ended.returncode == 1
    assert "missing" in ended.stdout


def test_a_registry_of_the_other_kind_is_refused(
    tmp_path: Path, fresh_database: Callable[[], dict[str, str]]
) -> None:
    home, again, archive = tmp_path / "home", tmp_path / "again", tmp_path / "b.tar.zst"
    environment = fresh_database()
    finished(demo(home, environment, "--days", "1"))
    done("backup", str(archive), "--home", str(home), environment=environment)
    if "LANTIAN_DATABASE_URL" in environment:
        other = {key: value for key, value in environment.items() if key != "LANTIAN_DATABASE_URL"}
        full = lantian("restore", str(archive), "--home", str(again), environment=environment)
        assert full.returncode == 2
        assert "already exists" in full.stderr
        assert not again.exists()
    else:
        other = environment | {"LANTIAN_DATABASE_URL": "postgresql://lantian@127.0.0.1:1/none"}
    ended = lantian("restore", str(archive), "--home", str(again), environment=other)
    assert ended.returncode == 2
    assert "LANTIAN_DATABASE_URL" in ended.stderr
    assert not again.exists()
