"""People and watches: who answers for what, who has the watch at any hour; stand-ins, watches and charges entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
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
from lantian_web.accounts import answering, form_words
from lantian_web.accounts.models import Acting, Charge, PeopleImport, Person, Shift, Unit, User
from lantian_web.accounts.rights import actor, acts, may, may_staff, visible
from lantian_web.desk import people_words as words
from lantian_web.desk.context import moment
from lantian_web.desk.people_page import Asked, people_page
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.inventory.queries import city_area_id

__all__ = ["people", "people_act", "people_shown", "whole_city"]


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The page, at the hour the address names (`?at=`), else now."""
    return people_shown(request)


def people_shown(
    request: HttpRequest, extra: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page with what somebody just asked of it, or why that was refused."""
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
        "analyst": whole_city(user),
        "receipts": list(PeopleImport.objects.order_by("-at")[:5]) if whole_city(user) else [],
    }
    return render(request, "people.html", context | dict(extra or {}), status=status)


def _asked_at(request: HttpRequest, now: datetime) -> datetime:
    text = request.GET.get("at", "")
    found = read_cell(text, Column("at", "", "moment"), "", "").value if text else None
    return found if isinstance(found, datetime) else now


def whole_city(user: User) -> bool:
    """Whether this is an analyst of the whole city."""
    try:
        return may(user, Role.ANALYST, Charge(area_id=city_area_id()))
    except LantianError:
        return False


@require_POST
def people_act(request: HttpRequest) -> HttpResponse:
    """Enter or end a stand-in, a watch or a charge; back to the page with what was done, or why not."""
    action = _ACTIONS.get(request.POST.get("action", ""))
    if action is None or not acts(user_of(request)):
        raise Http404
    try:
        action(request, actor(user_of(request)), moment(request))
    except LantianError as error:
        return people_shown(request, {"problem": words.told(error), "typed": request.POST}, 422)
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
    if not whole_city(user_of(request)):
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
    if not (whole_city(user_of(request)) and pk.isdecimal() and len(pk) < 15):
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
