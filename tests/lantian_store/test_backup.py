"""Backup and restore."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from tests.lantian_store.rows import stamped

from lantian.errors import StoreError
from lantian_store.backup import backup, restore
from lantian_store.evidence import EvidenceStore
from lantian_store.journal import Journal, NewEntry
from lantian_store.lake import Lake

PAPER = hashlib.sha256(b"paper").hexdigest()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with something of everything, and with rubbish that a backup leaves out."""
    home = tmp_path / "home"
    Journal(home, 200).append_many([NewEntry("clock", f"k{no}", "", no, b"{}" * 40) for no in range(5)])
    lake = Lake(home)
    lake.commit(lake.write(stamped(["m1", "m2"], 1), "power", (1, 1)))
    lake.write(stamped(["m9"], 2), "power", (2, 2))
    EvidenceStore(home).put(b"photo")
    paper = home / "papers" / PAPER[:2] / PAPER
    paper.parent.mkdir(parents=True)
    paper.write_bytes(b"paper")
    (home / "city" / "truth").mkdir(parents=True)
    (home / "city" / "truth" / "0.jsonl").write_text("{}")
    (home / "city" / "truth" / "1.jsonl.99.tmp").write_text("torn")
    (home / "secret.key").write_text("key")
    (home / "worker.lock").write_text("99")
    with Journal(home).segments()[-1].open("ab") as file:
        file.write(b"LTR1 torn")
    with (lake.folder / "manifest").open("ab") as file:
        file.write(b"torn")
    (tmp_path / "registry.sqlite3").write_bytes(b"snapshot")
    return home


def test_a_restored_home_holds_what_was_acknowledged(home: Path, tmp_path: Path) -> None:
    items = backup(home, tmp_path / "registry.sqlite3", tmp_path / "b.tar.zst")
    new = tmp_path / "new"
    assert restore(tmp_path / "b.tar.zst", new) == items
    assert (new / "registry.sqlite3").read_bytes() == b"snapshot"
    assert list(Journal(new).read()) == list(Journal(home).read())
    assert Journal(new).verify().torn_bytes == 0
    assert Lake(new).read("power").to_pylist() == Lake(home).read("power").to_pylist()
    assert Lake(new).sweep() == Lake(new).verify() == []
    assert len(list((new / "evidence").glob("*/*"))) == 1
    assert (new / "papers" / PAPER[:2] / PAPER).read_bytes() == b"paper"
    assert [path.name for path in (new / "city" / "truth").iterdir()] == ["0.jsonl"]
    assert (new / "secret.key").read_text() == "key"
    assert (new / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "b.tar.zst").stat().st_mode & 0o777 == 0o600
    assert not (new / "worker.lock").exists()
    Journal(new).append_many([NewEntry("clock", "more", "", 9, b"{}")])


def test_a_home_in_use_is_left_alone(home: Path, tmp_path: Path) -> None:
    backup(home, tmp_path / "registry.sqlite3", tmp_path / "b.tar.zst")
    used = tmp_path / "used"
    used.mkdir()
    (used / "file").write_text("mine")
    with pytest.raises(StoreError, match="not empty"):
        restore(tmp_path / "b.tar.zst", used)
    assert [path.name for path in used.iterdir()] == ["file"]
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "b.tar.zst", tmp_path / "empty")


def test_a_damaged_archive_is_refused_and_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "b.tar.zst"
    backup(home, tmp_path / "registry.sqlite3", archive)
    whole = archive.read_bytes()
    damaged = [whole[: len(whole) // 2], whole[:-1], whole + b"0", b"", b"foreign bytes"]
    damaged += [whole[:no] + bytes([whole[no] ^ 0x10]) + whole[no + 1 :] for no in range(0, len(whole), 53)]
    before = sorted(path.name for path in tmp_path.iterdir())
    for data in damaged:
        archive.write_bytes(data)
        with pytest.raises(StoreError):
            restore(archive, tmp_path / "new")
        assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_one_damaged_byte_names_its_file(home: Path, tmp_path: Path) -> None:
    noise = os.urandom(1 << 16)  # is kept as it is by the compression
    name = hashlib.sha256(noise).hexdigest()
    EvidenceStore(home).put(noise)
    archive = tmp_path / "b.tar.zst"
    backup(home, tmp_path / "registry.sqlite3", archive)
    whole = bytearray(archive.read_bytes())
    whole[whole.index(noise[1000:1032])] ^= 1
    archive.write_bytes(whole)
    with pytest.raises(StoreError, match=f"evidence/{name[:2]}/{name}: .*damaged"):
        restore(archive, tmp_path / "new")


def test_a_paper_that_is_not_what_its_name_says_gives_no_backup(home: Path, tmp_path: Path) -> None:
    registry, archive = tmp_path / "registry.sqlite3", tmp_path / "b.tar.zst"
    paper = f"papers/{PAPER[:2]}/{PAPER}"
    backup(home, registry, archive, [paper])
    archive.unlink()
    (home / paper).write_bytes(b"forged")
    with pytest.raises(StoreError, match=f"{paper}: its bytes are not those"):
        backup(home, registry, archive, [paper])
    (home / paper).unlink()
    with pytest.raises(StoreError, match=f"{paper}: named in the registry, but missing"):
        backup(home, registry, archive, [paper])
    assert not archive.exists()


def test_a_damaged_home_gives_no_backup(home: Path, tmp_path: Path) -> None:
    record = Lake(home).manifest.records()[0]
    path = home / "lake" / record.path
    path.write_bytes(b"x" * record.size)
    with pytest.raises(StoreError, match="not those that were written"):
        backup(home, tmp_path / "registry.sqlite3", tmp_path / "b.tar.zst")
    path.unlink()
    with pytest.raises(StoreError, match="missing"):
        backup(home, tmp_path / "registry.sqlite3", tmp_path / "b.tar.zst")
    assert not (tmp_path / "b.tar.zst").exists()
