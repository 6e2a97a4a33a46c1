"""Row rights: the one place that says which rows a log-in may see and act on.

A grant gives a role over an area with everything below it, over one unit, or over one plant; rights are the
union of grants. A model may name rows that stay in the city office (`OFFICE_ONLY`, seen by analysts alone, and by
the city's leaders where they decide on them: `LED`) and other roles that see it (`SEEN_BY`).

A leader reads and signs: what the office alone decides (orders, findings, settings) asks for the analyst's role.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet, prefetch_related_objects

from lantian.errors import RightsError
from lantian.inventory import Duty, UnitKind
from lantian.periods import local_day, to_ms
from lantian.records import Role
from lantian_web.accounts.models import Grant, Person, Unit, User
from lantian_web.accounts.queries import on_duty, posts_of, stand_in
from lantian_web.scope import Scoped

__all__ = [
    "CASE_ROLES",
    "MANAGERS",
    "actor",
    "acts",
    "grants_of",
    "may",
    "may_staff",
    "phones",
    "reaches",
    "visible",
    "visible_areas",
    "visible_units",
]

CASE_ROLES = frozenset({Role.ANALYST, Role.DISPATCHER, Role.LEADER, Role.PLANT_MANAGER})
"""Roles of the daily work. Managers run the system and see no case by being managers."""

ACTING = CASE_ROLES - {Role.LEADER}
"""Those of them that make steps; leaders read and sign."""

MANAGERS = frozenset({Role.SYSTEM_MANAGER, Role.AUDIT_MANAGER, Role.SECURITY_MANAGER})
"""Built-in managers that exclude each other."""

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=Scoped)


class NoPerson(RightsError, PermissionDenied):
    """A log-in that stands for no person, or only reads, does nothing in anybody's name."""


def grants_of(user: User | AnonymousUser) -> tuple[Grant, ...]:
    """Grants of an active log-in, none of a person who has left; read once per user object."""
    if (
        not isinstance(user, User)
        or not user.is_active
        or (user.person is not None and not user.person.active)
    ):
        return ()
    prefetch_related_objects([user], "grants")
    return tuple(user.grants.all())


def _where(grant: Grant) -> Q:
    if grant.scope_kind == "area":
        return Q(area_id__startswith=grant.scope_id)
    return Q(**{f"{grant.scope_kind}_id": grant.scope_id})


def _any(conditions: Iterable[Q]) -> Q | None:
    whole: Q | None = None
    for condition in conditions:
        whole = condition if whole is None else whole | condition
    return whole


def visible(user: User | AnonymousUser, queryset: QuerySet[S]) -> QuerySet[S]:
    """The rows of a scoped model that this log-in may see. Strangers see nothing."""
    model = queryset.model
    roles: frozenset[Role] = CASE_ROLES | getattr(model, "SEEN_BY", frozenset())
    office_only: Q | None = getattr(model, "OFFICE_ONLY", None)
    grants = [grant for grant in grants_of(user) if grant.role in roles]
    if office_only is None:
        where = _any(_where(grant) for grant in grants)
    else:
        offices = [grant for grant in grants if _of_office(grant, model)]
        inside = [_where(grant) for grant in offices]
        outside = _any(_where(grant) for grant in grants if grant not in offices)
        where = _any([*inside, outside & ~office_only] if outside is not None else inside)
    return queryset.none() if where is None else queryset.filter(where)


def _of_office(grant: Grant, model: type[Model]) -> bool:
    """Whether the grant opens what stays in the city office: an analyst's, a leader's over the city where `LED`."""
    if grant.role != Role.LEADER:
        return grant.role == Role.ANALYST
    led = getattr(model, "LED", False) and grant.scope_kind == "area"
    city = Unit.objects.filter(kind=UnitKind.CITY_OFFICE, area_id__startswith=grant.scope_id)
    return bool(led and city.exists())


def visible_areas(user: User | AnonymousUser, queryset: QuerySet[M]) -> QuerySet[M]:
    """Rows of a model keyed by area id (areas carry no scope columns): granted areas with everything below them,
    those of granted units and plants, and the areas above by name, so that a county finds its city."""
    grants = [grant for grant in grants_of(user) if grant.role in CASE_ROLES]
    units = Unit.objects.filter(
        Q(id__in=[g.scope_id for g in grants if g.scope_kind == "unit"])
        | Q(enterprise_id__in=[g.scope_id for g in grants if g.scope_kind == "enterprise"])
    )
    subtrees = [g.scope_id for g in grants if g.scope_kind == "area"]
    places = [*subtrees, *units.values_list("area_id", flat=True)]
    above = {place[:end] for place in places for end in range(1, len(place) + 1)}
    where = _any([*(Q(id__startswith=area_id) for area_id in subtrees), Q(id__in=above)])
    return queryset.filter(where) if places and where is not None else queryset.none()


def visible_units(user: User | AnonymousUser) -> QuerySet[Unit]:
    """Units (which carry no scope columns) that this log-in may see: below granted areas, granted, or of granted
    plants."""
    columns = {"area": "area_id__startswith", "unit": "id", "enterprise": "enterprise_id"}
    grants = [grant for grant in grants_of(user) if grant.role in CASE_ROLES and grant.scope_id]
    where = _any(Q(**{columns[grant.scope_kind]: grant.scope_id}) for grant in grants)
    return Unit.objects.none() if where is None else Unit.objects.filter(where)


def may_staff(user: User | AnonymousUser, unit: Unit) -> bool:
    """Whether the log-in may enter stand-ins and watches of a unit: an analyst over its area, a dispatcher of it."""
    if any(
        grant.role == Role.ANALYST and grant.scope_kind == "area" and unit.area_id.startswith(grant.scope_id)
        for grant in grants_of(user)
    ):
        return True
    own = isinstance(user, User) and user.person is not None and user.person.unit_id == unit.id
    return own and any(
        grant.role == Role.DISPATCHER and visible_units(user).filter(pk=unit.pk).exists()
        for grant in grants_of(user)
    )


def phones(user: User | AnonymousUser, people: Iterable[Person], at: datetime) -> dict[str, str]:
    """Telephones as this log-in may read them, by person.

    Analysts read those of their area, dispatchers those of theirs and of the city's office; everybody else's is masked
    for them. A plant reads none but those of its own county's dispatchers, the others are left out.
    """
    grants = [grant for grant in grants_of(user) if grant.role in CASE_ROLES]
    office = [g.scope_id for g in grants if g.scope_kind == "area" and g.role != Role.PLANT_MANAGER]
    own = set() if office else _own_dispatchers(grants, at)

    def needs(person: Person) -> bool:
        area, kind = person.unit.area_id, person.unit.kind
        inside = any(area.startswith(scope) for scope in office)
        return inside or person.pk in own or bool(office and kind == UnitKind.CITY_OFFICE)

    known = [person for person in people if office or person.pk in own]
    return {person.pk: person.phone if needs(person) else _masked(person.phone) for person in known}


def _own_dispatchers(grants: Iterable[Grant], at: datetime) -> set[str]:
    """Dispatchers of the areas in which the granted plants lie, and who stands in for them or has the watch."""
    plants = [g.scope_id for g in grants if g.scope_kind == "enterprise"]
    units = [g.scope_id for g in grants if g.scope_kind == "unit"]
    areas = Unit.objects.filter(Q(enterprise_id__in=plants) | Q(pk__in=units)).values_list(
        "area_id", flat=True
    )
    found = set()
    for area in set(areas):
        above = [area[:end] for end in range(1, len(area) + 1)]
        posts = posts_of([Duty.DISPATCHER], local_day(to_ms(at)))
        near = [post for post in posts if post.area_id in above]
        watch = [held for post in near for held in on_duty(post.unit_id, Duty.DISPATCHER, at)]
        found |= {held.person_id for held in watch} | {stand_in(post.person_id, at) for post in near}
        found |= {post.person_id for post in near}
    return found


def _masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****" if phone else ""


def reaches(grant: Grant, row: Scoped) -> bool:
    """Whether the grant's scope holds the row."""
    if grant.scope_kind == "area":
        return bool(row.area_id) and row.area_id.startswith(grant.scope_id)
    return str(getattr(row, f"{grant.scope_kind}_id")) == grant.scope_id


def may(user: User | AnonymousUser, role: Role, row: Scoped | None = None) -> bool:
    """Whether the log-in holds the role over the row (over anything, without a row)."""
    return any(grant.role == role and (row is None or reaches(grant, row)) for grant in grants_of(user))


def acts(user: User | AnonymousUser) -> bool:
    """Whether the log-in makes steps in its person's name: it does not where it only leads or manages the system."""
    return any(grant.role in ACTING for grant in grants_of(user))


def actor(user: User | AnonymousUser, *, leaders: bool = False) -> str:
    """Person id of who acts; of who leads, too, where `leaders` may do it. RightsError (403, where nobody catches it) for
    a log-in that stands for no person, or may not act."""
    if not isinstance(user, User) or user.person_id is None:
        raise NoPerson("this log-in stands for no person")
    if not (acts(user) or (leaders and any(grant.role == Role.LEADER for grant in grants_of(user)))):
        raise NoPerson("this log-in makes no steps")
    return user.person_id
