"""The supervisor's page, the lists behind its lines, and silences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import DataError, LantianError
from lantian.observe.forms.cells import read_cell
from lantian.observe.forms.layout import Column as Field
from lantian.periods import local_day, to_ms
from lantian.records import Role
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.queries import person_names, unit_names
from lantian_web.accounts.rights import actor, may, visible, visible_areas, visible_units
from lantian_web.desk import supervise_page
from lantian_web.desk import supervise_words as words
from lantian_web.desk.context import moment
from lantian_web.desk.listing import Column, listing
from lantian_web.desk.task_words import CATEGORIES, TASK_KINDS, TASK_STATES
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.inventory.queries import plant_names
from lantian_web.letters import commands
from lantian_web.letters.limits import limit
from lantian_web.letters.models import Match, Silence
from lantian_web.letters.timeline import delays
from lantian_web.tasks.models import Task

__all__ = ["silence_end", "silences", "supervise", "supervise_list"]

FIRST = 5  # drafts shown among the decisions; the others are a click away


def _office(request: HttpRequest) -> User:
    """The log-in of an office: a plant has nothing to supervise."""
    if not viewer(request).staff:
        raise Http404
    return user_of(request)


@require_GET
def supervise(request: HttpRequest) -> HttpResponse:
    """Decisions first, then the overdue by leader, the silent, the noise."""
    user, now = _office(request), moment(request)
    page, me = supervise_page.page(user, now), viewer(request).person_id
    units = unit_names({row.unit_id for row in page.drafts})
    office = {
        key: commands.may_sign(me, *key, now) for key in {(row.rung, row.body_id) for row in page.drafts}
    }
    drafts = [
        {
            "row": row,
            "word": words.RUNGS.get(row.rung, row.rung),
            "why": words.TRIGGERS.get(row.trigger, row.trigger),
            "unit": units.get(row.unit_id, row.unit_id),
            "mine": office[row.rung, row.body_id],
        }
        for row in page.drafts
    ]
    drafts.sort(key=lambda each: not each["mine"])
    context = {
        "page": page,
        "drafts": drafts[:FIRST],
        "more": len(drafts[FIRST:]),
        "analyst": viewer(request).analyst,
        "shift_h": page.shift / timedelta(hours=1),
    }
    return render(request, "supervise.html", context)


@require_GET
def supervise_list(request: HttpRequest, what: str) -> HttpResponse:
    """The tasks behind a line, by leader or unit where one is named."""
    user, now = _office(request), moment(request)
    if what not in supervise_page.LISTED:
        raise Http404
    filters = {
        "leader": lambda rows, v: rows.filter(leader_id=v),
        "unit": lambda rows, v: rows.filter(unit_id=v),
        "area": lambda rows, v: rows.filter(area_id__startswith=v),
    }
    columns = [
        Column(_("Number"), "number"),
        Column(_("Was due"), "next_due_at"),
        Column(_("Matter")),
        Column(_("Unit, person"), "unit_id"),
        Column(_("Leader"), "leader_id"),
        Column(_("State"), "state"),
        Column(_("Whose delay it is")),
    ]
    table = listing(supervise_page.tasks_of(user, what, now), request.GET, columns, filters, "next_due_at")
    context = {
        "what": what,
        "word": words.LISTS[what],
        "table": table,
        "rows": _rows(list(table.page), now),
        "rungs": words.RUNGS.items(),
        "analyst": viewer(request).analyst,
        "drafts": what in ("overdue", "silent") and viewer(request).analyst,
    }
    return render(request, "supervise_list.html", context)


def _rows(rows: list[Task], now: datetime) -> list[Mapping[str, Any]]:
    names = unit_names({row.unit_id for row in rows}) | person_names(
        {row.leader_id for row in rows} | {row.person_id for row in rows}
    )
    plants = plant_names({row.plant_id for row in rows} - {""})
    late = delays(rows, now)
    return [
        {
            "row": row,
            "matter": " ".join(
                filter(
                    None, (plants.get(row.plant_id, ""), row.text or str(TASK_KINDS.get(row.kind, row.kind)))
                )
            ),
            "kind": CATEGORIES.get(row.category, ""),
            "unit": names.get(row.unit_id, row.unit_id),
            "person": names.get(row.person_id, row.person_id),
            "leader": names.get(row.leader_id, row.leader_id),
            "state": TASK_STATES.get(row.state, row.state),
            "late": [(words.LATE[each.part.value], each.late) for each in late[row.id].parts if each.late],
            "total": late[row.id].total,
        }
        for row in rows
    ]


# Silences -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def silences(request: HttpRequest) -> HttpResponse:
    """Silences that hold, with who, why and until when; and the past ones. POST sets one."""
    user, now = _office(request), moment(request)
    problem = ""
    if request.method == "POST":
        try:
            _set(request, user, now)
        except LantianError as error:
            problem = words.refused(error)
        else:
            messages.success(request, _("The silence holds."))
            return redirect("silences")
    rows = list(visible(user, Silence.objects.order_by("-until", "-pk"))[:200])
    people = person_names({row.author for row in rows} | {row.ended_by for row in rows})
    named = _named(rows)
    shown = [
        {
            "row": row,
            "word": words.MATCHES[row.match],
            "value": named.get((row.match, row.value), row.value),
            "author": people.get(row.author, row.author),
            "ended_by": people.get(row.ended_by, row.ended_by),
            "on": row.since <= now < row.until and row.ended_at is None,
        }
        for row in rows
    ]
    may_set = may(user, Role.ANALYST)
    context = {
        "on": [each for each in shown if each["on"]],
        "over": [each for each in shown if not each["on"]][:40],
        "may": may_set,
        "most": limit("silence_most", local_day(to_ms(now))),
        "matches": words.MATCHES.items(),
        "areas": visible_areas(user, Area.objects.all()).order_by("id") if may_set else [],
        "categories": CATEGORIES.items(),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "silences.html", context, status=422 if problem else 200)


def _set(request: HttpRequest, user: User, now: datetime) -> None:
    try:
        match = Match(request.POST.get("match", ""))
    except ValueError:
        raise Http404 from None
    value = _found(user, match, request.POST.get(f"value_{match.value}", "").strip())
    seen = read_cell(request.POST.get("until", ""), Field("until", "", "moment", True), "", "")
    if seen.fault or not isinstance(seen.value, datetime):
        raise DataError("the end is no instant", field="until")
    commands.silence(match, value, request.POST.get("reason", ""), seen.value, actor(user), now)


def _found(user: User, match: Match, typed: str) -> str:
    """What was typed, as an id: of what this log-in may see, by id or by its whole name."""
    if match is Match.AREA:
        rows = visible_areas(user, Area.objects.all())
    elif match is Match.UNIT:
        rows = visible_units(user)  # type: ignore[assignment]
    elif match is Match.ENTERPRISE:
        rows = visible(user, Enterprise.objects.all())  # type: ignore[assignment]
    elif match is Match.PERSON:
        rows = Person.objects.filter(unit__in=visible_units(user))  # type: ignore[assignment]
    else:
        return typed if typed in CATEGORIES else ""
    ids = set(rows.filter(pk=typed).values_list("pk", flat=True))
    ids = ids or set(rows.filter(name=typed).values_list("pk", flat=True)[:2])
    if len(ids) != 1:
        raise DataError("that names nothing, or more than one", field="value")
    return str(ids.pop())


def _named(rows: list[Silence]) -> dict[tuple[str, str], str]:
    values: dict[str, set[str]] = {}
    for row in rows:
        values.setdefault(row.match, set()).add(row.value)
    models = {"area": Area, "unit": Unit, "enterprise": Enterprise, "person": Person}
    found = {("category", key): str(word) for key, word in CATEGORIES.items()}
    for match, ids in values.items():
        if match in models:
            names = models[match].objects.filter(pk__in=ids).values_list("pk", "name")  # type: ignore[attr-defined]
            found |= {(match, str(key)): name for key, name in names}
    return found


@require_POST
def silence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a silence before its time."""
    user = _office(request)
    if not visible(user, Silence.objects.filter(pk=pk)).exists():
        raise Http404
    try:
        commands.end_silence(pk, actor(user), moment(request))
    except LantianError as error:
        messages.error(request, words.refused(error))
    else:
        messages.success(request, _("The silence is over."))
    return redirect("silences")
