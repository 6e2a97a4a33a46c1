"""Units, people and posts as loaded; log-ins and grants as given."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from django.contrib.auth.password_validation import validate_password

from lantian import inventory
from lantian.errors import RightsError
from lantian.inventory import Duty
from lantian.periods import at
from lantian.records import Role
from lantian_web.accounts.models import Grant, Person, Post, Unit, User
from lantian_web.accounts.rights import MANAGERS
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import locked

__all__ = ["Login", "add_user", "give", "make_demo_logins", "register", "reset_password", "take_back"]


class CityOfPlants(Protocol):
    """What of a rehearsal city its log-ins are made from."""

    @property
    def first_day(self) -> date: ...
    @property
    def enterprises(self) -> Sequence[inventory.Enterprise]: ...
    @property
    def units(self) -> Sequence[inventory.Unit]: ...
    @property
    def posts(self) -> Sequence[inventory.Post]: ...


SCOPES = ("area", "unit", "enterprise")


@command
def register(
    units: Sequence[inventory.Unit], people: Sequence[inventory.Person], posts: Sequence[inventory.Post]
) -> None:
    """Put units and people by id; add the posts that are not there yet."""
    Unit.objects.bulk_create(
        [Unit(u.id, u.kind, u.name, u.area_id, u.enterprise_id or "") for u in units],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["kind", "name", "area_id", "enterprise_id"],
    )
    Person.objects.bulk_create(
        [Person(id=p.id, name=p.name, unit_id=p.unit_id, phone=p.phone) for p in people],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["name", "unit", "phone"],
    )
    known = set(Post.objects.values_list("unit_id", "duty", "title", "person_id", "area_id"))
    Post.objects.bulk_create(
        Post(unit_id=p.unit_id, duty=p.duty, title=p.title, person_id=p.person_id, area_id=p.area_id)
        for p in posts
        if (p.unit_id, p.duty.value, p.title, p.person_id, p.area_id) not in known
    )


def _user_event(kind: str, user: User, now: datetime, by: str, **params: object) -> NewEvent:
    return NewEvent(kind, by, now, "user", str(user.pk), params={"name": user.username} | params)


def _password() -> str:
    return secrets.token_urlsafe(12)


@command
def add_user(name: str, now: datetime, by: str, person_id: str | None = None) -> tuple[User, str]:
    """A new log-in, without any grant, and its random password, which is kept nowhere else.

    RightsError when the name is taken.
    """
    if User.objects.filter(username=name).exists():
        raise RightsError(f"there is already a log-in named {name}")
    password = _password()
    user = User(username=name, person_id=person_id)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    emit([_user_event("user.added", user, now, by, person=person_id or "")])
    return user, password


@command
def reset_password(name: str, now: datetime, by: str) -> str:
    """A new random password for a log-in. RightsError when there is none of that name."""
    user = locked(User.objects.filter(username=name)).first()
    if user is None:
        raise RightsError(f"there is no log-in named {name}")
    password = _password()
    user.set_password(password)
    user.save(update_fields=["password"])
    emit([_user_event("user.password_reset", user, now, by)])
    return password


@command
def give(user: User, role: Role, scope_kind: str, scope_id: str, now: datetime, by: str) -> Grant:
    """Give a role over a scope; giving it twice changes nothing.

    RightsError for a scope of no known kind, and for a manager's role beside another manager's.
    """
    if scope_kind not in SCOPES or not scope_id:
        raise RightsError(f"{scope_kind!r} {scope_id!r} is no scope")
    locked(User.objects.filter(pk=user.pk)).get()
    held = {Role(text) for text in user.grants.values_list("role", flat=True)}
    others = (held & MANAGERS) - {role}
    if role in MANAGERS and others:
        raise RightsError(f"{role.value} and {min(others).value} exclude each other")
    grant, new = Grant.objects.get_or_create(user=user, role=role, scope_kind=scope_kind, scope_id=scope_id)
    if new:
        emit([_user_event("grant.given", user, now, by, role=role.value, scope=[scope_kind, scope_id])])
    return grant


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in just made; the password is shown once and kept nowhere."""

    username: str
    password: str
    role: Role
    person: str


DEMO = ((Role.ANALYST, Duty.ANALYST), (Role.DISPATCHER, Duty.DISPATCHER), (Role.PLANT_MANAGER, Duty.MANAGER))


@command
def make_demo_logins(city: CityOfPlants) -> list[Login]:
    """An analyst of the city, a dispatcher of the county with most plants, the manager of its first plant."""
    plants = Counter(plant.area_id for plant in city.enterprises)
    county = min(plants, key=lambda area: (-plants[area], area))
    first = min(plant.id for plant in city.enterprises if plant.area_id == county)
    enterprise_of = {unit.id: unit.enterprise_id for unit in city.units}
    now, made = at(city.first_day, 0), []
    for role, duty in DEMO:
        post = next(
            post
            for post in city.posts
            if post.duty is duty
            and county.startswith(post.area_id)
            and (duty is not Duty.MANAGER or enterprise_of[post.unit_id] == first)
        )
        user, password = add_user(role.value, now, "system", post.person_id)
        scope = ("enterprise", first) if role is Role.PLANT_MANAGER else ("area", post.area_id)
        give(user, role, *scope, now, "system")
        made.append(Login(user.username, password, role, post.person_id))
    return made


@command
def take_back(grant: Grant, now: datetime, by: str) -> None:
    """Take a grant back."""
    scope = [grant.scope_kind, grant.scope_id]
    emit([_user_event("grant.taken_back", grant.user, now, by, role=grant.role, scope=scope)])
    grant.delete()
