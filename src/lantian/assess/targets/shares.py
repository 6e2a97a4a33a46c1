"""The cascade in space: a city's mean to its counties, a county's cut in tonnes to its plants and their lines.

Concentrations end at the county; below it emissions and work are shared out. Every split adds up to what was split,
in exact fractions; `printed` keeps that in the rounded numbers too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from lantian.errors import DataError
from lantian.units import round_half_even

__all__ = [
    "Carries",
    "County",
    "CountyCap",
    "CountyRest",
    "Cut",
    "LineCut",
    "Plant",
    "PlantCut",
    "county_caps",
    "county_rests",
    "energy_cut",
    "line_cuts",
    "printed",
    "split_cut",
]


def printed(parts: Sequence[Fraction], places: int, whole: Decimal | None = None) -> tuple[Decimal, ...]:
    """Parts rounded to `places` decimals so that they add up to their rounded sum (largest remainders first).

    `whole` is how their sum was printed one step above, where it had to add up with others itself: the sum rounded
    down or up. DataError when it is neither.
    """
    scale = 10**places
    exact = sum(parts, Fraction())
    total = int((round_half_even(exact, places) if whole is None else whole).scaleb(places))
    if abs(total - exact * scale) >= 1:
        raise DataError(f"{whole} is no printed sum of the parts", field="whole")
    pairs = [divmod(part.numerator * scale, part.denominator) for part in parts]
    units = [unit for unit, _ in pairs]
    more = total - sum(units)
    if more:
        # Remainders as whole numbers: so fine that two different ones never become the same.
        fine = 2 * max(part.denominator.bit_length() for part in parts)
        rests = [-((rest << fine) // part.denominator) for (_, rest), part in zip(pairs, parts, strict=True)]
        for n in sorted(range(len(parts)), key=rests.__getitem__)[:more]:
            units[n] += 1
    return tuple(Decimal(unit).scaleb(-places) for unit in units)


@dataclass(frozen=True, slots=True)
class County:
    """A county's part in the city's mean: its own base [unit] and how many stations it counts with (nought: none)."""

    area: str
    base: Fraction | None
    weight: int


@dataclass(frozen=True, slots=True)
class CountyCap:
    """Cap of a county. `share` = cap x weight / all weights; the shares add up to the city's cap exactly.

    `change` [percent] is against its own base, None where it has none.
    """

    area: str
    base: Fraction | None
    weight: int
    cap: Fraction
    change: Fraction | None
    share: Fraction


def county_caps(city: Fraction, counties: Sequence[County]) -> tuple[CountyCap, ...]:
    """Caps by one and the same percentage on each county's own base, such that the weighted mean is the city's cap.

    A county without a base stands at the counties' mean base; one without a station gets a cap and no share.
    DataError when no county carries weight.
    """
    heft = sum(county.weight for county in counties)
    if heft <= 0:
        raise DataError("no county counts in the city's mean", field="weight")
    known = [(county.base, county.weight) for county in counties if county.base is not None]
    known_heft = sum(weight for _, weight in known)
    mean = sum((base * weight for base, weight in known), Fraction()) / known_heft if known_heft else None
    if not mean:  # no base, or all of them nought: every county gets the city's cap
        return tuple(_cap(county, city, heft) for county in counties)
    stand_in = mean  # which leaves the weighted mean of all bases where it was
    return tuple(
        _cap(county, city * (stand_in if county.base is None else county.base) / mean, heft)
        for county in counties
    )


def _cap(county: County, cap: Fraction, heft: int) -> CountyCap:
    change = (cap - county.base) / county.base * 100 if county.base else None
    return CountyCap(county.area, county.base, county.weight, cap, change, cap * county.weight / heft)


@dataclass(frozen=True, slots=True)
class CountyRest:
    """What the days left of a county may average: its `own` account, moved by `shift` so that all make the city's."""

    area: str
    weight: int
    own: Fraction
    shift: Fraction
    rest: Fraction


def county_rests(city: Fraction, own: Sequence[tuple[str, int, Fraction]]) -> tuple[CountyRest, ...]:
    """Re-solve the counties: (area, weight, its own allowed mean), `city` = the city's allowed mean.

    Every county keeps its own account, what it saved or overdrew. The city's mean is made of stations, so the weighted
    accounts may miss it by a little; the same shift for all closes the gap. DataError when no county carries weight.
    """
    heft = sum(weight for _, weight, _ in own)
    if heft <= 0:
        raise DataError("no county counts in the city's mean", field="weight")
    shift = city - sum((rest * weight for _, weight, rest in own), Fraction()) / heft
    return tuple(CountyRest(area, weight, rest, shift, rest + shift) for area, weight, rest in own)


class Carries(StrEnum):
    """Why a plant carries what it carries of a cut."""

    CARRIES = "carries_share"
    EXEMPT = "exempt_from_share"  # livelihood, or exempt by the city's list
    NOT_TOLD = "emission_not_told"
    NOTHING = "emits_nothing"


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant's emission of the day [kg], None when not told, and its lines with their weights.

    Weights are one and the same kind for all lines of a plant: energy of the day [kWh], rated power [kW] or tonnes a
    year.
    """

    enterprise: str
    kg: Fraction | None
    exempt: bool
    lines: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class LineCut:
    """What a line carries of its plant's cut [kg]."""

    line: str
    kg: Fraction


@dataclass(frozen=True, slots=True)
class PlantCut:
    """What a plant carries: `kg` of the cut and `share` of it; its lines add up to `kg` (a plant without lines has none).

    `even` says that no line weight was known and all lines carry the same.
    """

    enterprise: str
    emits: Fraction | None
    kg: Fraction
    share: Fraction
    why: Carries
    lines: tuple[LineCut, ...]
    even: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut shared out [kg]: `asked` = `carried` + `uncovered`; the plants add up to `carried`."""

    asked: Fraction
    carried: Fraction
    uncovered: Fraction
    plants: tuple[PlantCut, ...]


def split_cut(asked: Fraction, plants: Sequence[Plant]) -> Cut:
    """Share a cut [kg a day] among plants in proportion to what they emit; exempt plants carry nothing.

    A plant never carries more than it emits: what is left then, or falls on plants that did not tell, is `uncovered`.
    DataError for a cut, an emission or a line's weight below nought, and for a plant given twice.
    """
    if asked < 0:
        raise DataError("a cut cannot be below nought", field="asked")
    seen: set[str] = set()
    for plant in plants:
        if plant.enterprise in seen:
            raise DataError("a plant given twice", field=plant.enterprise)
        seen.add(plant.enterprise)
        if any(amount < 0 for amount in (plant.kg or Fraction(), *plant.lines.values())):
            raise DataError("an emission or a line's weight below nought", field=plant.enterprise)
    ground = sum((plant.kg for plant in plants if plant.kg is not None and not plant.exempt), Fraction())
    carried = min(asked, ground)
    rate = carried / ground if ground else Fraction()
    return Cut(asked, carried, asked - carried, tuple(_plant_cut(plant, rate, asked) for plant in plants))


def _plant_cut(plant: Plant, rate: Fraction, asked: Fraction) -> PlantCut:
    if plant.exempt:
        why = Carries.EXEMPT
    elif plant.kg is None:
        why = Carries.NOT_TOLD
    else:
        why = Carries.CARRIES if plant.kg else Carries.NOTHING
    kg = rate * plant.kg if why is Carries.CARRIES and plant.kg is not None else Fraction()
    even = bool(plant.lines) and not any(plant.lines.values())
    lines = line_cuts(kg, plant.lines)
    share = kg / asked if asked and kg else Fraction()
    return PlantCut(plant.enterprise, plant.kg, kg, share, why, lines, even)


def line_cuts(kg: Fraction, weights: Mapping[str, Fraction]) -> tuple[LineCut, ...]:
    """What a plant carries shared among its lines by their weights, evenly where none is above nought."""
    if not weights:
        return ()
    whole = sum(weights.values(), Fraction())
    if not whole:
        return tuple(LineCut(line, kg / len(weights)) for line in weights)
    return tuple(LineCut(line, kg * weight / whole) for line, weight in weights.items())


def energy_cut(kg: Fraction, emits: Fraction | None, energy_kwh: Fraction | None) -> Fraction | None:
    """The energy [kWh] that goes with `kg` less, by what the plant emitted per kWh that day.

    None when that cannot be told: emission or energy of the day unknown or nought.
    """
    return kg * energy_kwh / emits if emits and energy_kwh else None
