"""One sentence to many: a typed order (调度令) opens one task per target, with an answer for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from django.db import IntegrityError
from django.db.models import Min, Q

from lantian.dispatch import Urgency
from lantian.dispatch.deadline import kind_of
from lantian.errors import DataError, LantianError, RightsError
from lantian.inventory import Duty
from lantian.periods import local_day, to_ms
from lantian.records import PartOf, TaskKind, TaskState, make_id
from lantian.standards import in_force
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import posts_of, unit_of
from lantian_web.events.commands import command, emit
from lantian_web.rows import chunks, insert
from lantian_web.tasks.clocks import due_times, start_clock
from lantian_web.tasks.models import TEXT, Task
from lantian_web.tasks.moving import number_tasks, task_event
from lantian_web.tasks.responsibility import Offices, Roles

__all__ = [
    "Same",
    "Sending",
    "Sent",
    "Target",
    "first_sent",
    "limit",
    "open_rows",
    "orders_in",
    "send",
    "sent_before",
]

KINDS = ("enterprise", "area", "unit", "person")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom or what an order is about: a plant, an area, a unit or a person."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Same:
    """A task of the same plant and cause that is younger than the limit."""

    id: str
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one target: a task, or the reason why not, or the one that is there already. `taken_back`: the
    task that it got by this sentence was withdrawn since. `due_at`: the one that is there is this sentence's own, and
    keeps this due time although another one was asked for."""

    target: Target
    task_id: str = ""
    number: str = ""
    why: Exception | None = None
    same: Same | None = None
    taken_back: bool = False
    due_at: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether the target has its task by this sentence."""
        return bool(self.task_id) and not self.taken_back


@dataclass(frozen=True, slots=True)
class Sending:
    """A sentence with everything that all its targets share. `batch_id` is one per sentence: the same person saying
    the same with the same token, or without one within the same minute, has said it once. Before it in `batches` stand
    those without a token of which something was taken back."""

    batches: tuple[str, ...]
    category: str
    text: str
    by: str
    now: datetime
    areas: tuple[str, ...]  # in which the sender may order
    unit: str  # the sender's
    due: tuple[datetime, datetime]  # by when it is claimed and answered
    emergency: bool
    basis: str = ""
    asked: datetime | None = None  # the due time that was typed
    late: DataError | None = None  # its due time is over, or was another: nothing new is sent by it
    again: bool = False  # send even though the same matter is open
    assist: tuple[str, ...] = ()  # units that assist, each with its own flow

    @property
    def batch_id(self) -> str:
        """The one that is sent now."""
        return self.batches[-1]


def limit(parameter: str, now: datetime) -> int:
    """A number of the table of limits in force on the day."""
    return in_force("dispatch_limits", local_day(to_ms(now)), parameter=parameter)[0].integer()


def send(
    category: str,
    text: str,
    targets: Sequence[Target],
    by: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    basis: str = "",
    again: bool = False,
    assist: Sequence[str] = (),
    token: str = "",
) -> list[Sent]:
    """One order to many targets; an answer per target, in their order.

    1. The sentence and its due time make sense (DataError otherwise: nothing is sent). 2. Per target: the sender may
    order there, the four roles are filled, and no task of the same plant and cause is younger than the limit, unless
    `again`. 3. Tasks of a chunk are opened in one transaction and numbered in the order given. An assisting unit
    without its roles stops the sentence (LawError missing_role).

    A call that broke off is repeated with its `token`, however late: who has had the task by it gets no second one, even
    where it was taken back since. The due time of the first call stands for all its targets: who is added later gets
    it, too; where the repeat types another one nothing is sent, and the answers say which one stands.
    """
    said = _said(text)
    if not said or len(said) > TEXT:
        raise DataError(f"an order has one sentence of at most {TEXT} characters", field="text")
    wanted = list(dict.fromkeys(targets))
    if not wanted:
        raise DataError("an order needs somebody to go to", field="targets")
    if len(wanted) > limit("targets_most", now):
        raise DataError(f"{len(wanted)} targets are more than one sentence may have", field="targets")
    batches = tuple(_batches(by, category, said, token, now))
    stands = Task.objects.filter(batch_id=batches[-1], parent=None).aggregate(due=Min("feedback_due_at"))[
        "due"
    ]
    due_by, late = stands or due_at, None
    if stands is not None and due_at not in (None, stands):
        late = DataError("the order stands with another due time", field="due_stands")
    elif due_by is not None and due_by <= now:
        late = DataError("the due time is over already", field="due_at")
        if not Task.objects.filter(batch_id__in=batches).exists():
            raise late
    kind = kind_of(category, local_day(to_ms(now)))
    due = due_times(category, now, kind.urgency, due_by)
    urgent = kind.urgency is Urgency.EMERGENCY
    sending = Sending(
        batches,
        category,
        said,
        by,
        now,
        tuple(orders_in(by, now)),
        unit_of(by),
        due,
        urgent,
        basis.strip(),
        due_at,
        late,
        again,
        tuple(assist),
    )
    offices = Offices(now)
    return [sent for part in chunks(wanted) for sent in _sent(sending, part, offices)]


def _sent(sending: Sending, targets: Sequence[Target], offices: Offices) -> list[Sent]:
    try:
        return _send(sending, targets, offices)
    except IntegrityError:  # the same form came twice at once, and the other one was faster
        return _send(sending, targets, offices)


def sent_before(
    category: str, text: str, targets: Iterable[Target], by: str, token: str
) -> dict[Target, Sent]:
    """What became of the targets that have had their task by the sentence with this token; the others are left out."""
    return _there([_token_batch(by, category, _said(text), token)], targets) if token else {}


def first_sent(category: str, text: str, by: str, now: datetime, token: str) -> datetime | None:
    """When the sentence was sent for the first time, if it was: the times in it are read as of then."""
    batches = list(_batches(by, category, _said(text), token, now))
    rows = Task.objects.filter(batch_id__in=batches).order_by("opened_at")
    return rows.values_list("opened_at", flat=True).first()


def _said(text: str) -> str:
    return " ".join(text.split())


def _token_batch(by: str, category: str, text: str, token: str) -> str:
    return make_id("batch", by, category, text, token)


def _batches(by: str, category: str, text: str, token: str, now: datetime) -> Iterator[str]:
    """Ids that the same sentence has again. With a token it is one for ever; without one, what was taken back within
    the minute is sent by the next."""
    if token:
        yield _token_batch(by, category, text, token)
        return
    for nth in count():
        key = make_id("batch", by, category, text, to_ms(now) // 60_000, nth)
        yield key
        if not Task.objects.filter(batch_id=key, state=TaskState.WITHDRAWN).exists():
            return


@command
def _send(sending: Sending, targets: Sequence[Target], offices: Offices) -> list[Sent]:
    there = _there(sending.batches, targets, sending.asked)
    known = {} if sending.again else _same(sending, targets)
    answers: dict[Target, Sent] = {}
    fresh: list[tuple[Target, Task]] = []
    for target in targets:
        if target in there:
            answers[target] = there[target]
        elif target in known:
            answers[target] = Sent(target, same=known[target])
        elif sending.late is not None:
            answers[target] = Sent(target, why=sending.late)
        else:
            try:
                found = _found(offices, target, sending)
                if not any(found.area_id.startswith(area) for area in sending.areas):
                    raise RightsError(f"{sending.by} orders nothing in {found.area_id}")
                fresh.append((target, _task(sending, target, found, sending.unit)))
            except LantianError as error:
                answers[target] = Sent(target, why=error)
    helpers = [row for _, task in fresh for row in _assisting(sending, task, offices)]
    number_tasks([task for _, task in fresh], sending.now)
    open_rows([task for _, task in fresh] + _named(helpers), sending.by, sending.now)
    answers |= {target: Sent(target, task.id, task.number) for target, task in fresh}
    return [answers[target] for target in targets]


def orders_in(by: str, now: datetime) -> list[str]:
    """Areas in which somebody may order: analysts, leaders and dispatchers in post, each below their own."""
    if not Person.objects.filter(id=by, active=True).exists():
        return []
    posts = posts_of([Duty.ANALYST, Duty.SIGNER, Duty.LEADER, Duty.DISPATCHER], local_day(to_ms(now)))
    return [post.area_id for post in posts if post.person_id == by]


def _id(batch_id: str, target: Target, part: str = "") -> str:
    return make_id("task", TaskKind.DISPATCH.value, batch_id, target.kind, target.id, part)


def _there(
    batches: Sequence[str], targets: Iterable[Target], asked: datetime | None = None
) -> dict[Target, Sent]:
    """The tasks that targets have had by this sentence; of those taken back, only by its last batch. Where another due
    time is asked for than a task has, it is there already."""
    found: dict[Target, Sent] = {}
    for batch in batches:
        ids = {_id(batch, target): target for target in targets}
        for part in chunks(list(ids)):
            for row in Task.objects.filter(id__in=part).only("number", "state", "feedback_due_at"):
                target, due_at = ids[row.id], row.feedback_due_at
                gone = row.state == TaskState.WITHDRAWN
                if gone and batch != batches[-1]:
                    continue
                if gone or asked is None or due_at in (None, asked):
                    found[target] = Sent(target, row.id, row.number, taken_back=gone)
                else:
                    found[target] = Sent(target, same=Same(row.id, row.number, row.state), due_at=due_at)
    return found


def _found(offices: Offices, target: Target, sending: Sending) -> Roles:
    """Who answers for it. What concerns a plant is looked into by its county's bureau; an order to the plant itself
    goes to the plant's unit."""
    if target.kind not in KINDS:
        raise DataError(f"{target.kind!r} is no kind of target", field="targets")
    if target.kind != "enterprise":
        return offices.roles_for(target.kind, target.id, sending.emergency, sending.now)
    plant = offices.plants.get(target.id)
    if plant is None:
        raise DataError(f"there is no plant {target.id}", field="targets")
    urgent, at = sending.emergency, sending.now
    return offices.roles(TaskKind.CHECK, target.id, plant.area_id, emergency=urgent, at=at)


def _same(sending: Sending, targets: Sequence[Target]) -> dict[Target, Same]:
    """Tasks of the same plant (or place) and cause that are young enough to be meant."""
    since = sending.now - timedelta(hours=limit("same_within", sending.now))
    plants = [target.id for target in targets if target.kind == "enterprise"]
    rows = Task.objects.filter(opened_at__gt=since, opened_at__lte=sending.now, parent=None)
    rows = rows.exclude(state=TaskState.WITHDRAWN).order_by("-opened_at", "id")
    found: dict[Target, Same] = {}
    same_cause = Q(kind=TaskKind.DISPATCH, category=sending.category) | Q(kind=TaskKind.CHECK)
    for part in chunks(plants):
        for row in rows.filter(same_cause).filter(Q(about_id__in=part) | Q(enterprise_id__in=part)):
            found.setdefault(Target("enterprise", row.plant_id), Same(row.id, row.number, row.state))
    others = [target for target in targets if target.kind != "enterprise"]
    if others:
        said = rows.filter(kind=TaskKind.DISPATCH, category=sending.category, text=sending.text, about_id="")
        by_place: dict[tuple[str, str], Same] = {}
        for row in said:
            same = Same(row.id, row.number, row.state)
            for key in (("area", row.area_id), ("unit", row.unit_id), ("person", row.person_id)):
                by_place.setdefault(key, same)
        found |= {
            target: by_place[target.kind, target.id]
            for target in others
            if (target.kind, target.id) in by_place
        }
    return found


def _task(sending: Sending, target: Target, found: Roles, unit: str) -> Task:
    claim_due, feedback_due = sending.due
    row = Task(
        id=_id(sending.batch_id, target),
        area_id=found.area_id,
        unit_id=found.unit,
        enterprise_id="" if target.kind == "enterprise" else found.enterprise_id,
        kind=TaskKind.DISPATCH.value,
        category=sending.category,
        state=TaskState.ISSUED.value,
        text=sending.text,
        basis=sending.basis,
        about_id=target.id if target.kind == "enterprise" else "",
        batch_id=sending.batch_id,
        emergency=sending.emergency,
        opened_by=sending.by,
        lead_unit_id=unit or found.lead,
        leader_id=found.leader,
        person_id=found.person,
        opened_at=sending.now,
        claim_due_at=claim_due,
        feedback_due_at=feedback_due,
    )
    start_clock(row, sending.now)
    return row


def _assisting(sending: Sending, task: Task, offices: Offices) -> list[Task]:
    """The own flow of each unit that assists, under the lead unit's task."""
    made = []
    for nth, unit in enumerate(sending.assist, start=1):
        target = Target("unit", unit)
        row = _task(sending, target, _found(offices, target, sending), task.unit_id)
        row.id, row.parent, row.part = _id(sending.batch_id, target, task.id), task, PartOf.ASSIST.value
        row.about_id = task.about_id
        row.number = str(nth)
        made.append(row)
    return made


def _named(helpers: Iterable[Task]) -> list[Task]:
    named = []
    for row in helpers:
        assert row.parent is not None, "who assists has whom to assist"
        row.number = f"{row.parent.number}-{row.number}"
        named.append(row)
    return named


def open_rows(rows: Sequence[Task], by: str, now: datetime) -> None:
    """Insert new tasks and tell of them."""
    insert(rows)
    if rows:
        emit(
            [
                task_event(
                    "task.opened",
                    row,
                    now,
                    by,
                    "",
                    findings=[],
                    order="",
                    text=row.text,
                    due_at=row.feedback_due_at.isoformat() if row.feedback_due_at else None,
                    parent=row.parent_id or "",
                )
                for row in rows
            ]
        )
