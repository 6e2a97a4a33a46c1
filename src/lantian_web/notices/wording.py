"""What a notice says: one line per task, and the title over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lantian.periods import from_ms, local_day, to_ms
from lantian.records import TaskState
from lantian.standards import table
from lantian_web.accounts.queries import person_names
from lantian_web.inventory.models import Area
from lantian_web.inventory.queries import plant_names
from lantian_web.notices.channels.port import Line
from lantian_web.notices.models import Notice
from lantian_web.tasks.models import Task

__all__ = [
    "DIGEST",
    "NAGGING",
    "Words",
    "area_name",
    "list_line",
    "rest_line",
    "test_words",
    "title_mark",
    "title_of",
]

DIGEST = "digest"
LONGEST = 120  # characters of a sentence that somebody typed
NAGGING = frozenset({"task.escalated", "task.reminded"})
"""Said only while the clock still runs, and nobody has asked for silence; of several the heaviest alone."""
WHAT = {
    "task.opened": pgettext_lazy("notice", "New"),
    "task.transferred": pgettext_lazy("notice", "Transferred to you"),
    "task.returned": pgettext_lazy("notice", "Sent back"),
    "task.reopened": pgettext_lazy("notice", "Reopened"),
    "task.unclaimed": pgettext_lazy("notice", "Not signed for: a message was wrongly read"),
    "task.insisted": pgettext_lazy("notice", "Stays with you"),
    "task.resumed": pgettext_lazy("notice", "Goes on"),
    "task.withdrawn": pgettext_lazy("notice", "Withdrawn"),
    "task.reminded": pgettext_lazy("notice", "Reminder"),
    "task.look_due": pgettext_lazy("notice", "Its day of the next look has come"),
    "task.request_due": pgettext_lazy("notice", "An answer is owed"),
    "task.escalated": pgettext_lazy("notice", "Overdue"),
    "task.requested": pgettext_lazy("notice", "Asks for a decision"),
    "task.questioned": pgettext_lazy("notice", "Asks a question"),
    "task.declined": pgettext_lazy("notice", "Declined"),
    "task.request_granted": pgettext_lazy("notice", "Granted"),
    "task.request_refused": pgettext_lazy("notice", "Refused"),
    "task.question_answered": pgettext_lazy("notice", "Your question is answered"),
    "letter.signed": pgettext_lazy("notice", "Signed, and to be answered by the unit"),
}
MATTERS = {
    "carry_out": gettext_lazy("Carry out"),
    "check": gettext_lazy("Check"),
    "not_stopped": gettext_lazy("Not stopped"),
    "not_curtailed": gettext_lazy("Not curtailed"),
    "not_reduced": gettext_lazy("Not reduced"),
}


def _url(task_id: str = "") -> str:
    """Address of the tasks' list, or of one; written out, so that a courier loads no page."""
    return f"{settings.BASE_URL}/tasks/{task_id}{'/' if task_id else ''}" if settings.BASE_URL else ""


def area_name(area_id: str) -> str:
    """Name of an area, its id when it has none."""
    return Area.objects.filter(pk=area_id).values_list("name", flat=True).first() or area_id


def title_of(area: str, count: int, *, emergency: bool, drill: bool) -> str:
    """Title of a message."""
    urgent = _("[Emergency]") if emergency else ""
    return title_mark(drill) + urgent + _("%(area)s: %(n)d to see to") % {"area": area, "n": count}


def title_mark(drill: bool) -> str:
    """What stands before every title of a home that plays."""
    return _("[Drill]") if drill else ""


def test_words(name: str) -> tuple[str, str]:
    """Title and line of a test message."""
    return _("Test of the channel"), _("%(name)s works; nobody has to do anything.") % {"name": name}


def list_line(area_id: str, now: datetime) -> Line:
    """The foot: as of when, and the list of all that is open."""
    url = _url()
    link = f"{url}?area={area_id}&state=open" if url else ""
    return Line(_("All open tasks, as of %(at)s") % {"at": _moment(now)}, link)


def _moment(moment: datetime) -> str:
    return f"{from_ms(to_ms(moment)):%m-%d %H:%M}"


def _step_name(step: str, now: datetime) -> str:
    day = local_day(to_ms(now))
    for row in table("escalation_steps"):
        start, end = row.day("valid_from"), row.day("valid_to")
        if row.text("step") == step and (start is None or start <= day) and (end is None or day <= end):
            return row.text("name_zh")
    return ""


@dataclass(slots=True)
class Words:
    """Names of what a batch of notices speaks of, read once."""

    now: datetime
    tasks: Mapping[str, Task]
    plants_read: bool = False  # what a county is sent to look at in a plant is then not named
    names: dict[str, str] = field(default_factory=dict)
    plants: dict[str, str] = field(default_factory=dict)

    def learn(self, notices: Iterable[Notice]) -> None:
        """Read the names of people and plants of these notices."""
        people = {notice.person_id for notice in notices} | {task.person_id for task in self.tasks.values()}
        self.names = person_names(people - {""})
        self.plants = plant_names({task.plant_id for task in self.tasks.values()} - {""})

    def lines(self, same: Sequence[Notice]) -> list[Line]:
        """Lines for notices of one subject: the heaviest with its matter, then whatever else was said or happened."""
        if same[0].event == DIGEST:
            return self._digest(same[0])
        task = self.tasks.get(same[0].subject_id)
        if task is None:
            return list(dict.fromkeys(self._bare(notice) for notice in same))
        nags = [notice for notice in same if notice.event in NAGGING and not _typed(notice)]
        first, *others = dict.fromkeys(self._said(each, task) for each in same if each not in nags[1:])
        return [self._task(same, task, *first), *(Line(_also(what, said)) for what, said in others)]

    def _bare(self, notice: Notice) -> Line:
        number = str(notice.params.get("number", notice.subject_id))
        said = str(notice.params.get("text") or notice.params.get("reason") or "")
        what = str(WHAT.get(notice.event, notice.params.get("title", notice.event)))
        letter = str(notice.params.get("letter", ""))
        url = f"{settings.BASE_URL}/letters/{letter}/" if letter and settings.BASE_URL else ""
        return Line(f"{number} {what} {_cut(said)}".strip(), url)

    def _said(self, notice: Notice, task: Task) -> tuple[str, str]:
        """What happened, and what somebody wrote about it."""
        what = str(WHAT.get(notice.event, ""))
        if notice.event == "task.escalated":
            what = _step_name(str(notice.params.get("step", "")), self.now) or what
        return what, "" if self._hides(task) and task.about_id else _cut(_typed(notice))

    def _task(self, same: Sequence[Notice], task: Task, what: str, said: str) -> Line:
        parts = [
            f"{what}：{self._matter(task)}",
            said,
            self._due(task),
            "、".join(dict.fromkeys(self.names[n.person_id] for n in same if n.person_id in self.names)),
        ]
        return Line(f"{task.number} " + "，".join(filter(None, parts)), _url(task.pk))

    def _hides(self, task: Task) -> bool:
        """Whether plants read along what a county is sent to look at."""
        return self.plants_read and not task.enterprise_id

    def _matter(self, task: Task) -> str:
        hidden = self._hides(task)
        plant = "" if hidden else self.plants.get(task.plant_id, "")
        said = "" if hidden and task.about_id else task.text
        said = said or " ".join(str(MATTERS.get(code, code)) for code in (task.kind, task.cause) if code)
        return f"{plant} {_cut(said)}".strip()

    def _due(self, task: Task) -> str:
        due = task.next_due_at
        if due is None:
            return ""
        said = _("was due %(at)s") if due <= self.now else _("by %(at)s")
        return said % {"at": _moment(due)}

    def _waits(self, task: Task) -> str:
        """That it is the sender who has to act."""
        if task.state == TaskState.DECLINED:
            return _("Declined, waits for the sender")
        if task.state == TaskState.ON_HOLD and task.hold_until:
            return _("On hold, to be looked at on %(day)s") % {"day": f"{task.hold_until:%m-%d}"}
        return ""

    def _digest(self, notice: Notice) -> list[Line]:
        ids = [str(key) for key in notice.params.get("tasks", ())]
        count, late = int(notice.params.get("open", 0)), int(notice.params.get("late", 0))
        who = self.names.get(notice.person_id, "") or str(notice.params.get("unit", ""))
        head = _("%(who)s: %(n)d open, %(late)d overdue; worst first") % {
            "who": who,
            "n": count,
            "late": late,
        }
        lines = [Line(head)]
        for task in (self.tasks[key] for key in ids if key in self.tasks):
            text = "，".join(filter(None, (self._waits(task), self._matter(task), self._due(task))))
            lines.append(Line(f"{task.number} {text}", _url(task.pk)))
        return lines


def _typed(notice: Notice) -> str:
    return str(notice.params.get("reason") or notice.params.get("answer") or "")


def _also(what: str, said: str) -> str:
    return _("also %(what)s") % {"what": f"{what}：{said}" if said else what}


def rest_line(count: int) -> Line:
    """That so many more lines did not find room."""
    return Line(_("and %(n)d more, see the item") % {"n": count})


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
