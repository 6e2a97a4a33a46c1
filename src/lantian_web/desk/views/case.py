"""The case page: what was ordered, what was measured, what is concluded, who does the next step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lantian.dispatch import TaskEvent, allowed
from lantian.errors import LantianError, RightsError
from lantian.inventory import Duty
from lantian.records import FindingState, Outcome, TaskState
from lantian_web.accounts.models import User
from lantian_web.accounts.queries import holds, unit_of
from lantian_web.accounts.rights import actor, visible
from lantian_web.desk import lights, series, story, wording
from lantian_web.desk.context import moment
from lantian_web.desk.viewer import Viewer, user_of, viewer
from lantian_web.rows import Answer
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.models import Task, TaskFinding
from lantian_web.tasks.responsibility import Actors
from lantian_web.verdicts import commands as verdicts

__all__ = ["act", "case", "evidence", "finding", "power", "power_svg"]


@require_GET
def case(request: HttpRequest, pk: str) -> HttpResponse:
    """One task's case."""
    user, who, now = user_of(request), viewer(request), moment(request)
    told = story.case_of_task(user, pk)
    task = story.one([told.task] if told.task else [])
    light, word = lights.task_light(task, now)
    return render(
        request,
        "case.html",
        _page(request, told)
        | {"light": light, "word": word, "next": next_step(user, who, task), "kind": "tasks", "pk": pk},
    )


@require_GET
def finding(request: HttpRequest, pk: str) -> HttpResponse:
    """One finding's case; once it is joined to a task, the task's page tells it."""
    user, who = user_of(request), viewer(request)
    told = story.case_of_finding(user, pk)
    joined = TaskFinding.objects.filter(finding_id=pk).values_list("task_id", flat=True).first()
    if joined and visible(user, Task.objects.filter(pk=joined)).exists():
        return redirect("case", joined)
    chosen = next(f for f in told.findings if f.pk == pk)
    light, word = ("amber", _("To be confirmed")) if chosen.state == FindingState.PROPOSED else ("green", "")
    step = "decide" if chosen.state == FindingState.PROPOSED and who.analyst else ""
    extra = {"light": light, "word": word, "next": step, "finding": chosen, "kind": "findings", "pk": pk}
    return render(request, "case.html", _page(request, told) | extra)


def _page(request: HttpRequest, told: story.Case) -> dict[str, Any]:
    choices = told.line_choices
    asked = request.GET.get("line", "" if told.limit or not choices else choices[0].id)
    line = next((one for one in choices if one.id == asked), None)
    return {"case": told, "line": line, "lines": choices, "outcomes": [o.value for o in Outcome]}


def next_step(user: User, who: Viewer, task: Task) -> str:
    """What this log-in may do now: claim, answer, check, or nothing. The commands decide again."""
    if not who.person_id or task.state in (TaskState.CLOSED, TaskState.WITHDRAWN):
        return ""
    if task.state == TaskState.ANSWERED:
        handlers = {task.person_id, task.claimed_by, task.answered_by}
        barred = who.person_id in handlers or unit_of(who.person_id) == task.unit_id
        return (
            "check" if not barred and holds(who.person_id, [Duty.CHECKER, Duty.ANALYST], task.area_id) else ""
        )
    try:
        Actors([who.person_id]).check(who.person_id, task)
    except RightsError:
        return ""
    return "answer" if TaskEvent.ANSWER in allowed(TaskState(task.state)) else "claim"


@require_POST
def act(request: HttpRequest, pk: str) -> HttpResponse:
    """Claim, answer, or check: one command, then back to the case with what it said."""
    user, now = user_of(request), moment(request)
    story.one(visible(user, Task.objects.filter(pk=pk)))
    by, action = actor(user), request.POST.get("action", "")
    text = request.POST.get("text", "").strip()[:400]
    try:
        if action == "claim":
            told: Sequence[Answer] = tasks.claim([pk], by, now)
        elif action == "answer":
            told = tasks.answer([(pk, text)], by, now)
        elif action in ("close", "return"):
            outcome = Outcome(request.POST.get("outcome", ""))
            told = verdicts.check([(pk, outcome, action == "close", text)], by, now)
        else:
            raise Http404
    except (LantianError, ValueError) as error:
        messages.error(
            request, _("Not done: %(reason)s. Nothing was changed.") % {"reason": wording.refusal(error)}
        )
    else:
        for answer in told:
            if answer.done:
                messages.success(request, _("Done and written into the log."))
            else:
                messages.error(
                    request,
                    _("Not done: %(reason)s. Nothing was changed.") % {"reason": wording.refusal(answer.why)},
                )
    plant = request.POST.get("plant", "")
    return redirect("plant", plant) if plant else redirect("case", pk)


def _told(user: User, kind: str, pk: str) -> story.Case:
    return story.case_of_task(user, pk) if kind == "tasks" else story.case_of_finding(user, pk)


@require_GET
def power(request: HttpRequest, kind: str, pk: str) -> JsonResponse:
    """Series of the case's chart as JSON."""
    told = _told(user_of(request), kind, pk)
    line = request.GET.get("line", "")
    if line and line not in told.line_names:
        raise Http404
    return JsonResponse(series.chart(told, line, moment(request)))


@require_GET
def power_svg(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """The same chart drawn here, for a page without scripts."""
    told = _told(user_of(request), kind, pk)
    line = request.GET.get("line", "")
    drawn = series.chart(told, line if line in told.line_names else "", moment(request))
    return render(request, "parts/power.svg", series.drawing(drawn), content_type="image/svg+xml")


@require_GET
def evidence(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """The rows behind the case, read from the lake now, with their digests."""
    told = _told(user_of(request), kind, pk)
    found = series.sources(told, moment(request))
    return render(
        request,
        "parts/evidence.html",
        {"case": told, "sources": found, "rows": len(found) + len(told.findings) + len(told.orders[:1])},
    )
