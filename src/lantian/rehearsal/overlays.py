"""The invented city's own rows of rule tables: the plain it is ranked in, its ledger of targets, its dust days.

Targets that are to be reached lie where the year (or season) will come to, so that the outcome hangs in the balance.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from lantian.assess.aqi import AQI_ITEMS, daily_aqi, edition_on
from lantian.periods import Period, same_period_last_year, season, year
from lantian.records import ObservationKind
from lantian.rehearsal.air import ITEMS, site_factors
from lantian.rehearsal.city import City
from lantian.rehearsal.climate import dust
from lantian.rehearsal.source import number, own_targets, rows, texts
from lantian.rehearsal.statement import own_name
from lantian.rehearsal.tonnage import EMITTED, YEAR, tonnes
from lantian.standards import in_force
from lantian.units import to_decimal

__all__ = ["dust_days", "own_tables"]

Line = dict[str, object]

ENOUGH_DAYS = 60  # of a period: with fewer, last year's course is taken instead
PM25 = ObservationKind.PM25


def own_tables(city: City) -> dict[str, str]:
    """CSV text by name of the rule table. Under real air only what binds the invented plants: the counties' caps."""
    if city.real_air:
        return {"targets": _csv(_targets(city, caps_only=True))}
    made = {"regions": _regions(city), "targets": _targets(city), "dust_days": _dust(city)}
    return {name: _csv(lines) for name, lines in made.items()} | {"season_targets": own_targets()}


def _csv(made: Sequence[Line]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(made[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return text.getvalue()


def _common(start: date, end: date | None, source: str) -> Line:
    return {
        "valid_from": start,
        "valid_to": end or "",
        "source": source,
        "confidence": "proposed",
        "note": "invented for the drill",
    }


# The plain ----------------------------------------------------------------------------------------------------------


def _regions(city: City) -> list[Line]:
    """Two memberships: one city left and another joined when this season's year began."""
    change = season(city.first_day).start_on.replace(month=1, day=1)
    began = change.replace(year=change.year - 2)
    own = {"name": own_name(city), "province": texts("places", "province")[0], "since": "", "until": ""}
    before = [row for row in rows("plain") if row["since"] != "this"]
    after = [row for row in rows("plain") if row["until"] != "last"]
    made = []
    for start, end, members in ((began, change - timedelta(days=1), before), (change, None, after)):
        for order, row in enumerate([own, *members], start=1):
            made.append(_member(row, order) | _common(start, end, texts("places", "region_zh")[0]))
    return made


def _member(row: Mapping[str, str], order: int) -> Line:
    return {
        "region": texts("places", "region")[0],
        "name_zh": texts("places", "region_zh")[0],
        "name_en": texts("places", "region_en")[0],
        "group": "",
        "order": order,
        "city": row["name"],
        "province": row["province"],
        "date_precision": "day",
    }


# Dust days ----------------------------------------------------------------------------------------------------------


def dust_days(city: City) -> tuple[date, ...]:
    """Days before the first one on which dust blew; none under real air."""
    return () if city.real_air else tuple(day for day in sorted(city.history) if dust(day) is not None)


def _dust(city: City) -> list[Line]:
    """The list of the whole plain: by city name, and for our own areas that have air also by area id."""
    issuer, paper = texts("places", "issuer")[0], texts("places", "dust_paper")[0]
    own = [city.areas[0].id, *(area for area, _ in _counties(city))]
    names = [own_name(city), *city.around.points, *own]
    return [
        {"area": name, "day": day, "paper": paper} | _common(day, day, issuer)
        for name in names
        for day in dust_days(city)
    ]


# Targets ------------------------------------------------------------------------------------------------------------


def _targets(city: City, *, caps_only: bool = False) -> list[Line]:
    spans = {"year": year(city.first_day), "season": season(city.first_day)}
    made: list[Line] = []
    for row in rows("targets"):
        if caps_only and row["scope"] != "cap":
            continue
        span = spans[row["period"]]
        for area, value, base in _set(city, row, span):
            made.append(_line(row, span, area, value, base))
    return made


def _line(row: Mapping[str, str], span: Period, area: str, value: str, base: str) -> Line:
    return {
        "area": area,
        "indicator": row["indicator"],
        "start_on": span.start_on,
        "end_on": span.end_on,
        "value": value,
        "unit": row["unit"],
        "change_percent": row["percent"],
        "base": base,
        "base_start": "",
        "base_end": "",
        "edition": "",
        "dust_mode": row["dust_mode"],
        "paper": row["paper"],
    } | _common(span.start_on, span.end_on, row["paper"])


def _set(city: City, row: Mapping[str, str], span: Period) -> Iterator[tuple[str, str, str]]:
    """(area id, value, base) of the areas that the row sets something for."""
    if row["scope"] == "cap":
        yield from ((area, value, "") for area, value in _caps(city, row["indicator"]))
    elif row["scope"] == "county":
        base = _mean(city, same_period_last_year(span), row["dust_mode"])
        yield from ((area, "", f"{base * factor:.1f}") for area, factor in _counties(city))
    else:
        reach = row["set"] == "reach"
        yield city.areas[0].id, _reach(city, row["indicator"], span, row["dust_mode"]) if reach else "", ""


def _known(city: City, span: Period) -> list[date]:
    """Days of the period with air, last year's when there are few of them (same length of course)."""
    here = [day for day in span if day in city.air]
    long = len(here) >= min(ENOUGH_DAYS, span.days)
    return here if long else [day for day in same_period_last_year(span) if day in city.air]


def _mean(city: City, span: Period, dust_mode: str) -> float:
    days = [day for day in span if day in city.air and (dust_mode == "keep" or dust(day) is None)]
    return sum(city.air[day][PM25] or 0.0 for day in days) / max(len(days), 1)


def _reach(city: City, indicator: str, span: Period, dust_mode: str) -> str:
    days = _known(city, span)
    if indicator == "pm25_mean":
        kept = [day for day in days if dust_mode == "keep" or dust(day) is None]
        return f"{np.ceil(sum(city.air[day][PM25] or 0.0 for day in kept) / max(len(kept), 1)):.0f}"
    edition = edition_on(span.end_on)
    aqi = [value for day in days if (value := _aqi(city, day, edition)) is not None]
    name = "heavy_above" if indicator == "heavy_days" else "good_up_to"
    limit = in_force("aqi_rules", span.end_on, edition, parameter=name)[0].integer()
    over = sum(value > limit for value in aqi)
    return str(over if indicator == "heavy_days" else len(aqi) - over)


@lru_cache(maxsize=2048)
def _aqi(city: City, day: date, edition: str) -> int | None:
    known = city.air[day]
    values = {kind: None if known[kind] is None else to_decimal(known[kind] or 0.0) for kind in AQI_ITEMS}
    return daily_aqi(values, edition).aqi


def _counties(city: City) -> Iterable[tuple[str, float]]:
    """Areas with stations, and how much their stations lie above or below the city."""
    factors = site_factors(city)[:, ITEMS.index(PM25)]
    factors = factors / factors.mean()
    for area in sorted({station.area_id for station in city.stations}):
        own = [i for i, station in enumerate(city.stations) if station.area_id == area]
        yield area, float(factors[own].mean())


def _caps(city: City, indicator: str) -> Iterator[tuple[str, str]]:
    """t a day by county: its plants' usual day, times a loose share, or every so often a tight one."""
    column = list(EMITTED).index(indicator.removeprefix("emission_"))
    yearly = np.nan_to_num(tonnes(city.enterprises)[:, column])
    every = int(number("scale", "cap_every"))
    tight, loose = number("scale", "cap_tight"), number("scale", "cap_loose")
    for place, area in enumerate(city.areas[1:]):
        usual = sum(
            t for t, plant in zip(yearly.tolist(), city.enterprises, strict=True) if plant.area_id == area.id
        )
        if usual:
            cap = usual / YEAR * (tight if place % every == 0 else loose)
            yield area.id, f"{cap:.3f}"
