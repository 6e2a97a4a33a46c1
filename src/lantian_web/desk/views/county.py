"""The county dispatcher's page: one tap per step, a reply to copy, and the export for the county leader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from lantian.errors import DataError, LantianError
from lantian.periods import CITY_TZ, at, local_day, to_ms
from lantian.records import RequestKind
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import actor, visible
from lantian_web.desk import compose, county_export, story
from lantian_web.desk.compose_words import refused
from lantian_web.desk.context import marks, moment, played
from lantian_web.desk.county_page import GROUPS, counties, counts, county, people_of, units_below
from lantian_web.desk.county_rows import rows_of
from lantian_web.desk.picking import Reach, orders_in
from lantian_web.desk.typed import YEARS, instant
from lantian_web.desk.viewer import user_of
from lantian_web.inventory.models import Area
from lantian_web.rows import Answer
from lantian_web.tasks import asking, splitting, turning
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.keeping import ANSWER, keep_template
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.sending import Target

__all__ = ["act", "county_page", "decide", "export", "item"]

BULK = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one item of a bulk action."""

    number: str
    title: str
    done: bool
    why: str
    reply: str = ""


def _area(request: HttpRequest, asked: str) -> tuple[User, Area, list[Area]]:
    """The county meant; 404 outside this log-in's own, and for one that orders nothing."""
    user = user_of(request)
    areas = orders_in(user)
    places = Reach(user).places()
    choices = counties(places)
    if not areas or not choices:
        raise Http404
    if asked:
        chosen = story.one(places.filter(pk=asked))
    else:
        chosen = next((area for area in choices if area.id in areas), choices[0])
    return user, chosen, choices


@require_GET
def county_page(request: HttpRequest) -> HttpResponse:
    """To sign, due in two hours, overdue; then everything else that is open."""
    return _page(request, request.GET.get("area", ""))


def _page(request: HttpRequest, area_id: str, told: Sequence[Said] = ()) -> HttpResponse:
    user, area, choices = _area(request, area_id)
    now = moment(request)
    whole = request.GET.get("list", "")
    made = county(user, area, now, whole if whole in GROUPS else "")
    return render(
        request,
        "county.html",
        {
            "county": made,
            "area": area,
            "choices": choices,
            "whole": whole,
            "told": told,
            "answers": _answers(user),
            "bar": compose.bar(user, now),
        },
    )


def _answers(user: User) -> list[str]:
    """Usual answers: those kept by the county before the four that come along."""
    kept = [row.text for row in compose.templates(user, answers=True)]
    return kept + [
        _("On the spot. The plant stands still, no smoke, no dust; pictures in the group."),
        _("On the spot. The problem is there, put right at once; pictures in the group."),
        _("On the spot. The problem is not there: "),
        _("Being put right, will be done by "),
    ]


def _one(user: User, pk: str) -> Task:
    row = story.one(visible(user, Task.objects.filter(pk=pk)))
    if not any(row.area_id.startswith(area) for area in orders_in(user)):
        raise Http404
    return row


@require_GET
def item(request: HttpRequest, pk: str) -> HttpResponse:
    """One task with every step there is; a fragment under its row, or a page by itself."""
    return _item(request, pk)


def _item(request: HttpRequest, pk: str, why: str = "", done: str = "") -> HttpResponse:
    user, now = user_of(request), moment(request)
    task = _one(user, pk)
    [row] = rows_of(visible(user, Task.objects.all()), [pk], now)
    context: dict[str, Any] = {"row": row, "answers": _answers(user), "why": why, "done": done}
    fragment = bool(request.htmx)  # type: ignore[attr-defined]
    if fragment and (why or done):
        known = (one for one in counties(Reach(user).places()) if task.area_id.startswith(one.id))
        if area := next(known, None):  # none for the city's own offices
            context["area"], (context["first"], context["unsigned"]) = area, counts(user, area, now)
        return render(request, "county_row.html", context)
    context |= {
        "units": units_below(task.area_id, task.unit_id) if "split" in row.more else [],
        "people": people_of(task.area_id),
        "parts": rows_of(
            visible(user, Task.objects.all()),
            list(task.parts.order_by("number").values_list("pk", flat=True)),
            now,
        ),
        "soon": (task.feedback_due_at or now) + timedelta(hours=2),
        "tomorrow": local_day(to_ms(now)) + timedelta(days=1),
    }
    return render(request, "county_more.html" if fragment else "county_task.html", context)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """One step on one task, or a claim of all that wait; refused ones say why, the others go on."""
    user, now = user_of(request), moment(request)
    by, action = actor(user), request.POST.get("action", "")
    area = request.POST.get("area", "")
    if action == "claim_all":
        return _claim_all(request, user, by, now, area)
    pk = request.POST.get("id", "")
    task = _one(user, pk)
    try:
        done = _step(request, action, task, by, now)
    except LantianError as error:
        why = refused(error)
    else:
        why = ""
    if request.htmx:  # type: ignore[attr-defined]
        return _item(request, pk, why, "" if why else done)
    if why:
        messages.error(
            request, _("%(number)s not done: %(reason)s.") % {"number": task.number, "reason": why}
        )
    else:
        messages.success(request, f"{task.number} {done}")
    if request.POST.get("back") == "item":
        return redirect("county_item", pk)
    return redirect(f"{reverse('county')}?area={area}" if area else reverse("county"))


def _claim_all(request: HttpRequest, user: User, by: str, now: datetime, area_id: str) -> HttpResponse:
    _user, area, _choices = _area(request, area_id)
    ids = list(county(user, area, now).unsigned[:BULK])
    answers = {answer.id: answer for answer in tasks.claim(ids, by, now)}
    rows = rows_of(visible(user, Task.objects.all()), ids, now)
    told = [
        Said(
            row.task.number,
            row.title,
            answers[row.task.pk].done,
            refused(answers[row.task.pk].why) if not answers[row.task.pk].done else "",
            row.reply,
        )
        for row in rows
    ]
    return _page(request, area.id, told)


def _first(told: Sequence[Answer]) -> None:
    for answer in told:
        if answer.why is not None:
            raise answer.why


def _step(request: HttpRequest, action: str, task: Task, by: str, now: datetime) -> str:
    """Make the step; returns what is said of it. LantianError when it is refused."""
    post = request.POST
    text = post.get("text", "").strip() or post.get("usual", "").strip()
    match action:
        case "claim":
            _first(tasks.claim([task.pk], by, now))
            return _("claimed")
        case "start":
            _first(tasks.start([task.pk], by, now))
            return _("on the spot")
        case "answer":
            _first(tasks.answer([(task.pk, text)], by, now))
            if post.get("keep"):
                keep_template(text[:40], ANSWER, text, task.area_id, by, now)
            return _("answered")
        case "decline":
            _first(turning.decline([(task.pk, text)], by, now))
            return _("sent back to the sender")
        case "pass":
            to = Person.objects.filter(
                pk=post.get("person", ""), unit__area_id__startswith=task.area_id
            ).first()
            kept = splitting.pass_on(task.pk, to.pk if to else "", post.get("words", ""), by, now)
            return _("passed on to %(to)s at %(clock)s, kept as proof") % {
                "to": kept.to_words,
                "clock": f"{kept.at.astimezone(CITY_TZ):%H:%M}",
            }
        case "split":
            return _split(post.getlist("to"), task, text, by, now)
        case "ask":
            kind = next((k for k in RequestKind if k.value == post.get("kind")), None)
            if kind is None:
                raise Http404
            asking.ask(task.pk, kind, text, _until(kind, post.get("until", ""), post.get("on", "")), by, now)
            if kind is RequestKind.QUESTION:
                return _("asked; the sender answers, and every clock runs on")
            return _("asked; the clock runs on until it is granted")
    raise Http404


def _until(kind: RequestKind, moment_text: str, day_text: str) -> datetime | None:
    try:
        if kind is RequestKind.EXTENSION:
            return instant(moment_text, "until")
        if kind is RequestKind.HOLD:
            return _day(day_text)
    except (DataError, ValueError):
        return None
    return None


def _day(text: str) -> datetime:
    """The midnight that begins a day of ours. ValueError for text that is none."""
    found = date.fromisoformat(text)
    if found.year not in YEARS:
        raise ValueError(text)
    return at(found, 0)


def _split(keys: Sequence[str], task: Task, text: str, by: str, now: datetime) -> str:
    parts = []
    for key in keys:
        kind, _colon, pk = key.partition(":")
        if kind in ("unit", "person") and pk:
            parts.append((Target(kind, pk), text))
    told = splitting.split(task.pk, parts, by, now)
    for answer in told:
        if answer.why is not None and not any(other.done for other in told):
            raise answer.why
    said = _("handed on: %(numbers)s") % {
        "numbers": "、".join(answer.number for answer in told if answer.done)
    }
    refusals = [refused(answer.why) for answer in told if answer.why is not None]
    return "; ".join([said, *refusals])


@require_POST
def decide(request: HttpRequest, pk: str) -> HttpResponse:
    """Grant or refuse what was asked; answer a question."""
    user, now = user_of(request), moment(request)
    row = story.one(visible(user, Request.objects.filter(pk=pk)).select_related("task"))
    answer, said = request.POST.get("answer", ""), request.POST.get("text", "").strip()
    try:
        if answer == "reply":
            asking.answer_question(pk, said, actor(user), now)
        else:
            asking.decide_request(pk, answer == "grant", said, actor(user), now)
    except LantianError as error:
        why = refused(error)
    else:
        why = ""
    words = {"reply": pgettext("request", "answered"), "grant": pgettext("request", "granted")}
    done = words.get(answer) or pgettext("request", "refused")
    if request.htmx:  # type: ignore[attr-defined]
        context = {"number": row.task.number, "task": row.task_id, "why": why, "done": done}
        return render(request, "parts/request_decided.html", context)
    if why:
        messages.error(
            request, _("%(number)s not done: %(reason)s.") % {"number": row.task.number, "reason": why}
        )
    else:
        messages.success(request, f"{row.task.number} {done}")
    back = request.POST.get("next", "")
    return redirect(back if back in ("desk", "county", "tasks") else "desk")


@require_GET
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The county's day as Word (日报) or Excel (台账, 未办结清单)."""
    if form not in county_export.TYPES:
        raise Http404
    user, area, _choices = _area(request, request.GET.get("area", ""))
    now = moment(request)
    try:
        on = local_day(to_ms(_day(request.GET["on"]) if request.GET.get("on") else now))
    except ValueError:
        raise Http404 from None
    lit = county(user, area, now).lit
    day = county_export.day_of(visible(user, Task.objects.all()), area, on, now, lit, marks(played(request)))
    answer = HttpResponse(county_export.written(day, form), content_type=county_export.TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="county-{area.id}-{on.isoformat()}.{form}"'
    return answer
