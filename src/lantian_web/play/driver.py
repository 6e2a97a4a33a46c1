"""Play the script hour by hour beside a real worker process.

An hour: what the world sends by then (see `world`), a clock entry, wait for the worker, the people act, the
demo's cursor moves. Everything is found again after a kill: entries are idempotent by key, people act by
the state they see, and the cursor says which hour was the last one done.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lantian.errors import StoreError
from lantian.periods import at, to_ms
from lantian.records import FindingKind, FindingState, Outcome
from lantian.rehearsal import score
from lantian_store.journal import Journal, NewEntry
from lantian_store.lake import Lake
from lantian_web import digest
from lantian_web.assessments.models import Assessment
from lantian_web.bulletins.models import Bulletin
from lantian_web.events import commands as events
from lantian_web.events.queries import get_cursor
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.orders.models import Order
from lantian_web.play import people, world
from lantian_web.play.setup import Script
from lantian_web.tasks.models import Task
from lantian_web.verdicts.models import Verdict
from lantian_web.worker import CURSOR

__all__ = ["play", "report"]

DONE = "demo"  # cursor: UTC ms of the last hour done
PATIENCE_S = 300.0
AGAIN_S = 0.2  # between a worker's death and the next one


def play(script: Script, bars: object) -> None:
    """Play what is left of the script; nothing when all is done."""
    hours = list(_hours(script))
    last = get_cursor(DONE)
    left = [hour for hour in hours if last is None or to_ms(hour) > last]
    if not left:
        return
    journal = Journal(script.home)
    if last is None:
        _publish_archive(journal, script, hours[0])
    cast = people.cast(script)
    with _worker(script.home) as keep_alive:
        for hour in bars.track(left, "play"):  # type: ignore[attr-defined]
            position = _publish(journal, script, hour)
            _wait(position, keep_alive)
            people.act(cast, hour)
            events.set_cursor(DONE, to_ms(hour))
        _publish_end(journal, keep_alive, hours[-1] + timedelta(hours=1))


def _hours(script: Script) -> Iterator[datetime]:
    hour = _begin(script)
    end = at(script.asked.last + timedelta(days=1), 0)
    while hour <= end:
        yield hour
        hour += timedelta(hours=1)


def _begin(script: Script) -> datetime:
    """The evening's consultation comes first."""
    return at(script.asked.first, 0) - timedelta(hours=24 - people.CONSULT_H)


def _publish_archive(journal: Journal, script: Script, begin: datetime) -> None:
    """What is known when the play begins. Each month closes a round, so that a killed worker keeps what it did."""
    items: list[NewEntry] = []
    for entry in world.archive(script, begin):
        items += [entry, _clock(begin, entry.key)]
    journal.append_many(items)


def _publish(journal: Journal, script: Script, hour: datetime) -> int:
    """Append what the world sends by the hour, then the clock.

    An hour that is there already stays as it is: what the plants have read since does not change their past.
    """
    clock = _clock(hour)
    there = journal.find(clock.key)
    if there is not None:
        return there.position
    return journal.append_many([*_sent(script, hour), clock])[-1]


def _sent(script: Script, hour: datetime) -> Iterator[NewEntry]:
    midnight = at(script.asked.first, 0)
    if hour > midnight and hour.hour % world.STEP_H == 0:
        yield from world.batches(script, hour - timedelta(hours=world.STEP_H), hour)
    if hour.hour == 0:
        yield from world.closed(script, (hour - timedelta(days=1)).date(), hour)
    if hour.hour == people.CONSULT_H:
        yield from world.forecast(script, hour)


def _publish_end(journal: Journal, keep_alive: object, hour: datetime) -> None:
    """One more clock, so that papers asked for in the last hour are made."""
    _wait(journal.append_many([_clock(hour)])[-1], keep_alive)


def _clock(hour: datetime, after: str = "") -> NewEntry:
    """The clock of an hour, or one of the same hour that closes a round after an entry."""
    now_ms = to_ms(hour)
    payload = json.dumps({"now_ms": now_ms}).encode()
    key = f"clock:{now_ms}:{after}" if after else f"clock:{now_ms}"
    return NewEntry(kind="clock", key=key, area="", received_ms=now_ms, payload=payload)


@contextmanager
def _worker(home: Path) -> Iterator[object]:
    """A `lantian worker` process that is started again when it dies."""
    command = [sys.executable, "-m", "lantian_cli", "worker", "--home", str(home)]
    command += ["--play-of", str(os.getpid())]
    process = subprocess.Popen(command, env=os.environ.copy(), stdout=sys.stderr)

    def keep_alive() -> None:
        nonlocal process
        if process.poll() is not None:
            time.sleep(AGAIN_S)
            process = subprocess.Popen(command, env=os.environ.copy(), stdout=sys.stderr)

    try:
        yield keep_alive
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(position: int, keep_alive: object) -> None:
    began = time.monotonic()
    while (get_cursor(CURSOR) or -1) < position:
        keep_alive()  # type: ignore[operator]
        time.sleep(0.004)
        if time.monotonic() - began > PATIENCE_S:
            raise StoreError(f"the worker did not reach position {position} within {PATIENCE_S:.0f} s")


def report(script: Script) -> dict[str, Any]:
    """Counts per stage, the score against the truth, and the digests."""
    scored = score_home(script.home)
    return {
        "stages": {
            "observations": Lake(script.home).count(),
            "assessments": Assessment.objects.count(),
            "findings": Finding.objects.count(),
            "orders": Order.objects.count(),
            "tasks": Task.objects.count(),
            "verdicts": Verdict.objects.count(),
            "bulletins": Bulletin.objects.filter(made_at__isnull=False).count(),
        },
        "truth": {key: scored.pop(key) for key in ("precision", "recall", "cannot_tell")},
        "score": scored,
        "digests": digest.digests(),
    }


def score_home(home: Path) -> dict[str, float | int]:
    """What the detectors proposed against what really happened, by the unit (plant, kind, order)."""
    proposed = [row.to_domain() for row in Finding.objects.exclude(state=FindingState.WITHDRAWN)]
    result = score(world.truth(home), proposed, order_days())
    return {
        "precision": round(result.precision, 4),
        "recall": round(result.recall, 4),
        "cannot_tell": round(result.cannot_tell_share, 4),
        "breaches": result.breaches,
        "near_breaches": result.near_breaches,
        "look_alikes": result.look_alikes,
        "hits": result.hits,
        "misses": result.misses,
        "excused": result.excused,
        "false_alarms": result.false_alarms,
        "judged": result.judged,
    }


@dataclass(frozen=True, slots=True)
class _Judged:
    order_id: str
    enterprise_id: str
    kind: FindingKind
    outcome: Outcome


def order_days() -> Iterator[_Judged]:
    """Judged order days as the score reads them."""
    rows = OrderDay.objects.values_list("order_id", "enterprise_id", "kind", "outcome")
    for order_id, plant, kind, outcome in rows.iterator(chunk_size=5000):
        yield _Judged(order_id, plant, FindingKind(kind), Outcome(outcome))
