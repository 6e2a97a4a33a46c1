"""A batch: the payload of one journal entry of observations, as an Arrow IPC stream.

Columns: point, kind (dictionary strings), start (UTC ms), step_s, value (null = missing), flag (`records.Flag`).
Rows are sorted by point, then start. Equal tables give equal bytes.
"""

from __future__ import annotations

import pyarrow as pa

from lantian.errors import DataError

__all__ = ["BATCH_SCHEMA", "TEXT", "conform", "decode", "encode"]

TEXT = pa.dictionary(pa.int32(), pa.string())
BATCH_SCHEMA = pa.schema(
    [
        pa.field("point", TEXT, nullable=False),
        pa.field("kind", TEXT, nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("step_s", pa.int32(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("flag", TEXT, nullable=False),
    ]
)
_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


def conform(table: pa.Table, schema: pa.Schema = BATCH_SCHEMA, source: str = "") -> pa.Table:
    """`table` with exactly the columns of `schema`, one chunk each. Raises DataError naming column and reason."""
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            raise DataError("column is missing", source=source, field=field.name)
        column = table.column(field.name)
        if column.null_count and not field.nullable:
            raise DataError("column has empty cells", source=source, field=field.name)
        columns.append(_cast(column, field, source))
    return pa.Table.from_arrays(columns, schema=schema)


def _cast(column: pa.ChunkedArray, field: pa.Field, source: str) -> pa.Array:
    try:
        if column.type == field.type:
            column = column.unify_dictionaries() if pa.types.is_dictionary(field.type) else column
        elif field.type == TEXT:
            column = column.cast(pa.string()).dictionary_encode()
        else:
            column = column.cast(field.type)
        array = column.combine_chunks()
    except pa.ArrowInvalid as error:
        raise DataError(str(error).splitlines()[0], source=source, field=field.name) from None
    if isinstance(array, pa.ChunkedArray):  # older pyarrow gives a chunked array back
        array = array.chunk(0) if array.num_chunks else pa.array([], field.type)
    return array


def encode(table: pa.Table) -> bytes:
    """Arrow IPC stream of one record batch. Raises DataError when `table` does not fit BATCH_SCHEMA."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, BATCH_SCHEMA, options=_OPTIONS) as writer:
        writer.write_table(conform(table))
    return bytes(sink.getvalue())


def decode(payload: bytes, source: str = "") -> pa.Table:
    """The table of an encoded batch. Raises DataError naming `source` for bytes that are not a batch."""
    try:
        with pa.ipc.open_stream(payload) as reader:
            table = reader.read_all()
        table.validate(full=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OSError) as error:
        raise DataError(f"not a batch: {str(error).splitlines()[0]}", source=source) from None
    return conform(table, source=source)
