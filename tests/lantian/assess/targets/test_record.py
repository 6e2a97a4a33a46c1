from datetime import date
from decimal import Decimal

import pytest

from lantian.assess.targets.record import COUNTS, Indicator, Target, unit_of
from lantian.errors import DataError
from lantian.periods import Period, same_period_last_year
from lantian.records import Footnote
from lantian.standards.loader import vocabulary

MONTH = Period(date(2026, 10, 1), date(2026, 10, 31))


def target(indicator, value=None, change=None, days=None, base=None, edition=""):
    numbers = [None if each is None else Decimal(each) for each in (value, change, days, base)]
    last = same_period_last_year(MONTH)
    note = Footnote("targets", "t", "paper", "original")
    return Target("c", indicator, MONTH, numbers[0], "", *numbers[1:], last, edition, "keep", "paper", note)


@pytest.mark.parametrize("indicator", Indicator)
def test_no_target_is_below_nought_or_no_number_whoever_makes_it(indicator):
    assert target(indicator, "0").value == 0
    for field, numbers in {
        "value": {"value": "-0.1"},
        "base": {"base": "-1", "change": "-3"},
        "change_percent": {"change": "-100.1"},
        "change_days": {"days": "NaN"},
    }.items():
        with pytest.raises(DataError) as caught:
            target(indicator, **numbers)
        assert caught.value.field == field
    with pytest.raises(DataError):
        target(indicator, "Infinity")


def test_a_change_read_as_a_floor_is_told_where_it_belongs():
    with pytest.raises(DataError, match="change_percent"):
        target(Indicator.GOOD_RATIO, "-3")


@pytest.mark.parametrize("indicator", COUNTS)
def test_counts_end_with_the_days(indicator):
    most = "100" if indicator is Indicator.GOOD_RATIO else "31"
    assert target(indicator, most).value == Decimal(most)
    with pytest.raises(DataError):
        target(indicator, most + ".5")


def test_editions_are_those_of_the_tables():
    assert target(Indicator.GOOD_DAYS, "5", edition="2026").edition == "2026"
    assert target(Indicator.INDEX, "5", edition="2026-final").edition == "2026-final"
    with pytest.raises(DataError, match="2012, 2026"):
        target(Indicator.GOOD_DAYS, "5", edition="2027")


def test_units_are_words_of_the_tables():
    assert {unit_of(each) for each in Indicator} <= vocabulary("units")
