"""Targets: will we make it, what must each part of the time average, what must summer reach, how do the counties stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from lantian.assess.targets.cascade import (
    Cascade,
    Part,
    RootPlan,
    RootTarget,
    Step,
    Summer,
    ladder,
    parts,
    solve,
    summer,
)
from lantian.assess.targets.ledger import COUNTS, EMISSIONS, Feasibility, Indicator, Root, Target
from lantian.assess.targets.room import Room, day_values
from lantian.assess.targets.shares import printed
from lantian.errors import PeriodError
from lantian.inventory import AreaKind
from lantian.observe.panel import DayPanel
from lantian.units import round_half_even
from lantian_web.desk import wording
from lantian_web.desk.county_targets import CountyStanding, county_standings
from lantian_web.desk.footnotes import notes_of
from lantian_web.desk.kept import kept
from lantian_web.desk.ledger import dust_days, past_panel, room_of_area, targets_by_area, targets_of_area
from lantian_web.desk.target_words import LIGHTS, figure, formula, sentence, unit_of
from lantian_web.inventory.models import Area

__all__ = ["STEPS", "CountyStanding", "Standing", "TargetsPage", "TimePart", "targets_page"]

STEPS = (Step.WEEK, Step.XUN, Step.MONTH, Step.QUARTER)


@dataclass(frozen=True, slots=True)
class Standing:
    """One target with its room, a word and a light, and the sentence that says it."""

    target: Target
    room: Room

    @property
    def light(self) -> str:
        return LIGHTS[self.room.feasibility] if self.room.feasibility else "blind"

    @property
    def word(self) -> str:
        return wording.label(self.room.feasibility or "untold", "feasibility")

    @property
    def says(self) -> str:
        return sentence(self.room)

    @property
    def because(self) -> str:
        """Why the word is what it is, where the sentence alone does not show it; else empty."""
        if self.room.feasibility is not Feasibility.OFF_TRACK:
            return ""
        if self.room.best is not None:
            facts = {"best": figure(self.room.best), "unit": wording.label(self.unit, "unit")}
            return _("The best of past years on the same dates is %(best)s %(unit)s.") % facts
        return _("No past year managed that on the same dates.")

    @property
    def formula(self) -> str:
        return formula(self.room)

    @property
    def unit(self) -> str:
        return unit_of(self.target.indicator)

    @property
    def cap(self) -> str:
        """The cap or floor as printed: days are whole."""
        return figure(self.room.cap, 0 if self.target.indicator in COUNTS else 1)


@dataclass(frozen=True, slots=True)
class TimePart:
    """A part of a root as the table shows it."""

    part: Part
    total: Decimal
    now: bool
    over: bool

    @property
    def so_far(self) -> Fraction | None:
        """Mean of its valid days."""
        return self.part.done / self.part.done_days if self.part.done_days else None

    @property
    def across(self) -> bool:
        return self.part.shown != self.part.booked


@dataclass(frozen=True, slots=True)
class TargetsPage:
    """All the page shows but emissions; `main` is the PM2.5 target that the cascade starts from."""

    area: Area
    on: date
    main: Standing | None
    others: tuple[Standing, ...]
    roots: tuple[str, ...]
    root: str
    step: Step
    ladder: tuple[TimePart, ...]
    parts: tuple[TimePart, ...]
    plan: RootPlan | None
    mixed: bool
    summer: Summer | None
    counties: tuple[CountyStanding, ...]
    own: tuple[Target, ...]
    below: tuple[Target, ...]
    notes: tuple[tuple[str, str, str, str], ...]

    @property
    def rest(self) -> tuple[Standing, ...]:
        """Targets that stand in no other part of the page."""
        return tuple(one for one in self.others if one not in self.counts)

    @property
    def shift(self) -> Fraction | None:
        """By what all counties' own accounts are moved to make the city's; None where there is nothing to move."""
        return next((one.shift for one in self.counties if one.shift is not None), None)

    @property
    def ledger(self) -> tuple[Target, ...]:
        """All targets shown, the area's own first."""
        return (*self.own, *self.below)

    @property
    def counts(self) -> tuple[Standing, ...]:
        """Targets of days, of the chosen root."""
        return tuple(
            one for one in self.others if one.target.indicator in COUNTS and one.target.root == self.root
        )


def targets_page(
    area: Area, counties: Sequence[Area], on: date, root: str = "", step: str = ""
) -> TargetsPage:
    """The page of one area; `counties` are those that the log-in may see the caps of."""
    chosen = Step(step) if step in {each.value for each in STEPS} else Step.XUN
    return kept(
        lambda: _made(area, counties, on, root, chosen),
        "targets",
        area.id,
        tuple(county.id for county in counties),
        on,
        root,
        chosen,
    )


def _made(area: Area, counties: Sequence[Area], on: date, root: str, step: Step) -> TargetsPage:
    targets = targets_of_area(area, on)
    panel = past_panel([area.id], on)
    standings = [
        Standing(target, room_of_area(area, target, panel, on))
        for target in targets
        if target.indicator not in EMISSIONS and target.indicator is not Indicator.INDEX
    ]
    pm25 = _roots(standings)
    names = tuple(pm25)
    name = root if root in pm25 else next(iter(names), "")
    main = pm25.get(name)
    cascade = _cascade(area, pm25, panel, on) if main and main.room.cap is not None else None
    rows, steps = _ladder(cascade, name), _parts(cascade, name, step)
    others = targets_by_area([county for county in counties if county.id != area.id], on)
    city = main if area.kind == AreaKind.CITY else None
    shares = county_standings(counties, city.target, city.room, on) if city else ()
    notes = [note for standing in standings for note in standing.room.footnotes]
    return TargetsPage(
        area,
        on,
        main,
        tuple(one for one in standings if one is not main),
        names,
        name,
        step,
        rows,
        steps,
        cascade.root(name) if cascade else None,
        len({one.target.dust_mode for one in pm25.values()}) > 1,
        _summer(area, pm25, panel, on),
        shares,
        targets,
        tuple(target for found in others.values() for target in found),
        notes_of(notes),
    )


def _roots(standings: Sequence[Standing]) -> dict[str, Standing]:
    """The PM2.5 targets by root, the season before the year; a cap before a change where two papers speak."""
    found: dict[str, Standing] = {}
    for root in (Root.SEASON, Root.YEAR, Root.OTHER):
        for one in standings:
            if one.target.indicator is Indicator.PM25_MEAN and one.target.root is root:
                found.setdefault(root.value, one)
    return found


def _cascade(area: Area, pm25: Mapping[str, Standing], panel: DayPanel, on: date) -> Cascade:
    """Year and season solved together; a root without a cap cannot take part."""
    roots = [
        RootTarget(name, one.target.period, one.room.cap)
        for name, one in pm25.items()
        if one.room.cap is not None
    ]
    values = day_values(next(iter(pm25.values())).target, panel, area.id)
    excluded = dust_days().days.get(area.id, ()) if _without_dust(pm25) else ()
    return solve(roots, values, on, excluded=excluded)


def _without_dust(pm25: Mapping[str, Standing]) -> bool:
    return all(one.target.dust_mode == "exclude" for one in pm25.values())


def _ladder(cascade: Cascade | None, name: str) -> tuple[TimePart, ...]:
    if cascade is None:
        return ()
    rungs = ladder(cascade, name)
    return tuple(TimePart(part, round_half_even(part.total, 1), True, False) for part in rungs)


def _parts(cascade: Cascade | None, name: str, step: Step) -> tuple[TimePart, ...]:
    if cascade is None:
        return ()
    tomorrow = cascade.on + timedelta(days=1)
    found = parts(cascade, name, step)
    sums = printed([part.total for part in found], 1)
    return tuple(
        TimePart(part, total, tomorrow in part.booked, part.booked.end_on <= cascade.on)
        for part, total in zip(found, sums, strict=True)
    )


def _summer(area: Area, pm25: Mapping[str, Standing], panel: DayPanel, on: date) -> Summer | None:
    """What summer must reach; None without a year's target or when no summer day of it is left."""
    whole, winter = pm25.get(Root.YEAR), pm25.get(Root.SEASON)
    if whole is None or whole.room.cap is None:
        return None
    values = day_values(whole.target, panel, area.id)
    later = (
        RootTarget(Root.SEASON, winter.target.period, winter.room.cap)
        if winter and winter.room.cap is not None
        else None
    )
    try:
        return summer(RootTarget(Root.YEAR, whole.target.period, whole.room.cap), later, values, on)
    except PeriodError:
        return None
