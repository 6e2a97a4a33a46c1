"""Units, people and posts as loaded; log-ins and grants as given."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password

from lantian import inventory
from lantian.errors import RightsError
from lantian.records import Role
from lantian_web.accounts.models import Grant, Person, Post, Unit, User
from lantian_web.accounts.rights import MANAGERS
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import locked

__all__ = ["add_user", "give", "register", "reset_password", "take_back"]


SCOPES = ("area", "unit", "enterprise")


@command
def register(
    units: Sequence[inventory.Unit], people: Sequence[inventory.Person], posts: Sequence[inventory.Post]
) -> None:
    """Put units and people by id; add the posts that are not there yet. Who has left stays so."""
    Unit.objects.bulk_create(
        [Unit(u.id, u.kind, u.name, u.area_id, u.enterprise_id or "") for u in units],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["kind", "name", "area_id", "enterprise_id"],
    )
    Person.objects.bulk_create(
        [Person(id=p.id, name=p.name, unit_id=p.unit_id, phone=p.phone, active=p.active) for p in people],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["name", "unit", "phone"],
    )
    known = set(Post.objects.values_list("unit_id", "duty", "title", "person_id", "area_id", "valid_from"))
    Post.objects.bulk_create(
        Post(
            unit_id=p.unit_id,
            duty=p.duty,
            title=p.title,
            person_id=p.person_id,
            area_id=p.area_id,
            valid_from=p.valid_from,
            valid_to=p.valid_to,
        )
        for p in posts
        if (p.unit_id, p.duty.value, p.title, p.person_id, p.area_id, p.valid_from) not in known
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


@command
def take_back(grant: Grant, now: datetime, by: str) -> None:
    """Take a grant back."""
    scope = [grant.scope_kind, grant.scope_id]
    emit([_user_event("grant.taken_back", grant.user, now, by, role=grant.role, scope=scope)])
    grant.delete()
