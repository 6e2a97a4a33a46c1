"""What a day sheet is made from: facts of the registry as they stood at `as_of`, in plain records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lantian.inventory import AreaKind
from lantian.records import (
    Action,
    Assessment,
    Basis,
    DecisionKind,
    FindingKind,
    FindingState,
    Footnote,
    Level,
    Outcome,
    TaskKind,
    TaskState,
)

__all__ = [
    "NOT_JUDGED",
    "DayInputs",
    "DecisionFacts",
    "FindingFacts",
    "OrderFacts",
    "Place",
    "Reading",
    "Replay",
    "TaskFacts",
    "WarningFacts",
]


NOT_JUDGED = "not_judged"
"""Outcome of an order of which nothing is judged (yet); outside the city office, nothing concluded (yet)."""


@dataclass(frozen=True, slots=True)
class Place:
    """An area and its name."""

    id: str
    name: str
    kind: AreaKind


@dataclass(frozen=True, slots=True)
class Reading:
    """One assessment row with its id and its subject's name; `level` (1-6) only for the AQI."""

    id: str
    name: str
    of: Assessment
    level: int | None = None
    counterfactual: bool = False


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """One signed step of a warning. `forecast` is (day, daily AQI) as issued."""

    id: str
    number: str
    kind: DecisionKind
    level: Level
    basis: Basis
    reason: str
    forecast: tuple[tuple[date, int], ...]
    edition: str
    signer: str
    signed_at: datetime
    start_at: datetime
    counterfactual: bool = False
    footnotes: tuple[Footnote, ...] = ()
    override_by: str = ""
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """The episode of the day with its decisions signed so far, oldest first."""

    id: str
    started_at: datetime
    drill: bool
    decisions: tuple[DecisionFacts, ...]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order that was in force at some time of the day, and how it stands by `conclusion.shown`."""

    id: str
    enterprise_id: str
    area_id: str
    level: Level
    action: Action
    in_force: bool
    list_paper: str
    outcome: str = NOT_JUDGED
    slots_judged: int = 0
    slots_missing: int = 0


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """One finding. `subject` is the line's name, empty when it is the whole plant."""

    id: str
    kind: FindingKind
    state: FindingState
    on: date
    order_id: str
    enterprise_id: str
    enterprise: str
    area_id: str
    subject: str
    first_at: datetime
    last_at: datetime
    measured: Decimal
    threshold: Decimal
    unit: str
    slots_missing: int
    rule: str
    version: str
    decided_at: datetime | None = None
    reason: str = ""
    task_id: str = ""
    task_number: str = ""
    task_state: TaskState | None = None


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One task. `due_at` is the end of the clock that runs, None when none does."""

    id: str
    number: str
    kind: TaskKind
    state: TaskState
    area_id: str
    enterprise_id: str
    enterprise: str
    unit: str
    leader_id: str
    leader: str
    person_id: str
    person: str
    opened_at: datetime
    due_at: datetime | None = None
    closed_at: datetime | None = None
    cause: FindingKind | None = None
    outcome: Outcome | None = None
    checker: str = ""


@dataclass(frozen=True, slots=True)
class Replay:
    """Which part of a replay is real: the air of `city` from `from_on` to `to_on`; the rest is invented."""

    city: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class DayInputs:
    """Everything one day sheet says, for `place` and the counties in it.

    `season_days` are the city's daily PM2.5 [ug/m3], not rounded, of this season up to the day and of the last season.
    `rehearsal`: the plants are invented; `counterfactual`: editions applied to days they were not in force.
    """

    on: date
    as_of: datetime
    place: Place
    areas: tuple[Place, ...]
    readings: tuple[Reading, ...]
    warning: WarningFacts | None
    orders: tuple[OrderFacts, ...]
    findings: tuple[FindingFacts, ...]
    tasks: tuple[TaskFacts, ...]
    season_days: tuple[tuple[date, Decimal], ...] = ()
    drill: bool = False
    rehearsal: bool = False
    replay: Replay | None = None
    counterfactual: tuple[str, ...] = ()

    @property
    def office(self) -> bool:
        """Whether the paper is the city's own. Proposals and what was set aside stay in its office."""
        return self.place.kind is AreaKind.CITY
