"""Valid observations become assessments: AQI, means of days, the season against last year and its target."""

from lantian.assess.aqi import (
    AQI_ITEMS,
    Aqi,
    DailyAqi,
    aqi_of,
    daily_aqi,
    edition_on,
    hourly_aqi,
    iaqi,
    level_of,
    rounded,
)
from lantian.assess.averages import CityDay, city_day, city_hour, station_day
from lantian.assess.season import (
    SeasonMean,
    Standing,
    Target,
    change_percent,
    period_mean,
    season_standing,
    season_target,
)

__all__ = [
    "AQI_ITEMS",
    "Aqi",
    "CityDay",
    "DailyAqi",
    "SeasonMean",
    "Standing",
    "Target",
    "aqi_of",
    "change_percent",
    "city_day",
    "city_hour",
    "daily_aqi",
    "edition_on",
    "hourly_aqi",
    "iaqi",
    "level_of",
    "period_mean",
    "rounded",
    "season_standing",
    "season_target",
    "station_day",
]
