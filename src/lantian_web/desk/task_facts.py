"""What a case tells of the task itself: who answers for it, its clocks and pauses, requests, parts, files, delays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from lantian.dispatch import OPEN_STATES
from lantian.dispatch.delay import Delay
from lantian.dispatch.responsibility import chain
from lantian.periods import local_day, to_ms
from lantian.records import TaskState
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.queries import standing_at
from lantian_web.accounts.rights import visible
from lantian_web.desk import lights, wording
from lantian_web.desk.clock_lines import ClockLine, clock_lines
from lantian_web.desk.compose_words import kind_names
from lantian_web.desk.picking import orders_in
from lantian_web.desk.step_words import PARTS
from lantian_web.desk.task_files import File, files_of
from lantian_web.tasks.models import PassOn, Pause, Request, Task
from lantian_web.tasks.splitting import progress

__all__ = ["PartLine", "TaskFacts", "facts_of"]

DEPTH = 3  # levels of parts shown below a task


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One of those who answer for it; `acting` stands in their place now."""

    word: str
    name: str
    acting: str = ""


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A stretch in which the clock stood, as both sides see it."""

    row: Pause
    rule: str
    by: str


@dataclass(frozen=True, slots=True)
class RequestLine:
    """What was asked of the sender, and the answer."""

    row: Request
    word: str
    asked_by: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class PartLine:
    """A part or the assisting flow of a unit, `depth` levels below."""

    task: Task
    depth: int
    word: str
    unit: str
    light: str
    state: str
    done: int = 0
    every: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What one party used of one part, and how much of that was late."""

    word: str
    who: str
    took: timedelta
    late: timedelta


@dataclass(slots=True)
class TaskFacts:
    """Everything of one task that is not told by its orders and readings."""

    task: Task
    kind: str
    sender: str
    roles: Sequence[RoleLine]
    clocks: Sequence[ClockLine]
    pauses: Sequence[PauseLine]
    requests: Sequence[RequestLine]
    parent: Task | None
    parts: Sequence[PartLine]
    passed: Sequence[tuple[PassOn, str]]
    files: Sequence[File]
    below: bool = False  # this log-in hands on below
    delay: Delay | None = None
    shares: Sequence[Share] = field(default_factory=tuple)

    @property
    def running(self) -> bool:
        return TaskState(self.task.state) in OPEN_STATES

    @property
    def counted(self) -> tuple[int, int]:
        """How many of its parts are answered or closed, and how many it has; withdrawn ones do not count."""
        own = [line.task.state for line in self.parts if line.depth == 1]
        every = [state for state in own if state != TaskState.WITHDRAWN]
        return sum(state in (TaskState.ANSWERED, TaskState.CLOSED) for state in every), len(every)

    @property
    def damaged(self) -> bool:
        return any(not file.sound for file in self.files)

    def tell_delay(self, delay: Delay) -> None:
        """Whose minutes passed, with names."""
        who = {late.who for late in delay.parts}
        names = dict(Person.objects.filter(pk__in=who).values_list("id", "name"))
        names |= dict(Unit.objects.filter(pk__in=who).values_list("id", "name"))
        self.delay = delay
        self.shares = [
            Share(str(PARTS[one.part]), names.get(one.who, _("System")), one.took, one.late)
            for one in delay.parts
        ]


def facts_of(user: User, task: Task, now: datetime) -> TaskFacts:
    """All of it; a fixed number of queries but for the levels of parts."""
    pauses = list(Pause.objects.filter(task=task).order_by("since", "pk"))
    requests = list(visible(user, Request.objects.filter(task=task)).order_by("asked_at", "pk"))
    passed = list(PassOn.objects.filter(task=task).order_by("at", "pk"))
    people = {task.leader_id, task.person_id, task.opened_by} | {kept.by for kept in passed}
    people |= (
        {pause.by for pause in pauses} | {r.asked_by for r in requests} | {r.decided_by for r in requests}
    )
    away = standing_at(now).stand_ins
    acting = {pk: links[-1] for pk in (task.leader_id, task.person_id) if len(links := chain(pk, away)) > 1}
    names = dict(Person.objects.filter(pk__in=people | set(acting.values())).values_list("id", "name"))
    parts = _parts(user, task, now)
    parent = visible(user, Task.objects.filter(pk=task.parent_id or "")).first()
    assists = [line.unit for line in parts if line.depth == 1 and line.task.part == "assist"]
    return TaskFacts(
        task=task,
        kind=kind_names(local_day(to_ms(task.opened_at))).get(task.category, ""),
        sender=names.get(task.opened_by, ""),
        roles=_roles(task, names, acting, assists),
        clocks=clock_lines(task, now),
        pauses=[
            PauseLine(row, wording.label(row.rule, "pause"), names.get(row.by, _("System"))) for row in pauses
        ],
        requests=[
            RequestLine(
                row,
                wording.label(row.kind, "request"),
                names.get(row.asked_by, row.asked_by),
                names.get(row.decided_by, row.decided_by),
            )
            for row in requests
        ],
        parent=parent,
        parts=parts,
        passed=[(row, names.get(row.by, row.by)) for row in passed],
        files=files_of(user, task),
        below=any(task.area_id.startswith(area) for area in orders_in(user)),
    )


def _roles(
    task: Task, names: Mapping[str, str], acting: Mapping[str, str], assists: Sequence[str]
) -> list[RoleLine]:
    units = dict(Unit.objects.filter(pk__in={task.unit_id, task.lead_unit_id}).values_list("id", "name"))
    lines = [
        RoleLine(_("Lead unit"), units.get(task.lead_unit_id, task.lead_unit_id)),
        RoleLine(_("Unit"), units.get(task.unit_id, task.unit_id)),
    ]
    if assists:
        lines.append(RoleLine(_("Assisting"), "、".join(dict.fromkeys(assists))))
    for word, pk in ((_("Leader"), task.leader_id), (_("Person"), task.person_id)):
        stand_in = names.get(acting.get(pk, ""), "")
        lines.append(RoleLine(word, names.get(pk, pk), stand_in))
    return lines


def _parts(user: User, task: Task, now: datetime) -> list[PartLine]:
    """Parts with their own parts, as far down as they are shown; each under its whole."""
    below: dict[str, list[Task]] = {}
    level = [task.pk]
    for _nth in range(DEPTH):
        rows = list(visible(user, Task.objects.filter(parent_id__in=level)).order_by("part", "number"))
        for row in rows:
            below.setdefault(str(row.parent_id), []).append(row)
        level = [row.pk for row in rows]
        if not level:
            break
    every = [row for rows in below.values() for row in rows]
    if not every:
        return []
    units = dict(Unit.objects.filter(pk__in={row.unit_id for row in every}).values_list("id", "name"))
    counts = progress([task.pk, *(row.pk for row in every)])
    lines: list[PartLine] = []

    def tell(pk: str, depth: int) -> None:
        for row in below.get(pk, ()):
            light, state = lights.task_light(row, now)
            word, unit = wording.label(row.part, "part"), units.get(row.unit_id, row.unit_id)
            lines.append(PartLine(row, depth, word, unit, light, state, *counts.get(row.pk, (0, 0))))
            tell(row.pk, depth + 1)

    tell(task.pk, 1)
    return lines
