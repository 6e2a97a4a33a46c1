"""Twice a day: what is open and late, once per leader and per office, the worst first. Nothing to say, nothing sent.

What waits for the sender (declined, or on hold and to be looked at) stands in the digest of the sender's office.
A silence holds back reminders; it takes nothing out of these counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from lantian.dispatch import OPEN_STATES
from lantian.inventory import UnitKind
from lantian.periods import at, local_day, to_ms
from lantian.records import TaskState
from lantian_web.accounts.models import Person, Unit
from lantian_web.events.commands import command, get_cursor, set_cursor
from lantian_web.notices.asking import Ask, queue
from lantian_web.notices.rules import any_limit, digest_slot, heard_by
from lantian_web.notices.wording import DIGEST
from lantian_web.tasks.models import Task

__all__ = ["make_digests"]

CURSOR = "notices:digest"
FAR = 2 * 1440
"""Minutes. A cursor further ahead was put by a clock that ran away: it does not keep everybody waiting until then."""
NOT_THEIRS = {TaskState.ANSWERED, TaskState.DECLINED, TaskState.SUSPENDED, TaskState.ON_HOLD}
THEIRS = sorted(OPEN_STATES - NOT_THEIRS)
"""The handler still has to do something."""
PLACES = ("area_id", "unit_id", "lead_unit_id", "leader_id")
COLUMNS = ("id", "number", "state", "emergency", "next_due_at", "hold_until", *PLACES)


def _senders(now: datetime) -> Q:
    """What the sender has to see to: declined by its handler, or on hold until a look that has come."""
    on_hold = Q(state=TaskState.ON_HOLD, hold_until__lte=local_day(to_ms(now)))
    return Q(state=TaskState.DECLINED) | on_hold


def _due(task: Task) -> datetime | None:
    """When somebody has to have acted: by the end of the day of the look, for one on hold."""
    if task.state == TaskState.ON_HOLD and task.hold_until is not None:
        return at(task.hold_until + timedelta(days=1), 0)
    return task.next_due_at


@dataclass(slots=True)
class Share:
    """What one recipient has open."""

    tasks: list[Task] = field(default_factory=list)

    def worst_first(self, now: datetime) -> list[Task]:
        """Overdue longest first, then the next due; what has no clock running last."""
        far = datetime.max.replace(tzinfo=now.tzinfo)
        return sorted(self.tasks, key=lambda task: (_due(task) or far, not task.emergency, task.number))


def make_digests(now: datetime) -> int:
    """Queue the digest that is due, once; returns how many recipients get one."""
    slot = digest_slot(now)
    if slot is None:
        return 0
    ahead = get_cursor(CURSOR, 0) - slot
    return 0 if 0 <= ahead <= FAR else _make(now, slot)


@command
def _make(now: datetime, slot: int) -> int:
    on = local_day(to_ms(now))
    weights = {rule.audience: rule.weight for rule in heard_by(DIGEST, "", on)}
    rows = list(Task.objects.filter(Q(state__in=THEIRS) | _senders(now)).only(*COLUMNS))
    leaders: dict[str, Share] = defaultdict(Share)
    units: dict[str, Share] = defaultdict(Share)
    plants = set(Unit.objects.filter(kind=UnitKind.PLANT).values_list("id", flat=True))
    for task in rows:
        theirs = task.state in THEIRS
        if "leader" in weights and task.leader_id and theirs:
            leaders[task.leader_id].tasks.append(task)
        unit = task.unit_id if theirs else task.lead_unit_id
        if "unit" in weights and unit and unit not in plants:
            units[unit].tasks.append(task)
    names = dict(Unit.objects.filter(id__in=list(units)).values_list("id", "name"))
    places = dict(Unit.objects.filter(id__in=list(units)).values_list("id", "area_id"))
    places |= dict(Person.objects.filter(id__in=list(leaders)).values_list("id", "unit__area_id"))
    lines = any_limit("digest_lines", on)
    asks = [
        _ask(
            key, audience, share, places.get(key, ""), names.get(key, ""), weights[audience], lines, now, slot
        )
        for audience, shares in (("leader", leaders), ("unit", units))
        for key, share in shares.items()
    ]
    set_cursor(CURSOR, slot)
    return queue(asks)


def _ask(
    key: str,
    audience: str,
    share: Share,
    area: str,
    unit: str,
    weight: int,
    lines: int,
    now: datetime,
    slot: int,
) -> Ask:
    worst = share.worst_first(now)
    late = sum(due is not None and due <= now for due in map(_due, worst))
    return Ask(
        event=DIGEST,
        subject_kind="digest",
        subject_id=str(slot),
        happened_at=now,
        audience=audience,
        person_id=key if audience == "leader" else "",
        unit_id=key if audience == "unit" else "",
        area_id=area or worst[0].area_id,
        weight=weight,
        params={"tasks": [task.id for task in worst[:lines]], "open": len(worst), "late": late, "unit": unit},
    )
