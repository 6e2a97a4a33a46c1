from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import PeriodError
from lantian.periods import at, day_bounds_ms, day_start_ms, from_ms, local_day, to_ms

DAYS = st.dates(date(1992, 1, 1), date(2099, 12, 30))  # no summer time in these years


def test_the_day_begins_at_16_utc_of_the_day_before():
    assert from_ms(day_start_ms(date(2026, 12, 7))).astimezone(UTC) == datetime(2026, 12, 6, 16, tzinfo=UTC)


@given(DAYS)
def test_24_00_is_the_start_of_the_next_day(day):
    start, end = day_bounds_ms(day)
    assert end - start == 86_400_000
    assert to_ms(at(day, 24)) == day_start_ms(day + timedelta(days=1)) == end
    assert local_day(end - 1) == day
    assert local_day(end) == day + timedelta(days=1)


@given(st.integers(0, 4_000_000_000_000))
def test_milliseconds_survive_the_round_trip(ms):
    assert to_ms(from_ms(ms)) == ms


@pytest.mark.parametrize(("hour", "minute"), [(25, 0), (24, 1), (-1, 0), (12, 60)])
def test_times_that_do_not_exist(hour, minute):
    with pytest.raises(PeriodError, match="2026-12-07"):
        at(date(2026, 12, 7), hour, minute)


def test_a_naive_time_has_no_instant():
    with pytest.raises(PeriodError):
        to_ms(datetime(2026, 12, 7))  # noqa: DTZ001
