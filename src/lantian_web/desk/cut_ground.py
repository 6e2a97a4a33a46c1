"""What the cuts of a county are made of: its plants, their lines, and the energy of the day by plant and by line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from django.db.models import Max

from lantian.inventory import MeterKind
from lantian.records import Action
from lantian.units import to_decimal
from lantian_web.desk.emission_days import energy_of, exact, meters_by_plant
from lantian_web.inventory.models import Enterprise, Line, ListedMeasure, Meter

__all__ = ["CutGround", "Shared", "cut_ground", "line_weights"]


class Shared(StrEnum):
    """By what a plant's part is shared among its lines."""

    ENERGY = "by_energy"
    RATED = "by_rated_power"
    EVEN = "evenly"


@dataclass(frozen=True, slots=True)
class CutGround:
    """One county and day. Energy [kWh] by plant (NaN: cannot be told) and by line, rated power [kW] by line."""

    plants: tuple[Enterprise, ...]
    names: Mapping[str, str]
    lines: Mapping[str, tuple[str, ...]]
    rated: Mapping[str, Fraction]
    exempt: frozenset[str]
    by_plant: Mapping[str, float]
    by_line: Mapping[str, Fraction]


def cut_ground(area: str, on: date) -> CutGround:
    """The ground of a county on a day, whoever looks: rows go to pages through `accounts.rights` only."""
    plants = tuple(Enterprise.objects.filter(area_id=area).order_by("id"))
    lines: dict[str, tuple[str, ...]] = {}
    names = {}
    rows = Line.objects.filter(enterprise__area_id=area).order_by("enterprise_id", "no", "id")
    for pk, plant, name in rows.values_list("id", "enterprise_id", "name"):
        lines[plant] = (*lines.get(plant, ()), pk)
        names[pk] = name
    meters: dict[str, list[str]] = {}
    rated: dict[str, Fraction] = {}
    watched = Meter.objects.filter(kind=MeterKind.PRODUCTION, area_id=area).order_by("line_id", "id")
    for pk, line, kw in watched.values_list("id", "line_id", "rated_kw"):
        meters.setdefault(line, []).append(pk)
        rated[line] = rated.get(line, Fraction()) + Fraction(to_decimal(kw))
    groups = {("plant", key): found for key, found in meters_by_plant([area]).items()}
    groups |= {("line", key): found for key, found in meters.items()}
    energy = energy_of(on, groups)
    return CutGround(
        plants,
        names,
        lines,
        rated,
        _exempt(area, on) | {plant.id for plant in plants if plant.livelihood},
        {key: kwh for (of, key), kwh in energy.items() if of == "plant"},
        {
            key: known
            for (of, key), kwh in energy.items()
            if of == "line" and (known := exact(kwh)) is not None
        },
    )


def _exempt(area: str, on: date) -> frozenset[str]:
    """Plants that the newest list in force exempts."""
    newest = ListedMeasure.objects.filter(valid_from__lte=on).aggregate(day=Max("valid_from"))["day"]
    rows = ListedMeasure.objects.filter(valid_from=newest, action=Action.EXEMPT, area_id=area)
    return frozenset(rows.values_list("enterprise_id", flat=True))


def line_weights(plant: str, found: CutGround) -> tuple[Shared, dict[str, Fraction]]:
    """What the lines of a plant used that day, else their rated power, else nought each (then all carry the same)."""
    lines = found.lines.get(plant, ())
    used = {line: found.by_line.get(line, Fraction()) for line in lines}
    told = all(line in found.by_line or line not in found.rated for line in lines)
    if told and any(used.values()):
        return Shared.ENERGY, used
    rated = {line: found.rated.get(line, Fraction()) for line in lines}
    return (Shared.RATED if any(rated.values()) else Shared.EVEN), rated
