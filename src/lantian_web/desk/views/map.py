"""The map: counties and plants by light; drawn here as SVG, and over WebGL where there is one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible, visible_areas
from lantian_web.desk import compose, conclusions, geometry, lights, story, strip, wording
from lantian_web.desk.context import moment
from lantian_web.desk.viewer import user_of
from lantian_web.findings.models import OrderDay
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.orders.models import Order
from lantian_web.tasks.models import Task

__all__ = ["card", "collection", "layer", "map_page"]

PAGE = 30


@require_GET
def map_page(request: HttpRequest) -> HttpResponse:
    """Map at the left, the same plants as a list beside it."""
    user, now = user_of(request), moment(request)
    area, light, text = (request.GET.get(name, "") for name in ("area", "light", "q"))
    plants = lights.plant_lights(user, now, conclusions.last_day(user))
    counties = lights.area_lights(user, plants)
    shown = [p for p in plants if (not area or p.area_id == area) and (not light or p.light == light)]
    shown = [p for p in shown if text in p.name] if text else shown
    shown.sort(key=lambda p: (lights.ORDER.index(p.light), p.area_id, p.name))
    chosen = [c for c in counties if not area or c.area.id == area]
    return render(
        request,
        "map.html",
        {
            "drawing": geometry.draw(chosen, shown, width=720, city=lights.city_name()),
            "counties": counties,
            "counts": Counter(p.light for p in plants),
            "order": [str(code) for code in lights.ORDER],
            "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
            "total": len(plants),
            "state": {"area": area, "light": light, "q": text},
            "names": dict(visible_areas(user, Area.objects.all()).values_list("id", "name")),
            "bar": compose.bar(user, now),
            "trades": sorted(set(visible(user, Enterprise.objects.all()).values_list("trade", flat=True))),
        },
    )


@require_GET
def layer(request: HttpRequest) -> JsonResponse:
    """The map's GeoJSON, for the page."""
    return JsonResponse(collection(user_of(request), request))


def collection(user: User, request: HttpRequest) -> dict[str, Any]:
    """Counties and plants that this log-in may see, as one GeoJSON feature collection."""
    plants = lights.plant_lights(user, moment(request), conclusions.last_day(user))
    counties = lights.area_lights(user, plants)
    features = [
        _feature(
            {"type": "Polygon", "coordinates": [_closed(c.area.outline)]},
            c.area.id,
            "area",
            c.area.name,
            c.light,
            "",
            at=geometry.centre([(x, y) for x, y in c.area.outline]),
        )
        for c in counties
    ]
    features += [
        _feature(
            {"type": "Point", "coordinates": [round(p.lon, 5), round(p.lat, 5)]},
            p.id,
            "plant",
            p.name,
            p.light,
            p.word,
        )
        for p in plants
    ]
    return {"type": "FeatureCollection", "features": features}


def _closed(ring: list[list[float]]) -> list[list[float]]:
    return ring if ring and ring[0] == ring[-1] else [*ring, *ring[:1]]


def _feature(
    shape: dict[str, Any],
    pk: str,
    kind: str,
    name: str,
    light: str,
    word: str,
    at: tuple[float, float] | None = None,
) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": pk, "kind": kind, "name": name, "light": light, "word": word}
    if at:
        properties["at"] = at
    return {"type": "Feature", "geometry": shape, "properties": properties}


@require_GET
def card(request: HttpRequest, pk: str) -> HttpResponse:
    """A plant's card: what it was ordered, how it is seen, its open tasks."""
    user, now = user_of(request), moment(request)
    plant = story.one(visible(user, Enterprise.objects.filter(pk=pk)))
    orders = list(
        visible(user, strip.standing(Order.objects.filter(enterprise_id=pk), now)).prefetch_related(
            "measures"
        )
    )
    days = list(visible(user, OrderDay.objects.filter(enterprise_id=pk)).order_by("-on")[:3])
    tasks = visible(user, Task.objects.filter(enterprise_id=pk)).order_by("kind", "-opened_at")[:6]
    lines = dict(plant.lines.values_list("id", "name"))
    shown = conclusions.conclude(days)
    return render(
        request,
        "parts/plant_card.html",
        {
            "plant": plant,
            "area": Area.objects.filter(pk=plant.area_id).values_list("name", flat=True).first(),
            "orders": [(order, wording.measures_text(order.measures.all(), lines)) for order in orders],
            "days": [(row, shown[row.pk]) for row in days],
            "tasks": [(task, *lights.task_light(task, now)) for task in tasks],
        },
    )
