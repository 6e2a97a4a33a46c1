"""What each plant and line of a county must cut: the county's day above its cap, shared out, solved again each day.

The figures are printed here, once: lines add up to their plant, plants and what nobody carries to the cut, on every
page and in every file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

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
from lantian.assess.targets.shares import (
    Carries,
    Cut,
    LineCut,
    Plant,
    PlantCut,
    energy_cut,
    line_cuts,
    printed,
    split_cut,
)
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

__all__ = ["CountyCut", "CutDay", "LineShare", "PlantShare", "cut_seen", "cuts_seen", "days_seen"]

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
    """A plant's row: emission of the day [kg], and what it carries of the cut [kg, percent], exactly in `exactly`.

    Its lines and their energy are worked out when asked for: a page shows those of thirty plants of thousands.
    """

    id: str
    name: str
    emits: Decimal | None
    basis: Basis
    lacks: str
    why: Carries
    kg: Decimal
    share: Decimal
    exactly: PlantCut
    ground: CutGround

    @property
    def by(self) -> Shared:
        """By what its part is shared among its lines."""
        return line_weights(self.id, self.ground)[0]

    @property
    def lines(self) -> tuple[LineShare, ...]:
        """What its lines carry; they add up to `kg`."""
        by, weights = line_weights(self.id, self.ground)
        return _lines(self, line_cuts(self.exactly.kg, weights), by)

    @property
    def used(self) -> Decimal | None:
        """Energy of the day [kWh]; None where it cannot be told line by line."""
        return _kwh(self.energy)

    @property
    def less(self) -> Decimal | None:
        """Energy [kWh] that goes with its part."""
        return _kwh(energy_cut(self.exactly.kg, self.exactly.emits, self.energy))

    @property
    def energy(self) -> Fraction | None:
        """`used` before rounding."""
        return exact(self.ground.by_plant.get(self.id)) if self.by is Shared.ENERGY else None


@dataclass(frozen=True, slots=True)
class CutDay:
    """A county's day of one pollutant beside its cap; `least` says that not all told."""

    area: Area
    indicator: str
    on: date
    target: Target
    judged: CapDay

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


@dataclass(frozen=True, slots=True)
class CountyCut(CutDay):
    """A county's day of one pollutant and its cut [kg]: asked = carried + uncovered, as printed too.

    `rate` is the percentage of its emission that every plant that carries must cut.
    `plants` are those that the log-in may see, `whole` whether they are all of the county.
    """

    asked: Decimal
    carried: Decimal
    uncovered: Decimal
    uncovered_share: Decimal
    rate: Decimal
    plants: tuple[PlantShare, ...]
    whole: bool

    @property
    def counts(self) -> Mapping[str, int]:
        """Plants by why they carry what they carry."""
        return Counter(plant.why.value for plant in self.plants)


@dataclass(frozen=True, eq=False)
class _Judged:
    """What a cut is made of, whoever looks, and the cut: both of one state of the data."""

    head: CutDay
    days: tuple[PlantDay, ...]
    found: CutGround

    @cached_property
    def cut(self) -> CountyCut:
        return _cut(self)


def days_seen(user: User, area: Area, on: date) -> tuple[CutDay, ...]:
    """A county's capped pollutants beside their caps; none when the log-in sees no plant of it."""
    return tuple(one.head for one in _judged(area, on)) if _seen(user, area) else ()


def cut_seen(user: User, area: Area, on: date, indicator: str) -> CountyCut | None:
    """The cut of one pollutant with the plants that this log-in may see; None when it sees none, or none is capped.

    The sums stand on all plants of the county, so that everybody reads the same share of his own.
    """
    seen = _seen(user, area)
    made = next((one for one in _judged(area, on) if one.head.indicator == indicator), None) if seen else None
    if made is None:
        return None
    return _only(made.cut, seen)


def cuts_seen(user: User, area: Area, on: date) -> tuple[CountyCut, ...]:
    """The cuts of all its capped pollutants as `cut_seen` gives them."""
    found = (cut_seen(user, area, on, one.indicator) for one in days_seen(user, area, on))
    return tuple(cut for cut in found if cut is not None)


def _seen(user: User, area: Area) -> set[str]:
    return set(visible(user, Enterprise.objects.filter(area_id=area.id)).values_list("id", flat=True))


def _only(cut: CountyCut, seen: set[str]) -> CountyCut:
    plants = tuple(plant for plant in cut.plants if plant.id in seen)
    if len(plants) == len(cut.plants):
        return cut
    return replace(cut, plants=plants, whole=False)


def _judged(area: Area, on: date) -> tuple[_Judged, ...]:
    made: tuple[_Judged, ...] = kept(lambda: tuple(_judge(area, on)), "cuts", area.id, on)
    return made


def _judge(area: Area, on: date) -> Iterator[_Judged]:
    """The county's capped pollutants with the day of every plant."""
    caps = caps_by_area([area], on)[area.id]
    if not caps:
        return
    found = cut_ground(area.id, on)
    ids = [plant.id for plant in found.plants]
    measured = panels.emission_days(on, on, ids)
    row_of = {point: row for row, point in enumerate(measured.points)} if measured.days else {}
    for indicator, pollutant in EMISSIONS.items():
        target = binding_cap(caps, area.id, pollutant, on)
        if target is None:
            continue
        told = measured.of(pollutant) if row_of else None
        days = tuple(
            told_day(
                plant,
                on,
                pollutant,
                told[row_of[plant.id], 0] if told is not None and plant.id in row_of else None,
                found.by_plant.get(plant.id),
            )
            for plant in found.plants
        )
        (judged,) = against_caps([county_day(area.id, on, pollutant, days)], [target])
        yield _Judged(CutDay(area, indicator.value, on, target, judged), days, found)


def _cut(of: _Judged) -> CountyCut:
    head, days, found = of.head, of.days, of.found
    asked = (head.judged.over or Fraction()) * KG
    cut = split_cut(
        asked, [Plant(day.enterprise, day.kg, day.enterprise in found.exempt, {}) for day in days]
    )
    carried, uncovered = printed([cut.carried, cut.uncovered], PLACES)
    percent = printed(
        [*(plant.share * 100 for plant in cut.plants), cut.uncovered / asked * 100 if asked else Fraction()],
        SHARE_PLACES,
    )
    rows = _rows(cut, carried, percent, days, found)
    return CountyCut(
        head.area,
        head.indicator,
        head.on,
        head.target,
        head.judged,
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
    found: CutGround,
) -> list[PlantShare]:
    kilograms = printed([plant.kg for plant in cut.plants], PLACES, carried)
    emits = iter(printed([day.kg for day in days if day.kg is not None], PLACES))
    name_of = {plant.id: plant.name for plant in found.plants}
    return [
        PlantShare(
            plant.enterprise,
            name_of[plant.enterprise],
            None if day.kg is None else next(emits),
            day.basis,
            day.lacks,
            plant.why,
            kg,
            share,
            plant,
            found,
        )
        for plant, day, kg, share in zip(cut.plants, days, kilograms, percent, strict=False)
    ]


def _lines(plant: PlantShare, cuts: Sequence[LineCut], by: Shared) -> tuple[LineShare, ...]:
    parts = printed([line.kg for line in cuts], PLACES, plant.kg) if cuts else ()
    found, energy = plant.ground, plant.energy
    return tuple(
        LineShare(
            line.line,
            found.names[line.line],
            part,
            _kwh(found.by_line.get(line.line)) if by is Shared.ENERGY else None,
            _kwh(energy_cut(line.kg, plant.exactly.emits, energy)),
        )
        for line, part in zip(cuts, parts, strict=True)
    )


def _kwh(value: Fraction | None) -> Decimal | None:
    return None if value is None else round_half_even(to_decimal(value), KWH_PLACES)


def _worst_first(plant: PlantShare) -> tuple[Decimal, int, Decimal, str]:
    return (-plant.kg, ORDER.index(plant.why), -(plant.emits or Decimal()), plant.id)
