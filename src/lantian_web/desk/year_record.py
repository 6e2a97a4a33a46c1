"""The year of one plant as a file for its auditor: orders, tasks with answers and verdicts, files handed in."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.periods import CITY_TZ, at, local_day, to_ms
from lantian.records import OrderState
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import conclusions, sheets, wording
from lantian_web.desk.compose_words import kind_names
from lantian_web.findings.models import OrderDay
from lantian_web.inventory.models import Enterprise, Line
from lantian_web.orders.models import Order
from lantian_web.tasks.models import Proof, Request, Task
from lantian_web.verdicts.models import Verdict

__all__ = ["year_sheets"]


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone(CITY_TZ):%Y-%m-%d %H:%M}" if moment else ""


def year_sheets(
    user: User, plant: Enterprise, year: int, now: datetime, marks: list[str]
) -> list[sheets.Sheet]:
    """Sheets of one calendar year, within what the log-in sees; what is not real is said on the first."""
    first, last = at(date(year, 1, 1), 0), at(date(year + 1, 1, 1), 0)
    tasks = visible(user, Task.objects.filter(enterprise_id=plant.pk))
    rows = list(tasks.filter(opened_at__gte=first, opened_at__lt=last).order_by("opened_at", "number"))
    head: list[list[sheets.Cell]] = [
        [_("Plant"), plant.name],
        [_("Credit code"), plant.credit_code],
        [_("Year"), year],
        [_("Made"), _clock(now)],
    ]
    head += [[_("Note"), mark] for mark in marks]
    return [
        (_("Record"), ["", ""], head),
        _orders(user, plant, first, last),
        _tasks(user, rows),
        _requests(user, rows),
        _days(user, plant, first, last),
        _files(rows),
    ]


def _orders(user: User, plant: Enterprise, first: datetime, last: datetime) -> sheets.Sheet:
    names = dict(Line.objects.filter(enterprise=plant).values_list("id", "name"))
    rows = visible(user, Order.objects.filter(enterprise_id=plant.pk, start_at__gte=first, start_at__lt=last))
    heads = [_("Order"), _("Level"), _("What"), _("From"), _("To"), _("Signed by"), _("State"), _("List")]
    found = list(rows.select_related("decision").prefetch_related("measures").order_by("start_at", "pk"))
    signers = dict(
        Person.objects.filter(pk__in={row.decision.signer for row in found}).values_list("id", "name")
    )
    body: list[list[sheets.Cell]] = [
        [
            f"{row.decision.number} {row.number}",
            wording.label(row.level, "level"),
            wording.measures_text(row.measures.all(), names),
            _clock(row.start_at),
            _clock(row.end_at),
            signers.get(row.decision.signer, row.decision.signer),
            wording.label(OrderState(row.state), "order_state"),
            row.list_paper,
        ]
        for row in found
    ]
    return _("Orders"), heads, body


def _tasks(user: User, rows: list[Task]) -> sheets.Sheet:
    verdicts: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in visible(user, Verdict.objects.filter(task__in=rows)).order_by("round"):
        verdicts[str(verdict.task_id)].append(verdict)
    people = {row.answered_by for row in rows} | {v.checker for every in verdicts.values() for v in every}
    names = dict(Person.objects.filter(pk__in=people).values_list("id", "name"))
    kinds = kind_names(local_day(to_ms(rows[0].opened_at))) if rows else {}
    heads = [
        _("Number"),
        _("Kind"),
        _("What"),
        _("Basis"),
        _("Opened"),
        _("Claimed"),
        _("Due"),
        _("Answered"),
    ]
    heads += [_("Answered by"), _("Answer"), _("State"), _("Verdict"), _("Checker"), _("Reason"), _("Closed")]
    body: list[list[sheets.Cell]] = []
    for row in rows:
        last = verdicts[row.pk][-1] if verdicts[row.pk] else None
        body.append(
            [
                row.number,
                kinds.get(row.category, "") or wording.label(row.kind, "task"),
                row.text or (wording.label(row.cause, "finding") if row.cause else ""),
                row.basis,
                _clock(row.opened_at),
                _clock(row.claimed_at),
                _clock(row.feedback_due_at),
                _clock(row.answered_at),
                names.get(row.answered_by, row.answered_by),
                row.answer,
                wording.label(row.state, "task_state"),
                wording.label(last.outcome, "outcome") if last else "",
                names.get(last.checker, last.checker) if last else "",
                last.reason if last else "",
                _clock(row.closed_at),
            ]
        )
    return _("Tasks"), heads, body


def _requests(user: User, rows: list[Task]) -> sheets.Sheet:
    heads = [
        _("Number"),
        _("Asked"),
        _("Kind"),
        _("Reason"),
        _("Answer due"),
        _("Answered"),
        _("Granted"),
        _("Answer"),
    ]
    found = (
        visible(user, Request.objects.filter(task__in=rows)).select_related("task").order_by("asked_at", "pk")
    )
    said = {True: _("Granted"), False: _("Refused"), None: _("not answered yet")}
    body: list[list[sheets.Cell]] = [
        [
            row.task.number,
            _clock(row.asked_at),
            wording.label(row.kind, "request"),
            row.reason,
            _clock(row.decide_due_at),
            _clock(row.decided_at),
            pgettext("request", "answered") if row.decided_at and row.granted is None else said[row.granted],
            row.answer,
        ]
        for row in found
    ]
    return _("Asked"), heads, body


def _days(user: User, plant: Enterprise, first: datetime, last: datetime) -> sheets.Sheet:
    days = visible(user, OrderDay.objects.filter(enterprise_id=plant.pk))
    found = list(days.filter(on__gte=first.date(), on__lt=last.date()).order_by("on", "kind"))
    shown = conclusions.conclude(found)
    heads = [
        _("Day"),
        _("Asked for"),
        _("Conclusion"),
        _("Measured"),
        _("Line"),
        _("Unit of measure"),
        _("Judged"),
        _("Missing"),
    ]
    body: list[list[sheets.Cell]] = [
        [
            row.on.isoformat(),
            wording.label(row.kind, "measure_of"),
            wording.label(shown[row.pk], "outcome"),
            row.measured,
            row.threshold,
            row.unit,
            row.slots_judged,
            row.slots_missing,
        ]
        for row in found
    ]
    return _("Order days"), heads, body


def _files(rows: list[Task]) -> sheets.Sheet:
    heads = [_("Number"), _("Handed in"), _("Name"), _("Bytes"), "SHA-256", _("Taken")]
    found = Proof.objects.filter(task__in=rows).select_related("task").order_by("at", "name", "pk")
    body: list[list[sheets.Cell]] = [
        [row.task.number, _clock(row.at), row.name, row.size, row.sha256, _clock(row.taken_at)]
        for row in found
    ]
    return _("Files"), heads, body
