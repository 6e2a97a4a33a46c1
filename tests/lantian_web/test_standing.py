"""A file is told against what stands, whoever brought that: the same, different, or new; row by row."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.lantian_web import cast
from tests.lantian_web.test_imports import (
    FIRST,
    NOW,
    OWN_STATIONS,
    analyst,
    days_csv,
    hours_csv,
    station_hours,
    take,
    upload,
    value,
    worked,
)
from tests.lantian_web.test_imports import home as home  # the fixture

from lantian.periods import at, to_ms
from lantian_store.batch import BATCH_SCHEMA, encode
from lantian_store.journal import Journal, NewEntry
from lantian_store.lake import Lake
from lantian_web.assessments import imports, packing, standing
from lantian_web.assessments.models import Import
from lantian_web.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.db]
__all__ = ["analyst", "home"]
HOURS = hours_csv({key: [50.0] * 24 for key in OWN_STATIONS})


def by_hand(home: Path, name: str, pm25: float, *, hours: int = 24, flag: str = "") -> None:
    """Hours of the station s1 as somebody corrected them: an entry that no import brought."""
    starts = [to_ms(at(FIRST, hour)) for hour in range(hours)]
    columns = [["s1"] * hours, ["pm25"] * hours, starts, [3600] * hours, [pm25] * hours, [flag] * hours]
    types = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in BATCH_SCHEMA]
    table = pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)],
        names=BATCH_SCHEMA.names,
    )
    Journal(home).append_many([NewEntry("air", name, "", to_ms(NOW), encode(table))])


@pytest.mark.parametrize("waits", [False, True], ids=["in the lake", "journalled only"])
def test_a_file_over_a_correction_that_no_import_brought_is_a_new_revision(home: Path, waits: bool) -> None:
    first = take(home, ("h.csv", HOURS))
    worked(home)
    by_hand(home, "hand:1", 80)
    if not waits:
        worked(home)
        assert value("s1", "pm25_day") == 80
    seen = imports.preview("air", [("h.csv", HOURS)], NOW)
    assert seen.receipt is None, "it stands otherwise: it was not taken in as it is"
    assert seen.standing is not None
    assert (seen.standing.same, seen.standing.differing, seen.standing.fresh) == (96, 24, 0)
    assert {(d.point, d.stands, d.comes) for d in seen.standing.shown} == {("s1", 80.0, 50.0)}
    row = take(home, ("h.csv", HOURS))
    assert row.pk != first.pk
    worked(home)
    assert value("s1", "pm25_day") == 50
    kept = Lake(home).read("air", ["s1"], every_version=True).column("value").to_pylist()
    assert sorted(set(kept)) == [50.0, 80.0], "the correction stays below it"
    assert row.report[imports.STANDING]["differing"] == 24
    assert take(home, ("h.csv", HOURS)).pk == row.pk, "now all of it stands"


def test_a_correction_taken_back_by_hand_leaves_nothing_to_take_in(home: Path) -> None:
    first = take(home, ("h.csv", HOURS))
    for name, pm25 in (("hand:1", 80), ("hand:2", 50)):
        by_hand(home, name, pm25)
    chain = Journal(home).verify()
    assert take(home, ("h.csv", HOURS)).pk == first.pk
    assert Journal(home).verify() == chain


def test_a_value_that_was_marked_as_not_to_be_used_stands_otherwise(home: Path) -> None:
    take(home, ("h.csv", HOURS))
    by_hand(home, "hand:1", 50, hours=3, flag="offline")
    worked(home)
    seen = imports.preview("air", [("h.csv", HOURS)], NOW)
    assert seen.standing is not None
    assert [(d.start[11:16], d.stands) for d in seen.standing.shown] == [(f"0{n}:00", None) for n in range(3)]


def test_rows_of_a_new_file_are_told_one_by_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the rows are compared in several pieces."""
    monkeypatch.setattr(standing, "AT_ONCE", 6)
    day = days_csv(("某市", FIRST, 81), ("甲市", FIRST, 40))
    told = imports.preview("air", [("a.csv", day)], NOW).standing
    assert told is not None
    assert (told.same, told.differing, told.fresh) == (0, 0, 12)
    take(home, ("a.csv", day))
    later = days_csv(("某市", FIRST, 82), ("甲市", FIRST, 40), ("乙市", FIRST.replace(month=11), 30))
    told = imports.preview("air", [("b.csv", later)], NOW).standing
    assert told is not None
    assert (told.same, told.differing, told.fresh) == (10, 2, 6)
    assert [(d.point, d.kind, d.stands, d.comes) for d in told.shown] == [
        ("某市", "pm10", 101.0, 102.0),
        ("某市", "pm25", 81.0, 82.0),
    ]


def test_measured_emission_is_compared_too(home: Path) -> None:
    text = f"date,enterprise,so2_kg\n{FIRST},{cast.OBEYS},%d\n"
    first = take(home, ("e.csv", (text % 5).encode()), kind="emission")
    assert take(home, ("e.csv", (text % 5).encode()), kind="emission").pk == first.pk
    told = imports.preview("emission", [("e.csv", (text % 6).encode())], NOW).standing
    assert told is not None
    assert (told.differing, told.shown[0].stands, told.shown[0].comes) == (1, 5.0, 6.0)


def test_an_attempt_without_a_receipt_that_was_corrected_since_counts_anew(home: Path) -> None:
    """Killed between journal and receipt, then corrected: the bytes that are there already are not what stands."""
    seen = imports.preview("air", [("h.csv", HOURS)], NOW)
    Journal(home).append_many(seen.entries)
    by_hand(home, "hand:1", 80)
    worked(home)
    take(home, ("h.csv", HOURS))
    worked(home)
    assert value("s1", "pm25_day") == 50


def attempt(home: Path) -> list[int]:
    """Taken in and killed between journal and receipt."""
    seen = imports.preview("air", [("h.csv", HOURS)], NOW)
    return Journal(home).append_many(imports._unshared(Journal(home), seen))


def test_a_revision_without_a_receipt_gets_one_of_its_own(home: Path) -> None:
    """The revision counts, so its author and time are told, and what becomes of its entries is found by it."""
    first = take(home, ("h.csv", HOURS))
    by_hand(home, "hand:1", 80)
    worked(home)
    places = attempt(home)
    worked(home)
    assert value("s1", "pm25_day") == 50
    chain = Journal(home).verify()
    row = take(home, ("h.csv", HOURS))
    assert row.pk != first.pk
    assert row.report["taken"]["positions"] == places
    assert Journal(home).verify() == chain, "its entries are there already"
    assert Event.objects.filter(kind="import.committed").count() == Import.objects.count() == 2
    assert take(home, ("h.csv", HOURS)).pk == row.pk
    imports.set_aside([e for e in Journal(home).read() if e.position in places], ValueError("bad"), NOW)
    assert set(imports.refused_by_worker([first, row])) == {row.pk}


def test_of_attempts_without_a_receipt_the_last_gets_it(home: Path) -> None:
    take(home, ("h.csv", HOURS))
    for number in range(3):
        by_hand(home, f"hand:{number}", 80)
        places = attempt(home)
    worked(home)
    assert value("s1", "pm25_day") == 50
    row = take(home, ("h.csv", HOURS))
    assert row.report["taken"]["positions"] == places
    assert Import.objects.count() == 2


# One station by two names -------------------------------------------------------------------------------------------

NAMED = "一号站"


def two_names(pm25: float) -> list[tuple[str, bytes]]:
    """The station s1 by its id, with PM2.5, and by its name, with PM2.5 of 50 and five items more."""
    return [("w.csv", hours_csv({"s1": [pm25] * 24})), ("h.csv", station_hours("某市", NAMED))]


def test_a_station_that_stands_twice_with_equal_values_is_taken_once(home: Path) -> None:
    seen = imports.preview("air", two_names(50), NOW)
    assert (seen.rows, seen.refused) == (6 * 24, ())
    row = take(home, *two_names(50))
    assert take(home, *two_names(50)).pk == row.pk


def test_a_station_that_stands_twice_with_other_values_is_refused_where_they_differ(home: Path) -> None:
    seen = imports.preview("air", two_names(60), NOW)
    (told,) = seen.refused
    assert (told.source, told.row, told.field) == ("h.csv", 2, "site")
    where = f"某市/{NAMED} = s1, 24 × pm25, {FIRST} 00:00: 50 ≠ 60"
    assert told.reason == f"stands twice with different values: {where}"
    assert seen.standing is not None
    assert (seen.rows, seen.standing.fresh) == (6 * 24, 6 * 24)
    row = take(home, *two_names(60))
    worked(home)
    assert (value("s1", "pm25_day"), value("s1", "pm10_day")) == (60, 80)
    assert take(home, *two_names(60)).pk == row.pk, "all that was taken stands"


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["pm25", "no2"]), st.integers(0, 3)), unique=True
    ),
    st.data(),
)
def test_every_value_is_kept_once_or_told(keys: list[tuple[str, str, int]], data: st.DataObject) -> None:
    """Of a point's names the first counts, value by value; each later value that differs is counted."""
    ids = {name: data.draw(st.sampled_from("xyz")) for name in "abcd"}
    rows = [(*key, data.draw(st.sampled_from([1.0, 2.0]))) for key in sorted(keys)]
    point, kind, start, number = (
        [list(each) for each in zip(*rows, strict=True)] if rows else ([], [], [], [])
    )
    table = pa.table(
        {
            "point": pa.array(point, pa.string()).dictionary_encode(),
            "kind": pa.array(kind, pa.string()).dictionary_encode(),
            "start": pa.array(start, pa.int64()),
            "value": pa.array(number, pa.float64()),
        }
    )
    first: dict[tuple[str, str, int], float] = {}
    wrong: dict[str, int] = {}
    for name, item, at_ms, pm in rows:
        if first.setdefault((ids[name], item, at_ms), pm) != pm:
            wrong[name] = wrong.get(name, 0) + 1
    left, twice = packing.once(table, ids)
    found = left.to_pylist()
    assert {(ids[r["point"]], r["kind"], r["start"]): r["value"] for r in found} == first
    assert len(found) == len(first)
    counts = {name: int(why.split(", ")[1].split(" ×")[0]) for name, why in twice.items()}
    assert counts == wrong


def test_the_page_shows_what_differs_before_and_after(analyst: Client, home: Path) -> None:  # noqa: F811
    take(home, ("h.csv", HOURS))
    by_hand(home, "hand:1", 80.5, hours=1)
    worked(home)
    seen = analyst.post(reverse("imports"), {"kind": "air", "files": upload("h.csv", HOURS)})
    text = seen.content.decode()
    assert "以前收过" not in text
    assert "119 个相同，此前已收入；1 个不同" in text
    assert f"{FIRST} 00:00" in text
    assert "80.5" in text
    done = analyst.post(reverse("import_commit"), {"token": seen.context["token"]})
    assert "1 个不同" in analyst.get(done["Location"]).content.decode()
    assert Import.objects.count() == 2
