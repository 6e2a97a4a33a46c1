import csv
import gzip
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.compare import compare
from lantian.assess.dust import DustDays
from lantian.assess.indicator import Caveat
from lantian.assess.membership import membership
from lantian.assess.monthly import monthly_ranks
from lantian.assess.noise import bands, draw_weights, redrawn
from lantian.assess.ranking import NotRanked, ranking, shared_ranks
from lantian.assess.statistics import statistics
from lantian.errors import PeriodError
from lantian.observe.panel import DayPanel
from lantian.periods import Period, month, same_period_last_year
from lantian.records import ObservationKind as Kind

LEVELS = {Kind.SO2: 12, Kind.NO2: 31, Kind.PM10: 74, Kind.PM25: 37, Kind.CO: 1.4, Kind.O3: 140}
APRIL = month(date(2024, 4, 1))


def made(scales, first=date(2024, 3, 1), days=61, spread=0.3, seed=1):
    """Places p0, p1, ...: common weather and noise of their own about a level times each scale."""
    rng = np.random.default_rng(seed)
    scale = np.array(scales, float)[:, None]
    weather = np.exp(rng.normal(0, 2 * spread, days))
    values = {}
    for kind, level in LEVELS.items():
        noise = np.exp(rng.normal(0, spread, (len(scales), days)))
        values[kind] = np.round(level * scale * weather * noise, 1 if kind is Kind.CO else 0)
    return DayPanel(tuple(f"p{no}" for no in range(len(scales))), first, values)


def flat(scales, **kwargs):
    return made(scales, spread=0, **kwargs)


def ranks(found):
    return {row.point: row.rank for row in found.rows}


@given(st.lists(st.decimals(0, 9, places=1), max_size=12), st.booleans())
def test_equal_values_share_a_rank_and_the_next_is_left_out(values, descending):
    found = shared_ranks(values, descending)
    for value, rank in zip(values, found, strict=True):
        assert rank == 1 + sum(other > value if descending else other < value for other in values)


def test_equal_places_share_a_rank():
    found = ranking(flat([1, 1, 2]), ["p0", "p1", "p2"], APRIL)
    assert ranks(found) == {"p0": 1, "p1": 1, "p2": 3}
    assert [row.tied for row in found.rows] == [True, True, False]
    assert [row.band for row in found.rows] == [1, 1, 2]
    assert [(row.best, row.worst) for row in found.rows] == [(1, 2), (1, 2), (3, 3)]


def test_equal_means_equal_as_published():
    days = flat([1, 1, 2])
    days.values[Kind.PM25][0] += 0.01
    found = ranking(days, days.points, APRIL)
    assert found.row("p0").exact > found.row("p1").exact
    assert ranks(found) == {"p0": 1, "p1": 1, "p2": 3}


def test_good_days_rank_the_greatest_first():
    days = flat([1, 1, 3])
    assert ranks(ranking(days, days.points, APRIL, "good_days")) == {"p0": 1, "p1": 1, "p2": 3}
    assert ranks(ranking(days, days.points, APRIL, "heavy_days", descending=True))["p2"] == 1
    assert ranking(days, days.points, APRIL, "pm25").indicator == "pm25_mean"


def test_who_is_left_out_and_why():
    days = flat([1, 1, 1, 1, 2])
    days.values[Kind.CO][1] = np.nan
    for array in days.values.values():
        array[2] = np.nan
        array[3, :40] = np.nan
    found = ranking(days, ["p0", "p1", "p2", "p3", "p4", "p9"], APRIL)
    assert found.left_out == (
        ("p1", NotRanked.ITEM_MISSING),
        ("p2", NotRanked.NO_VALUE),
        ("p9", NotRanked.ABSENT),
    )
    assert found.missing["p1"] == (Kind.CO,)
    assert ranks(found) == {"p0": 1, "p4": 2, "p3": None}
    assert (found.row("p3").enough, found.row("p3").band, found.row("p3").days_valid) == (False, 0, 21)
    assert Caveat.TOO_FEW_DAYS in found.notes
    assert found.row("p9") is None


def test_a_move_has_its_reason():
    days = flat([1, 1.2, 1.4])
    days.values[Kind.O3][0, 31:] *= 4  # the best becomes the last by ozone
    march = month(date(2024, 3, 1))
    found = ranking(days, days.points, APRIL, previous=march)
    first, last = found.row("p1"), found.row("p0")
    assert (last.rank, last.was, last.moved, last.because, last.clear) == (3, 1, -2, Kind.O3, True)
    assert (first.rank, first.was, first.moved, first.because) == (1, 2, 1, Kind.O3)
    assert found.row("p0").main == (Kind.O3,)
    still = ranking(days, days.points, march, previous=march)
    assert {(row.moved, row.because, row.clear) for row in still.rows} == {(0, None, False)}
    by_item = ranking(days, days.points, APRIL, "o3", previous=march)
    assert by_item.row("p0").because is Kind.O3


def test_a_place_is_not_blamed_for_what_all_share():
    days = flat([1, 1.05, 1.1])
    days.values[Kind.PM25][:, 31:] += 200  # everywhere
    days.values[Kind.SO2][0, 31:] += 30  # here alone, far smaller
    found = ranking(days, days.points, APRIL, previous=month(date(2024, 3, 1)))
    assert found.row("p0").because is Kind.SO2


def test_a_place_that_was_not_ranked_before_has_not_moved():
    days = flat([1, 2, 3])
    for array in days.values.values():
        array[0, :31] = np.nan
    found = ranking(days, days.points, APRIL, previous=month(date(2024, 3, 1)))
    assert (found.row("p0").was, found.row("p0").moved) == (None, None)
    assert Caveat.OTHERS_BEFORE in found.notes


def test_the_month_before_is_made_anew_under_the_edition_of_this_one():
    days = made([1, 1.1, 1.3], first=date(2026, 2, 1), days=59)
    february, march = month(date(2026, 2, 1)), month(date(2026, 3, 1))
    found = ranking(days, days.points, march, previous=february)
    then = ranking(days, days.points, february, edition="2026-transition")
    assert (found.edition, then.edition) == ("2026-transition", "2026-transition")
    assert {row.point: row.was for row in found.rows} == ranks(then)
    assert found.notes == (Caveat.RECOMPUTED,)
    assert ranking(days, days.points, february).notes == ()


def test_an_old_membership_says_what_it_is():
    plain = membership("fenwei", date(2017, 1, 31))
    days = DayPanel(plain.cities, date(2017, 1, 1), made([1] * 11, date(2017, 1, 1), 31).values)
    january = month(date(2017, 1, 1))
    found = ranking(days, plain, january)
    assert found.backwards
    assert Caveat.BACKWARDS in found.notes
    assert any(note.table == "regions" for note in found.footnotes)
    later = membership("fenwei", date(2023, 12, 31))
    quarter = Period(date(2023, 10, 1), date(2023, 12, 31))
    assert Caveat.MEMBERS_CHANGED in ranking(days, later, quarter).notes


def test_weights_are_switchable():
    days = flat([1, 1], first=date(2026, 4, 1), days=30)
    days.values[Kind.SO2][0] += 60  # costs 1.0
    days.values[Kind.PM25][1] += 20  # costs 0.67, thrice that by weight
    april = month(date(2026, 4, 1))
    assert ranks(ranking(days, days.points, april)) == {"p0": 2, "p1": 1}
    assert ranks(ranking(days, days.points, april, profile="weighted_3_2_2")) == {"p0": 1, "p1": 2}


@given(st.permutations(range(6)), st.integers(0, 5))
@settings(max_examples=25)
def test_the_order_of_the_places_changes_nothing(order, seed):
    days = made([1, 1, 1.1, 1.2, 1.4, 2], seed=seed)
    names = [days.points[no] for no in order]
    assert ranking(days.select(names), names, APRIL).rows == ranking(days, days.points, APRIL).rows


def test_places_within_noise_share_a_band_and_others_do_not():
    found = ranking(made([1, 1.01, 1.02, 2, 2.01]), [f"p{no}" for no in range(5)], APRIL)
    assert {row.point: row.band for row in found.rows} == {"p0": 1, "p1": 1, "p2": 1, "p3": 2, "p4": 2}
    for row in found.rows:
        assert row.best <= row.rank <= row.worst


@given(st.lists(st.floats(0.5, 2), min_size=2, max_size=6), st.integers(0, 99))
@settings(max_examples=30)
def test_a_band_holds_what_noise_can_do(scales, seed):
    """Days drawn anew (another seed) carry a place out of the ranks of its band in few draws only."""
    days = made(scales, seed=seed)
    found = ranking(days, days.points, APRIL)
    order = [row.point for row in found.rows]
    drawn = redrawn(days.select(order).between(APRIL), "index", draw_weights(30, 7, 300, seed + 1000), None)
    place = drawn.argsort(axis=1, kind="stable").argsort(axis=1)
    band = np.array([row.band for row in found.rows])
    low = np.array([np.flatnonzero(band == number).min() for number in band])
    high = np.array([np.flatnonzero(band == number).max() for number in band])
    assert ((place < low) | (place > high)).mean(axis=0).max() < 0.2
    assert (np.diff(band) >= 0).all()
    for one, other in zip(found.rows, found.rows[1:], strict=False):
        assert one.rank != other.rank or one.band == other.band


def test_two_places_that_noise_exchanged_have_not_clearly_moved():
    days = made([1, 1.01, 3], seed=0)
    found = ranking(days, days.points, APRIL, previous=month(date(2024, 3, 1)))
    assert {row.point: (row.moved, row.clear) for row in found.rows} == {
        "p0": (1, False),
        "p1": (-1, False),
        "p2": (0, False),
    }


def test_a_handful_of_days_tells_nobody_apart():
    days = made([1, 3])
    week = Period(date(2024, 4, 1), date(2024, 4, 7))
    assert {row.band for row in ranking(days, days.points, week).rows} == {1}


def test_the_same_seed_gives_the_same_bands():
    days = made([1, 1.02, 1.05, 1.2])
    again = [bands(days, "index", edition=None, descending=False, seed=4) for _ in range(2)]
    assert again[0] == again[1]


@given(st.integers(1, 60), st.integers(1, 14), st.integers(0, 9))
def test_every_draw_has_as_many_days_as_the_period(days, block, seed):
    weights = draw_weights(days, block, 20, seed)
    assert weights.shape == (20, days)
    assert (weights.sum(axis=1) == days).all()


def test_one_draw_of_every_day_is_the_statistic_itself():
    days = made([1, 1.2, 0.7])
    days.values[Kind.CO][0, :9] = np.nan
    days.values[Kind.CO][2] = np.nan
    whole = Period(days.first, days.last)
    names = ("pm25_mean", "co_p95", "o3_p90", "good_ratio")
    told = statistics(days, whole, names)
    for name in names:
        once = redrawn(days, name, np.ones((1, days.days)), "2012")[0]
        expected = told[name] / (100 if name == "good_ratio" else 1)
        assert once == pytest.approx(expected, nan_ok=True)
    twice = redrawn(days, "co_p95", np.full((1, days.days), 2.0), None)[0, 1]
    doubled = np.repeat(days.of(Kind.CO)[1], 2)
    assert twice == pytest.approx(np.percentile(doubled, 95))


@pytest.mark.parametrize("first", [date(2018, 7, 1), date(2026, 1, 1), date(2016, 12, 1)])
def test_the_fast_path_gives_the_answers_of_the_exact_one(first):
    rng = np.random.default_rng(first.year)
    days = made(rng.uniform(0.9, 1.2, 9), first=first, days=123, seed=first.year)
    for array in days.values.values():
        array[rng.random(array.shape) < 0.04] = np.nan
    dust = DustDays({"p0": frozenset(date.fromordinal(first.toordinal() + n) for n in range(2, 70, 5))})
    found = monthly_ranks(days, days.points, dust=dust)
    assert len(found.months) == 4
    assert (found.moved != 0).any()
    for column, period in enumerate(found.months):
        before = found.months[column - 1] if column else None
        exact = ranking(days, days.points, period, previous=before, dust=dust)
        assert exact.edition == found.editions[column]
        for row in exact.rows:
            at = days.row(row.point)
            assert found.rank[at, column] == (row.rank or 0)
            assert found.was[at, column] == (row.was or 0)
            assert found.moved[at, column] == (row.moved or 0)
            assert found.enough[at, column] == row.enough
            assert found.published[at, column] == float(row.value)
            assert found.index[at, column] == pytest.approx(float(row.exact))
            because = None if found.because[at, column] < 0 else found.kinds[found.because[at, column]]
            assert because == row.because


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ((51, 64, 14, 77, 2.9, 80), "6.08"),
        ((24, 43, 91, 35, 0.4, 296), "5.72"),
        ((6, 53, 0, 56, 2.4, 48), "3.92"),
    ],
)
def test_an_index_on_a_tie_is_rounded_by_its_exact_value(levels, told):
    """Ties (6.075, 5.725, 3.925) that a sum of doubles falls beside, on the wrong side."""
    values = {kind: np.full((1, 30), float(level)) for kind, level in zip(LEVELS, levels, strict=True)}
    days = DayPanel(("a",), date(2024, 4, 1), values)
    assert str(ranking(days, ["a"], APRIL).rows[0].value) == told
    assert monthly_ranks(days, ["a"]).published[0, 0] == float(told)


def test_months_that_are_not_whole_are_not_ranked():
    days = made([1, 2], first=date(2024, 3, 20), days=20)
    with pytest.raises(PeriodError):
        monthly_ranks(days, days.points)
    days = made([1, 2], first=date(2024, 3, 20), days=50)
    assert monthly_ranks(days, ["p1", "p7"]).months == (APRIL,)


COLUMNS = {"pm25": "pm25", "pm10": "pm10", "so2": "so2", "no2": "no2", "co": "co", "o3_8h": "o3"}
WINTER = Period(date(2016, 10, 1), date(2017, 1, 31))


@pytest.fixture(scope="module")
def cities(shared_data):
    """The published days of 38 cities; PM10 and CO of nought are missing values (note 4 of the data set)."""
    with gzip.open(
        next(shared_data("cn_city_daily").glob("*.csv.gz")), "rt", encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["city"] for row in rows})
    first = min(date.fromisoformat(row["date"]) for row in rows)
    days = (WINTER.end_on - first).days + 1
    values = {Kind(item): np.full((len(names), days), np.nan) for item in COLUMNS.values()}
    at = {name: no for no, name in enumerate(names)}
    for row in rows:
        day = (date.fromisoformat(row["date"]) - first).days
        for column, item in COLUMNS.items():
            if row[column] and not (item in ("pm10", "co") and float(row[column]) == 0):
                values[Kind(item)][at[row["city"]], day] = float(row[column])
    return DayPanel(tuple(names), first, values)


@pytest.mark.real_data
def test_the_winter_of_the_founding_case(cities):
    found = compare(cities, "临汾", "pm25", WINTER, "last-year")
    assert round(float(found.now.exact), 3) == 153.096
    assert round(float(found.base.exact), 3) == 87.216
    assert (found.now.days_valid, found.base.days_valid, str(found.change_percent)) == (123, 123, "75.5")
    plain = membership("fenwei", WINTER.end_on)
    ranked = ranking(cities, plain, WINTER, "pm25", previous=same_period_last_year(WINTER))
    assert (ranked.backwards, ranked.left_out, len(ranked.rows)) == (True, (), 11)
    last = ranked.rows[-1]
    assert (last.point, last.rank, last.tied, last.band) == ("临汾", 11, False, 4)
    assert (last.was, last.moved, last.clear) == (4, -7, True)
    index = ranking(cities, plain, WINTER, previous=same_period_last_year(WINTER))
    assert index.row("临汾").rank == 11
    assert index.row("临汾").because is Kind.SO2


@pytest.mark.real_data
def test_real_months_rank_alike_both_ways(cities):
    period, before = month(date(2016, 12, 1)), month(date(2016, 11, 1))
    exact = ranking(cities, cities.points, period, previous=before)
    found = monthly_ranks(cities, cities.points)
    column = found.months.index(period)
    assert len(exact.rows) == 38
    for row in exact.rows:
        at = found.points.index(row.point)
        assert (found.rank[at, column], found.moved[at, column]) == (row.rank, row.moved)


def test_an_item_outside_the_plan_is_not_missed_in_a_ranking():
    days = flat([1, 2], first=date(2026, 4, 1))
    days.values[Kind.CO][:] = np.nan
    plan = [item for item in AQI_ITEMS if item is not Kind.CO]
    april = month(date(2026, 4, 1))
    assert ranking(days, ["p0", "p1"], april, "good_days").rows[0].rank is None
    assert Caveat.WITHHELD in ranking(days, ["p0", "p1"], april, "good_days").notes
    found = ranking(days, ["p0", "p1"], april, "good_days", monitored=plan)
    assert ranks(found) == {"p0": 1, "p1": 2}
    assert [(row.value, row.band, row.best) for row in found.rows] == [(30, 1, 1), (0, 2, 2)]
    assert found.notes == ()
    index = ranking(flat([1, 2]), ["p0", "p1"], APRIL, monitored=plan)
    assert (index.rows, index.missing["p0"], index.notes) == ((), (Kind.CO,), (Caveat.NOT_MONITORED,))
