import csv
import gzip
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess.statistics import percentile
from lantian.assess.targets.counts import day_limits
from lantian.assess.targets.ledger import Indicator, Target
from lantian.assess.targets.room import Feasibility, day_values, published, remaining_mean, room, room_of
from lantian.errors import RuleError, StandardsError
from lantian.observe.panel import DayPanel
from lantian.periods import Period, same_period_last_year, season
from lantian.records import Footnote
from lantian.records import ObservationKind as Kind

START = date(2026, 10, 1)
SEASON = season(START)
NOTE = Footnote("targets", "t", "paper", "original")


def target(indicator=Indicator.PM25_MEAN, value="65.96", period=SEASON, dust="keep", change=None, edition=""):
    return Target(
        "c",
        indicator,
        period,
        None if value is None else Decimal(value),
        "",
        None if change is None else Decimal(change),
        None,
        None,
        same_period_last_year(period),
        edition,
        dust,
        "paper",
        NOTE,
    )


def run(values, start=START):
    """Consecutive days; None is a day without a valid value."""
    return {start + timedelta(n): None if v is None else Fraction(v) for n, v in enumerate(values)}


def after(days, start=START):
    return start + timedelta(days - 1)


@pytest.mark.parametrize("case", cases("targets", kind="remaining_mean"))
def test_allowed_mean_of_the_worked_examples(case):
    given_ = dict(part.split("=") for part in case["input"].split("; "))
    n, mean = int(given_["n"]), given_["mean"]
    assert SEASON.days == int(given_["N"])
    found = room_of(target(value=given_["T"]), run([mean] * n), after(n))
    assert float(found.allowed) == pytest.approx(float(case["expected"]), abs=0.0005)
    assert found.published == int(float(case["expected"]) // 1)
    wanted = {"R > T: slack": Feasibility.SLACK, "R < 0: impossible": Feasibility.IMPOSSIBLE}
    assert found.feasibility is wanted[case["note"]]
    assert (found.done, found.left, found.mean_so_far) == (n, SEASON.days - n, Fraction(mean))


@pytest.mark.parametrize(("value", "said"), [("68.999", "68"), ("68", "68"), ("-31.78", "-32"), ("0.4", "0")])
def test_the_allowed_mean_is_printed_rounded_down(value, said):
    assert str(published(Fraction(value), START)) == said


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 300)), min_size=1, max_size=181),
    st.integers(1, 200),
    st.integers(0, 1000),
)
def test_keeping_to_the_allowed_mean_ends_exactly_at_the_cap(done, cap, seed):
    found = room_of(target(value=cap), run(done), after(len(done)))
    valid = [value for value in done if value is not None]
    total = sum(valid) + found.allowed * found.left
    assert total == cap * (len(valid) + found.left)
    assert (found.done, found.missing) == (len(valid), len(done) - len(valid))
    shuffled = [*done]
    Random(seed).shuffle(shuffled)
    assert room_of(target(value=cap), run(shuffled), after(len(done))).allowed == found.allowed


def test_a_missing_day_is_dropped_never_nought():
    whole = room_of(target(value=60), run([80] * 10), after(10))
    gap = room_of(target(value=60), run([80] * 10 + [None] * 2), after(12))
    as_at_cap = room_of(target(value=60), run([80] * 10 + [60] * 2), after(12))
    assert gap.allowed == as_at_cap.allowed < whole.allowed
    assert (gap.missing, gap.done, gap.left, gap.days) == (2, 10, 170, 182)
    assert gap.allowed_by_calendar == whole.allowed == whole.allowed_by_calendar


def test_the_smallest_shortfall_is_said():
    found = room_of(target(), run(["66.5"] * 181), after(181))
    assert found.shortfall == Fraction("66.5") * 181 / 182 - Fraction("65.96")
    assert room_of(target(), run([60] * 52), after(52)).shortfall is None


def test_worse_than_the_best_of_past_years_is_off_track():
    past = run([50] * 182, date(2025, 10, 1)) | run([70] * 182, date(2024, 10, 1))
    tight = room_of(target(value=60), past | run([65] * 91), after(91))
    assert (tight.allowed, tight.best, tight.last_year) == (55, 50, 50)
    assert (tight.feasibility, tight.rest_change) == (Feasibility.TIGHT, 10)
    off = room_of(target(value=60), past | run([80] * 91), after(91))
    assert (off.allowed, off.feasibility) == (40, Feasibility.OFF_TRACK)
    assert (off.shortfall, off.shortfall_at_best) == (None, 5)
    assert (
        room_of(target(value=60), run([80] * 91), after(91)).feasibility is Feasibility.TIGHT
    )  # no past known


def test_before_and_after_the_period():
    ahead = room_of(target(value=60), {}, date(2026, 9, 1))
    assert (ahead.allowed, ahead.done, ahead.left, ahead.mean_so_far) == (60, 0, 182, None)
    met = room_of(target(value=60), run([60] * 182), SEASON.end_on)
    missed = room_of(target(value=60), run([61] * 182), SEASON.end_on)
    assert (met.feasibility, met.allowed, met.published) == (Feasibility.MET, None, None)
    assert (missed.feasibility, missed.shortfall) == (Feasibility.MISSED, 1)
    assert room_of(target(value=60), {}, SEASON.end_on).feasibility is None  # nothing is known
    with pytest.raises(StandardsError):
        remaining_mean(Decimal(60), 182, Fraction(0), 182)


def test_a_change_takes_its_base_from_the_data():
    past = run([80, None, 60], date(2025, 10, 1))
    found = room_of(target(value=None, change="-10"), past | run([50]), START)
    assert found.cap == 63
    unknown = room_of(target(value=None, change="-10"), run([50]), START)
    assert (unknown.cap, unknown.allowed, unknown.feasibility) == (None, None, None)


def test_declared_dust_days_leave_only_where_the_ledger_says_so():
    values, dust = run([50, 900, 50]), [START + timedelta(1)]
    kept, out = (room_of(target(value=60, dust=mode), values, after(3), dust) for mode in ("keep", "exclude"))
    assert (kept.excluded, kept.done, out.excluded, out.done, out.missing) == (0, 3, 1, 2, 0)
    assert out.mean_so_far == 50
    assert room_of(target(value=60, dust="exclude"), values, after(3)).mean_so_far == Fraction(1000, 3)


MONTH = Period(date(2026, 10, 1), date(2026, 10, 31))


def good(value, values, on, indicator=Indicator.GOOD_DAYS):
    return room_of(target(indicator, value, MONTH), run(values), on)


def test_good_days_to_be_won():
    found = good(20, [80] * 8 + [150] * 2, after(10))
    assert (found.count, found.good_days_needed, found.good_days_left, found.left) == (8, 20, 12, 21)
    assert found.feasibility is Feasibility.SLACK
    lost = good(20, [150] * 15, after(15))
    assert (lost.feasibility, lost.shortfall, lost.good_days_left) == (Feasibility.IMPOSSIBLE, 4, 20)
    assert good(20, [80] * 20, after(20)).feasibility is Feasibility.MET
    assert good(20, [80] * 19 + [150] * 12, after(31)).feasibility is Feasibility.MISSED
    assert good(20, [80] * 2 + [150] * 5, after(7)).feasibility is Feasibility.TIGHT


def test_a_ratio_asks_of_the_days_that_count():
    year = Period(date(2025, 1, 1), date(2025, 12, 31))
    found = room_of(target(Indicator.GOOD_RATIO, "73.5", year), {}, date(2024, 12, 31))
    assert found.good_days_needed == 269
    gap = good("50", [None] + [80] * 9, after(10), Indicator.GOOD_RATIO)
    assert gap.good_days_needed == 15  # half of the 30 days that count


def test_heavy_days_that_may_still_come():
    def heavy(values, on):
        return room_of(target(Indicator.HEAVY_DAYS, 3, MONTH), run(values), on)

    found = heavy([201, 200, 80], after(3))
    assert (found.count, found.heavy_left, found.feasibility) == (1, 2, Feasibility.TIGHT)
    assert heavy([80] * 20, after(20)).feasibility is Feasibility.SLACK
    assert heavy([80] * 29, after(29)).feasibility is Feasibility.MET
    over = heavy([250] * 5, after(5))
    assert (over.heavy_left, over.feasibility, over.shortfall) == (-2, Feasibility.IMPOSSIBLE, 2)


def test_days_above_a_percentiles_cap():
    def ozone(values, on, cap=160):
        return room_of(target(Indicator.O3_P90, cap, MONTH), run(values), on)

    found = ozone([170, 170, 100], after(3))
    assert (found.count, found.over_left) == (2, 1)  # k = 28 of 31 days: three may lie above
    assert ozone([170] * 4, after(4)).feasibility is Feasibility.IMPOSSIBLE
    assert ozone([170] * 3 + [100] * 28, after(31)).feasibility is Feasibility.MET
    assert ozone([170] * 4 + [100] * 27, after(31)).feasibility is Feasibility.MISSED


def panel(days=31, **kinds):
    values = {
        kind: np.full((1, days), np.nan)
        for kind in (Kind.PM25, Kind.PM10, Kind.SO2, Kind.NO2, Kind.CO, Kind.O3)
    }
    for name, series in kinds.items():
        values[Kind(name)] = np.array([series], float)
    return DayPanel(("c",), MONTH.start_on, values)


def test_values_of_a_panel():
    days = panel(3, pm25=[50.5, np.nan, 70], o3=[1, 2, 3])
    found = day_values(target(period=MONTH), days)
    assert found == run(["50.5", None, 70])
    assert room(target(value=60, period=MONTH), days, after(3)).mean_so_far == Fraction("60.25")
    with pytest.raises(RuleError):
        day_values(target(Indicator.EMISSION_SO2, 5), days)


def test_good_days_are_counted_under_one_edition():
    six = {
        "pm25": [70.0, 76.0],
        "pm10": [60.0] * 2,
        "so2": [5.0] * 2,
        "no2": [10.0] * 2,
        "co": [1.0] * 2,
        "o3": [50.0] * 2,
    }
    days = panel(2, **six)
    for edition, counts in (("2012", 1), ("2026", 0)):
        aim = target(Indicator.GOOD_DAYS, 20, MONTH, edition=edition)
        assert room(aim, days, after(2)).count == counts
    assert (
        room(target(Indicator.GOOD_DAYS, 20, MONTH), days, after(2)).count == 0
    )  # that of the period's last day


def test_the_index_has_a_standing_but_no_allowed_mean():
    six = {
        "pm25": [35.0] * 31,
        "pm10": [60.0] * 31,
        "so2": [10.0] * 31,
        "no2": [30.0] * 31,
        "co": [1.0] * 31,
        "o3": [100.0] * 31,
    }
    aim = target(Indicator.INDEX, "4", MONTH)
    early, late = (room(aim, panel(31, **six), on) for on in (after(10), after(31)))
    assert early.mean_so_far == late.mean_so_far
    assert 3 < early.mean_so_far < 5
    assert (early.allowed, early.feasibility, early.left, late.left) == (None, None, 21, 0)
    assert late.feasibility in (Feasibility.MET, Feasibility.MISSED)
    assert (late.feasibility is Feasibility.MET) == (late.mean_so_far <= 4)


@pytest.mark.real_data
def test_a_real_winter_was_lost_step_by_step(shared_data):
    path = shared_data("cn_city_daily/city_daily_shanxi_shaanxi_henan_2013-12_2017-01.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["city"] == "临汾"]
    values = {date.fromisoformat(row["date"]): Fraction(row["pm25"]) for row in rows}
    aim = target(value=None, period=season(date(2016, 10, 1)), change="-3")
    story = {}
    for on in (date(2016, 10, 31), date(2016, 11, 30), date(2017, 1, 31)):
        found = room_of(aim, values, on)
        story[on.month] = (found.feasibility, int(found.published), round(float(found.mean_so_far), 1))
    assert round(float(found.cap), 2) == 76.18  # 3 % below the 78.5 of 2015/16
    assert story == {
        10: (Feasibility.SLACK, 85, 30.1),
        11: (Feasibility.OFF_TRACK, 64, 99.3),
        1: (Feasibility.IMPOSSIBLE, -85, 153.1),
    }
    assert (found.rest_change, found.missing) == (None, 0)
    assert round(float(found.shortfall), 1) == 27.3


def test_a_percentile_kept_at_the_end_has_no_shortfall():
    june = Period(date(2026, 6, 1), date(2026, 6, 20))
    aim = target(Indicator.O3_P90, 160, june)
    kept = room_of(aim, run([100] * 18 + [161] * 2, june.start_on), june.end_on)  # P90 is 106.1
    assert (kept.feasibility, kept.shortfall, kept.shortfall_at_best) == (Feasibility.MET, None, None)
    assert (kept.count, kept.over_left) == (2, 0)
    missed = room_of(aim, run([100] * 18 + [800] * 2, june.start_on), june.end_on)  # P90 is 170
    assert (missed.feasibility, missed.shortfall, missed.over_left) == (Feasibility.MISSED, 1, -1)


def test_a_percentile_not_yet_lost_has_no_shortfall_either():
    june = Period(date(2026, 6, 1), date(2026, 6, 20))
    aim = target(Indicator.O3_P90, 160, june)
    two, three = (
        room_of(aim, run([100] * (12 - n) + [161] * n, june.start_on), after(12, june.start_on))
        for n in (2, 3)
    )
    assert (two.feasibility, two.shortfall, two.over_left) == (Feasibility.OFF_TRACK, None, -1)
    assert (three.feasibility, three.shortfall) == (Feasibility.IMPOSSIBLE, 2)


@pytest.mark.parametrize(
    ("days", "safe", "lost"), [(20, 1, 2), (21, 2, 2), (31, 3, 3), (32, 3, 4), (365, 36, 37)]
)
def test_days_that_a_percentile_allows_by_the_rank_above_and_below(days, safe, lost):
    assert day_limits(target(Indicator.O3_P90, 160, MONTH), Fraction(160), days) == (safe, lost)
    for over, kept in ((safe, True), (lost + 1, False)):
        values = [Fraction(100)] * (days - over) + [Fraction(100000)] * over
        assert (percentile(values, 90) <= 160) is kept


def test_a_base_of_another_reference_state_is_converted_for_gases_alone():
    period = season(date(2018, 10, 1))
    first = date(2017, 10, 1)
    hundred = np.full((1, (period.end_on - first).days + 1), 100.0)
    panel = DayPanel(("c",), first, {Kind.SO2: hundred, Kind.PM25: hundred})
    gas = target(Indicator.SO2_MEAN, None, period, change="-3")
    found = room(gas, panel, period.end_on)
    factor = Fraction("273.15") / Fraction("298.15")
    assert found.cap == 100 * factor * Fraction(97, 100)
    assert found.mean_so_far == 100
    particle = target(Indicator.PM25_MEAN, None, period, change="-3")
    assert room(particle, panel, period.end_on).cap == 97
