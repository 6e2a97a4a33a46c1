"""The read API: the desk's queue, tasks, findings, the map and the air, within the log-in's rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from ninja import NinjaAPI, Schema
from ninja.security import django_auth

from lantian_web.accounts.rights import visible
from lantian_web.api_air import router as air
from lantian_web.desk import queue
from lantian_web.desk.context import moment
from lantian_web.desk.viewer import user_of, viewer
from lantian_web.desk.views.map import collection
from lantian_web.findings.models import Finding
from lantian_web.tasks.models import Task

__all__ = ["api"]

api = NinjaAPI(
    title="Lantian",
    version="1",
    auth=django_auth,
    docs_url=None,
    docs_decorator=login_required,
    urls_namespace="api",
)
api.add_router("", air)
PAGE, LAST = 200, 1_000_000
R = TypeVar("R")


class QueueRow(Schema):
    """One thing that waits."""

    what: str
    plant_id: str
    plant: str
    area: str
    cause: str
    joined: int
    light: str
    due_at: datetime | None
    task_id: str | None
    finding_ids: list[str]


class QueueOut(Schema):
    """A page of the queue with the counts of the whole."""

    as_of: datetime
    total: int
    page: int
    pages: int
    rows: list[QueueRow]


class TaskOut(Schema):
    """A task."""

    id: str
    number: str
    kind: str
    category: str
    text: str
    state: str
    cause: str
    order_id: str
    area_id: str
    unit_id: str
    enterprise_id: str
    opened_at: datetime
    claim_due_at: datetime | None
    feedback_due_at: datetime | None
    next_due_at: datetime | None
    closed_at: datetime | None
    step_peak: int


class FindingOut(Schema):
    """A finding with the numbers that show it."""

    id: str
    kind: str
    state: str
    rule: str
    version: str
    subject_kind: str
    subject_id: str
    order_id: str
    area_id: str
    enterprise_id: str
    first_ms: int
    last_ms: int
    measured: float
    threshold: float
    unit: str
    slots_judged: int
    slots_missing: int


@api.get("/desk", response=QueueOut)
def desk(request: HttpRequest, area: str = "", what: str = "", page: int = 1) -> dict[str, Any]:
    """The duty desk's queue as this log-in sees it."""
    now = moment(request)
    params = {"area": area, "what": what, "page": str(page)}
    found = queue.build(user_of(request), viewer(request), now, params)
    return {
        "as_of": now,
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "rows": [
            {
                "what": item.key.what,
                "plant_id": item.plant_id,
                "plant": item.plant,
                "area": item.area,
                "cause": item.key.cause or (item.task.cause if item.task else ""),
                "joined": item.key.joined or len(item.findings),
                "light": item.light,
                "due_at": item.key.due,
                "task_id": item.key.task_id or None,
                "finding_ids": [finding.pk for finding in item.findings],
            }
            for item in found.items
        ],
    }


@api.get("/tasks", response=list[TaskOut])
def tasks(request: HttpRequest, state: str = "", area: str = "", page: int = 1) -> list[Task]:
    """Tasks, newest first, 200 a page."""
    rows = visible(user_of(request), Task.objects.filter(area_id__startswith=area))
    if state:
        rows = rows.filter(state=state)
    first = (min(max(page, 1), LAST) - 1) * PAGE
    return list(rows.order_by("-opened_at", "pk")[first : first + PAGE])


@api.get("/tasks/{pk}", response=TaskOut)
def task(request: HttpRequest, pk: str) -> Task:
    """One task."""
    return _one(visible(user_of(request), Task.objects.filter(pk=pk)).first())


@api.get("/findings", response=list[FindingOut])
def findings(request: HttpRequest, state: str = "", area: str = "", page: int = 1) -> list[Finding]:
    """Findings, newest first, 200 a page."""
    rows = visible(user_of(request), Finding.objects.filter(area_id__startswith=area))
    if state:
        rows = rows.filter(state=state)
    first = (min(max(page, 1), LAST) - 1) * PAGE
    return list(rows.order_by("-on", "pk")[first : first + PAGE])


@api.get("/findings/{pk}", response=FindingOut)
def finding(request: HttpRequest, pk: str) -> Finding:
    """One finding."""
    return _one(visible(user_of(request), Finding.objects.filter(pk=pk)).first())


@api.get("/map")
def geojson(request: HttpRequest) -> dict[str, Any]:
    """Counties and plants by light, as GeoJSON."""
    return collection(user_of(request), request)


def _one(row: R | None) -> R:
    if row is None:
        raise Http404
    return row
