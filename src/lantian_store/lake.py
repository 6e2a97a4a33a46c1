"""The lake: typed observations as Parquet, by kind, month (UTC) and bucket of point; sorted by point, kind, start.

Kinds with one row a day are small: their months have one bucket, so that years of them are few files.

File names are the hashes of their bytes, so writing the same span again makes the same files. A row is never
changed: a corrected value is a new row with a higher version, and reading takes the newest.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lantian.errors import StoreError
from lantian_store.batch import BATCH_SCHEMA, conform
from lantian_store.durable import write_whole
from lantian_store.journal import segment_and_offset
from lantian_store.manifest import FileRecord, Manifest

if TYPE_CHECKING:
    import duckdb

__all__ = ["BUCKETS", "DAILY", "LAKE_SCHEMA", "NEWEST", "Lake", "bucket_of", "stamp"]

BUCKETS = 8
DAILY = frozenset(("air_day", "city_day", "emission_day", "forecast"))
"""Kinds with one row a day."""
LAKE_SCHEMA = pa.schema(
    [
        *BATCH_SCHEMA,
        pa.field("received_at", pa.int64(), nullable=False),
        pa.field("version", pa.int64(), nullable=False),
        pa.field("segment", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
    ]
)
_TEXTS = [field.name for field in LAKE_SCHEMA if pa.types.is_dictionary(field.type)]
# Plain text in the file: a row group then holds only the points it has, not the dictionary of the whole batch.
_FILE_SCHEMA = pa.schema(
    [field.with_type(pa.string()) if field.name in _TEXTS else field for field in LAKE_SCHEMA]
)
_ROW_GROUP = 8192
NEWEST = 1 << 62  # above every journal position
_MIN, _MAX = -(1 << 62), 1 << 62
_KEY = ("point", "kind", "start", "version")
_DICTIONARY = ["point", "kind", "flag", "step_s", "received_at", "version", "segment", "offset"]

Ints = np.ndarray[Any, np.dtype[np.int64]]


def bucket_of(point: str, kind: str = "") -> int:
    """The bucket of a point: CRC-32 of its id, modulo BUCKETS, or 0 for a daily kind; never changes."""
    return 0 if kind in DAILY else zlib.crc32(point.encode()) % BUCKETS


def stamp(batch: pa.Table, position: int, received_ms: int) -> pa.Table:
    """The lake rows of one journal entry's batch: its position is their version."""
    segment, offset = segment_and_offset(position)
    values = (received_ms, position, segment, offset)
    table = conform(batch)
    for field, value in zip(list(LAKE_SCHEMA)[-4:], values, strict=True):
        table = table.append_column(field, pa.repeat(pa.scalar(value, field.type), len(table)))
    return table


class Lake:
    """The lake under `home`/lake. One writer (the worker), any number of readers."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "lake"
        self.manifest = Manifest(self.folder)

    def write(self, table: pa.Table, kind: str, span: tuple[int, int]) -> list[FileRecord]:
        """Write LAKE_SCHEMA rows of `kind` from the journal positions `span`; they count after `commit`.

        One file per month and bucket, durable on return. Raises DataError when the table does not fit.
        """
        table = conform(table, LAKE_SCHEMA)
        if not len(table):
            return []
        order, parts = _layout(table, kind)
        table = table if order is None else table.take(order)
        with ThreadPoolExecutor(2) as pool:
            jobs = [
                pool.submit(self._write_part, table.slice(first, end - first), kind, month, bucket, span)
                for month, bucket, first, end in parts
            ]
            return [job.result() for job in jobs]

    def commit(self, records: Iterable[FileRecord]) -> None:
        """List written files in the manifest, durable on return; listing twice is harmless."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.manifest.append(records)

    def read(
        self,
        kind: str,
        points: Sequence[str] | None = None,
        start_ms: int = _MIN,
        end_ms: int = _MAX,
        *,
        upto: int = NEWEST,
        every_version: bool = False,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Rows of `kind` with start in [start_ms, end_ms), of all or the given points, sorted by point, kind, start.

        The newest version of each (point, kind, start) wins; `every_version` gives the older ones too. `upto` hides
        versions above a journal position (the lake as it stood then). Raises StoreError naming an unreadable file.
        """
        names = list(LAKE_SCHEMA.names if columns is None else columns)
        needed = [name for name in LAKE_SCHEMA.names if name in names or name in _KEY]
        wanted = None if points is None else frozenset(points)
        pieces = [
            piece
            for record in self._listed(kind, wanted, start_ms, end_ms, upto)
            for piece in self._read_file(record, wanted, start_ms, end_ms, upto, needed)
        ]
        if not pieces:
            return LAKE_SCHEMA.empty_table().select(names)
        table = pa.concat_tables(pieces).unify_dictionaries().combine_chunks()
        return _newest(table, every_version).select(names)

    def query(self, kind: str, threads: int = 1, memory_mb: int = 256) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection over the files of `kind`; see `query.connect`."""
        from lantian_store import query

        files = [self.folder / record.path for record in self.manifest.records() if record.kind == kind]
        return query.connect(self.folder, files, threads, memory_mb)

    def count(self, kind: str | None = None) -> int:
        """Rows written, of one kind or all, older versions too; a span listed twice counts once."""
        rows = {r.path: r.rows for r in self.manifest.records() if kind is None or r.kind == kind}
        return sum(rows.values())

    def sweep(self) -> list[Path]:
        """Remove files that the manifest does not list (only the worker may); gives what was removed."""
        listed = {self.folder / record.path for record in self.manifest.records()}
        stray = [
            path for path in sorted(self.folder.glob("*/*/*/*")) if path.is_file() and path not in listed
        ]
        for path in stray:
            path.unlink()
        return stray

    def verify(self) -> list[str]:
        """What is wrong: listed files that are missing or whose bytes changed."""
        return [problem for record in self.manifest.records() for problem in self._problems(record)]

    def _problems(self, record: FileRecord) -> Iterator[str]:
        path = self.folder / record.path
        if not path.exists():
            yield f"{record.path}: listed in the manifest, but missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != record.sha256:
            yield f"{record.path}: its bytes are not those that were written"

    def _write_part(
        self, part: pa.Table, kind: str, month: str, bucket: int, span: tuple[int, int]
    ) -> FileRecord:
        sink = pa.BufferOutputStream()
        pq.write_table(
            part.cast(_FILE_SCHEMA),
            sink,
            compression="zstd",
            row_group_size=_ROW_GROUP,
            use_dictionary=_DICTIONARY,
            column_encoding={"start": "DELTA_BINARY_PACKED"},
        )
        data = sink.getvalue()
        digest = hashlib.sha256(data).hexdigest()
        path = f"{kind}/{month}/b{bucket:02d}/{digest}.parquet"
        if not (self.folder / path).exists():
            write_whole(self.folder / path, memoryview(data))
        starts = part.column("start").to_numpy()
        times = int(starts.min()), int(starts.max())
        return FileRecord(kind, path, digest, len(part), data.size, bucket, *times, *span)

    def _listed(
        self, kind: str, points: frozenset[str] | None, start_ms: int, end_ms: int, upto: int
    ) -> Iterator[FileRecord]:
        buckets = range(BUCKETS) if points is None else {bucket_of(point, kind) for point in points}
        for record in self.manifest.records():
            timely = record.min_start < end_ms and record.max_start >= start_ms
            if record.kind == kind and timely and record.bucket in buckets and record.first_position <= upto:
                yield record

    def _read_file(
        self,
        record: FileRecord,
        points: frozenset[str] | None,
        start_ms: int,
        end_ms: int,
        upto: int,
        columns: list[str],
    ) -> Iterator[pa.Table]:
        path = self.folder / record.path
        try:
            metadata, ranges = _footer(str(path))
            groups = [no for no, span in enumerate(ranges) if points is None or _meets(points, span)]
            if not groups:
                return
            with pq.ParquetFile(path, metadata=metadata, memory_map=True, read_dictionary=_TEXTS) as file:
                table = file.read_row_groups(groups, columns=columns, use_threads=points is None)
        except (OSError, pa.ArrowInvalid) as error:
            raise StoreError(f"{record.path}: {str(error).splitlines()[0]}") from None
        start, version = table.column("start").to_numpy(), table.column("version").to_numpy()
        keep = (start >= start_ms) & (start < end_ms) & (version <= upto)
        if points is not None:
            keep &= _is_wanted(table.column("point"), points)
        yield table if keep.all() else table.filter(pa.array(keep))


@lru_cache(maxsize=4096)  # safe to keep: a file's name is its hash
def _footer(path: str) -> tuple[pq.FileMetaData, tuple[tuple[str, str], ...]]:
    """A file's metadata and each row group's first and last point."""
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(no).column(0).statistics for no in range(metadata.num_row_groups)]
    return metadata, tuple((group.min, group.max) for group in groups)


def _meets(points: frozenset[str], span: tuple[str, str]) -> bool:
    return any(span[0] <= point <= span[1] for point in points)


def _is_wanted(column: pa.ChunkedArray, points: frozenset[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    marks = []
    for chunk in column.chunks:
        known = np.fromiter((point in points for point in chunk.dictionary.to_pylist()), np.bool_)
        marks.append(known[chunk.indices.to_numpy()])
    return np.concatenate(marks) if marks else np.zeros(0, np.bool_)


def _ranks(column: pa.ChunkedArray, key: Any = None) -> tuple[Ints, list[str]]:
    """Each row's rank among the column's distinct texts (sorted by `key`), and these texts."""
    array = column.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    texts = array.dictionary.to_pylist()
    distinct = sorted(set(texts), key=key)
    place = {text: rank for rank, text in enumerate(distinct)}
    ranks = np.fromiter((place[text] for text in texts), np.int64, len(texts))
    return ranks[array.indices.to_numpy()], distinct


def _layout(table: pa.Table, kind: str) -> tuple[Ints | None, list[tuple[str, int, int, int]]]:
    """The sorting order (None: sorted already) and the parts as (month, bucket, first row, end row) of it."""
    ranks, points = _ranks(table.column("point"), key=lambda point: (bucket_of(point, kind), point))
    kinds, _ = _ranks(table.column("kind"))
    start = table.column("start").to_numpy()
    version = table.column("version").to_numpy()
    months = start.astype("datetime64[ms]").astype("datetime64[M]")
    buckets = np.fromiter((bucket_of(point, kind) for point in points), np.int64, len(points))[ranks]
    part = (months.astype(np.int64) - int(months.min().astype(np.int64))) * BUCKETS + buckets
    order = _order((part, ranks, kinds, start, version))
    if order is not None:
        part, months, buckets = part[order], months[order], buckets[order]
    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
    return order, [
        (str(months[first]), int(buckets[first]), first, end)
        for first, end in zip(cuts, cuts[1:], strict=False)
    ]


def _order(keys: tuple[Ints, ...]) -> Ints | None:
    """Stable order by `keys`, the first one leading; None when the rows stand in it already.

    The keys are folded into one integer where they fit: sorting it is several times faster than lexsort.
    """
    folded = np.zeros(len(keys[0]), np.int64)
    room = 1
    for key in keys:
        low, high = int(key.min()), int(key.max())
        room *= high - low + 1
        if room >= 1 << 63:
            return np.lexsort(keys[::-1])
        folded = folded * (high - low + 1) + (key - low)
    if np.all(folded[1:] >= folded[:-1]):
        return None
    return np.argsort(folded, kind="stable")


def _newest(table: pa.Table, every_version: bool) -> pa.Table:
    """Rows by point, kind, start, version; of equal (point, kind, start) the last unless `every_version`."""
    if not len(table):
        return table
    keys = (
        _ranks(table.column("point"))[0],
        _ranks(table.column("kind"))[0],
        table.column("start").to_numpy(),
        table.column("version").to_numpy(),
    )
    order = _order(keys)
    sorted_keys = keys if order is None else tuple(key[order] for key in keys)
    compared = sorted_keys if every_version else sorted_keys[:-1]
    last = np.ones(len(table), np.bool_)
    last[:-1] = np.logical_or.reduce([key[1:] != key[:-1] for key in compared])
    if order is None:
        return table if last.all() else table.filter(pa.array(last))
    return table.take(order[last])
