"""Row rights: the one place that says which rows a log-in may see and act on.

A grant gives a role over an area with everything below it, over one unit, or over one plant; rights are the
union of grants. A model may name rows that stay in the city office (`OFFICE_ONLY`, seen by analysts alone) and
other roles that see it (`SEEN_BY`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet, prefetch_related_objects

from lantian.errors import RightsError
from lantian.records import Role
from lantian_web.accounts.models import Grant, Unit, User
from lantian_web.scope import Scoped

__all__ = ["CASE_ROLES", "MANAGERS", "actor", "grants_of", "may", "reaches", "visible", "visible_areas"]

CASE_ROLES = frozenset({Role.ANALYST, Role.DISPATCHER, Role.PLANT_MANAGER})
"""Roles of the daily work. Managers run the system and see no case by being managers."""

MANAGERS = frozenset({Role.SYSTEM_MANAGER, Role.AUDIT_MANAGER, Role.SECURITY_MANAGER})
"""Built-in managers that exclude each other."""

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=Scoped)


def grants_of(user: User | AnonymousUser) -> tuple[Grant, ...]:
    """Grants of an active log-in; read once per user object."""
    if not isinstance(user, User) or not user.is_active:
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
        inside = [_where(g) for g in grants if g.role == Role.ANALYST]
        outside = _any(_where(g) for g in grants if g.role != Role.ANALYST)
        where = _any([*inside, outside & ~office_only] if outside is not None else inside)
    return queryset.none() if where is None else queryset.filter(where)


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


def reaches(grant: Grant, row: Scoped) -> bool:
    """Whether the grant's scope holds the row."""
    if grant.scope_kind == "area":
        return bool(row.area_id) and row.area_id.startswith(grant.scope_id)
    return str(getattr(row, f"{grant.scope_kind}_id")) == grant.scope_id


def may(user: User | AnonymousUser, role: Role, row: Scoped | None = None) -> bool:
    """Whether the log-in holds the role over the row (over anything, without a row)."""
    return any(grant.role == role and (row is None or reaches(grant, row)) for grant in grants_of(user))


def actor(user: User | AnonymousUser) -> str:
    """Person id of who acts. RightsError for a log-in that stands for no person."""
    if not isinstance(user, User) or user.person_id is None:
        raise RightsError("this log-in stands for no person")
    return user.person_id
