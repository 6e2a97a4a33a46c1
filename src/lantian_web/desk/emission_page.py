"""Counties' emission of a day against the city's caps: measured and estimated apart, silent plants by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from lantian.assess.targets.emission import (
    KG,
    CapDay,
    CapState,
    CapTally,
    CountyDay,
    against_caps,
    county_day,
    tally,
)
from lantian.assess.targets.ledger import EMISSIONS, Target
from lantian.assess.targets.shares import printed
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible
from lantian_web.assessments import panels
from lantian_web.desk import wording
from lantian_web.desk.emission_days import energy_of, meters_by_plant, told_day
from lantian_web.desk.kept import kept
from lantian_web.desk.ledger import targets_by_area
from lantian_web.inventory.models import Area, Enterprise

__all__ = ["DAYS", "STATES", "EmissionRow", "Emissions", "caps_by_area", "emissions", "tonnes"]

DAYS = 7
TONNE_PLACES = 3
STATES = {
    CapState.WITHIN: "green",
    CapState.OVER: "red",
    CapState.OVER_ESTIMATED: "amber",
    CapState.OPEN: "blind",
}
WORST_FIRST = ("red", "amber", "blind", "green")


@dataclass(frozen=True, slots=True)
class EmissionRow:
    """One county and pollutant: the last day beside its cap, and how many days of the week were over."""

    area: Area
    indicator: str
    judged: CapDay
    tally: CapTally

    @property
    def light(self) -> str:
        return STATES[self.judged.state] if self.judged.state else "blind"

    @property
    def word(self) -> str:
        return wording.label(self.judged.state or "no_cap", "cap_state")

    @property
    def tonnes(self) -> tuple[Decimal | None, Decimal, Decimal]:
        """Told in all, measured, estimated [t]; the parts add up as printed."""
        return tonnes(self.judged.day)

    @property
    def over(self) -> int:
        return self.tally.states[CapState.OVER] + self.tally.states[CapState.OVER_ESTIMATED]


@dataclass(frozen=True, slots=True)
class CountyRow:
    """A county with one cell per indicator (None without a cap) and the plants that told nothing of some."""

    area: Area
    cells: tuple[EmissionRow | None, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Emissions:
    """Rows with a cap, worst first; names of the plants that did not tell, by id."""

    on: date
    rows: tuple[EmissionRow, ...]
    silent: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Indicators that any county has a cap on."""
        found = {row.indicator for row in self.rows}
        return tuple(code.value for code in EMISSIONS if code.value in found)

    @property
    def counties(self) -> tuple[CountyRow, ...]:
        """One row per county, the worst first."""
        by_area: dict[str, dict[str, EmissionRow]] = {}
        for row in self.rows:
            by_area.setdefault(row.area.id, {})[row.indicator] = row
        return tuple(
            CountyRow(
                next(iter(rows.values())).area,
                tuple(rows.get(code) for code in self.columns),
                tuple(sorted({pk for row in rows.values() for pk in row.judged.day.not_told})),
            )
            for rows in by_area.values()
        )


def emissions(user: User, counties: Sequence[Area], on: date) -> Emissions:
    """The counties' standing on the last closed day; `counties` are held whole by the log-in."""
    bound_to = caps_by_area(counties, on)
    caps = {key: list({cap.indicator: cap for cap in found}.values()) for key, found in bound_to.items()}
    bound = [area for area in counties if caps[area.id]]
    if not bound:
        return Emissions(on, (), {})
    ids = tuple(area.id for area in bound)
    plants = list(visible(user, Enterprise.objects.filter(area_id__in=ids)).order_by("id"))
    days = kept(lambda: _days(plants, on), "emission", ids, tuple(p.id for p in plants), on)
    rows = []
    for area in bound:
        for cap in caps[area.id]:
            pollutant = EMISSIONS[cap.indicator]
            judged = against_caps(days.get((area.id, pollutant), ()), bound_to[area.id])
            if judged:
                whole = tally(judged, Period(judged[0].day.on, judged[-1].day.on))[0]
                rows.append(EmissionRow(area, cap.indicator.value, judged[-1], whole))
    silent = {pk for row in rows for pk in row.judged.day.not_told}
    rows.sort(key=lambda row: (WORST_FIRST.index(row.light), row.area.id, row.indicator))
    return Emissions(on, tuple(rows), {p.id: p.name for p in plants if p.id in silent})


def tonnes(day: CountyDay) -> tuple[Decimal | None, Decimal, Decimal]:
    """A county's day as printed [t]: told in all (None when nobody told), measured, estimated."""
    measured, estimated = printed([day.measured_kg / KG, day.estimated_kg / KG], TONNE_PLACES)
    return (None if day.told_kg is None else measured + estimated), measured, estimated


def caps_by_area(counties: Sequence[Area], on: date) -> dict[str, list[Target]]:
    """The daily caps in force on a day by area id; the area of each is the id."""
    return {
        key: [replace(target, area=key) for target in found if target.indicator in EMISSIONS]
        for key, found in targets_by_area(counties, on).items()
    }


def _days(plants: Sequence[Enterprise], on: date) -> dict[tuple[str, ObservationKind], tuple[CountyDay, ...]]:
    """County days of the last week per county and pollutant."""
    week = [on - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    measured = panels.emission_days(week[0], on, [plant.id for plant in plants])
    row_of = {point: row for row, point in enumerate(measured.points)} if measured.days else {}
    meters = meters_by_plant({plant.area_id for plant in plants})
    made: dict[tuple[str, ObservationKind], list[CountyDay]] = defaultdict(list)
    for number, day in enumerate(week):
        energy = energy_of(day, meters)
        for pollutant in EMISSIONS.values():
            told = measured.of(pollutant)
            groups = defaultdict(list)
            for plant in plants:
                cell = told[row_of[plant.id], number] if plant.id in row_of else np.nan
                groups[plant.area_id].append(told_day(plant, day, pollutant, cell, energy.get(plant.id)))
            for area, days in groups.items():
                made[area, pollutant].append(county_day(area, day, pollutant, days))
    return {key: tuple(days) for key, days in made.items()}
