"""What goes to stderr, and what to stdout."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lantian_cli import output, progress


def test_bars_leave_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.bars() as bars:
        with bars.step("city"):
            pass
        assert list(bars.track([1, 2, 3], "play")) == [1, 2, 3]
        assert list(bars.track(iter("ab"), "read", total=2)) == ["a", "b"]
    said = capsys.readouterr()
    assert said.out == ""
    assert "city" in said.err
    assert said.err.count("100%") == 3


def test_a_json_document_keeps_decimals_days_and_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit({"值": Decimal("0.10"), "on": date(2026, 12, 7), "at": datetime(2026, 12, 7, tzinfo=UTC)})
    said = capsys.readouterr().out
    assert "值" in said
    assert json.loads(said) == {"值": "0.10", "on": "2026-12-07", "at": "2026-12-07T00:00:00+00:00"}


def test_a_document_that_json_cannot_hold_is_a_bug() -> None:
    with pytest.raises(TypeError, match="set"):
        output.emit({"a": {1}})


def test_a_table_shows_absent_values_as_empty_cells(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_table("Rows", ("table", "value"), [("aqi_levels", None), ("power_rules", 5)])
    said = capsys.readouterr().out
    assert "None" not in said
    assert "power_rules" in said
