"""Taking what the rules propose, and what people say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from lantian import records
from lantian.errors import RightsError, TransitionError
from lantian.inventory import Duty
from lantian.records import FindingState
from lantian_web.accounts.queries import holds
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.events.models import Event
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.rows import Answer, chunks, fingerprint, insert, locked, rewrite

__all__ = ["Judgement", "JudgedDay", "confirm", "dismiss", "take"]

NUMBERS = [
    "first_ms",
    "last_ms",
    "measured",
    "threshold",
    "unit",
    "slots_judged",
    "slots_missing",
    "runs",
    "points",
]


class JudgedDay(Protocol):
    """The answer for one order and one day; `lantian.detect.OrderDay` is one."""

    @property
    def order_id(self) -> str: ...
    @property
    def enterprise_id(self) -> str: ...
    @property
    def area_id(self) -> str: ...
    @property
    def on(self) -> date: ...
    @property
    def kind(self) -> records.FindingKind: ...
    @property
    def outcome(self) -> records.Outcome: ...
    @property
    def slots_judged(self) -> int: ...
    @property
    def slots_missing(self) -> int: ...
    @property
    def measured(self) -> float | None: ...
    @property
    def threshold(self) -> float | None: ...
    @property
    def unit(self) -> str: ...


class Judgement(Protocol):
    """What judging one day says: proposals, and once the day is over an answer per order."""

    @property
    def findings(self) -> Sequence[records.Finding]: ...
    @property
    def order_days(self) -> Sequence[JudgedDay]: ...


def _row(found: records.Finding, day: date, now: datetime) -> Finding:
    shown = found.evidence
    return Finding(
        id=found.id,
        area_id=found.area_id,
        enterprise_id=found.enterprise_id,
        kind=found.kind.value,
        state=FindingState.PROPOSED.value,
        rule=found.rule,
        version=found.version,
        subject_kind=found.subject.kind.value,
        subject_id=found.subject.id,
        order_id=found.order_id,
        on=day,
        unit_start_ms=found.unit_start_ms,
        first_ms=found.first_ms,
        last_ms=found.last_ms,
        measured=shown.measured,
        threshold=shown.threshold,
        unit=shown.unit,
        slots_judged=shown.slots_judged,
        slots_missing=shown.slots_missing,
        runs=[list(run) for run in shown.runs],
        points=list(shown.points),
        proposed_at=now,
    )


def _event(kind: str, row: Finding, now: datetime, by: str, before: str, **params: object) -> NewEvent:
    told = {
        "kind": row.kind,
        "rule": row.rule,
        "version": row.version,
        "subject": row.subject_id,
        "order": row.order_id,
        "on": row.on.isoformat(),
        "measured": row.measured,
        "threshold": row.threshold,
        "unit": row.unit,
    }
    return NewEvent(
        kind,
        by,
        now,
        "finding",
        row.id,
        area_id=row.area_id,
        unit_id=row.unit_id,
        enterprise_id=row.enterprise_id,
        params=told | params,
        before=before,
        after=fingerprint(row),
    )


def _already_contradicted(ids: Sequence[str]) -> set[str]:
    """Confirmed findings whose contradiction is the last thing that data said of them."""
    said: dict[str, str] = {}
    kinds = ["finding.proposed", "finding.changed", "finding.confirmed", "finding.contradicted"]
    for part in chunks(ids):
        events = Event.objects.filter(subject_kind="finding", subject_id__in=part, kind__in=kinds).order_by(
            "id"
        )
        said.update(events.values_list("subject_id", "kind"))
    return {key for key, kind in said.items() if kind == "finding.contradicted"}


def _vanished(rows: Sequence[Finding], now: datetime) -> list[NewEvent]:
    """Proposals that the data no longer bear are withdrawn; a person's word stands, and the doubt is written down."""
    proposed = [row for row in rows if row.state == FindingState.PROPOSED]
    before = [fingerprint(row) for row in proposed]
    for row in proposed:
        row.state = FindingState.WITHDRAWN.value
    rewrite(proposed, ["state"], guard="state", was=[FindingState.PROPOSED.value] * len(proposed))
    events = [
        _event("finding.withdrawn", row, now, "system", old)
        for row, old in zip(proposed, before, strict=True)
    ]
    confirmed = [row for row in rows if row.state == FindingState.CONFIRMED]
    known = _already_contradicted([row.id for row in confirmed])
    doubted = [row for row in confirmed if row.id not in known]
    return events + [_event("finding.contradicted", row, now, "system", fingerprint(row)) for row in doubted]


def _differs(old: Finding, new: Finding) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in NUMBERS)


def _seen_again(pairs: Sequence[tuple[Finding, Finding]], now: datetime) -> list[NewEvent]:
    """Bring numbers up to date; a withdrawn proposal that the data bear again is proposed anew."""
    moved = [(old, new) for old, new in pairs if _differs(old, new) or old.state == FindingState.WITHDRAWN]
    was = [old.state for old, _ in moved]
    before = [fingerprint(old) for old, _ in moved]
    for old, new in moved:
        for name in NUMBERS:
            setattr(old, name, getattr(new, name))
        if old.state == FindingState.WITHDRAWN:
            old.state, old.proposed_at = FindingState.PROPOSED.value, now
    rows = [old for old, _ in moved]
    rewrite(rows, [*NUMBERS, "state", "proposed_at"], guard="state", was=was)
    kinds = ["finding.proposed" if s == FindingState.WITHDRAWN else "finding.changed" for s in was]
    return [_event(kind, row, now, "system", old) for kind, row, old in zip(kinds, rows, before, strict=True)]


def _order_days(days: Sequence[JudgedDay]) -> None:
    fields = [
        "area_id",
        "enterprise_id",
        "outcome",
        "slots_judged",
        "slots_missing",
        "measured",
        "threshold",
        "unit",
    ]
    OrderDay.objects.bulk_create(
        [
            OrderDay(
                order_id=d.order_id,
                area_id=d.area_id,
                enterprise_id=d.enterprise_id,
                on=d.on,
                kind=d.kind.value,
                outcome=d.outcome.value,
                slots_judged=d.slots_judged,
                slots_missing=d.slots_missing,
                measured=d.measured,
                threshold=d.threshold,
                unit=d.unit,
            )
            for d in days
        ],
        update_conflicts=True,
        unique_fields=["order_id", "on", "kind"],
        update_fields=fields,
    )


@command
def take(judgement: Judgement, day: date, now: datetime) -> int:
    """Take the judgement of one whole day; returns how many findings moved. The same judgement again moves nothing.

    1. New findings are proposed. 2. Known ones get their new numbers. 3. Those of the day that are no longer
    found are withdrawn while proposed; confirmed ones stay, contradicted. 4. Answers per order are put.
    """
    found = {row.id: row for row in (_row(finding, day, now) for finding in judgement.findings)}
    known = {row.id: row for row in locked(Finding.objects.filter(on=day).order_by("id"))}
    fresh = [row for key, row in found.items() if key not in known]
    insert(fresh)
    events = [_event("finding.proposed", row, now, "system", "") for row in fresh]
    events += _seen_again([(row, found[key]) for key, row in known.items() if key in found], now)
    events += _vanished([row for key, row in known.items() if key not in found], now)
    _order_days(judgement.order_days)
    if events:
        emit(events)
    return len(events)


def _decided(row: Finding | None, by: str, to: FindingState, areas: set[str]) -> Exception | None:
    if row is None:
        return TransitionError("there is no such finding")
    if row.area_id not in areas:
        return RightsError(f"{by} is no analyst for {row.area_id}")
    if row.state != FindingState.PROPOSED:
        return TransitionError(f"a {row.state} finding cannot be {to.value}")
    return None


@command
def _decide(ids: Sequence[str], to: FindingState, by: str, now: datetime, reason: str) -> list[Answer]:
    rows = {row.id: row for row in locked(Finding.objects.filter(id__in=ids).order_by("id"))}
    areas = {area for area in {row.area_id for row in rows.values()} if holds(by, [Duty.ANALYST], area)}
    answers = [(key, _decided(rows.get(key), by, to, areas)) for key in ids]
    moved = [rows[key] for key, why in answers if why is None]
    before = [fingerprint(row) for row in moved]
    for row in moved:
        row.state, row.decided_at, row.decided_by, row.reason = to.value, now, by, reason
    fields = ["state", "decided_at", "decided_by", "reason"]
    rewrite(moved, fields, guard="state", was=[FindingState.PROPOSED.value] * len(moved))
    if moved:
        kind = f"finding.{to.value}"
        emit([_event(kind, r, now, by, b, reason=reason) for r, b in zip(moved, before, strict=True)])
    return [Answer(key, why is None, why) for key, why in answers]


def _all(ids: Iterable[str], to: FindingState, by: str, now: datetime, reason: str = "") -> list[Answer]:
    unique = list(dict.fromkeys(ids))
    return [answer for part in chunks(unique) for answer in _decide(part, to, by, now, reason)]


def confirm(ids: Iterable[str], by: str, now: datetime) -> list[Answer]:
    """An analyst confirms proposals; only now may anyone outside the city office see them. An answer per id."""
    return _all(ids, FindingState.CONFIRMED, by, now)


def dismiss(ids: Iterable[str], by: str, now: datetime, reason: str) -> list[Answer]:
    """An analyst dismisses proposals with a reason. TransitionError without one; an answer per id."""
    if not reason.strip():
        raise TransitionError("a finding is not dismissed without a reason")
    return _all(ids, FindingState.DISMISSED, by, now, reason.strip())
