"""The duty desk: strip, queue, counties, air; and the three answers to a proposal."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from lantian.inventory import AreaKind
from lantian.periods import CITY_TZ
from lantian_web.accounts.rights import actor, visible, visible_areas
from lantian_web.desk import compose, geometry, lights, queue, series, strip, wording
from lantian_web.desk.conclusions import CANNOT_TELL
from lantian_web.desk.context import moment
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.findings import commands as findings
from lantian_web.findings.models import Finding
from lantian_web.inventory.models import Area
from lantian_web.tasks.models import Task, TaskFinding

__all__ = ["air", "decide", "desk", "sparks"]


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The queue is the page; nothing at the right is needed to act."""
    user, who, now = user_of(request), viewer(request), moment(request)
    if who.manager and who.plants:
        return redirect("plant", who.plants[0])
    if who.leader:
        return redirect("supervise")
    figures = strip.strip(user, now)
    plants = lights.plant_lights(user, now, figures.execution.on)
    counties = lights.area_lights(user, plants)
    return render(
        request,
        "desk.html",
        {
            "strip": figures,
            "queue": queue.build(user, who, now, request.GET.dict()),
            "whats": queue.WHATS if who.analyst else queue.WHATS[1:],
            "counties": counties,
            "drawing": geometry.draw(counties, city=lights.city_name()),
            "areas": visible_areas(user, Area.objects.exclude(kind=AreaKind.CITY)).order_by("id"),
            "bar": compose.bar(user, now),
            "replies": queue.replies_waiting(user),
        },
    )


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Confirm, call unfounded, or say that it cannot be told: all proposals of one plant and cause."""
    user, now = user_of(request), moment(request)
    plant, cause = request.POST.get("plant", ""), request.POST.get("cause", "")
    answer = request.POST.get("answer", "")
    ids = visible(user, Finding.objects.filter(pk__in=request.POST.getlist("id"))).values_list(
        "pk", flat=True
    )
    asked = list(ids)
    if not asked or answer not in ("confirm", "unfounded", CANNOT_TELL):
        raise Http404
    by = actor(user)
    if answer == "confirm":
        told = findings.confirm(asked, by, now)
    else:
        note = request.POST.get("note", "").strip()[:160]
        told = findings.dismiss(asked, by, now, f"{answer}: {note}" if note else answer)
    done = [a for a in told if a.done]
    refused = [wording.refusal(a.why) for a in told if not a.done]
    task_id = TaskFinding.objects.filter(finding_id__in=asked).values_list("task_id", flat=True).first()
    if not request.htmx:  # type: ignore[attr-defined]
        for said in [*([_said(answer, len(done))] if done else []), *refused]:
            messages.info(request, said)
        return redirect("case", task_id) if answer == "confirm" and task_id else redirect("desk")
    return render(
        request,
        "parts/decided.html",
        {
            "said": _said(answer, len(done)),
            "done": len(done),
            "refused": refused,
            "item": queue.finding_item(user, plant, cause, now) if refused else None,
            "answer": answer,
            "plant": request.POST.get("name", plant),
            "task": visible(user, Task.objects.filter(pk=task_id or "")).first(),
            "key": f"q-{plant}-{cause}",
        },
    )


def _said(answer: str, n: int) -> str:
    if answer == "confirm":
        return ngettext(
            "Confirmed %(n)d finding, a check is ordered", "Confirmed %(n)d findings, a check is ordered", n
        ) % {"n": n}
    if answer == "unfounded":
        return ngettext(
            "%(n)d finding set aside as unfounded", "%(n)d findings set aside as unfounded", n
        ) % {"n": n}
    return ngettext(
        "%(n)d finding set aside: cannot be told", "%(n)d findings set aside: cannot be told", n
    ) % {"n": n}


@require_GET
def sparks(request: HttpRequest) -> JsonResponse:
    """Small curves of the findings on the page, by finding id."""
    ids = request.GET.getlist("f")[: 2 * queue.PAGE]
    rows = list(visible(user_of(request), Finding.objects.filter(pk__in=ids)))
    return JsonResponse(series.sparks(rows))


@require_GET
def air(request: HttpRequest) -> JsonResponse:
    """City mean of PM2.5 per hour over three days, with the warning's start."""
    now = moment(request)
    decision = strip.current_decision(now)
    return JsonResponse(
        {
            "hours": strip.air_hours(now),
            "shift": int((now.astimezone(CITY_TZ).utcoffset() or timedelta()).total_seconds() * 1000),
            "order": [int(decision.start_at.timestamp() * 1000)] if decision else [],
        }
    )
