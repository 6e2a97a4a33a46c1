"""The rules on replies in force (table reply_rules), and the words they are read by."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lantian.dispatch.reply import Words, words
from lantian.periods import local_day, to_ms
from lantian.standards import in_force
from lantian_web.inventory.queries import overlay_rows

__all__ = ["rule", "span", "words_at"]

_SECONDS = {"h": 3600, "minute": 60, "s": 1}


def rule(parameter: str, on: date) -> int:
    """The value of one rule on the day."""
    return in_force("reply_rules", on, parameter=parameter)[0].integer()


def span(parameter: str, on: date) -> timedelta:
    """A rule that is a length of time."""
    row = in_force("reply_rules", on, parameter=parameter)[0]
    return timedelta(seconds=row.integer() * _SECONDS[row.text("unit")])


def words_at(now: datetime) -> Words:
    """The words in force on the day, the city's own among them."""
    return words(local_day(to_ms(now)), overlay_rows("reply_words"))
