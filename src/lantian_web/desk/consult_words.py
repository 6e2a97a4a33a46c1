"""Words of consultations: states, results, gaps, events, and the figures that were known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from lantian_web.assessments.words import sector_name
from lantian_web.consultations.queries import Gap
from lantian_web.desk import wording

__all__ = [
    "ADVICE_STATES",
    "EVENTS",
    "RESULTS",
    "STATES",
    "Shown",
    "air_words",
    "gap_words",
    "shown",
    "tasks_words",
]

STATES = {"draft": lazy("being written"), "closed": pgettext_lazy("record", "closed")}
ADVICE_STATES = {
    "open": lazy("not decided"),
    "adopted": lazy("adopted"),
    "not_adopted": lazy("not adopted"),
    "deferred": lazy("deferred"),
}
RESULTS = {
    "effective": lazy("effective"),
    "not_effective": lazy("not effective"),
    "cannot_tell": lazy("cannot tell"),
    "still_running": lazy("still running"),
    "carried_over": lazy("carried over"),
}
LIGHTS = {"open": "amber", "adopted": "green", "not_adopted": "blind", "deferred": "amber"}
RESULT_LIGHTS = {
    "effective": "green",
    "not_effective": "red",
    "cannot_tell": "blind",
    "still_running": "amber",
    "carried_over": "amber",
}
GAPS = {
    "chair": lazy("nobody is named as chair"),
    "presence": lazy("%(what)s: neither there nor its absence said"),
    "look": lazy("no result looked at: %(what)s"),
    "undecided": lazy("advice %(what)s is not decided"),
    "outcome": lazy(
        "advice %(what)s is adopted, but became neither a task nor an order, and no reason says why"
    ),
}
EVENTS = {
    "consultation.opened": lazy("Record opened"),
    "consultation.figures": lazy("Figures read anew"),
    "consultation.changed": lazy("Time or place changed"),
    "consultation.attended": lazy("Entered in the list of those present"),
    "consultation.struck": lazy("Struck from the list"),
    "consultation.agenda": lazy("Item added"),
    "consultation.said": lazy("Item written"),
    "consultation.advised": lazy("Advice given"),
    "consultation.advice_struck": lazy("Advice struck"),
    "consultation.decided": lazy("Advice decided"),
    "consultation.sent": lazy("Advice sent as tasks"),
    "consultation.linked": lazy("Advice linked"),
    "consultation.looked": lazy("Result looked at"),
    "consultation.closed": lazy("Record closed"),
    "consultation.added": lazy("Added to the closed record"),
}
FIGURES = {
    "aqi_24h": lazy("AQI of the last 24 h"),
    "aqi_day": lazy("AQI of the last day"),
    "pm25_day": lazy("PM2.5 of the last day"),
    "pm25_season": lazy("Season PM2.5 so far"),
    "gap": lazy("Gap to the season's target"),
    "wind": lazy("Wind of yesterday and today"),
    "forecast": lazy("Forecast"),
    "warning": lazy("Warning"),
    "announced": lazy("Signed, begins later"),
    "tasks_open": lazy("Open tasks"),
    "tasks_overdue": lazy("Overdue tasks"),
    "to_confirm": lazy("Findings to confirm"),
}
PLACES = {"pm25_season": 1, "gap": 1}


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure as the page and the paper write it; `row` leads to where it came from."""

    key: str
    word: str
    value: str
    note: str
    row: tuple[str, str] | None


def shown(figures: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """The figures in words, in their order."""
    return [_shown(figure) for figure in figures]


def _shown(figure: Mapping[str, Any]) -> Shown:
    key, row = str(figure["key"]), figure.get("row")
    return Shown(
        key,
        str(FIGURES.get(key, key)),
        _value(key, figure),
        _note(key, figure),
        (str(row[0]), str(row[1])) if row else None,
    )


def _value(key: str, figure: Mapping[str, Any]) -> str:
    value = figure["value"]
    if value is None:
        return "—"
    if key in ("warning", "announced"):
        return wording.label(value, "level")
    if key in ("wind", "forecast"):
        return _many(key, figure)
    number = wording.number(value, PLACES.get(key, 0))
    if key == "gap" and not str(value).startswith("-"):
        number = f"+{number}"
    unit = wording.label(figure.get("unit", ""), "unit")
    return f"{number} {unit}".strip()


def _many(key: str, figure: Mapping[str, Any]) -> str:
    more = figure["more"]
    if key == "wind":
        parts = [f"{sector_name(k)} {share} %" for k, share in more["sectors"]]
        return _(", ").join([*parts, _("calm %(share)d %%") % {"share": more["calm"]}])
    item = "" if more["item"] == "aqi" else "PM2.5 "
    days = [
        f"{wording.day_text(date.fromisoformat(day))} {item}{'—' if v is None else v}"
        for day, v in more["days"]
    ]
    return _(", ").join(days) or "—"


def _note(key: str, figure: Mapping[str, Any]) -> str:
    more = figure.get("more") or {}
    if key == "aqi_24h":
        return _("rolling, at the hour of the record") if figure["value"] is not None else ""
    if key in ("aqi_day", "pm25_day") and figure.get("on"):
        return wording.day_text(date.fromisoformat(figure["on"]))
    if key == "pm25_season" and "base" in more:
        return _("last year %(base)s") % {"base": wording.number(more["base"], 1)}
    if key == "gap":
        if "target" not in more:
            return _("No target in force")
        return _("target %(target)s, above it with +") % {"target": wording.number(more["target"], 1)}
    if key == "wind" and figure["value"] is not None:
        return _("where the wind came from, not who made the air bad")
    if key == "forecast" and more.get("issued"):
        issued = datetime.fromisoformat(more["issued"])
        return _("issued %(when)s") % {"when": wording.day_clock(issued)}
    return str(more.get("number", "")) if key in ("warning", "announced") else ""


def gap_words(gaps: Sequence[Gap]) -> list[str]:
    """What is missing, a sentence each."""
    return [str(GAPS[gap.code]) % {"what": gap.what} for gap in gaps]


def tasks_words(facts: Mapping[str, Any]) -> str:
    """How the tasks of an advice stood."""
    if not facts.get("tasks"):
        return _("no task")
    said = [_("%(done)d of %(all)d tasks closed") % {"done": facts["done"], "all": facts["tasks"]}]
    if facts.get("overdue"):
        said.append(_("%(n)d overdue") % {"n": facts["overdue"]})
    if facts.get("withdrawn"):
        said.append(_("%(n)d withdrawn") % {"n": facts["withdrawn"]})
    said += [f"{wording.label(code, 'outcome')} {n}" for code, n in facts.get("outcomes", {}).items()]
    return _(", ").join(said)


def air_words(facts: Mapping[str, Any]) -> str:
    """City PM2.5 before and after, as plain figures; empty when neither can be told."""
    before, after = facts.get("before"), facts.get("after")
    if before is None and after is None:
        return ""
    return _(
        "PM2.5 before %(before)s (%(m)d d), after %(after)s (%(n)d d) µg/m³: plain means, no effect of it"
    ) % {
        "before": wording.number(before, 1),
        "m": facts.get("before_days", 0),
        "after": wording.number(after, 1),
        "n": facts.get("after_days", 0),
    }
