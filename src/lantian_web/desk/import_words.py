"""Words of the import page: marks, points, tables, and why something was refused or taken for granted."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lantian.errors import DataError, LantianError
from lantian.units import to_decimal
from lantian_web.desk import wording

__all__ = ["FLAGS", "TABLES", "WHOSE", "differing", "item", "reason", "remark", "told"]

TABLES = {
    "targets": lazy("Targets"),
    "regions": lazy("City sets"),
    "dust_days": lazy("Dust days"),
    "station_spells": lazy("Stations opened and closed"),
    "season_targets": lazy("Autumn-winter targets"),
    "air_quality_rules": lazy("Doubtful values and spellings"),
    "composite_index": lazy("Composite index"),
    "consultation_kinds": lazy("Kinds of consultation"),
}
FLAGS = {
    "ok": lazy("good"),
    "negative": lazy("below 0: not used"),
    "sentinel": lazy("code for missing: not used"),
    "stuck": lazy("did not move: used, doubted"),
    "range": lazy("at the top of the range: used, doubted"),
    "inconsistent": lazy("PM2.5 above PM10: used, doubted"),
    "outage": lazy("missing in a long run"),
    "offline": lazy("offline: not used"),
}
WHOSE = {
    "station": lazy("own stations"),
    "own_city": lazy("the own city"),
    "outside": lazy("other cities and stations"),
    "plants": lazy("plants"),
    "areas": lazy("areas"),
}
ITEMS = {
    "aqi_shown": lazy("AQI as the source shows it"),
    "wind_from": lazy("Wind direction"),
    "wind_speed": lazy("Wind speed"),
    "temperature": lazy("Temperature"),
    "pressure": lazy("Pressure"),
    "dew_point": lazy("Dew point"),
    "rain": lazy("Rain"),
    "emitted_so2": lazy("SO2 emitted"),
    "emitted_nox": lazy("NOx emitted"),
    "emitted_pm": lazy("Dust emitted"),
    "emitted_vocs": lazy("VOCs emitted"),
}
REASONS = {
    "not a number": lazy("not a number"),
    "not a day": lazy("not a day"),
    "no value": lazy("no value"),
    "no column of a city or station": lazy("no column of a city or station"),
    "a NUL in the text": lazy("a NUL in the text"),
    "unknown confidence": lazy("unknown confidence"),
    "days are counted whole": lazy("days are counted whole"),
    "not above 0": lazy("not above 0"),
    "not a whole number": lazy("not a whole number"),
    "wanted in another unit": lazy("wanted in another unit"),
    "a cell far outside the table": lazy("a cell far outside the table"),
    "too many cells at once": lazy("too many cells at once"),
    "this file is no longer kept: choose it again": lazy("this file is no longer kept: choose it again"),
    "no rows: this would take all rows of the city back": lazy(
        "no rows: this would take all rows of the city back"
    ),
    "the cell is empty": lazy("the cell is empty"),
    "stated twice": lazy("stated twice"),
    "a name with a NUL": lazy("a name with a NUL"),
    "a name of more than 60 characters": lazy("a name of more than 60 characters"),
    "a name of more than 120 characters": lazy("a name of more than 120 characters"),
    "a name of more than 200 characters": lazy("a name of more than 200 characters"),
    "no such day": lazy("no such day"),
    "no such time": lazy("no such time"),
    "not a time": lazy("not a time"),
    "below 0": lazy("below 0"),
    "unknown plant": lazy("unknown plant"),
    "unknown area": lazy("unknown area"),
    "unknown station": lazy("unknown station"),
    "several own stations have this name": lazy("several own stations have this name"),
    "in operation on these days by another row": lazy("in operation on these days by another row"),
    "a spell ends on its closed_on: leave this cell empty": lazy(
        "a spell ends on its closed_on: leave this cell empty"
    ),
    "not after the day of issue": lazy("not after the day of issue"),
    "issue still to come": lazy("issue still to come"),
    "stands twice with different values": lazy("stands twice with different values"),
    "no header row": lazy("no header row"),
    "column is missing": lazy("column is missing"),
    "the workbook is empty": lazy("the workbook is empty"),
    "columns are missing": lazy("columns are missing"),
    "unknown": lazy("unknown columns"),
    "missing": lazy("missing columns"),
    "not UTF-8 text (save the file as UTF-8)": lazy("not UTF-8 text (save the file as UTF-8)"),
    "no known form of air data; give a column map. Columns": lazy(
        "no known form of air data; give a column map. Columns"
    ),
    "no column of an emission with its unit, such as so2_kg or nox_t": lazy(
        "no column of an emission with its unit, such as so2_kg or nox_t"
    ),
    "no column of a forecast item, such as pm25 or aqi": lazy(
        "no column of a forecast item, such as pm25 or aqi"
    ),
}
REMARKS = {
    "co_unit": lazy("unit of CO"),
    "co_doubted": lazy("CO in doubt"),
    "stamp": lazy("which end of the hour the time names"),
    "encoding": lazy("encoding"),
    "merged_cells": lazy("merged cells"),
    "sheet": lazy("sheet"),
    "date_system": lazy("how dates are counted"),
}
WHYS = {
    "documented for the form": lazy("documented for the form"),
    "told by the column map": lazy("told by the column map"),
    "told by the caller": lazy("told by the caller"),
    "the publication labels an hour by its end": lazy("the publication labels an hour by its end"),
    "not UTF-8": lazy("not UTF-8"),
    "the numbers do not fit the documented unit; all of them fit this one": lazy(
        "the numbers do not fit the documented unit; all of them fit this one"
    ),
    "the numbers fit this unit and not the told one, which stays: they are marked doubtful": lazy(
        "the numbers fit this unit and not the told one, which stays: they are marked doubtful"
    ),
    "some numbers do not fit this unit, nor do all fit the other: those are marked doubtful": lazy(
        "some numbers do not fit this unit, nor do all fit the other: those are marked doubtful"
    ),
}


def item(code: str) -> str:
    """The name of a kind of value."""
    return str(ITEMS[code]) if code in ITEMS else wording.label(code, "item")


def reason(text: str) -> str:
    """Why, with the cell as it stands after it; as written where no word is known."""
    if text in REASONS:
        return str(REASONS[text])
    head, colon, tail = text.partition(": ")
    return (
        _("%(why)s: %(cell)s") % {"why": REASONS[head], "cell": tail} if colon and head in REASONS else text
    )


def differing(point: str, kind: str, start: str, stands: float | None, comes: float) -> tuple[str, ...]:
    """A value that stands otherwise than the file has it: point, time, item, both values (a dash: none is used)."""
    was = "—" if stands is None else str(to_decimal(stands))
    return point, start[:16].replace("T", " "), item(kind), was, str(to_decimal(comes))


def remark(each: Mapping[str, str]) -> dict[str, str]:
    """Something taken for granted, in words."""
    return {
        "what": str(REMARKS.get(each["what"], each["what"])),
        "value": each["value"],
        "why": str(WHYS.get(each["why"], each["why"])),
    }


def told(error: LantianError) -> str:
    """An error with where it lies."""
    if not isinstance(error, DataError):
        return str(error)
    row = _("row %(n)d") % {"n": error.row} if error.row is not None else ""
    where = _(", ").join(filter(None, (error.source, row, error.field)))
    why = reason(error.reason)
    return _("%(why)s: %(cell)s") % {"why": where, "cell": why} if where else why
