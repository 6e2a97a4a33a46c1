"""The lake's manifest: an append-only list of its files. What it does not list is rubbish.

One line per file: CRC-32 (8 hex digits), a blank, the record as JSON. A killed writer leaves at most an unfinished
last line, which the next writer cuts and readers ignore; any other bad line is a StoreError naming it.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from lantian.errors import StoreError
from lantian_store.durable import sync_directory
from lantian_store.lock import exclusive

__all__ = ["FileRecord", "Manifest"]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One Parquet file: where, what, its hash, its rows' times (UTC ms, inclusive) and their journal positions."""

    kind: str
    path: str  # relative to the lake
    sha256: str
    rows: int
    size: int
    bucket: int
    min_start: int
    max_start: int
    first_position: int
    last_position: int


class Manifest:
    """`lake`/manifest. Reading is incremental: only new lines are parsed."""

    def __init__(self, lake: Path) -> None:
        self._path = lake / "manifest"
        self._records: dict[str, FileRecord] = {}
        self._read_to = 0
        self._lines = 0

    def records(self) -> tuple[FileRecord, ...]:
        """All listed files in the order of listing."""
        self._catch_up()
        return tuple(self._records.values())

    def append(self, records: Iterable[FileRecord]) -> None:
        """List files, durable on return. A file that is listed already is not listed twice."""
        with exclusive(self._path.with_name("manifest.lock")):
            self._catch_up()
            fresh = {record.path: record for record in records if record.path not in self._records}
            if not fresh:
                return
            born = not self._path.exists()
            with self._path.open("ab") as file:
                file.truncate(self._read_to)
                file.write(b"".join(_line(record) for record in fresh.values()))
                file.flush()
                os.fsync(file.fileno())
            if born:
                sync_directory(self._path.parent)
            self._catch_up()

    def sound_size(self) -> int:
        """Bytes of the manifest that are whole lines."""
        self._catch_up()
        return self._read_to

    def _catch_up(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                record = _record(line, f"{self._path} line {self._lines + 1}")
                self._records[record.path] = record
                self._read_to += len(line)
                self._lines += 1


def _line(record: FileRecord) -> bytes:
    text = json.dumps(asdict(record), separators=(",", ":"), sort_keys=True).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _record(line: bytes, where: str) -> FileRecord:
    text = line[9:-1]
    if line[:9] != b"%08x " % zlib.crc32(text):
        raise StoreError(f"{where}: damaged")
    return FileRecord(**json.loads(text))
