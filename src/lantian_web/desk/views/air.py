"""Air, targets, ranking: three pages that only read. Published air is open to every log-in, the rest goes by rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lantian.inventory import AreaKind
from lantian.records import Role
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import CASE_ROLES, grants_of
from lantian_web.assessments import panels
from lantian_web.desk import air_charts, area_page, targets_export
from lantian_web.desk.area_stations import stations_by_area
from lantian_web.desk.context import moment
from lantian_web.desk.cut_page import cut_page
from lantian_web.desk.cuts import cuts_seen
from lantian_web.desk.emission_page import emissions
from lantian_web.desk.odds import odds
from lantian_web.desk.ranking_page import BY, rank_page
from lantian_web.desk.sheets import TYPES
from lantian_web.desk.spans import LAST_YEAR, MONTH, PREVIOUS, Span, chosen, day_of, offered
from lantian_web.desk.targets_page import STEPS, targets_page
from lantian_web.desk.viewer import user_of
from lantian_web.inventory.models import Area

__all__ = [
    "all_areas",
    "area",
    "area_chart",
    "found_area",
    "last_day",
    "ranking",
    "ranking_chart",
    "span_of",
    "targets",
    "targets_area",
    "targets_chart",
    "targets_cut",
    "targets_file",
]

STATE = ("on", "period", "from", "to")
"""Words of an address that all charts of a page need too."""


def all_areas() -> list[Area]:
    """The city first, then counties and zones: names are no secret."""
    rows = Area.objects.order_by("id")
    return sorted(rows, key=lambda one: (one.kind != AreaKind.CITY, one.id))


def whole_areas(user: User, areas: Sequence[Area]) -> list[Area]:
    """Areas that a grant of the daily work holds whole: only there a sum over plants is true for this log-in."""
    scopes = [g.scope_id for g in grants_of(user) if g.scope_kind == "area" and g.role in CASE_ROLES]
    return [area for area in areas if any(area.id.startswith(scope) for scope in scopes)]


def last_day(areas: Sequence[Area], params: Mapping[str, str]) -> date | None:
    """The last assessed day of the city, or the earlier one that the address asks for."""
    known = panels.span([one.id for one in areas if one.kind == AreaKind.CITY])
    if known is None:
        return None
    asked = day_of(params.get("on", ""))
    return min(max(asked, known[0]), known[1]) if asked else known[1]


def span_of(areas: Sequence[Area], params: Mapping[str, str]) -> Span | None:
    """The days of the page; None while no day was assessed."""
    on = last_day(areas, params)
    return chosen(params, on) if on else None


def found_area(user: User, areas: Sequence[Area], pk: str) -> Area:
    """The area of the address; without one that of a county's dispatcher, else the city."""
    wanted = pk
    if not wanted:
        own = [g.scope_id for g in grants_of(user) if g.role == Role.DISPATCHER and g.scope_kind == "area"]
        wanted = own[0] if len(own) == 1 else areas[0].id if areas else ""
    for one in areas:
        if one.id == wanted:
            return one
    raise Http404


def _one_of(words: Sequence[str], asked: str) -> str:
    return asked if asked in words else words[0]


def _state(params: Mapping[str, str], names: Sequence[str] = STATE) -> dict[str, str]:
    return {name: params[name] for name in names if params.get(name)}


@require_GET
def area(request: HttpRequest, pk: str = "") -> HttpResponse:
    """The air of the city, a county or the zone."""
    user, now, params = user_of(request), moment(request), request.GET.dict()
    areas = all_areas()
    span = span_of(areas, params)
    page = area_page.area_page(found_area(user, areas, pk), areas, span, now)
    picture = _one_of(area_page.PICTURES, params.get("picture", ""))
    item = _one_of(area_page.ITEMS, params.get("item", ""))
    return render(
        request,
        "air.html",
        {
            "page": page,
            "spans": offered(span.days.end_on) if span else (),
            "picture": picture,
            "pictures": area_page.PICTURES,
            "item": item,
            "items": area_page.ITEMS,
            "drawn": air_charts.picture(page.area, areas, span, picture, item) if span else None,
            "state": _state(params),
            "state_days": _state(params, ("on", "picture", "item")),
        },
    )


@require_GET
def area_chart(request: HttpRequest, pk: str, name: str) -> JsonResponse:
    """One picture of an area as chart options."""
    areas, params = all_areas(), request.GET.dict()
    span = span_of(areas, params)
    item = _one_of(area_page.ITEMS, params.get("item", ""))
    made = (
        air_charts.chart(found_area(user_of(request), areas, pk), areas, span, name, item) if span else None
    )
    if made is None:
        raise Http404
    return JsonResponse(made)


def targets_area(user: User, pk: str) -> tuple[Area, list[Area]]:
    """The area whose targets are asked for, and the counties whose caps this log-in may see."""
    areas = all_areas()
    counties = [one for one in whole_areas(user, areas) if one.kind != AreaKind.CITY]
    cities = [one for one in areas if one.kind == AreaKind.CITY]
    return found_area(user, [*cities, *counties], pk), counties


@require_GET
def targets(request: HttpRequest) -> HttpResponse:
    """Will we make it, what must each part of the time average, how do the counties stand."""
    user, now, params = user_of(request), moment(request), request.GET.dict()
    place, counties = targets_area(user, params.get("area", ""))
    areas = all_areas()
    on = last_day(areas, params)
    page = made = None
    if on:
        page = targets_page(place, counties, on, params.get("root", ""), params.get("step", ""))
        made = odds(place, page.main.target, now, on) if page.main else None
    inside = [one for one in counties if one.id.startswith(place.id)]
    stations = stations_by_area()
    return render(
        request,
        "targets.html",
        {
            "page": page,
            "area": place,
            "areas": [*(one for one in areas if one.kind == AreaKind.CITY), *counties],
            "odds": made,
            "steps": STEPS,
            "names": {one.id: one.name for one in areas},
            "stationless": sum(one.id not in stations for one in inside),
            "emission": emissions(user, inside, on) if on else None,
            "state": _state(params, ("area", "on", "root")),
        },
    )


@require_GET
def targets_chart(request: HttpRequest, name: str) -> JsonResponse:
    """The target's season as chart options."""
    user, params = user_of(request), request.GET.dict()
    place, counties = targets_area(user, params.get("area", ""))
    on = last_day(all_areas(), params)
    page = targets_page(place, counties, on, params.get("root", "")) if on else None
    made = air_charts.target_chart(page, moment(request), name) if page else None
    if made is None:
        raise Http404
    return JsonResponse(made)


@require_GET
def targets_cut(request: HttpRequest, pk: str) -> HttpResponse:
    """What each plant and line of a county must cut to keep its daily cap."""
    user, params = user_of(request), request.GET.dict()
    _place, counties = targets_area(user, "")
    areas = all_areas()
    place = next((one for one in counties if one.id == pk), None)
    if place is None:
        raise Http404
    on = last_day(areas, params)
    return render(
        request,
        "targets_cut.html",
        {
            "area": place,
            "areas": counties,
            "city_id": areas[0].id,
            "page": cut_page(user, place, on, params) if on else None,
            "state": _state(params, ("on",)),
        },
    )


@require_GET
def targets_file(request: HttpRequest, form: str) -> HttpResponse:
    """The page's tables as CSV or Excel."""
    user, params = user_of(request), request.GET.dict()
    place, counties = targets_area(user, params.get("area", ""))
    on = last_day(all_areas(), params)
    if on is None or form not in TYPES:
        raise Http404
    page = targets_page(place, counties, on, params.get("root", ""), params.get("step", ""))
    inside = [one for one in counties if one.id.startswith(place.id)]
    cuts = [cut for one in inside for cut in cuts_seen(user, one, on)]
    content = targets_export.export(page, emissions(user, inside, on), cuts, form)
    answer = HttpResponse(content, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="targets-{place.id}-{on}.{form}"'
    return answer


@require_GET
def ranking(request: HttpRequest) -> HttpResponse:
    """Who leads, who lags, and where the data cannot tell them apart."""
    user, now, params = user_of(request), moment(request), request.GET.dict()
    areas = all_areas()
    span = span_of(areas, params)
    page = rank_page(user, params, span, now, areas) if span else None
    return render(
        request,
        "ranking.html",
        {
            "page": page,
            "wall": params.get("wall") == "1",
            "all_months": params.get("months") == "all",
            "spans": offered(span.days.end_on) if span else (),
            "bys": BY,
            "sinces": (LAST_YEAR, PREVIOUS) if span and span.code == MONTH else (LAST_YEAR,),
            "state_days": _state(params, ("on", "set", "by", "vs", "wall")),
        },
    )


@require_GET
def ranking_chart(request: HttpRequest) -> JsonResponse:
    """Places now and then as chart options."""
    areas, params = all_areas(), request.GET.dict()
    span = span_of(areas, params)
    page = rank_page(user_of(request), params, span, moment(request), areas) if span else None
    made = air_charts.rank_chart(page, {one.id: one.name for one in areas}) if page else None
    if made is None:
        raise Http404
    return JsonResponse(made)
