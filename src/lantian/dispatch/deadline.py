"""The two clocks of a task: claim (签收) and feedback (反馈), the kinds of typed orders, and what may pause a clock.

Emergency clocks run day and night (24 h duty); routine ones run in office hours of working days. How a clock runs is
`clock`'s business; this file reads the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lantian.dispatch.clock import Clock, clock_of, due, office_hours, until
from lantian.errors import LawError, PeriodError, StandardsError
from lantian.periods import UnpublishedYear, local_day, to_ms
from lantian.records import Footnote, TaskKind, TaskState
from lantian.standards import Row, in_force

__all__ = [
    "Checker",
    "Clocks",
    "DispatchKind",
    "Stage",
    "Urgency",
    "clock_rule",
    "clocks",
    "kind_of",
    "kinds",
    "may_pause",
    "next_deadline",
    "office_hours",
    "pause_rules",
]


class Urgency(StrEnum):
    """Which set of clocks a task runs on."""

    EMERGENCY = "emergency"
    ROUTINE = "routine"


class Stage(StrEnum):
    """Which of the two clocks."""

    CLAIM = "claim"
    FEEDBACK = "feedback"


class Checker(StrEnum):
    """Who may check the answer, at least."""

    OTHER_PERSON = "other_person"
    OTHER_UNIT = "other_unit"
    OTHER_COUNTY = "other_county"


@dataclass(frozen=True, slots=True)
class DispatchKind:
    """A kind of typed order. `conditions`: the closing conditions are asked; `keywords` name it in a sentence."""

    key: str
    name_zh: str
    order: int
    urgency: Urgency
    checker: Checker
    conditions: bool
    keywords: tuple[str, ...]
    footnote: Footnote


@dataclass(frozen=True, slots=True)
class Clocks:
    """Due times of one task, and the clocks they come from (which pauses are added to)."""

    claim_due_at: datetime
    feedback_due_at: datetime
    footnotes: tuple[Footnote, ...]
    claim: Clock
    feedback: Clock


def _day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise PeriodError(f"{moment.isoformat()} has no time zone")
    return local_day(to_ms(moment))


def kinds(on: date) -> tuple[DispatchKind, ...]:
    """Kinds of typed orders in force on the day, in their order."""
    found = (
        DispatchKind(
            row.text("kind"),
            row.text("name_zh"),
            row.integer(),
            Urgency(row.text("urgency")),
            Checker(row.text("checker")),
            row.integer("conditions") != 0,
            tuple(row.text("keywords").split("|")),
            row.footnote(),
        )
        for row in in_force("dispatch_kinds", on)
    )
    return tuple(sorted(found, key=lambda kind: kind.order))


def kind_of(key: str, on: date) -> DispatchKind:
    """The kind of that key. StandardsError when there is none on the day."""
    for kind in kinds(on):
        if kind.key == key:
            return kind
    raise StandardsError(f"dispatch_kinds: there is no kind {key!r} on {on}")


def clock_rule(kind: str, stage: Stage, urgency: Urgency, on: date) -> Row:
    """The row of task_clocks for a task kind or a kind of typed order. StandardsError when there is none."""
    return in_force("task_clocks", on, task=str(kind), urgency=urgency.value, stage=stage.value)[0]


def _usual(kind: str, on: date) -> Urgency:
    return Urgency.EMERGENCY if kind in set(TaskKind) else kind_of(kind, on).urgency


def clocks(
    kind: str, opened_at: datetime, urgency: Urgency | None = None, *, due_at: datetime | None = None
) -> Clocks:
    """Due times of a task opened (or returned: then only feedback counts) at an aware instant.

    `kind` is a task kind or a kind of typed order; without `urgency` its usual one (emergency for task kinds).
    `due_at` is a due time typed by the sender, later than `opened_at`: feedback is due then, and the claim no later.
    PeriodError for a naive instant; UnpublishedYear for a routine clock that reaches a year whose holidays are not
    published, which a typed `due_at` gets round; StandardsError for a kind without such clocks.
    """
    on = _day(opened_at)
    urgency = _usual(str(kind), on) if urgency is None else urgency
    row = clock_rule(kind, Stage.CLAIM, urgency, on)
    claim = clock_of(row, opened_at)
    if due_at is not None:
        feedback = until(opened_at, due_at)
        claim = _no_later(claim, feedback)
        return Clocks(_end(claim), _end(feedback), (row.footnote(),), claim, feedback)
    rule = clock_rule(kind, Stage.FEEDBACK, urgency, on)
    feedback = clock_of(rule, opened_at)
    return Clocks(_end(claim), _end(feedback), (row.footnote(), rule.footnote()), claim, feedback)


def _end(clock: Clock) -> datetime:
    ended = due(clock, clock.started_at)
    assert ended is not None, "a clock without pauses is always due"
    return ended


def _no_later(claim: Clock, feedback: Clock) -> Clock:
    try:
        return claim if _end(claim) <= _end(feedback) else feedback
    except UnpublishedYear:
        return feedback


def next_deadline(state: TaskState, claim_due_at: datetime, feedback_due_at: datetime) -> datetime | None:
    """The clock that runs in this state; None when the task waits for a checker or the sender, stands or has ended."""
    if state is TaskState.ISSUED:
        return claim_due_at
    if state in (TaskState.CLAIMED, TaskState.IN_HAND, TaskState.RETURNED):
        return feedback_due_at
    return None


def pause_rules(on: date, stage: Stage = Stage.FEEDBACK) -> tuple[Row, ...]:
    """What may pause a clock of that stage on the day."""
    return in_force("pause_rules", on, stage=stage.value)


def may_pause(
    rule: str,
    on: date,
    *,
    binding: bool,
    urgency: Urgency = Urgency.ROUTINE,
    stage: Stage = Stage.FEEDBACK,
) -> Row:
    """The row of pause_rules by which a clock may be paused; how long at most is `clock.pause_ends`.

    LawError obeyed_first for a task that carries an emergency order (`binding`), whatever the rule; no_pause_rule
    for a reason that is no rule of this clock; not_in_emergency for a rule that does not pause emergency clocks.
    """
    if binding:
        raise LawError("obeyed_first", "an emergency order is carried out first and heard after")
    found = [row for row in pause_rules(on, stage) if row.text("rule") == rule]
    if not found:
        raise LawError("no_pause_rule", f"no rule {rule!r} pauses the {stage.value} clock")
    if urgency is Urgency.EMERGENCY and found[0].text("emergency") != "yes":
        raise LawError("not_in_emergency", f"{rule} does not pause an emergency clock")
    return found[0]
