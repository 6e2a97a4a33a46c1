"""Long files of air: what is kept, what is refused, what is marked, and what is said of it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.errors import DataError
from lantian.observe.air import AIR_ITEMS, Air, ColumnMap, read_air, read_columns
from lantian.observe.quality import FLAG_CODES
from lantian.periods import at, to_ms
from lantian.records import Flag, ObservationKind
from lantian_store.batch import BATCH_SCHEMA, conform

K = ObservationKind
HEADER = "province,city,date,aqi,pm25,pm10,so2,no2,o3_8h,co"
GOOD = "晋,甲城,2016-12-26,180,135.5,190,80,60,33,3.2"
HOURS = "city,site,time,aqi,primary,pm25,pm10,so2,no2,co,o3,o3_8h"
HOUR = "甲城,城南,2020-03-26 18:00,80,,35,60,8,20,0.4,68,70"


def read(*lines: str) -> Air:
    return read_air([("air.csv", "\n".join((HEADER, *lines)).encode())])


def hourly(*lines: str) -> Air:
    return read_air([("air.csv", "\n".join((HOURS, *lines)).encode())])


class TestCityDays:
    def test_a_row_becomes_a_day_of_the_city(self) -> None:
        air = read(GOOD, GOOD.replace("-26", "-28"))
        panel = air.days()
        assert (air.form, panel.points, panel.first, panel.days) == (
            "city_daily",
            ("甲城",),
            date(2016, 12, 26),
            3,
        )
        assert [panel.of(kind)[0, 0] for kind in AIR_ITEMS] == [80, 60, 190, 135.5, 3.2, 33]
        assert panel.of(K.AQI_SHOWN)[0, 2] == 180
        assert np.isnan(panel.of(K.PM25)[0, 1])
        assert air.report.set_aside == ("province",)
        with pytest.raises(DataError, match="daily values"):
            air.hours()

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            (GOOD.replace("2016-12-26", "2016-02-30"), "row 3, field date: no such day: '2016-02-30'"),
            (GOOD.replace("2016-12-26", ""), "row 3, field date: no such day: ''"),
            (GOOD.replace("2016-12-26", "2016-12-26 07:00"), "row 3, field date: not a day"),
            (GOOD.replace("甲城", ""), "row 3, field city: no point"),
            (GOOD + ",extra", "row 3: 11 cells under 10 columns"),
        ],
    )
    def test_a_bad_row_is_named_and_the_others_stay(self, line: str, problem: str) -> None:
        air = read(GOOD, line, GOOD.replace("-26", "-27"))
        assert [str(each) for each in air.report.refused] == [f"air.csv, {problem}"]
        assert (air.report.rows, air.report.files[0].taken, air.steps) == (3, 2, 2)
        assert air.keys == ("甲城",)

    @pytest.mark.parametrize("cell", ["high", "1,5", "12..5", "1_000", "inf", "0x10"])
    def test_a_bad_cell_is_named_and_the_row_stays(self, cell: str) -> None:
        air = read(GOOD, GOOD.replace("-26", "-27").replace("135.5", f'"{cell}"'))
        assert [str(each) for each in air.report.refused] == [
            f"air.csv, row 3, field pm25: not a number: '{cell}'"
        ]
        assert np.isnan(air.values[K.PM25][0, 1])
        assert air.values[K.PM10][0, 1] == 190

    @pytest.mark.parametrize("cell", ["", " ", "-", "—", "NA", "NaN", "null", "缺测"])
    def test_nothing_is_written_in_many_ways(self, cell: str) -> None:
        air = read(GOOD.replace("135.5", cell))
        assert air.report.refused == ()
        assert air.report.missing[K.PM25] == 1

    @pytest.mark.parametrize(
        ("cell", "number"), [("１３５．５", 135.5), (" 135.50 ", 135.5), ("+1.355e2", 135.5), ("－3", -3.0)]
    )
    def test_a_number_is_read_in_many_dresses(self, cell: str, number: float) -> None:
        assert read(GOOD.replace("135.5", cell)).values[K.PM25][0, 0] == number

    @pytest.mark.parametrize(
        "day",
        ["2016/12/26", "2016-12-26 00:00:00", "20161226", "2016年12月26日", "２０１６－12－26", "42730"],
    )
    def test_a_day_is_read_in_many_dresses(self, day: str) -> None:
        air = read(GOOD.replace("2016-12-26", day))
        assert (air.first, air.report.refused) == (date(2016, 12, 26), ())
        assert ("date_system" in {each.what for each in air.report.assumptions}) is (day == "42730")

    @pytest.mark.parametrize(
        ("kind", "old", "new", "flag"),
        [
            (K.PM10, "190,", "0,", Flag.SENTINEL),
            (K.PM25, "135.5", "0.0", Flag.SENTINEL),
            (K.CO, ",3.2", ",-99", Flag.SENTINEL),
            (K.SO2, ",80,", ",-1,", Flag.NEGATIVE),
            (K.NO2, ",60,", ",9999,", Flag.SENTINEL),
            (K.PM25, "135.5", "1e308", Flag.SENTINEL),
            (K.PM10, "190,", "100001,", Flag.SENTINEL),
            (K.O3, ",33,", ",1e20,", Flag.SENTINEL),
            (K.CO, ",3.2", ",1e308", Flag.SENTINEL),
        ],
    )
    def test_a_value_that_cannot_be_is_kept_marked_and_not_used(
        self, kind: K, old: str, new: str, flag: Flag
    ) -> None:
        air = read(GOOD.replace(old, new))
        assert FLAG_CODES[air.flags[kind][0, 0]] is flag
        assert air.values[kind][0, 0] == float(new.strip(","))  # never silently changed
        assert np.isnan(air.usable(kind)[0, 0])
        assert (air.report.count(kind, flag), air.report.count(kind, Flag.OK)) == (1, 0)

    def test_nought_so2_is_a_value(self) -> None:
        air = read(GOOD.replace(",80,60,", ",0,,"))
        assert air.usable(K.SO2)[0, 0] == 0
        assert air.report.flagged(Flag.SENTINEL) == 0

    def test_a_doubt_is_kept_unless_doubts_are_left_out(self) -> None:
        air = read(GOOD.replace("135.5,190", "190,135.5"))
        assert air.report.count(K.PM25, Flag.INCONSISTENT) == 1
        assert air.usable(K.PM25)[0, 0] == 190
        assert np.isnan(air.days(doubtful=False).of(K.PM25)[0, 0])

    def test_two_rows_of_one_day_the_later_stays_and_both_are_told(self) -> None:
        air = read(GOOD, GOOD, GOOD.replace("135.5", "99"))
        assert air.values[K.PM25][0, 0] == 99
        (conflict,) = air.report.conflicts
        assert (conflict.kept_at, conflict.dropped_at) == (("air.csv", 4), ("air.csv", 2))
        assert (air.report.doubled, air.report.conflicting) == (13, 1)

    @pytest.mark.parametrize("late", ["-999", "0", "-1", "1e308"])
    def test_a_late_value_that_cannot_be_used_covers_no_good_one_and_is_told(self, late: str) -> None:
        files = [("1.csv", f"{HEADER}\n{GOOD}"), ("2.csv", f"{HEADER}\n{GOOD.replace('135.5', late)}")]
        air = read_air([(name, text.encode()) for name, text in files])
        assert air.days().of(K.PM25)[0, 0] == 135.5
        assert (air.report.conflicting, air.report.spared, air.report.plain()["spared"]) == (1, 1, 1)
        (conflict,) = air.report.conflicts
        assert (conflict.kept, conflict.kept_at) == (135.5, ("1.csv", 2))
        assert (conflict.dropped, conflict.dropped_at) == (float(late), ("2.csv", 2))
        turned = read_air([(name, text.encode()) for name, text in reversed(files)])
        assert turned.days().of(K.PM25)[0, 0] == 135.5  # a correction covers a code
        assert turned.report.spared == 0

    def test_of_two_values_that_cannot_be_used_the_later_stays(self) -> None:
        air = read(GOOD.replace("135.5", "-999"), GOOD.replace("135.5", "-1"))
        assert (air.values[K.PM25][0, 0], air.report.spared) == (-1, 0)

    def test_a_city_is_one_with_and_without_its_suffix(self) -> None:
        air = read(GOOD, GOOD.replace("甲城", "甲城市").replace("-26", "-27"))
        assert air.keys == ("甲城",)
        assert [(each.published, each.key, each.why) for each in air.report.renamed] == [
            ("甲城市", "甲城", "spelling")
        ]

    def test_told_renames_go_before_everything(self) -> None:
        lines = "\n".join((HEADER, GOOD, GOOD.replace("甲城", "旧名").replace("-26", "-25")))
        air = read_air([("air.csv", lines.encode())], renames={"旧名": "甲城"})
        assert (air.keys, air.steps) == (("甲城",), 2)
        assert air.report.renamed[0].why == "told"

    def test_renames_stand_in_a_map_and_a_map_of_them_alone_leaves_the_form_to_the_header(self) -> None:
        lines = "\n".join((HEADER, GOOD, GOOD.replace("甲城", "旧名").replace("-26", "-25"))).encode()
        only = read_columns('[renames]\n"旧名" = "甲城"')
        air = read_air([("air.csv", lines)], columns=only)
        assert (air.form, air.keys, air.steps) == ("city_daily", ("甲城",), 2)
        whole = read_columns(
            'city = "city"\ndate = "date"\n[values]\npm25 = { unit = "ug/m3" }\n[renames]\n"旧名" = "甲城"'
        )
        air = read_air([("air.csv", lines)], columns=whole)
        assert (air.form, air.keys) == ("plain", ("甲城",))
        assert [(each.published, each.why) for each in air.report.renamed] == [("旧名", "told")]
        with pytest.raises(DataError, match=r"renames\.旧名"):
            read_columns({"renames": {"旧名": ""}})
        with pytest.raises(DataError, match="field renames"):
            read_columns({"renames": "甲城"})

    @pytest.mark.parametrize(
        "day", ["2026111", "202611", "2026-111", "2026.1.111", "202601017", "2026年111日"]
    )
    def test_a_date_that_may_be_two_is_refused(self, day: str) -> None:
        air = read(GOOD, GOOD.replace("2016-12-26", day))
        assert [str(each) for each in air.report.refused] == [
            f"air.csv, row 3, field date: no such day: '{day}'"
        ]

    def test_days_before_and_after_the_change_of_state_are_told_apart(self) -> None:
        air = read(GOOD.replace("2016-12-26", "2018-08-31"), GOOD.replace("2016-12-26", "2018-09-01"))
        assert air.report.states == (
            (date(2018, 8, 31), date(2018, 8, 31), "standard_273", "standard_273"),
            (date(2018, 9, 1), date(2018, 9, 1), "reference_298", "actual"),
        )

    def test_days_without_a_row_between_rows_are_a_gap_and_of_one_city_an_outage(self) -> None:
        other = GOOD.replace("甲城", "乙城")
        lines = [other.replace("-26", f"-{day}") for day in range(20, 27)]
        air = read(*lines, GOOD.replace("-26", "-21"), GOOD.replace("-26", "-25"))
        found = [(each.point, each.steps) for each in air.report.outages]
        assert found == [("甲城", 3)] * 6
        assert air.report.count(K.PM25, Flag.OUTAGE) == 3
        assert air.report.gaps == ()

    @given(
        st.permutations(
            [GOOD.replace("-26", f"-{day}").replace("甲", town) for day in range(20, 24) for town in "甲乙"]
        )
    )
    @settings(max_examples=25)
    def test_the_order_of_rows_changes_nothing(self, lines: list[str]) -> None:
        assert read(*lines).batch().equals(read(*sorted(lines)).batch())


class TestStationHours:
    def test_a_label_is_the_end_of_its_hour(self) -> None:
        air = hourly(HOUR)
        assert (air.form, air.keys, air.first_ms) == (
            "station_hourly",
            ("甲城/城南",),
            to_ms(at(date(2020, 3, 26), 17)),
        )
        (point,) = air.points
        assert (point.name, point.city, point.code, point.kind) == ("城南", "甲城", "", "station")
        panel = air.hours()
        assert panel.of(K.O3)[0, 17] == 68  # the hour's mean, not the running 8 h
        assert set(air.report.set_aside) == {"primary", "o3_8h"}
        with pytest.raises(DataError, match="hourly values"):
            air.days()

    @pytest.mark.parametrize(
        "label",
        [
            "2020-03-27 24:00",
            "2020-03-28 00:00",
            "2020/3/28 0:00:00",
            "2020032800",
            "2020年3月27日24时",
            "2020-03-27T16:00:00Z",
            "2020-03-28T01:00+09:00",
        ],
    )
    def test_midnight_ends_the_day_in_every_dress(self, label: str) -> None:
        air = hourly(HOUR.replace("2020-03-26 18:00", label))
        assert air.report.refused == ()
        assert air.first_ms == to_ms(at(date(2020, 3, 27), 23))

    @pytest.mark.parametrize("label", ["2020-03-26 18:30", "2020-03-26 25:00", "26.3.2020 18:00", "昨天"])
    def test_a_time_off_the_hour_is_refused(self, label: str) -> None:
        air = hourly(HOUR, HOUR.replace("2020-03-26 18:00", label))
        assert [(each.row, each.field) for each in air.report.refused] == [(3, "time")]

    def test_names_that_differ_by_a_mark_are_one_point_when_they_take_turns(self) -> None:
        later = HOUR.replace("城南", "城南（启用191230）").replace("18:00", "19:00").replace(",35,", ",36,")
        air = hourly(HOUR, later)
        assert air.keys == ("甲城/城南",)
        assert air.values[K.PM25][0].tolist() == [35, 36]
        assert [(each.published, each.key, each.joined) for each in air.report.renamed] == [
            ("甲城/城南(启用191230)", "甲城/城南", True)
        ]

    def test_names_that_report_at_once_are_two_points(self) -> None:
        air = hourly(HOUR, HOUR.replace("城南", "城南(启用191230)").replace(",35,", ",198,"))
        assert air.keys == ("甲城/城南", "甲城/城南(启用191230)")
        assert [each.joined for each in air.report.renamed] == [False]
        assert air.report.conflicting == 0

    def test_a_bracket_that_is_no_mark_is_part_of_the_name(self) -> None:
        air = hourly(HOUR, HOUR.replace("城南", "城南(老区)").replace("18:00", "19:00"))
        assert air.keys == ("甲城/城南", "甲城/城南(老区)")
        assert air.report.renamed == ()

    def test_a_frozen_point_and_a_silent_one_are_named(self) -> None:
        lines = []
        for no in range(30):
            when = (datetime.fromisoformat("2020-03-26T18:00") + timedelta(hours=no)).strftime(
                "%Y-%m-%d %H:%M"
            )
            at_hour = HOUR.replace("2020-03-26 18:00", when)
            moving = at_hour.replace(",35,60,8,20,0.4,68,", f",{35 + no % 7},60,8,20,0.4,{no + 40},")
            lines += [at_hour, moving.replace("城南", "市委"), f"甲城,工商学校,{when},,,,,,,,,"]
        air = hourly(*lines)
        assert air.report.frozen == ("甲城/城南",)
        assert air.report.silent == ("甲城/工商学校",)
        row = air.keys.index("甲城/城南")
        assert all(FLAG_CODES[air.flags[kind][row, 0]] is Flag.STUCK for kind in AIR_ITEMS)
        assert np.isnan(air.usable(K.SO2, doubtful=False)[row]).all()
        assert air.hours().points == air.keys
        live, moving = air.hours(), air.keys.index("甲城/市委")
        assert live.of(K.SO2).shape == (3, 24 * live.days)
        assert np.nanmax(live.of(K.O3)[moving]) == 69
        assert np.isnan(live.of(K.O3)[air.keys.index("甲城/工商学校")]).all()
        assert not np.isnan(air.usable(K.SO2, doubtful=False)[air.keys.index("甲城/市委")]).any()

    def test_a_snapshot_with_codes_has_them_as_keys(self) -> None:
        header = "code,site,city,lon,lat,time,aqi,pm25,pm10,so2,no2,co,o3,pm25_24h,pm10_24h,o3_8h"
        line = "1733A,临钢医院,甲城,111.5,36.1,2018-02-20 07:00,54,38,,3,17,0.7,84,134,,37"
        air = read_air([("s.csv", f"{header}\n{line}".encode())])
        (point,) = air.points
        assert (air.form, point.key, point.name, point.city) == (
            "station_snapshot",
            "1733A",
            "临钢医院",
            "甲城",
        )

    def test_hourly_and_daily_files_are_read_apart(self) -> None:
        files = [("h.csv", f"{HOURS}\n{HOUR}".encode()), ("d.csv", f"{HEADER}\n{GOOD}".encode())]
        with pytest.raises(DataError, match=r"h.csv: hourly, but d.csv is daily"):
            read_air(files)


def weather(co: Sequence[float] = (300.0, 10_000.0)) -> bytes:
    """Two hours of one station as the Beijing set has them: float32, CO in ug/m3, wind as words."""
    columns = {
        "time": [datetime.fromisoformat("2013-03-01T00:00"), datetime.fromisoformat("2013-03-01T01:00")],
        **{
            name: pa.array([3.6, None], pa.float32())
            for name in ("pm25", "pm10", "so2", "no2", "o3", "temp", "pres", "dewp", "rain", "wspm")
        },
        "co": pa.array(co, pa.float32()),
        "wd": pa.array(["NNW", None]).dictionary_encode(),
        "station": pa.array(["Here", "Here"]).dictionary_encode(),
    }
    data = io.BytesIO()
    pq.write_table(pa.table(columns), data)
    return data.getvalue()


def test_parquet_with_weather() -> None:
    air = read_air([("b.parquet", weather())])
    assert (air.form, air.keys, air.first_ms) == (
        "station_weather",
        ("Here",),
        to_ms(at(date(2013, 3, 1), 0)),
    )
    assert air.values[K.PM25][0, 0] == 3.6  # not 3.5999999046
    assert air.values[K.CO][0].tolist() == [0.3, 10.0]
    assert air.values[K.WIND_FROM][0, 0] == 337.5
    assert air.report.count(K.CO, Flag.RANGE) == 1  # the instrument's end
    assert {each.what: each.value for each in air.report.assumptions} == {
        "stamp": "start",
        "co_unit": "ug/m3",
    }


class TestCarbonMonoxide:
    """One unit per file. What is told stays; a documented unit gives way only when the other fits every number."""

    MAP = 'city = "city"\ndate = "date"\n[values]\nco = { unit = "%s" }'

    def file(self, *values: float) -> bytes:
        lines = [
            GOOD.replace("-26", f"-{day:02}").replace(",3.2", f",{co}") for day, co in enumerate(values, 1)
        ]
        return "\n".join((HEADER, *lines)).encode()

    def read(self, *values: float, told: str | None = None, mapped: str | None = None) -> Air:
        columns = read_columns(self.MAP % mapped) if mapped else None
        return read_air([("co.csv", self.file(*values))], columns=columns, co_unit=told)

    def said(self, air: Air) -> dict[str, str]:
        return {each.what: each.value for each in air.report.assumptions if each.what.startswith("co_")}

    def test_a_single_high_value_does_not_move_the_others(self) -> None:
        air = self.read(0.8, 120)
        assert air.values[K.CO].tolist() == [[0.8, 120]]
        assert [FLAG_CODES[code] for code in air.flags[K.CO][0]] == [Flag.OK, Flag.RANGE]
        assert self.said(air) == {"co_unit": "mg/m3", "co_doubted": "mg/m3"}

    def test_a_file_of_both_scales_keeps_the_documented_unit(self) -> None:
        values = [810.0, 820.0, 830.0, 840.0, 850.0, 860.0, 0.9, 0.91, 0.92]
        air = self.read(*values)
        assert air.values[K.CO].tolist() == [values]
        assert air.report.count(K.CO, Flag.RANGE) == 6
        assert self.said(air) == {"co_unit": "mg/m3", "co_doubted": "mg/m3"}

    def test_a_whole_file_of_the_other_scale_is_read_so_and_said(self) -> None:
        air = self.read(810, 820, 2400)
        assert air.values[K.CO].tolist() == [[0.81, 0.82, 2.4]]
        assert air.report.count(K.CO, Flag.OK) == 3
        (told,) = [each for each in air.report.assumptions if each.what == "co_unit"]
        assert (told.value, "do not fit the documented unit" in told.why) == ("ug/m3", True)

    def test_each_file_is_read_by_itself(self) -> None:
        other = self.file(810).replace(b"-01,", b"-09,")
        air = read_air([("a.csv", self.file(0.8)), ("b.csv", other)])
        assert air.values[K.CO][0, [0, 8]].tolist() == [0.8, 0.81]
        assert {(each.value, each.source) for each in air.report.assumptions if each.what == "co_unit"} == {
            ("mg/m3", "a.csv"),
            ("ug/m3", "b.csv"),
        }

    @pytest.mark.parametrize("by_map", [False, True])
    @pytest.mark.parametrize(
        ("unit", "numbers", "values"),
        [("mg/m3", [800, 1500], [800, 1500]), ("ug/m3", [0.8, 1.5], [0.0008, 0.0015])],
    )
    def test_a_told_unit_stays_and_what_contradicts_it_is_doubted(
        self, unit: str, numbers: list[float], values: list[float], by_map: bool
    ) -> None:
        air = self.read(*numbers, **{"mapped" if by_map else "told": unit})
        assert air.values[K.CO].tolist() == [values]
        assert air.report.count(K.CO, Flag.RANGE) == 2
        other = "mg/m3" if unit == "ug/m3" else "ug/m3"
        assert self.said(air) == {"co_unit": unit, "co_doubted": other}

    @pytest.mark.parametrize(("unit", "number"), [("mg/m3", 0.8), ("ug/m3", 800)])
    def test_a_told_unit_that_fits_is_said_without_doubt(self, unit: str, number: float) -> None:
        air = self.read(number, mapped=unit)
        assert (air.usable(K.CO, doubtful=False)[0, 0], self.said(air)) == (0.8, {"co_unit": unit})

    def test_the_caller_goes_before_the_map(self) -> None:
        assert self.said(self.read(800, told="ug/m3", mapped="mg/m3")) == {"co_unit": "ug/m3"}

    def test_codes_and_numbers_that_cannot_be_tell_no_unit(self) -> None:
        air = self.read(810, -999, 0, 1e308)
        assert air.values[K.CO][0, 0] == 0.81
        assert air.report.count(K.CO, Flag.SENTINEL) == 3
        assert self.said(air) == {"co_unit": "ug/m3"}

    def test_a_refused_row_tells_no_unit(self) -> None:
        data = self.file(810, 0.8).replace(b"2016-12-02", b"2016-02-30")
        assert read_air([("co.csv", data)]).values[K.CO].tolist() == [[0.81]]

    def test_a_form_documented_in_micrograms_may_be_written_in_milligrams(self) -> None:
        air = read_air([("b.parquet", weather(co=[0.3, 0.8]))])
        assert air.values[K.CO][0].tolist() == [0.3, 0.8]
        assert self.said(air) == {"co_unit": "mg/m3"}
        mixed = read_air([("b.parquet", weather(co=[0.3, 800.0]))])
        assert mixed.values[K.CO][0].tolist() == [0.0003, 0.8]
        assert mixed.report.count(K.CO, Flag.RANGE) == 1


def test_times_as_day_numbers_of_a_workbook_are_whole_hours() -> None:
    wanted = [at(date(2020, 3, 26), hour) for hour in range(24)]
    numbers = [
        43_916 + hour / 24 for hour in range(24)
    ]  # most fractions lie a little below or above their hour
    lines = [HOUR.replace("2020-03-26 18:00", f"{number:.9f}") for number in numbers]
    air = read_air([("air.csv", "\n".join((HOURS, *lines)).encode())], stamp="start")
    assert (air.report.refused, air.first_ms, air.steps) == ((), to_ms(wanted[0]), 24)
    assert not np.isnan(air.values[K.PM25]).any()


class TestColumnMap:
    MAP = """
    step = "hour"
    city = "城市"
    station = "点位"
    time = "监测时间"
    stamp = "end"
    [values]
    pm25 = { column = "PM2.5", unit = "μg/m³" }
    co = { column = "一氧化碳", unit = "ug/m3" }
    wind_from = { column = "风向", unit = "degree" }
    """
    DATA = "城市,点位,监测时间,PM2.5,一氧化碳,风向,备注\n甲城市,城南,2020-01-01 08:00,35,400,东北风,x\n"

    def test_any_file_can_be_read_by_a_map(self) -> None:
        air = read_air([("a.csv", self.DATA.encode("gb18030"))], columns=read_columns(self.MAP))
        assert (air.form, air.keys) == ("plain", ("甲城/城南",))
        assert [air.values[kind][0, 0] for kind in (K.PM25, K.CO, K.WIND_FROM)] == [35, 0.4, 45.0]
        assert air.first_ms == to_ms(at(date(2020, 1, 1), 7))
        assert air.report.set_aside == ("备注",)

    def test_one_row_per_value(self) -> None:
        told = {
            "point": "甲城", "date": "日期", "kind": "项目", "value": "浓度",
            "kinds": {"PM2.5": {"kind": "pm25", "unit": "mg/m3"}, "O3": {"kind": "o3", "unit": "ug/m3"}},
        }  # fmt: skip
        data = (
            "日期,项目,浓度\n2020-01-01,PM2.5,0.035\n2020-01-01,O3,90\n2020-01-01,苯,1\n2020-01-02,PM2.5,x\n"
        )
        air = read_air([("a.csv", data.encode())], columns=read_columns(told))
        assert (air.keys, air.step_s) == (("甲城",), 86400)
        assert (air.values[K.PM25][0, 0], air.values[K.O3][0, 0]) == (35, 90)
        assert [(each.row, each.field) for each in air.report.refused] == [(5, "浓度")]

    def test_a_zone_moves_the_hours(self) -> None:
        told = read_columns(self.MAP.replace('stamp = "end"', 'stamp = "end"\nzone = "+09:00"'))
        air = read_air([("a.csv", self.DATA.encode())], columns=told)
        assert air.first_ms == to_ms(at(date(2020, 1, 1), 6))

    def test_date_and_hour_apart(self) -> None:
        told = {
            "date": "日期",
            "hour": "时次",
            "code": "编码",
            "stamp": "end",
            "values": {"pm25": {"unit": "ug/m3"}},
        }
        data = (
            "日期,时次,编码,pm25\n2020-01-01,24,1001A,35\n2020-01-01,07,1001A,36\n2020-01-01,7.5,1001A,37\n"
        )
        air = read_air([("a.csv", data.encode())], columns=read_columns(told))
        assert air.hours().of(K.PM25)[0, [6, 23]].tolist() == [36, 35]
        assert [(each.row, each.field) for each in air.report.refused] == [(4, "时次")]

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"hour"', '"week"', "field step: 'week': hour or day"),
            ('stamp = "end"', "", "field stamp: say whether"),
            ('time = "监测时间"', "", "field time: name either"),
            ('city = "城市"\n    station = "点位"', "", "field city: name the column"),
            ('stamp = "end"', 'stamp = "end"\nplace = "x"', "unknown: place"),
            ('stamp = "end"', 'stamp = "end"\nzone = "Mars"', "field zone"),
            ("pm25 =", "benzene =", "field benzene: 'benzene' is none of"),
            ('"μg/m³"', '"ppb"', "field pm25: unknown unit 'ppb'"),
            ('unit = "degree"', 'unit = "rad"', "field wind_from: wind_from is read in degree"),
            (", unit = \"ug/m3\"", "", "field co: give its column and unit"),
            ('step = "hour"', "step = hour", "not TOML"),
            ('step = "hour"', 'step = "hour"\nkind = "项目"', "field kind: kind, value and"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_in_a_map_is_named(self, old: str, new: str, problem: str) -> None:
        assert old in self.MAP
        with pytest.raises(DataError) as refused:
            read_columns(self.MAP.replace(old, new), source="map.toml")
        assert str(refused.value).startswith("map.toml")
        assert problem in str(refused.value)

    def test_a_file_that_the_map_does_not_fit_is_refused_with_its_columns(self) -> None:
        with pytest.raises(DataError, match=r"a.csv, row 1: columns are missing: 点位"):
            read_air([("a.csv", self.DATA.replace("点位", "站点").encode())], columns=read_columns(self.MAP))

    def test_a_map_is_plain_data(self) -> None:
        assert isinstance(read_columns(self.MAP), ColumnMap)
        assert read_columns(self.MAP) == read_columns(self.MAP)


@pytest.mark.parametrize("data", ["city,date\nx,y\n", "城市,日期,PM2.5\n甲,2016-01-01,3\n"])
def test_a_file_of_no_known_form_is_refused_with_its_columns(data: str) -> None:
    with pytest.raises(
        DataError, match=r"air.csv, row 1: no known form of air data; give a column map. Columns: "
    ):
        read_air([("air.csv", data.encode())])


def test_the_batch_has_the_columns_of_the_lake_and_no_missing_values() -> None:
    air = read(GOOD.replace("甲", "乙"), GOOD.replace("190,", "0,").replace("-26", "-28").replace("60", ""))
    table = conform(air.batch())
    assert table.schema == BATCH_SCHEMA
    rows = table.to_pylist()
    assert len(rows) == 13
    assert [row["point"] for row in rows] == ["乙城"] * 7 + ["甲城"] * 6
    (marked,) = [row for row in rows if row["flag"]]
    assert (marked["kind"], marked["value"], marked["flag"]) == ("pm10", 0.0, "sentinel")
    assert {row["start"] for row in rows} == {to_ms(at(date(2016, 12, day), 0)) for day in (26, 28)}
    assert len(air.batch(first=date(2016, 12, 27))) == 6
    assert len(air.batch(last=date(2016, 12, 27))) == 7
    assert len(air.batch(first=date(2017, 1, 1))) == 0
    usable = conform(air.batch(unusable=False)).to_pylist()
    assert usable == [row for row in rows if row is not marked]


def test_the_report_is_plain_data() -> None:
    plain = read(GOOD, GOOD.replace("135.5", "99"), GOOD.replace("甲城", "")).report.plain()
    assert json.loads(json.dumps(plain)) == plain
    assert (plain["rows"], plain["refused_rows"], plain["conflicting"]) == (3, 1, 1)
    assert plain["conflicts"][0]["kept_at"] == {"source": "air.csv", "row": 3}
    assert {"assumptions", "frozen", "gaps", "outages", "silent", "states"} < set(plain)
    assert ("co_unit", "mg/m3") in {(each["what"], each["value"]) for each in plain["assumptions"]}


@pytest.mark.real_data
class TestRealSets:
    def test_city_days(self, shared_data: Callable[[str], Path]) -> None:
        (path,) = shared_data("cn_city_daily").glob("*.csv.gz")
        air = read_air([(path.name, path.read_bytes())])
        report = air.report
        assert (report.rows, len(air.points), air.first, air.last) == (
            35_909,
            38,
            date(2013, 12, 2),
            date(2017, 1, 31),
        )
        assert (report.count(K.PM10, Flag.SENTINEL), report.count(K.CO, Flag.SENTINEL)) == (4, 2)
        assert report.flagged(Flag.SENTINEL) == 6
        assert (report.refused, report.silent, report.frozen, report.doubled) == ((), (), (), 0)
        panel = air.days()
        assert panel.of(K.SO2)[panel.row("临汾")].max() == 800.5
        assert int((~np.isnan(panel.of(K.PM25)[panel.row("临汾")])).sum()) == 1157

    def test_station_hours_with_frozen_and_silent_points(self, shared_data: Callable[[str], Path]) -> None:
        (path,) = shared_data("cn_station_hourly_2020").glob("*.csv.gz")
        air = read_air([(path.name, path.read_bytes())])
        report = air.report
        assert (report.rows, report.files[0].taken, air.steps) == (16_685, 16_685, 298)
        assert sum(gap.steps for gap in report.gaps) == 298 - 174
        assert {"临汾/尧庙镇", "临汾/市监测站"} <= set(report.silent)
        assert len(report.silent) == 10
        # What looks like an event, 200 ug/m3 beside 50, is a point that is published on with its last values.
        assert {"临汾/唐尧大酒店(启用161122)", "临汾/城南(启用191230)", "临汾/南机场"} < set(report.frozen)
        joined = {each.published: each.joined for each in report.renamed}
        assert joined["临汾/市监测站(停运161122)"]
        assert not joined["临汾/唐尧大酒店(启用161122)"]

    def test_hours_with_weather(self, shared_data: Callable[[str], Path]) -> None:
        (path,) = shared_data("beijing_hourly").glob("*.parquet")
        air = read_air([(path.name, path.read_bytes())])
        report = air.report
        assert (len(air.points), air.steps, report.rows) == (10, 35_064, 350_640)
        assert (report.count(K.PM10, Flag.RANGE), report.count(K.CO, Flag.RANGE)) == (2, 46)
        assert report.missing[K.PM25] == 7180
        assert report.outages[0].steps == 1517
        assert 0 < report.count(K.PM25, Flag.STUCK) < 350
        assert air.hours().days == 1461

    def test_stations_of_the_country(self, shared_data: Callable[[str], Path]) -> None:
        (path,) = shared_data("cn_stations_2018").glob("*.csv")
        air = read_air([(path.name, path.read_bytes())])
        assert (len(air.points), air.steps, len(air.report.silent)) == (1495, 1, 18)
        (point,) = [point for point in air.points if point.key == "1733A"]
        assert (point.name, point.city) == ("临钢医院", "临汾")


class TestOddParquet:
    """A column of any type that a Parquet file may hold is read or refused cell by cell, never a crash."""

    BASE = {
        "city": ["甲城"], "date": ["2016-12-26"], "pm25": [50.0], "pm10": [80.0], "so2": [1.0], "no2": [1.0],
        "o3_8h": [1.0], "co": [1.0],
    }  # fmt: skip

    def read(self, **columns: object) -> Air:
        data = io.BytesIO()
        pq.write_table(pa.table({**self.BASE, **columns}), data)
        return read_air([("air.parquet", data.getvalue())])

    @pytest.mark.parametrize(("cell", "shown"), [([1.0], "[1.0]"), ({"a": 1}, "{'a': 1}")])
    def test_a_nested_cell_is_no_number(self, cell: object, shown: str) -> None:
        air = self.read(pm25=[cell])
        assert [error.reason for error in air.report.refused] == [f"not a number: {shown!r}"]
        assert air.values[K.PM10].tolist() == [[80.0]]

    def test_a_whole_number_beyond_any_instrument_is_no_value(self) -> None:
        air = self.read(pm25=pa.array([2**63 + 5], pa.uint64()))
        assert [FLAG_CODES[code] for code in air.flags[K.PM25][0]] == [Flag.SENTINEL]

    @pytest.mark.parametrize("day", [date(1, 1, 1), date(1900, 1, 1), date(2100, 1, 1), date(9999, 12, 31)])
    def test_a_typed_day_that_no_file_can_speak_of_is_refused(self, day: date) -> None:
        twice = {name: cells * 2 for name, cells in self.BASE.items()}
        air = self.read(**{**twice, "date": [date(2016, 12, 26), day]})
        assert [(error.row, error.reason) for error in air.report.refused] == [(2, f"no such day: '{day}'")]
        assert (air.first, air.steps) == (date(2016, 12, 26), 1)

    def test_less_than_a_millisecond_is_none(self) -> None:
        moment = pa.array([1_482_710_400_000_000_001], pa.timestamp("ns"))
        assert self.read(date=moment).first == date(2016, 12, 26)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ('city = "c"\ndate = "d"\nvalues = 5', "give columns"),
        ('city = "c"\ndate = "d"\nkind = "k"\nvalue = "v"\nkinds = [1]', "give columns"),
        ("a = " + "[" * 5000, "not TOML"),
    ],
)
def test_a_map_that_is_no_map_is_refused(told: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read_columns(told)
