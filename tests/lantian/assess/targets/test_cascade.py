from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.assess.targets.cascade import RootTarget, Step, ladder, parts, profile, solve, summer
from lantian.errors import DataError, PeriodError
from lantian.periods import Period, month, season, week, year

YEAR = year(date(2027, 1, 1))
WINTER = season(date(2026, 10, 1))
NEXT = season(date(2027, 10, 1))


def level(day):
    """An invented course of the year: dirty in January, clean in July."""
    return Fraction(90 - 10 * min(abs(day.month - 1), abs(13 - day.month)) + day.day % 5)


def history(first=date(2025, 1, 1), last=date(2027, 12, 31)):
    return {first + timedelta(n): level(first + timedelta(n)) for n in range((last - first).days + 1)}


def known(on, values=None):
    return {day: value for day, value in (values or history()).items() if day <= on}


def roots(year_cap, season_cap, winter=NEXT):
    return [RootTarget("year", YEAR, Fraction(year_cap)), RootTarget("season", winter, Fraction(season_cap))]


def whole(plan):
    return plan.done + plan.allowed + plan.unused


@settings(max_examples=12)
@given(
    st.integers(0, 364), st.integers(20, 90), st.integers(20, 120), st.sets(st.integers(0, 364), max_size=30)
)
def test_every_step_of_both_roots_recombines_exactly(offset, year_cap, season_cap, gaps):
    on = YEAR.start_on + timedelta(offset)
    values = {day: None if (day - YEAR.start_on).days in gaps else value for day, value in known(on).items()}
    winter = WINTER if on < NEXT.start_on else NEXT
    plan = solve(roots(year_cap, season_cap, winter), values, on)
    for root in plan.roots:
        counted = sum(1 for day in root.root.period if day > on or values.get(day) is not None)
        assert whole(root) == root.budget == root.root.cap * counted
        assert root.done_days + root.dropped + root.left == root.root.period.days
        for step in Step:
            found = parts(plan, root.root.name, step)
            assert sum(part.total for part in found) + root.unused == root.budget
            assert sum(part.booked.days for part in found) == root.root.period.days
            assert sum(part.dropped for part in found) == root.dropped
    shared = [day for day in plan.allowed if day in YEAR and day in winter]
    assert all(plan.allowed[day] >= 0 for day in shared)


@settings(max_examples=10)
@given(st.integers(0, 330), st.lists(st.integers(0, 250), min_size=1, max_size=20))
def test_solving_again_each_day_conserves(offset, coming):
    on = YEAR.start_on + timedelta(offset)
    values = known(on)
    budgets = None
    for value in coming:
        plan = solve(roots(55, 75), values, on)
        assert budgets in (None, [root.budget for root in plan.roots])
        budgets = [root.budget for root in plan.roots]
        on += timedelta(1)
        values[on] = Fraction(value)


@settings(max_examples=20)
@given(st.integers(1, 330), st.integers(0, 99))
def test_the_order_of_the_days_gone_changes_nothing(offset, seed):
    on = YEAR.start_on + timedelta(offset)
    days = [YEAR.start_on + timedelta(n) for n in range(offset + 1)]
    values = known(on)
    moved = [values[day] for day in days]
    Random(seed).shuffle(moved)
    shuffled = values | dict(zip(days, moved, strict=True))
    only_year = roots(55, 75)[:1]
    weights = profile(values, [day for day in YEAR if day > on])
    assert solve(only_year, values, on, weights).allowed == solve(only_year, shuffled, on, weights).allowed


def test_keeping_to_what_is_allowed_keeps_what_is_allowed():
    on = date(2027, 3, 10)
    values = known(on)
    plan = solve(roots(55, 70, WINTER), values, on)
    for _ in range(5):
        on += timedelta(1)
        values = values | {on: plan.allowed[on]}
        again = solve(roots(55, 70, WINTER), values, on)
        assert all(again.allowed[day] == plan.allowed[day] for day in again.allowed)


def test_the_stricter_root_binds_the_days_that_both_share():
    on = date(2027, 3, 31)
    values = known(on)
    alone = {root.name: solve([root], values, on) for root in roots(55, 60)}
    plan = solve(roots(55, 60), values, on)
    october, may = date(2027, 10, 5), date(2027, 5, 5)
    assert alone["season"].allowed[october] < alone["year"].allowed[october]
    assert plan.allowed[october] == alone["season"].allowed[october]
    assert plan.allowed[may] > alone["year"].allowed[may]  # the year's own days get what the season left
    assert [root.unused for root in plan.roots] == [0, 0]
    strict = solve(roots(40, 90), values, on)
    assert strict.allowed[october] == solve(roots(40, 90)[:1], values, on).allowed[october]
    assert strict.root("season").unused == 0  # January to March 2028 take the season's rest
    assert strict.allowed[date(2028, 1, 5)] > solve(roots(40, 90)[1:], values, on).allowed[date(2028, 1, 5)]


def test_room_that_a_stricter_root_leaves_is_said():
    on = date(2027, 11, 30)
    plan = solve(roots(80, 30), known(on), on)
    tight, loose = plan.root("season"), plan.root("year")
    assert tight.unused == 0
    assert loose.unused > 0  # no day of the year is left that the season does not bind
    assert loose.level is None


def test_a_root_that_is_lost_allows_nothing_and_says_its_shortfall():
    on = date(2027, 12, 20)
    plan = solve(roots(20, 90)[:1], known(on), on)
    root = plan.root("year")
    assert set(plan.allowed.values()) == {0}
    assert root.unused == root.budget - root.done < 0
    assert whole(root) == root.budget


def test_parts_follow_last_years_profile():
    on = date(2026, 9, 30)
    plan = solve([RootTarget("season", WINTER, Fraction(66))], known(on), on)
    last = {part.booked.start_on: part for part in parts(plan, "season", Step.MONTH)}
    january, march = last[date(2027, 1, 1)], last[date(2027, 3, 1)]
    before = history()

    def sum_of(start):
        return sum(before[day] for day in month(start))

    assert january.total / march.total == sum_of(date(2026, 1, 1)) / sum_of(date(2026, 3, 1))
    flat = {plan.allowed[day] for day in Period(date(2027, 1, 1), date(2027, 1, 10))}
    assert len(flat) == 1  # within a xun no day of last year decides alone
    by_day = profile(before, [date(2027, 1, 4)], Step.DAY)
    assert by_day[date(2027, 1, 4)] == before[date(2026, 1, 4)]


def test_gaps_of_last_year_take_their_month_then_everything():
    values = {date(2026, 1, day): Fraction(80) for day in range(1, 11)} | {date(2026, 3, 5): Fraction(20)}
    days = [date(2027, 1, 5), date(2027, 1, 25), date(2027, 2, 3), date(2027, 3, 5)]
    found = profile(values, days)
    assert [found[day] for day in days] == [80, 80, 50, 20]
    assert set(profile({}, days).values()) == {1}


def test_a_week_across_an_edge_is_shown_whole_and_booked_by_its_days():
    on = date(2027, 9, 27)
    plan = solve(roots(55, 75), known(on), on)
    weeks = parts(plan, "season", Step.WEEK)
    first = weeks[0]
    assert first.shown == week(date(2027, 10, 1)) == Period(date(2027, 9, 27), date(2027, 10, 3))
    assert first.booked == Period(date(2027, 10, 1), date(2027, 10, 3))
    assert first.total == sum(plan.allowed[day] for day in first.booked)
    assert first.shown_sum == first.total + plan.done[on] + sum(
        plan.allowed[day] for day in Period(date(2027, 9, 28), date(2027, 9, 30))
    )
    across = [part for part in parts(plan, "year", Step.WEEK) if date(2027, 10, 1) in part.booked]
    assert [part.booked for part in across] == [first.shown]


def test_the_ladder_names_what_the_next_day_lies_in():
    on = date(2027, 5, 20)
    plan = solve(roots(55, 75), known(on), on)
    rungs = ladder(plan, "year")
    assert [part.step for part in rungs] == list(Step)
    assert all(date(2027, 5, 21) in part.booked for part in rungs)
    assert rungs[0].total == plan.allowed[date(2027, 5, 21)] == rungs[0].allowed_mean
    assert ladder(plan, "season")[0].booked.start_on == NEXT.start_on
    assert ladder(solve(roots(55, 75)[:1], history(), YEAR.end_on), "year") == ()
    with pytest.raises(DataError):
        ladder(plan, "week")


def test_weights_must_be_above_nought():
    with pytest.raises(DataError):
        solve(roots(55, 75)[:1], {}, date(2027, 12, 30), {date(2027, 12, 31): Fraction(0)})


def test_summer_leaves_autumn_and_winter_their_room():
    on = date(2027, 4, 30)
    aim, winter = roots(50, 80)
    found = summer(aim, winter, known(on), on)
    assert found.days == Period(date(2027, 5, 1), date(2027, 9, 30))
    own = solve([winter], known(on), on)
    shared = Period(date(2027, 10, 1), date(2027, 12, 31))
    assert found.reserve == sum(own.allowed[day] for day in shared)
    spent = solve([aim], known(on), on).root("year")
    assert spent.done + found.needed * found.left + found.reserve == 50 * 365
    assert found.needed < found.in_proportion  # the season's own cap asks the summer for more
    assert (found.from_season, found.gain) == (True, Fraction(153, 92))
    assert found.last_year == sum(history()[date(2026, 5, 1) + timedelta(n)] for n in range(153)) / 153


def test_without_a_season_target_autumn_and_winter_are_expected_as_last_year():
    on = date(2027, 2, 10)
    aim = roots(50, 80)[0]
    found = summer(aim, None, known(on), on)
    last = [history()[day] for day in Period(date(2026, 10, 1), date(2026, 12, 31))]
    assert found.reserve == sum(last)
    assert not found.from_season
    assert found.days == Period(date(2027, 4, 1), date(2027, 9, 30))
    plan = solve([aim], known(on), on)
    spring = [plan.profile[day] for day in Period(date(2027, 2, 11), date(2027, 3, 31))]
    summer_mass = sum(plan.profile[day] for day in found.days)
    rest = plan.root("year").budget - plan.root("year").done - found.reserve
    assert found.needed * found.left == rest * summer_mass / (sum(spring) + summer_mass)


def test_a_summer_question_needs_a_year_its_season_and_a_summer():
    aim, winter = roots(50, 80)
    with pytest.raises(PeriodError):
        summer(winter, None, {}, date(2027, 5, 1))
    with pytest.raises(PeriodError):
        summer(aim, roots(50, 80, WINTER)[1], {}, date(2027, 5, 1))
    with pytest.raises(PeriodError):
        summer(aim, winter, {}, date(2027, 9, 30))


def test_the_season_still_running_binds_the_spring_days_left():
    on = date(2027, 2, 10)
    aim, coming = roots(50, 80)
    loose, tight = (RootTarget("winter", WINTER, Fraction(cap)) for cap in (150, 65))
    plain = summer(aim, coming, known(on), on)
    assert (plain.spring, plain.running_binds) == (49, None)
    free = summer(aim, coming, known(on), on, running=loose)
    assert (free.needed, free.spring_mean, free.running_binds) == (plain.needed, plain.spring_mean, False)
    held = summer(aim, coming, known(on), on, running=tight)
    own = solve([tight], known(on), on).root("winter")
    assert held.running_binds
    assert held.spring_mean == own.allowed_mean < plain.spring_mean
    spent = solve([aim], known(on), on).root("year")
    assert spent.done + own.allowed + held.needed * held.left + held.reserve == 50 * 365
    assert held.needed > plain.needed  # what the spring may not use is left to the summer


def test_the_running_season_may_stand_in_the_seasons_place_until_it_ends():
    on, aim = date(2027, 2, 10), roots(50, 80)[0]
    tight = RootTarget("winter", WINTER, Fraction(65))
    assert summer(aim, tight, known(on), on) == summer(aim, None, known(on), on, running=tight)
    assert not summer(aim, tight, known(on), on).from_season
    with pytest.raises(PeriodError):
        summer(aim, tight, known(WINTER.end_on), WINTER.end_on)
    with pytest.raises(PeriodError):
        summer(aim, None, known(on), on, running=RootTarget("x", NEXT, Fraction(60)))


def test_a_season_already_lost_promises_no_spring_of_nought():
    on, aim = date(2027, 2, 10), roots(50, 80)[0]
    lost = RootTarget("winter", WINTER, Fraction(20))
    assert solve([lost], known(on), on).root("winter").unused < 0
    found, plain = summer(aim, lost, known(on), on), summer(aim, None, known(on), on)
    assert (found.running_binds, found.needed) == (False, plain.needed)


def test_from_april_on_no_spring_is_left():
    on = date(2027, 4, 30)
    aim, coming = roots(50, 80)
    running = RootTarget("winter", WINTER, Fraction(65))
    found = summer(aim, coming, known(on), on, running=running)
    assert (found.spring, found.spring_mean, found.running_binds) == (0, None, None)
    assert found == summer(aim, coming, known(on), on)
