"""What a file handed in as proof is, by its bytes and never by its name, and when a photo was taken."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import datetime

from lantian.errors import DataError
from lantian.periods import CITY_TZ

__all__ = ["IMAGES", "MOST_BYTES", "SUFFIXES", "Media", "media_of", "taken_at"]

Media = str
"""A media type, as served."""

JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
PDF, MP4 = "application/pdf", "video/mp4"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

IMAGES = frozenset({JPEG, PNG, WEBP})
"""Pictures that every browser shows."""

_MB = 1 << 20
MOST_BYTES = {
    JPEG: 15 * _MB,
    PNG: 15 * _MB,
    WEBP: 15 * _MB,
    HEIC: 15 * _MB,
    PDF: 30 * _MB,
    XLSX: 15 * _MB,
    DOCX: 15 * _MB,
    MP4: 60 * _MB,
}
"""Everything that is taken, and its largest size."""

SUFFIXES = {
    JPEG: ".jpg",
    PNG: ".png",
    WEBP: ".webp",
    HEIC: ".heic",
    PDF: ".pdf",
    XLSX: ".xlsx",
    DOCX: ".docx",
    MP4: ".mp4",
}

_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), HEIC),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"), MP4),
    **dict.fromkeys((b"M4V ", b"3gp4", b"3gp5", b"MSNV", b"mmp4"), MP4),
}
_OFFICE = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}
_MACROS = "vbaproject.bin"
_EXIF = b"Exif\x00\x00"
_POINTER, _TAKEN, _OFFSET = 0x8769, 0x9003, 0x9011
_FORMAT = "%Y:%m:%d %H:%M:%S"
_FIELDS, _NEAR = 512, 65_536  # fields of a directory read at most; how far behind its head a value lies


def media_of(data: bytes) -> Media:
    """The media type by content. DataError when it is none that is taken, is too large or holds macros."""
    found = _kind(data)
    if not found:
        raise DataError("only photos, PDF, Excel, Word and MP4 are taken", field="media")
    if len(data) > MOST_BYTES[found]:
        raise DataError(f"larger than {MOST_BYTES[found] // _MB} MB", field="size")
    return found


def _kind(data: bytes) -> Media:
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"%PDF-"):
        return PDF
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "")
    return _office(data) if data.startswith(b"PK\x03\x04") else ""


def _office(data: bytes) -> Media:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        return ""
    if any(name.lower().endswith(_MACROS) for name in names):
        raise DataError("a file with macros is not taken", field="media")
    return next((media for name, media in _OFFICE.items() if name in names), "")


def taken_at(data: bytes) -> datetime | None:
    """When the camera says it was taken, None where it says nothing readable. A time without its zone is the city's.

    It is what the camera's clock said, no more: the time of handing in is the one that counts.
    """
    start = data.find(_EXIF)
    head = start + len(_EXIF) if start >= 0 else _chunk(data)
    if head < 0:
        return None
    body = memoryview(data)[head : head + _NEAR]
    order = {b"II": "<", b"MM": ">"}.get(bytes(body[:2]), "")
    if not order:
        return None
    try:
        return _moment(body, order)
    except (struct.error, ValueError, OverflowError):
        return None


def _chunk(data: bytes) -> int:
    """Where EXIF stands in a PNG or WebP, which need not name it twice."""
    for mark in (b"eXIf", b"EXIF"):
        at = data.find(mark)
        if at >= 0:
            return at + (4 if mark == b"eXIf" else 8)
    return -1


def _moment(body: memoryview, order: str) -> datetime | None:
    first = struct.unpack_from(f"{order}I", body, 4)[0]
    inner = _entries(body, order, first).get(_POINTER)
    if inner is None:
        return None
    fields = _entries(body, order, struct.unpack(f"{order}I", inner[1])[0])
    text = _text(body, order, fields.get(_TAKEN))
    if not text:
        return None
    zone = _text(body, order, fields.get(_OFFSET))
    if zone:
        return datetime.strptime(f"{text} {zone}", f"{_FORMAT} %z")
    return datetime.strptime(text, _FORMAT).replace(tzinfo=CITY_TZ)


def _entries(body: memoryview, order: str, at: int) -> dict[int, tuple[int, bytes]]:
    """Fields of one directory: how many values each has, and its value or where that stands."""
    (count,) = struct.unpack_from(f"{order}H", body, at)
    found = {}
    for nth in range(min(count, _FIELDS)):
        tag, _kind_of, number = struct.unpack_from(f"{order}HHI", body, at + 2 + 12 * nth)
        found[tag] = (number, bytes(body[at + 10 + 12 * nth : at + 14 + 12 * nth]))
    return found


def _text(body: memoryview, order: str, entry: tuple[int, bytes] | None) -> str:
    if entry is None:
        return ""
    number, value = entry
    if number > 4:
        (at,) = struct.unpack(f"{order}I", value)
        value = bytes(body[at : at + number])
    return value.split(b"\x00")[0].decode("ascii", "replace").strip()
