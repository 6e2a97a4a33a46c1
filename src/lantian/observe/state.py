"""At which temperature and pressure is a concentration stated? Since 2018-09-01 another one than before.

GB 3095-2026 3.14 and 4.3; before: the amendment of GB 3095-2012 (table `reference_states`). A gas can be converted,
a particle cannot: it is stated at the actual temperature and pressure, which the series does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from lantian.records import Footnote, ObservationKind
from lantian.standards import in_force, table

__all__ = ["GASES", "PARTICLES", "ReferenceState", "StateSpan", "gas_factor", "state_on", "states_between"]

GASES = frozenset(
    (ObservationKind.SO2, ObservationKind.NO2, ObservationKind.CO, ObservationKind.O3, ObservationKind.O3_MAX)
)
PARTICLES = frozenset((ObservationKind.PM25, ObservationKind.PM10))


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """The state in force on a day: words for gases and particles, the gases' kelvin and hPa."""

    gas: str
    particle: str
    kelvin: Fraction
    hpa: Fraction
    footnotes: tuple[Footnote, ...]


@dataclass(frozen=True, slots=True)
class StateSpan:
    """Days first to last, inclusive, of one state."""

    first: date
    last: date
    state: ReferenceState


def state_on(on: date) -> ReferenceState:
    """The state at which concentrations of a day are published."""
    (gas,) = in_force("reference_states", on, medium="gas")
    (particle,) = in_force("reference_states", on, medium="particle")
    return ReferenceState(
        gas.text("state"),
        particle.text("state"),
        Fraction(gas.number()),
        Fraction(gas.number("pressure")),
        (gas.footnote(), particle.footnote()),
    )


def gas_factor(measured_on: date, wanted_on: date) -> Fraction:
    """What a gas concentration of one day is multiplied by to be in the state of another day; 1 within one state.

    >>> round(float(gas_factor(date(2017, 1, 1), date(2020, 1, 1))), 4)
    0.9162
    """
    measured, wanted = state_on(measured_on), state_on(wanted_on)
    return measured.kelvin / wanted.kelvin * (wanted.hpa / measured.hpa)


def states_between(first: date, last: date) -> tuple[StateSpan, ...]:
    """The states of the days first to last, in order; an edition that changes nothing makes no new span."""
    starts = sorted(
        {day for row in table("reference_states") if (day := row.day("valid_from")) and first < day <= last}
    )
    spans: list[StateSpan] = []
    for begin, after in zip([first, *starts], [*starts, last + timedelta(days=1)], strict=True):
        state, end = state_on(begin), after - timedelta(days=1)
        if spans and (spans[-1].state.gas, spans[-1].state.particle) == (state.gas, state.particle):
            spans[-1] = StateSpan(spans[-1].first, end, spans[-1].state)
        else:
            spans.append(StateSpan(begin, end, state))
    return tuple(spans)
