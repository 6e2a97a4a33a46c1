"""Messages of a chat taken in from a file or a pasted text: looked at first, then taken, with a receipt."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lantian.dispatch.chat_export import ChatExport, Unread, read_rows, read_text, text_of
from lantian.errors import DataError
from lantian.observe.workbook import read_sheet
from lantian.periods import local_day, to_ms
from lantian.records import make_id
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.replies.commands import take
from lantian_web.replies.looking import Said, Seen, look
from lantian_web.replies.models import Reply, ReplyImport
from lantian_web.replies.people import People
from lantian_web.replies.rules import words_at
from lantian_web.rows import chunks

__all__ = ["MOST_MESSAGES", "Looked", "commit", "preview", "read_file", "receipt_of"]

MOST_MESSAGES = 20_000
BLOCK = 50
"""Messages taken in one transaction: short enough that another writer on SQLite is never kept waiting."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UNREAD_KEPT = 200


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file holds and what would become of it."""

    name: str
    sha256: str
    export: ChatExport
    seen: tuple[Seen, ...]

    @property
    def unread(self) -> tuple[Unread, ...]:
        """Lines that are no message."""
        return self.export.unread

    @property
    def counts(self) -> Counter[str]:
        """How many messages would be taken, wait, be kept as read, or are known."""
        return Counter("known" if each.known else each.state.value for each in self.seen)


def read_file(data: bytes, name: str, now: datetime) -> ChatExport:
    """Messages of a workbook, a CSV table or a text. DataError when it is none, or holds too many."""
    today = local_day(to_ms(now))
    if data.startswith((_ZIP, _OLE)):
        found = read_rows(read_sheet(data, name).rows, today, name)
    else:
        text = text_of(data, name)
        rows = _table(text, name) if name.lower().endswith(".csv") else []
        found = read_rows(rows, today, name) if rows else read_text(text, today, name)
    if len(found.messages) > MOST_MESSAGES:
        raise DataError(f"more than {MOST_MESSAGES} messages", source=name)
    return found


def _table(text: str, name: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error:  # a cell without end, or one that holds a whole book
        raise DataError("the input does not fit", source=name) from None


def _said(export: ChatExport) -> list[Said]:
    return [Said(each.sender, each.text, each.at, line=each.line) for each in export.messages]


def preview(data: bytes, name: str, area_id: str, now: datetime) -> Looked:
    """Look at a file of a chat of the area; nothing is written. DataError when it cannot be read."""
    export = read_file(data, name, now)
    people, words = People(), words_at(now)
    seen = [look(said, area_id, people, words, now) for said in _said(export)]
    known: set[str] = set()
    for part in chunks([each.id for each in seen]):
        known.update(Reply.objects.filter(id__in=part).values_list("id", flat=True))
    marked, met = [], set(known)
    for each in seen:
        marked.append(
            Seen(each.said, each.id, each.reading, each.sender, each.match, each.state, each.id in met)
        )
        met.add(each.id)
    return Looked(name, hashlib.sha256(data).hexdigest(), export, tuple(marked))


def receipt_of(sha256: str, area_id: str) -> ReplyImport | None:
    """The receipt of a file that was taken in before."""
    return ReplyImport.objects.filter(pk=make_id("reply_import", area_id, sha256)).first()


def commit(data: bytes, name: str, area_id: str, by: str, now: datetime) -> ReplyImport:
    """Take a file in, block by block: what was taken before counts once, so an interrupted one is taken in again."""
    export = read_file(data, name, now)
    sha256 = hashlib.sha256(data).hexdigest()
    row, _ = ReplyImport.objects.get_or_create(
        id=make_id("reply_import", area_id, sha256),
        defaults={"name": name[:200], "sha256": sha256, "area_id": area_id, "at": now, "by": by},
    )
    people, counts = People(), Counter[str]()
    for part in chunks(_said(export), BLOCK):
        counts += _block(part, area_id, row, people, now)
    report = {
        "counts": dict(counts),
        "messages": len(export.messages),
        "form": export.form.name.lower(),
        "unread": [[each.line, each.text[:200], each.why] for each in export.unread[:_UNREAD_KEPT]],
        "unread_count": len(export.unread),
    }
    return _receipt(row, report, by, now)


@command
def _block(
    part: Sequence[Said], area_id: str, row: ReplyImport, people: People, now: datetime
) -> Counter[str]:
    words, counts = words_at(now), Counter[str]()
    for said in part:
        reply, new = take(said, area_id, now, file=row, people=people, words=words)
        counts[reply.state if new else "known"] += 1
    return counts


@command
def _receipt(row: ReplyImport, report: dict[str, object], by: str, now: datetime) -> ReplyImport:
    fresh = not row.report
    row.report = report if fresh else row.report | {"again": report["counts"]}
    row.save(update_fields=["report"])
    params = {
        "name": row.name,
        "sha256": row.sha256,
        "counts": report["counts"],
        "unread": report["unread_count"],
    }
    emit([NewEvent("replies.imported", by, now, "reply_import", row.id, area_id=row.area_id, params=params)])
    return row
