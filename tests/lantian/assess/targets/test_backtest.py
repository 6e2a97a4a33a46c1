import csv
import gzip
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from lantian.assess.targets.backtest import backtest, brier, climatology, persistence, reliability, xun_ends
from lantian.assess.targets.ledger import Indicator, Target
from lantian.assess.targets.outlook import skill_of
from lantian.periods import Period, same_period_last_year
from lantian.records import Footnote

WINTER = Period(date(2015, 10, 1), date(2016, 3, 31))
NOTE = Footnote("targets", "t", "paper", "proposed")


def target(period=WINTER):
    base = same_period_last_year(period)
    return Target(
        "",
        Indicator.PM25_MEAN,
        period,
        None,
        "ug/m3",
        Decimal(0),
        None,
        None,
        base,
        "",
        "keep",
        "paper",
        NOTE,
    )


def flat(**levels):
    """Whole winters (October to March) of one level each; the key is the year it begins in: y2014=80."""
    return {
        day: Fraction(level)
        for name, level in levels.items()
        for day in Period(date(int(name[1:]), 10, 1), date(int(name[1:]) + 1, 3, 31))
    }


def test_scores():
    assert brier([(1, True), (0, False)]) == 0
    assert brier([(0.5, True), (0.5, False)]) == 0.25
    assert brier([(0.9, False), (0.2, False)]) == pytest.approx((0.81 + 0.04) / 2)
    assert brier([]) is None
    low, *_, high = reliability([(0.0, False), (0.05, True), (1.0, True), (0.95, True)])
    assert (low.cases, low.told, low.happened) == (2, 0.025, 0.5)
    assert (high.cases, high.happened) == (2, 1)
    assert sum(each.cases for each in reliability([(n / 40, True) for n in range(41)])) == 41


def test_hindcasts_end_with_each_xun():
    ends = xun_ends(WINTER)
    assert (ends[0], ends[1], ends[-1]) == (date(2015, 10, 10), date(2015, 10, 20), date(2016, 3, 20))
    assert len(ends) == 17


def test_rivals():
    on = date(2015, 12, 31)
    dirty = flat(y2013=60, y2014=80, y2015=100)
    assert climatology(target(), dirty, on, Fraction(81)) == pytest.approx(
        1.5 / 3
    )  # 60 then would, 80 would not
    assert persistence(target(), dirty, on, Fraction(80)) == 0.0
    assert persistence(target(), flat(y2014=80, y2015=75), on, Fraction(80)) == 1.0
    alone = flat(y2015=75)
    assert (
        climatology(target(), alone, on, Fraction(80)),
        persistence(target(), alone, on, Fraction(80)),
    ) == (None, None)


def test_cases_know_what_happened_and_see_no_future():
    values = flat(y2013=70, y2014=80, y2015=76)
    ends = [date(2015, 11, 30)]
    changes = [Decimal(0), Decimal(-10)]
    cases = list(backtest({"c": values}, target(), changes, ends, seed=1))
    assert [(case.change, case.happened, case.left, case.years) for case in cases] == [
        (Decimal(0), True, 122, 2),
        (Decimal(-10), False, 122, 2),
    ]
    later = {day: value * 3 if day > ends[0] else value for day, value in values.items()}
    again = list(backtest({"c": later}, target(), changes, ends, seed=1))
    assert [case.told for case in again] == [case.told for case in cases]
    assert [case.happened for case in again] == [False, False]


def test_a_winter_with_too_few_days_is_left_out():
    values = flat(y2013=70, y2014=80, y2015=76)
    thin = {day: None if day.month in (12, 1) and day.year > 2014 else value for day, value in values.items()}
    assert list(backtest({"c": thin}, target(), [Decimal(0)], [date(2015, 11, 30)], seed=1)) == []


def test_cannot_tell_is_kept_as_such():
    (case,) = backtest({"c": flat(y2014=80, y2015=76)}, target(), [Decimal(0)], [date(2015, 11, 30)], seed=1)
    assert (case.told, case.years) == (None, 0)


@pytest.mark.slow
@pytest.mark.real_data
def test_the_outlook_beats_the_past_years_in_real_winters_near_the_end(shared_data):
    path = shared_data("cn_city_daily/city_daily_shanxi_shaanxi_henan_2013-12_2017-01.csv.gz")
    series = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            series.setdefault(row["city"], {})[date.fromisoformat(row["date"])] = Fraction(row["pm25"])
    for winter in (WINTER, Period(date(2016, 10, 1), date(2017, 1, 31))):
        ends = [end for end in xun_ends(winter) if (winter.end_on - end).days <= 60]
        cases = list(backtest(series, target(winter), [Decimal(0), Decimal(-3)], ends, seed=1, years_min=1))
        ours = brier((case.told, case.happened) for case in cases)
        usual = brier((case.climatology, case.happened) for case in cases)
        assert len(cases) > 100
        assert ours < usual
        card = skill_of(target(winter), 30)
        assert card.proven
        assert ours < 2 * float(card.brier)
        assert all(case.on < winter.end_on - timedelta(1) for case in cases)
