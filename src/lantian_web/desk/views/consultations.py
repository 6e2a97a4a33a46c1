"""Consultations: the list, the page that the keeper types in during the meeting, and the record on paper.

Everything here stays in the city office: rows come through row rights, and only its analysts write.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import LantianError, LawError
from lantian.periods import CITY_TZ, local_day, to_ms
from lantian.records import Role
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import CASE_ROLES, actor, grants_of, may, reaches, visible
from lantian_web.consultations import commands, outcomes, queries
from lantian_web.consultations.kinds import kinds
from lantian_web.consultations.models import Consultation, RecordState
from lantian_web.desk import consult_acts, consult_paper, consult_words, consultation, story
from lantian_web.desk.context import marks, moment, played
from lantian_web.desk.listing import Column, listing
from lantian_web.desk.typed import instant
from lantian_web.desk.viewer import user_of
from lantian_web.inventory.models import Area
from lantian_web.inventory.queries import city_area_id

__all__ = ["consultation_act", "consultation_file", "consultation_page", "consultations"]

TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
QUARTER = timedelta(minutes=15)


@require_http_methods(["GET", "POST"])
def consultations(request: HttpRequest) -> HttpResponse:
    """All records in this log-in's rights; POST opens one."""
    user, now = user_of(request), moment(request)
    if not _reads(user):
        raise Http404
    if request.method == "POST":
        return _open(request, user, now)
    filters = {
        "kind": lambda rows, v: rows.filter(kind=v),
        "state": lambda rows, v: rows.filter(state=v),
        "q": lambda rows, v: rows.filter(
            Q(number__icontains=v) | Q(advice__text__icontains=v) | Q(attendees__name__icontains=v)
        ).distinct(),
    }
    columns = [
        Column(_("Number"), "number"),
        Column(_("Kind")),
        Column(_("Held"), "held_at"),
        Column(_("Chair")),
        Column(_("Advice"), numeric=True),
        Column(str(consult_words.ADVICE_STATES["adopted"]), numeric=True),
        Column(_("State"), "state"),
    ]
    table = listing(visible(user, queries.records()), request.GET, columns, filters, "-held_at")
    known = kinds(local_day(to_ms(now)))
    names = {each.key: each.name for each in known}
    rows = [(row, names.get(row.kind, row.kind), consultation.chair_of(row)) for row in table.page]
    context = {
        "table": table,
        "rows": rows,
        "kinds": known,
        "states": consult_words.STATES,
        "writes": _writes(user),
        "at": _next_quarter(now),
    }
    return render(request, "consultations.html", context)


def _city() -> Consultation:
    """A record of the city that is not kept: what rights are asked of before there is one."""
    return Consultation(area_id=city_area_id())


def _reads(user: User) -> bool:
    """Grants over the city read the records, there be any or not; its analysts write them."""
    try:
        city = _city()
    except LawError:
        return False
    return any(grant.role in CASE_ROLES and reaches(grant, city) for grant in grants_of(user))


def _writes(user: User) -> bool:
    try:
        return may(user, Role.ANALYST, _city())
    except LawError:
        return False


def _next_quarter(now: datetime) -> datetime:
    local = now.astimezone(CITY_TZ).replace(second=0, microsecond=0)
    return local + (QUARTER - timedelta(minutes=local.minute % 15)) % QUARTER


def _open(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    if not _writes(user):
        raise Http404
    try:
        row = commands.open_consultation(
            request.POST.get("kind", ""),
            instant(request.POST.get("held_at", ""), "held_at"),
            actor(user),
            now,
            place=request.POST.get("place", ""),
        )
    except LantianError as error:
        messages.error(request, _not_done(error))
        return redirect("consultations")
    return redirect("consultation", row.pk)


def _not_done(error: LantianError) -> str:
    return _("Not done: %(reason)s. Nothing was changed.") % {"reason": consult_acts.reason(error)}


@require_GET
def consultation_page(request: HttpRequest, pk: str) -> HttpResponse:
    """One record; to be written in while it is open."""
    user, row = user_of(request), _one(request, pk)
    return render(request, "consultation.html", _context(request, user, row))


def _one(request: HttpRequest, pk: str) -> Consultation:
    return story.one(visible(user_of(request), Consultation.objects.filter(pk=pk)))


def _context(request: HttpRequest, user: User, row: Consultation) -> dict[str, Any]:
    return {
        "page": consultation.page(user, row, moment(request), may(user, Role.ANALYST, row)),
        "results": consult_words.RESULTS,
        "state": consult_words.STATES[row.state],
        "files": [("docx", "Word"), ("pdf", "PDF"), ("html", "HTML")],
        "adds": may(user, Role.ANALYST, row) and row.state == RecordState.CLOSED,
    }


@require_POST
def consultation_act(request: HttpRequest, pk: str) -> HttpResponse:
    """One step of the keeper. With scripts the part that changed comes back, without them the whole page."""
    user, row, now = user_of(request), _one(request, pk), moment(request)
    if not may(user, Role.ANALYST, row):
        raise Http404
    by, said = actor(user), request.POST
    action = said.get("action", "")
    if action == "send":
        return _send(request, user, row, now)
    if action not in consult_acts.ACTS:
        raise Http404
    act, part = consult_acts.ACTS[action]
    problem = ""
    try:
        act(row, said, by, now)
    except LantianError as error:
        problem = _not_done(error)
    return _answer(request, user, row, part, problem, said.get("advice", ""))


def _answer(
    request: HttpRequest,
    user: User,
    row: Consultation,
    part: str,
    problem: str,
    advice_id: str = "",
    **told: Any,
) -> HttpResponse:
    row.refresh_from_db()
    if not request.htmx or part == "page":  # type: ignore[attr-defined]
        if problem:
            messages.error(request, problem)
        back = redirect("consultation", row.pk)
        if not request.htmx:  # type: ignore[attr-defined]
            return back
        return HttpResponse(headers={"HX-Redirect": back["Location"]})
    context = _context(request, user, row) | {"problem": problem, "part": part, "again": request.POST}
    if part == "row":
        context["one"] = consultation.advice_row(user, advice_id, problem=problem, **told)
    elif part == "new" and not problem:
        context["one"] = context["page"].advice[-1]
    elif part == "look":
        context["one"] = story.one(each for each in context["page"].looks if each.advice.pk == advice_id)
    return render(request, "parts/consult_answer.html", context)


def _send(request: HttpRequest, user: User, row: Consultation, now: datetime) -> HttpResponse:
    """Adopted advice as one sentence to many: what became of each target stands in the row."""
    said = request.POST
    advice_id = consult_acts.advice_of(row, said)
    targets, unknown = consultation.targets_of(user, said.getlist("area"), said.get("names", ""))
    told, problem = [], ""
    try:
        due = instant(said["due_at"], "due_at") if said.get("due_at") else None
        told = outcomes.send_advice(
            advice_id,
            said.get("category", ""),
            said.get("text", ""),
            targets,
            actor(user),
            now,
            due_at=due,
            again=said.get("again") == "1",
            token=said.get("token", "")[:40],
        )
    except LantianError as error:
        problem = _not_done(error)
    lines = consultation.told_of(user, told, unknown)
    if not request.htmx:  # type: ignore[attr-defined]
        for line in lines:
            messages.info(request, f"{line.word} {line.name} {line.note}")
    return _answer(request, user, row, "row", problem, advice_id, told=lines, asked=said.dict())


@require_GET
def consultation_file(request: HttpRequest, pk: str, ext: str) -> HttpResponse:
    """The record as Word, PDF or HTML, made from what is kept of it."""
    user, row = user_of(request), _one(request, pk)
    if ext not in TYPES:
        raise Http404
    shown = consultation.page(user, row, moment(request), writes=False)
    try:
        city = Area.objects.filter(pk=row.area_id).values_list("name", flat=True).first() or ""
        data = consult_paper.RENDERERS[ext](consult_paper.sheet(shown, city, marks(played(request))))
    except LantianError as error:
        messages.error(request, _not_done(error))
        return redirect("consultation", row.pk)
    answer = HttpResponse(data, content_type=TYPES[ext])
    name = f"consultation-{local_day(to_ms(row.held_at)).isoformat()}-{row.kind}.{ext}"
    answer["Content-Disposition"] = f'{"inline" if ext == "html" else "attachment"}; filename="{name}"'
    return answer
