"""The plant manager's page, phone first: what must we do, who says so, how are we seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lantian.inventory import Duty, MeterKind
from lantian.periods import local_day, to_ms
from lantian.records import Action, TaskState
from lantian_web.accounts.models import Person, Post, User
from lantian_web.accounts.queries import on_duty
from lantian_web.accounts.rights import phones, visible
from lantian_web.desk import conclusions, lights, series, sheets, story, strip, wording
from lantian_web.desk.context import marks, moment, played
from lantian_web.desk.cut_page import plant_cuts
from lantian_web.desk.steps import Step, steps_for
from lantian_web.desk.task_facts import TaskFacts, facts_of
from lantian_web.desk.viewer import user_of
from lantian_web.desk.year_record import year_sheets
from lantian_web.findings.models import OrderDay
from lantian_web.inventory.models import Area, Enterprise, Line, Meter
from lantian_web.orders.models import Order
from lantian_web.tasks.models import Task

__all__ = ["plant", "year"]

DAYS = 8
FIRST_YEAR = 2013  # nothing here is older
FAR = timedelta(days=3650)


@require_GET
def plant(request: HttpRequest, pk: str) -> HttpResponse:
    """The duty in one sentence before anything else."""
    user, now = user_of(request), moment(request)
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
    own = [_task(user, t, now) for t in open_tasks]
    mine_first = sorted(own, key=lambda one: (not one.steps, one.task.next_due_at or now + FAR))
    due = [one.task.next_due_at for one in own if one.steps and one.task.next_due_at]
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
            "cuts": plant_cuts(user, mine),
            "lines": _lines_now(pk, lines, user, now),
            "days": [(row, shown[row.pk]) for row in days],
            "tasks": mine_first,
            "first": next((one for one in mine_first if one.own and one.task.text), None),
            "next_due": min(due, default=None),
            "past": [(t, *lights.task_light(t, now)) for t in tasks if t not in open_tasks],
            "ask": _ask(user, mine, now),
            "years": _years(user, pk, now),
        },
    )


@dataclass(frozen=True, slots=True)
class PlantTask:
    """One open task of the plant, with its clocks and the steps of this log-in."""

    task: Task
    light: str
    word: str
    facts: TaskFacts
    steps: list[Step]

    @property
    def own(self) -> bool:
        """Whether the plant has more to do with it than to ask."""
        return any(step.code != "ask_question" for step in self.steps)


def _task(user: User, task: Task, now: datetime) -> PlantTask:
    light, word = lights.task_light(task, now)
    return PlantTask(task, light, word, facts_of(user, task, now), steps_for(user, task, now))


def _ask(user: User, plant: Enterprise, now: datetime) -> list[tuple[str, str]]:
    """Whom to ask: the county's dispatchers, who has the watch first, with the telephones this log-in may read."""
    watch = [held.person_id for held in on_duty(plant.area_id, Duty.DISPATCHER, now)]
    posts = Post.objects.filter(duty=Duty.DISPATCHER, area_id=plant.area_id).values_list(
        "person_id", flat=True
    )
    ids = list(dict.fromkeys([*watch, *posts]))[:3]
    people = {row.pk: row for row in Person.objects.filter(pk__in=ids).select_related("unit")}
    read = phones(user, people.values(), now)
    return [(people[pk].name, read.get(pk, "")) for pk in ids if pk in people]


def _years(user: User, pk: str, now: datetime) -> list[int]:
    """Years with something in them, this one first."""
    first = visible(user, Task.objects.filter(enterprise_id=pk)).order_by("opened_at").first()
    this = local_day(to_ms(now)).year
    start = local_day(to_ms(first.opened_at)).year if first else this
    return list(range(this, max(start, this - 5) - 1, -1))


@require_GET
def year(request: HttpRequest, pk: str, year: int) -> HttpResponse:
    """The record of one year of the plant's own tasks, as Excel."""
    user, now = user_of(request), moment(request)
    mine = story.one(visible(user, Enterprise.objects.filter(pk=pk)))
    if not FIRST_YEAR <= year <= local_day(to_ms(now)).year:
        raise Http404
    made = year_sheets(user, mine, year, now, marks(played(request)))
    answer = HttpResponse(sheets.written(made, "xlsx"), content_type=sheets.TYPES["xlsx"])
    answer["Content-Disposition"] = f'attachment; filename="record-{year}.xlsx"'
    return answer


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
