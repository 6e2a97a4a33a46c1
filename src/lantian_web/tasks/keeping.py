"""Sentences and answers that are written again and again, kept as templates of an area."""

from __future__ import annotations

from datetime import datetime

from lantian.dispatch.deadline import kind_of
from lantian.errors import DataError, TransitionError
from lantian.periods import local_day, to_ms
from lantian_web.accounts.queries import unit_of
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import fingerprint
from lantian_web.tasks.models import TEXT, Template

__all__ = ["ANSWER", "keep_template", "retire_template"]

ANSWER = "answer"
"""Category of templates that are answers, not orders."""
NAME = 40


@command
def keep_template(name: str, category: str, text: str, area_id: str, by: str, now: datetime) -> Template:
    """Keep a sentence for the people of an area; the same one is kept once. DataError for an empty or long one,
    StandardsError for a kind that there is not."""
    if category != ANSWER:
        kind_of(category, local_day(to_ms(now)))
    said, called = " ".join(text.split()), " ".join(name.split())[:NAME]
    if not said or len(said) > TEXT:
        raise DataError(f"a template has one sentence of at most {TEXT} characters", field="text")
    there = Template.objects.filter(area_id=area_id, category=category, text=said, retired_at=None).first()
    if there is not None:
        return there
    row = Template.objects.create(
        area_id=area_id,
        name=called or said[:NAME],
        category=category,
        text=said,
        made_by=by,
        made_at=now,
    )
    emit([_event("template.kept", row, by, now)])
    return row


@command
def retire_template(pk: int, by: str, now: datetime) -> None:
    """Nobody is offered it any more. TransitionError when it is not there."""
    row = Template.objects.filter(pk=pk, retired_at=None).first()
    if row is None:
        raise TransitionError("there is no such template")
    before = fingerprint(row)
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    emit([_event("template.retired", row, by, now, before)])


def _event(kind: str, row: Template, by: str, now: datetime, before: str = "") -> NewEvent:
    return NewEvent(
        kind,
        by,
        now,
        "template",
        str(row.pk),
        area_id=row.area_id,
        unit_id=unit_of(by),
        params={"name": row.name, "category": row.category, "text": row.text},
        before=before,
        after=fingerprint(row),
    )
