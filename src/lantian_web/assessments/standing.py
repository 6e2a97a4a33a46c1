"""What a file says against what stands: rows that are there already, that differ, that are new.

What stands is the newest version of each row in the lake, and over it what is journalled and waits for the worker,
whoever brought it: an import, the stations themselves, a correction by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from lantian.errors import DataError
from lantian.observe.quality import UNUSABLE
from lantian.periods import from_ms
from lantian_store.batch import decode
from lantian_store.journal import Journal
from lantian_store.lake import Lake
from lantian_store.panel import looked_up
from lantian_web.events.queries import get_cursor

__all__ = ["Differing", "Parts", "Standing", "standing"]

SHOWN = 20
AT_ONCE = 2_000_000  # rows compared at once
KINDS = 1024  # more than there are kinds of values
WORKER = "worker"
Parts = Sequence[tuple[str, pa.Table]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Differing:
    """A row that stands with another value (None: with one that is not used) than the file brings."""

    point: str
    kind: str
    start: str
    stands: float | None
    comes: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows of a file by how they stand; `shown` are the first that differ."""

    same: int = 0
    differing: int = 0
    fresh: int = 0
    shown: tuple[Differing, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every row stands as the file has it."""
        return not (self.differing or self.fresh)

    def plain(self) -> dict[str, Any]:
        """As data, for a receipt."""
        rows = [[d.point, d.kind, d.start, d.stands, d.comes] for d in self.shown]
        return {"same": self.same, "differing": self.differing, "new": self.fresh, "shown": rows}


def standing(home: Path, parts: Parts) -> Standing:
    """Compare batches, by kind of the lake, with what stands. Values count, and whether they can be used."""
    waiting = _waiting(home, {kind for kind, _ in parts})
    found = Standing()
    for kind, table in ((kind, table) for kind, table in parts if len(table)):
        for piece in _pieces(table):
            told = _compared(piece, _stands(Lake(home), kind, piece, waiting.get(kind, ())))
            found = Standing(
                found.same + told.same,
                found.differing + told.differing,
                found.fresh + told.fresh,
                (*found.shown, *told.shown)[:SHOWN],
            )
    return found


def _waiting(home: Path, kinds: set[str]) -> dict[str, list[pa.Table]]:
    """Batches that the worker has not come to, oldest first; what cannot be decoded it will set aside."""
    done = get_cursor(WORKER)
    found: dict[str, list[pa.Table]] = {}
    for entry in Journal(home).read(-1 if done is None else done):
        if entry.kind in kinds:
            try:
                found.setdefault(entry.kind, []).append(decode(entry.payload, source=entry.key))
            except DataError:
                continue
    return found


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    """The table by whole months of about AT_ONCE rows."""
    if len(table) <= AT_ONCE:
        yield table
        return
    months = (
        table.column("start").to_numpy().astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    )
    months -= months.min()
    group = (np.cumsum(np.bincount(months)) // AT_ONCE)[months]
    for number in np.unique(group).tolist():
        yield table.filter(pa.array(group == number))


def _stands(lake: Lake, kind: str, table: pa.Table, waiting: Sequence[pa.Table]) -> list[pa.Table]:
    """What there is of the table's points over its time, oldest first."""
    starts = table.column("start").to_numpy()
    points = table.column("point").unique().to_pylist()
    there = lake.read(kind, points, int(starts.min()), int(starts.max()) + 1, columns=table.column_names)
    return [there, *waiting]


def _compared(table: pa.Table, there: Sequence[pa.Table]) -> Standing:
    keys = _Keys({}, {}, np.unique(table.column("start").to_numpy()))
    key, value = keys.of(table)
    olds = [keys.of(each) for each in there if len(each)]
    old_key = np.concatenate([np.zeros(0, np.int64), *(k for k, _ in olds)])
    old_value = np.concatenate([np.zeros(0), *(v for _, v in olds)])
    order = np.argsort(old_key, kind="stable")  # of equal keys the last came last
    # A sentinel before the first: a key that nothing stands under finds it.
    old_key = np.concatenate([[-1], old_key[order]])
    old_value = np.concatenate([[np.nan], old_value[order]])
    place = np.searchsorted(old_key, key, side="right") - 1
    known, stands = old_key[place] == key, old_value[place]
    same = known & ((stands == value) | (np.isnan(stands) & np.isnan(value)))
    differ = known & ~same
    shown = [_told(table, row, float(stands[row])) for row in np.flatnonzero(differ)[:SHOWN].tolist()]
    return Standing(int(same.sum()), int(differ.sum()), int((~known).sum()), tuple(shown))


@dataclass(frozen=True, slots=True, eq=False)
class _Keys:
    """Numbers points and kinds as they are met; rows of other times than `starts` do not count."""

    points: dict[str, int]
    kinds: dict[str, int]
    starts: Ints

    def of(self, table: pa.Table) -> tuple[Ints, Floats]:
        """Each row's point, kind and start as one number, and its value: NaN where it is not used."""
        point = looked_up(table, "point", lambda text: self.points.setdefault(text, len(self.points)))
        kind = looked_up(table, "kind", lambda text: self.kinds.setdefault(text, len(self.kinds)))
        bad = looked_up(table, "flag", lambda flag: int(flag in UNUSABLE)).astype(np.bool_)
        start = table.column("start").to_numpy()
        value = table.column("value").to_numpy(zero_copy_only=False).astype(np.float64)
        at = np.minimum(np.searchsorted(self.starts, start), len(self.starts) - 1)
        key = (point * KINDS + kind) * len(self.starts) + at
        counts = self.starts[at] == start
        return key[counts], np.where(bad, np.nan, value)[counts]


def _told(table: pa.Table, row: int, stands: float) -> Differing:
    point, kind, start, value = (table.column(n)[row].as_py() for n in ("point", "kind", "start", "value"))
    return Differing(
        point, kind, from_ms(start).isoformat(timespec="minutes"), None if stands != stands else stands, value
    )
