"""The record of a consultation on paper: the sheet that the page shows, as Word, PDF or HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.periods import CITY_TZ, local_day, to_ms
from lantian.report import Column, Figure, Link, Message, Note, Section, Sheet, Table, message
from lantian_web.bulletins import render_docx, render_html, render_pdf
from lantian_web.consultations.models import Consultation
from lantian_web.desk.consultation import AdviceRow, LookRow, Page

__all__ = ["RENDERERS", "sheet"]

KIND = "consult_sheet"
ANALYST_LINK = "assessment"
RENDERERS: dict[str, Callable[[Sheet], bytes]] = {
    "docx": render_docx.render,
    "pdf": render_pdf.render,
    "html": lambda made: render_html.render(made, ""),
}


def _said(text: object) -> Message:
    """Text that is worded already."""
    return message("plain", text=str(text))


def _cells(*values: object) -> tuple[Figure, ...]:
    return tuple(v if isinstance(v, Figure) else Figure(str(v) if str(v) else "—") for v in values)


def _table(
    id: str, caption: str, heads: Sequence[tuple[str, int]], rows: Iterable[tuple[Figure, ...]], empty: str
) -> Table:
    columns = tuple(Column(_said(word), number=False, weight=weight) for word, weight in heads)
    return Table(id, _said(caption), columns, tuple(rows), _said(empty))


def sheet(page: Page, city: str, marks: Sequence[str]) -> Sheet:
    """The paper of a record as it stands; a closed one always gives the same."""
    row = page.row
    doubtful = [_note()] if page.kind.doubtful else []
    return Sheet(
        KIND,
        local_day(to_ms(row.held_at)),
        row.area_id,
        row.as_of,
        _said(_("Record of %(kind)s") % {"kind": page.kind.name}),
        tuple(_said(mark) for mark in [*marks, *_state(page)]),
        (_said(row.number), _said(f"{city} {row.held_at.astimezone(CITY_TZ):%Y-%m-%d %H:%M}"), *_head(row)),
        tuple(section for section in _sections(page) if section is not None),
        tuple(doubtful),
    )


def _state(page: Page) -> list[str]:
    return [] if page.row.state == "closed" else [_("Draft: the record is not closed")]


def _head(row: Consultation) -> tuple[Message, ...]:
    return (_said(row.place),) if row.place else ()


def _note() -> Note:
    text = _("Agenda and required presence: table consultation_kinds, in part the project's proposal.")
    return Note(1, _said(text), doubtful=True)


def _sections(page: Page) -> list[Section | None]:
    return [_people(page), _known(page), _looks(page), _agenda(page), _advice(page), _additions(page)]


def _people(page: Page) -> Section:
    there = [f"{word} {_who(p.name, p.unit)}" for word, p in page.present]
    missing = [f"{word} {_who(p.name, p.unit)}：{p.note}".replace("  ", " ") for word, p in page.absent]
    lines = [
        _("Present: %(who)s") % {"who": _("; ").join(there) or "—"},
        *([_("Absent: %(who)s") % {"who": _("; ").join(missing)}] if missing else []),
        _("Keeper of the record: %(who)s") % {"who": page.names.get(page.row.keeper, page.row.keeper)},
    ]
    return Section("people", _said(_("Those present")), tuple(_said(line) for line in lines))


def _who(name: str, unit: str) -> str:
    return f"{name}（{unit}）" if name and unit else name or unit


def _known(page: Page) -> Section:
    rows = [
        _cells(
            each.word,
            Figure(each.value, link=Link(*each.row) if each.row and each.row[0] == ANALYST_LINK else None),
            each.note,
        )
        for each in page.figures
    ]
    caption = _("As they stood at %(at)s") % {"at": f"{page.row.as_of.astimezone(CITY_TZ):%m-%d %H:%M}"}
    heads = [(_("Figure"), 12), (_("Value"), 18), (pgettext("paper column", "Note"), 14)]
    return Section(
        "known",
        _said(_("What was known")),
        (),
        (_table("known", caption, heads, rows, _("Nothing was known.")),),
    )


def _looks(page: Page) -> Section:
    heads = [
        (_("Advice"), 18),
        (_("Tasks"), 12),
        (_("Air around its day"), 14),
        (_("Result"), 8),
        (_("Reason"), 10),
    ]
    rows = [_look(each) for each in page.looks]
    caption = _("Adopted advice of the meetings before")
    empty = _("No adopted advice waits for its result.")
    return Section(
        "looks", _said(_("What came of the last advice")), (), (_table("looks", caption, heads, rows, empty),)
    )


def _look(each: LookRow) -> tuple[Figure, ...]:
    named = f"{each.advice.consultation.number} {each.advice.place}. {each.advice.text}"
    reason = each.look.reason if each.look else ""
    return _cells(named, each.tasks, each.air, each.word or _("not looked at"), reason)


def _agenda(page: Page) -> Section:
    items = page.row.agenda.order_by("place")
    lines = tuple(
        _said(f"{each.place}. {each.text}" + (f"：{each.said}" if each.said else "")) for each in items
    )
    return Section("agenda", _said(_("Agenda")), lines)


def _advice(page: Page) -> Section:
    heads = [
        (_("No."), 4),
        (_("Advice"), 20),
        (_("Given by"), 8),
        (_("Decision"), 8),
        (_("By"), 7),
        (_("Reason, tasks, orders"), 16),
    ]
    rows = [_advised(page, each) for each in page.advice]
    return Section(
        "advice",
        _said(_("Advice and decisions")),
        (),
        (_table("advice", _("Advice given in this meeting"), heads, rows, _("No advice was given.")),),
    )


def _advised(page: Page, each: AdviceRow) -> tuple[Figure, ...]:
    advice = each.advice
    parts = [advice.reason, *(task.number for task in each.tasks[:20])]
    if len(each.tasks) > 20:
        parts.append(_("and %(n)d more") % {"n": len(each.tasks) - 20})
    if advice.warning_decision is not None:
        parts.append(advice.warning_decision.number)
    kind = page.categories.get(advice.category, "")
    return _cells(
        advice.place,
        f"〔{kind}〕{advice.text}" if kind else advice.text,
        advice.given_by.name or advice.given_by.unit,
        each.word,
        advice.decided_by.name if advice.decided_by else "",
        _("; ").join(part for part in parts if part),
    )


def _additions(page: Page) -> Section | None:
    added = list(page.row.additions.order_by("at", "id"))
    if not added:
        return None
    lines = tuple(
        _said(f"{each.at.astimezone(CITY_TZ):%Y-%m-%d %H:%M} {page.names.get(each.by, each.by)}：{each.text}")
        for each in added
    )
    return Section("additions", _said(_("Added after closing")), lines)
