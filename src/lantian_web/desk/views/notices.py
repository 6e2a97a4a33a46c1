"""Notices: calls to make, robots and their quota, what waits, what was sent with which answer; and the channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lantian.errors import DataError, LantianError
from lantian.inventory import AreaKind, UnitKind
from lantian.records import Role
from lantian_web.accounts.models import Unit, User
from lantian_web.accounts.queries import person_names
from lantian_web.accounts.rights import actor, may, visible, visible_areas
from lantian_web.desk import notice_page, wording
from lantian_web.desk.context import moment
from lantian_web.desk.listing import Column, listing
from lantian_web.desk.notice_words import HELD, KINDS, LIGHTS, OUTCOMES, READERS, STATES
from lantian_web.desk.viewer import user_of
from lantian_web.inventory.models import Area
from lantian_web.inventory.queries import city_area_id
from lantian_web.notices import commands
from lantian_web.notices.channels import kinds
from lantian_web.notices.channels.port import NOT_ALLOWED
from lantian_web.notices.models import Channel, Delivery, Message, Readers
from lantian_web.notices.rules import quiet_until
from lantian_web.rows import Answer

__all__ = ["notices", "notices_act"]

DOERS = (Role.ANALYST, Role.DISPATCHER)


def _reader(request: HttpRequest) -> User:
    """404 for everybody but city analysts and county dispatchers: plants have no business with the robots."""
    user = user_of(request)
    if not any(may(user, role) for role in DOERS):
        raise Http404
    return user


def _keeper(user: User) -> bool:
    """Whether this is an analyst of the whole city, who keeps the channels."""
    try:
        return may(user, Role.ANALYST, Channel(area_id=city_area_id()))
    except LantianError:
        return False


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """The page; filters and page of the log are in the address."""
    user, now = _reader(request), moment(request)
    filters: dict[str, Callable[[QuerySet[Delivery], str], QuerySet[Delivery]]] = {
        "area": lambda rows, v: rows.filter(area_id__startswith=v),
        "channel": lambda rows, v: rows.filter(channel__name=v),
        "outcome": lambda rows, v: rows.filter(outcome=v),
        "q": lambda rows, v: rows.filter(message__number__icontains=v),
    }
    columns = [
        Column(_("When"), "at"),
        Column(_("Number")),
        Column(_("Channel")),
        Column(_("Answer")),
        Column(_("Items"), numeric=True),
        Column(_("Took"), "took_ms", numeric=True),
        Column(_("What it said")),
    ]
    rows = visible(user, Delivery.objects.all()).select_related("message", "channel")
    table = listing(rows, request.GET, columns, filters, "-at")
    told = {row.message.told_by for row in table.page} - {""}
    lines = notice_page.robots(user, now)
    context: dict[str, Any] = {
        "table": table,
        "rows": [
            {
                "row": row,
                "light": "red" if row.code == NOT_ALLOWED else LIGHTS.get(row.outcome, "blind"),
                "word": HELD if row.code == NOT_ALLOWED else OUTCOMES.get(row.outcome, row.outcome),
                "state": STATES[row.message.state],
            }
            for row in table.page
        ],
        "people": person_names(told),
        "calls": notice_page.calls(user, timezone.now()),
        "robots": lines,
        "waiting": notice_page.waiting(user),
        "quiet": quiet_until(now),
        "seen": now.isoformat(),
        "outcomes": OUTCOMES,
        "areas": visible_areas(user, Area.objects.exclude(kind=AreaKind.CITY)).order_by("id"),
    }
    if _keeper(user):
        context |= _form()
    return render(request, "notices.html", context)


def _form() -> dict[str, Any]:
    offices = Unit.objects.exclude(kind=UnitKind.PLANT).order_by("area_id", "id")
    return {
        "keeper": True,
        "kinds": [(kind, KINDS.get(kind, kind)) for kind in kinds()],
        "readers": READERS.items(),
        "places": Area.objects.filter(kind__in=(AreaKind.CITY, AreaKind.COUNTY)).order_by("id"),
        "units": offices,
    }


@require_POST
def notices_act(request: HttpRequest) -> HttpResponse:
    """One action on messages or channels, then back to the page with what came of it."""
    user = _reader(request)
    action = request.POST.get("action", "")
    try:
        if action in ("told", "again"):
            _messages(request, user, action)
        elif action == "told_area":
            _area(request, user)
        elif _keeper(user) and action in ("add", "test", "on", "off"):
            _channel(request, user, action)
        else:
            raise Http404
    except DataError as error:
        messages.error(request, _("Not done: %(reason)s. Nothing was changed.") % {"reason": _why(error)})
    except LantianError as error:
        messages.error(
            request, _("Not done: %(reason)s. Nothing was changed.") % {"reason": wording.refusal(error)}
        )
    return redirect("notices")


def _key(typed: str) -> int | None:
    """A row's number; None for what cannot be one."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 18 else None


def _why(error: DataError) -> str:
    fields = {
        "address": _("the address does not fit, or its host is not allowed"),
        "name": _("the name is empty, too long or taken"),
        "kind": _("there is no such kind of channel"),
    }
    return fields.get(error.field, wording.refusal(error))


def _messages(request: HttpRequest, user: User, action: str) -> None:
    asked = [key for each in request.POST.getlist("id") if (key := _key(each)) is not None]
    rows = list(visible(user, Message.objects.filter(pk__in=asked)))
    ids = [row.pk for row in rows if any(may(user, role, row) for role in DOERS)]
    if not ids or len(ids) != len(set(asked)):
        raise Http404
    do = commands.told if action == "told" else commands.send_again
    _say(request, do(ids, actor(user), moment(request)))


def _say(request: HttpRequest, answers: list[Answer]) -> None:
    for answer in answers:
        if answer.done:
            messages.success(request, _("Done and written into the log."))
        else:
            reason = wording.refusal(answer.why)
            messages.error(request, _("Not done: %(reason)s. Nothing was changed.") % {"reason": reason})


def _area(request: HttpRequest, user: User) -> None:
    area = request.POST.get("area", "")
    if not area or not any(may(user, role, Message(area_id=area)) for role in DOERS):
        raise Http404
    now = moment(request)
    seen = parse_datetime(request.POST.get("seen", "")) if request.POST.get("seen") else now
    if seen is None or is_naive(seen):
        raise Http404
    commands.told_area(area, actor(user), now, seen)
    messages.success(request, _("Done and written into the log."))


def _channel(request: HttpRequest, user: User, action: str) -> None:
    by, now, asked = actor(user), moment(request), request.POST
    if action == "add":
        order = _key(asked.get("order", "1"))
        place = Area.objects.filter(pk=asked.get("area", "")).first()
        unit, readers = asked.get("unit", ""), asked.get("readers", "")
        if place is None or (unit and not Unit.objects.filter(pk=unit).exists()):
            raise Http404
        commands.add_channel(
            asked.get("kind", ""),
            asked.get("name", ""),
            place.pk,
            asked.get("address", ""),
            by,
            now,
            secret=asked.get("secret", ""),
            unit_id=unit,
            readers=Readers(readers) if readers in READERS else Readers.OFFICE,
            order=order if order is not None and order < 100 else 1,
        )
        messages.success(request, _("The channel is there. Send a test message."))
        return
    key = _key(asked.get("channel", ""))
    channel = None if key is None else Channel.objects.filter(pk=key).first()
    if channel is None:
        raise Http404
    if action == "test":
        made = commands.send_test(channel.pk, by, now)
        messages.success(request, _("Test message %(number)s is on its way.") % {"number": made.number})
    else:
        commands.switch(channel.pk, action == "on", by, now)
        messages.success(request, _("Done and written into the log."))
