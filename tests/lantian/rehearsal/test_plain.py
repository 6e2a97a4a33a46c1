"""The cities around, and how their days and the city's own are published."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from lantian.observe.panel import DayPanel
from lantian.periods import Period, day_start_ms
from lantian.records import ObservationKind
from lantian.rehearsal import City, build_city
from lantian.rehearsal.air import ITEMS, forecast
from lantian.rehearsal.batches import BATCH_SCHEMA
from lantian.rehearsal.source import rows
from lantian.rehearsal.statement import archive, day_values, forecast_batch, own_name

from .season import DAYS, FIRST_DAY, aqi_on

PM25, PM10 = ObservationKind.PM25, ObservationKind.PM10
DAY = timedelta(days=1)


def test_ten_cities_follow_ours_more_or_less(city: City) -> None:
    around = city.around
    assert len(around.points) == 10
    assert around.points == tuple(sorted(around.points))
    assert own_name(city) not in around.points
    assert (around.first, around.last) == (min(city.air), max(city.air))
    assert set(around.values) == set(ITEMS)
    ours = np.log([city.air[day][PM25] or 1.0 for day in Period(around.first, around.last)])
    alike = []
    for row in around.of(PM25):
        known = ~np.isnan(row)
        assert 0.97 < known.mean() < 1
        alike.append(np.corrcoef(ours[known], np.log(row[known]))[0, 1])
    assert 0.55 < min(alike) < 0.85 < max(alike) < 0.99
    assert np.nanmin(around.of(PM10) - around.of(PM25)) >= 0


def test_the_episode_lies_over_the_plain(city: City) -> None:
    worst = max((FIRST_DAY + i * DAY for i in range(DAYS)), key=lambda day: city.air[day][PM25] or 0)
    seen = city.around.of(PM25)[:, (worst - city.around.first).days]
    usual = np.nanmedian(city.around.of(PM25), axis=1)
    assert np.nanmin(seen / usual) > 1.5


def test_days_are_published_once_they_are_over(city: City) -> None:
    before = FIRST_DAY - DAY
    months = list(archive(city, before))
    assert [month for month, _ in months] == [date(2025 + n // 12, n % 12 + 1, 1) for n in range(len(months))]
    whole = pa.concat_tables([table for _, table in months])
    assert whole.schema == BATCH_SCHEMA
    starts = whole["start"].to_numpy()
    assert starts.max() == day_start_ms(before - DAY)
    assert starts.min() == day_start_ms(date(2025, 1, 1))
    assert set(whole["point"].unique().to_pylist()) == {own_name(city), *city.around.points}
    assert set(whole["kind"].unique().to_pylist()) == {kind.value for kind in ITEMS}
    days = (before - date(2025, 1, 1)).days
    assert whole.num_rows == 11 * len(ITEMS) * days


def test_the_citys_own_days_are_published_before_the_first_day_only(city: City) -> None:
    def points(day: date) -> set[str]:
        table = day_values(city, Period(day, day))
        assert table is not None
        return set(table["point"].unique().to_pylist())

    assert own_name(city) in points(FIRST_DAY - DAY)
    assert points(FIRST_DAY) == set(city.around.points)


def test_the_own_days_are_those_of_the_city(city: City) -> None:
    day = FIRST_DAY - DAY
    table = day_values(city, Period(day, day))
    assert table is not None
    own = {row["kind"]: row["value"] for row in table.to_pylist() if row["point"] == own_name(city)}
    assert own == {kind.value: value for kind, value in city.air[day].items()}


def test_days_of_real_cities_are_given_up_to_the_day_asked_for() -> None:
    first = date(2016, 12, 26)
    values = {PM25: np.arange(20.0).reshape(2, 10)}
    around = DayPanel(("乙", "甲"), first - 5 * DAY, values)
    air = {first + i * DAY: {"pm25": 80.0, "o3_8h": 30.0} for i in range(-5, 5)}
    real = build_city(7, 5, first_day=first, days=2).with_air(air, around=around)
    assert real.air[first][ObservationKind.O3] == 30.0
    for day in (first - 3 * DAY, first, first + DAY):
        tables = [table for _, table in archive(real, day)]
        starts = np.concatenate([table["start"].to_numpy() for table in tables])
        assert starts.max() == day_start_ms(day - DAY)
    table = day_values(real, Period(first, first))
    assert table is not None
    rows_of = {row["point"]: row["value"] for row in table.to_pylist() if row["kind"] == "pm25"}
    assert rows_of == {"甲": 15.0, "乙": 5.0}
    assert day_values(real, Period(first + 9 * DAY, first + 9 * DAY)) is None


def test_the_forecast_is_stated_with_its_lead(city: City) -> None:
    issued = FIRST_DAY + 3 * DAY
    table = forecast_batch(city, issued).to_pylist()
    assert {row["point"] for row in table} == {city.areas[0].id}
    assert {row["step_s"] for row in table} == {86_400}
    stated = [(row["start"], row["value"]) for row in table if row["kind"] == "aqi_shown"]
    days = [day_start_ms(issued + lead * DAY) for lead in range(1, 6)]
    assert stated == list(zip(days, forecast(city, issued), strict=True))
    pm25 = [row["value"] for row in table if row["kind"] == "pm25"]
    assert pm25[0] == pytest.approx(city.air[issued + DAY][PM25], rel=0.06)
    assert stated[0][1] == pytest.approx(aqi_on(city, issued + DAY), rel=0.06)


def test_no_city_of_the_plain_comes_twice() -> None:
    names = [row["name"] for row in rows("plain")]
    assert len(names) == len(set(names))
