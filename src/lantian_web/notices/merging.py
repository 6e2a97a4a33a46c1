"""One message out of many notices: of one area and one urgency, the worst first, as many as fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from lantian.dispatch import OPEN_STATES
from lantian.periods import local_day, to_ms
from lantian.records import TaskState
from lantian_web.events.commands import draw
from lantian_web.notices.channels import port_of
from lantian_web.notices.channels.port import Form, Letter, Line, Port
from lantian_web.notices.models import Channel, Message, MessageState, Notice, NoticeState, Readers
from lantian_web.notices.queries import drill, handles_of, silenced_tasks
from lantian_web.notices.rules import any_limit, limits
from lantian_web.notices.wording import DIGEST, NAGGING, Words, area_name, list_line, rest_line, title_of
from lantian_web.rows import chunks, locked
from lantian_web.tasks.models import Task

__all__ = ["Group", "draw_number", "merge"]

ALWAYS = frozenset(
    {"task.withdrawn", "task.request_granted", "task.request_refused", "task.question_answered", DIGEST}
)
"""Said even when the task has ended meanwhile."""


@dataclass(frozen=True, slots=True)
class Group:
    """Notices that one message may hold: of one area and urgency, on their way through one channel."""

    channel: Channel
    area_id: str
    emergency: bool
    where: Q

    def rows(self) -> QuerySet[Notice]:
        """What is queued of it, the worst first."""
        queued = Notice.objects.filter(
            self.where, state=NoticeState.QUEUED, to_area_id=self.area_id, emergency=self.emergency
        )
        return queued.order_by("-weight", "happened_at", "id")


@dataclass(frozen=True, slots=True)
class Item:
    """Notices of one subject with their lines; those from `room` on find none, and are counted."""

    notices: Sequence[Notice]
    lines: Sequence[Line]
    room: int

    @property
    def said(self) -> Sequence[Line]:
        """The lines that find room, and how many do not."""
        left = len(self.lines) - self.room
        return [*self.lines[: self.room], rest_line(left)] if left > 0 else self.lines

    @property
    def people(self) -> list[str]:
        return [notice.person_id for notice in self.notices if notice.person_id]


def draw_number(now: datetime) -> str:
    """The next number of a message; unlike any number of a task."""
    day = local_day(to_ms(now))
    return f"M{day:%Y%m%d}-{draw(f'messages:{day.isoformat()}'):04d}"


def merge(group: Group, now: datetime, wall: datetime) -> Message | None:
    """Make a message of what is queued in the group; None when there is nothing left to say.

    Runs inside the command that also takes the message to be sent: nothing is in between.
    """
    on, port = local_day(to_ms(now)), port_of(group.channel.kind)
    rows = list(locked(group.rows())[: any_limit("merge_most", on)])
    if port.personal and rows:
        rows = [row for row in rows if row.person_id == rows[0].person_id]
    items = _items(rows, group.channel, now)
    if not items:
        return None
    letter, form, kept = _fitted(items, group, port, now)
    notices = [notice for item in kept for notice in item.notices]
    message = Message.objects.create(
        area_id=group.area_id,
        unit_id=group.channel.unit_id,
        number=letter.number,
        channel=group.channel,
        state=MessageState.QUEUED,
        emergency=group.emergency,
        style=form.style,
        title=form.title,
        body=form.text,
        people=_people(kept),
        notices_count=len(notices),
        made_at=wall,
    )
    for part in chunks([notice.id for notice in notices]):
        Notice.objects.filter(id__in=part).update(state=NoticeState.MERGED, message=message)
    return message


def _people(items: Sequence[Item]) -> list[str]:
    return list(dict.fromkeys(person for item in items for person in item.people))


def _items(rows: Sequence[Notice], channel: Channel, now: datetime) -> list[Item]:
    """Notices by subject; what need not be said any more is dropped with its reason."""
    ids = {str(key) for row in rows for key in (row.subject_id, *row.params.get("tasks", ()))}
    tasks: dict[str, Task] = {}
    for part in chunks(sorted(ids)):
        tasks |= {task.id: task for task in Task.objects.filter(id__in=part)}
    silent = silenced_tasks(
        [tasks[r.subject_id] for r in rows if r.event in NAGGING and r.subject_id in tasks], now
    )
    saying: dict[str, list[Notice]] = {}
    dropped: dict[str, list[str]] = {}
    for row in rows:
        why = _needless(row, tasks.get(row.subject_id), silent)
        if why:
            dropped.setdefault(why, []).append(row.id)
        else:
            saying.setdefault(row.subject_id if row.event != DIGEST else row.id, []).append(row)
    for why, gone in dropped.items():
        for part in chunks(gone):
            Notice.objects.filter(id__in=part).update(state=NoticeState.DROPPED, why=why)
    words = Words(now, tasks, plants_read=channel.readers != Readers.OFFICE)
    words.learn([row for same in saying.values() for row in same])
    room = 1 + any_limit("digest_lines", local_day(to_ms(now)))
    return [Item(same, words.lines(same), room) for same in saying.values()]


def _needless(row: Notice, task: Task | None, silent: set[str]) -> str:
    if task is None or row.event in ALWAYS:
        return ""
    if TaskState(task.state) not in OPEN_STATES:
        return "ended"
    if row.event in NAGGING and (
        task.next_due_at is None or task.next_due_at > row.happened_at and _moved(row, task)
    ):
        return "done"
    return "silenced" if row.event in NAGGING and task.id in silent else ""


def _moved(row: Notice, task: Task) -> bool:
    """Whether the clock that the notice spoke of has been replaced by another one."""
    told = row.params.get("due_at")
    return bool(told) and datetime.fromisoformat(str(told)) != task.next_due_at


def _fitted(
    items: Sequence[Item], group: Group, port: Port, now: datetime
) -> tuple[Letter, Form, Sequence[Item]]:
    """As many items as the channel takes, at least one; the rest waits for the next message."""
    most = limits(port.kind, local_day(to_ms(now))).bytes
    handles = handles_of(port.kind, _people(items), telephones=port.telephones)
    style = port.style([handles[person] for person in _people(items) if person in handles])
    number, area = draw_number(now), area_name(group.area_id)
    marks = {"emergency": group.emergency, "drill": drill()}
    foot = list_line(group.area_id, now)

    def letter(count: int) -> Letter:
        lines = [line for item in items[:count] for line in item.said]
        return Letter(number, title_of(area, count, **marks), lines, foot)

    def size(count: int) -> int:
        names = called_by(_people(items[:count]), handles)
        return port.size(port.form(letter(count), style), names)

    count = max(1, bisect_right(range(1, len(items) + 1), most[style], key=size))
    while size(count) > most[style] and items[0].room > 1:
        first = items[0]
        items = [replace(first, room=max(1, min(first.room, len(first.lines)) - 1))]
    made = letter(count)
    return made, port.form(made, style), items[:count]


def called_by(people: Sequence[str], handles: Mapping[str, str]) -> list[str]:
    """Names of people in a channel, in their order, each once."""
    return list(dict.fromkeys(handles[person] for person in people if person in handles))
