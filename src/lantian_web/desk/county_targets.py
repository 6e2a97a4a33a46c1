"""How the counties stand against their caps: their own rows of the ledger, else the city's cut shared among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lantian.assess.targets.ledger import Target
from lantian.assess.targets.room import Feasibility, Room, room
from lantian.assess.targets.shares import County, CountyCap, CountyRest, county_caps, county_rests
from lantian.errors import DataError
from lantian.inventory import AreaKind
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian.units import to_decimal
from lantian_web.assessments import panels
from lantian_web.desk import wording
from lantian_web.desk.area_stations import stations_by_area
from lantian_web.desk.ledger import dust_days, past_panel, targets_by_area
from lantian_web.desk.target_words import LIGHTS
from lantian_web.inventory.models import Area

__all__ = ["CountyStanding", "county_standings"]


@dataclass(frozen=True, slots=True)
class CountyStanding:
    """A county against its cap: its own row of the ledger, else the city's cut shared on its own base.

    `own` is its own account, what its days left may average by its cap; `rest` that account moved by `shift`, the same
    for all, so that the counties make the city's mean by their stations. All three None when nothing is left.
    """

    area: Area
    stations: int
    base: Fraction | Decimal | None
    cap: Fraction | None
    ledger: bool
    mean: Fraction | None
    own: Fraction | None
    shift: Fraction | None
    rest: Fraction | None
    feasibility: Feasibility | None

    @property
    def allowed(self) -> Fraction | None:
        """What the days left may average: a cap of its own is never loosened by what others save."""
        if self.ledger and self.own is not None and self.rest is not None:
            return min(self.own, self.rest)
        return self.own if self.rest is None else self.rest

    @property
    def light(self) -> str:
        return LIGHTS[self.feasibility] if self.feasibility else "blind"

    @property
    def word(self) -> str:
        return wording.label(self.feasibility or "untold", "feasibility")


def county_standings(
    counties: Sequence[Area], city: Target, city_room: Room, on: date
) -> tuple[CountyStanding, ...]:
    """Each county's cap, what it has and what is left to it.

    All counties of the city make its mean, whoever looks; `counties` are those shown.
    """
    if city_room.cap is None or not counties:
        return ()
    areas = list(Area.objects.exclude(kind=AreaKind.CITY).order_by("id"))
    caps = {cap.area: cap for cap in _shared_caps(areas, city_room.cap, city.base_period, on) if cap.weight}
    weighted = [area for area in areas if area.id in caps]
    ledger = _own_rows(weighted, city, on)
    panel, dust = past_panel(list(caps), on), dust_days().days
    rooms = {
        key: room(ledger.get(key) or _capped(city, cap), panel, on, point=key, excluded=dust.get(key, ()))
        for key, cap in caps.items()
    }
    rests = _rests(city_room, rooms, caps)
    shown = {area.id for area in counties}
    return tuple(
        _standing(area, caps[area.id], ledger.get(area.id), rooms[area.id], rests.get(area.id))
        for area in weighted
        if area.id in shown
    )


def _standing(
    area: Area, cap: CountyCap, own: Target | None, made: Room, rest: CountyRest | None
) -> CountyStanding:
    return CountyStanding(
        area,
        cap.weight,
        own.base if own and own.base is not None else cap.base,
        made.cap,
        own is not None,
        made.mean_so_far,
        made.allowed,
        rest.shift if rest else None,
        rest.rest if rest else None,
        made.feasibility if made.done else None,
    )


def _rests(city: Room, rooms: Mapping[str, Room], caps: Mapping[str, CountyCap]) -> dict[str, CountyRest]:
    """The counties' accounts moved to the city's allowed mean; none where one of them is not known."""
    own = [(key, caps[key].weight, made.allowed) for key, made in rooms.items() if made.allowed is not None]
    if city.allowed is None or len(own) < len(rooms) or not own:
        return {}
    return {rest.area: rest for rest in county_rests(city.allowed, own)}


def _own_rows(areas: Sequence[Area], city: Target, on: date) -> dict[str, Target]:
    """The counties' own rows of the ledger for the city's indicator and period, by area id."""
    found = {}
    for key, targets_of in targets_by_area(areas, on).items():
        own = next((each for each in targets_of if _same(each, city)), None)
        if own is not None:
            found[key] = own
    return found


def _same(target: Target, city: Target) -> bool:
    return (target.indicator, target.period) == (city.indicator, city.period)


def _capped(city: Target, cap: CountyCap) -> Target:
    """The city's target with the county's cap in it."""
    return replace(
        city, area=cap.area, value=to_decimal(cap.cap), change_percent=None, change_days=None, base=None
    )


def _shared_caps(areas: Sequence[Area], cap: Fraction, base: Period, on: date) -> tuple[CountyCap, ...]:
    """The city's cap on all counties, by the same percentage on each one's own base.

    They weigh by their stations in operation on the day.
    """
    panel = panels.area_panel([area.id for area in areas], base.start_on, base.end_on)
    values = panel.of(ObservationKind.PM25)
    rows, stations = [], stations_by_area(on)
    for place, area in enumerate(areas):
        known = [Fraction(to_decimal(value)) for value in values[place].tolist() if value == value]
        mean = sum(known, Fraction()) / len(known) if known else None
        rows.append(County(area.id, mean, len(stations.get(area.id, ()))))
    try:
        return county_caps(cap, rows)
    except DataError:
        return ()
