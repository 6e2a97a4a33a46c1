"""The ledger of targets and the dust days as pages read them: the city's own loaded rows before the package's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from lantian.assess.dust import DustDays
from lantian.assess.targets.ledger import COUNTS, Indicator, Root, target_on, targets_on
from lantian.assess.targets.ledger import Target as Target
from lantian.assess.targets.room import Room, room
from lantian.inventory import AreaKind
from lantian.observe.air.names import spelling_on
from lantian.observe.panel import DayPanel
from lantian.periods import Period
from lantian.standards import Row, in_force
from lantian.units import round_half_even, to_decimal
from lantian_web.assessments import panels
from lantian_web.desk.spans import played
from lantian_web.inventory.models import Area
from lantian_web.inventory.queries import overlay_rows

__all__ = [
    "PM25Room",
    "bound_by",
    "dust_days",
    "ledger_rows",
    "pm25_room",
    "room_of_area",
    "targets_by_area",
    "targets_of_area",
]

FIRST_DAY = date(2013, 1, 1)
ANY_DAY = date(2100, 1, 1)  # how names are spelt is not dated
TABLES = ("targets", "season_targets")


@dataclass(frozen=True, slots=True)
class PM25Room:
    """Cap of the running target and what the days left may average, as printed."""

    period: Period
    cap: Decimal
    allowed: Decimal | None
    left: int


def ledger_rows() -> tuple[Row, ...]:
    """Own rows of the ledger and of the published seasons."""
    return tuple(row for name in TABLES for row in overlay_rows(name))


def dust_days() -> DustDays:
    """Days that the loaded list names as dust, by area id and by city name; none without a list."""
    days: dict[str, set[date]] = {}
    for row in overlay_rows("dust_days"):
        on = row.day("day")
        if on is not None:
            days.setdefault(row.text("area"), set()).add(on)
    return DustDays({area: frozenset(found) for area, found in days.items()})


def bound_by(area: Area, on: date) -> tuple[str, ...]:
    """Names under which the ledger may speak of an area: itself, and for the city what it loaded and its regions."""
    return _bound_by(area, on, overlay_rows("air_quality_rules"))


def _bound_by(area: Area, on: date, spelling: Sequence[Row]) -> tuple[str, ...]:
    """The same by the city's own rows on how names are spelt, read once for many areas."""
    rules = spelling_on(ANY_DAY, {}, spelling)
    own = (area.id, area.name, rules.named(area.name, "", "").point.key)
    if area.kind != AreaKind.CITY:
        return tuple(dict.fromkeys(own))
    rows = in_force("regions", on, overlay=overlay_rows("regions"))
    regions = [row.text("region") for row in rows if row.text("city") == own[2]]
    loaded = [row.text("region") for row in overlay_rows("season_targets")]
    return tuple(dict.fromkeys((*own, *loaded, *regions)))


def _edited(target: Target) -> Target:
    """A target of days of a period before the first edition is judged by that one."""
    edition = played(target.period.end_on) if target.indicator in COUNTS and not target.edition else None
    return replace(target, edition=edition) if edition else target


def targets_of_area(area: Area, on: date) -> tuple[Target, ...]:
    """Targets that bind the area on the day."""
    return tuple(_edited(one) for one in targets_on(on, bound_by(area, on), ledger_rows()))


def targets_by_area(areas: Sequence[Area], on: date) -> dict[str, tuple[Target, ...]]:
    """Targets of many counties on the day, by area id: the ledger is read once."""
    found = [_edited(one) for one in targets_on(on, (), ledger_rows())]
    spelling = overlay_rows("air_quality_rules")
    names = {area.id: set(_bound_by(area, on, spelling)) for area in areas}
    return {key: tuple(each for each in found if each.area in own) for key, own in names.items()}


def past_panel(area_ids: Sequence[str], on: date) -> DayPanel:
    """All days known of some areas up to `on`: past years are the base and the measure of what can be done."""
    known = panels.span(list(area_ids))
    first = known[0] if known else on
    return panels.area_panel(list(area_ids), min(first, on), on)


def room_of_area(area: Area, target: Target, panel: DayPanel, on: date) -> Room:
    """Room to a target, from a panel that holds the area's days."""
    return room(target, panel, on, point=area.id, excluded=dust_days().days.get(area.id, ()))


def pm25_room(area: Area, on: date) -> PM25Room | None:
    """Room to the PM2.5 target that binds the area on the day, of the season before the year; None without one."""
    names, rows = bound_by(area, on), ledger_rows()
    for root in (Root.SEASON, Root.YEAR):
        target = target_on(on, names, Indicator.PM25_MEAN, rows, root)
        if target is None:
            continue
        found = room_of_area(area, target, past_panel([area.id], on), on)
        if found.cap is not None:
            return PM25Room(
                target.period, round_half_even(to_decimal(found.cap), 1), found.published, found.left
            )
    return None
