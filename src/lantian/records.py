"""The nouns of the loop, one per stage, with the enums they use: frozen, no logic beyond `make_id`.

observe → Observation · assess → Assessment · detect → Finding + Evidence · plan → Order (+ Measure)
dispatch → Task · verify → Verdict · report → Bulletin

Times are UTC milliseconds (`*_ms`) in volume data and aware datetimes (`*_at`) elsewhere; days (`*_on`) are local days.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

__all__ = [
    "Action",
    "Assessment",
    "Basis",
    "Bulletin",
    "DecisionKind",
    "Evidence",
    "Finding",
    "FindingKind",
    "FindingState",
    "Flag",
    "Footnote",
    "Level",
    "Light",
    "Measure",
    "ObservationKind",
    "Observation",
    "Order",
    "OrderState",
    "Outcome",
    "Role",
    "Subject",
    "SubjectKind",
    "Task",
    "TaskKind",
    "TaskState",
    "Verdict",
    "make_id",
]


def make_id(kind: str, *natural_key: object) -> str:
    """`<kind>_` + 26 base32 characters (lower case) of SHA-256 over the natural key's parts."""
    text = "\x1f".join(str(part) for part in natural_key)
    digest = hashlib.sha256(text.encode()).digest()
    return f"{kind}_{base64.b32encode(digest).decode()[:26].lower()}"


class SubjectKind(StrEnum):
    """What a record speaks of."""

    AREA = "area"
    STATION = "station"
    ENTERPRISE = "enterprise"
    LINE = "line"
    METER = "meter"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """One thing that a record speaks of."""

    kind: SubjectKind
    id: str


class ObservationKind(StrEnum):
    """Kinds of lake rows; one canonical unit each (CO mg/m3, other air ug/m3, power kW, day's emission kg)."""

    PM25 = "pm25"
    PM10 = "pm10"
    SO2 = "so2"
    NO2 = "no2"
    CO = "co"
    O3 = "o3"  # of an hour: the hour's mean; of a day: its greatest 8 h mean
    O3_MAX = "o3_max"  # of a day: its greatest 1 h mean
    AQI_SHOWN = "aqi_shown"  # what the source showed; compared with, never used
    WIND_FROM = "wind_from"  # degrees from north, clockwise
    WIND_SPEED = "wind_speed"  # m/s
    TEMPERATURE = "temperature"  # C
    PRESSURE = "pressure"  # hPa
    DEW_POINT = "dew_point"  # C
    RAIN = "rain"  # mm
    POWER = "power"
    EMITTED_SO2 = "emitted_so2"
    EMITTED_NOX = "emitted_nox"
    EMITTED_PM = "emitted_pm"
    EMITTED_VOCS = "emitted_vocs"


class Flag(StrEnum):
    """Quality mark of one observation."""

    OK = ""
    NEGATIVE = "negative"
    SENTINEL = "sentinel"
    STUCK = "stuck"
    RANGE = "range"  # at or above the most that the instrument or the archive can show
    INCONSISTENT = "inconsistent"  # PM2.5 above PM10 by more than the rule allows
    OUTAGE = "outage"  # one of many missing hours in a row
    OFFLINE = "offline"


class Level(StrEnum):
    """Level of a heavy-pollution warning, in rising order."""

    NONE = "none"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class DecisionKind(StrEnum):
    """What a warning decision does."""

    START = "start"
    RAISE = "raise"
    LOWER = "lower"
    EXTEND = "extend"
    LIFT = "lift"


class Basis(StrEnum):
    """On what a warning decision stands."""

    RULE = "rule"
    CONSULTATION = "consultation"
    SUPERIOR_ORDER = "superior_order"


class Action(StrEnum):
    """What an approved measure demands of a plant."""

    STOP = "stop"  # every line stands still
    LIMIT = "limit"  # the plant's energy is cut by `share` of its base
    REDUCE = "reduce"  # the named lines stand still
    AUTONOMOUS = "autonomous"  # grade A: the plant reduces by itself, nothing is judged
    EXEMPT = "exempt"  # livelihood: nothing is asked, the reason is printed


class OrderState(StrEnum):
    """State of an order."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    ENDED = "ended"


class FindingKind(StrEnum):
    """What is found; the glossary has the Chinese."""

    NOT_STOPPED = "not_stopped"
    NOT_CURTAILED = "not_curtailed"
    NOT_REDUCED = "not_reduced"


class FindingState(StrEnum):
    """A finding is proposed by a rule and confirmed or dismissed by a person; late data may withdraw it."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """The three-valued answer. Missing data is never guilt."""

    COMPLIED = "complied"
    NOT_COMPLIED = "not_complied"
    CANNOT_TELL = "cannot_tell"


class TaskKind(StrEnum):
    """Why a task exists."""

    CARRY_OUT = "carry_out"  # one per issued order
    CHECK = "check"  # one per plant, cause and episode, from confirmed findings
    DISPATCH = (
        "dispatch"  # an order of the duty desk, typed by a person (调度令); `category` says of which kind
    )


class TaskState(StrEnum):
    """State of a task; the transition table is `dispatch.lifecycle`."""

    ISSUED = "issued"
    CLAIMED = "claimed"
    IN_HAND = "in_hand"
    ANSWERED = "answered"
    RETURNED = "returned"
    DECLINED = "declined"
    ON_HOLD = "on_hold"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class PartOf(StrEnum):
    """What a task is to the one it belongs to."""

    ASSIST = "assist"  # the own flow of an assisting unit (配合单位)
    SHARE = "share"  # a part of it, handed further down


class RequestKind(StrEnum):
    """What a handler asks of the sender. All but a question, which is answered in words, are granted or refused."""

    QUESTION = "question"
    EXTENSION = "extension"
    HOLD = "hold"
    SUSPEND = "suspend"
    APPEAL = "appeal"


class Light(StrEnum):
    """Lights: colour, shape and word together. An area takes its worst: red, amber, blind, green."""

    RED = "red"
    AMBER = "amber"
    BLIND = "blind"
    GREEN = "green"


class Role(StrEnum):
    """Roles a grant can give."""

    ANALYST = "analyst"
    DISPATCHER = "dispatcher"
    LEADER = "leader"
    PLANT_MANAGER = "plant_manager"
    SYSTEM_MANAGER = "system_manager"
    AUDIT_MANAGER = "audit_manager"
    SECURITY_MANAGER = "security_manager"


@dataclass(frozen=True, slots=True)
class Footnote:
    """Where a number came from: one row of a table, with its confidence."""

    table: str
    key: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one point. `value` is None when missing; `start_ms` is the interval's start."""

    point: str
    kind: ObservationKind
    start_ms: int
    step_s: int
    value: float | None
    flag: Flag = Flag.OK


@dataclass(frozen=True, slots=True)
class Assessment:
    """One indicator of one subject over whole days.

    `value` is rounded for publication; `raw` is the same before rounding, `base_raw` that of the base; changes are made of these.
    """

    subject: Subject
    indicator: str
    start_on: date
    end_on: date
    value: Decimal | None
    unit: str
    edition: str
    days_valid: int
    days_dropped: int
    base: Decimal | None = None
    target: Decimal | None = None
    primary: tuple[str, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    raw: float | None = None
    base_raw: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows a finding: runs of (first slot start, last slot end) in UTC ms, and the line they crossed."""

    runs: tuple[tuple[int, int], ...]
    measured: float
    threshold: float
    unit: str
    slots_judged: int
    slots_missing: int
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's proposal that something is not as it must be, over one judged unit (an order day)."""

    kind: FindingKind
    rule: str
    version: str
    subject: Subject
    enterprise_id: str
    area_id: str
    order_id: str
    unit_start_ms: int
    first_ms: int
    last_ms: int
    evidence: Evidence

    @property
    def id(self) -> str:
        """Natural key: rule, version, subject, start of the judged unit, order."""
        return make_id("finding", self.rule, self.version, self.subject.id, self.unit_start_ms, self.order_id)


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing asked by an order. `line_id` only for REDUCE, `share` (percent) only for LIMIT."""

    action: Action
    line_id: str | None = None
    share: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What must be, for one plant, from when, on which basis."""

    id: str
    enterprise_id: str
    area_id: str
    decision_id: str
    level: Level
    measures: tuple[Measure, ...]
    start_ms: int
    end_ms: int | None
    grace_s: int


@dataclass(frozen=True, slots=True)
class Task:
    """Who must act by when."""

    id: str
    kind: TaskKind
    enterprise_id: str
    area_id: str
    state: TaskState
    lead_unit_id: str
    responsible_unit_id: str
    leader_id: str
    person_id: str
    opened_at: datetime
    claim_due_at: datetime
    feedback_due_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a second person concluded about an answered task."""

    task_id: str
    outcome: Outcome
    closes: bool
    checker_id: str
    checked_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Finished content of one paper: rows and messages, no wording."""

    kind: str
    on: date
    area_id: str
    sections: tuple[object, ...] = ()
    footnotes: tuple[Footnote, ...] = field(default=())
