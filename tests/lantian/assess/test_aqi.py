from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worked_examples import cases

from lantian.assess import aqi_of, daily_aqi, edition_on, hourly_aqi, iaqi, level_of
from lantian.assess.aqi import AQI_ITEMS
from lantian.errors import DataError, StandardsError
from lantian.records import ObservationKind as Kind

KINDS = {
    "SO2": Kind.SO2,
    "NO2": Kind.NO2,
    "PM10": Kind.PM10,
    "PM2.5": Kind.PM25,
    "CO": Kind.CO,
    "O3": Kind.O3,
}
EDITIONS = st.sampled_from(["2012", "2026"])


def amount(text):
    return Decimal(text) if text else None


def kinds(text):
    return tuple(KINDS[name] for name in text.split())


def clean(**values):
    """A clean day with some values changed."""
    base = dict.fromkeys(AQI_ITEMS, Decimal(10)) | {Kind.CO: Decimal("0.5")}
    return base | {Kind(name): value for name, value in values.items()}


@pytest.mark.parametrize("case", cases("aqi_single"))
def test_single_items_of_the_worked_examples(case):
    found = iaqi(KINDS[case["item"]], case["period"], Decimal(case["concentration"]), case["version"])
    assert ("NA" if found is None else str(found)) == case["expected_iaqi"]


@pytest.mark.parametrize("case", cases("aqi_daily"))
def test_days_of_the_worked_examples(case):
    columns = ("so2", "no2", "pm10", "pm25", "co", "o3_mda8")
    values = {Kind(column.removesuffix("_mda8")): amount(case[column]) for column in columns}
    day = daily_aqi(values, case["version"])
    assert day.aqi == int(case["expected_aqi"])
    assert day.primary == kinds(case["expected_primary"])
    assert day.level == int(case["expected_level"])


@pytest.mark.parametrize("case", cases("aqi_hourly"))
def test_hours_of_the_worked_examples(case):
    values = {kind: amount(case[f"{kind}_1h"]) for kind in AQI_ITEMS}
    hour = hourly_aqi(values, case["version"])
    if case["expected_aqi"] == "NA":
        assert (hour.aqi, hour.primary, hour.level) == (None, (), None)
        assert hour.missing
        assert hour.iaqi  # single items are still published
    else:
        assert (hour.aqi, hour.primary) == (int(case["expected_aqi"]), kinds(case["expected_primary"]))


def test_no_binary_float_ever_pushes_the_ceiling():
    """Integer arithmetic over every CO 1 h value of one decimal between 60 and 90 mg/m3 (IAQI 200 to 300)."""
    for tenths in range(600, 901):
        exact = 200 + -(-100 * (tenths - 600) // 300)
        assert iaqi(Kind.CO, "1h", Decimal(tenths) / 10, "2026") == exact


@given(st.sampled_from(AQI_ITEMS), st.decimals(0, 700, places=1), st.decimals(0, 700, places=1), EDITIONS)
def test_more_is_never_better(item, a, b, edition):
    period = "8h" if item is Kind.O3 else "24h"
    low, high = sorted((a, b))
    assert iaqi(item, period, low, edition) <= iaqi(item, period, high, edition)


@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_the_top_of_the_table(edition):
    assert iaqi(Kind.PM25, "24h", Decimal(900), edition) == 500
    assert iaqi(Kind.CO, "24h", Decimal(99), edition) == 500


def test_above_the_last_point_of_so2_1h_and_o3_8h():
    assert iaqi(Kind.SO2, "1h", Decimal(801), "2026") == 200
    assert iaqi(Kind.SO2, "1h", Decimal(801), "2012") is None
    so2_hour = hourly_aqi(clean(so2=Decimal(900)), "2012", rolling={(Kind.SO2, "24h"): Decimal(151)})
    assert so2_hour.iaqi[Kind.SO2] == 101
    assert daily_aqi(clean(o3=Decimal(810)), "2026").aqi == 300
    assert daily_aqi(clean(o3=Decimal(810)), "2012", o3_1h_max=Decimal(900)).aqi == 350


def test_the_older_hour_takes_particles_from_the_rolling_day():
    hour = hourly_aqi(clean(pm25=Decimal(500)), "2012", rolling={(Kind.PM25, "24h"): Decimal(76)})
    assert hour.iaqi[Kind.PM25] == 102
    assert hourly_aqi(clean(pm25=Decimal(500)), "2012").missing == (Kind.PM10, Kind.PM25)


def test_ties_share_the_first_place():
    tie = daily_aqi(clean(pm10=Decimal(120), pm25=Decimal(60)), "2026")
    assert (tie.aqi, tie.primary, tie.level) == (100, (Kind.PM10, Kind.PM25), 2)


def test_a_missing_item_blocks_only_a_good_day():
    assert daily_aqi(clean(pm25=None, pm10=Decimal(120)), "2026").aqi is None
    heavy = daily_aqi(clean(pm25=None, pm10=Decimal(121)), "2026")
    assert (heavy.aqi, heavy.missing) == (101, (Kind.PM25,))
    assert daily_aqi(clean(pm25=None, pm10=Decimal(120)), "2012").aqi == 85


def test_an_item_outside_the_monitoring_plan_blocks_nothing():
    plan = tuple(item for item in AQI_ITEMS if item is not Kind.CO)
    assert daily_aqi(clean(co=None), "2026", monitored=plan).aqi is not None
    assert daily_aqi(clean(co=None), "2026").aqi is None


def test_a_day_without_data_has_no_aqi():
    empty = daily_aqi({}, "2012")
    assert (empty.aqi, empty.level, dict(empty.iaqi), len(empty.missing)) == (None, None, {}, 6)


def test_the_newer_aqi_begins_at_one():
    still = dict.fromkeys(AQI_ITEMS, Decimal(0))
    assert daily_aqi(still, "2026").aqi == 1
    assert daily_aqi(still, "2012").aqi == 0


@given(st.integers(1, 500), EDITIONS)
def test_classes_are_continuous(aqi, edition):
    assert level_of(aqi, edition) == 1 + sum(aqi > edge for edge in (50, 100, 150, 200, 300))


def test_the_edition_follows_the_day():
    assert edition_on(date(2026, 2, 28)) == "2012"
    assert edition_on(date(2026, 3, 1)) == "2026"
    assert edition_on(date(2013, 12, 2), "2012") == "2012"
    with pytest.raises(StandardsError, match="2013-12-02"):
        edition_on(date(2013, 12, 2))


def test_nonsense_is_refused():
    with pytest.raises(DataError):
        iaqi(Kind.PM25, "24h", Decimal(-1), "2026")
    with pytest.raises(StandardsError):
        iaqi(Kind.PM25, "8h", Decimal(1), "2026")
    with pytest.raises(StandardsError, match="2099"):
        aqi_of({}, "daily", "2099")
