"""The air, targets and ranking pages over the small city: figures worked by hand, rights, empty states, files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from python_calamine import CalamineWorkbook
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, MORNING, clock

from lantian.periods import Period, day_start_ms, to_ms
from lantian.records import Assessment, Role, Subject, SubjectKind
from lantian_store.lake import Lake, stamp
from lantian_web.accounts.models import User
from lantian_web.assessments import commands
from lantian_web.assessments.models import Assessment as Stored
from lantian_web.desk import area_page, kept, spans, targets_export
from lantian_web.desk.ledger import past_panel, targets_of_area
from lantian_web.desk.rank_months import MonthRow, RankMonths, month_span
from lantian_web.desk.targets_page import targets_page
from lantian_web.events.commands import set_cursor
from lantian_web.inventory.commands import load_overlay, register_outside
from lantian_web.inventory.models import Area, Enterprise, OutsidePoint, Station
from lantian_web.orders.models import Decision

pytestmark = [pytest.mark.db, pytest.mark.slow]
Login = Callable[..., User]
ON = date(2026, 12, 8)
SEASON = Period(date(2026, 10, 1), date(2027, 3, 31))
ITEMS = {"pm25": 60, "pm10": 100, "so2": 10, "no2": 40, "co": 1, "o3": 80}
UNITS = {"co": "mg/m3"}
LEDGER_HEAD = (
    "area,indicator,start_on,end_on,value,unit,change_percent,base,base_start,base_end,edition,dust_mode,paper,"
    "valid_from,valid_to,source,confidence,note"
)
LEDGER = """90,pm25_mean,2026-10-01,2027-03-31,55,ug/m3,,,,,,keep,某市秋冬季方案,2026-10-01,2027-03-31,方案,secondary,
90,heavy_days,2026-10-01,2027-03-31,3,day,,,,,,keep,某市秋冬季方案,2026-10-01,2027-03-31,方案,secondary,
9001,emission_so2,2026-10-01,2027-03-31,0.5,t/day,,,,,,keep,北县上限通知,2026-10-01,2027-03-31,通知,proposed,
9002,emission_so2,2026-10-01,2027-03-31,0.7,t/day,,,,,,keep,南县上限通知,2026-10-01,2027-03-31,通知,proposed,
"""


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def day_rows(area: str, on: date, pm25: int) -> Iterator[Assessment]:
    for item, value in (ITEMS | {"pm25": pm25}).items():
        yield Assessment(
            Subject(SubjectKind.AREA, area),
            f"{item}_day",
            on,
            on,
            Decimal(value),
            UNITS.get(item, "ug/m3"),
            "2026",
            1,
            0,
        )


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.LANTIAN_HOME = tmp_path
    return tmp_path


@pytest.fixture
def aired(ordered: Decision) -> Decision:
    """A season at 60 after one at 50; the northern county at 66; the ledger is loaded."""
    rows: list[Assessment] = []
    for on in days(date(2026, 10, 1), ON):
        rows += day_rows("90", on, 60)
        rows += day_rows("9001", on, 66)
    for on in days(date(2025, 10, 1), date(2026, 3, 31)):
        rows += day_rows("90", on, 50)
    commands.record(rows, {"90": "90", "9001": "9001"}, MORNING)
    load_overlay("targets", f"{LEDGER_HEAD}\n{LEDGER}", "test", "", "system", MORNING)
    clock(MORNING + timedelta(minutes=10))
    return ordered


@pytest.fixture
def enter(login: Login) -> Callable[..., Client]:
    def make(name: str, person: str | None, role: Role | None, scope: str) -> Client:
        client = Client()
        client.force_login(login(name, person, role, scope), backend=BACKEND)
        return client

    return make


@pytest.fixture
def analyst(enter: Callable[..., Client]) -> Client:
    return enter("a", cast.ANALYST, Role.ANALYST, "area:90")


@pytest.fixture
def north(enter: Callable[..., Client]) -> Client:
    return enter("n", cast.DISPATCHER, Role.DISPATCHER, "area:9001")


@pytest.fixture
def stranger(enter: Callable[..., Client]) -> Client:
    return enter("x", None, None, "")


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def lake_rows(home: Path, kind: str, step_s: int, rows: Sequence[tuple[str, str, int, float]]) -> None:
    ordered = sorted(rows)
    table = pa.table(
        {
            "point": [row[0] for row in ordered],
            "kind": [row[1] for row in ordered],
            "start": [row[2] for row in ordered],
            "step_s": pa.array([step_s] * len(ordered), pa.int32()),
            "value": pa.array([row[3] for row in ordered], pa.float64()),
            "flag": [""] * len(ordered),
        }
    )
    lake = Lake(home)
    lake.commit(lake.write(stamp(table, 0, to_ms(MORNING)), kind, (0, 0)))


class TestArea:
    def test_says_the_season_against_last_year_and_the_line(self, aired: Decision, analyst: Client) -> None:
        page = text(analyst, "/air/")
        assert "60.0 µg/m³" in page
        assert "上年同期 50.0 (+20.0 %)" in page
        assert "有效 69 天，剔除 0 天" in page
        assert "目标 ≤ 55.0" in page
        assert "余下 113 天可均 51" in page

    def test_a_mean_of_days_is_made_of_the_figures_before_rounding(
        self, aired: Decision, analyst: Client
    ) -> None:
        """69 days of 60.4, each published as 60 and good by it. (55 x 182 - 69 x 60.4) / 113 = 51.7, printed as 51."""
        Stored.objects.filter(subject_id="90", indicator="pm25_day", end_on__gte=SEASON.start_on).update(
            raw=60.4
        )
        page = text(analyst, "/air/")
        assert "60.4 µg/m³" in page
        assert "上年同期 50.0 (+20.8 %)" in page
        assert "69 共 69 个有效天" in page
        assert "余下 113 天可均 51" in page

    def test_a_county_without_a_station_has_no_place_good_or_bad(
        self, aired: Decision, analyst: Client
    ) -> None:
        page = text(analyst, "/air/")
        assert "北县 66.0" in page
        assert "1 个县区没有站点" in page
        assert "不算好也不算差" in page

    def test_classes_count_under_the_edition_of_the_good_days(self, aired: Decision, analyst: Client) -> None:
        """PM2.5 of 60 is just a good day under 2026; the counts beside the calendar and the strip agree."""
        page = text(analyst, "/air/")
        assert "69 共 69 个有效天" in page
        assert re.search(r"良 69 69 ", page)

    def test_days_are_chosen_in_the_address(self, aired: Decision, analyst: Client) -> None:
        page = text(analyst, "/air/?period=custom&from=2026-11-01&to=2026-11-30")
        assert "2026-11-01 — 2026-11-30" in page
        assert "有效 30 天" in page
        assert "2026-10-01 — 2026-12-08" in text(analyst, "/air/?period=custom&from=x&to=2026-01-01")

    def test_the_newest_hour_is_provisional_and_counts_who_answered(
        self, aired: Decision, analyst: Client, home: Path
    ) -> None:
        hour = to_ms(MORNING) - 3_600_000
        lake_rows(home, "air", 3600, [("s1", item, hour, float(v)) for item, v in ITEMS.items()])
        page = text(analyst, "/air/")
        assert "24:00 止一小时 AQI · 暂定" in page
        assert "1 个站报了 1 个" in page

    def test_a_year_shows_all_that_it_is_judged_by(self, aired: Decision, analyst: Client) -> None:
        assert "SO2 第 98 百分位 10" in text(analyst, "/air/?period=year")
        assert "百分位 10" not in text(analyst, "/air/?period=season")

    def test_a_dispatcher_begins_with_the_own_county(self, aired: Decision, north: Client) -> None:
        assert "空气 · 北县" in text(north, "/air/")
        assert "空气 · 某市" in text(north, "/air/90/")
        text(north, "/air/nowhere/", 404)

    def test_published_air_is_open_to_every_log_in(self, aired: Decision, stranger: Client) -> None:
        assert "60.0 µg/m³" in text(stranger, "/air/90/")
        assert stranger.get("/air/90/line.json").json()["series"]

    @pytest.mark.parametrize("picture", ["rose", "wind", "day", "heat"])
    def test_a_picture_without_data_says_what_to_do(
        self, aired: Decision, analyst: Client, picture: str
    ) -> None:
        assert "lantian import air" in text(analyst, f"/air/?picture={picture}")
        text(analyst, f"/air/90/{picture}.json", 404)

    def test_before_the_first_day_the_page_says_how_to_begin(self, town: cast.City, analyst: Client) -> None:
        clock(cast.SIGNED)
        for path in ("/air/", "/targets/", "/ranking/"):
            assert "还没有一天评价完" in text(analyst, path), path
        text(analyst, "/air/90/line.json", 404)

    def test_the_page_asks_the_registry_a_bounded_number_of_times(
        self, aired: Decision, analyst: Client
    ) -> None:
        analyst.get("/air/")
        with CaptureQueriesContext(connection) as asked:
            analyst.get("/air/")
        assert len(asked) < 60


class TestTargets:
    def test_the_allowed_mean_is_one_sentence_with_its_sum(self, aired: Decision, analyst: Client) -> None:
        """R = (55 x 182 - 60 x 69) / (182 - 69) = 51.95, printed down: 51."""
        page = text(analyst, "/targets/")
        assert "余下 113 天平均不高于 51 µg/m³，全期才守得住 55.0 µg/m³。" in page
        assert "（55.00 × 182 − 4,140.0）÷（182 − 69）= 51.95，向下取整印作 51" in page
        assert "重污染天已有 0 天；余下 113 天里最多还可有 3 天。" in page
        assert "往年数据不足" in page

    @pytest.mark.parametrize("step", ["week", "xun", "month", "quarter"])
    def test_printed_parts_add_up_to_the_target(self, aired: Decision, step: str) -> None:
        page = targets_page(Area.objects.get(pk="90"), [], ON, "", step)
        assert page.plan is not None
        assert page.plan.unused == 0
        assert sum(row.part.total for row in page.parts) == 55 * 182
        assert sum(row.total for row in page.parts) == Decimal(55 * 182)
        assert sum(row.part.booked.days for row in page.parts) == 182
        assert sum(row.now for row in page.parts) == 1

    def test_counties_below_the_city_go_by_rights(
        self, aired: Decision, analyst: Client, north: Client, stranger: Client
    ) -> None:
        whole, own, none = (text(client, "/targets/?area=90") for client in (analyst, north, stranger))
        assert "北县上限通知" in whole
        assert "南县上限通知" in whole
        assert "北县上限通知" in own
        assert "南县" not in own
        assert "平均不高于 51" in none
        assert "北县" not in none
        assert "上限通知" not in none
        text(north, "/targets/?area=9002", 404)
        text(stranger, "/targets/?area=9001", 404)
        for path in ("targets.csv", "line.json"):
            assert north.get(f"/targets/{path}", {"area": "9002"}).status_code == 404

    def test_one_plant_of_a_county_is_not_the_county(
        self, aired: Decision, enter: Callable[..., Client]
    ) -> None:
        """A sum over plants is shown only to who may see all of them."""
        manager = enter("m", f"manager-{cast.CHEATS}", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}")
        page = text(manager, "/targets/")
        assert "上限通知" not in page
        assert "权限内没有排放上限" in page

    def test_emissions_stand_measured_and_estimated_apart_and_silence_is_no_nought(
        self, aired: Decision, analyst: Client, north: Client, home: Path
    ) -> None:
        """0.6 t measured is over the cap of 0.5 by itself; 330 t a year at full energy is 1 t a day estimated."""
        measured = [(cast.OBEYS, "emitted_so2", day_start_ms(ON), 600.0)]
        lake_rows(home, "emission_day", 86_400, measured)
        page = text(north, "/targets/")
        assert "实测已超上限 0.600 / 0.500" in page
        assert "实测 0.600，估算 0.000" in page
        assert f"{cast.CHEATS}厂" in page
        assert f"{cast.FAR}厂" not in page
        Enterprise.objects.filter(pk=cast.FAR).update(so2_t=330.0)
        quarter = 900_000
        power = [(f"{cast.FAR}-1-p", "power", day_start_ms(ON) + n * quarter, 2000 / 24) for n in range(96)]
        lake_rows(home, "power", 900, power)
        whole = text(analyst, "/targets/")
        assert "含估算超上限 1.000 / 0.700" in whole
        assert "实测 0.000，估算 1.000" in whole

    def test_nothing_loaded_says_what_to_load(self, ordered: Decision, analyst: Client) -> None:
        commands.record(list(day_rows("90", ON, 60)), "90", MORNING)
        clock(MORNING)
        assert "lantian import table targets" in text(analyst, "/targets/")

    def test_files_hold_the_same_figures(self, aired: Decision, analyst: Client) -> None:
        answer = analyst.get("/targets/targets.csv")
        assert answer["Content-Disposition"].endswith(f'targets-90-{ON}.csv"')
        table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        (line,) = [row for row in table if row and "平均不高于" in row[-1]]
        assert line[3] == "55.0"
        book = CalamineWorkbook.from_filelike(io.BytesIO(analyst.get("/targets/targets.xlsx").content))
        assert len(book.sheet_names) == 7
        assert book.get_sheet_by_index(0).to_python()[1][3] == 55.0
        assert analyst.get("/targets/targets.pdf").status_code == 404

    def test_a_cell_is_never_a_formula(self, aired: Decision) -> None:
        text_of = LEDGER.replace("某市秋冬季方案", "=HYPERLINK(1)")
        load_overlay("targets", f"{LEDGER_HEAD}\n{text_of}", "test", "", "system", MORNING)
        page = targets_page(Area.objects.get(pk="90"), [], ON)
        empty = targets_export.export(page, targets_export.Emissions(ON, (), {}), (), "csv").decode(
            "utf-8-sig"
        )
        assert "'=HYPERLINK(1)" in empty
        assert ",=HYPERLINK" not in empty

    def test_many_counties_are_no_more_questions(self, aired: Decision, analyst: Client) -> None:
        def asked() -> int:
            analyst.get("/targets/")
            with CaptureQueriesContext(connection) as found:
                analyst.get("/targets/")
            return len(found)

        set_cursor("worker", 7)
        few = asked()
        Area.objects.bulk_create(
            [Area(id=f"90{n}", kind="county", name=f"县{n}", outline=[]) for n in range(50, 68)]
        )
        assert asked() == few
        assert few < 45

    def test_shares_are_one_question_for_all_counties(self, aired: Decision) -> None:
        def asked() -> int:
            counties = list(Area.objects.exclude(kind="city").order_by("id"))
            with CaptureQueriesContext(connection) as found:
                targets_page(Area.objects.get(pk="90"), counties, ON)
            return len(found)

        few = asked()
        Area.objects.bulk_create(
            [Area(id=f"90{n}", kind="county", name=f"县{n}", outline=[]) for n in range(50, 68)]
        )
        assert asked() == few

    def test_hard_to_reach_says_which_past_it_is_measured_by(self, aired: Decision, analyst: Client) -> None:
        """51.95 may still be averaged; the same days left of last year, all at 70 now, were never below that."""
        rows = [row for on in days(date(2025, 12, 9), date(2026, 3, 31)) for row in day_rows("90", on, 70)]
        Stored.objects.filter(subject_id="90", end_on__range=("2025-12-09", "2026-03-31")).delete()
        commands.record(rows, "90", MORNING)
        page = text(analyst, "/targets/")
        assert "难以完成" in page
        assert "同期历史最好为 70.0 µg/m³。" in page


class TestRanking:
    def test_equal_values_share_a_place(self, aired: Decision, analyst: Client) -> None:
        rows = [row for on in days(date(2026, 10, 1), ON) for row in day_rows("9002", on, 66)]
        commands.record(rows, "9002", MORNING)
        page = text(analyst, "/ranking/?set=counties&by=pm25_mean")
        assert len(re.findall(r"1 并列", page)) == 2

    def test_a_county_leads_to_the_orders_behind_it_where_rights_allow(
        self, aired: Decision, analyst: Client, north: Client, stranger: Client
    ) -> None:
        path = "/ranking/?set=counties&by=pm25_mean"
        assert "/orders/?area=9001&amp;state=in_force" in analyst.get(path).content.decode()
        assert re.search(r"令 5 · 在办 \d", text(north, path))
        assert "不在权限内" in text(stranger, path)
        assert "/orders/?area=9001" not in stranger.get(path).content.decode()

    def test_who_has_no_value_is_left_out_with_the_reason(self, aired: Decision, analyst: Client) -> None:
        page = text(analyst, "/ranking/?set=counties&by=pm25_mean")
        assert "未排 1" in page
        assert "没有有效值 1 南县" in page

    def test_without_other_cities_the_wall_says_how_to_get_them(
        self, aired: Decision, analyst: Client
    ) -> None:
        register_outside([OutsidePoint(key="甲", kind="city", name="甲", city="甲")])
        page = text(analyst, "/ranking/?set=fenwei")
        assert "缺其他城市的日值" in page
        assert "lantian import air" in page

    def test_meeting_mode_keeps_the_drill_mark_and_the_way_out(
        self, aired: Decision, analyst: Client
    ) -> None:
        page = text(analyst, "/ranking/?set=counties&by=pm25_mean&wall=1")
        assert "演练" in page
        assert "退出 W" in page
        assert "背后" not in page

    def test_the_wall_of_months_has_the_rank_of_every_whole_month(
        self, aired: Decision, analyst: Client
    ) -> None:
        """South is the cleaner in October, the dirtier in November; December has not ended."""
        rows = [
            row
            for on in days(date(2026, 10, 1), ON)
            for row in day_rows("9002", on, 40 if on.month == 10 else 80)
        ]
        commands.record(rows, "9002", MORNING)
        answer = analyst.get("/ranking/?set=counties&by=pm25_mean").content.decode()
        wall = text(analyst, "/ranking/?set=counties&by=pm25_mean").split("逐月名次")[1]
        assert "2026-10 2026-11" in wall
        assert "2026-12 " not in wall.split("县区")[1]
        assert re.search(r"北县 2 1 南县 1 2 ", wall)
        assert "▼ 降 1 PM2.5" in answer
        assert "逐月名次" not in text(analyst, "/ranking/?set=counties&by=pm25_mean&wall=1")

    def test_months_with_too_few_days_have_no_rank(self, aired: Decision, analyst: Client) -> None:
        rows = [row for on in days(date(2026, 10, 1), date(2026, 11, 5)) for row in day_rows("9002", on, 40)]
        commands.record(rows, "9002", MORNING)
        page = text(analyst, "/ranking/?set=counties&by=pm25_mean").split("逐月名次")[1]
        assert re.search(r"北县 2 1 南县 1 — ", page)

    def test_of_many_places_the_wall_shows_the_ends_and_the_own(self) -> None:
        rows = tuple(MonthRow(f"p{n}", ()) for n in range(168))
        wall = RankMonths((), rows)
        shown = [row.point for row in wall.short("p100")]
        assert shown == [*(f"p{n}" for n in range(8)), "p100", *(f"p{n}" for n in range(160, 168))]
        assert RankMonths((), rows[:20]).short("p3") == rows[:20]

    @pytest.mark.parametrize(
        ("on", "first", "last"),
        [
            (date(2026, 12, 8), date(2025, 11, 1), date(2026, 11, 30)),
            (date(2026, 12, 31), date(2025, 12, 1), date(2026, 12, 31)),
            (date(2024, 2, 29), date(2023, 2, 1), date(2024, 2, 29)),
        ],
    )
    def test_the_wall_ends_with_the_last_whole_month(self, on: date, first: date, last: date) -> None:
        assert month_span(on) == Period(first, last)

    def test_nonsense_in_the_address_is_the_default(self, aired: Decision, analyst: Client) -> None:
        plain = text(analyst, "/ranking/")
        assert text(analyst, "/ranking/?set=x&by=y&vs=z&period=q") == plain

    def test_the_api_gives_the_page_s_numbers(self, aired: Decision, analyst: Client) -> None:
        made = analyst.get("/api/ranking", {"set": "counties", "by": "pm25_mean"}).json()
        assert [(row["point"], row["rank"], row["value"]) for row in made["rows"]] == [("9001", 1, 66.0)]
        assert made["left_out"] == {"9002": "no_valid_value"}
        (first, *_rest) = analyst.get("/api/targets").json()
        assert (first["cap"], first["allowed_published"], first["days_left"]) == (55.0, 51.0, 113)
        air = analyst.get("/api/air").json()
        (mean,) = [one for one in air["figures"] if one["indicator"] == "pm25_mean"]
        assert (mean["mean"], mean["base"], mean["change_percent"]) == (60.0, 50.0, 20.0)


class TestLedger:
    def test_a_county_is_not_bound_by_its_city(self, aired: Decision) -> None:
        county = Area.objects.get(pk="9001")
        assert [target.paper for target in targets_of_area(county, ON)] == ["北县上限通知"]

    def test_past_days_of_all_years_are_the_base(self, aired: Decision) -> None:
        assert past_panel(["90"], ON).first == date(2025, 10, 1)


NASTY_DAYS = (
    ("2015-11-01", "2015-12-01"),
    ("2015-12-20", "2016-01-10"),
    ("2012-02-29", "2012-02-29"),
    ("2024-02-29", "2024-02-29"),
    ("0001-01-01", "0001-01-03"),
    ("0005-01-01", "0005-02-03"),
    ("1900-01-01", "1900-01-03"),
    ("9999-12-30", "9999-12-31"),
    ("2026-12-01", "9999-12-31"),
    ("2026-12-01", "2026-11-01"),
    ("2026-02-30", "x"),
    ("", ""),
)
NASTY = (
    *({"period": "custom", "from": first, "to": last} for first, last in NASTY_DAYS),
    *({"period": "custom", "start": first, "end": last} for first, last in NASTY_DAYS),
    *({"on": on} for on in ("0001-01-01", "9999-12-31", "2015-12-31", "2024-02-29", "x", "")),
    *({"on": "0001-01-01", "period": code} for code in ("month", "season", "year", "q")),
    {"set": "x", "by": "y", "vs": "z", "period": "q", "picture": "p", "item": "i", "root": "r", "step": "s"},
    {"set": "counties", "by": "good_ratio", "vs": "previous", "period": "month", "wall": "2"},
    {"area": "nowhere"},
)
SETS: tuple[dict[str, str], ...] = (
    {},
    {"set": "counties", "by": "good_ratio", "vs": "previous"},
    {"set": "counties", "by": "index"},
)
OWN = (
    "/air/",
    "/air/90/",
    "/air/9901/",
    "/targets/",
    "/targets/line.json",
    "/targets/targets.csv",
    "/targets/targets.xlsx",
    "/targets/9001/cut/",
    "/ranking/",
    "/ranking/places.json",
    "/api/air",
    "/api/targets",
    "/api/ranking",
    *(f"/air/90/{name}.json" for name in ("line", "calendar", "rose", "wind", "day", "heat", "trend", "x")),
)


def walk(client: Client, queries: Sequence[dict[str, str]]) -> None:
    """Every address with every query; with a worker what is the same is made once, which is quicker."""
    set_cursor("worker", 7)
    for path in OWN:
        for query in queries:
            for more in SETS if "ranking" in path else SETS[:1]:
                status = client.get(path, more | query).status_code
                assert status in (200, 404, 422), (path, more | query)
                assert status == 200 or path.endswith((".json", "/9901/", "ranking")) or "area" in query, path


class TestAnyAddress:
    @pytest.mark.slow
    def test_no_query_string_breaks_a_page(self, aired: Decision, analyst: Client) -> None:
        walk(analyst, NASTY)

    @pytest.mark.slow
    def test_a_home_of_days_before_the_first_edition(
        self, ordered: Decision, analyst: Client, home: Path
    ) -> None:
        """The day of 2015 is judged under the first edition; the target of good days too."""
        on = date(2015, 12, 8)
        commands.record(list(day_rows("90", on, 60)) + list(day_rows("9001", on, 70)), "90", MORNING)
        ledger = (
            "90,pm25_mean,2015-01-01,2015-12-31,70,ug/m3,,,,,,keep,甲,2015-01-01,2015-12-31,甲,secondary,\n"
            "90,good_days,2015-01-01,2015-12-31,200,day,,,,,,keep,甲,2015-01-01,2015-12-31,甲,secondary,\n"
            "9001,emission_so2,2015-01-01,2015-12-31,1,t/day,,,,,,keep,甲,2015-01-01,2015-12-31,甲,secondary,\n"
        )
        load_overlay("targets", f"{LEDGER_HEAD}\n{ledger}", "test", "", "system", MORNING)
        hour = day_start_ms(on)
        lake_rows(home, "air", 3600, [("s1", item, hour, float(v)) for item, v in ITEMS.items()])
        for at in (MORNING, MORNING.replace(year=2015, month=12, day=8, hour=9)):
            clock(at)
            walk(analyst, NASTY[::5])
            assert text(analyst, "/air/").count("假设适用：2016-01-01 以前的日子按最早一版（2012）评价") == 1
            assert analyst.get("/air/90/calendar.json").status_code == 200
            air = analyst.get("/api/air").json()
            assert air["counterfactual"]
            good = next(one for one in air["figures"] if one["indicator"] == "good_days")
            assert (good["mean"], good["edition"]) == (1.0, "2012")
            assert "优良天" in text(analyst, "/targets/")
        assert analyst.get("/api/air").json()["hour"]["edition"] == "2012"

    def test_days_that_cannot_be_looked_at_are_said_to_be_refused(
        self, aired: Decision, analyst: Client
    ) -> None:
        query = "?period=custom&from=0001-01-01&to=0001-01-03"
        for path in ("/air/", "/ranking/"):
            assert "所选日期无法查看" in text(analyst, path + query)
            assert "所选日期无法查看" not in text(analyst, path)
        assert analyst.get("/api/air?period=custom&start=0001-01-01&end=0001-01-03").json()["refused"]
        early = text(analyst, "/air/?period=custom&from=2015-11-01&to=2015-12-01")
        assert "2015-11-01 — 2015-12-01" in early
        assert "假设适用" in early
        assert "假设适用" not in text(analyst, "/air/")


class TestSpans:
    def test_to_date_and_whole(self) -> None:
        found = spans.chosen({}, ON)
        assert (found.code, found.days, found.whole) == ("season", Period(SEASON.start_on, ON), SEASON)
        assert found.last_year == Period(date(2025, 10, 1), date(2025, 12, 8))

    def test_no_season_runs_in_summer(self) -> None:
        assert spans.chosen({}, date(2026, 7, 1)).code == "year"
        assert "season" not in spans.offered(date(2026, 7, 1))

    def test_a_month_is_compared_with_as_many_days_of_the_month_before(self) -> None:
        march = spans.chosen({"period": "month"}, date(2026, 3, 31))
        assert march.against(spans.PREVIOUS) == Period(date(2026, 2, 1), date(2026, 2, 28))
        early = spans.chosen({"period": "month"}, date(2026, 3, 5))
        assert early.against(spans.PREVIOUS) == Period(date(2026, 2, 1), date(2026, 2, 5))

    @pytest.mark.parametrize("asked", [("2026-12-01", "2026-11-01"), ("2020-01-01", "2026-12-01"), ("", "x")])
    def test_days_that_cannot_be_are_not_taken(self, asked: tuple[str, str]) -> None:
        params = {"period": "custom", "from": asked[0], "to": asked[1]}
        assert spans.chosen(params, ON).code == "season"


class TestKept:
    def test_kept_until_the_data_change(self, aired: Decision) -> None:
        made: list[int] = []

        def make() -> int:
            made.append(1)
            return len(made)

        assert (kept.kept(make, "k"), kept.kept(make, "k")) == (1, 2)  # no worker, nothing is kept
        set_cursor("worker", 7)
        assert (kept.kept(make, "k"), kept.kept(make, "k")) == (3, 3)
        set_cursor("worker", 8)
        assert kept.kept(make, "k") == 4
        load_overlay("targets", f"{LEDGER_HEAD}\n{LEDGER.splitlines()[0]}\n", "test", "", "system", MORNING)
        assert kept.kept(make, "k") == 5
        Area.objects.filter(pk="9002").update(name="新县")
        assert kept.kept(make, "k") == 6
        Station.objects.filter(pk="s1").update(area_id="9002")
        assert kept.kept(make, "k") == 7
        assert kept.kept(make, "k") == 7

    def test_the_newest_hour_is_kept_for_the_hour(
        self, aired: Decision, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a play clock `now` is wall time, new at every request."""
        asked: list[datetime] = []

        def told(stations: Sequence[str], now: datetime) -> tuple[None, None]:
            asked.append(now)
            return None, None

        monkeypatch.setattr(area_page, "newest_hour", told)
        set_cursor("worker", 7)
        city = Area.objects.get(pk="90")
        for minutes in (0, 1, 59, 60):
            area_page.area_page(city, [city], None, MORNING + timedelta(minutes=minutes))
        assert len(asked) == 2


def test_no_english_stands_in_the_notes(aired: Decision, analyst: Client) -> None:
    """Sources and tables are in words; a row's own address keeps its codes."""
    outside_address = re.compile(r"<li>\d+\. (.*?) · .*?：(.*?)</li>")
    for path in ("/air/", "/air/9001/", "/targets/", "/ranking/", "/ranking/?set=counties&by=good_ratio"):
        notes = outside_address.findall(analyst.get(path).content.decode())
        assert notes, path
        assert "-transition" not in re.sub(r"<li>.*?</li>", "", analyst.get(path).content.decode())
        assert not [note for note in notes if re.search(r"[a-z]{3}", " ".join(note))], path
