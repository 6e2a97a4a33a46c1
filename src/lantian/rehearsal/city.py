"""A whole invented city from a seed: same seed, same city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lantian.assess.aqi import AQI_ITEMS
from lantian.inventory import (
    Area,
    AreaKind,
    Enterprise,
    Line,
    ListedMeasure,
    Meter,
    Person,
    Post,
    Station,
    Unit,
)
from lantian.observe.panel import DayPanel
from lantian.records import ObservationKind
from lantian.rehearsal.climate import DailyAir, invented_air
from lantian.rehearsal.fleet import Fleet, Habits, daily_energy
from lantian.rehearsal.offices import build_offices
from lantian.rehearsal.outlines import Ring, outlines, scatter
from lantian.rehearsal.plain import neighbours
from lantian.rehearsal.plants import build_plants, list_measures
from lantian.rehearsal.source import number, stream, texts
from lantian.rehearsal.tonnage import with_tonnages

__all__ = ["City", "ForecastKind", "build_city", "fleet_of"]

CITY_ID = "99"
O3_NAMES = dict.fromkeys(("o3_mda8", "o3_8h"), ObservationKind.O3.value)


class ForecastKind(StrEnum):
    """Where the forecast comes from."""

    MODEL = "model"  # the coming days, drawn towards the season's mean the further ahead
    PERFECT = "perfect"
    PERSISTENCE = "persistence"


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """The city as everybody may know it, and the habits that only the rehearsal knows.

    `daily_energy` is kWh [meters, energy_days] of the days before `first_day`; `air` holds the city's daily
    values (O3: MDA8) of last year or season, of this year to date, of the played days and some days after them;
    `around` those of the other cities of its plain, NaN = not published.
    """

    seed: int
    first_day: date
    days: int
    areas: tuple[Area, ...]
    stations: tuple[Station, ...]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    posts: tuple[Post, ...]
    enterprises: tuple[Enterprise, ...]
    lines: tuple[Line, ...]
    meters: tuple[Meter, ...]
    listed: tuple[ListedMeasure, ...]
    habits: Habits
    daily_energy: NDArray[np.float64]
    air: Mapping[date, DailyAir]
    around: DayPanel
    forecast_kind: ForecastKind = ForecastKind.MODEL
    real_air: bool = False

    @property
    def energy_days(self) -> tuple[date, ...]:
        """The days of the columns of `daily_energy`."""
        return _days_before(self.first_day, self.daily_energy.shape[1])

    @property
    def history(self) -> dict[date, DailyAir]:
        """Daily air values before the first day."""
        return {day: values for day, values in self.air.items() if day < self.first_day}

    def with_air(
        self,
        days: Mapping[date, Mapping[str, Decimal | float | None]],
        forecast_kind: ForecastKind = ForecastKind.PERFECT,
        around: DayPanel | None = None,
    ) -> City:
        """The same city under real daily air; nothing of the invented air is kept: no history, no other cities.

        Keys are item names (`o3_mda8`, `o3_8h` or `o3` is the greatest 8 h mean); an absent item is missing. `around` is the
        air of other real cities.
        """
        air: dict[date, DailyAir] = {}
        for day in sorted(days):
            given = {O3_NAMES.get(key, str(key)): value for key, value in days[day].items()}
            air[day] = {
                kind: None if (value := given.get(kind.value)) is None else float(value)
                for kind in ObservationKind
                if kind in AQI_ITEMS
            }
        others = around if around is not None else DayPanel((), self.first_day, {})
        return replace(self, air=air, around=others, forecast_kind=forecast_kind, real_air=True)


def _days_before(first_day: date, count: int) -> tuple[date, ...]:
    return tuple(first_day - timedelta(days=back) for back in range(count, 0, -1))


def _areas(seed: int) -> tuple[Area, ...]:
    counties = int(number("geography", "counties"))
    rings = outlines(seed, counties + 1)
    generator = stream(seed, "areas")
    first = generator.permutation(np.array(texts("places", "first")))
    second, suffixes = texts("places", "second"), texts("places", "suffix")
    city = texts("places", "city_first")[0] + texts("places", "city_second")[0]
    zone_at = _smallest(rings)
    ordered: list[Ring] = [*rings[:zone_at], *rings[zone_at + 1 :], rings[zone_at]]
    made = [Area(CITY_ID, AreaKind.CITY, city)]
    for i, ring in enumerate(ordered):
        area_id = f"{CITY_ID}{i + 1:02d}"
        if i == counties:
            made.append(Area(area_id, AreaKind.ZONE, city + texts("places", "zone")[0], ring))
            continue
        name = str(first[i % len(first)]) + second[int(generator.integers(len(second)))]
        suffix = suffixes[int(generator.integers(len(suffixes)))]
        made.append(Area(area_id, AreaKind.COUNTY, name + suffix, ring))
    return tuple(made)


def _smallest(rings: Sequence[Ring]) -> int:
    areas = [
        abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise((*ring, ring[0])))) for ring in rings
    ]
    return int(np.argmin(areas))


def _stations(seed: int, counties: Sequence[Area]) -> tuple[Station, ...]:
    """Stations in the counties nearest to the middle, every other one a national station."""
    middle = np.array([number("geography", "lon"), number("geography", "lat")])
    distance = [float(((np.array(area.outline).mean(axis=0) - middle) ** 2).sum()) for area in counties]
    nearest = sorted(range(len(counties)), key=lambda i: (distance[i], i))
    words, forms = texts("places", "station"), texts("places", "station_word")
    made: list[Station] = []
    for i in range(int(number("geography", "stations"))):
        area = counties[nearest[i // 2]]
        lon, lat = scatter(area.outline, 1, stream(seed, "station", i))[0]
        name = words[i % len(words)] + forms[i % len(forms)]
        made.append(Station(f"reh-s{i + 1}", name, area.id, float(lon), float(lat), i % 3 != 2))
    return tuple(made)


def build_city(seed: int, plants: int = 4709, *, first_day: date, days: int) -> City:
    """The city with `plants` plants, its air for `days` days from `first_day` and 60 days of energy before.

    PeriodError when `first_day` lies outside the season or its working calendar is not published.
    """
    areas = _areas(seed)
    counties = areas[1:]
    built = build_plants(seed, plants, counties, first_day)
    offices = build_offices(seed, areas, built.enterprises)
    energy_days = _days_before(first_day, int(number("geography", "energy_days")))
    fleet = _fleet(seed, built.habits, built.enterprises, built.lines, built.meters)
    air = invented_air(seed, first_day, days)
    return City(
        seed=seed,
        first_day=first_day,
        days=days,
        areas=areas,
        stations=_stations(seed, counties),
        units=offices.units,
        people=offices.people,
        posts=offices.posts,
        enterprises=with_tonnages(fleet, built.enterprises),
        lines=built.lines,
        meters=built.meters,
        listed=list_measures(areas[0].name, built.enterprises, built.lines, first_day),
        habits=built.habits,
        daily_energy=daily_energy(fleet, energy_days),
        air=air,
        around=neighbours(seed, air),
    )


def _fleet(
    seed: int,
    habits: Habits,
    enterprises: Sequence[Enterprise],
    lines: Sequence[Line],
    meters: Sequence[Meter],
) -> Fleet:
    plant_row = {plant.id: i for i, plant in enumerate(enterprises)}
    line_plant = np.array([plant_row[line.enterprise_id] for line in lines], dtype=np.int32)
    area_of = [meter.area_id for meter in meters]
    edges = [0, *(i for i in range(1, len(area_of)) if area_of[i] != area_of[i - 1]), len(area_of)]
    return Fleet(
        seed=seed,
        habits=habits,
        line_plant=line_plant,
        first_line=np.searchsorted(line_plant, np.arange(len(enterprises) + 1)).astype(np.int32),
        rated=np.array([meter.rated_kw for meter in meters], dtype=np.float32),
        line_row={line.id: i for i, line in enumerate(lines)},
        plant_row=plant_row,
        meter_ids=tuple(meter.id for meter in meters),
        county_rows=tuple((area_of[a], a, b) for a, b in pairwise(edges) if b > a),
    )


@lru_cache(maxsize=2)
def fleet_of(city: City) -> Fleet:
    """The city's lines as arrays (kept for the city last asked for)."""
    return _fleet(city.seed, city.habits, city.enterprises, city.lines, city.meters)
