from datetime import date
from decimal import Decimal

import pytest

from lantian.errors import StandardsError
from lantian.standards import parse, table, table_names

HEADER = "parameter,edition,value,unit,valid_from,valid_to,source,confidence,note\n"


def test_cells_are_typed():
    row = next(row for row in table("iaqi_breakpoints") if row["item"] == "co" and row["iaqi"] == 50)
    assert row.number() == Decimal(2)
    assert row.text("unit") == "mg/m3"
    assert row.day("valid_from") == date(2016, 1, 1)
    assert row["note"] is None
    assert row.text("note") == ""
    assert row.get("no such column", "x") == "x"


def test_a_row_tells_where_it_comes_from():
    row = next(row for row in table("warning_triggers") if row.edition == "2024")
    note = row.footnote()
    assert (note.table, note.key, note.confidence) == ("warning_triggers", "2024/yellow/1/1", "official-copy")
    assert note.source


def test_an_undated_row_says_so_in_its_footnote():
    row = next(row for row in table("data_validity") if row["statistic"] == "mda8")
    assert row.footnote().key.endswith("/undated")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,2026,ten,AQI,,,law,original,", "line 2, column value"),
        ("a,2026,10,AQI,2026-13-01,,law,original,", "line 2, column valid_from"),
    ],
)
def test_a_bad_row_is_named(line, said):
    with pytest.raises(StandardsError, match=said):
        parse("aqi_rules", HEADER + line)


def test_a_closed_vocabulary_is_kept():
    header = "report,edition,item,period,scale,valid_from,valid_to,source,confidence,note\n"
    with pytest.raises(StandardsError, match="none of daily, hourly"):
        parse("aqi_items", header + "weekly,2026,co,1h,1h,,,law,original,")


def test_columns_that_do_not_fit_are_named():
    with pytest.raises(StandardsError, match="unit"):
        parse("aqi_rules", "parameter,edition,value\na,b,1\n")


def test_there_is_no_other_table():
    with pytest.raises(StandardsError, match="no table 'grades'"):
        table("grades")
    of_a_city = {"dust_days", "station_spells", "targets"}  # filled by overlays only
    assert {name for name in table_names() if not table(name)} == of_a_city


def test_an_empty_number_is_not_nought():
    row = next(row for row in table("season_targets") if row["value"] is None)
    with pytest.raises(StandardsError, match="holds no number"):
        row.number()
