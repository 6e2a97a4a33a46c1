"""The evening's consultation of a rehearsal, written by the same commands as a person's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from lantian.periods import from_ms, local_day, to_ms
from lantian.records import Outcome
from lantian_web.consultations import closing, commands, outcomes
from lantian_web.consultations.kinds import CHAIR, kind_of
from lantian_web.consultations.models import (
    Advice,
    AdviceState,
    Attendee,
    Consultation,
    LookResult,
    RecordState,
)
from lantian_web.consultations.queries import progress, to_look_at
from lantian_web.events.commands import command
from lantian_web.orders.models import Decision

__all__ = ["record"]

KIND = "before_warning"


@command
def record(
    held_at: datetime, now: datetime, keeper: str, chair: str, forecast: Sequence[int | None]
) -> Consultation:
    """The record of a meeting at `held_at`, closed at `now`; played again it is the same.

    1. Who was there: the chair and the keeper; who else has to be there is said to be missing. 2. What the last meetings
    adopted is looked at. 3. A step that was signed at `now` is the advice that was adopted.
    """
    row = commands.open_consultation(KIND, held_at, keeper, now, forecast=forecast)
    if row.state == RecordState.CLOSED:
        return row
    lead = commands.attend(row.id, CHAIR, keeper, now, person_id=chair)
    analyst = commands.attend(row.id, "analyst", keeper, now, person_id=keeper)
    for each in kind_of(KIND, local_day(to_ms(held_at))).presence:
        if each.least and each.key not in (CHAIR, "analyst"):
            note = _("the rehearsal plays without them")
            commands.attend(row.id, each.key, keeper, now, unit=each.name, present=False, note=note)
    for advice in list(to_look_at(row)):
        result, reason = _seen(advice, now)
        outcomes.look(row.id, advice.id, result, keeper, now, reason)
    signed = from_ms(to_ms(now))
    decision = Decision.objects.filter(area_id=row.area_id, signed_at=signed).order_by("-id").first()
    if decision is not None:
        _advise(row, analyst, lead, decision, keeper, now)
    return closing.close(row.id, keeper, now)


def _advise(
    row: Consultation, analyst: Attendee, lead: Attendee, decision: Decision, keeper: str, now: datetime
) -> None:
    text = _("Take the step that the trigger table proposes: %(number)s") % {"number": decision.number}
    advice = commands.advise(row.id, text, analyst.pk, keeper, now)
    commands.decide(advice.id, AdviceState.ADOPTED, lead.pk, keeper, now)
    outcomes.link_decision(advice.id, decision.id, keeper, now)


def _seen(advice: Advice, now: datetime) -> tuple[LookResult, str]:
    """A warning that stands, or a task that is open, still runs; what is over cannot be told from the air alone."""
    standing = progress([advice], now)[advice.id]
    warning = advice.warning_decision.warning if advice.warning_decision else None
    runs = standing.done + standing.withdrawn < standing.tasks
    runs |= warning is not None and (warning.lifted_at is None or warning.lifted_at > now)
    if runs:
        return LookResult.STILL_RUNNING, ""
    if standing.outcomes.get(Outcome.NOT_COMPLIED):
        return LookResult.NOT_EFFECTIVE, _("some of its tasks were not complied with")
    return LookResult.CANNOT_TELL, _("the air before and after is no effect of it")
