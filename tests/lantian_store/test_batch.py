"""The bytes of a batch."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.lantian_store.rows import batch

from lantian.errors import DataError
from lantian_store.batch import BATCH_SCHEMA, decode, encode


def test_rows_come_back_and_equal_tables_give_equal_bytes() -> None:
    table = batch(["m1", "m2"], value=None)
    split = pa.concat_tables([table.slice(0, 3), table.slice(3)])
    assert decode(encode(table)).to_pylist() == table.to_pylist()
    assert decode(encode(table)).schema == BATCH_SCHEMA
    assert encode(split) == encode(table)
    assert decode(encode(table.slice(0, 0))).num_rows == 0


@pytest.mark.parametrize("payload", [b"", b"PK\x03\x04", encode(batch(["m1"]))[:100], b"{}" * 100])
def test_foreign_bytes_are_refused_by_name(payload: bytes) -> None:
    with pytest.raises(DataError, match=r"^entry 7: not a batch"):
        decode(payload, "entry 7")


def test_a_table_that_does_not_fit_is_refused_by_column() -> None:
    with pytest.raises(DataError, match="field flag: column is missing"):
        encode(batch(["m1"]).drop_columns("flag"))
    text = batch(["m1"]).set_column(4, "value", pa.array(["high"] * 4))
    with pytest.raises(DataError, match="field value"):
        encode(text)
    empty = batch(["m1"]).set_column(0, "point", pa.array([None] * 4, pa.string()))
    with pytest.raises(DataError, match="field point: column has empty cells"):
        encode(empty)
