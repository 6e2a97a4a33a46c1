"""Whose points a file names, and names that the registry cannot hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lantian.errors import DataError
from lantian.observe.air import Point
from lantian.observe.tables import Table, read_table
from lantian_web.inventory.models import Station
from lantian_web.inventory.queries import SHARED, own_city, shared_names

__all__ = ["FILE_NAME", "Files", "KEY", "NAME", "Place", "clean", "misnamed", "named_where"]

Files = Sequence[tuple[str, bytes]]
KEY, NAME, FILE_NAME = 120, 60, 200  # characters that the registry's columns hold


@dataclass(frozen=True, slots=True)
class Place:
    """Who we are, as files may name it."""

    city: str
    by_id: frozenset[str]
    by_name: Mapping[str, str]
    shared: frozenset[str] = frozenset()

    @classmethod
    def here(cls) -> Place:
        rows, shared = list(Station.objects.values_list("id", "name")), shared_names()
        by_name = {name: key for key, name in rows if name not in shared}
        return cls(own_city(), frozenset(key for key, _ in rows), by_name, shared)

    def whose(self, point: Point) -> str:
        """`station` (one of ours), `own_city` or `outside`."""
        if point.key in self.by_id:  # as the worker finds it, whatever the file takes it for
            return "station"
        if point.kind == "city":
            return "own_city" if self.city and point.city == self.city else "outside"
        return "station" if self._station(point) else "outside"

    def id_of(self, point: Point) -> str:
        """The point's id in the lake."""
        if point.key in self.by_id:
            return point.key
        if point.kind == "city":
            return self.city if self.whose(point) == "own_city" else point.key
        return self._station(point) or point.key

    def _station(self, point: Point) -> str:
        for key in (point.code, point.key):
            if key in self.by_id:
                return key
        return self.by_name.get(point.name, "") if point.city in (self.city, "") else ""

    def unclear(self, point: Point) -> str:
        """Why nobody can tell which of our stations a point is; nothing when it can be told."""
        by_id = point.code in self.by_id or point.key in self.by_id
        ours = point.kind == "station" and point.city in (self.city, "") and not by_id
        return f"{SHARED}: {point.name}" if ours and point.name in self.shared else ""


def misnamed(point: Point) -> str:
    """Why the registry cannot hold the names of a point; nothing when it can."""
    for text, most in ((point.key, KEY), (point.name, NAME), (point.city, NAME)):
        if "\0" in text:
            return "a name with a NUL"
        if len(text) > most:
            return f"a name of more than {most} characters"
    return ""


def named_where(files: Files, points: Iterable[Point], why: Mapping[str, str]) -> Iterator[DataError]:
    """Refusals of points with the first row and column that name them."""
    if not why:
        return
    tables = [read_table(data, name) for name, data in files]
    for point in points:
        if point.key in why:
            names = {point.key, point.name, point.city, point.code} - {""}
            long = {name for name in names if len(name) > NAME or "\0" in name}
            city = "" if long or point.kind == "city" else point.city
            found = (_where(table, long or names - {city}, city) for table in tables)
            source, row, column = next(filter(None, found), (files[0][0], None, ""))
            yield DataError(why[point.key], source=source, row=row, field=clean(column)[:NAME])


def _where(table: Table, names: set[str], city: str) -> tuple[str, int | None, str] | None:
    for title in table.header:
        if title.strip() in names:
            return table.source, table.first_line, title
    for title, column in zip(table.header, table.columns, strict=True):
        for row, cell in enumerate(column.to_pylist()):
            if isinstance(cell, str) and cell.strip() in names and _is_of(table, row, city):
                return table.source, int(table.lines[row]), title
    return None


def _is_of(table: Table, row: int, city: str) -> bool:
    """Whether a row names the city, however its name ends; every row is of no city."""
    return not city or any(str(column[row].as_py()).strip().startswith(city) for column in table.columns)


def clean(value: Any) -> Any:
    """Text without NUL, which PostgreSQL does not hold."""
    if isinstance(value, str):
        return value.replace("\0", "\u2400")
    if isinstance(value, Mapping):
        return {clean(key): clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each) for each in value]
    return value
