from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.compare import alone, base_period, compare, previous_period
from lantian.assess.dust import DustDays
from lantian.assess.indicator import Caveat, measure, named
from lantian.errors import DataError, PeriodError, StandardsError
from lantian.observe.panel import DayPanel
from lantian.periods import Period, month
from lantian.records import ObservationKind as Kind

LEVELS = {Kind.SO2: 12.0, Kind.NO2: 31.0, Kind.PM10: 74.0, Kind.PM25: 37.0, Kind.CO: 1.4, Kind.O3: 140.0}


def panel(first, last, **levels):
    """One place `a` whose every day is alike; a level may be given by item name."""
    days = (last - first).days + 1
    wanted = {kind: levels.get(kind.value, level) for kind, level in LEVELS.items()}
    return DayPanel(("a",), first, {kind: np.full((1, days), level) for kind, level in wanted.items()})


def span(text):
    start, end = text.split("..")
    return Period(date.fromisoformat(start), date.fromisoformat(end))


ACROSS_2026 = panel(date(2025, 1, 1), date(2026, 12, 31), pm25=70.0)
ACROSS_2018 = panel(date(2017, 1, 1), date(2019, 12, 31), no2=100.0)


def test_good_days_across_an_edition_are_counted_under_one():
    found = compare(ACROSS_2026, "a", "good_days", span("2026-04-01..2026-04-30"), "last-year")
    assert (found.now.value, found.base.value, found.edition) == (0, 0, "2026")
    assert found.notes == (Caveat.RECOMPUTED,)
    old = compare(ACROSS_2026, "a", "good_days", span("2026-04-01..2026-04-30"), "last-year", edition="2012")
    assert (old.now.value, old.base.value, old.notes) == (30, 30, (Caveat.RECOMPUTED,))


def test_the_index_of_equal_air_does_not_change_with_the_edition():
    found = compare(ACROSS_2026, "a", "index", span("2026-04-01..2026-04-30"), "last-year")
    assert (str(found.change_percent), found.edition) == ("0.0", "2026-transition")
    assert found.now.value == found.base.value
    assert Caveat.RECOMPUTED in found.notes


def test_a_period_with_an_edition_change_inside_is_judged_by_its_last_day():
    found = compare(ACROSS_2026, "a", "good_days", span("2026-02-01..2026-03-31"), "last-year")
    assert (found.now.value, found.notes) == (0, (Caveat.RECOMPUTED,))


def test_inside_one_edition_nothing_is_said():
    found = compare(ACROSS_2026, "a", "good_days", span("2025-04-01..2025-04-30"), "previous")
    assert (found.now.value, found.base.value, found.edition, found.notes) == (30, 31, "2012", ())


def test_means_keep_their_days_and_share_their_decimals():
    found = compare(ACROSS_2026, "a", "pm25", span("2026-04-01..2026-04-30"), "last-year")
    assert (str(found.now.value), str(found.base.value), found.notes) == ("70.0", "70.0", ())


def test_gases_are_converted_across_the_change_of_state():
    found = compare(ACROSS_2018, "a", "no2_mean", span("2018-10-01..2018-10-31"), "last-year")
    assert float(found.base.exact) == pytest.approx(100 * 273.15 / 298.15)
    assert (float(found.now.exact), found.change_percent) == (100, Decimal("9.2"))
    assert found.notes == (Caveat.GAS_CONVERTED,)


def test_particles_are_not_and_it_is_said():
    found = compare(ACROSS_2018, "a", "pm25", span("2018-10-01..2018-10-31"), "last-year")
    assert (found.now.exact, found.notes) == (found.base.exact, (Caveat.PARTICLE_STATE,))
    index = compare(ACROSS_2018, "a", "index", span("2018-10-01..2018-10-31"), "last-year")
    assert index.notes == (Caveat.GAS_CONVERTED, Caveat.PARTICLE_STATE)
    assert index.change_percent > 0


def test_a_period_across_the_change_of_state_is_in_the_state_of_its_end():
    found = compare(ACROSS_2018, "a", "no2_mean", span("2018-08-01..2018-09-30"), "last-year")
    assert float(found.now.exact) == pytest.approx(100 * (31 * 273.15 / 298.15 + 30) / 61)


def test_a_period_alone_across_the_change_is_in_the_state_of_its_end_and_says_so():
    whole = span("2018-08-01..2018-09-30")
    found = alone(ACROSS_2018, "a", "no2", whole)
    assert float(found.stat.exact) == pytest.approx(100 * (31 * 273.15 / 298.15 + 30) / 61)
    assert found.notes == (Caveat.GAS_CONVERTED,)
    assert found.stat.exact == compare(ACROSS_2018, "a", "no2", whole, "last-year").now.exact
    particle = alone(ACROSS_2018, "a", "pm25", whole)
    assert (particle.stat.exact, particle.notes) == (37, (Caveat.PARTICLE_STATE,))
    before = alone(ACROSS_2018, "a", "no2", span("2018-07-01..2018-08-31"))
    assert (before.stat.exact, before.notes) == (100, ())


def lacking_co():
    """April and May 2026 at PM2.5 37 without CO; three days of 200."""
    days = panel(date(2026, 4, 1), date(2026, 5, 31))
    days.values[Kind.CO][:] = np.nan
    days.values[Kind.PM25][0, :3] = 200.0
    return days


def test_an_item_outside_the_plan_is_not_missed():
    plan = [item for item in AQI_ITEMS if item is not Kind.CO]
    april = span("2026-04-01..2026-04-30")
    found = alone(lacking_co(), "a", "good_days", april, monitored=plan)
    assert (found.stat.value, found.stat.days_valid, found.stat.enough, found.notes) == (27, 30, True, ())
    both = compare(lacking_co(), "a", "good_ratio", span("2026-05-01..2026-05-31"), april, monitored=plan)
    assert (str(both.now.value), str(both.base.value)) == ("100.0", "90.0")


def test_good_days_lost_to_a_missing_item_are_said():
    april = span("2026-04-01..2026-04-30")
    found = alone(lacking_co(), "a", "good_days", april)
    assert (found.stat.value, found.stat.days_valid, found.stat.withheld) == (0, 3, 27)
    assert found.notes == (Caveat.WITHHELD,)
    both = compare(lacking_co(), "a", "good_ratio", span("2026-05-01..2026-05-31"), april)
    assert Caveat.WITHHELD in both.notes
    assert alone(lacking_co(), "a", "heavy_days", april).notes == ()
    assert alone(lacking_co(), "a", "good_days", april, edition="2012").notes == ()


def test_an_item_outside_the_plan_leaves_no_index_and_it_is_said():
    plan = [item for item in AQI_ITEMS if item is not Kind.CO]
    found = alone(ACROSS_2026, "a", "index", span("2026-04-01..2026-04-30"), monitored=plan)
    assert (found.stat.value, found.notes) == (None, (Caveat.NOT_MONITORED,))
    both = compare(ACROSS_2026, "a", "index", span("2026-04-01..2026-04-30"), "previous", monitored=plan)
    assert both.change_percent is None
    assert Caveat.NOT_MONITORED in both.notes


def test_after_the_change_nothing_is_converted():
    found = compare(ACROSS_2018, "a", "no2_mean", span("2019-10-01..2019-10-31"), "last-year")
    assert (found.base.exact, found.notes) == (100, ())


def test_a_missing_side_has_no_change_and_few_days_are_said():
    found = compare(ACROSS_2018, "a", "pm25", span("2017-04-01..2017-04-30"), "last-year")
    assert (found.base.value, found.base.days_dropped, found.change_percent) == (None, 30, None)
    assert Caveat.TOO_FEW_DAYS in found.notes


def test_dust_days_are_left_out_of_means_and_index_and_are_no_missing_days():
    days = panel(date(2024, 3, 1), date(2024, 4, 30))
    days.values[Kind.PM10][0, :6] = 900.0
    dust = DustDays({"a": frozenset(date(2024, 3, day) for day in range(1, 7))})
    march = month(date(2024, 3, 1))
    for indicator in ("index", "pm10"):
        kept = measure(days, "a", indicator, march).stat
        found = measure(days, "a", indicator, march, dust=dust).stat
        assert found.exact == measure(days, "a", indicator, month(date(2024, 4, 1))).stat.exact < kept.exact
        assert (found.enough, found.days_valid) == (True, 25)
    assert measure(days, "a", "good_days", march, dust=dust).stat.value == 25


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-03-01..2026-03-31", "2026-02-01..2026-02-28"),
        ("2026-01-01..2026-03-31", "2025-10-01..2025-12-31"),
        ("2026-10-01..2027-01-31", "2026-06-01..2026-09-30"),
        ("2026-01-01..2026-12-31", "2025-01-01..2025-12-31"),
        ("2026-03-01..2026-03-10", "2026-02-21..2026-02-28"),
        ("2026-03-21..2026-03-31", "2026-03-11..2026-03-20"),
        ("2026-11-16..2026-11-22", "2026-11-09..2026-11-15"),
        ("2026-11-05..2026-11-05", "2026-11-04..2026-11-04"),
    ],
)
def test_the_previous_period(period, before):
    assert previous_period(span(period)) == span(before)


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 800))
def test_the_previous_period_ends_the_day_before(start, days):
    period = Period(start, date.fromordinal(start.toordinal() + days))
    assert previous_period(period).end_on.toordinal() == start.toordinal() - 1


def test_what_to_compare_with():
    april = span("2026-04-01..2026-04-30")
    assert base_period(april, "last-year") == span("2025-04-01..2025-04-30")
    assert base_period(april, span("2019-04-01..2019-04-30")) == span("2019-04-01..2019-04-30")
    with pytest.raises(PeriodError, match="last-year, previous or a period"):
        base_period(april, "yesterday")


def test_an_item_alone_stands_for_what_the_index_takes_of_it():
    assert [named(item) for item in ("pm25", "co", "o3", "o3_mean", "index")] == [
        "pm25_mean",
        "co_p95",
        "o3_p90",
        "o3_mean",
        "index",
    ]


@pytest.mark.parametrize("name", ["pm2.5", "pm25_median", "power_mean", "co_p101", ""])
def test_an_unknown_indicator_is_refused(name):
    with pytest.raises(StandardsError):
        compare(ACROSS_2018, "a", name, span("2019-10-01..2019-10-31"), "last-year")


def test_an_unknown_place_is_refused():
    with pytest.raises(DataError, match="no such point"):
        compare(ACROSS_2018, "b", "index", span("2019-10-01..2019-10-31"), "last-year")


def test_an_index_names_what_it_lacks_and_counts_its_scarcest_item():
    days = panel(date(2024, 4, 1), date(2024, 4, 30))
    days.values[Kind.CO][0, :2] = np.nan
    found = measure(days, "a", "index", month(days.first))
    assert (found.stat.days_valid, found.stat.days_dropped, found.stat.enough) == (28, 2, True)
    days.values[Kind.CO][:] = np.nan
    found = measure(days, "a", "index", month(days.first))
    assert (found.stat.value, found.composite.missing) == (None, (Kind.CO,))
