"""Words of the air, targets and ranking pages: items, units, spans of days, pictures, indicators, verdicts on targets
and caps."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

__all__ = [
    "AQI_LEVELS",
    "CAP_STATES",
    "CARRIES",
    "CAVEATS",
    "DUST_MODES",
    "EMISSION_BASIS",
    "FEASIBILITY",
    "INDICATORS",
    "ITEMS",
    "LACKS",
    "NOT_RANKED",
    "PICTURES",
    "PICTURES_SAY",
    "RANK_SETS",
    "RANK_SINCE",
    "ROOTS",
    "SHARED_BY",
    "SPANS",
    "STATS",
    "STEPS",
    "UNITS",
    "UNSAID",
]

SPANS = {
    "month": lazy("This month so far"),
    "season": lazy("Autumn-winter so far"),
    "year": lazy("This year so far"),
    "custom": lazy("Chosen days"),
}
PICTURES = {
    "wind": lazy("Wind rose"),
    "rose": lazy("Pollution rose"),
    "day": lazy("Hours and weekdays"),
    "heat": lazy("County by hour"),
    "trend": lazy("Trend"),
}
PICTURES_SAY = {
    "wind": lazy(
        "How often the wind came from where, by the city's weather file. It says nothing of sources."
    ),
    "rose": lazy(
        "Mean concentration by wind direction: from where the air came when it was bad. A hint, no proof."
    ),
    "day": lazy("Mean by hour of the day and by weekday, with the interval of the mean."),
    "heat": lazy("Mean of each county by hour of the day; a county without a station has no row."),
    "trend": lazy(
        "Slope by Theil-Sen with its 95-percent interval; where the interval holds nought there is no trend to speak of."
    ),
}
STATS = {
    "pm25_mean": "PM2.5",
    "pm10_mean": "PM10",
    "so2_mean": "SO2",
    "no2_mean": "NO2",
    "co_p95": lazy("CO, 95th percentile"),
    "o3_p90": lazy("O3 8 h, 90th percentile"),
    "so2_p98": lazy("SO2, 98th percentile"),
    "no2_p98": lazy("NO2, 98th percentile"),
    "pm10_p95": lazy("PM10, 95th percentile"),
    "pm25_p95": lazy("PM2.5, 95th percentile"),
    "good_days": lazy("Good days"),
    "good_ratio": lazy("Share of good days"),
    "heavy_days": lazy("Heavy-pollution days"),
    "index": lazy("Composite index"),
    "emission_so2": lazy("SO2 emitted a day"),
    "emission_nox": lazy("NOx emitted a day"),
    "emission_pm": lazy("Particles emitted a day"),
    "emission_vocs": lazy("VOCs emitted a day"),
}
RANK_SETS = {
    "counties": lazy("Counties"),
    "province": lazy("Province"),
    "fenwei": lazy("Fenwei plain"),
    "cities168": lazy("168 cities"),
}
FEASIBILITY = {
    "impossible": pgettext_lazy("target", "Impossible"),
    "off_track": pgettext_lazy("target", "Hard to reach"),
    "tight": pgettext_lazy("target", "Tight"),
    "slack": pgettext_lazy("target", "Room left"),
    "met": pgettext_lazy("target", "Reached"),
    "missed": pgettext_lazy("target", "Missed"),
    "untold": lazy("Cannot tell"),
}
CAP_STATES = {
    "within_cap": lazy("Within the cap"),
    "over_cap": lazy("Measured over the cap"),
    "over_cap_estimated": lazy("Over it with the estimate"),
    "cap_open": lazy("Open: not all told"),
    "no_cap": lazy("No cap"),
}
UNSAID = {
    "no_cap_known": lazy("The target has no number: the days of its base are not known."),
    "few_past_years": lazy("Too few past years to draw from. Import the daily archive of earlier years."),
    "no_valid_day": lazy("The period is over and no valid day of it is known."),
}
ROOTS = {
    "year": lazy("Calendar year"),
    "autumn_winter_season": lazy("Autumn and winter"),
    "other_period": lazy("Other period"),
}
STEPS = {
    "day": pgettext_lazy("step", "Day"),
    "week": pgettext_lazy("step", "Week"),
    "xun": pgettext_lazy("step", "Xun"),
    "month": pgettext_lazy("step", "Month"),
    "quarter": pgettext_lazy("step", "Quarter"),
    "whole_period": pgettext_lazy("step", "Whole period"),
}
CAVEATS = {
    "recomputed_one_edition": lazy("Both sides are computed under one edition of the standard."),
    "gas_state_converted": lazy("Gases of before 2018-09-01 are converted to today's reference state."),
    "particle_state_differs": lazy(
        "Particles of before 2018-09-01 are in another state and cannot strictly be compared."
    ),
    "too_few_days": lazy("One side has fewer valid days than the rule asks for."),
    "membership_backwards": lazy("The list of members is younger than these days and is applied backwards."),
    "membership_changed": lazy("The list of members changed within these days."),
    "other_places_before": lazy("The days compared with ranked other places."),
    "index_item_outside_plan": lazy("An item of the index is not in the monitoring plan."),
    "good_days_withheld": lazy(
        "Days with an item missing have no AQI unless it is above 100, so good days come out too low."
    ),
    "not_a_member": lazy("The place is not in this set."),
    "frozen_stations_left_out": lazy("Stations that repeat one value for ever are left out."),
}
NOT_RANKED = {
    "place_absent": lazy("no data of this place"),
    "no_valid_value": lazy("no valid value"),
    "index_item_missing": lazy("items of the index missing"),
}
DUST_MODES = {"keep": lazy("kept"), "exclude": lazy("left out")}
RANK_SINCE = {"last-year": lazy("moved since last year"), "previous": lazy("moved since the days before")}
CARRIES = {
    "carries_share": lazy("Carries a share"),
    "exempt_from_share": lazy("Exempt"),
    "emission_not_told": lazy("Not told"),
    "emits_nothing": lazy("Emits nothing"),
}
EMISSION_BASIS = {
    "measured_emission": pgettext_lazy("emission", "measured"),
    "estimated_emission": pgettext_lazy("emission", "estimated"),
    "emission_not_told": lazy("Not told"),
}
LACKS = {
    "measured_kg": lazy("its reading is below nought"),
    "annual_t": lazy("no statement of the year"),
    "energy_kwh": lazy("power data of the day missing"),
    "base_kwh": lazy("power of a normal day not learnt"),
}
SHARED_BY = {
    "by_energy": lazy("by power of the day"),
    "by_rated_power": lazy("by rated power"),
    "evenly": lazy("evenly, no weight known"),
}
AQI_LEVELS = {
    "1": lazy("Excellent"),
    "2": lazy("Good"),
    "3": lazy("Light pollution"),
    "4": lazy("Moderate pollution"),
    "5": lazy("Heavy pollution"),
    "6": lazy("Severe pollution"),
}
UNITS = {
    "ug/m3": "µg/m³",
    "mg/m3": "mg/m³",
    "percent": "%",
    "day": pgettext_lazy("unit", "days"),
    "days": pgettext_lazy("unit", "days"),
    "t/day": pgettext_lazy("unit", "t a day"),
}
ITEMS = {"pm25": "PM2.5", "pm10": "PM10", "so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3", "o3_8h": "O3"}
INDICATORS = {
    "aqi_day": lazy("Daily AQI"),
    "pm25_day": lazy("Daily PM2.5"),
    "pm10_day": lazy("Daily PM10"),
    "so2_day": lazy("Daily SO2"),
    "no2_day": lazy("Daily NO2"),
    "co_day": lazy("Daily CO"),
    "o3_day": lazy("Daily O3 (8 h)"),
    "pm25_season": lazy("PM2.5 of the season"),
}
