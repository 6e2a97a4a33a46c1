"""Evidence cannot change unseen."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from tests.lantian_store.rows import T0, stamped

from lantian.errors import StoreError
from lantian.records import Evidence, Finding, FindingKind, Subject, SubjectKind
from lantian_store.evidence import EvidenceStore, Pack, pack, verify

FINDING = Finding(
    FindingKind.NOT_STOPPED, "P2", "1", Subject(SubjectKind.LINE, "e0-1"), "e0", "9901", "order-1", T0, T0, T0 + 1800,
    Evidence(((T0, T0 + 1800),), 80.0, 20.0, "kW", 96, 0, ("e0-1-p",)),
)  # fmt: skip


def made() -> Pack:
    order = {"id": "order-1", "text": "停产"}
    return pack(
        FINDING, stamped(["e0-1-p"], 5, slots=2), order, {"rule": "P2"}, {"photo.jpg": b"\xff\xd8photo"}
    )


def test_a_pack_is_whole_readable_and_the_same_each_time() -> None:
    first = made()
    assert verify(first.data) == []
    assert first == made()
    with zipfile.ZipFile(BytesIO(first.data)) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"manifest.json", *first.manifest}
        assert b"e0-1-p" in archive.read("rows.csv")
        assert "停产".encode() in archive.read("order.json")


def test_any_changed_byte_is_seen_and_its_item_named() -> None:
    data = made().data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        spans = []
        for info in archive.infolist():
            begin = info.header_offset + 30 + len(info.filename)
            spans.append((begin, begin + info.file_size, info.filename))
    for no in range(len(data)):
        problems = verify(data[:no] + bytes([data[no] ^ 0x04]) + data[no + 1 :])
        assert problems, f"byte {no} changed unseen"
        for begin, end, name in spans:
            if begin <= no < end:
                assert any(problem.startswith(f"{name}:") for problem in problems), (no, name, problems)


@pytest.mark.parametrize("data", [b"", b"not a zip", made().data[:-10], made().data + b"x"])
def test_other_files_are_no_pack(data: bytes) -> None:
    assert verify(data)


def test_the_store_keeps_bytes_by_their_hash(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    sha256 = store.put(b"bytes")
    assert store.put(b"bytes") == sha256
    assert store.path(sha256) == tmp_path / "evidence" / sha256[:2] / sha256
    assert store.get(sha256) == b"bytes"
    store.path(sha256).write_bytes(b"other")
    with pytest.raises(StoreError, match="were changed"):
        store.get(sha256)
    with pytest.raises(StoreError, match="is missing"):
        store.get("0" * 64)
