"""People as their page names them: with unit, telephone where the log-in reads it, and whom they stand in for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lantian.dispatch.responsibility import Held
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import phones

__all__ = ["Book", "Somebody"]


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person on the page; `phone` is None where this log-in reads none."""

    id: str
    name: str
    unit: str
    phone: str | None
    stands_in_for: tuple[str, ...] = ()


class Book:
    """People and units by id, with the telephones that this log-in reads."""

    def __init__(self, user: User, moment: datetime) -> None:
        self.user, self.at = user, moment
        self.people: dict[str, Person] = {}
        self.phone: dict[str, str] = {}

    def load(self, ids: Iterable[str]) -> None:
        """Read these people, where they are not known yet."""
        wanted = set(ids) - set(self.people)
        rows = {p.pk: p for p in Person.objects.filter(pk__in=wanted).select_related("unit")}
        self.people |= rows
        self.phone |= phones(self.user, rows.values(), self.at)

    def name(self, person_id: str) -> str:
        """Name of a person that was loaded."""
        return self.people[person_id].name if person_id in self.people else person_id

    def who(self, person_id: str, chain: Sequence[str] = ()) -> Somebody:
        """A person as the page names them; `chain` leads from the one stood in for to them."""
        person = self.people.get(person_id)
        before = tuple(self.name(one) for one in chain[:-1])
        if person is None:
            return Somebody(person_id, person_id, "", None, before)
        return Somebody(person_id, person.name, person.unit.name, self.phone.get(person_id), before)

    def all(self, held: Iterable[Held]) -> tuple[Somebody, ...]:
        """People who answer, with whom they stand in for."""
        return tuple(self.who(one.person_id, one.chain) for one in held)
