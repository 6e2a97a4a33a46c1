from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.errors import PeriodError
from lantian.periods import Period, month, quarter, same_period_last_year, season, week, xun, year

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
WINTER = DAYS.filter(lambda day: not 4 <= day.month <= 9)


def days_of(whole, part):
    """Days of `whole` gathered through the parts that its days lie in."""
    return {day for part_of in {part(day) for day in whole} for day in part_of}


@given(DAYS)
def test_months_quarters_and_years_are_sums_of_days(day):
    assert sorted(days_of(year(day), quarter)) == list(year(day))
    assert sorted(days_of(quarter(day), month)) == list(quarter(day))
    assert sorted(days_of(month(day), xun)) == list(month(day))


@given(WINTER)
def test_a_season_is_six_whole_months(day):
    assert sorted(days_of(season(day), month)) == list(season(day))
    assert season(day).days in (182, 183)


@given(DAYS)
def test_every_day_lies_in_its_own_periods(day):
    for period in (week, xun, month, quarter, year):
        assert day in period(day)
        assert all(period(other) == period(day) for other in period(day))
    assert len(week(day)) == 7
    assert week(day).start_on.weekday() == 0
    assert 8 <= xun(day).days <= 11


def test_a_week_across_the_season_edge_is_booked_by_its_days():
    edge = week(date(2027, 3, 31))
    assert list(edge) == [date(2027, 3, 29) + timedelta(days=n) for n in range(7)]
    assert sum(day in season(date(2027, 3, 1)) for day in edge) == 3


@pytest.mark.parametrize("day", [date(2026, 4, 1), date(2026, 9, 30)])
def test_there_is_no_season_in_summer(day):
    with pytest.raises(PeriodError, match=str(day)):
        season(day)


@pytest.mark.parametrize("case", cases("targets", kind="season_days"))
def test_season_days_of_the_worked_examples(case):
    first, last = (date.fromisoformat(text) for text in case["input"].split(".."))
    assert season(first) == season(last) == Period(first, last)
    assert season(first).days == int(case["expected"])


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (Period(date(2026, 12, 7), date(2026, 12, 18)), Period(date(2025, 12, 7), date(2025, 12, 18))),
        (Period(date(2024, 2, 20), date(2024, 2, 29)), Period(date(2023, 2, 20), date(2023, 2, 28))),
        (Period(date(2024, 2, 29), date(2024, 2, 29)), Period(date(2023, 2, 28), date(2023, 2, 28))),
        (
            Period(date(2025, 2, 1), date(2025, 2, 28)),
            Period(date(2024, 2, 1), date(2024, 2, 29)),
        ),  # whole month
        (Period(date(2025, 2, 20), date(2025, 2, 28)), Period(date(2024, 2, 20), date(2024, 2, 28))),
        (Period(date(2024, 10, 1), date(2025, 3, 31)), Period(date(2023, 10, 1), date(2024, 3, 31))),
    ],
)
def test_same_period_last_year(period, before):
    assert same_period_last_year(period) == before


@given(WINTER)
def test_last_year_of_a_season_is_the_season_before(day):
    whole = season(day)
    assert same_period_last_year(whole) == season(whole.start_on - timedelta(days=300))


def test_a_period_does_not_end_before_it_starts():
    with pytest.raises(PeriodError):
        Period(date(2026, 1, 2), date(2026, 1, 1))
