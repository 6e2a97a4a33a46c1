"""Asking for papers and making them. A paper is frozen when it is made: its content is known by its hash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import structlog

from lantian.errors import DataError, LantianError
from lantian.records import make_id
from lantian.report import Sheet, canonical, day_sheet
from lantian_web.bulletins import papers, queries, render_docx, render_html, render_pdf
from lantian_web.bulletins.models import Bulletin
from lantian_web.events.commands import NewEvent, command, emit
from lantian_web.inventory.models import Area
from lantian_web.rows import locked

__all__ = ["KINDS", "ask", "make_asked", "sheet_of"]

log = structlog.get_logger()


def _day_sheet(on: date, area_id: str, as_of: datetime) -> Sheet:
    return day_sheet(queries.day_inputs(on, area_id, as_of))


KINDS: dict[str, Callable[[date, str, datetime], Sheet]] = {"day_sheet": _day_sheet}


@command
def ask(kind: str, on: date, area_id: str, by: str, now: datetime) -> Bulletin:
    """Ask for a paper that speaks of `on` as things stand at `now`; the worker makes it.

    Asked again later, the paper is made anew; asked again at the same time, nothing changes.
    DataError for an unknown kind or area.
    """
    if kind not in KINDS:
        raise DataError(f"there is no paper {kind!r}; papers: {', '.join(KINDS)}", field="kind")
    if not Area.objects.filter(id=area_id).exists():
        raise DataError(f"there is no area {area_id!r}", field="area_id")
    id = make_id("bulletin", kind, on, area_id)
    row = locked(Bulletin.objects.filter(id=id)).first()
    if row is not None and row.asked_at >= now:
        return row
    row = row or Bulletin(id=id, kind=kind, on=on, area_id=area_id)
    row.asked_at, row.asked_by, row.made_at = now, by, None
    row.save()
    _tell("bulletin.asked", row, by, now)
    return row


def make_asked(now: datetime) -> int:
    """Make every paper asked for and return how many; a cut-off making is done again with the same content."""
    rows = list(queries.waiting())
    for row in rows:
        _make(row, now)
    return len(rows)


def _make(row: Bulletin, now: datetime) -> None:
    sheet = KINDS[row.kind](row.on, row.area_id, row.asked_at)
    content = papers.put(canonical(sheet))
    html = papers.put(render_html.render(sheet, row.id))
    docx = papers.put(render_docx.render(sheet))
    pdf, reason = "", ""
    try:
        pdf = papers.put(render_pdf.render(sheet))
    except LantianError as error:  # a font of this machine: the other papers must not wait for it
        reason = str(error)
        log.error("no PDF", bulletin=row.id, reason=reason)
    _keep(row.id, row.asked_at, now, (content, html, docx, pdf), reason)


@command
def _keep(id: str, asked_at: datetime, now: datetime, hashes: tuple[str, str, str, str], reason: str) -> None:
    """Note the files of a paper, unless it was asked for again meanwhile."""
    row = locked(Bulletin.objects.filter(id=id, asked_at=asked_at, made_at__isnull=True)).first()
    if row is None:
        return
    before = row.content_sha256
    row.content_sha256, row.html_sha256, row.docx_sha256, row.pdf_sha256 = hashes
    row.made_at = now
    row.save()
    _tell("bulletin.made", row, "system", now, before, reason)


def _tell(kind: str, row: Bulletin, by: str, now: datetime, before: str = "", reason: str = "") -> None:
    event = NewEvent(
        kind,
        by,
        now,
        "bulletin",
        row.id,
        area_id=row.area_id,
        params={"on": row.on.isoformat(), "kind": row.kind} | ({"no_pdf": reason} if reason else {}),
        before=before,
        after=row.content_sha256,
    )
    emit([event])


def sheet_of(kind: str, on: date, area_id: str, as_of: datetime) -> Sheet:
    """A sheet made now and not kept. DataError for an unknown kind or area."""
    if kind not in KINDS:
        raise DataError(f"there is no paper {kind!r}; papers: {', '.join(KINDS)}", field="kind")
    return KINDS[kind](on, area_id, as_of)
