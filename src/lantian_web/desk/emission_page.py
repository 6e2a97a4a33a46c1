"""Counties' emission of a day against the city's caps: measured and estimated apart, silent plants by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from django.conf import settings

from lantian.assess.emission import (
    CapDay,
    CapState,
    CapTally,
    CountyDay,
    against_caps,
    county_day,
    plant_day,
    tally,
)
from lantian.assess.ledger import EMISSIONS, Target
from lantian.detect.rule import rules_on
from lantian.periods import Period, is_workday
from lantian.records import FindingKind, ObservationKind
from lantian.units import to_decimal
from lantian_store.grid import SLOTS, Grids
from lantian_store.lake import Lake
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible
from lantian_web.assessments import panels
from lantian_web.desk import wording
from lantian_web.desk.kept import kept
from lantian_web.desk.ledger import targets_by_area
from lantian_web.inventory import queries as inventory
from lantian_web.inventory.models import Area, Enterprise

__all__ = ["DAYS", "EmissionRow", "Emissions", "emissions"]

DAYS = 7
HOURS = 0.25
STATES = {
    CapState.WITHIN: "green",
    CapState.OVER: "red",
    CapState.OVER_ESTIMATED: "amber",
    CapState.OPEN: "blind",
}
WORST_FIRST = ("red", "amber", "blind", "green")
ANNUAL = {"emitted_so2": "so2_t", "emitted_nox": "nox_t", "emitted_pm": "pm_t", "emitted_vocs": "vocs_t"}


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
    def tonnes(self) -> tuple[Fraction | None, Fraction, Fraction]:
        """Told in all, measured, estimated [t]."""
        day = self.judged.day
        whole = day.told_kg
        return (None if whole is None else whole / 1000), day.measured_kg / 1000, day.estimated_kg / 1000

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
    bound_to = targets_by_area(counties, on)
    caps = {area.id: _caps(bound_to[area.id]) for area in counties}
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
            judged = against_caps(
                days.get((area.id, pollutant), ()), [_by_id(t, area) for t in caps[area.id]]
            )
            if judged:
                whole = tally(judged, Period(judged[0].day.on, judged[-1].day.on))[0]
                rows.append(EmissionRow(area, cap.indicator.value, judged[-1], whole))
    silent = {pk for row in rows for pk in row.judged.day.not_told}
    rows.sort(key=lambda row: (WORST_FIRST.index(row.light), row.area.id, row.indicator))
    return Emissions(on, tuple(rows), {p.id: p.name for p in plants if p.id in silent})


def _caps(targets: Sequence[Target]) -> list[Target]:
    """One cap per pollutant: what binds the county on the day."""
    return list({t.indicator: t for t in targets if t.indicator in EMISSIONS}.values())


def _by_id(target: Target, area: Area) -> Target:
    return replace(target, area=area.id)


def _days(plants: Sequence[Enterprise], on: date) -> dict[tuple[str, ObservationKind], tuple[CountyDay, ...]]:
    """County days of the last week per county and pollutant."""
    week = [on - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    measured = panels.emission_days(week[0], on, [plant.id for plant in plants])
    row_of = {point: row for row, point in enumerate(measured.points)} if measured.days else {}
    made: dict[tuple[str, ObservationKind], list[CountyDay]] = defaultdict(list)
    for number, day in enumerate(week):
        energy = _energy(day)
        for pollutant in EMISSIONS.values():
            told = measured.of(pollutant)
            groups = defaultdict(list)
            for plant in plants:
                cell = told[row_of[plant.id], number] if plant.id in row_of else np.nan
                groups[plant.area_id].append(
                    plant_day(
                        plant.id,
                        plant.area_id,
                        day,
                        pollutant,
                        measured_kg=_exact(cell),
                        annual_t=_exact(getattr(plant, ANNUAL[pollutant.value])),
                        energy_kwh=_exact(energy.get(plant.id)),
                        base_kwh=_exact(
                            plant.base_workday_kwh if is_workday(day) else plant.base_restday_kwh
                        ),
                    )
                )
            for area, days in groups.items():
                made[area, pollutant].append(county_day(area, day, pollutant, days))
    return {key: tuple(days) for key, days in made.items()}


def _exact(value: float | None) -> Fraction | None:
    return None if value is None or value != value else Fraction(to_decimal(value))


def _energy(day: date) -> dict[str, float]:
    """Energy [kWh] of each plant's production meters on a day, its gaps taken at the mean of what is there.

    A plant that misses more than the rule allows is not told.
    """
    plants = inventory.meters().plants
    if not plants.meter_ids:
        return {}
    values = Grids(Lake(settings.LANTIAN_HOME), plants.meter_ids).get(day).values.astype(np.float64)
    gone = np.isnan(values).sum(axis=1) / SLOTS
    allowed = rules_on(day).finding(FindingKind.NOT_CURTAILED).number("max_missing_share")
    known = np.maximum(SLOTS * (1 - gone), 1)
    kwh = np.where(gone <= allowed, np.nansum(values, axis=1) * HOURS * SLOTS / known, np.nan)
    found = {}
    for plant, place in plants.plant_of.items():
        first, end = plants.plant_first[place], plants.plant_first[place + 1]
        if end > first:
            found[plant] = float(kwh[first:end].sum())
    return found
