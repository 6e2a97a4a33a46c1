"""Making one step on one task from what a form sent: one command, its files with it. LantianError when refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, QueryDict

from lantian.errors import DataError, TransitionError
from lantian.periods import at
from lantian.records import Outcome, RequestKind, TaskKind
from lantian.verify import Mark, Met
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import actor, visible, visible_units
from lantian_web.desk.typed import instant
from lantian_web.rows import Answer
from lantian_web.tasks import asking, commands, proofs, splitting, turning
from lantian_web.tasks.models import ProofStep, Request, Task
from lantian_web.verdicts import commands as verdicts
from lantian_web.verdicts.queries import asked_conditions

__all__ = ["make_step"]

WITH_FILES: Mapping[str, ProofStep] = {
    "claim": ProofStep.CLAIM,
    "begin": ProofStep.BEGIN,
    "answer": ProofStep.ANSWER,
    "ask": ProofStep.ASK,
    "pass_on": ProofStep.PASS_ON,
    "close": ProofStep.CHECK,
    "return": ProofStep.CHECK,
}


def make_step(request: HttpRequest, user: User, task: Task, now: datetime) -> None:
    """Make the step that the form names; 404 for one that there is not, LantianError for one that is refused."""
    by, action, post = actor(user), request.POST.get("action", ""), request.POST
    made = _STEPS.get(action)
    if made is None:
        raise Http404
    text = post.get("text", "").strip()

    def act() -> Sequence[Answer]:
        answers = made(user, task, post, text, by, now)
        for answer in answers:
            if answer.why is not None:
                raise answer.why
        return answers

    files = _uploads(request) if action in WITH_FILES else []
    if not files:
        act()
        return
    kept = proofs.keep(settings.LANTIAN_HOME, files)
    proofs.with_files(act, kept, task.pk, WITH_FILES[action], by, now)


def _uploads(request: HttpRequest) -> list[proofs.Upload]:
    sent = [file for file in request.FILES.getlist("files") if file.size]
    if len(sent) > proofs.MOST_FILES:
        raise DataError("too many files", field="files")
    if sum(file.size or 0 for file in sent) > proofs.MOST_TOGETHER:
        raise DataError("too large together", field="size")
    return [proofs.Upload(str(file.name), file.read()) for file in sent]


def _day(post: QueryDict) -> date:
    try:
        return date.fromisoformat(post.get("on", ""))
    except ValueError:
        raise DataError("no day", field="on") from None


Made = Callable[[User, Task, QueryDict, str, str, datetime], Sequence[Answer]]


def _done(task: Task) -> Sequence[Answer]:
    return [Answer(task.pk, True)]


def _ask(user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime) -> Sequence[Answer]:
    kind = next((one for one in RequestKind if one.value == post.get("kind")), None)
    if kind is None:
        raise Http404
    until = None
    if kind is RequestKind.EXTENSION:
        until = instant(post.get("until", ""), "until")
    elif kind is RequestKind.HOLD:
        until = at(_day(post), 0)
    asking.ask(task.pk, kind, text, until, by, now)
    return _done(task)


def _decide(granted: bool) -> Made:
    def decide(
        user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime
    ) -> Sequence[Answer]:
        asking.decide_request(_request(user, task, post).pk, granted, text, by, now)
        return _done(task)

    return decide


def _reply(user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime) -> Sequence[Answer]:
    asking.answer_question(_request(user, task, post).pk, text, by, now)
    return _done(task)


def _request(user: User, task: Task, post: QueryDict) -> Request:
    """What was asked about this task, as far as this log-in sees it; 404 for all else."""
    found = visible(user, Request.objects.filter(pk=post.get("request", ""), task=task)).first()
    if found is None:
        raise Http404
    return found


def _pause(user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime) -> Sequence[Answer]:
    asking.pause(task.pk, post.get("rule", ""), text, by, now)
    return _done(task)


def _end_pause(
    user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime
) -> Sequence[Answer]:
    asking.end_pause([task.pk], by, now)
    return _done(task)


def _pass_on(user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime) -> Sequence[Answer]:
    splitting.pass_on(task.pk, "", post.get("words", ""), by, now)
    return _done(task)


def _transfer(user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime) -> Sequence[Answer]:
    """Only to a unit that this log-in sees: a county hands nothing into another one."""
    unit = post.get("unit", "")
    if unit and not visible_units(user).filter(pk=unit).exists():
        raise TransitionError("transfer needs the unit it goes to")
    return turning.transfer([(task.pk, unit, text)], by, now)


def _withdraw(user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime) -> Sequence[Answer]:
    """Typed orders only: what an order or a finding opened falls away with it, never by itself."""
    if task.kind != TaskKind.DISPATCH:
        raise TransitionError("only a typed order is withdrawn by hand")
    return turning.withdraw([(task.pk, text)], by, now)


def _check(closes: bool) -> Made:
    def check(user: User, task: Task, post: QueryDict, text: str, by: str, now: datetime) -> Sequence[Answer]:
        try:
            outcome = Outcome(post.get("outcome", ""))
        except ValueError:
            raise DataError("no outcome", field="outcome") from None
        marks = {}
        for condition in asked_conditions(task, now):
            said = post.get(f"met_{condition.key}", "")
            if said in set(Met):
                marks[condition.key] = Mark(Met(said), post.get(f"note_{condition.key}", "").strip())
        return verdicts.check_many([verdicts.Check(task.pk, outcome, closes, by, now, text, marks)])

    return check


_STEPS: Mapping[str, Made] = {
    "claim": lambda user, task, post, text, by, now: commands.claim([task.pk], by, now),
    "begin": lambda user, task, post, text, by, now: commands.start([task.pk], by, now),
    "answer": lambda user, task, post, text, by, now: commands.answer([(task.pk, text)], by, now),
    "decline": lambda user, task, post, text, by, now: turning.decline([(task.pk, text)], by, now),
    "ask": _ask,
    "reply": _reply,
    "grant": _decide(True),
    "refuse": _decide(False),
    "pause": _pause,
    "end_pause": _end_pause,
    "pass_on": _pass_on,
    "insist": lambda user, task, post, text, by, now: turning.insist([(task.pk, text)], by, now),
    "transfer": _transfer,
    "extend": lambda user, task, post, text, by, now: turning.extend(
        [(task.pk, instant(post.get("until", ""), "until"), text)], by, now
    ),
    "hold": lambda user, task, post, text, by, now: turning.hold([(task.pk, _day(post), text)], by, now),
    "look": lambda user, task, post, text, by, now: turning.look(task.pk, _day(post), text, by, now),
    "suspend": lambda user, task, post, text, by, now: turning.suspend([(task.pk, text)], by, now),
    "resume": lambda user, task, post, text, by, now: turning.resume([task.pk], by, now, text),
    "reopen": lambda user, task, post, text, by, now: turning.reopen([(task.pk, text)], by, now),
    "withdraw": _withdraw,
    "close": _check(True),
    "return": _check(False),
}
"""Steps by the name that a form gives them."""
