"""`lantian evidence verify`: a pack is sound, or the item whose byte was changed is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.lantian_store.rows import stamped
from tests.plays import lantian

from lantian.records import Evidence, Finding, FindingKind, Subject, SubjectKind
from lantian_store.evidence import pack

pytestmark = pytest.mark.slow


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    finding = Finding(
        kind=FindingKind.NOT_STOPPED,
        rule="P2",
        version="1",
        subject=Subject(SubjectKind.LINE, "line"),
        enterprise_id="plant",
        area_id="9001",
        order_id="order",
        unit_start_ms=0,
        first_ms=0,
        last_ms=900_000,
        evidence=Evidence(((0, 900_000),), 80.0, 20.0, "kW", 96, 0, ("m1",)),
    )
    made = pack(
        finding, stamped(["m1"], 1), {"text": "stop"}, {"rule": "P2"}, {"photo.jpg": b"\xff\xd8photo"}
    )
    file = tmp_path / "finding.zip"
    file.write_bytes(made.data)
    return file


def test_a_sound_pack_is_said_to_be_sound(packed: Path) -> None:
    ended = lantian("evidence", "verify", str(packed), "--json")
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said["sound"] is True
    assert said["sha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert said["sha256"] in lantian("evidence", "verify", str(packed)).stdout


def test_a_changed_byte_names_its_item(packed: Path) -> None:
    data = bytearray(packed.read_bytes())
    data[data.index(b"\xff\xd8photo") + 4] ^= 1
    packed.write_bytes(data)
    ended = lantian("evidence", "verify", str(packed))
    assert ended.returncode == 1
    assert "photo.jpg: its bytes were changed" in ended.stderr
    ended = lantian("evidence", "verify", str(packed), "--json")
    assert (ended.returncode, json.loads(ended.stdout)["sound"]) == (1, False)


def test_an_absent_or_foreign_file_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "foreign.zip").write_bytes(b"PK\x03\x04 nothing")
    assert lantian("evidence", "verify", str(tmp_path / "foreign.zip")).returncode == 1
    ended = lantian("evidence", "verify", str(tmp_path / "absent.zip"))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
