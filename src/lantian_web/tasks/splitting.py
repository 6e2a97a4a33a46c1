"""Handing a task further down in parts, and the proof of when it was passed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from lantian.dispatch import OPEN_STATES, TaskEvent, Urgency, move
from lantian.errors import DataError, LantianError, TransitionError
from lantian.records import PartOf, TaskKind, TaskState, make_id
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import unit_of
from lantian_web.events.commands import command, emit
from lantian_web.rows import fingerprint, locked
from lantian_web.tasks.clocks import due_times, start_clock
from lantian_web.tasks.models import TEXT, PassOn, Task
from lantian_web.tasks.moving import save, task_event
from lantian_web.tasks.parties import Actors
from lantian_web.tasks.responsibility import Offices
from lantian_web.tasks.sending import Sent, Target, open_rows

__all__ = ["PLANT_CHECK", "pass_on", "progress", "split"]

PLANT_CHECK = "plant_check"
"""Dispatch kind of the parts of a check, which has none itself."""

NUMBER = 24  # characters that a number has at most
AT_WORK = (TaskState.ISSUED, TaskState.CLAIMED, TaskState.IN_HAND, TaskState.RETURNED)


@command
def split(task_id: str, parts: Sequence[tuple[Target, str]], by: str, now: datetime) -> list[Sent]:
    """Hand a task to units, places or people below, each with its own sentence (empty: the whole's); an answer each.

    Splitting claims what is not claimed yet. Parts are due no later than the whole and are checked by who split it.
    RightsError for others than the handler; TransitionError for a task to carry out, which is the plant's alone.
    """
    row = locked(Task.objects.filter(id=task_id)).first()
    if row is None or row.kind == TaskKind.CARRY_OUT or row.state not in AT_WORK:
        raise TransitionError("this task is not handed on in parts")
    Actors([by], now).check(by, row)
    if not parts:
        raise DataError("a task is handed on to somebody", field="targets")
    before = fingerprint(row)
    claims = row.state == TaskState.ISSUED
    if claims:
        row.state = move(TaskState(row.state), TaskEvent.CLAIM).value
        row.claimed_at, row.claimed_by = now, by
        start_clock(row, now)
    offices, nth = Offices(now), row.parts.count()
    sent: list[Sent] = []
    opened: list[Task] = []
    for target, text in parts:
        try:
            part = _part(row, target, " ".join(text.split()) or row.text, offices, by, now)
            if any(part.id == other.id for other in opened) or Task.objects.filter(id=part.id).exists():
                raise TransitionError("the same part has been handed on already")
            if len(f"{row.number}-{nth + 1}") > NUMBER:
                raise TransitionError("this task is handed on no further down")
        except LantianError as error:
            sent.append(Sent(target, why=error))
            continue
        nth += 1
        part.number = f"{row.number}-{nth}"
        opened.append(part)
        sent.append(Sent(target, part.id, part.number))
    if opened:
        told = (
            [task_event("task.claimed", row, now, by, before, late=now > row.claim_due_at)] if claims else []
        )
        told.append(task_event("task.split", row, now, by, before, parts=[part.id for part in opened]))
        save([row], told)
        open_rows(opened, by, now)
    return sent


def _part(row: Task, target: Target, text: str, offices: Offices, by: str, now: datetime) -> Task:
    if not text or len(text) > TEXT:
        raise DataError(f"a part has one sentence of at most {TEXT} characters", field="text")
    found = offices.roles_for(target.kind, target.id, row.emergency, now)
    if not found.area_id.startswith(row.area_id):
        raise DataError("a part goes to somebody in the place of the whole", field="targets")
    category = row.category or PLANT_CHECK
    urgency = Urgency.EMERGENCY if row.emergency else Urgency.ROUTINE
    claim_due, due = due_times(category, now, urgency, None)
    latest = row.feedback_due_at
    part = Task(
        id=_part_id(row, target, text),
        area_id=found.area_id,
        unit_id=found.unit,
        enterprise_id=found.enterprise_id,
        kind=TaskKind.DISPATCH.value,
        category=category,
        state=TaskState.ISSUED.value,
        text=text,
        about_id=row.plant_id,
        parent=row,
        part=PartOf.SHARE.value,
        emergency=row.emergency,
        opened_by=by,
        lead_unit_id=_lead(row, by, offices),
        leader_id=found.leader,
        person_id=found.person,
        opened_at=now,
        claim_due_at=min(claim_due, latest) if latest and latest > now else claim_due,
        feedback_due_at=min(due, latest) if latest and latest > now else due,
    )
    start_clock(part, now)
    return part


def _lead(row: Task, by: str, offices: Offices) -> str:
    """The unit that decides for the sender of a part: who splits it, but not a stand-in's from elsewhere."""
    own = offices.units.get(unit_of(by))
    return own.id if own and own.area_id.startswith(row.area_id) else row.unit_id


def _part_id(row: Task, target: Target, text: str) -> str:
    """The same part once, but anew when the whole has come back or the part was taken back."""
    key = ("task", "part", row.id, target.kind, target.id, text, row.returns + row.reopens)
    found, nth = make_id(*key), 0
    while Task.objects.filter(id=found, state=TaskState.WITHDRAWN).exists():
        nth += 1
        found = make_id(*key, nth)
    return found


@command
def pass_on(task_id: str, person_id: str, words: str, by: str, now: datetime) -> PassOn:
    """Keep who passed a task on to whom at which minute (by telephone, in a chat group); no state moves."""
    row = locked(Task.objects.filter(id=task_id)).first()
    if row is None or TaskState(row.state) not in OPEN_STATES:
        raise TransitionError("there is no such open task")
    Actors([by], now).check(by, row)
    said = " ".join(words.split())[:80]
    name = Person.objects.filter(id=person_id).values_list("name", flat=True).first()
    if name is None and not said:
        raise TransitionError("passed on to whom?")
    kept = PassOn.objects.create(
        task=row, to_person_id=person_id if name else "", to_words=said or str(name), by=by, at=now
    )
    emit([task_event("task.passed_on", row, now, by, fingerprint(row), to=kept.to_words)])
    return kept


def progress(task_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Per task: how many of its parts are answered or closed, and how many it has (withdrawn ones do not count)."""
    every: Counter[str] = Counter()
    done: Counter[str] = Counter()
    parts = Task.objects.filter(parent_id__in=list(task_ids)).exclude(state=TaskState.WITHDRAWN)
    for parent, state in parts.values_list("parent_id", "state"):
        every[parent] += 1
        done[parent] += state in (TaskState.ANSWERED, TaskState.CLOSED)
    return {key: (done[key], number) for key, number in every.items()}
