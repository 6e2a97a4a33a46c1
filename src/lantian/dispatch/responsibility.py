"""Who answers now: the holder of a post, who stands in for one that is away, who has the watch.

Nothing is guessed: when nobody can be named, `MissingRole` names the role and the place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lantian.errors import LawError
from lantian.inventory import Acting, Post, Shift
from lantian.periods import local_day, to_ms

__all__ = [
    "Gap",
    "Held",
    "MissingRole",
    "RoleName",
    "Why",
    "chain",
    "closes_circle",
    "gaps",
    "holder",
    "holders",
    "on_watch",
    "overlaps",
    "stand_ins",
]


class Why(StrEnum):
    """What makes a person the one to be asked."""

    POST = "post"
    ACTING = "acting"
    ROTA = "rota"


class RoleName(StrEnum):
    """The four roles that every task has."""

    LEAD_UNIT = "lead_unit"  # 牵头单位
    UNIT = "responsible_unit"  # 责任单位
    LEADER = "responsible_leader"  # 责任领导
    PERSON = "responsible_person"  # 责任人


class MissingRole(LawError):
    """A role nobody holds: `role` of `place` (id of an area, unit or plant). It blocks the issue."""

    def __init__(self, role: RoleName, place: str) -> None:
        self.role, self.place = role, place
        super().__init__("missing_role", f"no {role.value.replace('_', ' ')} for {place}")


@dataclass(frozen=True, slots=True)
class Held:
    """Who answers. `chain` begins with who held the post or had the watch and ends with `person_id`."""

    person_id: str
    why: Why
    chain: tuple[str, ...]


def stand_ins(actings: Iterable[Acting], at: datetime) -> dict[str, str]:
    """Stand-in by person away at the instant; of two rows for one person the one that began later counts."""
    standing = [acting for acting in actings if acting.covers(at)]
    standing.sort(key=lambda acting: (acting.since, acting.stand_in_id))
    return {acting.person_id: acting.stand_in_id for acting in standing}


def chain(person_id: str, standing: Mapping[str, str]) -> tuple[str, ...]:
    """The person, their stand-in, the stand-in's, to the one who is there. Empty when it runs in a circle."""
    found = [person_id]
    while (following := standing.get(found[-1])) is not None:
        if following in found:
            return ()
        found.append(following)
    return tuple(found)


def closes_circle(new: Acting, others: Iterable[Acting]) -> bool:
    """Whether the new row would at some instant make people stand in for each other in a circle.

    The picture changes only where a row begins or ends, so only those instants within the new row are looked at.
    """
    rows = [row for row in others if row.person_id != new.person_id]
    edges = {edge for row in rows for edge in (row.since, row.until) if edge and new.covers(edge)}
    return any(not chain(new.person_id, stand_ins([*rows, new], moment)) for moment in edges | {new.since})


def on_watch(shifts: Iterable[Shift], at: datetime, *, known_at: datetime | None = None) -> tuple[Shift, ...]:
    """Shifts of one rota that hold the instant, as the rota was known at `known_at` (as it is known last, without)."""
    found = [
        shift
        for shift in shifts
        if shift.covers(at) and (shift.replaced_at is None if known_at is None else shift.known(known_at))
    ]
    return tuple(sorted(found, key=lambda shift: (shift.since, shift.person_id)))


def holders(
    posts: Sequence[Post],
    standing: Mapping[str, str],
    watch: Sequence[Shift] = (),
    away: Collection[str] = (),
    *,
    at: datetime,
) -> tuple[Held, ...]:
    """Everybody who answers at the instant, in the order of the posts (of one duty and place).

    Where somebody has the watch, it is they; else the posts held on that day. Who is away is replaced by the last
    of their stand-ins; a chain that runs in a circle, or ends with somebody no longer active (`away`), has none.
    """
    day = local_day(to_ms(at))
    rota = [(shift.person_id, Why.ROTA) for shift in watch]
    asked = rota or [(post.person_id, Why.POST) for post in posts if post.holds_on(day)]
    found = []
    for person_id, why in asked:
        links = chain(person_id, standing)
        if links and links[-1] not in away:
            found.append(Held(links[-1], why if len(links) == 1 else Why.ACTING, links))
    return tuple(found)


def holder(
    posts: Sequence[Post],
    actings: Iterable[Acting],
    shifts: Iterable[Shift],
    at: datetime,
    *,
    away: Collection[str] = (),
    turn: int = 0,
) -> Held | None:
    """The one who answers at the instant; of several the one whose turn it is. None when nobody does."""
    found = holders(posts, stand_ins(actings, at), on_watch(shifts, at), away, at=at)
    return found[turn % len(found)] if found else None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a rota in which nobody has the watch."""

    since: datetime
    until: datetime


def gaps(shifts: Iterable[Shift], since: datetime, until: datetime) -> tuple[Gap, ...]:
    """Stretches of [since, until) that no standing shift of the rota covers."""
    standing = sorted((s for s in shifts if s.replaced_at is None), key=lambda s: s.since)
    found, covered = [], since
    for shift in standing:
        if shift.since >= until:
            break
        if shift.since > covered:
            found.append(Gap(covered, shift.since))
        covered = max(covered, shift.until)
    if covered < until:
        found.append(Gap(covered, until))
    return tuple(found)


def overlaps(shifts: Iterable[Shift]) -> tuple[tuple[Shift, Shift], ...]:
    """Pairs of standing shifts of one rota that share an instant, the earlier first."""
    standing = sorted((s for s in shifts if s.replaced_at is None), key=lambda s: (s.since, s.person_id))
    found = []
    for number, first in enumerate(standing):
        for second in standing[number + 1 :]:
            if second.since >= first.until:
                break
            found.append((first, second))
    return tuple(found)
