"""Lights of plants and areas, by the rule that the console's map uses; missing data is never red.

red    a confirmed finding whose check task runs, or a task past its clock
amber  something waits for a person: a proposal, an answered task, a breach whose task is closed
blind  the order day cannot be told
green  in order, or nothing asked
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lantian.records import FindingState, Light, Outcome, TaskKind, TaskState
from lantian.report.conclusion import PENDING
from lantian.report.inputs import DayInputs, TaskFacts

__all__ = ["RUNNING", "WORST_FIRST", "overdue", "plant_lights", "worst_light"]

WORST_FIRST = (Light.RED, Light.AMBER, Light.BLIND, Light.GREEN)
RUNNING = (TaskState.ISSUED, TaskState.CLAIMED, TaskState.RETURNED)
"""States in which the responsible unit has to act."""

_OF_OUTCOME = {
    Outcome.NOT_COMPLIED.value: Light.AMBER,
    PENDING: Light.AMBER,
    Outcome.CANNOT_TELL.value: Light.BLIND,
}


def overdue(task: TaskFacts, as_of: datetime) -> bool:
    """Whether the unit's clock has run out."""
    return task.state in RUNNING and task.due_at is not None and task.due_at <= as_of


def plant_lights(inputs: DayInputs) -> dict[str, Light]:
    """Light of each plant that has an order, finding or task."""
    lights: dict[str, Light] = {}

    def mark(plant: str, light: Light) -> None:
        lights[plant] = worst_light((light, lights.get(plant, Light.GREEN)))

    for order in inputs.orders:
        mark(order.enterprise_id, _OF_OUTCOME.get(order.outcome, Light.GREEN))
    for finding in inputs.findings:
        if finding.state is FindingState.PROPOSED:
            mark(finding.enterprise_id, Light.AMBER)
    for task in inputs.tasks:
        mark(task.enterprise_id, _of_task(task, inputs.as_of))
    return lights


def _of_task(task: TaskFacts, as_of: datetime) -> Light:
    if overdue(task, as_of):
        return Light.RED
    if task.kind is not TaskKind.CHECK:
        return Light.GREEN
    if task.state in RUNNING:
        return Light.RED
    return Light.AMBER if task.state is TaskState.ANSWERED else Light.GREEN


def worst_light(lights: Iterable[Light]) -> Light:
    """The worst of several; green when there is none."""
    return min(lights, key=WORST_FIRST.index, default=Light.GREEN)
