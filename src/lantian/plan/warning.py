"""Heavy-pollution warnings (重污染天气预警): the level proposed by the dated trigger table, and what may follow it.

Rules of this file: every allowed change of level is in TRANSITIONS; a proposal is arithmetic and binds nobody; a
decision is a person's act with basis, reason and signer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from lantian.errors import TransitionError
from lantian.records import Basis, DecisionKind, Footnote, Level, make_id
from lantian.standards import Row, in_force

__all__ = [
    "TRANSITIONS",
    "Decision",
    "EndRule",
    "NextStep",
    "Proposal",
    "decision_id",
    "draft",
    "may_lift",
    "next_decision",
    "propose",
    "start_line",
]

Forecast = Sequence[int | None]
"""Daily AQI from the first forecast day on; None where the forecast is silent (it breaks a run)."""

_RISING = tuple(Level)
_ORDER = {level: rank for rank, level in enumerate(_RISING)}


def _transitions() -> dict[Level, dict[DecisionKind, frozenset[Level]]]:
    table: dict[Level, dict[DecisionKind, frozenset[Level]]] = {
        Level.NONE: {DecisionKind.START: frozenset(_RISING[1:])}
    }
    for rank, level in enumerate(_RISING[1:], start=1):
        table[level] = {
            DecisionKind.RAISE: frozenset(_RISING[rank + 1 :]),
            DecisionKind.LOWER: frozenset(_RISING[1:rank]),
            DecisionKind.EXTEND: frozenset({level}),
            DecisionKind.LIFT: frozenset({Level.NONE}),
        }
    return table


TRANSITIONS: Mapping[Level, Mapping[DecisionKind, frozenset[Level]]] = _transitions()
"""{level in force: {decision: levels it may lead to}}; an empty set or no entry is illegal."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The highest level whose conditions hold. Indices are days of the forecast, both None without a level."""

    level: Level
    first_day_index: int | None
    last_day_index: int | None
    alternative: int | None
    rows: tuple[Footnote, ...]
    edition: str
    on: date
    forecast: tuple[int | None, ...]


class EndRule(StrEnum):
    """How an order or warning ends. TARGET is forbidden and only there to be refused by name."""

    UNTIL_LIFTED = "until_lifted"
    FIXED = "fixed"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the rules suggest next."""

    kind: DecisionKind
    level: Level


@dataclass(frozen=True, slots=True)
class Decision:
    """A signed change of the warning of one area. `level` is the level after it."""

    id: str
    kind: DecisionKind
    before: Level
    level: Level
    basis: Basis
    reason: str
    signer_id: str
    decided_at: datetime
    start_at: datetime
    end_at: datetime | None
    end_rule: EndRule
    area_id: str
    edition: str
    footnotes: tuple[Footnote, ...]


def _holds(row: Row, aqi: int | None) -> bool:
    if aqi is None:
        return False
    return aqi > row.integer() if row.text("operator") == ">" else aqi >= row.integer()


def _runs(row: Row, forecast: Forecast, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Maximal runs inside [first, last] in which the atom holds and that are long enough for it."""
    need = -(-row.integer("min_hours") // 24)
    for holds, group in groupby(range(first, last + 1), key=lambda day: _holds(row, forecast[day])):
        days = list(group)
        if holds and len(days) >= need:
            yield days[0], days[-1]


def _alternative_run(atoms: Sequence[Row], forecast: Forecast) -> tuple[int, int] | None:
    """The first run of days in which every atom holds: the widest atom gives the run, the others lie in it."""
    widest, *others = sorted(atoms, key=lambda row: row.integer())
    for first, last in _runs(widest, forecast, 0, len(forecast) - 1):
        if all(next(_runs(atom, forecast, first, last), None) for atom in others):
            return first, last
    return None


def _alternatives(rows: Sequence[Row]) -> Iterator[tuple[Level, int, tuple[Row, ...]]]:
    """Alternatives of all levels, the highest level first."""
    grouped: dict[tuple[Level, int], list[Row]] = {}
    for row in rows:
        grouped.setdefault((Level(row.text("level")), row.integer("alternative")), []).append(row)
    for level, number in sorted(grouped, key=lambda pair: (-_ORDER[pair[0]], pair[1])):
        yield level, number, tuple(grouped[level, number])


def propose(forecast: Forecast, on: date, edition: str | None = None) -> Proposal:
    """The level that the trigger table in force on the day `on` gives for a forecast of daily AQI.

    A level holds when all atoms of one of its alternatives hold inside one run of days; the highest level
    that holds is proposed. StandardsError names the gap when no table is in force and no edition is named.
    """
    rows = in_force("warning_triggers", on, edition)
    applied, days = rows[0].edition, tuple(forecast)
    for level, number, atoms in _alternatives(rows):
        run = _alternative_run(atoms, days)
        if run is not None:
            notes = tuple(row.footnote() for row in atoms)
            return Proposal(level, run[0], run[1], number, notes, applied, on, days)
    return Proposal(Level.NONE, None, None, None, (), applied, on, days)


def start_line(level: Level, on: date, edition: str | None = None) -> int:
    """The lowest AQI line of a level's conditions. StandardsError when the edition does not know the level."""
    rows = in_force("warning_triggers", on, edition, level=level.value)
    return min(row.integer() for row in rows)


def may_lift(level: Level, proposal: Proposal, today_aqi: int | None) -> bool:
    """Below the start line now, and forecast to stay so for the hours the process table asks.

    A day that is missing is not below: nothing is lifted on missing data.
    """
    line = start_line(level, proposal.on, proposal.edition)
    rows = in_force("warning_process", proposal.on, step="lift", parameter="forecast_hours")
    hours = 0
    for aqi in proposal.forecast:
        if aqi is None or aqi > line:
            break
        hours += 24
    return today_aqi is not None and today_aqi <= line and hours >= rows[0].integer()


def next_decision(
    current: Level,
    proposal: Proposal,
    *,
    today_aqi: int | None,
    planned_end: date | None = None,
    superior_started: bool = False,
) -> NextStep | None:
    """What the rules suggest, None for "nothing to do".

    A warning that swings between two levels stays at the higher; it is lowered or lifted only when the lift rule
    holds, and never by rule when a superior notice started it. A planned end that comes before is extended.
    """
    if _ORDER[proposal.level] > _ORDER[current]:
        kind = DecisionKind.START if current is Level.NONE else DecisionKind.RAISE
        return NextStep(kind, proposal.level)
    if current is Level.NONE:
        return None
    if not superior_started and proposal.level is not current and may_lift(current, proposal, today_aqi):
        kind = DecisionKind.LIFT if proposal.level is Level.NONE else DecisionKind.LOWER
        return NextStep(kind, proposal.level)
    if planned_end is not None and planned_end <= proposal.on:
        return NextStep(DecisionKind.EXTEND, current)
    return None


def draft(
    before: Level,
    kind: DecisionKind,
    level: Level,
    proposal: Proposal,
    *,
    basis: Basis,
    signer_id: str,
    decided_at: datetime,
    start_at: datetime,
    area_id: str,
    step: int = 0,
    reason: str = "",
    end_at: datetime | None = None,
    end_rule: EndRule = EndRule.UNTIL_LIFTED,
) -> Decision:
    """A decision as drafted, step number `step` of its area; the law (`plan.refusals`) has not been asked yet.

    TransitionError: not allowed from the level in force.
    """
    if level not in TRANSITIONS[before].get(kind, frozenset()):
        raise TransitionError(f"{kind} to {level} is not allowed at level {before}")
    return Decision(
        id=decision_id(area_id, step),
        kind=kind,
        before=before,
        level=level,
        basis=basis,
        reason=reason,
        signer_id=signer_id,
        decided_at=decided_at,
        start_at=start_at,
        end_at=end_at,
        end_rule=end_rule,
        area_id=area_id,
        edition=proposal.edition,
        footnotes=proposal.rows,
    )


def decision_id(area_id: str, step: int) -> str:
    """Id of step number `step` of an area, counted from 0: two steps at one instant stay two."""
    return make_id("decision", area_id, step)
