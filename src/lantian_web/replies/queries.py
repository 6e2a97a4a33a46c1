"""Reading replies: what waits for a person, which units have not answered, how long sign-fors take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, QuerySet

from lantian.records import TaskState
from lantian_web.accounts.queries import unit_names
from lantian_web.replies.models import Reply, ReplyState, ReplyTask, Use
from lantian_web.tasks.models import Task

__all__ = ["SignTimes", "Silent", "sign_of", "sign_times", "silent", "waiting"]

SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Silent:
    """A unit that has not signed for what it was sent: how many tasks, the oldest since when, the first due when."""

    unit_id: str
    name: str
    tasks: int
    since: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class SignTimes:
    """From the opening of a task to its sign-for. None without any."""

    count: int
    middle: timedelta | None
    p95: timedelta | None


def waiting(rows: QuerySet[Reply]) -> QuerySet[Reply]:
    """Replies that wait for a person, the oldest first."""
    return rows.filter(state=ReplyState.WAITING).order_by("sent_at", "id")


def silent(tasks: QuerySet[Task], now: datetime) -> list[Silent]:
    """Units with tasks that are not signed for, the longest overdue first."""
    open_ones = tasks.filter(state=TaskState.ISSUED, opened_at__lte=now)
    rows = list(
        open_ones.values("unit_id")
        .annotate(tasks=Count("id"), since=Min("opened_at"), due=Min("claim_due_at"))
        .order_by("due", "unit_id")
    )
    names = unit_names(row["unit_id"] for row in rows)
    return [
        Silent(
            row["unit_id"], names.get(row["unit_id"], row["unit_id"]), row["tasks"], row["since"], row["due"]
        )
        for row in rows
    ]


def sign_times(tasks: QuerySet[Task], now: datetime) -> SignTimes:
    """Median and 95th percentile (nearest rank) of the tasks signed for in the last seven days."""
    rows = tasks.filter(claimed_at__gte=now - SPAN, claimed_at__lte=now).order_by()
    spans = sorted(
        end - start for start, end in rows.values_list("opened_at", "claimed_at") if end is not None
    )
    if not spans:
        return SignTimes(0, None, None)
    rank = -(-len(spans) * 95 // 100)
    return SignTimes(len(spans), (spans[(len(spans) - 1) // 2] + spans[len(spans) // 2]) / 2, spans[rank - 1])


def sign_of(task_ids: Iterable[str]) -> dict[str, Reply]:
    """The reply by which each task was signed for, where it was one that still counts."""
    rows = ReplyTask.objects.filter(task_id__in=list(task_ids), use=Use.SIGNED)
    rows = (
        rows.exclude(reply__state=ReplyState.DROPPED)
        .select_related("reply")
        .order_by(F("reply__sent_at").desc())
    )
    return {row.task_id: row.reply for row in rows}
