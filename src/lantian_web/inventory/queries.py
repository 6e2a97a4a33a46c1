"""The city as the library's records: areas, plants, lines, meters, stations, the approved list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from django.db.models import Max

from lantian import inventory
from lantian.detect.baselines import Baseline
from lantian.detect.plants import PlantIndex
from lantian.errors import LawError
from lantian.inventory import AreaKind, MeterKind
from lantian.observe.air.names import spelling_on
from lantian.records import Action, Level
from lantian.standards import Row, parse
from lantian_web.inventory.models import (
    Area,
    Enterprise,
    Line,
    ListedMeasure,
    Meter,
    OutsidePoint,
    Overlay,
    Station,
)

__all__ = [
    "SHARED",
    "areas",
    "Meters",
    "city_area_id",
    "enterprises",
    "lines",
    "listed",
    "meters",
    "outside",
    "overlay_rows",
    "own_city",
    "plant_names",
    "shared_names",
    "short_name",
    "station_names",
    "station_spells",
    "stations",
]


def areas() -> list[inventory.Area]:
    """All areas by id."""
    return [
        inventory.Area(a.id, AreaKind(a.kind), a.name, tuple((lon, lat) for lon, lat in a.outline))
        for a in Area.objects.order_by("id")
    ]


def city_area_id() -> str:
    """Id of the one city. LawError when nothing is loaded: an order needs somebody to give it."""
    found = Area.objects.filter(kind=AreaKind.CITY).order_by("id").values_list("id", flat=True).first()
    if found is None:
        raise LawError("no_city", "no city is loaded")
    return found


def enterprises() -> list[inventory.Enterprise]:
    """All plants by id."""
    return [
        inventory.Enterprise(
            e.id,
            e.name,
            e.area_id,
            e.trade,
            e.grade,
            e.livelihood,
            e.lon,
            e.lat,
            e.credit_code,
            so2_t=e.so2_t,
            nox_t=e.nox_t,
            pm_t=e.pm_t,
            vocs_t=e.vocs_t,
        )
        for e in Enterprise.objects.order_by("id")
    ]


def lines() -> list[inventory.Line]:
    """All lines by id."""
    return [inventory.Line(n.id, n.enterprise_id, n.no, n.name) for n in Line.objects.order_by("id")]


@dataclass(frozen=True, slots=True, eq=False)
class Meters:
    """All meters of the city and what was learnt of them, as arrays in which power is judged."""

    meters: tuple[inventory.Meter, ...]
    plants: PlantIndex
    baselines: Baseline

    @property
    def points(self) -> frozenset[str]:
        """Ids of all meters, of both kinds."""
        return frozenset(meter.id for meter in self.meters)


def meters() -> Meters:
    """Everything that judging a day of power needs of the inventory."""
    rows = Meter.objects.order_by("id")
    fields = ("id", "line_id", "enterprise_id", "area_id", "kind", "rated_kw", "idle_kw")
    found, idle = [], {}
    for key, line, plant, area, kind, rated, idle_kw in rows.values_list(*fields):
        found.append(inventory.Meter(key, line, plant, area, MeterKind(kind), rated))
        idle[key] = idle_kw
    index = PlantIndex.build(enterprises(), lines(), found)
    bases = {
        key: base
        for key, *base in Enterprise.objects.values_list("id", "base_workday_kwh", "base_restday_kwh")
    }
    learnt = np.array([bases[key] for key in index.enterprise_ids], np.float64).reshape(-1, 2)
    return Meters(
        tuple(found),
        index,
        Baseline(np.array([idle[key] for key in index.meter_ids], np.float64), learnt[:, 0], learnt[:, 1]),
    )


def stations() -> list[inventory.Station]:
    """All stations by id."""
    return [
        inventory.Station(s.id, s.name, s.area_id, s.lon, s.lat, s.national)
        for s in Station.objects.order_by("id")
    ]


def listed(level: Level, on: date, area_id: str = "") -> list[inventory.ListedMeasure]:
    """Rows of the approved list in force on a day for one level, below an area, by row number.

    Of several lists the newest that is valid on the day counts, whole: an older row never fills in for a missing one.
    """
    newest = ListedMeasure.objects.filter(valid_from__lte=on).aggregate(day=Max("valid_from"))["day"]
    rows = ListedMeasure.objects.filter(level=level, valid_from=newest, area_id__startswith=area_id)
    return [
        inventory.ListedMeasure(
            row_no=m.row_no,
            enterprise_id=m.enterprise_id,
            level=Level(m.level),
            action=Action(m.action),
            line_id=m.line_id or None,
            share=m.share,
            reason=m.reason,
            paper=m.paper,
            valid_from=m.valid_from,
        )
        for m in rows.order_by("paper", "row_no")
    ]


def plant_names(ids: Iterable[str]) -> dict[str, str]:
    """Names by plant id."""
    return dict(Enterprise.objects.filter(id__in=set(ids)).values_list("id", "name"))


_rows_of = lru_cache(maxsize=64)(parse)
SHARED = "several own stations have this name"
"""Why such a name is refused."""
_ANY_DAY = date(2100, 1, 1)  # how names are spelt is not dated


def overlay_rows(table: str) -> tuple[Row, ...]:
    """The city's own rows of a rule table, by its newest loaded text; none when it never loaded any."""
    text = Overlay.objects.filter(table=table).order_by("-id").values_list("text", flat=True).first()
    return () if text is None else _rows_of(table, text)


def own_city() -> str:
    """Name of the one city as air archives write it, without its kind of place; empty when none is loaded."""
    name = Area.objects.filter(kind=AreaKind.CITY).order_by("id").values_list("name", flat=True).first() or ""
    return short_name(name)


def short_name(city: str) -> str:
    """A city's name as air archives spell it: by the rules on how names of points are spelt, the city's own too."""
    rules = spelling_on(_ANY_DAY, {}, overlay_rows("air_quality_rules"))
    return rules.named(city, "", "").point.key if city.strip() else ""


def station_names() -> dict[str, str]:
    """The id under which air is kept of every station, by id and by name; those of others by their key."""
    known = {key: key for key in OutsidePoint.objects.filter(kind="station").values_list("key", flat=True)}
    own, shared = list(Station.objects.values_list("id", "name")), shared_names()
    return known | {name: key for key, name in own if name not in shared} | {key: key for key, _ in own}


def shared_names() -> frozenset[str]:
    """Names that several own stations have: they name none of them."""
    own = list(Station.objects.values_list("id", "name"))
    counts = Counter(name for _, name in own)
    return frozenset(name for name, count in counts.items() if count > 1) - {key for key, _ in own}


def station_spells() -> inventory.Spells:
    """When stations were in operation, by id, as far as the city told."""
    rows = overlay_rows("station_spells")
    known = station_names() if rows else {}
    found: dict[str, tuple[inventory.Spell, ...]] = {}
    for row in rows:
        key = known.get(row.text("station"), row.text("station"))
        spell = inventory.Spell(row.day("opened_on"), row.day("closed_on"), row.footnote())
        found[key] = (*found.get(key, ()), spell)
    return found


def outside(kind: str = "") -> list[OutsidePoint]:
    """Points of others by key, of one kind (`city`, `station`) or all."""
    rows = OutsidePoint.objects.order_by("key")
    return list(rows.filter(kind=kind) if kind else rows)
