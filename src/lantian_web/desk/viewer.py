"""Who looks: the roles of a log-in, read once per request."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from lantian.records import Role
from lantian_web.accounts.models import Grant, User

__all__ = ["Viewer", "user_of", "viewer"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Roles and scopes of a log-in. What rows they open is decided by `accounts.rights` alone."""

    person_id: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    plants: tuple[str, ...] = ()

    @property
    def analyst(self) -> bool:
        return Role.ANALYST in self.roles

    @property
    def dispatcher(self) -> bool:
        return Role.DISPATCHER in self.roles

    @property
    def leader(self) -> bool:
        """Reads and signs, and does nothing else."""
        return Role.LEADER in self.roles and not (self.analyst or self.dispatcher)

    @property
    def staff(self) -> bool:
        """Has something to supervise; a plant has not."""
        return self.analyst or self.dispatcher or self.leader

    @property
    def manager(self) -> bool:
        """Speaks only for a plant."""
        return Role.PLANT_MANAGER in self.roles and not self.staff

    @property
    def role(self) -> str:
        for role in (Role.ANALYST, Role.DISPATCHER, Role.LEADER, Role.PLANT_MANAGER):
            if role in self.roles:
                return role
        return next(iter(sorted(self.roles)), "")


def user_of(request: HttpRequest) -> User:
    """The log-in; pages are behind the login middleware, so it is never anonymous."""
    if not isinstance(request.user, User):
        raise TypeError("no log-in on this request")
    return request.user


def viewer(request: HttpRequest) -> Viewer:
    """The viewer of this request (one query, then kept on the request)."""
    kept = getattr(request, "_lantian_viewer", None)
    if isinstance(kept, Viewer):
        return kept
    made = _read(getattr(request, "user", AnonymousUser()))
    request._lantian_viewer = made  # type: ignore[attr-defined]
    return made


def _read(user: object) -> Viewer:
    if not isinstance(user, User):
        return Viewer()
    grants = list(Grant.objects.filter(user=user).order_by("id"))
    person = user.person
    return Viewer(
        person_id=user.person_id or "",
        name=person.name if person else user.username,
        roles=frozenset(grant.role for grant in grants),
        areas=tuple(grant.scope_id for grant in grants if grant.scope_kind == "area"),
        units=tuple(grant.scope_id for grant in grants if grant.scope_kind == "unit"),
        plants=tuple(grant.scope_id for grant in grants if grant.scope_kind == "enterprise"),
    )
