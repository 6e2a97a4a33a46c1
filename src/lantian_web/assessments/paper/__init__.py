"""Drawing on paper: one function per picture, on a matplotlib figure that `figures.draw` made."""

from lantian_web.assessments.paper.cells import calendar, heat_map
from lantian_web.assessments.paper.lines import profile, season_line, trend
from lantian_web.assessments.paper.places import ranking
from lantian_web.assessments.paper.winds import pollution_rose, wind_rose

__all__ = [
    "calendar",
    "heat_map",
    "pollution_rose",
    "profile",
    "ranking",
    "season_line",
    "trend",
    "wind_rose",
]
