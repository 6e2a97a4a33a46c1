"""The frame around every page: clock, city, marker, theme, navigation."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.inventory import AreaKind
from lantian.periods import from_ms
from lantian_web.desk.viewer import Viewer, viewer
from lantian_web.events.models import Cursor
from lantian_web.inventory.models import Area

__all__ = ["frame", "marks", "moment", "played"]

THEMES = ("day", "night")


def moment(request: HttpRequest) -> datetime:
    """The play clock, or wall time where nothing is played (one query, kept on the request)."""
    return _clock(request)[0]


def played(request: HttpRequest) -> dict[str, Any]:
    """What is played here; empty where nothing is."""
    return _clock(request)[1]


def _clock(request: HttpRequest) -> tuple[datetime, dict[str, Any]]:
    kept = getattr(request, "_lantian_clock", None)
    if kept is not None:
        return kept  # type: ignore[no-any-return]
    cursors = {cursor.name: cursor for cursor in Cursor.objects.filter(name__in=("clock", "play"))}
    now = from_ms(cursors["clock"].value) if "clock" in cursors else timezone.now()
    play = json.loads(cursors["play"].text) if "play" in cursors and cursors["play"].text else {}
    request._lantian_clock = (now, play)  # type: ignore[attr-defined]
    return now, play


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every full page; fragments swapped in by htmx ask for less."""
    theme = request.COOKIES.get("theme", "")
    now, play = _clock(request)
    base: dict[str, Any] = {"now": now, "theme": theme if theme in THEMES else "", "play": play}
    if not request.user.is_authenticated:
        return base
    who = viewer(request)
    base["viewer"] = who
    if getattr(request, "htmx", False):
        return base
    city = Area.objects.filter(kind=AreaKind.CITY).first()
    over_city = city is not None and city.id in who.areas
    nav = _nav(request, who, over_city)
    return base | {"city": city.name if city else "", "nav": nav, "marks": marks(play)}


def _nav(request: HttpRequest, who: Viewer, over_city: bool) -> dict[str, list[dict[str, Any]]]:
    """Pages by how often they are opened: `main` stands in the bar, `more` behind one word."""
    office, county = who.analyst, who.dispatcher and not who.analyst
    staff, leader = not who.manager, who.leader
    pages = [
        (leader, pgettext("page", "Supervision"), "supervise", False),
        (leader, _("Letters"), "letters", False),
        (staff and not leader, _("Duty desk"), "desk", False),
        (county, _("My county"), "county", False),
        (staff, _("Map"), "map", False),
        (True, pgettext("page", "Air"), "area_now", False),
        (staff, pgettext("page", "Targets"), "targets", False),
        (staff, pgettext("page", "Ranking"), "ranking", False),
        (True, _("Orders"), "orders", False),
        (True, _("Tasks"), "tasks", False),
        (office or county, pgettext("page", "Supervision"), "supervise", False),
        (office or (leader and over_city), _("Consultations"), "consultations", False),
        (staff, _("Papers"), "bulletins", True),
        (office or county, _("Letters"), "letters", True),
        (office or county, _("Notices"), "notices", True),
        (office or county, _("Replies"), "replies", True),
        (True, pgettext("page", "People"), "people", not who.manager),
        (office, _("Import"), "imports", True),
    ]
    own = [(_("My plant"), reverse("plant", args=[plant]), False) for plant in who.plants]
    shown = [(word, reverse(name), more) for may, word, name, more in pages if may]
    made: dict[str, list[dict[str, Any]]] = {"main": [], "more": []}
    for word, url, more in [*own, *shown]:
        here = request.path == url or (url != "/" and request.path.startswith(url))
        made["more" if more else "main"].append({"word": word, "url": url, "here": here})
    return made


def marks(play: dict[str, Any]) -> list[str]:
    """What is not real on this page, one sentence each."""
    if not play:
        return []
    said = []
    if play.get("drill", True):
        said.append(_("Drill"))
    if play.get("air") == "real":
        said.append(_("the air is real (city archive), plants, meters and people are invented"))
        said.append(_("the calendar is replayed"))
    else:
        said.append(_("an invented city: air, plants, meters and people are rehearsed"))
    if play.get("edition"):
        said.append(
            _("rules counterfactual: edition %(edition)s applied to days before it")
            % {"edition": play["edition"]}
        )
    return said
