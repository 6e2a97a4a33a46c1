"""What a file is by its bytes, and when a photo says it was taken."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import DataError
from lantian.verify.proof import IMAGES, MOST_BYTES, SUFFIXES, media_of, taken_at

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def office(*names: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return sink.getvalue()


def exif(order: str, taken: str, zone: str = "") -> bytes:
    """A TIFF body with the original time, and its offset where one is given."""
    mark = {"<": b"II*\x00", ">": b"MM\x00*"}[order]
    text, offset = taken.encode() + b"\x00", zone.encode() + b"\x00" if zone else b""
    count = 2 if zone else 1
    inner = 8 + 2 + 12 + 4
    values = inner + 2 + 12 * count + 4
    body = mark + struct.pack(f"{order}I", 8)
    body += struct.pack(f"{order}HHHII", 1, 0x8769, 4, 1, inner) + bytes(4)
    body += struct.pack(f"{order}H", count)
    body += struct.pack(f"{order}HHII", 0x9003, 2, len(text), values)
    if zone:
        body += struct.pack(f"{order}HHII", 0x9011, 2, len(offset), values + len(text))
    return body + bytes(4) + text + offset


def jpeg(body: bytes = b"") -> bytes:
    head = (
        b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 8) + b"Exif\x00\x00" + body
        if body
        else b"\xff\xd8\xff\xe0"
    )
    return head + b"\xff\xd9"


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (jpeg(), "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", "video/mp4"),
        (b"%PDF-1.7\n", "application/pdf"),
        (office("[Content_Types].xml", "xl/workbook.xml"), SHEET),
        (office("[Content_Types].xml", "word/document.xml"), WORD),
    ],
)
def test_what_is_taken_is_known_by_its_content(data: bytes, media: str) -> None:
    assert media_of(data) == media
    assert media in SUFFIXES


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00",
        b"GIF89a",
        b"PK\x03\x04 no archive",
        b"\x00\x00\x00\x18ftypqt  ",
        office("a.txt"),
        office("xl/workbook.xml", "xl/vbaProject.bin"),
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
)
def test_everything_else_is_refused_by_field(data: bytes) -> None:
    with pytest.raises(DataError) as caught:
        media_of(data)
    assert caught.value.field == "media"


def test_too_large_is_refused_whatever_it_is() -> None:
    most = MOST_BYTES["image/jpeg"]
    assert media_of(jpeg().ljust(most, b"\x00")) == "image/jpeg"
    with pytest.raises(DataError) as caught:
        media_of(jpeg().ljust(most + 1, b"\x00"))
    assert caught.value.field == "size"


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_says_when_it_was_taken_in_the_citys_time(order: str) -> None:
    found = taken_at(jpeg(exif(order, "2026:12:08 09:30:05")))
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 12, 8, 1, 30, 5, tzinfo=UTC)


def test_the_cameras_own_zone_counts() -> None:
    found = taken_at(jpeg(exif("<", "2026:12:08 09:30:05", "-05:00")))
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 12, 8, 14, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize("data", [jpeg(), jpeg(exif("<", "0000:00:00 00:00:00")), b"%PDF-1.4", b""])
def test_nothing_readable_is_no_time(data: bytes) -> None:
    assert taken_at(data) is None


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"Exif\x00\x00II*\x00", b"eXIf", b"EXIF\x00\x00\x00\x00MM\x00*"]),
)
def test_no_bytes_break_the_reader(data: bytes, head: bytes) -> None:
    taken_at(b"\xff\xd8\xff" + head + data)
    with contextlib.suppress(DataError):
        media_of(head + data)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2099, 1, 1)), st.sampled_from("<>"))  # noqa: DTZ001
def test_every_time_comes_back(moment: datetime, order: str) -> None:
    found = taken_at(jpeg(exif(order, f"{moment:%Y:%m:%d %H:%M:%S}")))
    assert found is not None
    assert found.replace(tzinfo=None) == moment.replace(microsecond=0)


def test_only_pictures_are_shown_in_the_page() -> None:
    assert {SUFFIXES[media] for media in IMAGES} == {".jpg", ".png", ".webp"}
