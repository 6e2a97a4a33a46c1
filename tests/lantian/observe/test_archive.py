"""The wide files of the public archive: hours, gaps, doubles, late corrections."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from tests.lantian.observe.archive import TYPES, day_file, plain

from lantian.errors import DataError
from lantian.observe.air import Air, read_air
from lantian.periods import at, to_ms
from lantian.records import Flag, ObservationKind

DAY = date(2016, 1, 5)
CITIES = ("甲城", "乙城")
PM25, CO = ObservationKind.PM25, ObservationKind.CO


def name(day: date, kind: str = "cities") -> str:
    return f"china_{kind}_{day:%Y%m%d}.csv"


def read(*files: bytes) -> Air:
    return read_air([(f"{no}.csv", data) for no, data in enumerate(files)])


def test_a_label_is_the_end_of_its_hour() -> None:
    air = read_air([(name(DAY), day_file(DAY, CITIES))])
    assert (air.form, air.step_s, air.keys, air.steps) == ("archive_cities", 3600, ("乙城", "甲城"), 24)
    assert air.first_ms == to_ms(at(DAY - timedelta(days=1), 23))  # label 0 ends the day before
    panel = air.hours()
    assert (panel.first, panel.days) == (DAY - timedelta(days=1), 2)
    row = panel.of(PM25)[panel.row("甲城")]
    assert np.isnan(row[:23]).all()
    assert row[23:47].tolist() == [plain("甲城", hour, "PM2.5") for hour in range(24)]
    assert np.isnan(row[47])  # 23:00-24:00 stands in the next day's file
    assert [(each.what, each.value) for each in air.report.assumptions] == [
        ("stamp", "end"),
        ("co_unit", "mg/m3"),
    ]


def test_what_is_a_mean_of_other_rows_is_set_aside_and_said() -> None:
    air = read(day_file(DAY, CITIES))
    assert set(air.report.set_aside) == {each for each in TYPES if "_" in each}
    assert ObservationKind.AQI_SHOWN in air.values
    assert air.report.rows == air.report.files[0].taken == 24 * len(TYPES)
    assert air.report.cells == 24 * 7 * len(CITIES)


def test_stations_are_known_by_their_codes() -> None:
    air = read_air([(name(DAY, "sites"), day_file(DAY, ("1001A", "3018A")))])
    assert [(p.key, p.code, p.kind) for p in air.points] == [
        ("1001A", "1001A", "station"),
        ("3018A", "3018A", "station"),
    ]
    assert air.form == "archive_stations"
    assert {p.kind for p in read(day_file(DAY, CITIES)).points} == {"city"}


def test_one_file_per_hour_is_the_same_as_one_per_day() -> None:
    hours = [day_file(DAY, CITIES, hours=[hour]) for hour in range(24)]
    whole, apart = read(day_file(DAY, CITIES)), read(*hours)
    for kind, values in whole.values.items():
        np.testing.assert_array_equal(values, apart.values[kind])
    assert whole.batch().equals(apart.batch())
    assert [each.source for each in apart.report.assumptions] == ["24 files", "24 files"]


def test_a_missing_file_is_a_gap_and_no_outage_of_the_stations() -> None:
    air = read(*(day_file(DAY + timedelta(days=no), CITIES) for no in (0, 2)))
    (gap,) = air.report.gaps
    assert (gap.steps, gap.first_ms) == (24, to_ms(at(DAY, 23)))
    assert air.report.outages == ()
    assert np.isnan(air.values[PM25][:, 24:48]).all()


def test_a_doubled_file_changes_nothing_and_is_named() -> None:
    data = day_file(DAY, CITIES)
    once, twice = read(data), read(data, data)
    assert once.batch().equals(twice.batch())
    assert twice.report.doubled == 24 * 7 * 2
    assert [each.same_as for each in twice.report.files] == ["", "0.csv"]
    assert twice.report.conflicting == 0


def test_a_late_corrected_file_wins_and_both_values_are_told() -> None:
    def corrected(city: str, hour: int, kind: str) -> object:
        return 99 if (city, hour, kind) == ("甲城", 7, "PM2.5") else plain(city, hour, kind)

    first, late = day_file(DAY, CITIES), day_file(DAY, CITIES, corrected)
    air = read(first, late)
    (conflict,) = air.report.conflicts
    old = plain("甲城", 7, "PM2.5")
    assert (air.report.conflicting, air.report.doubled) == (1, 24 * 7 * 2 - 1)
    assert (conflict.point, conflict.kind, conflict.start_ms) == ("甲城", PM25, to_ms(at(DAY, 6)))
    assert (conflict.kept, conflict.dropped) == (99, old)
    assert (conflict.kept_at, conflict.dropped_at) == (("1.csv", 108), ("0.csv", 108))
    assert air.values[PM25][1, 7] == 99
    assert read(late, first).values[PM25][1, 7] == old  # the order given decides, not the name


def test_a_late_file_with_a_hole_covers_nothing() -> None:
    hole = day_file(DAY, CITIES, lambda *_: "")
    assert read(day_file(DAY, CITIES), hole).batch().equals(read(day_file(DAY, CITIES)).batch())


def test_a_later_file_may_bring_other_cities() -> None:
    air = read(day_file(DAY, CITIES), day_file(DAY + timedelta(days=1), ("丙城", "甲城")))
    assert air.keys == ("丙城", "乙城", "甲城")
    assert np.isnan(air.values[PM25]).sum(axis=1).tolist() == [24, 24, 0]
    assert air.report.silent == ()


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("20160105,3,SO2,", "20160132,3,SO2,", "date", "no such day: '20160132'"),
        ("20160105,3,SO2,", "20160105,25,SO2,", "hour", "no such hour: '25'"),
        ("20160105,3,SO2,", "20160105,3,SO3,", "type", "no such type: 'SO3'"),
        ("20160105,3,SO2,", "20160105,3,SO2,1,", "", "6 cells under 5 columns"),
        ("20160105,3,SO2,", "20160105,3,SO2,x", "甲城", "not a number: 'x"),
    ],
)
def test_a_bad_row_is_refused_by_name_and_the_rest_stays(old: str, new: str, field: str, reason: str) -> None:
    text = day_file(DAY, CITIES).decode()
    assert text.count(old) == 1
    air = read(text.replace(old, new).encode())
    (problem,) = air.report.refused
    assert (problem.source, problem.row, problem.field) == (
        "0.csv",
        3 * len(TYPES) + 2 + TYPES.index("SO2"),
        field,
    )
    assert problem.reason.startswith(reason)
    assert 24 * 14 - 2 <= air.report.cells < 24 * 14


def test_a_year_that_cannot_be_of_this_file_is_refused_before_it_makes_the_series_a_century_long() -> None:
    text = day_file(DAY, CITIES).decode().replace("20160105,3,SO2,", "20610105,3,SO2,")
    air = read(text.encode())
    assert air.steps == 24
    assert [problem.field for problem in air.report.refused] == ["date"]


def test_more_than_can_be_laid_is_refused_and_not_tried() -> None:
    names = [f"{no}A" for no in range(1000, 2600)]
    days = [date(1995, 1, 1), date(2022, 1, 1)]
    with pytest.raises(
        DataError, match=r"1.csv: 1600 points from 1995-01-01 to 2022-01-01 are too many values"
    ):
        read(*(day_file(day, names, hours=[1]) for day in days))


def test_a_second_column_of_one_name_is_refused() -> None:
    air = read(day_file(DAY, ("甲城", "甲城")))
    assert air.keys == ("甲城",)
    assert [(problem.row, problem.field) for problem in air.report.refused] == [(1, "甲城")]


def test_a_file_of_headers_alone_gives_silent_points() -> None:
    air = read(day_file(DAY, CITIES, hours=[]))
    assert (air.steps, air.report.cells, len(air.points)) == (0, 0, 2)
    assert len(air.batch()) == 0


def test_carbon_monoxide_in_micrograms_is_seen_and_told() -> None:
    def micro(city: str, hour: int, kind: str) -> object:
        return 700 + 100 * hour if kind == "CO" else plain(city, hour, kind)

    air = read(day_file(DAY, CITIES, micro))
    assert air.values[CO][0].tolist() == [(700 + 100 * hour) / 1000 for hour in range(24)]
    (told,) = [each for each in air.report.assumptions if each.what == "co_unit"]
    assert told.value == "ug/m3"
    assert "do not fit the documented unit" in told.why
    forced = read_air([("a.csv", day_file(DAY, CITIES, micro))], co_unit="mg/m3")
    assert forced.values[CO][0, 0] == 700
    assert forced.report.count(CO, Flag.RANGE) == 48  # kept as told, and doubted
    with pytest.raises(DataError, match="co_unit"):
        read_air([("a.csv", day_file(DAY, CITIES))], co_unit="ppm")


def test_a_stamp_told_by_the_caller_goes_before_the_form() -> None:
    air = read_air([("a.csv", day_file(DAY, CITIES))], stamp="start")
    assert air.first_ms == to_ms(at(DAY, 0))
    assert air.report.assumptions[0].why == "told by the caller"
    with pytest.raises(DataError, match="start or end"):
        read_air([("a.csv", day_file(DAY, CITIES))], stamp="middle")


def test_an_archive_file_of_no_city_is_refused() -> None:
    with pytest.raises(DataError, match="no column of a city or station"):
        read_air([("a.csv", b"date,hour,type,\n20260101,1,PM2.5,\n")])
