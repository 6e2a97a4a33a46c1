"""The array engine gives the scalar specification's answers, value by value."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess import aqi_of, hourly_aqi
from lantian.assess.aqi import AQI_ITEMS, report_scales
from lantian.assess.engine import (
    aqi_arrays,
    daily_aqi_panel,
    hourly_aqi_panel,
    mask_of,
    primary_of,
    without_means,
)
from lantian.assess.exact import exact_value
from lantian.errors import DataError, StandardsError
from lantian.observe.air import read_air
from lantian.observe.panel import DayPanel, HourPanel
from lantian.records import ObservationKind as Kind

REPORTS = st.sampled_from(["daily", "hourly"])
EDITIONS = st.sampled_from(["2012", "2026"])
READINGS = tuple(
    dict.fromkeys(
        [
            *(r for e in ("2012", "2026") for t in ("daily", "hourly") for r in report_scales(t, e)),
            (Kind.SO2, "24h"),
        ]
    )
)
# Ties, values beside a tie, break points, the tops of the scales and beyond, missing ones.
PLAIN = st.one_of(
    st.integers(0, 4200).map(float),
    st.integers(0, 8400).map(lambda n: n / 2),
    st.integers(0, 3200).map(lambda n: n / 20),
    st.integers(0, 400_000).map(lambda n: n / 1000),
    st.floats(0, 5000, allow_nan=False),
    st.integers(0, 3200).map(lambda n: float(np.nextafter(n / 20, np.inf))),
    st.integers(1, 3200).map(lambda n: float(np.nextafter(n / 20, 0))),
    st.sampled_from([800.0, 800.4, 800.5, 800.6, 801.0, 500.5, -0.04, -0.0, 65.4, 150.05, 1e6]),
    st.just(float("nan")),
)
PLANS = st.sets(st.sampled_from(AQI_ITEMS), min_size=1)


def scalar(values, report, edition, monitored=AQI_ITEMS):
    """The specification's answer for one set of readings."""
    known = {key: None if value != value else Decimal(str(value)) for key, value in values.items()}
    return aqi_of(known, report, edition, monitored)


def same(found, at, wanted):
    __tracebackhide__ = True
    assert (int(found.aqi[at]), int(found.level[at])) == (wanted.aqi or 0, wanted.level or 0)
    assert primary_of(int(found.primary[at])) == wanted.primary
    assert primary_of(int(found.missing[at])) == wanted.missing
    index = {item: int(n) for item, n in zip(AQI_ITEMS, found.iaqi[at], strict=True) if n >= 0}
    assert index == wanted.iaqi


@settings(max_examples=150)
@given(st.data(), REPORTS, EDITIONS, PLANS)
@pytest.mark.slow
def test_arrays_and_the_specification_agree(data, report, edition, monitored):
    rows = data.draw(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(READINGS, PLAIN)), min_size=1))
    table = {key: np.array([row.get(key, np.nan) for row in rows]) for key in READINGS}
    found = aqi_arrays(table, report, edition, monitored)
    for at, row in enumerate(rows):
        same(found, at, scalar(row, report, edition, monitored))


@pytest.mark.parametrize("edition", ["2012", "2026"])
@pytest.mark.parametrize("item", AQI_ITEMS)
def test_every_tie_and_its_neighbours(item, edition):
    """Each half step of the published decimals up to beyond the scale, and the doubles on both sides of it."""
    step = Fraction(1, 20) if item is Kind.CO else Fraction(1, 2)
    ties = np.array([float((2 * n + 1) * step) for n in range(1300)])
    values = np.concatenate([ties, np.nextafter(ties, 0), np.nextafter(ties, np.inf)])
    for report, period in (("daily", "8h" if item is Kind.O3 else "24h"), ("hourly", "1h")):
        found = aqi_arrays({(item, period): values}, report, edition, (item,))
        for at, value in enumerate(values.tolist()):
            same(found, at, scalar({(item, period): value}, report, edition, (item,)))


def test_a_tie_follows_its_decimal_text_not_its_binary_value():
    """0.15 lies below its tie as a double; by its text it is one, and goes to the even 0.2."""
    values = np.array([0.05, 0.15, 0.25, 0.35, 2.25, 2.35])
    found = aqi_arrays({(Kind.CO, "24h"): values}, "daily", "2012", (Kind.CO,))
    tenths = aqi_arrays(
        {(Kind.CO, "24h"): np.array([0.0, 0.2, 0.2, 0.4, 2.2, 2.4])}, "daily", "2012", (Kind.CO,)
    )
    assert found.iaqi.tolist() == tenths.iaqi.tolist()


def test_float32_counts_by_its_own_text():
    narrow = np.array([65.4, 0.15, 2.25], np.float32)
    found = aqi_arrays({(Kind.CO, "1h"): narrow}, "hourly", "2026", (Kind.CO,))
    wide = aqi_arrays({(Kind.CO, "1h"): np.array([65.4, 0.15, 2.25])}, "hourly", "2026", (Kind.CO,))
    assert found.iaqi.tolist() == wide.iaqi.tolist()
    assert found.iaqi[0, AQI_ITEMS.index(Kind.CO)] == 218


@given(st.sampled_from(AQI_ITEMS), EDITIONS, st.lists(st.floats(0, 6000), min_size=2))
def test_an_index_never_falls_within_the_scale_of_its_item(item, edition, values):
    period = "8h" if item is Kind.O3 else "24h"
    rising = np.sort(np.array(values))
    if edition == "2012" and item is Kind.O3:
        rising = rising[rising <= 800]
    found = aqi_arrays({(item, period): rising}, "daily", edition, (item,)).iaqi[..., AQI_ITEMS.index(item)]
    assert np.all(np.diff(found) >= 0)


@given(REPORTS, st.sampled_from(AQI_ITEMS), st.floats(0, 6000), st.floats(0, 6000), st.data())
def test_under_2026_the_aqi_never_falls_when_a_concentration_rises(report, item, a, b, data):
    day = {key: data.draw(st.floats(0, 3000)) for key in report_scales(report, "2026")}
    key = next(key for key in day if key[0] is item)
    low, high = sorted((a, b))
    table = {each: np.full(2, value) for each, value in day.items()} | {key: np.array([low, high])}
    found = aqi_arrays(table, report, "2026")
    assert found.aqi[0] <= found.aqi[1]


def test_the_drop_of_2012_when_so2_of_the_hour_passes_800():
    """Above 800 the 1 h scale ends and the 24 h index answers, though it is lower (HJ 633-2012 Table 1)."""
    hours = {(Kind.SO2, "1h"): np.array([800.0, 801.0]), (Kind.SO2, "24h"): np.array([151.0, 151.0])}
    found = aqi_arrays(hours, "hourly", "2012", (Kind.SO2,))
    assert found.aqi.tolist() == [200, 101]
    alone = aqi_arrays({(Kind.SO2, "1h"): np.array([801.0])}, "hourly", "2012", (Kind.SO2,))
    assert (alone.aqi[0], primary_of(int(alone.missing[0]))) == (0, (Kind.SO2,))
    assert aqi_arrays(hours, "hourly", "2026", (Kind.SO2,)).aqi.tolist() == [200, 200]


def test_the_drop_of_2012_when_ozone_of_eight_hours_passes_800():
    """Above 800 the 8 h scale ends and the 1 h index answers, though it is lower (HJ 633-2012 Table 1)."""
    low = {(Kind.O3, "8h"): np.array([800.0, 801.0]), (Kind.O3, "1h"): np.array([401.0, 401.0])}
    assert aqi_arrays(low, "daily", "2012", (Kind.O3,)).aqi.tolist() == [300, 201]
    assert aqi_arrays(low, "daily", "2026", (Kind.O3,)).aqi.tolist() == [300, 300]


@pytest.mark.parametrize("case", cases("aqi_daily"))
def test_days_of_the_worked_examples(case):
    columns = {item: f"{item}_mda8" if item is Kind.O3 else item.value for item in AQI_ITEMS}
    values = {item: np.array([[float(case[column])]]) for item, column in columns.items()}
    found = daily_aqi_panel(DayPanel(("x",), date(2026, 1, 1), values), case["version"])
    assert (found.aqi[0, 0], found.level[0, 0]) == (int(case["expected_aqi"]), int(case["expected_level"]))
    names = [name.replace("PM2.5", "PM25").lower() for name in case["expected_primary"].split()]
    assert [item.value for item in primary_of(int(found.primary[0, 0]))] == names


@pytest.mark.parametrize("case", cases("aqi_hourly"))
def test_hours_of_the_worked_examples(case):
    values = {item: np.full((1, 24), float(case[f"{item}_1h"] or "nan")) for item in AQI_ITEMS}
    found = hourly_aqi_panel(HourPanel(("x",), date(2026, 5, 1), values))
    wanted = 0 if case["expected_aqi"] == "NA" else int(case["expected_aqi"])
    assert (found.edition, set(found.aqi[0].tolist())) == ("2026", {wanted})


CLEAN = {item: 0.5 if item is Kind.CO else 10.0 for item in AQI_ITEMS}


def days(points, values, first=date(2026, 2, 27)):
    return DayPanel(points, first, values)


def test_each_day_is_judged_by_its_own_edition():
    values = {item: np.full((1, 4), value) for item, value in CLEAN.items()} | {
        Kind.PM25: np.full((1, 4), 76.0)
    }
    found = daily_aqi_panel(days(("x",), values))
    assert (found.edition, found.aqi.tolist()) == ("2012+2026", [[102, 102, 115, 115]])
    assert daily_aqi_panel(days(("x",), values), "2026").aqi.tolist() == [[115] * 4]
    with pytest.raises(StandardsError, match="2015-12-31"):
        daily_aqi_panel(days(("x",), values, date(2015, 12, 31)))


def test_a_missing_item_blocks_only_a_good_day_of_2026():
    values = {item: np.full((1, 2), value) for item, value in CLEAN.items()} | {
        Kind.PM10: np.array([[120.0, 121.0]])
    }
    del values[Kind.CO]
    found = daily_aqi_panel(days(("x",), values, date(2026, 5, 1)))
    assert found.aqi.tolist() == [[0, 101]]
    assert found.known.tolist() == [[False, True]]
    assert primary_of(int(found.missing[0, 0])) == (Kind.CO,)
    plan = tuple(item for item in AQI_ITEMS if item is not Kind.CO)
    assert daily_aqi_panel(days(("x",), values, date(2026, 5, 1)), monitored=plan).aqi.tolist() == [
        [100, 101]
    ]


@given(st.permutations(range(5)), st.integers(0, 2**32))
def test_the_order_of_stations_decides_nothing(order, seed):
    rng = np.random.default_rng(seed)
    points = tuple("abcde")
    panel = days(points, {item: rng.integers(0, 400, (5, 3)) / 2 for item in AQI_ITEMS})
    plain, other = (
        daily_aqi_panel(panel, "2012"),
        daily_aqi_panel(panel.select([points[n] for n in order]), "2012"),
    )
    assert plain.aqi[list(order)].tolist() == other.aqi.tolist()
    assert plain.primary[list(order)].tolist() == other.primary.tolist()


def test_hours_of_2012_look_back():
    """PM from the last 24 hours, ozone also from the last 8; both need as many valid hours as a day or a window."""
    rng = np.random.default_rng(3)
    values = {item: rng.integers(0, 300, (2, 72)).astype(float) for item in AQI_ITEMS}
    values[Kind.CO] = values[Kind.CO] / 20
    values[Kind.SO2][0, 40] = 900.0
    values[Kind.PM25][1, 20:26] = np.nan
    values[Kind.O3][1, 30:35] = np.nan
    found = hourly_aqi_panel(HourPanel(("a", "b"), date(2020, 1, 1), values))
    back = {(Kind.PM10, "24h"): 20, (Kind.PM25, "24h"): 20, (Kind.SO2, "24h"): 20, (Kind.O3, "8h"): 6}
    for row in range(2):
        for hour in range(72):
            rolling = {}
            for (item, period), least in back.items():
                past = values[item][row, max(0, hour + 1 - int(period[:-1])) : hour + 1]
                known = [exact_value(value) for value in past.tolist() if value == value]
                mean = sum(known, Fraction()) / len(known) if len(known) >= least else None
                rolling[item, period] = None if mean is None else Decimal(mean.numerator) / mean.denominator
            now = {item: values[item][row, hour] for item in AQI_ITEMS}
            now = {item: None if value != value else Decimal(str(value)) for item, value in now.items()}
            same(found, (row, hour), hourly_aqi(now, "2012", rolling=rolling))
    assert hourly_aqi_panel(HourPanel(("a", "b"), date(2020, 1, 1), values), "2026").edition == "2026"


def test_nonsense_is_refused():
    with pytest.raises(DataError, match="pm25 24h: 2 .* -1"):
        aqi_arrays({(Kind.PM25, "24h"): np.array([1.0, -1.0, -3.0])}, "daily", "2026")
    with pytest.raises(DataError, match="inf"):
        aqi_arrays({(Kind.CO, "24h"): np.array([np.inf])}, "daily", "2026")
    with pytest.raises(StandardsError, match="2099"):
        aqi_arrays({}, "daily", "2099")


def test_masks():
    assert primary_of(mask_of((Kind.PM25, Kind.SO2))) == (Kind.SO2, Kind.PM25)
    assert primary_of(0) == ()


def test_no_points_and_no_days():
    empty = daily_aqi_panel(days((), {item: np.empty((0, 3)) for item in AQI_ITEMS}), "2026")
    assert empty.aqi.shape == (0, 3)
    assert daily_aqi_panel(
        days(("x",), {item: np.empty((1, 0)) for item in AQI_ITEMS}), "2026"
    ).aqi.shape == (1, 0)


@pytest.mark.slow
def test_a_hundred_thousand_random_days():
    rng = np.random.default_rng(11)
    tops = {Kind.CO: 60.0}
    table = {}
    for item in AQI_ITEMS:
        period = "8h" if item is Kind.O3 else "24h"
        table[item, period] = np.round(rng.uniform(0, tops.get(item, 900.0), 100_000), 2)
        table[item, period][rng.random(100_000) < 0.05] = np.nan
    found = aqi_arrays(table, "daily", "2012")
    rows = {key: array.tolist() for key, array in table.items()}
    for at in range(0, 100_000, 7):
        same(found, at, scalar({key: row[at] for key, row in rows.items()}, "daily", "2012"))


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_every_day_of_many_cities(shared_data, edition):
    """All days of the daily set of 38 cities, as the reader gives them."""
    (path,) = shared_data("cn_city_daily").glob("*.csv.gz")
    panel = read_air([(path.name, path.read_bytes())]).days()
    found = daily_aqi_panel(panel, edition)
    assert found.known.sum() > 35_000
    columns = {(item, "8h" if item is Kind.O3 else "24h"): panel.of(item).tolist() for item in AQI_ITEMS}
    for row in range(len(panel.points)):
        for day in range(row % 5, panel.days, 5):
            values = {key: array[row][day] for key, array in columns.items()}
            same(found, (row, day), scalar(values, "daily", edition))


def test_an_aqi_of_nought_is_published_in_an_incomplete_set_of_2012():
    found = aqi_arrays({(Kind.CO, "1h"): np.array([0.0])}, "hourly", "2012")
    assert (int(found.aqi[0]), int(found.level[0]), bool(found.known[0])) == (0, 1, True)
    wanted = hourly_aqi({Kind.CO: Decimal(0)}, "2012")
    assert (wanted.aqi, wanted.level) == (0, 1)
    same(found, 0, wanted)
    assert hourly_aqi({Kind.CO: Decimal(0)}, "2026").aqi is None


def test_hours_of_2012_without_a_mean_of_particles_are_counted():
    first = date(2026, 2, 28)
    hours = HourPanel(("x",), first, {kind: np.full((1, 48), 20.0) for kind in AQI_ITEMS})
    found = hourly_aqi_panel(hours)
    assert without_means(found, first) == 19  # the 20th hour has twenty behind it; March is of 2026
    assert without_means(hourly_aqi_panel(hours, "2026"), first, "2026") == 0
    plan = [item for item in AQI_ITEMS if item not in (Kind.PM10, Kind.PM25)]
    assert without_means(hourly_aqi_panel(hours, "2012", plan), first, "2012") == 0
