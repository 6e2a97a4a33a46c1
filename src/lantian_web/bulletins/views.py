"""Papers in the console: the list, one paper, its files, the rows behind a figure. All through row rights."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from lantian.errors import DataError
from lantian.inventory import AreaKind
from lantian.records import FindingState, Outcome, Role
from lantian.report import Link, ids_behind
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import actor, grants_of, may, visible, visible_areas
from lantian_web.bulletins import commands, papers, queries, render_html
from lantian_web.bulletins.models import Bulletin
from lantian_web.bulletins.wording import phrase
from lantian_web.events.models import Event
from lantian_web.events.queries import play_now
from lantian_web.findings.models import Finding
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.inventory.queries import plant_names
from lantian_web.orders.models import Decision, Order
from lantian_web.scope import Scoped
from lantian_web.tasks.models import Task

__all__ = ["bulletin", "bulletins", "file", "rows"]

TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
MODELS: dict[str, tuple[type[Scoped], str]] = {
    "order": (Order, "order"),
    "finding": (Finding, "finding"),
    "task": (Task, "case"),
    "plant": (Enterprise, "plant"),
    "decision": (Decision, ""),
}
TOLD = {
    "outcome": {outcome.value for outcome in Outcome},
    "state": {FindingState.CONFIRMED.value},
    "decided": {"day"},
}
"""What people outside the city office may ask of orders and findings; any other value names hidden rows."""
PAGE = 100


@require_http_methods(["GET", "POST"])
def bulletins(request: HttpRequest) -> HttpResponse:
    """Papers within the log-in's scope; POST asks for one."""
    user = _user(request)
    areas = _areas(user)
    if request.method == "POST":
        return _ask(request, user, {area.id for area in areas})
    page = Paginator(visible(user, queries.papers()), PAGE).get_page(request.GET.get("page"))
    names = {area.id: area.name for area in areas}
    listed = [(row, names.get(row.area_id, row.area_id)) for row in page]
    return render(
        request,
        "bulletins/list.html",
        {"page": page, "listed": listed, "areas": areas, "w": _words(), "today": play_now().date()},
    )


def _ask(request: HttpRequest, user: User, areas: set[str]) -> HttpResponse:
    area_id = request.POST.get("area", "")
    if area_id not in areas:
        raise Http404
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
        row = commands.ask("day_sheet", on, area_id, actor(user, leaders=True), play_now())
    except (ValueError, DataError) as error:
        messages.error(request, str(error))
        return redirect("bulletins")
    return redirect("bulletin", row.id)


@require_GET
def bulletin(request: HttpRequest, pk: str) -> HttpResponse:
    """One paper as it was frozen; a plain word when it has not been made yet."""
    row = _one(_user(request), pk)
    failed = (
        Event.objects.filter(subject_kind="bulletin", subject_id=pk, kind="bulletin.made")
        .order_by("-id")
        .first()
    )
    return render(
        request,
        "bulletins/paper.html",
        {
            "row": row,
            "title": phrase("page.title"),
            "paper": render_html.fragment(papers.get(row.html_sha256)) if row.html_sha256 else "",
            "no_pdf": phrase("page.no_pdf").format(reason=failed.params["no_pdf"])
            if failed and "no_pdf" in failed.params
            else "",
            "w": _words(),
        },
    )


@require_GET
def file(request: HttpRequest, pk: str, ext: str) -> HttpResponse:
    """A file of a paper, to the people of the scope it was made for."""
    row = _one(_user(request), pk)
    sha256 = {"html": row.html_sha256, "docx": row.docx_sha256, "pdf": row.pdf_sha256}.get(ext, "")
    if not sha256:
        raise Http404
    response = HttpResponse(papers.get(sha256), content_type=TYPES[ext])
    name = f"{row.kind}-{row.on.isoformat()}-{row.area_id}.{ext}"
    response["Content-Disposition"] = f'{"inline" if ext == "html" else "attachment"}; filename="{name}"'
    response["ETag"] = f'"{sha256}"'
    return response


@require_GET
def rows(request: HttpRequest, pk: str) -> HttpResponse:
    """The rows that a figure of the paper counts, as the registry has them now, within the log-in's rights."""
    user = _user(request)
    row = _one(user, pk)
    kind = request.GET.get("row", "")
    if kind not in MODELS:
        raise Http404
    where = tuple(
        sorted((name, str(value)) for name, value in request.GET.items() if name not in ("row", "page"))
    )
    _refuse_hidden(user, row, kind, where)
    ids = ids_behind(queries.day_inputs(row.on, row.area_id, row.asked_at), Link(kind, where=where))
    model, page_name = MODELS[kind]
    seen = visible(user, model._default_manager.all())
    allowed = {
        found.pk: found
        for part in range(0, len(ids), 500)
        for found in seen.filter(pk__in=ids[part : part + 500])
    }
    page = Paginator([allowed[id] for id in ids if id in allowed], PAGE).get_page(request.GET.get("page"))
    hidden = len(ids) - len(allowed)
    plants = plant_names(found.enterprise_id for found in page)
    return render(
        request,
        "bulletins/rows.html",
        {
            "row": row,
            "kind": phrase(f"kind.{kind}"),
            "where": [_feature(kind, name, value) for name, value in where if name != "id"],
            "count": len(ids),
            "hidden": phrase("page.hidden").format(hidden=hidden) if hidden else "",
            "page": page,
            "listed": [_listed(found, kind, page_name, plants) for found in page],
            "keep": urlencode({name: str(value) for name, value in request.GET.items() if name != "page"}),
            "w": _words(),
        },
    )


def _refuse_hidden(user: User, row: Bulletin, kind: str, where: tuple[tuple[str, str], ...]) -> None:
    """404 for a question over rows that stay in the city office: not even how many there are is told outside."""
    if kind not in ("order", "finding") or may(user, Role.ANALYST, row):
        return
    if any(name in TOLD and value not in TOLD[name] for name, value in where):
        raise Http404


def _feature(kind: str, name: str, value: str) -> str:
    """What a figure counts, in words."""
    if name == "area":
        return Area.objects.filter(id=value).values_list("name", flat=True).first() or value
    if name in ("leader", "person"):
        return Person.objects.filter(id=value).values_list("name", flat=True).first() or value
    prefix = {
        "kind": kind,
        "state": "task_state" if kind == "task" else "finding_state",
        "cause": "finding",
    }.get(name, name if name in ("level", "action", "outcome", "light") else f"feature.{name}")
    return phrase(f"{prefix}.{value}")


def _listed(found: Any, kind: str, page_name: str, plants: dict[str, str]) -> dict[str, str]:
    """One row of the list: its plant, what it is, where it leads."""
    match kind:
        case "finding":
            word = f"{phrase(f'finding.{found.kind}')} {found.on}"
        case "task":
            word = f"{found.number} {phrase(f'task_state.{found.state}')}"
        case "decision":
            word = f"{found.number} {phrase(f'decision.{found.kind}')} {found.reason}"
        case "order":
            word = phrase("row.order").format(number=found.number)
        case _:
            word = ""
    href = reverse(page_name, args=[found.pk]) if page_name else ""
    return {"word": word, "plant": plants.get(found.enterprise_id, ""), "id": found.pk, "href": href}


def _one(user: User, pk: str) -> Bulletin:
    row = visible(user, Bulletin.objects.filter(pk=pk)).first()
    if row is None:
        raise Http404
    return row


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _areas(user: User) -> list[Area]:
    """Areas that the log-in may ask a paper for: those inside its grants, and the city for its analysts alone."""
    grants = [grant for grant in grants_of(user) if grant.scope_kind == "area"]
    inside = tuple(grant.scope_id for grant in grants)
    office = tuple(grant.scope_id for grant in grants if grant.role == Role.ANALYST)
    found = visible_areas(user, Area.objects.filter(kind__in=list(AreaKind))).order_by("id")
    return [area for area in found if area.id.startswith(office if area.kind == AreaKind.CITY else inside)]


def _words() -> dict[str, str]:
    """Phrases of the pages, by the last part of their id."""
    names = (
        "list",
        "asked",
        "no_papers",
        "ask",
        "day",
        "area",
        "made",
        "hash",
        "files",
        "as_html",
        "as_docx",
        "as_pdf",
        "back",
        "empty",
        "behind",
    )
    return {name: phrase(f"page.{name}") for name in names}
