"""Real city days 2013-2017: figures that the data set's own notes give must come out of the library."""

import csv
import gzip
from datetime import date
from decimal import Decimal

import pytest

from lantian.assess import daily_aqi, period_mean
from lantian.periods import Period
from lantian.plan import propose
from lantian.records import Level
from lantian.records import ObservationKind as Kind

pytestmark = pytest.mark.real_data

COLUMNS = {
    "pm25": Kind.PM25,
    "pm10": Kind.PM10,
    "so2": Kind.SO2,
    "no2": Kind.NO2,
    "co": Kind.CO,
    "o3_8h": Kind.O3,
}


@pytest.fixture(scope="module")
def days(shared_data):
    """Linfen's published days: date -> (values, the AQI that the site showed)."""
    folder = shared_data("cn_city_daily")
    with gzip.open(next(folder.glob("*.csv.gz")), "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["city"] == "临汾"]
    return {
        date.fromisoformat(row["date"]): (
            {kind: Decimal(row[column]) for column, kind in COLUMNS.items() if row[column]},
            int(row["aqi"]),
        )
        for row in rows
    }


@pytest.mark.parametrize(
    ("start", "end", "mean"),
    [
        (date(2014, 10, 1), date(2015, 3, 31), 71.0),
        (date(2015, 10, 1), date(2016, 3, 31), 78.5),
        (date(2016, 10, 1), date(2017, 1, 31), 153.1),
        (date(2015, 10, 1), date(2016, 1, 31), 87.2),
    ],
)
def test_season_means(days, start, end, mean):
    values = {day: readings[Kind.PM25] for day, (readings, _) in days.items()}
    found = period_mean(values, Period(start, end), Kind.PM25)
    assert float(found.exact) == pytest.approx(mean, abs=0.05)
    assert found.days_dropped == 0


def test_the_recomputed_aqi_is_near_the_one_shown(days):
    """The shown AQI is known not to be a function of the daily means; the two still go together."""
    winter = [(readings, shown) for day, (readings, shown) in days.items() if day.month in (11, 12, 1, 2)]
    apart = [abs(daily_aqi(readings, "2012").aqi - shown) for readings, shown in winter]
    assert sum(gap <= 10 for gap in apart) / len(apart) > 0.6


def test_the_great_episode_of_new_year_2017_is_red_under_every_edition(days):
    run = [day for day in days if date(2016, 12, 31) <= day <= date(2017, 1, 7)]
    forecast = [daily_aqi(days[day][0], "2012").aqi for day in run]
    for edition in ("2017", "2019", "2024"):
        assert propose(forecast, date(2016, 12, 30), edition).level is Level.RED
