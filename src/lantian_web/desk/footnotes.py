"""What stands below the figures of a page: their sources, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence

from lantian.assess.compare import Comparison
from lantian.records import Footnote
from lantian_web.desk import wording
from lantian_web.desk.source_words import SOURCES, TABLES

__all__ = ["notes_of", "said_of"]


def notes_of(footnotes: Sequence[Footnote]) -> tuple[tuple[str, str, str, str], ...]:
    """Each source once, as the page lists them, in words where there are any."""
    found = dict.fromkeys((n.table, n.key, n.source, n.confidence) for n in footnotes)
    return tuple(
        (str(TABLES.get(name, name)), key, str(SOURCES.get(source, source)), confidence)
        for name, key, source, confidence in found
    )


def said_of(made: Sequence[Comparison]) -> tuple[str, ...]:
    """What the comparisons have to say about themselves, each once."""
    return tuple(dict.fromkeys(wording.label(note, "caveat") for each in made for note in each.notes))
