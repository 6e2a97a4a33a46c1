"""Papers: asked for, made once, frozen, downloadable within their scope, every number leading to its rows."""

from __future__ import annotations

import io
import json
import os
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from docx import Document
from docx.oxml.ns import qn
from tests.lantian_web import cast

from lantian.errors import DataError, StoreError
from lantian.periods import at
from lantian.records import Assessment, Outcome, Role, Subject, SubjectKind
from lantian.report import canonical, content_sha256, message
from lantian_web.accounts.models import User
from lantian_web.assessments import commands as assessments
from lantian_web.bulletins import commands, glyphs, papers, queries, render_docx, render_pdf
from lantian_web.bulletins.models import Bulletin
from lantian_web.bulletins.phrases import PHRASES
from lantian_web.bulletins.pictures import drawn
from lantian_web.bulletins.wording import runs, text
from lantian_web.desk.conclusions import conclude
from lantian_web.findings import commands as findings
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.orders.models import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.db]
Login = Callable[..., User]
MORNING = at(cast.DAY, 24) + timedelta(hours=7)
CATALOGUE = Path(commands.__file__).parents[1] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.fixture
def played(ordered: object) -> str:
    """The first order day has closed: one plant confirmed, one only proposed, one blind."""
    seen, waits = cast.ran_on(cast.CHEATS), cast.ran_on(cast.OBEYS)
    judged = cast.Judged(
        [seen, waits],
        [
            cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED),
            cast.day_of(cast.OBEYS, Outcome.NOT_COMPLIED),
            cast.day_of(cast.BROKEN, Outcome.CANNOT_TELL),
        ],
    )
    findings.take(judged, cast.DAY, at(cast.DAY, 24))
    findings.confirm([seen.id], cast.ANALYST, at(cast.DAY, 24) + timedelta(hours=1))
    aqi = Assessment(
        Subject(SubjectKind.AREA, "90"),
        "aqi_day",
        cast.DAY,
        cast.DAY,
        Decimal(233),
        "",
        "2026",
        1,
        0,
        primary=("pm25",),
    )
    assessments.record([aqi], "90", at(cast.DAY, 24))
    return seen.id


def made(area: str = "90") -> Bulletin:
    row = commands.ask("day_sheet", cast.DAY, area, cast.ANALYST, MORNING)
    commands.make_asked(MORNING)
    row.refresh_from_db()
    return row


def _pm25(on: date, value: int) -> Assessment:
    subject = Subject(SubjectKind.AREA, "90")
    return Assessment(subject, "pm25_day", on, on, Decimal(value), "ug/m3", "2026", 1, 0)


def plain(row: Bulletin) -> str:
    """Text of the HTML file without its tags."""
    return re.sub(r"<[^>]+>", "", papers.get(row.html_sha256).decode())


class TestMaking:
    def test_asking_twice_at_one_time_changes_nothing(self, played: str) -> None:
        first = made()
        assert commands.make_asked(MORNING) == 0
        again = commands.ask("day_sheet", cast.DAY, "90", cast.ANALYST, MORNING)
        assert again.made_at == first.made_at
        assert Bulletin.objects.count() == 1

    def test_same_data_same_hashes(self, played: str) -> None:
        first = made()
        Bulletin.objects.update(
            made_at=None, content_sha256="", html_sha256="", docx_sha256="", pdf_sha256=""
        )
        commands.make_asked(MORNING + timedelta(hours=3))
        second = Bulletin.objects.get()
        assert (second.content_sha256, second.html_sha256, second.docx_sha256, second.pdf_sha256) == (
            first.content_sha256,
            first.html_sha256,
            first.docx_sha256,
            first.pdf_sha256,
        )

    def test_the_frozen_content_is_known_by_its_hash(self, played: str) -> None:
        row = made()
        sheet = commands.sheet_of("day_sheet", cast.DAY, "90", MORNING)
        assert content_sha256(sheet) == row.content_sha256
        assert papers.get(row.content_sha256) == canonical(sheet)
        assert json.loads(papers.get(row.content_sha256))["area_id"] == row.area_id

    def test_later_decisions_do_not_reach_back(self, played: str) -> None:
        before = commands.sheet_of("day_sheet", cast.DAY, "90", MORNING)
        waiting = queries.day_inputs(cast.DAY, "90", MORNING).findings
        proposed = next(row.id for row in waiting if row.id != played)
        findings.confirm([proposed], cast.ANALYST, MORNING + timedelta(hours=1))
        assert commands.sheet_of("day_sheet", cast.DAY, "90", MORNING) == before

    def test_a_changed_file_is_not_served(self, played: str) -> None:
        sha256 = papers.put(b"paper")
        papers._path(sha256).write_bytes(b"forged")
        with pytest.raises(StoreError, match="changed after"):
            papers.get(sha256)

    def test_an_unknown_kind_or_area_is_named(self, town: object) -> None:
        with pytest.raises(DataError, match="weekly"):
            commands.ask("weekly", cast.DAY, "90", cast.ANALYST, MORNING)
        with pytest.raises(DataError, match="77"):
            commands.ask("day_sheet", cast.DAY, "77", cast.ANALYST, MORNING)


class TestContent:
    def test_names_the_confirmed_plant_alone(self, played: str) -> None:
        row = made()
        sheet = commands.sheet_of("day_sheet", cast.DAY, "90", MORNING)
        cases = next(section for section in sheet.sections if section.id == "confirmed").tables[0]
        assert [text(line[0]) for line in cases.rows] == [
            text(message("case.plant", area="北县", plant="cheats厂", line="一号线"))
        ]
        assert "cheats厂" in plain(row)
        assert "233" in plain(row)

    def test_orders_are_pending_until_confirmed(self, played: str) -> None:
        outcomes = {
            row.enterprise_id: row.outcome for row in queries.day_inputs(cast.DAY, "90", MORNING).orders
        }
        assert outcomes[cast.CHEATS] == "not_complied"
        assert outcomes[cast.OBEYS] == "pending"
        assert outcomes[cast.BROKEN] == "cannot_tell"
        assert outcomes[cast.EXEMPT] == "not_judged"

    def test_a_county_paper_holds_its_county_alone(self, played: str) -> None:
        facts = queries.day_inputs(cast.DAY, "9002", MORNING)
        assert {row.enterprise_id for row in facts.orders} == {cast.FAR}
        assert facts.findings == ()
        assert [area.id for area in facts.areas] == ["9002"]
        assert [reading.of.indicator for reading in facts.readings] == ["aqi_day"]


class TestBelowTheCity:
    """A county's paper is made of what leaves the city office: no proposal, nothing set aside, nothing pending."""

    def enter(self, login: Login, role: Role = Role.DISPATCHER, scope: str = "area:9001") -> Client:
        client = Client()
        person = cast.DISPATCHER if role is Role.DISPATCHER else cast.ANALYST
        client.force_login(
            login(f"{role}-{scope}", person, role, scope), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    def test_nothing_waits_on_it_and_the_counts_add_up(self, played: str) -> None:
        facts = queries.day_inputs(cast.DAY, "9001", MORNING)
        assert [row.id for row in facts.findings] == [played]
        outcomes = {row.enterprise_id: row.outcome for row in facts.orders}
        assert outcomes[cast.OBEYS] == outcomes[cast.EXEMPT] == "not_judged"
        assert "pending" not in outcomes.values()
        told = plain(made("9001"))
        assert "待确认" not in told
        assert "未出结论" in told
        sheet = commands.sheet_of("day_sheet", cast.DAY, "9001", MORNING)
        orders = next(section for section in sheet.sections if section.id == "orders").tables[0]
        for line in orders.rows:
            counts = [figure.value for figure in line[2:]]
            assert counts[0] == sum(value for value in counts[2:] if isinstance(value, int))
            assert line[-1].link is None

    def test_a_dismissed_proposal_leaves_no_trace(self, played: str) -> None:
        before = commands.sheet_of("day_sheet", cast.DAY, "9001", MORNING)
        waits = next(
            row.id for row in queries.day_inputs(cast.DAY, "90", MORNING).findings if row.id != played
        )
        findings.dismiss([waits], cast.ANALYST, MORNING - timedelta(hours=1), "unfounded")
        assert commands.sheet_of("day_sheet", cast.DAY, "9001", MORNING) == before

    def test_one_kind_confirmed_does_not_confirm_the_other(self, played: str) -> None:
        row = OrderDay.objects.get(enterprise_id=cast.OBEYS)
        OrderDay.objects.filter(enterprise_id=cast.CHEATS).update(kind="not_reduced")
        outcomes = {o.id: o.outcome for o in queries.day_inputs(cast.DAY, "90", MORNING).orders}
        assert outcomes[cast.order_of(cast.CHEATS).id] == outcomes[row.order_id] == "pending"
        assert (
            conclude(OrderDay.objects.all())[OrderDay.objects.get(enterprise_id=cast.CHEATS).pk] == "pending"
        )

    @pytest.mark.slow
    def test_every_link_and_filter_hides_the_accused(self, played: str, login: Login) -> None:
        client = self.enter(login)
        answer = client.post("/bulletins/", {"area": "9001", "on": cast.DAY.isoformat()})
        row = Bulletin.objects.get()
        assert answer.headers["Location"] == f"/bulletins/{row.id}/"
        Bulletin.objects.update(asked_at=MORNING)
        commands.make_asked(MORNING)
        html = client.get(f"/bulletins/{row.id}/").content.decode()
        links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]+rows/\?[^"]+)"', html)}
        assert links
        for link in sorted(links):
            assert not re.search("pending|not_judged|proposed|dismissed|withdrawn", link)
            assert client.get(link).status_code == 200, link
        for asked in (
            {"row": "order", "outcome": "pending"},
            {"row": "order", "outcome": "not_judged"},
            {"row": "order", "outcome": "pending", "area": "9001"},
            {"row": "finding", "state": "proposed"},
            {"row": "finding", "state": "dismissed"},
            {"row": "finding", "state": "withdrawn", "decided": "day"},
            {"row": "finding", "state": "proposed", "page": "2"},
            {"row": "finding", "decided": ""},
        ):
            assert client.get(f"/bulletins/{row.id}/rows/", asked).status_code == 404, asked
        said = client.get(f"/bulletins/{row.id}/rows/", {"row": "finding"}).content.decode()
        assert f"{cast.CHEATS}厂" in said
        assert f"{cast.OBEYS}厂" not in said
        for light in ("amber", "blind"):  # red: every plant here is late to claim its order
            said = client.get(f"/bulletins/{row.id}/rows/", {"row": "plant", "light": light}).content.decode()
            assert f"{cast.OBEYS}厂" not in said, light
        for outcome in Outcome:
            said = client.get(
                f"/bulletins/{row.id}/rows/", {"row": "order", "outcome": outcome}
            ).content.decode()
            assert f"{cast.OBEYS}厂" not in said, outcome

    def test_the_citys_paper_stays_with_its_analysts(self, played: str, login: Login) -> None:
        row = made()
        city_dispatcher = self.enter(login, scope="area:90")
        assert city_dispatcher.get(f"/bulletins/{row.id}/").status_code == 404
        assert city_dispatcher.get(f"/bulletins/{row.id}/rows/?row=order&outcome=pending").status_code == 404
        asked = {"area": "90", "on": cast.DAY.isoformat()}
        assert city_dispatcher.post("/bulletins/", asked).status_code == 404
        analyst = self.enter(login, Role.ANALYST, "area:90")
        assert analyst.post("/bulletins/", asked).status_code == 302
        said = analyst.get(f"/bulletins/{row.id}/rows/?row=order&outcome=pending").content.decode()
        assert f"{cast.OBEYS}厂" in said

    def test_rows_behind_a_figure_pass_the_row_rights(
        self, played: str, login: Login, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever a paper counts, its rows are listed within the rights alone: here it counts the whole city."""
        row = made("9001")
        client = self.enter(login)
        said = client.get(f"/bulletins/{row.id}/rows/?row=decision").content.decode()
        assert Decision.objects.get().pk not in said
        whole = queries.day_inputs(cast.DAY, "90", MORNING)
        monkeypatch.setattr(queries, "day_inputs", lambda *_: whole)
        for kind, hidden in (("order", cast.order_of(cast.FAR).pk), ("finding", waiting_id(played))):
            said = client.get(f"/bulletins/{row.id}/rows/?row={kind}").content.decode()
            assert hidden not in said
            assert f"{cast.FAR}厂" not in said


def waiting_id(confirmed: str) -> str:
    """The proposal that nobody has decided."""
    found: str = Finding.objects.exclude(pk=confirmed).values_list("pk", flat=True).get()
    return found


class TestFiles:
    def test_word_follows_the_official_layout(self, played: str) -> None:
        document = Document(io.BytesIO(papers.get(made().docx_sha256)))
        page = document.sections[0]
        margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
        assert [round(margin.mm) for margin in margins if margin] == [37, 35, 28, 26]
        assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
        for table in document.tables:
            assert table.rows[0]._tr.get_or_add_trPr().find(qn("w:tblHeader")) is not None
            assert all(row._tr.get_or_add_trPr().find(qn("w:cantSplit")) is not None for row in table.rows)

    def test_every_footnote_mark_in_word_finds_its_note(self, played: str) -> None:
        body = Document(io.BytesIO(papers.get(made().docx_sha256))).element.body
        anchors = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
        marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
        assert anchors
        assert anchors <= marks

    def test_every_figure_in_html_is_a_link(self, played: str) -> None:
        html = papers.get(made().html_sha256).decode()
        cells = re.findall(r'<td class="num">(.*?)</td>', html)
        assert cells
        bare = [cell for cell in cells if re.search(r"\d", cell) and "<a " not in cell]
        assert bare == [] or all(
            cell in ("0", "1") for cell in bare
        )  # days valid and dropped, beside their link

    def test_pdf_says_the_same(self, played: str) -> None:
        from pypdf import PdfReader

        sheet = commands.sheet_of("day_sheet", cast.DAY, "90", MORNING)
        try:
            data = render_pdf.render(sheet)
        except StoreError as error:
            if "no font" in str(error) and os.environ.get("CI") != "true":
                pytest.skip("no Chinese font for typst (fonts-noto-cjk)")
            raise
        pages = PdfReader(io.BytesIO(data)).pages
        told = "".join(page.extract_text() for page in pages)
        assert "233" in told
        assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [210, 297]

    @pytest.mark.slow
    def test_the_season_is_drawn_in_all_three_files(self, played: str) -> None:
        first = date(2026, 10, 1)
        days = [_pm25(first + timedelta(days=n), 40 + n) for n in range((cast.DAY - first).days + 1)]
        whole = replace(days[-1], indicator="pm25_season", start_on=first, target=Decimal(48))
        assessments.record([*days, whole], "90", at(cast.DAY, 24))
        row = made()
        html = papers.get(row.html_sha256).decode()
        (svg,) = re.findall(
            r'<img class="drawn" src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)"', html
        )
        assert b"<svg" in b64decode(svg[0])
        assert "12月8日" in svg[1]
        document = Document(io.BytesIO(papers.get(row.docx_sha256)))
        assert [shape._inline.docPr.get("descr") for shape in document.inline_shapes] == [svg[1]]
        again = commands.sheet_of("day_sheet", cast.DAY, "90", MORNING)
        drawn.cache_clear()
        assert render_docx.render(again) == papers.get(row.docx_sha256)
        assert render_pdf.render(again) == papers.get(row.pdf_sha256)

    def test_a_glyph_that_no_font_has_is_named(self) -> None:
        if render_pdf.SERIF not in render_pdf._installed():
            pytest.skip("no Chinese font for typst (fonts-noto-cjk)")
        render_pdf.check_glyphs("大气 PM2.5 ▲◆□● −", [render_pdf.SERIF])
        with pytest.raises(StoreError, match=r"U\+10FFFD|U\+13000"):
            render_pdf.check_glyphs("大\U00013000", [render_pdf.SERIF])

    def test_a_damaged_font_is_an_error_with_its_name(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken.ttf"
        broken.write_bytes(b"ttcf")
        with pytest.raises(StoreError, match="broken.ttf"):
            glyphs.characters(str(broken))


@pytest.mark.slow
class TestPages:
    def test_only_those_of_the_scope_see_and_download(self, played: str, login: Login) -> None:
        row = made()
        county = made("9001")
        addresses = [
            f"/bulletins/{row.id}/",
            f"/bulletins/{row.id}/file.docx",
            f"/bulletins/{row.id}/rows/?row=order",
        ]
        for name, role, scope, expected in (
            ("analyst", Role.ANALYST, "area:90", 200),
            ("dispatcher", Role.DISPATCHER, "area:9001", 404),
            ("manager", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}", 404),
            ("stranger", None, "", 404),
        ):
            client = Client()
            client.force_login(
                login(name, None, role, scope), backend="django.contrib.auth.backends.ModelBackend"
            )
            assert [client.get(address).status_code for address in addresses] == [expected] * 3
            if name == "dispatcher":
                assert client.get(f"/bulletins/{county.id}/").status_code == 200

    def test_the_rows_behind_a_figure(self, played: str, login: Login) -> None:
        row = made()
        client = Client()
        client.force_login(
            login("analyst", cast.ANALYST, Role.ANALYST, "area:90"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        page = client.get(f"/bulletins/{row.id}/rows/", {"row": "finding", "of": "day", "state": "confirmed"})
        assert page.status_code == 200
        page = client.get(f"/bulletins/{row.id}/rows/", {"row": "finding", "state": "confirmed"})
        assert played in page.content.decode()
        assert client.get(f"/bulletins/{row.id}/rows/", {"row": "secret"}).status_code == 404

    def test_every_link_of_the_paper_opens(self, played: str, login: Login) -> None:
        row = made()
        client = Client()
        client.force_login(
            login("analyst", cast.ANALYST, Role.ANALYST, "area:90"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        html = client.get(f"/bulletins/{row.id}/").content.decode()
        links = {link.replace("&amp;", "&") for link in re.findall(r'class="n[^"]*" href="(/[^"]+)"', html)}
        kinds = {
            link.split("row=")[1].split("&")[0] if "row=" in link else link.split("/")[1] for link in links
        }
        assert {"order", "finding", "task", "plant", "decision", "rows"} <= kinds
        for link in sorted(links)[::5]:
            assert client.get(link).status_code == 200, link


class TestWords:
    def test_numbers(self) -> None:
        assert text(Decimal("-1234.5")) == "−1,234.5"
        assert text(None) == "—"

    def test_a_code_without_a_phrase_is_shown(self) -> None:
        assert text(message("confidence.strange")) == "strange"

    def test_runs_keep_links_apart(self) -> None:
        assert [run.text for run in runs(message("total"))] == [str(PHRASES["total"])]

    def test_every_phrase_has_its_chinese_with_the_same_places(self) -> None:
        with CATALOGUE.open("rb") as file:
            catalogue = read_po(file)
        known = {(entry.context, entry.id): str(entry.string) for entry in catalogue}
        with translation.override("en"):
            msgids = {id: str(phrase) for id, phrase in PHRASES.items()}
        for id, english in msgids.items():
            if english.strip("{}").isidentifier():
                continue  # what is said comes with the figure
            chinese = known.get(("paper", english), "")
            assert chinese, id
            assert places(chinese) == places(english), id


def places(phrase: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(phrase) if name}
