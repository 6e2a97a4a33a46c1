"""Replies of the work chats: what waits for a person first, files taken in by hand, and who has not answered."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.dispatch.reply import Label
from lantian.errors import DataError, LantianError
from lantian.records import TaskState
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import actor, visible
from lantian_web.assessments.imports import keep, kept
from lantian_web.desk import reply_words as words
from lantian_web.desk.context import moment
from lantian_web.desk.story import one
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.inventory.models import Area
from lantian_web.replies import deciding, files, queries
from lantian_web.replies.matching import OTHERS_NAME
from lantian_web.replies.models import Reply, ReplyImport, ReplyState, Use
from lantian_web.tasks.models import Task

__all__ = ["replies", "replies_commit", "replies_receipt", "reply_act"]

PAGE, SHOWN, CHOICES, PREVIEWED = 30, 30, 40, 200
MOST_BYTES = 16 << 20
TOKEN_S = 24 * 3600
STATES = (ReplyState.WAITING, ReplyState.TAKEN, ReplyState.SETTLED, ReplyState.READ, ReplyState.DROPPED)
USES = {"sign": Use.SIGNED, "answer": Use.ANSWERED, "ask": Use.ASKED}
"""What a person says a waiting reply was, by button."""


def _areas(request: HttpRequest) -> tuple[User, list[str]]:
    """The areas of whose chats this log-in takes care; 404 for who takes care of none."""
    user, who = user_of(request), viewer(request)
    if not (who.analyst or who.dispatcher) or not who.areas:
        raise Http404
    return user, sorted(who.areas)


@require_http_methods(["GET", "POST"])
def replies(request: HttpRequest) -> HttpResponse:
    """Replies in this log-in's rights; POST looks into a file or a pasted text and shows what it holds."""
    user, areas = _areas(request)
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            context = _look(request, user, areas)
        except LantianError as error:
            context, status = {"problem": words.told(error)}, 422
    return render(request, "replies.html", _page(request, user, areas) | context, status=status)


def _page(request: HttpRequest, user: User, areas: list[str]) -> dict[str, Any]:
    now, state = moment(request), request.GET.get("state", ReplyState.WAITING)
    area = request.GET.get("area", "")
    rows, tasks = visible(user, Reply.objects.all()), visible(user, Task.objects.all())
    if area:
        rows, tasks = rows.filter(area_id__startswith=area), tasks.filter(area_id__startswith=area)
    counts = {each.value: rows.filter(state=each).count() for each in STATES}
    if state not in counts:
        raise Http404
    listed = (
        queries.waiting(rows)
        if state == ReplyState.WAITING
        else rows.filter(state=state).order_by("-received_at", F("sent_at").desc(nulls_last=True), "id")
    )
    page = Paginator(listed.prefetch_related("tasks__task"), PAGE).get_page(request.GET.get("page"))
    silent = queries.silent(tasks, now)
    imports = ReplyImport.objects.order_by("-at", "-pk")
    return {
        "rows": _rows(user, page, tasks),
        "page": page,
        "state": state,
        "states": [(code, words.STATES[code], counts[code]) for code in counts],
        "area": area,
        "areas": _below(areas),
        "upload_areas": Area.objects.filter(pk__in=areas).order_by("id"),
        "silent": silent[:SHOWN],
        "silent_units": len(silent),
        "silent_tasks": sum(unit.tasks for unit in silent),
        "times": queries.sign_times(tasks, now),
        "imports": [row for row in imports[:200] if row.area_id in areas or _below_one(row.area_id, areas)][
            :10
        ],
    }


def _below_one(area_id: str, areas: list[str]) -> bool:
    return any(area_id.startswith(area) for area in areas)


def _below(areas: list[str]) -> list[Area]:
    return [area for area in Area.objects.order_by("id") if _below_one(area.pk, areas)]


def _rows(user: User, page: Any, tasks: Any) -> list[dict[str, Any]]:
    people = dict(Person.objects.filter(pk__in={row.person_id for row in page}).values_list("id", "name"))
    areas = dict(Area.objects.values_list("id", "name"))
    seen = set(tasks.filter(replies__reply__in=list(page)).values_list("id", flat=True))
    made = []
    for row in page:
        linked = [each for each in row.tasks.all() if each.task_id in seen]
        waits = row.state == ReplyState.WAITING
        open_ones = [each for each in linked if each.task.state == TaskState.ISSUED]
        made.append(
            {
                "row": row,
                "label": words.LABELS.get(row.label, row.label),
                "light": words.LIGHTS.get(row.label, "blind"),
                "why": "" if row.why in words.UNSAID[row.state] else words.WHYS.get(row.why, row.why),
                "own": row.why != OTHERS_NAME,
                "person": people.get(row.person_id, ""),
                "area": areas.get(row.area_id, ""),
                "tasks": [(each.task, words.USES[each.use]) for each in linked],
                "chosen": linked if row.label == Label.QUESTION else open_ones or linked,
                "people": _people(row) if waits and not row.person_id else [],
            }
        )
    return made


def _people(row: Reply) -> list[tuple[str, str]]:
    """Who a stranger's message may be by: people of the area whose name stands in the sender's words, then its offices."""
    found = Person.objects.filter(active=True, unit__area_id__startswith=row.area_id).select_related("unit")
    offices = found.exclude(unit__kind="plant").order_by("unit__area_id", "name")[:CHOICES]
    named = list(found.filter(name__in=_parts(row.sender))[:CHOICES])
    return [(each.pk, f"{each.name}（{each.unit.name}）") for each in dict.fromkeys([*named, *offices])]


def _parts(sender: str) -> list[str]:
    return [
        sender[start:end]
        for start in range(len(sender))
        for end in range(start + 2, min(start + 5, len(sender) + 1))
    ][:200]


@require_POST
def reply_act(request: HttpRequest, pk: str) -> HttpResponse:
    """Settle a waiting reply, take up one that was put aside, or take one back; 404 for one that this log-in may not see."""
    user, areas = _areas(request)
    row = one(visible(user, Reply.objects.filter(pk=pk)))
    by, now, action = actor(user), moment(request), request.POST.get("action", "")
    note = request.POST.get("note", "").strip()[:200]
    try:
        if action == "dismiss":
            deciding.dismiss(row.pk, note, by, now)
        elif action == "take_up":
            deciding.to_person(row.pk, by, now)
        elif action == "take_back":
            deciding.take_back(row.pk, note, by, now)
        elif action in USES:
            chosen, person = _chosen(request, user), _person(request, areas)
            told = deciding.settle(row.pk, USES[action], chosen, person, by, now)
            left = sum(not answer.done for answer in told)
            if left:
                messages.warning(request, _("%(n)d of the tasks did not take it.") % {"n": left})
        else:
            raise Http404
    except LantianError as error:
        messages.error(
            request, _("Not done: %(reason)s. Nothing was changed.") % {"reason": words.refused(error)}
        )
    else:
        messages.success(request, _("Done and written into the log."))
    return redirect(f"{request.POST.get('back') or ''}" if _own(request.POST.get("back", "")) else "replies")


def _own(path: str) -> bool:
    return path.startswith("/replies/") and "\\" not in path and "//" not in path


def _chosen(request: HttpRequest, user: User) -> list[str]:
    """Tasks ticked, and those written by number; only what this log-in may see."""
    numbers = request.POST.get("numbers", "").replace("，", " ").replace("、", " ").replace(",", " ").split()
    rows = visible(user, Task.objects.filter(pk__in=request.POST.getlist("task")))
    typed = visible(user, Task.objects.filter(number__in=numbers[:50]))
    if typed.count() < len(set(numbers)):
        raise DataError("there is no such task")
    return sorted({*rows.values_list("id", flat=True), *typed.values_list("id", flat=True)})


def _person(request: HttpRequest, areas: list[str]) -> str:
    asked = request.POST.get("person", "")
    if not asked:
        return ""
    found = Person.objects.filter(pk=asked, active=True).select_related("unit").first()
    if found is None or not _below_one(found.unit.area_id, areas):
        raise DataError("there is no such person here")
    return found.pk


def _look(request: HttpRequest, user: User, areas: list[str]) -> dict[str, Any]:
    upload, pasted = request.FILES.get("file"), request.POST.get("pasted", "")
    area = request.POST.get("area", areas[0])
    if area not in areas:
        raise Http404
    if upload is None and not pasted.strip():
        raise DataError(str(words.NO_FILE))
    if (upload.size or 0 if upload else len(pasted)) > MOST_BYTES:
        raise DataError(str(words.TOO_BIG))
    name = (upload.name or "")[:200] if upload else str(_("pasted text"))
    data = upload.read() if upload else pasted.encode()
    looked = files.preview(data, name, area, moment(request))
    told = {"name": name, "sha256": keep(settings.LANTIAN_HOME, data), "area": area}
    shown = looked.seen[:PREVIEWED]
    found = {task.pk for each in shown if not each.sender.why for task in each.match.tasks}
    seen = set(visible(user, Task.objects.filter(pk__in=found)).values_list("pk", flat=True))
    return {
        "looked": looked,
        "token": signing.dumps(told, salt="replies"),
        "before": files.receipt_of(looked.sha256, area),
        "counts": [(words.FATES[code], n) for code, n in sorted(looked.counts.items())],
        "preview": [
            (
                each,
                words.LABELS[each.reading.label],
                "blind" if each.state is ReplyState.READ else words.LIGHTS[each.reading.label],
                words.FATES["known" if each.known else each.state.value],
                words.WHYS.get(each.match.why, each.match.why),
                [task for task in each.match.tasks if task.pk in seen and not each.sender.why],
            )
            for each in shown
        ],
        "unread": [(each.line, each.text, words.told(each.why)) for each in looked.unread[:SHOWN]],
    }


@require_POST
def replies_commit(request: HttpRequest) -> HttpResponse:
    """Take in what was shown; 404 for a token that is not ours or is old."""
    user, areas = _areas(request)
    try:
        told = signing.loads(request.POST.get("token", ""), salt="replies", max_age=TOKEN_S)
    except signing.BadSignature:
        raise Http404 from None
    if told["area"] not in areas:
        raise Http404
    try:
        data = kept(settings.LANTIAN_HOME, told["sha256"])
        row = files.commit(data, told["name"], told["area"], actor(user), moment(request))
    except LantianError as error:
        messages.error(request, words.told(error))
        return redirect("replies")
    return redirect("replies_receipt", row.pk)


@require_GET
def replies_receipt(request: HttpRequest, pk: str) -> HttpResponse:
    """What one file held and what became of it."""
    _user, areas = _areas(request)
    row = one(ReplyImport.objects.filter(pk=pk))
    if not _below_one(row.area_id, areas):
        raise Http404
    counts = row.report.get("again") or row.report.get("counts", {})
    context = {
        "receipt": row,
        "counts": [(words.FATES.get(code, code), n) for code, n in sorted(counts.items())],
        "unread": [(line, text, words.told(why)) for line, text, why in row.report.get("unread", [])],
        "who": Person.objects.filter(pk=row.by).values_list("name", flat=True).first() or row.by,
    }
    return render(request, "replies_receipt.html", context)
