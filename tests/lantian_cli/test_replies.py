"""`lantian replies read`: how messages would be read, without a home."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from lantian_cli.replies import app


def test_messages_are_read_and_nothing_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "chat.txt"
    file.write_text(
        "头\n张三 2026-12-08 07:31:22\n31号令收到\n李四 2026-12-08 07:32:22\n没收到\n", encoding="gb18030"
    )
    done = CliRunner().invoke(app, ["read", str(file), "--on", "2026-12-08", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [(row["label"], row["numbers"]) for row in told["messages"]] == [
        ("received", "31"),
        ("refused", ""),
    ]
    assert told["unread"] == [{"line": 1, "text": "头", "why": "before the first message"}]


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chat.txt"
    file.write_text("张三: 收到", encoding="utf-8")
    assert CliRunner().invoke(app, ["read", str(file), "--on", "today"]).exit_code != 0
