"""Air data as it is published: files of many forms into one series with marks and a report of what was found."""

from lantian.observe.air.columns import AIR_ITEMS, ColumnMap, ValueColumn, read_columns
from lantian.observe.air.reading import read_air
from lantian.observe.air.report import Cell, Conflict, FileRead, FlagCount, Gap, Outage, Renamed, Report
from lantian.observe.air.series import Air, Point
from lantian.observe.quality import DOUBTFUL, FLAG_CODES, UNUSABLE
from lantian.observe.tables import Remark

__all__ = [
    "AIR_ITEMS",
    "DOUBTFUL",
    "FLAG_CODES",
    "UNUSABLE",
    "Air",
    "Cell",
    "ColumnMap",
    "Conflict",
    "FileRead",
    "FlagCount",
    "Gap",
    "Outage",
    "Point",
    "Remark",
    "Renamed",
    "Report",
    "ValueColumn",
    "read_air",
    "read_columns",
]
