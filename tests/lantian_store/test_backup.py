"""Backup and restore."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.lantian_store.rows import stamped

from lantian.errors import StoreError
from lantian_store.backup import backup, restore
from lantian_store.evidence import EvidenceStore
from lantian_store.journal import Journal, NewEntry
from lantian_store.lake import Lake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with something of everything, and with rubbish that a backup leaves out."""
    home = tmp_path / "home"
    Journal(home, 200).append_many([NewEntry("clock", f"k{no}", "", no, b"{}" * 40) for no in range(5)])
    lake = Lake(home)
    lake.commit(lake.write(stamped(["m1", "m2"], 1), "power", (1, 1)))
    lake.write(stamped(["m9"], 2), "power", (2, 2))
    EvidenceStore(home).put(b"photo")
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


def test_a_damaged_archive_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "b.tar.zst"
    backup(home, tmp_path / "registry.sqlite3", archive)
    whole = archive.read_bytes()
    damaged = [whole[: len(whole) // 2], b"", b"foreign bytes"]
    damaged += [
        whole[:no] + bytes([whole[no] ^ 0x10]) + whole[no + 1 :] for no in range(0, len(whole) - 20, 97)
    ]
    for data in damaged:
        archive.write_bytes(data)
        try:
            restore(archive, tmp_path / "new")
        except StoreError:
            assert sorted(path.name for path in tmp_path.iterdir()) == [
                "b.tar.zst",
                "home",
                "registry.sqlite3",
            ]
        else:  # a byte that carries nothing (tar padding): then every hash was right
            assert list(Journal(tmp_path / "new").read()) == list(Journal(home).read())
            shutil.rmtree(tmp_path / "new")


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
