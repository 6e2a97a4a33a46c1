"""Rows by their features, so that a count in the paper and the list behind it cannot differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from lantian.periods import local_day
from lantian.periods import to_ms as _ms
from lantian.records import FindingState, TaskState
from lantian.report.inputs import DayInputs, FindingFacts, OrderFacts, TaskFacts
from lantian.report.light import overdue, plant_lights
from lantian.report.sheet import Figure, Link

__all__ = ["DONE", "Pool", "cases", "ids_behind", "pools"]

DONE = (TaskState.CLOSED, TaskState.WITHDRAWN)
Features = Mapping[str, str]


class Pool:
    """Rows of one kind as features; counts are figures that carry the question they answer."""

    def __init__(self, kind: str, rows: Mapping[str, Features]) -> None:
        self.kind = kind
        self._rows = rows
        self._counts: dict[tuple[str, ...], Counter[tuple[str, ...]]] = {}

    def count(self, **where: str) -> int:
        """Number of rows with all these features; one pass for each new set of names."""
        names = tuple(sorted(where))
        if names not in self._counts:
            self._counts[names] = Counter(tuple(row[name] for name in names) for row in self._rows.values())
        return self._counts[names][tuple(where[name] for name in names)]

    def figure(self, *notes: int, **where: str) -> Figure:
        """The count as a figure with its link."""
        link = Link(self.kind, where=tuple(sorted(where.items())))
        return Figure(self.count(**where), link=link, notes=notes)

    def ids(self, where: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        """Ids of the rows with all these features; an unknown feature fits no row."""
        return tuple(
            id for id, row in self._rows.items() if all(row.get(name) == value for name, value in where)
        )


def pools(inputs: DayInputs) -> dict[str, Pool]:
    """The kinds of rows that a day sheet counts."""
    places = {
        row.enterprise_id: row.area_id
        for rows in (inputs.orders, inputs.findings, inputs.tasks)
        for row in rows
    }
    lights = plant_lights(inputs)
    decisions = inputs.warning.decisions if inputs.warning else ()
    return {
        "decision": Pool("decision", {row.id: {"id": row.id} for row in decisions}),
        "plant": Pool("plant", {id: {"area": places[id], "light": light} for id, light in lights.items()}),
        "order": Pool("order", {row.id: _order(row) for row in inputs.orders}),
        "finding": Pool("finding", {row.id: _finding(row, inputs) for row in inputs.findings}),
        "task": Pool("task", {row.id: _task(row, inputs) for row in inputs.tasks}),
    }


def ids_behind(inputs: DayInputs, link: Link) -> tuple[str, ...]:
    """Ids of the rows that a figure of the day sheet counted."""
    if link.id:
        return (link.id,)
    pool = pools(inputs).get(link.kind)
    return pool.ids(link.where) if pool else ()


def _order(row: OrderFacts) -> Features:
    return {
        "area": row.area_id,
        "level": row.level,
        "action": row.action,
        "in_force": _yes(row.in_force),
        "outcome": row.outcome,
    }


def _finding(row: FindingFacts, inputs: DayInputs) -> Features:
    return {
        "area": row.area_id,
        "kind": row.kind,
        "state": row.state,
        "of": "day" if row.on == inputs.on else "before",
        "decided": _when(row.decided_at, inputs),
    }


def _task(row: TaskFacts, inputs: DayInputs) -> Features:
    late = overdue(row.state, row.due_at, inputs.as_of)
    return {
        "area": row.area_id,
        "kind": row.kind,
        "state": row.state,
        "open": _yes(row.state not in DONE),
        "opened": _when(row.opened_at, inputs),
        "closed": _when(row.closed_at if row.state is TaskState.CLOSED else None, inputs),
        "outcome": row.outcome or "",
        "cause": row.cause or "",
        "overdue": _yes(late),
        "clock": ("claim" if row.state is TaskState.ISSUED else "feedback") if late else "",
        "leader": row.leader_id,
        "person": row.person_id,
    }


def _when(moment: datetime | None, inputs: DayInputs) -> str:
    """`day`, `yesterday` or neither. An instant at 24:00 belongs to the day it ends."""
    if moment is None:
        return ""
    day = local_day(_ms(moment) - 1)
    if day == inputs.on:
        return "day"
    return "yesterday" if day == inputs.on - timedelta(days=1) else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def cases(inputs: DayInputs) -> tuple[FindingFacts, ...]:
    """Confirmed findings of the day, and those of earlier days confirmed on it: the only ones a paper names."""
    return tuple(
        row
        for row in inputs.findings
        if row.state is FindingState.CONFIRMED
        and (row.on == inputs.on or _when(row.decided_at, inputs) == "day")
    )
