"""The two parties of a task: who may act for its handler, and who for its sender."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from lantian.dispatch.responsibility import chain
from lantian.errors import RightsError
from lantian.inventory import Duty
from lantian.periods import local_day, to_ms
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import posts_of, stand_ins_at
from lantian_web.tasks.models import Task

__all__ = ["Actors", "Senders"]


class Actors:
    """Who may act on a task: the people named on it and who stands in for them, those of its unit, and the county's
    dispatchers (at an instant: those in post on its day).

    Most steps are made by the person named: stand-ins and dispatchers are looked up only for the others.
    """

    def __init__(self, people: Iterable[str], now: datetime | None = None) -> None:
        self._ids, self._now = set(people), now
        self.unit = dict(Person.objects.filter(id__in=self._ids, active=True).values_list("id", "unit_id"))

    @cached_property
    def _away(self) -> dict[str, str]:
        return stand_ins_at(self._now) if self._now else {}

    @cached_property
    def _areas(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for post in posts_of([Duty.DISPATCHER], local_day(to_ms(self._now)) if self._now else None):
            for person_id in self._or_in_stead(post.person_id) & self._ids:
                found[person_id].append(post.area_id)
        return found

    def _or_in_stead(self, person_id: str) -> set[str]:
        return {person_id, *chain(person_id, self._away)[-1:]}

    def check(self, by: str, row: Task) -> None:
        """RightsError for everybody else, and for who has left."""
        if by not in self.unit or not (
            by in (row.person_id, row.leader_id)
            or self.unit[by] == row.unit_id
            or by in self._or_in_stead(row.person_id) | self._or_in_stead(row.leader_id)
            or any(row.area_id.startswith(area) for area in self._areas.get(by, ()))
        ):
            raise RightsError(f"{by} has nothing to do with task {row.number}")


class Senders:
    """Who may act for the sender: who sent it, the lead unit's people, analysts over the area."""

    def __init__(self, people: Iterable[str], now: datetime | None = None) -> None:
        ids, on = set(people), local_day(to_ms(now)) if now else None
        self.unit = dict(Person.objects.filter(id__in=ids, active=True).values_list("id", "unit_id"))
        self.posts = [post for post in posts_of([Duty.ANALYST], on) if post.person_id in ids]

    def check(self, by: str, row: Task) -> None:
        """RightsError for everybody else, and for people of the unit that handles the task."""
        own = self.unit.get(by)
        if own is None or (own == row.unit_id and own != row.lead_unit_id):
            raise RightsError(f"{by} handles task {row.number} and cannot decide for its sender")
        if by == row.opened_by or own == row.lead_unit_id:
            return
        if not any(post.person_id == by and row.area_id.startswith(post.area_id) for post in self.posts):
            raise RightsError(f"{by} has not sent task {row.number}")
