"""Evidence: files kept under the hash of their bytes, and packs that anyone can check offline.

A pack is a plain zip (stored, fixed dates, fixed order): finding, rows, order, rule, further items, and
`manifest.json` with the SHA-256 of each. Equal contents give equal bytes, so any changed byte shows.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from lantian.errors import StoreError
from lantian.records import Finding
from lantian_store.durable import write_whole

__all__ = ["EvidenceStore", "Pack", "pack", "verify"]

MANIFEST = "manifest.json"
_FORMAT = "lantian-evidence-1"
_DATE = (1980, 1, 1, 0, 0, 0)


class EvidenceStore:
    """Files under `home`/evidence/<aa>/<sha256>. Nothing is ever changed or written twice."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "evidence"

    def put(self, data: bytes) -> str:
        """Keep `data`, durable on return; gives its SHA-256 (hex)."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.path(sha256).exists():
            write_whole(self.path(sha256), data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises StoreError when they are missing or are not what they were."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise StoreError(f"evidence {sha256} is missing") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreError(f"evidence {sha256}: its bytes were changed")
        return data

    def path(self, sha256: str) -> Path:
        """Where the file with this hash is."""
        return self.folder / sha256[:2] / sha256


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack: its bytes, their SHA-256 (hex), and its manifest {item: sha256}."""

    data: bytes
    sha256: str
    manifest: Mapping[str, str]


def pack(
    finding: Finding,
    rows: pa.Table,
    order: Mapping[str, Any],
    rule: Mapping[str, Any],
    further: Mapping[str, bytes] | None = None,
) -> Pack:
    """Bind what shows a finding into one file. `rows` are the lake rows, `further` more items by name."""
    items = {
        "finding.json": _json({"id": finding.id, **asdict(finding)}),
        "rows.csv": _csv(rows),
        "order.json": _json(order),
        "rule.json": _json(rule),
        **(further or {}),
    }
    manifest = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(items.items())}
    head = _json({"format": _FORMAT, "finding": finding.id, "items": manifest})
    data = _zip({MANIFEST: head, **dict(sorted(items.items()))})
    return Pack(data, hashlib.sha256(data).hexdigest(), manifest)


def verify(data: bytes) -> list[str]:
    """What is wrong with a pack, naming each item whose bytes changed; empty when nothing is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            found = {name: _stored(data, info) for name, info in infos.items()}
    except (zipfile.BadZipFile, ValueError, OverflowError, OSError, EOFError, NotImplementedError) as error:
        return [f"not a readable pack: {error}"]
    damaged = [name for name, info in infos.items() if zlib.crc32(found[name]) != info.CRC]
    try:
        listed: dict[str, str] = json.loads(found[MANIFEST])["items"]
    except (KeyError, ValueError, TypeError, AttributeError):
        return [
            f"{MANIFEST}: missing or damaged",
            *(f"{name}: damaged" for name in damaged if name != MANIFEST),
        ]
    problems = [f"{MANIFEST}: its bytes were changed"] if MANIFEST in damaged else []
    problems += [f"{name}: missing" for name in listed if name not in found]
    problems += [
        f"{name}: not listed in the manifest" for name in found if name not in listed and name != MANIFEST
    ]
    problems += [
        f"{name}: its bytes were changed"
        for name, sha256 in listed.items()
        if name in found and hashlib.sha256(found[name]).hexdigest() != sha256
    ]
    if (
        not problems
        and _zip({MANIFEST: found[MANIFEST], **{name: found[name] for name in sorted(listed)}}) != data
    ):
        problems = ["the container: bytes outside the items were changed"]
    return problems


def _stored(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """An item's bytes, without zipfile's own check, which would stop at the first damaged item."""
    names = data[info.header_offset + 26 : info.header_offset + 30]
    begin = (
        info.header_offset + 30 + int.from_bytes(names[:2], "little") + int.from_bytes(names[2:], "little")
    )
    return data[begin : begin + info.file_size]


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=str).encode() + b"\n"


def _csv(rows: pa.Table) -> bytes:
    plain = [
        pa.field(field.name, pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in rows.schema
    ]
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(rows.cast(pa.schema(plain)), sink)
    return bytes(sink.getvalue())


def _zip(items: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, data in items.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 3
            archive.writestr(info, data)
    return sink.getvalue()
