"""Which characters a font can draw, read from its `cmap` table (OpenType, formats 4 and 12)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from lantian.errors import StoreError

__all__ = ["characters", "missing"]


def missing(text: Iterable[str], path: str, index: int = 0) -> list[str]:
    """Characters of the text, sorted, that the font has no glyph for; control characters and blanks need none."""
    has = characters(path, index)
    return sorted(c for c in set(text) if c.isprintable() and not c.isspace() and ord(c) not in has)


@lru_cache(maxsize=16)
def characters(path: str, index: int = 0) -> frozenset[int]:
    """Code points of one font of a file (`index` within a collection). StoreError when it cannot be read."""
    data = Path(path).read_bytes()
    try:
        return frozenset(_code_points(data, _cmap(data, index)))
    except (struct.error, KeyError, IndexError) as error:
        raise StoreError(f"font {path}: {error!r}") from error


def _cmap(data: bytes, index: int) -> int:
    """Where the best Unicode subtable begins: format 12 before format 4."""
    base = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    tables = struct.unpack_from(">H", data, base + 4)[0]
    places = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(base + 12, base + 12 + 16 * tables, 16)
    }
    start = places[b"cmap"]
    count = struct.unpack_from(">H", data, start + 2)[0]
    formats: dict[int, int] = {}
    for n in range(count):
        place = start + struct.unpack_from(">I", data, start + 8 + 8 * n)[0]
        formats[struct.unpack_from(">H", data, place)[0]] = place
    return formats[12] if 12 in formats else formats[4]


def _code_points(data: bytes, at: int) -> Iterator[int]:
    if struct.unpack_from(">H", data, at)[0] == 12:
        groups = struct.unpack_from(">I", data, at + 12)[0]
        for first, last, _ in struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * groups]):
            yield from range(first, last + 1)
        return
    double = struct.unpack_from(">H", data, at + 6)[0]
    segments = f">{double // 2}H"
    ends = struct.unpack_from(segments, data, at + 14)
    starts = struct.unpack_from(segments, data, at + 16 + double)
    for first, last in zip(starts, ends, strict=True):
        yield from range(first, last + 1)
