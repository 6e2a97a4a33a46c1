"""Who is ranked with whom: dated city sets, and counties beside the development zone with each station counted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lantian.errors import DataError, StandardsError
from lantian.inventory import Area, AreaKind, Station
from lantian.periods import Period
from lantian.records import Footnote
from lantian.standards import Row, in_force, table

__all__ = ["PROVINCE", "Membership", "county_groups", "membership", "province_of"]

PROVINCE = "province"
"""How the codes of provinces begin in `regions`."""


@dataclass(frozen=True, slots=True)
class Membership:
    """The cities of a region on a day, in the order of the list.

    `since` and `until` are the days between which exactly these cities belonged to it (None: unknown, open).
    `backwards`: the day lies before the first list, which is applied to it all the same.
    """

    region: str
    name: str
    cities: tuple[str, ...]
    since: date | None
    until: date | None
    backwards: bool
    footnotes: tuple[Footnote, ...]

    def holds(self, period: Period) -> bool:
        """Whether, as far as is known, exactly these cities made up the region on every day of a period."""
        begun = self.since is None or self.since <= period.start_on
        return begun and (self.until is None or period.end_on <= self.until)


def _first_list(region: str, on: date, overlay: Sequence[Row]) -> tuple[Row, ...]:
    """Rows of the earliest list of a region that begins after the day; none when the day is not before it."""
    rows = [row for row in (*table("regions"), *overlay) if row["region"] == region]
    starts = [start for row in rows if (start := row.day("valid_from"))]
    if len(starts) < len(rows) or not starts or on >= min(starts):
        return ()
    return in_force("regions", min(starts), overlay=overlay, region=region)


def membership(region: str, on: date, overlay: Sequence[Row] = ()) -> Membership:
    """The cities of a region on a day; a city's own sets and rows come in by `overlay`.

    Before the first list of the region that list is applied backwards, and says so. StandardsError when there is no
    such region or its last list has ended.
    """
    backwards = False
    known = dict.fromkeys(row.text("region") for row in (*overlay, *table("regions")))
    if region not in known:
        listed = [code for code in known if not code.startswith(PROVINCE)]
        raise StandardsError(f"regions: there is no set {region!r}; sets: {', '.join(listed)}, {PROVINCE}_NN")
    try:
        rows = in_force("regions", on, overlay=overlay, region=region)
    except StandardsError:
        rows = _first_list(region, on, overlay)
        if not rows:
            raise
        backwards = True
    starts = [start for row in rows if (start := row.day("valid_from"))]
    ends = [end for row in rows if (end := row.day("valid_to"))]
    notes = {(note.source, note.confidence): note for note in (row.footnote() for row in reversed(rows))}
    return Membership(
        region,
        rows[0].text("name_zh"),
        tuple(row.text("city") for row in rows),
        max(starts, default=None),
        min(ends, default=None),
        backwards,
        tuple(reversed(notes.values())),
    )


def province_of(city: str, overlay: Sequence[Row] = ()) -> str | None:
    """Code of the province that a city lies in; None when `regions` names it in none."""
    return next(
        (
            row.text("region")
            for row in (*overlay, *table("regions"))
            if row["city"] == city and row.text("region").startswith(PROVINCE)
        ),
        None,
    )


def county_groups(
    areas: Iterable[Area], stations: Iterable[Station], national_only: bool = False
) -> Mapping[str, tuple[str, ...]]:
    """Stations of each county and of the development zone, area id -> station ids, in the order of the areas.

    A station counts once, for the area it is filed under: one of the zone is not counted again for the county whose
    land the zone lies on. Areas without a station have an empty row, and the city itself has none. DataError when a
    station is given twice or filed under no known county or zone.
    """
    groups: dict[str, list[str]] = {area.id: [] for area in areas if area.kind is not AreaKind.CITY}
    seen: set[str] = set()
    for station in stations:
        if station.id in seen:
            raise DataError("a station is given twice", field=station.id)
        seen.add(station.id)
        if national_only and not station.national:
            continue
        if station.area_id not in groups:
            raise DataError(
                f"a station is filed under no county or zone: {station.area_id}", field=station.id
            )
        groups[station.area_id].append(station.id)
    return {area: tuple(points) for area, points in groups.items()}
