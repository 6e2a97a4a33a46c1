"""Areas, plants, production lines, meters and stations. Coordinates are WGS-84 degrees, power is kW."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lantian.records import Footnote

__all__ = [
    "Area",
    "AreaKind",
    "Enterprise",
    "Line",
    "Meter",
    "MeterKind",
    "Spell",
    "Spells",
    "Station",
    "closed_by",
    "runs_on",
]


class AreaKind(StrEnum):
    """A development zone reports like a county."""

    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"
    TOWNSHIP = "township"  # below a county


@dataclass(frozen=True, slots=True)
class Area:
    """One city, county, zone or township. `outline` is a ring of (lon, lat); empty for the city itself."""

    id: str
    kind: AreaKind
    name: str
    outline: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One plant (企业). The `*_t` fields are what it emits in a year [t] by its last statement; None when not known."""

    id: str
    name: str
    area_id: str
    trade: str
    grade: str  # A, B, C, D or "" where not graded
    livelihood: bool  # 民生保障
    lon: float
    lat: float
    credit_code: str
    so2_t: float | None = None
    nox_t: float | None = None
    pm_t: float | None = None
    vocs_t: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One production line (产线)."""

    id: str
    enterprise_id: str
    no: int
    name: str


class MeterKind(StrEnum):
    """Which side of the line the meter watches."""

    PRODUCTION = "production"
    TREATMENT = "treatment"


@dataclass(frozen=True, slots=True)
class Meter:
    """One power meter; its id is the `point` of its observations."""

    id: str
    line_id: str
    enterprise_id: str
    area_id: str
    kind: MeterKind
    rated_kw: float


@dataclass(frozen=True, slots=True)
class Station:
    """One air station; its id is the `point` of its observations."""

    id: str
    name: str
    area_id: str
    lon: float
    lat: float
    national: bool


@dataclass(frozen=True, slots=True)
class Spell:
    """Days on which a station is in operation, both ends counting; None: not known, or still open.

    `footnote` is the row that says so.
    """

    opened_on: date | None = None
    closed_on: date | None = None
    footnote: Footnote | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the station is in operation on the day."""
        opened = self.opened_on is None or self.opened_on <= day
        return opened and (self.closed_on is None or day <= self.closed_on)


Spells = Mapping[str, Sequence[Spell]]
"""When stations were in operation, by id; one that is not named always is."""


def runs_on(spells: Spells, station: str, day: date) -> bool:
    """Whether a station is in operation on the day: in one of its spells, or when none is known."""
    known = spells.get(station, ())
    return not known or any(spell.holds_on(day) for spell in known)


def closed_by(spells: Spells, stations: Iterable[str], day: date) -> tuple[Footnote, ...]:
    """The rows by which some of the stations are not in operation on the day."""
    out = (spell for key in stations if not runs_on(spells, key, day) for spell in spells[key])
    return tuple(dict.fromkeys(spell.footnote for spell in out if spell.footnote is not None))
