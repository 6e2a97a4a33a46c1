"""How the counties stand against their caps: their own rows of the ledger, else the city's cut shared among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lantian.assess.ledger import Target
from lantian.assess.shares import County, CountyCap, county_caps
from lantian.assess.targets import Feasibility, Room
from lantian.errors import DataError
from lantian.inventory import AreaKind
from lantian.observe.panel import DayPanel
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian.units import to_decimal
from lantian_web.assessments import panels
from lantian_web.desk import wording
from lantian_web.desk.area_page import stations_by_area
from lantian_web.desk.ledger import room_of_area
from lantian_web.desk.target_words import LIGHTS
from lantian_web.inventory.models import Area

__all__ = ["CountyStanding", "county_standings"]


@dataclass(frozen=True, slots=True)
class CountyStanding:
    """A county against its cap: its own row of the ledger, else the city's cut shared on its own base."""

    area: Area
    stations: int
    base: Fraction | Decimal | None
    cap: Fraction | None
    own: bool
    mean: Fraction | None
    allowed: Fraction | None
    feasibility: Feasibility | None

    @property
    def light(self) -> str:
        return LIGHTS[self.feasibility] if self.feasibility else "blind"

    @property
    def word(self) -> str:
        return wording.label(self.feasibility or "untold", "feasibility")


def county_standings(
    counties: Sequence[Area],
    ledger: Mapping[str, Sequence[Target]],
    city: Target,
    room: Room,
    panel: DayPanel,
    on: date,
) -> tuple[CountyStanding, ...]:
    """Each county's cap, what it has and what is left to it."""
    if room.cap is None:
        return ()
    caps = {cap.area: cap for cap in _shared_caps(room.cap, city.base_period)}
    found = []
    for county in counties:
        if not (cap := caps.get(county.id)) or not cap.weight:
            continue
        own = next((t for t in ledger.get(county.id, ()) if _same(t, city)), None)
        target = own or _capped(city, county.id, cap)
        made = room_of_area(county, target, panel, on)
        found.append(
            CountyStanding(
                county,
                cap.weight,
                own.base if own and own.base is not None else cap.base,
                made.cap,
                own is not None,
                made.mean_so_far,
                made.allowed,
                made.feasibility if made.done else None,
            )
        )
    return tuple(found)


def _same(target: Target, city: Target) -> bool:
    return (target.indicator, target.period) == (city.indicator, city.period)


def _capped(city: Target, county: str, cap: CountyCap) -> Target:
    """The city's target with the county's cap in it."""
    return replace(
        city, area=county, value=to_decimal(cap.cap), change_percent=None, change_days=None, base=None
    )


def _shared_caps(cap: Fraction, base: Period) -> tuple[CountyCap, ...]:
    """The city's cap on all counties, whoever looks: by the same percentage on each one's own base."""
    areas = list(Area.objects.exclude(kind=AreaKind.CITY).order_by("id"))
    panel = panels.area_panel([area.id for area in areas], base.start_on, base.end_on)
    values = panel.of(ObservationKind.PM25)
    rows, stations = [], stations_by_area()
    for place, area in enumerate(areas):
        known = [Fraction(to_decimal(value)) for value in values[place].tolist() if value == value]
        mean = sum(known, Fraction()) / len(known) if known else None
        rows.append(County(area.id, mean, len(stations.get(area.id, ()))))
    try:
        return county_caps(cap, rows)
    except DataError:
        return ()
