"""`lantian standards`: which tables and editions there are, what is in force on a day, what nobody has verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import typer

from lantian import standards as library
from lantian_cli.output import emit, show_table

__all__ = ["standards"]


def _show_catalog(on: date | None, as_json: bool) -> None:
    infos = library.catalog(on)
    if as_json:
        emit([asdict(info) for info in infos])
        return
    lines = [
        (info.table, info.edition, info.valid_from, info.valid_to, info.rows, info.weak_rows)
        for info in infos
    ]
    show_table("Tables", ("table", "edition", "from", "to", "rows", "weak"), lines)


def _show_rows(rows: Sequence[library.Row], as_json: bool) -> None:
    if as_json:
        emit([{"table": row.schema.name, "line": row.line, **row.cells} for row in rows])
        return
    lines = [
        (
            row.schema.name,
            "/".join(str(part) for part in (row.edition, *row.key) if part not in (None, "")),
            row.get("value", row.get("text", row.get("text_zh"))),
            row.get("unit"),
            row.day("valid_from"),
            row.day("valid_to"),
            row.confidence,
            row.text("source"),
        )
        for row in rows
    ]
    show_table("Rows", ("table", "row", "value", "unit", "from", "to", "confidence", "source"), lines)


def standards(
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Only rows that are unverified or proposed.")
    ] = False,
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Only what is in force on that day.")
    ] = None,
    table: Annotated[str | None, typer.Option("--table", help="Rows of one table.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON on stdout.")] = False,
) -> None:
    """List rule tables and their editions; with --table or --unverified, their rows.

    Example: lantian standards --table warning_triggers --on 2026-12-07
    """
    day = on.date() if on else None
    if unverified:
        _show_rows(library.unverified(table, day), as_json)
    elif table is None:
        _show_catalog(day, as_json)
    else:
        _show_rows(library.in_force(table, day) if day else library.table(table), as_json)
