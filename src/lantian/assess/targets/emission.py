"""A county's emission of a day against its cap, measured and estimated parts apart.

A plant's day is measured (stack monitors, kg), else estimated from its yearly statement and its power use of the day:
annual tonnes / working days x energy / energy of a whole unrestricted day. A plant with neither is not told: it is
listed and never taken as nought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from lantian.assess.targets.days import rule
from lantian.assess.targets.ledger import EMISSIONS, Target, cap_of
from lantian.errors import DataError
from lantian.periods import Period
from lantian.records import Footnote, ObservationKind

__all__ = [
    "Basis",
    "CapDay",
    "CapState",
    "CapTally",
    "CountyDay",
    "PlantDay",
    "against_caps",
    "binding_cap",
    "county_day",
    "estimated_kg",
    "plant_day",
    "tally",
]

KG = 1000  # in a tonne
MG = 1_000_000  # in a kilogram


class Basis(StrEnum):
    """Where a plant's day comes from."""

    MEASURED = "measured_emission"
    ESTIMATED = "estimated_emission"
    NOT_TOLD = "emission_not_told"


@dataclass(frozen=True, slots=True)
class PlantDay:
    """What one plant sent out in one day [kg]; None exactly when it is not told, `lacks` then says what was missing."""

    enterprise: str
    area: str
    on: date
    pollutant: ObservationKind
    kg: Fraction | None
    basis: Basis
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class CountyDay:
    """A county's day [kg]: measured and estimated parts apart, and the plants that did not tell."""

    area: str
    on: date
    pollutant: ObservationKind
    measured_kg: Fraction
    estimated_kg: Fraction
    measured: tuple[str, ...]
    estimated: tuple[str, ...]
    not_told: tuple[str, ...]

    @property
    def told_kg(self) -> Fraction | None:
        """Both parts; None when no plant told anything."""
        return self.measured_kg + self.estimated_kg if self.measured or self.estimated else None


class CapState(StrEnum):
    """A county's day against its cap."""

    WITHIN = "within_cap"
    OVER = "over_cap"  # the measured part alone is over it
    OVER_ESTIMATED = "over_cap_estimated"  # over it only with the estimated part
    OPEN = "cap_open"  # what was told is within it, but not every plant told


@dataclass(frozen=True, slots=True)
class CapDay:
    """A county's day beside the cap in force [t]; `cap` and `state` None when no cap is. `over` is at least so much."""

    day: CountyDay
    cap: Fraction | None
    over: Fraction | None
    state: CapState | None
    footnotes: tuple[Footnote, ...]


@dataclass(frozen=True, slots=True)
class CapTally:
    """Days of a county and pollutant in each state over a period; `no_data` days have no told plant at all."""

    area: str
    pollutant: ObservationKind
    states: Mapping[CapState, int]
    no_cap: int
    no_data: int
    worst: CapDay | None


def estimated_kg(
    annual_t: Fraction, working_days: Fraction, energy_kwh: Fraction, base_kwh: Fraction
) -> Fraction:
    """Estimated day [kg] = annual t / working days x energy / base. DataError when a divisor is not above nought."""
    if working_days <= 0 or base_kwh <= 0:
        raise DataError("an estimate needs working days and base energy above nought", field="base_kwh")
    above = annual_t.numerator * energy_kwh.numerator * working_days.denominator * base_kwh.denominator
    below = annual_t.denominator * energy_kwh.denominator * working_days.numerator * base_kwh.numerator
    return Fraction(above * KG, below)  # brought to lowest terms once, not after every step


def plant_day(
    enterprise: str,
    area: str,
    on: date,
    pollutant: ObservationKind,
    *,
    measured_kg: Fraction | None = None,
    annual_t: Fraction | None = None,
    energy_kwh: Fraction | None = None,
    base_kwh: Fraction | None = None,
    working_days: Fraction | None = None,
) -> PlantDay:
    """A plant's day: measured, else estimated, else not told. Working days are the plant's own or those of the rule.

    An estimate is taken to the milligram: a finer one says nothing, and sums of thousands of them stay short numbers.
    A plant whose statement says nought of a pollutant emits nought of it, whatever its power use. A reading below
    nought is none: the day is not told, and no estimate hides it. DataError for a statement below nought.
    """
    if annual_t is not None and annual_t < 0:
        raise DataError(f"{annual_t} t of {enterprise} is below nought", field="annual_t")

    def told(kg: Fraction | None, basis: Basis, lacks: str = "") -> PlantDay:
        return PlantDay(enterprise, area, on, pollutant, kg, basis, lacks)

    if measured_kg is not None and measured_kg < 0:
        return told(None, Basis.NOT_TOLD, "measured_kg")
    if measured_kg is not None:
        return told(measured_kg, Basis.MEASURED)
    if annual_t is None:
        return told(None, Basis.NOT_TOLD, "annual_t")
    if annual_t == 0:
        return told(Fraction(), Basis.ESTIMATED)
    if energy_kwh is None or energy_kwh < 0:
        return told(None, Basis.NOT_TOLD, "energy_kwh")
    if not base_kwh:
        return told(None, Basis.NOT_TOLD, "base_kwh")
    days = working_days or Fraction(rule("working_days", on).number())
    kg = round(estimated_kg(annual_t, days, energy_kwh, base_kwh) * MG) / Fraction(MG)
    return told(kg, Basis.ESTIMATED)


def county_day(area: str, on: date, pollutant: ObservationKind, plants: Iterable[PlantDay]) -> CountyDay:
    """Add up a county's plants of one day and pollutant.

    DataError names a plant of another county, day or pollutant, one given twice and one that emits less than nought.
    """
    seen: set[str] = set()
    by_basis: dict[Basis, list[PlantDay]] = {basis: [] for basis in Basis}
    for plant in plants:
        if (plant.area, plant.on, plant.pollutant) != (area, on, pollutant):
            raise DataError("a plant's day that does not belong here", field=plant.enterprise)
        if plant.enterprise in seen:
            raise DataError("a plant's day given twice", field=plant.enterprise)
        if plant.kg is not None and plant.kg < 0:
            raise DataError(f"a plant cannot emit {plant.kg} kg", field=plant.enterprise)
        seen.add(plant.enterprise)
        by_basis[plant.basis].append(plant)
    names = {basis: tuple(sorted(each.enterprise for each in found)) for basis, found in by_basis.items()}
    sums = {
        basis: sum((each.kg for each in found if each.kg is not None), Fraction())
        for basis, found in by_basis.items()
    }
    return CountyDay(
        area,
        on,
        pollutant,
        sums[Basis.MEASURED],
        sums[Basis.ESTIMATED],
        names[Basis.MEASURED],
        names[Basis.ESTIMATED],
        names[Basis.NOT_TOLD],
    )


def binding_cap(targets: Iterable[Target], area: str, pollutant: ObservationKind, on: date) -> Target | None:
    """The daily cap that binds a county on a day; None without one.

    Of two caps for one county, pollutant and day the one with the shorter period binds (a special order over the year).
    """
    fits = [
        target
        for target in targets
        if target.area == area and EMISSIONS.get(target.indicator) is pollutant and on in target.period
    ]
    return min(fits, key=lambda each: each.period.days, default=None)


def against_caps(days: Sequence[CountyDay], targets: Sequence[Target]) -> tuple[CapDay, ...]:
    """Each county's day beside the daily cap [t/day] that binds it. The area of a target is the county's id."""
    caps = [target for target in targets if target.indicator in EMISSIONS]
    return tuple(_judge(day, caps) for day in days)


def _judge(day: CountyDay, caps: Sequence[Target]) -> CapDay:
    target = binding_cap(caps, day.area, day.pollutant, day.on)
    notes = (rule("working_days", day.on).footnote(),) if day.estimated else ()
    if target is None:
        return CapDay(day, None, None, None, notes)
    cap = cap_of(target)
    told = day.told_kg
    if cap is None or told is None:
        return CapDay(day, cap, None, None if cap is None else CapState.OPEN, (target.footnote, *notes))
    over = told / KG - cap
    if day.measured_kg / KG > cap:
        state = CapState.OVER
    elif over > 0:
        state = CapState.OVER_ESTIMATED
    else:
        state = CapState.OPEN if day.not_told else CapState.WITHIN
    return CapDay(day, cap, over if over > 0 else None, state, (target.footnote, *notes))


def tally(judged: Iterable[CapDay], period: Period) -> tuple[CapTally, ...]:
    """Days per state for each county and pollutant, over the days of the period that are there."""
    groups: dict[tuple[str, ObservationKind], list[CapDay]] = {}
    for each in judged:
        if each.day.on in period:
            groups.setdefault((each.day.area, each.day.pollutant), []).append(each)
    return tuple(_tally(area, pollutant, days) for (area, pollutant), days in sorted(groups.items()))


def _tally(area: str, pollutant: ObservationKind, days: Sequence[CapDay]) -> CapTally:
    over = [each for each in days if each.over is not None]
    return CapTally(
        area,
        pollutant,
        {state: sum(each.state is state for each in days) for state in CapState},
        sum(each.cap is None for each in days),
        sum(each.day.told_kg is None for each in days),
        max(over, key=lambda each: each.over or Fraction(), default=None),
    )
