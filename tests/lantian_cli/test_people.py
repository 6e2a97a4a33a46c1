"""`lantian template people` and `lantian import people` on a small home: looked at, given back, taken in."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from tests.lantian.observe.filling import FIRST, filled
from tests.lantian_cli.homes import lantian, python

from lantian.observe.forms import load_form

pytestmark = pytest.mark.slow

LOOK = """
import django, json; django.setup()
from lantian_web.accounts.models import PeopleImport, Person
print(json.dumps([PeopleImport.objects.count(), sorted(Person.objects.filter(id__startswith="P-").values_list("id", flat=True))]))
"""
FORM = Path(__file__).resolve().parents[2] / "src/lantian_web/accounts/people_form.toml"


def there(home: Path) -> list[object]:
    done = python(home, "-c", LOOK)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_the_form_is_written_with_and_without_a_home(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "people.xlsx"
    done = python(tmp_path, "-m", "lantian_cli", "template", "people", str(out), "--json")
    assert done.returncode == 0, done.stderr
    book = load_workbook(out)
    assert book.sheetnames == ["单位", "人员", "岗位", "包联", "代理", "值班"]
    assert book["单位"]["A1"].value == "people v1"
    code, told = lantian(home, "template", "people", str(out), "--json")
    assert (code, told["known"]) == (0, True)
    assert load_workbook(out)["单位"].cell(FIRST, 2).value


def test_a_list_is_looked_at_given_back_and_its_good_rows_taken_in(home: Path, tmp_path: Path) -> None:
    good = {"id": "P-1", "name": "赵某", "unit_id": "u-city", "phone": "13800000001"}
    rows = {"people": [good, good | {"id": "P-2", "phone": "1.38E+10"}]}
    file, back = tmp_path / "people.xlsx", tmp_path / "back.xlsx"
    file.write_bytes(filled(load_form(FORM.read_text(encoding="utf-8")), rows))
    code, seen = lantian(home, "import", "people", str(file), "--dry-run", "--returned", str(back), "--json")
    assert (code, seen["refused"], seen["receipt"]) == (1, 1, None)
    assert seen["counts"]["people"] == {"add": 1, "change": 0, "skip": 0, "refuse": 1}
    assert [(f["sheet"], f["row"], f["field"], f["code"]) for f in seen["faults"]] == [
        ("people", FIRST + 1, "phone", "phone_scientific")
    ]
    assert seen["faults"][0]["reason"].endswith(
        "a telephone in scientific form: its digits are lost (1.38E+10)"
    )
    assert (
        load_workbook(io.BytesIO(back.read_bytes()))["人员"].cell(FIRST + 1, 5).fill.fgColor.rgb == "00FFC7CE"
    )
    assert there(home) == [0, []]
    code, seen = lantian(home, "import", "people", str(file), "--json")
    assert (code, seen["receipt"], there(home)) == (1, None, [0, []])
    code, seen = lantian(home, "import", "people", str(file), "--partial", "--json")
    assert code == 1
    assert seen["receipt"].startswith("people_import_")
    assert there(home) == [1, ["P-1"]]
    done = python(home, "-m", "lantian_cli", "import", "people", str(file), "--home", str(home))
    assert done.returncode == 1
    assert "nothing was taken in" in done.stdout
    done = python(home, "-m", "lantian_cli", "import", "people", str(FORM), "--home", str(home))
    assert (done.returncode, "not an Excel workbook" in done.stderr) == (2, True)
