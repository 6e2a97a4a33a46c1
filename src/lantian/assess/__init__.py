"""Valid observations become assessments: AQI, statistics of days, comparisons, rankings, targets.

The scalar AQI is the specification (`aqi`, `averages`), `engine` and `days` give the same answers for arrays.
"""

from lantian.assess.aqi import (
    AQI_ITEMS,
    Aqi,
    DailyAqi,
    Reading,
    aqi_of,
    daily_aqi,
    day_in,
    edition_on,
    hourly_aqi,
    iaqi,
    level_of,
    rounded,
)
from lantian.assess.averages import CityDay, city_day, city_hour, station_day
from lantian.assess.compare import Comparison, change_percent, compare
from lantian.assess.composite import Composite, composite, composite_array
from lantian.assess.days import area_days, area_hours, day_panel
from lantian.assess.dust import DustDays, DustMode
from lantian.assess.engine import AqiArray, aqi_arrays, daily_aqi_panel, hourly_aqi_panel, primary_of
from lantian.assess.membership import Membership, membership
from lantian.assess.ranking import Ranking, ranking
from lantian.assess.statistics import (
    Stat,
    annual_items,
    percentile,
    percentiles,
    statistic,
    statistics,
    three_year_mean,
)
from lantian.assess.targets.ledger import Indicator, Target
from lantian.assess.targets.room import Room, room
from lantian.assess.targets.season import (
    SeasonMean,
    Standing,
    period_mean,
    season_standing,
)

__all__ = [
    "AQI_ITEMS",
    "Aqi",
    "AqiArray",
    "CityDay",
    "Comparison",
    "Composite",
    "DailyAqi",
    "DustDays",
    "DustMode",
    "Indicator",
    "Membership",
    "Ranking",
    "Reading",
    "Room",
    "SeasonMean",
    "Standing",
    "Stat",
    "Target",
    "annual_items",
    "aqi_arrays",
    "aqi_of",
    "area_days",
    "area_hours",
    "change_percent",
    "city_day",
    "city_hour",
    "compare",
    "composite",
    "composite_array",
    "daily_aqi",
    "daily_aqi_panel",
    "day_in",
    "day_panel",
    "edition_on",
    "hourly_aqi",
    "hourly_aqi_panel",
    "iaqi",
    "level_of",
    "membership",
    "percentile",
    "percentiles",
    "period_mean",
    "primary_of",
    "ranking",
    "room",
    "rounded",
    "season_standing",
    "station_day",
    "statistic",
    "statistics",
    "three_year_mean",
]
