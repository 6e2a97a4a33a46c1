"""The plant manager's page, phone first: what must we do, who says so, how are we seen."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lantian.inventory import MeterKind
from lantian.periods import to_ms
from lantian.records import Action, TaskState
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import conclusions, lights, series, story, strip, wording
from lantian_web.desk.context import moment
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.desk.views.case import next_step
from lantian_web.findings.models import OrderDay
from lantian_web.inventory.models import Area, Enterprise, Line, Meter
from lantian_web.orders.models import Order
from lantian_web.tasks.models import Task

__all__ = ["plant"]

DAYS = 8


@require_GET
def plant(request: HttpRequest, pk: str) -> HttpResponse:
    """The duty in one sentence before anything else."""
    user, who, now = user_of(request), viewer(request), moment(request)
    mine = story.one(visible(user, Enterprise.objects.filter(pk=pk)))
    orders = list(
        visible(user, strip.standing(Order.objects.filter(enterprise_id=pk), now))
        .select_related("decision")
        .prefetch_related("measures")
        .order_by("-start_at")
    )
    lines = list(Line.objects.filter(enterprise_id=pk).order_by("no"))
    days = list(visible(user, OrderDay.objects.filter(enterprise_id=pk)).order_by("-on", "kind")[:DAYS])
    shown = conclusions.conclude(days)
    tasks = list(visible(user, Task.objects.filter(enterprise_id=pk)).order_by("-opened_at")[:12])
    order = next((one for one in orders if one.start_at <= now), None)
    later = next((one for one in orders if one.start_at > now), None)
    names = {line.id: line.name for line in lines}
    measures = list(order.measures.all()) if order else []
    open_tasks = [t for t in tasks if t.state not in (TaskState.CLOSED, TaskState.WITHDRAWN)]
    return render(
        request,
        "plant.html",
        {
            "plant": mine,
            "area": Area.objects.filter(pk=mine.area_id).values_list("name", flat=True).first(),
            "decision": strip.current_decision(now),
            "order": order,
            "must": wording.measures_text(measures, names),
            "later": later,
            "later_must": wording.measures_text(later.measures.all(), names) if later else "",
            "bound": any(m.action in (Action.STOP, Action.LIMIT, Action.REDUCE) for m in measures),
            "measures": measures,
            "signer": Person.objects.filter(pk=order.decision.signer).values_list("name", flat=True).first()
            if order
            else "",
            "grace_end": order.start_at + timedelta(seconds=order.grace_s) if order else None,
            "lines": _lines_now(pk, lines, user, now),
            "days": [(row, shown[row.pk]) for row in days],
            "tasks": [(t, *lights.task_light(t, now), next_step(user, who, t)) for t in open_tasks],
            "past": [(t, *lights.task_light(t, now)) for t in tasks if t not in open_tasks],
        },
    )


def _lines_now(pk: str, lines: list[Line], user: User, now: datetime) -> list[dict[str, object]]:
    """The last quarter-hour value of each line's production and treatment meters."""
    meters = list(visible(user, Meter.objects.filter(enterprise_id=pk)))
    end = to_ms(now) // series.SLOT_MS * series.SLOT_MS
    span = (end - 24 * 3_600_000, end)
    values = series.read([m.id for m in meters], span)
    made: list[dict[str, object]] = []
    for line in lines:
        sides = {}
        for kind in MeterKind:
            rows = [values[m.id] for m in meters if m.line_id == line.id and m.kind == kind]
            sides[kind.value] = _last(series.total(rows), span[0])
        made.append({"line": line, **sides})
    return made


def _last(values: list[float | None], start_ms: int) -> dict[str, object] | None:
    for slot in range(len(values) - 1, -1, -1):
        if values[slot] is not None:
            return {"kw": values[slot], "end": start_ms + (slot + 1) * series.SLOT_MS}
    return None
