"""Taking files in by hand: what a file holds is shown before anything is written, then a receipt. For city analysts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import DataError, LantianError, StandardsError
from lantian.records import Role
from lantian_web.accounts.rights import actor, may
from lantian_web.assessments import imports as use
from lantian_web.assessments.models import Assessment, Import
from lantian_web.desk import import_words as words
from lantian_web.desk.context import moment
from lantian_web.desk.viewer import user_of
from lantian_web.events.queries import get_cursor
from lantian_web.inventory.commands import load_overlay
from lantian_web.inventory.models import Overlay
from lantian_web.inventory.overlays import OVERLAYS, overlay_text
from lantian_web.inventory.queries import city_area_id

__all__ = ["import_commit", "import_receipt", "import_refused", "imports", "refused"]

SHOWN, RECEIPTS = 20, 20
TOKEN_S = 24 * 3600
MOST_BYTES = 256 << 20
LONGEST = 200  # characters of a file name or of a paper
TABLE = "table"
KINDS = {
    use.AIR_KIND: lazy("Air and weather"),
    use.EMISSION_KIND: lazy("Measured emission of plants"),
    use.FORECAST_KIND: lazy("Forecast"),
    TABLE: lazy("The city's own rows of a rule table"),
}


def _analyst(request: HttpRequest) -> None:
    """404 for everybody but an analyst of the whole city."""
    try:
        city = Assessment(area_id=city_area_id())
    except LantianError:
        raise Http404 from None
    if not may(user_of(request), Role.ANALYST, city):
        raise Http404


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """The form and what was taken in; POST looks into files and shows what they hold."""
    _analyst(request)
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            context |= _look(request)
        except LantianError as error:
            return _page(request, context, error)
    return _page(request, context)


def _page(request: HttpRequest, context: dict[str, Any], error: LantianError | None = None) -> HttpResponse:
    """The form with what was taken in, and what is wrong."""
    context = _form(request) | context
    if error is not None:
        context["problem"] = words.told(error)
    rows = list(Import.objects.order_by("-at", "-pk")[:RECEIPTS])
    cursor, aside = get_cursor(use.WORKER), use.refused_by_worker(rows)
    context["receipts"] = [
        (row, KINDS.get(row.kind, row.kind), use.taken_in(row, cursor), aside.get(row.pk, "")) for row in rows
    ]
    context["overlays"] = [
        (row, words.TABLES.get(row.table, row.table)) for row in Overlay.objects.order_by("-id")[:RECEIPTS]
    ]
    return render(request, "import.html", context, status=200 if error is None else 422)


def _form(request: HttpRequest) -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "tables": [(name, words.TABLES[name]) for name in OVERLAYS],
        "asked": request.POST,
    }


@require_POST
def import_commit(request: HttpRequest) -> HttpResponse:
    """Take in what was shown; 422 when that cannot be read any more."""
    _analyst(request)
    told = _token(request.POST.get("token", ""))
    try:
        return _commit(request, told)
    except (DataError, StandardsError) as error:
        return _page(request, {"asked": {}}, error)


def _commit(request: HttpRequest, told: Mapping[str, Any]) -> HttpResponse:
    now, by = moment(request), actor(user_of(request))
    files = _files(told)
    if told["kind"] == TABLE:
        empty = bool(told.get("empty"))
        text, _rows = overlay_text(told["table"], files[0][1], files[0][0], empty=empty)
        load_overlay(told["table"], text, files[0][0], told["paper"], by, now, empty=empty)
        return redirect("imports")
    seen = use.preview(told["kind"], files, now, told["map"])
    return redirect("import_receipt", use.commit(settings.LANTIAN_HOME, seen, by, now).pk)


@require_GET
def import_receipt(request: HttpRequest, pk: str) -> HttpResponse:
    """What one import held and what became of it."""
    _analyst(request)
    row = Import.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    context = {
        "receipt": row,
        "kind": KINDS.get(row.kind, row.kind),
        "taken_in": use.taken_in(row, get_cursor(use.WORKER)),
        "aside": use.refused_by_worker([row]).get(row.pk, ""),
    }
    return render(request, "import.html", context | _report(row.report))


@require_GET
def refused(request: HttpRequest, pk: str) -> HttpResponse:
    """The refused rows of an import as CSV."""
    _analyst(request)
    row = Import.objects.filter(pk=pk).exclude(refused_sha256="").first()
    if row is None:
        raise Http404
    try:
        return _csv(use.kept(settings.LANTIAN_HOME, row.refused_sha256))
    except DataError as error:
        return _page(request, {}, error)


@require_GET
def import_refused(request: HttpRequest) -> HttpResponse:
    """The refused rows of what is being looked at as CSV."""
    _analyst(request)
    told = _token(request.GET.get("token", ""))
    try:
        seen = use.preview(told["kind"], _files(told), moment(request), told["map"])
    except DataError as error:
        return _page(request, {}, error)
    return _csv(use.refused_csv(seen.refused).encode())


def _csv(data: bytes) -> HttpResponse:
    # The mark at the start lets spreadsheets see that it is UTF-8.
    response = HttpResponse(b"\xef\xbb\xbf" + data, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused.csv"'
    return response


def _look(request: HttpRequest) -> dict[str, Any]:
    """What the uploaded files hold. DataError when they cannot be read."""
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise DataError(_("choose what it is"))
    uploads = request.FILES.getlist("files")
    if not uploads:
        raise DataError(_("choose a file"))
    for text in (request.POST.get("paper", ""), *(upload.name or "" for upload in uploads)):
        if "\0" in text or len(text.strip()) > LONGEST:
            raise DataError(_("a name of more than %(n)d characters") % {"n": LONGEST}, source=text[:40])
    if sum(upload.size or 0 for upload in uploads) > MOST_BYTES:
        raise DataError(_("more than %(n)d MB at once: use the command line") % {"n": MOST_BYTES >> 20})
    files = [(upload.name or "", upload.read()) for upload in uploads]
    told: dict[str, Any] = {
        "kind": kind,
        "map": request.POST.get("map", "").strip(),
        "table": request.POST.get("table", ""),
        "paper": request.POST.get("paper", "").strip(),
        "empty": bool(request.POST.get("empty")),
        "files": [[name, use.keep(settings.LANTIAN_HOME, data)] for name, data in files],
    }
    token = signing.dumps(told, salt="import", compress=True)
    if kind == TABLE:
        if len(files) != 1:
            raise DataError(_("one file at a time"))
        text, rows = overlay_text(told["table"], files[0][1], files[0][0], empty=told["empty"])
        newest = Overlay.objects.filter(table=told["table"]).order_by("id").last()
        return {
            "token": token,
            "overlay": {
                "table": words.TABLES.get(told["table"], told["table"]),
                "rows": rows,
                "same": newest is not None and newest.text == text,
                "paper": told["paper"],
                "lines": [line.split(",")[:8] for line in text.splitlines()[: SHOWN + 1]],
            },
        }
    seen = use.preview(kind, files, moment(request), told["map"])
    return {
        "token": token,
        "seen": seen,
        "kind": KINDS[kind],
        "points": [(words.WHOSE.get(key, key), count) for key, count in seen.points.items()],
        "refused_rows": [(each, words.reason(each.reason)) for each in seen.refused[:SHOWN]],
    } | _report({**seen.report, **({} if seen.standing is None else {use.STANDING: seen.standing.plain()})})


def _report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a reader's report that the page shows."""
    flags: Sequence[Mapping[str, Any]] = report.get("flags", ())
    stands = report.get(use.STANDING, {})
    return {
        "report": report,
        "stands": stands,
        "differing": [words.differing(*each) for each in stands.get("shown", ())],
        "flags": [
            (words.item(each["kind"]), words.FLAGS.get(each["flag"], each["flag"]), each) for each in flags
        ],
        "assumptions": [words.remark(each) for each in report.get("assumptions", ())],
        "renamed": report.get("renamed", ())[:SHOWN],
        "silent": report.get("silent", ())[:SHOWN],
    }


def _token(text: str) -> dict[str, Any]:
    """What was looked at; 404 for a token that is not ours or is old."""
    try:
        told: dict[str, Any] = signing.loads(text, salt="import", max_age=TOKEN_S)
    except signing.BadSignature:
        raise Http404 from None
    return told


def _files(told: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    return [(name, use.kept(settings.LANTIAN_HOME, sha256)) for name, sha256 in told["files"]]
