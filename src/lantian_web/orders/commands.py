"""Deciding on a warning: one signed step, the orders it ends, and one order for every listed plant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lantian import inventory, plan, records
from lantian.errors import LawError, StandardsError
from lantian.inventory import Duty, UnitKind
from lantian.periods import from_ms, local_day, to_ms
from lantian.plan import EndRule
from lantian.records import Basis, DecisionKind, Footnote, Level, OrderState, make_id
from lantian.standards import in_force as rows_in_force
from lantian_web.accounts.queries import plant_units, posts_of, units_of
from lantian_web.events.commands import NewEvent, command, draw, emit
from lantian_web.events.models import Cursor
from lantian_web.inventory.commands import NUMBERING
from lantian_web.inventory.models import Enterprise
from lantian_web.inventory.queries import city_area_id, listed
from lantian_web.orders.models import Decision, Order, OrderMeasure, Warning
from lantian_web.rows import fingerprint, insert, locked, rewrite

__all__ = ["Override", "decide"]

NO_OVERRIDE = frozenset({"no_signer", "no_reason", "no_end"})
"""Refusals that say something is missing: nobody can do without a signer or a reason."""


@dataclass(frozen=True, slots=True)
class Override:
    """A named person goes on against a ban, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One step to be taken, with what was said for it."""

    decided: plan.Decision
    override: Override | None
    code: str


def _titles(level: Level, on: date) -> list[str]:
    """How titles begin that may sign the level: those of the office that the process table names and above.

    LawError no_procedure when no office signs the level; lifting is signed by any of them.
    """
    offices = {row.text("office"): row for row in rows_in_force("signing_offices", on)}
    wanted = 0
    if level is not Level.NONE:
        try:
            signs = rows_in_force("warning_process", on, step="approval", parameter=f"sign_{level.value}")
        except StandardsError as error:
            raise LawError("no_procedure", f"nobody signs level {level.value}: {error}") from None
        wanted = offices[signs[0].text("text")].integer()
    return [row.text("title_zh") for row in offices.values() if row.integer() >= wanted]


def _check_signer(signer: str, level: Level, on: date, area_id: str) -> None:
    """LawError signer_unfit unless the signer holds a signing post of the rank that the level asks."""
    titles = _titles(level, on)
    held = [
        post.title
        for post in posts_of([Duty.SIGNER])
        if post.person_id == signer and area_id.startswith(post.area_id)
    ]
    if not any(title.startswith(word) for title in held for word in titles):
        raise LawError("signer_unfit", f"{signer} holds no post that signs {level.value}")


def _refused(
    error: LawError, override: Override | None, unchecked: plan.Decision
) -> tuple[plan.Decision, Override, str]:
    if override is None or not override.by or not override.reason.strip() or error.code in NO_OVERRIDE:
        raise error
    return unchecked, override, error.code


def _step(unchecked: plan.Decision, proposal: plan.Proposal, override: Override | None) -> _Step:
    """The step, checked against the transition table and the law; bans alone can be overridden."""
    used: Override | None = None
    code = ""
    decided = unchecked
    try:
        decided = plan.decide(
            unchecked.before,
            unchecked.kind,
            unchecked.level,
            proposal,
            basis=unchecked.basis,
            signer_id=unchecked.signer_id,
            decided_at=unchecked.decided_at,
            start_at=unchecked.start_at,
            area_id=unchecked.area_id,
            reason=unchecked.reason,
        )
        _check_signer(unchecked.signer_id, unchecked.level, proposal.on, unchecked.area_id)
    except LawError as error:
        decided, used, code = _refused(error, override, unchecked)
    return _Step(decided, used, code)


def _current(area_id: str) -> Warning | None:
    """The warning of the area that no decision has lifted yet."""
    return locked(
        Warning.objects.filter(area_id=area_id, lifted_at__isnull=True).order_by("started_at")
    ).last()


def _number(now: datetime, lead: inventory.Unit) -> str:
    """发文字号 by the city's scheme; serial numbers run without gaps through a year."""
    year = local_day(to_ms(now)).year
    scheme = Cursor.objects.filter(name=NUMBERING).values_list("text", flat=True).first()
    serial = draw(f"decisions:{year}")
    return (scheme or lead.name + "〔{year}〕{serial}号").format(year=year, serial=serial)


def _advance(step: _Step, current: Warning | None, drill: bool, lead: inventory.Unit) -> tuple[Warning, str]:
    """Start, move or lift the warning; returns it with its fingerprint before."""
    decided = step.decided
    if current is None:
        key = make_id("warning", decided.area_id, to_ms(decided.start_at))
        warning = Warning(
            id=key,
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


def _end_orders(decided: plan.Decision, by: str, now: datetime) -> list[NewEvent]:
    """End what the decision replaces at the moment it starts; one that had not begun was never in force."""
    if decided.kind is DecisionKind.EXTEND:
        return []
    lifted = decided.kind is DecisionKind.LIFT
    state = OrderState.ENDED if lifted else OrderState.SUPERSEDED
    rows = list(
        locked(
            Order.objects.filter(state=OrderState.IN_FORCE, area_id__startswith=decided.area_id).order_by(
                "id"
            )
        )
    )
    before = [fingerprint(row) for row in rows]
    for row in rows:
        row.state, row.end_at = state.value, max(decided.start_at, row.start_at)
    rewrite(rows, ["state", "end_at"], guard="state", was=[OrderState.IN_FORCE.value] * len(rows))
    kind = "order.ended" if lifted else "order.superseded"
    return [_order_event(kind, row, by, now, old) for row, old in zip(rows, before, strict=True)]


def _order_event(kind: str, row: Order, by: str, now: datetime, before: str, **params: object) -> NewEvent:
    told = {
        "number": row.number,
        "decision": row.decision_id,
        "level": row.level,
        "start_at": row.start_at.isoformat(),
        "end_at": row.end_at.isoformat() if row.end_at else None,
    }
    return NewEvent(
        kind,
        by,
        now,
        "order",
        row.id,
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params=told | params,
        before=before,
        after=fingerprint(row),
    )


def _issue(decided: plan.Decision, by: str, now: datetime) -> list[NewEvent]:
    """One order per plant that the approved list names at the level, exempt and autonomous ones too."""
    if decided.kind in (DecisionKind.EXTEND, DecisionKind.LIFT):
        return []
    on = local_day(to_ms(decided.start_at))
    approved = listed(decided.level, on, decided.area_id)
    area_of = dict(Enterprise.objects.values_list("id", "area_id"))
    unit_of = plant_units()
    made = plan.orders_for(decided, approved, area_of, plan.standard_grace_s(on))
    stands_on = plan.listed_for(approved, decided.level, on)
    rows = [
        _order(number, order, decided, stands_on[order.enterprise_id], unit_of.get(order.enterprise_id, ""))
        for number, order in enumerate(made, start=1)
    ]
    insert(rows)
    insert(
        [
            _measure(order.id, measure, row)
            for order in made
            for measure, row in zip(order.measures, stands_on[order.enterprise_id], strict=True)
        ]
    )
    return [
        _order_event("order.issued", row, by, now, "", demands=plan.demands(order), measures=_told(order))
        for row, order in zip(rows, made, strict=True)
    ]


def _order(
    number: int,
    order: records.Order,
    decided: plan.Decision,
    stands_on: Sequence[inventory.ListedMeasure],
    unit_id: str,
) -> Order:
    return Order(
        id=order.id,
        area_id=order.area_id,
        unit_id=unit_id,
        enterprise_id=order.enterprise_id,
        number=number,
        decision_id=decided.id,
        level=order.level.value,
        state=OrderState.IN_FORCE.value,
        start_at=decided.start_at,
        grace_s=order.grace_s,
        list_paper=stands_on[0].paper,
        end_rule=decided.end_rule.value,
    )


def _measure(order_id: str, measure: records.Measure, row: inventory.ListedMeasure) -> OrderMeasure:
    return OrderMeasure(
        order_id=order_id,
        action=measure.action.value,
        line_id=measure.line_id or "",
        share=measure.share,
        list_row=row.row_no,
        reason=row.reason,
    )


def _told(order: records.Order) -> list[list[object]]:
    return [[measure.action.value, measure.line_id, measure.share] for measure in order.measures]


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

    `forecast` is the daily AQI from the day after `now` on; the proposal is made of it anew. The same step again
    returns the first and changes nothing.

    1. Is this step taken already? 2. Is it allowed, by the transition table, the law and the signer's post?
    3. Number it, move the warning. 4. End the orders it replaces. 5. One order per listed plant. 6. Tell.

    TransitionError: not from the level in force. LawError, by code: those of `lantian.plan` and `signer_unfit`;
    a named person may override a ban (not a missing signer or reason), and their reason is kept.
    """
    now, start_at = from_ms(to_ms(now)), from_ms(to_ms(start_at))
    area = area_id or city_area_id()
    key = make_id("decision", area, kind, level, now.isoformat())
    draw("decide", 0)  # holds every other decision back until this one is done
    taken = Decision.objects.filter(id=key).first()
    if taken is not None:
        return taken
    proposal = plan.propose(forecast, local_day(to_ms(now)), edition)
    current = _current(area)
    before = Level(current.level) if current else Level.NONE
    unchecked = plan.Decision(
        id=key,
        kind=kind,
        before=before,
        level=level,
        basis=basis,
        reason=reason,
        signer_id=signer,
        decided_at=now,
        start_at=start_at,
        end_at=None,
        end_rule=EndRule.UNTIL_LIFTED,
        area_id=area,
        edition=proposal.edition,
        footnotes=proposal.rows,
    )
    step = _step(unchecked, proposal, override)
    lead = _lead(area)
    number = _number(now, lead)
    warning, was = _advance(step, current, drill, lead)
    decision = Decision(
        id=step.decided.id,
        warning=warning,
        area_id=area,
        unit_id=lead.id,
        number=number,
        kind=kind.value,
        from_level=before.value,
        level=level.value,
        basis=basis.value,
        reason=reason,
        forecast=_dated(forecast, now),
        edition=proposal.edition,
        counterfactual=counterfactual,
        footnotes=_notes([*proposal.rows, *footnotes]),
        signer=signer,
        signed_at=now,
        start_at=start_at,
        override_by=step.override.by if step.override else "",
        override_reason=step.override.reason if step.override else "",
    )
    decision.save(force_insert=True)
    told = [_decided_event(decision, warning, step, was)]
    told += _end_orders(step.decided, signer, now)
    told += _issue(step.decided, signer, now)
    emit(told)
    return decision


def _lead(area_id: str) -> inventory.Unit:
    offices = [unit for unit in units_of([UnitKind.CITY_OFFICE]) if area_id.startswith(unit.area_id)]
    if not offices:
        raise LawError("no_lead_unit", f"no city office leads {area_id}")
    return offices[0]


def _dated(forecast: Sequence[int | None], now: datetime) -> list[list[object]]:
    first = local_day(to_ms(now)) + timedelta(days=1)
    return [[(first + timedelta(days=i)).isoformat(), aqi] for i, aqi in enumerate(forecast)]


def _decided_event(decision: Decision, warning: Warning, step: _Step, was: str) -> NewEvent:
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
            "overridden": step.code,
            "override_by": decision.override_by,
            "override_reason": decision.override_reason,
        },
        before=was,
        after=fingerprint(warning),
    )
