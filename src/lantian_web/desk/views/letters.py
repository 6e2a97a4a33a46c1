"""Rungs of supervision: the list, one with its facts and what may be done, its paper; drafting one by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lantian.errors import LantianError, StoreError
from lantian.records import Role
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.queries import person_names, unit_names
from lantian_web.accounts.rights import actor, may, visible
from lantian_web.desk import letter_paper, story
from lantian_web.desk import supervise_words as words
from lantian_web.desk.context import marks, moment, played
from lantian_web.desk.listing import Column, listing
from lantian_web.desk.task_words import TASK_STATES
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.letters import commands
from lantian_web.letters.models import Letter, LetterState
from lantian_web.tasks.models import Task

__all__ = ["letter", "letter_act", "letter_draft", "letter_file", "letters"]

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def _office(request: HttpRequest) -> User:
    if not viewer(request).staff:
        raise Http404
    return user_of(request)


def _one(request: HttpRequest, pk: str) -> Letter:
    return story.one(visible(_office(request), Letter.objects.filter(pk=pk)))


@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """Those in this log-in's rights, what waits for a signer first: a county sees its signed ones."""
    user, now = _office(request), moment(request)
    filters = {
        "rung": lambda rows, v: rows.filter(rung=v),
        "state": lambda rows, v: rows.filter(state=v),
    }
    columns = [
        Column(_("State"), "state"),
        Column(_("Rung"), "rung"),
        Column(_("Number"), "number"),
        Column(_("To"), "unit_id"),
        Column(_("Leader"), "leader_id"),
        Column(_("Tasks"), numeric=True),
        Column(_("Drafted"), "drafted_at"),
        Column(_("To be answered"), "answer_due_at"),
    ]
    table = listing(visible(user, Letter.objects.all()), request.GET, columns, filters, "-drafted_at")
    rows = list(table.page)
    names = unit_names({row.unit_id for row in rows}) | person_names({row.leader_id for row in rows})
    shown = [
        {
            "row": row,
            "rung": words.RUNGS.get(row.rung, row.rung),
            "unit": names.get(row.unit_id, row.unit_id),
            "leader": names.get(row.leader_id, row.leader_id),
            "light": _light(row, now),
            "state": _state(row, now),
        }
        for row in rows
    ]
    context = {
        "table": table,
        "rows": shown,
        "rungs": words.RUNGS.items(),
        "states": words.LETTER_STATES.items(),
        "analyst": viewer(request).analyst,
    }
    return render(request, "letters.html", context)


def _light(row: Letter, now: Any) -> str:
    if row.state == LetterState.DRAFTED:
        return "amber"
    if row.state == LetterState.DROPPED or row.answer_due_at is None:
        return "blind"
    if row.answered_at is not None:
        return "green"
    return "red" if row.answer_due_at <= now else "amber"


def _state(row: Letter, now: Any) -> str:
    if row.state != LetterState.SIGNED:
        return str(words.LETTER_STATES[row.state])
    if row.answered_at is not None:
        return _("Answered")
    late = row.answer_due_at is not None and row.answer_due_at <= now
    return _("Answer overdue") if late else _("To be answered")


@require_GET
def letter(request: HttpRequest, pk: str) -> HttpResponse:
    """One rung: its text from the frozen facts, how its tasks stand now, and what this log-in may do."""
    return _page(request, _one(request, pk))


def _page(request: HttpRequest, row: Letter, problem: str = "", status: int = 200) -> HttpResponse:
    user, now, who = user_of(request), moment(request), viewer(request)
    told = letter_paper.facts(row)
    known = {task.pk: task for task in visible(user, Task.objects.filter(letters__letter=row))}
    names = unit_names([row.unit_id, row.body_id]) | person_names(
        [row.leader_id, row.signer, row.dropped_by, row.answered_by, row.override_by, row.drafted_by]
    )
    people = {
        name: names.get(str(getattr(row, name)), "") for name in ("signer", "dropped_by", "answered_by")
    }
    mine = Person.objects.filter(pk=who.person_id, unit_id=row.unit_id, active=True).exists()
    context = {
        "row": row,
        "paper": letter_paper.laid(row, []),
        "rung": words.RUNGS.get(row.rung, row.rung),
        "trigger": words.TRIGGERS.get(row.trigger, row.trigger),
        "light": _light(row, now),
        "state": _state(row, now),
        "facts": [
            {
                "fact": fact,
                "seen": fact.task in known,
                "now": TASK_STATES.get(known[fact.task].state, "") if fact.task in known else "",
            }
            for fact in told
        ],
        "unit": names.get(row.unit_id, row.unit_id),
        "leader": names.get(row.leader_id, row.leader_id),
        "override_by": names.get(row.override_by, row.override_by),
        "people": people,
        "before": [each.before for each in row.stands_on.select_related("before").order_by("pk")],
        "may_sign": row.state == LetterState.DRAFTED
        and commands.may_sign(who.person_id, row.rung, row.body_id, now),
        "may_answer": row.state == LetterState.SIGNED
        and row.answered_at is None
        and (mine or who.person_id == row.leader_id),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "letters_one.html", context, status=status)


@require_POST
def letter_act(request: HttpRequest, pk: str) -> HttpResponse:
    """Sign, drop or answer; back to the page with what was done, or why not."""
    row, now, by = _one(request, pk), moment(request), actor(user_of(request), leaders=True)
    action = request.POST.get("action", "")
    try:
        match action:
            case "sign":
                commands.sign(row.pk, by, now)
            case "drop":
                commands.drop(row.pk, request.POST.get("reason", ""), by, now)
            case "answer":
                commands.answer(row.pk, request.POST.get("text", ""), by, now)
            case _:
                raise Http404
    except LantianError as error:
        row.refresh_from_db()
        return _page(request, row, words.refused(error), 422)
    done = {"sign": _("Signed."), "drop": _("Dropped."), "answer": _("Answered.")}
    messages.success(request, done[action])
    return redirect("letter", row.pk)


@require_GET
def letter_file(request: HttpRequest, pk: str, ext: str) -> HttpResponse:
    """The paper as Word or PDF."""
    row = _one(request, pk)
    if ext not in TYPES:
        raise Http404
    as_of = row.signed_at or row.drafted_at
    try:
        data = letter_paper.RENDERERS[ext](letter_paper.laid(row, marks(played(request))), as_of)
    except StoreError:
        messages.error(request, _("The paper cannot be made here: a font is missing."))
        return redirect("letter", row.pk)
    answer = HttpResponse(data, content_type=TYPES[ext])
    answer["Content-Disposition"] = f'attachment; filename="{row.rung}-{row.pk[-8:]}.{ext}"'
    return answer


@require_POST
def letter_draft(request: HttpRequest) -> HttpResponse:
    """An analyst drafts a rung about some tasks of one addressee."""
    user = _office(request)
    ids = request.POST.getlist("task")[:200]
    rung = request.POST.get("rung", "")
    known = list(visible(user, Task.objects.filter(pk__in=ids)).values_list("pk", flat=True))
    if not may(user, Role.ANALYST) or rung not in words.RUNGS or len(known) != len(set(ids)):
        raise Http404
    try:
        row = commands.draft(rung, known, actor(user), moment(request), request.POST.get("override", ""))
    except LantianError as error:
        messages.error(request, words.refused(error))
        return redirect("supervise")
    messages.success(request, _("Drafted; it waits for its signer."))
    return redirect("letter", row.pk)
