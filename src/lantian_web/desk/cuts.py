"""What each plant and line of a county must cut: the county's day above its cap, shared out, solved again each day.

The figures are printed here, once: lines add up to their plant, plants and what nobody carries to the cut, on every
page and in every file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lantian.assess.targets.emission import (
    KG,
    Basis,
    CapDay,
    PlantDay,
    against_caps,
    binding_cap,
    county_day,
)
from lantian.assess.targets.ledger import EMISSIONS, Target
from lantian.assess.targets.shares import Carries, Cut, Plant, PlantCut, energy_cut, printed, split_cut
from lantian.records import ObservationKind
from lantian.units import round_half_even, to_decimal
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible
from lantian_web.assessments import panels
from lantian_web.desk import wording
from lantian_web.desk.cut_ground import CutGround, Shared, cut_ground, line_weights
from lantian_web.desk.emission_days import exact, told_day
from lantian_web.desk.emission_page import STATES, caps_by_area, tonnes
from lantian_web.desk.kept import kept
from lantian_web.inventory.models import Area, Enterprise

__all__ = ["CountyCut", "LineShare", "PlantShare", "cuts_seen"]

PLACES = 2
SHARE_PLACES = 1
KWH_PLACES = 0
ORDER = (Carries.CARRIES, Carries.NOT_TOLD, Carries.EXEMPT, Carries.NOTHING)


@dataclass(frozen=True, slots=True)
class LineShare:
    """What a line carries [kg] and what energy [kWh] goes with it of what it used; None where it cannot be told."""

    id: str
    name: str
    kg: Decimal
    used: Decimal | None
    less: Decimal | None


@dataclass(frozen=True, slots=True)
class PlantShare:
    """A plant's row: emission of the day [kg], what it carries of the cut [kg, percent] and its lines."""

    id: str
    name: str
    emits: Decimal | None
    basis: Basis
    lacks: str
    why: Carries
    kg: Decimal
    share: Decimal
    by: Shared
    lines: tuple[LineShare, ...]
    used: Decimal | None
    less: Decimal | None


@dataclass(frozen=True, slots=True)
class CountyCut:
    """A county's day of one pollutant and its cut [kg]: asked = carried + uncovered, as printed too.

    `rate` is the percentage of its emission that every plant that carries must cut, `least` says that not all told.
    `plants` are those that the log-in may see, `whole` whether they are all of the county.
    """

    area: Area
    indicator: str
    on: date
    target: Target
    judged: CapDay
    asked: Decimal
    carried: Decimal
    uncovered: Decimal
    uncovered_share: Decimal
    rate: Decimal
    plants: tuple[PlantShare, ...]
    whole: bool

    @property
    def light(self) -> str:
        return STATES[self.judged.state] if self.judged.state else "blind"

    @property
    def word(self) -> str:
        return wording.label(self.judged.state or "no_cap", "cap_state")

    @property
    def over(self) -> bool:
        return self.judged.over is not None

    @property
    def least(self) -> bool:
        return bool(self.judged.day.not_told)

    @property
    def tonnes(self) -> tuple[Decimal | None, Decimal, Decimal]:
        """Told in all, measured, estimated [t]; the parts add up as printed."""
        return tonnes(self.judged.day)

    @property
    def counts(self) -> Mapping[str, int]:
        """Plants by why they carry what they carry."""
        return Counter(plant.why.value for plant in self.plants)


def cuts_seen(user: User, area: Area, on: date) -> tuple[CountyCut, ...]:
    """The cuts of a county's capped pollutants with the plants that this log-in may see; none when it sees none.

    The sums stand on all plants of the county, so that everybody reads the same share of his own.
    """
    seen = set(visible(user, Enterprise.objects.filter(area_id=area.id)).values_list("id", flat=True))
    if not seen:
        return ()
    made: tuple[CountyCut, ...] = kept(lambda: _county(area, on), "cuts", area.id, on)
    return tuple(_only(cut, seen) for cut in made)


def _only(cut: CountyCut, seen: set[str]) -> CountyCut:
    plants = tuple(plant for plant in cut.plants if plant.id in seen)
    if len(plants) == len(cut.plants):
        return cut
    return replace(cut, plants=plants, whole=False)


def _county(area: Area, on: date) -> tuple[CountyCut, ...]:
    """All cuts of a county, whoever looks."""
    caps = caps_by_area([area], on)[area.id]
    if not caps:
        return ()
    found = cut_ground(area.id, on)
    ids = [plant.id for plant in found.plants]
    measured = panels.emission_days(on, on, ids)
    row_of = {point: row for row, point in enumerate(measured.points)} if measured.days else {}
    made = []
    for indicator, pollutant in EMISSIONS.items():
        target = binding_cap(caps, area.id, pollutant, on)
        if target is None:
            continue
        told = measured.of(pollutant) if row_of else None
        days = [
            told_day(
                plant,
                on,
                pollutant,
                told[row_of[plant.id], 0] if told is not None and plant.id in row_of else None,
                found.by_plant.get(plant.id),
            )
            for plant in found.plants
        ]
        made.append(_cut(area, on, indicator.value, pollutant, target, days, found))
    return tuple(made)


def _cut(
    area: Area,
    on: date,
    indicator: str,
    pollutant: ObservationKind,
    target: Target,
    days: Sequence[PlantDay],
    found: CutGround,
) -> CountyCut:
    (judged,) = against_caps([county_day(area.id, on, pollutant, days)], [target])
    asked = (judged.over or Fraction()) * KG
    shares = {plant.id: line_weights(plant.id, found) for plant in found.plants}
    cut = split_cut(
        asked,
        [
            Plant(day.enterprise, day.kg, day.enterprise in found.exempt, shares[day.enterprise][1])
            for day in days
        ],
    )
    carried, uncovered = printed([cut.carried, cut.uncovered], PLACES)
    percent = printed(
        [*(plant.share * 100 for plant in cut.plants), cut.uncovered / asked * 100 if asked else Fraction()],
        SHARE_PLACES,
    )
    rows = _rows(cut, carried, percent, days, shares, found)
    return CountyCut(
        area,
        indicator,
        on,
        target,
        judged,
        carried + uncovered,
        carried,
        uncovered,
        percent[-1],
        _rate(cut),
        tuple(sorted(rows, key=_worst_first)),
        True,
    )


def _rate(cut: Cut) -> Decimal:
    one = next((plant for plant in cut.plants if plant.why is Carries.CARRIES and plant.emits), None)
    rate = one.kg / one.emits * 100 if one and one.emits else Fraction()
    return round_half_even(to_decimal(rate), SHARE_PLACES)


def _rows(
    cut: Cut,
    carried: Decimal,
    percent: Sequence[Decimal],
    days: Sequence[PlantDay],
    shares: Mapping[str, tuple[Shared, Mapping[str, Fraction]]],
    found: CutGround,
) -> list[PlantShare]:
    kilograms = printed([plant.kg for plant in cut.plants], PLACES, carried)
    emits = iter(printed([day.kg for day in days if day.kg is not None], PLACES))
    name_of = {plant.id: plant.name for plant in found.plants}
    rows = []
    for plant, day, kg, share in zip(cut.plants, days, kilograms, percent, strict=False):
        by = shares[plant.enterprise][0]
        energy = exact(found.by_plant.get(plant.enterprise)) if by is Shared.ENERGY else None
        rows.append(
            PlantShare(
                plant.enterprise,
                name_of[plant.enterprise],
                None if day.kg is None else next(emits),
                day.basis,
                day.lacks,
                plant.why,
                kg,
                share,
                by,
                _lines(plant, kg, by, energy, found),
                _kwh(energy),
                _kwh(energy_cut(plant.kg, plant.emits, energy)),
            )
        )
    return rows


def _lines(
    plant: PlantCut, kg: Decimal, by: Shared, energy: Fraction | None, found: CutGround
) -> tuple[LineShare, ...]:
    parts = printed([line.kg for line in plant.lines], PLACES, kg) if plant.lines else ()
    return tuple(
        LineShare(
            line.line,
            found.names[line.line],
            part,
            _kwh(found.by_line.get(line.line)) if by is Shared.ENERGY else None,
            _kwh(energy_cut(line.kg, plant.emits, energy)),
        )
        for line, part in zip(plant.lines, parts, strict=True)
    )


def _kwh(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_half_even(to_decimal(value), KWH_PLACES)


def _worst_first(plant: PlantShare) -> tuple[Decimal, int, Decimal, str]:
    return (-plant.kg, ORDER.index(plant.why), -(plant.emits or Decimal()), plant.id)
