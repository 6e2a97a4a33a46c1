"""A case from reading to verdict: the rows that one page tells, all through row rights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db.models import Q
from django.http import Http404

from lantian.records import Action, FindingKind, FindingState, Role, TaskKind
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import grants_of, visible
from lantian_web.desk import conclusions, wording
from lantian_web.desk.course import Line as Told
from lantian_web.desk.course import Raw, course, letters_of, notices_of, replies_of
from lantian_web.desk.task_facts import TaskFacts, facts_of
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Area, Enterprise, Line, Meter
from lantian_web.letters.timeline import delays
from lantian_web.orders.models import Order, OrderMeasure
from lantian_web.tasks.models import Task, TaskFinding
from lantian_web.verdicts.models import Verdict

__all__ = ["Case", "case_of_finding", "case_of_task", "one"]

EVENTS = 400
T = TypeVar("T")


@dataclass(slots=True)
class Case:
    """Everything a case page shows."""

    plant: Enterprise | None
    area: str
    orders: list[Order]
    measures: list[OrderMeasure]
    lines: list[Line]
    meters: list[Meter]
    findings: list[Finding]
    beside: list[Finding]  # all findings of the same orders, for the curve
    days: list[OrderDay]
    shown: Mapping[int, str]
    task: Task | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    steps: list[Told] = field(default_factory=list)
    facts: TaskFacts | None = None
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> Order | None:
        return self.orders[-1] if self.orders else None

    @property
    def plant_id(self) -> str:
        return self.plant.pk if self.plant else ""

    @property
    def measured(self) -> bool:
        """Whether there is a plant with an order and meters, so that readings can say something."""
        return self.plant is not None and bool(self.orders)

    def order_of(self, pk: str) -> Order | None:
        return next((order for order in self.orders if order.pk == pk), None)

    @property
    def line_names(self) -> dict[str, str]:
        return {line.id: line.name for line in self.lines}

    @property
    def order_text(self) -> str:
        mine = [m for m in self.measures if self.order and m.order_id == self.order.pk]
        return wording.measures_text(mine, self.line_names)

    @property
    def order_hash(self) -> str:
        """SHA-256 of the order as it is shown, with its identity."""
        return hashlib.sha256(
            f"{self.order.pk if self.order else ''}\n{self.order_text}".encode()
        ).hexdigest()

    @property
    def kind(self) -> str:
        if self.task and self.task.cause:
            return self.task.cause
        return self.findings[0].kind if self.findings else ""

    @property
    def limit(self) -> bool:
        return self.kind == FindingKind.NOT_CURTAILED or any(m.action == Action.LIMIT for m in self.measures)

    @property
    def verdict(self) -> Verdict | None:
        return self.verdicts[-1] if self.verdicts else None

    @property
    def outcome(self) -> str:
        """The page's one statement: the verdict if given, else the worst concluded day."""
        if self.verdict:
            return self.verdict.outcome
        if any(f.state == FindingState.CONFIRMED for f in self.findings):
            return "not_complied"
        return conclusions.worst(self.shown.values()) or conclusions.PENDING

    @property
    def confirmed(self) -> list[Finding]:
        return [f for f in self.findings if f.state == FindingState.CONFIRMED]

    @property
    def counted(self) -> dict[str, int]:
        """Order days by shown outcome; they add up to the days judged."""
        counts = dict.fromkeys(("complied", "not_complied", "cannot_tell", "pending"), 0)
        for outcome in self.shown.values():
            counts[outcome] += 1
        return counts

    @property
    def main(self) -> Finding | None:
        """The finding whose numbers the reason sentence tells: the longest run."""
        return max(
            self.findings, key=lambda f: (f.measured / f.threshold if f.threshold else 0, f.pk), default=None
        )

    @property
    def line_choices(self) -> list[Line]:
        """Lines that the chart offers: the ones found first, then the ones ordered, then the rest."""
        found = {f.subject_id for f in self.findings} | {m.line_id for m in self.measures}
        return sorted(self.lines, key=lambda line: (line.id not in found, line.no))


def one(rows: Iterable[T]) -> T:
    """The single row, or 404: what a log-in may not see does not exist for it."""
    for row in rows:
        return row
    raise Http404


def case_of_task(user: User, pk: str, now: datetime) -> Case:
    """The case of one task; 404 when the log-in may not see it."""
    task = one(visible(user, Task.objects.filter(pk=pk)))
    joined = TaskFinding.objects.filter(task=task).values_list("finding_id", flat=True)
    findings = visible(user, Finding.objects.filter(pk__in=list(joined)))
    if task.kind == TaskKind.CARRY_OUT:
        findings = visible(user, Finding.objects.filter(order_id=task.order_id, state=FindingState.CONFIRMED))
    found = list(findings.order_by("on", "subject_id"))
    orders = {f.order_id for f in found} | ({task.order_id} if task.order_id else set())
    if task.kind == TaskKind.DISPATCH and task.plant_id:
        orders |= _running(user, task)
    case = _case(user, task.plant_id, task.area_id, sorted(orders), found)
    case.task = task
    case.verdicts = list(
        visible(user, Verdict.objects.filter(task=task)).prefetch_related("marks").order_by("round")
    )
    case.facts = facts_of(user, task, now)
    _tell(user, case, now)
    return case


def case_of_finding(user: User, pk: str, now: datetime) -> Case:
    """The case of one finding and of the same cause beside it, before it has a task."""
    finding = one(visible(user, Finding.objects.filter(pk=pk)))
    beside = visible(
        user,
        Finding.objects.filter(enterprise_id=finding.enterprise_id, kind=finding.kind, state=finding.state),
    )
    found = list(beside.order_by("on", "subject_id"))
    orders = sorted({f.order_id for f in found})
    case = _case(user, finding.enterprise_id, finding.area_id, orders, found)
    _tell(user, case, now)
    return case


def _running(user: User, task: Task) -> set[str]:
    """Orders of the plant that a typed order is about, in force at some time since it was sent."""
    rows = visible(user, Order.objects.filter(enterprise_id=task.plant_id))
    since = rows.filter(Q(end_at__isnull=True) | Q(end_at__gt=task.opened_at))
    until = since.filter(start_at__lte=task.closed_at) if task.closed_at else since
    return set(until.values_list("pk", flat=True))


def _case(user: User, plant_id: str, area_id: str, order_ids: Sequence[str], findings: list[Finding]) -> Case:
    plant = one(visible(user, Enterprise.objects.filter(pk=plant_id))) if plant_id else None
    orders = visible(user, Order.objects.filter(pk__in=order_ids)).select_related(
        "decision", "decision__warning"
    )
    days = list(visible(user, OrderDay.objects.filter(order_id__in=order_ids)).order_by("on", "kind"))
    place = plant.area_id if plant else area_id
    meters = visible(user, Meter.objects.filter(enterprise_id=plant_id or "-")).select_related("line")
    return Case(
        plant=plant,
        area=Area.objects.filter(pk=place).values_list("name", flat=True).first() or place,
        orders=list(orders.order_by("start_at")),
        measures=list(OrderMeasure.objects.filter(order_id__in=order_ids).order_by("list_row", "line_id")),
        lines=list(Line.objects.filter(enterprise=plant).order_by("no")) if plant else [],
        meters=list(meters.order_by("id")),
        findings=findings,
        beside=list(
            visible(user, Finding.objects.filter(order_id__in=order_ids)).order_by("on", "subject_id")
        ),
        days=days,
        shown=conclusions.conclude(days),
    )


def _tell(user: User, case: Case, now: datetime) -> None:
    """Fill in the course of events and the names it needs."""
    task, order = case.task, case.order
    about = [f.pk for f in case.findings] + [o.pk for o in case.orders] + ([task.pk] if task else [])
    rows = visible(user, Event.objects.filter(subject_id__in=about))
    events = list(rows.order_by("happened_at", "id")[:EVENTS])
    people = (
        {e.actor for e in events} | {f.decided_by for f in case.findings} | {v.checker for v in case.verdicts}
    )
    if task:
        people |= {task.person_id, task.leader_id, task.claimed_by, task.answered_by}
    if order:
        people |= {order.decision.signer}
    case.people = dict(Person.objects.filter(pk__in=people).values_list("id", "name"))
    further: list[Raw] = []
    if task and case.facts:
        office = any(grant.role != Role.PLANT_MANAGER for grant in grants_of(user))
        further = [*notices_of(user, task, plant_only=not office), *replies_of(user, task)]
        further += letters_of(user, task)
        if office:
            case.facts.tell_delay(delays([task], now)[task.pk])
    files = case.facts.files if case.facts else []
    case.steps = course(events, case.orders, case.findings, files, case.people, further)
