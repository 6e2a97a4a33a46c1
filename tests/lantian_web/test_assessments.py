"""Assessments are put by id: equal ones change nothing, late data leave the old value in the log."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.lantian_web import cast

from lantian.records import Assessment, Footnote, ObservationKind, Subject, SubjectKind
from lantian_web.assessments import commands, models, panels, queries
from lantian_web.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.db]
AQI = Assessment(
    Subject(SubjectKind.AREA, "90"),
    "aqi_day",
    cast.DAY,
    cast.DAY,
    Decimal(213),
    "",
    "2026",
    days_valid=1,
    days_dropped=0,
    primary=("pm25", "pm10"),
    footnotes=(Footnote("iaqi_breakpoints", "pm25", "HJ 633", "official-copy"),),
)


def test_equal_assessments_change_nothing() -> None:
    assert commands.record([AQI], "90", cast.SIGNED) == 1
    assert commands.record([AQI], "90", cast.SIGNED) == 0
    row = queries.latest("aqi_day", SubjectKind.AREA, "90", cast.DAY)
    assert row is not None
    assert (row.value, row.primary, row.area_id) == (213, "pm25,pm10", "90")
    assert row.footnotes == [["iaqi_breakpoints", "pm25", "HJ 633", "official-copy"]]
    assert Event.objects.count() == 1


def test_late_data_keep_the_old_value_in_the_log() -> None:
    commands.record([AQI], "90", cast.SIGNED)
    commands.record([replace(AQI, value=None, days_valid=0, days_dropped=1)], "90", cast.SIGNED)
    assert models.Assessment.objects.get().value is None
    changed = Event.objects.get(kind="assessment.changed")
    (change,) = changed.params["changes"]
    assert (change["subject"], change["indicator"]) == ("90", "aqi_day")
    assert Decimal(change["was"]) == 213
    assert change["value"] is None
    assert changed.before != changed.after


def test_the_figure_before_rounding_is_kept_and_its_change_told() -> None:
    day = replace(AQI, indicator="pm25_day", value=Decimal(34), primary=())
    commands.record([replace(day, raw=34.4)], "90", cast.SIGNED)
    assert commands.record([replace(day, raw=34.4)], "90", cast.SIGNED) == 0
    assert queries.daily_figures("90", "pm25_day", cast.DAY, cast.DAY) == {cast.DAY: Fraction(172, 5)}
    assert panels.area_panel(["90"], cast.DAY, cast.DAY).of(ObservationKind.PM25).tolist() == [[34.4]]
    assert commands.record([replace(day, raw=34.25)], "90", cast.SIGNED) == 1
    changed = Event.objects.get(kind="assessment.changed")
    (change,) = changed.params["changes"]
    assert (change["was"], change["value"]) == ("34.0000", "34.0000")
    assert (change["raw_was"], change["raw"]) == (34.4, 34.25)
    assert changed.before != changed.after


def test_a_row_of_before_counts_as_published_until_it_is_made_again() -> None:
    day = replace(AQI, indicator="pm25_day", value=Decimal(34), primary=())
    commands.record([day], "90", cast.SIGNED)
    assert queries.daily_figures("90", "pm25_day", cast.DAY, cast.DAY) == {cast.DAY: 34}
    assert panels.area_panel(["90"], cast.DAY, cast.DAY).of(ObservationKind.PM25).tolist() == [[34.0]]
    assert commands.record([replace(day, raw=34.4)], "90", cast.SIGNED) == 1
    assert models.Assessment.objects.get().raw == 34.4


def test_each_subject_stands_in_its_own_area() -> None:
    station = replace(AQI, subject=Subject(SubjectKind.STATION, "s1"))
    commands.record([AQI, station], {"90": "90", "s1": "9001"}, cast.SIGNED)
    assert dict(queries.of_day("aqi_day", cast.DAY).values_list("subject_id", "area_id")) == {
        "90": "90",
        "s1": "9001",
    }
