"""Day values as published, and beside them what they were before rounding."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lantian.assess import period_mean
from lantian.assess.aqi import AQI_ITEMS
from lantian.assess.engine import daily_aqi_panel
from lantian.assess.exact import exact_value
from lantian.assess.published import published, published_days, rounded_days
from lantian.observe.panel import DayPanel, HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind as Kind

ON = date(2026, 12, 7)
DAYS = [ON + timedelta(days=n) for n in range(3)]
PM25 = AQI_ITEMS.index(Kind.PM25)
NEAR_TIE = st.one_of(
    st.just(float("nan")),
    st.integers(0, 72_000).map(lambda n: n / 120),
    st.integers(0, 12_000).map(lambda n: n / 20),
    st.integers(0, 12_000).map(lambda n: float(np.nextafter(n / 20, np.inf))),
    st.integers(1, 12_000).map(lambda n: float(np.nextafter(n / 20, 0))),
)


def pm25(found, subject):
    """(published, before rounding) by day."""
    return [(found.values[subject][on][PM25], found.raw[subject][on][PM25]) for on in DAYS]


def test_the_figure_before_rounding_stands_beside_the_published_one():
    """Two stations at 34.0 and 34.8, then 35.3: 34.4 prints as 34, 35.05 as 35; the last day is missing."""
    rows = np.array([[34.0] * 24 + [34.8] * 24 + [np.nan] * 24, [34.8] * 24 + [35.3] * 24 + [np.nan] * 24])
    found = published(HourPanel(("a", "b"), ON, {Kind.PM25: rows}), {"x": ("a", "b")}, DAYS)
    assert pm25(found, "x") == [(Decimal(34), 34.4), (Decimal(35), 35.05), (None, None)]
    assert pm25(found, "b") == [(Decimal(35), 34.8), (Decimal(35), 35.3), (None, None)]
    assert {type(raw) for days in found.raw.values() for day in days.values() for raw in day} == {
        float,
        type(None),
    }


def test_daily_rows_of_which_none_can_be_used_are_as_if_there_were_none():
    rows = np.array([[34.0] * 24 + [34.8] * 24 + [np.nan] * 24])
    hours, none = (
        HourPanel(("a",), ON, {Kind.PM25: rows}),
        DayPanel(("a",), ON, {Kind.PM25: np.empty((1, 0))}),
    )
    assert published(hours, {"x": ("a",)}, DAYS, daily=none) == published(hours, {"x": ("a",)}, DAYS)


def test_days_that_came_as_such_are_their_own_figure():
    panel = DayPanel(("x",), ON, {Kind.PM25: np.array([[81.5, np.nan, 40.0]])})
    assert pm25(published_days(panel, DAYS), "x") == [
        (Decimal("81.5"), 81.5),
        (None, None),
        (Decimal(40), 40.0),
    ]
    assert pm25(rounded_days(panel, DAYS), "x") == [(Decimal(82), 81.5), (None, None), (Decimal(40), 40.0)]


def test_a_mean_of_days_is_rounded_once():
    """Three days of 34.4: 34.4. Rounded day by day they would make 34.0."""
    panel = DayPanel(("x",), ON, {Kind.PM25: np.array([[34.4] * 3])})
    figures = {
        on: exact_value(raw) for on, (_, raw) in zip(DAYS, pm25(rounded_days(panel, DAYS), "x"), strict=True)
    }
    values = {on: value for on, (value, _) in zip(DAYS, pm25(rounded_days(panel, DAYS), "x"), strict=True)}
    period = Period(DAYS[0], DAYS[-1])
    assert period_mean(figures, period, Kind.PM25).mean == Decimal("34.4")
    assert period_mean(values, period, Kind.PM25).mean == Decimal("34.0")


def test_a_tie_of_days_is_seen_as_one():
    """33 1/3 and 33 17/30 make 33.45, which goes to the even 33.4; their decimal texts lie above it."""
    values = {DAYS[0]: exact_value(4000 / 120), DAYS[1]: exact_value(4028 / 120)}
    found = period_mean(values, Period(*DAYS[:2]), Kind.PM25)
    assert (found.exact, found.mean) == (Fraction(669, 20), Decimal("33.4"))


@given(st.lists(st.tuples(*[NEAR_TIE] * len(AQI_ITEMS)), min_size=3, max_size=3))
def test_the_index_of_figures_before_rounding_is_the_published_one(days):
    """So a day counted good on a page is good in the row of that day."""
    panel = DayPanel(
        ("x",), ON, {kind: np.array([[day[n] for day in days]]) for n, kind in enumerate(AQI_ITEMS)}
    )
    found, index = rounded_days(panel, DAYS), daily_aqi_panel(panel)
    said = [found.aqi("x", on).aqi for on in DAYS]
    assert said == [
        int(aqi) if known else None for aqi, known in zip(index.aqi[0], index.known[0], strict=True)
    ]
