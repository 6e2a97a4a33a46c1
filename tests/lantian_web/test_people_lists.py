"""A list of units and people taken in: shown first, its good rows on request, the rest given back with reasons."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.lantian.observe.filling import FIRST, filled
from tests.lantian_web import cast

from lantian.errors import DataError
from lantian.inventory import Duty
from lantian.periods import at
from lantian_web.accounts import answering, form_words, queries, taking
from lantian_web.accounts.models import Acting, Charge, PeopleImport, Person, Post, Shift, Unit
from lantian_web.accounts.roster import people_form
from lantian_web.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOW = cast.SIGNED
AREAS = ("90", "9001", "9002")
PLANTS = dict.fromkeys(cast.STATES, "9001") | {cast.FAR: "9002"}
Rows = dict[str, list[dict[str, Any]]]
GOOD: Rows = {
    "units": [
        {"id": "U-T", "kind": "乡镇", "name": "某镇", "area_id": "900101"},
        {"id": "U-D", "kind": "市直部门", "name": "某局", "area_id": "90"},
        {"id": "u-n-office", "kind": "县（区）专班", "name": "北县专班办", "area_id": "9001"},
        {"id": "u-city", "kind": "市级专班", "name": "某市大气办", "area_id": "90"},
    ],
    "people": [
        {"id": "P-1", "name": "赵某", "unit_id": "U-T", "phone": 13800000001},
        {"id": "P-2", "name": "钱某", "unit_id": "U-D", "phone": "13800000002", "active": "是"},
    ],
    "posts": [
        {"unit_id": "U-T", "duty": "调度员", "title": "网格员", "person_id": "P-1"},
        {
            "unit_id": "u-n-office",
            "duty": "责任领导",
            "title": "分管副县长",
            "person_id": cast.LEADER,
            "valid_to": "2026-12-31",
        },
    ],
    "charges": [
        {"person_id": "P-2", "kind": "包区联县", "area_id": "9001", "since": "2026-11-01", "paper": "某文"},
        {"person_id": cast.VICE, "kind": "企业包联", "enterprise_id": cast.OBEYS},
        {"person_id": cast.VICE, "kind": "项目包联", "project": "某项目"},
    ],
    "acting": [
        {
            "person_id": cast.LEADER,
            "stand_in_id": "P-1",
            "since": "2026-12-07 08:00",
            "until": "2026-12-09 24:00",
        }
    ],
    "rota": [
        {
            "unit_id": "u-n-office",
            "duty": "调度员",
            "person_id": cast.DISPATCHER,
            "since": "2026-12-07 00:00",
            "until": "2026-12-07 24:00",
        },
        {
            "unit_id": "u-n-office",
            "duty": "调度员",
            "person_id": "P-1",
            "since": "2026-12-08 00:00",
            "until": "2026-12-08 24:00",
        },
    ],
}


def look(rows: Rows, name: str = "名册.xlsx") -> taking.Looked:
    return taking.look(filled(people_form(), rows), name, AREAS, PLANTS)


def refused(rows: Rows) -> list[tuple[str, int, str, str]]:
    return [(m.sheet, m.row - FIRST, m.field, m.code) for m in look(rows).plan.marks if m.refused]


def test_nothing_is_written_by_looking(town: cast.City) -> None:
    before = [model.objects.count() for model in (Unit, Person, Post, Event)]
    looked = look(GOOD)
    assert [model.objects.count() for model in (Unit, Person, Post, Event)] == before
    assert looked.plan.counts() == {
        "units": {"add": 2, "change": 1, "skip": 1, "refuse": 0},
        "people": {"add": 2, "change": 0, "skip": 0, "refuse": 0},
        "posts": {"add": 1, "change": 1, "skip": 0, "refuse": 0},
        "charges": {"add": 3, "change": 0, "skip": 0, "refuse": 0},
        "acting": {"add": 1, "change": 0, "skip": 0, "refuse": 0},
        "rota": {"add": 2, "change": 0, "skip": 0, "refuse": 0},
    }


def test_what_is_taken_in_stands_and_a_second_time_nothing_is_left_to_do(town: cast.City) -> None:
    receipt = taking.take_in(look(GOOD), cast.ANALYST, NOW)
    assert receipt.counts["units"]["add"] == 2
    assert queries.on_duty("u-n-office", Duty.DISPATCHER, at(date(2026, 12, 7), 23))[0].person_id == (
        cast.DISPATCHER
    )
    assert queries.on_duty("u-n-office", Duty.DISPATCHER, at(date(2026, 12, 8), 0))[0].person_id == "P-1"
    assert queries.stand_in(cast.LEADER, NOW) == "P-1"
    assert queries.sponsors_of(cast.OBEYS, NOW) == [cast.VICE]
    assert queries.phone_of("P-1") == "13800000001"
    assert Post.objects.get(person_id=cast.LEADER).valid_to == date(2026, 12, 31)
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"people.imported", "unit.changed", "post.changed", "acting.entered", "shift.entered"} <= kinds
    again = look(GOOD)
    assert {act: again.plan.total(act) for act in ("add", "change", "refuse")} == {
        "add": 0,
        "change": 0,
        "refuse": 0,
    }
    taking.take_in(again, cast.ANALYST, NOW + timedelta(minutes=1))
    assert (Shift.objects.count(), Acting.objects.count(), Charge.objects.count()) == (2, 1, 3)
    assert PeopleImport.objects.count() == 2


def test_a_rota_that_changed_replaces_its_watch_and_an_acting_can_end_earlier(town: cast.City) -> None:
    taking.take_in(look(GOOD), cast.ANALYST, NOW)
    changed = {
        "rota": [GOOD["rota"][0] | {"person_id": "P-1"}],
        "acting": [GOOD["acting"][0] | {"until": "2026-12-08 12:00"}],
        "people": [GOOD["people"][1] | {"active": "否"}],
    }
    looked = look(changed)
    assert looked.plan.total("change") == 3
    taking.take_in(looked, cast.ANALYST, NOW + timedelta(hours=1))
    assert Shift.objects.count() == 3
    assert Shift.objects.get(replaces__isnull=False).person_id == "P-1"
    assert Acting.objects.get().until == at(date(2026, 12, 8), 12)
    assert not Person.objects.get(id="P-2").active


UNIT, PERSON = GOOD["units"][0], GOOD["people"][1] | {"unit_id": "u-city"}
POST = GOOD["posts"][1]
SHIFT, ACT = GOOD["rota"][0], GOOD["acting"][0] | {"stand_in_id": cast.DISPATCHER}
FAULTY: list[tuple[str, list[dict[str, Any]], tuple[int, str, str]]] = [
    ("units", [UNIT, UNIT], (1, "id", "twice")),
    ("units", [UNIT | {"area_id": "7777"}], (0, "area_id", "unknown_area")),
    ("units", [UNIT | {"kind": "市直部门"}], (0, "area_id", "unknown_area")),
    ("units", [UNIT | {"kind": "企业", "area_id": "9001"}], (0, "enterprise_id", "plant_missing")),
    ("units", [UNIT | {"enterprise_id": cast.OBEYS}], (0, "enterprise_id", "plant_unwanted")),
    (
        "units",
        [UNIT | {"kind": "企业", "area_id": "9001", "enterprise_id": "nowhere"}],
        (0, "enterprise_id", "unknown_plant"),
    ),
    (
        "units",
        [UNIT | {"kind": "企业", "area_id": "9001", "enterprise_id": cast.FAR}],
        (0, "area_id", "other_area"),
    ),
    (
        "units",
        [UNIT | {"kind": "企业", "area_id": "9001", "enterprise_id": cast.OBEYS}],
        (0, "enterprise_id", "plant_twice"),
    ),
    ("people", [PERSON, PERSON], (1, "id", "twice")),
    ("people", [PERSON | {"unit_id": "nowhere"}], (0, "unit_id", "unknown_unit")),
    ("posts", [POST | {"person_id": "nobody"}], (0, "person_id", "unknown_person")),
    ("posts", [POST | {"duty": "值班员"}], (0, "duty", "no_choice")),
    ("posts", [POST | {"area_id": "7"}], (0, "area_id", "unknown_area")),
    ("posts", [POST | {"valid_from": "2027-01-01"}], (0, "valid_to", "ends_before")),
    ("charges", [GOOD["charges"][1] | {"enterprise_id": "x"}], (0, "enterprise_id", "unknown_plant")),
    ("charges", [GOOD["charges"][2] | {"project": ""}], (0, "project", "empty")),
    ("charges", [{"person_id": cast.VICE, "kind": "包区联县"}], (0, "area_id", "empty")),
    ("acting", [ACT | {"stand_in_id": cast.LEADER}], (0, "stand_in_id", "own_stand_in")),
    ("acting", [ACT | {"until": "2026-12-07 08:00"}], (0, "until", "ends_before")),
    ("acting", [ACT, ACT | {"stand_in_id": cast.VICE}], (1, "person_id", "acting_twice")),
    (
        "acting",
        [ACT, ACT | {"person_id": cast.DISPATCHER, "stand_in_id": cast.LEADER}],
        (1, "stand_in_id", "circle"),
    ),
    ("rota", [SHIFT | {"unit_id": "x"}], (0, "unit_id", "unknown_unit")),
    ("rota", [SHIFT | {"until": "2026-12-06 24:00"}], (0, "until", "ends_before")),
    (
        "rota",
        [SHIFT, SHIFT | {"person_id": cast.VICE, "since": "2026-12-07 23:00", "until": "2026-12-08 08:00"}],
        (1, "since", "overlap"),
    ),
    ("rota", [SHIFT, SHIFT], (1, "since", "overlap")),
]


@pytest.mark.parametrize(("sheet", "rows", "fault"), FAULTY)
def test_what_does_not_fit_the_registry_is_refused_at_its_cell(
    town: cast.City, sheet: str, rows: list[dict[str, Any]], fault: tuple[int, str, str]
) -> None:
    line, field, code = fault
    assert refused({sheet: rows}) == [(sheet, line, field, code)]


def test_what_a_refused_row_brings_is_unknown_below_it(town: cast.City) -> None:
    rows = {"units": [UNIT | {"area_id": "7"}], "people": [GOOD["people"][0]], "posts": [GOOD["posts"][0]]}
    assert refused(rows) == [
        ("units", 0, "area_id", "unknown_area"),
        ("people", 0, "unit_id", "unknown_unit"),
        ("posts", 0, "unit_id", "unknown_unit"),
    ]


def test_good_rows_go_in_on_request_alone_and_the_rest_comes_back(town: cast.City) -> None:
    rows = {"people": [PERSON, PERSON | {"id": "P-9", "phone": "1.38E+10"}]}
    looked = look(rows)
    with pytest.raises(DataError, match="good ones alone"):
        taking.take_in(looked, cast.ANALYST, NOW)
    assert not Person.objects.filter(id="P-2").exists()
    receipt = taking.take_in(looked, cast.ANALYST, NOW, partial=True)
    assert receipt.counts["people"] == {"add": 1, "change": 0, "skip": 0, "refuse": 1}
    assert Person.objects.filter(id="P-2").exists()
    book = load_workbook(io.BytesIO(taking.file_back(looked)))
    page = book["人员"]
    reason = next(cell.column for cell in page[3] if cell.value == "原因")
    assert page.cell(FIRST + 1, reason).value.startswith("电话：")
    assert page.cell(FIRST, reason).value is None
    assert page.cell(FIRST + 1, 5).fill.fgColor.rgb == "00FFC7CE"
    summary = {row[0].value: [cell.value for cell in row[1:5]] for row in book["导入结果"]}
    assert summary["人员"] == [1, 0, 0, 1]


def test_a_registry_that_changed_meanwhile_takes_nothing_in(town: cast.City) -> None:
    looked = look({"units": [UNIT], "rota": [SHIFT]})
    new = answering.NewShift(
        "u-n-office", Duty.DISPATCHER, cast.CHECKER, at(date(2026, 12, 7), 5), at(date(2026, 12, 7), 6)
    )
    answering.enter_shifts([new], cast.DISPATCHER, NOW)
    with pytest.raises(DataError, match="already"):
        taking.take_in(looked, cast.ANALYST, NOW)
    assert not Unit.objects.filter(id="U-T").exists()
    assert not PeopleImport.objects.exists()


def test_every_fault_has_its_words() -> None:
    import inspect
    import re

    from lantian.observe.forms import cells
    from lantian.observe.forms import filled as reading
    from lantian_web.accounts import roster

    used = set(
        re.findall(r'_Wrong\("(?:\w*", ")?(\w+)"', inspect.getsource(cells) + inspect.getsource(roster))
    )
    used |= set(re.findall(r'notes\.append\("(\w+)"', inspect.getsource(cells)))
    used |= set(re.findall(r'Mark\([^"\n]*(?:"", )?"([a-z_0-9]{4,})"', inspect.getsource(reading)))
    assert len(used) > 40
    assert used - set(form_words.FAULTS) == set()
