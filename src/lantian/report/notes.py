"""Footnotes gathered while a paper is made: each said once, numbered as it is first used."""

from __future__ import annotations

from datetime import date

from lantian.records import Assessment, Footnote
from lantian.report.sheet import Message, Note, message

__all__ = ["DOUBTFUL", "Notes"]

DOUBTFUL = frozenset({"unverified", "proposed", "project-proposal"})
"""Confidences that a paper has to own up to."""


class Notes:
    """The notes of one paper."""

    def __init__(self) -> None:
        self._numbers: dict[Message, int] = {}
        self._doubtful: set[int] = set()

    def add(self, id: str, /, *, doubtful: bool = False, **params: str | int | date | Message) -> int:
        """Number of a note, a new one or the one that says the same."""
        number = self._number(message(id, **params))
        if doubtful:
            self._doubtful.add(number)
        return number

    def _number(self, text: Message) -> int:
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def rows(self, footnotes: tuple[Footnote, ...]) -> tuple[int, ...]:
        """Numbers of the notes of some table rows."""
        return tuple(
            self.add(
                "note.table_row",
                doubtful=row.confidence in DOUBTFUL,
                table=row.table,
                key=row.key,
                source=row.source,
                confidence=message(f"confidence.{row.confidence}"),
            )
            for row in dict.fromkeys(footnotes)
        )

    def assessment(self, of: Assessment, subject: str | Message) -> tuple[int, ...]:
        """Numbers of the notes of an assessment: its period, edition and dropped days, then its table rows."""
        one_day = of.start_on == of.end_on
        text = message(
            "note.assessment_day" if one_day else "note.assessment",
            subject=subject,
            start=of.start_on,
            **({} if one_day else {"end": of.end_on}),
            edition=of.edition,
            valid=of.days_valid,
            dropped=of.days_dropped,
        )
        own = self._number(text)
        return (own, *self.rows(of.footnotes))

    def all(self) -> tuple[Note, ...]:
        """The notes in order."""
        return tuple(Note(number, text, number in self._doubtful) for text, number in self._numbers.items())
