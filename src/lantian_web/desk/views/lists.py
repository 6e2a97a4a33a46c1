"""Orders as a table with its state in the URL, and the page of one order."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lantian.inventory import AreaKind
from lantian.records import Action, FindingState, Level, OrderState, Outcome
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import visible, visible_areas
from lantian_web.desk import conclusions, story, wording
from lantian_web.desk.context import moment
from lantian_web.desk.listing import Column, listing
from lantian_web.desk.picking import orders_in
from lantian_web.desk.viewer import user_of
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.inventory.models import Area, Enterprise, Line
from lantian_web.orders.models import Order
from lantian_web.tasks.models import Task

__all__ = ["areas_of", "order", "orders", "plants_named"]


def areas_of(user: User) -> QuerySet[Area]:
    """Counties that a filter offers."""
    return visible_areas(user, Area.objects.exclude(kind=AreaKind.CITY)).order_by("id")


def plants_named(user: User, text: str) -> list[str]:
    """Plants with this in their name."""
    return list(
        visible(user, Enterprise.objects.filter(name__icontains=text)).values_list("id", flat=True)[:500]
    )


def _names(rows: Any) -> dict[str, str]:
    ids = {row.enterprise_id for row in rows}
    return dict(Enterprise.objects.filter(pk__in=ids).values_list("id", "name"))


@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """All orders in this log-in's rights; `outcome` is the shown answer of the newest judged day."""
    user, now = user_of(request), moment(request)
    on = conclusions.last_day(user)
    filters = {
        "area": lambda rows, v: rows.filter(area_id__startswith=v),
        "state": lambda rows, v: _order_state(rows, v, now),
        "level": lambda rows, v: rows.filter(level=v),
        "action": lambda rows, v: rows.filter(measures__action=v).distinct(),
        "outcome": lambda rows, v: rows.filter(pk__in=_with_outcome(user, on, v)),
        "plant": lambda rows, v: rows.filter(enterprise_id=v),
        "q": lambda rows, v: rows.filter(enterprise_id__in=plants_named(user, v)),
    }
    columns = [
        Column(_("Number"), "number", numeric=True),
        Column(_("Plant")),
        Column(_("County"), "area_id"),
        Column(_("What must be")),
        Column(_("Level"), "level"),
        Column(_("From"), "start_at"),
        Column(_("To"), "end_at"),
        Column(_("Newest day")),
    ]
    base = visible(user, Order.objects.all()).select_related("decision").prefetch_related("measures")
    table = listing(base, request.GET, columns, filters, "-start_at")
    context = {
        "table": table,
        "rows": _order_rows(user, table.page, on),
        "on": on,
        "areas": areas_of(user),
        "states": [s.value for s in OrderState],
        "levels": [level.value for level in Level if level != Level.NONE],
        "actions": [a.value for a in Action],
        "outcomes": [*(o.value for o in Outcome), conclusions.PENDING],
        "sends": bool(orders_in(user)),
    }
    return render(request, "orders.html", context)


def _order_state(rows: QuerySet[Order], value: str, now: Any) -> QuerySet[Order]:
    """By how an order stands now: one whose end is still to come is in force until then."""
    standing = Q(end_at__isnull=True) | (Q(end_at__gt=now) & Q(end_at__gt=F("start_at")))
    return rows.filter(standing) if value == OrderState.IN_FORCE else rows.filter(~standing, state=value)


def _order_rows(user: User, page: Any, on: Any) -> list[dict[str, Any]]:
    names = _names(page)
    areas = dict(Area.objects.values_list("id", "name"))
    wanted = {m.line_id for order in page for m in order.measures.all() if m.line_id}
    lines = dict(Line.objects.filter(pk__in=wanted).values_list("id", "name"))
    days = (
        list(visible(user, OrderDay.objects.filter(on=on, order_id__in=[order.pk for order in page])))
        if on
        else []
    )
    shown = conclusions.conclude(days)
    newest = {row.order_id: (row, shown[row.pk]) for row in days}
    return [
        {
            "order": order,
            "plant": names.get(order.enterprise_id, order.enterprise_id),
            "area": areas.get(order.area_id, order.area_id),
            "text": wording.measures_text(order.measures.all(), lines),
            "day": newest.get(order.pk),
        }
        for order in page
    ]


def _with_outcome(user: User, on: Any, outcome: str) -> list[str]:
    days = list(visible(user, OrderDay.objects.filter(on=on)))
    shown = conclusions.conclude(days)
    return [row.order_id for row in days if shown[row.pk] == outcome]


@require_GET
def order(request: HttpRequest, pk: str) -> HttpResponse:
    """What one plant must do, on which basis, clause and list row; how each day went."""
    user = user_of(request)
    row = story.one(
        visible(user, Order.objects.filter(pk=pk)).select_related("decision", "decision__warning")
    )
    plant = story.one(visible(user, Enterprise.objects.filter(pk=row.enterprise_id)))
    days = list(visible(user, OrderDay.objects.filter(order_id=pk)).order_by("on", "kind"))
    shown = conclusions.conclude(days)
    measures = list(row.measures.order_by("list_row"))
    lines = dict(plant.lines.values_list("id", "name"))
    found = visible(user, Finding.objects.filter(order_id=pk, state=FindingState.CONFIRMED)).order_by("on")
    return render(
        request,
        "order.html",
        {
            "order": row,
            "plant": plant,
            "area": Area.objects.filter(pk=plant.area_id).values_list("name", flat=True).first(),
            "measures": [(m, lines.get(m.line_id, "")) for m in measures],
            "text": wording.measures_text(measures, lines),
            "signer": Person.objects.filter(pk=row.decision.signer).values_list("name", flat=True).first()
            or row.decision.signer,
            "days": [(day, shown[day.pk]) for day in days],
            "findings": list(found),
            "tasks": list(visible(user, Task.objects.filter(order_id=pk)).order_by("kind")),
        },
    )
