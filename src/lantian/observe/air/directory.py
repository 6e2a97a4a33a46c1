"""The points of several files: one row per point, the published names that lead to it, and which of them are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lantian.observe.air.cells import Ints
from lantian.observe.air.names import Named, Spelling
from lantian.observe.air.parts import Parts
from lantian.observe.air.report import Renamed
from lantian.observe.air.series import Point
from lantian.observe.panel import Floats
from lantian.records import ObservationKind

__all__ = ["Directory", "directory", "join_marked"]

Arrays = Mapping[ObservationKind, Floats]


@dataclass(frozen=True, slots=True)
class Directory:
    """Published names by key in the order of the rows; `places[f]` gives the row of each point of file f."""

    named: Mapping[str, Sequence[Named]]
    places: Sequence[Ints]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys in the order of the rows."""
        return tuple(self.named)

    @property
    def renamed(self) -> list[Renamed]:
        """Names that are not read as they stand."""
        return [
            Renamed(each.published, key, each.why)
            for key in self.named
            for each in self.named[key]
            if each.why
        ]


def directory(files: Sequence[Parts], spelling: Spelling) -> Directory:
    """The points of files in their order."""
    named: dict[str, list[Named]] = {}
    rows: dict[str, int] = {}
    places = []
    for parts in files:
        place = []
        for raw in parts.points:
            if not any(raw):
                place.append(0)  # its rows are refused
                continue
            found = spelling.named(*raw)
            key = found.point.key
            if found not in (known := named.setdefault(key, [])):
                known.append(found)
            place.append(rows.setdefault(key, len(rows)))
        places.append(np.array(place, np.int64))
    return Directory(named, places)


def _point(named: Sequence[Named]) -> Point:
    """Of the points under one key the one that says most: a later file may add the city's name."""
    return max((each.point for each in named), key=lambda point: (bool(point.city), bool(point.code)))


def join_marked(
    points: Directory, values: Arrays
) -> tuple[list[Point], dict[ObservationKind, Floats], list[Renamed]]:
    """Points sorted by key and their values; those whose names differ by a mark only are joined into one.

    Two that report at the same time are two points and stay so, whatever their names; the answer says which.
    """
    groups: dict[str, list[int]] = {}
    for row, (key, named) in enumerate(points.named.items()):
        groups.setdefault(named[0].base or key, []).append(row)
    made: list[tuple[Point, list[int]]] = []
    renamed: list[Renamed] = []
    for base, rows in groups.items():
        sets: list[list[int]] = []
        for row in rows:
            for joined in sets:
                if not _together(values, joined, row):
                    joined.append(row)
                    break
            else:
                sets.append([row])
        for joined in sets:
            names = [points.named[points.keys[row]] for row in joined]
            point = _point([each for named in names for each in named])
            if len(sets) == 1:
                point = Point(
                    base,
                    base.rpartition("/")[2] if point.kind == "station" and not point.code else point.name,
                    point.city,
                    point.code,
                    point.kind,
                )
            else:
                point = names[0][0].point
            made.append((point, joined))
            marked = [each for named in names for each in named if each.base]
            renamed += [Renamed(each.published, base, "mark", len(sets) == 1) for each in marked]
    made.sort(key=lambda each: each[0].key)
    merged = (
        {kind: np.stack([_merged(array, rows) for _, rows in made]) for kind, array in values.items()}
        if made
        else {}
    )
    return [point for point, _ in made], merged, renamed


def _together(values: Arrays, rows: Sequence[int], row: int) -> bool:
    """Does any item have a value in `row` and in one of `rows` at one time?"""
    return any(
        bool((~np.isnan(array[other]) & ~np.isnan(array[row])).any())
        for array in values.values()
        for other in rows
    )


def _merged(array: Floats, rows: Sequence[int]) -> Floats:
    found: Floats = array[rows[0]]
    for row in rows[1:]:
        found = np.where(np.isnan(found), array[row], found)
    return found
