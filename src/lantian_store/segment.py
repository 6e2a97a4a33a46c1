"""The bytes of a journal segment.

Segment file `journal/00000000.seg`: head (magic, number, chain value of the segment before), then records:
    header   magic, lengths of kind, key, area and payload, received_ms, CRC-32 of these
    names    kind, key, area (UTF-8)
    payload
    chain    SHA-256(chain value before + header + names + payload)
A segment is sealed when a later one exists.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from lantian.errors import DataError, StoreError

if TYPE_CHECKING:
    from lantian_store.journal import NewEntry

__all__ = ["GENESIS", "HEAD", "Record", "TornError", "check_head", "first_bytes", "names_of", "pack", "parse"]

HEAD = struct.Struct(">8sI32s")
HEAD_MAGIC = b"LTJRNL1\n"
HEADER = struct.Struct(">4sHHHIqI")
MAGIC = b"LTR1"
DIGEST = 32
GENESIS = bytes(DIGEST)


@dataclass(frozen=True, slots=True)
class Record:
    """One sound record from byte `offset` up to `end`. `payload` is empty when only the names were read."""

    offset: int
    end: int
    names: tuple[str, str, str]
    received_ms: int
    payload: bytes
    chain: bytes


class TornError(Exception):
    """The file ends before the record does."""


def first_bytes(segment: int, chain: bytes) -> bytes:
    """The head of a new segment that goes on from the chain value `chain`."""
    return HEAD.pack(HEAD_MAGIC, segment, chain)


def pack(item: NewEntry, chain: bytes) -> tuple[bytes, bytes]:
    """The bytes of a record and its chain value."""
    names = [text.encode() for text in (item.kind, item.key, item.area)]
    if max(map(len, names)) > 0xFFFF or len(item.payload) > 0xFFFFFFFF:
        raise DataError("too long for the journal", source=item.key)
    fields = (MAGIC, *map(len, names), len(item.payload), item.received_ms)
    header = HEADER.pack(*fields, zlib.crc32(HEADER.pack(*fields, 0)))
    data = b"".join((header, *names, item.payload))
    digest = hashlib.sha256(chain + data).digest()
    return data + digest, digest


def _header(file: BinaryIO, size: int) -> tuple[int, int, tuple[int, int, int, int], int]:
    """Offset, end, lengths and time of the record at the file's place."""
    offset = file.tell()
    raw = file.read(HEADER.size)
    if len(raw) < HEADER.size:
        raise TornError
    magic, kind, key, area, payload, received_ms, crc = HEADER.unpack(raw)
    if magic != MAGIC or crc != zlib.crc32(raw[:-4] + bytes(4)):
        raise StoreError(f"{file.name} at byte {offset}: the record's header is damaged")
    end = offset + HEADER.size + kind + key + area + payload + DIGEST
    if end > size:
        raise TornError
    return offset, end, (kind, key, area, payload), received_ms


def parse(file: BinaryIO, size: int, chain: bytes | None) -> Record:
    """The record at the file's place, checked when the chain value before it is given."""
    offset, end, lengths, received_ms = _header(file, size)
    file.seek(offset)
    data = file.read(end - offset - DIGEST)
    digest = file.read(DIGEST)
    if chain is not None and hashlib.sha256(chain + data).digest() != digest:
        raise StoreError(f"{file.name} at byte {offset}: the record does not match the chain")
    names = data[HEADER.size : len(data) - lengths[3]]
    return Record(offset, end, _split(names, lengths), received_ms, data[len(data) - lengths[3] :], digest)


def names_of(file: BinaryIO, offset: int) -> Iterator[Record]:
    """Records of a sealed segment from `offset`, without payloads and unchecked."""
    size = os.fstat(file.fileno()).st_size
    while offset < size:
        file.seek(offset)
        offset, end, lengths, received_ms = _header(file, size)
        names = file.read(sum(lengths[:3]))
        file.seek(end - DIGEST)
        yield Record(offset, end, _split(names, lengths), received_ms, b"", file.read(DIGEST))
        offset = end


def _split(names: bytes, lengths: tuple[int, int, int, int]) -> tuple[str, str, str]:
    kind, key = lengths[0], lengths[0] + lengths[1]
    return names[:kind].decode(), names[kind:key].decode(), names[key:].decode()


def check_head(file: BinaryIO, segment: int, chain: bytes | None) -> bytes:
    """The chain value that the segment starts from."""
    file.seek(0)
    raw = file.read(HEAD.size)
    if len(raw) == HEAD.size:
        magic, number, before = HEAD.unpack(raw)
        if magic == HEAD_MAGIC and number == segment and chain in (None, before):
            return bytes(before)
    raise StoreError(f"{file.name}: the segment's head does not follow the segment before it")
