"""The one queue of the duty desk: what needs this person now, by time left; one plant and cause is one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from lantian.dispatch import RUNNING
from lantian.periods import local_day, to_ms
from lantian.records import FindingState, TaskKind, TaskState
from lantian_web.accounts.models import User
from lantian_web.accounts.queries import unit_of
from lantian_web.accounts.rights import visible
from lantian_web.desk.queue_items import CONFIRM, DECLINED, Item, Key, group_of, items_of
from lantian_web.desk.viewer import Viewer
from lantian_web.findings.models import Finding
from lantian_web.replies.models import Reply
from lantian_web.replies.queries import waiting
from lantian_web.tasks.models import Request, Task

__all__ = ["CONFIRM", "PAGE", "WHATS", "Item", "Queue", "build", "finding_item", "replies_waiting"]

PAGE = 20
# A proposal has no legal clock; this is the office's own aim, so that the storm is looked at first.
DECIDE_WITHIN = timedelta(hours=2)
OVERDUE, CHECK, RETURNED, HAND = "overdue", "check", "returned", "hand"
REQUEST, LOOK = "request", "look"
WHATS = (CONFIRM, OVERDUE, REQUEST, DECLINED, CHECK, LOOK, RETURNED, HAND)


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue with the counts of the whole."""

    items: list[Item]
    total: int
    by_what: Mapping[str, int]
    by_group: Mapping[str, int]
    page: int
    pages: int
    state: Mapping[str, str]


def build(user: User, who: Viewer, now: datetime, params: Mapping[str, str]) -> Queue:
    """The page of the queue that the URL asks for: `area`, `what`, `page`."""
    area, what = params.get("area", ""), params.get("what", "")
    keys = [*_proposals(user, area), *_tasks(user, who, now, area), *_requests(user, who, area)]
    by_what = Counter(key.what for key in keys)
    if what in WHATS:
        keys = [key for key in keys if key.what == what]
    far = now + timedelta(days=3650)
    keys.sort(key=lambda key: (key.due or far, key.since, key.task_id, key.plant_id, key.cause))
    pages = max(1, -(-len(keys) // PAGE))
    asked = params.get("page", "1")
    page = min(pages, max(1, int(asked) if asked.isdecimal() and len(asked) < 10 else 1))
    cut = keys[(page - 1) * PAGE : page * PAGE]
    return Queue(
        items=items_of(user, cut, now),
        total=len(keys),
        by_what=by_what,
        by_group=Counter(group_of(key.due, now) for key in keys),
        page=page,
        pages=pages,
        state={"area": area, "what": what},
    )


def _proposals(user: User, area: str) -> list[Key]:
    rows = visible(user, Finding.objects.filter(state=FindingState.PROPOSED))
    if area:
        rows = rows.filter(area_id__startswith=area)
    grouped = rows.values("enterprise_id", "kind").annotate(
        since=Min("proposed_at"), n=Count("id"), area=Max("area_id")
    )
    return [
        Key(
            CONFIRM,
            row["since"] + DECIDE_WITHIN,
            row["since"],
            row["area"],
            "",
            row["enterprise_id"],
            row["kind"],
            row["n"],
        )
        for row in grouped.order_by()
    ]


def _tasks(user: User, who: Viewer, now: datetime, area: str) -> list[Key]:
    today = local_day(to_ms(now))
    waits = Q(state__in=RUNNING, next_due_at__lte=now) | Q(state=TaskState.RETURNED)
    waits |= Q(state=TaskState.ANSWERED)
    mine = Q() if who.analyst else Q(lead_unit_id=unit_of(who.person_id))
    waits |= mine & (Q(state=TaskState.DECLINED) | Q(state=TaskState.ON_HOLD, hold_until__lte=today))
    if not who.analyst:
        waits |= Q(state__in=(TaskState.ISSUED, TaskState.CLAIMED), kind=TaskKind.CHECK)
        soon = now + timedelta(hours=2)
        at_work = (TaskState.ISSUED, TaskState.CLAIMED, TaskState.IN_HAND)
        waits |= Q(state__in=at_work, next_due_at__lte=soon)
        waits |= Q(state__in=at_work, kind=TaskKind.DISPATCH, enterprise_id="")
    rows = visible(user, Task.objects.filter(waits))
    if area:
        rows = rows.filter(area_id__startswith=area)
    wanted = rows.values_list(
        "id", "state", "next_due_at", "opened_at", "answered_at", "area_id", "claim_due_at"
    )
    return [
        Key(
            _what(state, due, now),
            claim_due if state == TaskState.DECLINED else due,
            answered or opened if state == TaskState.ANSWERED else opened,
            area_id,
            pk,
        )
        for pk, state, due, opened, answered, area_id, claim_due in wanted
    ]


def _what(state: str, due: datetime | None, now: datetime) -> str:
    waits = {TaskState.ANSWERED: CHECK, TaskState.DECLINED: DECLINED, TaskState.ON_HOLD: LOOK}
    if state in waits:
        return waits[TaskState(state)]
    if due is not None and due <= now:
        return OVERDUE
    return RETURNED if state == TaskState.RETURNED else HAND


def _requests(user: User, who: Viewer, area: str) -> list[Key]:
    """What handlers ask of the sender and nobody has answered; to others than analysts only their own unit's."""
    rows = visible(user, Request.objects.filter(decided_at=None)).exclude(asked_by=who.person_id)
    if not who.analyst:
        rows = rows.filter(task__lead_unit_id=unit_of(who.person_id))
    if area:
        rows = rows.filter(area_id__startswith=area)
    columns = rows.values_list("id", "task_id", "decide_due_at", "asked_at", "area_id")
    return [
        Key(REQUEST, due, asked, area_id, task, request_id=pk) for pk, task, due, asked, area_id in columns
    ]


def replies_waiting(user: User) -> int:
    """How many replies of the chat groups wait for a person to say what they were."""
    return waiting(visible(user, Reply.objects.all())).count()


def finding_item(user: User, plant_id: str, cause: str, now: datetime) -> Item | None:
    """The row of one plant and cause as it stands now; None when nothing is left to decide."""
    rows: QuerySet[Any, Any] = visible(
        user, Finding.objects.filter(state=FindingState.PROPOSED, enterprise_id=plant_id, kind=cause)
    )
    facts = rows.aggregate(since=Min("proposed_at"), n=Count("id"), area=Max("area_id"))
    if not facts["n"]:
        return None
    key = Key(
        CONFIRM,
        facts["since"] + DECIDE_WITHIN,
        facts["since"],
        facts["area"],
        "",
        plant_id,
        cause,
        facts["n"],
    )
    return items_of(user, [key], now)[0]
