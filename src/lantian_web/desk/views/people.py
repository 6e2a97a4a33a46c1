"""People and watches: who answers for what, who has the watch at any hour, stand-ins, charges, lists taken in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lantian.errors import DataError, LantianError
from lantian.inventory import ChargeKind, Duty
from lantian.observe.forms.cells import read_cell
from lantian.observe.forms.layout import Column
from lantian.periods import local_day, to_ms
from lantian.records import Role
from lantian_web import people_lists
from lantian_web.accounts import answering, form_words, taking
from lantian_web.accounts.models import Acting, Charge, PeopleImport, Person, Shift, Unit, User
from lantian_web.accounts.rights import actor, may, may_staff, visible
from lantian_web.accounts.roster import people_form
from lantian_web.assessments import imports as files
from lantian_web.desk import people_words as words
from lantian_web.desk.context import moment
from lantian_web.desk.people_page import Asked, people_page
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.inventory.queries import city_area_id

__all__ = [
    "people",
    "people_act",
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


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The page, at the hour the address names (`?at=`), else now."""
    return _page(request)


def _page(request: HttpRequest, extra: Mapping[str, Any] | None = None, status: int = 200) -> HttpResponse:
    user, who, now = user_of(request), viewer(request), moment(request)
    asked = Asked(
        _asked_at(request, now), request.GET.get("area", "")[:24], request.GET.get("q", "").strip()[:40]
    )
    page = people_page(user, who, asked)
    context = {
        "page": page,
        "asked": asked,
        "past": asked.at != now,
        "missing": [(words.missing(one, place), one) for one, place in page.missing],
        "duties": [(duty.value, words.DUTIES[duty.value]) for duty in Duty],
        "charge_kinds": [(kind.value, words.CHARGES[kind.value]) for kind in ChargeKind],
        "all_areas": page.areas,
        "may": bool(page.units),
        "analyst": _whole(user),
        "receipts": list(PeopleImport.objects.order_by("-at")[:5]) if _whole(user) else [],
    }
    return render(request, "people.html", context | dict(extra or {}), status=status)


def _asked_at(request: HttpRequest, now: datetime) -> datetime:
    text = request.GET.get("at", "")
    found = read_cell(text, Column("at", "", "moment"), "", "").value if text else None
    return found if isinstance(found, datetime) else now


def _whole(user: User) -> bool:
    """Whether this is an analyst of the whole city."""
    try:
        return may(user, Role.ANALYST, Charge(area_id=city_area_id()))
    except LantianError:
        return False


@require_POST
def people_act(request: HttpRequest) -> HttpResponse:
    """Enter or end a stand-in, a watch or a charge; back to the page with what was done, or why not."""
    action = _ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise Http404
    try:
        action(request, actor(user_of(request)), moment(request))
    except LantianError as error:
        return _page(request, {"problem": words.told(error), "typed": request.POST}, 422)
    messages.success(request, _("Entered."))
    return redirect("people")


def _field(request: HttpRequest, name: str, kind: str, required: bool = True) -> Any:
    """A day or an instant of a form; 24:00 may be written."""
    seen = read_cell(request.POST.get(name, ""), Column(name, "", kind, required), "", "")
    if seen.fault:
        raise DataError(str(form_words.FAULTS[seen.fault]), source=str(words.FIELDS[name]))
    return seen.value


def _duty(request: HttpRequest) -> Duty:
    try:
        return Duty(request.POST.get("duty", ""))
    except ValueError:
        raise Http404 from None


def _staffed(request: HttpRequest, unit_id: str) -> Unit:
    """A unit whose stand-ins and watches this log-in may enter; 404 for every other."""
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or not may_staff(user_of(request), unit):
        raise Http404
    return unit


def _own(request: HttpRequest, name: str) -> Person:
    """A person of such a unit."""
    person = Person.objects.filter(pk=request.POST.get(name, "")).select_related("unit").first()
    if person is None:
        raise Http404
    _staffed(request, person.unit_id)
    return person


def _shift(request: HttpRequest, name: str) -> Shift:
    pk = request.POST.get(name, "")
    row = Shift.objects.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 15 else None
    if row is None:
        raise Http404
    _staffed(request, row.unit_id)
    return row


def _act_for(request: HttpRequest, by: str, now: datetime) -> None:
    person, stand_in = _own(request, "person"), _own(request, "stand_in")
    since, until = _field(request, "since", "moment"), _field(request, "until", "moment", False)
    answering.act_for(person.pk, stand_in.pk, since, until, request.POST.get("reason", ""), by, now)


def _end_acting(request: HttpRequest, by: str, now: datetime) -> None:
    pk = request.POST.get("id", "")
    rows = visible(user_of(request), Acting.objects.all())
    row = rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 15 else None
    if row is None:
        raise Http404
    _staffed(request, row.unit_id)
    answering.end_acting(row.pk, now, by, now)


def _enter(request: HttpRequest, by: str, now: datetime) -> None:
    unit, person = _staffed(request, request.POST.get("unit", "")), _own(request, "person")
    since, until = _field(request, "since", "moment"), _field(request, "until", "moment")
    new = answering.NewShift(unit.pk, _duty(request), person.pk, since, until, request.POST.get("note", ""))
    [answer] = answering.enter_shifts([new], by, now)
    if answer.why is not None:
        raise answer.why


def _change(request: HttpRequest, by: str, now: datetime) -> None:
    """Hand a watch over, swap it with another one, or let it fall away."""
    row, note = _shift(request, "id"), request.POST.get("note", "")
    if request.POST.get("other"):
        answering.swap_shifts(row.pk, _shift(request, "other").pk, note, by, now)
    elif request.POST.get("person"):
        answering.hand_over(row.pk, _own(request, "person").pk, note, by, now)
    else:
        answering.cancel_shift(row.pk, by, now)


def _charge(request: HttpRequest, by: str, now: datetime) -> None:
    if not _whole(user_of(request)):
        raise Http404
    try:
        kind = ChargeKind(request.POST.get("kind", ""))
    except ValueError:
        raise Http404 from None
    answering.charge(
        request.POST.get("person", ""),
        kind,
        by,
        now,
        area_id=request.POST.get("area", "")[:24],
        enterprise_id=request.POST.get("plant", "").strip()[:64],
        project=request.POST.get("project", ""),
        since=_day(request, "from"),
        until=_day(request, "to"),
        paper=request.POST.get("paper", ""),
    )


def _day(request: HttpRequest, name: str) -> date | None:
    found: date | None = _field(request, name, "day", False)
    return found


def _end_charge(request: HttpRequest, by: str, now: datetime) -> None:
    pk = request.POST.get("id", "")
    if not (_whole(user_of(request)) and pk.isdecimal() and len(pk) < 15):
        raise Http404
    answering.end_charge(int(pk), local_day(to_ms(now)), by, now)


_ACTIONS: Mapping[str, Callable[[HttpRequest, str, datetime], None]] = {
    "acting": _act_for,
    "end_acting": _end_acting,
    "shift": _enter,
    "change": _change,
    "charge": _charge,
    "end_charge": _end_charge,
}


# Lists ----------------------------------------------------------------------------------------------------------------


def _analyst(request: HttpRequest) -> None:
    if not _whole(user_of(request)):
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
        return _page(request, {"problem": words.told(error)}, 422)
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
        return _page(request, {"problem": words.told(error)}, 422)
    return redirect("people_receipt", row.pk)


@require_GET
def people_returned(request: HttpRequest) -> HttpResponse:
    """The same file back, its faults marked."""
    _analyst(request)
    try:
        return _file(taking.file_back(_token(request.GET.get("token", ""))), "returned.xlsx")
    except DataError as error:
        return _page(request, {"problem": words.told(error)}, 422)


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
        return _page(request, {"problem": words.told(error)}, 422)
