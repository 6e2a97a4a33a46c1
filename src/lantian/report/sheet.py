"""What a paper is made of. Every number is a `Figure`: it knows its unit, its rows and its footnotes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lantian.records import Light

__all__ = [
    "Column",
    "Figure",
    "Link",
    "Message",
    "Note",
    "Picture",
    "Section",
    "Sheet",
    "Table",
    "listed",
    "message",
]


@dataclass(frozen=True, slots=True)
class Link:
    """The rows behind a figure: one row by `id`, or the rows of `kind` that have all features of `where`."""

    kind: str
    id: str = ""
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One value as it stands in the paper; None is "no value". `notes` are numbers of the sheet's notes."""

    value: Value
    unit: str = ""
    link: Link | None = None
    notes: tuple[int, ...] = ()
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence or word named by `id`; who renders it has the wording. Parameters are sorted by name."""

    id: str
    params: tuple[tuple[str, Value | Figure], ...] = ()


Value = str | int | Decimal | date | datetime | Message | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. `number` columns stand at the end edge; `weight` is a relative width."""

    heading: Message
    number: bool = True
    weight: int = 10


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures, one a column. `empty` is said where there are no rows; `total` marks a last sum row."""

    id: str
    caption: Message
    columns: tuple[Column, ...]
    rows: tuple[tuple[Figure, ...], ...]
    empty: Message
    total: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A season's line [ug/m3] up to the day `on`, drawn by who renders it from the day values that stand here.

    `days` are the city's days of this season and of the last, `cap` is what the season may average, `allowed` what the
    days left may. `alt` says in words what is to be seen.
    """

    id: str
    place: str
    start_on: date
    end_on: date
    on: date
    days: tuple[tuple[date, Decimal], ...]
    cap: Decimal | None
    allowed: Decimal | None
    alt: Message


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences, pictures, then tables."""

    id: str
    heading: Message
    lines: tuple[Message, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A numbered footnote. `doubtful`: it leans on a row that is unverified or only proposed."""

    number: int
    text: Message
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One finished paper of one local day, made for one area (`area_id` and everything below it)."""

    kind: str
    on: date
    area_id: str
    as_of: datetime
    title: Message
    marks: tuple[Message, ...]
    head: tuple[Message, ...]
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]


def message(id: str, /, **params: Value | Figure) -> Message:
    """A message with its parameters."""
    return Message(id, tuple(sorted(params.items())))


def listed(items: Iterable[Value | Figure]) -> Message:
    """Several values one after the other; how they are joined is wording."""
    return Message("list", tuple((f"{n:04d}", item) for n, item in enumerate(items)))
