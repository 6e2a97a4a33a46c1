"""Lights of plants and areas: the one rule, for papers and for the console; missing data is never red.

red    a confirmed finding whose check task runs, or a task past its clock
amber  something waits for a person: a proposal, an answered task, a day not concluded
blind  the order day cannot be told
green  in order, closed by a second person, or nothing asked
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lantian.dispatch import RUNNING
from lantian.records import FindingState, Light, Outcome, TaskKind, TaskState
from lantian.report.conclusion import PENDING
from lantian.report.inputs import DayInputs

__all__ = ["RUNNING", "WORST_FIRST", "of_outcome", "of_task", "overdue", "plant_lights", "worst_light"]

WORST_FIRST = (Light.RED, Light.AMBER, Light.BLIND, Light.GREEN)
_OF_OUTCOME = {PENDING: Light.AMBER, Outcome.CANNOT_TELL.value: Light.BLIND}


def overdue(state: str, due_at: datetime | None, as_of: datetime) -> bool:
    """Whether the unit's clock has run out."""
    return state in RUNNING and due_at is not None and due_at <= as_of


def of_outcome(outcome: str | None) -> Light:
    """Light of a shown answer by itself. A confirmed breach is red by its check, as long as that runs."""
    return _OF_OUTCOME.get(outcome or "", Light.GREEN)


def of_task(kind: str, state: str, due_at: datetime | None, as_of: datetime) -> Light:
    """Light that a task throws on its plant."""
    if overdue(state, due_at, as_of):
        return Light.RED
    if kind != TaskKind.CHECK:
        return Light.GREEN
    if state in RUNNING:
        return Light.RED
    return Light.AMBER if state == TaskState.ANSWERED else Light.GREEN


def plant_lights(inputs: DayInputs) -> dict[str, Light]:
    """Light of each plant that has an order, finding or task."""
    lights: dict[str, Light] = {}

    def mark(plant: str, light: Light) -> None:
        lights[plant] = worst_light((light, lights.get(plant, Light.GREEN)))

    for order in inputs.orders:
        mark(order.enterprise_id, of_outcome(order.outcome))
    for finding in inputs.findings:
        if finding.state is FindingState.PROPOSED:
            mark(finding.enterprise_id, Light.AMBER)
    for task in inputs.tasks:
        mark(task.enterprise_id, of_task(task.kind, task.state, task.due_at, inputs.as_of))
    return lights


def worst_light(lights: Iterable[Light]) -> Light:
    """The worst of several; green when there is none."""
    return min(lights, key=WORST_FIRST.index, default=Light.GREEN)
