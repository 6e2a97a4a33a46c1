"""What plants sent out on one day: measured, else estimated from the statement of the year and the power of the day."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

import numpy as np
from django.conf import settings

from lantian.assess.targets.emission import PlantDay, plant_day
from lantian.detect.rule import rules_on
from lantian.inventory import MeterKind
from lantian.periods import is_workday
from lantian.records import FindingKind, ObservationKind
from lantian.units import to_decimal
from lantian_store.grid import SLOTS, Grids
from lantian_store.lake import Lake
from lantian_web.inventory.models import Enterprise, Meter

__all__ = ["energy_of", "exact", "meters_by_plant", "told_day"]

K = TypeVar("K", bound=Hashable)
HOURS = 0.25
ANNUAL = {"emitted_so2": "so2_t", "emitted_nox": "nox_t", "emitted_pm": "pm_t", "emitted_vocs": "vocs_t"}


@lru_cache(maxsize=1 << 16)  # the same for ever: of a number only itself is kept
def exact(value: float | None) -> Fraction | None:
    """A stored double by its shortest decimal text; None for a missing one."""
    return None if value is None or value != value else Fraction(to_decimal(value))


def told_day(
    plant: Enterprise,
    on: date,
    pollutant: ObservationKind,
    measured_kg: float | None,
    energy_kwh: float | None,
) -> PlantDay:
    """A plant's day of one pollutant; NaN is missing."""
    return plant_day(
        plant.id,
        plant.area_id,
        on,
        pollutant,
        measured_kg=exact(measured_kg),
        annual_t=exact(getattr(plant, ANNUAL[pollutant.value])),
        energy_kwh=exact(energy_kwh),
        base_kwh=exact(plant.base_workday_kwh if is_workday(on) else plant.base_restday_kwh),
    )


def meters_by_plant(areas: Iterable[str]) -> dict[str, list[str]]:
    """Production meters of the plants of some areas, by plant."""
    found: dict[str, list[str]] = {}
    rows = Meter.objects.filter(kind=MeterKind.PRODUCTION, area_id__in=list(areas))
    for plant, meter in rows.order_by("enterprise_id", "id").values_list("enterprise_id", "id"):
        found.setdefault(plant, []).append(meter)
    return found


def energy_of(day: date, groups: Mapping[K, Sequence[str]]) -> dict[K, float]:
    """Energy [kWh] of a day of groups of production meters, gaps taken at the mean of what is there.

    A group with a meter that misses more than the rule allows is NaN; one without meters has no entry.
    """
    meters = list(dict.fromkeys(_all(groups.values())))
    if not meters:
        return {}
    values = Grids(Lake(settings.LANTIAN_HOME), meters).get(day).values.astype(np.float64)
    gone = np.isnan(values).sum(axis=1) / SLOTS
    allowed = rules_on(day).finding(FindingKind.NOT_CURTAILED).number("max_missing_share")
    known = np.maximum(SLOTS * (1 - gone), 1)
    kwh = np.where(gone <= allowed, np.nansum(values, axis=1) * HOURS * SLOTS / known, np.nan)
    row_of = {meter: row for row, meter in enumerate(meters)}
    return {key: float(kwh[[row_of[one] for one in found]].sum()) for key, found in groups.items() if found}


def _all(groups: Iterable[Sequence[str]]) -> Iterable[str]:
    return (meter for group in groups for meter in group)
