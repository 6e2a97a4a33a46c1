"""Reads the tables of this package into typed rows, as SCHEMA.toml describes them."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from lantian.errors import StandardsError
from lantian.records import Footnote

__all__ = ["Cell", "Row", "TableSchema", "parse", "schema", "table", "table_names", "vocabulary"]

Cell = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class TableSchema:
    """Shape of one table. `columns` maps a name to its type or, for closed vocabularies, the allowed words."""

    name: str
    title: str
    edition: str  # the column that names the edition; "" when the table has none
    key: tuple[str, ...]
    columns: Mapping[str, str | tuple[str, ...]]
    optional: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row. Rows of a cached table are single objects: equality is identity."""

    schema: TableSchema
    line: int  # 1-based in the file, header = 1
    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]

    def get(self, column: str, default: Cell = None) -> Cell:
        """The cell, or `default` when the table has no such column or the cell is empty."""
        cell = self.cells.get(column)
        return default if cell is None else cell

    def text(self, column: str) -> str:
        """Text of a cell, "" when empty."""
        cell = self.cells[column]
        return "" if cell is None else str(cell)

    def number(self, column: str = "value") -> Decimal:
        """Number of a cell. StandardsError when it is empty or no number."""
        cell = self.cells[column]
        if isinstance(cell, Decimal):
            return cell
        if isinstance(cell, int):
            return Decimal(cell)
        raise StandardsError(f"{self.schema.name} line {self.line}: {column} holds no number")

    def integer(self, column: str = "value") -> int:
        """Whole number of a cell. StandardsError when it is none."""
        number = self.number(column)
        if number != int(number):
            raise StandardsError(f"{self.schema.name} line {self.line}: {column} is not whole")
        return int(number)

    def day(self, column: str) -> date | None:
        """Day of a cell, None when empty."""
        cell = self.cells[column]
        return cell if isinstance(cell, date) else None

    @property
    def edition(self) -> str:
        """Name of the row's edition, "" when the table has none."""
        return self.text(self.schema.edition) if self.schema.edition else ""

    @property
    def key(self) -> tuple[Cell, ...]:
        """What the row sets a value for, without its edition."""
        return tuple(self.cells[column] for column in self.schema.key)

    @property
    def confidence(self) -> str:
        """original, official-copy, secondary, unverified, computed or proposed."""
        return self.text("confidence")

    def footnote(self) -> Footnote:
        """Where the number comes from."""
        parts = [self.edition, *(str(part) for part in self.key if part is not None)]
        if self.day("valid_from") is None:
            parts.append("undated")
        return Footnote(self.schema.name, "/".join(filter(None, parts)), self.text("source"), self.confidence)


def _package_text(*path: str) -> str:
    return files("lantian.standards").joinpath(*path).read_text(encoding="utf-8")


@cache
def _schema_file() -> dict[str, Any]:
    return tomllib.loads(_package_text("SCHEMA.toml"))


def table_names() -> tuple[str, ...]:
    """All tables, sorted."""
    return tuple(sorted(_schema_file()["table"]))


def vocabulary(name: str) -> frozenset[str]:
    """The allowed words of `units` or `confidence`."""
    return frozenset(_schema_file()[name])


@cache
def schema(name: str) -> TableSchema:
    """Shape of a table. StandardsError when there is none of that name."""
    try:
        entry = _schema_file()["table"][name]
    except KeyError:
        raise StandardsError(f"there is no table {name!r}") from None
    common = _schema_file()["common"]
    columns = {
        column: tuple(kind) if isinstance(kind, list) else kind
        for column, kind in {**entry["columns"], **common}.items()
    }
    edition = entry.get("edition", "edition" if "edition" in columns else "")
    optional = frozenset(entry.get("optional", ())) | {"valid_from", "valid_to", "note"}
    return TableSchema(
        name, entry["title"], edition, tuple(entry["key"]), MappingProxyType(columns), optional
    )


def _cell(text: str, kind: str | tuple[str, ...]) -> Cell:
    """Typed cell; ValueError says what was wanted."""
    if text == "":
        return None
    if isinstance(kind, tuple):
        if text not in kind:
            raise ValueError(f"{text!r} is none of {', '.join(kind)}")
        return text
    if kind == "integer":
        return int(text)
    if kind == "decimal":
        return Decimal(text)
    if kind == "date":
        return date.fromisoformat(text)
    return text


def parse(name: str, text: str) -> tuple[Row, ...]:
    """Rows of a CSV text in the form of table `name` (a city's overlay, too). StandardsError names line and column."""
    shape = schema(name)
    reader = csv.DictReader(text.splitlines())
    if set(reader.fieldnames or ()) != set(shape.columns):
        wrong = sorted(set(reader.fieldnames or ()) ^ set(shape.columns))
        raise StandardsError(f"{name}: columns do not fit the schema: {', '.join(map(str, wrong))}")
    rows = []
    for line, record in enumerate(reader, start=2):
        cells: dict[str, Cell] = {}
        for column, kind in shape.columns.items():
            try:
                cells[column] = _cell(record[column] or "", kind)
            except (ValueError, InvalidOperation) as error:
                raise StandardsError(f"{name} line {line}, column {column}: {error}") from None
        rows.append(Row(shape, line, MappingProxyType(cells)))
    return tuple(rows)


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table, every edition. StandardsError when there is no such table or a row does not fit."""
    schema(name)
    return parse(name, _package_text("tables", f"{name}.csv"))
