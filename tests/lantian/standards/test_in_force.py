from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import StandardsError
from lantian.standards import catalog, in_force, parse, table, table_names, unverified

OLD, NEW = date(2026, 2, 28), date(2026, 3, 1)


def limit(on, edition=None):
    return in_force("gb3095_limits", on, edition, item="pm25", period="year", level=2)[0]


def test_the_edition_changes_with_the_day():
    assert (limit(OLD).edition, limit(NEW).edition) == ("2012", "2026-transition")
    assert limit(date(2031, 1, 1)).edition == "2026-final"


def test_another_edition_may_be_played():
    assert limit(OLD, "2026-final").edition == "2026-final"
    assert {row.edition for row in in_force("warning_triggers", date(2016, 12, 26), "2017")} == {"2017"}


def test_the_gap_is_named():
    with pytest.raises(StandardsError) as error:
        in_force("warning_triggers", date(2016, 12, 26))
    for part in ("warning_triggers", "2016-12-26", "2017-09-20", "2017, 2019, 2024"):
        assert part in str(error.value)


def test_an_end_without_a_follower_is_a_gap():
    with pytest.raises(StandardsError, match="last row ended on 2024-03-31"):
        in_force("season_targets", date(2026, 12, 7))


def test_unknown_editions_columns_and_keys_are_errors():
    with pytest.raises(StandardsError, match="editions: 2012, 2026"):
        in_force("aqi_levels", NEW, "2020")
    with pytest.raises(StandardsError, match="no column colour"):
        in_force("aqi_levels", NEW, colour="red")
    with pytest.raises(StandardsError, match="no such row in any edition"):
        in_force("aqi_levels", NEW, level=9)


def test_an_undated_row_is_used_only_where_no_dated_one_fits():
    def decimals(on):
        rows = in_force("rounding_rules", on, quantity="statistic", item="pm25")
        assert len(rows) == 1
        return rows[0]

    assert (decimals(OLD).edition, decimals(OLD).integer()) == ("2012", 0)
    assert (decimals(NEW).edition, decimals(NEW).integer()) == ("2026", 1)


def test_undated_rows_stand_in_where_a_named_edition_is_silent():
    (row,) = in_force("data_validity", NEW, "2026", statistic="mda8", period="day")
    assert row.edition == "2012"


@given(st.dates(date(2010, 1, 1), date(2040, 1, 1)))
def test_one_value_per_key_on_any_day(on):
    for name in table_names():
        try:
            rows = in_force(name, on)
        except StandardsError:
            continue
        keys = [row.key for row in rows]
        assert len(keys) == len(set(keys)), name


def test_a_citys_own_row_replaces_the_one_of_its_key():
    header = "urgency,order,step,name_zh,value,unit,calendar,tells,sender_tells,"
    header += "valid_from,valid_to,source,confidence,note\n"
    own = parse(
        "escalation_steps",
        header
        + "emergency,2,yellow,黄单,5,minute,clock,leader,city_office,2026-11-01,,city paper,original,\n",
    )
    before = in_force("escalation_steps", date(2026, 10, 31), overlay=own, urgency="emergency")
    after = in_force("escalation_steps", date(2026, 11, 1), overlay=own, urgency="emergency")
    assert sorted(row.integer() for row in before) == [-10, 0, 60]
    assert sorted(row.integer() for row in after) == [-10, 5, 60]


def test_the_catalogue_lists_every_edition():
    infos = {(info.table, info.edition): info for info in catalog()}
    assert infos["warning_triggers", "2024"].valid_to is None
    assert infos["warning_triggers", "2019"].valid_to == date(2024, 1, 30)
    assert sum(info.rows for info in infos.values()) == sum(len(table(name)) for name in table_names())
    assert {info.edition for info in catalog(date(2026, 12, 7)) if info.table == "aqi_levels"} == {"2026"}


def test_the_unverified_are_listed():
    rows = unverified()
    assert rows
    assert {row.confidence for row in rows} == {"unverified", "proposed"}
    assert len(unverified("task_clocks")) == len(table("task_clocks"))
    assert len(unverified(on=date(2026, 12, 7))) < len(rows)
