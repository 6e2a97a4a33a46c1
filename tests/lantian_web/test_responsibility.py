"""Who answers for what in the small city: posts, watches, stand-ins, charges; and who is told what is missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.lantian_web import cast

from lantian.dispatch.responsibility import MissingRole, RoleName, Why
from lantian.errors import DataError, TransitionError
from lantian.inventory import ChargeKind, Duty, UnitKind
from lantian.periods import at
from lantian.records import TaskKind
from lantian_web.accounts import answering, queries
from lantian_web.accounts.models import Person, Post, Shift, Unit
from lantian_web.events.models import Event
from lantian_web.tasks.parties import Actors
from lantian_web.tasks.responsibility import Offices, Roles

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOW = cast.SIGNED
DAY = date(2026, 12, 7)
H = timedelta(hours=1)


def away(person: str, stand_in: str, since: datetime = NOW - H, until: datetime | None = None) -> int:
    return answering.act_for(person, stand_in, since, until, "出差", cast.ANALYST, NOW).pk


def watch(unit: str, duty: Duty, person: str, first: int, last: int, entered: datetime = NOW) -> list[object]:
    since, until = at(DAY, 0) + first * H, at(DAY, 0) + last * H
    new = [answering.NewShift(unit, duty, person, since, until)]
    return [answer.why for answer in answering.enter_shifts(new, cast.DISPATCHER, entered)]


def four(roles: Roles) -> tuple[str, str, str, str]:
    return roles.lead, roles.unit, roles.leader, roles.person


def test_without_a_rota_and_with_nobody_away_nothing_changes(town: cast.City) -> None:
    for offices in (Offices(), Offices(NOW)):
        first = offices.roles(TaskKind.CHECK, cast.CHEATS, "9001")
        second = offices.roles(TaskKind.CHECK, cast.OBEYS, "9001")
        assert four(first) == ("u-city", "u-n-bureau", cast.LEADER, cast.CHECKER)
        assert second.person == cast.SECOND_CHECKER
        carried = offices.roles(TaskKind.CARRY_OUT, cast.FAR, "9002")
        assert four(carried) == ("u-city", "u-far", "leader-s", "manager-far")
        assert carried.sponsors == ()


def test_an_emergency_goes_to_who_has_the_watch_and_what_is_routine_to_the_post(town: cast.City) -> None:
    assert watch("u-n-office", Duty.DISPATCHER, cast.CHECKER, 0, 24) == [None]
    emergency = Offices().roles_for("area", "9001", True, NOW)
    assert four(emergency) == ("u-city", "u-n-office", cast.LEADER, cast.CHECKER)
    assert emergency.person_held is not None
    assert emergency.person_held.why is Why.ROTA
    assert Offices().roles_for("area", "9001", False, NOW).person == cast.DISPATCHER
    assert Offices().roles_for("area", "9001", True, NOW + 24 * H).person == cast.DISPATCHER


def test_who_is_away_is_stood_in_for_and_the_chain_is_told(town: cast.City) -> None:
    pk = away(cast.LEADER, cast.DISPATCHER)
    roles = Offices(NOW).roles(TaskKind.CARRY_OUT, cast.OBEYS, "9001")
    assert roles.leader == cast.DISPATCHER
    assert roles.leader_held is not None
    assert roles.leader_held.chain == (cast.LEADER, cast.DISPATCHER)
    answering.end_acting(pk, NOW, cast.ANALYST, NOW)
    assert Offices(NOW).roles(TaskKind.CARRY_OUT, cast.OBEYS, "9001").leader == cast.LEADER
    with pytest.raises(TransitionError):
        answering.end_acting(pk, NOW, cast.ANALYST, NOW)


def test_every_target_has_its_roles(town: cast.City) -> None:
    offices = Offices(NOW)
    assert four(offices.roles_for("enterprise", cast.FAR)) == ("u-city", "u-far", "leader-s", "manager-far")
    assert four(offices.roles_for("area", "9001")) == ("u-city", "u-n-office", cast.LEADER, cast.DISPATCHER)
    bureau = offices.roles_for("unit", "u-n-bureau")
    assert four(bureau) == ("u-city", "u-n-bureau", cast.LEADER, cast.CHECKER)
    plant = offices.roles_for("unit", "u-obeys")
    assert (plant.area_id, plant.enterprise_id, plant.person) == ("9001", cast.OBEYS, "manager-obeys")
    person = offices.roles_for("person", cast.SECOND_CHECKER)
    assert four(person) == ("u-city", "u-n-bureau", cast.LEADER, cast.SECOND_CHECKER)
    away(cast.SECOND_CHECKER, cast.CHECKER)
    assert Offices(NOW).roles_for("person", cast.SECOND_CHECKER).person == cast.CHECKER


def test_a_township_is_its_own_offices_else_its_countys(town: cast.City) -> None:
    assert Offices(NOW).roles_for("area", "900101").unit == "u-n-office"
    Unit.objects.create(id="u-town", kind=UnitKind.TOWNSHIP_OFFICE, name="某镇", area_id="900101")
    with pytest.raises(MissingRole) as missing:
        Offices(NOW).roles_for("area", "900101")
    assert (missing.value.role, missing.value.place) == (RoleName.PERSON, "u-town")
    Person.objects.create(id="town", name="名", unit_id="u-town")
    Post.objects.create(
        unit_id="u-town", duty=Duty.DISPATCHER, title="网格员", person_id="town", area_id="900101"
    )
    assert four(Offices(NOW).roles_for("area", "900101")) == ("u-city", "u-town", cast.LEADER, "town")
    answering.charge(cast.VICE, ChargeKind.LEADER_AREA, cast.ANALYST, NOW, area_id="900101")
    assert Offices(NOW).roles_for("area", "900101").leader == cast.VICE
    assert Offices(NOW).roles_for("area", "9001").leader == cast.LEADER


@pytest.mark.parametrize(
    ("kind", "target", "duty", "role", "place"),
    [
        ("enterprise", cast.OBEYS, Duty.LEADER, RoleName.LEADER, "9001"),
        ("enterprise", cast.OBEYS, Duty.MANAGER, RoleName.PERSON, "u-obeys"),
        ("enterprise", "nowhere", None, RoleName.UNIT, "nowhere"),
        ("area", "9009", None, RoleName.UNIT, "9009"),
        ("area", "90", None, RoleName.LEADER, "90"),
        ("unit", "nowhere", None, RoleName.UNIT, "nowhere"),
        ("person", "nobody", None, RoleName.PERSON, "nobody"),
    ],
)
def test_what_is_missing_is_named(
    town: cast.City, kind: str, target: str, duty: Duty | None, role: RoleName, place: str
) -> None:
    if duty:
        Post.objects.filter(duty=duty, area_id="9001").delete()
    with pytest.raises(MissingRole) as missing:
        Offices(NOW).roles_for(kind, target)
    assert (missing.value.code, missing.value.role, missing.value.place) == ("missing_role", role, place)


def test_a_post_that_has_ended_is_missing_and_so_is_who_has_left(town: cast.City) -> None:
    Post.objects.filter(person_id=cast.LEADER).update(valid_to=DAY - timedelta(days=1))
    with pytest.raises(MissingRole, match="responsible leader for 9001"):
        Offices(NOW).roles_for("enterprise", cast.OBEYS)
    Person.objects.filter(id="leader-s").update(active=False)
    with pytest.raises(MissingRole, match="responsible leader for 9002"):
        Offices(NOW).roles_for("enterprise", cast.FAR)


def test_sponsors_of_the_plant_and_those_linked_with_its_county_are_told(town: cast.City) -> None:
    answering.charge(cast.MAYOR, ChargeKind.COUNTY_LINK, cast.ANALYST, NOW, area_id="9001")
    answering.charge(cast.VICE, ChargeKind.PLANT_SPONSOR, cast.ANALYST, NOW, enterprise_id=cast.OBEYS)
    ended = answering.charge(
        cast.CHECKER, ChargeKind.PLANT_SPONSOR, cast.ANALYST, NOW, enterprise_id=cast.OBEYS
    )
    answering.end_charge(ended.pk, DAY - timedelta(days=1), cast.ANALYST, NOW)
    offices = Offices(NOW)
    assert offices.roles_for("enterprise", cast.OBEYS).sponsors == (cast.VICE, cast.MAYOR)
    assert offices.roles_for("enterprise", cast.CHEATS).sponsors == (cast.MAYOR,)
    assert offices.roles_for("enterprise", cast.FAR).sponsors == ()
    assert queries.sponsors_of(cast.OBEYS, NOW) == [cast.VICE]
    assert [one.kind for one in queries.charges_of(cast.MAYOR, NOW)] == [ChargeKind.COUNTY_LINK]
    away(cast.VICE, cast.ANALYST)
    assert queries.sponsors_of(cast.OBEYS, NOW) == [cast.ANALYST]
    assert Offices(NOW).roles_for("enterprise", cast.OBEYS).sponsors == (cast.ANALYST, cast.MAYOR)


def test_stand_ins_never_run_in_a_circle(town: cast.City) -> None:
    away(cast.LEADER, cast.DISPATCHER)
    away(cast.DISPATCHER, cast.CHECKER, until=NOW + 5 * H)
    assert queries.stand_in(cast.LEADER, NOW) == cast.CHECKER
    assert queries.stand_in(cast.LEADER, NOW + 5 * H) == cast.DISPATCHER
    with pytest.raises(DataError, match="circle"):
        away(cast.CHECKER, cast.LEADER)
    with pytest.raises(DataError, match="already"):
        away(cast.LEADER, cast.CHECKER, NOW + H, NOW + 2 * H)
    with pytest.raises(DataError, match="circle"):
        away(cast.VICE, cast.VICE)
    with pytest.raises(DataError, match="not after"):
        away(cast.VICE, cast.MAYOR, NOW, NOW)
    away(cast.CHECKER, cast.LEADER, NOW + 5 * H)  # by then the dispatcher is back


def test_a_swap_keeps_both_names_and_a_past_hour_is_told_both_ways(town: cast.City) -> None:
    office, duty = "u-n-office", Duty.DISPATCHER
    watch(office, duty, cast.DISPATCHER, 0, 12, at(DAY, 0) - 24 * H)
    watch(office, duty, cast.CHECKER, 12, 24, at(DAY, 0) - 24 * H)
    early, late = Shift.objects.order_by("since")
    swapped = at(DAY, 20)
    answering.swap_shifts(early.pk, late.pk, "换班", cast.DISPATCHER, swapped)
    three = at(DAY, 3)

    def on(moment: datetime, known: datetime | None = None) -> list[str]:
        return [held.person_id for held in queries.on_duty(office, duty, moment, known_at=known)]

    assert on(three) == on(three, swapped) == [cast.CHECKER]
    assert on(three, three) == [cast.DISPATCHER]
    assert on(at(DAY, 13)) == [cast.DISPATCHER]
    assert on(at(DAY, 24 - 1) + H) == []
    assert Shift.objects.count() == 4
    early.refresh_from_db()
    assert (early.person_id, early.replaced_at, early.replaced_by) == (
        cast.DISPATCHER,
        swapped,
        cast.DISPATCHER,
    )
    assert Shift.objects.get(replaces=early).person_id == cast.CHECKER
    with pytest.raises(TransitionError):
        answering.hand_over(early.pk, cast.LEADER, "", cast.ANALYST, swapped)
    kinds = list(
        Event.objects.filter(kind__startswith="shift.").order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["shift.entered"] * 2 + ["shift.replaced"] * 2 + ["shift.entered"] * 2


def test_an_hour_of_a_rota_has_one_person_and_the_other_is_named(town: cast.City) -> None:
    assert watch("u-n-office", Duty.DISPATCHER, cast.DISPATCHER, 0, 12) == [None]
    [why] = watch("u-n-office", Duty.DISPATCHER, cast.CHECKER, 11, 24)
    assert isinstance(why, DataError)
    assert why.source == "名dispatcher-n 12-07 00:00–12-07 12:00"
    assert watch("u-n-office", Duty.LEADER, cast.LEADER, 11, 24) == [None]
    shift = Shift.objects.get(duty=Duty.DISPATCHER)
    answering.hand_over(shift.pk, cast.CHECKER, "替班", cast.DISPATCHER, NOW)
    answering.cancel_shift(Shift.objects.get(person_id=cast.CHECKER).pk, cast.DISPATCHER, NOW)
    assert queries.on_duty("9001", Duty.DISPATCHER, at(DAY, 3)) == ()
    assert watch("u-n-office", Duty.DISPATCHER, cast.CHECKER, 0, 24) == [None]


def test_a_watch_until_midnight_is_said_as_24_00() -> None:
    assert answering.span(at(DAY, 18), at(DAY + timedelta(days=1), 0)) == "12-07 18:00–12-07 24:00"


def test_who_stands_in_for_the_dispatcher_may_act_on_the_countys_tasks(ordered: object) -> None:
    from lantian.errors import RightsError
    from lantian_web.tasks.models import Task

    task = Task.objects.get(enterprise_id=cast.OBEYS)
    with pytest.raises(RightsError):
        Actors([cast.CHECKER], NOW).check(cast.CHECKER, task)
    away(cast.DISPATCHER, cast.CHECKER)
    Actors([cast.CHECKER], NOW).check(cast.CHECKER, task)
    with pytest.raises(RightsError):
        Actors(["dispatcher-s"], NOW).check("dispatcher-s", task)


def test_a_batch_reads_the_city_once(town: cast.City) -> None:
    away(cast.LEADER, cast.DISPATCHER)
    answering.charge(cast.MAYOR, ChargeKind.COUNTY_LINK, cast.ANALYST, NOW, area_id="9001")
    with CaptureQueriesContext(
        connection,
    ) as read:
        offices = Offices(NOW)
        for _ in range(40):
            for plant in cast.STATES:
                offices.roles_for("enterprise", plant, True)
            offices.roles_for("area", "9001", True)
            offices.roles_for("person", cast.CHECKER, True)
    assert len(read) <= 8
