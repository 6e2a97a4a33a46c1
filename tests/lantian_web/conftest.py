"""The small city in the registry, and its log-ins: each test says what it does there as a story."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.lantian_web import cast

from lantian.records import Role
from lantian_web.accounts import commands as accounts
from lantian_web.accounts.models import User
from lantian_web.inventory.commands import import_city
from lantian_web.orders.models import Decision


@pytest.fixture
def town(db: None) -> cast.City:
    """The city is loaded, nothing has happened."""
    made = cast.city()
    import_city(made, cast.learnt(made), "某环预〔{year}〕{serial}号")
    return made


@pytest.fixture
def ordered(town: cast.City) -> Decision:
    """The orange warning is signed, every listed plant has its order."""
    return cast.start()


@pytest.fixture
def login(town: cast.City) -> Callable[..., User]:
    """Make a log-in of a person with a role over a scope; a stranger has none."""

    def make(name: str, person: str | None = None, role: Role | None = None, scope: str = "") -> User:
        user, _ = accounts.add_user(name, cast.SIGNED, "system", person)
        if role is not None:
            kind, _, place = scope.partition(":")
            accounts.give(user, role, kind, place, cast.SIGNED, "system")
        return User.objects.get(pk=user.pk)

    return make
