"""A case from reading to verdict: the rows that one page tells, all through row rights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.http import Http404
from django.utils.translation import gettext as _

from lantian.records import Action, FindingKind, FindingState, TaskKind
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import conclusions, wording
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Area, Enterprise, Line, Meter
from lantian_web.orders.models import Order, OrderMeasure
from lantian_web.tasks.models import Task, TaskFinding
from lantian_web.verdicts.models import Verdict

__all__ = ["Case", "Step", "case_of_finding", "case_of_task", "one"]

EVENTS = 120
REPEATED = ("finding.changed",)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the course of events; `after` is the time since the step before."""

    at: datetime
    kind: str
    word: str
    actor: str
    note: str = ""
    after: timedelta | None = None
    times: int = 1
    until: datetime | None = None

    @property
    def bad(self) -> bool:
        return self.kind in ("finding.proposed", "task.escalated", "task.returned", "finding.confirmed")


@dataclass(slots=True)
class Case:
    """Everything a case page shows."""

    plant: Enterprise
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
    steps: list[Step] = field(default_factory=list)
    people: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> Order | None:
        return self.orders[-1] if self.orders else None

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


def case_of_task(user: User, pk: str) -> Case:
    """The case of one task; 404 when the log-in may not see it."""
    task = one(visible(user, Task.objects.filter(pk=pk)))
    joined = TaskFinding.objects.filter(task=task).values_list("finding_id", flat=True)
    findings = visible(user, Finding.objects.filter(pk__in=list(joined)))
    if task.kind == TaskKind.CARRY_OUT:
        findings = visible(user, Finding.objects.filter(order_id=task.order_id, state=FindingState.CONFIRMED))
    found = list(findings.order_by("on", "subject_id"))
    orders = {f.order_id for f in found} | ({task.order_id} if task.order_id else set())
    case = _case(user, task.enterprise_id, sorted(orders), found)
    case.task = task
    case.verdicts = list(visible(user, Verdict.objects.filter(task=task)).order_by("round"))
    _tell(user, case)
    return case


def case_of_finding(user: User, pk: str) -> Case:
    """The case of one finding and of the same cause beside it, before it has a task."""
    finding = one(visible(user, Finding.objects.filter(pk=pk)))
    beside = visible(
        user,
        Finding.objects.filter(enterprise_id=finding.enterprise_id, kind=finding.kind, state=finding.state),
    )
    found = list(beside.order_by("on", "subject_id"))
    case = _case(user, finding.enterprise_id, sorted({f.order_id for f in found}), found)
    _tell(user, case)
    return case


def _case(user: User, plant_id: str, order_ids: Sequence[str], findings: list[Finding]) -> Case:
    plant = one(visible(user, Enterprise.objects.filter(pk=plant_id)))
    orders = visible(user, Order.objects.filter(pk__in=order_ids)).select_related(
        "decision", "decision__warning"
    )
    days = list(visible(user, OrderDay.objects.filter(order_id__in=order_ids)).order_by("on", "kind"))
    return Case(
        plant=plant,
        area=Area.objects.filter(pk=plant.area_id).values_list("name", flat=True).first() or plant.area_id,
        orders=list(orders.order_by("start_at")),
        measures=list(OrderMeasure.objects.filter(order_id__in=order_ids).order_by("list_row", "line_id")),
        lines=list(Line.objects.filter(enterprise=plant).order_by("no")),
        meters=list(
            visible(user, Meter.objects.filter(enterprise_id=plant_id)).select_related("line").order_by("id")
        ),
        findings=findings,
        beside=list(
            visible(user, Finding.objects.filter(order_id__in=order_ids)).order_by("on", "subject_id")
        ),
        days=days,
        shown=conclusions.conclude(days),
    )


def _tell(user: User, case: Case) -> None:
    """Fill in the course of events and the names it needs."""
    about = (
        [f.pk for f in case.findings] + [o.pk for o in case.orders] + ([case.task.pk] if case.task else [])
    )
    events = list(
        visible(user, Event.objects.filter(subject_id__in=about)).order_by("happened_at", "id")[:EVENTS]
    )
    task, order = case.task, case.order
    people = (
        {e.actor for e in events} | {f.decided_by for f in case.findings} | {v.checker for v in case.verdicts}
    )
    if task:
        people |= {task.person_id, task.leader_id, task.claimed_by, task.answered_by}
    if order:
        people |= {order.decision.signer}
    case.people = dict(Person.objects.filter(pk__in=people).values_list("id", "name"))
    units = {task.unit_id, task.lead_unit_id} if task else set()
    case.units = dict(Unit.objects.filter(pk__in=units).values_list("id", "name"))
    case.steps = _steps(case, events)


def _steps(case: Case, events: Sequence[Event]) -> list[Step]:
    raw: list[tuple[datetime, str, str, str]] = []
    for order in case.orders:
        signer = case.people.get(order.decision.signer, order.decision.signer)
        level = wording.label(order.level, "level")
        raw.append((order.decision.signed_at, "warning.decided", signer, level))
        raw.append(
            (order.start_at, "order.starts", "", _("grace until %(clock)s") % {"clock": _grace_end(order)})
        )
    kinds = {e.kind for e in events}
    if "finding.proposed" not in kinds:
        raw += [(f.proposed_at, "finding.proposed", "", "") for f in case.findings[:6]]
    raw += [
        (e.happened_at, e.kind, case.people.get(e.actor, ""), _note(e))
        for e in events
        if e.kind not in ("order.issued", "warning.decided")
    ]
    steps: list[Step] = []
    for moment, kind, actor, note in sorted(raw, key=lambda r: r[0]):
        last = steps[-1] if steps else None
        actor = actor or _("System")
        if last and (last.kind, last.actor) == (kind, actor) and (last.at == moment or kind in REPEATED):
            steps[-1] = replace(last, times=last.times + 1, until=moment)  # one storm is one line
            continue
        before = (last.until or last.at) if last else moment
        after = moment - before if moment - before >= timedelta(minutes=1) else None
        steps.append(Step(moment, kind, wording.label(kind, "event"), actor, note, after))
    return steps


def _grace_end(order: Order) -> str:
    return wording.day_clock(order.start_at + timedelta(seconds=order.grace_s), order.start_at)


def _note(event: Event) -> str:
    params = event.params if isinstance(event.params, dict) else {}
    return str(params.get("text") or params.get("reason") or params.get("answer") or "")
