"""Results on stdout: one JSON document, or a table for the eye."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["emit", "show_table"]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")


def emit(document: Any) -> None:
    """Print `document` as JSON, all that `--json` puts on stdout. Decimals become text, days and times ISO 8601."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def show_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, err: bool = False
) -> None:
    """Print `rows` under `columns`, on stderr if `err`; an absent value shows as an empty cell."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(stderr=err).print(table)
