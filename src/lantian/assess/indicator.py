"""One indicator of one place over one period: a statistic or the composite index, under one edition and one state.

Names are those of `assess.statistics` (`pm25_mean`, `good_days`), `index`, or an item alone, which stands for the
statistic that the composite index takes of it (`pm25` the mean, `co` the 95th, `o3` the 90th percentile).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

import numpy as np

from lantian.assess.aqi import AQI_ITEMS, edition_on
from lantian.assess.composite import EQUAL, Composite, composite, index_edition, index_terms
from lantian.assess.dust import DustDays
from lantian.assess.statistics import COUNTS, Stat, parse_name, statistic
from lantian.observe.panel import DayPanel
from lantian.observe.state import GASES, PARTICLES, gas_factor, state_on, states_between
from lantian.periods import Period
from lantian.records import ObservationKind
from lantian.standards import table
from lantian.units import to_decimal

__all__ = [
    "INDEX",
    "Caveat",
    "Measure",
    "fraction",
    "kinds_of",
    "measure",
    "named",
    "natural_edition",
    "one_edition",
    "one_state",
    "plan_caveats",
]

INDEX = "index"
_LOWERED = ("good_days", "good_ratio", "valid_days")  # a day without an AQI is a good day lost


class Caveat(StrEnum):
    """What a comparison or a ranking has to say about itself."""

    RECOMPUTED = "recomputed_one_edition"
    GAS_CONVERTED = "gas_state_converted"
    PARTICLE_STATE = "particle_state_differs"
    TOO_FEW_DAYS = "too_few_days"
    BACKWARDS = "membership_backwards"
    MEMBERS_CHANGED = "membership_changed"
    OTHERS_BEFORE = "other_places_before"
    NOT_MONITORED = "index_item_outside_plan"
    WITHHELD = "good_days_withheld"
    NOT_A_MEMBER = "not_a_member"
    FROZEN_LEFT_OUT = "frozen_stations_left_out"


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator of one place; `composite` only for the index."""

    stat: Stat
    composite: Composite | None = None


def named(indicator: str) -> str:
    """Full name of an indicator. StandardsError when there is none of that name."""
    if indicator == INDEX or indicator in COUNTS:
        return indicator
    for row in table("composite_index"):
        if row["item"] == indicator:
            return row.text("statistic")
    parse_name(indicator)
    return indicator


def kinds_of(indicator: str) -> tuple[ObservationKind, ...]:
    """The items an indicator is made of."""
    name = named(indicator)
    if name == INDEX or name in COUNTS:
        return AQI_ITEMS
    return (parse_name(name)[0],)


def _is_judged(name: str) -> bool:
    """Whether the value itself depends on the edition, not its decimals alone."""
    return name == INDEX or name in COUNTS


def one_edition(indicator: str, on: date, override: str | None = None) -> str | None:
    """The edition for both sides of a comparison whose present side ends on a day.

    None for a concentration without an override: only its decimals depend on the edition.
    """
    name = named(indicator)
    if name == INDEX:
        return index_edition(on, override)
    if override is not None and override not in {row.edition for row in table("aqi_rules")}:
        return edition_on(index_terms(override).day)
    return edition_on(on, override) if override or _is_judged(name) else None


def natural_edition(indicator: str, day: date) -> str:
    """The edition of a day when nobody names another; days before the first edition take it."""
    index = index_edition(day)
    return index if named(indicator) == INDEX else edition_on(index_terms(index).day)


def is_recomputed(indicator: str, edition: str | None, periods: Sequence[Period]) -> bool:
    """Whether an edition judges days that another edition was made for."""
    if edition is None or not _is_judged(named(indicator)):
        return False
    days = [day for period in periods for day in (period.start_on, period.end_on)]
    return any(natural_edition(indicator, day) != edition for day in days)


def one_state(
    panel: DayPanel, periods: Sequence[Period], on: date, kinds: Sequence[ObservationKind]
) -> tuple[DayPanel, tuple[Caveat, ...]]:
    """The panel with gases in the reference state of the day `on`, and what has to be said of the given periods.

    Only days of another state are touched; particles cannot be converted and are left as they are.
    """
    wanted = state_on(on)
    factors = np.ones(panel.days)
    gas = particle = False
    for period in periods:
        for span in states_between(period.start_on, period.end_on):
            gas |= span.state.gas != wanted.gas
            particle |= span.state.particle != wanted.particle
            low, high = ((day - panel.first).days for day in (span.first, span.last))
            factors[max(low, 0) : max(high + 1, 0)] = float(gas_factor(span.first, on))
    said = []
    if gas and GASES & set(kinds):
        said.append(Caveat.GAS_CONVERTED)
    if particle and PARTICLES & set(kinds):
        said.append(Caveat.PARTICLE_STATE)
    if not gas:
        return panel, tuple(said)
    values = {kind: array * factors if kind in GASES else array for kind, array in panel.values.items()}
    return DayPanel(panel.points, panel.first, values), tuple(said)


def plan_caveats(
    indicator: str, stats: Sequence[Stat], monitored: Collection[ObservationKind]
) -> tuple[Caveat, ...]:
    """What an incomplete plan, or days without some item, leave to be said of an indicator."""
    name, said = named(indicator), []
    if name == INDEX and not set(AQI_ITEMS) <= set(monitored):
        said.append(Caveat.NOT_MONITORED)
    if name in _LOWERED and any(stat.withheld for stat in stats):
        said.append(Caveat.WITHHELD)
    return tuple(said)


def fraction(value: Fraction | float | None) -> Fraction | None:
    """An unrounded statistic as a ratio; a float by its shortest decimal text."""
    if value is None or isinstance(value, Fraction):
        return value
    return Fraction(to_decimal(value))


def measure(
    panel: DayPanel,
    point: str,
    indicator: str,
    period: Period,
    *,
    edition: str | None = None,
    dust: DustDays | None = None,
    profile: str = EQUAL,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Measure:
    """One indicator of one place. The days of an index are those on which its scarcest item is valid.

    A dust day that is left out is a valid day for the question whether there are `enough`. An item outside the
    monitoring plan `monitored` is not missed by the AQI (HJ 633-2026 5.3.2), but there is no index without it. Values
    are taken in the reference state they stand in (`one_state` converts). DataError when the place is not in the panel,
    StandardsError for an unknown indicator, edition or profile.
    """
    name, dust = named(indicator), dust or DustDays()
    days = panel.select((point,)).between(period)
    found = _measure(days, point, name, period, edition, dust, profile, monitored)
    if not found.stat.enough and found.stat.value is not None and found.stat.dust_days:
        whole = _measure(days, point, name, period, edition, DustDays(), profile, monitored).stat.enough
        return replace(found, stat=replace(found.stat, enough=whole))
    return found


def _measure(
    days: DayPanel,
    point: str,
    name: str,
    period: Period,
    edition: str | None,
    dust: DustDays,
    profile: str,
    monitored: Collection[ObservationKind],
) -> Measure:
    if name != INDEX:
        stat = statistic(days, point, name, period, edition=edition, dust=dust, monitored=monitored)
        return Measure(stat)
    on = period.end_on
    terms = index_terms(index_edition(on, edition), profile)
    of_aqi = edition_on(terms.day)
    seen = dust.without(days, INDEX, on)
    stats = {
        term.kind: statistic(seen, point, term.statistic, period, edition=of_aqi) for term in terms.terms
    }
    planned = {kind: fraction(stat.exact) for kind, stat in stats.items() if kind in monitored}
    whole = composite(planned, terms.edition, profile)
    valid = min(stat.days_valid for stat in stats.values())
    notes = (
        *whole.footnotes,
        *dust.footnotes(INDEX, on),
        *(n for stat in stats.values() for n in stat.footnotes),
    )
    stat = Stat(
        value=whole.index,
        exact=whole.exact,
        days_valid=valid,
        days_dropped=period.days - valid,
        enough=all(stat.enough for stat in stats.values()),
        edition=whole.edition,
        footnotes=tuple(dict.fromkeys(notes)),
        dust_mode=dust.mode(INDEX, on),
        dust_days=dust.count(point, period.start_on, on),
    )
    return Measure(stat, whole)
