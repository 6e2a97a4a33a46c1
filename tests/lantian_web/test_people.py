"""The page of people: each reads the own county's, nobody reads a telephone without need, and the past can be asked."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from tests.lantian.observe.filling import FIRST, filled
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.inventory import ChargeKind, Duty
from lantian.periods import at
from lantian.records import Role
from lantian_web.accounts import answering
from lantian_web.accounts.models import Acting, Charge, PeopleImport, Person, Post, Shift, Unit, User
from lantian_web.accounts.rights import may_staff, phones, visible_units
from lantian_web.accounts.roster import people_form

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = cast.SIGNED
TODAY = date(2026, 12, 7)
Login = Callable[..., User]


@pytest.fixture
def staffed(town: cast.City) -> cast.City:
    """Everybody has a telephone of their own; the northern office keeps a rota, its leader is away."""
    for number, person in enumerate(Person.objects.order_by("id"), start=1):
        Person.objects.filter(pk=person.pk).update(phone=f"138{number:08d}")
    watches = [
        answering.NewShift("u-n-office", Duty.DISPATCHER, cast.DISPATCHER, at(TODAY, 0), at(TODAY, 12)),
        answering.NewShift(
            "u-n-office", Duty.DISPATCHER, cast.LEADER, at(TODAY, 18), at(TODAY, 18) + timedelta(hours=6)
        ),
    ]
    answering.enter_shifts(watches, cast.DISPATCHER, at(TODAY, 0) - timedelta(days=1))
    answering.act_for(cast.LEADER, cast.DISPATCHER, at(TODAY, 8), None, "出差", cast.ANALYST, at(TODAY, 7))
    answering.charge(cast.MAYOR, ChargeKind.COUNTY_LINK, cast.ANALYST, NOW, area_id="9001")
    clock(NOW)
    return town


@pytest.fixture
def enter(login: Login) -> Callable[..., Client]:
    def make(person: str, role: Role, scope: str) -> Client:
        client = Client()
        client.force_login(login(f"l-{person}", person, role, scope), backend=BACKEND)
        return client

    return make


def text(client: Client, **asked: str) -> str:
    response = client.get(reverse("people"), asked)
    assert response.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def phone_of(person: str) -> str:
    return Person.objects.get(pk=person).phone


def test_an_analyst_reads_who_has_the_watch_and_for_whom(
    staffed: cast.City, enter: Callable[..., Client]
) -> None:
    said = text(enter(cast.ANALYST, Role.ANALYST, "area:90"))
    assert f"名{cast.DISPATCHER}" in said
    assert f"代 名{cast.LEADER}" in said
    assert phone_of(cast.DISPATCHER) in said
    assert phone_of("leader-s") in said
    assert "12-07 12:00" not in said


def test_what_is_missing_stands_first_and_by_name(staffed: cast.City, enter: Callable[..., Client]) -> None:
    client = enter(cast.ANALYST, Role.ANALYST, "area:90")
    assert "不缺责任" in text(client)
    Post.objects.filter(person_id="leader-s").delete()
    Post.objects.filter(person_id="manager-far").delete()
    said = text(client)
    assert "缺责任领导：南县" in said
    assert "缺责任人：far厂" in said
    assert said.index("缺责任领导") < said.index("当前值班")


def test_a_past_hour_is_told_as_it_is_known_now_and_as_it_was_known_then(
    staffed: cast.City, enter: Callable[..., Client]
) -> None:
    client = enter(cast.ANALYST, Role.ANALYST, "area:90")
    first = Shift.objects.order_by("since").first()
    assert first is not None
    answering.hand_over(first.pk, cast.CHECKER, "替班", cast.DISPATCHER, NOW)
    said = text(client, at="2026-12-07 03:00")
    assert f"名{cast.CHECKER}" in said
    assert f"当时值班表上是：名{cast.DISPATCHER}" in said
    assert "无人值班" in text(client, at="2026-12-07 13:00")


def test_a_county_reads_its_own_and_no_other(staffed: cast.City, enter: Callable[..., Client]) -> None:
    said = text(enter("dispatcher-s", Role.DISPATCHER, "area:9002"))
    assert "s县专班" in said
    for other in ("n县", cast.LEADER, cast.DISPATCHER, phone_of(cast.LEADER), cast.OBEYS, "北县"):
        assert other not in said
    assert "名mayor" not in said


def test_a_plant_reads_its_own_countys_dispatcher_and_no_other_telephone(
    staffed: cast.City, enter: Callable[..., Client]
) -> None:
    said = text(enter("manager-obeys", Role.PLANT_MANAGER, "enterprise:obeys"))
    assert phone_of(cast.DISPATCHER) in said
    others = Person.objects.exclude(pk=cast.DISPATCHER).values_list("phone", flat=True)
    assert [phone for phone in others if phone in said] == []
    assert "cheats厂" not in said
    assert "南县" not in said
    assert "缺" not in said


@pytest.mark.parametrize(
    ("person", "role", "scope", "reads"),
    [
        (cast.ANALYST, Role.ANALYST, "area:90", {"all"}),
        (cast.DISPATCHER, Role.DISPATCHER, "area:9001", {"9001", "90"}),
        ("manager-obeys", Role.PLANT_MANAGER, "enterprise:obeys", {"dispatcher"}),
        ("manager-obeys", Role.PLANT_MANAGER, "unit:u-obeys", {"dispatcher"}),
        (cast.VICE, Role.SYSTEM_MANAGER, "area:90", set()),
    ],
)
def test_a_telephone_is_read_by_who_needs_it(
    staffed: cast.City, login: Login, person: str, role: Role, scope: str, reads: set[str]
) -> None:
    user = login("x", person, role, scope)
    people = list(Person.objects.select_related("unit"))
    given = phones(user, people, NOW)
    for one in people:
        mine = bool({"all", one.unit.area_id} & reads) or (
            "dispatcher" in reads and one.pk == cast.DISPATCHER
        )
        assert (given.get(one.pk) == one.phone) == mine
        if not mine and one.pk in given:
            assert given[one.pk] == f"138****{one.phone[-4:]}"
    if role is Role.PLANT_MANAGER:
        assert set(given) == {cast.DISPATCHER}


def test_units_are_seen_and_staffed_within_the_grant(staffed: cast.City, login: Login) -> None:
    user = login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    assert set(visible_units(user).values_list("area_id", flat=True)) == {"9001"}
    units = {unit.pk: may_staff(user, unit) for unit in Unit.objects.all()}
    assert [pk for pk, may in units.items() if may] == ["u-n-office"]
    plant = login("m", "manager-obeys", Role.PLANT_MANAGER, "enterprise:obeys")
    assert list(visible_units(plant).values_list("pk", flat=True)) == ["u-obeys"]
    assert not any(may_staff(plant, unit) for unit in Unit.objects.all())
    analyst = login("a", cast.ANALYST, Role.ANALYST, "area:9002")
    assert {u.area_id for u in Unit.objects.all() if may_staff(analyst, u)} == {"9002"}


ACTING = {"action": "acting", "person": cast.DISPATCHER, "stand_in": cast.LEADER, "since": "2026-12-10 08:00"}
SHIFT = {
    "action": "shift",
    "unit": "u-n-office",
    "duty": "dispatcher",
    "person": cast.DISPATCHER,
    "since": "2026-12-08 18:00",
    "until": "2026-12-08 24:00",
}


def test_a_dispatcher_enters_watches_and_stand_ins_of_the_own_unit(
    staffed: cast.City, enter: Callable[..., Client]
) -> None:
    client = enter(cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    Acting.objects.all().delete()
    assert client.post(reverse("people_act"), SHIFT).status_code == 302
    entered = Shift.objects.latest("pk")
    assert (entered.until, entered.entered_by, entered.area_id) == (
        at(date(2026, 12, 9), 0),
        cast.DISPATCHER,
        "9001",
    )
    assert client.post(reverse("people_act"), ACTING).status_code == 302
    acting = Acting.objects.get()
    assert client.post(reverse("people_act"), {"action": "end_acting", "id": acting.pk}).status_code == 302
    other = Shift.objects.get(person_id=cast.LEADER)
    change = {"action": "change", "id": entered.pk, "other": other.pk, "note": "换班"}
    assert client.post(reverse("people_act"), change).status_code == 302
    assert Shift.objects.filter(replaced_at__isnull=True, note="换班").count() == 2
    again = client.post(reverse("people_act"), SHIFT)
    assert again.status_code == 422
    assert "该时段已有人值班" in again.content.decode()
    wrong = client.post(reverse("people_act"), SHIFT | {"until": "2026-12-08 25:00"})
    assert "没有这个时刻" in wrong.content.decode()


@pytest.mark.parametrize(
    ("person", "role", "scope"),
    [
        ("dispatcher-s", Role.DISPATCHER, "area:9002"),
        (cast.CHECKER, Role.DISPATCHER, "area:9001"),
        ("manager-obeys", Role.PLANT_MANAGER, "enterprise:obeys"),
        (cast.LEADER, None, ""),
        (cast.VICE, Role.SYSTEM_MANAGER, "area:90"),
    ],
)
def test_nobody_else_enters_anything_there(
    staffed: cast.City, enter: Callable[..., Client], person: str, role: Role, scope: str
) -> None:
    client = enter(person, role, scope)
    shift, acting, charge = Shift.objects.all()[0], Acting.objects.get(), Charge.objects.get()
    tries = [
        SHIFT,
        ACTING | {"person": cast.DISPATCHER},
        {"action": "end_acting", "id": acting.pk},
        {"action": "change", "id": shift.pk},
        {"action": "charge", "person": cast.MAYOR, "kind": "county_link", "area": "9001"},
        {"action": "end_charge", "id": charge.pk},
        {"action": "nothing"},
    ]
    before = (Shift.objects.count(), Acting.objects.count(), Charge.objects.count())
    assert [client.post(reverse("people_act"), one).status_code for one in tries] == [404] * len(tries)
    for name in ("people_template", "people_returned"):
        assert client.get(reverse(name)).status_code == 404
    for name in ("people_import", "people_commit"):
        assert client.post(reverse(name)).status_code == 404
    assert (Shift.objects.count(), Acting.objects.count(), Charge.objects.count()) == before
    acting.refresh_from_db()
    assert acting.until is None


def test_an_analyst_charges_and_ends_charges(staffed: cast.City, enter: Callable[..., Client]) -> None:
    client = enter(cast.ANALYST, Role.ANALYST, "area:90")
    new = {"action": "charge", "person": cast.VICE, "kind": "plant_sponsor", "plant": cast.OBEYS}
    assert client.post(reverse("people_act"), new).status_code == 302
    row = Charge.objects.get(person_id=cast.VICE)
    assert (row.enterprise_id, row.area_id) == (cast.OBEYS, "9001")
    assert "obeys厂" in text(client)
    assert client.post(reverse("people_act"), {"action": "end_charge", "id": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.until == TODAY
    assert client.post(reverse("people_act"), new | {"plant": "nowhere"}).status_code == 422


def test_a_list_is_looked_at_taken_in_and_given_back(
    staffed: cast.City, enter: Callable[..., Client], tmp_path: Path, settings: object
) -> None:
    settings.LANTIAN_HOME = tmp_path  # type: ignore[attr-defined]
    client = enter(cast.ANALYST, Role.ANALYST, "area:90")
    rows = {
        "people": [
            {"id": "P-1", "name": "赵某", "unit_id": "u-city", "phone": "13800000001"},
            {"id": "P-2", "name": "钱某", "unit_id": "nowhere"},
        ]
    }
    upload = SimpleUploadedFile("名册.xlsx", filled(people_form(), rows))
    seen = client.post(reverse("people_import"), {"file": upload})
    assert seen.status_code == 200
    assert "单位不存在" in seen.content.decode()
    assert not Person.objects.filter(pk="P-1").exists()
    token = seen.context["token"]
    back = client.get(reverse("people_returned"), {"token": token})
    page = load_workbook(io.BytesIO(back.content))["人员"]
    assert "单位不存在" in page.cell(FIRST + 1, 7).value
    assert client.post(reverse("people_commit"), {"token": token}).status_code == 422
    taken = client.post(reverse("people_commit"), {"token": token, "partial": "1"})
    row = PeopleImport.objects.get()
    assert taken.headers["Location"] == reverse("people_receipt", args=[row.pk])
    assert Person.objects.filter(pk="P-1").exists()
    assert client.get(taken.headers["Location"]).status_code == 200
    kept = client.get(reverse("people_receipt_file", args=[row.pk]))
    assert load_workbook(io.BytesIO(kept.content))["人员"].cell(FIRST + 1, 7).value
    bad = client.post(reverse("people_import"), {"file": SimpleUploadedFile("a.xlsx", b"\xd0\xcf\x11\xe0")})
    assert bad.status_code == 422
    assert "xls" in bad.content.decode()
    assert client.post(reverse("people_import")).status_code == 422
    assert client.post(reverse("people_commit"), {"token": "x"}).status_code == 404


def test_the_form_with_who_is_known_changes_nothing_when_it_comes_back(
    staffed: cast.City, enter: Callable[..., Client], tmp_path: Path, settings: object
) -> None:
    settings.LANTIAN_HOME = tmp_path  # type: ignore[attr-defined]
    Post.objects.filter(person_id=cast.MAYOR).update(title="市长（签发）")
    client = enter(cast.ANALYST, Role.ANALYST, "area:90")
    data = client.get(reverse("people_template"), {"known": "1"}).content
    seen = client.post(reverse("people_import"), {"file": SimpleUploadedFile("known.xlsx", data)})
    totals = seen.context["totals"]
    assert (totals["add"], totals["change"], totals["refuse"]) == (0, 0, 0)
    assert totals["skip"] == Unit.objects.count() + Person.objects.count() + Post.objects.count()


def test_the_page_asks_a_fixed_number_of_questions(staffed: cast.City, enter: Callable[..., Client]) -> None:
    client = enter(cast.ANALYST, Role.ANALYST, "area:90")
    with CaptureQueriesContext(connection) as few:
        text(client)
    more = [
        answering.NewShift(
            "u-s-office", Duty.DISPATCHER, "dispatcher-s", at(TODAY, hour), at(TODAY, hour + 1)
        )
        for hour in range(20)
    ]
    answering.enter_shifts(more, cast.ANALYST, NOW)
    with CaptureQueriesContext(connection) as many:
        text(client)
    assert len(many) <= len(few) + 2


# Odd input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["9999-12-31 24:00", "0001-01-01 00:00", "²", "2026-12-31 25:00"])
def test_an_hour_that_is_none_is_told_of(
    staffed: cast.City, enter: Callable[..., Client], typed: str
) -> None:
    office = enter(cast.ANALYST, Role.ANALYST, "area:90")
    assert office.get(reverse("people"), {"at": typed}).status_code == 200
    data = {"action": "acting", "person": cast.CHECKER, "stand_in": cast.SECOND_CHECKER, "since": typed}
    assert office.post(reverse("people_act"), data).status_code == 422


def test_a_day_has_no_hour(staffed: cast.City, enter: Callable[..., Client]) -> None:
    office = enter(cast.ANALYST, Role.ANALYST, "area:90")
    charge = {"action": "charge", "person": cast.CHECKER, "kind": "leader_area", "area": "9001"}
    answer = office.post(reverse("people_act"), charge | {"to": "2026-12-31 24:00"})
    assert answer.status_code == 422
    assert not Charge.objects.filter(person_id=cast.CHECKER).exists()


def _changed(data: bytes, name: str, text: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out, zipfile.ZipFile(io.BytesIO(data)) as book:
        for member in book.namelist():
            out.writestr(member, text if name in member else book.read(member))
    return made.getvalue()


def test_a_broken_list_is_refused_and_a_double_click_takes_one_in_once(
    staffed: cast.City, enter: Callable[..., Client], settings: Any, tmp_path: Path
) -> None:
    settings.LANTIAN_HOME = tmp_path
    office = enter(cast.ANALYST, Role.ANALYST, "area:90")
    form = office.get(reverse("people_template"), {"known": "1"}).content
    broken = SimpleUploadedFile("a.xlsx", _changed(form, "sheet1", b"<worksheet><not"))
    assert office.post(reverse("people_import"), {"file": broken}).status_code == 422
    shown = office.post(reverse("people_import"), {"file": SimpleUploadedFile("a.xlsx", form)})
    token = re.search(r'name="token" value="([^"]+)"', shown.content.decode())
    assert token is not None
    told = {"token": html.unescape(token[1]), "partial": "1"}
    first, second = (office.post(reverse("people_commit"), told) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert PeopleImport.objects.count() == 1
