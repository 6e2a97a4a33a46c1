from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess import change_percent, period_mean, season_standing, season_target
from lantian.assess.season import remaining_mean, target_from_base
from lantian.errors import PeriodError, StandardsError
from lantian.periods import Period, same_period_last_year, season
from lantian.records import ObservationKind as Kind
from lantian.standards import parse

ON = date(2026, 12, 18)
HEADER = "season,region,region_zh,indicator,value,unit,result,result_unit,valid_from,valid_to,source,confidence,note\n"
OWN = parse(
    "season_targets",
    HEADER + "2026-27,city,,pm25_mean_yoy,-3,percent,,,2026-10-01,2027-03-31,city paper,original,\n",
)


def flat(value, start, end):
    return {start + timedelta(days=n): Decimal(value) for n in range((end - start).days + 1)}


def winters(this, last):
    return flat(last, date(2025, 10, 1), date(2026, 3, 31)) | flat(this, date(2026, 10, 1), ON)


def parts(case):
    return dict(part.split("=") for part in case["input"].split("; "))


@pytest.mark.parametrize("case", cases("targets", kind="target_from_base"))
def test_target_of_the_worked_example(case):
    given_ = parts(case)
    cut = -Decimal(given_["cut"].removesuffix(" %"))
    assert target_from_base(Decimal(given_["base"]), cut) == Fraction(case["expected"])


@pytest.mark.parametrize("case", cases("targets", kind="remaining_mean"))
def test_remaining_mean_of_the_worked_examples(case):
    given_ = parts(case)
    days, n = int(given_["N"]), int(given_["n"])
    rest = remaining_mean(Decimal(given_["T"]), days, Fraction(given_["mean"]) * n, n)
    assert float(rest) == pytest.approx(float(case["expected"]), abs=0.0005)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=181), st.integers(1, 200))
def test_keeping_to_the_remaining_mean_meets_the_cap(done, cap):
    rest = remaining_mean(Decimal(cap), 182, [Decimal(value) for value in done], len(done))
    assert (sum(done) + rest * (182 - len(done))) / 182 == cap


def test_no_day_remains():
    with pytest.raises(StandardsError):
        remaining_mean(Decimal(60), 182, Fraction(0), 182)


def test_missing_days_are_dropped_and_counted():
    period = Period(date(2026, 12, 1), date(2026, 12, 4))
    values = {date(2026, 12, 1): Decimal(50), date(2026, 12, 2): None, date(2026, 12, 3): Decimal(51)}
    mean = period_mean(values, period, Kind.PM25)
    assert (mean.exact, str(mean.mean), mean.days_valid, mean.days_dropped) == (
        Fraction(101, 2),
        "50.5",
        2,
        2,
    )
    empty = period_mean({}, period, Kind.PM25)
    assert (empty.mean, empty.days_valid, empty.days_dropped) == (None, 0, 4)


def test_means_are_printed_by_the_edition_of_the_day():
    period = Period(date(2017, 1, 1), date(2017, 1, 2))
    values = {date(2017, 1, 1): Decimal(100), date(2017, 1, 2): Decimal(101)}
    assert str(period_mean(values, period, Kind.PM25).mean) == "100"


def test_change_comes_from_unrounded_means():
    assert change_percent(Fraction(181, 3), Fraction(201, 3), ON) == Decimal("-10.0")
    assert change_percent(Decimal(60), Decimal(0), ON) is None


def test_no_target_in_force_is_an_answer():
    assert season_target(ON, ["Fenwei"], "pm25_mean_yoy") is None
    standing = season_standing(winters(60, 68), ON, ["Fenwei"])
    assert (standing.target, standing.cap, standing.remaining) == (None, None, None)
    assert standing.change == Decimal("-11.8")


def test_a_target_of_its_own_time_is_found():
    target = season_target(date(2019, 12, 1), ["nowhere", "Fenwei"], "pm25_mean_yoy")
    assert (target.region, target.value, target.unit) == ("Fenwei", Decimal(-3), "percent")
    assert (
        season_target(date(2023, 12, 1), ["per city"], "pm25_cap_and_heavy_day_cap") is None
    )  # no number seen


def test_a_city_target_gives_cap_and_remaining_mean():
    standing = season_standing(winters(60, 68), ON, ["city"], OWN)
    assert standing.cap == Decimal("66.0")
    done = (ON - date(2026, 10, 1)).days + 1
    assert standing.remaining == Decimal(str(round((65.96 * 182 - 60 * done) / (182 - done), 1)))
    assert standing.footnotes[-1].source == "city paper"
    assert standing.now.days_valid == done
    assert standing.last_year.period == same_period_last_year(Period(date(2026, 10, 1), ON))


def test_without_last_season_there_is_no_change_and_no_cap():
    standing = season_standing(flat(60, date(2026, 10, 1), ON), ON, ["city"], OWN)
    assert (standing.last_year.mean, standing.change, standing.cap) == (None, None, None)
    assert standing.last_year.days_dropped == standing.now.days_valid


def test_the_last_day_leaves_nothing():
    end = season(ON).end_on
    values = winters(60, 68) | flat(60, date(2026, 12, 19), end)
    assert season_standing(values, end, ["city"], OWN).remaining is None


def test_summer_has_no_season():
    with pytest.raises(PeriodError):
        season_standing({}, date(2026, 7, 1))
