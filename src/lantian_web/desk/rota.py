"""Watches on the page of people: who has one at an hour, and a week of each rota with its gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lantian.dispatch.responsibility import Gap, chain, gaps, overlaps
from lantian.periods import at, local_day, to_ms
from lantian_web.accounts.models import Shift, Unit, User
from lantian_web.accounts.rights import may_staff
from lantian_web.desk.people_book import Book, Somebody
from lantian_web.tasks.responsibility import Offices

__all__ = ["OnWatch", "Rota", "RotaDay", "rotas_of", "watches_of", "week_of"]

WEEK = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OnWatch:
    """One rota at the hour: who has the watch, and who was thought to have it then when that was somebody else."""

    unit: Unit
    duty: str
    people: tuple[Somebody, ...]
    known_then: tuple[str, ...]
    until: datetime | None
    next: Shift | None


@dataclass(frozen=True, slots=True)
class RotaDay:
    """One day of a rota: watches that begin in it, gaps named."""

    day: date
    shifts: tuple[Shift, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Rota:
    """A week of a unit's rota for one duty."""

    unit: Unit
    duty: str
    days: tuple[RotaDay, ...]
    overlaps: tuple[tuple[str, str], ...]
    may: bool


def watches_of(
    units: Mapping[str, Unit], offices: Offices, book: Book, moment: datetime
) -> tuple[OnWatch, ...]:
    """Every rota that has a watch in the fortnight around the hour."""
    near = list(
        Shift.objects.filter(unit_id__in=units, since__lt=moment + 7 * DAY, until__gt=moment - 7 * DAY)
        .select_related("person")
        .order_by("since")
    )
    by_rota: dict[tuple[str, str], list[Shift]] = defaultdict(list)
    for row in near:
        by_rota[row.unit_id, row.duty].append(row)
    standing = offices.standing(moment)
    book.load({row.person_id for row in near} | set(standing.stand_ins) | set(standing.stand_ins.values()))
    found = []
    for (unit_id, duty), shifts in sorted(by_rota.items()):
        now = [row for row in shifts if row.replaced_at is None and row.since <= moment < row.until]
        then = [row for row in shifts if row.to_domain().covers(moment) and row.to_domain().known(moment)]
        people = []
        for row in now:
            links = _chain(row.person_id, standing.stand_ins)
            people.append(book.who(links[-1], links))
        later = [row for row in shifts if row.replaced_at is None and row.since > moment]
        was = tuple(row.person.name for row in then)
        found.append(
            OnWatch(
                units[unit_id],
                duty,
                tuple(people),
                was if was != tuple(row.person.name for row in now) else (),
                max((row.until for row in now), default=None),
                later[0] if later else None,
            )
        )
    return tuple(found)


def _chain(person_id: str, standing: Mapping[str, str]) -> tuple[str, ...]:
    return chain(person_id, standing) or (person_id,)


def week_of(moment: datetime) -> tuple[date, ...]:
    """The days of the week that holds the instant, from its Monday on."""
    day = local_day(to_ms(moment))
    first = day - timedelta(days=day.weekday())
    return tuple(first + timedelta(days=number) for number in range(WEEK))


def rotas_of(
    user: User, units: Mapping[str, Unit], shifts: Sequence[Shift], week: Sequence[date]
) -> tuple[Rota, ...]:
    """A week of every rota that has a watch in it."""
    by_rota: dict[tuple[str, str], list[Shift]] = defaultdict(list)
    for row in sorted(shifts, key=lambda row: (row.since, row.pk)):
        by_rota[row.unit_id, row.duty].append(row)
    found = []
    for (unit_id, duty), rows in sorted(by_rota.items()):
        records = [row.to_domain() for row in rows]
        names = {row.person_id: row.person.name for row in rows}
        days = []
        for number, day in enumerate(week):
            begin, end = at(day, 0), at(day, 0) + DAY
            here = [row for row in rows if begin <= row.since < end or (number == 0 and row.since < begin)]
            days.append(RotaDay(day, tuple(here), gaps(records, begin, end)))
        pairs = tuple((names[a.person_id], names[b.person_id]) for a, b in overlaps(records))
        found.append(Rota(units[unit_id], duty, tuple(days), pairs, may_staff(user, units[unit_id])))
    return tuple(found)
