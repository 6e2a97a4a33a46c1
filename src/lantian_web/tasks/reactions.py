"""What orders and confirmed findings make the tasks do; each reaction runs in the transaction of its event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from lantian.dispatch import OPEN_STATES
from lantian.records import TaskKind, TaskState
from lantian_web.events.commands import NewEvent, react
from lantian_web.findings.models import Finding
from lantian_web.orders.queries import warning_of
from lantian_web.rows import chunks
from lantian_web.tasks.commands import TaskSpec, join, open_tasks, orders_ended
from lantian_web.tasks.models import Task

Key = tuple[str, str, str]
"""Plant, cause and warning of a check task."""


@react("order.issued")
def carry_out(events: Sequence[NewEvent]) -> None:
    """One task per order that asks for something; exempt and autonomous plants have nothing to carry out."""
    asking = [event for event in events if event.params["demands"]]
    if not asking:
        return
    warnings = warning_of(event.subject_id for event in asking)
    specs = [
        TaskSpec(
            kind=TaskKind.CARRY_OUT,
            natural_key=(event.subject_id,),
            enterprise_id=event.enterprise_id,
            area_id=event.area_id,
            warning_id=warnings[event.subject_id],
            order_id=event.subject_id,
        )
        for event in asking
    ]
    open_tasks(specs, asking[0].happened_at, asking[0].actor)


@react("order.ended", "order.superseded")
def due_for_answer(events: Sequence[NewEvent]) -> None:
    """An order that ends makes its task due for answer."""
    ends = {
        event.subject_id: (
            datetime.fromisoformat(str(event.params["start_at"])),
            datetime.fromisoformat(str(event.params["end_at"])),
        )
        for event in events
    }
    orders_ended(ends, events[0].happened_at, events[0].actor)


@react("finding.confirmed")
def check(events: Sequence[NewEvent]) -> None:
    """One check task per plant, cause and warning; a finding joins the open one, or opens the next."""
    rows: list[Finding] = []
    for part in chunks([event.subject_id for event in events]):
        rows += Finding.objects.filter(id__in=part).order_by("enterprise_id", "kind", "first_ms", "id")
    warnings = warning_of(row.order_id for row in rows)
    wanted: dict[Key, list[Finding]] = defaultdict(list)
    for row in rows:
        wanted[row.enterprise_id, row.kind, warnings[row.order_id]].append(row)
    known = _check_tasks(wanted)
    joining: dict[str, list[str]] = {}
    specs = []
    for key, found in wanted.items():
        ids = [row.id for row in found]
        tasks = known.get(key, [])
        running = [task for task in tasks if TaskState(task.state) in OPEN_STATES]
        if running:
            joining[running[0].id] = ids
        else:
            specs.append(_spec(key, len(tasks) + 1, found[0].area_id, ids))
    now, by = events[0].happened_at, events[0].actor
    if joining:
        join(joining, now, by)
    open_tasks(specs, now, by)


def _check_tasks(wanted: dict[Key, list[Finding]]) -> dict[Key, list[Task]]:
    known: dict[Key, list[Task]] = defaultdict(list)
    plants = sorted({plant for plant, _, _ in wanted})
    for part in chunks(plants):
        for task in Task.objects.filter(kind=TaskKind.CHECK, enterprise_id__in=part).order_by(
            "opened_at", "id"
        ):
            known[task.enterprise_id, task.cause, task.warning_id].append(task)
    return known


def _spec(key: Key, nth: int, area_id: str, finding_ids: list[str]) -> TaskSpec:
    plant, cause, warning = key
    return TaskSpec(
        kind=TaskKind.CHECK,
        natural_key=(*key, str(nth)),
        enterprise_id=plant,
        area_id=area_id,
        warning_id=warning,
        cause=cause,
        finding_ids=tuple(finding_ids),
    )
