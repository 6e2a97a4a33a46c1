"""Who cuts what: the county's cut down to plants and lines, on the page, in the file, by the API, and at the plant."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from python_calamine import CalamineWorkbook
from tests.lantian_web import cast
from tests.lantian_web.test_air_pages import LEDGER, LEDGER_HEAD, ON, day_rows, days, lake_rows, text
from tests.lantian_web.test_pages import BACKEND, MORNING, clock

from lantian.assess.targets.shares import Carries
from lantian.periods import day_start_ms
from lantian.records import Role
from lantian_web.accounts.models import User
from lantian_web.assessments import commands
from lantian_web.desk import cut_page, cuts
from lantian_web.desk.cut_ground import Shared
from lantian_web.desk.cuts import CountyCut, PlantShare, cuts_seen
from lantian_web.desk.emission_page import emissions
from lantian_web.desk.targets_page import targets_page
from lantian_web.events.commands import set_cursor
from lantian_web.inventory.commands import load_overlay
from lantian_web.inventory.models import Area, Enterprise, Line, ListedMeasure, Meter, Station
from lantian_web.orders.models import Decision

pytestmark = [pytest.mark.db, pytest.mark.slow]
QUARTER = 900_000
SLOTS = range(96)
Enter = Callable[..., Client]


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.LANTIAN_HOME = tmp_path
    return tmp_path


@pytest.fixture
def over(ordered: Decision, home: Path) -> Decision:
    """North is over its cap of 500 kg SO2: 600 measured (obeys), 300 measured (exempt) and 100 estimated (reduces).

    Cheats and broken tell nothing. Obeys has two lines at 30 and 10 kW; reduces used a tenth of its 1980 kWh.
    """
    rows = [row for on in days(ON - timedelta(days=3), ON) for row in day_rows("90", on, 60)]
    commands.record(rows, "90", MORNING)
    load_overlay("targets", f"{LEDGER_HEAD}\n{LEDGER}", "test", "", "system", MORNING)
    Line.objects.create(id="obeys-2", enterprise_id=cast.OBEYS, no=2, name="二号线")
    Meter.objects.create(
        id="obeys-2-p",
        line_id="obeys-2",
        kind="production",
        rated_kw=300,
        area_id="9001",
        enterprise_id=cast.OBEYS,
    )
    start = day_start_ms(ON)
    measured = [(cast.OBEYS, 600.0), (cast.EXEMPT, 300.0)]
    lake_rows(home, "emission_day", 86_400, [(key, "emitted_so2", start, kg) for key, kg in measured])
    Enterprise.objects.filter(pk=cast.REDUCES).update(so2_t=330.0, base_workday_kwh=1980.0)
    kw = {"obeys-1-p": 30.0, "obeys-2-p": 10.0, "reduces-1-p": 8.25}
    lake_rows(
        home,
        "power",
        900,
        [(key, "power", start + n * QUARTER, value) for key, value in kw.items() for n in SLOTS],
    )
    clock(MORNING + timedelta(minutes=10))
    return ordered


@pytest.fixture
def enter(login: Callable[..., User]) -> Enter:
    def make(name: str, person: str | None, role: Role | None, scope: str) -> Client:
        client = Client()
        client.force_login(login(name, person, role, scope), backend=BACKEND)
        return client

    return make


@pytest.fixture
def analyst(enter: Enter) -> Client:
    return enter("a", cast.ANALYST, Role.ANALYST, "area:90")


@pytest.fixture
def north(enter: Enter) -> Client:
    return enter("n", cast.DISPATCHER, Role.DISPATCHER, "area:9001")


@pytest.fixture
def south(enter: Enter) -> Client:
    return enter("s", "dispatcher-s", Role.DISPATCHER, "area:9002")


def manager(enter: Enter, plant: str) -> Client:
    return enter(f"m-{plant}", f"manager-{plant}", Role.PLANT_MANAGER, f"enterprise:{plant}")


def so2(user: str = "a", area: str = "9001") -> CountyCut:
    (found,) = cuts_seen(User.objects.get(username=user), Area.objects.get(pk=area), ON)
    return found


def row_of(cut: CountyCut, plant: str) -> PlantShare:
    return next(row for row in cut.plants if row.id == plant)


class TestShares:
    def test_a_cut_goes_by_what_each_emitted_and_adds_up(self, over: Decision, analyst: Client) -> None:
        """1000 kg told, cap 500: 500 asked; 700 kg carry, so each cuts 5/7; obeys 428.57, reduces 71.43."""
        cut = so2()
        assert (cut.asked, cut.carried, cut.uncovered, cut.rate) == (500, 500, 0, Decimal("71.4"))
        assert [(row.id, row.kg) for row in cut.plants[:2]] == [
            (cast.OBEYS, Decimal("428.57")),
            (cast.REDUCES, Decimal("71.43")),
        ]
        assert sum(row.kg for row in cut.plants) == cut.carried
        assert sum(row.share for row in cut.plants) + cut.uncovered_share == 100
        why = {row.id: row.why for row in cut.plants}
        assert why == {
            cast.OBEYS: Carries.CARRIES,
            cast.REDUCES: Carries.CARRIES,
            cast.EXEMPT: Carries.EXEMPT,
            cast.CHEATS: Carries.NOT_TOLD,
            cast.BROKEN: Carries.NOT_TOLD,
        }

    def test_the_cut_is_what_the_table_of_caps_says_is_over(self, over: Decision, analyst: Client) -> None:
        user, areas = User.objects.get(username="a"), list(Area.objects.exclude(kind="city").order_by("id"))
        told = next(row for row in emissions(user, areas, ON).rows if row.area.id == "9001")
        cut = so2()
        assert told.judged.over is not None
        assert told.judged.over * 1000 == cut.asked
        assert told.tonnes == cut.tonnes == (Decimal("1.000"), Decimal("0.900"), Decimal("0.100"))

    def test_lines_share_by_the_power_of_the_day(self, over: Decision, analyst: Client) -> None:
        """720 and 240 kWh: three quarters and one quarter; 5/7 of the 960 kWh is what that is worth."""
        row = row_of(so2(), cast.OBEYS)
        assert row.by is Shared.ENERGY
        assert [(line.id, line.kg, line.less, line.used) for line in row.lines] == [
            ("obeys-1", Decimal("321.43"), 514, 720),
            ("obeys-2", Decimal("107.14"), 171, 240),
        ]
        assert sum(line.kg for line in row.lines) == row.kg
        assert (row.less, row.used) == (686, 960)

    def test_a_line_without_power_data_shares_by_rated_power_and_tells_no_energy(
        self, over: Decision, analyst: Client
    ) -> None:
        """A third line that never answers: 100, 300 and 400 kW rated."""
        Line.objects.create(id="obeys-3", enterprise_id=cast.OBEYS, no=3, name="三号线")
        Meter.objects.create(
            id="obeys-3-p",
            line_id="obeys-3",
            kind="production",
            rated_kw=400,
            area_id="9001",
            enterprise_id=cast.OBEYS,
        )
        row = row_of(so2(), cast.OBEYS)
        assert row.by is Shared.RATED
        assert row.less is row.used is None
        assert [line.kg for line in row.lines] == [Decimal("53.57"), Decimal("160.71"), Decimal("214.29")]
        assert {line.less for line in row.lines} == {None}

    def test_lines_without_any_weight_share_evenly_and_say_so(self, over: Decision, analyst: Client) -> None:
        Meter.objects.filter(enterprise_id=cast.OBEYS, kind="production").update(rated_kw=0)
        Meter.objects.filter(pk="obeys-2-p").delete()
        Meter.objects.filter(pk="obeys-1-p").update(line_id="cheats-1")
        row = row_of(so2(), cast.OBEYS)
        assert row.by is Shared.EVEN
        assert [line.kg for line in row.lines] == [Decimal("214.29"), Decimal("214.28")]

    def test_what_falls_on_the_exempt_nobody_carries(
        self, over: Decision, analyst: Client, home: Path
    ) -> None:
        """The 300 kg of the exempt plant alone are over a cap of 0.1 t: 700 are carried, 200 are not."""
        ledger = LEDGER.replace(
            "9001,emission_so2,2026-10-01,2027-03-31,0.5", "9001,emission_so2,2026-10-01,2027-03-31,0.1"
        )
        load_overlay("targets", f"{LEDGER_HEAD}\n{ledger}", "test", "", "system", MORNING)
        cut = so2()
        assert (cut.asked, cut.carried, cut.uncovered, cut.rate) == (900, 700, 200, 100)
        assert row_of(cut, cast.EXEMPT).kg == 0
        page = text(analyst, "/targets/9001/cut/")
        assert "要减 900.00 = 有人承担 700.00 + 无人承担 200.00 kg" in page
        assert "无人承担 200.00 22.2" in page

    def test_a_plant_exempt_by_the_list_alone_carries_nothing(self, over: Decision, analyst: Client) -> None:
        assert row_of(so2(), cast.REDUCES).kg > 0
        ListedMeasure.objects.filter(enterprise_id=cast.REDUCES).update(action="exempt")
        assert row_of(so2(), cast.REDUCES).why is Carries.EXEMPT

    def test_within_the_cap_nothing_is_asked(self, over: Decision, analyst: Client) -> None:
        ledger = LEDGER.replace(
            "9001,emission_so2,2026-10-01,2027-03-31,0.5", "9001,emission_so2,2026-10-01,2027-03-31,5"
        )
        load_overlay("targets", f"{LEDGER_HEAD}\n{ledger}", "test", "", "system", MORNING)
        assert not so2().over
        page = text(analyst, "/targets/9001/cut/")
        assert "按已报的数，不用减" in page
        assert "要减合计" not in page
        assert "无须分担" in text(analyst, f"/plants/{cast.OBEYS}/")

    def test_a_special_order_binds_before_the_year(self, over: Decision, analyst: Client) -> None:
        more = "9001,emission_so2,2026-12-08,2026-12-10,0.3,t/day,,,,,,keep,专项令,2026-12-01,2026-12-31,令,original,\n"
        for ledger in (LEDGER + more, more + LEDGER):
            load_overlay("targets", f"{LEDGER_HEAD}\n{ledger}", "test", "", "system", MORNING)
            assert (so2().asked, so2().target.paper) == (700, "专项令")
            assert "含估算超上限 1.000" in text(analyst, "/targets/") or "1.000 / 0.300" in text(
                analyst, "/targets/"
            )


class TestPage:
    def test_works_out_only_what_it_shows(
        self, over: Decision, analyst: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of two capped pollutants the one it shows, and the lines of the plants of its page of thousands."""
        ledger = LEDGER + LEDGER.splitlines()[2].replace("emission_so2", "emission_nox") + "\n"
        load_overlay("targets", f"{LEDGER_HEAD}\n{ledger}", "test", "", "system", MORNING)
        done: dict[str, list[str]] = {"split_cut": [], "line_cuts": []}
        for name, calls in done.items():
            whole = getattr(cuts, name)

            def counted(*args: object, of: object = whole, to: list[str] = calls) -> object:
                to.append(str(args[0]))
                return of(*args)  # type: ignore[operator]

            monkeypatch.setattr(cuts, name, counted)
        monkeypatch.setattr(cut_page, "PAGE", 1)
        page = text(analyst, "/targets/9001/cut/")
        assert "428.57" in page
        assert "71.43" not in page
        assert len(done["split_cut"]) == 1
        assert {round(float(Fraction(kg)), 2) for kg in done["line_cuts"]} == {428.57}
        assert "NO" in page, "the other pollutant can be chosen"
        assert len(cuts_seen(User.objects.get(username="a"), Area.objects.get(pk="9001"), ON)) == 2

    def test_says_the_sum_and_the_plants_worst_first(self, over: Decision, analyst: Client) -> None:
        page = text(analyst, "/targets/9001/cut/")
        assert "每天要减 500.00 kg 至少：有未报" in page
        assert "已报 1.000 t（实测 0.900，估算 0.100）− 上限 0.500 t = 0.500 t" in page
        assert "分担的企业都减当天排放的 71.4 %" in page
        assert (
            page.index(f"{cast.OBEYS}厂") < page.index(f"{cast.REDUCES}厂") < page.index(f"{cast.CHEATS}厂")
        )
        assert "一号线 321.43 kg 约合少用电 514 kWh（当日 720 kWh）" in page
        assert "未报 缺年排放量申报" in page
        assert "要减合计 500.00 100.0" in page
        assert "北县上限通知" in page

    def test_the_table_of_caps_leads_to_it(self, over: Decision, analyst: Client) -> None:
        answer = analyst.get("/targets/").content.decode()
        assert "/targets/9001/cut/?item=emission_so2" in answer
        assert "/targets/9002/cut/" not in answer  # within its cap

    def test_plants_are_chosen_by_why(self, over: Decision, analyst: Client) -> None:
        page = text(analyst, "/targets/9001/cut/?why=exempt_from_share")
        assert f"{cast.EXEMPT}厂" in page
        assert f"{cast.OBEYS}厂" not in page
        everybody = text(analyst, "/targets/9001/cut/")
        assert text(analyst, "/targets/9001/cut/?why=x&item=y&page=z&on=q") == everybody

    def test_three_hundred_plants_are_pages_and_no_more_questions(
        self, over: Decision, analyst: Client, home: Path
    ) -> None:
        def asked() -> int:
            analyst.get("/targets/9001/cut/")
            with CaptureQueriesContext(connection) as found:
                analyst.get("/targets/9001/cut/")
            return len(found)

        few = asked()
        Enterprise.objects.bulk_create(
            Enterprise(
                id=f"x{n}",
                enterprise_id=f"x{n}",
                area_id="9001",
                name=f"新{n}厂",
                trade="steel",
                lon=111.0,
                lat=36.0,
                credit_code=f"X{n:017d}",
                so2_t=0.0 if n % 3 else None,
            )
            for n in range(300)
        )
        assert asked() <= few
        cut = so2()
        assert len(cut.plants) == 305
        assert (cut.asked, sum(row.kg for row in cut.plants)) == (500, 500)
        first = text(analyst, "/targets/9001/cut/")
        assert "11 页" in first
        assert "要减合计" not in first
        assert "要减合计" in text(analyst, "/targets/9001/cut/?page=11")

    def test_a_county_without_a_cap_says_so(self, over: Decision, analyst: Client) -> None:
        load_overlay("targets", f"{LEDGER_HEAD}\n{LEDGER.splitlines()[0]}\n", "test", "", "system", MORNING)
        assert "没有排放上限" in text(analyst, "/targets/9001/cut/")
        assert "你厂分担" not in text(analyst, f"/plants/{cast.OBEYS}/")

    def test_before_the_first_day(self, town: cast.City, analyst: Client) -> None:
        clock(cast.SIGNED)
        assert "还没有一天评价完" in text(analyst, "/targets/9001/cut/")
        assert analyst.get("/api/targets/cut", {"area": "9001"}).status_code == 404
        text(analyst, f"/plants/{cast.OBEYS}/")


class TestRights:
    def test_a_county_sees_its_own_plants_and_a_stranger_none(
        self, over: Decision, north: Client, south: Client, enter: Enter
    ) -> None:
        assert f"{cast.OBEYS}厂" in text(north, "/targets/9001/cut/")
        text(north, "/targets/9002/cut/", 404)
        text(south, "/targets/9001/cut/", 404)
        for client in (enter("x", None, None, ""), manager(enter, cast.OBEYS)):
            text(client, "/targets/9001/cut/", 404)
        assert north.get("/api/targets/cut").status_code == 404
        for path in ("/targets/90/cut/", "/targets/nowhere/cut/"):
            text(north, path, 404)

    def test_a_plant_reads_its_own_share_and_no_sum_of_others(self, over: Decision, enter: Enter) -> None:
        client = manager(enter, cast.OBEYS)
        page = text(client, f"/plants/{cast.OBEYS}/")
        assert "每天减 428.57 kg" in page
        assert "你厂当天排放 600.00 kg（实测）" in page
        assert "全县超了上限，分担的企业都减当天排放的 71.4 %" in page
        assert "二号线 107.14 kg，约合少用电 171 kWh（当日 240 kWh）" in page
        assert "北县上限通知" in page
        assert "全县每日上限 0.500 t" in page
        assert "不是调度令" in page
        assert "500.00" not in page
        assert "/targets/9001/cut/" not in client.get(f"/plants/{cast.OBEYS}/").content.decode()
        (only,) = client.get("/api/targets/cut", {"area": "9001"}).json()
        assert [row["plant"] for row in only["plants"]] == [cast.OBEYS]
        assert {only[name] for name in ("told_t", "asked_kg", "carried_kg", "uncovered_kg", "not_told")} == {
            None
        }

    def test_who_does_not_carry_is_told_why(self, over: Decision, enter: Enter) -> None:
        exempt = text(manager(enter, cast.EXEMPT), f"/plants/{cast.EXEMPT}/")
        assert "民生保障或清单豁免，不分担" in exempt
        silent = text(manager(enter, cast.CHEATS), f"/plants/{cast.CHEATS}/")
        assert "你厂当天的排放未报：缺年排放量申报。未报不等于零" in silent

    def test_the_api_adds_up_and_goes_by_rights(
        self, over: Decision, north: Client, south: Client, enter: Enter
    ) -> None:
        (cut,) = north.get("/api/targets/cut", {"area": "9001"}).json()
        assert cut["asked_kg"] == cut["carried_kg"] + cut["uncovered_kg"] == 500
        assert round(sum(row["kg"] for row in cut["plants"]), 2) == 500
        for row in cut["plants"]:
            assert round(sum(line["kg"] for line in row["lines"]), 2) == row["kg"]
        assert (cut["not_told"], cut["paper"], cut["confidence"]) == (2, "北县上限通知", "proposed")
        assert south.get("/api/targets/cut", {"area": "9001"}).status_code == 404
        assert enter("x", None, None, "").get("/api/targets/cut", {"area": "9001"}).status_code == 404

    def test_two_log_ins_do_not_share_what_was_kept(
        self, over: Decision, analyst: Client, enter: Enter
    ) -> None:
        set_cursor("worker", 7)
        assert so2().whole
        manager(enter, cast.OBEYS)
        seen = so2(f"m-{cast.OBEYS}")
        assert not seen.whole
        assert [row.id for row in seen.plants] == [cast.OBEYS]
        assert len(so2().plants) == 5


class TestFile:
    def tables(self, client: Client) -> dict[str, list[list[str]]]:
        rows = list(csv.reader(io.StringIO(client.get("/targets/targets.csv").content.decode("utf-8-sig"))))
        starts = [n for n, row in enumerate(rows) if len(row) == 1]
        found = {}
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            found[rows[start][0]] = [row for row in rows[start + 2 : end] if row]
        return found

    def test_plants_and_lines_of_the_own_counties_add_up(
        self, over: Decision, analyst: Client, north: Client, south: Client, enter: Enter
    ) -> None:
        for client in (analyst, north):
            made = self.tables(client)
            plants, lines = made["减排分担·企业"], made["减排分担·产线"]
            assert {row[0] for row in plants} == {"北县"}
            assert sum(Decimal(row[6]) for row in plants) == 500
            assert plants[-1][2] == "无人承担"
            assert sum(Decimal(row[4]) for row in lines) == 500
            assert {row[2] for row in lines} == {f"{cast.OBEYS}厂", f"{cast.REDUCES}厂"}
            silent = next(row for row in plants if row[2] == f"{cast.CHEATS}厂")
            assert (silent[3], silent[4], silent[6]) == ("", "未报", "0.0")
        for client in (south, enter("x", None, None, ""), manager(enter, cast.OBEYS)):
            assert self.tables(client)["减排分担·企业"] == []

    def test_the_workbook_has_the_same_sheets(self, over: Decision, analyst: Client) -> None:
        book = CalamineWorkbook.from_filelike(io.BytesIO(analyst.get("/targets/targets.xlsx").content))
        rows = book.get_sheet_by_name("减排分担·企业").to_python()
        assert [row[2] for row in rows[1:3]] == [f"{cast.OBEYS}厂", f"{cast.REDUCES}厂"]
        assert round(sum(float(row[6]) for row in rows[1:]), 2) == 500


class TestCounties:
    @pytest.fixture
    def two(self, over: Decision) -> Decision:
        """City and both counties with values; north has two stations, south one. South has a cap of its own."""
        Station.objects.create(id="s2", name="二号站", area_id="9001", lon=111.0, lat=36.0)
        Station.objects.create(id="s3", name="三号站", area_id="9002", lon=111.0, lat=35.0)
        rows = []
        for on in days(ON - timedelta(days=68), ON):
            rows += [*day_rows("9001", on, 66), *day_rows("9002", on, 48)]
            if on < ON - timedelta(days=3):
                rows += day_rows("90", on, 60)
        commands.record(rows, {"90": "90", "9001": "9001", "9002": "9002"}, MORNING)
        own = "9002,pm25_mean,2026-10-01,2027-03-31,50,ug/m3,,,,,,keep,南县目标,2026-10-01,2027-03-31,方案,secondary,\n"
        load_overlay("targets", f"{LEDGER_HEAD}\n{LEDGER}{own}", "test", "", "system", MORNING)
        return over

    def test_accounts_are_moved_to_the_city_s_mean(self, two: Decision) -> None:
        """City R = (55 x 182 - 60 x 69) / 113; north by the shared cap 55, south by its own 50."""
        counties = list(Area.objects.exclude(kind="city").order_by("id"))
        page = targets_page(Area.objects.get(pk="90"), counties, ON)
        assert page.main is not None
        north, south = page.counties
        assert north.own is not None
        assert south.own is not None
        assert (north.stations, south.stations) == (2, 1)
        assert float(north.own) == pytest.approx((55 * 182 - 66 * 69) / 113)
        assert float(south.own) == pytest.approx((50 * 182 - 48 * 69) / 113)
        assert north.shift == south.shift == page.shift
        assert north.rest is not None
        assert south.rest is not None
        assert (2 * north.rest + south.rest) / 3 == page.main.room.allowed
        assert page.shift is not None
        assert page.shift > 0
        assert north.allowed == north.rest
        assert south.allowed == south.own  # a cap of its own is not loosened

    def test_one_county_reads_the_same_shift_as_all(self, two: Decision, north: Client) -> None:
        counties = list(Area.objects.exclude(kind="city").order_by("id"))
        city = Area.objects.get(pk="90")
        alone, both = (targets_page(city, seen, ON) for seen in (counties[:1], counties))
        assert len(alone.counties) == 1
        assert alone.counties[0] == both.counties[0]
        page = text(north, "/targets/?area=90")
        assert "各县同移 +" in page
        assert "南县" not in page
