"""Rows of a power batch."""

from __future__ import annotations

import pyarrow as pa
import pytest

from lantian.observe.power import check_power

T0 = 1_796_572_800_000
Row = tuple[str, str, int, int, float | None]
GOOD: list[Row] = [
    ("m1", "power", T0, 900, 5.0),
    ("m1", "power", T0 + 900_000, 900, None),
    ("m2", "power", T0, 900, 0.0),
]


def batch(rows: list[Row]) -> pa.Table:
    point, kind, start, step, value = ([row[no] for row in rows] for no in range(5))
    return pa.table(
        {
            "point": pa.array(point, pa.string()).dictionary_encode(),
            "kind": pa.array(kind, pa.string()).dictionary_encode(),
            "start": pa.array(start, pa.int64()),
            "step_s": pa.array(step, pa.int32()),
            "value": pa.array(value, pa.float64()),
            "flag": pa.array([""] * len(rows), pa.string()).dictionary_encode(),
        }
    )


@pytest.mark.parametrize("rows", [GOOD, []])
def test_good_rows_pass_unchanged(rows: list[Row]) -> None:
    found = check_power(batch(rows), {"m1", "m2"}, "9901")
    assert found.rows.to_pylist() == batch(rows).to_pylist()
    assert (found.problems, found.refused) == ((), 0)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (("m9", "power", T0, 900, 5.0), "point", "unknown point: m9"),
        (("m2", "pm25", T0 + 900_000, 900, 5.0), "kind", "not power"),
        (("m2", "power", T0 + 900_000, 60, 5.0), "step_s", "not 900 seconds"),
        (("m2", "power", T0 + 1, 900, 5.0), "start", "not on a quarter-hour"),
        (("m2", "power", T0 + 900_000, 900, -0.1), "value", "negative"),
        (("m2", "power", T0 + 900_000, 900, float("inf")), "value", "infinite"),
        (("m1", "power", T0, 900, 6.0), "start", "a second row"),
    ],
)
def test_a_bad_row_is_refused_by_name_and_the_rest_kept(row: Row, field: str, reason: str) -> None:
    found = check_power(batch([*GOOD, row]), {"m1", "m2"}, "9901")
    assert found.rows.to_pylist() == batch(GOOD).to_pylist()
    (problem,) = found.problems
    assert (problem.source, problem.row, problem.field, found.refused) == ("9901", 4, field, 1)
    assert problem.reason.startswith(reason)
