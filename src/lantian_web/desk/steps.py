"""Every step that a log-in may take on a task now, each as a small form. The commands decide again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from os.path import commonprefix

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.dispatch import GRANTS, TaskEvent, allowed, binding, check_binding, may_ask, pause_rules
from lantian.dispatch.deadline import Checker
from lantian.errors import LantianError, LawError
from lantian.inventory import UnitKind
from lantian.periods import CITY_TZ, local_day, to_ms
from lantian.records import Outcome, RequestKind, TaskKind, TaskState
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import acts, visible_units
from lantian_web.desk import wording
from lantian_web.desk.step_words import SAYS, STEPS
from lantian_web.tasks.asking import may_question
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.parties import Actors, Senders
from lantian_web.tasks.turning import STOPS
from lantian_web.verdicts.commands import Checkers
from lantian_web.verdicts.queries import asked_conditions, checker_rule, compliance_of

__all__ = ["Field", "Step", "steps_for"]

Choices = Sequence[tuple[str, str]]
AT_WORK = (TaskState.CLAIMED, TaskState.IN_HAND, TaskState.RETURNED)
FIRST = ("claim", "begin", "answer", "check", "end_pause", "insist", "look")
"""Steps that are next: shown open, the others behind a line of words."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a form asks for; `kind` is textarea, line, datetime, date, select, radio or conditions."""

    name: str
    kind: str
    word: str
    required: bool = False
    choices: Choices = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One small form. `files`: photos and papers may go with it."""

    code: str
    action: str
    side: str
    fields: Sequence[Field] = ()
    says: str = ""
    files: bool = False
    hidden: Sequence[tuple[str, str]] = ()

    @property
    def word(self) -> str:
        return str(STEPS[self.code])

    @property
    def first(self) -> bool:
        return self.code in FIRST


def steps_for(user: User, task: Task, now: datetime) -> list[Step]:
    """What this log-in may do, its next steps first. Whether the log-in sees the task is for the caller to know."""
    by = user.person_id
    if by is None or not acts(user):
        return []
    found: list[Step] = []
    if _may(lambda: Actors([by], now).check(by, task)):
        found += _handler(task, now)
    elif may_question(by, task):
        found += _questioning(task)
    if _may(lambda: Senders([by], now).check(by, task)):
        found += [step for step in _sender(user, task, now) if step.code not in {one.code for one in found}]
    if task.state == TaskState.ANSWERED and _may(lambda: Checkers([by], [task], now).admit(by, task)):
        found.append(_check(task, now))
    return sorted(found, key=lambda step: FIRST.index(step.code) if step.first else len(FIRST))


def _may(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except LantianError:
        return False
    return True


def _open(task: Task, event: TaskEvent) -> bool:
    """Whether table and law know the step now."""
    try:
        check_binding(TaskKind(task.kind), task.emergency, event)
    except LawError:
        return False
    return event in allowed(TaskState(task.state))


def _reason(word: str = "", required: bool = True) -> Field:
    return Field("text", "line", word or _("Reason"), required)


def _handler(task: Task, now: datetime) -> list[Step]:
    found = []
    if _open(task, TaskEvent.CLAIM):
        found.append(Step("claim", "claim", "handler", files=True, says=str(SAYS["claim"])))
    if _open(task, TaskEvent.BEGIN) and task.kind != TaskKind.CARRY_OUT:
        found.append(Step("begin", "begin", "handler", files=True))
    if _open(task, TaskEvent.ANSWER):
        words = _("What was done, and why (both sides see it)")
        found.append(
            Step("answer", "answer", "handler", [Field("text", "textarea", words, True)], files=True)
        )
    if _open(task, TaskEvent.DECLINE):
        found.append(Step("decline", "decline", "handler", [_reason(_("Why, and whose it is"))]))
    found += _asking(task, now)
    found += _pausing(task, now)
    if TaskState(task.state) in (TaskState.ISSUED, *AT_WORK) and task.kind != TaskKind.CARRY_OUT:
        whom = Field("words", "line", _("To whom: who, or which group"), True)
        found.append(Step("pass_on", "pass_on", "handler", [whom], files=True))
    return found


def _asking(task: Task, now: datetime) -> list[Step]:
    asked = set(task.requests.filter(decided_at=None).values_list("kind", flat=True))
    found = _questioning(task)
    for kind, event in GRANTS.items():
        heard = kind is RequestKind.APPEAL
        known = event in allowed(TaskState(task.state)) if heard else _open(task, event)
        if not known or kind in asked:
            continue
        fields, says = [_reason()], ""
        if kind is RequestKind.EXTENSION:
            if task.feedback_due_at is None or task.feedback_due_at <= now:
                continue
            fields = [_later(task.feedback_due_at, now), *fields]
            says = str(SAYS["ask_extension"])
        elif kind is RequestKind.HOLD:
            fields = [_next_look(now), *fields]
        elif heard:
            bound = binding(TaskKind(task.kind), task.emergency)
            says = str(SAYS["appeal_binding" if bound else "ask_appeal"])
        code = f"ask_{kind.value}"
        found.append(Step(code, "ask", "handler", fields, says, True, [("kind", kind.value)]))
    return found


def _questioning(task: Task) -> list[Step]:
    """A question is asked whatever else has been asked; it stops nothing."""
    if not may_ask(RequestKind.QUESTION, TaskState(task.state)):
        return []
    bound = binding(TaskKind(task.kind), task.emergency)
    fields = [Field("text", "textarea", _("What you want to know (both sides see it)"), True)]
    says = str(SAYS["question_binding" if bound else "ask_question"])
    hidden = [("kind", RequestKind.QUESTION.value)]
    return [Step("ask_question", "ask", "handler", fields, says, True, hidden)]


def _later(due_at: datetime, now: datetime) -> Field:
    value = (max(due_at, now) + timedelta(hours=2)).astimezone(CITY_TZ)
    return Field("until", "datetime", _("until"), True, value=f"{value:%Y-%m-%dT%H:%M}")


def _next_look(now: datetime) -> Field:
    value = local_day(to_ms(now)) + timedelta(days=7)
    return Field("on", "date", _("next look on"), True, value=value.isoformat())


def _pausing(task: Task, now: datetime) -> list[Step]:
    state = TaskState(task.state)
    if task.paused_at is not None:
        return [] if state in (TaskState.ON_HOLD, TaskState.SUSPENDED) else [_end_pause()]
    bound = binding(TaskKind(task.kind), task.emergency)
    if bound or state not in AT_WORK or task.feedback_due_at is None or task.feedback_due_at <= now:
        return []
    rules = [
        row.text("rule")
        for row in pause_rules(local_day(to_ms(now)))
        if row.text("rule") not in STOPS.values() and (row.text("emergency") == "yes" or not task.emergency)
    ]
    if not rules:
        return []
    choices = [(rule, wording.label(rule, "pause")) for rule in rules]
    fields = [Field("rule", "select", _("Rule"), True, choices), _reason()]
    return [Step("pause", "pause", "handler", fields, str(SAYS["pause"]))]


def _end_pause() -> Step:
    return Step("end_pause", "end_pause", "handler")


def _sender(user: User, task: Task, now: datetime) -> list[Step]:
    found: list[Step] = []
    asked = Request.objects.filter(task=task, decided_at=None).exclude(asked_by=user.person_id or "")
    for request in asked.order_by("asked_at"):
        said = _("%(what)s: %(why)s") % {
            "what": wording.label(request.kind, "request"),
            "why": request.reason,
        }
        hidden = [("request", request.pk)]
        if request.kind == RequestKind.QUESTION:
            reply = Field("text", "textarea", _("Answer (both sides see it)"), True)
            found.append(Step("reply", "reply", "sender", [reply], said, hidden=hidden))
            continue
        answer = Field("text", "line", _("Answer"))
        found.append(Step("grant", "grant", "sender", [answer], said, hidden=hidden))
        found.append(
            Step("refuse", "refuse", "sender", [replace(answer, required=True)], said, hidden=hidden)
        )
    if task.state == TaskState.CLOSED:
        says = str(SAYS["reopen"])
        return [*found, Step("reopen", "reopen", "sender", [_reason()], says)]
    plain = {TaskEvent.INSIST: "insist", TaskEvent.SUSPEND: "suspend", TaskEvent.RESUME: "resume"}
    for event, code in plain.items():
        if _open(task, event):
            found.append(Step(code, code, "sender", [_reason()]))
    if _open(task, TaskEvent.TRANSFER):
        units = Field("unit", "select", _("Unit"), True, _units(user, task))
        found.append(Step("transfer", "transfer", "sender", [units, _reason()], str(SAYS["transfer"])))
    if _open(task, TaskEvent.EXTEND) and task.feedback_due_at is not None:
        found.append(Step("extend", "extend", "sender", [_later(task.feedback_due_at, now), _reason()]))
    for event, code in ((TaskEvent.HOLD, "hold"), (TaskEvent.LOOK, "look")):
        if _open(task, event):
            says = str(SAYS.get(code, ""))
            found.append(Step(code, code, "sender", [_next_look(now), _reason()], says))
    found += [replace(step, side="sender") for step in _pausing(task, now)]
    if task.kind == TaskKind.DISPATCH and _open(task, TaskEvent.WITHDRAW):
        found.append(Step("withdraw", "withdraw", "sender", [_reason()], str(SAYS["withdraw"])))
    return found


def _units(user: User, task: Task) -> Choices:
    """Offices that this log-in sees, those near the task's place first; a plant's own unit gets nobody else's task."""
    rows = visible_units(user).exclude(kind=UnitKind.PLANT).exclude(pk=task.unit_id)
    found = sorted(
        rows.values_list("id", "name", "area_id"), key=lambda row: (_apart(row[2], task.area_id), row)
    )
    return [("", _("choose …")), *((pk, name) for pk, name, _area in found)]


def _apart(area: str, other: str) -> int:
    return max(len(area), len(other)) - len(commonprefix([area, other]))


def _check(task: Task, now: datetime) -> Step:
    """The people's choice, with what the data say beside it and the closing conditions where they are asked."""
    days = compliance_of(task)
    suggested = days.outcome.value if days.days else ""
    outcomes = [(one.value, wording.label(one.value, "outcome")) for one in Outcome]
    fields = [Field("outcome", "radio", _("Outcome"), True, outcomes, suggested)]
    asked = asked_conditions(task, now)
    if asked:
        listed = [(one.key, wording.label(one.key, "condition")) for one in asked]
        fields.append(
            Field("conditions", "conditions", pgettext("closing", "Closing conditions"), True, listed)
        )
    fields.append(Field("text", "textarea", _("Reason of the verdict")))
    far = {Checker.OTHER_UNIT: "check_unit", Checker.OTHER_COUNTY: "check_county"}
    says = str(SAYS[far.get(checker_rule(task), "check")])
    return Step("check", "close", "checker", fields, says, True)
