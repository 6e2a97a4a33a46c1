"""Who cuts what: one county's cut of one pollutant as a table that stays short, and a plant's own share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator

from lantian.assess.targets.shares import Carries
from lantian.inventory import AreaKind
from lantian_web.accounts.models import User
from lantian_web.assessments import panels
from lantian_web.desk.cuts import CountyCut, CutDay, PlantShare, cut_seen, cuts_seen, days_seen
from lantian_web.inventory.models import Area, Enterprise

__all__ = ["CutPage", "PlantCut", "cut_page", "plant_cuts"]

PAGE = 30


@dataclass(frozen=True, slots=True)
class CutPage:
    """The cuts of a county, the one chosen, and one page of its plants by why they carry what they carry."""

    area: Area
    on: date
    cuts: tuple[CutDay, ...]
    cut: CountyCut | None
    why: str
    whys: tuple[tuple[str, int], ...]
    rows: Page[PlantShare]


@dataclass(frozen=True, slots=True)
class PlantCut:
    """A plant's own row of a county's cut; `cut` holds no other plant."""

    cut: CountyCut
    row: PlantShare


def cut_page(user: User, area: Area, on: date, params: Mapping[str, str]) -> CutPage:
    """The page that the address asks for; without a word of it the first pollutant over its cap, and all plants."""
    cuts = days_seen(user, area, on)
    day = next((one for one in cuts if one.indicator == params.get("item")), None)
    day = day or next((one for one in cuts if one.over), None) or next(iter(cuts), None)
    cut = cut_seen(user, area, on, day.indicator) if day else None
    counts = cut.counts if cut else {}
    whys = tuple((why.value, counts[why.value]) for why in Carries if counts.get(why.value))
    why = params.get("why", "") if params.get("why", "") in dict(whys) else ""
    plants = [plant for plant in cut.plants if not why or plant.why == why] if cut else []
    rows = Paginator(plants, PAGE).get_page(params.get("page", 1))
    return CutPage(area, on, cuts, cut, why, whys, rows)


def plant_cuts(user: User, plant: Enterprise) -> tuple[PlantCut, ...]:
    """A plant's share of its county's cuts of the last closed day; none without a cap, or for who may not see it."""
    city = Area.objects.filter(kind=AreaKind.CITY).order_by("id").first()
    area = Area.objects.filter(pk=plant.area_id).first()
    known = panels.span([city.id]) if city else None
    if known is None or area is None:
        return ()
    found = []
    for cut in cuts_seen(user, area, known[1]):
        row = next((one for one in cut.plants if one.id == plant.id), None)
        if row is not None:
            found.append(PlantCut(cut, row))
    return tuple(found)
