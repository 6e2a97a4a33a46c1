"""Which tasks a message can mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q

from lantian.dispatch import OPEN_STATES
from lantian.dispatch.reply import Label, Reading
from lantian.errors import RightsError
from lantian.inventory import Duty, UnitKind
from lantian.periods import local_day, to_ms
from lantian.records import TaskKind, TaskState
from lantian_web.accounts.models import Unit
from lantian_web.accounts.queries import posts_of
from lantian_web.notices.models import MessageState, Notice
from lantian_web.notices.queries import message_of, tasks_of
from lantian_web.replies.people import Sender
from lantian_web.replies.rules import span
from lantian_web.tasks.asking import may_question
from lantian_web.tasks.models import Task
from lantian_web.tasks.parties import Actors

__all__ = ["OTHERS_NAME", "PLAINLY", "Match", "match", "opened_from"]

_HAN = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_FULL = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})")
OTHERS_NAME = "in another's name"
"""Why a reply waits that is given for somebody else."""
PLAINLY = "own tasks before it"
"""How tasks were found that neither a number nor a quotation names."""
_RANGE = re.compile(r"№号?令?\s*[至到~-]\s*第?№")
_MESSAGE = re.compile(r"M\d{8}-\d{4,}")
_SENT = (MessageState.SENDING, MessageState.UNSURE, MessageState.SENT, MessageState.TOLD)
_LONGEST_RANGE = 60
_UNPLANTED = [kind.value for kind in UnitKind if kind is not UnitKind.PLANT]


@dataclass(frozen=True, slots=True)
class Match:
    """Tasks that a reply means. `sure` is False when a person has to say; `why` tells how they were found, or what
    is in the way."""

    tasks: tuple[Task, ...]
    sure: bool
    why: str


def _value(text: str) -> int | None:
    """Number of a serial in digits or Chinese numerals."""
    plain = unicodedata.normalize("NFKC", text)
    if plain.isdigit():
        return int(plain)
    if all(letter in _HAN for letter in plain):
        return int("".join(str(_HAN[letter]) for letter in plain))
    found = re.fullmatch(
        r"(?:([一二三四五六七八九两])百零?)?(?:([一二三四五六七八九])?(十))?([一二三四五六七八九])?", plain
    )
    if found is None or not plain:
        return None
    hundreds, tens, ten, ones = found.groups()
    return (
        (_HAN[hundreds] * 100 if hundreds else 0)
        + ((_HAN[tens] if tens else 1) * 10 if ten else 0)
        + (_HAN[ones] if ones else 0)
    )


def _spread(reading: Reading) -> list[str]:
    """Numbers as texts; a range of two short ones holds those between."""
    numbers = [unicodedata.normalize("NFKC", text) for text in reading.own or reading.numbers]
    if len(numbers) == 2 and _RANGE.search(reading.said):
        head = _FULL.search(numbers[0])
        first = int(head[3]) if head else _value(numbers[0])
        tail = _FULL.search(numbers[1])
        last = int(tail[3]) if tail else _value(numbers[1])
        if first is not None and last is not None and first <= last < first + _LONGEST_RANGE:
            before = f"{head[1]}-{head[2]}-" if head else ""
            return [f"{before}{serial:04d}" for serial in range(first, last + 1)]
    return numbers


def _numbered(numbers: Iterable[str], sent_at: datetime) -> tuple[list[Task], bool]:
    """Tasks of these numbers, the newest of a short one; False when one of them is nobody's."""
    day, found, whole = local_day(to_ms(sent_at)), [], True
    since = sent_at - span("number_within", day)
    for text in numbers:
        full = _FULL.search(text.replace("—", "-").replace("–", "-"))
        if full:
            task = Task.objects.filter(number=f"{full[1]}-{full[2]}-{full[3]}").first()
        else:
            serial = _value(text)
            rows = Task.objects.filter(number__in=_of_days(serial or 0, since, sent_at))
            rows = rows.filter(opened_at__gte=since, opened_at__lte=sent_at).order_by("-opened_at")
            task = rows.first() if serial else None
        if task is None:
            whole = False
        else:
            found.append(task)
    return found, whole


def _of_days(serial: int, since: datetime, until: datetime) -> list[str]:
    """The full numbers that a short one can mean, one a day: found by the index of numbers."""
    first, last = (local_day(to_ms(edge)) for edge in (since, until))
    days = (first + timedelta(days=nth) for nth in range((last - first).days + 1))
    return [f"{day:%Y-%m%d}-{serial:04d}" for day in days]


def opened_from(sent_at: datetime) -> datetime:
    """The oldest opening of a task that a plain sign-for can mean."""
    return sent_at - span("plain_within", local_day(to_ms(sent_at)))


def _told_later(tasks: Sequence[Task], sent_at: datetime) -> set[str]:
    """Tasks that the chat was told of only after the reply. One it was never told of was passed on by a person."""
    notices = Notice.objects.filter(subject_kind="task", subject_id__in=[task.id for task in tasks])
    first = notices.filter(message__state__in=_SENT).values("subject_id").annotate(at=Min("message__sent_at"))
    return {row["subject_id"] for row in first if row["at"] is not None and row["at"] > sent_at}


def _plain(
    sender: Sender, sent_at: datetime, states: Iterable[TaskState], since: datetime | None
) -> list[Task]:
    """The sender's own tasks that were there before the reply, and opened `since` where that is given: named, of the
    unit, or, for a dispatcher, of the offices of the county (never what a plant has to carry out)."""
    mine = Q(person_id=sender.person_id) | Q(unit_id=sender.unit_id)
    for post in posts_of([Duty.DISPATCHER]):
        if post.person_id == sender.person_id:
            mine |= Q(area_id__startswith=post.area_id) & ~Q(kind=TaskKind.CARRY_OUT) & _of_offices()
    rows = Task.objects.filter(
        mine,
        state__in=[state.value for state in states],
        opened_at__lte=sent_at,
    )
    if since is not None:
        rows = rows.filter(opened_at__gte=since)
    tasks = list(rows.order_by("number"))
    later = _told_later(tasks, sent_at)
    return [task for task in tasks if task.id not in later]


def _of_offices() -> Q:
    return Q(unit_id__in=Unit.objects.filter(kind__in=_UNPLANTED).values("id"))


def _admitted(
    tasks: Iterable[Task], sender: Sender, sent_at: datetime, *, asking: bool
) -> Mapping[str, bool]:
    """Whether the sender has to do with each task. A plant may ask about whatever names it."""
    actors = Actors([sender.person_id], sent_at)
    told = {}
    for task in tasks:
        try:
            actors.check(sender.person_id, task)
        except RightsError:
            told[task.id] = asking and may_question(sender.person_id, task)
        else:
            told[task.id] = True
    return told


def match(reading: Reading, sender: Sender, sent_at: datetime, *, signing: bool) -> Match:
    """Tasks that the reply means: those numbered in it or in what it quotes, else the sender's own open ones; a question
    can mean an old one as well."""
    quoted = _MESSAGE.search(reading.quote.upper())
    message = message_of(quoted[0]) if quoted else None
    asking = reading.label is Label.QUESTION
    if reading.numbers:
        tasks, whole = _numbered(_spread(reading), sent_at)
        admitted = _admitted(tasks, sender, sent_at, asking=asking) if sender.person_id else {}
        mine = tuple(task for task in tasks if admitted.get(task.id))
        if not whole:
            return Match(mine, False, "number not known")
        if len(mine) != len(tasks):
            return Match(mine, False, "task of somebody else")
        if any(task.opened_at > sent_at for task in tasks):
            return Match(mine, False, "before the task")
        return Match(mine, True, "by number")
    if not sender.person_id:
        return Match((), False, sender.why)
    states = [TaskState.ISSUED] if signing else sorted(OPEN_STATES)
    own = _plain(sender, sent_at, states, None if asking else opened_from(sent_at))
    if message is not None:
        ids = set(tasks_of(message))
        return Match(tuple(task for task in own if task.id in ids), True, "by the quoted message")
    return Match(tuple(own), True, PLAINLY)
