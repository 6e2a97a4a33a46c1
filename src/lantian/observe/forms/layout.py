"""What a form asks for: sheets, columns and what each cell may hold."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Column", "Form", "SheetForm", "load_form"]

LONGEST = 64


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind` is text, code, phone, day, moment, choice or yes; `choices` are (stored value, word)."""

    key: str
    title: str
    kind: str
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    example: str = ""
    hint: str = ""
    width: int = 16
    most: int = LONGEST

    @property
    def heading(self) -> str:
        """The title as printed: a star where the cell must be filled."""
        return f"{self.title}*" if self.required else self.title


@dataclass(frozen=True, slots=True)
class SheetForm:
    """One sheet by its printed name."""

    key: str
    name: str
    note: str
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """A column by its key."""
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one version. `words` are those printed around the columns: number, example, yes, no, pick, summary,
    reason. A row whose first cell holds the word for example is never read."""

    key: str
    title: str
    version: str
    notes: tuple[str, ...]
    sheets: tuple[SheetForm, ...]
    words: Mapping[str, str]

    @property
    def stamp(self) -> str:
        """What the version cell of every sheet holds."""
        return f"{self.key} v{self.version}"

    def sheet(self, key: str) -> SheetForm:
        """A sheet by its key."""
        return next(sheet for sheet in self.sheets if sheet.key == key)


def _column(entry: dict[str, Any]) -> Column:
    choices = tuple((value, word) for value, word in entry.pop("choices", ()))
    return Column(choices=choices, **entry)


def load_form(text: str) -> Form:
    """A form from its TOML text."""
    entry = tomllib.loads(text)
    sheets = tuple(
        SheetForm(one["key"], one["name"], one["note"], tuple(_column(dict(c)) for c in one["columns"]))
        for one in entry["sheets"]
    )
    return Form(entry["key"], entry["title"], entry["version"], tuple(entry["notes"]), sheets, entry["words"])
