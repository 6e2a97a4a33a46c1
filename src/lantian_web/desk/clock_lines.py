"""The clocks of a task as its case shows them: when each was to end, when it was met, what is left on its own calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from lantian.dispatch.clock import Calendar, office_hours
from lantian.periods import UnpublishedYear, is_workday, local_day, to_ms, working_time_between
from lantian.records import TaskState
from lantian_web.desk import wording
from lantian_web.tasks.clocks import calendar_of
from lantian_web.tasks.models import Task

__all__ = ["ClockLine", "clock_lines"]

LONGEST = 60  # days looked through for holidays


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock: when it was to end, when it was met, what is left on its own calendar."""

    word: str
    due_at: datetime | None
    met_at: datetime | None = None
    late: timedelta | None = None
    left: timedelta | None = None
    stands: bool = False
    calendar: str = ""
    office: bool = False
    days_off: Sequence[date] = ()
    days_on: Sequence[date] = ()

    @property
    def left_word(self) -> str:
        """What is left: of an office clock in hours of the office, which are no days."""
        if self.left is None or not self.office:
            return wording.span(self.left or timedelta())
        minutes = int(self.left.total_seconds()) // 60
        return _("%(hours)d h %(minutes)02d min of office time") % {
            "hours": minutes // 60,
            "minutes": minutes % 60,
        }


def clock_lines(task: Task, now: datetime) -> list[ClockLine]:
    """The two clocks of a task as they stand now: that of the claim, that of the feedback."""
    state = TaskState(task.state)
    calendar = (
        _("day and night") if calendar_of(task) is Calendar.CLOCK else _("office hours of working days")
    )
    claim = ClockLine(_("Claim"), task.claim_due_at, task.claimed_at, calendar=calendar)
    lines = [_judged(task, claim, now, runs=state is TaskState.ISSUED)]
    feedback = ClockLine(_("Feedback"), task.feedback_due_at, task.answered_at, calendar=calendar)
    if state is TaskState.RETURNED or (
        task.returned_at and feedback.met_at and feedback.met_at < task.returned_at
    ):
        feedback = ClockLine(_("Feedback"), task.feedback_due_at, calendar=calendar)
    works = state in (TaskState.CLAIMED, TaskState.IN_HAND, TaskState.RETURNED)
    return [*lines, _judged(task, feedback, now, runs=works)]


def _judged(task: Task, line: ClockLine, now: datetime, *, runs: bool) -> ClockLine:
    """With what is left of it, or by how much it was missed; a clock that stands keeps what it had."""
    due, met = line.due_at, line.met_at
    if due is None:
        return line
    if met is not None:
        return ClockLine(line.word, due, met, max(met - due, timedelta()), calendar=line.calendar)
    stands = task.paused_at is not None and due == task.feedback_due_at
    since = task.paused_at if stands and task.paused_at else now
    if not (runs or stands):
        return line
    if not stands and due <= now:
        return ClockLine(line.word, due, late=now - due, calendar=line.calendar)
    on, off = _unusual(task, since, due)
    return ClockLine(
        line.word,
        due,
        left=_left(task, since, due),
        stands=stands,
        calendar=line.calendar,
        office=calendar_of(task) is Calendar.WORKING,
        days_off=off,
        days_on=on,
    )


def _left(task: Task, since: datetime, due: datetime) -> timedelta:
    if calendar_of(task) is Calendar.CLOCK:
        return max(due - since, timedelta())
    try:
        return working_time_between(since, due, office_hours)
    except UnpublishedYear:
        return max(due - since, timedelta())


def _unusual(task: Task, since: datetime, due: datetime) -> tuple[list[date], list[date]]:
    """Weekend days that are worked, and weekdays that are not, while an office clock runs."""
    if calendar_of(task) is Calendar.CLOCK:
        return [], []
    on: list[date] = []
    off: list[date] = []
    day, last = local_day(to_ms(since)), local_day(to_ms(due))
    for _nth in range(min((last - day).days + 1, LONGEST)):
        try:
            works = is_workday(day)
        except UnpublishedYear:
            break
        if works is (day.weekday() >= 5):
            (on if works else off).append(day)
        day += timedelta(days=1)
    return on, off
