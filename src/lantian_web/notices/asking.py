"""From events of tasks to rows of the queue, in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lantian.inventory import AreaKind, UnitKind
from lantian.periods import local_day, to_ms
from lantian.records import TaskState, make_id
from lantian_web.accounts.models import Person, Unit
from lantian_web.events.commands import NewEvent, command
from lantian_web.inventory.models import Area
from lantian_web.notices.models import Notice
from lantian_web.notices.rules import heard_by, quiet_until
from lantian_web.rows import CHUNK, chunks, insert
from lantian_web.tasks.models import Task

__all__ = ["Ask", "ask_for", "queue"]

COLUMNS = ("id", "person_id", "leader_id", "unit_id", "lead_unit_id", "opened_by", "emergency")
KEPT = frozenset(
    {
        "number",
        "kind",
        "category",
        "cause",
        "step",
        "reason",
        "text",
        "due_at",
        "answer",
        "title",
        "tasks",
        "open",
    }
    | {"late", "unit", "request"}
)
"""What of an event's params a notice keeps."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One recipient (a person, or a unit without a name) has to hear of something."""

    event: str
    subject_kind: str
    subject_id: str
    happened_at: datetime
    audience: str
    person_id: str
    unit_id: str
    area_id: str  # of the subject
    enterprise_id: str = ""
    emergency: bool = False
    weight: int = 0
    params: Mapping[str, object] | None = None

    @property
    def id(self) -> str:
        """The same thing to the same recipient has the same id, however often it is asked for. Of a task there may be two
        requests at one instant: messages of a chat bear no seconds."""
        params = self.params or {}
        which = [
            params.get("step", ""),
            self.person_id or self.unit_id,
            *filter(None, [params.get("request")]),
        ]
        return make_id("notice", self.event, self.subject_id, to_ms(self.happened_at), *which)


def ask_for(events: Sequence[NewEvent]) -> int:
    """Queue notices for events of one kind; returns how many are new."""
    tasks: dict[str, Task] = {}
    for part in chunks([event.subject_id for event in events]):
        tasks |= {task.id: task for task in Task.objects.filter(id__in=part).only(*COLUMNS)}
    asks = [
        ask for event in events if event.subject_id in tasks for ask in _asks(event, tasks[event.subject_id])
    ]
    return queue(asks)


def _asks(event: NewEvent, task: Task) -> Iterable[Ask]:
    on = local_day(to_ms(event.happened_at))
    step = str(event.params.get("step", ""))
    back = event.kind == "task.escalated" and event.params.get("state") == TaskState.DECLINED
    for rule in heard_by(event.kind, step, on):
        if back and rule.audience != "tells":
            continue  # it is the sender who has to act, not the unit that sent it back
        audience = str(event.params.get("tells", "")) if rule.audience == "tells" else rule.audience
        person, unit = _recipient(audience, event, task)
        if not (person or unit) or person == event.actor:
            continue
        yield Ask(
            event.kind,
            event.subject_kind,
            event.subject_id,
            event.happened_at,
            audience,
            person,
            unit,
            event.area_id,
            event.enterprise_id,
            task.emergency,
            rule.weight,
            {name: value for name, value in event.params.items() if name in KEPT},
        )


def _recipient(audience: str, event: NewEvent, task: Task) -> tuple[str, str]:
    """Person and unit; a unit without a person is told as a whole, a person's unit is found later."""
    if audience == "person":
        return task.person_id, ""
    if audience == "leader":
        return task.leader_id, ""
    if audience == "asker":
        return str(event.params.get("asked_by") or task.person_id), ""
    if audience == "unit":
        return "", task.unit_id
    if audience == "sender" and task.opened_by:
        return task.opened_by, ""
    return "", task.lead_unit_id if audience in ("city_office", "sender") else ""


@command
def queue(asks: Sequence[Ask]) -> int:
    """Queue what is not there yet; returns how many are new. Used by every app that has something to say."""
    wanted = {ask.id: ask for ask in asks}
    known: set[str] = set()
    for part in chunks(list(wanted)):
        known.update(Notice.objects.filter(id__in=part).values_list("id", flat=True))
    fresh = {key: ask for key, ask in wanted.items() if key not in known}
    if not fresh:
        return 0
    units = _units_of(fresh.values())
    kinds = {unit.id: unit for unit in _units(set(units.values()) | {ask.unit_id for ask in fresh.values()})}
    places = Places()
    insert(
        [
            _row(key, ask, kinds.get(ask.unit_id or units.get(ask.person_id, "")), places)
            for key, ask in fresh.items()
        ]
    )
    return len(fresh)


def _units_of(asks: Iterable[Ask]) -> dict[str, str]:
    people = sorted({ask.person_id for ask in asks} - {""})
    units: dict[str, str] = {}
    for part in chunks(people, CHUNK):
        units |= dict(Person.objects.filter(id__in=part).values_list("id", "unit_id"))
    return units


def _units(ids: set[str]) -> Iterable[Unit]:
    for part in chunks(sorted(ids - {""})):
        yield from Unit.objects.filter(id__in=part)


class Places:
    """Which county an area lies in; the city for what lies in none."""

    def __init__(self) -> None:
        kinds = dict(Area.objects.values_list("id", "kind"))
        self.counties = {area for area, kind in kinds.items() if kind == AreaKind.COUNTY}
        self.city = min((area for area, kind in kinds.items() if kind == AreaKind.CITY), default="")

    def county(self, area_id: str) -> str:
        """The county, or the city."""
        parts = (area_id[:end] for end in range(len(area_id), 0, -1))
        return next((part for part in parts if part in self.counties), self.city or area_id)


def _row(key: str, ask: Ask, unit: Unit | None, places: Places) -> Notice:
    """A person is told where their unit is; a city's office and leaders by the city's channel."""
    return Notice(
        id=key,
        area_id=ask.area_id,
        unit_id=unit.id if unit else ask.unit_id,
        enterprise_id=ask.enterprise_id,
        event=ask.event,
        subject_kind=ask.subject_kind,
        subject_id=ask.subject_id,
        audience=ask.audience,
        person_id=ask.person_id,
        to_area_id=places.county(unit.area_id if unit else ask.area_id),
        to_unit_id=unit.id if unit else ask.unit_id,
        to_plant=unit is not None and unit.kind == UnitKind.PLANT,
        emergency=ask.emergency,
        weight=ask.weight,
        params=dict(ask.params or {}),
        happened_at=ask.happened_at,
        not_before=None if ask.emergency else quiet_until(ask.happened_at),
    )
