"""What the page of people shows: what is missing, who has the watch at an hour, the week's rota, who answers for what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from lantian.dispatch.responsibility import MissingRole, RoleName
from lantian.inventory import AreaKind, Duty, UnitKind
from lantian.periods import CITY_TZ, at, local_day, to_ms
from lantian_web.accounts.models import Acting, Charge, Person, Post, Shift, Unit, User
from lantian_web.accounts.queries import unmanned_plants
from lantian_web.accounts.rights import (
    CASE_ROLES,
    grants_of,
    may_staff,
    visible,
    visible_areas,
    visible_units,
)
from lantian_web.desk.people_book import Book, Somebody
from lantian_web.desk.rota import OnWatch, Rota, rotas_of, watches_of, week_of
from lantian_web.desk.viewer import Viewer
from lantian_web.inventory.models import Area
from lantian_web.tasks.responsibility import Offices

__all__ = ["Asked", "PeoplePage", "people_page"]

SHOWN = 40
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: the hour, a county, a word."""

    at: datetime
    area: str = ""
    q: str = ""


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


def people_page(user: User, who: Viewer, asked: Asked) -> PeoplePage:
    """The page as this log-in sees it at the hour."""
    mine = visible_units(user).filter(area_id__startswith=asked.area)
    areas = tuple(
        area
        for area in visible_areas(user, Area.objects.filter(kind__in=_COUNTIES)).order_by("id")
        if area.id.startswith(asked.area)
    )
    offices, book = Offices(asked.at, plants=False), Book(user, asked.at)
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
    week = week_of(asked.at)
    standing = rows.filter(
        replaced_at__isnull=True, since__lt=at(week[-1], 0) + DAY, until__gt=at(week[0], 0)
    )
    return PeoplePage(
        asked.at,
        week,
        (*missing, *((MissingRole(RoleName.PERSON, key), name) for key, name in plants.items()))[:SHOWN],
        len(plants),
        watches_of(kept, offices, book, asked.at),
        () if who.manager else rotas_of(user, kept, list(standing), week),
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
    areas: Sequence[Area], offices: Offices, book: Book, moment: datetime
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
    mine: QuerySet[Unit], book: Book, asked: Asked, who: Viewer, wide: bool
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
