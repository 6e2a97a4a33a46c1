"""The supervisor's page: what is to be decided first, then who is late with what, who is silent, and what is noise.

Three minutes long: every line is a count with its oldest, and opens the list behind it. Whose delay it was stands
beside each leader's count, so that nobody answers for another's slowness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from lantian.dispatch import OPEN_STATES
from lantian.dispatch.delay import Delay, DelayPart
from lantian.periods import local_day, to_ms
from lantian.records import FindingState, TaskState
from lantian_web.accounts.models import User
from lantian_web.accounts.queries import person_names, unit_names
from lantian_web.accounts.rights import visible
from lantian_web.desk.supervise_words import LATE, LISTS
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding
from lantian_web.inventory.models import Area
from lantian_web.letters.limits import limit
from lantian_web.letters.models import Letter, LetterState, Silence
from lantian_web.letters.queries import active_silences
from lantian_web.letters.timeline import delays
from lantian_web.notices.models import Notice
from lantian_web.tasks.models import Request, Task

__all__ = ["LISTED", "Asked", "Noise", "Page", "Person", "page", "tasks_of"]

MOST = 600  # overdue tasks whose delay is read step by step, the longest first
LISTED = tuple(LISTS)
_ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of decision that waits: how many, since when the oldest does, and how many are late."""

    what: str
    count: int
    oldest: datetime | None
    late: int = 0

    @property
    def word(self) -> str:
        return str(LISTS.get(self.what, self.what))


@dataclass(slots=True)
class Person:
    """One leader (or one unit) with what is overdue there, the worst first."""

    id: str
    name: str
    tasks: list[Task] = field(default_factory=list)
    late: dict[DelayPart, timedelta] = field(default_factory=dict)
    whole: bool = True

    @property
    def worst(self) -> Task:
        """The one that is on the highest step, then overdue longest."""
        return min(self.tasks, key=lambda row: (-row.step, row.next_due_at or row.opened_at, row.number))

    @property
    def oldest(self) -> datetime:
        return min(row.opened_at for row in self.tasks)

    @property
    def total(self) -> timedelta:
        return sum(self.late.values(), _ZERO)

    @property
    def parts(self) -> list[tuple[str, timedelta]]:
        """Late parts with their words."""
        return [(str(LATE[part.value]), late) for part, late in self.late.items() if late]


@dataclass(frozen=True, slots=True)
class Noise:
    """Notices to one county in the shift, against the budget."""

    area_id: str
    name: str
    count: int
    over: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows."""

    asked: Sequence[Asked]
    drafts: Sequence[Letter]
    leaders: Sequence[Person]
    units: Sequence[Person]
    overdue: int
    noise: Sequence[Noise]
    budget: int
    shift: timedelta
    reminded: int
    often: int
    dismissed: int
    decided: int
    dismissed_most: int
    silences: Sequence[Silence]

    @property
    def share(self) -> int | None:
        """Dismissed per hundred decided findings."""
        return round(100 * self.dismissed / self.decided) if self.decided else None


def tasks_of(user: User, what: str, now: datetime) -> QuerySet[Task]:
    """The list behind a line of the page, within the rights of the log-in."""
    rows = visible(user, Task.objects.all())
    today = local_day(to_ms(now))
    late = rows.filter(next_due_at__lt=now)
    match what:
        case "overdue":
            return late.exclude(state=TaskState.DECLINED)
        case "silent":
            return late.filter(state=TaskState.ISSUED)
        case "declined":
            return rows.filter(state=TaskState.DECLINED)
        case "requests":
            return rows.filter(requests__decided_at__isnull=True, requests__isnull=False).distinct()
        case "holds":
            return rows.filter(state=TaskState.ON_HOLD, hold_until__lte=today)
        case _:
            return rows.filter(pk__in=_often(user, now))


def page(user: User, now: datetime) -> Page:
    """The page as this log-in may see it."""
    on = local_day(to_ms(now))
    rows = list(tasks_of(user, "overdue", now).order_by("next_due_at", "number"))
    late = delays(rows[:MOST], now)
    shift = timedelta(minutes=limit("shift", on))
    dismissed, decided = _dismissed(user, now)
    return Page(
        asked=_asked(user, now),
        drafts=list(_drafts(user)),
        leaders=_grouped(rows, late, lambda row: row.leader_id, person_names),
        units=_grouped(
            [row for row in rows if row.state == TaskState.ISSUED], late, lambda row: row.unit_id, unit_names
        ),
        overdue=len(rows),
        noise=_noise(user, now, shift, limit("notices_budget", on)),
        budget=limit("notices_budget", on),
        shift=shift,
        reminded=len(_often(user, now)),
        often=limit("reminders_many", on),
        dismissed=dismissed,
        decided=decided,
        dismissed_most=limit("dismissed_most", on),
        silences=list(visible(user, active_silences(now))),
    )


def _drafts(user: User) -> QuerySet[Letter]:
    return visible(user, Letter.objects.filter(state=LetterState.DRAFTED)).order_by("drafted_at", "id")


def _asked(user: User, now: datetime) -> list[Asked]:
    """What waits for a decision, only what there is."""
    requests = list(
        visible(user, Request.objects.filter(decided_at=None)).values_list("asked_at", "decide_due_at")
    )
    found = [
        Asked(
            "requests",
            len(requests),
            min((asked for asked, _ in requests), default=None),
            sum(due <= now for _, due in requests),
        )
    ]
    for what, since in (("declined", "next_due_at"), ("holds", "paused_at")):
        moments = list(tasks_of(user, what, now).values_list(since, flat=True))
        known = [moment for moment in moments if moment is not None]
        overdue = sum(moment <= now for moment in known) if what == "declined" else len(moments)
        found.append(Asked(what, len(moments), min(known, default=None), overdue))
    return [each for each in found if each.count]


def _grouped(
    rows: Iterable[Task],
    late: Mapping[str, Delay],
    by: Callable[[Task], str],
    names: Callable[[Iterable[str]], Mapping[str, str]],
) -> list[Person]:
    people: dict[str, Person] = {}
    for row in rows:
        key = by(row)
        person = people.setdefault(key, Person(key, key))
        person.tasks.append(row)
        if row.id not in late:
            person.whole = False
            continue
        for each in late[row.id].parts:
            person.late[each.part] = person.late.get(each.part, _ZERO) + each.late
    known = names(people)
    for key, person in people.items():
        person.name = known.get(key, key)
        person.late = {part: person.late[part] for part in DelayPart if part in person.late}
    return sorted(people.values(), key=lambda person: (-len(person.tasks), person.oldest, person.id))


def _noise(user: User, now: datetime, shift: timedelta, budget: int) -> list[Noise]:
    """Texts that reached each county in the last shift; a text holds many notices."""
    told = visible(user, Notice.objects.filter(happened_at__gt=now - shift, happened_at__lte=now))
    counted = (
        told.exclude(message=None)
        .order_by()
        .values("to_area_id")
        .annotate(count=Count("message_id", distinct=True))
    )
    counts = {each["to_area_id"]: each["count"] for each in counted}
    areas = dict(Area.objects.filter(id__in=counts).values_list("id", "name"))
    found = [Noise(key, areas.get(key, key), count, count > budget) for key, count in counts.items()]
    return sorted(found, key=lambda each: (-each.count, each.area_id))


def _often(user: User, now: datetime) -> list[str]:
    """Open tasks that have been reminded of more often than the table thinks useful."""
    most = limit("reminders_many", local_day(to_ms(now)))
    running = visible(user, Task.objects.filter(state__in=sorted(OPEN_STATES), reminded_at__isnull=False))
    ids = list(running.values_list("id", flat=True))
    counts: Counter[str] = Counter()
    for start in range(0, len(ids), 500):
        events = Event.objects.filter(
            subject_kind="task", subject_id__in=ids[start : start + 500], kind="task.reminded"
        )
        counted = events.order_by().values("subject_id").annotate(times=Count("id"))
        counts.update({each["subject_id"]: each["times"] for each in counted})
    return [key for key, times in counts.items() if times > most]


def _dismissed(user: User, now: datetime) -> tuple[int, int]:
    """Findings dismissed and decided within the days of the table."""
    since = now - timedelta(days=limit("findings_back", local_day(to_ms(now))))
    decided = visible(user, Finding.objects.filter(decided_at__gt=since, decided_at__lte=now))
    states = decided.filter(state__in=[FindingState.CONFIRMED, FindingState.DISMISSED]).order_by()
    counts = dict(states.values_list("state").annotate(Count("id")))
    return counts.get(FindingState.DISMISSED.value, 0), sum(counts.values())
