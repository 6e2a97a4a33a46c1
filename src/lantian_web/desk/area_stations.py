"""Which stations an area's air is measured at."""

from __future__ import annotations

from datetime import date

from lantian.inventory import AreaKind, runs_on
from lantian_web.desk.strip import published
from lantian_web.inventory.models import Area, Station
from lantian_web.inventory.queries import station_spells

__all__ = ["stations_by_area", "stations_of"]


def stations_of(area: Area, on: date | None = None) -> list[str]:
    """Ids of the stations whose mean is the area's: of the city all in it, of a county its own.

    With `on`, only those in operation on that day.
    """
    rows = published(Station.objects.all())
    rows = (
        rows.filter(area_id__startswith=area.id)
        if area.kind == AreaKind.CITY
        else rows.filter(area_id=area.id)
    )
    return _running(list(rows.order_by("id").values_list("id", flat=True)), on)


def stations_by_area(on: date | None = None) -> dict[str, list[str]]:
    """Ids of the stations of each county or zone that has any, by area id; with `on`, those in operation then."""
    found: dict[str, list[str]] = {}
    rows = published(Station.objects.order_by("id")).values_list("area_id", "id")
    areas = {pk: area for area, pk in rows}
    for pk in _running(list(areas), on):
        found.setdefault(areas[pk], []).append(pk)
    return found


def _running(stations: list[str], on: date | None) -> list[str]:
    spells = station_spells() if on else {}
    return [pk for pk in stations if on is None or runs_on(spells, pk, on)]
