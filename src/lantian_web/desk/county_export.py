"""The 18:00 export for the county leader: the day on one Word paper, the ledger and what is open as Excel.

Rows and counts come from the same lists as the county's page, so that the numbers are the page's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lantian.dispatch import OPEN_STATES
from lantian.periods import CITY_TZ, at
from lantian_web.accounts.models import Person, Unit
from lantian_web.bulletins.layout import LaidSection, LaidSheet, LaidTable
from lantian_web.bulletins.render_docx import written as docx
from lantian_web.bulletins.wording import Run
from lantian_web.desk import sheets, wording
from lantian_web.desk.compose_words import LISTS, kind_names
from lantian_web.desk.county_page import GROUPS, OVER, classified, offices
from lantian_web.desk.county_rows import AT_WORK
from lantian_web.inventory.models import Area, Enterprise
from lantian_web.tasks.models import Task

__all__ = ["TYPES", "Day", "Entry", "day_of", "written"]

TYPES = {
    "xlsx": sheets.TYPES["xlsx"],
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
MOST = 5000
LISTED = 60  # rows of a table of the paper; the ledger has them all


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger."""

    task: Task
    kind: str
    text: str
    plant: str
    unit: str
    leader: str
    person: str
    claimed_by: str
    group: str  # list of the page in which it stands
    late: timedelta | None

    @property
    def open(self) -> bool:
        return self.task.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class Day:
    """A county's day: `counts` are those of the page, by list."""

    area: Area
    on: date
    as_of: datetime
    counts: Mapping[str, int]
    received: int
    ended: int
    entries: Sequence[Entry]
    lit: Sequence[tuple[str, int]]
    marks: Sequence[str]

    @property
    def open_ones(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.open]


def day_of(
    rows: QuerySet[Task],
    area: Area,
    on: date,
    now: datetime,
    lit: Sequence[tuple[str, int]] = (),
    marks: Sequence[str] = (),
) -> Day:
    """What the county's own units had on the day: open now, received, or ended on it. States are those of `now`."""
    own = offices(area.id)
    first, last = at(on, 0), at(on + timedelta(days=1), 0)
    mine = rows.filter(area_id__startswith=area.id, unit_id__in=own)
    of_day = Q(opened_at__gte=first, opened_at__lt=last) | Q(closed_at__gte=first, closed_at__lt=last)
    standing = Q(state__in=OPEN_STATES, opened_at__lt=last)
    tasks = list(mine.filter(of_day | standing).order_by("opened_at", "number")[:MOST])
    found = classified(rows, area.id, now)
    return Day(
        area,
        on,
        now,
        {code: len(found[code]) for code in GROUPS},
        sum(first <= task.opened_at < last for task in tasks),
        sum(task.closed_at is not None and first <= task.closed_at < last for task in tasks),
        _entries(tasks, {fact.id: code for code in GROUPS for fact in found[code]}, now),
        lit,
        marks,
    )


def _entries(tasks: Sequence[Task], groups: Mapping[str, str], now: datetime) -> list[Entry]:
    plants = dict(Enterprise.objects.filter(pk__in={t.plant_id for t in tasks}).values_list("id", "name"))
    units = dict(Unit.objects.filter(pk__in={t.unit_id for t in tasks}).values_list("id", "name"))
    ids = {p for t in tasks for p in (t.leader_id, t.person_id, t.claimed_by)}
    people = dict(Person.objects.filter(pk__in=ids).values_list("id", "name"))
    kinds = kind_names(now.astimezone(CITY_TZ).date())
    made = []
    for task in tasks:
        kind = kinds.get(task.category, "") or wording.label(task.kind, "task")
        cause = wording.label(task.cause, "finding") if task.cause else ""
        made.append(
            Entry(
                task,
                kind,
                task.text or cause or kind,
                plants.get(task.plant_id, ""),
                units.get(task.unit_id, task.unit_id),
                people.get(task.leader_id, ""),
                people.get(task.person_id, ""),
                people.get(task.claimed_by, ""),
                groups.get(task.pk, ""),
                _late(task, now),
            )
        )
    return made


def _late(task: Task, now: datetime) -> timedelta | None:
    """By how much the running clock is over, or the answer was."""
    if task.state in AT_WORK:
        return now - task.next_due_at if task.next_due_at is not None and task.next_due_at <= now else None
    if task.answered_at and task.feedback_due_at and task.answered_at > task.feedback_due_at:
        return task.answered_at - task.feedback_due_at
    return None


def written(day: Day, form: str) -> bytes:
    """Bytes of the file; `form` is one of TYPES."""
    return docx(_paper(day), day.as_of) if form == "docx" else sheets.written(_sheets(day), form)


def _clock(moment: datetime | None) -> str:
    return moment.astimezone(CITY_TZ).strftime("%Y-%m-%d %H:%M") if moment else ""


def _heads() -> list[str]:
    return [
        _("Number"),
        _("Kind"),
        _("Text"),
        _("Plant"),
        _("Responsible unit"),
        _("Responsible leader"),
        _("Responsible person"),
        _("Opened"),
        _("Claimed"),
        _("Claimed by"),
        _("Due"),
        _("Answered"),
        _("Answer"),
        _("Checked"),
        _("State"),
        _("Late by, min"),
    ]


def _cells(entry: Entry) -> list[sheets.Cell]:
    task = entry.task
    return [
        task.number,
        entry.kind,
        entry.text,
        entry.plant,
        entry.unit,
        entry.leader,
        entry.person,
        _clock(task.opened_at),
        _clock(task.claimed_at),
        entry.claimed_by,
        _clock(task.feedback_due_at),
        _clock(task.answered_at),
        task.answer,
        _clock(task.closed_at),
        wording.label(task.state, "task_state"),
        int(entry.late.total_seconds() // 60) if entry.late else None,
    ]


def _as_of(day: Day) -> str:
    return _("%(area)s, %(day)s, as of %(clock)s") % {
        "area": day.area.name,
        "day": day.on.isoformat(),
        "clock": _clock(day.as_of),
    }


def _sheets(day: Day) -> list[sheets.Sheet]:
    counts: list[list[sheets.Cell]] = [[str(LISTS[code]), day.counts[code]] for code in GROUPS]
    counts += [[_("received on the day"), day.received], [_("ended on the day"), day.ended]]
    marked: list[list[sheets.Cell]] = [[mark, None] for mark in day.marks]
    return [
        (_("Ledger of the day"), _heads(), [_cells(entry) for entry in day.entries]),
        (_("Not closed"), _heads(), [_cells(entry) for entry in day.open_ones]),
        (_("Counts"), [_as_of(day), _("Tasks")], counts + marked),
    ]


def _paper(day: Day) -> LaidSheet:
    counts = "；".join(
        _("%(what)s %(n)d") % {"what": str(LISTS[code]), "n": day.counts[code]} for code in GROUPS
    )
    lit = "，".join(f"{wording.label(code, 'light')} {n}" for code, n in day.lit)
    late = [entry for entry in day.open_ones if entry.group == OVER]
    rest = [entry for entry in day.open_ones if entry.group != OVER]
    lines = [
        _("Received on the day %(new)d, ended on the day %(ended)d, open %(open)d.")
        % {"new": day.received, "ended": day.ended, "open": len(day.open_ones)},
        _("Now: %(counts)s.") % {"counts": counts},
    ]
    if lit:
        lines.append(_("Plants by light: %(lit)s.") % {"lit": lit})
    sections = [
        LaidSection("day", _("1. The day"), [[Run(line)] for line in lines], [], []),
        LaidSection(
            "late",
            _("2. Overdue"),
            [],
            [_table("late", _("Overdue, by responsible leader"), late)],
            [],
        ),
        LaidSection("open", _("3. Not closed"), [], [_table("open", _("Other open tasks"), rest)], []),
    ]
    title = _("%(area)s: dispatch sheet of the day") % {"area": day.area.name}
    head = [_("%(day)s, as of %(clock)s") % {"day": day.on.isoformat(), "clock": _clock(day.as_of)}]
    return LaidSheet(title, list(day.marks), head, sections, "", [])


def _table(key: str, caption: str, entries: Sequence[Entry]) -> LaidTable:
    heads = [_("Number"), _("Text"), _("Plant"), _("Leader"), _("Person"), _("Due"), _("State")]
    rows = [
        [
            [Run(text)]
            for text in (
                entry.task.number,
                entry.text,
                entry.plant or entry.unit,
                entry.leader,
                entry.person,
                _clock(entry.task.next_due_at or entry.task.feedback_due_at)[5:],
                _("%(span)s over") % {"span": wording.span(entry.late)}
                if entry.late
                else wording.label(entry.task.state, "task_state"),
            )
        ]
        for entry in entries[:LISTED]
    ]
    said = caption
    if len(entries) > LISTED:
        said = _("%(caption)s (the first %(n)d of %(all)d; the ledger has them all)") % {
            "caption": caption,
            "n": LISTED,
            "all": len(entries),
        }
    weights = [0.16, 0.3, 0.16, 0.09, 0.09, 0.1, 0.1]
    return LaidTable(key, [Run(said)], heads, [False] * 7, weights, rows, _("None"), False)
