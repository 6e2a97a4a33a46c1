from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.worked_examples import cases

from lantian.assess.targets.ledger import (
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
    unit_of,
)
from lantian.errors import DataError, StandardsError
from lantian.periods import Period, season
from lantian.standards import parse, table
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


def refused(rows):
    with pytest.raises(DataError) as caught:
        targets_of(rows)
    return caught.value.source, caught.value.row, caught.value.field


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("pm25_mean,{s},,,,68,,,,keep", "value"),  # neither value nor change
        ("pm25_mean,{s},,,-3,68,2025-10-01,,,keep", "base_end"),
        ("pm25_mean,{s},,,-3,68,2026-03-31,2025-10-01,,keep", "base_end"),
        ("pm25_mean,,2027-03-31,66,ug/m3,,,,,,keep", "start_on"),
        ("pm25_mean,,,66,ug/m3,,,,,,keep", "start_on"),
        ("pm25_mean,2027-03-31,2026-10-01,66,ug/m3,,,,,,keep", "end_on"),
        ("emission_so2,{s},500,kg/day,,,,,,keep", "unit"),
        ("pm25_mean,{s},39,banana,,,,,,keep", "unit"),
        ("pm25_mean,{s},39,percent,,,,,,keep", "unit"),
        ("pm25_mean,{s},,banana,-3,,,,,keep", "unit"),
        ("heavy_days,{s},39,city-day,,,,,,keep", "unit"),
        ("pm25_mean,{s},NaN,ug/m3,,,,,,keep", "value"),
        ("pm25_mean,{s},Infinity,mg/m3,,,,,,keep", "value"),
        ("pm25_mean,{s},,,NaN,68,,,,keep", "change_percent"),
        ("pm25_mean,{s},,,-3,NaN,,,,keep", "base"),
        ("pm25_mean,{s},-39,ug/m3,,,,,,keep", "value"),
        ("good_ratio,{s},-3,percent,,,,,,keep", "value"),
        ("good_ratio,{s},101,percent,,,,,,keep", "value"),
        ("good_days,{s},183,day,,,,,,keep", "value"),
        ("heavy_days,{s},-1,day,,,,,,keep", "value"),
        ("heavy_days,{s},,day,-10,-5,,,,keep", "base"),
        ("pm25_mean,{s},,,-150,,,,,keep", "change_percent"),
        ("pm25_mean,{s},39,ug/m3,,,,,9999,keep", "edition"),
        ("good_days,{s},39,day,,,,,2026-final,keep", "edition"),
    ],
)
def test_a_line_that_cannot_be_is_refused_by_row_and_field(line, field):
    good = f"c,pm25_mean,{SEASON},66,ug/m3,,,,,,keep,p,,"
    rows = ledger(good, f"c,{line.format(s=SEASON)},p,,")
    assert refused(rows) == ("targets", 3, field)


def test_a_published_season_is_checked_as_well():
    def seasons(cells, span="2026-10-01,2027-03-31"):
        return parse("season_targets", f"{SEASONS}2026-27,c,,{cells},,,{span},paper,original,\n")

    assert refused(seasons("pm25_mean,60,kg")) == ("season_targets", 2, "unit")
    assert refused(seasons("heavy_days_yoy,NaN,day")) == ("season_targets", 2, "value")
    assert refused(seasons("pm25_mean_yoy,-101,percent")) == ("season_targets", 2, "change_percent")
    assert refused(seasons("pm25_mean,60,ug/m3", "2026-10-01,")) == ("season_targets", 2, "valid_to")
    (milligrams,) = targets_of(seasons("pm25_mean_yoy,-0.002,mg/m3"))
    assert cap_of(milligrams, Fraction(60)) == 58
    (relative,), (points,) = (
        targets_of(seasons(f"good_ratio_yoy,-4,{u}")) for u in ("percent", "percentage point")
    )
    assert (cap_of(relative, Fraction(75)), cap_of(points, Fraction(75))) == (72, 71)


@pytest.mark.parametrize(
    ("indicator", "value", "unit", "cap"),
    [
        ("co_p95", "1500", "ug/m3", "1.5"),
        ("co_p95", "1.5", "mg/m3", "1.5"),
        ("o3_p90", "0.16", "mg/m3", "160"),
        ("pm25_mean", "0.039", "mg/m3", "39"),
        ("good_ratio", "0.735", "share", "73.5"),
        ("emission_so2", "0.5", "t/day", "0.5"),
        ("emission_so2", "0.5", "", "0.5"),
        ("index", "4.2", "index", "4.2"),
        ("heavy_days", "0", "day", "0"),
    ],
)
def test_a_number_is_taken_in_the_indicators_own_unit(indicator, value, unit, cap):
    (made,) = targets_of(ledger(f"c,{indicator},{SEASON},{value},{unit},,,,,,keep,p,,"))
    assert cap_of(made) == Fraction(cap)
    assert made.unit == unit_of(made.indicator)


def test_the_base_of_the_ledger_is_converted_too():
    (made,) = targets_of(ledger(f"c,co_p95,{SEASON},,ug/m3,-10,2000,,,,keep,p,,"))
    assert cap_of(made) == Fraction("1.8")


@pytest.mark.parametrize(
    ("indicator", "base", "cap"), [("good_ratio", 75, "72.75"), ("heavy_days", 20, "19.4")]
)
def test_a_change_in_percent_is_one_of_the_base_for_ratios_and_counts_too(indicator, base, cap):
    (made,) = targets_of(ledger(f"c,{indicator},{SEASON},,percent,-3,,,,,keep,p,,"))
    assert (made.value, cap_of(made, Fraction(base)), cap_of(made)) == (None, Fraction(cap), None)


def test_a_cap_is_never_below_nought():
    fewer = target_on(date(2021, 12, 1), ["all key cities"], Indicator.HEAVY_DAYS)
    assert cap_of(fewer, Fraction(1)) == 0  # two days less than one


def test_the_cap_comes_before_the_change_whatever_the_order_of_the_papers():
    change, cap = (
        f"c,pm25_mean,{SEASON},,,-3,68,,,,keep,change,,",
        f"c,pm25_mean,{SEASON},66,,,,,,,keep,cap,,",
    )
    for lines in ((change, cap), (cap, change)):
        rows = ledger(*lines)
        found = targets_on(date(2026, 12, 1), ["c"], rows)
        assert [each.paper for each in found] == ["cap", "change"]
        assert target_on(date(2026, 12, 1), ["c"], Indicator.PM25_MEAN, rows).paper == "cap"


def test_every_published_line_of_the_package_can_be_read():
    assert len(targets_of((*table("targets"), *table("season_targets")))) > 5
