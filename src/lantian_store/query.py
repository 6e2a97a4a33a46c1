"""Questions in SQL: DuckDB in memory over listed Parquet files, read-only, without network or extensions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

__all__ = ["connect"]

_COLUMNS = (
    "NULL::VARCHAR AS point, NULL::VARCHAR AS kind, NULL::BIGINT AS start, NULL::INTEGER AS step_s, "
    "NULL::DOUBLE AS value, NULL::VARCHAR AS flag, NULL::BIGINT AS received_at, NULL::BIGINT AS version, "
    'NULL::INTEGER AS segment, NULL::BIGINT AS "offset"'
)
_NEWEST = "QUALIFY row_number() OVER (PARTITION BY point, kind, start ORDER BY version DESC) = 1"


def connect(
    folder: Path, files: Sequence[Path], threads: int = 1, memory_mb: int = 256
) -> duckdb.DuckDBPyConnection:
    """A connection that sees only `files`, which lie under `folder`.

    Views: `versions` (every stored row) and `observations` (the newest version of each point, kind and start).
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": f"{memory_mb}MB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET allowed_directories = [" + _text(folder) + "]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    if files:
        names = ", ".join(map(_text, files))
        connection.execute(f"CREATE VIEW versions AS SELECT * FROM read_parquet([{names}])")
    else:
        connection.execute(f"CREATE VIEW versions AS SELECT {_COLUMNS} WHERE false")
    connection.execute(f"CREATE VIEW observations AS SELECT * FROM versions {_NEWEST}")
    return connection


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
