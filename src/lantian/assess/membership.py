"""Who is ranked with whom: dated city sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lantian.errors import StandardsError
from lantian.periods import Period
from lantian.records import Footnote
from lantian.standards import Row, in_force, table

__all__ = ["PROVINCE", "Membership", "membership", "province_of"]

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
