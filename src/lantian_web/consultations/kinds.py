"""Kinds of consultation as the city has them: agenda, who has to be there, rhythm, form of the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lantian.errors import DataError
from lantian.standards import Row, in_force
from lantian_web.inventory.queries import overlay_rows

__all__ = ["CHAIR", "Capacity", "Kind", "capacity_names", "kind_of", "kinds"]

TABLE = "consultation_kinds"
CHAIR = "chair"
DROPPED = "—"
"""A city's own row with this text takes an item of the package away."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """In which capacity people sit there, and how many have to."""

    key: str
    name: str
    least: int


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `agenda` holds (key, text); `doubtful` says that a row of it is only proposed or unverified."""

    key: str
    name: str
    scheme: str
    rhythm: str
    agenda: tuple[tuple[str, str], ...]
    presence: tuple[Capacity, ...]
    air_days: int
    doubtful: bool


def kinds(on: date) -> tuple[Kind, ...]:
    """The kinds in force on the day, in the order of the table."""
    rows = in_force(TABLE, on, overlay=overlay_rows(TABLE))
    keys = dict.fromkeys(row.text("kind") for row in sorted(rows, key=lambda row: row.line))
    return tuple(_kind(key, [row for row in rows if row.text("kind") == key]) for key in keys)


def kind_of(key: str, on: date) -> Kind:
    """One kind. DataError when there is none of that key."""
    for each in kinds(on):
        if each.key == key:
            return each
    raise DataError(f"there is no kind of consultation {key!r}", field="kind")


def capacity_names(on: date) -> dict[str, str]:
    """Names of all capacities of all kinds, by key."""
    return {each.key: each.name for kind in kinds(on) for each in kind.presence}


def _kind(key: str, rows: Sequence[Row]) -> Kind:
    def part(name: str) -> list[Row]:
        found = [row for row in rows if row.text("part") == name and row.text("text") != DROPPED]
        return sorted(found, key=lambda row: (row.integer("order"), row.text("item")))

    scheme = next((row.text("text") for row in part("number") if row.text("item") == "scheme"), "")
    days = next((row.integer() for row in part("look") if row.text("item") == "air_days"), 0)
    return Kind(
        key=key,
        name=rows[0].text("name_zh"),
        scheme=scheme or f"{key}-{{year}}-{{serial}}",
        rhythm=" ".join(row.text("text") for row in part("rhythm")),
        agenda=tuple((row.text("item"), row.text("text")) for row in part("agenda")),
        presence=tuple(
            Capacity(row.text("item"), row.text("text"), row.integer() if row["value"] is not None else 0)
            for row in part("presence")
        ),
        air_days=days,
        doubtful=any(row.confidence in ("proposed", "unverified") for row in rows),
    )
