from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from lantian.assess import change_percent, period_mean, season_standing
from lantian.errors import PeriodError
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
    standing = season_standing(winters(60, 68), ON, ["Fenwei"])
    assert (standing.target, standing.cap, standing.remaining) == (None, None, None)
    assert standing.change == Decimal("-11.8")


def test_a_city_target_gives_cap_and_remaining_mean():
    standing = season_standing(winters(60, 68), ON, ["city"], OWN)
    assert standing.cap == Decimal("65.9")  # of 65.96: never above the true cap
    done = (ON - date(2026, 10, 1)).days + 1
    assert standing.remaining == Decimal(str(round((65.96 * 182 - 60 * done) / (182 - done), 1)))
    assert standing.footnotes[-1].source == "city paper"
    assert standing.now.days_valid == done
    assert (standing.room.done, standing.room.left) == (done, 182 - done)
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


def test_the_ledger_serves_the_season_as_the_published_table_does():
    head = (
        "area,indicator,start_on,end_on,value,unit,change_percent,base,base_start,base_end,edition,dust_mode,paper,"
        "valid_from,valid_to,source,confidence,note\n"
    )
    line = "city,pm25_mean,2026-10-01,2027-03-31,,,-3,,,,,keep,city paper,,,city paper,original,\n"
    year = "city,pm25_mean,2026-01-01,2026-12-31,40,ug/m3,,,,,,keep,city paper,,,city paper,original,\n"
    ledger = parse("targets", head + year + line)
    ours, published = (season_standing(winters(60, 68), ON, ["city"], rows) for rows in (ledger, OWN))
    assert (
        (ours.cap, ours.remaining)
        == (published.cap, published.remaining)
        == (Decimal("65.9"), Decimal("70.5"))
    )


@pytest.mark.parametrize("this", [60, 61, 64, 67, 70])
def test_what_is_printed_is_never_above_the_true_room(this):
    standing = season_standing(winters(this, 68), ON, ["city"], OWN)
    for said, true in ((standing.cap, standing.room.cap), (standing.remaining, standing.room.allowed)):
        assert 0 <= true - Fraction(said) < Fraction(1, 10)
        assert said.as_tuple().exponent == -1
