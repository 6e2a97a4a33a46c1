"""A sheet laid out as runs of text: the one form that HTML, Word, PDF and the terminal are written from."""

from __future__ import annotations

from dataclasses import dataclass, field

from lantian.report import Picture, Section, Sheet, Table
from lantian_web.bulletins.wording import Run, phrase, runs, text

__all__ = ["LaidNote", "LaidPicture", "LaidSection", "LaidSheet", "LaidTable", "lay"]

Runs = list[Run]


@dataclass(frozen=True, slots=True)
class LaidTable:
    """`numbers` says which columns stand at the end edge; `weights` are shares of the width, together 1."""

    id: str
    caption: Runs
    heads: list[str]
    numbers: list[bool]
    weights: list[float]
    rows: list[list[Runs]]
    empty: str
    total: bool


@dataclass(frozen=True, slots=True)
class LaidPicture:
    """A picture to be drawn, and what it says in words."""

    of: Picture
    alt: str


@dataclass(frozen=True, slots=True)
class LaidSection:
    """A numbered heading, sentences, pictures, tables."""

    id: str
    heading: str
    lines: list[Runs]
    tables: list[LaidTable]
    pictures: list[LaidPicture]


@dataclass(frozen=True, slots=True)
class LaidNote:
    """A footnote; one that is not verified begins by saying so."""

    number: int
    text: str
    doubtful: bool


@dataclass(frozen=True, slots=True)
class LaidSheet:
    """All text of one paper. A letter has an addressee (`to`), an `opening` before its sections and a `close` under
    them: who signs, and when."""

    title: str
    marks: list[str]
    head: list[str]
    sections: list[LaidSection]
    notes_heading: str
    notes: list[LaidNote]
    to: str = ""
    opening: list[str] = field(default_factory=list)
    close: list[str] = field(default_factory=list)


def lay(sheet: Sheet) -> LaidSheet:
    """Word every message in the language in force."""
    sections = [_section(number, section) for number, section in enumerate(sheet.sections, 1)]
    notes = [
        LaidNote(
            note.number, (phrase("note.doubtful") if note.doubtful else "") + text(note.text), note.doubtful
        )
        for note in sheet.notes
    ]
    return LaidSheet(
        text(sheet.title),
        [text(mark) for mark in sheet.marks],
        [text(line) for line in sheet.head],
        sections,
        phrase(f"numeral.{len(sections) + 1}") + phrase("section.notes"),
        notes,
    )


def _section(number: int, section: Section) -> LaidSection:
    heading = phrase(f"numeral.{number}") + text(section.heading)
    return LaidSection(
        section.id,
        heading,
        [runs(line) for line in section.lines],
        [_table(table) for table in section.tables],
        [LaidPicture(picture, text(picture.alt)) for picture in section.pictures],
    )


def _table(table: Table) -> LaidTable:
    whole = sum(column.weight for column in table.columns)
    return LaidTable(
        table.id,
        runs(table.caption),
        [text(column.heading) for column in table.columns],
        [column.number for column in table.columns],
        [column.weight / whole for column in table.columns],
        [[runs(cell) for cell in row] for row in table.rows],
        text(table.empty),
        table.total,
    )
