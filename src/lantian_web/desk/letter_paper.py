"""A rung of supervision on paper, after the official layout: number, addressee, text from the frozen facts, signer.

Everything comes from what was frozen at drafting and what was decided since: the paper of a signed letter is always
the same. A draft says in red that it is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.dispatch.delay import DelayPart
from lantian.dispatch.ladder import rung_of
from lantian.periods import CITY_TZ, local_day, to_ms
from lantian_web.accounts.models import Person, Unit
from lantian_web.accounts.queries import posts_of
from lantian_web.bulletins import render_docx, render_pdf
from lantian_web.bulletins.layout import LaidSection, LaidSheet, LaidTable
from lantian_web.bulletins.wording import Run
from lantian_web.desk import supervise_words as words
from lantian_web.desk import wording
from lantian_web.desk.task_words import CATEGORIES, TASK_KINDS
from lantian_web.letters.models import Letter, LetterState

__all__ = ["RENDERERS", "Fact", "facts", "laid"]

RENDERERS: Mapping[str, Callable[[LaidSheet, datetime], bytes]] = {
    "docx": render_docx.written,
    "pdf": render_pdf.written,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One task as it was frozen, worded."""

    task: str
    number: str
    matter: str
    unit: str
    leader: str
    person: str
    due_at: datetime | None
    over: timedelta
    reminders: int
    late: Sequence[tuple[str, timedelta, str]]
    total: timedelta


def facts(row: Letter) -> list[Fact]:
    """The frozen facts of a letter."""
    return [_fact(each) for each in row.facts]


def _fact(frozen: Mapping[str, Any]) -> Fact:
    late: dict[str, tuple[int, list[str]]] = {part.value: (0, []) for part in DelayPart}
    for each in frozen["late"]:
        if each["late"]:
            seconds, names = late[each["part"]]
            late[each["part"]] = seconds + each["late"], [*names, each["name"]]
    due = frozen.get("due_at")
    moment = datetime.fromisoformat(due).astimezone(CITY_TZ) if due else None
    as_of = datetime.fromisoformat(frozen["as_of"])
    said = str(frozen.get("text") or "") or str(TASK_KINDS.get(str(frozen["kind"]), frozen["kind"]))
    kind = str(CATEGORIES.get(str(frozen.get("category")), ""))
    matter = " ".join(part for part in (str(frozen.get("plant") or ""), said) if part)
    return Fact(
        str(frozen["task"]),
        str(frozen["number"]),
        f"〔{kind}〕{matter}" if kind else matter,
        str(frozen["unit"]),
        str(frozen["leader"]),
        str(frozen["person"]),
        moment,
        max(as_of - moment, timedelta()) if moment else timedelta(),
        int(frozen["reminders"]),
        [
            (str(words.LATE[part]), timedelta(seconds=seconds), "、".join(filter(None, names)))
            for part, (seconds, names) in late.items()
        ],
        timedelta(seconds=int(frozen["total"])),
    )


def laid(row: Letter, marks: Sequence[str]) -> LaidSheet:
    """The paper of a letter as it stands."""
    units = dict(Unit.objects.filter(id__in=[row.unit_id, row.body_id]).values_list("id", "name"))
    told = facts(row)
    state = [] if row.state == LetterState.SIGNED else [_state(row)]
    return LaidSheet(
        str(words.PAPERS[row.rung]),
        [*marks, *state],
        [row.number] if row.number else [],
        _sections(row, told),
        "",
        [],
        to=_("%(unit)s:") % {"unit": units.get(row.unit_id, row.unit_id)},
        opening=_opening(row, told),
        close=_close(row, units.get(row.body_id, row.body_id)),
    )


def _state(row: Letter) -> str:
    if row.state == LetterState.DROPPED:
        return _("Dropped draft: it has never been sent")
    return _("Draft: not signed, not to be given to anybody")


def _opening(row: Letter, told: Sequence[Fact]) -> list[str]:
    leader = Person.objects.filter(pk=row.leader_id).values_list("name", flat=True).first() or row.leader_id
    said = {"at": _moment(row.drafted_at), "n": len(told), "leader": leader}
    lines = [
        {
            "overdue": _(
                "As of %(at)s, %(n)d tasks of your unit are long past their time and have not been done; "
                "the leader answering for them is %(leader)s."
            ),
            "repeated": _(
                "Within a short time tasks of your unit have passed their time again and again, %(n)d as of %(at)s; "
                "the leader answering for them is %(leader)s."
            ),
            "unanswered": _(
                "What was demanded before has been left without effect: as of %(at)s %(n)d tasks are concerned; "
                "the leader answering for them is %(leader)s."
            ),
        }[row.trigger]
        % said
    ]
    lines += [
        _("Before this: %(paper)s %(number)s, signed on %(day)s, to be answered by %(due)s; %(answer)s")
        % {
            "paper": words.RUNGS[each.before.rung],
            "number": each.before.number,
            "day": _day(each.before.signed_at),
            "due": _moment(each.before.answer_due_at) if each.before.answer_due_at else "—",
            "answer": _("answered.") if each.before.answered_at else _("not answered."),
        }
        for each in row.stands_on.select_related("before").order_by("before__signed_at", "pk")
    ]
    if row.override:
        lines.append(
            _("This rung was taken without the one below it, because: %(why)s") % {"why": row.override}
        )
    return lines


def _sections(row: Letter, told: Sequence[Fact]) -> list[LaidSection]:
    return [
        LaidSection(
            "matters", pgettext("paper", "1. ") + _("What has not been done"), [], [_matters(told)], []
        ),
        LaidSection(
            "delay",
            pgettext("paper", "2. ") + _("Whose delay it is"),
            [
                [
                    Run(
                        _(
                            "Each delay is laid to the part it arose in: data, order, sign-for, action, check. "
                            "The parts add up to the total; what stood by rule is nobody's."
                        )
                    )
                ],
                *([Run(line)] for line in _answering(row)),
            ],
            [_delays(told)],
            [],
        ),
        LaidSection(
            "demand", pgettext("paper", "3. ") + _("What is demanded"), [[Run(_demand(row))]], [], []
        ),
    ]


def _answering(row: Letter) -> list[str]:
    """Who answers for how much of which part, the longest first; none for what nobody is late with."""
    sums: dict[tuple[str, str], int] = {}
    for frozen in row.facts:
        for each in frozen["late"]:
            if each["late"]:
                key = str(each["part"]), str(each["name"])
                sums[key] = sums.get(key, 0) + int(each["late"])
    told = [
        _("%(part)s (%(who)s) %(length)s")
        % {"part": words.LATE[part], "who": who or "—", "length": _length(timedelta(seconds=seconds))}
        for (part, who), seconds in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    ]
    return [_("By who answers: %(all)s.") % {"all": _("; ").join(told)}] if told else []


def _demand(row: Letter) -> str:
    until = _until(row)
    said = {
        "supervision_letter": _(
            "See to it at once that each of them is done, and report in writing %(until)s."
        ),
        "admonition": _(
            "Come to an interview, explain why it was not done, and hand in a written plan with dates %(until)s."
        ),
        "circular": _("Set it right, and report the result and who answered for it %(until)s."),
        "accountability": _(
            "It is proposed that those who may hold to account look into it and report the result %(until)s."
        ),
    }[row.rung]
    return said % {"until": until}


def _until(row: Letter) -> str:
    if row.answer_due_at is not None:
        return _("by %(at)s") % {"at": _moment(row.answer_due_at)}
    within = rung_of(row.rung, local_day(to_ms(row.drafted_at))).answer_within
    hours = round(within.total_seconds() / 3600, 1)
    return _("within %(hours)g office hours of its signing") % {"hours": hours}


def _matters(told: Sequence[Fact]) -> LaidTable:
    heads = [
        (_("Number"), 19),
        (_("Matter"), 25),
        (_("Unit, person"), 17),
        (_("Was due"), 13),
        (pgettext("paper column", "Over"), 14),
        (_("Reminders"), 12),
    ]
    rows = [
        [
            each.number,
            each.matter,
            f"{each.unit} {each.person}",
            _moment(each.due_at) if each.due_at else "—",
            _length(each.over),
            str(each.reminders),
        ]
        for each in told
    ]
    return _table("matters", _("Tasks as they stood when this was drafted"), heads, rows, {4, 5})


def _delays(told: Sequence[Fact]) -> LaidTable:
    heads = [(_("Number"), 19), *((str(words.LATE[part.value]), 13) for part in DelayPart), (_("Total"), 14)]
    rows = [
        [each.number, *(_length(late) for _word, late, _who in each.late), _length(each.total)]
        for each in told
    ]
    if len(told) > 1:
        sums = [sum((each.late[place][1] for each in told), timedelta()) for place in range(len(DelayPart))]
        rows.append([_("Together"), *map(_length, sums), _length(sum(sums, timedelta()))])
    table = _table("delay", _("Late by part"), heads, rows, set(range(1, 7)))
    return LaidTable(
        table.id,
        table.caption,
        table.heads,
        table.numbers,
        table.weights,
        table.rows,
        table.empty,
        len(told) > 1,
    )


def _table(
    id: str, caption: str, heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]], numbers: set[int]
) -> LaidTable:
    whole = sum(weight for _word, weight in heads)
    return LaidTable(
        id,
        [Run(caption)],
        [word for word, _weight in heads],
        [place in numbers for place in range(len(heads))],
        [weight / whole for _word, weight in heads],
        [[[Run(cell)] for cell in row] for row in rows],
        _("No task is named."),
        False,
    )


def _length(span: timedelta) -> str:
    return wording.span(span).replace(" ", "") if span else "—"


def _close(row: Letter, body: str) -> list[str]:
    if row.state != LetterState.SIGNED or row.signed_at is None:
        return [body, _("(to be signed)")]
    on = local_day(to_ms(row.signed_at))
    title = next((post.title for post in posts_of(on=on) if post.person_id == row.signer), "")
    name = Person.objects.filter(pk=row.signer).values_list("name", flat=True).first() or row.signer
    return [body, _("Signed by: %(title)s %(name)s") % {"title": title, "name": name}, _day(row.signed_at)]


def _day(moment: datetime | None) -> str:
    if moment is None:
        return "—"
    local = moment.astimezone(CITY_TZ)
    return _("%(year)d-%(month)d-%(day)d") % {"year": local.year, "month": local.month, "day": local.day}


def _moment(moment: datetime) -> str:
    local = moment.astimezone(CITY_TZ)
    return _("%(month)d-%(day)d %(clock)s") % {
        "month": local.month,
        "day": local.day,
        "clock": f"{local:%H:%M}",
    }
