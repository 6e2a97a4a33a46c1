"""What reading air files came to: counts, doubts, refused rows, what was taken for granted. All of it is data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lantian.errors import DataError
from lantian.observe.tables import Remark
from lantian.periods import from_ms
from lantian.records import Flag, ObservationKind

__all__ = ["Cell", "Conflict", "FileRead", "FlagCount", "Gap", "Outage", "Renamed", "Report"]

SHOWN = 20


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file: its form, how many data rows it has and how many of them were taken."""

    source: str
    sha256: str
    form: str
    rows: int
    taken: int
    same_as: str = ""  # the earlier file with the same bytes


@dataclass(frozen=True, slots=True)
class Cell:
    """One value where it stands; None when it is missing."""

    point: str
    kind: ObservationKind
    start_ms: int
    value: float | None


@dataclass(frozen=True, slots=True)
class FlagCount:
    """How many values of one kind have one mark, with the first of them. OUTAGE counts missing ones."""

    kind: ObservationKind
    flag: Flag
    count: int
    example: Cell


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rows give different values for one cell; the later one was kept, unless it alone cannot be used."""

    point: str
    kind: ObservationKind
    start_ms: int
    kept: float
    dropped: float
    kept_at: tuple[str, int]  # source, row
    dropped_at: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A published name that is read as another point. `joined` is False when both report at once: two points stay."""

    published: str
    key: str
    why: str  # "spelling", "mark", "told"
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Outage:
    """A point's item without a value from one start to another, inclusive, while it reports before and after."""

    point: str
    kind: ObservationKind
    first_ms: int
    last_ms: int
    steps: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Steps for which no file has a row, first to last start."""

    first_ms: int
    last_ms: int
    steps: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was read and what was found doubtful.

    `rows` counts data rows of all files, `cells` the values in them that are air or weather and present; `doubled`
    cells stand twice with one value, `conflicting` ones with two (`conflicts` shows the first); in `spared` of those
    the later value is a code or negative and did not cover the earlier, usable one. `silent` points are listed but never report, `frozen` ones repeat one value for ever. `gaps`: whole steps that no file covers.
    """

    form: str
    files: tuple[FileRead, ...]
    rows: int
    cells: int
    missing: Mapping[ObservationKind, int]
    counts: tuple[FlagCount, ...]
    refused: tuple[DataError, ...]
    doubled: int
    conflicting: int
    conflicts: tuple[Conflict, ...]
    spared: int
    renamed: tuple[Renamed, ...]
    silent: tuple[str, ...]
    frozen: tuple[str, ...]
    set_aside: tuple[str, ...]
    outages: tuple[Outage, ...]
    gaps: tuple[Gap, ...]
    assumptions: tuple[Remark, ...]
    states: tuple[tuple[date, date, str, str], ...] = field(default=())  # first, last, gas, particle

    def count(self, kind: ObservationKind, flag: Flag) -> int:
        """How many values of a kind have a mark."""
        return sum(each.count for each in self.counts if (each.kind, each.flag) == (kind, flag))

    def flagged(self, flag: Flag) -> int:
        """How many values of all kinds have a mark."""
        return sum(each.count for each in self.counts if each.flag == flag)

    def plain(self, shown: int = SHOWN) -> dict[str, Any]:
        """A JSON-able form: whole counts, and the first `shown` of every list, with local times as text."""
        return {
            "form": self.form,
            "files": [_file(each) for each in self.files[:shown]],
            "files_read": len(self.files),
            "rows": self.rows,
            "cells": self.cells,
            "missing": {str(kind): count for kind, count in self.missing.items()},
            "flags": [_count(each) for each in self.counts],
            "refused": [_problem(each) for each in self.refused[:shown]],
            "refused_rows": len(self.refused),
            "doubled": self.doubled,
            "conflicting": self.conflicting,
            "spared": self.spared,
            "conflicts": [_conflict(each) for each in self.conflicts[:shown]],
            "renamed": [
                {"published": each.published, "point": each.key, "why": each.why, "joined": each.joined}
                for each in self.renamed
            ],
            "silent": list(self.silent),
            "frozen": list(self.frozen),
            "set_aside": list(self.set_aside),
            "outages": [_outage(each) for each in self.outages[:shown]],
            "outages_found": len(self.outages),
            "gaps": [_gap(each) for each in self.gaps[:shown]],
            "steps_without_rows": sum(each.steps for each in self.gaps),
            "assumptions": [_remark(each) for each in self.assumptions],
            "states": [
                {"first": str(first), "last": str(last), "gas": gas, "particle": particle}
                for first, last, gas, particle in self.states
            ],
        }


def _when(ms: int) -> str:
    return from_ms(ms).strftime("%Y-%m-%d %H:%M")


def _file(each: FileRead) -> dict[str, Any]:
    told = {
        "source": each.source,
        "form": each.form,
        "rows": each.rows,
        "taken": each.taken,
        "sha256": each.sha256,
    }
    return told | ({"same_as": each.same_as} if each.same_as else {})


def _count(each: FlagCount) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": str(each.kind), "flag": str(each.flag) or "ok", "count": each.count}
    if each.flag:
        told["example"] = {
            "point": each.example.point,
            "start": _when(each.example.start_ms),
            "value": each.example.value,
        }
    return told


def _problem(each: DataError) -> dict[str, Any]:
    return {"source": each.source, "row": each.row, "field": each.field, "reason": each.reason}


def _conflict(each: Conflict) -> dict[str, Any]:
    return {
        "point": each.point,
        "kind": str(each.kind),
        "start": _when(each.start_ms),
        "kept": each.kept,
        "kept_at": {"source": each.kept_at[0], "row": each.kept_at[1]},
        "dropped": each.dropped,
        "dropped_at": {"source": each.dropped_at[0], "row": each.dropped_at[1]},
    }


def _outage(each: Outage) -> dict[str, Any]:
    first, last = _when(each.first_ms), _when(each.last_ms)
    return {"point": each.point, "kind": str(each.kind), "first": first, "last": last, "steps": each.steps}


def _gap(each: Gap) -> dict[str, Any]:
    return {"first": _when(each.first_ms), "last": _when(each.last_ms), "steps": each.steps}


def _remark(each: Remark) -> dict[str, Any]:
    return {"what": each.what, "value": each.value, "why": each.why, "source": each.source}
