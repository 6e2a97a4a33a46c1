"""What the page of people shows: what is missing, who has the watch at an hour, the week's rota, who answers for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from lantian.dispatch.responsibility import Gap, Held, MissingRole, RoleName, chain, gaps, overlaps
from lantian.inventory import AreaKind, Duty, UnitKind
from lantian.periods import CITY_TZ, at, local_day, to_ms
from lantian_web.accounts.models import Acting, Charge, Person, Post, Shift, Unit, User
from lantian_web.accounts.queries import unmanned_plants
from lantian_web.accounts.rights import (
    CASE_ROLES,
    grants_of,
    may_staff,
    phones,
    visible,
    visible_areas,
    visible_units,
)
from lantian_web.desk.viewer import Viewer
from lantian_web.inventory.models import Area
from lantian_web.tasks.responsibility import Offices

__all__ = ["Asked", "PeoplePage", "people_page"]

SHOWN = 40
WEEK = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: the hour, a county, a word."""

    at: datetime
    area: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person on the page; `phone` is None where this log-in reads none."""

    id: str
    name: str
    unit: str
    phone: str | None
    stands_in_for: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers for one county."""

    area: Area
    leaders: tuple[Somebody, ...]
    dispatchers: tuple[Somebody, ...]
    checkers: tuple[Somebody, ...]
    links: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everything on the page."""

    at: datetime
    week: tuple[date, ...]
    missing: tuple[tuple[MissingRole, str], ...]
    missing_plants: int
    watches: tuple[OnWatch, ...]
    rotas: tuple[Rota, ...]
    actings: tuple[Acting, ...]
    charges: tuple[tuple[Charge, str], ...]
    answering: tuple[Answering, ...]
    found: tuple[tuple[Somebody, str], ...]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    shifts: tuple[Shift, ...]
    areas: tuple[Area, ...]

    @property
    def holes(self) -> int:
        """Rotas with a gap in the week from the hour on."""
        day = local_day(to_ms(self.at))
        return sum(any(one.gaps for one in rota.days if one.day >= day) for rota in self.rotas)


class _Book:
    """People and units by id, with the telephones that this log-in reads."""

    def __init__(self, user: User, moment: datetime) -> None:
        self.user, self.at = user, moment
        self.people: dict[str, Person] = {}
        self.phone: dict[str, str] = {}

    def load(self, ids: Iterable[str]) -> None:
        wanted = set(ids) - set(self.people)
        rows = {p.pk: p for p in Person.objects.filter(pk__in=wanted).select_related("unit")}
        self.people |= rows
        self.phone |= phones(self.user, rows.values(), self.at)

    def name(self, person_id: str) -> str:
        return self.people[person_id].name if person_id in self.people else person_id

    def who(self, person_id: str, chain: Sequence[str] = ()) -> Somebody:
        person = self.people.get(person_id)
        before = tuple(self.name(one) for one in chain[:-1])
        if person is None:
            return Somebody(person_id, person_id, "", None, before)
        return Somebody(person_id, person.name, person.unit.name, self.phone.get(person_id), before)

    def all(self, held: Iterable[Held]) -> tuple[Somebody, ...]:
        """People who answer, with whom they stand in for."""
        return tuple(self.who(one.person_id, one.chain) for one in held)


def people_page(user: User, who: Viewer, asked: Asked) -> PeoplePage:
    """The page as this log-in sees it at the hour."""
    mine = visible_units(user).filter(area_id__startswith=asked.area)
    areas = tuple(
        area
        for area in visible_areas(user, Area.objects.filter(kind__in=_COUNTIES)).order_by("id")
        if area.id.startswith(asked.area)
    )
    offices, book = Offices(asked.at, plants=False), _Book(user, asked.at)
    units = tuple(mine.exclude(kind=UnitKind.PLANT).order_by("area_id", "kind", "id"))
    kept = {unit.id: unit for unit in (units if not who.manager else tuple(mine))}
    if who.manager:  # a plant sees the office of its county by its watch alone
        near = Unit.objects.filter(kind=UnitKind.COUNTY_OFFICE, area_id__in=[area.id for area in areas])
        kept |= {unit.id: unit for unit in near}
    rows = Shift.objects.filter(unit_id__in=kept).select_related("person", "replaces__person")
    missing = () if who.manager else _missing(user, offices, areas, asked.at)
    plants = {} if who.manager else unmanned_plants(local_day(to_ms(asked.at)), _whole(user, areas))
    actings = visible(user, Acting.objects.all()).select_related("person", "stand_in")
    charges = visible(user, Charge.objects.all()).select_related("person")
    week = _week(asked.at)
    standing = rows.filter(
        replaced_at__isnull=True, since__lt=at(week[-1], 0) + DAY, until__gt=at(week[0], 0)
    )
    return PeoplePage(
        asked.at,
        week,
        (*missing, *((MissingRole(RoleName.PERSON, key), name) for key, name in plants.items()))[:SHOWN],
        len(plants),
        _watches(kept, offices, book, asked.at),
        () if who.manager else _rotas(user, kept, list(standing), week),
        tuple(_near(actings, asked).order_by("-since")[:SHOWN]),
        _targets(_standing(charges, asked).order_by("kind", "area_id", "pk")[: 3 * SHOWN]),
        _answering(areas, offices, book, asked.at),
        _found(mine, book, asked, who, len(areas) > 1),
        tuple(unit for unit in units if may_staff(user, unit)),
        _staff(user, units),
        tuple(standing.filter(until__gt=asked.at).order_by("unit_id", "duty", "since")),
        areas,
    )


_COUNTIES = (AreaKind.COUNTY, AreaKind.ZONE)


def _whole(user: User, areas: Sequence[Area]) -> list[str]:
    """Areas that a grant of the daily work holds whole."""
    scopes = [g.scope_id for g in grants_of(user) if g.scope_kind == "area" and g.role in CASE_ROLES]
    return [area.id for area in areas if any(area.id.startswith(scope) for scope in scopes)]


def _missing(
    user: User, offices: Offices, areas: Sequence[Area], moment: datetime
) -> tuple[tuple[MissingRole, str], ...]:
    """What is missing in counties that the log-in holds whole, with the place by name."""
    names = {area.id: area.name for area in areas}
    found = offices.missing(_whole(user, areas), moment)
    names |= {unit.id: unit.name for unit in offices.units.values()}
    return tuple((one, names.get(one.place, one.place)) for one in found)


def _watches(
    units: Mapping[str, Unit], offices: Offices, book: _Book, moment: datetime
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


def _week(moment: datetime) -> tuple[date, ...]:
    day = local_day(to_ms(moment))
    first = day - timedelta(days=day.weekday())
    return tuple(first + timedelta(days=number) for number in range(WEEK))


def _rotas(
    user: User, units: Mapping[str, Unit], shifts: Sequence[Shift], week: Sequence[date]
) -> tuple[Rota, ...]:
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


def _near(rows: QuerySet[Acting], asked: Asked) -> QuerySet[Acting]:
    """Actings that stand at the hour, are to come, or ended in the last month."""
    since = asked.at - 30 * DAY
    return rows.filter(area_id__startswith=asked.area).filter(Q(until__isnull=True) | Q(until__gt=since))


def _standing(rows: QuerySet[Charge], asked: Asked) -> QuerySet[Charge]:
    day = asked.at.astimezone(CITY_TZ).date()
    return rows.filter(area_id__startswith=asked.area).filter(Q(until__isnull=True) | Q(until__gte=day))


def _targets(charges: Iterable[Charge]) -> tuple[tuple[Charge, str], ...]:
    """Charges with what they are of, by name."""
    charges = list(charges)
    names = dict(Area.objects.values_list("id", "name"))
    wanted = {row.enterprise_id for row in charges} - {""}
    plants = dict(Unit.objects.filter(enterprise_id__in=wanted).values_list("enterprise_id", "name"))
    return tuple(
        (row, plants.get(row.enterprise_id) or row.project or names.get(row.area_id, row.area_id))
        for row in charges
    )


def _answering(
    areas: Sequence[Area], offices: Offices, book: _Book, moment: datetime
) -> tuple[Answering, ...]:
    found = []
    for area in areas:
        office, bureau = (
            offices.of_area(UnitKind.COUNTY_OFFICE, area.id),
            offices.of_area(UnitKind.COUNTY_BUREAU, area.id),
        )
        leaders = offices.leaders(area.id, moment)
        dispatchers = offices.held(Duty.DISPATCHER, office.id, moment) if office else ()
        checkers = offices.held(Duty.CHECKER, bureau.id, moment) if bureau else ()
        links = offices.sponsors("", area.id, moment)
        chains = [held.chain for held in (*leaders, *dispatchers, *checkers)]
        book.load({*links, *(one for links_of in chains for one in links_of)})
        found.append(
            Answering(
                area,
                book.all(leaders),
                book.all(dispatchers),
                book.all(checkers),
                tuple(book.who(one) for one in links),
            )
        )
    return tuple(found)


def _found(
    mine: QuerySet[Unit], book: _Book, asked: Asked, who: Viewer, wide: bool
) -> tuple[tuple[Somebody, str], ...]:
    """People of the log-in's units by name, unit or post; without a word those of the offices."""
    people = Person.objects.filter(unit__in=mine, active=True).select_related("unit")
    if asked.q:
        people = people.filter(Q(name__icontains=asked.q) | Q(unit__name__icontains=asked.q))
    elif not who.manager:
        people = people.exclude(unit__kind=UnitKind.PLANT)
        if wide:
            people = people.filter(unit__kind__in=(UnitKind.CITY_OFFICE, UnitKind.CITY_DEPARTMENT))
    rows = list(people.order_by("unit__area_id", "unit_id", "id")[: SHOWN if asked.q else 2 * SHOWN])
    book.load(row.pk for row in rows)
    day = local_day(to_ms(asked.at))
    titles: dict[str, list[str]] = defaultdict(list)
    for post in Post.objects.filter(person_id__in=[row.pk for row in rows]).order_by("pk"):
        if post.to_domain().holds_on(day):
            titles[post.person_id].append(post.title)
    return tuple((book.who(row.pk), "、".join(titles[row.pk])) for row in rows)


def _staff(user: User, units: Sequence[Unit]) -> tuple[Person, ...]:
    """People who can be named in the forms."""
    own = [unit for unit in units if may_staff(user, unit)]
    return tuple(
        Person.objects.filter(unit__in=own, active=True).select_related("unit").order_by("unit_id", "id")
    )
