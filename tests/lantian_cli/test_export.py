"""`lantian export county` on a small home: the county's day as Word and Excel, and what is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from tests.lantian_cli.homes import lantian

pytestmark = pytest.mark.slow


def test_a_county_without_tasks_still_has_its_day(home: Path, tmp_path: Path) -> None:
    book, paper = tmp_path / "day.xlsx", tmp_path / "day.docx"
    code, told = lantian(home, "export", "county", str(book), "--area", "9001", "--json")
    assert (code, told["tasks"], told["open"]) == (0, 0, 0)
    assert load_workbook(book).sheetnames == ["台账", "未办结清单", "统计"]
    code, _ = lantian(home, "export", "county", str(paper), "--area", "9001", "--on", "2026-12-08", "--json")
    assert code == 0
    assert "word/document.xml" in zipfile.ZipFile(paper).namelist()


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("day.pdf", ["--area", "9001"], ".docx or .xlsx"),
        ("day.xlsx", ["--area", "77"], "there is no area 77"),
        ("day.xlsx", ["--area", "9001", "--on", "yesterday"], "not a day"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(
    home: Path, tmp_path: Path, name: str, more: list[str], said: str
) -> None:
    code, told = lantian(home, "export", "county", str(tmp_path / name), *more)
    assert code == 2
    assert said in told
    assert not (tmp_path / name).exists()
