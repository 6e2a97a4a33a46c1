"""The ladder of supervision beyond a reminder: letter (督办函), admonition (约谈), circular (通报批评), accountability (问责).

This file says what a rung needs and who may sign it. Nothing here acts: a rung is drafted for a signer, and a person
signs it or drops it with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lantian.dispatch.clock import Calendar
from lantian.dispatch.escalation import shifted
from lantian.errors import LawError, StandardsError
from lantian.records import Footnote
from lantian.standards import in_force

__all__ = [
    "OVERDUE",
    "REPEATED",
    "UNANSWERED",
    "Rung",
    "check_former",
    "former_of",
    "rank_of",
    "rung_of",
    "rungs",
]

OVERDUE, REPEATED, UNANSWERED = "overdue", "repeated", "unanswered"
"""What sets a rung off: a task too long on the highest step, the same again, the former rung left without effect."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way onto a rung. `of`: who is counted, the unit or its leader. `signer_rank`: the least rank that signs."""

    rung: str
    trigger: str
    order: int
    name_zh: str
    after: timedelta
    calendar: Calendar
    times: int
    days: int
    of: str
    signer_rank: int
    answer_within: timedelta
    number_zh: str
    footnote: Footnote

    def lapsed(self, since: datetime, now: datetime) -> bool:
        """Whether what began at `since` has gone on for long enough."""
        return now >= shifted(since, self.after, self.calendar)

    def enough(self, moments: Iterable[datetime], now: datetime) -> bool:
        """Whether it has happened often enough within the days before `now`."""
        since = now - timedelta(days=self.days)
        return sum(since <= moment <= now for moment in moments) >= self.times

    def answer_by(self, signed_at: datetime) -> datetime:
        """By when a rung signed at that instant is answered, in office time."""
        return shifted(signed_at, self.answer_within, Calendar.WORKING)


def rungs(on: date) -> tuple[Rung, ...]:
    """The ways onto rungs in force on the day, the lowest rung first."""
    found = (
        Rung(
            row.text("rung"),
            row.text("trigger"),
            row.integer("order"),
            row.text("name_zh"),
            timedelta(minutes=row.integer()),
            Calendar(row.text("calendar")),
            row.integer("times"),
            row.integer("days"),
            row.text("of"),
            row.integer("signer_rank"),
            timedelta(minutes=row.integer("answer_within")),
            row.text("number_zh"),
            row.footnote(),
        )
        for row in in_force("ladder_rungs", on)
    )
    return tuple(sorted(found, key=lambda rung: (rung.order, rung.trigger)))


def rung_of(name: str, on: date) -> Rung:
    """A rung by its name. StandardsError when there is none on the day."""
    for rung in rungs(on):
        if rung.rung == name:
            return rung
    raise StandardsError(f"ladder_rungs: there is no rung {name!r} on {on}")


def former_of(name: str, on: date) -> str:
    """The rung below; empty for the first, which stands on reminders alone."""
    order = rung_of(name, on).order
    return max(((rung.order, rung.rung) for rung in rungs(on) if rung.order < order), default=(0, ""))[1]


def check_former(name: str, on: date, signed: Sequence[str], override: str) -> None:
    """LawError rung_skipped unless the former rung is among the `signed` ones, or a named person gave a reason."""
    former = former_of(name, on)
    if former and former not in signed and not override.strip():
        raise LawError(
            "rung_skipped", f"{name} comes after a signed {former}, or with a reason of a named person"
        )


def rank_of(title: str, on: date) -> int:
    """The rank of a post that signs by its title, whatever is added to it in brackets; 0 when the title has none. An
    assistant of an office does not hold it."""
    rows = in_force("signing_offices", on)
    return max((row.integer() for row in rows if _is_title(title, row.text("title_zh"))), default=0)


def _is_title(title: str, office: str) -> bool:
    return title.startswith(office) and not title[len(office) :][:1].isalnum()
