"""Writing down what was assessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from lantian import records
from lantian.records import make_id
from lantian_web.assessments.models import Assessment
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import fingerprint, locked

__all__ = ["record"]


def _row(made: records.Assessment, area_id: str, counterfactual: bool) -> Assessment:
    key = make_id(
        "assessment",
        made.subject.kind,
        made.subject.id,
        made.indicator,
        made.start_on,
        made.end_on,
        made.edition,
    )
    return Assessment(
        id=key,
        area_id=area_id,
        subject_kind=made.subject.kind,
        subject_id=made.subject.id,
        indicator=made.indicator,
        start_on=made.start_on,
        end_on=made.end_on,
        value=made.value,
        unit=made.unit,
        edition=made.edition,
        days_valid=made.days_valid,
        days_dropped=made.days_dropped,
        base=made.base,
        target=made.target,
        primary=",".join(made.primary),
        footnotes=[[note.table, note.key, note.source, note.confidence] for note in made.footnotes],
        counterfactual=counterfactual,
    )


FIELDS = [
    "value",
    "unit",
    "days_valid",
    "days_dropped",
    "base",
    "target",
    "primary",
    "footnotes",
    "counterfactual",
]


def _same(old: Assessment, new: Assessment) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in FIELDS)


@command
def record(
    assessments: Sequence[records.Assessment],
    scope: str | Mapping[str, str],
    now: datetime,
    *,
    counterfactual: bool = False,
    by: str = "system",
) -> int:
    """Put assessments by id; returns how many were new or changed. The same ones again change nothing.

    `scope` is the area id of all of them, or one per subject id.
    """
    rows = [
        _row(made, scope if isinstance(scope, str) else scope[made.subject.id], counterfactual)
        for made in assessments
    ]
    old = locked(Assessment.objects.all()).in_bulk([row.id for row in rows])
    fresh = [row for row in rows if row.id not in old or not _same(old[row.id], row)]
    if not fresh:
        return 0
    Assessment.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["id"], update_fields=[*FIELDS, "area_id"]
    )
    emit([_event(row, old.get(row.id), now, by) for row in fresh])
    return len(fresh)


def _event(row: Assessment, old: Assessment | None, now: datetime, by: str) -> NewEvent:
    return NewEvent(
        "assessment.changed" if old else "assessment.recorded",
        by,
        now,
        "assessment",
        row.id,
        area_id=row.area_id,
        params={
            "indicator": row.indicator,
            "subject": row.subject_id,
            "start_on": row.start_on.isoformat(),
            "end_on": row.end_on.isoformat(),
            "value": None if row.value is None else str(row.value),
            "was": None if old is None or old.value is None else str(old.value),
        },
        before=fingerprint(old) if old else "",
        after=fingerprint(row),
    )
