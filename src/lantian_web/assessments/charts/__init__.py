"""ECharts options of the pictures: plain JSON, filled in and drawn by `static/charts.js`.

What JSON cannot hold is named: "$ink" is a colour token of the page, "$ramp-3" a step of the value ramp, "$hatch" the
pattern of missing data, "@name|…" a function of the script. `heights` says how tall the picture wants to be in a wide and
in a narrow holder, `narrow` what changes there. Titles are the page's; a table of the same figures stands beside.
"""

from lantian_web.assessments.charts.cells import calendar, heat_map
from lantian_web.assessments.charts.lines import profile, season_line, trend
from lantian_web.assessments.charts.places import MOST_PLACES, ranking, shown_rows
from lantian_web.assessments.charts.winds import pollution_rose, wind_rose

__all__ = [
    "MOST_PLACES",
    "calendar",
    "heat_map",
    "pollution_rose",
    "profile",
    "ranking",
    "season_line",
    "shown_rows",
    "trend",
    "wind_rose",
]
