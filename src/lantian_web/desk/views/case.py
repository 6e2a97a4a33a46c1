"""The case page: what was ordered, what was measured, what is concluded, who does the next step."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lantian.errors import LantianError, StoreError
from lantian.records import FindingState
from lantian.verify.proof import IMAGES, SUFFIXES
from lantian_store.evidence import EvidenceStore
from lantian_web.accounts.rights import visible
from lantian_web.desk import lights, series, step_words, story
from lantian_web.desk.acting import make_step
from lantian_web.desk.context import moment
from lantian_web.desk.steps import steps_for
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.tasks.models import Proof, Task, TaskFinding
from lantian_web.verdicts.queries import compliance_of

__all__ = ["act", "case", "evidence", "finding", "power", "power_svg", "proof"]

SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What a file that somebody handed in may do in a browser: be looked at."""


@require_GET
def case(request: HttpRequest, pk: str) -> HttpResponse:
    """One task's case."""
    user, now = user_of(request), moment(request)
    told = story.case_of_task(user, pk, now)
    task = story.one([told.task] if told.task else [])
    light, word = lights.task_light(task, now)
    days = compliance_of(task) if told.measured else None
    extra = {"light": light, "word": word, "kind": "tasks", "pk": pk, "said": days}
    return render(request, "case.html", _page(request, told) | extra | {"steps": steps_for(user, task, now)})


@require_GET
def finding(request: HttpRequest, pk: str) -> HttpResponse:
    """One finding's case; once it is joined to a task, the task's page tells it."""
    user, who = user_of(request), viewer(request)
    told = story.case_of_finding(user, pk, moment(request))
    joined = TaskFinding.objects.filter(finding_id=pk).values_list("task_id", flat=True).first()
    if joined and visible(user, Task.objects.filter(pk=joined)).exists():
        return redirect("case", joined)
    chosen = next(f for f in told.findings if f.pk == pk)
    light, word = ("amber", _("To be confirmed")) if chosen.state == FindingState.PROPOSED else ("green", "")
    decides = chosen.state == FindingState.PROPOSED and who.analyst
    extra = {
        "light": light,
        "word": word,
        "decides": decides,
        "finding": chosen,
        "kind": "findings",
        "pk": pk,
    }
    return render(request, "case.html", _page(request, told) | extra)


def _page(request: HttpRequest, told: story.Case) -> dict[str, Any]:
    choices = told.line_choices
    asked = request.GET.get("line", "" if told.limit or not choices else choices[0].id)
    line = next((one for one in choices if one.id == asked), None)
    return {"case": told, "line": line, "lines": choices}


@require_POST
def act(request: HttpRequest, pk: str) -> HttpResponse:
    """Make one step, then back to where it was asked for, with what was said to it."""
    user, now = user_of(request), moment(request)
    task = story.one(visible(user, Task.objects.filter(pk=pk)))
    try:
        make_step(request, user, task, now)
    except LantianError as error:
        reason = step_words.told(error)
        messages.error(request, _("Not done: %(reason)s. Nothing was changed.") % {"reason": reason})
    else:
        messages.success(request, _("Done and written into the log."))
    plant = request.POST.get("plant", "")
    if plant and plant == task.enterprise_id:
        return redirect("plant", plant)
    still = visible(user, Task.objects.filter(pk=pk)).exists()  # a transfer may take it out of one's sight
    return redirect("case", pk) if still else redirect("tasks")


@require_GET
def proof(request: HttpRequest, pk: str) -> HttpResponse:
    """A file handed in with a task, to those who see the task; its bytes are checked on the way out."""
    user = user_of(request)
    row = story.one(Proof.objects.filter(pk=pk, task__in=visible(user, Task.objects.all())))
    tag = f'"{row.sha256}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    try:
        data = EvidenceStore(settings.LANTIAN_HOME).get(row.sha256)
    except StoreError:
        return HttpResponse(
            _("The bytes of this file are not those that were handed in."),
            status=410,
            content_type="text/plain; charset=utf-8",
        )
    media = row.media if row.media in SUFFIXES else "application/octet-stream"
    answer = HttpResponse(data, content_type=media)
    shown = content_disposition_header(as_attachment=media not in IMAGES, filename=row.name)
    answer["Content-Disposition"] = shown or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = SEALED
    answer["Cache-Control"] = "private, no-cache"
    answer["ETag"] = tag
    return answer


def _told(request: HttpRequest, kind: str, pk: str) -> story.Case:
    user, now = user_of(request), moment(request)
    told = story.case_of_task(user, pk, now) if kind == "tasks" else story.case_of_finding(user, pk, now)
    if not told.measured:
        raise Http404
    return told


@require_GET
def power(request: HttpRequest, kind: str, pk: str) -> JsonResponse:
    """Series of the case's chart as JSON."""
    told = _told(request, kind, pk)
    line = request.GET.get("line", "")
    if line and line not in told.line_names:
        raise Http404
    return JsonResponse(series.chart(told, line, moment(request)))


@require_GET
def power_svg(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """The same chart drawn here, for a page without scripts."""
    told = _told(request, kind, pk)
    line = request.GET.get("line", "")
    drawn = series.chart(told, line if line in told.line_names else "", moment(request))
    return render(request, "parts/power.svg", series.drawing(drawn), content_type="image/svg+xml")


@require_GET
def evidence(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """The rows behind the case, read from the lake now, with their digests."""
    told = _told(request, kind, pk)
    found = series.sources(told, moment(request))
    return render(
        request,
        "parts/evidence.html",
        {"case": told, "sources": found, "rows": len(found) + len(told.findings) + len(told.orders[:1])},
    )
