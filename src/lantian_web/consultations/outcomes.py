"""What is adopted becomes tasks or the step of a warning, and a later meeting looks at what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lantian.errors import DataError, LawError, TransitionError
from lantian.records import Basis
from lantian_web.consultations.models import (
    TEXT,
    Advice,
    AdviceState,
    AdviceTask,
    Consultation,
    LookResult,
    ResultLook,
)
from lantian_web.consultations.queries import progress, to_look_at
from lantian_web.consultations.records import advice_in_draft, clean, draft, tell
from lantian_web.events.commands import command
from lantian_web.orders.models import Decision
from lantian_web.tasks.models import Task
from lantian_web.tasks.sending import Sent, Target, send

__all__ = ["link_decision", "link_task", "look", "send_advice"]


@command
def send_advice(
    advice_id: str,
    category: str,
    text: str,
    targets: Sequence[Target],
    by: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    again: bool = False,
    token: str = "",
) -> list[Sent]:
    """An adopted advice as one sentence to many; the tasks name the record as their basis. An answer per target; a form
    that comes again with its `token` answers as the first time."""
    advice, row = _adopted(advice_id, by, now)
    told = send(category, text, targets, by, now, due_at=due_at, basis=row.number, again=again, token=token)
    known = set(advice.tasks.values_list("task_id", flat=True))
    fresh = [sent.task_id for sent in told if sent.task_id and sent.task_id not in known]
    AdviceTask.objects.bulk_create(
        AdviceTask(advice=advice, task_id=task, sent_by=by, sent_at=now) for task in dict.fromkeys(fresh)
    )
    if fresh:
        tell(
            "consultation.sent",
            row,
            by,
            now,
            advice=advice.id,
            category=category,
            text=text,
            tasks=len(fresh),
        )
    return told


@command
def link_task(advice_id: str, number: str, by: str, now: datetime) -> Task:
    """A task that is there already serves the advice. DataError for an unknown number."""
    advice, row = _adopted(advice_id, by, now)
    task = Task.objects.filter(number=number.strip(), area_id__startswith=row.area_id).first()
    if task is None:
        raise DataError(f"there is no task {number!r}", field="number")
    _, new = AdviceTask.objects.get_or_create(
        advice=advice, task=task, defaults={"sent_by": by, "sent_at": now}
    )
    if new:
        tell("consultation.linked", row, by, now, advice=advice.id, task=task.number)
    return task


@command
def link_decision(advice_id: str, decision_id: str, by: str, now: datetime) -> Decision:
    """The warning step that the advice led to. It was decided and signed by the commands of warnings, not here.

    LawError `before_consultation` for a step that was signed before the meeting; one whose stated basis is a consultation
    may be of any meeting, one by the trigger table or a higher body stands on that and is only named.
    """
    advice, row = _adopted(advice_id, by, now)
    found = Decision.objects.filter(id=decision_id, area_id__startswith=row.area_id).first()
    if found is None:
        raise DataError(f"there is no decision {decision_id}", field="decision")
    if found.signed_at < min(row.held_at, row.opened_at):
        raise LawError("before_consultation", f"{found.number} was signed before the meeting")
    advice.warning_decision = found
    advice.save(update_fields=["warning_decision"])
    tell(
        "consultation.linked",
        row,
        by,
        now,
        advice=advice.id,
        decision=found.number,
        stands_on_it=found.basis == Basis.CONSULTATION,
    )
    return found


def _adopted(advice_id: str, by: str, now: datetime) -> tuple[Advice, Consultation]:
    advice, row = advice_in_draft(advice_id, by, now)
    if advice.state != AdviceState.ADOPTED:
        raise TransitionError(f"advice {advice.place} is not adopted")
    return advice, row


@command
def look(id: str, advice_id: str, result: LookResult, by: str, now: datetime, reason: str = "") -> ResultLook:
    """What this meeting sees of an adopted advice of a former one, with the counts as they stand now.

    DataError when it is none of those, or is carried over or found without effect for no reason. Said again, it is
    changed while the record is open.
    """
    row = draft(id, by, now)
    needs = result in (LookResult.CARRIED_OVER, LookResult.NOT_EFFECTIVE)
    reason = clean(reason, "reason", TEXT, needed=needs)
    known = ResultLook.objects.filter(consultation=row, advice_id=advice_id).first()
    advice = Advice.objects.filter(id=advice_id).first()
    if advice is None or (known is None and not to_look_at(row).filter(id=advice_id).exists()):
        raise DataError("no adopted advice of a former meeting that waits for its result", field="advice")
    made = known or ResultLook(consultation=row, advice=advice)
    made.result, made.reason, made.by, made.at = result, reason, by, now
    made.facts = progress([advice], now)[advice.id].facts
    made.save()
    tell("consultation.looked", row, by, now, advice=advice_id, result=result.value, reason=reason)
    return made
