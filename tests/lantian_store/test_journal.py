"""Nothing acknowledged is lost, nothing is stored twice, damage is named."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantian.errors import DataError, StoreError
from lantian_store.journal import Journal, NewEntry, segment_and_offset
from lantian_store.segment import HEAD


def item(no: int, payload: bytes = b"payload") -> NewEntry:
    return NewEntry("power", f"key-{no}", "9901", 1000 + no, payload + b"%d" % no)


def keys(home: Path, after: int = -1) -> list[str]:
    return [entry.key for entry in Journal(home).read(after)]


def test_entries_come_back_in_order_with_all_their_fields(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    places = journal.append_many([item(1), NewEntry("clock", "键", "", -5, b"")])
    first, second = journal.read()
    assert (first.kind, first.key, first.area, first.received_ms, first.payload) == (
        "power", "key-1", "9901", 1001, b"payload1",
    )  # fmt: skip
    assert (second.key, second.received_ms, second.payload) == ("键", -5, b"")
    assert [first.position, second.position] == places == sorted(places)
    assert keys(tmp_path, places[0]) == ["键"]
    assert keys(tmp_path, places[1]) == []
    assert journal.verify().entries == 2
    assert journal.verify().head == second.sha256
    assert list(Journal(tmp_path / "new").read()) == []


def test_a_known_key_keeps_its_place_and_writes_nothing(tmp_path: Path) -> None:
    (place,) = Journal(tmp_path).append_many([item(1)])
    size = Journal(tmp_path).segments()[0].stat().st_size
    assert Journal(tmp_path).append_many([item(1), item(1)]) == [place, place]
    assert Journal(tmp_path).segments()[0].stat().st_size == size
    one, two, again = Journal(tmp_path).append_many([item(1), item(2), item(2)])
    assert (one, two) == (place, again)
    found = Journal(tmp_path).find("key-2")
    assert found is not None
    assert found.position == two
    assert Journal(tmp_path).find("key-3") is None


def test_a_known_key_with_other_bytes_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append_many([item(1)])
    with pytest.raises(DataError, match="key-1: the journal holds other bytes"):
        journal.append_many([item(2), item(1, b"other")])
    assert keys(tmp_path) == ["key-1"]


def test_an_append_that_fails_leaves_the_journal_sound(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append_many([item(1)])
    with pytest.raises(DataError, match="too long for the journal"):
        journal.append_many([item(2), NewEntry("power", "x" * 70_000, "", 0, b"")])
    journal.append_many([item(3)])
    assert keys(tmp_path) == ["key-1", "key-3"]
    assert journal.verify().problem is None


@given(st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=8), st.integers(100, 400))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_several_writers_and_segments_store_each_key_once(
    tmp_path_factory: pytest.TempPathFactory, calls: list[list[int]], segment_bytes: int
) -> None:
    home = tmp_path_factory.mktemp("home")
    writers = [Journal(home, segment_bytes), Journal(home, segment_bytes)]
    wanted: dict[str, int] = {}
    for no, call in enumerate(calls):
        for key, place in zip(call, writers[no % 2].append_many(map(item, call)), strict=True):
            assert wanted.setdefault(f"key-{key}", place) == place
    entries = list(Journal(home).read())
    assert {entry.key: entry.position for entry in entries} == wanted
    assert len(entries) == len(wanted)
    for no, entry in enumerate(entries):
        assert keys(home, entry.position) == [later.key for later in entries[no + 1 :]]
    assert Journal(home).verify().problem is None


def test_a_tail_cut_at_any_byte_is_ignored_by_readers_and_cut_by_the_next_writer(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append_many([item(1), item(2)])
    (path,) = journal.segments()
    whole = path.read_bytes()
    start = segment_and_offset(list(journal.read())[-1].position)[1]
    for size in range(start, len(whole)):
        path.write_bytes(whole[:size])
        assert keys(tmp_path) == ["key-1"]
        assert (Journal(tmp_path).verify().torn_bytes, Journal(tmp_path).verify().problem) == (
            size - start,
            None,
        )
        Journal(tmp_path).append_many([item(3)])
        assert keys(tmp_path) == ["key-1", "key-3"]
    path.write_bytes(whole)
    assert keys(tmp_path) == ["key-1", "key-2"]


def test_a_changed_byte_anywhere_is_named_and_never_cut(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    places = journal.append_many([item(1), item(2), item(3)])
    (path,) = journal.segments()
    whole = path.read_bytes()
    offsets = [segment_and_offset(place)[1] for place in places]
    for no in range(len(whole)):
        path.write_bytes(whole[:no] + bytes([whole[no] ^ 1]) + whole[no + 1 :])
        check = Journal(tmp_path).verify()
        before = [offset for offset in offsets if offset <= no]
        assert check.problem is not None
        assert (f"byte {before[-1]}:" if before else "segment's head") in check.problem
        assert check.entries == max(len(before) - 1, 0)
        with pytest.raises(StoreError):
            Journal(tmp_path).append_many([item(4)])
        assert path.stat().st_size == len(whole)


@pytest.mark.parametrize("torn", [0, 1, 60])
def test_a_new_segment_without_a_whole_record_is_followed_only_if_its_head_is_sound(
    tmp_path: Path, torn: int
) -> None:
    Journal(tmp_path, segment_bytes=150).append_many([item(no) for no in range(6)])
    path = Journal(tmp_path).segments()[-1]
    assert path.stem != "00000000"
    whole = path.read_bytes()[: HEAD.size + torn]
    for no in range(HEAD.size):
        path.write_bytes(whole[:no] + bytes([whole[no] ^ 1]) + whole[no + 1 :])
        assert Journal(tmp_path).verify().problem is not None
        with pytest.raises(StoreError, match="head"):
            Journal(tmp_path).append_many([item(7)])
    path.write_bytes(whole)
    Journal(tmp_path).append_many([item(7)])
    assert keys(tmp_path)[-1] == "key-7"
    assert Journal(tmp_path).verify().problem is None


def test_a_sealed_segment_that_ends_early_is_damage(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=150)
    journal.append_many([item(no) for no in range(6)])
    first = journal.segments()[0]
    assert len(journal.segments()) > 1
    first.chmod(0o644)
    whole = first.read_bytes()
    first.write_bytes(whole[:-1])
    assert "ends early" in str(Journal(tmp_path).verify().problem)
    first.write_bytes(whole)
    assert Journal(tmp_path).verify().problem is None
    first.unlink()
    assert Journal(tmp_path).verify().problem is not None


WRITER = """
import sys
from pathlib import Path
from lantian_store.journal import Journal, NewEntry
journal, no = Journal(Path(sys.argv[1]), 20_000), int(sys.argv[2])
while True:
    journal.append_many([NewEntry("power", f"k{no + k}", "a", no, bytes([no % 251]) * 700) for k in range(3)])
    no += 3
    print(no, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9_while_another_process_reads(tmp_path: Path) -> None:
    rng, acknowledged = random.Random(3), 0
    for _ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(acknowledged)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        acknowledged = int(writer.stdout.readline())
        deadline = time.monotonic() + rng.uniform(0.02, 0.1)
        seen = 0
        while time.monotonic() < deadline:
            now = len(keys(tmp_path))
            assert now >= seen
            seen = now
        writer.send_signal(signal.SIGKILL)
        told = writer.stdout.read().split()
        writer.wait()
        acknowledged = int(told[-1]) if told else acknowledged
        stored = keys(tmp_path)
        assert stored == [f"k{no}" for no in range(len(stored))]
        assert len(stored) >= acknowledged
        assert Journal(tmp_path).verify().problem is None
