"""Writing down what was assessed.

Rows come by the day and area: one event tells of all rows of one area over the same days, so that years of days can
be assessed at once. An event of new rows says how many; one of changed rows names each value and what it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from lantian import records
from lantian.records import make_id
from lantian_web.assessments.models import Assessment
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.rows import CHUNK, insert_values, locked

__all__ = ["record", "record_all"]

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
    "raw",
    "base_raw",
]
NAMES = ["id", "area_id", "subject_kind", "subject_id", "indicator", "start_on", "end_on", "edition", *FIELDS]


@dataclass(frozen=True, slots=True)
class _Placed:
    """An assessment with its id and the area it stands in."""

    id: str
    area_id: str
    made: records.Assessment
    counterfactual: bool

    def values(self) -> tuple[object, ...]:
        """What its row holds, in the order of NAMES."""
        made = self.made
        return (
            self.id,
            self.area_id,
            made.subject.kind.value,
            made.subject.id,
            made.indicator,
            made.start_on,
            made.end_on,
            made.edition,
            made.value,
            made.unit,
            made.days_valid,
            made.days_dropped,
            made.base,
            made.target,
            ",".join(made.primary),
            _noted(made.footnotes),
            self.counterfactual,
            made.raw,
            made.base_raw,
        )


@lru_cache(maxsize=4096)
def _noted(notes: tuple[records.Footnote, ...]) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((note.table, note.key, note.source, note.confidence) for note in notes)


def _place(made: records.Assessment, scope: str | Mapping[str, str], counterfactual: bool) -> _Placed:
    key = make_id(
        "assessment",
        made.subject.kind,
        made.subject.id,
        made.indicator,
        made.start_on,
        made.end_on,
        made.edition,
    )
    return _Placed(key, scope if isinstance(scope, str) else scope[made.subject.id], made, counterfactual)


def _row(placed: _Placed) -> Assessment:
    row = Assessment(**dict(zip(NAMES, placed.values(), strict=True)))
    row.footnotes = [list(note) for note in row.footnotes]
    return row


def _same(old: Assessment, new: Assessment) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in FIELDS)


def record_all(
    assessments: Iterable[records.Assessment],
    scope: str | Mapping[str, str],
    now: datetime,
    *,
    counterfactual: bool = False,
) -> int:
    """`record` of many, whole days by whole days in transactions of about CHUNK rows."""
    waiting: list[records.Assessment] = []
    changed = 0
    for _, same_day in groupby(assessments, key=lambda made: made.end_on):
        waiting += same_day
        if len(waiting) >= CHUNK:
            changed += record(waiting, scope, now, counterfactual=counterfactual)
            waiting = []
    return changed + record(waiting, scope, now, counterfactual=counterfactual)


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
    placed = [_place(made, scope, counterfactual) for made in assessments]
    old = locked(Assessment.objects.all()).in_bulk([each.id for each in placed])
    new = [each for each in placed if each.id not in old]
    again = [_row(each) for each in placed if each.id in old]
    changed = [row for row in again if not _same(old[row.id], row)]
    insert_values(
        Assessment, [*NAMES, "unit_id", "enterprise_id"], ((*each.values(), "", "") for each in new)
    )
    if changed:
        Assessment.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["id"], update_fields=[*FIELDS, "area_id"]
        )
    told = [*_recorded(new, now, by), *_changed(changed, old, now, by)]
    if told:
        emit(told)
    return len(new) + len(changed)


def _print(lines: Iterable[tuple[object, ...]]) -> str:
    """SHA-256 over what rows say: id, value (also before rounding), base, target, primary pollutants, valid days."""
    texts = sorted(" ".join(_number(part) for part in line) for line in lines)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _said(row: Assessment) -> tuple[object, ...]:
    return row.id, row.value, row.raw, row.base, row.target, row.primary, row.days_valid


def _said_of(new: _Placed) -> tuple[object, ...]:
    made = new.made
    return new.id, made.value, made.raw, made.base, made.target, ",".join(made.primary), made.days_valid


def _number(value: object) -> str:
    """A number as it is, however many noughts the registry's column pads it with."""
    return f"{value:.4f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def _recorded(new: Sequence[_Placed], now: datetime, by: str) -> Iterator[NewEvent]:
    def place(each: _Placed) -> tuple[str, date, date]:
        return each.area_id, each.made.start_on, each.made.end_on

    for (area_id, start_on, end_on), group in groupby(sorted(new, key=place), key=place):
        same = list(group)
        params = _days(start_on, end_on) | {
            "rows": len(same),
            "subjects": len({each.made.subject.id for each in same}),
            "indicators": sorted({each.made.indicator for each in same}),
        }
        after = _print(_said_of(each) for each in same)
        yield NewEvent("assessment.recorded", by, now, "area", area_id, area_id, params=params, after=after)


def _changed(
    rows: Sequence[Assessment], old: Mapping[str, Assessment], now: datetime, by: str
) -> Iterator[NewEvent]:
    def place(row: Assessment) -> tuple[str, date, date]:
        return row.area_id, row.start_on, row.end_on

    for (area_id, start_on, end_on), group in groupby(sorted(rows, key=place), key=place):
        same = list(group)
        params = _days(start_on, end_on) | {"changes": [_change(row, old[row.id]) for row in same]}
        before, after = _print(_said(old[row.id]) for row in same), _print(map(_said, same))
        yield NewEvent(
            "assessment.changed", by, now, "area", area_id, area_id, params=params, before=before, after=after
        )


def _change(row: Assessment, old: Assessment) -> dict[str, object]:
    """The value and what it was; before rounding too where that is what changed."""
    change: dict[str, object] = {
        "subject": row.subject_id,
        "indicator": row.indicator,
        "value": None if row.value is None else _number(row.value),
        "was": None if old.value is None else _number(old.value),
    }
    return change if row.raw == old.raw else change | {"raw": row.raw, "raw_was": old.raw}


def _days(start_on: date, end_on: date) -> dict[str, object]:
    return {"start_on": start_on.isoformat(), "end_on": end_on.isoformat()}
