"""What the data say about a task, and who may conclude on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from lantian.dispatch.deadline import Checker, kind_of
from lantian.inventory import Duty
from lantian.periods import local_day, to_ms
from lantian.records import FindingState, Outcome, PartOf, TaskKind, TaskState
from lantian.verify import Condition, conditions
from lantian.verify.compliance import Tally, tally
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import posts_of
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.orders.models import Order
from lantian_web.rows import chunks
from lantian_web.tasks.models import Task

__all__ = [
    "CHECKERS",
    "all_handlers",
    "asked_conditions",
    "checker_rule",
    "checkers_for",
    "compliance",
    "compliance_of",
    "handlers",
]

CHECKERS = (Duty.CHECKER, Duty.ANALYST)
HANDLED = ("task.claimed", "task.started", "task.answered")


def handlers(task: Task) -> frozenset[str]:
    """The people who had the task in hand."""
    return frozenset({task.person_id, task.claimed_by, task.started_by, task.answered_by} - {""})


def all_handlers(tasks: Sequence[Task]) -> dict[str, frozenset[str]]:
    """Per task: its handlers and those of its parts, those too who had it before it came back or went on."""
    root = {task.id: task.id for task in tasks}
    hands = {task.id: set(handlers(task)) for task in tasks}
    level = list(root)
    while level:
        parts = [part for ids in chunks(level) for part in Task.objects.filter(parent_id__in=ids)]
        for part in parts:
            root[part.id] = root[str(part.parent_id)]
            if part.state != TaskState.WITHDRAWN:
                hands[root[part.id]] |= handlers(part)
        level = [part.id for part in parts]
    for ids in chunks(sorted(root)):
        steps = Event.objects.filter(subject_kind="task", subject_id__in=ids, kind__in=HANDLED)
        for key, who in steps.order_by().values_list("subject_id", "actor").distinct():
            hands[root[key]].add(who)
    return {key: frozenset(own) for key, own in hands.items()}


def checker_rule(task: Task) -> Checker:
    """How far from the handlers the checker of this task must stand: by its kind; a part is checked by who split it."""
    if task.kind != TaskKind.DISPATCH:
        return Checker.OTHER_UNIT
    if task.part == PartOf.SHARE:
        return Checker.OTHER_PERSON
    return kind_of(task.category, local_day(to_ms(task.opened_at))).checker


def asked_conditions(task: Task, at: datetime) -> tuple[Condition, ...]:
    """Closing conditions that this kind of task asks for; none for most. A part has those of its whole."""
    if task.kind != TaskKind.DISPATCH or task.part:
        return ()
    kind = kind_of(task.category, local_day(to_ms(task.opened_at)))
    return conditions(local_day(to_ms(at))) if kind.conditions else ()


def checkers_for(task: Task) -> list[str]:
    """People who may conclude on the task: a checking post over its area, no handler, not of a handler's unit."""
    posts = [post for post in posts_of(CHECKERS) if task.area_id.startswith(post.area_id)]
    units = set(Person.objects.filter(id__in=handlers(task)).values_list("unit_id", flat=True)) | {
        task.unit_id
    }
    return [
        post.person_id for post in posts if post.person_id not in handlers(task) and post.unit_id not in units
    ]


def compliance(tasks: Sequence[Task]) -> dict[str, Tally]:
    """Judged days per task id, by answer, in a bounded number of queries.

    A task to carry out counts all days of its order. A check, or a typed order about a plant, counts the days after
    the one on which it was opened or last went back, under whatever order (for a check: of that warning) the plant
    has then: was it put right? Where no meter and no order says anything, people do.

    A breach counts as one only when a person has confirmed a finding of it; one whose findings were all dismissed
    was none, and while it is only proposed nobody can tell.
    """
    orders = _orders(tasks)
    days: dict[str, list[tuple[date, Outcome]]] = defaultdict(list)
    wanted = sorted({key for keys in orders.values() for key in keys})
    for part in chunks(wanted):
        rows = OrderDay.objects.filter(order_id__in=part).values_list("order_id", "on", "kind", "outcome")
        said = _said(part)
        for order_id, on, kind, outcome in rows:
            breach = outcome == Outcome.NOT_COMPLIED
            answer = _concluded(said[order_id, on, kind]) if breach else Outcome(outcome)
            days[order_id].append((on, answer))
    return {
        task.id: tally(
            outcome
            for key in orders[task.id]
            for on, outcome in days[key]
            if task.kind == TaskKind.CARRY_OUT or on > local_day(to_ms(task.returned_at or task.opened_at))
        )
        for task in tasks
    }


def _said(orders: Sequence[str]) -> dict[tuple[str, date, str], set[str]]:
    """States of the findings per order, day and kind."""
    said: dict[tuple[str, date, str], set[str]] = defaultdict(set)
    found = Finding.objects.filter(order_id__in=orders).order_by()
    for order_id, on, kind, state in found.values_list("order_id", "on", "kind", "state").distinct():
        said[order_id, on, kind].add(state)
    return said


def _concluded(states: set[str]) -> Outcome:
    """What people made of a breach; a withdrawn proposal says nothing."""
    if FindingState.CONFIRMED in states:
        return Outcome.NOT_COMPLIED
    if FindingState.DISMISSED in states and FindingState.PROPOSED not in states:
        return Outcome.COMPLIED
    return Outcome.CANNOT_TELL


def _orders(tasks: Sequence[Task]) -> dict[str, list[str]]:
    """Order ids per task id: its own, those of its plant in the warning of a check, all of the plant that a typed
    order is about."""
    of_plant: dict[tuple[str, str], list[str]] = defaultdict(list)
    plants = {task.plant_id for task in tasks if task.kind != TaskKind.CARRY_OUT} - {""}
    for part in chunks(sorted(plants)):
        rows = Order.objects.filter(enterprise_id__in=part).order_by("start_at", "id")
        for key, plant, warning in rows.values_list("id", "enterprise_id", "decision__warning_id"):
            of_plant[plant, warning].append(key)
            of_plant[plant, ""].append(key)
    return {
        task.id: [task.order_id]
        if task.kind == TaskKind.CARRY_OUT
        else of_plant[task.plant_id, task.warning_id if task.kind == TaskKind.CHECK else ""]
        for task in tasks
    }


def compliance_of(task: Task) -> Tally:
    """Judged days of one task, by answer."""
    return compliance([task])[task.id]
