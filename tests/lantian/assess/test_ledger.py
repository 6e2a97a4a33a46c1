from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.worked_examples import cases

from lantian.assess.ledger import (
    EMISSIONS,
    Indicator,
    Root,
    base_from_result,
    cap_of,
    days_needed,
    target_from_base,
    target_on,
    targets_of,
    targets_on,
)
from lantian.errors import StandardsError
from lantian.periods import Period, season
from lantian.standards import parse
from lantian.standards.loader import schema

HEAD = (
    "area,indicator,start_on,end_on,value,unit,change_percent,base,base_start,base_end,edition,dust_mode,paper,"
    "valid_from,valid_to,source,confidence,note\n"
)
SEASONS = "season,region,region_zh,indicator,value,unit,result,result_unit,valid_from,valid_to,source,confidence,note\n"
SEASON, YEAR = "2026-10-01,2027-03-31", "2027-01-01,2027-12-31"


def ledger(*lines):
    """Rows of `area,indicator,start,end,value,unit,change,base,base_start,base_end,edition,dust` + validity."""
    return parse("targets", HEAD + "".join(f"{line},paper of the city,original,\n" for line in lines))


def parts(case):
    return dict(part.split("=") for part in case["input"].split("; "))


@pytest.mark.parametrize("case", cases("targets", kind="target_from_base"))
def test_target_of_the_worked_example(case):
    given = parts(case)
    cut = -Decimal(given["cut"].removesuffix(" %"))
    assert target_from_base(Decimal(given["base"]), cut) == Fraction(case["expected"])


@pytest.mark.parametrize("case", cases("targets", kind="season_days"))
def test_days_of_a_season(case):
    start, end = map(date.fromisoformat, case["input"].split(".."))
    assert season(start) == Period(start, end)
    assert season(start).days == int(case["expected"])


@pytest.mark.parametrize("case", cases("targets", kind="good_days"))
def test_good_days_are_rounded_up(case):
    given = parts(case)
    assert days_needed(Decimal(given["target"].removesuffix(" %")), int(given["days"])) == int(
        case["expected"]
    )


@pytest.mark.parametrize("case", cases("targets", kind="base_from_result"))
def test_base_of_a_published_result(case):
    given = dict(
        part.split("=") for part in case["input"].split(": ")[1].replace(" at ", "; change=").split("; ")
    )
    base = base_from_result(Decimal(given["result"]), Decimal(given["change"].removesuffix(" %")))
    assert round(float(base), 1) == float(case["expected"])


def test_a_fall_by_everything_leaves_no_base():
    with pytest.raises(StandardsError):
        base_from_result(Decimal(0), Decimal(-100))


def test_the_words_of_the_table_are_the_indicators():
    assert set(schema("targets").columns["indicator"]) == {each.value for each in Indicator}
    assert set(EMISSIONS) == {each for each in Indicator if each.value.startswith("emission_")}


def test_year_and_season_are_roots_and_a_summer_is_neither():
    rows = ledger(
        f"c,pm25_mean,{YEAR},45,ug/m3,,,,,,keep,no. 1,,",
        f"c,pm25_mean,{SEASON},,,-3,68,2025-10-01,2026-03-31,2012,exclude,no. 2,,",
        "c,pm25_mean,2027-04-01,2027-09-30,30,ug/m3,,,,,,keep,no. 3,,",
    )
    year, winter, summer = targets_of(rows)
    assert (year.root, winter.root, summer.root) == (Root.YEAR, Root.SEASON, Root.OTHER)
    assert (cap_of(year), cap_of(winter)) == (45, Fraction("65.96"))
    assert year.base_period == Period(date(2026, 1, 1), date(2026, 12, 31))
    assert (winter.edition, winter.dust_mode, winter.paper) == ("2012", "exclude", "no. 2")
    on = date(2027, 2, 1)
    assert target_on(on, ["c"], Indicator.PM25_MEAN, rows, Root.SEASON) == winter
    assert target_on(on, ["c"], Indicator.PM25_MEAN, rows, Root.YEAR) == year
    assert target_on(on, ["c"], Indicator.HEAVY_DAYS, rows) is None
    assert targets_on(on, ["c"], rows, binding=date(2027, 7, 1)) == (year, summer)


def test_the_base_of_the_ledger_stands_before_that_of_the_data():
    (own,) = targets_of(ledger(f"c,pm25_mean,{SEASON},,,-10,70,,,,keep,p,,"))
    assert cap_of(own, Fraction(100)) == 63
    (open_,) = targets_of(ledger(f"c,pm25_mean,{SEASON},,,-10,,,,,keep,p,,"))
    assert (cap_of(open_, Fraction(100)), cap_of(open_)) == (90, None)


def test_the_citys_own_target_stands_before_its_regions():
    rows = ledger(
        f"region,pm25_mean,{SEASON},70,ug/m3,,,,,,keep,p,,",
        f"c,pm25_mean,{SEASON},66,ug/m3,,,,,,keep,p,,",
        f"region,heavy_days,{SEASON},8,day,,,,,,keep,p,,",
    )
    found = targets_on(date(2026, 12, 1), ["c", "region"], rows)
    assert [(each.area, each.indicator.value) for each in found] == [
        ("c", "pm25_mean"),
        ("region", "heavy_days"),
    ]
    assert len(targets_on(date(2026, 12, 1), overlay=rows)) == 3
    assert targets_on(date(2026, 9, 30), ["c"], rows) == ()


def test_a_revised_target_holds_from_its_paper_on():
    rows = ledger(
        f"c,pm25_mean,{SEASON},66,ug/m3,,,,,,keep,first,2026-10-01,2026-12-31",
        f"c,pm25_mean,{SEASON},64,ug/m3,,,,,,keep,second,2027-01-01,",
    )
    papers = [
        target_on(on, ["c"], Indicator.PM25_MEAN, rows).paper for on in (date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert papers == ["first", "second"]


def test_published_seasons_are_targets_too():
    national = target_on(date(2019, 12, 1), ["Fenwei"], Indicator.PM25_MEAN)
    assert (national.change_percent, national.value, national.root) == (Decimal(-3), None, Root.SEASON)
    assert target_on(date(2023, 12, 1), ["per city"], Indicator.PM25_MEAN) is None  # no number seen
    days = target_on(date(2021, 12, 1), ["all key cities"], Indicator.HEAVY_DAYS)
    assert cap_of(days, Fraction(16)) == 14


@pytest.mark.parametrize(
    "line",
    [
        f"c,pm25_mean,{SEASON},,,,68,,,,keep,p,,",  # neither value nor change
        f"c,pm25_mean,{SEASON},,,-3,68,2025-10-01,,,keep,p,,",
        "c,pm25_mean,,2027-03-31,66,ug/m3,,,,,,keep,p,,",
    ],
)
def test_a_line_that_cannot_be_read_is_named(line):
    with pytest.raises(StandardsError, match="line 2"):
        targets_of(ledger(line))
