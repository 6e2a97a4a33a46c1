"""Many rows at once: plain inserts, guarded rewriting, fingerprints, and the answer per row of a bulk command.

`bulk_create` asks every field of every row several questions; four thousand orders with their tasks and events are
a hundred times that. What is written here goes to the database in one statement, its values converted once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from django.db import connection, models

from lantian.errors import TransitionError

__all__ = [
    "CHUNK",
    "Answer",
    "canonical",
    "chunks",
    "fingerprint",
    "insert",
    "insert_values",
    "locked",
    "rewrite",
]

CHUNK = 500
"""Rows per transaction of a bulk command: short enough that another writer on SQLite is never kept waiting."""

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")
Field: TypeAlias = "models.Field[Any, Any]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one row of a bulk command; `why` is the error when it was not done."""

    id: str
    done: bool
    why: Exception | None = None


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Runs of at most `size` items."""
    return (items[start : start + size] for start in range(0, len(items), size))


@lru_cache(maxsize=4096)
def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def _plain(value: object) -> str:
    return _instant(value) if isinstance(value, datetime) else str(value)


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def canonical(value: object) -> bytes:
    """One byte string per JSON value, whatever database it was read from: sorted keys, UTC instants."""
    return _encode(value).encode()


def fingerprint(row: models.Model) -> str:
    """SHA-256 over all columns of a row: what `before` and `after` of an event hold."""
    values = [getattr(row, field.attname) for field in row._meta.concrete_fields]
    return hashlib.sha256(canonical(values)).hexdigest()


def locked(queryset: models.QuerySet[M]) -> models.QuerySet[M]:
    """Lock the rows read. SQLite has none to lock: its IMMEDIATE transactions already exclude each other."""
    return queryset.select_for_update() if connection.features.has_select_for_update else queryset


_AS_IT_IS = (models.CharField, models.IntegerField, models.FloatField, models.BooleanField, models.ForeignKey)


def _converter(field: Field) -> Callable[[Any], Any]:
    """How values of one column reach the database; the few instants and days of a batch are converted once."""
    if isinstance(field, _AS_IT_IS):
        return lambda value: value
    known: dict[date, Any] = {}

    def convert(value: Any) -> Any:
        if not isinstance(value, date):
            return field.get_db_prep_save(value, connection)
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
        return known[value]

    return convert


def _fields(model: type[models.Model], names: Sequence[str]) -> list[Field]:
    by_name = {field.name: field for field in model._meta.concrete_fields}
    by_name |= {field.attname: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def _quoted(name: object) -> str:
    return connection.ops.quote_name(str(name))


def insert_values(
    model: type[models.Model], names: Sequence[str], values: Iterable[Sequence[object]]
) -> None:
    """Insert rows given as values of the named fields, in order; the others must have a default in the table."""
    fields = _fields(model, names)
    converters = [_converter(field) for field in fields]
    columns = ", ".join(_quoted(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    rows = [[convert(value) for convert, value in zip(converters, row, strict=True)] for row in values]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({marks})", rows
            )


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, all columns but a key that the database counts up."""
    if not rows:
        return
    names = [f.attname for f in rows[0]._meta.concrete_fields if not isinstance(f, models.AutoField)]
    insert_values(type(rows[0]), names, ([getattr(row, name) for name in names] for row in rows))


def rewrite(rows: Sequence[M], fields: Sequence[str], *, guard: str, was: Sequence[str]) -> None:
    """Write `fields` of every row, guarded by the value that column `guard` had when the row was read.

    TransitionError when a row was changed by somebody else meanwhile; the caller's transaction undoes the rest.
    """
    if not rows:
        return
    model = type(rows[0])
    columns, (key, old) = _fields(model, fields), _fields(model, [str(model._meta.pk.name), guard])
    converters = [(column.attname, _converter(column)) for column in columns]
    settings = ", ".join(f"{_quoted(column.column)} = %s" for column in columns)
    statement = (
        f"UPDATE {_quoted(model._meta.db_table)} SET {settings} "
        f"WHERE {_quoted(key.column)} = %s AND {_quoted(old.column)} = %s"
    )
    values = [
        [*(convert(getattr(row, name)) for name, convert in converters), row.pk, before]
        for row, before in zip(rows, was, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
        written = cursor.rowcount
    if written != len(rows):
        raise TransitionError(f"{len(rows) - written} of {len(rows)} rows were changed by somebody else")
