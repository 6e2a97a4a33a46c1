"""Findings and tasks of the day. Names stand only beside findings that a person has confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lantian.periods import local_day, to_ms
from lantian.records import FindingKind, FindingState, TaskKind, TaskState
from lantian.report.inputs import DayInputs, FindingFacts, TaskFacts
from lantian.report.notes import Notes
from lantian.report.pool import DONE, Pool, cases
from lantian.report.sheet import Column, Figure, Link, Message, Section, Table, message

__all__ = ["closings", "confirmed", "findings", "tasks"]

LISTED = 40
"""Rows of a list of names in the paper; what is left is counted in a last line and linked."""
OPEN = tuple(state for state in TaskState if state not in DONE)
DECIDED = (FindingState.CONFIRMED, FindingState.DISMISSED, FindingState.WITHDRAWN)


def findings(inputs: DayInputs, pool: Pool, notes: Notes) -> Section:
    """Counts by kind and county, and what was decided on the day about earlier ones."""
    rules = sorted({(row.rule, row.version) for row in inputs.findings})
    numbers = tuple(notes.add("note.rule", rule=rule, version=version) for rule, version in rules)
    meaning = notes.add("note.findings" if inputs.office else "note.findings_below")
    kinds = [kind.value for kind in FindingKind if pool.count(kind=kind.value)]
    columns = (
        Column(message("column.area"), number=False, weight=16),
        Column(message("column.kind"), number=False, weight=14),
        *(
            Column(message(f"column.{name}"))
            for name in (("found", *DECIDED, "waiting") if inputs.office else (FindingState.CONFIRMED,))
        ),
    )
    rows = [
        (
            Figure(area.name),
            Figure(message(f"finding.{kind}")),
            *_finding_counts(pool, inputs.office, area=area.id, kind=kind),
        )
        for area in inputs.areas
        for kind in kinds
        if any(f.value for f in _finding_counts(pool, inputs.office, area=area.id, kind=kind))
    ]
    if rows:
        rows.append((Figure(message("total")), Figure(""), *_finding_counts(pool, inputs.office)))
    caption = message("table.findings", note=Figure("", notes=(meaning, *numbers)))
    table = Table("findings", caption, columns, tuple(rows), message("empty.findings"), total=bool(rows))
    return Section(
        "findings", message("section.findings"), _finding_lines(inputs.office, pool, meaning), (table,)
    )


def _finding_lines(office: bool, pool: Pool, meaning: int) -> tuple[Message, Message]:
    """The day's, then earlier ones decided on it. Below the city there are only those a person confirmed."""
    if not office:
        confirmed = FindingState.CONFIRMED
        return (
            message("findings.head_below", confirmed=pool.figure(meaning, of="day", state=confirmed)),
            message(
                "findings.earlier_below", confirmed=pool.figure(of="before", decided="day", state=confirmed)
            ),
        )
    return (
        message(
            "findings.head",
            found=pool.figure(meaning, of="day"),
            **{state.value: pool.figure(of="day", state=state) for state in FindingState},
        ),
        message(
            "findings.earlier",
            **{state.value: pool.figure(of="before", decided="day", state=state) for state in DECIDED},
        ),
    )


def _finding_counts(pool: Pool, office: bool, **where: str) -> tuple[Figure, ...]:
    """Found on the day, and how they stand; the states add up. Below the city, the confirmed ones."""
    if not office:
        return (pool.figure(of="day", state=FindingState.CONFIRMED, **where),)
    return (
        pool.figure(of="day", **where),
        *(pool.figure(of="day", state=state, **where) for state in (*DECIDED, FindingState.PROPOSED)),
    )


def tasks(inputs: DayInputs, pool: Pool, notes: Notes) -> Section:
    """Where the tasks stand, and whose are overdue."""
    meaning = notes.add("note.tasks")
    line = message(
        "tasks.head",
        opened=pool.figure(meaning, opened="day"),
        open=pool.figure(open="yes"),
        overdue=pool.figure(overdue="yes"),
        closed=pool.figure(closed="day"),
    )
    return Section(
        "tasks", message("section.tasks"), (line,), (_states(pool, meaning), _overdue(inputs, pool, meaning))
    )


def _states(pool: Pool, meaning: int) -> Table:
    columns = (
        Column(message("column.task"), number=False, weight=16),
        Column(message("column.opened")),
        Column(message("column.open")),
        *(Column(message(f"task_state.{state}")) for state in OPEN),
        Column(message("column.overdue")),
        Column(message("column.closed")),
    )
    rows = [
        (Figure(message(f"task.{kind}")), *_task_counts(pool, kind=kind))
        for kind in TaskKind
        if pool.count(kind=kind)
    ]
    if rows:
        rows.append((Figure(message("total")), *_task_counts(pool)))
    caption = message("table.tasks", note=Figure("", notes=(meaning,)))
    return Table("tasks", caption, columns, tuple(rows), message("empty.tasks"), total=bool(rows))


def _task_counts(pool: Pool, **where: str) -> tuple[Figure, ...]:
    return (
        pool.figure(opened="day", **where),
        pool.figure(open="yes", **where),
        *(pool.figure(state=state, **where) for state in OPEN),
        pool.figure(overdue="yes", **where),
        pool.figure(closed="day", **where),
    )


def _overdue(inputs: DayInputs, pool: Pool, meaning: int) -> Table:
    people: dict[tuple[str, str], TaskFacts] = {}
    for task in inputs.tasks:
        if task.state not in DONE:
            people.setdefault((task.leader_id, task.person_id), task)
    late = [
        (pool.count(overdue="yes", leader=leader, person=person), task)
        for (leader, person), task in people.items()
    ]
    late = sorted(
        ((count, task) for count, task in late if count),
        key=lambda item: (-item[0], item[1].leader, item[1].person, item[1].person_id),
    )
    columns = (
        Column(message("column.leader"), number=False, weight=12),
        Column(message("column.person"), number=False, weight=12),
        Column(message("column.responsible"), number=False, weight=26),
        Column(message("column.late_claim")),
        Column(message("column.late_feedback")),
        Column(message("column.overdue")),
    )
    rows: list[tuple[Figure, ...]] = [
        (
            Figure(task.leader),
            Figure(task.person),
            Figure(task.unit),
            *_late(pool, leader=task.leader_id, person=task.person_id),
        )
        for _, task in late[:LISTED]
    ]
    if len(late) > LISTED:
        rest = sum(count for count, _ in late[LISTED:])
        rows.append(
            (Figure(message("more.people", people=len(late) - LISTED, tasks=rest)), *[Figure("")] * 5)
        )
    caption = message("table.overdue", note=Figure("", notes=(meaning,)))
    return Table("overdue", caption, columns, tuple(rows), message("empty.overdue"))


def _late(pool: Pool, **who: str) -> tuple[Figure, ...]:
    return (
        pool.figure(clock="claim", **who),
        pool.figure(clock="feedback", **who),
        pool.figure(overdue="yes", **who),
    )


def confirmed(inputs: DayInputs, notes: Notes) -> Section:
    """The cases confirmed on the day, the farthest past their threshold first, and where their tasks stand."""
    rows = sorted(
        cases(inputs), key=lambda row: (-_past(row), row.area_id, row.enterprise, row.first_at, row.id)
    )
    places = {area.id: area.name for area in inputs.areas}
    columns = (
        Column(message("column.plant"), number=False, weight=23),
        Column(message("column.kind"), number=False, weight=11),
        Column(message("column.interval"), number=False, weight=19),
        Column(message("column.measured"), weight=14),
        Column(message("column.threshold"), weight=14),
        Column(message("column.task_state"), number=False, weight=19),
    )
    cells: list[tuple[Figure, ...]] = [
        (
            Figure(_plant(places.get(row.area_id, ""), row.enterprise, row.subject)),
            Figure(message(f"finding.{row.kind}"), link=Link("finding", row.id)),
            Figure(_interval(row)),
            Figure(row.measured, row.unit, Link("finding", row.id)),
            Figure(row.threshold, row.unit, Link("finding", row.id)),
            _task_cell(row.task_id, row.task_number, row.task_state),
        )
        for row in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        cells.append((Figure(message("more.cases", cases=len(rows) - LISTED)), *[Figure("")] * 5))
    rules = sorted({(row.rule, row.version) for row in rows})
    note = Figure(
        "", notes=tuple(notes.add("note.rule", rule=rule, version=version) for rule, version in rules)
    )
    caption = message("table.confirmed", note=note)
    table = Table("confirmed", caption, columns, tuple(cells), message("empty.confirmed"))
    return Section("confirmed", message("section.confirmed"), (), (table,))


def _past(row: FindingFacts) -> Decimal:
    """How many times its threshold was measured."""
    return row.measured / row.threshold if row.threshold else Decimal(0)


def _plant(area: str, plant: str, line: str = "") -> Message:
    """County, plant and line; a name that begins with its county says it once."""
    return message("case.plant", area="" if plant.startswith(area) else area, plant=plant, line=line)


def _interval(row: FindingFacts) -> Message:
    one_day = local_day(to_ms(row.first_at)) == local_day(to_ms(row.last_at) - 1)
    return message(
        "case.interval_one_day" if one_day else "case.interval", first=row.first_at, last=row.last_at
    )


def _task_cell(id: str, number: str, state: TaskState | None) -> Figure:
    if state is None:
        return Figure(message("case.no_task"))
    told = message("case.task", number=number, state=message(f"task_state.{state}"))
    return Figure(told, link=Link("task", id))


def closings(inputs: DayInputs, pool: Pool, notes: Notes) -> Section:
    """What was closed the day before: counts, and each check by name."""
    meaning = notes.add("note.closed")
    line = message(
        "closings.head",
        total=pool.figure(meaning, closed="yesterday"),
        carry_out=pool.figure(closed="yesterday", kind=TaskKind.CARRY_OUT),
        check=pool.figure(closed="yesterday", kind=TaskKind.CHECK),
    )
    ids = set(pool.ids((("closed", "yesterday"), ("kind", TaskKind.CHECK))))
    return Section("closings", message("section.closings"), (line,), (_closed_table(inputs, ids),))


def _closed_table(inputs: DayInputs, ids: Iterable[str]) -> Table:
    places = {area.id: area.name for area in inputs.areas}
    found = sorted(
        (task for task in inputs.tasks if task.id in ids), key=lambda task: (task.area_id, task.number)
    )
    columns = (
        Column(message("column.number"), number=False, weight=19),
        Column(message("column.plant"), number=False, weight=27),
        Column(message("column.kind"), number=False, weight=12),
        Column(message("column.verdict"), number=False, weight=12),
        Column(message("column.checker"), number=False, weight=11),
        Column(message("column.closed_at"), number=False, weight=21),
    )
    rows: list[tuple[Figure, ...]] = [
        (
            Figure(task.number, link=Link("task", task.id)),
            Figure(_plant(places.get(task.area_id, ""), task.enterprise)),
            Figure(message(f"finding.{task.cause}") if task.cause else None),
            Figure(message(f"outcome.{task.outcome}") if task.outcome else None),
            Figure(task.checker),
            Figure(task.closed_at),
        )
        for task in found[:LISTED]
    ]
    if len(found) > LISTED:
        rows.append((Figure(message("more.tasks", tasks=len(found) - LISTED)), *[Figure("")] * 5))
    return Table("closings", message("table.closings"), columns, tuple(rows), message("empty.closings"))
