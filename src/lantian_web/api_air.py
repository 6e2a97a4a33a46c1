"""The read API of the air: an area's figures, the targets that bind it, a ranking; the same numbers as on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from lantian.assess.compare import Comparison
from lantian.units import round_half_even, to_decimal
from lantian_web.desk import area_page, ranking_page
from lantian_web.desk.context import moment
from lantian_web.desk.cuts import CountyCut, cuts_seen
from lantian_web.desk.odds import odds
from lantian_web.desk.spans import Span
from lantian_web.desk.targets_page import Standing, targets_page
from lantian_web.desk.viewer import user_of
from lantian_web.desk.views.air import all_areas, found_area, last_day, span_of, targets_area

__all__ = ["router"]

router = Router()
PLACES = 3


class HourOut(Schema):
    """The newest hour; always provisional."""

    end: datetime
    aqi: int | None
    level: int
    primary: list[str]
    pm25: float | None
    stations_answered: int
    stations: int
    edition: str


class FigureOut(Schema):
    """One indicator over the days against the same days of last year."""

    indicator: str
    mean: float | None
    mean_published: float | None
    base: float | None
    change_percent: float | None
    days_valid: int
    days_dropped: int
    base_days_valid: int
    edition: str
    notes: list[str]


class AirOut(Schema):
    """The air of one area. `counterfactual`: some days lie before the first edition, which is played for them;
    `refused`: the days asked for cannot be looked at, others are shown."""

    area: str
    name: str
    as_of: date | None
    start_on: date | None
    end_on: date | None
    hour: HourOut | None
    figures: list[FigureOut]
    index: float | None
    index_parts: dict[str, float]
    index_edition: str | None
    counterfactual: bool
    refused: bool


class TargetOut(Schema):
    """One target of the ledger and where it stands."""

    area: str
    indicator: str
    start_on: date
    end_on: date
    cap: float | None
    mean_so_far: float | None
    days_valid: int
    days_dropped: int
    days_left: int
    allowed: float | None
    allowed_published: float | None
    count: int | None
    good_days_left: int | None
    heavy_left: int | None
    feasibility: str | None
    probability: float | None
    paper: str
    confidence: str


class LineCutOut(Schema):
    """What a line carries of its plant's cut, and the power that goes with it; null where that cannot be told."""

    line: str
    kg: float
    kwh_less: float | None
    kwh_used: float | None


class PlantCutOut(Schema):
    """What a plant carries of its county's cut; `lacks` names what is missing of one that is not told."""

    plant: str
    name: str
    emits_kg: float | None
    basis: str
    lacks: str
    why: str
    kg: float
    share_percent: float
    shared_by: str
    lines: list[LineCutOut]


class CutOut(Schema):
    """One pollutant of a county over its daily cap, or within it (nothing asked). The county's sums are null for who
    sees only some of its plants: asked = carried + uncovered; `not_told` counts plants whose day is not known."""

    area: str
    indicator: str
    on: date
    cap_t: float | None
    state: str | None
    paper: str
    confidence: str
    rate_percent: float
    told_t: float | None
    asked_kg: float | None
    carried_kg: float | None
    uncovered_kg: float | None
    not_told: int | None
    plants: list[PlantCutOut]


class PlaceOut(Schema):
    """One place of a ranking; `best` and `worst` are the ranks that noise allows."""

    point: str
    rank: int | None
    tied: bool
    band: int
    best: int | None
    worst: int | None
    value: float
    days_valid: int
    was: int | None
    moved: int | None
    because: str | None


class RankingOut(Schema):
    """A ranking with who was left out and why; `counterfactual` and `refused` as of the air."""

    set: str
    indicator: str
    start_on: date
    end_on: date
    edition: str
    backwards: bool
    counterfactual: bool
    refused: bool
    notes: list[str]
    rows: list[PlaceOut]
    left_out: dict[str, str]


def _params(**given: str) -> dict[str, str]:
    return {name.rstrip("_"): value for name, value in given.items() if value}


def _float(value: Fraction | Decimal | float | None) -> float | None:
    if value is None or isinstance(value, float):
        return value
    exact = value if isinstance(value, Decimal) else to_decimal(value)
    return float(round_half_even(exact, PLACES))


@router.get("/air", response=AirOut)
def air(
    request: HttpRequest, area: str = "", period: str = "", on: str = "", start: str = "", end: str = ""
) -> dict[str, Any]:
    """An area's air (the city's without `area`); `period` month, season, year or custom with `start` and `end`."""
    areas = all_areas()
    place = found_area(user_of(request), areas, area)
    span = span_of(areas, _params(period=period, on=on, from_=start, to=end))
    page = area_page.area_page(place, areas, span, moment(request))
    days, hour = page.days, page.hour
    shown = [days.good, days.heavy, *(f.made for f in days.figures)] if days else []
    return {
        "area": place.id,
        "name": place.name,
        "as_of": page.on,
        "start_on": span.days.start_on if span else None,
        "end_on": span.days.end_on if span else None,
        "hour": None
        if hour is None
        else {
            "end": hour.end,
            "aqi": hour.aqi,
            "level": hour.level,
            "primary": [code for code in hour.primary.split(",") if code],
            "pm25": _float(hour.pm25),
            "stations_answered": hour.answered,
            "stations": hour.stations,
            "edition": hour.edition,
        },
        "figures": [_figure(made) for made in shown],
        "index": _float(days.index.now.index) if days else None,
        "index_parts": {k.value: _float(v) for k, v in days.index.now.parts.items()} if days else {},
        "index_edition": days.index.now.edition if days else None,
        "counterfactual": bool(span and span.counterfactual),
        "refused": bool(span and span.refused),
    }


def _figure(made: Comparison) -> dict[str, Any]:
    return {
        "indicator": made.indicator,
        "mean": _float(made.now.exact),
        "mean_published": _float(made.now.value),
        "base": _float(made.base.exact),
        "change_percent": _float(made.change_percent),
        "days_valid": made.now.days_valid,
        "days_dropped": made.now.days_dropped,
        "base_days_valid": made.base.days_valid,
        "edition": made.edition,
        "notes": [note.value for note in made.notes],
    }


@router.get("/targets", response=list[TargetOut])
def targets(request: HttpRequest, area: str = "", on: str = "") -> list[dict[str, Any]]:
    """The targets that bind an area on a day; counties within the log-in's rights."""
    now = moment(request)
    place, counties = targets_area(user_of(request), area)
    day = last_day(all_areas(), _params(on=on))
    if day is None:
        return []
    page = targets_page(place, counties, day)
    standings = [one for one in (page.main, *page.others) if one]
    likely = odds(place, page.main.target, now, day).made.probability if page.main else None
    return [_target(one, likely if one is page.main else None) for one in standings]


def _target(one: Standing, probability: float | None) -> dict[str, Any]:
    target, room = one.target, one.room
    return {
        "area": target.area,
        "indicator": target.indicator.value,
        "start_on": target.period.start_on,
        "end_on": target.period.end_on,
        "cap": _float(room.cap),
        "mean_so_far": _float(room.mean_so_far),
        "days_valid": room.done,
        "days_dropped": room.missing + room.excluded,
        "days_left": room.left,
        "allowed": _float(room.allowed),
        "allowed_published": _float(room.published),
        "count": room.count,
        "good_days_left": room.good_days_left,
        "heavy_left": room.heavy_left,
        "feasibility": room.feasibility.value if room.feasibility else None,
        "probability": probability,
        "paper": target.paper,
        "confidence": target.footnote.confidence,
    }


@router.get("/targets/cut", response=list[CutOut])
def cut(request: HttpRequest, area: str = "", on: str = "") -> list[dict[str, Any]]:
    """What the plants and lines of a county must cut, per capped pollutant; of the plants within the log-in's rights."""
    areas = all_areas()
    place = next((one for one in areas if one.id == area), None)
    day = last_day(areas, _params(on=on))
    if place is None or day is None:
        raise Http404
    found = cuts_seen(user_of(request), place, day)
    if not found:
        raise Http404
    return [_cut(one) for one in found]


def _cut(one: CountyCut) -> dict[str, Any]:
    sums = (one.tonnes[0], one.asked, one.carried, one.uncovered) if one.whole else (None,) * 4
    told, asked, carried, uncovered = (_float(value) for value in sums)
    return {
        "area": one.area.id,
        "indicator": one.indicator,
        "on": one.on,
        "cap_t": _float(one.judged.cap),
        "state": one.judged.state.value if one.judged.state else None,
        "paper": one.target.paper,
        "confidence": one.target.footnote.confidence,
        "rate_percent": float(one.rate),
        "told_t": told,
        "asked_kg": asked,
        "carried_kg": carried,
        "uncovered_kg": uncovered,
        "not_told": len(one.judged.day.not_told) if one.whole else None,
        "plants": [
            {
                "plant": row.id,
                "name": row.name,
                "emits_kg": _float(row.emits),
                "basis": row.basis.value,
                "lacks": row.lacks,
                "why": row.why.value,
                "kg": float(row.kg),
                "share_percent": float(row.share),
                "shared_by": row.by.value,
                "lines": [
                    {
                        "line": line.id,
                        "kg": float(line.kg),
                        "kwh_less": _float(line.less),
                        "kwh_used": _float(line.used),
                    }
                    for line in row.lines
                ],
            }
            for row in one.plants
        ],
    }


@router.get("/ranking", response=RankingOut)
def ranking(
    request: HttpRequest,
    set: str = "",  # noqa: A002 - the word of the page's address
    by: str = "",
    period: str = "",
    on: str = "",
    start: str = "",
    end: str = "",
    vs: str = "",
) -> dict[str, Any]:
    """A ranking as the page shows it; 404 while nothing can be ranked."""
    areas = all_areas()
    params = _params(set=set, by=by, period=period, on=on, from_=start, to=end, vs=vs)
    span: Span | None = span_of(areas, params)
    page = ranking_page.rank_page(user_of(request), params, span, moment(request), areas) if span else None
    if page is None or page.made is None:
        raise Http404
    made = page.made
    left: Mapping[str, str] = {point: str(why) for point, why in made.left_out}
    return {
        "set": page.set,
        "indicator": made.indicator,
        "start_on": made.period.start_on,
        "end_on": made.period.end_on,
        "edition": made.edition,
        "backwards": made.backwards,
        "counterfactual": page.span.counterfactual,
        "refused": page.span.refused,
        "notes": [note.value for note in made.notes],
        "rows": [
            {
                "point": row.point,
                "rank": row.rank,
                "tied": row.tied,
                "band": row.band,
                "best": row.best,
                "worst": row.worst,
                "value": float(row.value),
                "days_valid": row.days_valid,
                "was": row.was,
                "moved": row.moved,
                "because": row.because.value if row.because else None,
            }
            for row in made.rows
        ],
        "left_out": left,
    }
