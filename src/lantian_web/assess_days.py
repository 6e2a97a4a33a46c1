"""Assess the local days that have closed: all items and the AQI of stations, counties, the zone and the city.

A day is made of the hours of the city's own stations; what they do not make is taken from the daily values of the same
stations, of the hours of the city as a whole and of its day as it was published, and the row says so. Days are derived
again whenever their data change; equal data gives equal rows, so doing it twice is harmless. Many days are read and
written by the month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import compress, groupby

import numpy as np
import pyarrow as pa

from lantian import assess
from lantian.assess.days import in_operation, rule_of
from lantian.assess.published import Published, applied_on, first_of, own_days, published, published_days
from lantian.assess.runs import read_on
from lantian.errors import PeriodError
from lantian.inventory import AreaKind, Spells, closed_by
from lantian.observe.panel import DayPanel
from lantian.periods import day_bounds_ms, day_start_ms, local_day, same_period_last_year, season, to_ms
from lantian.records import Assessment, Footnote, ObservationKind, Subject, SubjectKind
from lantian.standards import Row, in_force
from lantian_store.lake import Lake
from lantian_store.panel import day_panel, hour_panel
from lantian_web.assessments import commands, panels, queries
from lantian_web.assessments import models as rows_of
from lantian_web.events.commands import get_cursor, set_cursor
from lantian_web.inventory.models import Area, Overlay, Station
from lantian_web.inventory.queries import overlay_rows, own_city, station_spells

__all__ = ["Place", "assess_closed", "follow_targets", "place", "rolling_aqi"]

HOUR_MS = 3_600_000
SEASON = "pm25_season"
TARGETS = ("targets", "season_targets")
FOLLOWED = "targets_followed"  # id of the newest ledger that the season rows were made with


@dataclass(frozen=True, slots=True)
class Place:
    """The city assessed: its name in air archives, its stations, the names under which targets bind it, its own rows."""

    city_id: str
    city: str
    stations: Mapping[str, str]  # station id -> area id
    regions: tuple[str, ...]
    targets: tuple[Row, ...]
    spells: Spells  # when stations were in operation

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Stations by area, counties and zone first, then the city with all of its own; no area without a station."""
        made: dict[str, tuple[str, ...]] = {}
        for station, area in self.stations.items():
            if area != self.city_id:
                made[area] = (*made.get(area, ()), station)
        inside = [key for key, area in self.stations.items() if area.startswith(self.city_id)]
        return made | {self.city_id: tuple(inside)}

    @property
    def scope(self) -> dict[str, str]:
        """Area id of every subject."""
        return {area: area for area in self.groups} | dict(self.stations)


def place() -> Place:
    """The city of this registry. A season target that it loaded itself binds it, whatever its region is called."""
    stations = dict(Station.objects.order_by("id").values_list("id", "area_id"))
    city = Area.objects.filter(kind=AreaKind.CITY).order_by("id").values_list("id", flat=True).first() or ""
    name = own_city()
    season_rows = overlay_rows("season_targets")
    regions = dict.fromkeys([city, name, *(row.text("region") for row in season_rows)])
    targets = (*overlay_rows("targets"), *season_rows)
    return Place(city, name, stations, tuple(regions), targets, station_spells())


def assess_closed(lake: Lake, days: Iterable[date], now: datetime) -> int:
    """Assess those of the days that have ended by `now`; return how many rows changed."""
    closed = sorted(on for on in set(days) if day_bounds_ms(on)[1] <= to_ms(now))
    if not closed:
        return 0
    here, changed = place(), 0
    heard: list[date] = []
    for _, run in groupby(closed, key=lambda on: (on.year, on.month)):
        for found, rows in _of_run(lake, here, tuple(run)):
            heard += found
            for counterfactual, same in groupby(
                rows, key=lambda made: applied_on(made.end_on).counterfactual
            ):
                changed += commands.record_all(same, here.scope, now, counterfactual=counterfactual)
    return changed + _seasons(here, heard, now)


def follow_targets(now: datetime) -> int:
    """Make the season rows again when the city has loaded other targets since; return how many rows changed."""
    newest = Overlay.objects.filter(table__in=TARGETS).order_by("-id").values_list("id", flat=True).first()
    if newest is None or get_cursor(FOLLOWED) == newest:
        return 0
    here = place()
    rows = rows_of.Assessment.objects.filter(subject_id=here.city_id, indicator=SEASON)
    changed = _seasons(here, rows.order_by("end_on").values_list("end_on", flat=True), now)
    set_cursor(FOLLOWED, newest)
    return changed


def rolling_aqi(lake: Lake, now: datetime) -> int | None:
    """AQI of the last 24 whole hours, by the edition of today; None when it cannot be told.

    Of each station the hours count in which it was in operation; one with too few of them for a mean is not waited for.
    """
    end_ms = to_ms(now) // HOUR_MS * HOUR_MS
    here, on = place(), local_day(to_ms(now))
    since = on - timedelta(days=1)
    first = (end_ms - day_start_ms(since)) // HOUR_MS - 24
    of_city = here.groups[here.city_id]
    running = np.repeat(in_operation(of_city, since, 2, here.spells), 24, axis=1)[:, first : first + 24]
    least = rule_of(read_on(on), "mean", "day", ObservationKind.PM25.value, "day").integer()
    counted = running.sum(axis=1) >= least
    points, running = list(compress(of_city, counted)), running[counted]
    table = lake.read(panels.AIR, points, end_ms - 24 * HOUR_MS, end_ms)
    if not len(table):
        return None
    hours = hour_panel(table, points, since, on)
    last = {
        kind: np.where(running, hours.of(kind)[:, first : first + 24], np.nan) for kind in assess.AQI_ITEMS
    }
    city = assess.city_day(last, on)
    return assess.daily_aqi({kind: item.value for kind, item in city.items()}, assess.edition_on(on)).aqi


def _of_run(
    lake: Lake, here: Place, days: Sequence[date]
) -> Iterator[tuple[list[date], Iterator[Assessment]]]:
    """Days of one month that something was heard of, with their rows: from the stations, else of the city as a whole."""
    first, last = days[0], days[-1]
    bounds = day_start_ms(first), day_bounds_ms(last)[1]
    points = list(here.stations)
    hours = lake.read(panels.AIR, points, *bounds)
    daily = lake.read(panels.AIR_DAY, points, *bounds)
    told = [
        (lake.read(source, [here.city], *bounds), made)
        for source, made in ((panels.CITY_DAY, own_days), (panels.AIR_DAY, published_days))
    ]
    told = [(table, made) for table, made in told if len(table)]
    heard = (_days_in(hours) | _days_in(daily)) & set(days)
    if heard:
        found = sorted(heard)
        values = published(
            hour_panel(hours, points, first, last),
            here.groups,
            found,
            here.spells,
            day_panel(daily, points, first, last) if len(daily) else None,
            [_of_city(here, table, made, found, last) for table, made in told],
        )
        yield found, (row for on in found for row in _of_day(here, values, on))
    left = sorted({on for table, _ in told for on in _days_in(table)} & set(days) - heard)
    if left:
        city = reduce(first_of, [_of_city(here, table, made, left, last) for table, made in told])
        yield left, (row for on in left for row in _of_day(here, city, on, means=False))


def _of_city(
    here: Place,
    table: pa.Table,
    made: Callable[[DayPanel, Sequence[date]], Published],
    days: Sequence[date],
    last: date,
) -> Published:
    """Days that the lake holds under the city's name."""
    return made(replace(day_panel(table, [here.city], days[0], last), points=(here.city_id,)), days)


def _days_in(table: pa.Table) -> set[date]:
    return {local_day(ms) for ms in np.unique(table.column("start").to_numpy()).tolist()}


def _of_day(here: Place, values: Published, on: date, *, means: bool = True) -> Iterator[Assessment]:
    """Rows of one day: every subject's six items and its AQI. `means`: an area is the mean of its stations, where it
    has no value of its own.
    """
    edition, groups = applied_on(on).edition, here.groups
    for name, days in values.values.items():
        area = name not in here.stations
        subject = Subject(SubjectKind.AREA if area else SubjectKind.STATION, name)
        closed = closed_by(here.spells, groups[name], on) if area and means else ()
        of_mean = (*_area_notes(on), *closed) if area and means else ()
        of_index: dict[Footnote, None] = {}
        for kind, value, raw in zip(assess.AQI_ITEMS, days[on], values.raw[name][on], strict=True):
            cell = (name, on, kind)
            notes = () if cell in values.own else of_mean
            if value is not None and cell not in values.own:
                of_index |= dict.fromkeys(closed)
            if cell in values.stated:
                note = _stated_note(on, "lacking" if cell in values.own else "mixed")
                notes = (*notes, note)
                of_index[note] = None
            elif cell in values.others:
                note = _stated_note(on, "differing")
                notes = (*notes, replace(note, key=f"{note.key}/{values.others[cell].normalize():f}"))
            yield _row(subject, f"{kind}_day", on, value, _unit(kind), edition, notes, raw=raw)
        index = values.aqi(name, on)
        aqi = None if index.aqi is None else Decimal(index.aqi)
        primary = tuple(item.value for item in index.primary)
        notes = (*_aqi_notes(edition, on), *of_index)
        yield _row(subject, "aqi_day", on, aqi, "", edition, notes, primary)


def _row(
    subject: Subject,
    indicator: str,
    on: date,
    value: Decimal | None,
    unit: str,
    edition: str,
    notes: tuple[Footnote, ...],
    primary: tuple[str, ...] = (),
    raw: float | None = None,
) -> Assessment:
    valid = int(value is not None)
    return Assessment(
        subject,
        indicator,
        on,
        on,
        value,
        unit,
        edition,
        days_valid=valid,
        days_dropped=1 - valid,
        primary=primary,
        footnotes=notes,
        raw=raw,
    )


@lru_cache(maxsize=4096)
def _area_notes(on: date) -> tuple[Footnote, ...]:
    rule = in_force("data_validity", on, statistic="city_mean", period="any", item="all", scope="city")[0]
    return (rule.footnote(),)


@lru_cache(maxsize=4096)
def _stated_note(on: date, scope: str) -> Footnote:
    """That a value, or some stations of a mean, are not made of hours, or that another one was published."""
    return in_force("data_validity", on, statistic="published", scope=scope)[0].footnote()


@lru_cache(maxsize=4096)
def _aqi_notes(edition: str, on: date) -> tuple[Footnote, ...]:
    return tuple(row.footnote() for row in in_force("iaqi_breakpoints", on, edition)[:1])


def _seasons(here: Place, heard: Iterable[date], now: datetime) -> int:
    """The season to date of every day heard of, and again of the later days that stand on them."""
    days = {on for on in heard if _season_of(on)}
    if not days:
        return 0
    later = rows_of.Assessment.objects.filter(
        subject_id=here.city_id, indicator=SEASON, end_on__gt=min(days)
    ).values_list("end_on", flat=True)
    begun = {_season_of(on) for on in days}
    stale = {on for on in later if _stands_on(on, begun)}
    all_days = sorted(days | stale)
    since = same_period_last_year(season(all_days[0])).start_on
    values = queries.daily_figures(here.city_id, "pm25_day", since, all_days[-1])
    made = (_season_row(here, on, values) for on in all_days)
    return commands.record_all(made, here.city_id, now)


def _season_of(on: date) -> date | None:
    """First day of the season that the day lies in; None between April and September."""
    try:
        return season(on).start_on
    except PeriodError:
        return None


def _stands_on(on: date, starts: set[date | None]) -> bool:
    """Whether the season to date of `on`, or its base, lies in one of the seasons."""
    whole = season(on)
    return whole.start_on in starts or same_period_last_year(whole).start_on in starts


def _season_row(here: Place, on: date, values: Mapping[date, Fraction | None]) -> Assessment:
    standing = assess.season_standing(values, on, here.regions, here.targets)
    base = standing.last_year.exact
    return Assessment(
        Subject(SubjectKind.AREA, here.city_id),
        SEASON,
        season(on).start_on,
        on,
        standing.now.mean,
        _unit(ObservationKind.PM25),
        applied_on(on).edition,
        days_valid=standing.now.days_valid,
        days_dropped=standing.now.days_dropped,
        base=None if base is None else standing.last_year.mean,
        target=standing.cap,
        footnotes=standing.footnotes,
        raw=_float(standing.now.exact),
        base_raw=_float(base),
    )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _unit(kind: ObservationKind) -> str:
    return "mg/m3" if kind is ObservationKind.CO else "ug/m3"
