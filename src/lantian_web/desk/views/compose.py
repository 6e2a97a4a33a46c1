"""Typing an order, choosing whom it goes to, and the page of one batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.dispatch import RUNNING
from lantian.errors import LantianError
from lantian.records import TaskState
from lantian_web.accounts.models import Person, Unit, User
from lantian_web.accounts.rights import actor, acts, visible
from lantian_web.desk import compose as composing
from lantian_web.desk import lights
from lantian_web.desk.compose import Form, form_of, send_out
from lantian_web.desk.compose_words import kind_names, refused
from lantian_web.desk.conclusions import last_day
from lantian_web.desk.context import moment
from lantian_web.desk.listing import PAGE
from lantian_web.desk.picking import Reach, orders_in
from lantian_web.desk.task_words import TASK_STATES
from lantian_web.desk.viewer import user_of
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.rows import Answer
from lantian_web.tasks.keeping import keep_template, retire_template
from lantian_web.tasks.models import Task, Template
from lantian_web.tasks.parties import Senders
from lantian_web.tasks.reminding import remind
from lantian_web.tasks.turning import withdraw

__all__ = ["batch", "compose", "find", "match", "plants", "read", "templates"]

SHOWN = 200  # rows of a result that are listed; the batch's page has the others


def _reach(request: HttpRequest) -> Reach:
    """404 for a log-in that orders nothing."""
    user = user_of(request)
    if not orders_in(user):
        raise Http404
    return Reach(user)


@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """The form by itself; a POST sends, or only shows what the names it was given mean."""
    reach, now = _reach(request), moment(request)
    if request.method == "GET":
        return _form(request, form_of(reach, request.GET), now)
    form = form_of(reach, request.POST)
    fragment = bool(request.htmx)  # type: ignore[attr-defined]
    if form.unclear or not request.POST.get("send"):
        return _form(request, form, now)
    if not form.picked and not form.strangers and not fragment:
        named = tuple(reach.mentioned(form.text))
        if named:
            messages.info(request, _("The sentence names these; look at them and send once more."))
            return _form(request, form_of(reach, _with(request, named)), now)
    try:
        made = send_out(reach.user, reach, form, now)
    except LantianError as error:
        said = _("Not sent: %(reason)s.") % {"reason": refused(error)}
        if fragment:
            return HttpResponse(said, status=422, content_type="text/plain; charset=utf-8")
        messages.error(request, said)
        return _form(request, form, now, sure=getattr(error, "field", "") == "doubt")
    context = {
        "batch": made,
        "kind": kind_names(now.date()).get(made.category, made.category),
        "shown": SHOWN,
    }
    return render(request, "compose_sent.html" if fragment else "compose_done.html", context)


def _with(request: HttpRequest, named: Sequence[Any]) -> Any:
    given = request.POST.copy()
    given.setlist("target", [choice.key for choice in named])
    return given


def _form(request: HttpRequest, form: Form, now: datetime, sure: bool = False) -> HttpResponse:
    reach = Reach(user_of(request))
    return render(
        request,
        "compose.html",
        {
            "bar": composing.bar(reach.user, now, form),
            "places": list(reach.places().values_list("id", "name")),
            "alone": True,
            "sure": sure,
        },
    )


@require_GET
def read(request: HttpRequest) -> JsonResponse:
    """How the sentence is understood so far."""
    reach, now = _reach(request), moment(request)
    text = request.GET.get("text", "")[:400]
    try:
        made = composing.reading(reach, text, now, request.GET.get("category", ""))
    except LantianError as error:
        return JsonResponse({"why": refused(error)}, status=422)
    return JsonResponse(made.to_json(now))


@require_GET
def find(request: HttpRequest) -> JsonResponse:
    """Targets whose name or code fits what was typed."""
    found = _reach(request).find(request.GET.get("q", "")[:60])
    return JsonResponse({"found": [choice.to_json() for choice in found]})


@require_POST
def match(request: HttpRequest) -> JsonResponse:
    """Each pasted line matched exactly once, or with the choices it leaves; or names of given keys."""
    reach = _reach(request)
    lines = reach.match(request.POST.get("names", ""))
    return JsonResponse(
        {
            "lines": [
                {
                    "text": line.text,
                    "choice": line.choice.to_json() if line.choice else None,
                    "choices": [choice.to_json() for choice in line.choices],
                }
                for line in lines
            ]
        }
    )


@require_GET
def plants(request: HttpRequest) -> JsonResponse:
    """All plants of a county, light or trade, as targets."""
    reach, now = _reach(request), moment(request)
    area, light, trade = (request.GET.get(name, "") for name in ("area", "light", "trade"))
    rows = reach.plants().filter(area_id__startswith=area)
    rows = rows.filter(trade=trade) if trade else rows
    if light:
        seen = lights.plant_lights(reach.user, now, last_day(reach.user), area)
        lit = {plant.id for plant in seen if plant.light == light}
    found = [
        {
            "key": f"enterprise:{pk}",
            "name": name,
            "kind": "enterprise",
            "hint": reach.area_names.get(place, place),
        }
        for pk, name, place in rows.order_by("id").values_list("id", "name", "area_id")
        if not light or pk in lit
    ]
    return JsonResponse({"found": found})


@require_http_methods(["GET", "POST"])
def templates(request: HttpRequest) -> HttpResponse:
    """Kept sentences; a POST keeps one or retires one."""
    reach, now = _reach(request), moment(request)
    user = reach.user
    if request.method == "POST":
        by = actor(user)
        try:
            if retire := request.POST.get("retire", ""):
                row = visible(
                    user, Template.objects.filter(pk=retire if retire.isdecimal() and len(retire) < 15 else 0)
                ).first()
                if row is None:
                    raise Http404
                retire_template(row.pk, by, now)
            else:
                category = request.POST.get("category", "") or composing.ROUTINE
                text = request.POST.get("text", "")
                keep_template(request.POST.get("name", ""), category, text, reach.areas[0], by, now)
        except LantianError as error:
            return JsonResponse({"why": refused(error)}, status=422)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("compose")
    rows = composing.templates(user)
    told = [{"id": row.pk, "name": row.name, "category": row.category, "text": row.text} for row in rows]
    return JsonResponse({"templates": told})


@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest, pk: str) -> HttpResponse:
    """One sentence with its targets: who has claimed it, who has not."""
    user, now = user_of(request), moment(request)
    rows = visible(user, Task.objects.filter(batch_id=pk)) if pk else Task.objects.none()
    first = rows.select_related("parent").order_by("number").first()
    if first is None:
        raise Http404
    if request.method == "POST":
        return _batch_act(request, user, now, pk)
    leads = rows.filter(parent=None)
    counts = Counter(dict(leads.values_list("state").annotate(n=Count("id")).order_by()))
    state = request.GET.get("state", "")
    shown = leads.filter(state=state) if state in TASK_STATES else leads
    page = Paginator(shown.order_by("claimed_at", "number"), PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "compose_batch.html",
        {
            "first": first,
            "kind": kind_names(first.opened_at.date()).get(first.category, first.category),
            "counts": [(code, TASK_STATES[code], counts[code]) for code in TASK_STATES if counts[code]],
            "total": sum(counts.values()),
            "waiting": leads.filter(state=TaskState.ISSUED).count(),
            "state": state,
            "page": page,
            "rows": _rows(list(page.object_list), now),
            "sender": Person.objects.filter(pk=first.opened_by).values_list("name", flat=True).first(),
            "mine": _mine(user, first, now),
            "ended": not leads.filter(state__in=RUNNING).exists(),
        },
    )


def _mine(user: User, task: Task, now: datetime) -> bool:
    """Whether this log-in decides for the sender; the commands ask again."""
    if user.person_id is None or not acts(user):
        return False
    try:
        Senders([user.person_id], now).check(user.person_id, task)
    except LantianError:
        return False
    return True


def _rows(tasks: Sequence[Task], now: datetime) -> list[dict[str, Any]]:
    plants = {task.plant_id for task in tasks}
    people = {p for task in tasks for p in (task.person_id, task.claimed_by)}
    names = dict(Enterprise.objects.filter(pk__in=plants).values_list("id", "name"))
    persons = dict(Person.objects.filter(pk__in=people).values_list("id", "name"))
    units = dict(Unit.objects.filter(pk__in={task.unit_id for task in tasks}).values_list("id", "name"))
    areas = dict(Area.objects.values_list("id", "name"))
    return [
        {
            "task": task,
            "name": names.get(task.plant_id) or units.get(task.unit_id, task.unit_id),
            "unit": units.get(task.unit_id, task.unit_id),
            "area": areas.get(task.area_id, task.area_id),
            "person": persons.get(task.person_id, "—"),
            "claimed": persons.get(task.claimed_by, ""),
            "light": lights.task_light(task, now),
        }
        for task in tasks
    ]


def _batch_act(request: HttpRequest, user: User, now: datetime, pk: str) -> HttpResponse:
    """Remind who has not claimed, or take back: at once what nobody has claimed, later with a reason."""
    by, action = actor(user), request.POST.get("action", "")
    rows = visible(user, Task.objects.filter(batch_id=pk))
    waiting = list(rows.filter(state=TaskState.ISSUED).order_by("number").values_list("pk", flat=True))
    if action == "remind":
        told = remind(waiting, by, now)
        done = ngettext("%(n)d reminded", "%(n)d reminded", _done(told)) % {"n": _done(told)}
    elif action == "undo":
        told = withdraw([(key, _("sent by mistake")) for key in waiting], by, now)
        done = ngettext("%(n)d taken back", "%(n)d taken back", _done(told)) % {"n": _done(told)}
        left = rows.exclude(state=TaskState.WITHDRAWN).filter(~Q(state=TaskState.ISSUED)).count()
        if left:
            done += _("; %(n)d are claimed already and stay") % {"n": left}
    elif action == "withdraw":
        going = rows.exclude(state__in=(TaskState.CLOSED, TaskState.WITHDRAWN)).order_by("number")
        reason = request.POST.get("reason", "").strip()
        told = withdraw([(key, reason) for key in going.values_list("pk", flat=True)], by, now)
        done = ngettext("%(n)d taken back", "%(n)d taken back", _done(told)) % {"n": _done(told)}
    else:
        raise Http404
    refusals = Counter(refused(answer.why) for answer in told if not answer.done)
    words = [f"{n} × {why}" for why, n in refusals.most_common()]
    if request.htmx:  # type: ignore[attr-defined]
        return JsonResponse({"done": done, "refused": words, "all": not refusals})
    messages.info(request, done)
    for word in words:
        messages.error(request, _("Not done: %(reason)s.") % {"reason": word})
    return redirect("batch", pk)


def _done(told: Sequence[Answer]) -> int:
    return sum(answer.done for answer in told)
