"""Taking files in by hand: what was previewed (`previews`) is journalled once (`commit`).

The journal's keys are hashes of the content, so the same file taken in twice, or again after a kill, changes nothing.
A big file comes in several entries, month by month. The files themselves are kept by their hash under `imports/`.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from lantian.errors import DataError
from lantian_store.durable import write_whole
from lantian_store.journal import Journal, NewEntry
from lantian_web.assessments.asides import SET_ASIDE, refused_by_worker, set_aside
from lantian_web.assessments.models import Import
from lantian_web.assessments.packing import PREFIX
from lantian_web.assessments.previews import (
    AIR_KIND,
    EMISSION_KIND,
    FORECAST_KIND,
    TAKEN,
    Preview,
    preview,
    preview_air,
    preview_emission,
    preview_forecast,
    receipted,
)
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.inventory.commands import register_outside

__all__ = [
    "AIR_KIND",
    "EMISSION_KIND",
    "FORECAST_KIND",
    "SET_ASIDE",
    "WORKER",
    "Preview",
    "commit",
    "is_imported",
    "keep",
    "kept",
    "preview",
    "preview_air",
    "preview_emission",
    "preview_forecast",
    "refused_by_worker",
    "refused_csv",
    "set_aside",
    "taken_in",
]

STANDING = "standing"
"""Key of an import's report: how its rows stood against what was there."""
WORKER = "worker"
"""Cursor: the journal position up to which the worker has come."""


def is_imported(key: str) -> bool:
    """Whether a journal key is one of an import."""
    return key.startswith(PREFIX)


def commit(home: Path, seen: Preview, by: str, now: datetime) -> Import:
    """Take in what was previewed: files kept, entries journalled (durable), receipt written. Again changes nothing.

    The worker takes the entries into the lake; `taken_in` tells when it has.
    """
    if (there := seen.receipt) is not None:
        return there
    for _, data in seen.files:
        keep(home, data)
    refused = keep(home, refused_csv(seen.refused).encode()) if seen.refused else ""
    register_outside(seen.outside)
    journal = Journal(home)
    places = journal.append_many(_unshared(journal, seen)) if seen.entries else []
    return _receipt(seen, places, refused, by, now)


def _unshared(journal: Journal, seen: Preview) -> list[NewEntry]:
    """The entries, under keys of their own where the same bytes came before and are to count now.

    Either as part of another import, or in an attempt that left no receipt and was corrected since. Of several such
    attempts the last one counts.
    """
    if not any(journal.find(entry.key) for entry in seen.entries):
        return list(seen.entries)
    others = receipted(seen.kind)
    stands = seen.standing is None or seen.standing.whole

    def own(key: str) -> str:
        there, later = journal.find(key), f"{key}:{seen.id}"
        past = there and (there.position in others or not stands or journal.find(later))
        return own(later) if past else key

    return [replace(entry, key=own(entry.key)) for entry in seen.entries]


def taken_in(row: Import, cursor: int | None) -> bool:
    """Whether the worker, which has come to the journal position `cursor`, has taken an import into the lake."""
    return cursor is not None and row.position <= cursor


def keep(home: Path, data: bytes) -> str:
    """Keep bytes under their hash (SHA-256), which is returned."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = _path(home, sha256)
    if not path.exists():
        write_whole(path, data)
    return sha256


def kept(home: Path, sha256: str) -> bytes:
    """Bytes that were kept. DataError when there are none."""
    try:
        return _path(home, sha256).read_bytes()
    except FileNotFoundError:
        raise DataError("this file is no longer kept: choose it again", source=sha256[:12]) from None


def refused_csv(refused: Iterable[DataError]) -> str:
    """Refused rows with their reasons, to be corrected where the file came from."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["source", "row", "field", "reason"])
    rows.writerows([_cell(each.source), each.row, _cell(each.field), _cell(each.reason)] for each in refused)
    return text.getvalue()


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _standing(seen: Preview) -> dict[str, object]:
    return {} if seen.standing is None else {STANDING: seen.standing.plain()}


@command
def _receipt(seen: Preview, places: Sequence[int], refused: str, by: str, now: datetime) -> Import:
    taken: dict[str, object] = {"positions": places, "points": sorted(seen.touches)}
    if seen.issued:
        taken["issued"] = dict(zip(map(str, places), seen.issued, strict=True))
    row, fresh = Import.objects.get_or_create(
        pk=seen.id,
        defaults={
            "kind": seen.kind,
            "files": [[name, hashlib.sha256(data).hexdigest()] for name, data in seen.files],
            "rows": seen.rows,
            "refused": len(seen.refused),
            "points": seen.known,
            "first_on": seen.first_on,
            "last_on": seen.last_on,
            "report": {**seen.report, **_standing(seen), TAKEN: taken},
            "refused_sha256": refused,
            "position": max(places, default=-1),
            "by": by,
            "at": now,
        },
    )
    if fresh:
        told = {"kind": seen.kind, "files": [name for name, _ in seen.files], "rows": seen.rows}
        emit([NewEvent("import.committed", by, now, "import", row.pk, params=told)])
    return row


def _path(home: Path, sha256: str) -> Path:
    return home / "imports" / sha256[:2] / sha256
