"""The journal: raw batches as received, append-only, SHA-256 chained, acknowledged only after fsync.

`position = segment << 40 | offset` orders all entries; the format is `segment.py`.

Torn or damaged? A killed writer leaves the first bytes of a record at the end of the last segment: it was never
acknowledged, the next writer cuts it, readers stop before it. Every other unsound record (a whole one with a wrong
sum, or one in a sealed segment) is damage: nothing is cut or guessed, StoreError names it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lantian.errors import DataError, StoreError
from lantian_store.durable import write_whole
from lantian_store.lock import exclusive
from lantian_store.segment import (
    GENESIS,
    HEAD,
    Record,
    TornError,
    check_head,
    first_bytes,
    names_of,
    pack,
    parse,
)

__all__ = ["Entry", "Journal", "JournalCheck", "NewEntry", "segment_and_offset"]

_OFFSET_BITS = 40
SEGMENT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One entry to append. `key` is the sender's name for it: the same key is stored once."""

    kind: str
    key: str
    area: str
    received_ms: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored entry. `sha256` is the chain value (hex): it stands for this entry and all before it."""

    position: int
    kind: str
    key: str
    area: str
    received_ms: int
    payload: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """Result of `Journal.verify`: `problem` names the first bad record; `torn_bytes` were never acknowledged."""

    entries: int
    head: str
    torn_bytes: int
    problem: str | None


def segment_and_offset(position: int) -> tuple[int, int]:
    """The two halves of a position."""
    return position >> _OFFSET_BITS, position & ((1 << _OFFSET_BITS) - 1)


class Journal:
    """The journal under `home`/journal. Any number of readers and writers, in any processes; writers take turns."""

    def __init__(self, home: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = home / "journal"
        self._segment_bytes = segment_bytes
        self._forget()

    def _forget(self) -> None:
        """Know nothing of the journal; the next append learns it again."""
        self._positions: dict[str, int] = {}
        self._segment, self._end, self._chain = 0, HEAD.size, GENESIS  # as far as this writer has caught up

    def append_many(self, items: Iterable[NewEntry]) -> list[int]:
        """Store `items` in order with one fsync and give their positions; returns when they are on the disk.

        A key that is stored already gives its old position and writes nothing. Raises DataError if it comes with
        other bytes (a correction needs a key of its own), StoreError on a damaged journal.
        """
        wanted = list(items)
        with exclusive(self._folder / "lock"):
            self._catch_up()
            known = [self._known(item) for item in wanted]
            if None not in known:
                return [place for place in known if place is not None]
            try:
                return self._write(wanted)
            except BaseException:  # a full disk, say: what this writer believes may not be what was written
                self._forget()
                raise

    def read(self, after: int = -1) -> Iterator[Entry]:
        """Entries behind position `after`, oldest first, each checked against the chain and durable when given.

        Stops quietly at an unfinished tail. Raises StoreError naming the first bad record.
        """
        for segment, record in self._sound(after):
            yield _entry(segment, record)

    def find(self, key: str) -> Entry | None:
        """The entry stored under `key`."""
        with exclusive(self._folder / "lock"):
            self._catch_up()
        position = self._positions.get(key)
        return None if position is None else self._at(position)

    def verify(self) -> JournalCheck:
        """Check every byte of every segment against the chain."""
        entries, head = 0, GENESIS
        try:
            for _, record in self._sound(-1):
                entries, head = entries + 1, record.chain
            torn = sum(path.stat().st_size - size for path, size in self.sound_sizes().items())
        except StoreError as error:
            return JournalCheck(entries, head.hex(), 0, str(error))
        return JournalCheck(entries, head.hex(), torn, None)

    def segments(self) -> list[Path]:
        """Segment files, oldest first; all but the last are sealed."""
        return sorted(self._folder.glob("*.seg"))

    def sound_sizes(self) -> dict[Path, int]:
        """Every segment with the number of its bytes that are whole records. Raises StoreError on damage."""
        sizes = {path: path.stat().st_size for path in self.segments()}
        if sizes:
            last = max(sizes)
            sizes[last] = HEAD.size
            for _, record in self._sound(int(last.stem) << _OFFSET_BITS):
                sizes[last] = record.end
        return sizes

    # Reading ------------------------------------------------------------------------------------------------------

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:08d}.seg"

    def _last(self) -> int:
        segments = self.segments()
        return int(segments[-1].stem) if segments else -1

    def _open(self, segment: int) -> BinaryIO:
        try:
            return self._path(segment).open("rb")
        except FileNotFoundError:
            raise StoreError(f"{self._path(segment)}: the segment is missing") from None

    def _sound(self, after: int) -> Iterator[tuple[int, Record]]:
        """Records behind `after` with their segment; the chain is carried from segment to segment."""
        segment, offset = segment_and_offset(max(after, 0))
        chain = GENESIS if segment == 0 else None
        if offset:
            start = self._record_at(after)
            offset, chain = start.end, start.chain
        last = self._last()
        while segment <= last:
            with self._open(segment) as file:
                size = os.fstat(file.fileno()).st_size
                os.fsync(file.fileno())  # what is handed out must outlive a power cut
                if not offset:
                    chain = check_head(file, segment, chain)
                file.seek(offset or HEAD.size)
                try:
                    while file.tell() < size:
                        record = parse(file, size, chain)
                        chain = record.chain
                        yield segment, record
                except TornError:
                    if segment < last:
                        raise StoreError(
                            f"{file.name} at byte {file.tell()}: a sealed segment ends early"
                        ) from None
                    return
            segment, offset = segment + 1, 0

    def _record_at(self, position: int) -> Record:
        segment, offset = segment_and_offset(position)
        try:
            with self._path(segment).open("rb") as file:
                file.seek(offset)
                return parse(file, os.fstat(file.fileno()).st_size, None)
        except (FileNotFoundError, TornError):
            raise StoreError(f"the journal has no entry at position {position}") from None

    def _at(self, position: int) -> Entry:
        return _entry(segment_and_offset(position)[0], self._record_at(position))

    # Writing ------------------------------------------------------------------------------------------------------

    def _known(self, item: NewEntry) -> int | None:
        position = self._positions.get(item.key)
        if position is not None and self._at(position).payload != item.payload:
            raise DataError("the journal holds other bytes under this key", source=item.key)
        return position

    def _catch_up(self) -> None:
        """Learn what other writers stored since, and cut what a killed one left unfinished."""
        if not self.segments():
            write_whole(self._path(0), first_bytes(0, GENESIS))
        last = self._last()
        while self._segment < last:  # sealed: their names are enough, `verify` checks the rest
            with self._open(self._segment) as file:
                self._learn(names_of(file, self._end))
            self._segment, self._end = self._segment + 1, HEAD.size
        with self._path(last).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if self._end == HEAD.size:  # no record of it is known yet: the head follows the segment before
                self._chain = check_head(file, last, self._chain)
        if size > self._end:
            self._learn(record for _, record in self._sound(self._last_position(last)))
            os.truncate(self._path(last), self._end)

    def _last_position(self, segment: int) -> int:
        newest = max(self._positions.values(), default=0)
        return max(newest, segment << _OFFSET_BITS)

    def _learn(self, records: Iterable[Record]) -> None:
        for record in records:
            self._positions[record.names[1]] = self._segment << _OFFSET_BITS | record.offset
            self._end, self._chain = record.end, record.chain

    def _write(self, items: list[NewEntry]) -> list[int]:
        fresh: dict[str, int] = {}
        waiting: list[bytes] = []
        places, size = [], 0
        for item in items:
            place = self._positions.get(item.key, fresh.get(item.key))
            if place is None:
                if self._end + size >= self._segment_bytes:
                    self._flush(waiting)
                    waiting, size = [], 0
                    self._next_segment()
                place = fresh[item.key] = self._segment << _OFFSET_BITS | (self._end + size)
                record, self._chain = pack(item, self._chain)
                waiting.append(record)
                size += len(record)
            places.append(place)
        self._flush(waiting)
        self._positions |= fresh
        return places

    def _flush(self, records: list[bytes]) -> None:
        data = memoryview(b"".join(records))
        handle = os.open(self._path(self._segment), os.O_WRONLY)
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(handle, data[written:], self._end + written)
            os.fsync(handle)
        finally:
            os.close(handle)
        self._end += len(data)

    def _next_segment(self) -> None:
        self._path(self._segment).chmod(0o444)
        self._segment += 1
        write_whole(self._path(self._segment), first_bytes(self._segment, self._chain))
        self._end = HEAD.size


def _entry(segment: int, record: Record) -> Entry:
    position = segment << _OFFSET_BITS | record.offset
    return Entry(position, *record.names, record.received_ms, record.payload, record.chain.hex())
