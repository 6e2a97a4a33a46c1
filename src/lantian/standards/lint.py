"""Checks that hold for every table; the list of complaints is empty when all is well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise

from lantian.standards.loader import Cell, Row, schema, table, table_names, vocabulary

__all__ = ["lint", "lint_rows"]


def _cells(row: Row) -> Iterator[str]:
    shape = row.schema
    for column in shape.columns:
        if row[column] is None and column not in shape.optional:
            yield f"{column} is empty"
    if row.confidence not in vocabulary("confidence"):
        yield f"unknown confidence {row.confidence!r}"
    for column in ("unit", "result_unit"):
        if row.get(column) is not None and row[column] not in vocabulary("units"):
            yield f"unknown unit {row[column]!r}"
    if row.get("value") is not None and row.get("unit") is None:
        yield "a value without a unit"
    start, end = row.day("valid_from"), row.day("valid_to")
    if start and end and end < start:
        yield f"ends ({end}) before it begins ({start})"


def _overlap(a: Row, b: Row) -> bool:
    """Rows that could answer for the same day. An undated row yields to a dated one, so the two never clash."""
    if (a.day("valid_from") is None) != (b.day("valid_from") is None):
        return False
    starts = max(a.day("valid_from") or date.min, b.day("valid_from") or date.min)
    ends = min(a.day("valid_to") or date.max, b.day("valid_to") or date.max)
    return starts <= ends


def _keys(rows: Sequence[Row]) -> Iterator[str]:
    groups: dict[tuple[Cell, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.key].append(row)
    for key, group in groups.items():
        for a, b in combinations(group, 2):
            if _overlap(a, b):
                yield f"{a.schema.name} lines {a.line} and {b.line}: both in force for {key}"


def _breakpoints(rows: Sequence[Row]) -> Iterator[str]:
    scales: dict[tuple[str, str, str], list[tuple[int, Decimal]]] = defaultdict(list)
    for row in rows:
        scale = (row.edition, row.text("item"), row.text("period"))
        scales[scale].append((row.integer("iaqi"), row.number()))
    for scale, points in scales.items():
        if points[0] != (0, Decimal(0)):
            yield f"iaqi_breakpoints {'/'.join(scale)}: does not begin at 0"
        if any(a[0] >= b[0] or a[1] >= b[1] for a, b in pairwise(points)):
            yield f"iaqi_breakpoints {'/'.join(scale)}: points do not rise"


def lint_rows(name: str, rows: Sequence[Row]) -> list[str]:
    """Complaints about rows of table `name`: empty cells, unknown words, editions in force together."""
    complaints = [f"{name} line {row.line}: {text}" for row in rows for text in _cells(row)]
    complaints += _keys(rows)
    if name == "iaqi_breakpoints":
        complaints += _breakpoints(rows)
    if name == "iaqi_over_top":
        complaints += [
            f"{name} line {row.line}: exactly one of value and instead is filled"
            for row in rows
            if (row["value"] is None) == (row["instead"] is None)
        ]
    return complaints


def lint() -> list[str]:
    """Complaints about all tables of the package."""
    return [complaint for name in table_names() for complaint in lint_rows(schema(name).name, table(name))]
