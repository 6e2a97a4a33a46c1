"""What people do with rungs of supervision: sign, drop, answer, draft one by hand; and silences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from lantian.dispatch.ladder import check_former, former_of, rank_of, rung_of
from lantian.errors import DataError, LawError, RightsError, TransitionError
from lantian.inventory import Duty, UnitKind
from lantian.periods import from_ms, local_day, to_ms
from lantian.records import TaskKind
from lantian.standards import table
from lantian_web.accounts.models import Person, Unit
from lantian_web.accounts.queries import holds, posts_of, stand_in
from lantian_web.events.commands import NewEvent, command, draw, emit
from lantian_web.inventory.queries import city_area_id
from lantian_web.letters.drafting import Matter, addressee, drafted, letter_event, write_draft
from lantian_web.letters.limits import limit
from lantian_web.letters.models import LONG, TEXT, Letter, LetterState, LetterTask, Match, Silence
from lantian_web.rows import fingerprint, locked
from lantian_web.tasks.models import Task
from lantian_web.tasks.responsibility import Offices

__all__ = ["answer", "draft", "drop", "end_silence", "may_sign", "sign", "silence"]

REMINDED = 2
"""A first rung without override needs a task that has come to the step after the due time."""


def may_sign(person_id: str, rung: str, body_id: str, now: datetime) -> bool:
    """Whether the person holds an office that signs the rung for the body, or stands in for who does."""
    on = local_day(to_ms(now))
    needed = rung_of(rung, on).signer_rank
    body = Unit.objects.filter(id=body_id).values_list("area_id", flat=True).first() or ""
    for post in posts_of([Duty.SIGNER, Duty.LEADER], on):
        holder = person_id in (post.person_id, stand_in(post.person_id, now))
        if post.duty is Duty.LEADER:
            enough = post.unit_id == body_id and needed == 0
        else:
            # A county that is a city has a mayor, too: whoever signs for the body stands above it.
            enough = body.startswith(post.area_id) and rank_of(post.title, on) >= max(needed, 1)
        if holder and enough:
            return True
    return False


def _draft_of(letter_id: str, by: str, now: datetime) -> Letter:
    row = locked(Letter.objects.filter(id=letter_id)).first()
    if row is None or row.state != LetterState.DRAFTED:
        raise TransitionError("there is no such draft, or it is decided")
    if not may_sign(by, row.rung, row.body_id, now):
        raise RightsError(f"{by} does not hold the office that signs {row.rung}")
    return row


@command
def sign(letter_id: str, by: str, now: datetime) -> Letter:
    """Sign a draft: it gets its number and goes out. RightsError for who does not hold the office; LawError
    rung_skipped without the rung below it, unless a named person overrode that with a reason."""
    row, on = _draft_of(letter_id, by, now), local_day(to_ms(now))
    former = former_of(row.rung, on)
    signed = row.stands_on.filter(before__state=LetterState.SIGNED, before__rung=former)
    check_former(row.rung, on, [former] if signed.exists() else [], row.override)
    before, rule = fingerprint(row), rung_of(row.rung, on)
    serial = draw(f"letters:{row.body_id}:{row.rung}:{on.year}")
    row.number = rule.number_zh.format(year=on.year, serial=serial)
    row.state, row.signer, row.signed_at = LetterState.SIGNED.value, by, now
    row.answer_due_at = rule.answer_by(now)
    row.save(update_fields=["number", "state", "signer", "signed_at", "answer_due_at"])
    emit([letter_event("letter.signed", row, by, now, before, office=False)])
    return row


@command
def drop(letter_id: str, reason: str, by: str, now: datetime) -> Letter:
    """Drop a draft for good, with a reason; the same matter is not drafted for this rung again."""
    row = _draft_of(letter_id, by, now)
    if not reason.strip():
        raise TransitionError("dropping a draft needs its reason")
    before = fingerprint(row)
    row.state, row.dropped_by, row.dropped_at = LetterState.DROPPED.value, by, now
    row.reason = reason.strip()[:TEXT]
    row.save(update_fields=["state", "dropped_by", "dropped_at", "reason"])
    emit([letter_event("letter.dropped", row, by, now, before, office=True)])
    return row


@command
def answer(letter_id: str, text: str, by: str, now: datetime) -> Letter:
    """The unit's answer, once. RightsError for others than its people and the leader named in it."""
    row = locked(Letter.objects.filter(id=letter_id, state=LetterState.SIGNED)).first()
    if row is None or row.answered_at is not None:
        raise TransitionError("there is no such letter, or it is answered")
    own = Person.objects.filter(id=by, active=True, unit_id=row.unit_id).exists()
    if not own and by != row.leader_id:
        raise RightsError(f"{by} does not answer for {row.unit_id}")
    if not text.strip() or len(text.strip()) > LONG:
        raise TransitionError("an answer needs its text")
    before = fingerprint(row)
    row.answer, row.answered_by, row.answered_at = text.strip(), by, now
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    emit([letter_event("letter.answered", row, by, now, before, office=False)])
    return row


@command
def draft(rung: str, task_ids: Sequence[str], by: str, now: datetime, override: str = "") -> Letter:
    """A person drafts a rung about tasks of one addressee.

    LawError rung_skipped where the rung below has not been signed about all of them (for the first: where one has not
    come to the step after its due time), unless `override` says why; TransitionError for a task that has been on the
    rung, and for tasks of different addressees; RightsError for who neither leads nor analyses there.
    """
    on = local_day(to_ms(now))
    rule, rows = rung_of(rung, on), list(locked(Task.objects.filter(id__in=list(task_ids))).order_by("id"))
    offices = Offices()
    found = {addressee(row, offices) for row in rows}
    if len(found) != 1:
        raise TransitionError("a draft is about tasks of one addressee")
    [(unit, area)] = found
    if not holds(by, [Duty.ANALYST, Duty.SIGNER], area, on):
        raise RightsError(f"{by} supervises nothing in {area}")
    if drafted(rung, [row.id for row in rows]):
        raise TransitionError(f"one of the tasks has been on the rung {rung} already")
    former = former_of(rung, on)
    stands = Letter.objects.filter(tasks__task__in=rows, rung=former, state=LetterState.SIGNED).distinct()
    free = list(stands.exclude(led_to__rung=rung).order_by("signed_at", "id")) if former else []
    covered = set(LetterTask.objects.filter(letter__in=free).values_list("task_id", flat=True))
    reminded = all(row.step_peak >= REMINDED for row in rows)
    whole = {row.id for row in rows} <= covered if former else reminded
    if not whole and not override.strip():
        raise LawError("rung_skipped", f"{rung} comes after {former or 'a reminder'}, or with a reason")
    body = offices.of_area(UnitKind.CITY_OFFICE, area)
    matter = Matter(rule, unit, area, body.id if body else rows[0].lead_unit_id, rows, free)
    try:
        with transaction.atomic():
            return write_draft(matter, now, by, override)
    except IntegrityError:
        raise TransitionError(f"one of the tasks has been on the rung {rung} already") from None


def _scope(match: Match, value: str) -> tuple[str, str]:
    """Area and unit whose silence it is. DataError for what is not known."""
    unit: Unit | None = None
    match match:
        case Match.AREA:
            return value, ""
        case Match.CATEGORY:
            known = {row.text("kind") for row in table("dispatch_kinds")} | {kind.value for kind in TaskKind}
            if value not in known:
                raise DataError(f"there is no {match} {value}", field="value")
            return city_area_id(), ""
        case Match.UNIT:
            unit = Unit.objects.filter(id=value).first()
        case Match.ENTERPRISE:
            unit = Unit.objects.filter(enterprise_id=value).first()
        case Match.PERSON:
            person = Person.objects.filter(id=value).select_related("unit").first()
            unit = person.unit if person else None
    if unit is None:
        raise DataError(f"there is no {match} {value}", field="value")
    return unit.area_id, "" if match is Match.ENTERPRISE else unit.id


@command
def silence(match: Match, value: str, reason: str, until: datetime, by: str, now: datetime) -> Silence:
    """Remind nobody of what matches until an instant; emergencies are told all the same.

    RightsError for others than the area's analysts, LawError silence_too_long beyond the table's days, DataError for
    a matcher that means nothing, TransitionError without a reason or with an end that has passed.
    """
    on = local_day(to_ms(now))
    area, unit = _scope(match, value.strip())
    if not area or not holds(by, [Duty.ANALYST], area, on):
        raise RightsError(f"{by} silences nothing in {area}")
    if not reason.strip():
        raise TransitionError("a silence needs its reason")
    if until <= now:
        raise TransitionError("a silence ends later than now")
    if until > now + timedelta(days=limit("silence_most", on)):
        raise LawError(
            "silence_too_long", f"a silence ends after {limit('silence_most', on)} days at the latest"
        )
    row = Silence.objects.create(
        area_id=area,
        unit_id=unit,
        match=match.value,
        value=value.strip(),
        reason=reason.strip()[:TEXT],
        author=by,
        since=now,
        until=until,
    )
    emit([_silence_event("silence.set", row, by, now)])
    return row


@command
def end_silence(silence_id: int, by: str, now: datetime) -> None:
    """End a silence before its time. RightsError as for setting one, TransitionError when it is over."""
    row = locked(Silence.objects.filter(pk=silence_id)).first()
    if row is None or row.ended_at is not None or row.until <= now:
        raise TransitionError("there is no such silence, or it is over")
    if not holds(by, [Duty.ANALYST], row.area_id, local_day(to_ms(now))):
        raise RightsError(f"{by} silences nothing in {row.area_id}")
    row.ended_at, row.ended_by = now, by
    row.save(update_fields=["ended_at", "ended_by"])
    emit([_silence_event("silence.ended", row, by, now)])


def _silence_event(kind: str, row: Silence, by: str, now: datetime) -> NewEvent:
    return NewEvent(
        kind,
        by,
        now,
        "silence",
        str(row.pk),
        area_id=row.area_id,
        unit_id=row.unit_id,
        params={
            "match": row.match,
            "value": row.value,
            "reason": row.reason,
            "until": from_ms(to_ms(row.until)).isoformat(),
        },
        after=fingerprint(row),
    )
