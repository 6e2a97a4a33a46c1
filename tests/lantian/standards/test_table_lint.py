from importlib.resources import files

import pytest

from lantian.standards import parse, table_names
from lantian.standards.lint import lint, lint_rows

LEVELS = "aqi_rules"
HEADER = "parameter,edition,value,unit,valid_from,valid_to,source,confidence,note\n"


def test_every_table_is_clean():
    assert lint() == []


def test_every_file_has_its_schema_and_every_schema_its_file():
    stems = {
        path.name.removesuffix(".csv") for path in files("lantian.standards").joinpath("tables").iterdir()
    }
    assert stems == set(table_names())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,2026,1,AQI,,,,original,", "source is empty"),
        ("a,2026,1,AQI,,,law,,", "confidence is empty"),
        ("a,2026,1,AQI,,,law,certain,", "unknown confidence 'certain'"),
        ("a,2026,1,furlong,,,law,original,", "unknown unit 'furlong'"),
        ("a,2026,,AQI,,,law,original,", "value is empty"),
        ("a,2026,1,AQI,2026-02-01,2026-01-01,law,original,", "ends"),
        (
            "a,2012,1,AQI,2016-01-01,2026-03-01,law,original,\na,2026,1,AQI,2026-03-01,,law,original,",
            "lines 2 and 3: both in force",
        ),
    ],
)
def test_what_is_wrong_is_said(rows, said):
    (complaint,) = [text for text in lint_rows(LEVELS, parse(LEVELS, HEADER + rows)) if said in text]
    assert complaint.startswith(LEVELS)


def test_break_points_must_rise_from_nought():
    header = "edition,item,period,iaqi,value,unit,valid_from,valid_to,source,confidence,note\n"
    rows = "\n".join(f"x,co,1h,{iaqi},{value},mg/m3,,,law,original," for iaqi, value in ((50, 5), (100, 4)))
    complaints = lint_rows("iaqi_breakpoints", parse("iaqi_breakpoints", header + rows))
    assert [text.split(": ")[1] for text in complaints] == ["does not begin at 0", "points do not rise"]


def test_over_the_top_is_either_a_value_or_another_period():
    header = "edition,item,period,value,unit,instead,valid_from,valid_to,source,confidence,note\n"
    rows = parse("iaqi_over_top", header + "x,co,1h,500,IAQI,24h,,,law,original,\n")
    assert lint_rows("iaqi_over_top", rows) == [
        "iaqi_over_top line 2: exactly one of value and instead is filled"
    ]
