"""The ranking wall: who is ranked by what over which days, what noise allows to say, and what stands behind a county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from lantian.assess.membership import PROVINCE, Membership, membership, province_of
from lantian.assess.ranking import NotRanked, Ranking, RankRow, ranking
from lantian.errors import StandardsError
from lantian.inventory import AreaKind
from lantian.records import TaskState
from lantian.standards import table
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible, visible_areas
from lantian_web.assessments import panels
from lantian_web.desk import strip, wording
from lantian_web.desk.air_words import RANK_SETS
from lantian_web.desk.footnotes import notes_of
from lantian_web.desk.kept import kept
from lantian_web.desk.ledger import dust_days
from lantian_web.desk.rank_months import MonthRow, RankMonths, month_span, rank_months
from lantian_web.desk.source_words import EDITIONS
from lantian_web.desk.spans import LAST_YEAR, PREVIOUS, Span, played
from lantian_web.inventory.models import Area
from lantian_web.inventory.queries import overlay_rows, own_city
from lantian_web.orders.models import Order
from lantian_web.tasks.models import Task

__all__ = ["BY", "COUNTIES", "RankPage", "rank_page", "sets"]

COUNTIES = "counties"
BY = ("index", "pm25_mean", "good_ratio")
UNITS = {"pm25_mean": "ug/m3", "good_ratio": "%"}
WALL_ALL, WALL_ENDS, WALL_NEAR = 20, 8, 1


@dataclass(frozen=True, slots=True)
class Line:
    """One place as the wall shows it. `brace` is its part of the bracket; `gap` counts places left out above it."""

    row: RankRow
    name: str
    area_id: str
    url: str
    own: bool
    zone: bool
    x: float
    brace: str
    said: bool
    moved: str
    because: str
    orders: int | None
    tasks: int | None
    gap: int = 0

    @property
    def behind(self) -> bool:
        return self.orders is not None


@dataclass(frozen=True, slots=True)
class RankPage:
    """All the page shows."""

    set: str
    sets: tuple[tuple[str, str], ...]
    by: str
    span: Span
    vs: str
    wall: bool
    name: str
    made: Ranking | None
    lines: tuple[Line, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    months: RankMonths | None
    own: str
    names: Mapping[str, str]
    said: tuple[str, ...]
    notes: tuple[tuple[str, str, str, str], ...]

    @property
    def unit(self) -> str:
        return UNITS.get(self.by, "")

    @property
    def edition(self) -> str:
        """The edition that all is made under, in words; empty while nothing is."""
        return str(EDITIONS.get(self.made.edition, self.made.edition)) if self.made else ""

    @property
    def moves(self) -> bool:
        """Whether any place has a rank now and then."""
        return any(line.row.moved is not None for line in self.lines)

    @property
    def month_rows(self) -> tuple[MonthRow, ...]:
        """Places of the wall of months: of many only the ends and our own."""
        return self.months.short(self.own) if self.months else ()

    @property
    def left_out_n(self) -> int:
        return sum(len(names) for _why, names in self.left_out)

    @property
    def counties(self) -> bool:
        return self.set == COUNTIES


def sets() -> tuple[tuple[str, str], ...]:
    """(code, name) of the sets that can be ranked: the city's own sets, the counties, its province, other regions."""
    own = overlay_rows("regions")
    province = province_of(own_city(), own)
    found = {row.text("region"): row.text("name_zh") for row in own}
    found[COUNTIES] = wording.label(COUNTIES, "rank_set")
    for row in table("regions"):
        code = row.text("region")
        foreign = code.startswith(PROVINCE) and code != province
        if code not in found and not foreign:
            found[code] = str(RANK_SETS.get(code, row.text("name_zh")))
    return tuple(found.items())


def rank_page(
    user: User, params: Mapping[str, str], span: Span, now: datetime, areas: Sequence[Area]
) -> RankPage:
    """The ranking that the address asks for; unknown words fall back to the first set, the index, last year."""
    offered = sets()
    chosen = params.get("set", "")
    code = chosen if chosen in dict(offered) else offered[0][0]
    by = params.get("by", "") if params.get("by") in BY else BY[0]
    vs = params.get("vs", "") if params.get("vs") in (LAST_YEAR, PREVIOUS) else LAST_YEAR
    wall = params.get("wall") == "1"
    counties = [area for area in areas if area.kind != AreaKind.CITY]
    made, members = kept(lambda: _made(code, by, span, vs, counties), "rank", code, by, span.days, vs)
    names = {area.id: area.name for area in counties}
    own = own_city()
    lines = (
        _lines(made, code, own, {area.id: area for area in counties}, _behind(user, code, now))
        if made
        else []
    )
    if wall and len(lines) > WALL_ALL:
        lines = _cut(lines)
    return RankPage(
        code,
        offered,
        by,
        span,
        vs,
        wall,
        dict(offered)[code],
        made,
        tuple(lines),
        _left_out(made, names),
        None if wall else kept(lambda: _months(code, span, counties), "rank-months", code, span.days.end_on),
        own,
        names,
        _said(made, members),
        notes_of(made.footnotes) if made else (),
    )


def _made(
    code: str, by: str, span: Span, vs: str, counties: Sequence[Area]
) -> tuple[Ranking | None, Membership | None]:
    before = span.against(vs)
    first, last = min(before.start_on, span.days.start_on), span.days.end_on
    edition, dust = played(last), dust_days()
    if code == COUNTIES:
        ids = [area.id for area in counties]
        panel = panels.area_panel(ids, first, last)
        return ranking(panel, ids, span.days, by, previous=before, edition=edition, dust=dust), None
    try:
        members = membership(code, last, overlay_rows("regions"))
    except StandardsError:
        return None, None
    panel = panels.city_panel(list(members.cities), first, last)
    return ranking(panel, members, span.days, by, previous=before, edition=edition, dust=dust), members


def _months(code: str, span: Span, counties: Sequence[Area]) -> RankMonths | None:
    days, dust = month_span(span.days.end_on), dust_days()
    if code == COUNTIES:
        ids = [area.id for area in counties]
        return rank_months(panels.area_panel(ids, days.start_on, days.end_on), ids, dust) if ids else None
    try:
        members = membership(code, days.end_on, overlay_rows("regions"))
    except StandardsError:
        return None
    return rank_months(panels.city_panel(list(members.cities), days.start_on, days.end_on), members, dust)


def _behind(user: User, code: str, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Orders standing and open tasks by county, for the counties in this log-in's rights."""
    if code != COUNTIES:
        return {}
    allowed = visible_areas(user, Area.objects.exclude(kind=AreaKind.CITY)).values_list("id", flat=True)
    orders = _counted(visible(user, strip.standing(Order.objects.filter(start_at__lte=now), now)))
    closed = (TaskState.CLOSED, TaskState.WITHDRAWN)
    tasks = _counted(visible(user, Task.objects.exclude(state__in=closed)))
    return {area: (orders[area], tasks[area]) for area in allowed}


def _counted(rows: Any) -> Counter[str]:
    return Counter(dict(rows.order_by().values_list("area_id").annotate(n=Count("pk"))))


def _lines(
    made: Ranking,
    code: str,
    own: str,
    counties: Mapping[str, Area],
    behind: Mapping[str, tuple[int, int]],
) -> list[Line]:
    values = [float(row.value) for row in made.rows]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    sizes = Counter(row.band for row in made.rows if row.band)
    lines = []
    for place, row in enumerate(made.rows):
        area = counties.get(row.point)
        above = place and made.rows[place - 1].band == row.band
        below = place + 1 < len(made.rows) and made.rows[place + 1].band == row.band
        joined = sizes[row.band] > 1
        orders, tasks = behind.get(row.point, (None, None))
        lines.append(
            Line(
                row,
                area.name if area else row.point,
                area.id if area else "",
                reverse("area", args=[area.id]) if area else "",
                not area and row.point == own,
                bool(area and area.kind == AreaKind.ZONE),
                round(100 * (float(row.value) - low) / (high - low), 1) if high > low else 50.0,
                ("mid" if above and below else "end" if above else "top") if joined else "",
                joined and not above,
                _moved(row, made),
                wording.label(row.because.value, "item") if row.because else "",
                orders,
                tasks,
            )
        )
    return lines


def _moved(row: RankRow, made: Ranking) -> str:
    if row.moved is None:
        return "—" if made.previous is None or row.rank is None else _("no rank then")
    if row.moved == 0:
        return _("same place")
    text = _("▲ up %(n)d") if row.moved > 0 else _("▼ down %(n)d")
    said = text % {"n": abs(row.moved)}
    return said if row.clear else _("%(said)s, inside the noise") % {"said": said}


def _left_out(made: Ranking | None, names: Mapping[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Members without a place by the reason."""
    found: dict[str, list[str]] = {}
    for point, why in made.left_out if made else ():
        found.setdefault(_why(made, point, why), []).append(names.get(point, point))
    return tuple((why, tuple(places)) for why, places in found.items())


def _why(made: Ranking | None, point: str, why: str) -> str:
    lacks = made.missing.get(point, ()) if made and why == NotRanked.ITEM_MISSING else ()
    said = wording.label(why, "not_ranked")
    return said + _(": ") + "、".join(wording.label(kind.value, "item") for kind in lacks) if lacks else said


def _said(made: Ranking | None, members: Membership | None) -> tuple[str, ...]:
    if made is None:
        return ()
    said = [wording.label(note, "caveat") for note in made.notes]
    if members is not None and members.since:
        said.append(_("The list of members holds from %(day)s.") % {"day": members.since.isoformat()})
    elif members is not None:
        said.append(_("It is not known from when this list of members holds."))
    return tuple(dict.fromkeys(said))


def _cut(lines: Sequence[Line]) -> list[Line]:
    """For a wall that cannot hold all: the first, the last, and our own city with its neighbours."""
    own = next((n for n, line in enumerate(lines) if line.own), None)
    near = range(own - WALL_NEAR, own + WALL_NEAR + 1) if own is not None else range(0)
    keep = [n for n in range(len(lines)) if n < WALL_ENDS or n >= len(lines) - WALL_ENDS or n in near]
    cut, before = [], -1
    for n in keep:
        line, gap = lines[n], n - before - 1
        cut.append(replace(line, gap=gap) if gap else line)
        before = n
    return cut
