"""Reading records: what waits for its result, how its tasks stand, what is missing before a record is closed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet

from lantian.dispatch import OPEN_STATES
from lantian.errors import DataError, StandardsError
from lantian.periods import local_day, to_ms
from lantian.records import TaskState
from lantian.units import round_half_even
from lantian_web.assessments.queries import daily_figures
from lantian_web.consultations.kinds import CHAIR, Kind, kind_of
from lantian_web.consultations.models import (
    Advice,
    AdviceState,
    AdviceTask,
    Consultation,
    LookResult,
    ResultLook,
)
from lantian_web.verdicts.models import Verdict

__all__ = ["FINAL", "Gap", "Progress", "deferred", "gaps", "kind_named", "progress", "records", "to_look_at"]

FINAL = (LookResult.EFFECTIVE, LookResult.NOT_EFFECTIVE, LookResult.CANNOT_TELL)
"""Results that settle an advice; what still runs or is carried over comes before the next meeting again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Tasks of an advice as they stand, and the air around the day it was adopted: plain means, no effect."""

    tasks: int = 0
    done: int = 0
    overdue: int = 0
    withdrawn: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    adopted_on: date | None = None
    before: Decimal | None = None
    before_days: int = 0
    after: Decimal | None = None
    after_days: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        """The same as it is kept with a look."""
        return {
            "tasks": self.tasks,
            "done": self.done,
            "overdue": self.overdue,
            "withdrawn": self.withdrawn,
            "outcomes": self.outcomes,
            "before": None if self.before is None else str(self.before),
            "before_days": self.before_days,
            "after": None if self.after is None else str(self.after),
            "after_days": self.after_days,
        }


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing before a record can be closed: a code, and whose or which."""

    code: str
    what: str = ""


def records() -> QuerySet[Consultation]:
    """All records with the number of their advice, adopted and all; the newest first."""
    adopted = Count("advice", filter=Q(advice__state=AdviceState.ADOPTED), distinct=True)
    return Consultation.objects.annotate(adopted=adopted, advised=Count("advice", distinct=True)).order_by(
        "-held_at", "id"
    )


def kind_named(row: Consultation) -> Kind:
    """The kind as it was on the day the meeting sat; bare where the city has dropped it since."""
    try:
        return kind_of(row.kind, local_day(to_ms(row.held_at)))
    except (DataError, StandardsError):
        return Kind(row.kind, row.kind, "", "", (), (), 0, False)


def to_look_at(row: Consultation) -> QuerySet[Advice]:
    """Adopted advice of meetings held before this one that has no result yet, the oldest first.

    What this meeting settled itself is no longer among them.
    """
    former = Advice.objects.filter(
        consultation__area_id=row.area_id,
        consultation__held_at__lt=row.held_at,
        state=AdviceState.ADOPTED,
    ).exclude(consultation_id=row.id)
    settled = ResultLook.objects.filter(result__in=FINAL).values("advice_id")
    return former.exclude(id__in=settled).order_by("consultation__held_at", "consultation_id", "place")


def deferred(row: Consultation) -> QuerySet[Advice]:
    """Advice of former meetings that was put off and not taken up since."""
    found = Advice.objects.filter(
        consultation__area_id=row.area_id,
        consultation__held_at__lt=row.held_at,
        state=AdviceState.DEFERRED,
        taken_up__isnull=True,
    )
    return found.order_by("consultation__held_at", "place")


def progress(advice: Iterable[Advice], now: datetime) -> dict[str, Progress]:
    """How the tasks of each advice stand and what the air was around its day, by advice id."""
    rows = list(advice)
    tasks: dict[str, list[AdviceTask]] = defaultdict(list)
    for each in AdviceTask.objects.filter(advice__in=rows).select_related("task").order_by("id"):
        tasks[each.advice_id].append(each)
    said = _verdicts([each.task_id for own in tasks.values() for each in own])
    return {row.id: _progress(row, tasks[row.id], said, now) for row in rows}


def _verdicts(task_ids: Sequence[str]) -> dict[str, str]:
    """Outcome of the last verdict of each task."""
    rows = Verdict.objects.filter(task_id__in=task_ids).order_by("round")
    return dict(rows.values_list("task_id", "outcome"))


def _progress(row: Advice, own: Sequence[AdviceTask], said: dict[str, str], now: datetime) -> Progress:
    tasks = [each.task for each in own]
    late = [
        t
        for t in tasks
        if t.state in OPEN_STATES
        and t.paused_at is None
        and t.next_due_at is not None
        and t.next_due_at <= now
    ]
    outcomes = Counter(said[t.id] for t in tasks if t.id in said)
    on = local_day(to_ms(row.decided_at)) if row.decided_at else None
    before, before_days, after, after_days = _air(row.consultation, on, now)
    return Progress(
        tasks=len(tasks),
        done=sum(t.state == TaskState.CLOSED for t in tasks),
        overdue=len(late),
        withdrawn=sum(t.state == TaskState.WITHDRAWN for t in tasks),
        outcomes=dict(sorted(outcomes.items())),
        adopted_on=on,
        before=before,
        before_days=before_days,
        after=after,
        after_days=after_days,
    )


def _air(
    record: Consultation, on: date | None, now: datetime
) -> tuple[Decimal | None, int, Decimal | None, int]:
    """Means of the city's daily PM2.5 over the days before and after the day, that day left out."""
    days = kind_named(record).air_days
    if on is None or days == 0:
        return None, 0, None, 0
    step, today = timedelta(days=1), local_day(to_ms(now))
    before = _mean(record.area_id, on - days * step, on - step)
    after = _mean(record.area_id, on + step, min(on + days * step, today - step))
    return *before, *after


def _mean(area_id: str, first: date, last: date) -> tuple[Decimal | None, int]:
    if last < first:
        return None, 0
    found = [v for v in daily_figures(area_id, "pm25_day", first, last).values() if v is not None]
    return (round_half_even(sum(found, Fraction()) / len(found), 1), len(found)) if found else (None, 0)


def gaps(row: Consultation) -> list[Gap]:
    """What is missing before the record can be closed, in the order of the page.

    1. A chair who was there. 2. Who has to be there, or why not. 3. A result of every adopted advice before. 4. A word
    on every advice. 5. What is adopted became tasks or an order, or says why it needs none.
    """
    people = list(row.attendees.all())
    found = [] if any(p.capacity == CHAIR and p.present for p in people) else [Gap("chair")]
    for each in kind_named(row).presence:
        there = sum(p.capacity == each.key and p.present for p in people)
        excused = any(p.capacity == each.key and not p.present for p in people)
        if each.key != CHAIR and there < each.least and not excused:
            found.append(Gap("presence", each.name))
    looked = set(row.looks.values_list("advice_id", flat=True))
    for former in to_look_at(row).select_related("consultation"):
        if former.id not in looked:
            found.append(Gap("look", f"{former.consultation.number} {former.place}"))
    for advice in row.advice.order_by("place").annotate(sent=Count("tasks")):
        if advice.state == AdviceState.OPEN:
            found.append(Gap("undecided", str(advice.place)))
        bare = not advice.sent and advice.warning_decision_id is None and not advice.reason
        if advice.state == AdviceState.ADOPTED and bare:
            found.append(Gap("outcome", str(advice.place)))
    return found
