from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lantian.assess.targets.days import rule
from lantian.assess.targets.ledger import Indicator, Target
from lantian.assess.targets.outlook import Unsaid, draw, probability, reached, skill_of, with_forecast
from lantian.assess.targets.room import Feasibility
from lantian.periods import same_period_last_year, season
from lantian.records import Footnote
from lantian.standards import table

SEASON = season(date(2026, 10, 1))
ON = date(2026, 12, 31)
NOTE = Footnote("targets", "t", "paper", "original")


def target(value, indicator=Indicator.PM25_MEAN, dust="keep"):
    cap = None if value is None else Decimal(value)
    base = same_period_last_year(SEASON)
    return Target("c", indicator, SEASON, cap, "", None, None, None, base, "", dust, "paper", NOTE)


def winters(years=4, until=ON, level=70, noise=15):
    """Days from some years back to `until`: January dirty, October clean, episodes, years that differ a little."""
    random = np.random.default_rng(7)
    first = date(SEASON.start_on.year - years, 10, 1)
    count = (until - first).days + 1
    course = np.array([np.cos((d.timetuple().tm_yday - 15) / 365 * 2 * np.pi) for d in days(first, count)])
    values = level + 25 * course + noise * random.standard_normal(count)
    return {
        day: Fraction(round(max(v, 5), 1)) for day, v in zip(days(first, count), values.tolist(), strict=True)
    }


def days(first, count):
    return [first + timedelta(n) for n in range(count)]


def p(cap, values=None, seed=1, on=ON, **more):
    return probability(target(cap, **more), values or winters(), on, seed=seed)


def test_the_same_seed_gives_the_same_answer_and_another_a_near_one():
    one, again, other = p(85), p(85), p(85, seed=2)
    assert one == again
    assert one.probability == pytest.approx(other.probability, abs=0.05)
    assert (one.years, one.draws) == (4, rule("outlook_draws", ON).integer())


def test_a_looser_cap_is_never_less_likely():
    told = [p(cap).probability for cap in range(70, 111, 5)]
    assert told == sorted(told)
    assert told[0] < 0.2 < 0.8 < told[-1]


def test_more_good_days_are_never_more_likely_and_more_heavy_days_never_less():
    good = [p(days, indicator=Indicator.GOOD_DAYS).probability for days in (100, 130, 160, 182)]
    heavy = [p(days, indicator=Indicator.HEAVY_DAYS).probability for days in (0, 1, 5, 20)]
    assert good == sorted(good, reverse=True)
    assert heavy == sorted(heavy)
    ratio = p(50, indicator=Indicator.GOOD_RATIO)
    assert 0 <= ratio.low <= ratio.middle <= ratio.high <= 100
    top = p(120, indicator=Indicator.O3_P90)
    assert top.low < top.middle < top.high


def test_the_band_closes_as_days_come_in():
    def width(on):
        told = p(85, winters(until=on), on=on)
        return told.high - told.low

    widths = [width(on) for on in (date(2026, 10, 10), date(2026, 12, 31), date(2027, 3, 20))]
    assert widths == sorted(widths, reverse=True)


def test_what_is_decided_is_no_guess():
    full = winters(until=SEASON.end_on)
    assert p(20, full, on=SEASON.end_on).probability == 0
    assert p(200, full, on=SEASON.end_on).probability == 1
    lost = p(10)
    assert (lost.probability, lost.middle) == (0, None)


def test_too_few_past_years_is_cannot_tell():
    told = p(85, winters(years=1))
    assert (told.probability, told.unsaid, told.low) == (None, Unsaid.FEW_YEARS, None)
    assert p(85, winters(years=2)).unsaid is None
    assert draw(target(85), winters(years=1), ON, 1, years_min=1).years == 1
    unknown = p(None)
    assert (unknown.probability, unknown.unsaid) == (None, Unsaid.NO_CAP)


def test_a_past_year_with_many_gaps_is_not_drawn_from():
    values = winters(years=3)
    gone = {day for day in values if date(2024, 1, 1) <= day <= date(2024, 2, 15)}
    assert p(85, {day: None if day in gone else v for day, v in values.items()}).years == 2


def test_nothing_after_the_day_is_seen():
    values = winters()
    later = {day: Fraction(500) for day in days(ON + timedelta(1), 90)}
    assert p(85, values | later) == p(85, values)


def test_a_dirtier_start_makes_the_target_less_likely():
    values = winters()
    dirty = {day: v + 10 if day >= SEASON.start_on else v for day, v in values.items()}
    clean, worse = p(88, values), p(88, dirty)
    assert worse.probability < clean.probability
    assert worse.anomaly > clean.anomaly


def test_dust_days_are_left_out_where_the_ledger_says_so():
    values = winters() | {date(2026, 11, 1): Fraction(2000)}
    dust = [date(2026, 11, 1)]
    kept, out = (
        probability(target(85, dust=mode), values, ON, seed=1, excluded=dust) for mode in ("keep", "exclude")
    )
    assert kept.probability < out.probability


def test_a_forecast_is_taken_as_if_it_came():
    values, aim = winters(), target(85)
    forecast = dict.fromkeys(days(ON + timedelta(1), 5), Fraction(160)) | {ON + timedelta(8): Fraction(10)}
    told = with_forecast(aim, values, ON, forecast)
    assert (told.days, told.mean) == (5, 160)
    assert told.after.on == ON + timedelta(5)
    assert told.after.allowed < told.before.allowed
    left = told.before.left
    assert told.after.allowed * (left - 5) == told.before.allowed * left - 5 * 160
    warned = probability(aim, values, ON, seed=1, forecast=forecast)
    assert warned.probability < p(85).probability
    gap = with_forecast(aim, values, ON, {ON + timedelta(2): Fraction(160)})
    assert (gap.days, gap.mean, gap.after) == (0, None, gap.before)


def test_a_forecast_can_end_the_period():
    on = SEASON.end_on - timedelta(3)
    told = with_forecast(
        target(60), winters(until=on), on, dict.fromkeys(days(on + timedelta(1), 10), Fraction(1))
    )
    assert (told.days, told.after.left, told.after.feasibility) == (3, 0, Feasibility.MISSED)


def test_the_share_is_never_quite_nought_or_one():
    ends = np.array([50.0, 60.0, 70.0])
    assert reached(target(60), ends, Fraction(60)) == 2.5 / 4
    assert 0 < reached(target(60), ends, Fraction(1)) < reached(target(60), ends, Fraction(99)) < 1
    good = target(60, Indicator.GOOD_DAYS)
    assert reached(good, ends, Fraction(60)) == 2.5 / 4


def test_the_method_card_says_where_nothing_is_proven():
    aim = target(85)
    cards = [skill_of(aim, left) for left in (1, 20, 21, 60, 61, 183)]
    assert [card.proven for card in cards] == [True, True, True, True, False, False]
    assert skill_of(aim, 300) is None
    assert skill_of(replace(aim, indicator=Indicator.GOOD_DAYS), 10) is None
    assert all(row.number("brier") < row.number("climatology") for row in table("outlook_skill"))
    assert p(85).skill == skill_of(aim, 90)


def riddled(share, low=40, high=60, years=10, until=None):
    """Ten years of days between two levels, a share of them missing at random; the last day's dates are known."""
    random = np.random.default_rng(3)
    until = until or SEASON.end_on - timedelta(1)
    first = date(SEASON.start_on.year - years, 10, 1)
    span = days(first, (until - first).days + 1)
    found = {day: Fraction(int(random.integers(low, high + 1))) for day in span if random.random() >= share}
    ends = {
        date(year, 3, 31): Fraction((low + high) // 2) for year in range(first.year + 1, SEASON.end_on.year)
    }
    return found | ends


@pytest.mark.parametrize("share", [0, 0.1, 0.2, 0.24])
def test_a_gap_is_no_outcome(share):
    values, on = riddled(share), SEASON.end_on - timedelta(1)
    won = sum(day in values for day in SEASON)
    for aim in (target(60), target(won + 1, Indicator.GOOD_DAYS)):
        told = probability(aim, values, on, seed=0)
        assert told.probability > 0.99
        assert np.isfinite([told.low, told.middle, told.high]).all()
        assert told.years == 10
    for indicator in (Indicator.O3_P90, Indicator.GOOD_RATIO):
        assert np.isfinite(draw(target(60, indicator), values, on, 0).outcomes).all()
    heavy = riddled(share, 400, 420)
    count = sum(day in heavy for day in SEASON)
    lost = probability(target(count, Indicator.HEAVY_DAYS), heavy, on, seed=0)
    assert lost.probability < 0.01
    assert lost.middle == count + 1


@pytest.mark.parametrize("indicator", [Indicator.GOOD_DAYS, Indicator.HEAVY_DAYS, Indicator.GOOD_RATIO])
def test_gaps_do_not_move_the_count_of_the_days_left(indicator):
    full, thin = (riddled(share, 60, 140, until=ON) for share in (0, 0.2))
    thin |= {day: full[day] for day in full if day >= SEASON.start_on}
    drawn = [draw(target(90, indicator), values, ON, 1) for values in (full, thin)]
    means = [each.outcomes.mean() for each in drawn]
    assert means[0] == pytest.approx(means[1], rel=0.05, abs=0.5)
    if indicator is not Indicator.GOOD_RATIO:
        assert all((each.outcomes == each.outcomes.round()).all() for each in drawn)


def test_a_date_that_no_past_year_knows_is_drawn_from_the_other_dates():
    def hole(day):  # 40 days: longer than the window of dates that a block may begin in
        return day < SEASON.start_on and date(day.year, 1, 1) <= day <= date(day.year, 2, 9)

    values = {day: None if hole(day) else value for day, value in winters().items()}
    drawn = draw(target(85), values, date(2026, 10, 20), 1)
    assert drawn.years == 4
    assert np.isfinite(drawn.outcomes).all()


def test_years_differ_as_a_whole_and_few_years_are_an_uncertain_measure():
    flat = {day: Fraction(70) for day in winters(years=5, until=SEASON.start_on - timedelta(1))}
    on = SEASON.start_on - timedelta(1)
    spread = float(rule("outlook_year_spread", on).number()) / 100
    for years in (2, 5):
        known = {day: v for day, v in flat.items() if day >= date(SEASON.start_on.year - years, 10, 1)}
        drawn = draw(target(85), known, on, 1)
        told = np.log(drawn.outcomes)
        assert drawn.years == years
        assert told.std() == pytest.approx(spread * np.sqrt(1 + 1 / years), rel=0.05)
        assert drawn.outcomes.mean() == pytest.approx(70, rel=0.01)


def test_a_period_that_is_over_without_a_valid_day_says_so():
    on = SEASON.end_on + timedelta(2)
    for indicator in (Indicator.PM25_MEAN, Indicator.GOOD_DAYS, Indicator.O3_P90):
        told = probability(target(60, indicator), {}, on, seed=1)
        assert (told.probability, told.unsaid) == (None, Unsaid.NO_DATA)
    assert probability(target(60), {}, ON, seed=1).unsaid is Unsaid.FEW_YEARS
