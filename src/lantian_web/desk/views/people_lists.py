"""Lists of people as Excel files: the form, looking into one, taking it in, giving it back with its faults marked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lantian.errors import DataError, LantianError
from lantian_web import people_lists
from lantian_web.accounts import form_words, taking
from lantian_web.accounts.models import PeopleImport, Person
from lantian_web.accounts.rights import actor
from lantian_web.accounts.roster import people_form
from lantian_web.assessments import imports as files
from lantian_web.desk import people_words as words
from lantian_web.desk.context import moment
from lantian_web.desk.viewer import user_of
from lantian_web.desk.views.people import people_shown, whole_city

__all__ = [
    "people_commit",
    "people_import",
    "people_receipt",
    "people_receipt_file",
    "people_returned",
    "people_template",
]

SALT, TOKEN_S = "people", 24 * 3600
MOST_BYTES = 16 << 20
SHOWN = 40
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _analyst(request: HttpRequest) -> None:
    if not whole_city(user_of(request)):
        raise Http404


@require_GET
def people_template(request: HttpRequest) -> HttpResponse:
    """The form to be filled in; `?known=1` with who is known already."""
    _analyst(request)
    return _file(people_lists.form(filled=bool(request.GET.get("known"))), "people.xlsx")


def _file(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def people_import(request: HttpRequest) -> HttpResponse:
    """Look into an uploaded list: what it would add, change, leave and refuse. Nothing is written."""
    _analyst(request)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise DataError(_("choose a file"))
        if (upload.size or 0) > MOST_BYTES:
            raise DataError(_("more than %(n)d MB at once") % {"n": MOST_BYTES >> 20})
        data, name = upload.read(), (upload.name or "")[:200]
        looked = people_lists.look(data, name)
        told = {"name": name, "sha256": files.keep(settings.LANTIAN_HOME, data)}
    except LantianError as error:
        return people_shown(request, {"problem": words.told(error)}, 422)
    return render(
        request,
        "people_list.html",
        _shown(looked) | {"token": signing.dumps(told, salt=SALT), "looked": looked},
    )


def _shown(looked: taking.Looked) -> dict[str, Any]:
    names = {sheet.key: sheet.name for sheet in people_form().sheets}
    counts = looked.plan.counts()
    marks = [(names.get(m.sheet, ""), m, form_words.told(m)) for m in looked.plan.marks]
    changes = [(names[i.row.sheet], i) for i in looked.plan.items if i.act == "change"]
    return {
        "name": looked.name,
        "counts": [(names[key], list(each.values())) for key, each in counts.items()],
        "acts": list(form_words.ACT_WORDS.values()),
        "totals": {act: looked.plan.total(act) for act in form_words.ACT_WORDS},
        "refused": [one for one in marks if one[1].refused][:SHOWN],
        "noted": [one for one in marks if not one[1].refused][:SHOWN],
        "changes": changes[:SHOWN],
    }


def _token(text: str) -> taking.Looked:
    """The list that was looked at, looked at again; 404 for a token that is not ours or is old."""
    try:
        told = signing.loads(text, salt=SALT, max_age=TOKEN_S)
    except signing.BadSignature:
        raise Http404 from None
    return people_lists.look(files.kept(settings.LANTIAN_HOME, told["sha256"]), told["name"])


@require_POST
def people_commit(request: HttpRequest) -> HttpResponse:
    """Take in what was shown: whole, or its good rows alone."""
    _analyst(request)
    try:
        looked = _token(request.POST.get("token", ""))
        row = people_lists.commit(
            settings.LANTIAN_HOME,
            looked,
            actor(user_of(request)),
            moment(request),
            partial=bool(request.POST.get("partial")),
        )
    except LantianError as error:
        return people_shown(request, {"problem": words.told(error)}, 422)
    return redirect("people_receipt", row.pk)


@require_GET
def people_returned(request: HttpRequest) -> HttpResponse:
    """The same file back, its faults marked."""
    _analyst(request)
    try:
        return _file(taking.file_back(_token(request.GET.get("token", ""))), "returned.xlsx")
    except DataError as error:
        return people_shown(request, {"problem": words.told(error)}, 422)


def _receipt(request: HttpRequest, pk: str) -> PeopleImport:
    _analyst(request)
    row = PeopleImport.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_GET
def people_receipt(request: HttpRequest, pk: str) -> HttpResponse:
    """What one list held and what became of it."""
    row = _receipt(request, pk)
    names = {sheet.key: sheet.name for sheet in people_form().sheets}
    by = Person.objects.filter(pk=row.by).values_list("name", flat=True).first() or row.by
    context = {
        "receipt": row,
        "by": by,
        "name": row.name,
        "acts": list(form_words.ACT_WORDS.values()),
        "counts": [(names.get(key, key), list(each.values())) for key, each in row.counts.items()],
    }
    return render(request, "people_list.html", context)


@require_GET
def people_receipt_file(request: HttpRequest, pk: str) -> HttpResponse:
    """The file given back with a receipt."""
    row = _receipt(request, pk)
    if not row.returned_sha256:
        raise Http404
    try:
        return _file(files.kept(settings.LANTIAN_HOME, row.returned_sha256), "returned.xlsx")
    except DataError as error:
        return people_shown(request, {"problem": words.told(error)}, 422)
