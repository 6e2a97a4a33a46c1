"""The warning in force and what became of its orders."""

from __future__ import annotations

from lantian.periods import at
from lantian.records import Action, Level, Outcome
from lantian.report.conclusion import PENDING
from lantian.report.inputs import NOT_JUDGED, DayInputs, DecisionFacts, WarningFacts
from lantian.report.notes import Notes
from lantian.report.pool import Pool
from lantian.report.sheet import Column, Figure, Link, Message, Section, Table, listed, message

__all__ = ["OUTCOMES", "answer_columns", "answers", "orders", "warning"]

OUTCOMES = (*(outcome.value for outcome in Outcome), PENDING, NOT_JUDGED)
"""How an order of the day can stand; together they are all of them."""


def warning(inputs: DayInputs, notes: Notes) -> Section:
    """Level, since when, on whose decision, and the forecast it stood on."""
    return Section("warning", message("section.warning"), tuple(_warning_lines(inputs, notes)))


def _warning_lines(inputs: DayInputs, notes: Notes) -> list[Message]:
    episode = inputs.warning
    decisions = episode.decisions if episode else ()
    if episode is None or not decisions:
        return [message("warning.none")]
    moment = min(inputs.as_of, at(inputs.on, 24))  # a paper made later still speaks of its day
    begun = [decision for decision in decisions if decision.start_at < moment]
    lines = [_level_line(episode, begun[-1])] if begun else []
    lines += [_to_come(decision) for decision in decisions if decision.start_at >= moment]
    last = decisions[-1]
    lines.append(_decision_line(last, notes))
    if last.reason:
        lines.append(message("warning.reason", reason=last.reason))
    if last.forecast:
        lines.append(_forecast_line(last, notes))
    if last.override_by:
        lines.append(message("warning.override", by=last.override_by, reason=last.override_reason))
    return lines


def _link(decision: DecisionFacts) -> Link:
    return Link("decision", where=(("id", decision.id),))


def _level(level: Level) -> Message:
    return message(f"level.{level}")


def _to_come(decision: DecisionFacts) -> Message:
    if decision.level is Level.NONE:
        return message("warning.lift_to_come", at=decision.start_at)
    return message("warning.to_come", level=_level(decision.level), at=decision.start_at)


def _level_line(episode: WarningFacts, decision: DecisionFacts) -> Message:
    if decision.level is Level.NONE:
        return message("warning.lifted", at=decision.start_at, began=episode.started_at)
    return message(
        "warning.level",
        level=Figure(_level(decision.level), link=_link(decision)),
        since=decision.start_at,
        began=episode.started_at,
    )


def _decision_line(decision: DecisionFacts, notes: Notes) -> Message:
    edition = notes.add("note.edition", edition=decision.edition)
    number = Figure(
        decision.number,
        link=_link(decision),
        notes=(edition, *notes.rows(decision.footnotes)),
    )
    return message(
        "warning.decision",
        what=message(f"decision.{decision.kind}"),
        number=number,
        basis=message(f"basis.{decision.basis}"),
        signer=decision.signer,
        signed=decision.signed_at,
    )


def _forecast_line(decision: DecisionFacts, notes: Notes) -> Message:
    note = notes.add("note.forecast", number=decision.number)
    days = [
        message(
            "warning.forecast_day",
            day=day,
            aqi=Figure(aqi, link=_link(decision), notes=() if place else (note,)),
        )
        for place, (day, aqi) in enumerate(decision.forecast)
    ]
    return message("warning.forecast", days=listed(days))


def orders(inputs: DayInputs, pool: Pool, notes: Notes) -> Section:
    """Orders of the day by level and action, with their three-valued answers, which add up."""
    papers = sorted({order.list_paper for order in inputs.orders})
    note = notes.add("note.orders", papers=listed(papers)) if papers else notes.add("note.orders_none")
    outcome = notes.add("note.outcome" if inputs.office else "note.outcome_below")
    head = message(
        "orders.head" if inputs.office else "orders.head_below",
        total=pool.figure(note, outcome),
        in_force=pool.figure(in_force="yes"),
        **dict(zip(_shown_outcomes(inputs.office), answers(pool, inputs.office), strict=True)),
    )
    judged = sum(order.slots_judged for order in inputs.orders)
    missing = sum(order.slots_missing for order in inputs.orders)
    lines = [head] if inputs.orders else []
    if judged + missing:
        lines.append(message("orders.slots", judged=judged, missing=missing))
    return Section(
        "orders",
        message("section.orders"),
        tuple(lines),
        (_orders_table(pool, inputs.office, note, outcome),),
    )


def _shown_outcomes(office: bool) -> tuple[str, ...]:
    return OUTCOMES if office else tuple(name for name in OUTCOMES if name != PENDING)


def answer_columns(office: bool) -> tuple[Column, ...]:
    """Headings of `answers`. Below the city, what has no conclusion is one column: it holds what is pending."""
    if office:
        return tuple(Column(message(f"outcome.{name}")) for name in OUTCOMES)
    names = (name if name != NOT_JUDGED else "no_conclusion" for name in _shown_outcomes(office))
    return tuple(Column(message(f"outcome.{name}")) for name in names)


def answers(pool: Pool, office: bool, **where: str) -> tuple[Figure, ...]:
    """How the orders stand; they add up. Below the city, those without a conclusion are counted, never listed."""
    return tuple(
        Figure(pool.count(outcome=name, **where))
        if name == NOT_JUDGED and not office
        else pool.figure(outcome=name, **where)
        for name in _shown_outcomes(office)
    )


def _orders_table(pool: Pool, office: bool, note: int, outcome: int) -> Table:
    columns = (
        Column(message("column.level"), number=False, weight=12),
        Column(message("column.action"), number=False, weight=12),
        Column(message("column.orders")),
        Column(message("column.in_force")),
        *answer_columns(office),
    )
    kinds = [
        {"level": level.value, "action": action.value}
        for level in reversed(Level)
        for action in Action
        if pool.count(level=level.value, action=action.value)
    ]
    rows = [
        (
            Figure(message(f"level.{of['level']}")),
            Figure(message(f"action.{of['action']}")),
            *_counts(pool, office, of),
        )
        for of in kinds
    ]
    if rows:
        rows.append((Figure(message("total")), Figure(""), *_counts(pool, office, {})))
    caption = message("table.orders", note=Figure("", notes=(note, outcome)))
    return Table("orders", caption, columns, tuple(rows), message("empty.orders"), total=bool(rows))


def _counts(pool: Pool, office: bool, of: dict[str, str]) -> tuple[Figure, ...]:
    return (
        pool.figure(**of),
        pool.figure(in_force="yes", **of),
        *answers(pool, office, **of),
    )
