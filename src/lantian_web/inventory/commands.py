"""Loading a city, its own rules and the points of others. Loading again changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import isfinite, isnan
from typing import Protocol

from django.db.models import Model

from lantian import inventory
from lantian.detect.baselines import Baseline
from lantian.detect.plants import PlantIndex
from lantian.errors import DataError
from lantian.standards import parse
from lantian_web.accounts.commands import register
from lantian_web.accounts.queries import plant_units
from lantian_web.events.commands import NewEvent, command, emit, set_cursor
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
from lantian_web.inventory.overlay_checks import check_rows

__all__ = ["NUMBERING", "City", "import_city", "load_overlay", "register_outside"]

TITLE = 200  # characters of a file name or of a paper
NUMBERING = "numbering"
"""Cursor whose text is the city's scheme for decisions, e.g. `X〔{year}〕{serial}号`."""


class City(Protocol):
    """What a city to load must tell; `lantian.rehearsal.City` does."""

    @property
    def areas(self) -> Sequence[inventory.Area]: ...
    @property
    def units(self) -> Sequence[inventory.Unit]: ...
    @property
    def people(self) -> Sequence[inventory.Person]: ...
    @property
    def posts(self) -> Sequence[inventory.Post]: ...
    @property
    def enterprises(self) -> Sequence[inventory.Enterprise]: ...
    @property
    def lines(self) -> Sequence[inventory.Line]: ...
    @property
    def meters(self) -> Sequence[inventory.Meter]: ...
    @property
    def stations(self) -> Sequence[inventory.Station]: ...
    @property
    def listed(self) -> Sequence[inventory.ListedMeasure]: ...


def _put(rows: Sequence[Model], key: Sequence[str] = ("id",)) -> None:
    """Insert or bring up to date, by key."""
    if not rows:
        return
    model = type(rows[0])
    fields = [f.name for f in model._meta.concrete_fields if f.name not in {*key, "id"}]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=list(key), update_fields=fields
    )


def _base(kwh: float) -> float | None:
    return None if isnan(kwh) else kwh


def _plants(city: City, learnt: Baseline, index: PlantIndex, unit_of: Mapping[str, str]) -> list[Enterprise]:
    workday, restday = learnt.base_kwh_workday.tolist(), learnt.base_kwh_restday.tolist()
    return [
        Enterprise(
            id=e.id,
            name=e.name,
            area_id=e.area_id,
            unit_id=unit_of.get(e.id, ""),
            enterprise_id=e.id,
            trade=e.trade,
            grade=e.grade,
            livelihood=e.livelihood,
            lon=e.lon,
            lat=e.lat,
            credit_code=e.credit_code,
            base_workday_kwh=_base(workday[index.plant_of[e.id]]),
            base_restday_kwh=_base(restday[index.plant_of[e.id]]),
            so2_t=e.so2_t,
            nox_t=e.nox_t,
            pm_t=e.pm_t,
            vocs_t=e.vocs_t,
        )
        for e in city.enterprises
    ]


def _meters(city: City, learnt: Baseline, index: PlantIndex, unit_of: Mapping[str, str]) -> list[Meter]:
    idle = dict(zip(index.meter_ids, learnt.idle_kw.tolist(), strict=True))
    return [
        Meter(
            id=m.id,
            line_id=m.line_id,
            area_id=m.area_id,
            unit_id=unit_of.get(m.enterprise_id, ""),
            enterprise_id=m.enterprise_id,
            kind=m.kind,
            rated_kw=m.rated_kw,
            idle_kw=idle.get(m.id, 0.0),
        )
        for m in city.meters
    ]


def _listed(city: City, unit_of: Mapping[str, str]) -> list[ListedMeasure]:
    area_of = {e.id: e.area_id for e in city.enterprises}
    return [
        ListedMeasure(
            row_no=m.row_no,
            area_id=area_of[m.enterprise_id],
            unit_id=unit_of.get(m.enterprise_id, ""),
            enterprise_id=m.enterprise_id,
            level=m.level,
            action=m.action,
            line_id=m.line_id or "",
            share=m.share,
            reason=m.reason,
            paper=m.paper,
            valid_from=m.valid_from,
        )
        for m in city.listed
    ]


@command
def import_city(city: City, baselines: Baseline, numbering: str = "") -> None:
    """Load a city with what was learnt of its plants (rows as in `PlantIndex.build` of it).

    `numbering` is the city's scheme for numbers of decisions. Everything is put by its id, so a second load of
    the same city changes nothing. Raises DataError for a meter without a rated power: nobody could judge it.
    """
    for meter in city.meters:
        if not (isfinite(meter.rated_kw) and meter.rated_kw > 0):
            raise DataError(f"meter {meter.id} has a rated power of {meter.rated_kw} kW: it must be above 0")
    register(city.units, city.people, city.posts)
    unit_of = plant_units()
    index = PlantIndex.build(city.enterprises, city.lines, city.meters)
    _put([Area(a.id, a.kind, a.name, [list(spot) for spot in a.outline]) for a in city.areas])
    _put(_plants(city, baselines, index, unit_of))
    _put([Line(id=n.id, enterprise_id=n.enterprise_id, no=n.no, name=n.name) for n in city.lines])
    _put(_meters(city, baselines, index, unit_of))
    _put([_station(s) for s in city.stations])
    _put(_listed(city, unit_of), key=("paper", "row_no"))
    if numbering:
        set_cursor(NUMBERING, 0, numbering)


def _station(s: inventory.Station) -> Station:
    return Station(id=s.id, name=s.name, area_id=s.area_id, lon=s.lon, lat=s.lat, national=s.national)


@command
def load_overlay(
    table: str, text: str, source: str, paper: str, by: str, now: datetime, *, empty: bool = False
) -> Overlay:
    """Put the city's own rows of a rule table in force; they replace its earlier ones of that table as a whole.

    `text` is CSV with exactly the columns of the table, `paper` the paper it comes from. StandardsError names the
    line and column that do not fit, DataError the row that could not be worked with; no row at all takes the city's
    rows back, if `empty` is meant. The text that counts already is not loaded again.
    """
    rows = parse(table, text)
    if not rows and not empty:
        raise DataError("no rows: this would take all rows of the city back", source=source)
    check_rows(table, rows, source)
    for name, value in (("file", source), ("paper", paper)):
        if "\0" in value or len(value) > TITLE:
            raise DataError(
                f"a name of more than {TITLE} characters", source=value[:40].replace("\0", ""), field=name
            )
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    newest = Overlay.objects.filter(table=table).order_by("id").last()
    if newest is not None and newest.sha256 == sha256:
        return newest
    row = Overlay.objects.create(
        table=table, text=text, source=source, sha256=sha256, paper=paper, loaded_by=by, loaded_at=now
    )
    told = {"table": table, "source": source, "paper": paper}
    before = newest.sha256 if newest else ""
    emit(
        [
            NewEvent(
                "overlay.loaded",
                by,
                now,
                "overlay",
                str(row.pk),
                "",
                params=told,
                before=before,
                after=sha256,
            )
        ]
    )
    return row


@command
def register_outside(points: Iterable[OutsidePoint]) -> None:
    """Make points of others known; one known already is brought up to date."""
    rows: list[OutsidePoint] = sorted(points, key=lambda point: point.key)
    _put(rows, key=("key",))
