"""Tasks as a table with its state in the URL, and one step on many of them with an answer for each."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lantian.dispatch import OPEN_STATES, RUNNING
from lantian.errors import DataError
from lantian.inventory import UnitKind
from lantian.periods import local_day, to_ms
from lantian.records import TaskKind, TaskState
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.rights import actor, visible
from lantian_web.desk import lights
from lantian_web.desk.case_words import FINDING_KINDS
from lantian_web.desk.compose_words import kind_names, refused
from lantian_web.desk.context import moment
from lantian_web.desk.listing import Column, listing
from lantian_web.desk.picking import Reach, orders_in
from lantian_web.desk.typed import instant
from lantian_web.desk.viewer import user_of
from lantian_web.desk.views.lists import areas_of, plants_named
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.tasks import commands, turning
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.reminding import remind

__all__ = ["bulk", "tasks"]

MOST = 500  # tasks of one bulk action


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """All tasks in this log-in's rights."""
    return _tasks(request)


def _tasks(request: HttpRequest, told: list[dict[str, Any]] | None = None) -> HttpResponse:
    user, now = user_of(request), moment(request)
    filters = {
        "area": lambda rows, v: rows.filter(area_id__startswith=v),
        "kind": lambda rows, v: rows.filter(kind=v),
        "category": lambda rows, v: rows.filter(category=v),
        "state": lambda rows, v: _task_state(user, rows, v, now),
        "cause": lambda rows, v: rows.filter(cause=v),
        "batch": lambda rows, v: rows.filter(batch_id=v),
        "plant": lambda rows, v: rows.filter(Q(enterprise_id=v) | Q(about_id=v)),
        "q": lambda rows, v: _task_named(user, rows, v),
    }
    columns = [
        Column(_("Light")),
        Column(_("Number"), "number"),
        Column(_("Plant and matter")),
        Column(_("County"), "area_id"),
        Column(_("Responsible")),
        Column(_("Opened"), "opened_at"),
        Column(_("Time left"), "next_due_at"),
        Column(_("Escalated"), "step_peak", numeric=True),
    ]
    given = request.GET if request.method == "GET" else QueryDict(request.POST.get("query", ""))
    table = listing(visible(user, Task.objects.all()), given, columns, filters, "-opened_at")
    kinds = kind_names(local_day(to_ms(now)))
    context = {
        "table": table,
        "rows": _task_rows(table.page.object_list, now, kinds),
        "areas": areas_of(user),
        "kinds": [k.value for k in TaskKind],
        "categories": kinds,
        "states": ["open", "overdue", "asked", "look", *(s.value for s in TaskState)],
        "causes": list(FINDING_KINDS),
        "told": told,
        "query": given.urlencode(),
        "sends": bool(orders_in(user)),
        "units": list(Reach(user).units().exclude(kind=UnitKind.PLANT).order_by("area_id", "id"))
        if orders_in(user)
        else [],
        "filtered": bool(given),
    }
    return render(request, "tasks.html", context)


def _task_rows(page: Any, now: Any, kinds: dict[str, str]) -> list[dict[str, Any]]:
    plants = dict(Enterprise.objects.filter(pk__in={t.plant_id for t in page}).values_list("id", "name"))
    people = dict(Person.objects.filter(pk__in={t.person_id for t in page}).values_list("id", "name"))
    units = dict(Unit.objects.filter(pk__in={t.unit_id for t in page}).values_list("id", "name"))
    areas = dict(Area.objects.values_list("id", "name"))
    return [
        {
            "task": t,
            "light": lights.task_light(t, now),
            "plant": plants.get(t.plant_id) or units.get(t.unit_id, t.unit_id),
            "area": areas.get(t.area_id, t.area_id),
            "person": people.get(t.person_id, "—"),
            "kind": kinds.get(t.category, ""),
        }
        for t in page
    ]


def _task_named(user: User, rows: QuerySet[Task], text: str) -> QuerySet[Task]:
    """Tasks of plants with this in their name, or with this number or these words."""
    plants = plants_named(user, text)
    named = Q(enterprise_id__in=plants) | Q(about_id__in=plants) | Q(number=text)
    return rows.filter(named | Q(kind=TaskKind.DISPATCH, text__icontains=text))


def _task_state(user: User, rows: QuerySet[Task], value: str, now: Any) -> QuerySet[Task]:
    if value == "open":
        return rows.filter(state__in=OPEN_STATES)
    if value == "overdue":
        return rows.filter(state__in=RUNNING, next_due_at__lte=now)
    if value == "asked":
        open_ones = visible(user, Request.objects.filter(decided_at=None)).values_list("task_id", flat=True)
        return rows.filter(pk__in=list(open_ones[:MOST]))
    if value == "look":
        return rows.filter(state=TaskState.ON_HOLD, hold_until__lte=local_day(to_ms(now)))
    return rows.filter(state=value)


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One step on every task that was ticked, with an answer for each; or they are taken as targets of an order."""
    user, now = user_of(request), moment(request)
    ids = list(dict.fromkeys(request.POST.getlist("id")))[:MOST]
    rows = {task.pk: task for task in visible(user, Task.objects.filter(pk__in=ids))}
    if not rows or len(rows) != len(ids):
        raise Http404
    by, action = actor(user), request.POST.get("action", "")
    reason, unit = request.POST.get("reason", "").strip(), request.POST.get("unit", "")
    if action == "order":
        keys = dict.fromkeys(_target(task) for task in rows.values())
        return redirect(f"{reverse('compose')}?{urlencode([('target', key) for key in keys])}")
    match action:
        case "claim":
            answers = commands.claim(ids, by, now)
        case "remind":
            answers = remind(ids, by, now)
        case "withdraw":
            answers = turning.withdraw([(pk, reason) for pk in ids], by, now)
        case "insist":
            answers = turning.insist([(pk, reason) for pk in ids], by, now)
        case "transfer":
            if not Reach(user).units().filter(pk=unit).exists():
                raise Http404
            answers = turning.transfer([(pk, unit, reason) for pk in ids], by, now)
        case "extend":
            try:
                until = instant(request.POST.get("until", ""), "until")
            except DataError:
                until = now
            answers = turning.extend([(pk, until, reason) for pk in ids], by, now)
        case _:
            raise Http404
    told = [
        {"number": rows[a.id].number, "task": a.id, "done": a.done, "why": "" if a.done else refused(a.why)}
        for a in answers
    ]
    if request.POST.get("next") == "desk":
        for one in told:
            messages.info(request, f"{one['number']} {one['why'] or _('Done and written into the log.')}")
        return redirect("desk")
    return _tasks(request, told)


def _target(task: Task) -> str:
    if task.plant_id:
        return f"enterprise:{task.plant_id}"
    return f"unit:{task.unit_id}"
