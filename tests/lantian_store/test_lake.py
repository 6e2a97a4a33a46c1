"""Reading the lake: the newest version, all versions, the lake as it stood, and repeated spans."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from tests.lantian_store.rows import HOUR, SLOT, T0, batch, stamped

from lantian.errors import StoreError
from lantian_store.lake import BUCKETS, LAKE_SCHEMA, Lake, bucket_of
from lantian_store.manifest import Manifest

POINTS = [f"m{no}" for no in range(40)]


def put(lake: Lake, table: pa.Table, kind: str = "power") -> None:
    versions = table.column("version").to_pylist()
    lake.commit(lake.write(table, kind, (min(versions), max(versions))))


def values(table: pa.Table) -> list[float | None]:
    found: list[float | None] = table.column("value").to_pylist()
    return found


def test_rows_come_back_sorted_with_every_column(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    table = stamped(POINTS, 7 << 40 | 5)
    put(lake, table.take(list(reversed(range(len(table))))))
    found = lake.read("power")
    assert found.schema == LAKE_SCHEMA
    assert found.to_pylist() == table.to_pylist()
    assert found.column("segment").to_pylist()[0] == 7
    assert found.column("offset").to_pylist()[0] == 5


def test_files_lie_by_month_and_bucket(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    month_end = T0 - 136 * HOUR  # 2026-12-01 00:00 UTC
    put(lake, stamped(POINTS, 1, start=month_end - SLOT, slots=2))
    records = lake.manifest.records()
    assert {record.path.split("/")[1] for record in records} == {"2026-11", "2026-12"}
    assert {record.bucket for record in records} == set(map(bucket_of, POINTS)) == set(range(BUCKETS))
    assert sum(record.rows for record in records) == 80
    assert bucket_of("reh-e0001-1-p") == 0  # must never change


def test_points_and_times_choose_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, stamped(POINTS, 1))
    found = lake.read("power", ["m7", "m3", "other"], T0 + SLOT, T0 + 3 * SLOT, columns=["point", "value"])
    assert found.to_pylist() == [
        {"point": point, "value": value} for point in ("m3", "m7") for value in (2.0, 3.0)
    ]
    assert lake.read("power", []).num_rows == 0
    assert lake.read("air").num_rows == 0


def test_the_newest_version_wins_and_older_ones_stay(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, stamped(["m1"], 10))
    put(lake, stamped(["m1"], 30, start=T0 + SLOT, slots=1, value=None))
    put(lake, stamped(["m1"], 20, start=T0 + SLOT, slots=2, value=50.0))  # late: older than what is there
    assert values(lake.read("power")) == [1.0, None, 51.0, 4.0]
    assert values(lake.read("power", upto=29)) == [1.0, 50.0, 51.0, 4.0]
    assert values(lake.read("power", upto=19)) == [1.0, 2.0, 3.0, 4.0]
    every = lake.read("power", ["m1"], every_version=True)
    assert every.column("version").to_pylist() == [10, 10, 20, 30, 10, 20, 10]


def test_the_same_span_twice_reads_as_once(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    table = stamped(POINTS, 10)
    put(lake, table)
    listed = lake.manifest.records()
    put(Lake(tmp_path), table)
    assert lake.manifest.records() == listed
    put(lake, pa.concat_tables([table, stamped(["m0"], 11, start=T0 + HOUR)]))  # other files, rows repeated
    assert len(lake.manifest.records()) > len(listed)
    assert lake.read("power", end_ms=T0 + HOUR).to_pylist() == table.to_pylist()
    assert lake.read("power", every_version=True).num_rows == len(table) + 4


def test_kinds_of_one_point_are_apart(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    pm25 = stamped(["s1"], 1).set_column(1, "kind", pa.array(["pm25"] * 4))
    so2 = stamped(["s1"], 1).set_column(1, "kind", pa.array(["so2"] * 4))
    put(lake, pa.concat_tables([so2.cast(pm25.schema), pm25]), "air")
    assert lake.read("air").column("kind").to_pylist() == ["pm25"] * 4 + ["so2"] * 4


def test_unlisted_files_are_rubbish(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, stamped(["m1"], 1))
    stray = lake.write(stamped(["m1"], 2, value=9.0), "power", (2, 2))
    assert values(lake.read("power")) == [1.0, 2.0, 3.0, 4.0]
    assert lake.sweep() == [lake.folder / record.path for record in stray]
    assert lake.sweep() == lake.verify() == []
    assert lake.write(stamped([], 2), "power", (2, 2)) == []


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, stamped(["m1"], 1))
    (record,) = lake.manifest.records()
    path = lake.folder / record.path
    data = path.read_bytes()
    path.write_bytes(data[:200] + b"x" + data[201:])
    assert lake.verify() == [f"{record.path}: its bytes are not those that were written"]
    path.unlink()
    assert lake.verify() == [f"{record.path}: listed in the manifest, but missing"]
    with pytest.raises(StoreError, match=path.name):
        lake.read("power")


def test_sql_sees_the_newest_rows_and_nothing_else(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert lake.query("power").execute("SELECT count(*) FROM observations").fetchone() == (0,)
    put(lake, stamped(["m1"], 10))
    put(lake, stamped(["m1"], 20, value=100.0))
    lake.write(stamped(["m9"], 30), "power", (30, 30))
    connection = lake.query("power")
    assert connection.execute("SELECT sum(value), count(*) FROM observations").fetchone() == (406.0, 4)
    assert connection.execute("SELECT count(*) FROM versions").fetchone() == (8,)
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for statement in (f"SELECT * FROM '{secret}'", "INSTALL httpfs", "SET threads = 8"):
        with pytest.raises(Exception, match=r"disabled|locked|not allowed"):
            connection.execute(statement)


def test_a_manifest_line_cut_short_is_ignored_and_cut_by_the_next_writer(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(lake, stamped(["m1"], 1))
    path = lake.folder / "manifest"
    first = path.read_bytes()
    put(lake, stamped(["m2"], 2))
    whole = path.read_bytes()
    second = lake.manifest.records()[1]
    for size in range(len(first), len(whole)):
        path.write_bytes(whole[:size])
        manifest = Manifest(lake.folder)
        assert len(manifest.records()) == 1
        assert manifest.sound_size() == len(first)
        manifest.append([second])
        assert path.read_bytes() == whole
    path.write_bytes(whole[:20] + b"#" + whole[21:])
    with pytest.raises(StoreError, match="manifest line 1: damaged"):
        Manifest(lake.folder).records()


def test_batches_must_be_whole(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="received_at: column is missing"):
        Lake(tmp_path).write(batch(["m1"]), "power", (1, 1))
