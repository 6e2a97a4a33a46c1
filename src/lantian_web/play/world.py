"""What the world sends, and the truth about it, kept where only the score reads it.

Every six hours: power, the hours of the stations, the weather. At midnight of the day that closed: the other cities'
air and what the stack monitors measured. Once before everything: the archive of day values. Each evening: the
forecast. Nothing is sent before its day is over.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from lantian.periods import Period, day_start_ms, local_day, to_ms
from lantian.records import FindingKind
from lantian.rehearsal import TruthRow, air, emission, merge, power, statement, weather
from lantian_store.batch import encode
from lantian_store.durable import write_whole
from lantian_store.journal import NewEntry
from lantian_web.orders.queries import orders_between
from lantian_web.play.setup import Script

__all__ = ["STEP_H", "archive", "batches", "closed", "forecast", "truth"]

STEP_H = 6
RELEASE = timedelta(hours=12)  # a plant released from an order starts up again over hours


def archive(script: Script, now: datetime) -> list[NewEntry]:
    """Day values of the days that are over, of the city and of those around it, an entry a month."""
    parts = statement.archive(script.city, local_day(to_ms(now)))
    return [_entry(script, "air_day", f"archive:{month:%Y-%m}", now, table) for month, table in parts]


def forecast(script: Script, now: datetime) -> list[NewEntry]:
    """The statement on the coming days; none when nothing is known of them."""
    table = statement.forecast_batch(script.city, local_day(to_ms(now)))
    name = f"{statement.issuer()}:{to_ms(now)}"
    return [_entry(script, "forecast", name, now, table)] if len(table) else []


def closed(script: Script, day: date, now: datetime) -> list[NewEntry]:
    """What is known of a day once it is over: the air of the cities, the measured emissions if it was played."""
    city, start_ms = script.city, day_start_ms(day)
    made = []
    published = statement.day_values(city, Period(day, day))
    if published is not None:
        made.append(_entry(script, "air_day", str(start_ms), now, published))
    if day >= city.first_day:
        steps = [start_ms + step * STEP_H * 3_600_000 for step in range(24 // STEP_H)]
        energy = [np.load(_energy_file(script, step)) for step in steps]
        measured = emission.day_batch(city, day, energy)
        made.append(_entry(script, "emission_day", str(start_ms), now, measured))
    return made


def _entry(script: Script, kind: str, name: str, now: datetime, table: pa.Table) -> NewEntry:
    area = script.city.areas[0].id
    return NewEntry(
        kind=kind, key=f"{kind}:{area}:{name}", area=area, received_ms=to_ms(now), payload=encode(table)
    )


def batches(script: Script, start: datetime, end: datetime) -> list[NewEntry]:
    """Entries of [start, end), as the county platforms send them at `end`; the plants have read their orders."""
    start_ms, end_ms = to_ms(start), to_ms(end)
    orders = orders_between(start_ms - int(RELEASE.total_seconds() * 1000), end_ms)
    tables, rows = power.play(script.city, start_ms, end_ms, orders)
    _keep(script, start_ms, rows)
    _keep_energy(script, start_ms, tables)
    sent = [("power", area, table) for area, table in tables.items()]
    sent += [("air", area, table) for area, table in air.batches(script.city, start_ms, end_ms).items()]
    if not script.city.real_air:  # no invented wind goes with real air
        sent.append(("weather", script.city.areas[0].id, weather.step(script.city, start_ms, end_ms)))
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


def _energy_file(script: Script, start_ms: int) -> Path:
    return script.home / "city" / "energy" / f"{start_ms}.npy"


def _keep_energy(script: Script, start_ms: int, tables: Mapping[str, pa.Table]) -> None:
    """kWh of each line in the step, for the monitors at the day's end."""
    path = _energy_file(script, start_ms)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    np.save(data, emission.line_kwh(script.city, tables))
    write_whole(path, data.getvalue())


def truth(home: Path) -> tuple[TruthRow, ...]:
    """What really happened, over all steps."""
    rows = []
    for path in sorted(truth_folder(home).glob("*.jsonl")):
        for line in path.read_text().splitlines():
            values = json.loads(line)
            rows.append(TruthRow(**values | {"kind": FindingKind(values["kind"])}))
    return merge(rows)
