"""Lake rows as arrays: whole local days, marked values out or in by what the mark says."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from lantian.periods import day_start_ms
from lantian.records import Flag, ObservationKind
from lantian_store.batch import conform
from lantian_store.lake import Lake, bucket_of, stamp
from lantian_store.panel import DAY_S, HOUR_S, day_panel, hour_panel

FIRST = date(2026, 12, 7)
START = day_start_ms(FIRST)
HOUR_MS = 3_600_000


def table(*rows: tuple[str, str, int, float | None, str], step_s: int = HOUR_S) -> pa.Table:
    point, kind, start, value, flag = zip(*rows, strict=True)
    columns = {"point": point, "kind": kind, "start": start, "step_s": [step_s] * len(rows), "value": value}
    return conform(pa.table(columns | {"flag": flag}))


def test_hours_stand_in_their_columns() -> None:
    found = hour_panel(
        table(
            ("b", "pm25", START, 1.0, ""),
            ("b", "pm25", START + 25 * HOUR_MS, 2.0, ""),
            ("x", "pm25", START, 9.0, ""),
        ),
        ["a", "b"],
        FIRST,
        FIRST + timedelta(days=1),
    )
    pm25 = found.of(ObservationKind.PM25)
    assert (found.days, pm25.shape) == (2, (2, 48))
    assert np.isnan(pm25[0]).all()
    assert np.flatnonzero(~np.isnan(pm25[1])).tolist() == [0, 25]


def test_what_is_no_measurement_is_missing_and_what_is_doubted_counts() -> None:
    marks = [Flag.OK, Flag.NEGATIVE, Flag.SENTINEL, Flag.OFFLINE, Flag.STUCK, Flag.RANGE, Flag.INCONSISTENT]
    rows = [("a", "co", START + hour * HOUR_MS, 1.0, mark) for hour, mark in enumerate(marks)]
    co = hour_panel(table(*rows), ["a"], FIRST, FIRST).of(ObservationKind.CO)[0]
    assert np.flatnonzero(~np.isnan(co)).tolist() == [0, 4, 5, 6]


def test_days_and_hours_do_not_mix() -> None:
    rows = table(("a", "pm25", START, 50.0, ""), step_s=DAY_S)
    assert hour_panel(rows, ["a"], FIRST, FIRST).values == {}
    assert day_panel(rows, ["a"], FIRST, FIRST).of(ObservationKind.PM25).tolist() == [[50.0]]
    assert day_panel(rows, [], FIRST, FIRST).points == ()
    assert day_panel(rows.slice(0, 0), ["a"], FIRST, FIRST).days == 0


def test_a_month_of_a_daily_kind_is_one_file(tmp_path: object) -> None:
    lake = Lake(tmp_path)  # type: ignore[arg-type]
    rows = table(*[(f"city{n}", "pm25", START, float(n), "") for n in range(30)], step_s=DAY_S)
    records = lake.write(stamp(rows, 64, START), "air_day", (64, 64))
    lake.commit(records)
    assert len(records) == 1
    assert len({bucket_of(f"city{n}") for n in range(30)}) > 1
    assert lake.read("air_day", ["city7"])["value"].to_pylist() == [7.0]
