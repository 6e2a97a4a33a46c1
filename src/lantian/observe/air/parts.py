"""The values of one file before they are laid side by side: long columns of points, starts and rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lantian.errors import DataError
from lantian.observe.air.cells import Bad, Ints
from lantian.observe.panel import Floats
from lantian.observe.tables import Remark
from lantian.records import ObservationKind

__all__ = ["Part", "Parts", "RawPoint", "problems"]

RawPoint = tuple[str, str, str]  # city, station, code as published


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Values that share their points, starts and rows: `points` are places in `Parts.points`, NaN = missing."""

    points: Ints
    starts: Ints  # UTC ms
    lines: Ints
    values: Mapping[ObservationKind, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What one file gives: its form, step, points and values, what was refused, set aside and taken for granted."""

    source: str
    form: str
    step_s: int
    points: tuple[RawPoint, ...]
    parts: tuple[Part, ...]
    rows: int
    taken: int
    refused: tuple[DataError, ...]
    set_aside: tuple[str, ...]
    remarks: tuple[Remark, ...]


def problems(bad: Bad, lines: Ints, source: str, column: str, reason: str) -> list[DataError]:
    """One DataError per bad cell, with its row number in the file."""
    return [
        DataError(f"{reason}: {text!r}", source=source, row=int(lines[row]), field=column)
        for row, text in bad
    ]
