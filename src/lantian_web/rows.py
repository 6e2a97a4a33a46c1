"""Many rows at once: plain inserts, guarded rewriting, fingerprints, and the answer per row of a bulk command.

`bulk_create` asks every field of every row several questions, and four thousand orders come with as many tasks and
twice as many events. What is written here is converted once, then goes in one stream: COPY on PostgreSQL, one
prepared statement on SQLite.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
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

FEW = 8
"""Up to so many rows are written one by one: a stream or a temporary table costs more than it saves."""

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
    """How values of one column reach the database; those that come again and again in a batch are converted once.

    Besides days, instants and decimals these are tuples of texts in a JSON column.
    """
    if isinstance(field, _AS_IT_IS):
        return lambda value: value
    known: dict[Any, Any] = {}

    def convert(value: Any) -> Any:
        if not isinstance(value, (date, Decimal, tuple)):
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


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    # a key that is there already is Django's IntegrityError, as elsewhere
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


def _converted(fields: Sequence[Field], values: Iterable[Sequence[object]]) -> list[list[Any]]:
    converters = [_converter(field) for field in fields]
    return [[convert(value) for convert, value in zip(converters, row, strict=True)] for row in values]


def insert_values(
    model: type[models.Model], names: Sequence[str], values: Iterable[Sequence[object]]
) -> None:
    """Insert rows given as values of the named fields, in order; the others must have a default in the table."""
    fields = _fields(model, names)
    rows = _converted(fields, values)
    if not rows:
        return
    table, columns = _quoted(model._meta.db_table), ", ".join(_quoted(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > FEW:
            _copy(cursor, table, columns, rows)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def update_values(
    model: type[models.Model], names: Sequence[str], where: Sequence[str], values: Iterable[Sequence[object]]
) -> int:
    """Set the named fields in the rows that have the values of the fields `where`; returns how many were met.

    Each item of `values` holds first the new values, then those to find the row by.
    """
    fields = _fields(model, [*names, *where])
    rows = _converted(fields, values)
    if not rows:
        return 0
    table, columns = _quoted(model._meta.db_table), [_quoted(field.column) for field in fields]
    new, found = columns[: len(names)], columns[len(names) :]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) > FEW:
            # A column may be both set and matched, so the incoming ones are named by place.
            places = [f"v{place}" for place in range(len(columns))]
            shape = ", ".join(f"{column} AS {place}" for column, place in zip(columns, places, strict=True))
            settings = ", ".join(f"{column} = incoming.{v}" for column, v in zip(new, places, strict=False))
            matched = zip(found, places[len(new) :], strict=True)
            same = " AND ".join(f"{table}.{column} = incoming.{v}" for column, v in matched)
            cursor.execute(f"CREATE TEMP TABLE incoming AS SELECT {shape} FROM {table} WITH NO DATA")
            _copy(cursor, "incoming", ", ".join(places), rows)
            cursor.execute(f"UPDATE {table} SET {settings} FROM incoming WHERE {same}")
            met = cursor.rowcount
            cursor.execute("DROP TABLE incoming")
        else:
            settings = ", ".join(f"{column} = %s" for column in new)
            same = " AND ".join(f"{column} = %s" for column in found)
            cursor.executemany(f"UPDATE {table} SET {settings} WHERE {same}", rows)
            met = cursor.rowcount
    return int(met)


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
    values = (
        [*(getattr(row, name) for name in fields), row.pk, before]
        for row, before in zip(rows, was, strict=True)
    )
    model = type(rows[0])
    written = update_values(model, fields, [str(model._meta.pk.name), guard], values)
    if written != len(rows):
        raise TransitionError(f"{len(rows) - written} of {len(rows)} rows were changed by somebody else")
