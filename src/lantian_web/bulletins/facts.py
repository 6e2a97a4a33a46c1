"""Orders, findings and tasks of an area as they stood at `as_of`, from what their rows say happened when.

`office`: for the city's own paper. Any other is built from what leaves the office: confirmed findings, and order
days without an unconfirmed breach.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet

from lantian.periods import at, from_ms
from lantian.records import (
    Action,
    FindingKind,
    FindingState,
    Level,
    Outcome,
    SubjectKind,
    TaskKind,
    TaskState,
)
from lantian.report import NOT_JUDGED, FindingFacts, OrderFacts, TaskFacts, shown, worst
from lantian.units import round_half_even
from lantian_web.accounts.models import Person, Unit
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Enterprise, Line
from lantian_web.orders.models import Order, OrderMeasure
from lantian_web.tasks.models import Task, TaskFinding
from lantian_web.verdicts.models import Verdict

__all__ = ["findings", "orders", "tasks"]


def orders(
    area_id: str, on: date, as_of: datetime, found: Sequence[FindingFacts], office: bool
) -> tuple[OrderFacts, ...]:
    """Orders signed by `as_of` that were in force at some time of the day, with their worst answer of it."""
    rows = Order.objects.filter(
        Q(end_at__isnull=True) | Q(end_at__gt=at(on, 0)),
        area_id__startswith=area_id,
        start_at__lt=at(on, 24),
        decision__signed_at__lte=as_of,
    ).order_by("id")
    actions = _actions(rows)
    judged = _judged(area_id, on, found, office)
    made = []
    for row in rows:
        outcome, slots, missing = judged.get(row.id, (NOT_JUDGED, 0, 0))
        made.append(
            OrderFacts(
                id=row.id,
                enterprise_id=row.enterprise_id,
                area_id=row.area_id,
                level=Level(row.level),
                action=actions.get(row.id, Action.EXEMPT),
                in_force=row.start_at <= as_of and (row.end_at is None or row.end_at > as_of),
                list_paper=row.list_paper,
                outcome=outcome,
                slots_judged=slots,
                slots_missing=missing,
            )
        )
    return tuple(made)


def _actions(rows: QuerySet[Order]) -> dict[str, Action]:
    """The strongest action of each order; the enum stands in falling order."""
    strongest: dict[str, Action] = {}
    order = list(Action)
    asked = OrderMeasure.objects.filter(order__in=rows.order_by()).values_list("order_id", "action")
    for order_id, code in asked:
        action = Action(code)
        strongest[order_id] = min(strongest.get(order_id, action), action, key=order.index)
    return strongest


def _judged(
    area_id: str, on: date, found: Sequence[FindingFacts], office: bool
) -> dict[str, tuple[str, int, int]]:
    """(outcome, slots judged, slots missing) by order: its kinds of measure taken together.

    Outside the office an order with an unconfirmed breach has no conclusion, whatever its other kinds say.
    """
    said: defaultdict[tuple[str, str], list[tuple[FindingState, str]]] = defaultdict(list)
    for finding in found:
        if finding.on == on:
            said[finding.order_id, finding.kind.value].append((finding.state, finding.reason))
    days: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
    rows = OrderDay.objects.filter(on=on, area_id__startswith=area_id).order_by("order_id", "kind")
    hidden: set[str] = set()
    for order_id, kind, outcome, slots, missing in rows.values_list(
        "order_id", "kind", "outcome", "slots_judged", "slots_missing"
    ):
        concluded = shown(Outcome(outcome), said[order_id, kind])
        if not office and outcome == Outcome.NOT_COMPLIED and concluded != outcome:
            hidden.add(order_id)
        days[order_id].append((concluded, slots, missing))
    return {
        order_id: (
            worst(outcome for outcome, _, _ in parts) or NOT_JUDGED,
            sum(slots for _, slots, _ in parts),
            sum(missing for _, _, missing in parts),
        )
        for order_id, parts in days.items()
        if order_id not in hidden
    }


def findings(area_id: str, on: date, as_of: datetime, office: bool) -> tuple[FindingFacts, ...]:
    """Findings of the day, those decided on it, and older ones that waited for a person at `as_of`."""
    rows = list(
        Finding.objects.filter(
            Q(on=on)
            | Q(on__lt=on, decided_at__gt=at(on, 0), decided_at__lte=as_of)
            | Q(on__lt=on, state=FindingState.PROPOSED)
            | Q(on__lt=on, decided_at__gt=as_of),
            area_id__startswith=area_id,
            proposed_at__lte=as_of,
        ).order_by("id")
    )
    plants = dict(Enterprise.objects.filter(area_id__startswith=area_id).values_list("id", "name"))
    lines = dict(Line.objects.filter(id__in={row.subject_id for row in rows}).values_list("id", "name"))
    joined = _joined(rows, area_id, as_of)
    made = []
    for row in rows:
        decided = row.decided_at is not None and row.decided_at <= as_of
        measured, threshold = _printed(row)
        task_id, number, state = joined.get(row.id, ("", "", None))
        made.append(
            FindingFacts(
                id=row.id,
                kind=FindingKind(row.kind),
                state=FindingState(row.state)
                if decided or row.state == FindingState.WITHDRAWN
                else FindingState.PROPOSED,
                on=row.on,
                order_id=row.order_id,
                enterprise_id=row.enterprise_id,
                enterprise=plants.get(row.enterprise_id, row.enterprise_id),
                area_id=row.area_id,
                subject=lines.get(row.subject_id, row.subject_id)
                if row.subject_kind == SubjectKind.LINE
                else "",
                first_at=from_ms(row.first_ms),
                last_at=from_ms(row.last_ms),
                measured=measured,
                threshold=threshold,
                unit=row.unit,
                slots_missing=row.slots_missing,
                rule=row.rule,
                version=row.version,
                decided_at=row.decided_at if decided else None,
                reason=row.reason,
                task_id=task_id,
                task_number=number,
                task_state=state,
            )
        )
    return tuple(row for row in made if office or row.state is FindingState.CONFIRMED)


def _printed(row: Finding) -> tuple[Decimal, Decimal]:
    """Measured and threshold: whole kWh, tenths of others, and tenths wherever whole ones would look equal."""
    for places in (0, 1) if row.unit == "kWh" else (1,):
        measured, threshold = round_half_even(row.measured, places), round_half_even(row.threshold, places)
        if measured != threshold:
            break
    return measured, threshold


def _joined(found: Sequence[Finding], area_id: str, as_of: datetime) -> dict[str, tuple[str, str, TaskState]]:
    """Task id, number and state by finding."""
    rows = TaskFinding.objects.filter(finding__in=found, task__opened_at__lte=as_of)
    returned = _verdicts(area_id, as_of)
    return {
        row.finding_id: (row.task_id, row.task.number, _state(row.task, as_of, returned.get(row.task_id)))
        for row in rows.select_related("task")
    }


def tasks(area_id: str, on: date, as_of: datetime) -> tuple[TaskFacts, ...]:
    """Tasks opened by `as_of` and not closed before the day before began."""
    since = at(on - timedelta(days=1), 0)
    rows = list(
        Task.objects.filter(
            Q(closed_at__isnull=True) | Q(closed_at__gt=since),
            area_id__startswith=area_id,
            opened_at__lte=as_of,
        ).order_by("number", "id")
    )
    people = dict(Person.objects.values_list("id", "name"))
    units = dict(Unit.objects.values_list("id", "name"))
    plants = dict(Enterprise.objects.filter(area_id__startswith=area_id).values_list("id", "name"))
    said = _verdicts(area_id, as_of)
    return tuple(_task(row, as_of, said.get(row.id), people, units, plants) for row in rows)


def _task(
    row: Task,
    as_of: datetime,
    verdict: Verdict | None,
    people: dict[str, str],
    units: dict[str, str],
    plants: dict[str, str],
) -> TaskFacts:
    state = _state(row, as_of, verdict)
    return TaskFacts(
        id=row.id,
        number=row.number,
        kind=TaskKind(row.kind),
        state=state,
        area_id=row.area_id,
        enterprise_id=row.enterprise_id,
        enterprise=plants.get(row.enterprise_id, row.enterprise_id),
        unit=units.get(row.unit_id, row.unit_id),
        leader_id=row.leader_id,
        leader=people.get(row.leader_id, row.leader_id),
        person_id=row.person_id,
        person=people.get(row.person_id, row.person_id),
        opened_at=row.opened_at,
        due_at=_due(row, state),
        closed_at=row.closed_at if state is TaskState.CLOSED else None,
        cause=FindingKind(row.cause) if row.cause else None,
        outcome=Outcome(verdict.outcome) if verdict else None,
        checker=people.get(verdict.checker, verdict.checker) if verdict else "",
    )


def _verdicts(area_id: str, as_of: datetime) -> dict[str, Verdict]:
    """The last verdict of each task by then."""
    rows = Verdict.objects.filter(task__area_id__startswith=area_id, checked_at__lte=as_of).order_by("round")
    return {row.task_id: row for row in rows}


def _state(row: Task, as_of: datetime, verdict: Verdict | None) -> TaskState:
    """State by then: the last thing that had happened. A withdrawal leaves no time, so it counts at once."""
    if row.state == TaskState.WITHDRAWN:
        return TaskState.WITHDRAWN
    happened: Iterable[tuple[datetime | None, TaskState]] = (
        (row.claimed_at, TaskState.CLAIMED),
        (verdict.checked_at if verdict and not verdict.closes else None, TaskState.RETURNED),
        (row.answered_at, TaskState.ANSWERED),
        (row.closed_at, TaskState.CLOSED),
    )
    known = [(moment, state) for moment, state in happened if moment is not None and moment <= as_of]
    return max(known, key=lambda item: item[0])[1] if known else TaskState.ISSUED


def _due(row: Task, state: TaskState) -> datetime | None:
    if state == row.state:
        return row.next_due_at
    return row.claim_due_at if state is TaskState.ISSUED else row.feedback_due_at
