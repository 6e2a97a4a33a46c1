"""What the world sends: batches of air and power for six hours, and the truth, kept where only the score reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from lantian.periods import to_ms
from lantian.records import FindingKind
from lantian.rehearsal import TruthRow, air, merge, power
from lantian_store.batch import encode
from lantian_store.durable import write_whole
from lantian_store.journal import NewEntry
from lantian_web.orders.queries import orders_between
from lantian_web.play.setup import Script

__all__ = ["batches", "truth"]

RELEASE = timedelta(hours=12)  # a plant released from an order starts up again over hours


def batches(script: Script, start: datetime, end: datetime) -> list[NewEntry]:
    """Entries of [start, end), as the county platforms send them at `end`; the plants have read their orders."""
    start_ms, end_ms = to_ms(start), to_ms(end)
    orders = orders_between(start_ms - int(RELEASE.total_seconds() * 1000), end_ms)
    tables, rows = power.play(script.city, start_ms, end_ms, orders)
    _keep(script, start_ms, rows)
    sent = [("power", area, table) for area, table in tables.items()]
    sent += [("air", area, table) for area, table in air.batches(script.city, start_ms, end_ms).items()]
    return [
        NewEntry(
            kind=kind, key=f"{kind}:{area}:{start_ms}", area=area, received_ms=end_ms, payload=encode(table)
        )
        for kind, area, table in sorted(sent, key=lambda item: item[:2])
    ]


def truth_folder(home: Path) -> Path:
    """Where the truth lies; detectors, checkers and analysts never open it."""
    return home / "city" / "truth"


def _keep(script: Script, start_ms: int, rows: Iterable[TruthRow]) -> None:
    lines = [json.dumps(asdict(row), ensure_ascii=False) for row in rows]
    folder = truth_folder(script.home)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{start_ms}.jsonl", "\n".join(lines).encode())


def truth(home: Path) -> tuple[TruthRow, ...]:
    """What really happened, over all steps."""
    rows = []
    for path in sorted(truth_folder(home).glob("*.jsonl")):
        for line in path.read_text().splitlines():
            values = json.loads(line)
            rows.append(TruthRow(**values | {"kind": FindingKind(values["kind"])}))
    return merge(rows)
