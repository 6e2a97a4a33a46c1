import json

import pytest
from typer.testing import CliRunner

from lantian.errors import StandardsError
from lantian_cli.main import app


def run(*words):
    result = CliRunner().invoke(app, ["standards", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0
    return result.stdout


def test_the_catalogue():
    infos = json.loads(run("--json"))
    assert {"table", "edition", "valid_from", "valid_to", "rows", "weak_rows", "title"} == set(infos[0])
    assert "warning_triggers" in run()


def test_rows_of_a_table_on_a_day():
    rows = json.loads(run("--table", "warning_triggers", "--on", "2026-12-07", "--json"))
    assert {row["edition"] for row in rows} == {"2024"}
    assert all(row["source"] and row["confidence"] for row in rows)


def test_the_unverified():
    rows = json.loads(run("--unverified", "--json"))
    assert {row["confidence"] for row in rows} == {"unverified", "proposed"}
    clocks = json.loads(run("--unverified", "--table", "task_clocks", "--json"))
    assert {row["table"] for row in clocks} == {"task_clocks"}


def test_a_gap_is_bad_input():
    with pytest.raises(StandardsError, match="2017-09-20"):
        run("--table", "warning_triggers", "--on", "2016-12-26")
