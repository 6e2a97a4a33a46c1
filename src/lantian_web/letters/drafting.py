"""Which rungs are due, found once a working day and drafted for their signers. Nothing here signs or tells a unit.

A task comes onto a rung once, and a signed rung leads to the next once, whatever became of the draft: the rows that
say so are written with it. A unit has one open draft a rung; what comes meanwhile waits for the next day's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from lantian.dispatch import OPEN_STATES
from lantian.dispatch.ladder import OVERDUE, REPEATED, UNANSWERED, Rung, former_of, rungs
from lantian.inventory import UnitKind
from lantian.periods import UnpublishedYear, from_ms, is_workday, local_day, to_ms
from lantian.records import TaskState, make_id
from lantian_web.accounts.models import Unit
from lantian_web.events.commands import NewEvent, command, emit, get_cursor, set_cursor
from lantian_web.events.models import Event
from lantian_web.letters.facts import facts_of
from lantian_web.letters.limits import limit
from lantian_web.letters.models import Letter, LetterBefore, LetterState, LetterTask
from lantian_web.rows import chunks, fingerprint, insert
from lantian_web.tasks.clocks import ladder
from lantian_web.tasks.models import Task
from lantian_web.tasks.responsibility import Offices

__all__ = ["Matter", "addressee", "draft_letters", "drafted", "letter_event", "write_draft"]

CURSOR = "letters:drafts"
NOT_DONE = OPEN_STATES - {TaskState.ANSWERED}
THEIRS = NOT_DONE - {TaskState.DECLINED, TaskState.SUSPENDED, TaskState.ON_HOLD}
"""Somebody below has to act."""


@dataclass(slots=True)
class Matter:
    """What one draft is about."""

    rule: Rung
    unit_id: str
    area_id: str
    body_id: str
    tasks: list[Task] = field(default_factory=list)
    before: list[Letter] = field(default_factory=list)

    @property
    def leader_id(self) -> str:
        """The leader whom most of it concerns."""
        named = [task.leader_id for task in self.tasks] or [letter.leader_id for letter in self.before]
        return min(Counter(named).most_common(), key=lambda item: (-item[1], item[0]))[0]

    @property
    def id(self) -> str:
        """Of rung and matter: the same matter makes the same draft."""
        keys = sorted([task.id for task in self.tasks] + [letter.id for letter in self.before])
        return make_id("letter", self.rule.rung, self.unit_id, *keys)


def draft_letters(now: datetime) -> int:
    """Draft what is due, once a working day; returns how many drafts are new."""
    on, local = local_day(to_ms(now)), from_ms(to_ms(now))
    if local.hour * 60 + local.minute < limit("draft_morning", on) or not _works(on):
        return 0
    return 0 if get_cursor(CURSOR) == on.toordinal() else _draft(now, on)


def _works(on: date) -> bool:
    try:
        return is_workday(on)
    except UnpublishedYear:
        return True


@command
def _draft(now: datetime, on: date) -> int:
    offices, made = Offices(), 0
    for rule in rungs(on):
        find = {OVERDUE: _overdue, REPEATED: _again, UNANSWERED: _without_effect}[rule.trigger]
        drafting = Letter.objects.filter(state=LetterState.DRAFTED, rung=rule.rung)
        open_units = set(drafting.values_list("unit_id", flat=True))
        for matter in find(rule, offices, now):
            if matter.unit_id not in open_units:
                write_draft(matter, now)
                made += 1
    set_cursor(CURSOR, on.toordinal())
    return made


def drafted(rung: str, task_ids: Sequence[str]) -> set[str]:
    """Those of some tasks that have come onto the rung."""
    found: set[str] = set()
    for part in chunks(task_ids):
        known = LetterTask.objects.filter(rung=rung, task_id__in=part)
        found.update(known.values_list("task_id", flat=True))
    return found


def addressee(task: Task, offices: Offices) -> tuple[str, str]:
    """Unit and area that a rung about the task goes to: for a plant's the office of its county, which answers for it."""
    unit = offices.units.get(task.unit_id)
    if unit is not None and unit.kind is UnitKind.PLANT:
        unit = offices.of_area(UnitKind.COUNTY_OFFICE, task.area_id) or unit
    return (unit.id, unit.area_id) if unit is not None else (task.unit_id, task.area_id)


def _matters(
    rule: Rung, offices: Offices, tasks: Iterable[Task], enough: Callable[[Sequence[Task]], bool]
) -> Iterator[Matter]:
    """Tasks that are not on the rung yet, by addressee; nobody writes to themselves."""
    rows = list(tasks)
    known = drafted(rule.rung, [row.id for row in rows])
    matters: dict[str, Matter] = {}
    for row in rows:
        unit, area = addressee(row, offices)
        if row.id not in known and unit != row.lead_unit_id:
            body = offices.of_area(UnitKind.CITY_OFFICE, area)
            matter = matters.setdefault(unit, Matter(rule, unit, area, body.id if body else row.lead_unit_id))
            matter.tasks.append(row)
    yield from (matter for _, matter in sorted(matters.items()) if enough(matter.tasks))


def _overdue(rule: Rung, offices: Offices, now: datetime) -> Iterator[Matter]:
    """Tasks that have stood on the highest step for too long."""
    running = Task.objects.filter(next_due_at__lt=now, state__in=THEIRS, step__gt=0).order_by("id")
    on = local_day(to_ms(now))
    late = [row for row in running if _top(row, on) and rule.lapsed(_top_at(row, on), now)]
    yield from _matters(rule, offices, late, bool)


def _top(row: Task, on: date) -> bool:
    return row.step >= ladder(on, row.emergency)[-1].order


def _top_at(row: Task, on: date) -> datetime:
    assert row.next_due_at is not None, "asked for by it"
    return ladder(on, row.emergency)[-1].at(row.next_due_at)


def _again(rule: Rung, offices: Offices, now: datetime) -> Iterator[Matter]:
    """So many tasks of one unit on the highest step, or so many signed rungs of one leader, within the days."""
    former = former_of(rule.rung, local_day(to_ms(now)))
    if former:
        yield from _of_letters(rule, _unused(rule, former), lambda found: _often(rule, found, now))
        return
    since = now - timedelta(days=rule.days)
    rises = Event.objects.filter(kind="task.escalated", happened_at__gte=since, happened_at__lte=now)
    moments: dict[str, datetime] = {}
    names = {step.name for urgent in (True, False) for step in ladder(local_day(to_ms(now)), urgent)[-1:]}
    for event in rises.filter(subject_kind="task").only("subject_id", "params", "happened_at").iterator():
        if event.params.get("step") in names:
            moments[event.subject_id] = event.happened_at
    rows: list[Task] = []
    for part in chunks(sorted(moments)):
        rows += Task.objects.filter(id__in=part).exclude(state=TaskState.WITHDRAWN).order_by("id")
    yield from _matters(
        rule, offices, rows, lambda found: rule.enough((moments[row.id] for row in found), now)
    )


def _often(rule: Rung, found: Sequence[Letter], now: datetime) -> bool:
    return rule.enough((row.signed_at for row in found if row.signed_at is not None), now)


def _unused(rule: Rung, former: str) -> list[Letter]:
    """Signed rungs that have not led to this one."""
    signed = Letter.objects.filter(rung=former, state=LetterState.SIGNED)
    used = LetterBefore.objects.filter(rung=rule.rung).values("before_id")
    return list(signed.exclude(id__in=used).order_by("signed_at", "id"))


def _without_effect(rule: Rung, offices: Offices, now: datetime) -> Iterator[Matter]:
    """Signed rungs whose time to answer is over and whose tasks are not done."""
    former = former_of(rule.rung, local_day(to_ms(now)))
    due = [
        row
        for row in (_unused(rule, former) if former else [])
        if row.answer_due_at is not None and rule.lapsed(row.answer_due_at, now)
    ]
    open_ones = LetterTask.objects.filter(letter__in=due, task__state__in=sorted(NOT_DONE))
    undone = set(open_ones.values_list("letter_id", flat=True))
    yield from _of_letters(rule, [row for row in due if row.id in undone], bool)


def _of_letters(
    rule: Rung, found: Iterable[Letter], enough: Callable[[Sequence[Letter]], bool]
) -> Iterator[Matter]:
    """Lower rungs by whom the rule counts; the newest says to which unit it goes."""
    groups: dict[str, list[Letter]] = defaultdict(list)
    for row in found:
        groups[row.leader_id if rule.of == "leader" else row.unit_id].append(row)
    for _, same in sorted(groups.items()):
        if enough(same):
            last = same[-1]
            about = Task.objects.filter(letters__letter__in=same).distinct().order_by("id")
            known = drafted(rule.rung, [row.id for row in about])
            yield Matter(
                rule,
                last.unit_id,
                last.area_id,
                last.body_id,
                [row for row in about if row.id not in known],
                same,
            )


def write_draft(matter: Matter, now: datetime, by: str = "system", override: str = "") -> Letter:
    """Write one draft with what it stands on. Part of the command that asks for it."""
    row = Letter(
        id=matter.id,
        area_id=matter.area_id,
        unit_id=matter.unit_id,
        rung=matter.rule.rung,
        trigger=matter.rule.trigger,
        body_id=matter.body_id,
        leader_id=matter.leader_id,
        facts=facts_of(matter.tasks, now),
        drafted_at=now,
        drafted_by=by,
        override=override.strip(),
        override_by=by if override.strip() else "",
    )
    insert([row])
    insert([LetterTask(letter_id=row.id, task_id=task.id, rung=row.rung) for task in matter.tasks])
    insert([LetterBefore(letter_id=row.id, before_id=each.id, rung=row.rung) for each in matter.before])
    emit([letter_event("letter.drafted", row, by, now, "", office=True)])
    return row


def letter_event(kind: str, row: Letter, by: str, now: datetime, before: str, *, office: bool) -> NewEvent:
    """What happened to a letter; what the `office` keeps to itself carries the office's scope."""
    area = (
        Unit.objects.filter(id=row.body_id).values_list("area_id", flat=True).first()
        if office
        else row.area_id
    )
    params = {
        "rung": row.rung,
        "number": row.number,
        "unit": row.unit_id,
        "leader": row.leader_id,
        "tasks": len(row.facts),
        "reason": row.reason or (row.override if office else ""),
    }
    return NewEvent(
        kind,
        by,
        now,
        "letter",
        row.id,
        area_id=area or "",
        unit_id=row.body_id if office else row.unit_id,
        params=params,
        before=before,
        after=fingerprint(row),
    )
