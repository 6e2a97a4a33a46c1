"""The day sheet: counts that add up, counts that are their lists, names only where a person confirmed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from lantian.inventory import AreaKind
from lantian.periods import at
from lantian.records import (
    Action,
    Assessment,
    Basis,
    DecisionKind,
    FindingKind,
    FindingState,
    Footnote,
    Level,
    Light,
    Outcome,
    Subject,
    SubjectKind,
    TaskKind,
    TaskState,
)
from lantian.report import (
    DayInputs,
    DecisionFacts,
    Figure,
    FindingFacts,
    Message,
    OrderFacts,
    Place,
    Reading,
    Replay,
    Sheet,
    Table,
    TaskFacts,
    WarningFacts,
    canonical,
    content_sha256,
    day_sheet,
    ids_behind,
    plant_lights,
    shown,
    worst,
)

DAY = date(2026, 12, 10)
NOW = at(DAY, 24)
AREAS = (
    Place("90", "city", AreaKind.CITY),
    Place("9001", "north", AreaKind.COUNTY),
    Place("9002", "south", AreaKind.COUNTY),
)
OUTCOMES = ("complied", "not_complied", "cannot_tell", "pending", "not_judged")


def inputs(**changes: object) -> DayInputs:
    bare = DayInputs(
        on=DAY,
        as_of=NOW,
        place=AREAS[0],
        areas=AREAS[1:],
        readings=(),
        warning=None,
        orders=(),
        findings=(),
        tasks=(),
    )
    return replace(bare, **changes)  # type: ignore[arg-type]


def order(id: str, outcome: str = "complied", area: str = "9001", **changes: object) -> OrderFacts:
    made = OrderFacts(id, f"plant-{id}", area, Level.ORANGE, Action.STOP, True, "list", outcome, 96, 0)
    return replace(made, **changes)  # type: ignore[arg-type]


def finding(id: str, state: FindingState = FindingState.CONFIRMED, **changes: object) -> FindingFacts:
    made = FindingFacts(
        id=id,
        kind=FindingKind.NOT_STOPPED,
        state=state,
        on=DAY,
        order_id="o",
        enterprise_id=f"plant-{id}",
        enterprise=f"name of {id}",
        area_id="9001",
        subject="line",
        first_at=at(DAY, 2),
        last_at=at(DAY, 3),
        measured=Decimal("80.0"),
        threshold=Decimal("20.0"),
        unit="kW",
        slots_missing=0,
        rule="P2",
        version="1",
        decided_at=None if state is FindingState.PROPOSED else at(DAY, 9),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def task(
    id: str, state: TaskState = TaskState.CLAIMED, due: datetime | None = None, **changes: object
) -> TaskFacts:
    made = TaskFacts(
        id,
        f"no-{id}",
        TaskKind.CHECK,
        state,
        "9001",
        f"plant-{id}",
        f"name of {id}",
        "bureau",
        "l",
        "leader",
        "p",
        "person",
        at(DAY, 8),
        due,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def reading(indicator: str, value: str | None, start: date = DAY, **changes: object) -> Reading:
    of = Assessment(
        Subject(SubjectKind.AREA, "90"),
        indicator,
        start,
        DAY,
        None if value is None else Decimal(value),
        "ug/m3",
        "2026",
        1,
        0,
    )
    return Reading(f"id-{indicator}", "city", replace(of, **changes))  # type: ignore[arg-type]


def table(sheet: Sheet, id: str) -> Table:
    return next(found for section in sheet.sections for found in section.tables if found.id == id)


def walk(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, tuple):
        for item in value:
            yield from walk(item)
    elif is_dataclass(value):
        for item in fields(value):
            yield from walk(getattr(value, item.name))


def ids(sheet: Sheet) -> set[str]:
    return {found.id for found in walk(sheet) if isinstance(found, Message)}


class TestCounts:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(OUTCOMES),
                st.sampled_from(["9001", "9002"]),
                st.sampled_from(Action),
                st.booleans(),
            )
        )
    )
    def test_answers_of_orders_add_up_in_every_row(self, rows: list[tuple[str, str, Action, bool]]) -> None:
        orders = tuple(
            order(str(n), outcome, area, action=action, in_force=force)
            for n, (outcome, area, action, force) in enumerate(rows)
        )
        sheet = day_sheet(inputs(orders=orders))
        for found, first in ((table(sheet, "orders"), 3), (table(sheet, "areas"), 1)):
            for row in found.rows:
                values = [figure.value for figure in row]
                total = values[first] if found.id == "areas" else values[2]
                start = 2 if found.id == "areas" else 4
                assert total == sum(values[start : start + 5])  # type: ignore[arg-type]
        if orders:
            assert table(sheet, "orders").rows[-1][2].value == len(orders)

    @given(
        st.lists(st.tuples(st.sampled_from(FindingState), st.booleans())),
        st.lists(st.sampled_from(TaskState)),
    )
    def test_a_count_is_the_length_of_the_list_behind_it(
        self, found: list[tuple[FindingState, bool]], states: list[TaskState]
    ) -> None:
        made = inputs(
            findings=tuple(
                finding(str(n), state, on=DAY if today else DAY - timedelta(days=1))
                for n, (state, today) in enumerate(found)
            ),
            tasks=tuple(task(str(n), state, at(DAY, n % 24)) for n, state in enumerate(states)),
        )
        counted = [f for f in walk(day_sheet(made)) if isinstance(f, Figure) and f.link and f.link.where]
        assert counted
        for figure in counted:
            assert figure.value == len(ids_behind(made, figure.link))  # type: ignore[arg-type]

    def test_states_of_the_findings_of_the_day_add_up(self) -> None:
        made = inputs(findings=tuple(finding(str(n), state) for n, state in enumerate(FindingState)))
        values = [figure.value for figure in table(day_sheet(made), "findings").rows[-1][2:]]
        assert values == [4, 1, 1, 1, 1]

    def test_overdue_counts_from_the_due_minute_and_rests_with_the_checker(self) -> None:
        made = inputs(
            tasks=(
                task("due", TaskState.ISSUED, NOW),
                task("late", TaskState.RETURNED, NOW - timedelta(hours=1), person_id="p2", person="other"),
                task("early", TaskState.CLAIMED, NOW + timedelta(minutes=1)),
                task("checking", TaskState.ANSWERED, NOW - timedelta(hours=1)),
            )
        )
        rows = table(day_sheet(made), "overdue").rows
        assert [[f.value for f in row[1:]] for row in rows] == [
            ["other", "bureau", 0, 1, 1],
            ["person", "bureau", 1, 0, 1],
        ]

    def test_midnight_belongs_to_the_day_it_ends(self) -> None:
        closed = replace(task("t", TaskState.CLOSED), closed_at=at(DAY, 0))
        line = day_sheet(inputs(tasks=(closed,))).sections[-1].lines[0]
        assert dict(line.params)["total"].value == 1  # type: ignore[union-attr]


class TestNames:
    def test_only_confirmed_findings_are_named(self) -> None:
        made = inputs(findings=tuple(finding(state.value, state) for state in FindingState))
        text = canonical(day_sheet(made)).decode()
        assert "name of confirmed" in text
        for state in (FindingState.PROPOSED, FindingState.DISMISSED, FindingState.WITHDRAWN):
            assert f"name of {state}" not in text

    def test_an_older_finding_confirmed_on_the_day_is_named(self) -> None:
        old = finding("old", on=DAY - timedelta(days=1), decided_at=at(DAY, 1))
        older = finding("older", on=DAY - timedelta(days=2), decided_at=at(DAY - timedelta(days=1), 1))
        text = canonical(day_sheet(inputs(findings=(old, older)))).decode()
        assert "name of old" in text
        assert "name of older" not in text


class TestBelowTheCity:
    def test_only_the_confirmed_are_counted_and_no_conclusion_is_never_listed(self) -> None:
        made = inputs(
            place=AREAS[1],
            areas=AREAS[1:2],
            orders=(order("a"), order("b", "not_complied"), order("c", "not_judged")),
            findings=(finding("f"),),
        )
        sheet = day_sheet(made)
        said = ids(sheet)
        assert {"orders.head_below", "findings.head_below", "findings.earlier_below"} <= said
        assert not said & {"outcome.pending", "outcome.not_judged", "column.waiting", "column.dismissed"}
        assert [figure.value for figure in table(sheet, "orders").rows[-1][2:]] == [3, 3, 1, 1, 0, 1]
        links = [f.link for f in walk(sheet) if isinstance(f, Figure) and f.link]
        hidden = {"pending", "not_judged", "proposed", "dismissed", "withdrawn"}
        assert not any(
            value in hidden for link in links if link.kind in ("order", "finding") for _, value in link.where
        )


class TestConclusion:
    def test_a_rules_word_waits_for_a_person(self) -> None:
        assert shown(Outcome.NOT_COMPLIED, [(FindingState.PROPOSED, "")]) == "pending"
        assert shown(Outcome.NOT_COMPLIED, []) == "pending"
        assert (
            shown(Outcome.NOT_COMPLIED, [(FindingState.CONFIRMED, ""), (FindingState.DISMISSED, "")])
            == "not_complied"
        )
        assert shown(Outcome.NOT_COMPLIED, [(FindingState.DISMISSED, "maintenance")]) == "complied"
        assert shown(Outcome.NOT_COMPLIED, [(FindingState.DISMISSED, "cannot_tell: meter")]) == "cannot_tell"
        assert shown(Outcome.CANNOT_TELL, []) == "cannot_tell"

    def test_weak_evidence_proves_nothing(self) -> None:
        assert shown(Outcome.NOT_COMPLIED, [(FindingState.DISMISSED, "weak_evidence")]) == "cannot_tell"

    def test_worst_of_several(self) -> None:
        assert worst(["complied", "cannot_tell", "pending"]) == "pending"
        assert worst([]) is None

    def test_missing_data_is_never_red(self) -> None:
        lights = plant_lights(inputs(orders=(order("o", "cannot_tell"),)))
        assert lights == {"plant-o": Light.BLIND}

    def test_a_closed_breach_waits_for_nobody(self) -> None:
        made = inputs(orders=(order("x", "not_complied"),), tasks=(task("x", TaskState.CLOSED),))
        assert plant_lights(made) == {"plant-x": Light.GREEN}

    def test_a_plant_takes_its_worst(self) -> None:
        made = inputs(orders=(order("x", "cannot_tell"),), tasks=(task("x", TaskState.RETURNED),))
        assert plant_lights(made) == {"plant-x": Light.RED}


class TestAir:
    def test_no_target_in_force_is_an_answer(self) -> None:
        season = reading("pm25_season", "64.1", date(2026, 10, 1), base=Decimal("49.8"))
        sheet = day_sheet(inputs(readings=(season,)))
        assert {"season.mean", "season.rose", "season.no_target"} <= ids(sheet)
        rose = next(m for m in walk(sheet) if isinstance(m, Message) and m.id == "season.rose")
        assert dict(rose.params)["change"].value == Decimal("28.7")  # type: ignore[union-attr]

    def test_the_season_is_drawn_from_the_days_that_stand_in_the_sheet(self) -> None:
        first = date(2026, 10, 1)
        season = reading("pm25_season", "40", first, base=Decimal("50"), target=Decimal("48.5"))
        days = tuple((first + timedelta(days=n), Decimal(40)) for n in range((DAY - first).days + 1))
        sheet = day_sheet(inputs(readings=(season,), season_days=days))
        (picture,) = next(section for section in sheet.sections if section.id == "season").pictures
        assert (picture.start_on, picture.end_on, picture.on) == (first, date(2027, 3, 31), DAY)
        assert picture.days == days
        left = 182 - len(days)
        allowed = (Decimal("48.5") * 182 - 40 * len(days)) / left
        assert abs(allowed - picture.allowed) <= Decimal("0.05")
        assert content_sha256(sheet) != content_sha256(day_sheet(inputs(readings=(season,))))

    def test_without_a_day_of_the_season_there_is_no_picture(self) -> None:
        season = reading("pm25_season", None, date(2026, 10, 1))
        made = day_sheet(inputs(readings=(season,), season_days=((date(2025, 11, 1), Decimal(9)),)))
        assert all(not section.pictures for section in made.sections)

    def test_a_value_that_cannot_be_told_is_no_number(self) -> None:
        sheet = day_sheet(inputs(readings=(reading("aqi_day", None), reading("pm25_day", None))))
        assert "air.no_aqi" in ids(sheet)
        assert table(sheet, "items").rows[0][1].value is None

    def test_a_doubtful_row_is_owned_up_to(self) -> None:
        weak = Footnote("rounding_rules", "x", "memory", "unverified")
        sheet = day_sheet(inputs(readings=(reading("pm25_day", "10.0000", footnotes=(weak,)),)))
        assert [note.doubtful for note in sheet.notes if "rounding_rules" in str(note.text)] == [True]

    def test_every_mark_is_on_the_paper(self) -> None:
        made = inputs(drill=True, rehearsal=True, replay=Replay("x", DAY, DAY), counterfactual=("2017",))
        assert [mark.id for mark in day_sheet(made).marks] == [
            "mark.drill",
            "mark.replay",
            "mark.rehearsal_rest",
            "mark.counterfactual",
        ]


class TestFrozen:
    def test_same_inputs_same_hash_and_every_change_shows(self) -> None:
        made = inputs(
            orders=(order("a"), order("b", "pending")), findings=(finding("f"),), tasks=(task("t"),)
        )
        assert content_sha256(day_sheet(made)) == content_sha256(day_sheet(made))
        other = replace(made, orders=(order("a"), order("b", "complied")))
        assert content_sha256(day_sheet(made)) != content_sha256(day_sheet(other))

    def test_the_zone_of_an_instant_is_no_content(self) -> None:
        made = inputs()
        assert canonical(day_sheet(made)) == canonical(day_sheet(replace(made, as_of=NOW.astimezone(UTC))))

    def test_content_is_canonical_json_without_wording(self) -> None:
        made = inputs(readings=(reading("aqi_day", "176.0000", primary=("pm25", "pm10")),))
        frozen = json.loads(canonical(day_sheet(made)))
        assert frozen["area_id"] == "90"
        assert json.dumps(
            frozen, sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode() == canonical(day_sheet(made))


class TestWarning:
    def episode(self, *decisions: DecisionFacts) -> WarningFacts:
        return WarningFacts("w", at(DAY, 0), True, decisions)

    def decision(self, level: Level, start: datetime) -> DecisionFacts:
        return DecisionFacts(
            level.value,
            "no",
            DecisionKind.START,
            level,
            Basis.RULE,
            "",
            ((DAY, 210),),
            "2024",
            "signer",
            at(DAY, 0),
            start,
        )

    def test_none_in_force_is_an_answer(self) -> None:
        assert "warning.none" in ids(day_sheet(inputs()))

    def test_what_begins_when_the_day_ends_is_still_to_come(self) -> None:
        red, lifted = self.decision(Level.RED, at(DAY, 6)), self.decision(Level.NONE, at(DAY, 24))
        later = inputs(as_of=NOW + timedelta(days=3), warning=self.episode(red, lifted))
        found = ids(day_sheet(later))
        assert {"warning.level", "level.red", "warning.lift_to_come"} <= found
        assert "warning.lifted" not in found

    def test_a_lift_within_the_day_is_said(self) -> None:
        made = inputs(
            warning=self.episode(self.decision(Level.RED, at(DAY, 6)), self.decision(Level.NONE, at(DAY, 18)))
        )
        assert "warning.lifted" in ids(day_sheet(made))
