"""Row rights: the union of grants, and nothing leaves the city office unconfirmed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from tests.lantian_web import cast

from lantian.errors import RightsError
from lantian.records import Outcome, Role
from lantian_web.accounts import commands, rights
from lantian_web.accounts.models import Grant, User
from lantian_web.events.models import Event
from lantian_web.findings import commands as findings
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Area, Enterprise, Station
from lantian_web.orders.models import Order
from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.db]
Login = Callable[..., User]


@pytest.fixture
def found(ordered: object) -> str:
    """One proposed finding against the plant that cheats, its day closed."""
    made = cast.ran_on(cast.CHEATS)
    judged = cast.Judged(
        [made], [cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED), cast.day_of(cast.OBEYS, Outcome.COMPLIED)]
    )
    findings.take(judged, cast.DAY, cast.SIGNED)
    return made.id


def plants(user: object) -> set[str]:
    return set(rights.visible(user, Order.objects.all()).values_list("enterprise_id", flat=True))  # type: ignore[arg-type]


def test_each_sees_the_rows_of_the_own_scope(ordered: object, login: Login) -> None:
    everybody = set(cast.STATES)
    assert plants(login("a", cast.ANALYST, Role.ANALYST, "area:90")) == everybody
    assert plants(login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")) == everybody - {cast.FAR}
    assert plants(login("m", "manager-far", Role.PLANT_MANAGER, "enterprise:far")) == {cast.FAR}
    assert plants(login("u", "manager-obeys", Role.PLANT_MANAGER, "unit:u-obeys")) == {cast.OBEYS}


def test_grants_add_up(ordered: object, login: Login) -> None:
    user = login("both", cast.DISPATCHER, Role.DISPATCHER, "area:9002")
    commands.give(user, Role.PLANT_MANAGER, "enterprise", cast.OBEYS, cast.SIGNED, "system")
    assert plants(User.objects.get(pk=user.pk)) == {cast.FAR, cast.OBEYS}


@pytest.mark.parametrize("who", ["nobody", "stranger", "retired", "root", "system"])
def test_a_stranger_sees_nothing(found: str, login: Login, who: str) -> None:
    if who == "nobody":
        user: User | AnonymousUser = AnonymousUser()
    elif who == "system":
        user = login(who, None, Role.SYSTEM_MANAGER, "area:90")
    else:
        role = Role.ANALYST if who == "retired" else None
        user = login(who, None, role, "area:90")
        user.is_active, user.is_superuser = who != "retired", who == "root"
        user.save()
    for model in (Order, Task, Finding, OrderDay, Event, Enterprise, Station):
        assert not rights.visible(user, model.objects.all()).exists(), model
    assert not rights.visible_areas(user, Area.objects.all()).exists()


def test_an_accusation_stays_in_the_office_until_confirmed(found: str, login: Login) -> None:
    analyst = login("a", cast.ANALYST, Role.ANALYST, "area:90")
    outside = [
        login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001"),
        login("m", "manager-cheats", Role.PLANT_MANAGER, "enterprise:cheats"),
    ]
    told = Event.objects.filter(kind__startswith="finding.")

    def seen(user: User) -> tuple[int, int, int]:
        days = OrderDay.objects.filter(enterprise_id=cast.CHEATS)
        rows = (Finding.objects.all(), days, told)
        return tuple(rights.visible(user, queryset).count() for queryset in rows)  # type: ignore[return-value]

    assert seen(analyst) == (1, 1, 1)
    assert [seen(user) for user in outside] == [(0, 0, 0)] * 2
    findings.confirm([found], cast.ANALYST, cast.SIGNED)
    assert seen(analyst) == (1, 1, 2)
    assert [seen(user) for user in outside] == [(1, 1, 1)] * 2


def test_a_dismissed_accusation_never_leaves(found: str, login: Login) -> None:
    findings.dismiss([found], cast.ANALYST, cast.SIGNED, "检修")
    dispatcher = login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    assert not rights.visible(dispatcher, Finding.objects.all()).exists()


def test_an_auditor_reads_the_log_and_no_case(found: str, login: Login) -> None:
    auditor = login("x", None, Role.AUDIT_MANAGER, "area:90")
    assert rights.visible(auditor, Event.objects.filter(kind="order.issued")).count() == len(cast.STATES)
    assert not rights.visible(auditor, Event.objects.filter(kind="finding.proposed")).exists()
    assert not rights.visible(auditor, Order.objects.all()).exists()


def test_areas_are_seen_with_those_above(town: object, login: Login) -> None:
    def areas(user: User) -> list[str]:
        return list(rights.visible_areas(user, Area.objects.order_by("id")).values_list("id", flat=True))

    assert areas(login("a", None, Role.ANALYST, "area:90")) == ["90", "9001", "9002"]
    assert areas(login("d", None, Role.DISPATCHER, "area:9001")) == ["90", "9001"]
    assert areas(login("m", None, Role.PLANT_MANAGER, "enterprise:far")) == ["90", "9002"]
    assert areas(login("u", None, Role.PLANT_MANAGER, "unit:u-obeys")) == ["90", "9001"]


def test_a_role_reaches_as_far_as_its_scope(ordered: object, login: Login) -> None:
    user = login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    assert rights.may(user, Role.DISPATCHER)
    assert rights.may(user, Role.DISPATCHER, cast.order_of(cast.OBEYS))
    assert not rights.may(user, Role.DISPATCHER, cast.order_of(cast.FAR))
    assert not rights.may(user, Role.ANALYST, cast.order_of(cast.OBEYS))


@pytest.mark.parametrize("second", [Role.AUDIT_MANAGER, Role.SECURITY_MANAGER])
def test_managers_exclude_each_other(town: object, login: Login, second: Role) -> None:
    user = login("s", None, Role.SYSTEM_MANAGER, "area:90")
    with pytest.raises(RightsError, match="exclude"):
        commands.give(user, second, "area", "90", cast.SIGNED, "system")
    assert Grant.objects.count() == 1
    commands.give(user, Role.SYSTEM_MANAGER, "area", "9001", cast.SIGNED, "system")
    commands.take_back(Grant.objects.get(scope_id="9001"), cast.SIGNED, "system")
    assert list(Grant.objects.values_list("scope_id", flat=True)) == ["90"]


def test_a_grant_given_twice_is_one(town: object, login: Login) -> None:
    user = login("a", cast.ANALYST, Role.ANALYST, "area:90")
    commands.give(user, Role.ANALYST, "area", "90", cast.SIGNED, "system")
    assert Event.objects.filter(kind="grant.given").count() == 1


@pytest.mark.parametrize(("kind", "place"), [("city", "90"), ("area", "")])
def test_a_grant_needs_a_scope(town: object, login: Login, kind: str, place: str) -> None:
    with pytest.raises(RightsError, match="scope"):
        commands.give(login("a"), Role.ANALYST, kind, place, cast.SIGNED, "system")


def test_passwords_are_random_and_not_kept(town: object) -> None:
    user, first = commands.add_user("w", cast.SIGNED, "system")
    again = commands.reset_password("w", cast.SIGNED, "system")
    assert first != again
    assert len(again) >= 12
    assert User.objects.get(pk=user.pk).check_password(again)
    assert not any(
        first in str(params) or again in str(params)
        for params in Event.objects.values_list("params", flat=True)
    )
    with pytest.raises(RightsError, match="already"):
        commands.add_user("w", cast.SIGNED, "system")
    with pytest.raises(RightsError, match="no log-in"):
        commands.reset_password("nobody", cast.SIGNED, "system")


def test_a_login_without_person_cannot_act(town: object, login: Login) -> None:
    assert rights.actor(login("a", cast.ANALYST, Role.ANALYST, "area:90")) == cast.ANALYST
    with pytest.raises(RightsError, match="person"):
        rights.actor(login("b"))
    for name, role in (("c", None), ("d", Role.SYSTEM_MANAGER), ("e", Role.LEADER)):
        with pytest.raises(RightsError, match="no steps"):
            rights.actor(login(name, cast.VICE, role, "area:90" if role else ""))
    assert rights.actor(login("f", cast.VICE, Role.LEADER, "area:90"), leaders=True) == cast.VICE
    with pytest.raises(RightsError, match="person"):
        rights.actor(AnonymousUser())
