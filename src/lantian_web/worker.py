"""The worker: everything it does is found by query, so a kill at any moment loses nothing.

One *round* is the journal's entries past the cursor up to and including the next `clock` entry:

1. batches become lake files (write, fsync, rename, manifest), and touch local days;
2. at the clock, closed days are assessed, touched days judged against the orders in force, clocks run;
3. the cursor moves last. A round that was cut off is done again, and changes nothing twice.

An entry that cannot be decoded or derived is set aside by name: it stays in the journal, an event and the log tell of
it, and the rounds go on. Trouble of the store, the disk or the database is never taken for that of an entry.

Rounds of live data without clock entries close on the wall clock. In a play what was imported by hand waits for no
clock entry: it is taken in at the played time. Live and replay are this same path.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pyarrow as pa
import structlog
from django.db import Error as DatabaseError

from lantian.detect.noncompliance import judge_day
from lantian.detect.rule import rules_on
from lantian.errors import StoreError
from lantian.observe.power import check_power
from lantian.periods import day_bounds_ms, from_ms, local_day, to_ms
from lantian_store.batch import decode
from lantian_store.grid import Grids
from lantian_store.journal import Entry, Journal
from lantian_store.lake import NEWEST, Lake, stamp
from lantian_web import assess_cities, assess_days
from lantian_web.assessments import panels
from lantian_web.assessments.asides import set_aside, taken_after_all
from lantian_web.assessments.imports import WORKER, is_imported
from lantian_web.bulletins import commands as bulletins
from lantian_web.events import commands as events
from lantian_web.events.queries import CLOCK as CLOCK_CURSOR
from lantian_web.events.queries import get_cursor, play_now
from lantian_web.findings import commands as findings
from lantian_web.inventory import queries as inventory
from lantian_web.letters import drafting
from lantian_web.letters.queries import silenced
from lantian_web.orders import queries as orders
from lantian_web.tasks import asking, rising

__all__ = ["Round", "Worker", "rounds"]

log = structlog.get_logger()
CURSOR = WORKER
CLOSED = "closed"  # ordinal of the last local day judged as over
CLOCK = "clock"
REPLAYED = "replayed"  # how many replays there were
PIECE = 1_000_000  # rows written to the lake at once; a big import comes in many entries
AT_ONCE = 2_000  # entries of a replayed round that no clock closed
OURS = (StoreError, OSError, MemoryError, DatabaseError)
"""Trouble that no entry is to blame for: the round is done again when it is over."""

Waiting = list[tuple[Entry, pa.Table]]


@dataclass(slots=True)
class Touched:
    """Local days that new rows lie in: power to be judged, own air to be assessed, air of others by month."""

    power: set[date] = field(default_factory=set)
    air: set[date] = field(default_factory=set)
    outside: dict[date, set[str]] = field(default_factory=dict)

    def add(self, other: Touched) -> None:
        """The other's days, too."""
        self.power |= other.power
        self.air |= other.air
        for on, points in other.outside.items():
            self.outside.setdefault(on, set()).update(points)


@dataclass(slots=True)
class Round:
    """Entries between two clocks. `now` is None while the closing clock has not been journalled."""

    batches: list[Entry] = field(default_factory=list)
    end: int = -1
    now: datetime | None = None


def rounds(entries: Iterable[Entry], most: int | None = None) -> Iterator[Round]:
    """Cut the journal at its clock entries, and after `most` others; the last round may lack its clock."""
    current = Round()
    for entry in entries:
        current.end = entry.position
        if entry.kind == CLOCK:
            current.now = from_ms(json.loads(entry.payload)["now_ms"])
            yield current
            current = Round()
        else:
            current.batches.append(entry)
            if len(current.batches) == most:
                yield current
                current = Round()
    if current.batches:
        yield current


def _after() -> int:
    done = get_cursor(CURSOR)
    return -1 if done is None else done


def _closing(now: datetime) -> set[date]:
    """Local days that are over by `now` and have not been closed yet; yesterday when nothing ever was."""
    today = local_day(to_ms(now)).toordinal()
    last = get_cursor(CLOSED)
    first = today - 1 if last is None else last + 1
    return {date.fromordinal(day) for day in range(first, today)}


def _close(now: datetime) -> None:
    yesterday = local_day(to_ms(now)).toordinal() - 1
    last = get_cursor(CLOSED)
    if last is None or last < yesterday:
        events.set_cursor(CLOSED, yesterday)


class Worker:
    """The single writer of lake and derived rows of one home."""

    def __init__(self, home: Path) -> None:
        self.journal = Journal(home)
        self.lake = Lake(home)
        self.lake.sweep()
        self._meters: inventory.Meters | None = None
        self._grids: Grids | None = None
        self._aside: set[int] = set()  # positions set aside in the round that is being done

    def step(self, wall: Callable[[], datetime], *, live: bool = False) -> int:
        """Do all rounds that are complete; return how many. `live` closes an open round on the wall clock."""
        done = 0
        for item in rounds(self.journal.read(_after())):
            now = item.now or (wall() if live else _play_time(item))
            if now is None:
                break
            self.do(item, now)
            events.set_cursor(CURSOR, item.end)
            done += 1
        assess_days.follow_targets(wall() if live else play_now())
        return done

    def do(self, item: Round, now: datetime) -> dict[str, int]:
        """One round; return how many rows changed by kind. Doing it again changes nothing."""
        touched, closing = self._ingest(item, now), _closing(now)
        if item.now is not None:
            events.set_cursor(CLOCK_CURSOR, to_ms(now))
        changed = {"assessments": self._assess(item, touched.air - closing, closing, now)}
        upto = item.end if item.batches or item.now else NEWEST
        judged = sorted(touched.power | closing)
        changed["findings"] = sum(self._judge_day(on, now, upto) for on in judged)
        _close(now)
        changed["pauses"] = asking.run_pauses(now)
        changed["clocks"] = rising.run_clocks(now, silenced)
        changed["letters"] = drafting.draft_letters(now)
        changed["papers"] = bulletins.make_asked(now)
        events.seal()
        return changed

    def replay(self, first: date, last: date) -> Iterator[dict[str, int]]:
        """Local days again from the journal: their rounds into the lake, then assessed and judged on all that is known.

        What was imported, and what no clock closed, is taken in again whenever it came. Gives, per round and day, how
        many rows changed; clocks, papers and cursors stay as they are.
        """
        start_ms, done, now = day_bounds_ms(first)[0], _after(), play_now()
        there = takewhile(lambda entry: entry.position <= done, self.journal.read())
        for item in rounds(there, AT_ONCE):
            by_hand = any(is_imported(entry.key) for entry in item.batches)
            if by_hand or item.now is None or to_ms(item.now) > start_ms:
                self._aside.clear()
                self._ingest(item, now)
                taken_after_all({entry.position for entry in item.batches} - self._aside, now)
                yield {"rounds": 1}
        for number in range((last - first).days + 1):
            on = first + timedelta(days=number)
            yield {
                "assessments": assess_days.assess_closed(self.lake, {on}, now),
                "findings": self._judge_day(on, now, NEWEST),
            }
        events.set_cursor(REPLAYED, events.get_cursor(REPLAYED, 0) + 1)

    def _set_aside(self, entries: Sequence[Entry], error: Exception, now: datetime) -> None:
        self._aside.update(entry.position for entry in entries)
        set_aside(entries, error, now)

    def _ingest(self, item: Round, now: datetime) -> Touched:
        """Write the round's batches to the lake; return the local days that they touch."""
        touched = Touched()
        waiting: Waiting = []
        size = 0
        for entry in item.batches:
            try:
                table = self._checked(entry)
            except OURS:
                raise
            except Exception as error:
                self._set_aside([entry], error, now)
                continue
            waiting.append((entry, table))
            size += len(table)
            if size >= PIECE:
                self._write(waiting, item.end, touched, now)
                waiting, size = [], 0
        self._write(waiting, item.end, touched, now)
        if touched.outside:
            self._derive(item, touched.outside, now)
        return touched

    def _derive(self, item: Round, outside: dict[date, set[str]], now: datetime) -> None:
        """Days of other cities, of their hours."""
        received_ms = max(entry.received_ms for entry in item.batches)
        try:
            for table in assess_cities.derived(self.lake, outside, item.end):
                stamped = stamp(table, item.end, received_ms)
                self.lake.commit(self.lake.write(stamped, panels.CITY_DAY, (item.end, item.end)))
        except OURS:
            raise
        except Exception as error:
            self._set_aside([entry for entry in item.batches if entry.kind == panels.AIR], error, now)

    def _assess(self, item: Round, sent: set[date], closing: set[date], now: datetime) -> int:
        """Days that have closed, and those that rows were `sent` of; of imports that cannot be, the log tells."""
        if not sent or not all(is_imported(entry.key) for entry in item.batches):
            return assess_days.assess_closed(self.lake, sent | closing, now)
        changed = 0
        try:
            changed = assess_days.assess_closed(self.lake, sent, now)
        except OURS:
            raise
        except Exception as error:
            self._set_aside(
                [each for each in item.batches if each.kind in (panels.AIR, panels.AIR_DAY)], error, now
            )
        return changed + assess_days.assess_closed(self.lake, closing, now)

    def _write(self, entries: Waiting, end: int, touched: Touched, now: datetime) -> None:
        """One file per kind, month and bucket; entries that cannot be written together are tried one by one."""
        by_kind: dict[str, Waiting] = {}
        for entry, table in entries:
            by_kind.setdefault(entry.kind, []).append((entry, table))
        for kind, same in by_kind.items():
            try:
                self._write_kind(kind, same, end, touched)
            except OURS:
                raise
            except Exception as error:
                if len(same) == 1:
                    self._set_aside([same[0][0]], error, now)
                else:
                    for each in same:
                        self._write([each], end, touched, now)

    def _write_kind(self, kind: str, same: Waiting, end: int, touched: Touched) -> None:
        """Rows count once all that can go wrong with them has been tried."""
        table = pa.concat_tables([each for _, each in same])
        positions = [entry.position for entry, _ in same]
        found = Touched()
        records = self.lake.write(table, kind, (min(positions), max(positions)))
        if kind in (panels.AIR, panels.AIR_DAY):
            assess_cities.sort_out(table, kind, found.air, found.outside)
        self.lake.commit(records)
        if kind == "power":
            found.power |= self.grids.apply(table, upto=end)
        touched.add(found)

    def _checked(self, entry: Entry) -> pa.Table:
        table = decode(entry.payload, source=entry.key)
        if entry.kind == "power":
            checked = check_power(table, self.meters.points, source=entry.key)
            table = checked.rows
            for problem in checked.problems:
                log.warning("power row refused", key=entry.key, problem=str(problem))
        return stamp(table, entry.position, entry.received_ms)

    def _judge_day(self, on: date, now: datetime, upto: int) -> int:
        """Judge one day against the orders in force on it; return how many findings moved."""
        start_ms, end_ms = day_bounds_ms(on)
        in_force = orders.orders_between(start_ms, end_ms)
        if not in_force:
            return 0
        rules = rules_on(on)
        judgement = judge_day(
            on,
            closed=end_ms <= to_ms(now),
            orders=in_force,
            plants=self.meters.plants,
            grid=self.grids.get(on, upto).values,
            before=self.grids.before(on, rules.context_slots, upto),
            rules=rules,
            baselines=self.meters.baselines,
        )
        return findings.take(judgement, on, now)

    @property
    def meters(self) -> inventory.Meters:
        if self._meters is None:
            self._meters = inventory.meters()
        return self._meters

    @property
    def grids(self) -> Grids:
        if self._grids is None:
            self._grids = Grids(self.lake, self.meters.plants.meter_ids)
        return self._grids


def _play_time(item: Round) -> datetime | None:
    """The played time at which a round without a clock is done: one of imports only, once the play has a clock."""
    if get_cursor(CLOCK_CURSOR) is None or not all(is_imported(entry.key) for entry in item.batches):
        return None
    return play_now()


def run(
    home: Path,
    wall: Callable[[], datetime],
    *,
    live: bool = False,
    poll_s: float = 0.5,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Work for as long as it is wanted; the caller holds the lock of the home."""
    worker = Worker(home)
    while wanted():
        if not worker.step(wall, live=live):
            if live:  # clocks run and days close without data, too
                worker.do(Round(), wall())
            bulletins.make_asked(play_now())
            events.seal()
            time.sleep(poll_s)
