"""What a paper is made from, read from the registry as it stood at `as_of`."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from lantian.assess import level_of
from lantian.errors import DataError, PeriodError
from lantian.inventory import AreaKind
from lantian.periods import at, same_period_last_year, season
from lantian.records import Assessment as AssessmentRecord
from lantian.records import Basis, DecisionKind, Footnote, Level, Subject, SubjectKind
from lantian.report import DayInputs, DecisionFacts, Place, Reading, Replay, WarningFacts
from lantian.units import to_decimal
from lantian_web.accounts.models import Person, Post
from lantian_web.assessments.models import Assessment
from lantian_web.assessments.queries import daily_figures
from lantian_web.bulletins import facts
from lantian_web.bulletins.models import Bulletin
from lantian_web.events.models import Cursor
from lantian_web.inventory.models import Area, Station
from lantian_web.inventory.queries import city_area_id
from lantian_web.orders.models import Decision, Warning

__all__ = ["day_inputs", "papers", "waiting"]


def papers() -> QuerySet[Bulletin]:
    """All papers, the newest day first."""
    return Bulletin.objects.order_by("-on", "area_id", "kind")


def waiting() -> QuerySet[Bulletin]:
    """Papers asked for and not made, in the order they were asked."""
    return Bulletin.objects.filter(made_at__isnull=True).order_by("asked_at", "id")


def day_inputs(on: date, area_id: str, as_of: datetime) -> DayInputs:
    """Everything a day sheet of an area and what lies below it says. DataError when there is no such area.

    Only the city's own paper knows what waits for a person there or was set aside.
    """
    place = Area.objects.filter(id=area_id).first()
    if place is None:
        raise DataError(f"there is no area {area_id}", field="area_id")
    below = [_place(area) for area in Area.objects.filter(id__startswith=area_id).order_by("id")]
    counties = tuple(area for area in below if area.kind is not AreaKind.CITY)
    play = _play()
    warning = _warning(area_id, on, as_of)
    office = place.kind == AreaKind.CITY
    findings = facts.findings(area_id, on, as_of, office)
    return DayInputs(
        on=on,
        as_of=as_of,
        place=_place(place),
        areas=counties,
        readings=_readings(area_id, on),
        warning=warning,
        orders=facts.orders(area_id, on, as_of, findings, office),
        findings=findings,
        tasks=facts.tasks(area_id, on, as_of),
        season_days=_season_days(on),
        drill=bool(play and play.get("drill", True)) or (warning is not None and warning.drill),
        rehearsal=bool(play),
        replay=_replay(play),
        counterfactual=(str(play["edition"]),) if play.get("counterfactual") else (),
    )


def _place(area: Area) -> Place:
    return Place(area.id, area.name, AreaKind(area.kind))


def _play() -> dict[str, Any]:
    text = Cursor.objects.filter(name="play").values_list("text", flat=True).first()
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def _replay(play: dict[str, Any]) -> Replay | None:
    if play.get("air") != "real":
        return None
    days = [date.fromisoformat(play[name]) if play.get(name) else None for name in ("first", "last")]
    return Replay(str(play.get("air_city", "")), days[0], days[1])


def _above(area_id: str) -> list[str]:
    """The area and those it lies in: ids are prefix codes."""
    return [area_id[:end] for end in range(1, len(area_id) + 1)]


def _readings(area_id: str, on: date) -> tuple[Reading, ...]:
    """Day and season values of the city that the area lies in, and day values of the stations inside the area."""
    names = dict(Area.objects.filter(id__in=_above(area_id), kind=AreaKind.CITY).values_list("id", "name"))
    names |= dict(Station.objects.filter(area_id__startswith=area_id).values_list("id", "name"))
    of_stations = Q(subject_kind=SubjectKind.STATION) & ~Q(
        indicator="pm25_day"
    )  # the sheet shows PM2.5 of them
    rows = Assessment.objects.filter(end_on=on, subject_id__in=names).exclude(of_stations)
    rows = rows.order_by("subject_id", "indicator", "id")
    return tuple(_reading(row, names[row.subject_id]) for row in rows)


def _season_days(on: date) -> tuple[tuple[date, Decimal], ...]:
    """The city's daily PM2.5, not rounded, of this season up to the day and of the whole last one.

    Nothing outside a season.
    """
    try:
        this = season(on)
    except PeriodError:
        return ()
    last = same_period_last_year(this)
    city = city_area_id()
    return tuple(
        (day, to_decimal(float(value)))
        for first, end in ((last.start_on, last.end_on), (this.start_on, on))
        for day, value in daily_figures(city, "pm25_day", first, end).items()
        if value is not None
    )


def _reading(row: Assessment, name: str) -> Reading:
    of = AssessmentRecord(
        Subject(SubjectKind(row.subject_kind), row.subject_id),
        row.indicator,
        row.start_on,
        row.end_on,
        row.value,
        row.unit,
        row.edition,
        row.days_valid,
        row.days_dropped,
        row.base,
        row.target,
        tuple(filter(None, row.primary.split(","))),
        _footnotes(row.footnotes),
        row.raw,
        row.base_raw,
    )
    index = row.value is not None and row.indicator.startswith("aqi")
    level = level_of(int(row.value), row.edition) if index and row.value is not None else None
    return Reading(row.id, name, of, level, row.counterfactual)


def _footnotes(rows: list[list[str]]) -> tuple[Footnote, ...]:
    return tuple(Footnote(*row) for row in rows)


def _warning(area_id: str, on: date, as_of: datetime) -> WarningFacts | None:
    """The newest episode that touched the day, with what was signed by its end, or by `as_of` before that."""
    episodes = Warning.objects.filter(area_id__in=_above(area_id), started_at__lt=at(on, 24))
    episode = (
        episodes.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=at(on, 0)))
        .order_by("-started_at")
        .first()
    )
    if episode is None:
        return None
    signed = list(
        episode.decisions.filter(signed_at__lte=min(as_of, at(on, 24))).order_by(
            "signed_at", "start_at", "id"
        )
    )
    names = dict(
        Person.objects.filter(
            id__in={d.signer for d in signed} | {d.override_by for d in signed}
        ).values_list("id", "name")
    )
    titles: dict[str, str] = defaultdict(str)
    titles |= dict(
        Post.objects.filter(person_id__in=names, duty="signer")
        .order_by("-id")
        .values_list("person_id", "title")
    )
    decisions = tuple(_decision(row, names, titles) for row in signed)
    return WarningFacts(episode.id, episode.started_at, episode.drill, decisions)


def _decision(row: Decision, names: dict[str, str], titles: dict[str, str]) -> DecisionFacts:
    return DecisionFacts(
        id=row.id,
        number=row.number,
        kind=DecisionKind(row.kind),
        level=Level(row.level),
        basis=Basis(row.basis),
        reason=row.reason,
        forecast=tuple((date.fromisoformat(day), int(aqi)) for day, aqi in row.forecast),
        edition=row.edition,
        signer=titles[row.signer] + names.get(row.signer, row.signer),
        signed_at=row.signed_at,
        start_at=row.start_at,
        counterfactual=row.counterfactual,
        footnotes=_footnotes(row.footnotes),
        override_by=names.get(row.override_by, row.override_by),
        override_reason=row.override_reason,
    )
