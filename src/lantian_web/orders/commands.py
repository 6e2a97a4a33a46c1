"""Deciding on a warning: one signed step, checked, numbered and carried to the plants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from lantian import inventory, plan
from lantian.errors import LawError, TransitionError
from lantian.inventory import Duty, UnitKind
from lantian.periods import CITY_TZ, from_ms, local_day, to_ms
from lantian.records import Basis, DecisionKind, Footnote, Level, make_id
from lantian_web.accounts.queries import posts_of, units_of
from lantian_web.events.commands import NewEvent, command, draw, emit
from lantian_web.events.models import Cursor
from lantian_web.inventory.commands import NUMBERING
from lantian_web.inventory.queries import city_area_id
from lantian_web.orders.issue import end_orders, issue_orders
from lantian_web.orders.models import Decision, Warning
from lantian_web.rows import fingerprint, locked

__all__ = ["Override", "decide"]


@dataclass(frozen=True, slots=True)
class Override:
    """A named person goes on against a ban, and why."""

    by: str
    reason: str


def _unfit(decided: plan.Decision, proposal: plan.Proposal) -> list[LawError]:
    """Why the signer may not sign: no post of the rank that the level asks, or no office that signs it."""
    try:
        titles = plan.signing_titles(decided, proposal)
    except LawError as error:
        return [error]
    signer, area = decided.signer_id, decided.area_id
    held = [
        post.title
        for post in posts_of([Duty.SIGNER])
        if post.person_id == signer and area.startswith(post.area_id)
    ]
    if any(title.startswith(word) for title in held for word in titles):
        return []
    return [LawError("signer_unfit", f"{signer} holds no post that signs {decided.level.value}")]


def _overridden(refused: Sequence[LawError], override: Override | None) -> list[str]:
    """Codes of the bans that the override goes on against; LawError when it may not, or is none."""
    barred = [error for error in refused if error.code in plan.NO_OVERRIDE]
    if barred:
        raise barred[0]
    if not refused:
        return []
    if override is None or not override.by or not override.reason.strip():
        raise refused[0]
    if override.by not in {post.person_id for post in posts_of()}:
        raise LawError("override_unknown", f"{override.by} holds no post")
    return [error.code for error in refused]


def _last(area_id: str, steps: int) -> Decision | None:
    """The newest of the area's steps."""
    return Decision.objects.filter(id=plan.decision_id(area_id, steps - 1)).first()


def _current(area_id: str, now: datetime) -> Warning | None:
    """The warning of the area that is not over; TransitionError while a signed lift lies ahead."""
    still = Q(lifted_at__isnull=True) | Q(lifted_at__gt=now)
    warning = locked(Warning.objects.filter(still, area_id=area_id).order_by("started_at")).last()
    if warning is not None and warning.lifted_at is not None:
        until = warning.lifted_at.astimezone(CITY_TZ)
        raise TransitionError(f"nothing is allowed before the signed lift of {until:%Y-%m-%d %H:%M}")
    return warning


def _number(now: datetime, lead: inventory.Unit) -> str:
    """发文字号 by the city's scheme; serial numbers run without gaps through a year."""
    year = local_day(to_ms(now)).year
    scheme = Cursor.objects.filter(name=NUMBERING).values_list("text", flat=True).first()
    serial = draw(f"decisions:{year}")
    return (scheme or lead.name + "〔{year}〕{serial}号").format(year=year, serial=serial)


def _advance(
    decided: plan.Decision, current: Warning | None, drill: bool, lead: inventory.Unit
) -> tuple[Warning, str]:
    """Start, move or lift the warning; returns it with its fingerprint before."""
    if current is None:
        warning = Warning(
            id=make_id("warning", decided.id),
            area_id=decided.area_id,
            unit_id=lead.id,
            level=decided.level.value,
            started_at=decided.start_at,
            drill=drill,
        )
        warning.save(force_insert=True)
        return warning, ""
    before = fingerprint(current)
    current.level = decided.level.value
    if decided.kind is DecisionKind.LIFT:
        current.lifted_at = decided.start_at
    current.save(update_fields=["level", "lifted_at"])
    return current, before


def _notes(footnotes: Sequence[Footnote]) -> list[list[str]]:
    unique = dict.fromkeys(footnotes)
    return [[note.table, note.key, note.source, note.confidence] for note in unique]


@command
def decide(
    kind: DecisionKind,
    level: Level,
    basis: Basis,
    reason: str,
    forecast: Sequence[int | None],
    edition: str | None,
    signer: str,
    start_at: datetime,
    now: datetime,
    drill: bool = False,
    counterfactual: bool = False,
    footnotes: Sequence[Footnote] = (),
    override: Override | None = None,
    area_id: str | None = None,
) -> Decision:
    """Take one signed step of the area's warning (the whole city without `area_id`), all in one transaction.

    `forecast` is the daily AQI from the day after `now` on; the proposal is made of it anew. The last step signed
    again returns it and changes nothing.

    1. Is this the last step over again? 2. Is it allowed, by the transition table, the law and the signer's post?
    3. Number it, move the warning. 4. End the orders it replaces. 5. One order per listed plant. 6. Tell.

    TransitionError: not from the level in force, or a signed lift lies ahead. LawError, by code: those of
    `lantian.plan`, `signer_unfit` and `override_unknown`; a named person who holds a post may override what is not
    in `plan.NO_OVERRIDE`, and their reason is kept with every code they went on against.
    """
    now, start_at = from_ms(to_ms(now)), from_ms(to_ms(start_at))
    area = area_id or city_area_id()
    draw("decide", 0)  # holds every other decision back until this one is done
    steps = Decision.objects.filter(area_id=area).count()
    last = _last(area, steps)
    if last is not None and _said(last) == (kind, level, start_at, signer, now):
        return last
    proposal = plan.propose(forecast, local_day(to_ms(now)), edition)
    current = _current(area, now)
    decided = plan.draft(
        Level(current.level) if current else Level.NONE,
        kind,
        level,
        proposal,
        basis=basis,
        reason=reason,
        signer_id=signer,
        decided_at=now,
        start_at=start_at,
        area_id=area,
        step=steps,
    )
    refused = [*plan.refusals(decided, proposal), *_unfit(decided, proposal)]
    codes = _overridden(refused, override)
    lead = _lead(area)
    number = _number(now, lead)
    warning, was = _advance(decided, current, drill, lead)
    decision = _row(decided, warning, number, override if codes else None)
    decision.forecast = _dated(forecast, now)
    decision.footnotes = _notes([*proposal.rows, *footnotes])
    decision.counterfactual = counterfactual
    decision.save(force_insert=True)
    told = [_decided_event(decision, warning, codes, was)]
    told += end_orders(decided, now)
    told += issue_orders(decided, now)
    emit(told)
    return decision


def _said(row: Decision) -> tuple[object, ...]:
    """What makes a step the same step."""
    return row.kind, row.level, row.start_at, row.signer, row.signed_at


def _row(decided: plan.Decision, warning: Warning, number: str, override: Override | None) -> Decision:
    return Decision(
        id=decided.id,
        warning=warning,
        area_id=decided.area_id,
        unit_id=warning.unit_id,
        number=number,
        kind=decided.kind.value,
        from_level=decided.before.value,
        level=decided.level.value,
        basis=decided.basis.value,
        reason=decided.reason,
        edition=decided.edition,
        signer=decided.signer_id,
        signed_at=decided.decided_at,
        start_at=decided.start_at,
        override_by=override.by if override else "",
        override_reason=override.reason if override else "",
    )


def _lead(area_id: str) -> inventory.Unit:
    offices = [unit for unit in units_of([UnitKind.CITY_OFFICE]) if area_id.startswith(unit.area_id)]
    if not offices:
        raise LawError("no_lead_unit", f"no city office leads {area_id}")
    return offices[0]


def _dated(forecast: Sequence[int | None], now: datetime) -> list[list[object]]:
    first = local_day(to_ms(now)) + timedelta(days=1)
    return [[(first + timedelta(days=i)).isoformat(), aqi] for i, aqi in enumerate(forecast)]


def _decided_event(decision: Decision, warning: Warning, codes: list[str], was: str) -> NewEvent:
    return NewEvent(
        "warning.decided",
        decision.signer,
        decision.signed_at,
        "warning",
        warning.id,
        area_id=warning.area_id,
        unit_id=warning.unit_id,
        params={
            "decision": decision.id,
            "number": decision.number,
            "kind": decision.kind,
            "from_level": decision.from_level,
            "level": decision.level,
            "basis": decision.basis,
            "start_at": decision.start_at.isoformat(),
            "drill": warning.drill,
            "overridden": codes,
            "override_by": decision.override_by,
            "override_reason": decision.override_reason,
        },
        before=was,
        after=fingerprint(warning),
    )
